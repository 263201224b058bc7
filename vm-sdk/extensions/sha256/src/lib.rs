//! SHA-256 (FIPS 180-4) as an extension of the machine.
//!
//! One instruction, `sha256 rd, rs1, rs2`: `[rd; 32] = sha256([rs1 .. rs1 + rs2])`. The registers hold the pointer to the
//! digest, the pointer to the message and the number of its bytes. Pointers are multiples of 4 (that of an empty message
//! may be anything); any length below 2^29 works. Messages are read word by word, exactly as far as they reach.
//!
//! Two AIRs:
//! - [`hash`]: a row per block of the padded message. Reads the words, pads, chains the blocks, writes the digest.
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

pub mod compress;
pub mod hash;
pub mod spec;
pub mod transpile;

use serde::{Deserialize, Serialize};
use vm_sdk::macros::{LocalOpcode, vm_extension};

use compress::{CompressChip, SHA256_COMPRESS_BUS};
use hash::Sha256Chip;

pub use transpile::Sha256Transpiler;

/// `a`, `b`, `c` = registers that hold the pointer to the digest, the pointer to the message and its length in bytes.
#[allow(clippy::upper_case_acronyms, missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 0x318]
pub enum Sha256Opcode {
    SHA256,
}

/// The SHA-256 instruction.
#[vm_extension(
    executors(Hash: Sha256Chip => Sha256Opcode),
    chips(Compress: CompressChip),
    buses(SHA256_COMPRESS_BUS),
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sha256;
