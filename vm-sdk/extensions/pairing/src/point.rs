//! Points of the two groups.

use core::ops::{Add, AddAssign, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use vm_fp2::{Complex, ComplexConst};
use vm_modular::{ModulusConst, Residue};

use crate::curve::{Family, Pairing};

/// Coordinates of points. The operators by reference copy nothing.
pub(crate) trait Coordinate:
    Copy
    + PartialEq
    + Neg<Output = Self>
    + for<'a> AddAssign<&'a Self>
    + for<'a> SubAssign<&'a Self>
    + for<'a> MulAssign<&'a Self>
    + for<'a> DivAssign<&'a Self>
{
    const ZERO: Self;

    fn is_zero(&self) -> bool;
}

impl<M: ModulusConst<WORDS>, const WORDS: usize> Coordinate for Residue<M, WORDS> {
    const ZERO: Self = Self::ZERO;

    fn is_zero(&self) -> bool {
        self == const { &Self::ZERO }
    }
}

impl<X: ComplexConst<WORDS>, const WORDS: usize> Coordinate for Complex<X, WORDS> {
    const ZERO: Self = Self::ZERO;

    fn is_zero(&self) -> bool {
        self == const { &Self::ZERO }
    }
}

/// Coordinates of a point, or zeros for the point at infinity: (0, 0) is on no curve with b ≠ 0.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Affine<T> {
    pub(crate) x: T,
    pub(crate) y: T,
}

impl<T: Coordinate> Affine<T> {
    pub(crate) const IDENTITY: Self = Self { x: T::ZERO, y: T::ZERO };

    pub(crate) fn is_identity(&self) -> bool {
        self.x.is_zero() && self.y.is_zero()
    }

    pub(crate) fn negative(&self) -> Self {
        Self { x: self.x, y: -self.y }
    }

    /// Returns the slope of the tangent, of a point that is not at infinity and whose order is not 2.
    pub(crate) fn tangent(&self) -> T {
        let mut square = self.x;
        square *= &self.x;
        let mut slope = square;
        slope += &square;
        slope += &square;
        let mut double = self.y;
        double += &self.y;
        slope /= &double;
        slope
    }

    /// Returns the slope of the line through two points with different x-coordinates.
    pub(crate) fn chord(&self, other: &Self) -> T {
        let (mut slope, mut distance) = (self.y, self.x);
        slope -= &other.y;
        distance -= &other.x;
        slope /= &distance;
        slope
    }

    /// Returns the x-coordinate of the sum of this point and one with the x-coordinate `x`, given the slope of their line.
    pub(crate) fn x_of_sum(&self, slope: &T, x: &T) -> T {
        let mut sum = *slope;
        sum *= slope;
        sum -= &self.x;
        sum -= x;
        sum
    }

    /// Adds a point with the x-coordinate `x`, given the slope of the line.
    pub(crate) fn add_on_line(&mut self, slope: &T, x: &T) {
        let sum = self.x_of_sum(slope, x);
        self.x -= &sum;
        self.x *= slope;
        self.x -= &self.y;
        (self.y, self.x) = (self.x, sum);
    }

    /// Adds any point of the curve.
    fn add(&mut self, other: &Self) {
        if self.is_identity() {
            *self = *other;
        } else if other.is_identity() {
        } else if self.x != other.x {
            self.add_on_line(&self.chord(other), &other.x);
        } else if self.y == other.y {
            self.double();
        } else {
            *self = Self::IDENTITY;
        }
    }

    /// Doubles any point of the curve.
    fn double(&mut self) {
        if self.y.is_zero() {
            // At infinity, or of order 2.
            *self = Self::IDENTITY;
        } else {
            let x = self.x;
            self.add_on_line(&self.tangent(), &x);
        }
    }

    /// Returns a multiple of any point of the curve.
    fn times(&self, number: u128) -> Self {
        let mut multiple = Self::IDENTITY;
        for bit in (0..u128::BITS - number.leading_zeros()).rev() {
            multiple.double();
            if number >> bit & 1 == 1 {
                multiple.add(self);
            }
        }
        multiple
    }
}

type Field<P, const WORDS: usize> = <<P as Pairing<WORDS>>::Field2 as ComplexConst<WORDS>>::Field;

/// A point of the first group: of order r on y² = x³ + b, or the point at infinity.
#[repr(transparent)]
pub struct G1<P: Pairing<WORDS>, const WORDS: usize>(pub(crate) Affine<Residue<Field<P, WORDS>, WORDS>>);

/// A point of the second group: of order r on the twist over Fp2, or the point at infinity.
#[repr(transparent)]
pub struct G2<P: Pairing<WORDS>, const WORDS: usize>(pub(crate) Affine<Complex<P::Field2, WORDS>>);

impl<P: Pairing<WORDS>, const WORDS: usize> G1<P, WORDS> {
    /// The point at infinity.
    pub const IDENTITY: Self = Self(Affine::IDENTITY);

    /// Returns the point with these coordinates, or `None` if it is not in the group.
    pub fn new(x: Residue<Field<P, WORDS>, WORDS>, y: Residue<Field<P, WORDS>, WORDS>) -> Option<Self> {
        let point = Affine { x, y };
        (y * y == x * x * x + Residue::from(P::B) && Self::has_order(&point)).then_some(Self(point))
    }

    /// Returns whether a point of the curve has the order r.
    ///
    /// Soundness: φ(x, y) = (β·x, y) is an endomorphism with φ² + φ + 1 = 0. If φ(P) = −x²·P, then (x⁴ − x² + 1)·P is the
    /// point at infinity, and x⁴ − x² + 1 = r for BLS curves. A BN curve has r points.
    fn has_order(point: &Affine<Residue<Field<P, WORDS>, WORDS>>) -> bool {
        let Some(beta) = P::BETA else { return true };
        let x = u128::from(P::X);
        Affine { x: beta * point.x, y: point.y } == point.times(x * x).negative()
    }

    /// Returns the coordinates, or `None` at infinity.
    pub fn coordinates(self) -> Option<[Residue<Field<P, WORDS>, WORDS>; 2]> {
        (!self.0.is_identity()).then_some([self.0.x, self.0.y])
    }
}

impl<P: Pairing<WORDS>, const WORDS: usize> G2<P, WORDS> {
    /// The point at infinity.
    pub const IDENTITY: Self = Self(Affine::IDENTITY);

    /// Returns the point with these coordinates, or `None` if it is not in the group.
    pub fn new(x: Complex<P::Field2, WORDS>, y: Complex<P::Field2, WORDS>) -> Option<Self> {
        let b = Complex::from(P::B);
        let b = match P::FAMILY {
            Family::Bn => b / P::XI,
            Family::Bls => b * P::XI,
        };
        let point = Affine { x, y };
        (y * y == x * x * x + b && Self::has_order(&point)).then_some(Self(point))
    }

    /// Returns whether a point of the twist has the order r (Scott, "A note on group membership tests for G1, G2 and GT on BLS
    /// pairing-friendly curves", ePrint 2021/1130).
    ///
    /// Soundness: ψ, the Frobenius endomorphism of the curve on the twist, satisfies ψ² − t·ψ + p = 0, where p + 1 − t is the
    /// number of points of the curve over Fp. If ψ(Q) = (t − 1)·Q, then (p + 1 − t)·Q is the point at infinity. For BN curves
    /// that number is r, and t − 1 = 6x². For BLS12-381 it is r times a number that has no divisor in common with the cofactor
    /// of the twist, so that the order of Q divides r, and t − 1 = x, which is negative.
    fn has_order(point: &Affine<Complex<P::Field2, WORDS>>) -> bool {
        let x = u128::from(P::X);
        let image = frobenius::<P, WORDS>(point);
        match P::FAMILY {
            Family::Bn => image == point.times(6 * x * x),
            Family::Bls => image == point.times(x).negative(),
        }
    }

    /// Returns the coordinates, or `None` at infinity.
    pub fn coordinates(self) -> Option<[Complex<P::Field2, WORDS>; 2]> {
        (!self.0.is_identity()).then_some([self.0.x, self.0.y])
    }
}

/// Returns the image of a point of the twist under the Frobenius endomorphism of the curve: the twist takes (x, y) to (x·w², y·w³)
/// for BN curves, and to (x/w², y/w³) for BLS curves.
pub(crate) fn frobenius<P: Pairing<WORDS>, const WORDS: usize>(
    point: &Affine<Complex<P::Field2, WORDS>>,
) -> Affine<Complex<P::Field2, WORDS>> {
    let square = P::FROBENIUS * P::FROBENIUS;
    let (x, y) = (point.x.conjugate(), point.y.conjugate());
    match P::FAMILY {
        Family::Bn => Affine { x: x * square, y: y * (square * P::FROBENIUS) },
        Family::Bls => Affine { x: x / square, y: y / (square * P::FROBENIUS) },
    }
}

/// Implements traits without bounds on the curve itself.
macro_rules! group {
    ($($group:ident),*) => {$(
        impl<P: Pairing<WORDS>, const WORDS: usize> Clone for $group<P, WORDS> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<P: Pairing<WORDS>, const WORDS: usize> Copy for $group<P, WORDS> {}

        impl<P: Pairing<WORDS>, const WORDS: usize> PartialEq for $group<P, WORDS> {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl<P: Pairing<WORDS>, const WORDS: usize> Eq for $group<P, WORDS> {}

        impl<P: Pairing<WORDS>, const WORDS: usize> core::fmt::Debug for $group<P, WORDS> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.coordinates() {
                    Some(coordinates) => f.debug_list().entries(coordinates).finish(),
                    None => f.write_str("the point at infinity"),
                }
            }
        }

        impl<P: Pairing<WORDS>, const WORDS: usize> Neg for $group<P, WORDS> {
            type Output = Self;

            fn neg(self) -> Self {
                Self(self.0.negative())
            }
        }

        impl<P: Pairing<WORDS>, const WORDS: usize> Add for $group<P, WORDS> {
            type Output = Self;

            fn add(mut self, other: Self) -> Self {
                self.0.add(&other.0);
                self
            }
        }

        impl<P: Pairing<WORDS>, const WORDS: usize> Sub for $group<P, WORDS> {
            type Output = Self;

            fn sub(self, other: Self) -> Self {
                self + -other
            }
        }

        impl<P: Pairing<WORDS>, const WORDS: usize> Mul<u128> for $group<P, WORDS> {
            type Output = Self;

            fn mul(self, number: u128) -> Self {
                Self(self.0.times(number))
            }
        }
    )*};
}

group!(G1, G2);
