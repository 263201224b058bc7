//! The keccak256 hash as an extension of the machine.
//!
//! `keccak256 rd, rs1, rs2` writes the hash of the `rs2` bytes at `rs1` to the 32 bytes at `rd`: Keccak\[512\] with the
//! padding `10*1`, as Ethereum uses it (the sponge of FIPS 202 without SHA-3's two domain bits). Both pointers are
//! multiples of 4, but that of an empty message may be anything. All of the message is read before the digest is
//! written, so the two may overlap.
//!
//! Three AIRs prove it:
//!
//! - [`block`]: one row per block of 136 bytes, as long as the message is; memory accesses, padding, sponge;
//! - [`rounds`]: one row per round of the permutation, 24 per block, which may be split into several instances;
//! - [`parity`]: a table of 2^10 numbers that the rounds look up.
//!
//! Blocks and rounds speak over [`bus::KECCAK_F_BUS`]; bytes are added by the machine's bitwise table.
//!
//! | AIR | rows per block | main columns | lookup columns | committed cells per byte |
//! |---|---|---|---|---|
//! | `Keccak256` | 1 | 631 | 160 | 9.4 |
//! | `KeccakRound` | 24 | 2105 | 17 | 384.2 |
//!
//! The cells are main columns and four times the lookup columns and the running sum, without padding of traces. A
//! metered run counts the rows of the first AIR; those of the second are 24 times as many.

pub mod block;
pub mod bus;
pub mod instruction;
pub mod parity;
pub mod permutation;
pub mod rounds;

use serde::{Deserialize, Serialize};
use vm_sdk::arch::authoring::{MultiRowChip, RowContext};
use vm_sdk::arch::{VmExtension, VmInventory, VmInventoryBuilder, VmInventoryError};
use vm_sdk::instructions::LocalOpcode;
use vm_sdk::macros::{AnyEnum, Chip, ChipUsageGetter, InstructionExecutor};
use vm_sdk::primitives::BitwiseTable;

pub use instruction::Keccak256Opcode;

use block::{BLOCK_AIR, Keccak256Core};
use parity::{PARITY_BUS, ParityContent, ParityTable};
use rounds::{Requests, RoundChip};

/// Executor and chip of the instruction.
pub type Keccak256Chip = MultiRowChip<Keccak256Core>;

/// The instruction keccak256.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keccak256;

/// Executors of [`Keccak256`].
#[derive(InstructionExecutor, AnyEnum, Chip, ChipUsageGetter)]
pub enum Keccak256Executor {
    /// The blocks.
    Blocks(Keccak256Chip),
}

/// Chips of [`Keccak256`] that execute no instructions.
#[derive(AnyEnum, Chip, ChipUsageGetter)]
pub enum Keccak256Periphery {
    /// The permutation.
    Rounds(RoundChip),
    /// Even sums.
    Parity(ParityTable),
    /// Exclusive or of bytes, shared between extensions.
    Bytes(BitwiseTable),
}

// By hand, because the blocks hand their permutations to the rounds: two chips that are built together.
impl VmExtension for Keccak256 {
    type Executor = Keccak256Executor;
    type Periphery = Keccak256Periphery;

    fn build(
        &self,
        builder: &VmInventoryBuilder<'_>,
    ) -> Result<VmInventory<Self::Executor, Self::Periphery>, VmInventoryError> {
        let requests = Requests::default();
        let opcode = Keccak256Opcode::KECCAK256;
        let context = RowContext { port: builder.system_port(), opcode: opcode.global_opcode() };
        let core = Keccak256Core::new(requests.clone());
        let blocks = MultiRowChip::new(BLOCK_AIR, core, context, opcode.name());
        let mut inventory = VmInventory::new();
        inventory.add_executor(Keccak256Executor::Blocks(blocks), [context.opcode])?;
        inventory.add_periphery_chip(Keccak256Periphery::Rounds(RoundChip::new(requests)));
        inventory.add_periphery_chip(Keccak256Periphery::Parity(ParityTable::with_content(ParityContent)));
        if builder.find_chip::<BitwiseTable>().is_empty() {
            inventory.add_periphery_chip(Keccak256Periphery::Bytes(BitwiseTable::default()));
        }
        inventory.add_decoder(instruction::decoder())?;
        inventory.add_bus(bus::KECCAK_F_BUS);
        inventory.add_bus(PARITY_BUS);
        Ok(inventory)
    }
}
