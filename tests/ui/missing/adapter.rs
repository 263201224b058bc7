//! An adapter needs a format, and values that it reads. One mistake is one error, also where the adapter is used.
use vm_sdk::prelude::*;
use vm_sdk::rv32::Rv32R;

#[adapter(read(rs1, rs2), write(rd))]
struct NoFormat;

#[adapter(format = Rv32R, write(rd))]
struct NoSources;

#[adapter(format = Rv32R, read(), write(rd))]
struct EmptySources;

#[instruction(adapter = NoFormat, columns = Cols)]
struct Sum;

#[instruction]
impl Core for Sum {
    fn execute(&self, [x, c]: [u32; 2]) -> u32 {
        x.wrapping_add(c)
    }
}

#[columns]
struct Cols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0)]
    y: Word<T>,
}

fn main() {}
