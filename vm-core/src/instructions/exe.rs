//! An executable: program, entry point and initial memory.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Program;

/// Initial memory: a map from (address space, byte pointer) to the little-endian word at that address. Pointers are
/// multiples of 4; absent words are zero.
pub type MemoryImage = BTreeMap<(u32, u32), u32>;

/// Error of [`VmExe::validate`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExeError {
    /// The program has no instruction at the entry point.
    #[error("entry point {pc_start:#x} is not an instruction of the program")]
    EntryPoint {
        /// Program counter of the entry point.
        pc_start: u32,
    },
    /// The pointer of a word of the initial memory is not a multiple of 4.
    #[error("initial memory: pointer {pointer:#x} of address space {space} is not a multiple of 4")]
    Misaligned {
        /// Address space of the word.
        space: u32,
        /// Byte pointer of the word.
        pointer: u32,
    },
}

/// An executable guest program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VmExe {
    /// The instructions.
    pub program: Program,
    /// Entry point: the program counter of the first instruction to execute.
    pub pc_start: u32,
    /// Memory before the first instruction.
    pub init_memory: MemoryImage,
}

impl VmExe {
    /// Makes an executable that starts at `pc_start` with all memory zero.
    pub fn new(program: Program, pc_start: u32) -> Self {
        Self { program, pc_start, init_memory: MemoryImage::new() }
    }

    /// Returns the executable with this initial memory instead of its own.
    pub fn with_init_memory(mut self, init_memory: MemoryImage) -> Self {
        self.init_memory = init_memory;
        self
    }

    /// Checks the properties that do not depend on a configuration.
    ///
    /// # Errors
    ///
    /// - [`ExeError::EntryPoint`] if there is no instruction at `pc_start`.
    /// - [`ExeError::Misaligned`] if a pointer of the initial memory is not a multiple of 4.
    pub fn validate(&self) -> Result<(), ExeError> {
        if self.program.get(self.pc_start).is_none() {
            return Err(ExeError::EntryPoint { pc_start: self.pc_start });
        }
        match self.init_memory.keys().find(|(_, pointer)| pointer % 4 != 0) {
            Some(&(space, pointer)) => Err(ExeError::Misaligned { space, pointer }),
            None => Ok(()),
        }
    }
}
