//! Arguments and attributes that are repeated.
use vm_sdk::prelude::*;
use vm_sdk::rv32::Rv32R;

#[adapter(format = Rv32R, read(rs1), read(rs2), write(rd), write(rd))]
struct Arguments;

#[adapter(format = Rv32R, read(rs1))]
#[adapter(format = Rv32R, read(rs2))]
struct Attributes;

fn main() {}
