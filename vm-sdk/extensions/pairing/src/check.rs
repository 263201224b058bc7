//! Products of pairings.

use crate::curve::{Family, Pairing};
use crate::fp12::Fp12;
use crate::miller::miller_loop;
use crate::point::{G1, G2};

/// Returns whether the product of the pairings e(pᵢ, qᵢ) is 1. A pairing with the point at infinity is 1.
///
/// If it is, the time is that of the Miller loops (Novakovic and Eagen, "On proving pairings", ePrint 2024/640). If it is not,
/// the final exponentiation follows.
///
/// # Panics
/// If there are not as many points of one group as of the other.
pub fn product_is_one<P: Pairing<WORDS>, const WORDS: usize>(p: &[G1<P, WORDS>], q: &[G2<P, WORDS>]) -> bool {
    assert_eq!(p.len(), q.len(), "a pairing takes a point of each group");
    is_one_by_hint(p, q, arch::hint(p, q)) || is_one_by_exponentiation(miller_loop(p, q, None))
}

/// Returns whether a hint shows that the product is 1. If it does not, nothing follows.
///
/// Soundness: the prover chooses the hint. Let f be the product of the Miller functions and h = (p¹² − 1)/r the exponent of
/// the final exponentiation. This shows that f·s = c^λ, where r divides λ. So (f·s)^h is a power of c^(p¹² − 1), which is 1
/// because c has an inverse. And s^h = 1, because s is in Fp6 and h is a multiple of p⁶ − 1. (It is not zero, since c^λ is
/// not.) So f^h = 1.
pub(crate) fn is_one_by_hint<P: Pairing<WORDS>, const WORDS: usize>(
    p: &[G1<P, WORDS>],
    q: &[G2<P, WORDS>],
    [c, s]: [Fp12<P, WORDS>; 2],
) -> bool {
    if !s.is_in_fp6() {
        return false;
    }
    match P::FAMILY {
        // λ = 6x + 2 + p − p² + p³. The loop computes f·c^−(6x + 2).
        Family::Bn => {
            let inverse = c.inverse();
            let f = miller_loop(p, q, Some([inverse, c]));
            let first = c.frobenius();
            let second = first.frobenius();
            f * s * second == first * second.frobenius()
        }
        // λ = p − x. The loop computes the conjugate of f′·c′^|x|, which is f·c^x, with c′ the conjugate of 1/c.
        Family::Bls => {
            let conjugate = c.conjugate();
            let f = miller_loop(p, q, Some([conjugate.inverse(), conjugate]));
            f * s == c.frobenius()
        }
    }
}

/// Returns whether the final exponentiation of an element yields 1.
pub(crate) fn is_one_by_exponentiation<P: Pairing<WORDS>, const WORDS: usize>(f: Fp12<P, WORDS>) -> bool {
    // (p¹² − 1)/r = (p⁶ − 1)·(p² + 1)·(p⁴ − p² + 1)/r
    let f = f.conjugate() * f.inverse();
    let f = f.frobenius().frobenius() * f;
    f.pow(P::HARD_EXPONENT) == Fp12::ONE
}

/// The instruction.
#[cfg(target_arch = "riscv32")]
#[allow(unsafe_code)]
mod arch {
    use core::arch::asm;

    use vm_fp2::Complex;
    use vm_modular::Residue;

    use super::{Fp12, G1, G2, Pairing};

    /// `hint_final_exp`.
    pub(super) fn hint<P: Pairing<WORDS>, const WORDS: usize>(
        p: &[G1<P, WORDS>],
        q: &[G2<P, WORDS>],
    ) -> [Fp12<P, WORDS>; 2] {
        let (p, q) = ([p.as_ptr() as usize, p.len()], [q.as_ptr() as usize, q.len()]);
        // SAFETY: the instruction reads the points and changes the hint stream.
        unsafe {
            asm!(
                ".insn r 0x2b, 3, {funct7}, x0, {p}, {q}",
                funct7 = const 16 * P::NUMBER,
                p = in(reg) &p,
                q = in(reg) &q,
                options(nostack),
            );
        }
        // The numbers need not be reduced.
        let residue = || Residue::from_words(vm_sdk::hint::read());
        let coefficient = || {
            let re = residue();
            Complex::new(re, residue())
        };
        let element = || Fp12 { coefficients: core::array::from_fn(|_| coefficient()) };
        let c = element();
        [c, element()]
    }
}

/// What the instruction computes.
#[cfg(not(target_arch = "riscv32"))]
mod arch {
    pub(super) use crate::witness::witness as hint;
}
