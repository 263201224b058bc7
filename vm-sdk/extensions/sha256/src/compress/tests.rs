//! Codes of carries, and rows of computations that are not SHA-256.

use std::borrow::BorrowMut;
use std::collections::BTreeSet;

use vm_sdk::arch::SystemConfig;
use vm_sdk::arch::VmVerificationError;
use vm_sdk::arch::testing::{ChipTest, Rejection, VmChipTestBuilder};
use vm_sdk::instructions::Instruction;
use vm_sdk::macros::VmConfig;
use vm_sdk::p3::field::PrimeField32;
use vm_sdk::stark::{BabyBearBlake3Engine, VerifyError};

use crate::spec::{
    BIG_SIGMA0, BIG_SIGMA1, INITIAL_STATE, ROUND_CONSTANTS, ROUNDS, SMALL_SIGMA0, SMALL_SIGMA1, State, choose,
    majority, padded_block, rounds, schedule,
};
use crate::{SHA256, Sha256};

use super::*;

#[test]
fn every_pair_of_carries_has_a_code_and_every_code_is_small() {
    for first in 0..6 {
        for second in 0..4 {
            let digits = code([first, second]);
            assert!(digits.iter().all(|digit| *digit < 3));
            assert_eq!(carries(digits.map(F::from_u32)), [first, second].map(F::from_u32));
        }
    }
    for digits in 0..27u32 {
        let digits = [digits % 3, digits / 3 % 3, digits / 9];
        let [first, second] = carries(digits.map(F::from_u32));
        assert!(first.as_canonical_u32() <= 8 && second.as_canonical_u32() <= 3);
    }
}

#[derive(Clone, Debug, Default, VmConfig)]
struct Machine {
    #[system]
    system: SystemConfig,
    #[extension]
    sha256: Sha256,
}

/// Builds an honest run on an empty message.
fn honest() -> ChipTest<BabyBearBlake3Engine, Machine> {
    let instruction = Instruction::new(SHA256, [4, 0, 0]);
    VmChipTestBuilder::new(Machine::default()).register(1, 64).instruction(0, instruction).build().unwrap()
}

/// Checks that the real verifier rejects a row with this schedule and these words because of constraints of this AIR,
/// and returns those constraints. The digest that the instruction claims is the row's.
fn refused(w: &[u32; ROUNDS], after: &[[u32; 2]; ROUNDS]) -> BTreeSet<usize> {
    let mut test = honest();
    let cols: &mut CompressCols<F> = test.row_mut(chip::NAME, 0, 0).unwrap().borrow_mut();
    cols.fill_words(&INITIAL_STATE, w, after);
    let out: State = cols.out.map(|limbs| {
        let [low, high] = limbs.map(|limb| limb.as_canonical_u32());
        low | high << 16
    });
    for (i, word) in out.into_iter().enumerate() {
        for (j, byte) in word.to_le_bytes().into_iter().enumerate() {
            test.tamper("Sha256", 0, 0, format!("next_state[{i}][{j}]"), |_| F::from_u8(byte)).unwrap();
        }
    }
    let report = test.debug();
    let air = test.air_index(chip::NAME).unwrap();
    assert!(!report.failures.is_empty() && report.failures.iter().all(|failure| failure.air == air), "{report}");
    assert!(report.imbalances.iter().all(|message| message.bus != SHA256_COMPRESS_BUS.name), "{report}");
    match test.attempt() {
        Err(Rejection::Verifier(VmVerificationError::Stark { source: VerifyError::Constraints { air }, .. })) => {
            assert_eq!(air, chip::NAME);
        }
        other => panic!("{:?}", other.err()),
    }
    report.failures.iter().map(|failure| failure.constraint).collect()
}

/// Computes one round with errors added to its words.
fn round(state: [u32; 8], t: usize, word: u32, error: [u32; 2]) -> [u32; 8] {
    let [a, b, c, d, e, f, g, h] = state;
    let sums = [h, BIG_SIGMA1.apply(e), choose(e, f, g), ROUND_CONSTANTS[t], word, error[1]];
    let t1 = sums.into_iter().fold(0, u32::wrapping_add);
    let t2 = BIG_SIGMA0.apply(a).wrapping_add(majority(a, b, c)).wrapping_add(error[0]);
    [t1.wrapping_add(t2), a, b, c, d.wrapping_add(t1), e, f, g]
}

#[test]
fn no_other_schedule_is_provable() {
    let w = schedule(&padded_block(0, 0, &[0; 16]));
    // From some word on, everything follows from a wrong word: only that word's limbs or carries do not fit.
    for t in [16, 17, 31, 48, 61] {
        for error in [1, 0x1_0000, 0x8000_0000] {
            let mut forged = w;
            forged[t] = forged[t].wrapping_add(error);
            for t in t + 1..ROUNDS {
                forged[t] = SMALL_SIGMA1
                    .apply(forged[t - 2])
                    .wrapping_add(forged[t - 7])
                    .wrapping_add(SMALL_SIGMA0.apply(forged[t - 15]))
                    .wrapping_add(forged[t - 16]);
            }
            let constraints = refused(&forged, &rounds(&INITIAL_STATE, &forged));
            // Three digits and two limbs.
            let (first, last) = (constraints.first().unwrap(), constraints.last().unwrap());
            assert!(last - first < 5, "word {t}: {constraints:?}");
        }
    }
}

#[test]
fn no_other_rounds_are_provable() {
    let w = schedule(&padded_block(0, 0, &[0; 16]));
    for t in [0, 1, 30, 61, 62, 63] {
        for error in [[1, 0], [0, 1], [0x8000_0000, 0], [0, 0x1_0000]] {
            let mut state = INITIAL_STATE;
            let after = std::array::from_fn(|i| {
                state = round(state, i, w[i], if i == t { error } else { [0; 2] });
                [state[0], state[4]]
            });
            let constraints = refused(&w, &after);
            assert!(constraints.len() <= 2, "round {t}: {constraints:?}");
        }
    }
}
