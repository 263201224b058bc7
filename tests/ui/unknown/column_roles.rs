//! Misspelt roles and options are reported with a suggestion.
extern crate vm_core as vm_sdk;

use vm_derive::columns;

#[columns(krate = "vm_sdk")]
struct Cols<T> {
    #[reed(0)]
    a: [T; 2],
    #[onehot]
    b: [T; 4],
    #[write(0, prooven)]
    c: [T; 2],
    #[boolean]
    d: T,
    #[serde(skip)]
    e: T,
}

fn main() {}
