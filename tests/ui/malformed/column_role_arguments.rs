//! Errors show the arguments of a role. All mistakes of a struct are reported at once.
extern crate vm_core as vm_sdk;

use vm_derive::columns;

#[columns]
struct Cols<T> {
    #[read]
    a: [T; 2],
    #[read()]
    b: [T; 2],
    #[read(x)]
    c: [T; 2],
    #[read(0 1)]
    d: [T; 2],
    #[read(300)]
    e: [T; 2],
    #[read(0, 1)]
    f: [T; 2],
    #[read(0, proven, proven)]
    g: [T; 2],
    #[write]
    h: [T; 2],
    #[write = 0]
    i: [T; 2],
    #[write(0u8)]
    j: [T; 2],
    #[valid(1)]
    k: T,
    #[bool = 1]
    l: T,
    #[one_hot(3)]
    m: [T; 3],
    #[opcode]
    n: T,
    #[opcode(3)]
    o: T,
    #[opcode_bit]
    p: T,
    #[opcode_bit(0)]
    q: T,
    #[opcode_bit(SIZE)]
    r: T,
    #[range]
    s: T,
    #[range(0)]
    t: T,
    #[range(17)]
    u: T,
    #[range(8 bits)]
    v: T,
    #[free]
    w: T,
    #[free(harmless)]
    x: T,
    #[free(" ")]
    y: T,
}

fn main() {}
