//! An adapter whose values do not fit the columns, and parameters for which there is no adapter.
use vm_sdk::prelude::*;
use vm_sdk::rv32::Rv32R;

#[adapter(format = Rv32R, read([mem[rs1; N], mem[rs2; N]; R]))]
struct Blocks<const R: usize, const N: usize>;

#[columns]
struct Cols<T> {
    #[read(0)]
    x: [Word<T>; 8],
    #[read(1)]
    c: [Word<T>; 8],
}

macro_rules! instruction {
    ($name:ident, $adapter:ty, $reads:literal, $words:literal) => {
        #[instruction(adapter = $adapter, columns = Cols)]
        struct $name;

        #[instruction]
        impl Core for $name {
            fn execute(&self, _: [[u32; $words]; $reads]) {}
        }
    };
}

instruction!(Fits, Blocks<2, 8>, 2, 8);
instruction!(MoreWords, Blocks<2, 12>, 2, 12);
instruction!(FewerValues, Blocks<1, 8>, 1, 8);
instruction!(NoWords, Blocks<2, 0>, 2, 0);
instruction!(TooManyWords, Blocks<2, 1025>, 2, 1025);
instruction!(MoreThanListed, Blocks<3, 8>, 3, 8);
instruction!(NoValues, Blocks<0, 8>, 0, 8);

fn main() {}
