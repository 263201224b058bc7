//! An instruction that reads hints: it stores a block of them.

use vm_sdk::arch::MAIN_SPACE;
use vm_sdk::arch::testing::check_instruction;
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::prelude::*;
use vm_sdk::rv32::Rv32R;
use vm_sdk::stark::BabyBearBlake3Engine;

use crate::{PC, Test, complaint, instruction, program};

/// Hints become a block of memory.
#[adapter(format = Rv32R, read(hint[3]), write(mem[rd; 3]))]
pub(crate) struct HintToBlock;

/// `take rd`: `[rd; 12]` becomes the next three words of the hint stream.
#[instruction(
    adapter = HintToBlock,
    columns = TakeCols,
    encode(custom1, funct3 = 5, funct7 = 0, rs1 = 0, rs2 = 0),
    computed(write(0)),
)]
pub(crate) struct Take;

#[columns]
pub(crate) struct TakeCols<T> {
    #[read(0)]
    hint: [Word<T>; 3],
}

#[instruction]
impl Core for Take {
    fn execute(&self, hint: [u32; 3]) -> [u32; 3] {
        hint
    }

    fn write<B: CoreBuilder>(&self, cols: &TakeCols<B::Var>, _value: usize, word: usize) -> [B::Expr; 2] {
        cols.hint[word].map(Into::into)
    }
}

/// As [`Take`], with a promise about the cells that nothing keeps.
#[instruction(
    adapter = HintToBlock,
    columns = CarelessCols,
    encode(custom1, funct3 = 5, funct7 = 0, rs1 = 0, rs2 = 0),
    computed(write(0)),
)]
pub(crate) struct CarelessTake;

#[columns]
pub(crate) struct CarelessCols<T> {
    #[read(0, proven)]
    hint: [Word<T>; 3],
}

#[instruction]
impl Core for CarelessTake {
    fn execute(&self, hint: [u32; 3]) -> [u32; 3] {
        hint
    }

    fn write<B: CoreBuilder>(&self, cols: &CarelessCols<B::Var>, _value: usize, word: usize) -> [B::Expr; 2] {
        cols.hint[word].map(Into::into)
    }
}

#[vm_extension(instructions(Take))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Takes;

#[vm_extension(instructions(CarelessTake), tests = false)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct CarelessTakes;

#[test]
fn hints_are_stored_in_their_order() {
    let run = |hints: &[u32]| {
        let program = program(Takes).register(5, 0x2000).register(6, 0x3000).hints(hints.iter().copied());
        program.instructions(PC, [instruction([5, 0, 0]), instruction([6, 0, 0])])
    };
    let memory = run(&[1, 2, 0xFFFF_FFFF, 4, 5, 6, 7]).run().unwrap().memory;
    let words = [0x2000, 0x2004, 0x2008, 0x3000, 0x3004, 0x3008];
    assert_eq!(words.map(|pointer| memory[&(MAIN_SPACE, pointer)]), [1, 2, 0xFFFF_FFFF, 4, 5, 6]);
    let error = run(&[1, 2, 3, 4, 5]).run().unwrap_err().to_string();
    assert!(error.contains("hint"), "{error}");
    run(&[1, 2, 3, 4, 5, 6]).build::<BabyBearBlake3Engine>().unwrap().prove_and_verify().unwrap();
}

/// Returns a run that stores three hints.
fn run<X>(extension: X) -> Test<X>
where
    vm_sdk::arch::testing::ExtensionVm<X>: VmConfig,
{
    let program = program(extension).register(5, 0x2000).hints([1, 2, 3]);
    program.instructions(PC, [instruction([5, 0, 0])]).build().unwrap()
}

/// Forged: the low cell of a hint has more than 16 bits. Only the range check of the complete chip refuses it.
#[test]
fn cells_of_hints_are_range_checked() {
    let forged = F::from_u32(1 << 16);
    let complete = run(Takes).alone_with("Take", |cols: &mut TakeCols<F>| cols.hint[0][0] = forged).unwrap();
    complete.assert_refused_by::<BabyBearBlake3Engine>(&["range(core.hint[0][0]"]);
    let careless =
        run(CarelessTakes).alone_with("CarelessTake", |cols: &mut CarelessCols<F>| cols.hint[0][0] = forged).unwrap();
    careless.prove_and_verify::<BabyBearBlake3Engine>().unwrap();
    let message = complaint(|| check_instruction::<_, CarelessTake>(&CarelessTakes));
    assert!(message.contains("core.hint["), "{message}");
}
