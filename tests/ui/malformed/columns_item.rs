//! `#[columns]` is for structs with named fields.
extern crate vm_core as vm_sdk;

use vm_derive::columns;

#[columns]
enum Choice<T> {
    One(T),
}

#[columns]
fn columns_of() {}

#[columns]
struct Pair<T>(T, T);

#[columns]
struct Nothing;

#[columns]
struct Empty<T> {}

fn main() {}
