//! The honest run that most tests forge, and the checks of how a forgery is rejected.

use std::sync::{Arc, LazyLock};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{Digest, Hasher, Poseidon2Hasher, VmConfig};
use vm_core::machine::testing::{ChipTest, Rejection, VmChipTestBuilder};
use vm_core::machine::{VirtualMachine, VmProvingKey, VmVerificationError};
use vm_core::stark::{BabyBearBlake3Engine, F, ProveError, ShapeError, VerifyError};

use crate::machine::{ToyVm, add, load, nop, store, terminate, xor};

pub(crate) type Engine = BabyBearBlake3Engine;
pub(crate) type Test = ChipTest<Engine, ToyVm>;
/// Traces of a run on a machine with configuration `VC`.
pub(crate) type TestOf<VC> = ChipTest<Engine, VC>;
pub(crate) type Builder = VmChipTestBuilder<ToyVm>;
pub(crate) type Vm = Arc<VirtualMachine<Engine, ToyVm>>;
pub(crate) type Key = Arc<VmProvingKey<Engine, ToyVm>>;

// Names of the AIRs.
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

/// log2 of the number of leaves of one address space.
pub(crate) const LOG_LEAVES: u32 = 20;
/// Number of levels of the memory tree above the leaves.
pub(crate) const TREE_HEIGHT: u32 = LOG_LEAVES + 2;

/// Byte pointer of the word of main memory that the fixture uses.
pub(crate) const POINTER: u32 = 0x1000;

/// A test with the initial memory and registers of the fixture, and an empty program.
///
/// In the fixture's run, the leaves of the register space are used as follows: leaf 0 is in the proof, but no
/// instruction accesses it; leaf 1 and, up to r10, leaf 2 are only read; leaf 3 is written. One leaf of main memory is
/// touched, and only one word of it is accessed. Public values have two leaves; the second one is never accessed.
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

/// A run in which three words need a refresh.
///
/// The first addition reads r4 at time 1 and r5 at time 2. The addition after the gap reads them exactly 2^16 ticks
/// later, so they need no refresh. Two ticks later, r6, the stored word and r12 need one.
pub(crate) fn long_builder() -> Builder {
    let program = [add(12, 4, 5), store(12, 6, 2)].into_iter().chain(std::iter::repeat_n(nop(), (1 << 16) - 6));
    setting().instructions(0, program.chain([add(13, 4, 5), nop(), nop(), load(14, 6, 2), add(15, 12, 14)]))
}

static LONG: LazyLock<Test> = LazyLock::new(|| long_builder().build().unwrap());

/// Returns a copy of the honest traces of the run of [`long_builder`].
pub(crate) fn long_fixture() -> Test {
    LONG.fork()
}

static FIXTURE: LazyLock<Test> = LazyLock::new(|| builder().build().unwrap());

/// Returns a copy of the honest traces of the run of [`builder`].
pub(crate) fn fixture() -> Test {
    FIXTURE.fork()
}

/// Returns the machine and the keys of [`fixture`].
pub(crate) fn keys() -> (Vm, Key) {
    (Arc::clone(FIXTURE.vm()), Arc::clone(FIXTURE.key()))
}

pub(crate) fn f(x: u32) -> F {
    F::from_u32(x)
}

/// Returns the row of the leaf with a 0-based index of the address space and a leaf index.
pub(crate) fn leaf_row<VC: VmConfig>(test: &TestOf<VC>, space: u32, leaf: u32) -> usize {
    let spaces = test.rows_where(LEAF, 0, "space", |x| x == f(space)).unwrap();
    let leaves = test.rows_where(LEAF, 0, "leaf_low", |x| x == f(leaf)).unwrap();
    let valid = test.rows_where(LEAF, 0, "valid", |x| x == F::ONE).unwrap();
    let rows: Vec<usize> = spaces.into_iter().filter(|row| leaves.contains(row) && valid.contains(row)).collect();
    assert_eq!(rows.len(), 1, "leaf {leaf} of space {space}");
    rows[0]
}

/// Returns a row in which the selector `column` is zero. If there is none, the trace is doubled with zeros: the prover
/// chooses the height.
pub(crate) fn padding_row<VC: VmConfig>(test: &mut TestOf<VC>, air: &str, column: &str) -> usize {
    let rows = test.rows_where(air, 0, column, |x| x == F::ZERO).unwrap();
    rows.first().copied().unwrap_or_else(|| {
        let trace = test.trace_mut(air, 0).unwrap();
        let cells = trace.values.len();
        trace.values.resize(2 * cells, F::ZERO);
        cells / trace.width
    })
}

/// Sets cells of a row, given by the names of their columns.
pub(crate) fn write<VC: VmConfig>(test: &mut TestOf<VC>, air: &str, row: usize, cells: &[(&str, F)]) {
    for (column, value) in cells {
        test.tamper(air, 0, row, *column, |_| *value).unwrap();
    }
}

/// Sets an array column, such as a hash.
pub(crate) fn write_array<VC: VmConfig>(test: &mut TestOf<VC>, air: &str, row: usize, column: &str, values: &[F]) {
    for (i, value) in values.iter().enumerate() {
        test.tamper(air, 0, row, format!("{column}[{i}]"), |_| *value).unwrap();
    }
}

/// Reads an array column.
pub(crate) fn read_array<const N: usize>(test: &TestOf<impl VmConfig>, air: &str, row: usize, column: &str) -> [F; N] {
    std::array::from_fn(|i| test.cell(air, 0, row, format!("{column}[{i}]")).unwrap())
}

/// Copies row `from` over row `to`.
pub(crate) fn copy_row<VC: VmConfig>(test: &mut TestOf<VC>, air: &str, from: usize, to: usize) {
    let row = test.row_mut(air, 0, from).unwrap().to_vec();
    test.row_mut(air, 0, to).unwrap().copy_from_slice(&row);
}

pub(crate) fn hash_leaf(cells: &Digest) -> Digest {
    Poseidon2Hasher::default().hash_leaf(cells)
}

pub(crate) fn compress(left: &Digest, right: &Digest) -> Digest {
    Poseidon2Hasher::default().compress(left, right)
}

/// Replaces the final hash of the leaf with this label, and recomputes all hashes above it, including the public root.
pub(crate) fn propagate<VC: VmConfig>(test: &mut TestOf<VC>, label: u32, hash: &Digest) {
    propagate_state(test, "final", 12, label, hash);
}

/// Same as [`propagate`] for the initial hash.
pub(crate) fn propagate_initial<VC: VmConfig>(test: &mut TestOf<VC>, label: u32, hash: &Digest) {
    propagate_state(test, "initial", 4, label, hash);
}

/// Replaces the `state` hash of a leaf in the nodes above it. `root` is the index of the root among the connector's
/// public values.
fn propagate_state<VC: VmConfig>(test: &mut TestOf<VC>, state: &str, root: usize, mut label: u32, hash: &Digest) {
    let mut hash = *hash;
    for height in 1..=TREE_HEIGHT {
        let at_height = test.rows_where(NODE, 0, "height", |x| x == f(height)).unwrap();
        let labelled = test.rows_where(NODE, 0, "label", |x| x == f(label / 2)).unwrap();
        let row = *at_height.iter().find(|row| labelled.contains(row)).expect("the leaf is in the proof");
        write(test, NODE, row, &[("dirty", F::ONE)]);
        write_array(test, NODE, row, &format!("{state}_children[{}]", label % 2), &hash);
        let children = [0, 1].map(|i| read_array(test, NODE, row, &format!("{state}_children[{i}]")));
        hash = compress(&children[0], &children[1]);
        write_array(test, NODE, row, &format!("{state}_hash"), &hash);
        label /= 2;
    }
    test.input_mut(CONNECTOR).unwrap().public_values[root..root + 8].copy_from_slice(&hash);
}

/// Replaces a final cell of a leaf, and recomputes all hashes up to the public root.
pub(crate) fn change_final_cell<VC: VmConfig>(test: &mut TestOf<VC>, space: u32, leaf: u32, cell: usize, value: F) {
    let row = leaf_row(test, space, leaf);
    test.tamper(LEAF, 0, row, format!("final_[{cell}]"), |_| value).unwrap();
    let hash = hash_leaf(&read_array(test, LEAF, row, "final_"));
    write(test, LEAF, row, &[("dirty", F::ONE)]);
    write_array(test, LEAF, row, "final_hash", &hash);
    propagate(test, (space << LOG_LEAVES) + leaf, &hash);
}

/// Returns the text of the constraint that a column is boolean.
pub(crate) fn boolean(column: &str) -> String {
    format!("{column}*({column} - 1)")
}

/// Checks that the forgery violates exactly these constraints, which are all of one AIR, and that the verifier names
/// that AIR.
///
/// `constraints` are the texts of the constraints in the listing of the AIR, without `= 0`, in any order. A constraint
/// that fails and is not among them is as wrong as one that is among them and holds: a test that accepts further
/// failures passes even after the constraint that it is about has been removed.
#[track_caller]
pub(crate) fn caught_by_constraint<VC: VmConfig>(mut test: TestOf<VC>, air: &str, constraints: &[impl AsRef<str>]) {
    test.recount_lookups().unwrap();
    let report = test.debug();
    let index = test.air_index(air).unwrap();
    assert!(
        report.failures.iter().all(|failure| failure.air == index),
        "constraints of other AIRs fail, too: {report}"
    );
    let mut failed: Vec<&str> = report.labels.values().map(String::as_str).collect();
    let mut expected: Vec<&str> = constraints.iter().map(AsRef::as_ref).collect();
    failed.sort_unstable();
    expected.sort_unstable();
    assert_eq!(failed, expected, "the constraints of {air} that fail are not the expected ones: {report}");
    match test.attempt() {
        Err(Rejection::Verifier(VmVerificationError::Stark {
            source: VerifyError::Constraints { air: blamed },
            ..
        })) => {
            assert_eq!(blamed, air);
        }
        other => panic!("expected the constraints of {air} to fail, got {:?}", other.map(|_| "acceptance")),
    }
}

/// Checks that all constraints hold, that `bus` is the only bus that does not balance, and that the verifier rejects
/// the forgery because of a bus.
pub(crate) fn caught_by_bus<VC: VmConfig>(mut test: TestOf<VC>, bus: &str) {
    test.recount_lookups().unwrap();
    let report = test.debug();
    assert!(report.failures.is_empty(), "constraints fail, too: {report}");
    assert!(!report.imbalances.is_empty(), "all buses are balanced");
    assert!(report.imbalances.iter().all(|message| message.bus == bus), "other buses are unbalanced, too: {report}");
    match test.attempt() {
        Err(Rejection::Verifier(VmVerificationError::Stark { source: VerifyError::BusImbalance, .. })) => {}
        other => panic!("expected bus {bus} to be unbalanced, got {:?}", other.map(|_| "acceptance")),
    }
}

/// Checks that all constraints hold, that exactly these messages on `bus` do not balance, and that the verifier rejects
/// the forgery because of a bus. `messages` are the fields of each message, with the sum of its multiplicities: 1 for a
/// query that no table answers. They may be in any order.
#[track_caller]
pub(crate) fn caught_by_messages<VC: VmConfig>(mut test: TestOf<VC>, bus: &str, messages: &[(Vec<F>, i64)]) {
    test.recount_lookups().unwrap();
    let report = test.debug();
    assert!(report.failures.is_empty(), "constraints fail, too: {report}");
    let text = |bus: &str, fields: &[F], net: i64| format!("{bus}{fields:?}: {net}");
    let mut found: Vec<String> = report.imbalances.iter().map(|m| text(&m.bus, &m.fields, m.net)).collect();
    let mut expected: Vec<String> = messages.iter().map(|(fields, net)| text(bus, fields, *net)).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected, "the unbalanced messages are not the expected ones: {report}");
    match test.attempt() {
        Err(Rejection::Verifier(VmVerificationError::Stark { source: VerifyError::BusImbalance, .. })) => {}
        other => panic!("expected bus {bus} to be unbalanced, got {:?}", other.map(|_| "acceptance")),
    }
}

/// Checks that the prover refuses the shape of the traces, and returns the error. The verifier makes the same check.
pub(crate) fn refused_shape(test: &Test) -> ShapeError {
    match test.attempt() {
        Err(Rejection::Prover(ProveError::Shape(error))) => error,
        other => panic!("expected the shape to be refused, got {:?}", other.map(|_| "acceptance")),
    }
}

/// Checks that the prover makes a proof and the verifier refuses it, and returns the error.
pub(crate) fn refused_statement(test: &Test) -> VmVerificationError {
    match test.attempt() {
        Err(Rejection::Verifier(error)) => error,
        other => panic!("expected the proof to be refused, got {:?}", other.map(|_| "acceptance")),
    }
}
