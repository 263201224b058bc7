//! Division: results, witnesses, and provers that aim at a certain false claim.

use std::borrow::BorrowMut;
use std::collections::BTreeSet;

use p3_field::PrimeField32;
use vm_core::instructions::{Instruction, LocalOpcode};

use super::*;
use crate::opcodes::register;
use crate::support::{CELL_INV, inv_pow2};
use crate::test_util::pairs;
use vm_core::machine::testing::{Case, Verdict, check, cost};

fn case(opcode: DivRem, x: u32, c: u32) -> Case {
    Case::new(Instruction::new(opcode, [register(5), register(6), register(7)]))
        .register(register(5), 0xDEAD_BEEF)
        .register(register(6), x)
        .register(register(7), c)
}

/// Dividends and divisors at and around special values: zero, one, minus one, the extremes, equal words, exact
/// multiples.
const OPERANDS: [(u32, u32); 17] = [
    (0, 0),
    (0, u32::MAX),
    (7, 0),
    (0x8000_0000, 0),
    (u32::MAX, 0),
    (0x8000_0000, u32::MAX),
    (0x8000_0000, 1),
    (0x8000_0000, 0x8000_0000),
    (7, 0x8000_0000),
    (u32::MAX, u32::MAX),
    (0, 0xFFFF_FFF9),
    ((-7i32) as u32, 2),
    (7, (-2i32) as u32),
    ((-8i32) as u32, (-2i32) as u32),
    (0x1234_5678, 0x0001_0001),
    (0x89AB_CDEF, 0x0001_8000),
    (0x7FFF_FFFF, 0xFFFF_0000),
];

/// Computes quotient and remainder from the text of the specification, over wide integers.
fn model(opcode: DivRem, x: u32, c: u32) -> u32 {
    let signed = matches!(opcode, DivRem::DIV | DivRem::REM);
    let integer = |word: u32| if signed { i128::from(word as i32) } else { i128::from(word) };
    let (x, c) = (integer(x), integer(c));
    let quotient = if c == 0 { -1 } else { x / c };
    let remainder = if c == 0 { x } else { x - c * quotient };
    let result = if matches!(opcode, DivRem::DIV | DivRem::DIVU) { quotient } else { remainder };
    result as u32
}

#[test]
fn results_are_those_of_the_specification() {
    for (x, c) in OPERANDS.into_iter().chain(pairs(300)) {
        for &opcode in DivRem::ALL {
            let outcome = case(opcode, x, c).run::<DivRem>().unwrap();
            assert_eq!(outcome.register(register(5)), model(opcode, x, c), "{opcode:?} {x:#x} {c:#x}");
            assert_eq!(outcome.to.pc, 0x1004);
        }
    }
}

#[test]
fn every_division_has_a_witness() {
    for (x, c) in OPERANDS.into_iter().chain(pairs(300)) {
        for &opcode in DivRem::ALL {
            case(opcode, x, c).trial::<DivRem>();
        }
    }
}

/// Columns that a prover claims; the rest of the row follows from them.
#[derive(Clone, Copy, Debug)]
struct Claim {
    q: [F; 4],
    r: [F; 2],
    x_sign: F,
    c_sign: F,
    q_sign: F,
    r_sign: F,
    is_zero: F,
}

impl Claim {
    /// Claims words whose signs are all zero.
    fn new(q: u32, r: u32) -> Self {
        let [x_sign, c_sign, q_sign, r_sign, is_zero] = [F::ZERO; 5];
        Self { q: q.to_le_bytes().map(F::from_u8), r: cells(r), x_sign, c_sign, q_sign, r_sign, is_zero }
    }

    /// Claims two words with all combinations of signs and of the zero flag.
    fn all(q: u32, r: u32) -> impl Iterator<Item = Self> {
        (0..32).map(move |bits| {
            let [x_sign, c_sign, q_sign, r_sign, is_zero] = [0, 1, 2, 3, 4].map(|i| F::from_bool(bits >> i & 1 == 1));
            Self { x_sign, c_sign, q_sign, r_sign, is_zero, ..Self::new(q, r) }
        })
    }

    /// Fills a row, with carries, gap and result chosen so that as many constraints as possible hold.
    fn fill(&self, row: &mut [F]) {
        let core = row.len() - size_of::<DivRemCols<u8>>();
        let cols: &mut DivRemCols<F> = row[core..].borrow_mut();
        let Self { q, r, x_sign, c_sign, q_sign, r_sign, is_zero } = *self;
        (cols.q, cols.r, cols.is_zero) = (q, r, is_zero);
        (cols.x_sign, cols.c_sign, cols.q_sign, cols.r_sign) = (x_sign, c_sign, q_sign, r_sign);
        cols.y = if cols.is_rem == F::ONE { r } else { byte_cells(&q) };

        let [s0, s1, s2, _] = product_limbs(&cols.c, &q);
        let [c0, c1] = byte_cells(&cols.c);
        let [q0, _] = byte_cells(&q);
        let carry0 = (s0 + r[0] - cols.x[0]) * CELL_INV;
        let carry1 = (s1 + r[1] - cols.x[1] + carry0) * CELL_INV;
        let carry2 = (s2 + carry1 - (q0 * c_sign + c0 * q_sign + r_sign - x_sign)) * CELL_INV;
        cols.carry = [carry0, carry1, carry2];

        let (c_factor, r_factor) = (F::ONE - c_sign.double(), F::ONE - r_sign.double());
        let low = c0 * c_factor - r[0] * r_factor - F::ONE;
        // The only carry for which the low cell is in range, if there is one.
        let in_range = |carry: &i64| (low - F::from_i64(*carry) * CELL).as_canonical_u32() < 1 << 16;
        cols.gap_carry = F::from_i64((-2..=1).find(in_range).unwrap_or(0));
        cols.gap[0] = low - cols.gap_carry * CELL;
        cols.gap[1] = c1 * c_factor - r[1] * r_factor + cols.gap_carry + (c_sign - r_sign) * CELL;
        if is_zero == F::ONE {
            (cols.gap, cols.gap_carry) = ([F::ZERO; 2], F::ZERO);
        }
    }
}

/// Claims that exactly one constraint or range check rejects: what a prover could do without it.
fn special_claims() -> Vec<(DivRem, u32, u32, Claim)> {
    use DivRem::{DIV, DIVU, REMU};
    let int = F::from_u32;
    let order = u64::from(F::ORDER_U32);
    let beyond = 5 + (order << 32);
    vec![
        // Signs that are fractions. x_sign = 2^−15 is −61440 as an integer, and 2^30·245761 = 2^30 + 61440·2^32.
        (DIV, 1 << 30, 1 << 30, Claim { x_sign: inv_pow2(15), ..Claim::new(245_761, 0) }),
        // c_sign = 2^−7 turns the divisor into 2^24 − 2^32·2^−7 = −2^24.
        (DIV, 1 << 31, 1 << 24, Claim { x_sign: F::ONE, c_sign: inv_pow2(7), ..Claim::new(128, 0) }),
        // q_sign = 2^−7 subtracts 2^32 from 128·2^25.
        (DIVU, 0, 128, Claim { q_sign: inv_pow2(7), ..Claim::new(1 << 25, 0) }),
        // r_sign = 30720 is −2^−16 in the gap.
        (DIVU, 0, 30_720 << 8, Claim { r_sign: int(30_720), ..Claim::new(1 << 24, 0) }),
        // A divisor of −1 declared zero.
        (DIV, 0, u32::MAX, Claim { c_sign: F::ONE, is_zero: F::ONE, ..Claim::new(u32::MAX, u32::MAX) }),
        // A byte of the quotient and a cell of the remainder that are out of range.
        (DIVU, 0x1234_5678, 1, Claim { q: [0x1_0078, 0x56, 0x33, 0x12].map(int), ..Claim::new(0, 0) }),
        // Each byte of the quotient with nine bits. A cell of the result would be 2^16 or greater if the high byte of
        // its pair is; a low byte has another representation of the same cell. With q_sign, 2^32 is subtracted from Q.
        (DIVU, 0x1234_5678, 1, Claim { q: [0x178, 0x55, 0x34, 0x12].map(int), ..Claim::new(0, 0) }),
        (DIVU, 0x1234_5678, 1, Claim { q: [0x78, 0x156, 0x33, 0x12].map(int), ..Claim::new(0, 0) }),
        (DIVU, 0x1234_5678, 1, Claim { q: [0x78, 0x56, 0x134, 0x11].map(int), ..Claim::new(0, 0) }),
        (DIVU, 0x1234_5678, 1, Claim { q: [0x78, 0x56, 0x34, 0x112].map(int), q_sign: F::ONE, ..Claim::new(0, 0) }),
        (REMU, 0x1234_5678, u32::MAX, Claim { r: [0x1_5678, 0x1233].map(int), ..Claim::new(0, 0) }),
        // A negative remainder without a sign.
        (DIVU, 7, 2, Claim { r: [int(0xFFFF), -F::ONE], ..Claim::new(4, 0) }),
        // Carries that are 30720 = −2^−16.
        (REMU, 0x9000_0005, u32::MAX, Claim { r: [4, 0x9000 - 30_720].map(int), ..Claim::new(0, 0) }),
        (DIVU, 0x1_0005, 30_720, Claim { q_sign: F::ONE, ..Claim::new(0, 5) }),
        // c·q + r = x + 2^32·p.
        (DIVU, 5, u32::MAX, {
            let c = u64::from(u32::MAX);
            Claim::new((beyond / c) as u32, (beyond % c) as u32)
        }),
    ]
}

/// Claims of quotients and remainders, most of them with `c·q + r = x` modulo 2^32.
fn claims(opcode: DivRem, x: u32, c: u32) -> impl Iterator<Item = Claim> {
    let (q, r) = opcode.divide([x, c]);
    let mut quotients = vec![0, 1, u32::MAX, 0x7FFF_FFFF, 0x8000_0000, q.wrapping_neg(), q ^ 0x8000_0000, q ^ 0x1_0000];
    quotients.extend([-2, -1, 0, 1, 2].map(|d| q.wrapping_add_signed(d)));
    let pairs: BTreeSet<(u32, u32)> = quotients
        .into_iter()
        .flat_map(|q| {
            let matching = x.wrapping_sub(c.wrapping_mul(q));
            [matching, r, 0, matching.wrapping_neg(), r.wrapping_add(c), r.wrapping_sub(c)].map(|r| (q, r))
        })
        .collect();
    pairs.into_iter().flat_map(|(q, r)| Claim::all(q, r))
}

#[test]
fn no_claim_but_the_truth_is_accepted_and_no_guard_is_idle() {
    assert_eq!(cost::<DivRem>(), (38, 64));
    let mut decisive = BTreeSet::new();
    for (opcode, x, c, claim) in special_claims() {
        let trial = case(opcode, x, c).trial::<DivRem>();
        let mut row = trial.row.clone();
        claim.fill(&mut row);
        match trial.judge(&row) {
            Verdict::Refused(guards) if guards.len() == 1 => decisive.extend(guards),
            verdict => panic!("{opcode:?} {x:#x} {c:#x}, {claim:?}: {verdict:?}"),
        }
    }
    // Half a DIV and half a REM have the opcode of a DIVU: the result is the mean of 7 / 2 and 7 % 2.
    let columns = [("core.is_unsigned", F::ZERO), ("core.is_rem", F::ONE.halve()), ("core.y[0]", F::TWO)];
    match case(DivRem::DIVU, 7, 2).trial::<DivRem>().with(&columns) {
        Verdict::Refused(guards) if guards.len() == 1 => decisive.extend(guards),
        verdict => panic!("{verdict:?}"),
    }
    let mut refused = 0;
    for (x, c) in OPERANDS.into_iter().chain(pairs(10).step_by(3)) {
        for &opcode in DivRem::ALL {
            let trial = case(opcode, x, c).trial::<DivRem>();
            let mut row = trial.row.clone();
            for claim in claims(opcode, x, c) {
                claim.fill(&mut row);
                match trial.judge(&row) {
                    Verdict::Forgery => panic!("{opcode:?} {x:#x} {c:#x}: {claim:x?} is accepted"),
                    Verdict::Harmless => {}
                    Verdict::Refused(mut guards) => {
                        refused += 1;
                        decisive.extend(guards.pop().filter(|_| guards.is_empty()));
                    }
                }
            }
        }
    }
    assert!(refused > 100_000);

    let cases: Vec<_> = DivRem::ALL
        .iter()
        .flat_map(|&opcode| OPERANDS.into_iter().step_by(3).map(move |(x, c)| case(opcode, x, c)))
        .collect();
    let mut report = check::<DivRem>(&cases);
    report.idle.retain(|guard| !decisive.contains(guard));
    // The gap is free, and without effect, if the divisor is zero.
    report.expect(&["core.gap[0]", "core.gap[1]", "core.gap_carry"], &[]);
}
