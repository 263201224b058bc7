//! A guest program, loaded from a file.

use std::path::{Path, PathBuf};

use vm_core::arch::{ExecutionError, VmConfig};
use vm_core::instructions::VmExe;
use vm_rv32im::words::{ECALL_TRAP_PC, EXIT_SYSCALL};

use crate::elf::ElfImage;
use crate::error::SdkError;
use crate::files;
use crate::transpiler::{LoadedElf, Transpiler};

/// Largest executable file that is read: 1 GiB, twice the guest's memory.
const MAX_ELF_LEN: u64 = 1 << 30;

/// A guest program with what is needed to explain its failures.
#[derive(Clone, Debug)]
pub struct GuestProgram {
    path: PathBuf,
    loaded: LoadedElf,
}

impl GuestProgram {
    /// Loads an RV32IM executable.
    pub fn read(path: &Path) -> Result<Self, SdkError> {
        Self::read_with(path, &Transpiler::default())
    }

    /// Loads an executable with the instructions of more extensions.
    pub fn read_with(path: &Path, transpiler: &Transpiler) -> Result<Self, SdkError> {
        let bytes = files::read(path, MAX_ELF_LEN)?;
        let loaded = transpiler.load(&bytes).map_err(|source| SdkError::Elf { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), loaded })
    }

    /// Loads an executable for a machine: with the instructions of its extensions.
    pub fn read_for<VC: VmConfig>(path: &Path, config: &VC) -> Result<Self, SdkError> {
        Self::read_with(path, &Transpiler::for_machine(config)?)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the machine runs.
    pub fn exe(&self) -> &VmExe {
        &self.loaded.exe
    }

    /// Segments, words and symbols.
    pub fn image(&self) -> &ElfImage {
        &self.loaded.image
    }

    /// An execution error with its place in the program.
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

    /// The word at `pc`, if it belongs to an executable segment.
    fn word(&self, pc: u32) -> Option<u32> {
        let offset = |base: u32| pc.checked_sub(base).filter(|offset| offset % 4 == 0).map(|offset| offset / 4);
        self.image().code.iter().find_map(|range| range.words.get(offset(range.base)? as usize).copied())
    }
}

/// Where the error happened.
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
