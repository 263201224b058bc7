//! An instruction that chooses samples that its adapter cannot set: the immediate is in the program, not in memory.

use vm_sdk::arch::authoring::{Reads, Samples};
use vm_sdk::arch::testing::check_instruction;
use vm_sdk::prelude::*;
use vm_sdk::rv32::operands::Immediate;

use crate::complaint;

/// Copies the first operand.
#[instruction(adapter = Rv32AluImm<Immediate>, columns = CopyCols)]
pub(crate) struct CopyFirst;

#[columns]
pub(crate) struct CopyCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    imm: Word<T>,
    #[write(0, proven)]
    y: Word<T>,
}

#[instruction]
impl Core for CopyFirst {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        Some([samples.word(), samples.word()])
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &CopyCols<B::Var>) {
        for i in 0..2 {
            b.assert_eq(cols.y[i], cols.x[i]);
        }
    }
}

#[vm_extension(instructions(CopyFirst), tests = false)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Copying;

#[test]
fn samples_that_are_not_in_memory_are_an_error() {
    let message = complaint(|| check_instruction::<_, CopyFirst>(&Copying));
    assert!(message.contains("word 0 of read(1) is chosen by `Core::sample`"), "{message}");
    assert!(message.contains("implement `SampleOperands::source`"), "{message}");
}
