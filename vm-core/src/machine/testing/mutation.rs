//! Mutation of traces: finds cells that a cheating prover could change without any check rejecting it.
//!
//! A sweep changes one row at a time and evaluates the AIR on the changed row, without making a proof. There are three
//! ways to *kill* a mutation:
//! - A constraint fails.
//! - A query has a tuple that the lookup table does not contain. Multiplicities are derived from the changed trace, so
//!   they kill nothing.
//! - The messages of the row on buses without a table change. The other rows are honest and no longer balance them.
//!
//! All other mutations *survive*.
//!
//! Padding rows (rows whose selectors are all zero) have a stricter rule, because an attacker can also write the rows
//! that balance their messages. Whatever the other cells of a padding row hold, a check must fail or the row must have
//! no messages at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::recount::answers;
use crate::arch::LookupTable;
use crate::stark::{AnyAir, F, RowEvaluator, RowResult, RowValues, SymbolicAir};

/// Largest number of real rows that are mutated. They are evenly spread over the trace.
const REAL_ROWS: usize = 24;
/// Number of times that a padding row is filled with garbage.
const GARBAGE_ROWS: usize = 64;

/// Kind of the row that was mutated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowKind {
    /// The first row.
    First,
    /// A row that is neither first, last nor padding.
    Real,
    /// A row whose selectors are all zero.
    Padding,
    /// The last row, if it is not a padding row.
    Last,
    /// No row: a public value was mutated.
    PublicValue,
}

/// Change of a trace cell or of a public value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutation {
    /// Value + 1.
    PlusOne,
    /// Value − 1.
    MinusOne,
    /// 1 − value.
    Flip,
    /// The value of the next column.
    Neighbour,
    /// A random field element.
    Random,
    /// p − 1.
    MinusOneValue,
    /// 2^bits added to the cell, and 1 subtracted from the next column.
    CarryIn(u8),
    /// 2^bits subtracted from the cell, and 1 added to the next column.
    CarryOut(u8),
    /// Value + 2^bits: a limb that keeps a carry.
    PlusPower(u8),
    /// Value − 2^bits: a limb from which a borrow is missing.
    MinusPower(u8),
    /// Garbage in all columns except the selectors, on a padding row.
    Garbage,
}

/// All mutations that are applied to a single cell.
const MUTATIONS: [Mutation; 14] = [
    Mutation::PlusOne,
    Mutation::MinusOne,
    Mutation::Flip,
    Mutation::Neighbour,
    Mutation::Random,
    Mutation::MinusOneValue,
    Mutation::CarryIn(16),
    Mutation::CarryOut(16),
    Mutation::CarryIn(8),
    Mutation::CarryOut(8),
    Mutation::PlusPower(16),
    Mutation::MinusPower(16),
    Mutation::PlusPower(8),
    Mutation::MinusPower(8),
];

impl Mutation {
    /// Applies the mutation. Returns `false` if it changes nothing.
    fn apply(self, row: &mut [F], column: usize, rng: &mut StdRng) -> bool {
        let old = row[column];
        let next = row.get(column + 1).copied();
        let new = match self {
            Self::PlusOne => Some(old + F::ONE),
            Self::MinusOne => Some(old - F::ONE),
            Self::Flip => Some(F::ONE - old),
            Self::Neighbour => next,
            Self::Random => Some(F::from_u32(rng.random_range(0..F::ORDER_U32))),
            Self::MinusOneValue => Some(-F::ONE),
            Self::CarryIn(bits) => next.map(|_| old + F::from_u32(1 << bits)),
            Self::CarryOut(bits) => next.map(|_| old - F::from_u32(1 << bits)),
            Self::PlusPower(bits) => Some(old + F::from_u32(1 << bits)),
            Self::MinusPower(bits) => Some(old - F::from_u32(1 << bits)),
            Self::Garbage => None,
        };
        let Some(new) = new.filter(|new| *new != old) else { return false };
        row[column] = new;
        match self {
            Self::CarryIn(_) => row[column + 1] -= F::ONE,
            Self::CarryOut(_) => row[column + 1] += F::ONE,
            _ => {}
        }
        true
    }
}

/// A mutation that no check rejects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Survivor {
    /// Name of the AIR.
    pub air: String,
    /// Name of the column; `*` for [`Mutation::Garbage`], and `public[i]` for a public value.
    pub column: String,
    /// Kind of the row.
    pub kind: RowKind,
    /// The mutation.
    pub mutation: Mutation,
    /// Index of the row in the trace. For a public value, its index.
    pub row: usize,
}

impl fmt::Display for Survivor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { air, column, kind, mutation, row } = self;
        write!(f, "{air}.{column}: mutation {mutation:?} of row {row} ({kind:?}) survives: no check rejects it")
    }
}

/// Which constraints and queries of an AIR are the only check that rejects some mutation.
///
/// A check that is not covered could be removed from the AIR, and the sweep would not report a survivor. Bus balance is
/// not taken into account, because an attacker can adapt the other rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Name of the AIR.
    pub air: String,
    /// Whether each constraint is covered, in the order of the AIR's constraints.
    pub constraints: Vec<bool>,
    /// For each query of a lookup table: index of the message, name of the bus, and whether the query is covered.
    pub queries: Vec<(usize, String, bool)>,
}

/// Result of a sweep: mutations of all columns of a trace.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// Mutations that no check rejects.
    pub survivors: Vec<Survivor>,
    /// Constraints and queries that are the only check that rejects some mutation.
    pub coverage: Coverage,
    /// Number of mutations.
    pub mutations: usize,
    /// Number of mutations that were killed.
    pub killed: usize,
}

impl Sweep {
    /// Creates an empty result, into which others can be merged.
    pub fn new(air: &dyn AnyAir) -> Self {
        let constraints = vec![false; SymbolicAir::record(air).constraints.len()];
        let coverage = Coverage { air: air.name(), constraints, queries: Vec::new() };
        Self { survivors: Vec::new(), coverage, mutations: 0, killed: 0 }
    }

    /// Adds the result for another trace of the same AIR.
    pub fn merge(&mut self, other: Self) {
        self.survivors.extend(other.survivors);
        self.mutations += other.mutations;
        self.killed += other.killed;
        for (mine, theirs) in self.coverage.constraints.iter_mut().zip(other.coverage.constraints) {
            *mine |= theirs;
        }
        if self.coverage.queries.is_empty() {
            self.coverage.queries = other.coverage.queries;
        } else {
            for (mine, theirs) in self.coverage.queries.iter_mut().zip(other.coverage.queries) {
                mine.2 |= theirs.2;
            }
        }
    }
}

/// Returns the mutations of a trace that no check rejects (see [`sweep`]).
pub fn survivors(
    air: &dyn AnyAir,
    trace: &RowMajorMatrix<F>,
    public_values: &[F],
    tables: &[&dyn LookupTable],
) -> Vec<Survivor> {
    sweep(air, trace, public_values, tables).survivors
}

/// Applies every [`Mutation`] to every column of a trace, on the first row, the last row, padding rows and some real
/// rows, and to every public value.
///
/// Queries on the buses of `tables` are looked up in these tables. On all other buses, the messages of the changed row
/// are compared with those of the honest row, as multisets. The result is deterministic.
pub fn sweep(air: &dyn AnyAir, trace: &RowMajorMatrix<F>, public_values: &[F], tables: &[&dyn LookupTable]) -> Sweep {
    Subject::new(air, trace, public_values, tables).sweep()
}

/// Failed checks and messages of a row, or of a pair of rows.
#[derive(Default)]
struct Effect {
    failures: BTreeSet<u32>,
    /// Queries of tuples that the table does not provide, by index of the message.
    unanswered: BTreeSet<u32>,
    /// Net multiplicities of the messages on buses without a table.
    net: BTreeMap<(u32, Vec<F>), F>,
    /// Whether there is any message. Messages of the previous row only count if it is a padding row.
    loud: bool,
    /// As `net`, for the previous row alone, if it is not a padding row and its AIR reads the next row.
    net_before: BTreeMap<(u32, Vec<F>), F>,
}

struct Subject<'a> {
    air: &'a dyn AnyAir,
    evaluator: RowEvaluator,
    trace: RowMajorMatrix<F>,
    preprocessed: Option<RowMajorMatrix<F>>,
    public_values: Vec<F>,
    tables: &'a [&'a dyn LookupTable],
    /// Index of the lookup table, for each message that is a query.
    table_of: Vec<Option<usize>>,
    /// Index of the bus, for each message.
    bus_of: Vec<u32>,
    selectors: Vec<usize>,
    names: Vec<String>,
    reads_next: bool,
    /// Whether the AIR reads the next row or a row selector.
    reads_position: bool,
    result: Sweep,
}

impl<'a> Subject<'a> {
    fn new(
        air: &'a dyn AnyAir,
        trace: &RowMajorMatrix<F>,
        public_values: &[F],
        tables: &'a [&'a dyn LookupTable],
    ) -> Self {
        let symbolic = SymbolicAir::record(air);
        let table_of: Vec<Option<usize>> = symbolic
            .messages
            .iter()
            .map(|message| {
                let table = tables.iter().position(|table| table.bus().name == message.bus);
                table.filter(|_| message.weight > 0)
            })
            .collect();
        let mut buses: Vec<&str> = symbolic.messages.iter().map(|message| message.bus.as_str()).collect();
        buses.sort_unstable();
        buses.dedup();
        let bus_of = symbolic
            .messages
            .iter()
            .map(|message| buses.binary_search(&message.bus.as_str()).unwrap_or_default() as u32)
            .collect();
        let mut result = Sweep::new(air);
        result.coverage.queries = symbolic
            .messages
            .iter()
            .zip(&table_of)
            .enumerate()
            .filter(|(_, (_, table))| table.is_some())
            .map(|(index, (message, _))| (index, message.bus.clone(), false))
            .collect();
        Self {
            air,
            evaluator: RowEvaluator::new(&symbolic),
            trace: trace.clone(),
            preprocessed: air.preprocessed_trace().filter(|matrix| matrix.height() == trace.height()),
            public_values: public_values.to_vec(),
            tables,
            table_of,
            bus_of,
            selectors: air.selectors(),
            names: air.column_names(),
            reads_position: symbolic.reads_position(),
            reads_next: !symbolic.reads.main_next.is_empty() || !symbolic.reads.preprocessed_next.is_empty(),
            result,
        }
    }

    fn sweep(mut self) -> Sweep {
        for (row, kind) in self.rows() {
            let before = self.effect(row);
            for column in 0..self.trace.width {
                for mutation in MUTATIONS {
                    self.mutate(row, kind, column, mutation, &before);
                }
            }
        }
        self.garbage();
        self.mutate_public_values();
        self.result
    }

    fn is_padding(&self, row: usize) -> bool {
        let start = row * self.trace.width;
        !self.selectors.is_empty() && self.selectors.iter().all(|&s| self.trace.values[start + s] == F::ZERO)
    }

    /// Returns the rows to mutate, in ascending order.
    fn rows(&self) -> Vec<(usize, RowKind)> {
        let (height, width) = (self.trace.height(), self.trace.width);
        // Rows like those before them, such as padding, show nothing new, unless the AIR knows them by their position.
        let alike = !self.reads_position && self.preprocessed.is_none();
        let repeats = |row: usize| {
            let cells = |row: usize| &self.trace.values[row * width..(row + 1) * width];
            alike && row > 0 && cells(row) == cells(row - 1)
        };
        let (padding, real): (Vec<usize>, Vec<usize>) =
            (0..height).filter(|&row| !repeats(row)).partition(|&row| self.is_padding(row));
        let mut rows = BTreeMap::new();
        let step = real.len().div_ceil(REAL_ROWS).max(1);
        rows.extend(real.iter().step_by(step).map(|&row| (row, RowKind::Real)));
        for row in [0, height.saturating_sub(1)].into_iter().filter(|&row| !repeats(row)) {
            let kind = if row == 0 { RowKind::First } else { RowKind::Last };
            rows.insert(row, if self.is_padding(row) { RowKind::Padding } else { kind });
        }
        rows.extend([padding.first(), padding.last()].into_iter().flatten().map(|&row| (row, RowKind::Padding)));
        rows.into_iter().collect()
    }

    fn mutate(&mut self, row: usize, kind: RowKind, column: usize, mutation: Mutation, before: &Effect) {
        let range = row * self.trace.width..(row + 1) * self.trace.width;
        let honest: Vec<F> = self.trace.values[range.clone()].to_vec();
        let mut mutant = honest.clone();
        let mut rng = StdRng::seed_from_u64(((row as u64) << 32) | column as u64);
        if !mutation.apply(&mut mutant, column, &mut rng) {
            return;
        }
        self.trace.values[range.clone()].copy_from_slice(&mutant);
        self.judge(row, kind, &self.names[column].clone(), mutation, before);
        self.trace.values[range].copy_from_slice(&honest);
    }

    /// Fills a padding row with garbage. The prover may put anything into a row whose selectors are zero.
    fn garbage(&mut self) {
        let Some(row) = (0..self.trace.height()).find(|&row| self.is_padding(row)) else { return };
        let range = row * self.trace.width..(row + 1) * self.trace.width;
        let honest: Vec<F> = self.trace.values[range.clone()].to_vec();
        let mut rng = StdRng::seed_from_u64(1);
        let before = self.effect(row);
        for _ in 0..GARBAGE_ROWS {
            let mutant: Vec<F> = (0..honest.len())
                .map(|column| match rng.random_range(0..4) {
                    _ if self.selectors.contains(&column) => F::ZERO,
                    0 => F::ZERO,
                    1 => F::ONE,
                    2 => -F::ONE,
                    _ => F::from_u32(rng.random_range(0..F::ORDER_U32)),
                })
                .collect();
            self.trace.values[range.clone()].copy_from_slice(&mutant);
            self.judge(row, RowKind::Padding, "*", Mutation::Garbage, &before);
            self.trace.values[range.clone()].copy_from_slice(&honest);
        }
    }

    fn judge(&mut self, row: usize, kind: RowKind, column: &str, mutation: Mutation, before: &Effect) {
        let after = self.effect(row);
        self.note_coverage(&after);
        let refused = !after.failures.is_empty() || !after.unanswered.is_empty();
        // Soundness: a padding row may not rely on the balance of buses, since an attacker can also write the rows that
        // balance its messages. So it must have none. If the previous row is real, that row may have the messages that
        // it had before, but none of them may depend on the padding row.
        let is_silent = || !after.loud && after.net_before == before.net_before;
        let killed = refused || if self.is_padding(row) { is_silent() } else { after.net != before.net };
        self.result.mutations += 1;
        if killed {
            self.result.killed += 1;
        } else {
            let (air, column) = (self.air.name(), column.to_owned());
            self.result.survivors.push(Survivor { air, column, kind, mutation, row });
        }
    }

    fn note_coverage(&mut self, effect: &Effect) {
        match (effect.failures.first(), effect.unanswered.first()) {
            (Some(&constraint), None) if effect.failures.len() == 1 => {
                self.result.coverage.constraints[constraint as usize] = true;
            }
            (None, Some(&message)) if effect.unanswered.len() == 1 => {
                let query = self.result.coverage.queries.iter_mut().find(|(index, ..)| *index == message as usize);
                if let Some(query) = query {
                    query.2 = true;
                }
            }
            _ => {}
        }
    }

    fn mutate_public_values(&mut self) {
        for index in 0..self.public_values.len() {
            for mutation in MUTATIONS {
                let honest = self.public_values.clone();
                let mut rng = StdRng::seed_from_u64(index as u64);
                let before = self.whole();
                if mutation.apply(&mut self.public_values, index, &mut rng) {
                    let after = self.whole();
                    self.note_coverage(&after);
                    self.result.mutations += 1;
                    if after.failures.is_empty() && after.unanswered.is_empty() && after.net == before.net {
                        self.result.survivors.push(Survivor {
                            air: self.air.name(),
                            column: format!("public[{index}]"),
                            kind: RowKind::PublicValue,
                            mutation,
                            row: index,
                        });
                    } else {
                        self.result.killed += 1;
                    }
                }
                self.public_values = honest;
            }
        }
    }

    /// Returns the effect of all rows.
    fn whole(&self) -> Effect {
        let mut effect = Effect::default();
        (0..self.trace.height()).for_each(|row| self.add_row(row, &mut effect));
        effect
    }

    /// Returns the effect of a row and, if the AIR reads the next row, of the row before it.
    fn effect(&self, row: usize) -> Effect {
        let mut effect = Effect::default();
        self.add_row(row, &mut effect);
        let loud = effect.loud;
        let height = self.trace.height();
        if self.reads_next && height > 1 {
            let previous = (row + height - 1) % height;
            self.add_row(previous, &mut effect);
            if !self.is_padding(previous) {
                effect.loud = loud;
                let mut alone = Effect::default();
                self.add_row(previous, &mut alone);
                effect.net_before = alone.net;
            }
        }
        effect
    }

    fn add_row(&self, row: usize, effect: &mut Effect) {
        let (trace, fixed) = (&self.trace, self.preprocessed.as_ref());
        let values = RowValues::of_trace(&trace.values, trace.width, fixed, &self.public_values, row);
        let mut result = RowResult::default();
        self.evaluator.eval(&values, &mut result);
        effect.failures.extend(result.failures.iter().map(|(constraint, _)| *constraint));
        for message in &result.messages {
            effect.loud = true;
            let fields = result.fields_of(message);
            match self.table_of[message.interaction as usize] {
                Some(table) => {
                    if !answers(self.tables[table], fields) {
                        effect.unanswered.insert(message.interaction);
                    }
                }
                None => {
                    let key = (self.bus_of[message.interaction as usize], fields.to_vec());
                    *effect.net.entry(key).or_insert(F::ZERO) += message.count;
                }
            }
        }
        effect.net.retain(|_, count| *count != F::ZERO);
    }
}
