//! What an AIR checks, what a row is given, and what it must determine.

use std::collections::BTreeSet;
use std::ops::Range;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;

use super::super::audit::CheckKind;
use super::super::recount::answers;
use super::{DroppedCheck, SAMPLE};
use crate::arch::{BITWISE_BUS, EXECUTION_BUS, LookupTable, MEMORY_BUS, MEMORY_WIDE_BUSES, PROGRAM_BUS, RANGE_BUS};
use crate::stark::{AnyAir, F, Printer, RowValues, SymbolicAir, Tape};

/// What a message means to the row that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Query of a lookup table, by index. The table must contain the tuple.
    Query(usize),
    /// Lookup in the program table: the instruction is given.
    Program,
    /// Step of execution: the state that is received is given.
    Execution,
    /// Access of a word: the data and the time that are received are given. The address is not: a prover chooses it.
    Memory,
    /// Request of a wide access: the data of reads is given.
    Wide,
    /// Message on another permutation bus: what is received is given, and what is sent is a result.
    Other,
    /// Entry that the AIR provides, or query of an unknown table: given.
    Entry,
}

/// A message of an AIR as code.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) bus: String,
    pub(super) meaning: Meaning,
    /// Label of the part of the AIR that emits the message.
    pub(super) origin: String,
    /// The fields, then the multiplicity.
    pub(super) tape: Tape,
    /// Code of each field alone, to solve a message for a cell.
    pub(super) fields: Vec<Tape>,
}

/// A message of a concrete row. Its multiplicity is not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) fields: Vec<F>,
    pub(super) count: F,
}

/// A constraint of an AIR as code.
#[derive(Debug)]
pub(super) struct Constraint {
    /// Label of the part of the AIR that emits the constraint.
    pub(super) origin: String,
    pub(super) tape: Tape,
}

/// Everything that can reject a row: the constraints, followed by the messages.
pub(super) type GuardIndex = usize;

/// An AIR, compiled for the search.
pub(super) struct Model<'a> {
    pub(super) air: &'a dyn AnyAir,
    pub(super) names: Vec<String>,
    pub(super) selectors: Vec<usize>,
    pub(super) constraints: Vec<Constraint>,
    pub(super) messages: Vec<Message>,
    pub(super) tables: Vec<&'a dyn LookupTable>,
    /// For each column, the guards that read it and whether they read it on the next row.
    pub(super) readers: Vec<Vec<(GuardIndex, bool)>>,
    /// For each column, the constraint on this column alone that proves it to be 0 or 1, if there is one.
    pub(super) booleans: Vec<Option<GuardIndex>>,
    pub(super) preprocessed: Option<RowMajorMatrix<F>>,
}

impl Model<'_> {
    /// Returns the number of steps that it takes to evaluate all checks that depend on a cell, on average.
    pub(super) fn steps_per_cell(&self) -> usize {
        let steps = |&(guard, _): &(GuardIndex, bool)| self.tape(guard).num_ops();
        self.readers.iter().flatten().map(steps).sum::<usize>() / self.readers.len().max(1)
    }
}

impl<'a> Model<'a> {
    pub(super) fn new(air: &'a dyn AnyAir, tables: &[&'a dyn LookupTable]) -> Self {
        let symbolic = SymbolicAir::record(air);
        let constraints: Vec<Constraint> = symbolic
            .constraints
            .iter()
            .zip(&symbolic.constraint_origins)
            .map(|(expr, origin)| Constraint { origin: origin.clone(), tape: Tape::new([expr]) })
            .collect();
        let meaning = |bus: &str, weight: u32| match tables.iter().position(|table| table.bus().name == bus) {
            _ if bus == PROGRAM_BUS.name => Meaning::Program,
            Some(table) if weight > 0 => Meaning::Query(table),
            _ if bus == EXECUTION_BUS.name => Meaning::Execution,
            _ if bus == MEMORY_BUS.name => Meaning::Memory,
            _ if MEMORY_WIDE_BUSES.iter().any(|wide| wide.name == bus) => Meaning::Wide,
            _ if symbolic.messages.iter().any(|message| message.bus == bus && message.weight == 0) => Meaning::Entry,
            _ => Meaning::Other,
        };
        let messages: Vec<Message> = symbolic
            .messages
            .iter()
            .map(|message| Message {
                bus: message.bus.clone(),
                meaning: meaning(&message.bus, message.weight),
                origin: message.origin.clone(),
                tape: Tape::new(message.fields.iter().chain([&message.count])),
                fields: message.fields.iter().map(|field| Tape::new([field])).collect(),
            })
            .collect();
        let mut readers = vec![Vec::new(); air.width()];
        let tapes = constraints.iter().map(|c| &c.tape).chain(messages.iter().map(|m| &m.tape));
        for (guard, tape) in tapes.enumerate() {
            for (next, column) in tape.cells() {
                readers[column].push((guard, next));
            }
        }
        let mut model = Self {
            air,
            names: air.column_names(),
            selectors: air.selectors(),
            constraints,
            messages,
            tables: tables.to_vec(),
            readers,
            booleans: Vec::new(),
            preprocessed: air.preprocessed_trace(),
        };
        model.booleans = (0..air.width()).map(|column| model.boolean(column)).collect();
        model
    }

    /// Number of constraints and messages.
    pub(super) fn guards(&self) -> usize {
        self.constraints.len() + self.messages.len()
    }

    /// Returns all checks, of which none has been noticed.
    pub(super) fn checks(&self) -> Vec<DroppedCheck> {
        let symbolic = SymbolicAir::record(self.air);
        let mut checks = Vec::new();
        for (index, (expr, constraint)) in symbolic.constraints.iter().zip(&self.constraints).enumerate() {
            let text = format!("constraint {index}: {} = 0", Printer::short(self.air, expr));
            checks.push((text, CheckKind::Constraint, &constraint.origin));
        }
        for (index, (symbolic, message)) in symbolic.messages.iter().zip(&self.messages).enumerate() {
            let fields: Vec<String> = symbolic.fields.iter().map(|field| Printer::short(self.air, field)).collect();
            let text = format!("message {index}: {}({})", message.bus, fields.join(", "));
            let is_query = matches!(message.meaning, Meaning::Query(_));
            checks.push((text, if is_query { CheckKind::Lookup } else { CheckKind::Message }, &message.origin));
        }
        let dropped = |(text, kind, origin): (String, CheckKind, &String)| DroppedCheck {
            text,
            kind,
            origin: origin.clone(),
            noticed: None,
            sampled: true,
            implied_by: Some(BTreeSet::new()),
        };
        let mut checks: Vec<DroppedCheck> = checks.into_iter().map(dropped).collect();
        let step = checks.len().div_ceil(SAMPLE).max(1);
        let mut seen = BTreeSet::new();
        for (index, check) in checks.iter_mut().enumerate() {
            check.sampled = seen.insert((check.kind, check.origin.clone())) || index.is_multiple_of(step);
        }
        checks
    }

    /// Returns the tape of a guard.
    pub(super) fn tape(&self, guard: GuardIndex) -> &Tape {
        match self.message(guard) {
            Some(message) => &message.tape,
            None => &self.constraints[guard].tape,
        }
    }

    /// Returns the message of a guard, unless the guard is a constraint.
    pub(super) fn message(&self, guard: GuardIndex) -> Option<&Message> {
        guard.checked_sub(self.constraints.len()).map(|index| &self.messages[index])
    }

    /// Returns a constraint that reads this column alone and is satisfied by 0 and 1, but not by 2.
    fn boolean(&self, column: usize) -> Option<GuardIndex> {
        let proves = |&(guard, next): &(GuardIndex, bool)| {
            let tape = self.tape(guard);
            if next || self.message(guard).is_some() || !tape.cells().eq([(false, column)]) {
                return false;
            }
            let mut row = F::zero_vec(self.air.width());
            let mut holds = |value: u32| {
                row[column] = F::from_u32(value);
                let values = RowValues {
                    main: (&row, &row),
                    preprocessed: (&[], &[]),
                    public: &[],
                    // With all selectors zero, a constraint of some rows only does not count.
                    is_first_row: F::ZERO,
                    is_last_row: F::ZERO,
                    is_transition: F::ZERO,
                };
                let mut zero = true;
                tape.eval(|input| values.get(input), &mut Vec::new(), |value| zero &= value == F::ZERO);
                zero
            };
            self.preprocessed.is_none() && self.air.num_public_values() == 0 && holds(0) && holds(1) && !holds(2)
        };
        self.readers[column].iter().find(|reader| proves(reader)).map(|(guard, _)| *guard)
    }

    /// Returns the fields of a message that are given to the row; the others are results.
    pub(super) fn given(&self, message: &Message, said: &Said) -> Range<usize> {
        let all = 0..said.fields.len();
        match message.meaning {
            Meaning::Program | Meaning::Entry => all,
            Meaning::Query(_) => 0..0,
            Meaning::Execution | Meaning::Other if said.count == -F::ONE => all,
            Meaning::Memory if said.count == -F::ONE => 2..5,
            Meaning::Wide if said.fields.first() == Some(&F::ZERO) => 4..all.end,
            Meaning::Execution | Meaning::Memory | Meaning::Wide | Meaning::Other => 0..0,
        }
    }

    /// Returns whether the word of an access exists. The boundary of memory sends aligned words below 2^29 only, so no
    /// other access balances.
    pub(super) fn has_source(&self, message: &Message, said: &Said) -> bool {
        let pointer = match message.meaning {
            Meaning::Memory => said.fields[1],
            Meaning::Wide => said.fields[2],
            _ => return true,
        };
        pointer.as_canonical_u32().is_multiple_of(4) && pointer.as_canonical_u32() < 1 << 29
    }

    /// Returns whether a field of a message is a cell that the row stores in memory, which must be below 2^16.
    pub(super) fn is_stored(&self, message: &Message, said: &Said, field: usize) -> bool {
        match message.meaning {
            Meaning::Memory => said.count == F::ONE && (2..4).contains(&field),
            Meaning::Wide => field >= 4,
            _ => false,
        }
    }

    /// Returns whether the table of a query contains the tuple.
    pub(super) fn answers(&self, table: usize, fields: &[F]) -> bool {
        answers(self.tables[table], fields)
    }

    /// Returns values for a field of an unanswered query that could make it one that is answered.
    pub(super) fn answers_with(&self, message: &Message, fields: &[F], field: usize) -> Vec<F> {
        if message.bus == RANGE_BUS.name && field == 0 {
            let bits = fields[1].as_canonical_u32().min(16);
            return vec![F::ZERO, F::from_u32((1 << bits) - 1)];
        }
        if message.bus == BITWISE_BUS.name && fields.iter().filter(|field| field.as_canonical_u32() < 256).count() >= 2
        {
            // Any two of the bytes determine the third.
            let others = fields.iter().enumerate().filter(|(index, _)| *index != field);
            return vec![F::from_u32(others.fold(0, |xor, (_, byte)| xor ^ byte.as_canonical_u32()))];
        }
        Vec::new()
    }
}

/// Names of the fields of a message on a bus of the system, for reports.
pub(super) fn field_name(message: &Message, said: &Said, field: usize) -> String {
    let verb = if said.count == -F::ONE { "receives" } else { "sends" };
    match (message.meaning, field) {
        (Meaning::Execution, 0) => "the next program counter".to_owned(),
        (Meaning::Execution, _) => "the time of the next instruction".to_owned(),
        (Meaning::Memory, 0) => format!("the address space of a word that it {verb}"),
        (Meaning::Memory, 1) => format!("the address of a word that it {verb}"),
        (Meaning::Memory, 2 | 3) => "a word that it sends to memory".to_owned(),
        (Meaning::Memory, _) => "the time of an access".to_owned(),
        (Meaning::Wide, 1) => "the address space of a wide access".to_owned(),
        (Meaning::Wide, 2) => "the address of a wide access".to_owned(),
        (Meaning::Wide, 3) => "the time of a wide access".to_owned(),
        (Meaning::Wide, _) => "the words of a wide write".to_owned(),
        (Meaning::Other, _) => format!("field {field} of a message that it {verb} on bus {}", message.bus),
        (Meaning::Program | Meaning::Entry | Meaning::Query(_), _) => format!("field {field} on bus {}", message.bus),
    }
}

#[cfg(test)]
mod tests {
    use p3_air::{Air, BaseAir, WindowAccess};

    use super::*;
    use crate::stark::{MachineAir, VmAirBuilder, origin_scope};

    /// Boolean columns. The last ten are checked in a part of their own.
    struct Booleans(usize);

    impl BaseAir<F> for Booleans {
        fn width(&self) -> usize {
            self.0
        }
    }

    impl MachineAir for Booleans {
        fn name(&self) -> String {
            "Booleans".into()
        }
        fn column_names(&self) -> Vec<String> {
            (0..self.0).map(|column| format!("bits[{column}]")).collect()
        }
    }

    impl<AB: VmAirBuilder> Air<AB> for Booleans {
        fn eval(&self, b: &mut AB) {
            let main = b.main();
            for (column, bit) in main.current_slice().iter().enumerate() {
                let _origin = (column + 10 >= self.0).then(|| origin_scope::<AB>("last"));
                b.assert_bool(*bit);
            }
        }
    }

    #[test]
    fn only_a_sample_of_many_checks_is_dropped() {
        let sampled = |columns: usize| -> Vec<usize> {
            let air = Booleans(columns);
            let checks = Model::new(&air, &[]).checks();
            assert_eq!(checks.len(), columns);
            (0..columns).filter(|&index| checks[index].sampled).collect()
        };
        assert_eq!(sampled(SAMPLE), (0..SAMPLE).collect::<Vec<_>>());
        let every_third: Vec<usize> = (0..2 * SAMPLE + 1).step_by(3).collect();
        // The first check of each part is in the sample, too.
        let mut expected: BTreeSet<usize> = every_third.into_iter().collect();
        expected.insert(2 * SAMPLE + 1 - 10);
        assert_eq!(sampled(2 * SAMPLE + 1), expected.into_iter().collect::<Vec<_>>());
    }
}
