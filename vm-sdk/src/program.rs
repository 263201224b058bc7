//! Guest programs that are loaded from files.

use std::path::{Path, PathBuf};

use vm_core::arch::{ExecutionError, VmConfig};
use vm_core::instructions::VmExe;
use vm_rv32im::words::{ECALL_TRAP_PC, EXIT_SYSCALL};

use crate::elf::ElfImage;
use crate::error::SdkError;
use crate::files;
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
        let bytes = files::read(path, MAX_ELF_LEN)?;
        let loaded = transpiler.load(&bytes).map_err(|source| SdkError::Elf { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), loaded })
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

    /// Adds the place in the program to an execution error.
    pub(crate) fn explain(&self, error: Box<ExecutionError>) -> SdkError {
        let context = match pc_of(&error) {
            Some(ECALL_TRAP_PC) => {
                format!("\n  the guest made a system call other than exit (a7 = {EXIT_SYSCALL})")
            }
            Some(pc) => {
                let place = self.image().symbols.locate(pc).map(|place| format!("\n  in {place}"));
                let word = matches!(*error, ExecutionError::PcNotFound { .. }).then(|| self.word(pc)).flatten();
                let word = word.map(|word| format!("\n  the word {word:#010x} there is no instruction of the machine"));
                place.unwrap_or_default() + word.unwrap_or_default().as_str()
            }
            None => String::new(),
        };
        SdkError::Execution { error, context }
    }

    /// Returns the word at `pc`, if it is part of an executable segment.
    fn word(&self, pc: u32) -> Option<u32> {
        let offset = |base: u32| pc.checked_sub(base).filter(|offset| offset % 4 == 0).map(|offset| offset / 4);
        self.image().code.iter().find_map(|range| range.words.get(offset(range.base)? as usize).copied())
    }
}

/// Returns the program counter of the instruction that failed.
fn pc_of(error: &ExecutionError) -> Option<u32> {
    use ExecutionError as E;
    match error {
        E::PcNotFound { pc }
        | E::DisabledOperation { pc, .. }
        | E::PhantomNotFound { pc, .. }
        | E::PublicValueIndexOutOfBounds { pc, .. }
        | E::Memory { pc, .. }
        | E::EndOfInputStream { pc, .. }
        | E::HintOutOfBounds { pc, .. }
        | E::Fail { pc, .. }
        | E::DidNotTerminate { pc, .. }
        | E::ClockOverflow { pc, .. } => Some(*pc),
        _ => None,
    }
}
