//! The permutation Keccak-f\[1600\] and the sponge's padding on the host (FIPS 202, sections 3 and 5.1).
//!
//! A state has 25 lanes of 64 bits. Lane `x + 5·y` is the specification's lane (x, y), and bit `z` of a lane is its bit
//! z.

/// Rounds of the permutation.
pub const ROUNDS: usize = 24;
/// Bytes that a block absorbs.
pub const RATE_BYTES: usize = 136;
/// Bytes of the digest.
pub const DIGEST_BYTES: usize = 32;
/// Lanes of the state.
pub const LANES: usize = 25;
/// Round-constant bits that a round uses; bit `j` is added to bit `2^j − 1` of lane 0.
pub const RC_BITS: usize = 7;
/// Round-constant bits that identify a round: as many as the shift register that generates them has.
pub const RC_WINDOW: usize = 8;

/// A state: its lanes.
pub type State = [u64; LANES];

/// Offsets of ρ per lane (algorithm 2): the triangular numbers along the specification's walk over the lanes.
pub const ROTATIONS: [usize; LANES] = {
    let mut rotations = [0; LANES];
    let (mut x, mut y, mut t) = (1, 0, 0);
    while t < 24 {
        rotations[x + 5 * y] = (t + 1) * (t + 2) / 2 % 64;
        (x, y, t) = (y, (2 * x + 3 * y) % 5, t + 1);
    }
    rotations
};

/// The bits rc(t) of all rounds (algorithm 5), and the window after the last one. The polynomial of the shift register,
/// `x^8 + x^6 + x^5 + x^4 + 1`, makes each bit the sum of four earlier ones.
const RC_SEQUENCE: [u8; RC_BITS * ROUNDS + RC_WINDOW] = {
    let mut bits = [0; RC_BITS * ROUNDS + RC_WINDOW];
    bits[0] = 1;
    let mut t = RC_WINDOW;
    while t < bits.len() {
        bits[t] = bits[t - 2] ^ bits[t - 3] ^ bits[t - 4] ^ bits[t - 8];
        t += 1;
    }
    bits
};

/// Returns bit `j` of the sequence that starts at a round; the round uses the first [`RC_BITS`].
pub const fn rc_bit(round: usize, j: usize) -> u8 {
    RC_SEQUENCE[RC_BITS * round + j]
}

/// Returns the first [`RC_WINDOW`] bits of a round's sequence as a number, for rounds up to [`ROUNDS`].
pub const fn rc_window(round: usize) -> u32 {
    let (mut window, mut j) = (0, 0);
    while j < RC_WINDOW {
        window |= (rc_bit(round, j) as u32) << j;
        j += 1;
    }
    window
}

/// Returns the lane and the bit of the state after θ that ρ and π (algorithms 2 and 3) move to bit `z` of lane (x, y).
pub const fn before_rho_pi(x: usize, y: usize, z: usize) -> (usize, usize) {
    let lane = (x + 3 * y) % 5 + 5 * x;
    (lane, (z + 64 - ROTATIONS[lane]) % 64)
}

/// Intermediate values of a round.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// C: parities of the columns of the state before the round.
    pub parities: [u64; 5],
    /// State after θ.
    pub theta: State,
    /// State after χ.
    pub chi: State,
    /// State after the round.
    pub after: State,
}

impl Round {
    /// Computes round `round` of the permutation.
    pub fn new(before: &State, round: usize) -> Self {
        // θ: C[x] = A[x, 0] ⊕ … ⊕ A[x, 4], D[x, z] = C[x − 1, z] ⊕ C[x + 1, z − 1].
        let parities: [u64; 5] = std::array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ before[x + 5 * y]));
        let theta: State = std::array::from_fn(|lane| {
            let x = lane % 5;
            before[lane] ^ parities[(x + 4) % 5] ^ parities[(x + 1) % 5].rotate_left(1)
        });
        // ρ and π.
        let moved: State = std::array::from_fn(|lane| {
            let (from, _) = before_rho_pi(lane % 5, lane / 5, 0);
            theta[from].rotate_left(ROTATIONS[from] as u32)
        });
        // χ: A′[x] = A[x] ⊕ (¬A[x + 1] ∧ A[x + 2]).
        let chi: State = std::array::from_fn(|lane| {
            let row = lane - lane % 5;
            let neighbour = |i: usize| moved[row + (lane + i) % 5];
            moved[lane] ^ (!neighbour(1) & neighbour(2))
        });
        // ι: A′[0, 0] = A[0, 0] ⊕ RC.
        let mut after = chi;
        after[0] ^= (0..RC_BITS).fold(0, |constant, j| constant | u64::from(rc_bit(round, j)) << ((1 << j) - 1));
        Self { parities, theta, chi, after }
    }
}

/// Returns the permutation of a state.
pub fn permute(state: &State) -> State {
    (0..ROUNDS).fold(*state, |state, round| Round::new(&state, round).after)
}

/// Returns the state after a block is added to it.
pub fn absorb(state: &State, block: &[u8; RATE_BYTES]) -> State {
    let mut absorbed = *state;
    for (lane, bytes) in absorbed.iter_mut().zip(block.chunks_exact(8)) {
        *lane ^= bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    }
    absorbed
}

/// Returns the bytes of the state in order.
pub fn bytes(state: &State) -> impl Iterator<Item = u8> + '_ {
    state.iter().flat_map(|lane| lane.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_permutation_of_zero_is_the_published_one() {
        let state = permute(&[0; LANES]);
        assert_eq!(state[..3], [0xF125_8F79_40E1_DDE7, 0x84D5_CCF9_33C0_478A, 0xD598_261E_A65A_A9EE]);
        assert_eq!(state[24], 0xEAF1_FF7B_5CEC_A249);
    }

    #[test]
    fn windows_of_round_constants_differ() {
        let mut windows: Vec<u32> = (0..=ROUNDS).map(rc_window).collect();
        assert_eq!(windows[0], 1);
        windows.sort_unstable();
        windows.dedup();
        assert_eq!(windows.len(), ROUNDS + 1);
    }
}
