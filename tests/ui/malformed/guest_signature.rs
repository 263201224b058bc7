//! The parameters and the result of a guest function are registers.
extern crate vm_core as vm_sdk;

use vm_core::machine::testing::TestAdapter;
use vm_derive::instruction;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(const fn rotate(x: u32, y: u32) -> u32))]
struct A;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(async fn rotate(x: u32, y: u32) -> u32))]
struct B;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(extern "C" fn rotate(x: u32, y: u32) -> u32))]
struct C;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate(self, y: u32) -> u32))]
struct D;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate((x, y): (u32, u32), z: u32) -> u32))]
struct E;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate(mut x: u32, y: u64) -> u32))]
struct F;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate(x: &u32, y: bool) -> u32))]
struct G;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate(x: u32, y: u32) -> u64))]
struct H;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate(x: *const u32, y: u32) -> u32, host = host))]
struct I;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate<T>(x: u32, y: u32) -> u32))]
struct J;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate<const IMM: i32>(x: u32) -> u32))]
struct K;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate(x: u32) -> u32))]
struct L;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate(x: u32, y: u32, z: u32) -> u32))]
struct M;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1, funct7 = 0), guest(fn rotate(x: u32, y: u32) -> u32 where u32: Copy))]
struct N;

#[instruction(adapter = TestAdapter, columns = Cols, encode(custom0, funct3 = 1), guest(fn rotate<const IMM: u32>(x: u32) -> u32))]
struct O;

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
