//! Forged traces. The real verifier rejects each of them, because of the guard that the forgery targets.
//!
//! All calls write their digests to the same place, so a forged digest is overwritten by the next call, and the
//! attacker makes that call receive it. [`Attack::rehash`] recomputes what depends on a change: absorbed blocks,
//! permutations, later states. Lookup multiplicities are recomputed. Where a test names all guards, nothing else is
//! wrong with the traces.

use std::array;
use std::borrow::BorrowMut;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use vm_keccak256::block::{BLOCK_AIR, BlockCols};
use vm_keccak256::bus::KECCAK_F_BUS;
use vm_keccak256::permutation::{RATE_BYTES, ROUNDS, Round, State, absorb, permute};
use vm_keccak256::rounds::{ROUND_AIR, RoundCols, fill_row};
use vm_sdk::arch::testing::{MockEnvironment, Rejection};
use vm_sdk::arch::{Chip, ChipTraces, SYSTEM_BUSES, VmChipComplex};
use vm_sdk::p3::field::{Field, PrimeCharacteristicRing, PrimeField32};
use vm_sdk::p3::matrix::dense::RowMajorMatrix;
use vm_sdk::primitives::{BitwiseTable, RangeTable};
use vm_sdk::stark::{F, SymbolicAir, VerifyError};
use vm_sdk::system::program::ProgramAir;

use crate::support::{Call, Engine, HashVm, Test, program};

const DST: u32 = 0x4000;
/// Lengths of the calls' messages.
const LENGTHS: [usize; 6] = [200, 49, 0, 135, 136, 140];
/// First row of each call.
const LONG: usize = 0;
const SHORT: usize = 2;
const EMPTY: usize = 3;
const FULL: usize = 4;
const ALIGNED: usize = 5;
/// Rows of all calls.
const BLOCKS: usize = 9;

fn honest() -> Test {
    static HONEST: OnceLock<Test> = OnceLock::new();
    let test = HONEST.get_or_init(|| {
        let calls: Vec<Call> = (0..).zip(LENGTHS).map(|(i, len)| Call::new(DST, 0x1_0000 + 0x1000 * i, len)).collect();
        program(&calls).build().unwrap()
    });
    test.fork()
}

fn f(value: u32) -> F {
    F::from_u32(value)
}

fn u(cell: F) -> u32 {
    cell.as_canonical_u32()
}

/// Forged traces under construction.
struct Attack {
    test: Test,
}

impl Attack {
    fn new() -> Self {
        Self { test: honest() }
    }

    fn block(&mut self, row: usize) -> &mut BlockCols<F> {
        self.test.row_mut(BLOCK_AIR, 0, row).unwrap().borrow_mut()
    }

    fn round(&mut self, block: usize, round: usize) -> &mut RoundCols<F> {
        self.test.row_mut(ROUND_AIR, 0, ROUNDS * block + round).unwrap().borrow_mut()
    }

    /// Recomputes everything that depends on the blocks' messages. Rows in `detached` keep the state that they claim.
    fn rehash(&mut self, detached: &[usize]) -> &mut Self {
        self.rehash_with(detached, |_| Some(RATE_BYTES - 1))
    }

    /// Like [`Self::rehash`]; `last` gives the byte of a last row that gets the last bit of the padding, if any.
    fn rehash_with(&mut self, detached: &[usize], last: impl Fn(usize) -> Option<usize>) -> &mut Self {
        let mut state: State = [0; 25];
        for row in 0..BLOCKS {
            let cols = self.block(row);
            if detached.contains(&row) {
                state = state_of(cols);
            } else if cols.is_first == F::ONE {
                state = [0; 25];
            }
            let mut message: [u8; RATE_BYTES] = array::from_fn(|i| u(cols.message[i]) as u8);
            if let (true, Some(last)) = (cols.is_last == F::ONE, last(row)) {
                message[last] ^= 0x80;
            }
            let absorbed = absorb(&state, &message);
            let time = u(cols.from_state.timestamp);
            set_state(cols, &state);
            set_bytes(&mut cols.absorbed, &absorbed);
            for round in 0..ROUNDS {
                let before = (0..round).fold(absorbed, |state, round| Round::new(&state, round).after);
                fill_row(self.round(row, round), time, round, &before);
            }
            state = permute(&absorbed);
            self.set_result(row, &state);
        }
        self
    }

    /// Claims a result of a block; the next call overwrites it.
    fn set_result(&mut self, row: usize, state: &State) {
        let mut donor = *self.block(row);
        set_state(&mut donor, state);
        let limbs: Vec<F> = donor.state.chunks(3).map(|bytes| recompose(bytes, 256)).collect();
        let cols = self.block(row);
        set_bytes(&mut cols.result, state);
        let first = limbs.len() - cols.result_rate.len();
        cols.result_rate.copy_from_slice(&limbs[first..]);
        cols.result_capacity = donor.capacity;
        self.overwrite(row);
    }

    /// Makes the next call overwrite what a row writes, if the row is the last one of its call.
    fn overwrite(&mut self, row: usize) -> &mut Self {
        let cols = *self.block(row);
        let next = (row + 1..BLOCKS).find(|&next| self.block(next).is_last == F::ONE);
        if let (true, Some(next)) = (cols.is_last == F::ONE, next) {
            for (word, digest) in self.block(next).digest.iter_mut().enumerate() {
                digest.prev_data = array::from_fn(|i| recompose(&cols.result[4 * word + 2 * i..][..2], 256));
            }
        }
        self
    }

    /// Returns everything that is wrong: the columns that a violated constraint reads, and the buses that do not
    /// balance.
    fn guards(&mut self) -> BTreeSet<String> {
        self.test.recount_lookups().unwrap();
        let report = self.test.debug();
        assert!(report.problems.is_empty(), "{report}");
        let constraints = report.examples.iter().map(|((air, _), examples)| {
            let names = examples[0].columns.iter().map(|(name, _)| name.split(['[', '.', '\'']).next().unwrap());
            let names: BTreeSet<&str> = names.collect();
            format!("{}: {}", report.airs[*air], names.into_iter().collect::<Vec<_>>().join(" "))
        });
        constraints.chain(report.imbalances.iter().map(|message| message.bus.clone())).collect()
    }

    /// Checks that these guards and no others reject the traces, and that the real verifier rejects a proof of them.
    #[track_caller]
    fn refused_by(&mut self, expected: &[&str]) {
        let guards = self.guards();
        let expected: BTreeSet<String> = expected.iter().map(|guard| (*guard).to_owned()).collect();
        assert_eq!(guards, expected, "\n{}", self.test.debug());
        assert!(self.test.is_rejected(), "the verifier accepts what {guards:?} refuse");
    }

    /// Checks that this guard, and possibly others, rejects the traces, and that the real verifier rejects a proof of
    /// them.
    #[track_caller]
    fn refused_also_by(&mut self, guard: &str) {
        let guards = self.guards();
        assert!(guards.contains(guard), "{guard} is not among {guards:?}");
        assert!(self.test.is_rejected(), "the verifier accepts what {guards:?} refuse");
    }
}

fn recompose(digits: &[F], base: u32) -> F {
    digits.iter().rev().fold(F::ZERO, |sum, digit| sum * f(base) + *digit)
}

fn set_bytes(cells: &mut [F], state: &State) {
    for (cell, byte) in cells.iter_mut().zip(state.iter().flat_map(|lane| lane.to_le_bytes())) {
        *cell = F::from_u8(byte);
    }
}

fn set_state(cols: &mut BlockCols<F>, state: &State) {
    set_bytes(&mut cols.state, state);
    let bit = |i: usize| u32::from(state[i / 64] >> (i % 64) & 1 == 1);
    for (limb, cell) in cols.capacity.iter_mut().enumerate() {
        let bits = (8 * RATE_BYTES + 30 * limb..1600.min(8 * RATE_BYTES + 30 * (limb + 1))).rev();
        *cell = f(bits.fold(0, |sum, i| sum << 1 | bit(i)));
    }
}

fn state_of(cols: &BlockCols<F>) -> State {
    let mut state = [0; 25];
    let bytes = cols.state.iter().enumerate().flat_map(|(i, byte)| (0..8).map(move |j| (8 * i + j, u(*byte) >> j & 1)));
    let limbs = cols.capacity.iter().enumerate();
    let capacity = limbs.flat_map(|(i, limb)| (0..30).map(move |j| (8 * RATE_BYTES + 30 * i + j, u(*limb) >> j & 1)));
    for (i, bit) in bytes.chain(capacity).filter(|(i, _)| *i < 1600) {
        state[i / 64] |= u64::from(bit) << (i % 64);
    }
    state
}

/// Returns the state that the only block of a message sends to the permutation.
fn absorbed_by(cols: &BlockCols<F>) -> State {
    absorb(&[0; 25], &array::from_fn(|i| u(cols.absorbed[i]) as u8))
}

/// Sets where the padding starts, in bytes.
fn set_end(cols: &mut BlockCols<F>, end: usize) {
    cols.end = [F::ZERO; 34];
    cols.end_byte = [F::ZERO; 4];
    cols.end[end / 4] = F::ONE;
    cols.end_byte[end % 4] = F::ONE;
}

const LENGTH: &str = "Keccak256: end end_byte is_last left";
const NEXT_LEFT: &str = "Keccak256: is_last is_valid left";
const NEXT_CAPACITY: &str = "Keccak256: capacity is_last is_valid result_capacity";

#[test]
fn honest_traces_are_accepted_and_rehashing_them_changes_nothing() {
    let mut attack = Attack::new();
    let before = attack.test.inputs.iter().map(|input| input.traces.clone()).collect::<Vec<_>>();
    attack.rehash(&[]);
    let after = attack.test.inputs.iter().map(|input| input.traces.clone()).collect::<Vec<_>>();
    assert!(before == after);
    assert_eq!(attack.guards(), BTreeSet::new());
    attack.test.attempt().unwrap();
}

#[test]
fn a_message_does_not_end_early() {
    // 49 bytes become 48, so the word with the last byte is not read. The length in the register refuses that.
    let mut attack = Attack::new();
    let cols = attack.block(SHORT);
    set_end(cols, 48);
    cols.message[48] = F::ONE;
    cols.message[49] = F::ZERO;
    cols.tail = [F::ZERO; 4];
    attack.rehash(&[]);
    // The memory bus does not balance either, since the boundary still expects the access.
    attack.refused_by(&[LENGTH, "memory"]);
}

#[test]
fn a_message_does_not_end_late() {
    // The byte after the message, which is in memory, is hashed as well. The length refuses that.
    let mut attack = Attack::new();
    let cols = attack.block(SHORT);
    set_end(cols, 50);
    cols.message[49] = cols.tail[1];
    cols.message[50] = F::ONE;
    attack.rehash(&[]).refused_by(&[LENGTH]);
}

#[test]
fn an_empty_block_does_not_hold_a_byte() {
    // The message ends with a full block, so the next block consists of padding. Here, it claims to contain four bytes.
    let mut attack = Attack::new();
    let cols = attack.block(ALIGNED + 1);
    set_end(cols, 4);
    cols.message[..5].copy_from_slice(&[F::ZERO, F::ZERO, F::ZERO, F::ZERO, F::ONE]);
    attack.rehash(&[]).refused_by(&[LENGTH, "memory"]);
}

#[test]
fn the_number_of_blocks_is_that_of_the_length() {
    // One block fewer: the first block claims to be the last one.
    let mut attack = Attack::new();
    let (last, row) = (*attack.block(LONG + 1), attack.block(LONG));
    (row.is_last, row.end, row.end_byte) = (F::ONE, last.end, last.end_byte);
    attack.refused_also_by(LENGTH);
    // One block more: the only block claims that another one follows, which is that of the next call.
    let mut attack = Attack::new();
    let row = attack.block(SHORT);
    (row.is_last, row.end, row.end_byte) = (F::ZERO, [F::ZERO; 34], [F::ZERO; 4]);
    let next = attack.block(SHORT + 1);
    (next.is_first, next.has_data) = (F::ZERO, F::ZERO);
    attack.refused_also_by(NEXT_LEFT);
    // The length decreases by less than a block.
    let mut attack = Attack::new();
    attack.block(LONG + 1).left[0] -= F::ONE;
    set_end(attack.block(LONG + 1), 63);
    attack.refused_also_by(NEXT_LEFT);
}

#[test]
fn the_end_is_one_place() {
    // Flags 1, −1 and 1 around the honest one: their sum and the position that they encode are still correct. The
    // constraints that flags are boolean refuse them.
    let mut attack = Attack::new();
    let end = &mut attack.block(SHORT).end;
    (end[11], end[12], end[13]) = (F::ONE, F::NEG_ONE, F::ONE);
    attack.refused_also_by("Keccak256: end");
    let mut attack = Attack::new();
    let end_byte = &mut attack.block(SHORT).end_byte;
    (end_byte[0], end_byte[1], end_byte[2]) = (F::ONE, F::NEG_ONE, F::ONE);
    attack.refused_also_by("Keccak256: end_byte");
}

#[test]
fn padding_is_a_one_zeros_and_a_one() {
    let guard = |cells: &str| format!("Keccak256: {cells}");
    // A byte after the first bit of the padding is not zero.
    let mut attack = Attack::new();
    attack.block(SHORT).message[100] = f(7);
    attack.rehash(&[]).refused_by(&[&guard("end end_byte message tail")]);
    // The first byte of the padding is another one, or zero.
    for first in [0x80, 0x06, 0] {
        let mut attack = Attack::new();
        attack.block(SHORT).message[49] = f(first);
        attack.rehash(&[]).refused_by(&[&guard("end end_byte message tail")]);
    }
    // The last bit is missing, or it is in another byte. The bitwise lookup refuses both, since the AIR itself adds the
    // last bit to the last byte of the block.
    for last in [None, Some(134)] {
        let honest = Some(RATE_BYTES - 1);
        let mut attack = Attack::new();
        attack.rehash_with(&[], |row| if row == SHORT { last } else { honest }).refused_by(&["bitwise"]);
    }
    // The first bit is missing where both bits are in one byte.
    let mut attack = Attack::new();
    attack.block(FULL).message[135] = F::ZERO;
    attack.rehash(&[]).refused_by(&[&guard("end end_byte message")]);
}

#[test]
fn bytes_of_the_message_are_those_in_memory() {
    // A byte that is not the one in memory.
    let mut attack = Attack::new();
    attack.block(SHORT).message[10] = F::ONE - attack.block(SHORT).message[10];
    attack.rehash(&[]);
    attack.refused_also_by("memory");
    // In the word in which the message ends, a byte is changed, and a byte after the message compensates for it, so
    // that the cell stays the same. The compensating value is not a byte.
    let mut attack = Attack::new();
    let cols = attack.block(SHORT);
    let changed = f(u(cols.tail[0]) ^ 1);
    let difference = changed - cols.tail[0];
    cols.tail[0] = changed;
    cols.tail[1] -= difference * f(256).inverse();
    cols.message[48] = changed;
    attack.rehash(&[]).refused_by(&["range"]);
}

#[test]
fn traces_have_whole_messages() {
    // The trace begins with the second block of a message, or ends with the first one. All messages are answered, so
    // that one constraint refuses each row.
    let airs = VmChipComplex::new(&HashVm::default()).unwrap().air_set(ProgramAir::without_table()).airs;
    let air = airs.into_iter().find(|air| air.name() == BLOCK_AIR).unwrap();
    let constraints = SymbolicAir::record(&*air).constraints.len();
    let trace = honest().trace(BLOCK_AIR, 0).unwrap().clone();
    for (row, constraint) in [(LONG + 1, constraints - 2), (LONG, constraints - 1)] {
        let row = RowMajorMatrix::new(trace.values[row * trace.width..][..trace.width].to_vec(), trace.width);
        let traces = ChipTraces { traces: vec![row], public_values: Vec::new() };
        let buses: Vec<_> = SYSTEM_BUSES.into_iter().chain([KECCAK_F_BUS]).collect();
        let tables: Vec<Box<dyn Chip>> = vec![Box::new(RangeTable::default()), Box::new(BitwiseTable::default())];
        let environment = MockEnvironment::new(air.clone(), traces, &buses, tables).unwrap();
        let report = environment.debug();
        assert!(report.imbalances.is_empty(), "{report}");
        assert_eq!(report.failures.iter().map(|failure| failure.constraint).collect::<Vec<_>>(), [constraint]);
        let rejection = environment.attempt::<Engine>().unwrap().expect_err("accepted");
        assert!(matches!(rejection, Rejection::Backend(VerifyError::Constraints { .. })), "{rejection}");
    }
}

#[test]
fn the_first_block_starts_from_zero() {
    let mut attack = Attack::new();
    attack.block(SHORT).state[5] = F::ONE;
    attack.rehash(&[SHORT]).refused_by(&["Keccak256: is_first state"]);
    let mut attack = Attack::new();
    attack.block(EMPTY).capacity[17] = F::ONE;
    attack.rehash(&[EMPTY]).refused_by(&["Keccak256: capacity is_first"]);
}

#[test]
fn each_other_block_starts_from_the_permutation_before() {
    let mut attack = Attack::new();
    attack.block(LONG + 1).capacity[3] += F::ONE;
    attack.rehash(&[LONG + 1]).refused_by(&[NEXT_CAPACITY]);
    // A byte of the rate is changed: among the bytes that may be written as digest, and after them.
    for (byte, guard) in [(0, "result"), (100, "result_rate")] {
        let mut attack = Attack::new();
        let cols = attack.block(LONG + 1);
        cols.state[byte] = f(u(cols.state[byte]) ^ 1);
        attack.rehash(&[LONG + 1]).refused_by(&[&format!("Keccak256: is_last is_valid {guard} state")]);
    }
    // A second block that starts from zero, like a first one.
    let mut attack = Attack::new();
    set_state(attack.block(LONG + 1), &[0; 25]);
    attack.rehash(&[LONG + 1]).refused_also_by(NEXT_CAPACITY);
}

#[test]
fn the_digest_is_the_result_of_the_last_block() {
    // Another digest.
    let mut attack = Attack::new();
    let cols = attack.block(SHORT);
    cols.result[7] = f(u(cols.result[7]) ^ 1);
    attack.overwrite(SHORT).refused_by(&["keccak_f"]);
    // A byte is 256 too large, and the next one compensates for it. The limb is the same, but the cells of the digest
    // are not 16-bit.
    let mut attack = Attack::new();
    let cols = attack.block(SHORT);
    cols.result[1] += f(256);
    cols.result[2] -= F::ONE;
    attack.overwrite(SHORT);
    attack.refused_by(&["range"]);
    // The first of two blocks also writes a digest: its flag claims that it is the last one.
    let mut attack = Attack::new();
    attack.block(LONG).is_last = F::ONE;
    attack.refused_also_by("Keccak256: end is_last");
    // The last block does not write.
    let mut attack = Attack::new();
    let cols = attack.block(BLOCKS - 1);
    (cols.is_last, cols.end, cols.end_byte) = (F::ZERO, [F::ZERO; 34], [F::ZERO; 4]);
    attack.refused_also_by("Keccak256: is_first is_last is_valid");
}

#[test]
fn blocks_do_not_exchange_their_permutations() {
    let mut attack = Attack::new();
    let (short, empty) = (*attack.block(SHORT), *attack.block(EMPTY));
    for (row, other) in [(SHORT, empty), (EMPTY, short)] {
        let cols = attack.block(row);
        (cols.result, cols.result_rate) = (other.result, other.result_rate);
        cols.result_capacity = other.result_capacity;
        attack.overwrite(row);
    }
    attack.refused_by(&["keccak_f"]);
}

#[test]
fn a_permutation_has_24_rounds() {
    let mut attack = Attack::new();
    let cols = attack.block(SHORT);
    let (time, absorbed) = (u(cols.from_state.timestamp), absorbed_by(cols));
    let state = |rounds: usize| (0..rounds).fold(absorbed, |state, round| Round::new(&state, round).after);
    // One round fewer: the last row is missing, and the result is the state before it.
    attack.test.row_mut(ROUND_AIR, 0, ROUNDS * SHORT + 23).unwrap().fill(F::ZERO);
    attack.set_result(SHORT, &state(23));
    attack.refused_by(&["keccak_f"]);
    // One round more, in a padding row, with the constant of the round before.
    let mut attack = Attack::new();
    fill_row(attack.round(BLOCKS, 0), time, 23, &state(24));
    attack.round(BLOCKS, 0).round = f(24);
    attack.set_result(SHORT, &Round::new(&state(24), 23).after);
    attack.refused_by(&["keccak_f"]);
}

#[test]
fn a_round_uses_its_own_constant() {
    // Round 5 of a block uses the constant of round 6, and everything after it is recomputed.
    let mut attack = Attack::new();
    let cols = *attack.block(SHORT);
    let time = u(cols.from_state.timestamp);
    let rehashed = |state: &State, order: &[usize]| order.iter().fold(*state, |s, &r| Round::new(&s, r).after);
    let absorbed = absorbed_by(&cols);
    let order: Vec<usize> = (0..ROUNDS).map(|round| if round == 5 { 6 } else { round }).collect();
    for round in 5..ROUNDS {
        fill_row(attack.round(SHORT, round), time, order[round], &rehashed(&absorbed, &order[..round]));
    }
    attack.round(SHORT, 5).round = f(5);
    let result = rehashed(&absorbed, &order);
    attack.set_result(SHORT, &result);
    attack.refused_by(&["keccak_f"]);
    // The bits that follow a round's bits are those of the sequence.
    let mut attack = Attack::new();
    let cols = attack.round(SHORT, 5);
    cols.rc[14] = F::ONE - cols.rc[14];
    attack.refused_by(&["KeccakRound: rc", "keccak_f"]);
}

#[test]
fn column_parities_are_those_of_the_state() {
    // A wrong parity, with a matching state after θ. Everything after it is recomputed.
    let mut attack = Attack::new();
    let round = 23;
    let cols = attack.round(SHORT, round);
    let flip = |cell: &mut F| *cell = F::ONE - *cell;
    flip(&mut cols.parities[2][9]);
    for y in 0..5 {
        flip(&mut cols.theta[3 + 5 * y][9]);
        flip(&mut cols.theta[1 + 5 * y][10]);
    }
    let theta: State = array::from_fn(|lane| (0..64).fold(0, |word, z| word | u64::from(u(cols.theta[lane][z])) << z));
    let after = rho_pi_chi_iota(&theta, round);
    let mut donor = Attack::new();
    let claimed = {
        set_state(donor.block(SHORT), &after);
        *donor.block(SHORT)
    };
    let limbs: Vec<F> = claimed.state.chunks(3).map(|bytes| recompose(bytes, 256)).chain(claimed.capacity).collect();
    let cols = attack.round(SHORT, round);
    cols.after.copy_from_slice(&limbs);
    for j in 0..7 {
        let z = (1 << j) - 1;
        cols.chi[j] = f((after[0] >> z & 1) as u32 ^ u(cols.rc[j]));
    }
    // The halves of the sums, which are integers only if the sums are even.
    let mut sums = [0; 320];
    for (column, sum) in sums.iter_mut().enumerate() {
        let (x, z) = (column / 64, column % 64);
        let bit = |cell: F| u(cell);
        let [a, b, c, d, e] = array::from_fn(|y| bit(cols.theta[x + 5 * y][z]));
        let effect = bit(cols.parities[(x + 4) % 5][z]) ^ bit(cols.parities[(x + 1) % 5][(z + 63) % 64]);
        *sum = (a ^ b ^ c) + (d ^ e ^ bit(cols.parities[x][z])) + effect;
    }
    for (chunk, cell) in cols.even.iter_mut().enumerate() {
        let digits: Vec<F> = sums[10 * chunk..10 * (chunk + 1)].iter().map(|sum| f(*sum)).collect();
        *cell = recompose(&digits, 4).halve();
    }
    attack.set_result(SHORT, &after);
    attack.refused_by(&["keccak_parity"]);
}

/// Computes the part of a round after θ.
fn rho_pi_chi_iota(theta: &State, round: usize) -> State {
    use vm_keccak256::permutation::{ROTATIONS, before_rho_pi, rc_bit};
    let moved: State = array::from_fn(|lane| {
        let (from, _) = before_rho_pi(lane % 5, lane / 5, 0);
        theta[from].rotate_left(ROTATIONS[from] as u32)
    });
    let mut after: State = array::from_fn(|lane| {
        let at = |i: usize| moved[lane - lane % 5 + (lane + i) % 5];
        moved[lane] ^ (!at(1) & at(2))
    });
    (0..7).for_each(|j| after[0] ^= u64::from(rc_bit(round, j)) << ((1 << j) - 1));
    after
}

#[test]
fn bits_of_the_state_are_bits() {
    // Two bits of a limb are replaced by −1 and 2, or 2 and −1, with the same sum.
    let mut attack = Attack::new();
    let cols = attack.round(SHORT, 3);
    cols.theta[0][0] += F::TWO;
    cols.theta[0][1] -= F::ONE;
    attack.refused_also_by("KeccakRound: theta");
    let mut attack = Attack::new();
    attack.round(SHORT, 3).parities[0][0] = F::TWO;
    attack.refused_also_by("KeccakRound: parities");
}

#[test]
fn time_goes_on_from_block_to_block() {
    // The second block has the timestamp of the first one.
    let mut attack = Attack::new();
    let time = attack.block(LONG).from_state.timestamp;
    attack.block(LONG + 1).from_state.timestamp = time;
    (0..ROUNDS).for_each(|round| attack.round(LONG + 1, round).time = time);
    attack.refused_also_by("Keccak256: from_state is_last is_valid");
}

#[test]
fn pointers_go_on_from_block_to_block() {
    // The second block's pointer is that of the first.
    let mut attack = Attack::new();
    let src = attack.block(LONG).src;
    attack.block(LONG + 1).src = [src[0] + src[1] * f(1 << 16), F::ZERO];
    attack.refused_also_by("Keccak256: is_last is_valid src");
    // The digest is written elsewhere than the first row claims.
    let mut attack = Attack::new();
    attack.block(LONG + 1).dst[0] += f(32);
    attack.refused_also_by("Keccak256: dst is_last is_valid");
    // The second block has another pc.
    let mut attack = Attack::new();
    attack.block(LONG + 1).from_state.pc += f(4);
    attack.refused_also_by("Keccak256: from_state is_last is_valid");
}

#[test]
fn pointers_are_integers_below_the_field() {
    // src + p is the same field element, but the registers would have to contain it.
    let mut attack = Attack::new();
    let cols = attack.block(SHORT);
    cols.src[0] += f(F::ORDER_U32 & 0xFFFF);
    cols.src[1] += f(F::ORDER_U32 >> 16);
    attack.refused_by(&["memory", "range"]);
    let mut attack = Attack::new();
    let cols = attack.block(SHORT);
    cols.dst[0] += f(F::ORDER_U32 & 0xFFFF);
    cols.dst[1] += f(F::ORDER_U32 >> 16);
    attack.refused_by(&["memory", "range"]);
    // The length is p bytes larger.
    let mut attack = Attack::new();
    let cols = attack.block(SHORT);
    cols.left[0] += f(F::ORDER_U32 & 0xFFFF);
    cols.left[1] += f(F::ORDER_U32 >> 16);
    attack.refused_by(&["memory", "range"]);
    // Only an empty message may have any pointer.
    let mut attack = Attack::new();
    attack.block(SHORT).has_data = F::ZERO;
    attack.refused_by(&["Keccak256: has_data is_first left"]);
}

#[test]
fn rows_without_instruction_do_nothing() {
    // A padding row writes a digest, continues the last row, or starts a call.
    for flag in 0..3 {
        let mut attack = Attack::new();
        let donor = *attack.block(EMPTY);
        let cols = attack.block(BLOCKS + 2);
        let guard = match flag {
            0 => {
                (cols.is_last, cols.end, cols.end_byte) = (F::ONE, donor.end, donor.end_byte);
                "Keccak256: is_last is_valid"
            }
            1 => {
                cols.is_valid = F::ONE;
                "Keccak256: is_first is_last is_valid"
            }
            _ => {
                cols.is_first = F::ONE;
                "Keccak256: is_first is_valid"
            }
        };
        attack.refused_also_by(guard);
    }
    // A round whose messages count twice.
    let mut attack = Attack::new();
    attack.round(SHORT, 0).is_valid = F::TWO;
    attack.refused_also_by("KeccakRound: is_valid");
}

#[test]
fn an_instruction_is_not_executed_twice() {
    // A copy of a whole call in a padding row, so that all of its messages occur twice.
    let mut attack = Attack::new();
    *attack.block(BLOCKS + 1) = *attack.block(SHORT);
    attack.refused_also_by("execution");
}
