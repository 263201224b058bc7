//! Every access of every RV32IM chip looks back in time.
//!
//! A word that an access receives with its own timestamp or a later one could be the word that the access itself sends,
//! and would then have any value. Only the range check of the gap between the two timestamps prevents that, so each
//! access of each AIR must have one (M3). The tests find the accesses in the symbolic AIRs, so they cover chips that
//! are added later; these need an instruction in [`PROGRAM`].
#![allow(missing_docs)]

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr};
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use vm_core::arch::{SystemConfig, SystemPort, VmConfig};
use vm_core::machine::VmVerificationError;
use vm_core::machine::testing::{ChipTest, ExtensionVm, Rejection, UnansweredQuery, VmChipTestBuilder};
use vm_core::stark::{BabyBearBlake3Engine, F, RowEvaluator, RowResult, RowValues, SymbolicAir, VerifyError};
use vm_rv32im::Rv32im;

type Vm = ExtensionVm<Rv32im>;
type Test = ChipTest<BabyBearBlake3Engine, Vm>;

/// AIRs of the memory argument itself. They are no accesses: vm-core's tests forge their timestamps.
const BOUNDARY: [&str; 2] = ["MemoryLeaf", "MemoryRefresh"];
/// Bits of the gap between two accesses.
const GAP_BITS: u32 = 16;
const BASE: u32 = 0x1000;

const fn r(funct7: u32, rs2: u32, rs1: u32, funct3: u32, rd: u32) -> u32 {
    funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x33
}
const fn i(opcode: u32, imm: u32, rs1: u32, funct3: u32, rd: u32) -> u32 {
    imm << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode
}
const fn store(rs2: u32, rs1: u32, funct3: u32) -> u32 {
    rs2 << 20 | rs1 << 15 | funct3 << 12 | 0x23
}
/// A branch to the next instruction but one.
const fn branch(rs2: u32, rs1: u32, funct3: u32) -> u32 {
    rs2 << 20 | rs1 << 15 | funct3 << 12 | 8 << 7 | 0x63
}

/// Pops an input vector, which HINT_STOREW and HINT_BUFFER store.
const HINT_INPUT: u32 = 0x0000_300b;

/// Instruction words of every chip. The first ones have a chip for each adapter. Nothing else accesses their registers
/// and words before, so the boundary has sent what they receive, and an attacker chooses its timestamp.
const PROGRAM: [u32; 30] = [
    HINT_INPUT,
    i(0x03, 0, 2, 2, 1),       // lw x1, 0(x2)
    i(0x67, 0, 4, 0, 3),       // jalr x3, x4, 0
    branch(6, 5, 0),           // beq x5, x6
    i(0x0b, 0, 0, 1, 7),       // hint_storew x7
    i(0x0b, 1, 9, 1, 8),       // hint_buffer x8, x9
    r(0, 12, 11, 0, 10),       // add x10, x11, x12
    r(0, 14, 13, 0, 13),       // add x13, x13, x14
    i(0x13, 1, 16, 2, 15),     // slti x15, x16, 1
    i(0x13, 1, 17, 0, 17),     // addi x17, x17, 1
    0x1234_5937,               // lui x18, 0x12345
    store(19, 20, 2),          // sw x19, 0(x20)
    i(0x03, 0, 22, 0, 21),     // lb x21, 0(x22)
    store(23, 24, 0),          // sb x23, 0(x24)
    r(0, 27, 26, 2, 25),       // slt x25, x26, x27
    r(1, 30, 29, 0, 28),       // mul x28, x29, x30
    branch(6, 5, 4),           // blt x5, x6
    r(0, 12, 11, 4, 10),       // xor x10, x11, x12
    r(0, 14, 13, 4, 13),       // xor x13, x13, x14
    i(0x13, 1, 16, 4, 15),     // xori x15, x16, 1
    i(0x13, 1, 17, 4, 17),     // xori x17, x17, 1
    i(0x13, 1, 16, 0, 15),     // addi x15, x16, 1
    r(0, 12, 11, 1, 10),       // sll x10, x11, x12
    i(0x13, 1, 16, 1, 15),     // slli x15, x16, 1
    i(0x13, 1, 17, 1, 17),     // slli x17, x17, 1
    i(0x13, 0x401, 17, 5, 17), // srai x17, x17, 1
    r(1, 12, 11, 3, 10),       // mulhu x10, x11, x12
    r(1, 12, 11, 5, 10),       // divu x10, x11, x12
    i(0x13, 1, 16, 3, 15),     // sltiu x15, x16, 1
    r(0x20, 12, 11, 0, 10),    // sub x10, x11, x12
];

/// AIRs whose accesses are all forged with the real prover and verifier: at least one for each adapter, and those with
/// columns of their own.
const FORGED: [&str; 14] = [
    "LoadWord",
    "Jalr",
    "BranchEqual",
    "HintStoreWord",
    "HintBuffer",
    "AddSub",
    "AddSubInPlace",
    "LessThanImm",
    "AddImmInPlace",
    "Constant",
    "StoreWord",
    "LoadSubword",
    "StoreSubword",
    "LessThan",
];

fn build() -> Test {
    let config = Vm { system: SystemConfig::default(), extension: Rv32im };
    let inventory = config.create_inventory(SystemPort::default()).unwrap();
    let mut builder = VmChipTestBuilder::new(config).input([1, 2, 3, 4, 5, 6, 7, 8]);
    for (index, word) in PROGRAM.into_iter().enumerate() {
        let pc = BASE + 4 * index as u32;
        let decoded = inventory.decoders().iter().find_map(|decoder| decoder.decode(word, pc));
        builder = builder.instruction(pc, decoded.unwrap_or_else(|| panic!("{word:#010x} is no instruction")));
    }
    // Pointers, in pages of their own; the target of the jump, which is the next instruction; the number of hint words.
    for register in [2, 7, 8, 20, 22, 24] {
        builder = builder.register(register, 0x1_0000 * register as u32);
    }
    builder = builder.register(4, BASE + 12).register(5, 9).register(6, 8).register(9, 1);
    builder.pc_start(BASE).build().unwrap()
}

/// An access in a trace: the row, and what the AIR receives and sends there.
#[derive(Debug)]
struct Access {
    air: String,
    row: usize,
    /// Column with the timestamp of the previous access.
    column: usize,
    address: [F; 2],
    time: F,
    previous: F,
}

/// Returns the accesses of an AIR, each on the first row that makes it, and fails if some access is on no row.
fn accesses(test: &Test, air: &str) -> Vec<Access> {
    let definition = test.air(air).unwrap();
    let symbolic = SymbolicAir::record(&**definition);
    let traces = &test.input(air).unwrap().traces;
    let evaluator = RowEvaluator::new(&symbolic);
    let mut found = Vec::new();
    for (index, message) in symbolic.messages.iter().enumerate().filter(|(_, message)| message.bus == "memory") {
        if !matches!(message.count, SymbolicExpr::Neg { .. }) {
            continue;
        }
        let SymbolicExpr::Leaf(BaseLeaf::Variable(variable)) = &message.fields[4] else {
            panic!("{air} receives a word with a timestamp that is no column: {:?}", message.fields[4]);
        };
        assert!(matches!(variable.entry, BaseEntry::Main { offset: 0 }));
        let rows = traces.iter().flat_map(|trace| trace.row_slices().enumerate());
        let access = rows.into_iter().find_map(|(row, cells)| {
            let mut result = RowResult::default();
            evaluator.eval(&RowValues::alone(cells), &mut result);
            let fields_of = |wanted: usize| {
                let message = result.messages.iter().find(|message| message.interaction as usize == wanted)?;
                (!message.count.is_zero()).then(|| result.fields_of(message).to_vec())
            };
            let received = fields_of(index)?;
            // The send of the same word comes next.
            let sent = fields_of(index + 1).unwrap();
            assert_eq!((&symbolic.messages[index + 1].bus, &received[..2]), (&message.bus, &sent[..2]));
            let address = [received[0], received[1]];
            Some(Access { air: air.into(), row, column: variable.index, address, time: sent[4], previous: received[4] })
        });
        found.push(access.unwrap_or_else(|| panic!("no instruction of the program makes access {index} of {air}")));
    }
    found
}

/// Sets the timestamp that an access receives, and returns the query of its gap.
fn receive_at(test: &mut Test, access: &Access, time: F) -> UnansweredQuery {
    test.tamper(&access.air, 0, access.row, access.column, |_| time).unwrap();
    let gap = access.time - time - F::ONE;
    UnansweredQuery { air: access.air.clone(), bus: "range", key: vec![gap.as_canonical_u32(), GAP_BITS] }
}

/// Sets the timestamp with which the boundary sends the word that an access receives.
fn send_at(test: &mut Test, access: &Access, time: F) {
    let leaf = "MemoryLeaf";
    let rows = test.rows_where(leaf, 0, "valid", |x| x == F::ONE).unwrap();
    for row in rows {
        let cell = |column: &str| test.cell(leaf, 0, row, column).unwrap();
        let first = (cell("leaf_high") * F::from_u32(1 << 16) + cell("leaf_low")) * F::from_u32(16);
        let word = (access.address[1] - first).as_canonical_u32() / 4;
        if cell("space") + F::ONE == access.address[0] && word < 4 {
            let column = format!("initial_timestamps[{word}]");
            assert_eq!(cell(&column), access.previous, "{access:?} is not the first access of its word");
            test.tamper(leaf, 0, row, column, |_| time).unwrap();
            return;
        }
    }
    panic!("{access:?} is to no leaf");
}

/// Every access of every AIR queries the range of its gap, and of nothing else that depends on the timestamp. A gap of
/// −1 or 2^16 is refused.
#[test]
fn every_access_has_a_gap_check() {
    let honest = build();
    honest.prove_and_verify().unwrap();
    let (mut airs, mut checked) = (0, 0);
    for definition in &honest.air_set().airs {
        let air = definition.name();
        if BOUNDARY.contains(&air.as_str()) {
            continue;
        }
        let accesses = accesses(&honest, &air);
        airs += usize::from(!accesses.is_empty());
        for access in accesses {
            for time in [access.time, access.time - F::ONE - F::from_u32(1 << GAP_BITS)] {
                let mut test = honest.fork();
                let query = receive_at(&mut test, &access, time);
                assert_eq!(test.recount_lookups().unwrap(), [query], "{access:?} at {time}");
            }
            checked += 1;
        }
    }
    // A chip that is added changes the numbers.
    assert_eq!((airs, checked), (27, 63));
}

/// The boundary sends the words that an instruction accesses first at a time that the attacker chooses, and the
/// instruction receives them then. With a gap check of the word, and of each other word, the verifier refuses the
/// proof.
#[test]
fn no_instruction_receives_a_word_that_is_sent_later() {
    let honest = build();
    for air in FORGED {
        let mut test = honest.fork();
        let mut expected = Vec::new();
        // Each access gets a gap of its own, so that every query is a message of its own.
        for (ahead, access) in accesses(&honest, air).iter().enumerate() {
            let time = access.time + F::from_usize(ahead);
            send_at(&mut test, access, time);
            let query = receive_at(&mut test, access, time);
            expected.push((query.bus.to_owned(), query.key));
        }
        test.recount_lookups().unwrap();
        let report = test.debug();
        assert!(report.failures.is_empty(), "{air}: {report}");
        let mut found: Vec<(String, Vec<u32>)> = report
            .imbalances
            .iter()
            .map(|m| (m.bus.clone(), m.fields.iter().map(PrimeField32::as_canonical_u32).collect()))
            .collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{air}: {report}");
        match test.attempt() {
            Err(Rejection::Verifier(VmVerificationError::Stark { source: VerifyError::BusImbalance, .. })) => {}
            other => panic!("{air}: expected an unbalanced bus, got {:?}", other.map(|_| "acceptance")),
        }
    }
}
