//! A phantom instruction has a discriminant, a word with at most two registers, and no result.
extern crate vm_core as vm_sdk;

use vm_core::arch::{ExecutionResult, PhantomContext, PhantomSubExecutor};
use vm_derive::phantom;

#[phantom]
struct Bare;

#[phantom(discriminant = 0x100, encode(custom1, funct3 = 6, funct7 = 0))]
struct ThreeRegisters;

#[phantom(discriminant = 0x100, encode(custom1, funct3 = 6))]
struct Immediate;

#[phantom(discriminant = 0x100, encode(custom1, funct3 = 6, funct7 = 0, rs2 = 0), guest(fn hint(x: u32) -> u32))]
struct Result;

#[phantom(discriminant, encode(custom1, funct3 = 8, imm = 0), gest(fn hint()))]
struct Misspelt;

#[phantom(discriminant = 1, encode(custom1, funct3 = 6, imm = 0))]
enum Enum {}

macro_rules! effects {
    ($($name:ident),*) => {$(
        impl PhantomSubExecutor for $name {
            fn execute(&self, _: &mut PhantomContext<'_>) -> ExecutionResult<()> {
                Ok(())
            }
        }
    )*};
}

effects!(Bare, ThreeRegisters, Immediate, Result, Misspelt);

fn main() {}
