//! Phantom instructions: effects on the host. The proof shows only that each of them takes one tick.

use crate::arch::{MAIN_SPACE, REGISTER_SPACE};
use crate::instructions::{Instruction, PC_STEP};

use super::memory::GuestMemory;
use super::state::{HostRng, Streams, VmState};
use super::{ExecutionError, ExecutionMode, ExecutionResult, ExecutionState};

/// Effect of the phantom instructions with one discriminant. It can read memory and change the host streams, but it
/// cannot change guest memory. Therefore it needs no constraints.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no effect on the host",
    note = "write `impl PhantomSubExecutor for {Self} {{ fn execute(&self, context: &mut PhantomContext<'_>) … }}`"
)]
pub trait PhantomSubExecutor: Send + Sync {
    /// Returns the name of the phantom instruction, for errors: that of the type by default.
    fn name(&self) -> &'static str {
        let name = std::any::type_name::<Self>();
        let path = name.split('<').next().unwrap_or(name);
        path.rsplit("::").next().unwrap_or(path)
    }

    /// Performs the effect.
    ///
    /// # Errors
    /// Returns why the effect is impossible, such as [`ExecutionError::EndOfInputStream`]. The run stops with this
    /// error.
    fn execute(&self, context: &mut PhantomContext<'_>) -> ExecutionResult<()>;
}

/// What a phantom instruction can read and change.
pub struct PhantomContext<'a> {
    /// Streams of data between host and guest.
    pub streams: &'a mut Streams,
    /// Source of random bytes.
    pub rng: &'a mut HostRng,
    memory: &'a GuestMemory,
    instruction: &'a Instruction,
    pc: u32,
}

impl<'a> PhantomContext<'a> {
    /// Creates the context of an instruction at a program counter.
    pub const fn new(
        memory: &'a GuestMemory,
        streams: &'a mut Streams,
        rng: &'a mut HostRng,
        instruction: &'a Instruction,
        pc: u32,
    ) -> Self {
        Self { streams, rng, memory, instruction, pc }
    }

    /// Returns the instruction. Operands `a` and `b` are the byte pointers of the registers that it names, in the order of
    /// the word's fields, and operand `c` is the discriminant.
    pub const fn instruction(&self) -> &Instruction {
        self.instruction
    }

    /// Returns the program counter of the instruction.
    pub const fn pc(&self) -> u32 {
        self.pc
    }

    /// Returns the contents of the registers that operands `a` and `b` name.
    ///
    /// # Errors
    /// [`ExecutionError::Memory`] if an operand is not the pointer of a register.
    pub fn registers(&self) -> ExecutionResult<[u32; 2]> {
        Ok([self.peek(REGISTER_SPACE, self.instruction.a)?, self.peek(REGISTER_SPACE, self.instruction.b)?])
    }

    /// Returns words of main memory.
    ///
    /// # Errors
    /// [`ExecutionError::Memory`] if the pointer is not a multiple of 4, or if memory ends before the last word.
    pub fn words<const N: usize>(&self, pointer: u32) -> ExecutionResult<[u32; N]> {
        let mut words = [0; N];
        for (word, offset) in words.iter_mut().zip((0..).step_by(4)) {
            *word = self.peek(MAIN_SPACE, pointer.saturating_add(offset))?;
        }
        Ok(words)
    }

    /// Returns bytes of main memory, from any pointer on.
    ///
    /// # Errors
    /// [`ExecutionError::Memory`] if memory ends before the last byte.
    pub fn bytes(&self, pointer: u32, len: u32) -> ExecutionResult<Vec<u8>> {
        if let Some(last) = len.checked_sub(1) {
            // Check the range before anything is allocated for a length that may be far too large.
            self.peek(MAIN_SPACE, pointer.saturating_add(last) & !3)?;
        }
        let bytes = self.memory.peek_bytes(MAIN_SPACE, pointer, len as usize);
        bytes.map_err(|source| ExecutionError::memory(self.pc, source))
    }

    /// Replaces the hint stream.
    pub fn set_hint(&mut self, bytes: impl IntoIterator<Item = u8>) {
        self.streams.hint_stream.clear();
        self.streams.hint_stream.extend(bytes);
    }

    /// Returns an error that ends the run.
    pub fn fail(&self, message: impl Into<String>) -> Box<ExecutionError> {
        Box::new(ExecutionError::Fail { pc: self.pc, message: message.into() })
    }

    fn peek(&self, space: u32, pointer: u32) -> ExecutionResult<u32> {
        self.memory.peek(space, pointer).map_err(|source| ExecutionError::memory(self.pc, source))
    }
}

/// Executor of phantom instructions. It calls the extensions' sub-executors, and records the instructions.
#[derive(Default)]
pub struct PhantomExecutor {
    sub_executors: Vec<(u16, Box<dyn PhantomSubExecutor>)>,
    records: Vec<ExecutionState<u32>>,
}

impl PhantomExecutor {
    /// Creates an executor with these sub-executors, each with its discriminant.
    pub fn new(sub_executors: Vec<(u16, Box<dyn PhantomSubExecutor>)>) -> Self {
        Self { sub_executors, records: Vec::new() }
    }

    /// Executes one phantom instruction and returns the state after it.
    ///
    /// # Errors
    /// - [`ExecutionError::PhantomNotFound`] if no sub-executor has the instruction's discriminant.
    /// - Any error that the sub-executor returns.
    pub fn execute<M: ExecutionMode>(
        &mut self,
        vm: &mut VmState<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>> {
        let discriminant = instruction.c as u16;
        let Some((_, sub)) = self.sub_executors.iter().find(|(d, _)| *d == discriminant) else {
            return Err(Box::new(ExecutionError::PhantomNotFound { pc: from.pc, discriminant }));
        };
        let memory = vm.memory.memory();
        sub.execute(&mut PhantomContext::new(memory, &mut vm.streams, &mut vm.rng, instruction, from.pc))?;
        // Soundness (M2): the instruction takes one tick although it accesses nothing.
        vm.memory.tick();
        vm.memory.mode.add_phantom();
        if M::RECORD {
            self.records.push(from);
        }
        Ok(ExecutionState::new(from.pc.wrapping_add(PC_STEP), vm.memory.timestamp()))
    }

    /// Returns the records: the state before each phantom instruction, in order of execution. Empty in modes that do
    /// not record.
    pub fn records(&self) -> &[ExecutionState<u32>] {
        &self.records
    }

    /// Takes the records and leaves none.
    pub fn take_records(&mut self) -> Vec<ExecutionState<u32>> {
        std::mem::take(&mut self.records)
    }
}
