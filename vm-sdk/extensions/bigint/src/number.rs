//! Numbers of 256 bits for programs, whose operators are the instructions.

use core::cmp::Ordering;
use core::mem::MaybeUninit;
use core::ops::{
    Add, AddAssign, BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Mul, MulAssign, Not, Shl,
    ShlAssign, Shr, ShrAssign, Sub, SubAssign,
};

use crate::{add256, and256, mul256, or256, sll256, slt256, sltu256, sra256, srl256, sub256, xor256};

/// An integer of 256 bits without a sign. Sums, differences and products are modulo 2^256.
///
/// In guest programs, an operator is one instruction, and `==` is one branch. On the host, the operators compute the same.
///
/// ```
/// use vm_bigint::U256;
///
/// let x = U256::from(3_u32) - U256::from(5_u32);
/// assert_eq!(x, U256::MAX - U256::from(1_u32));
/// assert!(x > U256::from(7_u32) && x.signed_lt(U256::from(7_u32)));
/// assert_eq!(x.arithmetic_shr(1), U256::MAX);
/// assert_eq!((x * x) << 254, U256::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct U256([u32; 8]);

/// An instruction that writes a number, as a function.
type Function = unsafe fn(*mut [u32; 8], *const [u32; 8], *const [u32; 8]);

impl U256 {
    /// 0.
    pub const ZERO: Self = Self([0; 8]);
    /// 2^256 − 1.
    pub const MAX: Self = Self([u32::MAX; 8]);

    /// Makes a number of its words of 32 bits, lowest first.
    pub const fn from_words(words: [u32; 8]) -> Self {
        Self(words)
    }

    /// Returns the words of 32 bits, lowest first.
    pub const fn to_words(self) -> [u32; 8] {
        self.0
    }

    /// Makes a number of its bytes, lowest first.
    pub fn from_le_bytes(bytes: [u8; 32]) -> Self {
        Self(core::array::from_fn(|i| u32::from_le_bytes(core::array::from_fn(|j| bytes[4 * i + j]))))
    }

    /// Returns the bytes, lowest first.
    pub fn to_le_bytes(self) -> [u8; 32] {
        core::array::from_fn(|i| self.0[i / 4].to_le_bytes()[i % 4])
    }

    /// Returns whether `self < other`, both in two's complement.
    pub fn signed_lt(self, other: Self) -> bool {
        self.apply(other, slt256).0[0] != 0
    }

    /// Shifts right and repeats the highest bit. Only the low eight bits of the amount count.
    #[must_use]
    pub fn arithmetic_shr(self, amount: u32) -> Self {
        self.apply(Self::from(amount), sra256)
    }

    #[inline(always)]
    fn less_than(self, other: Self) -> bool {
        self.apply(other, sltu256).0[0] != 0
    }

    #[inline(always)]
    #[allow(unsafe_code)]
    fn apply(self, other: Self, function: Function) -> Self {
        let mut result = MaybeUninit::<[u32; 8]>::uninit();
        // SAFETY: the pointers are those of numbers, and the function writes the whole result.
        Self(unsafe {
            function(result.as_mut_ptr(), &raw const self.0, &raw const other.0);
            result.assume_init()
        })
    }
}

/// Returns whether two numbers are equal: the instruction `beq256`.
#[inline(always)]
#[allow(unsafe_code)]
#[cfg(target_arch = "riscv32")]
fn are_equal(x: &[u32; 8], y: &[u32; 8]) -> bool {
    let equal: u32;
    // SAFETY: the instruction reads both numbers and branches.
    unsafe {
        core::arch::asm!(
            "li {equal}, 1",
            ".insn b 0x0b, 6, {x}, {y}, 2f",
            "li {equal}, 0",
            "2:",
            equal = out(reg) equal,
            x = in(reg) x,
            y = in(reg) y,
            options(pure, readonly, nostack),
        );
    }
    equal != 0
}

#[cfg(not(target_arch = "riscv32"))]
fn are_equal(x: &[u32; 8], y: &[u32; 8]) -> bool {
    x == y
}

impl PartialEq for U256 {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        are_equal(&self.0, &other.0)
    }
}

impl Eq for U256 {}

impl PartialOrd for U256 {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    // One instruction each, where `cmp` takes two.
    #[inline(always)]
    fn lt(&self, other: &Self) -> bool {
        self.less_than(*other)
    }

    #[inline(always)]
    fn le(&self, other: &Self) -> bool {
        !other.less_than(*self)
    }

    #[inline(always)]
    fn gt(&self, other: &Self) -> bool {
        other.less_than(*self)
    }

    #[inline(always)]
    fn ge(&self, other: &Self) -> bool {
        !self.less_than(*other)
    }
}

impl Ord for U256 {
    #[inline(always)]
    fn cmp(&self, other: &Self) -> Ordering {
        if self == other {
            Ordering::Equal
        } else if self < other {
            Ordering::Less
        } else {
            Ordering::Greater
        }
    }
}

impl From<u32> for U256 {
    fn from(value: u32) -> Self {
        Self([value, 0, 0, 0, 0, 0, 0, 0])
    }
}

impl From<u64> for U256 {
    fn from(value: u64) -> Self {
        Self([value as u32, (value >> 32) as u32, 0, 0, 0, 0, 0, 0])
    }
}

impl Not for U256 {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        self ^ Self::MAX
    }
}

/// Implements operators on two numbers.
macro_rules! operators {
    ($($operator:ident::$method:ident, $assign:ident::$assign_method:ident: $function:ident;)+) => {$(
        impl $operator for U256 {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.apply(other, $function)
            }
        }

        impl $assign for U256 {
            #[inline(always)]
            fn $assign_method(&mut self, other: Self) {
                *self = self.apply(other, $function);
            }
        }
    )+};
}

operators! {
    Add::add, AddAssign::add_assign: add256;
    Sub::sub, SubAssign::sub_assign: sub256;
    Mul::mul, MulAssign::mul_assign: mul256;
    BitXor::bitxor, BitXorAssign::bitxor_assign: xor256;
    BitOr::bitor, BitOrAssign::bitor_assign: or256;
    BitAnd::bitand, BitAndAssign::bitand_assign: and256;
}

/// Implements shifts. Only the low eight bits of the amount count, as with `u32::wrapping_shl`.
macro_rules! shifts {
    ($($operator:ident::$method:ident, $assign:ident::$assign_method:ident: $function:ident;)+) => {$(
        /// Only the low eight bits of the amount count.
        impl $operator<u32> for U256 {
            type Output = Self;

            #[inline(always)]
            fn $method(self, amount: u32) -> Self {
                self.apply(Self::from(amount), $function)
            }
        }

        /// Only the low eight bits of the amount count.
        impl $assign<u32> for U256 {
            #[inline(always)]
            fn $assign_method(&mut self, amount: u32) {
                *self = self.apply(Self::from(amount), $function);
            }
        }
    )+};
}

shifts! {
    Shl::shl, ShlAssign::shl_assign: sll256;
    Shr::shr, ShrAssign::shr_assign: srl256;
}
