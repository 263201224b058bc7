//! Elements of Fp12.

use core::fmt;
use core::ops::{Mul, MulAssign};

use vm_fp2::Complex;

use crate::curve::{Family, Pairing};

/// An element `c₀ + c₁·w + … + c₅·w⁵` of Fp12, with w⁶ = ξ.
#[repr(C)]
pub struct Fp12<P: Pairing<WORDS>, const WORDS: usize> {
    /// Coefficients, that of 1 first.
    pub coefficients: [Complex<P::Field2, WORDS>; 6],
}

impl<P: Pairing<WORDS>, const WORDS: usize> Fp12<P, WORDS> {
    /// 1.
    pub const ONE: Self = {
        let mut coefficients = [Complex::ZERO; 6];
        coefficients[0] = Complex::ONE;
        Self { coefficients }
    };

    /// Returns the square.
    #[must_use]
    pub fn square(&self) -> Self {
        let c = &self.coefficients;
        let mut term = Complex::ZERO;
        Self::reduced(|power, sum| {
            let first = power.saturating_sub(5);
            for i in first..power.div_ceil(2) {
                // Products of different coefficients occur twice.
                if i == first {
                    sum.set_product(&c[i], &c[power - i]);
                } else {
                    term.set_product(&c[i], &c[power - i]);
                    *sum += &term;
                }
            }
            let middle = &c[power / 2];
            if power % 2 == 1 {
                sum.double();
            } else if first < power / 2 {
                sum.double();
                term.set_product(middle, middle);
                *sum += &term;
            } else {
                sum.set_product(middle, middle);
            }
        })
    }

    /// Returns the product of two elements.
    fn product(&self, other: &Self) -> Self {
        let (x, y) = (&self.coefficients, &other.coefficients);
        let mut term = Complex::ZERO;
        Self::reduced(|power, sum| {
            let first = power.saturating_sub(5);
            sum.set_product(&x[first], &y[power - first]);
            for i in first + 1..=power.min(5) {
                term.set_product(&x[i], &y[power - i]);
                *sum += &term;
            }
        })
    }

    /// Returns the element with given coefficients of powers of w up to w¹⁰: the function sets that of a power.
    #[inline(always)]
    fn reduced(mut coefficient: impl FnMut(usize, &mut Complex<P::Field2, WORDS>)) -> Self {
        let (mut coefficients, mut high) = ([Complex::ZERO; 6], Complex::ZERO);
        for (power, sum) in coefficients.iter_mut().enumerate() {
            coefficient(power, sum);
            if power < 5 {
                coefficient(power + 6, &mut high);
                high *= const { &P::XI };
                *sum += &high;
            }
        }
        Self { coefficients }
    }

    /// Returns the power with p⁶ as exponent: the coefficients of odd powers of w negated.
    #[must_use]
    pub fn conjugate(self) -> Self {
        let [a, b, c, d, e, f] = self.coefficients;
        Self { coefficients: [a, -b, c, -d, e, -f] }
    }

    /// Returns the power with p as exponent.
    #[must_use]
    pub fn frobenius(self) -> Self {
        let mut factor = Complex::ONE;
        Self {
            coefficients: self.coefficients.map(|coefficient| {
                let image = coefficient.conjugate() * factor;
                factor *= P::FROBENIUS;
                image
            }),
        }
    }

    /// Returns the power with an exponent whose words are lowest first.
    #[must_use]
    pub fn pow(self, exponent: &[u32]) -> Self {
        let mut power = Self::ONE;
        let bits = exponent.iter().rev().flat_map(|word| (0..32).rev().map(move |bit| word >> bit & 1 == 1));
        for bit in bits.skip_while(|bit| !bit) {
            power = power.square();
            if bit {
                power *= self;
            }
        }
        power
    }

    /// Returns the inverse. A program that inverts zero ends.
    #[must_use]
    pub fn inverse(self) -> Self {
        // The norm to Fp6 = Fp2[v], with v = w².
        let conjugate = self.conjugate();
        let [a, _, b, _, c, _] = (self * conjugate).coefficients;
        let (x, y, z) = (a * a - P::XI * (b * c), P::XI * (c * c) - a * b, b * b - a * c);
        let norm = Complex::ONE / (a * x + P::XI * (c * y + b * z));
        let zero = Complex::ZERO;
        conjugate * Self { coefficients: [x * norm, zero, y * norm, zero, z * norm, zero] }
    }

    /// Returns whether the element is in Fp6, which consists of the even powers of w.
    pub fn is_in_fp6(&self) -> bool {
        self.coefficients.iter().skip(1).step_by(2).all(|coefficient| coefficient.is_zero())
    }

    /// Multiplies by a line: `1 + b·w + c·w³` for BN curves, and `c + b·w² + w³` for BLS curves.
    pub(crate) fn multiply_by_line(&mut self, [b, c]: &[Complex<P::Field2, WORDS>; 2]) {
        let f = self.coefficients;
        let (mut term, mut high_b, mut high_c) = (Complex::ZERO, Complex::ZERO, Complex::ZERO);
        high_b.set_product(b, const { &P::XI });
        match P::FAMILY {
            Family::Bn => {
                high_c.set_product(c, const { &P::XI });
                for (i, sum) in self.coefficients.iter_mut().enumerate() {
                    term.set_product(if i < 1 { &high_b } else { b }, &f[(i + 5) % 6]);
                    *sum += &term;
                    term.set_product(if i < 3 { &high_c } else { c }, &f[(i + 3) % 6]);
                    *sum += &term;
                }
            }
            Family::Bls => {
                for (i, sum) in self.coefficients.iter_mut().enumerate() {
                    *sum *= c;
                    term.set_product(if i < 2 { &high_b } else { b }, &f[(i + 4) % 6]);
                    *sum += &term;
                    let shifted = &f[(i + 3) % 6];
                    if i < 3 {
                        term.set_product(shifted, const { &P::XI });
                        *sum += &term;
                    } else {
                        *sum += shifted;
                    }
                }
            }
        }
    }
}

impl<P: Pairing<WORDS>, const WORDS: usize> Mul for Fp12<P, WORDS> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        self.product(&other)
    }
}

impl<P: Pairing<WORDS>, const WORDS: usize> MulAssign for Fp12<P, WORDS> {
    fn mul_assign(&mut self, other: Self) {
        *self = self.product(&other);
    }
}

impl<P: Pairing<WORDS>, const WORDS: usize> Clone for Fp12<P, WORDS> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Pairing<WORDS>, const WORDS: usize> Copy for Fp12<P, WORDS> {}

impl<P: Pairing<WORDS>, const WORDS: usize> PartialEq for Fp12<P, WORDS> {
    fn eq(&self, other: &Self) -> bool {
        self.coefficients == other.coefficients
    }
}

impl<P: Pairing<WORDS>, const WORDS: usize> Eq for Fp12<P, WORDS> {}

impl<P: Pairing<WORDS>, const WORDS: usize> fmt::Debug for Fp12<P, WORDS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.coefficients).finish()
    }
}
