//! The table of byte pairs: its rows are proven, so each constraint has a table of other pairs that only it rejects.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use vm_core::arch::SystemConfig;
use vm_core::arch::authoring::{Bytes, Core, CoreBuilder, Word};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::machine::testing::{ChipTest, ExtensionVm, Rejection, TestAdapter, VmChipTestBuilder};
use vm_core::primitives::BytePairsTable;
use vm_core::stark::{BabyBearBlake3Engine, F};
use vm_derive::{columns, instruction, vm_extension};

/// Copies the first operand, whose bytes it checks in pairs.
#[instruction(adapter = TestAdapter, columns = PairsCols)]
pub struct Pairs;

#[columns]
pub struct PairsCols<T> {
    #[read(0, proven)]
    x: Bytes<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0, proven)]
    y: Bytes<T>,
}

#[instruction]
impl Core for Pairs {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &PairsCols<B::Var>) {
        b.byte_pairs(&cols.x);
        for i in 0..4 {
            b.assert_eq(cols.y[i], cols.x[i]);
        }
    }
}

#[vm_extension(instructions(Pairs), lookups(BytePairs: BytePairsTable))]
#[derive(Clone, Copy, Debug)]
pub struct Pairing;

type Test = ChipTest<BabyBearBlake3Engine, ExtensionVm<Pairing>>;

const FIRST_OPCODE: u32 = vm_core::arch::ALLOCATED_OPCODES;

/// A run that queries the pairs (8, 7) and (6, 5), if it has the instruction.
fn run(instruction: bool) -> Test {
    let program = VmChipTestBuilder::new(ExtensionVm { system: SystemConfig::default(), extension: Pairing });
    let program = program.register(5, 0x0506_0708);
    let copy = Instruction::from_parts(VmOpcode::from_u32(FIRST_OPCODE), [24, 20, 20, 0, 0, 0, 0]);
    let terminate = vm_core::instructions::LocalOpcode::global_opcode(vm_core::instructions::SystemOpcode::TERMINATE);
    let terminate = Instruction::from_parts(terminate, [0; 7]);
    let instructions = if instruction { vec![copy, terminate] } else { vec![terminate] };
    program.instructions(0x1000, instructions).build().unwrap()
}

/// Replaces the pairs of the table. The multiplicities stay with their pairs.
fn with_pairs(test: &mut Test, pairs: impl Fn(usize) -> (i64, i64)) {
    let table = test.air_index("BytePairs").unwrap();
    let trace = test.inputs.iter_mut().find(|input| input.air == table).unwrap().traces.first_mut().unwrap();
    let honest: Vec<F> = trace.values.chunks_exact(3).map(|row| row[2]).collect();
    let mut queried: Vec<usize> = (0..honest.len()).filter(|row| honest[*row] != F::ZERO).collect();
    for (row, cells) in trace.values.chunks_exact_mut(3).enumerate() {
        let (x, y) = pairs(row);
        let found = queried.iter().position(|row| ((row >> 8) as i64, (row & 255) as i64) == (x, y));
        let multiplicity = found.map_or(F::ZERO, |index| honest[queried.remove(index)]);
        cells.copy_from_slice(&[F::from_i64(x), F::from_i64(y), multiplicity]);
    }
    assert!(queried.is_empty(), "all queried pairs are in the table");
}

#[test]
fn a_proof_without_queries_has_no_table() {
    for (instruction, tables) in [(true, 1), (false, 0)] {
        let test = run(instruction);
        let table = test.air_index("BytePairs").unwrap();
        let traces: usize = test.inputs.iter().filter(|input| input.air == table).map(|input| input.traces.len()).sum();
        assert_eq!(traces, tables);
        test.prove_and_verify().unwrap();
    }
}

#[test]
fn each_constraint_of_the_table_is_needed() {
    let honest = |row: usize| ((row >> 8) as i64, (row & 255) as i64);
    // After a wrap after `y` = 255 − k or a start at (0, k), the last pairs are (255, 256) to (255, 255 + k).
    let ahead = |row: usize, by: usize| {
        let (x, y) = honest(row + by);
        if x > 255 { (255, y + 256 * (x - 255)) } else { (x, y) }
    };
    type Pairs<'a> = Box<dyn Fn(usize) -> (i64, i64) + 'a>;
    let forgeries: [(&str, Pairs<'_>); 6] = [
        ("is_first*x", Box::new(|row| ahead(row, 256))),
        ("is_first*y", Box::new(|row| ahead(row, 100))),
        ("is_last*(x - (2^8 - 1))", Box::new(|row| if row < 4096 { honest(row) } else { (15, (row - 3840) as i64) })),
        (
            "is_transition*(x' - x)*(x' - x - 1)",
            Box::new(|row| match honest(row) {
                (1, y) => (2, y - 256),
                pair => pair,
            }),
        ),
        ("is_transition*(x' - x)*(2^8 - 1 - y)", Box::new(|row| if row < 20 { honest(row) } else { ahead(row, 236) })),
        ("is_transition*(y' - (1 - (x' - x))*(y + 1))", Box::new(|row| if row == 5 { (0, 300) } else { honest(row) })),
    ];
    for (constraint, pairs) in forgeries {
        let mut test = run(true);
        with_pairs(&mut test, pairs);
        let report = test.debug();
        assert!(report.imbalances.is_empty(), "{constraint}: {report}");
        let failures: Vec<(&str, &String)> =
            report.labels.iter().map(|((air, _), text)| (report.airs[*air].as_str(), text)).collect();
        let [("BytePairs", text)] = failures[..] else { panic!("{constraint}: one constraint fails: {report}") };
        assert_eq!(text, constraint);
        let outcome = test.attempt();
        assert!(matches!(outcome, Err(Rejection::Verifier(_))), "{constraint}: {outcome:?}");
    }
}

#[test]
fn values_that_are_no_bytes_are_not_in_the_table() {
    let mut test = run(true);
    // (7, 8) as 7 + 256 and 8 − 1: the same cell.
    let chip = test.air_index("Pairs").unwrap();
    let names = test.air("Pairs").unwrap().column_names();
    let column = |name: &str| names.iter().position(|other| other == name).unwrap();
    let trace = &mut test.inputs.iter_mut().find(|input| input.air == chip).unwrap().traces[0];
    for name in ["x", "y"] {
        let (low, high) = (column(&format!("core.{name}[0]")), column(&format!("core.{name}[1]")));
        assert_eq!((trace.values[low].as_canonical_u32(), trace.values[high].as_canonical_u32()), (8, 7));
        trace.values[low] += F::from_u32(256);
        trace.values[high] -= F::ONE;
    }
    let report = test.debug();
    assert!(report.labels.is_empty() && report.problems.is_empty(), "{report}");
    assert!(!report.imbalances.is_empty() && report.imbalances.iter().all(|imbalance| imbalance.bus == "byte_pairs"));
    assert!(matches!(test.attempt(), Err(Rejection::Verifier(_))));
}
