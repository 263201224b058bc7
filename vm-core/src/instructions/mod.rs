//! Instructions, opcodes, programs and executables.

mod exe;
mod instruction;
mod opcode;
mod program;

pub use exe::{ExeError, MemoryImage, VmExe};
pub use instruction::Instruction;
pub use opcode::{LocalOpcode, SystemOpcode, VmOpcode, system_opcode_name};
pub use program::{PC_LIMIT, PC_STEP, Program, ProgramError, Region};
