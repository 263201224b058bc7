//! Numbers of 256 bits as words, lowest first: arithmetic on the host, and samples for the generated tests.

use vm_sdk::arch::authoring::Samples;

/// A number of 256 bits: words, lowest first.
pub(crate) type Number = [u32; 8];

/// Returns `x + y + carry` modulo 2^256.
fn add_with_carry(x: Number, y: Number, mut carry: u64) -> Number {
    std::array::from_fn(|i| {
        let sum = u64::from(x[i]) + u64::from(y[i]) + carry;
        carry = sum >> 32;
        sum as u32
    })
}

/// Returns `x + y` modulo 2^256.
pub(crate) fn add(x: Number, y: Number) -> Number {
    add_with_carry(x, y, 0)
}

/// Returns `x − y` modulo 2^256.
pub(crate) fn sub(x: Number, y: Number) -> Number {
    add_with_carry(x, y.map(|word| !word), 1)
}

/// Returns `x·y` modulo 2^256.
pub(crate) fn mul(x: Number, y: Number) -> Number {
    let mut product = [0; 8];
    for (i, x) in x.into_iter().enumerate() {
        let mut carry = 0;
        for (word, y) in product[i..].iter_mut().zip(y) {
            let sum = u64::from(x) * u64::from(y) + u64::from(*word) + carry;
            *word = sum as u32;
            carry = sum >> 32;
        }
    }
    product
}

/// Returns the word at bit `32·words + bits` of a number, with `fill` above it. `bits` is below 32.
fn word_at(x: &Number, words: usize, bits: u32, fill: u32) -> u32 {
    let word = |i: usize| u64::from(x.get(i).copied().unwrap_or(fill));
    ((word(words) | word(words + 1) << 32) >> bits) as u32
}

/// Returns `x·2^amount` modulo 2^256.
pub(crate) fn shift_left(x: Number, amount: u8) -> Number {
    // The number above 256 zeros, shifted right.
    let amount = 256 - u32::from(amount);
    let (words, bits) = ((amount / 32) as usize, amount % 32);
    let word = |i: usize| u64::from(i.checked_sub(8).and_then(|i| x.get(i)).copied().unwrap_or(0));
    std::array::from_fn(|i| ((word(words + i) | word(words + i + 1) << 32) >> bits) as u32)
}

/// Returns `x` shifted right; `fill` enters from above.
pub(crate) fn shift_right(x: Number, amount: u8, fill: u32) -> Number {
    std::array::from_fn(|i| word_at(&x, usize::from(amount / 32) + i, u32::from(amount % 32), fill))
}

/// Returns whether `x < y`.
pub(crate) fn is_less(x: Number, y: Number) -> bool {
    x.iter().rev().lt(y.iter().rev())
}

/// Returns whether a number is negative in two's complement.
pub(crate) const fn is_negative(x: Number) -> bool {
    x[7] >> 31 == 1
}

/// Returns the sixteen 16-bit cells of a number, lowest first.
pub(crate) fn cells(x: Number) -> [u32; 16] {
    std::array::from_fn(|i| x[i / 2] >> (16 * (i % 2)) & 0xFFFF)
}

/// Returns a random number, often zero, 2^256 − 1, a power of two or a number below one, or one of few cells.
pub(crate) fn sample(samples: &mut Samples) -> Number {
    let power = shift_left([1, 0, 0, 0, 0, 0, 0, 0], samples.below(256) as u8);
    match samples.below(8) {
        0 => [0; 8],
        1 => [u32::MAX; 8],
        2 => power,
        3 => sub(power, [1, 0, 0, 0, 0, 0, 0, 0]),
        // Negative, and the lower words are zero.
        4 => sub([0; 8], power),
        5 => std::array::from_fn(|_| samples.word() & 0xFFFF_0000),
        _ => std::array::from_fn(|_| samples.word()),
    }
}

/// Returns two random numbers, often equal ones, ones that differ in one cell, or ones whose sum is 2^256 or one less.
pub(crate) fn sample_pair(samples: &mut Samples) -> [Number; 2] {
    let x = sample(samples);
    let y = match samples.below(8) {
        0 | 1 => x,
        2..5 => {
            let mut y = x;
            y[samples.below(8) as usize] ^= 1 << samples.below(32);
            y
        }
        5 => x.map(|word| !word),
        // A carry out of every cell above the lowest one that is not zero.
        6 => sub([0; 8], x),
        _ => sample(samples),
    };
    [x, y]
}
