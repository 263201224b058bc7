//! Misspelt registers and arguments are reported with a suggestion.
use vm_sdk::prelude::*;
use vm_sdk::rv32::Rv32R;

#[adapter(format = Rv32R, read(rs4, mem[sr1; 8]), write(rdd))]
struct Registers;

#[adapter(format = Rv32R, read(memory[rs1; 8], im))]
struct Values;

#[adapter(formt = Rv32R, reads(rs1), branches)]
struct Arguments;

fn main() {}
