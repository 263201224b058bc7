//! Points in programs: additions and doublings are one instruction each. On the host, they compute the same.

use core::ops::{Add, AddAssign, Neg, Sub};

use vm_modular::{ModulusConst, Residue};

/// A curve of the machine's list, as programs name it. [`curves!`](crate::curves) implements it.
pub trait CurveConst<const WORDS: usize>: Copy + 'static {
    /// The modulus of the coordinates.
    type Field: ModulusConst<WORDS>;
    /// Number in the machine's list of curves, from 0.
    const NUMBER: u32;
    /// Coefficient `a` of `y² = x³ + a·x + b`.
    const A: Residue<Self::Field, WORDS>;
    /// Coefficient `b`.
    const B: Residue<Self::Field, WORDS>;
}

/// Declares the curves of a program, in the order of the machine's list.
///
/// ```
/// use vm_ecc::{Point, curves};
/// use vm_modular::{Residue, moduli};
///
/// moduli! {
///     /// The field of secp256k1.
///     pub struct Coordinate(8) = "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
/// }
///
/// curves! {
///     /// secp256k1.
///     pub struct Secp256k1(8): Coordinate, a = "0x0", b = "0x7";
/// }
///
/// type Number = Residue<Coordinate, 8>;
///
/// // A point with the x-coordinate 1.
/// let y = Number::from(8u32).square_root().unwrap();
/// let point = Point::<Secp256k1, 8>::new(Number::ONE, y).unwrap();
/// assert!(point + point == point.times(&[2]) && point - point == Point::IDENTITY);
/// ```
///
/// The macro also defines `setup_curves()`, which a program calls once: it fails unless the machine's list starts with these
/// curves.
#[macro_export]
macro_rules! curves {
    ($($(#[$meta:meta])* $visibility:vis struct $name:ident($words:literal): $field:ty, a = $a:literal, b = $b:literal;)+) => {
        $crate::curves!(@number 0; $($(#[$meta])* $visibility $name $words $field; $a $b;)+);

        /// Fails unless the machine's list starts with the curves of this program.
        #[allow(dead_code)]
        pub fn setup_curves() {
            $($crate::setup::<$name, $words, { 2 * $words }>();)+
        }
    };
    (@number $number:expr;) => {};
    (
        @number $number:expr;
        $(#[$meta:meta])* $visibility:vis $name:ident $words:literal $field:ty; $a:literal $b:literal; $($rest:tt)*
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $name {}

        impl $crate::CurveConst<$words> for $name {
            type Field = $field;
            const NUMBER: u32 = $number;
            const A: $crate::Residue<$field, $words> = $crate::Residue::from_reduced($crate::words_of_hex($a));
            const B: $crate::Residue<$field, $words> = $crate::Residue::from_reduced($crate::words_of_hex($b));
        }

        $crate::curves!(@number $number + 1; $($rest)*);
    };
}

/// Coordinates of a point that is not at infinity, as the instructions read and write them.
#[repr(C)]
struct Affine<C: CurveConst<WORDS>, const WORDS: usize> {
    x: Residue<C::Field, WORDS>,
    y: Residue<C::Field, WORDS>,
}

impl<C: CurveConst<WORDS>, const WORDS: usize> Clone for Affine<C, WORDS> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: CurveConst<WORDS>, const WORDS: usize> Copy for Affine<C, WORDS> {}

/// A point of a curve, or the point at infinity. Sums are complete: all pairs of points can be added.
#[derive(Clone, Copy)]
pub struct Point<C: CurveConst<WORDS>, const WORDS: usize>(Option<Affine<C, WORDS>>);

/// Bits of a digit of [`Point::times`].
const DIGIT_BITS: usize = 4;

impl<C: CurveConst<WORDS>, const WORDS: usize> Point<C, WORDS> {
    /// The point at infinity.
    pub const IDENTITY: Self = Self(None);

    /// Returns the point with these coordinates, or `None` if it is not on the curve.
    pub fn new(x: Residue<C::Field, WORDS>, y: Residue<C::Field, WORDS>) -> Option<Self> {
        (y * y == Self::square_of_y(x)).then_some(Self(Some(Affine { x, y })))
    }

    /// Returns the point with an x-coordinate and a y-coordinate that is odd or not, or `None` if there is none.
    pub fn decompress(x: Residue<C::Field, WORDS>, is_odd: bool) -> Option<Self> {
        let root = Self::square_of_y(x).square_root()?;
        let y = if root.is_odd() == is_odd { root } else { -root };
        // Zero has one root only.
        (y.is_odd() == is_odd).then_some(Self(Some(Affine { x, y })))
    }

    /// Returns the coordinates, or `None` at infinity.
    pub fn coordinates(self) -> Option<[Residue<C::Field, WORDS>; 2]> {
        self.0.map(|Affine { x, y }| [x, y])
    }

    fn square_of_y(x: Residue<C::Field, WORDS>) -> Residue<C::Field, WORDS> {
        (x * x + C::A) * x + C::B
    }

    /// Returns twice the point.
    #[must_use]
    pub fn double(self) -> Self {
        match self.0 {
            Some(point) if !point.y.is_zero() => Self(Some(arch::double(&point))),
            _ => Self::IDENTITY,
        }
    }

    /// Returns the multiple by a number whose words are lowest first. The time depends on the number.
    #[must_use]
    pub fn times(self, number: &[u32]) -> Self {
        Self::sum_of_multiples(&[(self, number)])
    }

    /// Returns the sum of multiples of points by numbers, all with as many words, lowest first. The doublings are made only once
    /// for all of them (Straus, "Addition chains of vectors", 1964). The time depends on the numbers.
    ///
    /// # Panics
    /// If the numbers have different numbers of words, or if there are more than four points.
    pub fn sum_of_multiples(multiples: &[(Self, &[u32])]) -> Self {
        let mut tables = [[Self::IDENTITY; 1 << DIGIT_BITS]; 4];
        assert!(multiples.len() <= tables.len(), "the number of points");
        for ((point, _), table) in multiples.iter().zip(&mut tables) {
            for i in 1..table.len() {
                table[i] = table[i - 1] + *point;
            }
        }
        let words = multiples.first().map_or(0, |(_, number)| number.len());
        assert!(multiples.iter().all(|(_, number)| number.len() == words), "the numbers of words");
        let mut sum = Self::IDENTITY;
        for word in (0..words).rev() {
            for shift in (0..32).step_by(DIGIT_BITS).rev() {
                for _ in 0..DIGIT_BITS {
                    sum = sum.double();
                }
                for ((_, number), table) in multiples.iter().zip(&tables) {
                    sum += table[(number[word] >> shift) as usize % table.len()];
                }
            }
        }
        sum
    }
}

/// Fails unless the curve is the machine's curve with this number. `PAIR` is `2·WORDS`.
pub fn setup<C: CurveConst<WORDS>, const WORDS: usize, const PAIR: usize>() {
    let (modulus, a) = (C::Field::MODULUS, C::A.to_words());
    arch::setup::<C, WORDS, PAIR>(core::array::from_fn(|i| if i < WORDS { modulus[i] } else { a[i - WORDS] }));
}

impl<C: CurveConst<WORDS>, const WORDS: usize> Add for Point<C, WORDS> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        match (self.0, other.0) {
            (None, _) => other,
            (_, None) => self,
            // Soundness: the instruction proves nothing about points with equal x-coordinates.
            (Some(p), Some(q)) if p.x == q.x => {
                if p.y == q.y {
                    self.double()
                } else {
                    Self::IDENTITY
                }
            }
            (Some(p), Some(q)) => Self(Some(arch::add(&p, &q))),
        }
    }
}

impl<C: CurveConst<WORDS>, const WORDS: usize> AddAssign for Point<C, WORDS> {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl<C: CurveConst<WORDS>, const WORDS: usize> Neg for Point<C, WORDS> {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.map(|Affine { x, y }| Affine { x, y: -y }))
    }
}

impl<C: CurveConst<WORDS>, const WORDS: usize> Sub for Point<C, WORDS> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl<C: CurveConst<WORDS>, const WORDS: usize> PartialEq for Point<C, WORDS> {
    fn eq(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (None, None) => true,
            (Some(p), Some(q)) => p.x == q.x && p.y == q.y,
            _ => false,
        }
    }
}

impl<C: CurveConst<WORDS>, const WORDS: usize> Eq for Point<C, WORDS> {}

impl<C: CurveConst<WORDS>, const WORDS: usize> core::fmt::Debug for Point<C, WORDS> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            None => f.write_str("infinity"),
            Some(Affine { x, y }) => write!(f, "({x:?}, {y:?})"),
        }
    }
}

/// The instructions.
#[cfg(target_arch = "riscv32")]
#[allow(unsafe_code)]
mod arch {
    use core::arch::asm;
    use core::mem::MaybeUninit;

    use super::{Affine, CurveConst};

    /// `sw_add_ne`. The x-coordinates must differ.
    #[inline(always)]
    pub(super) fn add<C: CurveConst<WORDS>, const WORDS: usize>(
        p: &Affine<C, WORDS>,
        q: &Affine<C, WORDS>,
    ) -> Affine<C, WORDS> {
        let mut sum = MaybeUninit::<Affine<C, WORDS>>::uninit();
        // SAFETY: the instruction reads both points and writes the whole sum, whose coordinates are below the modulus.
        unsafe {
            asm!(
                ".insn r 0x2b, 1, {funct7}, {sum}, {p}, {q}",
                funct7 = const 8 * C::NUMBER,
                sum = in(reg) sum.as_mut_ptr(),
                p = in(reg) p,
                q = in(reg) q,
                options(nostack),
            );
            sum.assume_init()
        }
    }

    /// `sw_double`. The y-coordinate must not be zero.
    #[inline(always)]
    pub(super) fn double<C: CurveConst<WORDS>, const WORDS: usize>(p: &Affine<C, WORDS>) -> Affine<C, WORDS> {
        let mut sum = MaybeUninit::<Affine<C, WORDS>>::uninit();
        // SAFETY: the instruction reads the point and writes the whole sum, whose coordinates are below the modulus.
        unsafe {
            asm!(
                ".insn r 0x2b, 1, {funct7}, {sum}, {p}, x0",
                funct7 = const 8 * C::NUMBER + 1,
                sum = in(reg) sum.as_mut_ptr(),
                p = in(reg) p,
                options(nostack),
            );
            sum.assume_init()
        }
    }

    /// `setup`, for both instructions.
    pub(super) fn setup<C: CurveConst<WORDS>, const WORDS: usize, const PAIR: usize>(parameters: [u32; PAIR]) {
        let mut unused = MaybeUninit::<[u32; PAIR]>::uninit();
        // SAFETY: the instructions read the parameters and write as many words.
        unsafe {
            asm!(
                ".insn r 0x2b, 1, {funct7}, {unused}, {parameters}, x0",
                ".insn r 0x2b, 1, {funct7}, {unused}, {parameters}, x1",
                funct7 = const 8 * C::NUMBER + 2,
                unused = in(reg) unused.as_mut_ptr(),
                parameters = in(reg) &parameters,
                options(nostack),
            );
        }
    }
}

/// What the instructions compute.
#[cfg(not(target_arch = "riscv32"))]
mod arch {
    use vm_modular::modulus::Modulus;
    use vm_modular::number::{number, words};
    use vm_modular::{ModulusConst, Residue};

    use crate::curve::{Curve, Sum};

    use super::{Affine, CurveConst};

    fn curve<C: CurveConst<WORDS>, const WORDS: usize>() -> Curve {
        let modulus = Modulus::new(number(&C::Field::MODULUS)).unwrap_or_else(|error| panic!("{error}"));
        Curve::new(modulus, number(&C::A.to_words())).unwrap_or_else(|error| panic!("{error}"))
    }

    fn numbers<C: CurveConst<WORDS>, const WORDS: usize>(p: &Affine<C, WORDS>) -> [vm_modular::number::Number; 2] {
        [p.x, p.y].map(|coordinate| number(&coordinate.to_words()))
    }

    fn affine<C: CurveConst<WORDS>, const WORDS: usize>(sum: Option<Sum>) -> Affine<C, WORDS> {
        let Some(Sum { point, .. }) = sum else { panic!("the result is at infinity, or not determined") };
        let [x, y] = point.map(|coordinate| Residue::from_words(words(coordinate)));
        Affine { x, y }
    }

    pub(super) fn add<C: CurveConst<WORDS>, const WORDS: usize>(
        p: &Affine<C, WORDS>,
        q: &Affine<C, WORDS>,
    ) -> Affine<C, WORDS> {
        affine(curve::<C, WORDS>().add(numbers(p), numbers(q)))
    }

    pub(super) fn double<C: CurveConst<WORDS>, const WORDS: usize>(p: &Affine<C, WORDS>) -> Affine<C, WORDS> {
        affine(curve::<C, WORDS>().double(numbers(p)))
    }

    pub(super) fn setup<C: CurveConst<WORDS>, const WORDS: usize, const PAIR: usize>(_: [u32; PAIR]) {
        curve::<C, WORDS>();
    }
}
