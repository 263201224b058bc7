//! Instructions as an author of an extension writes them, and the forgeries that one missing constraint allows. The module
//! `shapes` has instructions on adapters that the author declares.
//!
//! Each extension, except for that of `memcpy`, has two parameters. `dropped` names a constraint that a careless author forgot. With `cheats`, the
//! host computes a false result and fills the rows accordingly; the circuit stays the same. The tests show for each
//! dropped constraint:
//!
//! - The generated test fails and names the columns and what a cheating prover gains. For the complete chip, it passes.
//! - A cheating prover makes a proof of the false result, which the verifier of the careless chip accepts. The verifier
//!   of the complete chip rejects it, and the dropped constraint is the only check that fails.

mod crc;
mod hint;
mod immediate;
mod memcpy;
mod modmul;
mod parameters;
mod shapes;
mod sum;

use std::panic::{UnwindSafe, catch_unwind};

use vm_sdk::arch::testing::{ChipTest, ExtensionVm, Rejection, VmChipTestBuilder};
use vm_sdk::arch::{ALLOCATED_OPCODES, VmExtension};
use vm_sdk::instructions::{Instruction, VmOpcode};
use vm_sdk::prelude::*;
use vm_sdk::stark::BabyBearBlake3Engine;
use vm_sdk::stark::debug::DebugReport;

/// Program counter of the first instruction.
const PC: u32 = 0x1000;

/// Traces of a machine with the extension `X`.
type Test<X> = ChipTest<BabyBearBlake3Engine, ExtensionVm<X>>;
/// Program for a machine with the extension `X`.
type Builder<X> = VmChipTestBuilder<ExtensionVm<X>>;

/// Returns an empty program for the machine with one extension.
fn program<X>(extension: X) -> Builder<X>
where
    ExtensionVm<X>: VmConfig,
{
    VmChipTestBuilder::new(ExtensionVm { system: SystemConfig::default(), extension })
}

/// Returns the only instruction of an extension. The operands are byte pointers of registers.
fn instruction(registers: [u32; 3]) -> Instruction {
    let [a, b, c] = registers.map(|register| 4 * register);
    Instruction::from_parts(VmOpcode::from_u32(ALLOCATED_OPCODES), [a, b, c, 0, 0, 0, 0])
}

/// Returns the message with which a generated test fails.
fn complaint(check: impl FnOnce() + UnwindSafe) -> String {
    let failure = catch_unwind(check).expect_err("the generated test accepts the chip");
    *failure.downcast::<String>().expect("a failing check panics with a text")
}

/// The same program on three machines.
struct Provers<X> {
    /// The circuit lacks a constraint, and the host is honest.
    careless: Test<X>,
    /// The circuit is that of `careless`, and the host computes a false result.
    cheating: Test<X>,
    /// The circuit is complete, and the host is honest.
    complete: Test<X>,
}

/// Checks that the verifier of the careless chip accepts the false result, and that the verifier of the complete chip
/// rejects it. The only check that fails is a constraint of the AIR `air` whose text starts with `constraint`.
fn assert_forgery<X>(provers: &Provers<X>, air: &str, constraint: &str)
where
    X: VmExtension + Clone + Send + Sync + 'static,
    X::Executor: 'static,
    X::Periphery: 'static,
{
    let report = refused(provers);
    assert!(report.problems.is_empty() && report.imbalances.is_empty(), "{report}");
    let failures: Vec<(&str, &String)> =
        report.labels.iter().map(|((air, _), text)| (report.airs[*air].as_str(), text)).collect();
    let [(failing_air, text)] = failures[..] else { panic!("one constraint fails: {report}") };
    assert_eq!(failing_air, air);
    assert!(text.starts_with(constraint), "{text}");
}

/// As [`assert_forgery`], if lookups on one bus are what rejects the false result: no table has their entries.
fn assert_lookup_forgery<X>(provers: &Provers<X>, bus: &str)
where
    X: VmExtension + Clone + Send + Sync + 'static,
    X::Executor: 'static,
    X::Periphery: 'static,
{
    let report = refused(provers);
    assert!(report.problems.is_empty() && report.labels.is_empty() && !report.imbalances.is_empty(), "{report}");
    assert!(report.imbalances.iter().all(|imbalance| imbalance.bus == bus), "{report}");
}

/// Checks that the verifier of the careless chip accepts the false result, and that the verifier of the complete chip
/// rejects it. Returns the checks of the complete chip that fail.
fn refused<X>(provers: &Provers<X>) -> DebugReport
where
    X: VmExtension + Clone + Send + Sync + 'static,
    X::Executor: 'static,
    X::Periphery: 'static,
{
    let Provers { careless, cheating, complete } = provers;
    careless.prove_and_verify().expect("the careless chip proves the true result");
    complete.prove_and_verify().expect("the complete chip proves the true result");
    let root = |test: &Test<X>| {
        let connector = test.air_index("Connector").unwrap();
        test.inputs.iter().find(|input| input.air == connector).unwrap().public_values.clone()
    };
    assert_eq!(root(careless), root(complete), "the honest machines agree on the result");
    assert_ne!(root(cheating), root(complete), "the forgery claims another result");

    // The key has no trace of the host: whoever trusts the careless chip verifies the proof of the cheating prover.
    let digest = |test: &Test<X>| test.key().verifying_key().digest();
    assert_eq!(digest(cheating), digest(careless));
    assert_ne!(digest(complete), digest(careless));
    cheating.under(careless.vm(), careless.key()).unwrap().attempt().expect("the careless chip accepts the forgery");

    let forged = cheating.under(complete.vm(), complete.key()).unwrap();
    let outcome = forged.attempt();
    assert!(matches!(outcome, Err(Rejection::Verifier(_))), "{outcome:?}");
    forged.debug()
}
