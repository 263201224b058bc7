//! Phantom instructions of the host interface: input, output and random numbers.

use vm_core::arch::{ExecutionError, ExecutionResult, HostRng, PhantomSubExecutor, Streams};
use vm_core::instructions::{Instruction, PC_STEP};
use vm_core::system::memory::{GuestMemory, MAIN_SPACE, REGISTER_SPACE};

use crate::words::EXIT_SYSCALL;

/// Upper bound on the random bytes of one request: the size of the guest's memory.
const MAX_RANDOM_BYTES: u64 = 1 << 29;
/// Upper bound on the text that a guest prints; a guest that exceeds it probably prints in a loop.
const MAX_PRINTED_BYTES: u64 = 1 << 26;

/// Returns the content of the register at a byte pointer.
fn peek_register(memory: &GuestMemory, pointer: u32, pc: u32) -> ExecutionResult<u32> {
    memory.peek(REGISTER_SPACE, pointer).map_err(|source| ExecutionError::memory(pc, source))
}

fn fail(pc: u32, message: String) -> Box<ExecutionError> {
    Box::new(ExecutionError::Fail { pc, message })
}

/// Replaces the hint stream by the next input vector: its length (u32, little endian), its bytes, zeros up to a
/// multiple of four.
#[derive(Clone, Copy, Debug, Default)]
pub struct HintInput;

impl PhantomSubExecutor for HintInput {
    fn name(&self) -> &'static str {
        "HINT_INPUT"
    }

    fn execute(
        &self,
        _memory: &GuestMemory,
        streams: &mut Streams,
        _rng: &mut HostRng,
        _instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<()> {
        let index = streams.inputs_consumed;
        let Some(input) = streams.input_stream.pop_front() else {
            return Err(Box::new(ExecutionError::EndOfInputStream { pc, index, available: index }));
        };
        let len = u32::try_from(input.len()).map_err(|_| {
            fail(pc, format!("input vector {index} has {} bytes; the limit is 2^32 − 1: split it", input.len()))
        })?;
        // Saturating, because the state may come from a file.
        streams.inputs_consumed = streams.inputs_consumed.saturating_add(1);
        streams.hint_stream.clear();
        streams.hint_stream.extend(len.to_le_bytes());
        streams.hint_stream.extend(input);
        let padded = streams.hint_stream.len().next_multiple_of(4);
        streams.hint_stream.resize(padded, 0);
        Ok(())
    }
}

/// Prints `[rd .. rd + rs1]` of main memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct PrintStr;

impl PhantomSubExecutor for PrintStr {
    fn name(&self) -> &'static str {
        "PRINT_STR"
    }

    fn execute(
        &self,
        memory: &GuestMemory,
        streams: &mut Streams,
        _rng: &mut HostRng,
        instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<()> {
        let pointer = peek_register(memory, instruction.a, pc)?;
        let len = peek_register(memory, instruction.b, pc)?;
        if streams.printed.as_bytes().len() as u64 + u64::from(len) > MAX_PRINTED_BYTES {
            return Err(fail(pc, format!("the guest prints more than {MAX_PRINTED_BYTES} bytes")));
        }
        if let Some(last) = len.checked_sub(1) {
            // Check the range before anything is allocated for a length that may be far too large.
            let last = pointer.saturating_add(last) & !3;
            memory.peek(MAIN_SPACE, last).map_err(|source| ExecutionError::memory(pc, source))?;
        }
        let bytes = memory
            .peek_bytes(MAIN_SPACE, pointer, len as usize)
            .map_err(|source| ExecutionError::memory(pc, source))?;
        streams.printed.push(&bytes);
        Ok(())
    }
}

/// Replaces the hint stream by `4 × rd` random bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct HintRandom;

impl PhantomSubExecutor for HintRandom {
    fn name(&self) -> &'static str {
        "HINT_RANDOM"
    }

    fn execute(
        &self,
        memory: &GuestMemory,
        streams: &mut Streams,
        rng: &mut HostRng,
        instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<()> {
        let words = peek_register(memory, instruction.a, pc)?;
        let bytes = 4 * u64::from(words);
        if bytes > MAX_RANDOM_BYTES {
            return Err(fail(pc, format!("HINT_RANDOM asks for {bytes} bytes; the limit is {MAX_RANDOM_BYTES}")));
        }
        streams.hint_stream = rng.bytes(bytes as usize).into();
        Ok(())
    }
}

/// Fails, because the guest made a system call that the machine does not have.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnknownSyscall;

impl PhantomSubExecutor for UnknownSyscall {
    fn name(&self) -> &'static str {
        "UNKNOWN_SYSCALL"
    }

    fn execute(
        &self,
        memory: &GuestMemory,
        _streams: &mut Streams,
        _rng: &mut HostRng,
        instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<()> {
        let number = peek_register(memory, instruction.a, pc)?;
        let caller = peek_register(memory, instruction.b, pc)?.wrapping_sub(PC_STEP);
        let message = format!("unknown system call: a7 is {number}, and the machine has only exit ({EXIT_SYSCALL})");
        Err(fail(caller, message))
    }
}

#[cfg(test)]
mod tests {
    use vm_core::arch::MemoryConfig;
    use vm_core::instructions::{MemoryImage, SystemOpcode};
    use vm_core::system::memory::MemoryError;

    use super::*;
    use crate::opcodes::register;

    const PC: u32 = 0x1000;

    /// Runs a phantom with rd = x5 and rs1 = x6.
    fn run(
        phantom: &dyn PhantomSubExecutor,
        [rd, rs1]: [u32; 2],
        words: &[(u32, u32)],
        streams: &mut Streams,
    ) -> ExecutionResult<()> {
        let mut image = MemoryImage::new();
        image.insert((REGISTER_SPACE, register(5)), rd);
        image.insert((REGISTER_SPACE, register(6)), rs1);
        image.extend(words.iter().map(|&(pointer, word)| ((MAIN_SPACE, pointer), word)));
        let memory = GuestMemory::from_image(&MemoryConfig::default(), 32, &image).unwrap();
        let instruction = Instruction::new(SystemOpcode::PHANTOM, [register(5), register(6)]);
        phantom.execute(&memory, streams, &mut HostRng::new(7), &instruction, PC)
    }

    #[test]
    fn inputs_become_hints_one_after_the_other() {
        let mut streams = Streams::new([vec![1, 2, 3, 4, 5], Vec::new()]);
        streams.hint_stream.extend([9; 3]);
        run(&HintInput, [0, 0], &[], &mut streams).unwrap();
        assert_eq!(streams.hint_stream, [5, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0]);
        run(&HintInput, [0, 0], &[], &mut streams).unwrap();
        assert_eq!(streams.hint_stream, [0; 4]);
        let error = run(&HintInput, [0, 0], &[], &mut streams).unwrap_err();
        assert_eq!(*error, ExecutionError::EndOfInputStream { pc: PC, index: 2, available: 2 });
    }

    #[test]
    fn text_is_printed_from_any_pointer() {
        let mut streams = Streams::default();
        let words = [(0x100, u32::from_le_bytes(*b"-Hel")), (0x104, u32::from_le_bytes(*b"lo\xFF."))];
        run(&PrintStr, [0x101, 7], &words, &mut streams).unwrap();
        run(&PrintStr, [0x101, 0], &words, &mut streams).unwrap();
        assert_eq!(streams.printed.as_bytes(), b"Hello\xFF.");
        let error = run(&PrintStr, [0x1FFF_FFFC, 5], &[], &mut streams).unwrap_err();
        assert!(matches!(*error, ExecutionError::Memory { pc: PC, source: MemoryError::OutOfRange { .. } }), "{error}");
        let error = run(&PrintStr, [u32::MAX, 2], &[], &mut streams).unwrap_err();
        assert!(matches!(*error, ExecutionError::Memory { pc: PC, source: MemoryError::OutOfRange { .. } }), "{error}");
        assert_eq!(streams.printed.as_bytes(), b"Hello\xFF.", "a failed print prints nothing");
    }

    #[test]
    fn what_a_guest_prints_is_bounded() {
        let mut streams = Streams::default();
        let half = 1 << 25;
        run(&PrintStr, [0, half], &[], &mut streams).unwrap();
        run(&PrintStr, [0, half], &[], &mut streams).unwrap();
        let error = run(&PrintStr, [0, 1], &[], &mut streams).unwrap_err();
        assert!(error.to_string().contains("prints more than 67108864 bytes"), "{error}");
        assert_eq!(streams.printed.as_bytes().len() as u64, MAX_PRINTED_BYTES);
    }

    #[test]
    fn random_hints_depend_on_the_seed_alone() {
        let [mut first, mut second] = [Streams::default(), Streams::default()];
        first.hint_stream.push_back(1);
        run(&HintRandom, [3, 0], &[], &mut first).unwrap();
        run(&HintRandom, [3, 0], &[], &mut second).unwrap();
        assert_eq!(first.hint_stream.len(), 12);
        assert_eq!(first.hint_stream, second.hint_stream);
        assert!(matches!(*run(&HintRandom, [u32::MAX, 0], &[], &mut first).unwrap_err(), ExecutionError::Fail { .. }));
    }
}
