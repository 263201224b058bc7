//! The cell is the first parameter, the only type parameter, and has no bounds.
extern crate vm_core as vm_sdk;

use vm_derive::columns;

#[columns]
struct Late<const N: usize, T> {
    a: [T; N],
}

#[columns]
struct Bounded<T: Copy> {
    a: T,
}

#[columns]
struct Clause<T>
where
    T: Into<u32>,
{
    a: T,
}

#[columns]
struct Borrowed<'a, T> {
    a: &'a T,
}

#[columns]
struct Two<T, U> {
    a: T,
    b: U,
}

#[columns]
struct None {
    a: u32,
}

fn main() {}
