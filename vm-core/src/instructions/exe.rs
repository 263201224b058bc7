//! An executable: program, entry point and initial memory.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Program;

/// Initial memory: (address space, byte pointer of an aligned word) → little-endian word. Absent words are zero.
pub type MemoryImage = BTreeMap<(u32, u32), u32>;

/// A malformed executable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExeError {
    /// The entry point is not an instruction.
    #[error("entry point {pc_start:#x} is not an instruction of the program")]
    EntryPoint {
        /// The entry point.
        pc_start: u32,
    },
    /// A word of the initial memory is misaligned.
    #[error("initial memory: pointer {pointer:#x} of address space {space} is not a multiple of 4")]
    Misaligned {
        /// Address space.
        space: u32,
        /// Byte pointer.
        pointer: u32,
    },
}

/// What a machine runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VmExe {
    /// Instructions.
    pub program: Program,
    /// Where execution starts.
    pub pc_start: u32,
    /// Memory at the start.
    pub init_memory: MemoryImage,
}

impl VmExe {
    /// An executable with empty memory that starts at `pc_start`.
    pub fn new(program: Program, pc_start: u32) -> Self {
        Self { program, pc_start, init_memory: MemoryImage::new() }
    }

    /// Replaces the initial memory.
    pub fn with_init_memory(mut self, init_memory: MemoryImage) -> Self {
        self.init_memory = init_memory;
        self
    }

    /// Checks what does not depend on a configuration.
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
