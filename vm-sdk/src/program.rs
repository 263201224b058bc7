//! Guest programs that are loaded from files.

use std::path::{Path, PathBuf};

use vm_core::arch::{ExecutionError, ExecutionFailure, VmConfig};
use vm_core::instructions::{PC_STEP, VmExe};
use vm_rv32im::words::describe_absent;

use crate::elf::{ElfImage, USER_MEMORY_END};
use crate::error::SdkError;
use crate::files;
use crate::report::grouped;
use crate::transpiler::{LoadedElf, Transpiler};

/// Size limit of executable files: 1 GiB, twice the guest's memory.
const MAX_ELF_LEN: u64 = 1 << 30;

/// A guest program, with the symbols that error messages need.
#[derive(Clone, Debug)]
pub struct GuestProgram {
    path: PathBuf,
    loaded: LoadedElf,
}

impl GuestProgram {
    /// Loads an RV32IM executable.
    ///
    /// # Errors
    ///
    /// - [`SdkError::File`] if the file cannot be read;
    /// - [`SdkError::Elf`] if it is not an executable for the machine.
    pub fn read(path: &Path) -> Result<Self, SdkError> {
        Self::read_with(path, &Transpiler::default())
    }

    /// Loads an executable with the instructions that `transpiler` knows.
    ///
    /// # Errors
    ///
    /// As for [`Self::read`].
    pub fn read_with(path: &Path, transpiler: &Transpiler) -> Result<Self, SdkError> {
        Self::of_image(path, Self::read_image(path)?, transpiler)
    }

    /// Reads the segments, words and symbols of an executable, before it is known for which machine it is.
    ///
    /// # Errors
    ///
    /// As for [`Self::read`].
    pub fn read_image(path: &Path) -> Result<ElfImage, SdkError> {
        let bytes = files::read(path, MAX_ELF_LEN)?;
        ElfImage::parse(&bytes).map_err(|source| SdkError::Elf { path: path.to_owned(), source })
    }

    /// Loads an image that [`Self::read_image`] has read from a file.
    ///
    /// # Errors
    ///
    /// As for [`Self::read`].
    pub fn of_image(path: &Path, image: ElfImage, transpiler: &Transpiler) -> Result<Self, SdkError> {
        let exe = transpiler.transpile(&image);
        let exe = exe.map_err(|source| SdkError::Elf { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), loaded: LoadedElf { exe, image } })
    }

    /// Loads an executable with the instructions of a machine's extensions.
    ///
    /// # Errors
    ///
    /// As for [`Self::read`], and [`SdkError::Machine`] if the machine cannot be built.
    pub fn read_for<VC: VmConfig>(path: &Path, config: &VC) -> Result<Self, SdkError> {
        Self::read_with(path, &Transpiler::for_machine(config)?)
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the executable for the machine.
    pub fn exe(&self) -> &VmExe {
        &self.loaded.exe
    }

    /// Returns the segments, words and symbols of the file.
    pub fn image(&self) -> &ElfImage {
        &self.loaded.image
    }

    /// Adds the place in the program, and what probably went wrong, to an execution error.
    pub(crate) fn explain(&self, failure: ExecutionFailure) -> SdkError {
        let ExecutionFailure { error, registers, printed } = failure;
        let place = self.image().locate(error.pc()).map(|place| format!("in {place}"));
        let cause = match error {
            ExecutionError::PcNotFound { pc, .. } => self.missing_instruction(pc),
            ExecutionError::DidNotTerminate { .. } | ExecutionError::ClockOverflow { .. } => None,
            _ => self.stack_overflow(registers.get(STACK_POINTER).copied().unwrap_or(0)),
        };
        let context = place.into_iter().chain(cause).map(|note| format!("\n  {note}")).collect();
        SdkError::Execution { error: Box::new(error), context, output: printed, backtrace: None }
    }

    /// Describes a stack overflow, if the stack pointer is outside of memory. The stack is at the bottom of memory, so that one
    /// that grows too far wraps around to the end of the address space.
    fn stack_overflow(&self, sp: u32) -> Option<String> {
        if u64::from(sp) < USER_MEMORY_END {
            return None;
        }
        let excess = u64::from(sp.wrapping_neg());
        let Some(size) = self.image().symbols.stack_top().map(u64::from) else {
            return Some(format!("stack overflow: the stack pointer is {} bytes below address 0", grouped(excess)));
        };
        let mut text = format!("stack overflow: {} bytes more than the stack has ({})", grouped(excess), grouped(size));
        let larger = (size + excess).next_power_of_two();
        if larger <= MAX_STACK {
            text += &format!("; for a larger stack, pass --defsym=__stack_size={larger:#x} to the linker");
        }
        Some(text)
    }

    /// Says what is at a program counter where there is no instruction.
    fn missing_instruction(&self, pc: u32) -> Option<String> {
        if pc % PC_STEP == 2 {
            return Some("compressed (16-bit) code? build with -march=rv32im".to_owned());
        }
        let Some(word) = self.image().word(pc) else {
            return (pc == 0).then(|| "a call through a null pointer?".to_owned());
        };
        let what = describe_absent(word).unwrap_or("not an instruction of the machine");
        let place = self.image().locate(pc).map(|place| format!(" ({place})")).unwrap_or_default();
        Some(format!("the word {word:#010x} at {pc:#010x}{place} is {what}"))
    }
}

/// Number of the register `sp`.
const STACK_POINTER: usize = 2;

/// Largest stack that errors recommend: half of the memory.
const MAX_STACK: u64 = USER_MEMORY_END / 2;
