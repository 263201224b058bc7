//! Numbers on the host.

use ruint::Uint;

/// A number of up to 384 bits.
pub type Number = Uint<384, 6>;

/// Returns the number that words are, lowest first: at most 12.
pub fn number(words: &[u32]) -> Number {
    let mut limbs = [0; 6];
    for (i, word) in words.iter().enumerate() {
        limbs[i / 2] |= u64::from(*word) << (32 * (i % 2));
    }
    Number::from_limbs(limbs)
}

/// Returns the lowest words of a number: at most 12, lowest first.
pub fn words<const N: usize>(number: Number) -> [u32; N] {
    let limbs = number.as_limbs();
    std::array::from_fn(|i| (limbs[i / 2] >> (32 * (i % 2))) as u32)
}

/// Returns the number that a text is: decimal, or hexadecimal after `0x`. `None` if it is none.
pub fn parse(text: &str) -> Option<Number> {
    let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |digits| (digits, 16));
    Number::from_str_radix(digits, radix).ok().filter(|_| !digits.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_lowest_ones() {
        let all: [u32; 12] = std::array::from_fn(|i| 0x0101_0101 * i as u32 + 7);
        assert_eq!(words::<12>(number(&all)), all);
        assert_eq!(words::<8>(number(&all)), all[..8]);
        assert_eq!(number(&[5, 1]), Number::from((1u64 << 32) + 5));
    }
}
