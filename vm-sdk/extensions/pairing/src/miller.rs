//! The Miller loop of the optimal ate pairing (Vercauteren, "Optimal pairings", ePrint 2008/096), for several pairs at once.

extern crate alloc;

use alloc::vec::Vec;

use vm_fp2::Complex;
use vm_modular::Residue;

use crate::curve::{Family, Pairing};
use crate::fp12::Fp12;
use crate::point::{Affine, G1, G2, frobenius};

/// A pair in the loop.
struct Pair<P: Pairing<WORDS>, const WORDS: usize> {
    /// −x/y and 1/y of the point of the first group: lines are divided by y.
    ratios: [Complex<P::Field2, WORDS>; 2],
    /// The point of the second group.
    q: Affine<Complex<P::Field2, WORDS>>,
    /// Its multiple so far.
    t: Affine<Complex<P::Field2, WORDS>>,
}

impl<P: Pairing<WORDS>, const WORDS: usize> Pair<P, WORDS> {
    fn new(p: G1<P, WORDS>, q: G2<P, WORDS>) -> Option<Self> {
        let (Some([x, y]), Some(_)) = (p.coordinates(), q.coordinates()) else { return None };
        let inverse = Residue::ONE / y;
        Some(Self { ratios: [(-(x * inverse)).into(), inverse.into()], q: q.0, t: q.0 })
    }

    /// Returns the line of a slope through `t`, at the point of the first group.
    fn line(&self, slope: &Complex<P::Field2, WORDS>) -> [Complex<P::Field2, WORDS>; 2] {
        let (mut b, mut c) = (Complex::ZERO, *slope);
        b.set_product(slope, &self.ratios[0]);
        c *= &self.t.x;
        c -= &self.t.y;
        c *= &self.ratios[1];
        [b, c]
    }

    fn double(&mut self, f: &mut Fp12<P, WORDS>) {
        let (slope, x) = (self.t.tangent(), self.t.x);
        f.multiply_by_line(&self.line(&slope));
        self.t.add_on_line(&slope, &x);
    }

    fn add(&mut self, f: &mut Fp12<P, WORDS>, q: &Affine<Complex<P::Field2, WORDS>>) {
        let slope = self.t.chord(q);
        f.multiply_by_line(&self.line(&slope));
        self.t.add_on_line(&slope, &q.x);
    }

    /// Replaces `t` by `2t + q` = `(t + q) + t`, without the y-coordinate of `t + q`.
    fn double_and_add(&mut self, f: &mut Fp12<P, WORDS>, q: &Affine<Complex<P::Field2, WORDS>>) {
        let mut slope = self.t.chord(q);
        f.multiply_by_line(&self.line(&slope));
        let x = self.t.x_of_sum(&slope, &q.x);
        // The line through t and t + q: −slope − 2y/(x − x_t).
        let (mut height, mut distance) = (self.t.y, x);
        height.double();
        distance -= &self.t.x;
        height /= &distance;
        slope += &height;
        let slope = -slope;
        f.multiply_by_line(&self.line(&slope));
        self.t.add_on_line(&slope, &x);
    }
}

/// Returns the product of the Miller functions of all pairs, times the power of an element: its exponent is the length of the
/// loop for BN curves. For BLS curves the result is conjugated, with the power.
///
/// `power` is the element and its inverse. Pairs beyond the end of the shorter slice are left out, and so are those with a
/// point at infinity.
pub fn miller_loop<P: Pairing<WORDS>, const WORDS: usize>(
    p: &[G1<P, WORDS>],
    q: &[G2<P, WORDS>],
    power: Option<[Fp12<P, WORDS>; 2]>,
) -> Fp12<P, WORDS> {
    let mut pairs: Vec<Pair<P, WORDS>> = p.iter().zip(q).filter_map(|(p, q)| Pair::new(*p, *q)).collect();
    let mut f = power.map_or(Fp12::ONE, |[element, _]| element);
    for (i, digit) in P::LOOP.iter().enumerate().skip(1) {
        f = f.square();
        match (digit, power) {
            (1, Some([element, _])) => f *= element,
            (-1, Some([_, inverse])) => f *= inverse,
            _ => {}
        }
        for pair in &mut pairs {
            let q = if *digit < 0 { pair.q.negative() } else { pair.q };
            match digit {
                0 => pair.double(&mut f),
                // The multiple is `q` itself, so that there is no chord.
                _ if i == 1 => {
                    pair.double(&mut f);
                    pair.add(&mut f, &q);
                }
                _ => pair.double_and_add(&mut f, &q),
            }
        }
    }
    match P::FAMILY {
        Family::Bn => {
            for pair in &mut pairs {
                let image = frobenius::<P, WORDS>(&pair.q);
                pair.add(&mut f, &image);
                pair.add(&mut f, &frobenius::<P, WORDS>(&image).negative());
            }
            f
        }
        Family::Bls => f.conjugate(),
    }
}
