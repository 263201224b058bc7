//! Verifies the proof of a run and reveals which program ran and what it revealed.
//!
//! Inputs: the commitment of the program, as `cargo chipwright prove` prints it, the file of the verifying key, and the file
//! of the proof.

#![cfg_attr(target_arch = "riscv32", no_std, no_main)]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use core::hint::black_box;

use example_verifier::verify;
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use vm_guest::io;
use vm_verifier::hasher::HexDigest;
use vm_verifier::stark::{EF, F};

vm_guest::entry!(main);

fn main() {
    check_arithmetic();
    let [commitment, key, proof] = [(); 3].map(|()| io::read_vec());
    let digits: String = commitment.iter().map(|byte| format!("{byte:02x}")).collect();
    let commitment: HexDigest =
        digits.parse().unwrap_or_else(|_| panic!("the first input is not the commitment of a program"));
    match verify(commitment, &key, &proof) {
        Ok(public_values) => {
            io::commit_bytes(&public_values);
            vm_guest::println!("verified");
        }
        Err(error) => panic!("{error}"),
    }
}

/// Compares multiplication in the challenge field with its definition: a compiler that gets it wrong must not decide what
/// is true.
fn check_arithmetic() {
    let element = |seed: u32| -> EF {
        EF::from_basis_coefficients_fn(|i| F::from_u32(black_box(seed).wrapping_mul(2_654_435_761) >> (i + 2)))
    };
    for seed in 1..4 {
        let (a, b) = (element(seed), element(seed + 7));
        let (x, y): (&[F], &[F]) = (a.as_basis_coefficients_slice(), b.as_basis_coefficients_slice());
        let mut product = [F::ZERO; 4];
        for (i, &x) in x.iter().enumerate() {
            for (j, &y) in y.iter().enumerate() {
                // The extension is F[X] / (X^4 - 11).
                let mut term = x * y;
                if i + j >= 4 {
                    term = (0..11).fold(F::ZERO, |sum, _| sum + term);
                }
                product[(i + j) % 4] += term;
            }
        }
        let by_definition = EF::from_basis_coefficients_slice(&product);
        assert!(Some(a * b) == by_definition, "the compiler got a product of field elements wrong");
    }
}
