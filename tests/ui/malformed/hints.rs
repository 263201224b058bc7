//! An adapter reads a block of hints at most once, with a number of words.
extern crate vm_core as vm_sdk;

use vm_derive::adapter;
use vm_rv32im::adapters::Rv32R;

#[adapter(format = Rv32R, read(hint), write(rd))]
struct NoWords;

#[adapter(format = Rv32R, read(hint[0]), write(rd))]
struct Nothing;

#[adapter(format = Rv32R, read(hint[2], hint[2]), write(rd))]
struct Twice;

#[adapter(format = Rv32R, read(hint[2, 3]), write(rd))]
struct TwoNumbers;

#[adapter(format = Rv32R, read(hint[5000 - 1]), write(rd))]
struct TooMany;

#[adapter(format = Rv32R, read(rs1), write(hint[2]))]
struct Written;

fn main() {}
