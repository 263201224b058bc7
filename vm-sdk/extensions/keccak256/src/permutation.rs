//! The permutation Keccak-f\[1600\] and the sponge's padding, on the host (FIPS 202, sections 3 and 5.1).
//!
//! A state is 25 lanes of 64 bits; lane `x + 5·y` is the specification's lane (x, y), and bit `z` of a lane its bit z.

/// Rounds of the permutation.
pub const ROUNDS: usize = 24;
/// Bytes that a block absorbs.
pub const RATE_BYTES: usize = 136;
/// Bytes of the digest.
pub const DIGEST_BYTES: usize = 32;
/// Lanes of the state.
pub const LANES: usize = 25;
/// Round-constant bits that a round uses; bit `j` goes to bit `2^j − 1` of lane 0.
pub const RC_BITS: usize = 7;
/// Round-constant bits that identify a round: as many as the register that makes them has.
pub const RC_WINDOW: usize = 8;

/// A state, by lane.
pub type State = [u64; LANES];

/// Rotations of ρ by lane: the triangular numbers along the specification's walk over the lanes.
pub const ROTATIONS: [usize; LANES] = {
    let mut rotations = [0; LANES];
    let (mut x, mut y, mut t) = (1, 0, 0);
    while t < 24 {
        rotations[x + 5 * y] = (t + 1) * (t + 2) / 2 % 64;
        (x, y, t) = (y, (2 * x + 3 * y) % 5, t + 1);
    }
    rotations
};

/// The bits rc(t) of all rounds, and the window behind the last one. The register's polynomial
/// `x^8 + x^6 + x^5 + x^4 + 1` makes each bit the sum of four earlier ones.
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

/// Bit `j` of the sequence that starts at a round: the round uses the first [`RC_BITS`].
pub const fn rc_bit(round: usize, j: usize) -> u8 {
    RC_SEQUENCE[RC_BITS * round + j]
}

/// The first [`RC_WINDOW`] bits of a round's sequence as a number, for rounds up to [`ROUNDS`].
pub const fn rc_window(round: usize) -> u32 {
    let (mut window, mut j) = (0, 0);
    while j < RC_WINDOW {
        window |= (rc_bit(round, j) as u32) << j;
        j += 1;
    }
    window
}

/// The lane and the bit of the state behind θ that ρ and π move to bit `z` of lane (x, y).
pub const fn before_rho_pi(x: usize, y: usize, z: usize) -> (usize, usize) {
    let lane = (x + 3 * y) % 5 + 5 * x;
    (lane, (z + 64 - ROTATIONS[lane]) % 64)
}

/// What a round computes on its way.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// Parities of the columns of the state before the round.
    pub parities: [u64; 5],
    /// The state behind θ.
    pub theta: State,
    /// The state behind χ.
    pub chi: State,
    /// The state behind the round.
    pub after: State,
}

impl Round {
    /// Computes a round.
    pub fn new(before: &State, round: usize) -> Self {
        let parities: [u64; 5] = std::array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ before[x + 5 * y]));
        let theta: State = std::array::from_fn(|lane| {
            let x = lane % 5;
            before[lane] ^ parities[(x + 4) % 5] ^ parities[(x + 1) % 5].rotate_left(1)
        });
        let moved: State = std::array::from_fn(|lane| {
            let (from, _) = before_rho_pi(lane % 5, lane / 5, 0);
            theta[from].rotate_left(ROTATIONS[from] as u32)
        });
        let chi: State = std::array::from_fn(|lane| {
            let row = lane - lane % 5;
            let neighbour = |i: usize| moved[row + (lane + i) % 5];
            moved[lane] ^ (!neighbour(1) & neighbour(2))
        });
        let mut after = chi;
        after[0] ^= (0..RC_BITS).fold(0, |constant, j| constant | u64::from(rc_bit(round, j)) << ((1 << j) - 1));
        Self { parities, theta, chi, after }
    }
}

/// The permutation.
pub fn permute(state: &State) -> State {
    (0..ROUNDS).fold(*state, |state, round| Round::new(&state, round).after)
}

/// The state after a block was added to it.
pub fn absorb(state: &State, block: &[u8; RATE_BYTES]) -> State {
    let mut absorbed = *state;
    for (lane, bytes) in absorbed.iter_mut().zip(block.chunks_exact(8)) {
        *lane ^= bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    }
    absorbed
}

/// Bytes of the state, in order.
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
