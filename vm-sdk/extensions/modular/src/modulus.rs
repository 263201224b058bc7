//! Moduli, and arithmetic with them on the host.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::number::{Number, parse, words};

/// Numbers of bits that a modulus can have, with the number of words that its numbers take in memory.
///
/// Soundness: the relations of the circuits have quotients with one byte more than the modulus. The quotients of all
/// operands fit, since they are below 2^8 · 2^(32·words) if the modulus has at most three bits fewer than its words.
const SIZES: [(std::ops::RangeInclusive<usize>, usize); 2] = [(253..=256, 8), (381..=384, 12)];

/// An odd modulus of 253 to 256 bits, whose numbers take 8 words, or of 381 to 384 bits, whose numbers take 12.
///
/// Nothing checks that it is prime. Addition, subtraction, multiplication and comparison do not need that. Only numbers
/// that have an inverse can be divided by, and square roots need a prime.
///
/// As text, a modulus is a decimal number, or a hexadecimal one that starts with `0x`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Modulus(Number);

/// Reason for which a number is not a [`Modulus`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ModulusError {
    /// The text is not a number.
    #[error("`{0}` is not a modulus: expected a decimal number, or a hexadecimal one that starts with `0x`")]
    Text(String),
    /// The number has a size for which there are no circuits.
    #[error("a modulus has 253 to 256 or 381 to 384 bits, but {modulus} has {bits}")]
    Size {
        /// The number.
        modulus: String,
        /// Its number of bits.
        bits: usize,
    },
    /// The number is even.
    #[error("a modulus is odd, but {0} is even")]
    Even(String),
}

impl Modulus {
    /// Checks a modulus.
    ///
    /// # Errors
    /// - [`ModulusError::Size`] if it has another number of bits than 253 to 256 or 381 to 384.
    /// - [`ModulusError::Even`] if it is even.
    pub fn new(modulus: Number) -> Result<Self, ModulusError> {
        if !SIZES.iter().any(|(sizes, _)| sizes.contains(&modulus.bit_len())) {
            return Err(ModulusError::Size { modulus: modulus.to_string(), bits: modulus.bit_len() });
        }
        if !modulus.bit(0) {
            return Err(ModulusError::Even(modulus.to_string()));
        }
        Ok(Self(modulus))
    }

    /// Returns the number.
    pub const fn value(self) -> Number {
        self.0
    }

    /// Returns the number of words that a number takes in memory: 8 or 12.
    pub fn num_words(self) -> usize {
        if self.0.bit_len() <= 256 { 8 } else { 12 }
    }

    /// Returns the lowest words, lowest first.
    pub fn words<const N: usize>(self) -> [u32; N] {
        words(self.0)
    }

    /// Returns `x + y` modulo the modulus. The operands need not be reduced.
    pub fn add(self, x: Number, y: Number) -> Number {
        x.add_mod(y, self.0)
    }

    /// Returns `x − y` modulo the modulus. The operands need not be reduced.
    pub fn sub(self, x: Number, y: Number) -> Number {
        x.add_mod(self.0 - y.reduce_mod(self.0), self.0)
    }

    /// Returns `x · y` modulo the modulus. The operands need not be reduced.
    pub fn mul(self, x: Number, y: Number) -> Number {
        x.mul_mod(y, self.0)
    }

    /// Returns the inverse of `x` modulo the modulus, if it has one.
    pub fn inverse(self, x: Number) -> Option<Number> {
        x.reduce_mod(self.0).inv_mod(self.0)
    }

    /// Returns the smallest number that is not a square modulo the modulus, which is a prime.
    ///
    /// Soundness: it is a hint, so nothing depends on it; if the modulus is not prime, it is some number.
    pub fn non_residue(self) -> Number {
        let candidates = (2u64..1 << 10).map(Number::from);
        candidates.into_iter().find(|candidate| !self.is_square(*candidate)).unwrap_or(Number::ZERO)
    }

    /// Returns whether `x` is a square modulo the modulus, which is a prime: Euler's criterion.
    fn is_square(self, x: Number) -> bool {
        x.reduce_mod(self.0).is_zero() || x.pow_mod((self.0 - Number::ONE) >> 1, self.0) == Number::ONE
    }

    /// Returns a square root of `x` modulo the modulus, which is a prime, if there is one. Tonelli and Shanks (Cohen, "A
    /// Course in Computational Algebraic Number Theory", algorithm 1.5.1).
    pub fn square_root(self, x: Number) -> Option<Number> {
        let x = x.reduce_mod(self.0);
        // p − 1 = odd·2^twos
        let twos = (self.0 - Number::ONE).trailing_zeros();
        let odd = (self.0 - Number::ONE) >> twos;
        let mut generator = self.non_residue().pow_mod(odd, self.0);
        let (mut root, mut rest) = (x.pow_mod((odd + Number::ONE) >> 1, self.0), x.pow_mod(odd, self.0));
        // root² = x·rest, and the order of `rest` is a power of two below 2^order, the order of `generator`.
        let mut order = twos;
        while rest > Number::ONE {
            let mut square = rest;
            let smaller = (1..order).find(|_| {
                square = self.mul(square, square);
                square == Number::ONE
            })?;
            for _ in 0..order - smaller - 1 {
                generator = self.mul(generator, generator);
            }
            root = self.mul(root, generator);
            generator = self.mul(generator, generator);
            rest = self.mul(rest, generator);
            order = smaller;
        }
        (self.mul(root, root) == x).then_some(root)
    }
}

impl FromStr for Modulus {
    type Err = ModulusError;

    fn from_str(text: &str) -> Result<Self, ModulusError> {
        Self::new(parse(text).ok_or_else(|| ModulusError::Text(text.to_owned()))?)
    }
}

impl TryFrom<String> for Modulus {
    type Error = ModulusError;

    fn try_from(text: String) -> Result<Self, ModulusError> {
        text.parse()
    }
}

impl From<Modulus> for String {
    fn from(modulus: Modulus) -> Self {
        modulus.to_string()
    }
}

impl fmt::Display for Modulus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl fmt::Debug for Modulus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
