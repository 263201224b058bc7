//! Equality, and the instructions that prove which modulus a number of the list stands for.

use vm_sdk::arch::authoring::{Io, Reads, Samples, mark_highest_difference};
use vm_sdk::arch::{ExecutionError, ExecutionResult};
use vm_sdk::prelude::*;
use vm_sdk::rv32::{Rv32Heap, Rv32HeapToRegister};

use crate::Listed;
use crate::modulus::Modulus;
use crate::number::number;

/// `iseqmod rd, rs1, rs2`: `rd = 1` if `[rs1]` and `[rs2]` are equal, else 0. Both must be below the modulus: with others,
/// execution fails, and there is no proof.
#[instruction(
    adapter = Rv32HeapToRegister<2, WORDS>,
    columns = EqualCols<WORDS>,
    name = self.0.air_name("IsEqualMod"),
    encode(custom1, funct3 = 0, funct7 = self.0.funct7(4)),
    computed(write(0))
)]
pub struct IsEqualMod<const WORDS: usize>(pub Listed<Modulus>);

/// Columns of [`IsEqualMod`].
#[columns]
pub struct EqualCols<T, const WORDS: usize> {
    /// First operand; bound by the memory bus.
    #[read(0)]
    pub(crate) x: [Word<T>; WORDS],
    /// Second operand; bound by the memory bus.
    #[read(1)]
    pub(crate) y: [Word<T>; WORDS],
    /// 1 if the operands are equal, else 0; determined by the differences.
    pub(crate) equal: T,
    /// Factors that make a sum of the differences equal to 1, if the operands differ. Any such factors will do.
    #[free("only witnesses that a difference is not zero")]
    pub(crate) inverse: [[T; 2]; WORDS],
    /// Mark the highest cells in which the operands differ from the modulus.
    pub(crate) x_differs: [[T; 2]; WORDS],
    pub(crate) y_differs: [[T; 2]; WORDS],
}

#[instruction]
impl<const WORDS: usize> Core for IsEqualMod<WORDS> {
    fn check(&self, reads: &[[u32; WORDS]; 2], pc: u32) -> ExecutionResult<()> {
        let modulus = self.0.value;
        match reads.iter().map(|words| number(words)).find(|operand| *operand >= modulus.value()) {
            None => Ok(()),
            Some(operand) => {
                let message = format!(
                    "iseqmod compares {operand}, which is not below the modulus {modulus} (number {}): reduce it before",
                    self.0.number
                );
                Err(Box::new(ExecutionError::Fail { pc, message }))
            }
        }
    }

    fn execute(&self, [x, y]: [[u32; WORDS]; 2]) -> u32 {
        u32::from(x == y)
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        let x = self.0.sample_reduced(samples);
        let mut y = x;
        match samples.below(4) {
            // One bit differs. The modulus itself may be reached: then the sample is drawn again.
            0 => y[samples.below(WORDS as u32) as usize] ^= 1 << samples.below(32),
            1 => y = self.0.sample_reduced(samples),
            _ => {}
        }
        Some([x, y])
    }

    fn witness(&self, io: &Io<Self>, cols: &mut EqualCols<F, WORDS>) {
        let modulus = self.0.value.words::<WORDS>();
        cols.equal = F::from_bool(io.reads[0] == io.reads[1]);
        // One difference with an inverse suffices.
        let cells = cols.x.as_flattened().iter().zip(cols.y.as_flattened());
        let inverses =
            cells.zip(cols.inverse.as_flattened_mut()).map(|((x, y), column)| ((*x - *y).try_inverse(), column));
        if let Some((inverse, column)) = inverses.filter_map(|(inverse, column)| Some((inverse?, column))).next() {
            *column = inverse;
        }
        mark_highest_difference(&io.reads[0], &modulus, cols.x_differs.as_flattened_mut());
        mark_highest_difference(&io.reads[1], &modulus, cols.y_differs.as_flattened_mut());
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &EqualCols<B::Var, WORDS>) {
        let modulus = self.0.value.words::<WORDS>();
        let (x, y) = (cols.x.as_flattened(), cols.y.as_flattened());
        // Soundness: on a valid row, the only solution is equal = 1 for equal operands and equal = 0 for different ones.
        let mut sum = B::Expr::ZERO;
        for ((x, y), inverse) in x.iter().zip(y).zip(cols.inverse.as_flattened()) {
            b.when(cols.equal).assert_eq(*x, *y);
            sum += (*x - *y) * *inverse;
        }
        b.assert_eq(sum, b.is_valid() - cols.equal);
        // Soundness: below the modulus, different integers are different residues.
        b.assert_below(x, &modulus, cols.x_differs.as_flattened());
        b.assert_below(y, &modulus, cols.y_differs.as_flattened());
    }

    fn write<B: CoreBuilder>(&self, cols: &EqualCols<B::Var, WORDS>, _value: usize, _word: usize) -> [B::Expr; 2] {
        [cols.equal.into(), B::Expr::ZERO]
    }
}

/// `setup rd, rs1` for the chips that write memory: proves that `[rs1]` is the modulus, and writes zeros to `[rd]`. The
/// *number* of the register rs2 says for which chip: 0 for sums, 1 for products. All are one to this machine, whose circuits
/// contain the modulus.
#[instruction(
    adapter = Rv32Heap<1, WORDS, WORDS>,
    columns = SetupCols<WORDS>,
    name = self.modulus.air_name(&format!("SetupMod{}", self.chip)),
    encode(custom1, funct3 = 0, funct7 = self.modulus.funct7(5), rs2 = self.chip),
    computed(write(0))
)]
pub struct SetupMod<const WORDS: usize> {
    /// The modulus.
    pub modulus: Listed<Modulus>,
    /// 0 or 1.
    pub chip: u32,
}

/// `setup rd, rs1` for comparisons, where the number of the register rs2 is 2: proves that `[rs1]` is the modulus, and
/// writes zero to rd.
#[instruction(
    adapter = Rv32HeapToRegister<1, WORDS>,
    columns = SetupCols<WORDS>,
    name = self.0.air_name("SetupIsEqualMod"),
    encode(custom1, funct3 = 0, funct7 = self.0.funct7(5), rs2 = 2),
    computed(write(0))
)]
pub struct SetupIsEqualMod<const WORDS: usize>(pub Listed<Modulus>);

/// Columns of [`SetupMod`] and [`SetupIsEqualMod`].
#[columns]
pub struct SetupCols<T, const WORDS: usize> {
    /// The operand: the modulus.
    #[read(0)]
    pub(crate) x: [Word<T>; WORDS],
}

impl Listed<Modulus> {
    /// Fails unless words are the modulus.
    ///
    /// # Errors
    /// [`ExecutionError::Fail`] with both numbers.
    pub fn check_setup(&self, read: &[u32], pc: u32) -> ExecutionResult<()> {
        let (given, modulus) = (number(read), self.value);
        if given == modulus.value() {
            return Ok(());
        }
        let message = format!(
            "the program's modulus number {} is {given:#x}, but the machine's is {modulus}: give the machine the moduli in \
             the order of the program",
            self.number
        );
        Err(Box::new(ExecutionError::Fail { pc, message }))
    }

    /// Proves on rows that are instructions that words are the modulus.
    pub fn eval_setup<B: CoreBuilder>(&self, b: &mut B, words: &[Word<B::Var>]) {
        for (cells, word) in words.iter().zip(self.value.words::<12>()) {
            for (cell, expected) in cells.iter().zip([word & 0xFFFF, word >> 16]) {
                b.when_valid().assert_eq(*cell, B::Expr::from_u32(expected));
            }
        }
    }
}

#[instruction]
impl<const WORDS: usize> Core for SetupMod<WORDS> {
    fn check(&self, [read]: &[[u32; WORDS]; 1], pc: u32) -> ExecutionResult<()> {
        self.modulus.check_setup(read, pc)
    }

    fn execute(&self, _: [[u32; WORDS]; 1]) -> [u32; WORDS] {
        [0; WORDS]
    }

    fn sample(&self, _: &mut Samples) -> Option<Reads<Self>> {
        Some([self.modulus.value.words()])
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &SetupCols<B::Var, WORDS>) {
        self.modulus.eval_setup(b, &cols.x);
    }

    fn write<B: CoreBuilder>(&self, _: &SetupCols<B::Var, WORDS>, _value: usize, _word: usize) -> [B::Expr; 2] {
        [B::Expr::ZERO; 2]
    }
}

#[instruction]
impl<const WORDS: usize> Core for SetupIsEqualMod<WORDS> {
    fn check(&self, [read]: &[[u32; WORDS]; 1], pc: u32) -> ExecutionResult<()> {
        self.0.check_setup(read, pc)
    }

    fn execute(&self, _: [[u32; WORDS]; 1]) -> u32 {
        0
    }

    fn sample(&self, _: &mut Samples) -> Option<Reads<Self>> {
        Some([self.0.value.words()])
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &SetupCols<B::Var, WORDS>) {
        self.0.eval_setup(b, &cols.x);
    }

    fn write<B: CoreBuilder>(&self, _: &SetupCols<B::Var, WORDS>, _value: usize, _word: usize) -> [B::Expr; 2] {
        [B::Expr::ZERO; 2]
    }
}
