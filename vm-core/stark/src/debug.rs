//! The debug checker: checks every constraint and every bus on concrete traces, without proving.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr};
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use rustc_hash::FxHashMap;

use p3_maybe_rayon::prelude::*;

use super::air::{AirProofInput, AirRef, AirSet, Expr, F, Printer, RowEvaluator, RowResult, RowValues, SymbolicAir};

/// Maximum number of failures of one constraint that the report has column values for.
const EXAMPLES: usize = 4;
/// Maximum number of participants of one unbalanced message in the report. All are counted.
const PARTICIPANTS: usize = 32;
/// Maximum number of constraints, messages and problems that `Display` shows.
const SHOWN: usize = 16;

/// A row on which a constraint does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstraintFailure {
    /// Index of the AIR in the set.
    pub air: usize,
    /// Index of the instance of the AIR.
    pub instance: usize,
    /// Row of the trace, from 0.
    pub row: usize,
    /// Index of the constraint in the AIR.
    pub constraint: usize,
    /// Value of the constraint's expression, which should be zero.
    pub value: F,
    /// Program counter of the row: the value of the column named `pc`, or else of the first column whose name ends with
    /// `pc`. `None` if there is no such column.
    pub pc: Option<F>,
    /// Whether all cells of the row are zero, as on padding rows.
    pub is_padding: bool,
}

/// A failure of a constraint, with the values that the constraint reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureExample {
    /// The failure.
    pub failure: ConstraintFailure,
    /// Names and values of the main columns that the constraint reads. `'` after a name marks the next row.
    pub columns: Vec<(String, F)>,
}

/// A row that puts a certain message on its bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Index of the AIR in the set.
    pub air: usize,
    /// Index of the instance of the AIR.
    pub instance: usize,
    /// Row of the trace, from 0.
    pub row: usize,
    /// Index of the message in the AIR.
    pub message: usize,
    /// Multiplicity: positive for sends and queries, negative for receives and provided entries.
    pub count: i64,
}

/// A message whose multiplicities do not add up to zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusImbalance {
    /// Name of the bus.
    pub bus: String,
    /// Values of the fields.
    pub fields: Vec<F>,
    /// Sum of all multiplicities. Positive if the message is sent or queried too often.
    pub net: i64,
    /// The first 32 rows that put the message on the bus.
    pub participants: Vec<Participant>,
    /// Number of rows that put the message on the bus.
    pub total_participants: usize,
}

/// How much was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Number of rows of all instances, padding included.
    pub rows: usize,
    /// Number of constraints of the AIRs that have rows.
    pub constraints: usize,
    /// Number of buses.
    pub buses: usize,
}

/// All failed constraints and unbalanced messages of a set of traces.
#[derive(Clone, Debug, Default)]
pub struct DebugReport {
    /// How much was checked.
    pub checked: Checked,
    /// Names of all AIRs of the set, in order.
    pub airs: Vec<String>,
    /// Descriptions of the inputs that could not be checked.
    pub problems: Vec<String>,
    /// All failures of constraints, ordered by AIR, instance, row and constraint.
    pub failures: Vec<ConstraintFailure>,
    /// Text of each failed constraint, by (AIR, constraint).
    pub labels: BTreeMap<(usize, usize), String>,
    /// The first failures of each failed constraint with column values, by (AIR, constraint).
    pub examples: BTreeMap<(usize, usize), Vec<FailureExample>>,
    /// All unbalanced messages, ordered by bus and fields.
    pub imbalances: Vec<BusImbalance>,
}

/// Checks every constraint and every bus on the traces in `inputs`. Takes several times as long as generating them.
pub fn check(set: &AirSet, inputs: &[AirProofInput]) -> DebugReport {
    let mut report = DebugReport { airs: set.airs.iter().map(|a| a.name()).collect(), ..Default::default() };
    let subjects = subjects(set, inputs, &mut report);
    let by_air: BTreeMap<usize, usize> = subjects.iter().map(|s| (s.index, s.symbolic.constraints.len())).collect();
    report.checked = Checked {
        rows: subjects.iter().map(|subject| subject.trace.height()).sum(),
        constraints: by_air.values().sum(),
        buses: set.buses.len(),
    };
    let mut net: FxHashMap<u128, F> = FxHashMap::default();
    for subject in &subjects {
        for (failures, messages) in
            subject.par_rows(|row, result, (failures, messages): &mut (Vec<_>, FxHashMap<_, _>)| {
                for &(constraint, value) in &result.failures {
                    failures.push(subject.failure(row, constraint as usize, value));
                }
                for message in &result.messages {
                    let key = fingerprint(subject.bus_of(message.interaction), result.fields_of(message));
                    *messages.entry(key).or_insert(F::ZERO) += message.count;
                }
            })
        {
            report.failures.extend(failures);
            for (key, count) in messages {
                *net.entry(key).or_insert(F::ZERO) += count;
            }
        }
    }
    net.retain(|_, count| !count.is_zero());
    explain_failures(&subjects, &mut report);
    if !net.is_empty() {
        explain_imbalances(&subjects, &net, &mut report);
    }
    report
}

/// One instance to check.
struct Subject<'a> {
    air: &'a AirRef,
    symbolic: Arc<SymbolicAir>,
    index: usize,
    instance: usize,
    trace: &'a RowMajorMatrix<F>,
    preprocessed: Option<Arc<RowMajorMatrix<F>>>,
    public_values: &'a [F],
    pc_column: Option<usize>,
}

fn subjects<'a>(set: &'a AirSet, inputs: &'a [AirProofInput], report: &mut DebugReport) -> Vec<Subject<'a>> {
    let mut out = Vec::new();
    for input in inputs.iter().filter(|i| !i.traces.is_empty()) {
        let Some(air) = set.airs.get(input.air) else {
            report.problems.push(format!("input for AIR number {}, but there are {} AIRs", input.air, set.airs.len()));
            continue;
        };
        let name = air.name();
        if input.public_values.len() != air.num_public_values() {
            let (got, expected) = (input.public_values.len(), air.num_public_values());
            report.problems.push(format!("AIR `{name}` has {got} public values instead of {expected}"));
            continue;
        }
        let symbolic = Arc::new(SymbolicAir::record(&**air));
        let preprocessed = air.preprocessed_trace().map(Arc::new);
        let names = air.column_names();
        let pc_column = names.iter().position(|n| n == "pc").or_else(|| names.iter().position(|n| n.ends_with("pc")));
        for (instance, trace) in input.traces.iter().enumerate() {
            if trace.width != air.width() || !trace.height().is_power_of_two() {
                let (rows, width) = (trace.height(), trace.width);
                report.problems.push(format!(
                    "AIR `{name}`, instance {instance}: the trace has {rows} rows and {width} columns; it needs a power of two of rows and {} columns",
                    air.width()
                ));
                continue;
            }
            if let Some(height) = preprocessed.as_ref().map(|p| p.height()).filter(|&h| h != trace.height()) {
                report.problems.push(format!(
                    "AIR `{name}`: the trace has {} rows, but its preprocessed trace has {height}",
                    trace.height()
                ));
                continue;
            }
            out.push(Subject {
                air,
                symbolic: symbolic.clone(),
                index: input.air,
                instance,
                trace,
                preprocessed: preprocessed.clone(),
                public_values: &input.public_values,
                pc_column,
            });
        }
    }
    out.sort_by_key(|s| (s.index, s.instance));
    out
}

impl Subject<'_> {
    fn row(&self, row: usize) -> RowValues<'_> {
        let (trace, fixed) = (self.trace, self.preprocessed.as_deref());
        RowValues::of_trace(&trace.values, trace.width, fixed, self.public_values, row)
    }

    fn bus_of(&self, message: u32) -> &str {
        &self.symbolic.messages[message as usize].bus
    }

    fn failure(&self, row: usize, constraint: usize, value: F) -> ConstraintFailure {
        let cells = &self.trace.values[row * self.trace.width..(row + 1) * self.trace.width];
        ConstraintFailure {
            air: self.index,
            instance: self.instance,
            row,
            constraint,
            value,
            pc: self.pc_column.map(|column| cells[column]),
            is_padding: cells.iter().all(F::is_zero),
        }
    }

    /// Evaluates all rows in parallel, and returns the accumulators in the order of the rows.
    fn par_rows<A: Default + Send>(&self, visit: impl Fn(usize, &RowResult, &mut A) + Sync) -> Vec<A> {
        const ROWS: usize = 1 << 12;
        let height = self.trace.height();
        let evaluator = RowEvaluator::new(&self.symbolic);
        (0..height.div_ceil(ROWS))
            .into_par_iter()
            .map(|chunk| {
                let mut accumulator = A::default();
                let mut result = RowResult::default();
                for row in chunk * ROWS..height.min((chunk + 1) * ROWS) {
                    evaluator.eval(&self.row(row), &mut result);
                    visit(row, &result, &mut accumulator);
                }
                accumulator
            })
            .collect()
    }
}

/// Returns a 128-bit hash of a message. It is not cryptographic, but different messages practically never share one.
fn fingerprint(bus: &str, fields: &[F]) -> u128 {
    const K: u128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;
    let mut hash = 0x2545_F491_4F6C_DD1D_u128;
    let mut mix = |x: u128| {
        hash = (hash ^ x).wrapping_mul(K);
        hash ^= hash >> 61;
    };
    for byte in bus.bytes() {
        mix(u128::from(byte));
    }
    for field in fields {
        mix(u128::from(field.as_canonical_u32()) | 1 << 40);
    }
    hash
}

fn explain_failures(subjects: &[Subject<'_>], report: &mut DebugReport) {
    let failed: BTreeSet<(usize, usize)> = report.failures.iter().map(|f| (f.air, f.constraint)).collect();
    for &(air, constraint) in &failed {
        let Some(subject) = subjects.iter().find(|s| s.index == air) else { continue };
        let expr = &subject.symbolic.constraints[constraint];
        report.labels.insert((air, constraint), Printer::short(&**subject.air, expr));
        let names = subject.air.column_names();
        let columns = main_columns_of(expr);
        let examples = report
            .failures
            .iter()
            .filter(|f| (f.air, f.constraint) == (air, constraint))
            .take(EXAMPLES)
            .map(|failure| {
                let found = subjects.iter().find(|s| s.index == air && s.instance == failure.instance);
                let trace = found.map(|s| s.row(failure.row).main);
                let value = |&(offset, column): &(usize, usize)| {
                    let (current, next) = trace?;
                    let (row, mark) = if offset == 0 { (current, "") } else { (next, "'") };
                    Some((format!("{}{mark}", names[column]), row[column]))
                };
                FailureExample { failure: failure.clone(), columns: columns.iter().filter_map(value).collect() }
            })
            .collect();
        report.examples.insert((air, constraint), examples);
    }
}

fn explain_imbalances(subjects: &[Subject<'_>], net: &FxHashMap<u128, F>, report: &mut DebugReport) {
    let mut found: BTreeMap<(String, Vec<u32>), BusImbalance> = BTreeMap::new();
    for subject in subjects {
        let parts = subject.par_rows(|row, result, out: &mut Vec<(Vec<F>, Participant)>| {
            for message in &result.messages {
                let fields = result.fields_of(message);
                if net.contains_key(&fingerprint(subject.bus_of(message.interaction), fields)) {
                    let participant = Participant {
                        air: subject.index,
                        instance: subject.instance,
                        row,
                        message: message.interaction as usize,
                        count: signed(message.count),
                    };
                    out.push((fields.to_vec(), participant));
                }
            }
        });
        for (fields, participant) in parts.into_iter().flatten() {
            let bus = subject.bus_of(participant.message as u32).to_string();
            let key = fields.iter().map(|f| f.as_canonical_u32()).collect();
            let entry = found.entry((bus.clone(), key)).or_insert_with(|| BusImbalance {
                net: net.get(&fingerprint(&bus, &fields)).map_or(0, |&n| signed(n)),
                bus,
                fields,
                participants: Vec::new(),
                total_participants: 0,
            });
            entry.total_participants += 1;
            if entry.participants.len() < PARTICIPANTS {
                entry.participants.push(participant);
            }
        }
    }
    report.imbalances = found.into_values().collect();
}

/// Returns the integer nearest to zero that represents a field element.
fn signed(x: F) -> i64 {
    let value = i64::from(x.as_canonical_u32());
    if value > i64::from(F::ORDER_U32 / 2) { value - i64::from(F::ORDER_U32) } else { value }
}

impl DebugReport {
    /// Returns whether all constraints hold, all buses balance and all inputs could be checked.
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty() && self.failures.is_empty() && self.imbalances.is_empty()
    }

    fn air(&self, index: usize) -> &str {
        self.airs.get(index).map_or("?", String::as_str)
    }
}

impl fmt::Display for DebugReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_ok() {
            return f.write_str("all constraints hold and all buses balance");
        }
        for problem in self.problems.iter().take(SHOWN) {
            writeln!(f, "{problem}")?;
        }
        if !self.failures.is_empty() {
            let n = self.failures.len();
            writeln!(f, "{n} constraint failures, of {} constraints:", self.labels.len())?;
        }
        for ((air, constraint), label) in self.labels.iter().take(SHOWN) {
            let failures = || self.failures.iter().filter(|x| (x.air, x.constraint) == (*air, *constraint));
            let rows = failures().count();
            writeln!(f, "  {}: constraint {constraint} fails on {rows} rows: {label} = 0", self.air(*air))?;
            if failures().all(|failure| failure.is_padding) {
                writeln!(
                    f,
                    "    only on padding rows, whose cells are zero: multiply it by the flag of used rows (`b.when_valid()`)"
                )?;
            }
            for example in self.examples.get(&(*air, *constraint)).into_iter().flatten() {
                let failure = &example.failure;
                write!(f, "    instance {}, row {}", failure.instance, failure.row)?;
                if let Some(pc) = failure.pc {
                    write!(f, ", pc {:#x}", pc.as_canonical_u32())?;
                }
                write!(f, ": value {}", signed(failure.value))?;
                for (name, value) in example.columns.iter().take(24) {
                    write!(f, ", {name} = {}", signed(*value))?;
                }
                writeln!(f)?;
            }
        }
        if self.labels.len() > SHOWN {
            writeln!(f, "  and {} more constraints", self.labels.len() - SHOWN)?;
        }
        if !self.imbalances.is_empty() {
            writeln!(f, "{} unbalanced bus messages:", self.imbalances.len())?;
        }
        for message in self.imbalances.iter().take(SHOWN) {
            let fields: Vec<String> = message.fields.iter().map(|&x| signed(x).to_string()).collect();
            writeln!(f, "  {}({}): net count {}", message.bus, fields.join(", "), message.net)?;
            for p in message.participants.iter().take(8) {
                let verb = if p.count > 0 { "sent" } else { "received" };
                let (air, n) = (self.air(p.air), p.count.abs());
                writeln!(
                    f,
                    "    {verb} {n}× by {air}, instance {}, row {} (message {})",
                    p.instance, p.row, p.message
                )?;
            }
            if message.total_participants > 8 {
                writeln!(f, "    and {} more rows", message.total_participants - 8)?;
            }
        }
        if self.imbalances.len() > SHOWN {
            writeln!(f, "  and {} more messages", self.imbalances.len() - SHOWN)?;
        }
        Ok(())
    }
}

/// Returns the main columns that an expression reads, as (offset of the row, index of the column).
fn main_columns_of(expr: &Expr) -> BTreeSet<(usize, usize)> {
    fn walk(expr: &Expr, out: &mut BTreeSet<(usize, usize)>, seen: &mut BTreeSet<*const Expr>) {
        match expr {
            SymbolicExpr::Leaf(BaseLeaf::Variable(v)) => {
                if let BaseEntry::Main { offset } = v.entry {
                    out.insert((offset, v.index));
                }
            }
            SymbolicExpr::Leaf(_) => {}
            SymbolicExpr::Add { x, y, .. } | SymbolicExpr::Sub { x, y, .. } | SymbolicExpr::Mul { x, y, .. } => {
                for child in [x, y] {
                    if seen.insert(std::sync::Arc::as_ptr(child)) {
                        walk(child, out, seen);
                    }
                }
            }
            SymbolicExpr::Neg { x, .. } => {
                if seen.insert(std::sync::Arc::as_ptr(x)) {
                    walk(x, out, seen);
                }
            }
        }
    }
    let mut out = BTreeSet::new();
    walk(expr, &mut out, &mut BTreeSet::new());
    out
}
