//! Fields that the words of a format do not have, and a block whose number of words is a constant.
use vm_sdk::prelude::*;
use vm_sdk::rv32::{Rv32B, Rv32I, Rv32R};

const NO_WORDS: usize = 0;

#[adapter(format = Rv32R, read(rs1, rs2, rs3))]
struct ThirdSource;

#[adapter(format = Rv32B, read(rs1), write(rd))]
struct Result;

#[adapter(format = Rv32R, read(rs1, imm))]
struct NoImmediate;

#[adapter(format = Rv32I, read(rs1), branch)]
struct NoTarget;

#[adapter(format = u32, read(imm))]
struct NoFormat;

#[adapter(format = Rv32R, read(mem[rs1; NO_WORDS]))]
struct Words;

fn main() {}
