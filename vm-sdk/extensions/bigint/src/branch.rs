//! beq256.

#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::arch::authoring::{Reads, Samples};
use vm_sdk::prelude::*;

#[cfg(not(target_arch = "riscv32"))]
use crate::adapters::Branch256Adapter;
#[cfg(not(target_arch = "riscv32"))]
use crate::words;

/// Branches if `[rs1] = [rs2]`.
#[instruction(
    adapter = Branch256Adapter,
    columns = BranchEqual256Cols,
    name = "BranchEqual256",
    encode(custom0, funct3 = 6),
    computed(write(0))
)]
#[derive(PartialEq, Eq)]
pub struct Beq256;

/// Columns of [`Beq256`].
#[columns]
pub struct BranchEqual256Cols<T> {
    /// Cells of the first operand; bound by the memory bus.
    #[read(0)]
    pub x: [Word<T>; 8],
    /// Cells of the second operand; bound by the memory bus.
    #[read(1)]
    pub y: [Word<T>; 8],
    /// 1 if the operands are equal, else 0; determined by the differences.
    pub equal: T,
    /// With `column`, factors `row[i]·column[j]` of the differences of the cells `4·i + j` that make their sum 1, if the
    /// operands differ. They only witness that a difference is not zero, so any such factors will do.
    #[free("only witnesses that a difference is not zero")]
    pub row: [T; 4],
    /// See `row`.
    #[free("only witnesses that a difference is not zero")]
    pub column: [T; 4],
}

#[instruction]
impl Core for Beq256 {
    fn execute(&self, [x, y]: [[u32; 8]; 2]) -> bool {
        x == y
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        Some(words::sample_pair(samples))
    }

    fn witness(&self, io: &Io<Self>, cols: &mut BranchEqual256Cols<F>) {
        cols.equal = F::from_bool(io.writes);
        let cells = [&cols.x, &cols.y].map(|number| number.as_flattened().to_vec());
        let inverse = |i: usize| (cells[0][i] - cells[1][i]).try_inverse();
        if let Some((i, inverse)) = (0..16).find_map(|i| Some((i, inverse(i)?))) {
            cols.row[i / 4] = F::ONE;
            cols.column[i % 4] = inverse;
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &BranchEqual256Cols<B::Var>) {
        // Soundness: if a cell differs, equal is 0. If none does, the sum is 0, so equal is 1 on a valid row.
        let mut sum = B::Expr::ZERO;
        for (i, (x, y)) in cols.x.as_flattened().iter().zip(cols.y.as_flattened()).enumerate() {
            let difference = *x - *y;
            b.when(cols.equal).assert_zero(difference.clone());
            sum += difference * cols.row[i / 4] * cols.column[i % 4];
        }
        b.assert_eq(sum, b.is_valid() - cols.equal);
    }

    fn write<B: CoreBuilder>(&self, cols: &BranchEqual256Cols<B::Var>, _: usize, _: usize) -> [B::Expr; 2] {
        [cols.equal.into(), B::Expr::ZERO]
    }
}
