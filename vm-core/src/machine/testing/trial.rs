//! Judging one row of a chip without a proof.
//!
//! The state before the instruction (program counter, time, memory) and the program are given, so a row whose lookups or
//! receives differ from them is refused. Nothing checks what a row *sends*: a later row or the boundary would receive it.
//! So a row that is accepted but sends something else than the honest row is a forgery.

use std::collections::BTreeMap;
use std::sync::Arc;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::arch::{Chip, ChipUsageGetter, LookupTable, MEMORY_BUS, PROGRAM_BUS};
use crate::primitives::{BitwiseTable, RangeTable};
use crate::stark::{AirRef, F, RowEvaluator, RowResult, RowValues, SymbolicAir};

use super::case::{Case, CaseChip, Outcome, Tables};
use super::recount::answers;

/// What refuses a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// A constraint, by index.
    Constraint(usize),
    /// A query of something that is not in the table, by index of the message.
    Lookup(usize),
    /// A receive or a program lookup that differs from the given state, by index of the message.
    State(usize),
}

/// Judgement of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The row is refused.
    Refused(Vec<Guard>),
    /// The row is accepted. It has the messages of the honest row, or none at all.
    Harmless,
    /// The row is accepted and has other messages.
    Forgery,
}

/// A case with its honest row, to judge other rows by.
pub struct Trial {
    air: RowAir,
    honest: Evaluation,
    /// The honest row.
    pub row: Vec<F>,
}

impl Trial {
    pub(super) fn new(air: RowAir, case: &Case, outcome: Outcome) -> Self {
        let honest = air.check_honest(case, &outcome);
        Self { air, honest, row: outcome.row }
    }

    /// Judges a row.
    pub fn judge(&self, row: &[F]) -> Verdict {
        match self.air.judge(&self.honest, row) {
            Ok(Accepted::Forgery) => Verdict::Forgery,
            Ok(Accepted::Same | Accepted::OtherTime | Accepted::Silent) => Verdict::Harmless,
            Err(guards) => Verdict::Refused(guards),
        }
    }

    /// Judges the honest row with some columns replaced, by name.
    ///
    /// # Panics
    /// If there is no column with a given name.
    pub fn with(&self, columns: &[(&str, F)]) -> Verdict {
        let mut row = self.row.clone();
        for &(name, value) in columns {
            let column = self.air.names.iter().position(|other| other == name);
            row[column.unwrap_or_else(|| panic!("there is no column {name}"))] = value;
        }
        self.judge(&row)
    }
}

/// Main columns of a chip, and committed columns of its lookups: 4 per pair of messages on a bus, and 4 for the sum.
pub fn cost<C: CaseChip>() -> (usize, usize) {
    let chip = C::chip();
    let symbolic = SymbolicAir::record(&*chip.air());
    let mut per_bus: BTreeMap<&str, usize> = BTreeMap::new();
    for message in &symbolic.messages {
        *per_bus.entry(message.bus.as_str()).or_default() += 1;
    }
    let packed: usize = per_bus.values().map(|n| n.div_ceil(2)).sum();
    (chip.trace_width(), 4 * (packed + 1))
}

/// A bus message of a concrete row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Message {
    pub(super) bus: Arc<str>,
    pub(super) count: F,
    pub(super) fields: Vec<F>,
}

/// Failed constraints of a row, and one entry per declared message (`None`: its multiplicity is zero).
pub(super) struct Evaluation {
    failures: Vec<usize>,
    messages: Vec<Option<Message>>,
}

/// An AIR of one-row instructions, recorded once.
pub(super) struct RowAir {
    pub(super) air: AirRef,
    pub(super) symbolic: SymbolicAir,
    evaluator: RowEvaluator,
    pub(super) names: Vec<String>,
    /// Bus of every message.
    buses: Vec<Arc<str>>,
    /// The table that answers every message, if it is a query.
    tables: Vec<Option<Arc<dyn LookupTable>>>,
}

impl RowAir {
    /// `tables` answer queries, and so do those of range checks and of bytes.
    pub(super) fn new(air: AirRef, tables: &Tables) -> Self {
        let symbolic = SymbolicAir::record(&*air);
        let names = air.column_names();
        let buses = symbolic.messages.iter().map(|message| message.bus.as_str().into()).collect();
        let mut known: Vec<Arc<dyn LookupTable>> =
            vec![Arc::new(RangeTable::default()), Arc::new(BitwiseTable::default())];
        known.extend(tables.0.iter().cloned());
        let table_of = |bus: &str| known.iter().find(|table| table.bus().name == bus).cloned();
        let tables = symbolic.messages.iter().map(|message| table_of(&message.bus)).collect();
        let evaluator = RowEvaluator::new(&symbolic);
        Self { air, symbolic, evaluator, names, buses, tables }
    }

    /// Messages that query a table, by index.
    pub(super) fn table_queries(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.tables.len()).filter(|&i| self.tables[i].is_some())
    }

    pub(super) fn evaluate(&self, row: &[F]) -> Evaluation {
        let mut result = RowResult::default();
        self.evaluator.eval(&RowValues::alone(row), &mut result);
        let mut messages = vec![None; self.symbolic.messages.len()];
        for message in &result.messages {
            let index = message.interaction as usize;
            messages[index] = Some(Message {
                bus: self.buses[index].clone(),
                count: message.count,
                fields: result.fields_of(message).to_vec(),
            });
        }
        Evaluation { failures: result.failures.iter().map(|&(index, _)| index as usize).collect(), messages }
    }

    /// Asserts the degrees that the cost of a chip relies on: constraints at most 3, everything in a message at most 1.
    pub(super) fn check_shape(&self) {
        assert_eq!(self.names.len(), self.air.width());
        for (i, constraint) in self.symbolic.constraints.iter().enumerate() {
            assert!(constraint.degree_multiple() <= 3, "constraint {i} has degree {}", constraint.degree_multiple());
        }
        for (i, message) in self.symbolic.messages.iter().enumerate() {
            for expr in message.fields.iter().chain([&message.count]) {
                assert!(expr.degree_multiple() <= 1, "message {i} on {} is not linear", message.bus);
            }
        }
        assert!(self.symbolic.unsupported.is_empty());
        let reads = &self.symbolic.reads;
        assert!(!reads.row_selectors && reads.main_next.is_empty(), "a case needs an AIR that reads one row only");
    }

    /// Asserts that the zero row is valid and has no messages, and that a row whose selectors are zero has none whatever
    /// its other cells hold.
    pub(super) fn check_padding(&self) {
        let width = self.air.width();
        let zero = self.evaluate(&vec![F::ZERO; width]);
        assert_eq!(zero.failures, [0usize; 0], "constraints refuse the zero row");
        assert!(zero.messages.iter().all(Option::is_none), "the zero row has messages");
        let selectors = self.air.selectors();
        assert!(!selectors.is_empty());
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..50 {
            let mut row: Vec<F> = (0..width).map(|_| random(&mut rng)).collect();
            for &selector in &selectors {
                row[selector] = F::ZERO;
            }
            assert!(self.evaluate(&row).messages.iter().all(Option::is_none), "a row without selector has messages");
        }
    }

    /// Asserts that the row satisfies the AIR, that its queries are in the tables, and that its other messages are those
    /// of the host's accesses.
    pub(super) fn check_honest(&self, case: &Case, outcome: &Outcome) -> Evaluation {
        let honest = self.evaluate(&outcome.row);
        assert_eq!(honest.failures, [0usize; 0], "{case:?}: constraints refuse the honest row");
        let mut others = Vec::new();
        for (message, table) in honest.messages.iter().zip(&self.tables) {
            match (message, table) {
                (Some(query), Some(table)) => {
                    let in_table = query.count == F::ONE && answers(&**table, &query.fields);
                    assert!(in_table, "{case:?}: {query:?} is not in its table");
                }
                (Some(message), None) => others.push(message.clone()),
                (None, _) => {}
            }
        }
        let mut expected = outcome.expected.clone();
        others.sort();
        expected.sort();
        assert_eq!(others, expected, "{case:?}: the row's messages are not those of the execution");
        honest
    }

    /// Judges a changed row. The error lists what refuses it.
    pub(super) fn judge(&self, honest: &Evaluation, row: &[F]) -> Result<Accepted, Vec<Guard>> {
        let changed = self.evaluate(row);
        let mut guards: Vec<Guard> = changed.failures.iter().map(|&i| Guard::Constraint(i)).collect();
        let (mut same, mut other_time) = (true, false);
        for (i, (was, is)) in honest.messages.iter().zip(&changed.messages).enumerate() {
            let (Some(was), Some(is)) = (was, is) else {
                same &= was.is_none() && is.is_none();
                continue;
            };
            same &= was.count == is.count;
            if let Some(table) = &self.tables[i] {
                if !answers(&**table, &is.fields) {
                    guards.push(Guard::Lookup(i));
                }
                continue;
            }
            let receives = was.count == -F::ONE;
            // As far as this row can show, the time of a previous access is the choice of the sender.
            let compared = was.fields.len() - usize::from(receives && *was.bus == *MEMORY_BUS.name);
            other_time |= was.fields[compared..] != is.fields[compared..];
            if was.fields[..compared] != is.fields[..compared] {
                same = false;
                if receives || *was.bus == *PROGRAM_BUS.name {
                    guards.push(Guard::State(i));
                }
            }
        }
        if !guards.is_empty() {
            return Err(guards);
        }
        Ok(match same {
            true if other_time => Accepted::OtherTime,
            true => Accepted::Same,
            false if changed.messages.iter().all(Option::is_none) => Accepted::Silent,
            false => Accepted::Forgery,
        })
    }
}

pub(super) fn random(rng: &mut StdRng) -> F {
    F::from_u32(rng.random_range(0..F::ORDER_U32))
}

/// A changed row that nothing refuses.
pub(super) enum Accepted {
    /// It has the messages of the honest row.
    Same,
    /// It has the messages of the honest row, except for times of previous accesses.
    OtherTime,
    /// It has no messages: it became padding, which is not an instruction.
    Silent,
    /// It sends something else.
    Forgery,
}
