//! The attribute and its option are written once.
extern crate vm_core as vm_sdk;

use vm_derive::columns;

#[columns]
#[columns]
struct Twice<T> {
    a: T,
}

#[columns(crate = vm_sdk, crate = "vm_sdk")]
struct Options<T> {
    a: T,
}

fn main() {}
