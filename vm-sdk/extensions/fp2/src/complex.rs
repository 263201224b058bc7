//! Elements of quadratic extensions in programs: each operator is one instruction. On the host, the operators compute the same.

#![allow(unsafe_code)]

use core::fmt;
use core::mem::MaybeUninit;
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use vm_modular::{ModulusConst, Residue, power};

/// A field of the machine's list, as programs name it. [`complex_fields!`](crate::complex_fields) implements it.
pub trait ComplexConst<const WORDS: usize>: Copy + 'static {
    /// The prime: 3 modulo 4.
    type Field: ModulusConst<WORDS>;
    /// Number in the machine's list of quadratic extensions, from 0.
    const NUMBER: u32;
}

/// Declares the quadratic extensions of a program, in the order of the machine's list.
///
/// ```
/// use vm_fp2::{Complex, complex_fields};
/// use vm_modular::moduli;
///
/// moduli! {
///     /// The field of BN254.
///     pub struct Coordinate(8) = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
/// }
///
/// complex_fields! {
///     /// Its quadratic extension.
///     pub struct Coordinate2(8): Coordinate;
/// }
///
/// type Number2 = Complex<Coordinate2, 8>;
///
/// assert!(Number2::U * Number2::U == -Number2::ONE);
/// let x = Number2::from(3u32) + Number2::U;
/// assert!(x / x == Number2::ONE && x * x.conjugate() == Number2::from(10u32));
/// ```
///
/// The macro also defines `setup_complex_fields()`, which a program calls once: it fails unless the machine's list starts with
/// these fields.
#[macro_export]
macro_rules! complex_fields {
    ($($(#[$meta:meta])* $visibility:vis struct $name:ident($words:literal): $field:ty;)+) => {
        $crate::complex_fields!(@number 0; $($(#[$meta])* $visibility $name $words $field;)+);

        /// Fails unless the machine's list starts with the quadratic extensions of this program.
        #[allow(dead_code)]
        pub fn setup_complex_fields() {
            $($crate::setup::<$name, $words, { 2 * $words }>();)+
        }
    };
    (@number $number:expr;) => {};
    (@number $number:expr; $(#[$meta:meta])* $visibility:vis $name:ident $words:literal $field:ty; $($rest:tt)*) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $name {}

        impl $crate::ComplexConst<$words> for $name {
            type Field = $field;
            const NUMBER: u32 = $number;
        }

        $crate::complex_fields!(@number $number + 1; $($rest)*);
    };
}

/// An element `re + im·u`, with `u² = −1`.
#[repr(C)]
pub struct Complex<X: ComplexConst<WORDS>, const WORDS: usize> {
    /// Coefficient of 1.
    pub re: Residue<X::Field, WORDS>,
    /// Coefficient of u.
    pub im: Residue<X::Field, WORDS>,
}

impl<X: ComplexConst<WORDS>, const WORDS: usize> Complex<X, WORDS> {
    /// 0.
    pub const ZERO: Self = Self::new(Residue::ZERO, Residue::ZERO);
    /// 1.
    pub const ONE: Self = Self::new(Residue::ONE, Residue::ZERO);
    /// The root of −1.
    pub const U: Self = Self::new(Residue::ZERO, Residue::ONE);

    /// Returns an element with these coefficients.
    pub const fn new(re: Residue<X::Field, WORDS>, im: Residue<X::Field, WORDS>) -> Self {
        Self { re, im }
    }

    /// Returns `re − im·u`, which is the power with the prime as exponent.
    #[must_use]
    pub fn conjugate(self) -> Self {
        Self::new(self.re, -self.im)
    }

    /// Replaces the element by a product. In programs, this is one instruction and copies nothing.
    #[inline(always)]
    pub fn set_product(&mut self, x: &Self, y: &Self) {
        // SAFETY: all are elements.
        unsafe { arch::apply_to::<X, WORDS, 2>(self, x, y) }
    }

    /// Doubles the element.
    #[inline(always)]
    pub fn double(&mut self) {
        let this: *mut Self = self;
        // SAFETY: it is an element.
        unsafe { arch::apply_to::<X, WORDS, 0>(this, this, this) }
    }

    /// Returns whether the element is 0.
    pub fn is_zero(self) -> bool {
        self.re.is_zero() && self.im.is_zero()
    }

    /// Returns the power with an exponent whose words are lowest first.
    #[must_use]
    pub fn pow(self, exponent: &[u32]) -> Self {
        power(self, Self::ONE, exponent)
    }
}

/// Fails unless the field is the machine's field with this number. `PAIR` is `2·WORDS`.
pub fn setup<X: ComplexConst<WORDS>, const WORDS: usize, const PAIR: usize>() {
    let prime = X::Field::MODULUS;
    arch::setup::<X, WORDS, PAIR>(core::array::from_fn(|i| if i < WORDS { prime[i] } else { 0 }));
}

impl<X: ComplexConst<WORDS>, const WORDS: usize> Clone for Complex<X, WORDS> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<X: ComplexConst<WORDS>, const WORDS: usize> Copy for Complex<X, WORDS> {}

impl<X: ComplexConst<WORDS>, const WORDS: usize> fmt::Debug for Complex<X, WORDS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} + {:?}·u", self.re, self.im)
    }
}

impl<X: ComplexConst<WORDS>, const WORDS: usize> PartialEq for Complex<X, WORDS> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.re == other.re && self.im == other.im
    }
}

impl<X: ComplexConst<WORDS>, const WORDS: usize> Eq for Complex<X, WORDS> {}

impl<X: ComplexConst<WORDS>, const WORDS: usize> Default for Complex<X, WORDS> {
    fn default() -> Self {
        Self::ZERO
    }
}

impl<X: ComplexConst<WORDS>, const WORDS: usize> From<Residue<X::Field, WORDS>> for Complex<X, WORDS> {
    fn from(number: Residue<X::Field, WORDS>) -> Self {
        Self::new(number, Residue::ZERO)
    }
}

impl<X: ComplexConst<WORDS>, const WORDS: usize> From<u32> for Complex<X, WORDS> {
    fn from(number: u32) -> Self {
        Self::new(number.into(), Residue::ZERO)
    }
}

impl<X: ComplexConst<WORDS>, const WORDS: usize> Neg for Complex<X, WORDS> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self::ZERO - self
    }
}

/// Implements operators: the number is that of the instruction. Division by zero ends the program.
macro_rules! operators {
    ($($operator:ident::$method:ident, $assign:ident::$assign_method:ident: $kind:literal;)+) => {$(
        impl<X: ComplexConst<WORDS>, const WORDS: usize> $operator for Complex<X, WORDS> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let mut result = MaybeUninit::uninit();
                // SAFETY: both are elements, and the function writes the result.
                unsafe {
                    arch::apply_to::<X, WORDS, $kind>(result.as_mut_ptr(), &raw const self, &raw const other);
                    result.assume_init()
                }
            }
        }

        impl<X: ComplexConst<WORDS>, const WORDS: usize> $assign for Complex<X, WORDS> {
            #[inline(always)]
            fn $assign_method(&mut self, other: Self) {
                *self = $operator::$method(*self, other);
            }
        }

        /// In programs, this is one instruction and copies nothing.
        impl<X: ComplexConst<WORDS>, const WORDS: usize> $assign<&Self> for Complex<X, WORDS> {
            #[inline(always)]
            fn $assign_method(&mut self, other: &Self) {
                let this: *mut Self = self;
                // SAFETY: both are elements.
                unsafe { arch::apply_to::<X, WORDS, $kind>(this, this, other) }
            }
        }
    )+};
}

operators! {
    Add::add, AddAssign::add_assign: 0;
    Sub::sub, SubAssign::sub_assign: 1;
    Mul::mul, MulAssign::mul_assign: 2;
    Div::div, DivAssign::div_assign: 3;
}

/// The instructions.
#[cfg(target_arch = "riscv32")]
mod arch {
    use core::arch::asm;
    use core::mem::MaybeUninit;

    use super::{Complex, ComplexConst};

    /// `addcomplex`, `subcomplex`, `mulcomplex` and `divcomplex`, for kinds 0 to 3.
    ///
    /// # Safety
    /// The pointers are those of elements, and that of the result may be written.
    #[inline(always)]
    pub(super) unsafe fn apply_to<X: ComplexConst<WORDS>, const WORDS: usize, const KIND: u32>(
        result: *mut Complex<X, WORDS>,
        x: *const Complex<X, WORDS>,
        y: *const Complex<X, WORDS>,
    ) {
        // SAFETY: the instruction reads both elements and writes the whole result, whose coefficients are below the prime. They
        // may overlap.
        unsafe {
            asm!(
                ".insn r 0x2b, 2, {funct7}, {result}, {x}, {y}",
                funct7 = const 8 * X::NUMBER + KIND,
                result = in(reg) result,
                x = in(reg) x,
                y = in(reg) y,
                options(nostack),
            );
        }
    }

    /// `setup`, for all instructions.
    pub(super) fn setup<X: ComplexConst<WORDS>, const WORDS: usize, const PAIR: usize>(prime: [u32; PAIR]) {
        let mut unused = MaybeUninit::<[u32; PAIR]>::uninit();
        // SAFETY: the instructions read the prime and write as many words.
        unsafe {
            asm!(
                ".insn r 0x2b, 2, {funct7}, {unused}, {prime}, x0",
                ".insn r 0x2b, 2, {funct7}, {unused}, {prime}, x1",
                funct7 = const 8 * X::NUMBER + 4,
                unused = in(reg) unused.as_mut_ptr(),
                prime = in(reg) &prime,
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

    use crate::Fp2;
    use crate::element::{Element, inverse, product};

    use super::{Complex, ComplexConst};

    fn modulus<X: ComplexConst<WORDS>, const WORDS: usize>() -> Modulus {
        let modulus = Modulus::new(number(&X::Field::MODULUS)).unwrap_or_else(|error| panic!("{error}"));
        Fp2::check(modulus).unwrap_or_else(|error| panic!("{error}"))
    }

    fn element<X: ComplexConst<WORDS>, const WORDS: usize>(x: &Complex<X, WORDS>) -> Element {
        [x.re, x.im].map(|coefficient| number(&coefficient.to_words()))
    }

    /// # Safety
    /// The pointers are those of elements, and that of the result may be written.
    pub(super) unsafe fn apply_to<X: ComplexConst<WORDS>, const WORDS: usize, const KIND: u32>(
        result: *mut Complex<X, WORDS>,
        x: *const Complex<X, WORDS>,
        y: *const Complex<X, WORDS>,
    ) {
        // SAFETY: promised by the caller.
        let (p, x, y) = unsafe { (modulus::<X, WORDS>(), element(&*x), element(&*y)) };
        let [re, im] = match KIND {
            0 => [0, 1].map(|i| p.add(x[i], y[i])),
            1 => [0, 1].map(|i| p.sub(x[i], y[i])),
            2 => product(p, x, y),
            _ => match inverse(p, y) {
                Some(inverse) => product(p, x, inverse),
                None => panic!("division by zero"),
            },
        };
        let element = Complex::new(Residue::from_reduced(words(re)), Residue::from_reduced(words(im)));
        // SAFETY: promised by the caller.
        unsafe { result.write(element) }
    }

    pub(super) fn setup<X: ComplexConst<WORDS>, const WORDS: usize, const PAIR: usize>(_: [u32; PAIR]) {
        modulus::<X, WORDS>();
    }
}
