//! The test kit itself: mocks, sweeps of an unsound chip, allowed survivors and errors.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, AirPart, Chip, EXECUTION_BUS, ExecutionResult, LookupTable, MEMORY_BUS,
    MinimalInstruction, RANGE_BUS, SYSTEM_BUSES, SystemConfig, VmChipWrapper, VmCoreAir, VmCoreChip,
};
use vm_core::instructions::{Instruction, LocalOpcode, MemoryImage, VmOpcode};
use vm_core::machine::testing::{
    Allowed, MockEnvironment, MockVm, Mutation, Rejection, RowKind, TestAdapter, TestChip, TestCore, TestError,
    TestInterface, check_survivors, survivors,
};
use vm_core::primitives::{RangeTable, names_of, width_of};
use vm_core::stark::{F, VerifyError, VmAirBuilder};
use vm_core::system::memory::{REGISTER_SPACE, cells_of};
use vm_derive::AlignedBorrow;

use crate::fixture::{ADD, Engine, Test, f, fixture, setting};
use crate::machine::{AccessAdapter, AccessChip, AccessCore, add, load};

/// Executes three additions with one chip, without a machine. The first two are far apart in time.
fn environment<C: Chip + vm_core::arch::InstructionExecutor>(mut chip: C) -> MockEnvironment {
    let image = MemoryImage::from([((REGISTER_SPACE, 16), 0xffff_ffff), ((REGISTER_SPACE, 20), 3)]);
    let mut vm = MockVm::new(SystemConfig::default(), &image, 0x40).unwrap();
    vm.execute(&mut chip, add(6, 4, 5)).unwrap();
    vm.tick(1 << 20);
    vm.execute(&mut chip, add(6, 6, 6)).unwrap();
    vm.jump(0x1000);
    let end = vm.execute(&mut chip, add(7, 6, 5)).unwrap();
    assert_eq!((end.pc, end.timestamp), (0x1004, 1 + 9 + (1 << 20)));
    assert_eq!(vm.state().memory.memory().peek(REGISTER_SPACE, 28).unwrap(), 7);
    let traces = vm.generate_traces(&mut chip).unwrap();
    MockEnvironment::new(chip.air(), traces, &SYSTEM_BUSES, vec![Box::new(RangeTable::default())]).unwrap()
}

fn test_chip() -> TestChip {
    VmChipWrapper::new("Test", TestAdapter, TestCore)
}

#[test]
fn kit_a_chip_is_proven_without_a_machine() {
    let environment = environment(test_chip());
    environment.prove_and_verify::<Engine>().unwrap();
    let names: Vec<String> = environment.air_set().airs.iter().map(|air| air.name()).collect();
    assert_eq!(names, ["Test", "Mock memory", "Mock program", "Mock execution", "Range"]);
}

#[test]
fn kit_a_pointer_beyond_the_field_reads_no_word() {
    // A register holds p + 0x1000, which is 0x1000 as a field element. Only the cells of the register are forged. The
    // mocks mirror the forged messages, so the range check of the pointer's high cell is the only check left.
    let mut chip: AccessChip = VmChipWrapper::new("Access", AccessAdapter, AccessCore);
    let image = MemoryImage::from([((REGISTER_SPACE, 24), 0x1000), ((2, 0x1000), 42)]);
    let mut vm = MockVm::new(SystemConfig::default(), &image, 0).unwrap();
    vm.execute(&mut chip, load(7, 6, 2)).unwrap();
    let mut traces = vm.generate_traces(&mut chip).unwrap();
    let environment = |traces| {
        MockEnvironment::new(chip.air(), traces, &SYSTEM_BUSES, vec![Box::new(RangeTable::default())]).unwrap()
    };
    let columns = chip.air().column_names();
    let [low, high] = ["pointer[0]", "pointer[1]"].map(|name| columns.iter().position(|c| c == name).unwrap());
    traces.traces[0].values[low] = f(0x1001);
    traces.traces[0].values[high] = f(0x7800);
    let forged = environment(traces);
    let report = forged.debug();
    assert!(report.failures.is_empty(), "{report}");
    assert!(report.imbalances.iter().all(|message| message.bus == RANGE_BUS.name), "{report}");
    assert!(matches!(forged.attempt::<Engine>().unwrap(), Err(Rejection::Backend(VerifyError::BusImbalance))));
}

#[test]
fn kit_forged_chip_traces_are_refused() {
    // Each column of the first row is changed, one at a time. The mocks only mirror the honest messages.
    let columns = environment(test_chip()).air_set().airs[0].width();
    let mut environment = environment(test_chip());
    for column in 0..columns {
        environment.tamper(0, 0, column, |x| x + F::ONE).unwrap();
        environment.recount_lookups().unwrap();
        let report = environment.debug();
        assert!(!report.is_ok(), "column {column}");
        environment.tamper(0, 0, column, |x| x - F::ONE).unwrap();
    }
    // Two of these changes are also given to the real prover and verifier.
    environment.tamper(0, 0, "y[0]", |x| x + F::ONE).unwrap();
    environment.recount_lookups().unwrap();
    match environment.attempt::<Engine>().unwrap() {
        Err(Rejection::Backend(VerifyError::Constraints { air })) => assert_eq!(air, "Test"),
        other => panic!("{other:?}"),
    }
    environment.tamper(0, 0, "y[0]", |x| x - F::ONE).unwrap();
    environment.tamper(0, 1, "read_prev[0]", |x| x + F::ONE).unwrap();
    environment.recount_lookups().unwrap();
    assert!(environment.is_rejected::<Engine>().unwrap());
}

/// An addition whose author forgot the carry constraints, a range check, and the use of a column.
#[derive(Clone, Copy, Debug, Default)]
struct Careless;

#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
struct CarelessCols<T> {
    is_valid: T,
    x: [[T; 2]; 2],
    y: [T; 2],
    /// No constraint and no message uses this column.
    scratch: T,
    /// Boolean multiplicity of messages that may also occur on padding rows. Key generation would refuse them.
    extra: T,
}

impl AirPart for Careless {
    fn width(&self) -> usize {
        width_of::<CarelessCols<u8>>()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<CarelessCols<u8>>()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
}

impl<AB: VmAirBuilder> VmCoreAir<AB, TestInterface> for Careless {
    fn eval(&self, builder: &mut AB, local: &[AB::Var], _: AB::Var) -> AdapterAirContext<AB::Expr, TestInterface> {
        let cols: &CarelessCols<AB::Var> = local.borrow();
        builder.assert_bool(cols.is_valid);
        builder.assert_bool(cols.extra);
        RANGE_BUS.query(builder, [cols.y[0].into(), AB::Expr::from_u8(16)], cols.is_valid);
        // On a padding row, `extra` enables these messages.
        EXECUTION_BUS.send(builder, [cols.y[0], cols.y[1]], cols.extra);
        EXECUTION_BUS.receive(builder, [cols.y[0], cols.y[1]], cols.extra);
        MEMORY_BUS.send(builder, [cols.y[0], cols.y[1], cols.y[0], cols.y[0], cols.y[0]], cols.extra);
        MEMORY_BUS.receive(builder, [cols.y[0], cols.y[1], cols.y[0], cols.y[0], cols.y[0]], cols.extra);
        AdapterAirContext {
            to_pc: None,
            reads: cols.x.map(|word| word.map(Into::into)),
            writes: cols.y.map(Into::into),
            instruction: MinimalInstruction {
                is_valid: cols.is_valid.into(),
                opcode: AB::Expr::from_u32(vm_core::machine::testing::TestOpcode::ADD.global_opcode().as_u32()),
            },
        }
    }
}

impl VmCoreChip<TestInterface> for Careless {
    type Record = [u32; 2];
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }
    fn execute_instruction(
        &self,
        _: &Instruction,
        _: u32,
        reads: [u32; 2],
    ) -> ExecutionResult<(AdapterRuntimeContext<TestInterface>, [u32; 2])> {
        Ok((AdapterRuntimeContext::without_pc(reads[0].wrapping_add(reads[1])), reads))
    }
    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode.to_string()
    }
    fn generate_trace_row(&self, row: &mut [F], _: &Instruction, _: u32, reads: &[u32; 2]) {
        let cols: &mut CarelessCols<F> = row.borrow_mut();
        cols.is_valid = F::ONE;
        cols.x = reads.map(cells_of);
        cols.y = cells_of(reads[0].wrapping_add(reads[1]));
    }
}

#[test]
fn kit_the_sweep_finds_what_an_author_forgot() {
    let chip = VmChipWrapper::new("Careless", TestAdapter, Careless);
    let environment = environment(chip);
    let air = &environment.air_set().airs[0];
    let range = RangeTable::default();
    let tables: [&dyn LookupTable; 1] = [&range];
    let found = survivors(&**air, &environment.inputs[0].traces[0], &[], &tables);
    // Mutations of the unused column survive on every row that holds an instruction.
    assert!(found.iter().any(|s| s.column == "scratch" && s.kind == RowKind::First), "{found:?}");
    // A flag that enables a message and its opposite changes no balance. On a real row it is harmless, but on a padding
    // row, messages are not allowed.
    assert!(found.iter().any(|s| s.column == "extra" && s.kind == RowKind::Padding), "{found:?}");
    assert!(found.iter().any(|s| s.column == "*" && s.mutation == Mutation::Garbage), "{found:?}");
    assert!(found.iter().all(|s| ["scratch", "extra", "*"].contains(&s.column.as_str())), "{found:?}");

    // A list of allowed survivors must be complete, and each of its entries must be needed and have a reason.
    let error = check_survivors(&found, &[Allowed::column("Careless", "extra", "cancels")]).unwrap_err();
    assert!(error.unexpected.iter().all(|s| s.column != "extra") && error.unused.is_empty());
    assert!(error.to_string().contains("Careless.scratch"), "{error}");
    let entry = |column| Allowed::column("Careless", column, "a reason");
    check_survivors(&found, &[entry("scratch"), entry("extra"), entry("*")]).unwrap();
    let error = check_survivors(&found, &[entry("scratch"), entry("extra"), entry("*"), entry("y[0]")]).unwrap_err();
    assert_eq!(error.unused, [entry("y[0]")]);
    let narrow = entry("scratch").only(Mutation::PlusOne).on(RowKind::First);
    assert!(check_survivors(&found, &[narrow, entry("extra"), entry("*")]).is_err());
    let silent = Allowed::column("Careless", "scratch", " ");
    assert!(check_survivors(&found, &[silent, entry("extra"), entry("*")]).is_err());
}

#[test]
fn kit_the_good_chip_has_no_survivors() {
    let environment = environment(test_chip());
    let range = RangeTable::default();
    let tables: [&dyn LookupTable; 1] = [&range];
    let air = &environment.air_set().airs[0];
    assert_eq!(survivors(&**air, &environment.inputs[0].traces[0], &[], &tables), []);
}

#[test]
fn kit_recounting_keeps_honest_traces() {
    let mut test = fixture();
    let before = test.inputs.clone();
    assert_eq!(test.recount_lookups().unwrap(), []);
    for (index, (old, new)) in before.iter().zip(&test.inputs).enumerate() {
        assert!(old.traces == new.traces, "AIR {index}");
    }
    test.tamper(ADD, 0, 0, "y[1]", |_| f(70_000)).unwrap();
    let unanswered = test.recount_lookups().unwrap();
    assert_eq!(unanswered.len(), 1);
    assert_eq!(
        (unanswered[0].air.as_str(), unanswered[0].bus, &unanswered[0].key[..]),
        (ADD, "range", &[70_000, 16][..])
    );
}

#[test]
fn kit_errors_say_what_there_is() {
    let mut test = fixture();
    let text = |error: TestError| error.to_string();
    let error = text(test.tamper("Adder", 0, 0, 0, |x| x).err().unwrap());
    assert!(error.contains("`Adder`") && error.contains("Add, Xor, Access"), "{error}");
    let error = text(test.tamper(ADD, 0, 0, "z", |x| x).err().unwrap());
    assert!(error.contains("`z`") && error.contains("from.pc"), "{error}");
    let error = text(test.tamper(ADD, 7, 0, "y[0]", |x| x).err().unwrap());
    assert!(error.contains("no instance 7"), "{error}");
    let error = text(test.tamper(ADD, 0, 999, "y[0]", |x| x).err().unwrap());
    assert!(error.contains("no row 999"), "{error}");
    let chip = test_chip();
    let nothing = MockEnvironment::new(chip.air(), Default::default(), &[RANGE_BUS], Vec::new());
    assert!(text(nothing.err().unwrap()).contains("memory"));
    // For a trace with a wrong sum, the debug checker names the constraint, before anything is proven.
    let mut test: Test = setting().instruction(0, add(12, 4, 5)).build().unwrap();
    test.tamper(ADD, 0, 0, "y[0]", |x| x + F::ONE).unwrap();
    let error = text(test.prove_and_verify().err().unwrap());
    assert!(error.contains("y[0]") && error.contains(ADD), "{error}");
}
