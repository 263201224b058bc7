//! A column has at most one role.
extern crate vm_core as vm_sdk;

use vm_derive::columns;

#[columns]
struct Cols<T> {
    #[read(0)]
    #[range(16)]
    x: [T; 2],
    #[bool]
    #[valid]
    flag: T,
}

fn main() {}
