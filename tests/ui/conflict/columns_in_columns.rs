//! Roles belong to fields of the struct that the instruction names.
extern crate vm_core as vm_sdk;

use vm_derive::columns;

#[columns]
struct Limbs<T> {
    #[bool]
    sign: T,
    #[range(8)]
    bytes: [T; 2],
}

#[columns]
struct Cols<T> {
    limbs: Limbs<T>,
    pair: [Limbs<T>; 2],
    #[valid]
    is_valid: T,
}

/// Roles that constrain nothing are harmless, and so are structs without roles.
#[columns]
struct Witness<T> {
    #[free("chosen by nobody")]
    inverse: T,
}

#[columns]
struct Fine<T> {
    witness: Witness<T>,
}

fn main() {}
