//! The first-party RISC-V machine. It is declared in the same way as any other machine.

use serde::{Deserialize, Serialize};
use vm_core::arch::{InitFileGenerator, SystemConfig};
use vm_derive::VmConfig;
use vm_rv32im::Rv32im;

/// RV32IM with the host interface.
#[derive(Clone, Debug, Default, Serialize, Deserialize, VmConfig)]
pub struct Rv32imVm {
    /// System configuration.
    #[system]
    pub system: SystemConfig,
    /// The instructions.
    #[extension]
    pub rv32im: Rv32im,
}

impl InitFileGenerator for Rv32imVm {}
