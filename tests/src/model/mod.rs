//! Reference model of the machine that guests see: RV32IM with the host calls of `tests/fixtures/README.md`.
//!
//! The model follows the RISC-V unprivileged specification and shares no code with the crates under test, so a bug in
//! either shows as a difference. It executes one instruction at a time, on plain registers and bytes, without
//! optimizations.
//!
//! ```
//! use vm_tests::model::{Exit, Model, asm, elf_of};
//!
//! let program = [asm::addi(1, 0, 20), asm::add(2, 1, 1), asm::reveal(0, 2, 0), asm::terminate(0)];
//! let mut model = Model::from_elf(&elf_of(&program, &[], 0x0020_0800)).unwrap();
//! let outcome = model.run(vec![], 100);
//! assert_eq!(outcome.exit, Exit::Code(0));
//! assert_eq!(outcome.public_values[..4], 40u32.to_le_bytes());
//! ```

pub mod alu;
pub mod asm;
pub mod decode;
mod elf_writer;
pub mod image;
pub mod memory;

#[cfg(test)]
mod fixture_tests;
#[cfg(test)]
mod oracle_tests;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use decode::{Insn, LoadKind, decode};
pub use elf_writer::{data_address, elf_of};
use image::{LoadError, Segment};
use memory::Memory;

/// Default size of the public values, in bytes. [`Model::with_num_public_values`] changes it.
pub const DEFAULT_NUM_PUBLIC_VALUES: usize = 32;

/// Number of the Linux system call `exit` on RISC-V.
pub const SYSCALL_EXIT: u32 = 93;

/// Exit code of a program that ends with `unimp`.
pub const UNIMP_EXIT_CODE: u32 = 2;

const A0: usize = 10;
const A7: usize = 17;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The program terminated with this exit code: the immediate of `terminate` (0–2047), the low byte of `a0` for the
    /// exit system call, or [`UNIMP_EXIT_CODE`] for `unimp`.
    Code(u32),
    /// The instruction at `pc` could not be executed and had no effect.
    Trap(Trap),
    /// The program was still running after the given number of steps.
    StepLimit,
}

/// An execution error.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the comment of a variant describes its fields")]
pub enum Trap {
    /// The program counter does not point at a word of an executable segment.
    PcOutOfProgram,
    /// A jump or a taken branch to an address that is not a multiple of 4.
    MisalignedJump { target: u32 },
    /// The word is not an instruction.
    IllegalInstruction { word: u32 },
    /// An access of `size` bytes at an address that is not a multiple of `size`. Hints and public values are accessed
    /// as words.
    MisalignedAccess { address: u32, size: u32 },
    /// An access of `size` bytes that is not entirely in user memory.
    OutOfMemory { address: u32, size: u64 },
    /// `hintinput` when no input vector is left.
    NoInput,
    /// A hint store of more bytes than are left in the hint stream.
    HintStreamTooShort { wanted: u64, available: usize },
    /// `hintbuffer` of zero words.
    EmptyHintBuffer,
    /// `reveal` at an offset beyond the public values.
    RevealOutOfRange { offset: u32 },
    /// A system call other than exit.
    UnknownSyscall { number: u32 },
}

/// Result of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How the run ended.
    pub exit: Exit,
    /// Registers `x0`–`x31`.
    pub regs: [u32; 32],
    /// Address of the instruction that ended the run or trapped, or of the next one at the step limit.
    pub pc: u32,
    /// All user public values. Bytes that were not revealed are zero.
    pub public_values: Vec<u8>,
    /// Number of executed instructions, including the one that ended the program, but not one that trapped.
    pub instret: u64,
    /// Bytes that the program printed with `printstr`.
    pub printed: Vec<u8>,
}

/// State of the machine. Fields are public so that tests can prepare and inspect them.
#[derive(Clone, Debug)]
pub struct Model {
    /// Registers `x0`–`x31`; `x0` is always zero.
    pub regs: [u32; 32],
    /// Address of the next instruction.
    pub pc: u32,
    /// User memory.
    pub memory: Memory,
    /// Input vectors that `hintinput` has not consumed yet.
    pub inputs: VecDeque<Vec<u8>>,
    /// Bytes of the hint stream that hint stores have not consumed yet.
    pub hints: VecDeque<u8>,
    /// The user public values.
    pub public_values: Vec<u8>,
    /// Bytes that the program printed.
    pub printed: Vec<u8>,
    /// Number of instructions executed.
    pub instret: u64,
    /// Executable words as loaded, by the address of their segment. Instructions are fetched from here and not from
    /// memory: the program is fixed, and stores to its addresses only affect loads.
    code: Vec<(u32, Vec<u32>)>,
    /// State of the random number generator of `hintrandom`.
    random: u64,
}

impl Model {
    /// Creates a machine with the given program counter, and with these segments in otherwise zero memory.
    pub fn new(pc: u32, segments: &[Segment]) -> Self {
        let mut memory = Memory::default();
        let mut code = vec![];
        for segment in segments {
            for (address, &byte) in (segment.address..).zip(&segment.bytes) {
                memory.write_byte(address, byte);
            }
            if segment.executable {
                // A word that is only partly in the segment is padded with zeros, as in memory.
                let start = segment.address & !3;
                let skipped = (segment.address - start) as usize;
                let padded = [vec![0; skipped], segment.bytes.clone(), vec![0; 3]].concat();
                let words = padded.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
                code.push((start, words));
            }
        }
        Self {
            regs: [0; 32],
            pc,
            memory,
            inputs: VecDeque::new(),
            hints: VecDeque::new(),
            public_values: vec![0; DEFAULT_NUM_PUBLIC_VALUES],
            printed: Vec::new(),
            instret: 0,
            code,
            random: 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// Creates a machine from an executable ELF32 file.
    ///
    /// # Errors
    ///
    /// Those of [`image::load`].
    pub fn from_elf(elf: &[u8]) -> Result<Self, LoadError> {
        let (entry, segments) = image::load(elf)?;
        Ok(Self::new(entry, &segments))
    }

    /// Sets the size of the user public values, in bytes, and clears them.
    pub fn with_num_public_values(mut self, size: usize) -> Self {
        self.public_values = vec![0; size];
        self
    }

    /// Appends `inputs` and executes until the program ends or traps, at most `max_steps` instructions.
    pub fn run(&mut self, inputs: Vec<Vec<u8>>, max_steps: u64) -> Outcome {
        self.inputs.extend(inputs);
        let exit = (0..max_steps)
            .find_map(|_| match self.step() {
                Ok(None) => None,
                Ok(Some(code)) => Some(Exit::Code(code)),
                Err(trap) => Some(Exit::Trap(trap)),
            })
            .unwrap_or(Exit::StepLimit);
        Outcome {
            exit,
            regs: self.regs,
            pc: self.pc,
            public_values: self.public_values.clone(),
            instret: self.instret,
            printed: self.printed.clone(),
        }
    }

    /// Returns the instruction word at `pc`.
    ///
    /// # Errors
    ///
    /// [`Trap::PcOutOfProgram`] if `pc` is not a multiple of 4 or is not in an executable segment.
    pub fn fetch(&self) -> Result<u32, Trap> {
        let find = |(start, words): &(u32, Vec<u32>)| words.get((self.pc.checked_sub(*start)? / 4) as usize).copied();
        if !self.pc.is_multiple_of(4) {
            return Err(Trap::PcOutOfProgram);
        }
        self.code.iter().find_map(find).ok_or(Trap::PcOutOfProgram)
    }

    /// Executes one instruction. Returns the exit code if the instruction ends the program; `pc` then stays the same.
    ///
    /// # Errors
    ///
    /// A [`Trap`] if the instruction cannot be executed. The state is then unchanged.
    pub fn step(&mut self) -> Result<Option<u32>, Trap> {
        let word = self.fetch()?;
        let insn = decode(word).ok_or(Trap::IllegalInstruction { word })?;
        let mut next_pc = self.pc.wrapping_add(4);
        let mut exit_code = None;
        match insn {
            Insn::Lui { rd, imm } => self.set(rd, imm),
            Insn::Auipc { rd, imm } => self.set(rd, self.pc.wrapping_add(imm)),
            Insn::Jal { rd, imm } => {
                let target = jump_target(self.pc.wrapping_add(imm))?;
                self.set(rd, next_pc);
                next_pc = target;
            }
            Insn::Jalr { rd, rs1, imm } => {
                // The target is computed before rd is written, since rd and rs1 may be the same register.
                let target = jump_target(self.regs[rs1].wrapping_add(imm) & !1)?;
                self.set(rd, next_pc);
                next_pc = target;
            }
            Insn::Branch { cond, rs1, rs2, imm } => {
                if alu::holds(cond, self.regs[rs1], self.regs[rs2]) {
                    next_pc = jump_target(self.pc.wrapping_add(imm))?;
                }
            }
            Insn::Load { kind, rd, rs1, imm } => {
                let address = self.regs[rs1].wrapping_add(imm);
                let value = match kind {
                    LoadKind::Lb => self.load(address, 1)? as u8 as i8 as i32 as u32,
                    LoadKind::Lh => self.load(address, 2)? as u16 as i16 as i32 as u32,
                    LoadKind::Lw => self.load(address, 4)?,
                    LoadKind::Lbu => self.load(address, 1)?,
                    LoadKind::Lhu => self.load(address, 2)?,
                };
                self.set(rd, value);
            }
            Insn::Store { size, rs1, rs2, imm } => {
                let address = self.regs[rs1].wrapping_add(imm);
                check_access(address, size, u64::from(size))?;
                self.memory.write(address, size, self.regs[rs2]);
            }
            Insn::OpImm { op, rd, rs1, imm } => self.set(rd, alu::compute(op, self.regs[rs1], imm)),
            Insn::OpReg { op, rd, rs1, rs2 } => self.set(rd, alu::compute(op, self.regs[rs1], self.regs[rs2])),
            Insn::Fence => {}
            Insn::Ecall => match self.regs[A7] {
                // Linux keeps the low byte of the status; see exit(2).
                SYSCALL_EXIT => exit_code = Some(self.regs[A0] & 0xff),
                number => return Err(Trap::UnknownSyscall { number }),
            },
            Insn::Span => {}
            Insn::Unimp => exit_code = Some(UNIMP_EXIT_CODE),
            Insn::Terminate { code } => exit_code = Some(code),
            Insn::HintStoreW { rd } => self.store_hints(self.regs[rd], 1)?,
            Insn::HintBuffer { rd, rs1 } => {
                if self.regs[rs1] == 0 {
                    return Err(Trap::EmptyHintBuffer);
                }
                self.store_hints(self.regs[rd], self.regs[rs1])?;
            }
            Insn::Reveal { rd, rs1, imm } => self.reveal(self.regs[rd].wrapping_add(imm), self.regs[rs1])?,
            Insn::HintInput => {
                let input = self.inputs.pop_front().ok_or(Trap::NoInput)?;
                let padding = input.len().next_multiple_of(4) - input.len();
                self.hints = (input.len() as u32).to_le_bytes().into_iter().chain(input).collect();
                self.hints.extend(vec![0; padding]);
            }
            Insn::PrintStr { rd, rs1 } => {
                let (address, size) = (self.regs[rd], self.regs[rs1]);
                check_access(address, 1, u64::from(size))?;
                self.printed.extend(self.memory.read_bytes(address, size));
            }
            Insn::HintRandom { rd } => {
                // A guest cannot use more words than user memory has. The bound keeps the model from exhausting the
                // host's memory.
                let words = self.regs[rd];
                check_access(0, 4, 4 * u64::from(words))?;
                self.hints = (0..words).flat_map(|_| random_word(&mut self.random).to_le_bytes()).collect();
            }
        }
        self.instret += 1;
        if exit_code.is_none() {
            self.pc = next_pc;
        }
        Ok(exit_code)
    }

    /// Writes a register. Writes to `x0` are ignored.
    fn set(&mut self, rd: usize, value: u32) {
        if rd != 0 {
            self.regs[rd] = value;
        }
    }

    fn load(&self, address: u32, size: u32) -> Result<u32, Trap> {
        check_access(address, size, u64::from(size))?;
        Ok(self.memory.read(address, size))
    }

    /// Moves `words` words from the hint stream to memory at `address`.
    fn store_hints(&mut self, address: u32, words: u32) -> Result<(), Trap> {
        let size = 4 * u64::from(words);
        check_access(address, 4, size)?;
        if size > self.hints.len() as u64 {
            return Err(Trap::HintStreamTooShort { wanted: size, available: self.hints.len() });
        }
        for (address, byte) in (address..).zip(self.hints.drain(..size as usize)) {
            self.memory.write_byte(address, byte);
        }
        Ok(())
    }

    fn reveal(&mut self, offset: u32, word: u32) -> Result<(), Trap> {
        if !offset.is_multiple_of(4) {
            return Err(Trap::MisalignedAccess { address: offset, size: 4 });
        }
        let start = offset as usize;
        let target = self.public_values.get_mut(start..start.saturating_add(4));
        target.ok_or(Trap::RevealOutOfRange { offset })?.copy_from_slice(&word.to_le_bytes());
        Ok(())
    }
}

/// Returns `target` if an instruction can be at this address. Without the C extension, it must be a multiple of 4.
fn jump_target(target: u32) -> Result<u32, Trap> {
    if target.is_multiple_of(4) { Ok(target) } else { Err(Trap::MisalignedJump { target }) }
}

/// Checks that `size` bytes from `address` are in user memory and that `address` is a multiple of `alignment`.
fn check_access(address: u32, alignment: u32, size: u64) -> Result<(), Trap> {
    if !address.is_multiple_of(alignment) {
        return Err(Trap::MisalignedAccess { address, size: alignment });
    }
    if !Memory::contains(address, size) {
        return Err(Trap::OutOfMemory { address, size });
    }
    Ok(())
}

/// Returns the next word of Marsaglia's xorshift64 generator.
fn random_word(state: &mut u64) -> u32 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 32) as u32
}
