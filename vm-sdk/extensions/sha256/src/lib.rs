//! SHA-256 (FIPS 180-4) as an extension of the machine.
//!
//! One instruction, `sha256 rd, rs1, rs2`: `[rd; 32] = sha256([rs1 .. rs1 + rs2])`. The registers hold the pointer to
//! the digest, the pointer to the message and its number of bytes. Pointers are multiples of 4, except that the pointer
//! of an empty message may be anything. Lengths are below 2^29. The message is read word by word, and no word after its
//! end is read.
//!
//! Two AIRs:
//! - [`hash`](mod@hash): one row per block of the padded message. It reads the words, pads, chains the blocks and
//!   writes the digest.
//! - [`compress`](mod@compress): the compression function as a lookup table, one row per compression.
//!
//! | per block of 64 bytes | main columns | lookup columns | committed cells |
//! |---|---|---|---|
//! | `Sha256` | 168 | 64 | 428 |
//! | `Sha256Compress` | 6756 | 1 | 6764 |
//!
//! That is 112 cells per byte; the padding adds 9 to 72 bytes to a message. Both AIRs may have several
//! instances.
//!
//! Wide rows make proofs larger: each query opens a row, so a proof with any hash at all grows by about 3 MB
//! (conjectured security) or 6.5 MB (provable security), independently of the number of blocks.
#![cfg_attr(target_arch = "riscv32", no_std)]

#[cfg(not(target_arch = "riscv32"))]
pub mod compress;
#[cfg(not(target_arch = "riscv32"))]
pub mod hash;
mod instruction;
#[cfg(not(target_arch = "riscv32"))]
pub mod spec;

#[cfg(not(target_arch = "riscv32"))]
use serde::{Deserialize, Serialize};
use vm_sdk::vm_extension;

#[cfg(not(target_arch = "riscv32"))]
use compress::{CompressChip, SHA256_COMPRESS_BUS};

pub use instruction::{SHA256, sha256, sha256_words};

/// The SHA-256 instruction.
#[vm_extension(
    instructions(SHA256),
    chips(Compress: CompressChip),
    buses(SHA256_COMPRESS_BUS),
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sha256;
