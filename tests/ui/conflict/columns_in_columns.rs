//! Roles are for fields of the struct that the instruction names, not of structs inside of it.
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

/// Structs without roles, or with roles that constrain nothing, are legal inside of others.
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
