//! The keccak256 hash as an extension of the machine.
//!
//! `keccak256 rd, rs1, rs2` writes the hash of the `rs2` bytes at `rs1` to the 32 bytes at `rd`. The function is
//! Keccak\[512\] with the padding `10*1`, as Ethereum uses it: the sponge of FIPS 202 without SHA-3's two domain bits.
//! Both pointers are multiples of 4, except that the pointer of an empty message may be anything. The whole message is
//! read before the digest is written, so the two may overlap.
//!
//! Three AIRs prove it:
//!
//! - [`block`]: one row per block of 136 bytes, for messages of any length, in one or more instances; memory accesses,
//!   padding, sponge;
//! - [`rounds`]: one row per round of the permutation, 24 per block, in one or more instances;
//! - [`parity`]: a table of 2^10 numbers that the rounds query.
//!
//! Blocks and rounds exchange states over [`bus::KECCAK_F_BUS`]. Bytes are added with the machine's bitwise table.
//!
//! | AIR | rows per block | main columns | lookup columns | committed cells per byte |
//! |---|---|---|---|---|
//! | `Keccak256` | 1 | 631 | 160 | 9.4 |
//! | `KeccakRound` | 24 | 2105 | 17 | 384.2 |
//!
//! The committed cells are the main columns plus four times the lookup columns and the running sum, without padding of
//! traces. A metered run counts the rows of both AIRs.
//!
//! Programs call [`keccak256()`]. Compiled for a guest, the crate is this function and nothing else.
#![cfg_attr(target_arch = "riscv32", no_std)]

#[cfg(not(target_arch = "riscv32"))]
pub mod block;
#[cfg(not(target_arch = "riscv32"))]
pub mod bus;
#[cfg(not(target_arch = "riscv32"))]
mod execute;
mod instruction;
#[cfg(not(target_arch = "riscv32"))]
pub mod parity;
#[cfg(not(target_arch = "riscv32"))]
pub mod permutation;
#[cfg(not(target_arch = "riscv32"))]
pub mod rounds;

#[cfg(not(target_arch = "riscv32"))]
use serde::{Deserialize, Serialize};
#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::primitives::BitwiseTable;
use vm_sdk::vm_extension;

#[cfg(not(target_arch = "riscv32"))]
use bus::KECCAK_F_BUS;
#[cfg(not(target_arch = "riscv32"))]
use parity::{PARITY_BUS, ParityTable};
#[cfg(not(target_arch = "riscv32"))]
use rounds::{Requests, RoundChip};

pub use instruction::{KECCAK256, keccak256, keccak256_words};

/// The keccak256 instruction.
#[vm_extension(
    shared(requests = Requests::default()),
    instructions(KECCAK256 = KECCAK256 { requests: requests.clone() }),
    chips(Rounds: RoundChip = RoundChip::new(requests)),
    lookups(Parity: ParityTable, Bytes: BitwiseTable),
    buses(KECCAK_F_BUS, PARITY_BUS),
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keccak256;
