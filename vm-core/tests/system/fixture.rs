//! The run that most tests forge, and how a forgery must be caught.

use std::sync::{Arc, LazyLock};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::testing::{ChipTest, Rejection, VmChipTestBuilder};
use vm_core::arch::{Digest, Hasher, Poseidon2Hasher, VirtualMachine, VmProvingKey, VmVerificationError};
use vm_core::stark::{BabyBearBlake3Engine, F, ProveError, ShapeError, VerifyError};

use crate::machine::{ToyVm, add, load, nop, store, terminate, xor};

pub(crate) type Engine = BabyBearBlake3Engine;
pub(crate) type Test = ChipTest<Engine, ToyVm>;
pub(crate) type Builder = VmChipTestBuilder<ToyVm>;
pub(crate) type Vm = Arc<VirtualMachine<Engine, ToyVm>>;
pub(crate) type Key = Arc<VmProvingKey<Engine, ToyVm>>;

/// Rows of the tall AIRs of the fixture.
pub(crate) const ADD: &str = "Add";
pub(crate) const ACCESS: &str = "Access";
pub(crate) const XOR: &str = "Xor";
pub(crate) const LEAF: &str = "MemoryLeaf";
pub(crate) const NODE: &str = "MemoryNode";
pub(crate) const REFRESH: &str = "MemoryRefresh";
pub(crate) const CONNECTOR: &str = "Connector";
pub(crate) const PHANTOM: &str = "Phantom";
pub(crate) const PUBLIC_VALUES: &str = "PublicValues";
pub(crate) const POSEIDON2: &str = "Poseidon2";

/// Byte pointer of the word of main memory that the fixture uses.
pub(crate) const POINTER: u32 = 0x1000;

/// Memory and registers of the fixture.
///
/// Leaves of the register space: 0 is in the proof but no instruction accesses it, 1 and 2 are read only up to r10, 3 is
/// written. Of main memory one leaf is touched, of which only one word is accessed. Public values have two leaves, of
/// which the second is never accessed.
pub(crate) fn setting() -> Builder {
    Builder::new(ToyVm::new(29))
        .register(0, 0x1234_5678)
        .register(4, 0x0001_2345)
        .register(5, 7)
        .register(6, POINTER)
        .register(8, 0x55)
        .register(9, 0x0f)
        .word(2, POINTER, 0x1111)
        .word(2, POINTER + 4, 0xabcd)
}

pub(crate) fn builder() -> Builder {
    setting().instructions(
        0,
        [
            add(12, 4, 5),
            store(12, 6, 2),
            load(13, 6, 2),
            store(13, 7, 3),
            xor(10, 8, 9),
            nop(),
            add(14, 12, 13),
            terminate(0),
        ],
    )
}

static FIXTURE: LazyLock<Test> = LazyLock::new(|| builder().build().unwrap());

/// A copy of the honest traces of [`builder`]'s run, to tamper with.
pub(crate) fn fixture() -> Test {
    FIXTURE.fork()
}

/// Machine and keys of [`fixture`].
pub(crate) fn keys() -> (Vm, Key) {
    (Arc::clone(FIXTURE.vm()), Arc::clone(FIXTURE.key()))
}

pub(crate) fn f(x: u32) -> F {
    F::from_u32(x)
}

/// Row of the leaf with a 0-based address space and an index.
pub(crate) fn leaf_row(test: &Test, space: u32, leaf: u32) -> usize {
    let spaces = test.rows_where(LEAF, 0, "space", |x| x == f(space)).unwrap();
    let leaves = test.rows_where(LEAF, 0, "leaf_low", |x| x == f(leaf)).unwrap();
    let valid = test.rows_where(LEAF, 0, "valid", |x| x == F::ONE).unwrap();
    let rows: Vec<usize> = spaces.into_iter().filter(|row| leaves.contains(row) && valid.contains(row)).collect();
    assert_eq!(rows.len(), 1, "leaf {leaf} of space {space}");
    rows[0]
}

/// First row of a trace whose selector `column` is zero.
pub(crate) fn padding_row(test: &Test, air: &str, column: &str) -> usize {
    test.rows_where(air, 0, column, |x| x == F::ZERO).unwrap()[0]
}

/// Sets cells of a row by name.
pub(crate) fn write(test: &mut Test, air: &str, row: usize, cells: &[(&str, F)]) {
    for (column, value) in cells {
        test.tamper(air, 0, row, *column, |_| *value).unwrap();
    }
}

/// Sets an array column, such as a hash.
pub(crate) fn write_array(test: &mut Test, air: &str, row: usize, column: &str, values: &[F]) {
    for (i, value) in values.iter().enumerate() {
        test.tamper(air, 0, row, format!("{column}[{i}]"), |_| *value).unwrap();
    }
}

/// Reads an array column.
pub(crate) fn read_array<const N: usize>(test: &Test, air: &str, row: usize, column: &str) -> [F; N] {
    std::array::from_fn(|i| test.cell(air, 0, row, format!("{column}[{i}]")).unwrap())
}

/// Copies a row over another one.
pub(crate) fn copy_row(test: &mut Test, air: &str, from: usize, to: usize) {
    let row = test.row_mut(air, 0, from).unwrap().to_vec();
    test.row_mut(air, 0, to).unwrap().copy_from_slice(&row);
}

pub(crate) fn hash_leaf(cells: &Digest) -> Digest {
    Poseidon2Hasher::default().hash_leaf(cells)
}

pub(crate) fn compress(left: &Digest, right: &Digest) -> Digest {
    Poseidon2Hasher::default().compress(left, right)
}

/// The forgery is consistent on every bus and violates constraints of one AIR only, among them one whose text contains
/// `label`; the verifier blames that AIR. `loud`: the forgery also leaves messages unanswered, as any violation of
/// this kind does.
pub(crate) fn caught_by_constraint(mut test: Test, air: &str, label: &str) {
    test.recount_lookups().unwrap();
    let report = test.debug();
    let index = test.air_index(air).unwrap();
    assert!(report.failures.iter().all(|failure| failure.air == index), "others fail as well: {report}");
    let labels: Vec<&String> = report.labels.values().collect();
    assert!(labels.iter().any(|text| text.contains(label)), "`{label}` is not among the failures: {report}");
    match test.attempt() {
        Err(Rejection::Verifier(VmVerificationError::Stark(VerifyError::Constraints { air: blamed }))) => {
            assert_eq!(blamed, air);
        }
        other => panic!("expected the constraints of {air} to fail, got {:?}", other.map(|_| "acceptance")),
    }
}

/// All constraints hold and every other bus balances: the forgery is caught by one bus alone.
pub(crate) fn caught_by_bus(mut test: Test, bus: &str) {
    test.recount_lookups().unwrap();
    let report = test.debug();
    assert!(report.failures.is_empty(), "constraints fail as well: {report}");
    assert!(!report.imbalances.is_empty(), "nothing is unbalanced");
    assert!(report.imbalances.iter().all(|message| message.bus == bus), "other buses are unbalanced: {report}");
    match test.attempt() {
        Err(Rejection::Verifier(VmVerificationError::Stark(VerifyError::BusImbalance))) => {}
        other => panic!("expected bus {bus} to be unbalanced, got {:?}", other.map(|_| "acceptance")),
    }
}

/// The prover refuses the shape, by the same check as the verifier.
pub(crate) fn refused_shape(test: &Test) -> ShapeError {
    match test.attempt() {
        Err(Rejection::Prover(ProveError::Shape(error))) => error,
        other => panic!("expected a refused shape, got {:?}", other.map(|_| "acceptance")),
    }
}

/// The proof is fine, but the machine's verifier refuses what it says.
pub(crate) fn refused_statement(test: &Test) -> VmVerificationError {
    match test.attempt() {
        Err(Rejection::Verifier(error)) => error,
        other => panic!("expected a refused statement, got {:?}", other.map(|_| "acceptance")),
    }
}
