//! Declarations of adapters that contradict themselves.
use vm_sdk::prelude::*;
use vm_sdk::rv32::{Rv32B, Rv32I, Rv32R};

#[adapter(format = Rv32R, read(rs1), write(rd, mem[rd; 8]))]
struct TwoResults;

#[adapter(format = Rv32B, read(rs1, rs2), branch, write(rd))]
struct BranchAndResult;

#[adapter(format = Rv32R, read(rs1, mem[rs1; 8]))]
struct OneRegisterTwice;

#[adapter(format = Rv32R, read(mem[rd; 8]), write(rd))]
struct SourceAndDestination;

#[adapter(format = Rv32I, read(imm, imm))]
struct TwoImmediates;

#[adapter(format = Rv32R, read(rs1), write(rs2))]
struct OtherDestination;

#[adapter(format = Rv32I, read(rs1), write(imm))]
struct WrittenImmediate;

#[adapter(format = Rv32R, read([mem[rs1; 8], mem[rs2; 4]; 2]))]
struct UnequalArray;

#[adapter(format = Rv32R, read([rs1; 1], rs2))]
struct ArrayAndValue;

#[adapter(format = Rv32R, read(rs1, rs2, rs3, rd))]
struct FourValues;

fn main() {}
