//! An encoding is a major opcode and the fields that are fixed.
extern crate vm_core as vm_sdk;

use vm_core::machine::testing::TestAdapter;
use vm_derive::instruction;

#[instruction(adapter = TestAdapter, columns = Cols, encode)]
struct A;

#[instruction(adapter = TestAdapter, columns = Cols, encode = custom0)]
struct B;

#[instruction(adapter = TestAdapter, columns = Cols, encode())]
struct C;

#[instruction(adapter = TestAdapter, columns = Cols, encode(funct3 = 1))]
struct D;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3))]
struct E;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 8, funct7 = 0x80, rd = 32))]
struct F;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, imm = 4096))]
struct G;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = "5"))]
struct H;

#[instruction(adapter = TestAdapter, columns = Cols, encode(opcode = 0x80))]
struct I;

#[instruction(adapter = TestAdapter, columns = Cols, encode(opcode = 0x0C))]
struct J;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0 funct3 = 1))]
struct K;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, 7))]
struct L;

#[vm_derive::columns]
struct Cols<T> {
    #[read(0)]
    x: [T; 2],
    #[read(1)]
    y: [T; 2],
    #[write(0)]
    z: [T; 2],
}

fn main() {}
