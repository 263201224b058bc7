//! A declared phantom instruction has an effect, and an extension lists declared ones by their types.
extern crate vm_core as vm_sdk;

use vm_core::arch::{ExecutionResult, PhantomContext, PhantomSubExecutor};
use vm_derive::{phantom, vm_extension};

#[phantom(discriminant = 0x100, encode(custom1, funct3 = 6, imm = 0))]
struct NoEffect;

struct NotDeclared;

impl PhantomSubExecutor for NotDeclared {
    fn execute(&self, _: &mut PhantomContext<'_>) -> ExecutionResult<()> {
        Ok(())
    }
}

#[vm_extension(phantoms(NotDeclared))]
struct Hints;

#[vm_extension(phantoms(NoEffect, NoEffect), shared(requests: Requests))]
struct Twice;

fn main() {}
