//! The instruction that proves which curve a number of the list stands for.

use vm_modular::Listed;
use vm_modular::number::{number, words};
use vm_sdk::arch::authoring::{Reads, RegisterField, Samples, WordFormat};
use vm_sdk::arch::{ExecutionError, ExecutionResult};
use vm_sdk::instructions::Instruction;
use vm_sdk::prelude::*;
use vm_sdk::rv32::Rv32R;

use crate::curve::Curve;

/// R format, with the *number* of the register rs2 as the immediate: 0 for x0, else 1.
#[derive(Clone, Copy, Debug)]
pub enum SetupFormat {}

impl SetupFormat {
    /// The field `RD`.
    pub const RD: RegisterField = Rv32R::RD;
    /// The field `RS1`.
    pub const RS1: RegisterField = Rv32R::RS1;
}

impl WordFormat for SetupFormat {
    const IMMEDIATE: Option<fn(u32) -> u32> = Some(|word| u32::from(word >> 20 & 31 != 0));

    fn source(word: u32, field: RegisterField) -> u32 {
        Rv32R::source(word, field)
    }

    fn destination(word: u32, field: RegisterField) -> u32 {
        Rv32R::destination(word, field)
    }
}

/// Reads the block at rs1 and whether rs2 is another register than x0; writes the block at rd.
#[adapter(format = SetupFormat, read(mem[rs1; POINT], imm), write(mem[rd; POINT]))]
pub struct SetupAdapter<const POINT: usize>;

/// `setup rd, rs1`: proves that `[rs1]` is the modulus and, if rs2 is x0 (the program doubles), the coefficient `a` after it.
/// Writes zeros to `[rd]`.
#[instruction(
    adapter = SetupAdapter<POINT>,
    columns = SetupCols<POINT>,
    name = self.0.air_name("SetupCurve"),
    encode(custom1, funct3 = 1, funct7 = self.0.funct7(2)),
    computed(write(0))
)]
pub struct SetupCurve<const WORDS: usize, const POINT: usize>(pub Listed<Curve>);

/// Columns of [`SetupCurve`].
#[columns]
pub struct SetupCols<T, const POINT: usize> {
    /// The modulus and, for doubling, the coefficient; bound by the memory bus.
    #[read(0)]
    pub(crate) block: [Word<T>; POINT],
    /// 1 for additions, 0 for doubling; bound by the program table.
    #[read(1)]
    adds: Word<T>,
}

impl<const W: usize, const P: usize> SetupCurve<W, P> {
    /// Returns the words that a setup reads.
    fn expected(&self) -> [u32; P] {
        let curve = &self.0.value;
        let (modulus, a) = (curve.modulus().words::<W>(), words::<W>(curve.a()));
        std::array::from_fn(|i| if i < W { modulus[i] } else { a[i - W] })
    }
}

#[instruction]
impl<const WORDS: usize, const POINT: usize> Core for SetupCurve<WORDS, POINT> {
    fn check(&self, (block, adds): &([u32; POINT], u32), pc: u32) -> ExecutionResult<()> {
        let (expected, len) = (self.expected(), if *adds == 1 { WORDS } else { POINT });
        if block[..len] == expected[..len] {
            return Ok(());
        }
        let (modulus, a) = block.split_at(WORDS);
        let coefficient = if *adds == 1 { String::new() } else { format!(" and a = {:#x}", number(a)) };
        let message = format!(
            "the program's curve number {} has the modulus {:#x}{coefficient}, but the machine's has {} and a = {:#x}: give the \
             machine the curves in the order of the program",
            self.0.number,
            number(modulus),
            self.0.value.modulus(),
            self.0.value.a(),
        );
        Err(Box::new(ExecutionError::Fail { pc, message }))
    }

    fn execute(&self, _: ([u32; POINT], u32)) -> [u32; POINT] {
        [0; POINT]
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        // Soundness: the circuit counts on a flag. Operands are rd, rs1 and the two limbs of the immediate.
        matches!((instruction.c, instruction.d), (0 | 1, 0))
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        let (mut block, adds) = (self.expected(), samples.below(2));
        if adds == 1 {
            block[WORDS..].fill_with(|| samples.word());
        }
        Some((block, adds))
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &SetupCols<B::Var, POINT>) {
        let doubles = b.is_valid() - cols.adds[0];
        for (i, (cells, word)) in cols.block.iter().zip(self.expected()).enumerate() {
            let condition = if i < WORDS { b.is_valid() } else { doubles.clone() };
            for (cell, expected) in cells.iter().zip([word & 0xFFFF, word >> 16]) {
                b.when(condition.clone()).assert_eq(*cell, B::Expr::from_u32(expected));
            }
        }
    }

    fn write<B: CoreBuilder>(&self, _: &SetupCols<B::Var, POINT>, _value: usize, _word: usize) -> [B::Expr; 2] {
        [B::Expr::ZERO; 2]
    }
}
