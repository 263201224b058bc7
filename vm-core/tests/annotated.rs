//! Annotated instructions on the smallest adapter: flags of the framework, roles, generated tests.
#![allow(missing_docs, unreachable_pub)]

// Generated code names the crate that users depend on.
extern crate vm_core as vm_sdk;

use p3_air::AirBuilder;
use p3_field::{Field, PrimeCharacteristicRing};
use vm_core::arch::authoring::{Core, CoreBuilder, Io, Word};
use vm_core::arch::testing::{TestAdapter, check_instruction};
use vm_core::stark::F;
use vm_derive::{columns, instruction, vm_extension};

/// Sums and differences.
#[instruction(adapter = TestAdapter, columns = SumCols)]
pub enum Sum {
    /// `y = x + c`.
    #[encode(op, funct3 = 0, funct7 = 0)]
    #[guest = "add"]
    Add,
    /// `y = x - c`.
    #[encode(op, funct3 = 0, funct7 = 0x20)]
    #[guest(fn sub(x: u32, c: u32) -> u32)]
    Sub,
}

#[columns]
pub struct SumCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0)]
    y: Word<T>,
}

#[instruction]
impl Core for Sum {
    fn execute(&self, [x, c]: [u32; 2]) -> u32 {
        match self {
            Self::Add => x.wrapping_add(c),
            Self::Sub => x.wrapping_sub(c),
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &SumCols<B::Var>) {
        for (flag, a, sum) in [(Self::Add, cols.x, cols.y), (Self::Sub, cols.y, cols.x)] {
            let flag = b.flag(flag as usize);
            let mut carry = B::Expr::ZERO;
            for i in 0..2 {
                carry = (carry + a[i] + cols.c[i] - sum[i]) * F::from_u32(1 << 16).inverse();
                b.when(flag.clone()).assert_bool(carry.clone());
            }
        }
    }
}

/// The smaller one, signed or not: flags as columns.
#[instruction(adapter = TestAdapter, columns = EqualCols, encode(op, funct3 = 2, funct7 = 0x7F), guest = equal, name = "Equality")]
pub struct Equal;

#[columns]
pub struct EqualCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0, proven)]
    y: Word<T>,
    #[bool]
    equal: T,
    #[free("witnesses only that a difference is not zero, in the prover's choice")]
    inverse: [T; 2],
}

#[instruction]
impl Core for Equal {
    fn execute(&self, [x, c]: [u32; 2]) -> u32 {
        u32::from(x == c)
    }

    fn witness(&self, io: &Io<Self>, cols: &mut EqualCols<F>) {
        cols.equal = F::from_u32(io.writes);
        for i in 0..2 {
            if let Some(inverse) = (cols.x[i] - cols.c[i]).try_inverse() {
                cols.inverse[i] = inverse;
                break;
            }
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &EqualCols<B::Var>) {
        let difference = [0, 1].map(|i| cols.x[i] - cols.c[i]);
        let mut witnessed: B::Expr = cols.equal.into();
        for (difference, inverse) in difference.into_iter().zip(cols.inverse) {
            b.when(cols.equal).assert_zero(difference.clone());
            witnessed = witnessed + difference * inverse;
        }
        let is_valid = b.is_valid();
        b.assert_eq(witnessed, is_valid);
        b.assert_eq(cols.y[0], cols.equal);
        b.assert_zero(cols.y[1]);
    }
}

#[vm_extension(instructions(Sum, Equal))]
#[derive(Clone, Copy, Debug)]
pub struct Arithmetic;

/// As [`Equal`], but nothing says that `y` is the outcome.
#[instruction(adapter = TestAdapter, columns = LooseCols)]
pub struct Loose;

#[columns]
pub struct LooseCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0)]
    y: Word<T>,
}

#[instruction]
impl Core for Loose {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &LooseCols<B::Var>) {
        b.assert_eq(cols.y[0], cols.x[0]);
    }
}

#[vm_extension(instructions(Loose), tests = false)]
#[derive(Clone, Copy, Debug)]
pub struct LooseArithmetic;

#[test]
fn an_under_constrained_column_is_named() {
    let outcome = std::panic::catch_unwind(|| check_instruction::<_, Loose>(&LooseArithmetic));
    let message = *outcome.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("core.y[1]") && message.contains("`Loose`"), "{message}");
    assert!(!message.contains("core.y[0]"), "{message}");
}

#[test]
fn guest_functions_compute_the_same_on_the_host() {
    assert_eq!((add(7, u32::MAX), sub(1, 2), equal(3, 3), equal(3, 4)), (6, u32::MAX, 1, 0));
}
