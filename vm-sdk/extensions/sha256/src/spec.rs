//! SHA-256 on the host: the functions of FIPS 180-4, and the padding in terms of the machine's words. Numbers in
//! parentheses are its sections and equations.

/// Bytes of a block.
pub const BLOCK_BYTES: u32 = 64;
/// Words of a block.
pub const BLOCK_WORDS: usize = 16;
/// Words of a chaining value.
pub const STATE_WORDS: usize = 8;
/// Rounds of the compression function.
pub const ROUNDS: usize = 64;
/// Upper bound on the length of messages, which are shorter. The length in bits then has 32 bits, and main memory is no
/// larger.
pub const MAX_MESSAGE_BYTES: u32 = 1 << 29;

/// Eight words H0 … H7.
pub type State = [u32; STATE_WORDS];
/// A block as in the machine's memory: little-endian words of the message's bytes.
pub type Block = [u32; BLOCK_WORDS];

/// Initial chaining value (5.3.3).
pub const INITIAL_STATE: State =
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

/// Round constants (4.2.2).
pub const ROUND_CONSTANTS: [u32; ROUNDS] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
];

/// Σ0, Σ1, σ0 or σ1: the exclusive or of two rotations to the right and a third rotation or shift.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sigma {
    pub(crate) rotations: [usize; 2],
    pub(crate) third: usize,
    pub(crate) third_is_shift: bool,
}

impl Sigma {
    const fn new(rotations: [usize; 2], third: usize, third_is_shift: bool) -> Self {
        Self { rotations, third, third_is_shift }
    }

    pub(crate) const fn apply(self, x: u32) -> u32 {
        let [r0, r1] = self.rotations;
        let third = if self.third_is_shift { x >> self.third } else { x.rotate_right(self.third as u32) };
        x.rotate_right(r0 as u32) ^ x.rotate_right(r1 as u32) ^ third
    }
}

/// Σ0(x) = ROTR^2(x) ⊕ ROTR^13(x) ⊕ ROTR^22(x) (4.4).
pub(crate) const BIG_SIGMA0: Sigma = Sigma::new([2, 13], 22, false);
/// Σ1(x) = ROTR^6(x) ⊕ ROTR^11(x) ⊕ ROTR^25(x) (4.5).
pub(crate) const BIG_SIGMA1: Sigma = Sigma::new([6, 11], 25, false);
/// σ0(x) = ROTR^7(x) ⊕ ROTR^18(x) ⊕ SHR^3(x) (4.6).
pub(crate) const SMALL_SIGMA0: Sigma = Sigma::new([7, 18], 3, true);
/// σ1(x) = ROTR^17(x) ⊕ ROTR^19(x) ⊕ SHR^10(x) (4.7).
pub(crate) const SMALL_SIGMA1: Sigma = Sigma::new([17, 19], 10, true);

/// Ch(e, f, g) = (e ∧ f) ⊕ (¬e ∧ g) (4.2).
pub(crate) const fn choose(e: u32, f: u32, g: u32) -> u32 {
    (e & f) ^ (!e & g)
}

/// Maj(a, b, c) = (a ∧ b) ⊕ (a ∧ c) ⊕ (b ∧ c) (4.3).
pub(crate) const fn majority(a: u32, b: u32, c: u32) -> u32 {
    (a & b) ^ (a & c) ^ (b & c)
}

/// Returns the message schedule W of a block (6.2.2, step 1).
pub(crate) fn schedule(block: &Block) -> [u32; ROUNDS] {
    let mut w = [0u32; ROUNDS];
    for (word, memory) in w.iter_mut().zip(block) {
        *word = memory.swap_bytes();
    }
    for t in BLOCK_WORDS..ROUNDS {
        // W[t] = σ1(W[t − 2]) + W[t − 7] + σ0(W[t − 15]) + W[t − 16].
        let (s1, s0) = (SMALL_SIGMA1.apply(w[t - 2]), SMALL_SIGMA0.apply(w[t - 15]));
        w[t] = s1.wrapping_add(w[t - 7]).wrapping_add(s0).wrapping_add(w[t - 16]);
    }
    w
}

/// Returns the working variables `a` and `e` after every round, before the final addition (6.2.2, steps 2 and 3).
pub(crate) fn rounds(state: &State, w: &[u32; ROUNDS]) -> [[u32; 2]; ROUNDS] {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    std::array::from_fn(|t| {
        // T1 = h + Σ1(e) + Ch(e, f, g) + K[t] + W[t], T2 = Σ0(a) + Maj(a, b, c).
        let t1 = h
            .wrapping_add(BIG_SIGMA1.apply(e))
            .wrapping_add(choose(e, f, g))
            .wrapping_add(ROUND_CONSTANTS[t])
            .wrapping_add(w[t]);
        let t2 = BIG_SIGMA0.apply(a).wrapping_add(majority(a, b, c));
        (h, g, f, e) = (g, f, e, d.wrapping_add(t1));
        (d, c, b, a) = (c, b, a, t1.wrapping_add(t2));
        [a, e]
    })
}

/// Returns the chaining value after a block: the compression function (6.2.2).
pub fn compress(state: &State, block: &Block) -> State {
    let behind = rounds(state, &schedule(block));
    // a and e of the last four rounds, newest first, are (a, b, c, d) and (e, f, g, h).
    std::array::from_fn(|i| state[i].wrapping_add(behind[ROUNDS - 1 - i % 4][i / 4]))
}

/// Returns the number of blocks of a padded message (5.1.1): its bytes, a byte 0x80, zeros and eight bytes of length.
pub const fn blocks(len: u32) -> usize {
    (len as usize + 8) / BLOCK_BYTES as usize + 1
}

/// Returns the number of message bytes in block `index`.
pub const fn message_bytes(len: u32, index: usize) -> usize {
    let rest = (len as usize).saturating_sub(index * BLOCK_BYTES as usize);
    if rest < BLOCK_BYTES as usize { rest } else { BLOCK_BYTES as usize }
}

/// Returns block `index` of the padded message of `len` bytes, from the words of memory that contain its message bytes.
/// What these words contain after the end of the message does not matter.
pub fn padded_block(len: u32, index: usize, data: &Block) -> Block {
    let here = message_bytes(len, index);
    let mut bytes = [0u8; BLOCK_BYTES as usize];
    for (to, word) in bytes.chunks_exact_mut(4).zip(data) {
        to.copy_from_slice(&word.to_le_bytes());
    }
    bytes[here..].fill(0);
    // The block in which the message ends. A block that the message fills is followed by one that starts with 0x80.
    if len as usize / BLOCK_BYTES as usize == index {
        bytes[here] = 0x80;
    }
    if index + 1 == blocks(len) {
        bytes[56..].copy_from_slice(&(8 * u64::from(len)).to_be_bytes());
    }
    std::array::from_fn(|j| u32::from_le_bytes([bytes[4 * j], bytes[4 * j + 1], bytes[4 * j + 2], bytes[4 * j + 3]]))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn digests_are_those_of_the_reference_implementation() {
        for len in 0..300u32 {
            let message: Vec<u8> = (0..len).map(|i| (i * 37 + len) as u8).collect();
            let mut state = INITIAL_STATE;
            for index in 0..blocks(len) {
                // Junk after the end.
                let byte = |i: usize| message.get(64 * index + i).copied().unwrap_or(0xA5);
                let data = std::array::from_fn(|j| u32::from_le_bytes(std::array::from_fn(|i| byte(4 * j + i))));
                state = compress(&state, &padded_block(len, index, &data));
            }
            let digest: Vec<u8> = state.iter().flat_map(|word| word.to_be_bytes()).collect();
            assert_eq!(digest, Sha256::digest(&message).to_vec(), "{len} bytes");
        }
    }
}
