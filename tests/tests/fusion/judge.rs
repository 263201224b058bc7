//! The theorem on which fusion rests, as a test of single rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use vm_core::arch::{EXECUTION_BUS, MEMORY_BUS, PROGRAM_BUS};
use vm_core::instructions::Instruction;
use vm_core::machine::fusion::FusedCircuit;
use vm_core::stark::{AirRef, AnyAir, F, MachineAir, RowEvaluator, RowResult, RowValues, SymbolicAir};
use vm_sdk::p3::field::{PrimeCharacteristicRing, PrimeField32};

/// Says whether the table of a bus has an entry.
pub(crate) type IsTrue<'a> = dyn Fn(&str, &[F]) -> bool + 'a;

/// Net multiplicities of messages.
type Messages = BTreeMap<(String, Vec<u32>), F>;

/// An AIR that is evaluated on single rows.
struct Air {
    evaluator: RowEvaluator,
    buses: Vec<String>,
    width: usize,
}

/// What an AIR says about a row.
#[derive(Debug)]
struct Verdict {
    /// The first failing check, if there is one.
    failure: Option<String>,
    /// Messages on the execution and the memory bus.
    messages: Messages,
}

impl Air {
    fn new(air: &dyn AnyAir) -> Self {
        let symbolic = SymbolicAir::record(air);
        let buses = symbolic.messages.iter().map(|message| message.bus.clone()).collect();
        Self { evaluator: RowEvaluator::new(&symbolic), buses, width: air.width() }
    }

    fn judge(&self, row: &[F], is_true: &IsTrue<'_>) -> Verdict {
        let mut result = RowResult::default();
        self.evaluator.eval(&RowValues::alone(row), &mut result);
        let mut failure = result.failures.first().map(|(index, _)| format!("constraint {index}"));
        let mut messages = Messages::new();
        if failure.is_some() {
            return Verdict { failure, messages };
        }
        for message in &result.messages {
            let (bus, fields) = (&self.buses[message.interaction as usize], result.fields_of(message));
            if [EXECUTION_BUS.name, MEMORY_BUS.name].contains(&bus.as_str()) {
                let fields = fields.iter().map(F::as_canonical_u32).collect();
                *messages.entry((bus.clone(), fields)).or_insert(F::ZERO) += message.count;
            } else if message.count != F::ONE || !is_true(bus, fields) {
                failure.get_or_insert_with(|| format!("query {} on {bus}: {fields:?}", message.interaction));
            }
        }
        messages.retain(|_, count| *count != F::ZERO);
        Verdict { failure, messages }
    }
}

/// A fused circuit with the original circuits of its instructions.
pub(crate) struct Lifter {
    pub(crate) circuit: Arc<FusedCircuit>,
    /// Names of the fused circuit's columns.
    pub(crate) names: Vec<String>,
    fused: Air,
    steps: Vec<(Air, [F; 9])>,
}

/// What became of a fused row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lifted {
    /// The fused circuit refuses it.
    Refused(String),
    /// Both accept it, with the same messages.
    Agreed,
}

impl Lifter {
    /// `airs` are the AIRs of the instructions.
    pub(crate) fn new(circuit: &Arc<FusedCircuit>, steps: &[(u32, Instruction)], airs: &[AirRef]) -> Self {
        let entry = |(pc, instruction): &(u32, Instruction)| {
            let [a, b, c, d, e, f, g] = instruction.operands();
            [*pc, instruction.opcode.as_u32(), a, b, c, d, e, f, g].map(F::from_u32)
        };
        Self {
            circuit: Arc::clone(circuit),
            names: MachineAir::column_names(&**circuit),
            fused: Air::new(&**circuit),
            steps: airs.iter().map(|air| Air::new(&**air)).zip(steps.iter().map(entry)).collect(),
        }
    }

    /// Returns the rows of the original circuits for a row of the fused circuit.
    pub(crate) fn lift(&self, row: &[F]) -> Vec<Vec<F>> {
        let widths: Vec<usize> = self.steps.iter().map(|(air, _)| air.width).collect();
        self.circuit.lift(row, &widths)
    }

    /// Checks the theorem on a row: if the fused circuit accepts it, then the original circuits accept the lifted rows, and
    /// send the same messages.
    ///
    /// # Errors
    /// Says what is wrong.
    pub(crate) fn check(&self, row: &[F], is_true: &IsTrue<'_>) -> Result<Lifted, String> {
        let fused = self.fused.judge(row, is_true);
        if let Some(failure) = fused.failure {
            return Ok(Lifted::Refused(failure));
        }
        if row[0] == F::ZERO {
            return if fused.messages.is_empty() {
                Ok(Lifted::Agreed)
            } else {
                Err("a padding row has messages".into())
            };
        }
        let mut messages = Messages::new();
        for (index, ((air, entry), row)) in self.steps.iter().zip(self.lift(row)).enumerate() {
            let is_true = |bus: &str, fields: &[F]| match bus {
                bus if bus == PROGRAM_BUS.name => fields == entry,
                _ => is_true(bus, fields),
            };
            let lifted = air.judge(&row, &is_true);
            if let Some(failure) = lifted.failure {
                return Err(format!("instruction {index}: {failure}"));
            }
            for (message, count) in lifted.messages {
                *messages.entry(message).or_insert(F::ZERO) += count;
            }
        }
        messages.retain(|_, count| *count != F::ZERO);
        if messages == fused.messages { Ok(Lifted::Agreed) } else { Err("other messages".into()) }
    }

    /// Changes single cells and pairs of cells, and checks the theorem on each changed row. Returns how many of them the
    /// fused circuit accepts.
    pub(crate) fn check_mutations(&self, honest: &[F], is_true: &IsTrue<'_>, what: &str) -> usize {
        let powers = [0, 8, 16].map(|bits| F::from_u32(1 << bits));
        let changes: Vec<F> = powers.into_iter().flat_map(|power| [power, -power]).collect();
        let mut row = honest.to_vec();
        let mut accepted = 0;
        let mut check = |row: &[F], changed: &[usize]| match self.check(row, is_true) {
            Ok(Lifted::Refused(_)) => {}
            Ok(Lifted::Agreed) => accepted += 1,
            Err(error) => {
                let names: Vec<&String> = changed.iter().map(|column| &self.names[*column]).collect();
                panic!("{what}: the fused circuit accepts other {names:?}, but {error}");
            }
        };
        for column in 0..row.len() {
            let others =
                [F::ZERO, F::ONE, F::ONE - honest[column], F::NEG_ONE, F::from_u32(0x1234_5678), F::from_u32(77)];
            for value in changes.iter().map(|change| honest[column] + *change).chain(others) {
                row[column] = value;
                if value != honest[column] {
                    check(&row, &[column]);
                }
            }
            row[column] = honest[column];
        }
        // Cells that belong together are near each other.
        for first in 1..row.len() {
            for second in first + 1..row.len().min(first + 6) {
                for one in &changes {
                    for other in &changes {
                        row[first] = honest[first] + *one;
                        row[second] = honest[second] + *other;
                        check(&row, &[first, second]);
                    }
                }
                row[second] = honest[second];
            }
            row[first] = honest[first];
        }
        accepted
    }
}
