//! A machine.

pub mod extension;

use serde::{Deserialize, Serialize};
use vm_sdk::arch::InitFileGenerator;
use vm_sdk::prelude::*;

use extension::BitReversal;

/// RV32IM and an extension; add `#[extension]` fields for more extensions.
#[derive(Clone, Debug, Default, Serialize, Deserialize, VmConfig)]
pub struct Machine {
    /// Memory, public values and limits.
    #[system]
    pub system: SystemConfig,
    /// The instructions of RISC-V, and input and output.
    #[extension]
    pub rv32im: Rv32im,
    /// The extension of this package.
    #[extension]
    pub bit_reversal: BitReversal,
}

/// Guest programs need no code that depends on the machine.
impl InitFileGenerator for Machine {}
