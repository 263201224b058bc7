//! Numbers and carried columns of multi-row instructions. All mistakes of a struct are reported at once.
extern crate vm_core as vm_sdk;

use vm_derive::columns;

#[columns]
struct Cols<T> {
    #[register]
    a: [T; 2],
    #[register(7)]
    b: [T; 2],
    #[register(0 bits)]
    c: [T; 2],
    #[register(0, bits = 15)]
    d: [T; 2],
    #[register(1, bits = 29, step = 0)]
    e: [T; 2],
    #[register(2, step = 4)]
    f: [T; 2],
    #[register(3, count)]
    g: [T; 2],
    #[register(4, bits = 29, step = 4, count)]
    h: [T; 2],
    #[register(5, steps = 4)]
    i: [T; 2],
    #[register(6, bits)]
    j: [T; 2],
    #[carried()]
    k: T,
    #[carried(3)]
    l: T,
    #[carried(k, l)]
    m: T,
    #[carried = k]
    n: T,
    #[carried(other)]
    o: T,
}

#[columns]
struct Twice<T> {
    #[register(0)]
    a: [T; 2],
    #[register(0)]
    b: [T; 2],
}

fn main() {}
