//! Declarations of adapters that are not of the right form.
use vm_sdk::prelude::*;
use vm_sdk::rv32::Rv32R;

#[adapter(format = Rv32R, read(mem[rs1]))]
struct NoWords;

#[adapter(format = Rv32R, read(mem[8]))]
struct NoRegister;

#[adapter(format = Rv32R, read(mem rs1))]
struct NoBrackets;

#[adapter(format = Rv32R, read(mem[rs1; 0], mem[rs2; 1025]), write(mem[rd; "8"]))]
struct WrongNumbers;

#[adapter(format = Rv32R, read(8, rs2 rs1))]
struct NotValues;

#[adapter(format = Rv32R, read([rs1, rs2]))]
struct NoCount;

#[adapter(format, read, write = rd, branch(rs1))]
struct WrongForms;

#[adapter(format = Rv32R, read(rs1))]
struct Fields {
    field: u32,
}

#[adapter(format = Rv32R, read(rs1))]
struct Typed<T>;

#[adapter(format = Rv32R, read(rs1))]
struct Borrowed<'a>;

#[adapter(format = Rv32R, read(rs1))]
enum NoStruct {}

fn main() {}
