//! The extension: its executor and its other chips.

use serde::{Deserialize, Serialize};
use vm_sdk::arch::authoring::MultiRowChip;
use vm_sdk::arch::{VmExtension, VmInventory, VmInventoryBuilder, VmInventoryError};
use vm_sdk::macros::{AnyEnum, Chip, ChipUsageGetter, InstructionExecutor};
use vm_sdk::primitives::BitwiseTable;

pub use crate::instruction::Keccak256Opcode;

use crate::block::Keccak256Core;
use crate::bus::KECCAK_F_BUS;
use crate::parity::{PARITY_BUS, ParityContent, ParityTable};
use crate::rounds::{Requests, RoundChip};

/// Executor and chip of the instruction.
pub type Keccak256Chip = MultiRowChip<Keccak256Core>;

/// The keccak256 extension: one instruction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keccak256;

/// Executors of [`Keccak256`].
#[derive(InstructionExecutor, AnyEnum, Chip, ChipUsageGetter)]
pub enum Keccak256Executor {
    /// Blocks of messages.
    Blocks(Keccak256Chip),
}

/// Chips of [`Keccak256`] that execute no instructions.
#[derive(AnyEnum, Chip, ChipUsageGetter)]
pub enum Keccak256Periphery {
    /// Rounds of the permutation.
    Rounds(RoundChip),
    /// Table of even sums.
    Parity(ParityTable),
    /// Exclusive or of bytes, shared between extensions.
    Bytes(BitwiseTable),
}

// Written by hand because the chips of the blocks and of the rounds share the permutation requests.
impl VmExtension for Keccak256 {
    type Executor = Keccak256Executor;
    type Periphery = Keccak256Periphery;

    fn build(
        &self,
        builder: &VmInventoryBuilder<'_>,
    ) -> Result<VmInventory<Self::Executor, Self::Periphery>, VmInventoryError> {
        let requests = Requests::default();
        let mut inventory = VmInventory::new();
        inventory.add_instruction(builder, Keccak256Core::new(requests.clone()), Keccak256Executor::Blocks)?;
        inventory.add_periphery_chip(Keccak256Periphery::Rounds(RoundChip::new(requests)));
        inventory.add_periphery_chip(Keccak256Periphery::Parity(ParityTable::with_content(ParityContent)));
        if builder.find_chip::<BitwiseTable>().is_empty() {
            inventory.add_periphery_chip(Keccak256Periphery::Bytes(BitwiseTable::default()));
        }
        inventory.add_bus(KECCAK_F_BUS);
        inventory.add_bus(PARITY_BUS);
        Ok(inventory)
    }
}
