//! AIR of the permutation: one round of Keccak-f\[1600\] (FIPS 202, section 3.2) per row, `Rnd(A) = ι(χ(π(ρ(θ(A)))))`.
//!
//! | columns | |
//! |---|---|
//! | `is_valid`, `time`, `round` | the round, and the block whose permutation it belongs to |
//! | `rc[15]` | bits of the round constants: 7 for this round, and on to the next round's first 8 |
//! | `before[64]`, `after[64]` | limbs of the state before and after the round, as on the bus |
//! | `parities[5][64]` | C: column parities of the state before the round (3.2.1) |
//! | `theta[25][64]` | bits of the state after θ |
//! | `even[32]` | halves of ten sums each, which prove that the parities are right |
//! | `chi[7]` | bits of lane 0 after χ to which ι adds the round constant |
//!
//! Only the state after θ is stored in bits. The state before the round is `θ ⊕ D`, where D is the sum of two parities;
//! the state after it is χ of the bits that ρ and π move. Both have degree 3, and limbs are sums of such bits. The
//! parities must be those of the state before the round, `C[x] = Σ_y before[x, y] = D[x] ⊕ Σ_y theta[x, y]`: a sum of
//! eight bits must be even. In three parts of degree 3, the sum is a digit from 0 to 3, and ten digits make a number
//! whose half is looked up in a table.

use std::array;
use std::borrow::{Borrow, BorrowMut};
use std::sync::{Arc, Mutex, PoisonError};

use vm_sdk::arch::{Chip, ChipTraces, ChipUsageGetter, GenerationError, TraceContext};
use vm_sdk::macros::AlignedBorrow;
use vm_sdk::p3::air::{Air, BaseAir, WindowAccess};
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::parallel::*;
use vm_sdk::primitives::{names_of, width_of};
use vm_sdk::stark::{AirRef, F, MachineAir, VmAirBuilder};

use crate::bus::{KECCAK_F_BUS, LIMBS, limb_bits, limbs, recompose};
use crate::parity::{PARITY_BASE, PARITY_BUS, PARITY_DIGITS};
use crate::permutation::{LANES, RC_BITS, RC_WINDOW, ROUNDS, Round, State, before_rho_pi, rc_bit};

/// Name of the AIR.
pub const ROUND_AIR: &str = "KeccakRound";

/// Number of parities of columns.
const COLUMNS: usize = 5 * 64;

/// Columns of [`RoundAir`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct RoundCols<T> {
    /// Selector of used rows; boolean.
    pub is_valid: T,
    /// Time of the block whose permutation this is; bound by the bus.
    pub time: T,
    /// Number of the round, from 0; bound by the bus.
    pub round: T,
    /// Sequence of round-constant bits; booleans. The first eight are bound by the bus; each of the others is the sum
    /// of four earlier ones.
    pub rc: [T; RC_BITS + RC_WINDOW],
    /// Limbs of A, the state before the round; bound by the bus.
    pub before: [T; LIMBS],
    /// Limbs of the state after the round; determined by χ and ι.
    pub after: [T; LIMBS],
    /// C: parities of columns; booleans, and determined by `even`.
    pub parities: [[T; 64]; 5],
    /// Bits of the state after θ; booleans, and determined by `before` and `parities`.
    pub theta: [[T; 64]; LANES],
    /// Halves of ten sums of bits each; determined by a constraint, and looked up.
    pub even: [T; COLUMNS / PARITY_DIGITS],
    /// Bits of lane 0 after χ; determined by a constraint.
    pub chi: [T; RC_BITS],
}

/// One round of the permutation per row.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoundAir;

impl BaseAir<F> for RoundAir {
    fn width(&self) -> usize {
        width_of::<RoundCols<u8>>()
    }
}

impl MachineAir for RoundAir {
    fn name(&self) -> String {
        ROUND_AIR.to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<RoundCols<u8>>()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![std::mem::offset_of!(RoundCols<u8>, is_valid)]
    }
}

/// Returns the bit of lane 0 that round-constant bit `j` is added to.
const fn rc_position(j: usize) -> usize {
    (1 << j) - 1
}

impl<AB: VmAirBuilder> Air<AB> for RoundAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let cols: &RoundCols<AB::Var> = main.current_slice().borrow();
        // Soundness: all constraints hold on padding rows, too; only messages depend on `is_valid`. Bits are boolean on
        // every row, so sums of them are integers.
        builder.assert_bool(cols.is_valid);
        let bits = cols.rc.iter().chain(cols.parities.as_flattened()).chain(cols.theta.as_flattened());
        bits.for_each(|bit| builder.assert_bool(*bit));

        // Round constants (FIPS 202, algorithm 5): rc(t) is the sum of four earlier bits modulo 2. Soundness: a sum of
        // five bits is even exactly if it is 0, 2 or 4, so each bit is the sum of the four.
        for t in RC_WINDOW..cols.rc.len() {
            let sum = cols.rc[t] + cols.rc[t - 2] + cols.rc[t - 3] + cols.rc[t - 4] + cols.rc[t - 8];
            let two = AB::Expr::TWO;
            builder.assert_zero(sum.clone() * (sum.clone() - two.clone()) * (sum - two.double()));
        }

        let parity = |x: usize, z: usize| -> AB::Expr { cols.parities[x % 5][z % 64].into() };
        let theta = |lane: usize, z: usize| -> AB::Expr { cols.theta[lane][z].into() };
        // D[x, z] = C[x − 1, z] ⊕ C[x + 1, z − 1].
        let effect: [[AB::Expr; 64]; 5] =
            array::from_fn(|x| array::from_fn(|z| parity(x + 4, z).xor(&parity(x + 1, z + 63))));

        // θ (algorithm 1): A′[x, y, z] = A[x, y, z] ⊕ D[x, z], hence A = A′ ⊕ D. Soundness: given the parities, the
        // limbs of the state before the round determine the state after θ.
        for (limb, cell) in cols.before.iter().enumerate() {
            let bits = limb_bits(limb).map(|bit| {
                let (lane, z) = (bit / 64, bit % 64);
                effect[lane % 5][z].xor(&theta(lane, z))
            });
            builder.assert_eq(*cell, recompose(2, bits));
        }
        // C[x, z] = A[x, 0, z] ⊕ … ⊕ A[x, 4, z]. Soundness: each digit is a sum of three bits, and twice a number with
        // digits 0 and 1 has digits 0 and 2. Both sides are integers below 4^10, so their digits agree: every digit is
        // even, and hence the sum of its eight bits. The five bits after θ add up to parity ⊕ effect (five times the
        // same effect is the effect).
        for (chunk, cell) in cols.even.iter().enumerate() {
            let digits = (PARITY_DIGITS * chunk..PARITY_DIGITS * (chunk + 1)).map(|column| {
                let (x, z) = (column / 64, column % 64);
                let [a, b, c, d, e] = array::from_fn(|y| theta(x + 5 * y, z));
                a.xor3(&b, &c) + d.xor3(&e, &parity(x, z)) + effect[x][z].clone()
            });
            builder.assert_eq(*cell * AB::Expr::TWO, recompose(PARITY_BASE, digits));
            PARITY_BUS.query(builder, [*cell], cols.is_valid);
        }

        // χ (algorithm 4) of the bits that ρ and π move: A′[x] = A[x] ⊕ (¬A[x + 1] ∧ A[x + 2]).
        let chi = |x: usize, y: usize, z: usize| {
            let [a, b, c] = array::from_fn(|i| {
                let (lane, z) = before_rho_pi((x + i) % 5, y, z);
                theta(lane, z)
            });
            b.andn(&c).xor(&a)
        };
        for (j, cell) in cols.chi.iter().enumerate() {
            builder.assert_eq(*cell, chi(0, 0, rc_position(j)));
        }
        // ι (algorithm 6): A′[0, 0] = A[0, 0] ⊕ RC.
        for (limb, cell) in cols.after.iter().enumerate() {
            let bits = limb_bits(limb).map(|bit| {
                let (lane, z) = (bit / 64, bit % 64);
                match (0..RC_BITS).find(|&j| lane == 0 && z == rc_position(j)) {
                    Some(j) => Into::<AB::Expr>::into(cols.chi[j]).xor(&cols.rc[j].into()),
                    None => chi(lane % 5, lane / 5, z),
                }
            });
            builder.assert_eq(*cell, recompose(2, bits));
        }

        let window = |from: usize| recompose(2, cols.rc[from..from + RC_WINDOW].iter().map(|bit| (*bit).into()));
        let message = |round: AB::Expr, window: AB::Expr, state: [AB::Var; LIMBS]| {
            [cols.time.into(), round, window].into_iter().chain(state.map(Into::into)).collect::<Vec<AB::Expr>>()
        };
        KECCAK_F_BUS.receive(builder, message(cols.round.into(), window(0), cols.before), cols.is_valid);
        KECCAK_F_BUS.send(builder, message(cols.round + AB::Expr::ONE, window(RC_BITS), cols.after), cols.is_valid);
    }
}

/// A permutation that a block needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Time of the block.
    pub time: u32,
    /// State before the permutation.
    pub state: State,
}

/// Requests of a run, shared between the chips of the blocks and of the rounds.
#[derive(Clone, Debug, Default)]
pub struct Requests(Arc<Mutex<Vec<Request>>>);

impl Requests {
    /// Adds a request.
    pub fn push(&self, request: Request) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    }

    /// Returns the number of requests.
    pub fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Returns whether there are no requests.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn take(&self) -> Vec<Request> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Chip of the rounds: fills [`ROUNDS`] rows per request.
#[derive(Clone, Debug)]
pub struct RoundChip {
    requests: Requests,
}

impl RoundChip {
    /// Creates a chip that fills the rows of `requests`.
    pub const fn new(requests: Requests) -> Self {
        Self { requests }
    }
}

impl ChipUsageGetter for RoundChip {
    fn air_name(&self) -> String {
        ROUND_AIR.to_owned()
    }
    fn current_trace_height(&self) -> usize {
        ROUNDS * self.requests.len()
    }
    fn trace_width(&self) -> usize {
        RoundAir.width()
    }
}

impl Chip for RoundChip {
    fn air(&self) -> AirRef {
        Arc::new(RoundAir)
    }

    fn generate_traces(&mut self, ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        let rounds: Vec<(u32, usize, State)> = self.requests.take().par_iter().flat_map_iter(rounds_of).collect();
        ChipTraces::fill(ctx, &self.air_name(), self.trace_width(), &rounds, |(time, round, state), row| {
            fill_row(row.borrow_mut(), *time, *round, state);
            Ok(())
        })
    }
}

/// Returns time, number and state before the round for each round of a permutation.
fn rounds_of(request: &Request) -> impl Iterator<Item = (u32, usize, State)> + use<> {
    let Request { time, mut state } = *request;
    (0..ROUNDS).map(move |round| {
        let before = state;
        state = Round::new(&before, round).after;
        (time, round, before)
    })
}

/// Fills the row of round `round` of the permutation of the block at `time`.
pub fn fill_row(cols: &mut RoundCols<F>, time: u32, round: usize, before: &State) {
    let Round { parities, theta, chi, after } = Round::new(before, round);
    let bit = |word: u64, z: usize| (word >> (z % 64)) as u32 & 1;
    cols.is_valid = F::ONE;
    cols.time = F::from_u32(time);
    cols.round = F::from_usize(round);
    cols.rc = array::from_fn(|j| F::from_u8(rc_bit(round, j)));
    cols.before = limbs(before);
    cols.after = limbs(&after);
    cols.parities = parities.map(|word| array::from_fn(|z| F::from_u32(bit(word, z))));
    cols.theta = theta.map(|word| array::from_fn(|z| F::from_u32(bit(word, z))));
    cols.even = array::from_fn(|chunk| {
        let digits = (PARITY_DIGITS * chunk..PARITY_DIGITS * (chunk + 1)).map(|column| {
            let (x, z) = (column / 64, column % 64);
            let [a, b, c, d, e] = array::from_fn(|y| bit(theta[x + 5 * y], z));
            let effect = bit(parities[(x + 4) % 5], z) ^ bit(parities[(x + 1) % 5], z + 63);
            ((a ^ b ^ c) + (d ^ e ^ bit(parities[x], z)) + effect) / 2
        });
        F::from_u32(digits.rev().fold(0, |number, digit| number * PARITY_BASE + digit))
    });
    cols.chi = array::from_fn(|j| F::from_u32(bit(chi[0], rc_position(j))));
}
