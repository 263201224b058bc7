//! Residues in programs: each operator is one instruction. On the host, the operators compute the same.

#![allow(unsafe_code)]

use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// A modulus of the machine's list, as programs name it. [`moduli!`](crate::moduli) implements it.
pub trait ModulusConst<const WORDS: usize>: Copy + 'static {
    /// Number in the machine's list, from 0.
    const NUMBER: u32;
    /// Words of the modulus, lowest first.
    const MODULUS: [u32; WORDS];
}

/// Declares the moduli of a program, in the order of the machine's list.
///
/// ```
/// use vm_modular::{Residue, moduli};
///
/// moduli! {
///     /// The field of secp256k1.
///     pub struct Coordinate(8) = "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
///     /// The order of its group.
///     pub struct Order(8) = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
/// }
///
/// /// A number modulo the order.
/// type Scalar = Residue<Order, 8>;
///
/// let third = Scalar::from(1u32) / Scalar::from(3u32);
/// assert!(third + third + third == Scalar::ONE);
/// ```
///
/// The number in parentheses is that of the words of 32 bits: 8 or 12. The macro also defines `setup_moduli()`, which a program
/// calls once: it fails unless the machine's list starts with these moduli.
#[macro_export]
macro_rules! moduli {
    ($($(#[$meta:meta])* $visibility:vis struct $name:ident($words:literal) = $text:literal;)+) => {
        $crate::moduli!(@number 0; $($(#[$meta])* $visibility $name $words $text;)+);

        /// Fails unless the machine's list starts with the moduli of this program.
        #[allow(dead_code)]
        pub fn setup_moduli() {
            $($crate::setup::<$name, $words>();)+
        }
    };
    (@number $number:expr;) => {};
    (@number $number:expr; $(#[$meta:meta])* $visibility:vis $name:ident $words:literal $text:literal; $($rest:tt)*) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $name {}

        impl $crate::ModulusConst<$words> for $name {
            const NUMBER: u32 = $number;
            const MODULUS: [u32; $words] = $crate::words_of_hex($text);
        }

        $crate::moduli!(@number $number + 1; $($rest)*);
    };
}

/// Returns the words of a hexadecimal number that starts with `0x`, lowest first.
///
/// # Panics
/// If the text is no such number, or if it has too many digits: in constants, an error of the compiler.
pub const fn words_of_hex<const WORDS: usize>(text: &str) -> [u32; WORDS] {
    let digits = text.as_bytes();
    assert!(
        digits.len() > 2 && digits[0] == b'0' && digits[1] == b'x',
        "expected a hexadecimal number that starts with `0x`"
    );
    assert!(digits.len() - 2 <= 8 * WORDS, "the number has too many digits");
    let (mut words, mut i) = ([0; WORDS], 0);
    while i < digits.len() - 2 {
        let digit = match digits[digits.len() - 1 - i] {
            digit @ b'0'..=b'9' => digit - b'0',
            digit @ b'a'..=b'f' => digit - b'a' + 10,
            digit @ b'A'..=b'F' => digit - b'A' + 10,
            _ => panic!("expected hexadecimal digits"),
        };
        words[i / 8] |= (digit as u32) << (4 * (i % 8));
        i += 1;
    }
    words
}

/// Returns the power of a base with an exponent whose words are lowest first, by squaring and multiplying.
pub fn power<T: Copy + MulAssign>(base: T, one: T, exponent: &[u32]) -> T {
    let mut power = one;
    for word in exponent.iter().rev() {
        for bit in (0..32).rev() {
            power *= power;
            if word >> bit & 1 == 1 {
                power *= base;
            }
        }
    }
    power
}

/// A number modulo a modulus of the machine, always below it.
#[repr(transparent)]
pub struct Residue<M, const WORDS: usize> {
    words: [u32; WORDS],
    modulus: PhantomData<M>,
}

impl<M: ModulusConst<WORDS>, const WORDS: usize> Residue<M, WORDS> {
    /// 0.
    pub const ZERO: Self = Self::of([0; WORDS]);
    /// 1.
    pub const ONE: Self = {
        let mut words = [0; WORDS];
        words[0] = 1;
        Self::of(words)
    };

    const fn of(words: [u32; WORDS]) -> Self {
        Self { words, modulus: PhantomData }
    }

    /// Returns the residue of a number, whose words are lowest first.
    pub fn from_words(words: [u32; WORDS]) -> Self {
        Self::of(words) + Self::ZERO
    }

    /// Returns a number that is below the modulus, whose words are lowest first, as a constant.
    ///
    /// # Panics
    /// If it is not below the modulus: in constants, an error of the compiler.
    pub const fn from_reduced(words: [u32; WORDS]) -> Self {
        assert!(is_below(&words, &M::MODULUS), "the number is not below the modulus");
        Self::of(words)
    }

    /// Returns the words of the number, lowest first.
    pub const fn to_words(self) -> [u32; WORDS] {
        self.words
    }

    /// Returns the residue of a number whose bytes are highest first: as many as the words have.
    ///
    /// # Panics
    /// If there are more or fewer.
    pub fn from_be_bytes(bytes: &[u8]) -> Self {
        assert_eq!(bytes.len(), 4 * WORDS, "the number of bytes of a residue");
        Self::from_words(core::array::from_fn(|i| {
            let end = bytes.len() - 4 * i;
            u32::from_be_bytes(core::array::from_fn(|j| bytes[end - 4 + j]))
        }))
    }

    /// Writes the bytes of the number, highest first: as many as the words have.
    ///
    /// # Panics
    /// If there are more or fewer.
    pub fn write_be_bytes(self, bytes: &mut [u8]) {
        assert_eq!(bytes.len(), 4 * WORDS, "the number of bytes of a residue");
        for (bytes, word) in bytes.chunks_exact_mut(4).zip(self.words.iter().rev()) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
    }

    /// Returns whether the number is 0.
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }

    /// Returns whether the number is odd.
    pub const fn is_odd(self) -> bool {
        self.words[0] & 1 == 1
    }

    /// Returns the power with an exponent whose words are lowest first.
    #[must_use]
    pub fn pow(self, exponent: &[u32]) -> Self {
        power(self, Self::ONE, exponent)
    }

    /// Returns a square root, or `None` if there is none. The modulus must be a prime.
    ///
    /// The host finds the root, and the program checks it. That there is none takes an exponentiation.
    pub fn square_root(self) -> Option<Self> {
        if let Some(root) = arch::hint_square_root::<M, WORDS>(&self.words).map(Self::from_words)
            && root * root == self
        {
            return Some(root);
        }
        // Euler's criterion: the exponent is (p − 1)/2.
        let mut half = M::MODULUS;
        for i in 0..WORDS {
            half[i] = half[i] >> 1 | if i + 1 < WORDS { half[i + 1] << 31 } else { 0 };
        }
        assert!(self.pow(&half) == -Self::ONE, "the hint of a square root is wrong");
        None
    }
}

/// Returns whether a number is below another one. Words are lowest first.
const fn is_below<const WORDS: usize>(x: &[u32; WORDS], y: &[u32; WORDS]) -> bool {
    let mut i = WORDS;
    while i > 0 {
        i -= 1;
        if x[i] != y[i] {
            return x[i] < y[i];
        }
    }
    false
}

/// Fails unless the modulus is the machine's modulus with this number.
pub fn setup<M: ModulusConst<WORDS>, const WORDS: usize>() {
    arch::setup::<M, WORDS>();
}

impl<M, const WORDS: usize> Clone for Residue<M, WORDS> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, const WORDS: usize> Copy for Residue<M, WORDS> {}

impl<M, const WORDS: usize> fmt::Debug for Residue<M, WORDS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.words.iter().rev().try_for_each(|word| write!(f, "{word:08x}"))
    }
}

impl<M: ModulusConst<WORDS>, const WORDS: usize> PartialEq for Residue<M, WORDS> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        arch::is_equal::<M, WORDS>(&self.words, &other.words)
    }
}

impl<M: ModulusConst<WORDS>, const WORDS: usize> Eq for Residue<M, WORDS> {}

impl<M: ModulusConst<WORDS>, const WORDS: usize> Default for Residue<M, WORDS> {
    fn default() -> Self {
        Self::ZERO
    }
}

impl<M: ModulusConst<WORDS>, const WORDS: usize> From<u32> for Residue<M, WORDS> {
    fn from(number: u32) -> Self {
        let mut words = [0; WORDS];
        words[0] = number;
        // A modulus has more than 32 bits.
        Self::of(words)
    }
}

impl<M: ModulusConst<WORDS>, const WORDS: usize> Neg for Residue<M, WORDS> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self::ZERO - self
    }
}

/// Implements operators: the third number is that of the instruction. Division by a number without an inverse ends the program.
macro_rules! operators {
    ($($operator:ident::$method:ident, $assign:ident::$assign_method:ident: $kind:literal;)+) => {$(
        impl<M: ModulusConst<WORDS>, const WORDS: usize> $operator for Residue<M, WORDS> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let mut words = MaybeUninit::uninit();
                // SAFETY: both are numbers of so many words, and the function writes the result.
                unsafe {
                    arch::apply_to::<M, WORDS, $kind>(words.as_mut_ptr(), &raw const self.words, &raw const other.words);
                    Self::of(words.assume_init())
                }
            }
        }

        impl<M: ModulusConst<WORDS>, const WORDS: usize> $assign for Residue<M, WORDS> {
            #[inline(always)]
            fn $assign_method(&mut self, other: Self) {
                *self = $operator::$method(*self, other);
            }
        }

        /// In programs, this is one instruction and copies nothing.
        impl<M: ModulusConst<WORDS>, const WORDS: usize> $assign<&Self> for Residue<M, WORDS> {
            #[inline(always)]
            fn $assign_method(&mut self, other: &Self) {
                let words = &raw mut self.words;
                // SAFETY: both are numbers of so many words.
                unsafe { arch::apply_to::<M, WORDS, $kind>(words, words, &raw const other.words) }
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

    use super::ModulusConst;

    /// `addmod`, `submod`, `mulmod` and `divmod`, for kinds 0 to 3.
    ///
    /// # Safety
    /// The pointers are those of numbers, and that of the result may be written.
    #[inline(always)]
    pub(super) unsafe fn apply_to<M: ModulusConst<WORDS>, const WORDS: usize, const KIND: u32>(
        result: *mut [u32; WORDS],
        x: *const [u32; WORDS],
        y: *const [u32; WORDS],
    ) {
        // SAFETY: the instruction reads both numbers and writes the whole result. They may overlap.
        unsafe {
            asm!(
                ".insn r 0x2b, 0, {funct7}, {result}, {x}, {y}",
                funct7 = const 8 * M::NUMBER + KIND,
                result = in(reg) result,
                x = in(reg) x,
                y = in(reg) y,
                options(nostack),
            );
        }
    }

    /// `iseqmod`.
    #[inline(always)]
    pub(super) fn is_equal<M: ModulusConst<WORDS>, const WORDS: usize>(x: &[u32; WORDS], y: &[u32; WORDS]) -> bool {
        let equal: u32;
        // SAFETY: the instruction reads both numbers, which are below the modulus.
        unsafe {
            asm!(
                ".insn r 0x2b, 0, {funct7}, {equal}, {x}, {y}",
                funct7 = const 8 * M::NUMBER + 4,
                equal = lateout(reg) equal,
                x = in(reg) x,
                y = in(reg) y,
                options(pure, readonly, nostack),
            );
        }
        equal != 0
    }

    /// `setup`, for all instructions.
    pub(super) fn setup<M: ModulusConst<WORDS>, const WORDS: usize>() {
        let (modulus, mut unused) = (M::MODULUS, MaybeUninit::<[u32; WORDS]>::uninit());
        // SAFETY: the instructions read the modulus, and write a number of as many words, and a register.
        unsafe {
            asm!(
                ".insn r 0x2b, 0, {funct7}, {unused}, {modulus}, x0",
                ".insn r 0x2b, 0, {funct7}, {unused}, {modulus}, x1",
                ".insn r 0x2b, 0, {funct7}, {flag}, {modulus}, x2",
                funct7 = const 8 * M::NUMBER + 5,
                unused = in(reg) unused.as_mut_ptr(),
                modulus = in(reg) &modulus,
                flag = lateout(reg) _,
                options(nostack),
            );
        }
    }

    /// Returns what the host says is a square root, or `None` if it says that there is none.
    pub(super) fn hint_square_root<M: ModulusConst<WORDS>, const WORDS: usize>(
        square: &[u32; WORDS],
    ) -> Option<[u32; WORDS]> {
        // SAFETY: the instruction reads the number and changes the hint stream.
        unsafe {
            asm!(
                ".insn r 0x2b, 0, {funct7}, x0, {square}, x0",
                funct7 = const 8 * M::NUMBER + 7,
                square = in(reg) square,
                options(nostack),
            );
        }
        let ([is_square], root) = (vm_sdk::hint::read(), vm_sdk::hint::read());
        (is_square == 1).then_some(root)
    }
}

/// What the instructions compute.
#[cfg(not(target_arch = "riscv32"))]
mod arch {
    use crate::modulus::Modulus;
    use crate::number::{number, words};

    use super::{ModulusConst, is_below};

    fn modulus<M: ModulusConst<WORDS>, const WORDS: usize>() -> Modulus {
        Modulus::new(number(&M::MODULUS)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// # Safety
    /// The pointers are those of numbers, and that of the result may be written.
    pub(super) unsafe fn apply_to<M: ModulusConst<WORDS>, const WORDS: usize, const KIND: u32>(
        result: *mut [u32; WORDS],
        x: *const [u32; WORDS],
        y: *const [u32; WORDS],
    ) {
        // SAFETY: promised by the caller.
        let (modulus, x, y) = unsafe { (modulus::<M, WORDS>(), number(&*x), number(&*y)) };
        let number = match KIND {
            0 => modulus.add(x, y),
            1 => modulus.sub(x, y),
            2 => modulus.mul(x, y),
            _ => match modulus.inverse(y) {
                Some(inverse) => modulus.mul(x, inverse),
                None => panic!("{y} has no inverse modulo {modulus}"),
            },
        };
        // SAFETY: promised by the caller.
        unsafe { result.write(words(number)) }
    }

    pub(super) fn is_equal<M: ModulusConst<WORDS>, const WORDS: usize>(x: &[u32; WORDS], y: &[u32; WORDS]) -> bool {
        assert!(is_below(x, &M::MODULUS) && is_below(y, &M::MODULUS), "`iseqmod` compares residues");
        x == y
    }

    pub(super) fn setup<M: ModulusConst<WORDS>, const WORDS: usize>() {
        modulus::<M, WORDS>();
    }

    pub(super) fn hint_square_root<M: ModulusConst<WORDS>, const WORDS: usize>(
        square: &[u32; WORDS],
    ) -> Option<[u32; WORDS]> {
        modulus::<M, WORDS>().square_root(number(square)).map(words)
    }
}
