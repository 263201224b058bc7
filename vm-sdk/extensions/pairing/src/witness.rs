//! The witness that a product of pairings is 1 (Novakovic and Eagen, "On proving pairings", ePrint 2024/640), on the host.

use std::array;

use ruint::Uint;
use vm_fp2::ComplexConst;
use vm_modular::ModulusConst;

use crate::curve::{Family, Pairing};
use crate::fp12::Fp12;
use crate::miller::miller_loop;
use crate::point::{G1, G2};

/// Exponents of elements of Fp12.
type Exponent = Uint<4608, 72>;

/// Returns `c` and `s`, which is in Fp6, with f·s = c^λ, if the product of the pairings is 1. Here f is the product of the Miller
/// functions, and λ the multiple of r in [`product_is_one`](crate::product_is_one). If the product is not 1, they are some
/// elements that are not zero.
pub(crate) fn witness<P: Pairing<WORDS>, const WORDS: usize>(
    p: &[G1<P, WORDS>],
    q: &[G2<P, WORDS>],
) -> [Fp12<P, WORDS>; 2] {
    let prime = prime::<P, WORDS>();
    let powers = Powers::new(miller_loop(p, q, None));
    exponents::<P, WORDS>().map(|exponent| powers.pow(exponent, prime))
}

fn prime<P: Pairing<WORDS>, const WORDS: usize>() -> Exponent {
    let words = <P::Field2 as ComplexConst<WORDS>>::Field::MODULUS;
    words.iter().rev().fold(Exponent::ZERO, |number, word| (number << 32) | Exponent::from(*word))
}

/// Returns r and λ.
fn order_and_lambda<P: Pairing<WORDS>, const WORDS: usize>() -> [Exponent; 2] {
    let (p, x) = (prime::<P, WORDS>(), Exponent::from(P::X));
    let number = |number: u32| Exponent::from(number);
    match P::FAMILY {
        Family::Bn => {
            let order = (((number(36) * x + number(36)) * x + number(18)) * x + number(6)) * x + number(1);
            [order, number(6) * x + number(2) + p + p * p * p - p * p]
        }
        // x is negative.
        Family::Bls => [x * x * (x * x - number(1)) + number(1), p + x],
    }
}

/// Returns the exponents of f that yield `c` and `s`.
///
/// The order of f divides h = (p¹² − 1)/r. Let t be the largest divisor of h whose primes divide λ. Then `s` is 1 over the
/// component of f whose order divides t, and `c` is the λ-th root of the other component: λ has an inverse modulo h/t. Elements
/// whose order divides t are in Fp6, because t divides p⁶ − 1.
fn exponents<P: Pairing<WORDS>, const WORDS: usize>() -> [Exponent; 2] {
    let (p, [r, lambda]) = (prime::<P, WORDS>(), order_and_lambda::<P, WORDS>());
    let mut rest = (p.pow(Exponent::from(12u32)) - Exponent::ONE) / r;
    let mut t = Exponent::ONE;
    loop {
        let common = lambda.gcd(rest);
        if common == Exponent::ONE {
            break;
        }
        (t, rest) = (t * common, rest / common);
    }
    // By the theorem of Chinese remainders. The numbers have inverses, because they have no common divisors.
    let inverse = |x: Exponent, modulus: Exponent| (x % modulus).inv_mod(modulus).unwrap_or_default();
    [t * inverse(t.mul_mod(lambda, rest), rest), rest * (t - inverse(rest, t))]
}

/// Number of images under the Frobenius map whose powers are computed together.
const GROUP: usize = 4;

/// An element, prepared for powers with exponents below p¹²: products of its images f, f^p, …, f^(p¹¹).
struct Powers<P: Pairing<WORDS>, const WORDS: usize> {
    /// Products of the images of a group, by the bits of their indices.
    products: [[Fp12<P, WORDS>; 1 << GROUP]; 12 / GROUP],
}

impl<P: Pairing<WORDS>, const WORDS: usize> Powers<P, WORDS> {
    fn new(f: Fp12<P, WORDS>) -> Self {
        let mut image = f;
        let images: [Fp12<P, WORDS>; 12] = array::from_fn(|i| {
            if i > 0 {
                image = image.frobenius();
            }
            image
        });
        let products = array::from_fn(|group| {
            let mut products = [Fp12::ONE; 1 << GROUP];
            for set in 1..products.len() {
                let last = set.ilog2() as usize;
                products[set] = products[set ^ 1 << last] * images[GROUP * group + last];
            }
            products
        });
        Self { products }
    }

    /// Returns a power. The digits of the exponent to the base p are exponents of the images.
    fn pow(&self, mut exponent: Exponent, prime: Exponent) -> Fp12<P, WORDS> {
        let digits: [Exponent; 12] = array::from_fn(|_| {
            let digit = exponent % prime;
            exponent /= prime;
            digit
        });
        let mut power = Fp12::ONE;
        for bit in (0..prime.bit_len()).rev() {
            power = power.square();
            for (products, digits) in self.products.iter().zip(digits.chunks(GROUP)) {
                let set = digits.iter().rev().fold(0, |set, digit| set << 1 | usize::from(digit.bit(bit)));
                if set > 0 {
                    power *= products[set];
                }
            }
        }
        power
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hint::{Bls12381Complex, Bn254Complex};
    use crate::{Bls12381, Bn254};

    fn check_numbers<P: Pairing<WORDS>, const WORDS: usize>() {
        let (p, [r, lambda]) = (prime::<P, WORDS>(), order_and_lambda::<P, WORDS>());
        let number = |number: u32| Exponent::from(number);
        // The loop is over 6x + 2 or −x, and the embedding degree is 12.
        let length = P::LOOP.iter().fold(Exponent::ZERO, |sum, digit| match digit {
            -1 => sum * number(2) - number(1),
            digit => sum * number(2) + number(u32::from(digit.unsigned_abs())),
        });
        let x = Exponent::from(P::X);
        assert_eq!(length, if P::FAMILY == Family::Bn { number(6) * x + number(2) } else { x });
        let square = p * p;
        let twelfth = square * square - square + number(1);
        assert_eq!((twelfth % r, lambda % r), (Exponent::ZERO, Exponent::ZERO));
        let hard =
            P::HARD_EXPONENT.iter().rev().fold(Exponent::ZERO, |number, word| (number << 32) | Exponent::from(*word));
        assert_eq!(hard * r, twelfth);
        // The Frobenius map multiplies w by ξ^((p − 1)/6).
        let exponent: [u32; WORDS] = vm_modular::number::words(((p - number(1)) / number(6)).to());
        assert_eq!(P::XI.pow(&exponent), P::FROBENIUS);
        // A power of f with exponent λ·c − s − 1 is 1 if the order of f divides h. Elements of the order t are in Fp6.
        let [c, s] = exponents::<P, WORDS>();
        let h = (p.pow(number(12)) - number(1)) / r;
        assert_eq!(c.mul_mod(lambda, h), s.add_mod(number(1), h));
        assert_eq!(s.mul_mod(p.pow(number(6)) - number(1), h), Exponent::ZERO);
    }

    #[test]
    fn the_numbers_of_the_curves_are_right() {
        check_numbers::<Bn254<Bn254Complex>, 8>();
        check_numbers::<Bls12381<Bls12381Complex>, 12>();
    }
}
