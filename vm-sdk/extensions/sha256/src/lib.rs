//! SHA-256 (FIPS 180-4) as an extension of the machine.
//!
//! One instruction, `sha256 rd, rs1, rs2`: `[rd; 32] = sha256([rs1 .. rs1 + rs2])`. The registers hold the pointer to the
//! digest, the pointer to the message and the number of its bytes. Pointers are multiples of 4 (that of an empty message
//! may be anything); any length below 2^29 works. Messages are read word by word, exactly as far as they reach.
//!
//! Two AIRs:
//! - [`hash`](mod@hash): a row per block of the padded message. Reads the words, pads, chains the blocks, writes the digest.
//! - [`compress`](mod@compress): the compression function as a lookup table, a row per compression.
//!
//! | per block of 64 bytes | main columns | lookup columns | committed cells |
//! |---|---|---|---|
//! | `Sha256` | 168 | 64 | 428 |
//! | `Sha256Compress` | 6756 | 1 | 6764 |
//!
//! That is 112 cells per byte (a message is padded by 9 to 72 bytes). The first AIR is a single instance, padded to a
//! power of two; the second one may have several instances.
//!
//! The price of wide rows is the size of proofs: each query opens a row, so a proof that hashes anything grows by about
//! 3 MB (conjectured security) or 6.5 MB (provable security), however many blocks there are.
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
