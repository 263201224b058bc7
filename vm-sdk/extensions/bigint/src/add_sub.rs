//! add256 and sub256.

#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::arch::authoring::{Reads, Samples};
use vm_sdk::prelude::*;
#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::rv32::Rv32Heap;
#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::system::memory::CELL_INV;

use crate::FUNCT3;
#[cfg(not(target_arch = "riscv32"))]
use crate::{host, words};

/// Sums and differences modulo 2^256.
#[instruction(adapter = Rv32Heap<2, 8, 8>, columns = AddSub256Cols)]
#[derive(PartialEq, Eq)]
pub enum AddSub256 {
    /// `[rd] = [rs1] + [rs2]`.
    #[encode(custom0, funct3 = FUNCT3, funct7 = 0x00)]
    #[guest(unsafe fn add256(to: *mut [u32; 8], x: *const [u32; 8], y: *const [u32; 8]), host = host::add256)]
    Add256,
    /// `[rd] = [rs1] − [rs2]`.
    #[encode(custom0, funct3 = FUNCT3, funct7 = 0x01)]
    #[guest(unsafe fn sub256(to: *mut [u32; 8], x: *const [u32; 8], y: *const [u32; 8]), host = host::sub256)]
    Sub256,
}

/// Columns of [`AddSub256`]. Carries need none: each is an expression of the cells below.
#[columns]
pub struct AddSub256Cols<T> {
    /// Cells of the first operand; bound by the memory bus.
    #[read(0)]
    pub x: [Word<T>; 8],
    /// Cells of the second operand; bound by the memory bus.
    #[read(1)]
    pub y: [Word<T>; 8],
    /// Cells of the result; range-checked, and determined by the carries.
    #[write(0)]
    pub r: [Word<T>; 8],
    /// Selector of add256 rows: boolean, and part of the opcode that the program lookup fixes.
    #[opcode(AddSub256::Add256)]
    pub is_add: T,
    /// Selector of sub256 rows; like `is_add`.
    #[opcode(AddSub256::Sub256)]
    pub is_sub: T,
}

#[instruction]
impl Core for AddSub256 {
    fn execute(&self, [x, y]: [[u32; 8]; 2]) -> [u32; 8] {
        match self {
            Self::Add256 => words::add(x, y),
            Self::Sub256 => words::sub(x, y),
        }
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        Some(words::sample_pair(samples))
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &AddSub256Cols<B::Var>) {
        // x + y = r, and for a difference r + y = x, both modulo 2^256.
        for (flag, summand, sum) in [(cols.is_add, &cols.x, &cols.r), (cols.is_sub, &cols.r, &cols.x)] {
            let mut carry = B::Expr::ZERO;
            for word in 0..8 {
                for cell in 0..2 {
                    // Soundness: with a boolean carry, `summand + y + carry in = sum + 2^16·carry out` holds over the integers,
                    // because all cells are below 2^16. So the cell of the sum and the carry are determined, from the
                    // lowest cell upwards. For a difference, the summand is: it is the sum minus y and the carry, modulo
                    // 2^16. The last carry is dropped.
                    carry = (carry + summand[word][cell] + cols.y[word][cell] - sum[word][cell]) * CELL_INV;
                    b.when(flag).assert_bool(carry.clone());
                }
            }
        }
    }
}
