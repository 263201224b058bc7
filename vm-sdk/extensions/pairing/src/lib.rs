//! Pairings of BN254 and BLS12-381 in programs, and the hint for their final exponentiation as an extension of the machine.
//!
//! Programs check that a product of pairings is 1 with [`product_is_one`]. It needs the extensions `chipwright-modular` and
//! `chipwright-fp2` with the fields of the curves:
//!
//! ```
//! use vm_fp2::{Complex, complex_fields};
//! use vm_modular::{Residue, moduli, words_of_hex};
//! use vm_pairing::{Bn254, G1, G2, product_is_one};
//!
//! moduli! {
//!     /// The field of BN254.
//!     pub struct Field(8) = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
//! }
//!
//! complex_fields! {
//!     /// Its quadratic extension.
//!     pub struct Field2(8): Field;
//! }
//!
//! type Curve = Bn254<Field2>;
//!
//! let number = |text| Residue::from_reduced(words_of_hex(text));
//! let p = G1::<Curve, 8>::new(Residue::from(1), Residue::from(2)).unwrap();
//! let q = G2::<Curve, 8>::new(
//!     Complex::new(
//!         number("0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"),
//!         number("0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"),
//!     ),
//!     Complex::new(
//!         number("0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa"),
//!         number("0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"),
//!     ),
//! )
//! .unwrap();
//! // e(p, q)·e(−p, q)
//! assert!(product_is_one(&[p, -p], &[q, q]));
//! assert!(!product_is_one(&[p], &[q]));
//! ```
//!
//! The machine's part is one instruction, with opcode 0x2b (custom-1), R format and funct3 = 3:
//!
//! | instruction | funct7 | |
//! |---|---|---|
//! | `hint_final_exp` | 0 for BN254, 16 for BLS12-381 | the hint stream becomes two elements of Fp12, described at [`hint::HintFinalExp`] |
//!
//! It is a phantom instruction, so it has no circuit: [`product_is_one`] checks the hint.
#![cfg_attr(target_arch = "riscv32", no_std)]

mod check;
mod curve;
mod fp12;
#[cfg(not(target_arch = "riscv32"))]
pub mod hint;
mod miller;
mod point;
#[cfg(not(target_arch = "riscv32"))]
mod witness;

#[cfg(not(target_arch = "riscv32"))]
use serde::{Deserialize, Serialize};
use vm_sdk::vm_extension;

#[cfg(not(target_arch = "riscv32"))]
use hint::{Curve, HintFinalExp};

pub use check::product_is_one;
pub use curve::{Bls12381, Bn254, Family, Pairing};
pub use fp12::Fp12;
pub use miller::miller_loop;
pub use point::{G1, G2};

/// The hint for final exponentiations.
#[vm_extension(phantoms(HintFinalExp in Curve::ALL.map(HintFinalExp)))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairings;

#[cfg(test)]
mod tests;
