//! Phantom instructions of the host interface: input, output, random numbers, and marks for profiles.
//!
//! Register fields that an instruction does not use are ignored, as they are on other machines with this guest interface. The
//! immediate selects the instruction and is compared in full.

use vm_core::arch::{ExecutionError, ExecutionResult, PhantomContext, PhantomSubExecutor};
use vm_core::instructions::PC_STEP;
use vm_derive::phantom;

use crate::words::EXIT_SYSCALL;

/// Upper bound on the random bytes of one request: the size of the guest's memory.
const MAX_RANDOM_BYTES: u64 = 1 << 29;
/// Upper bound on the text that a guest prints; a guest that exceeds it probably prints in a loop.
const MAX_PRINTED_BYTES: u64 = 1 << 26;

/// Replaces the hint stream by the next input vector: its length (u32, little endian), its bytes, zeros up to a
/// multiple of four.
#[phantom(discriminant = 0x20, encode(custom0, funct3 = 3, imm = 0))]
#[derive(Clone, Copy, Debug, Default)]
pub struct HintInput;

impl PhantomSubExecutor for HintInput {
    fn execute(&self, context: &mut PhantomContext<'_>) -> ExecutionResult<()> {
        let (pc, streams) = (context.pc(), &mut *context.streams);
        let index = streams.inputs_consumed;
        let Some(input) = streams.input_stream.pop_front() else {
            return Err(Box::new(ExecutionError::EndOfInputStream { pc, index, available: index }));
        };
        let Ok(len) = u32::try_from(input.len()) else {
            let message = format!("input vector {index} has {} bytes; the limit is 2^32 − 1: split it", input.len());
            return Err(context.fail(message));
        };
        // Saturating, because the state may come from a file.
        streams.inputs_consumed = streams.inputs_consumed.saturating_add(1);
        let padding = len.wrapping_neg() % 4;
        let padding = std::iter::repeat_n(0, padding as usize);
        context.set_hint(len.to_le_bytes().into_iter().chain(input).chain(padding));
        Ok(())
    }
}

/// Prints `[rd .. rd + rs1]` of main memory.
#[phantom(discriminant = 0x21, encode(custom0, funct3 = 3, imm = 1))]
#[derive(Clone, Copy, Debug, Default)]
pub struct PrintStr;

impl PhantomSubExecutor for PrintStr {
    fn execute(&self, context: &mut PhantomContext<'_>) -> ExecutionResult<()> {
        let [pointer, len] = context.registers()?;
        if context.streams.printed.as_bytes().len() as u64 + u64::from(len) > MAX_PRINTED_BYTES {
            return Err(context.fail(format!("the guest prints more than {MAX_PRINTED_BYTES} bytes")));
        }
        let bytes = context.bytes(pointer, len)?;
        context.streams.printed.push(&bytes);
        Ok(())
    }
}

/// Replaces the hint stream by `4 × rd` random bytes.
#[phantom(discriminant = 0x22, encode(custom0, funct3 = 3, imm = 2))]
#[derive(Clone, Copy, Debug, Default)]
pub struct HintRandom;

impl PhantomSubExecutor for HintRandom {
    fn execute(&self, context: &mut PhantomContext<'_>) -> ExecutionResult<()> {
        let [words, _] = context.registers()?;
        let bytes = 4 * u64::from(words);
        if bytes > MAX_RANDOM_BYTES {
            let message = format!("HINT_RANDOM asks for {bytes} bytes; the limit is {MAX_RANDOM_BYTES}");
            return Err(context.fail(message));
        }
        context.streams.hint_stream = context.rng.bytes(bytes as usize).into();
        Ok(())
    }
}

/// Marks the begin of a span for profiles: its name is `[rd .. rd + rs1]` of main memory. Does nothing. Other machines with this
/// guest interface have no instruction with this immediate.
#[phantom(discriminant = 0x24, encode(custom0, funct3 = 3, imm = 0x40))]
#[derive(Clone, Copy, Debug, Default)]
pub struct SpanBegin;

impl PhantomSubExecutor for SpanBegin {
    fn execute(&self, _context: &mut PhantomContext<'_>) -> ExecutionResult<()> {
        Ok(())
    }
}

/// Marks the end of the span that began last, for profiles. Does nothing.
#[phantom(discriminant = 0x25, encode(custom0, funct3 = 3, imm = 0x41))]
#[derive(Clone, Copy, Debug, Default)]
pub struct SpanEnd;

impl PhantomSubExecutor for SpanEnd {
    fn execute(&self, _context: &mut PhantomContext<'_>) -> ExecutionResult<()> {
        Ok(())
    }
}

/// Discriminant of [`UnknownSyscall`].
pub const UNKNOWN_SYSCALL: u16 = 0x23;

/// Fails, because the guest made a system call that the machine does not have. Operand `a` is the register with its number,
/// and operand `b` that with the program counter after the `ecall`. It has no word: the routine of `ecall` ends in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnknownSyscall;

impl PhantomSubExecutor for UnknownSyscall {
    fn execute(&self, context: &mut PhantomContext<'_>) -> ExecutionResult<()> {
        let [number, next] = context.registers()?;
        let message = format!("unknown system call: a7 is {number}, and the machine has only exit ({EXIT_SYSCALL})");
        Err(Box::new(ExecutionError::Fail { pc: next.wrapping_sub(PC_STEP), message }))
    }
}

#[cfg(test)]
mod tests {
    use vm_core::arch::{HostRng, MemoryConfig, Streams};
    use vm_core::instructions::{Instruction, MemoryImage, SystemOpcode};
    use vm_core::system::memory::{GuestMemory, MAIN_SPACE, MemoryError, REGISTER_SPACE};

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
        phantom.execute(&mut PhantomContext::new(&memory, streams, &mut HostRng::new(7), &instruction, PC))
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
