//! Symbolic AIRs: the constraints and messages of an AIR as expressions, and the values that they read.
//!
//! Expressions are graphs with shared nodes. All functions here visit each node once: written out as a tree, the
//! expressions of a permutation AIR would be too large to traverse.

use std::collections::BTreeSet;

use p3_air::symbolic::{AirLayout, BaseEntry, BaseLeaf, SymbolicExpr, SymbolicExpression};
use p3_blake3::Blake3;
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use p3_symmetric::CryptographicHasher;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rustc_hash::FxHashMap;

use super::any_air::AnyAir;
use super::field::F;
use super::symbolic_builder::SymbolicBuilder;
use super::tape::{RowValues, Tape};

/// An expression over the columns of an AIR.
pub type Expr = SymbolicExpression<F>;

/// A bus message of an AIR, in symbolic form.
#[derive(Clone, Debug)]
pub struct SymbolicMessage {
    /// Name of the bus.
    pub bus: String,
    /// Fields of the message.
    pub fields: Vec<Expr>,
    /// Multiplicity: positive for sends and queries, negative for receives and provided entries.
    pub count: Expr,
    /// Declared upper bound on the absolute value of `count`; 0 for provided entries, which have none.
    pub weight: u32,
    /// Part of the AIR that emits the message; see [`origin_scope`](super::origin_scope).
    pub origin: String,
}

impl SymbolicMessage {
    /// Returns the fields, followed by the multiplicity.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.fields.iter().chain([&self.count])
    }
}

/// Values that the constraints and messages of an AIR read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Main columns read on the next row.
    pub main_next: BTreeSet<usize>,
    /// Preprocessed columns read on the current row.
    pub preprocessed: BTreeSet<usize>,
    /// Preprocessed columns read on the next row.
    pub preprocessed_next: BTreeSet<usize>,
    /// Whether a public value is read.
    pub public: bool,
    /// Whether a first-row, last-row or transition selector is read.
    pub row_selectors: bool,
}

/// An AIR in symbolic form.
#[derive(Clone, Debug)]
pub struct SymbolicAir {
    /// Constraints, in the order in which the AIR asserts them. Each must be zero.
    pub constraints: Vec<Expr>,
    /// Part of the AIR that emits each constraint; see [`origin_scope`](super::origin_scope).
    pub constraint_origins: Vec<String>,
    /// Messages, in the order in which the AIR emits them.
    pub messages: Vec<SymbolicMessage>,
    /// Values that the constraints and messages read.
    pub reads: Reads,
    /// Features that the AIR uses and the machine does not support, such as `periodic columns`.
    pub unsupported: Vec<&'static str>,
}

impl SymbolicAir {
    /// Records an AIR. Accepts every AIR: whether a machine may contain it is for key generation to check.
    pub fn record(air: &dyn AnyAir) -> Self {
        let layout = AirLayout {
            preprocessed_width: air.preprocessed_width(),
            main_width: air.width(),
            num_public_values: air.num_public_values(),
            num_periodic_columns: air.num_periodic_columns(),
            ..Default::default()
        };
        let mut builder = SymbolicBuilder::new(layout);
        air.eval_symbolic(&mut builder);
        let SymbolicBuilder { recorder: builder, constraint_origins, message_origins } = builder;
        let mut unsupported = Vec::new();
        let mut refuse = |present: bool, what: &'static str| {
            if present {
                unsupported.push(what);
            }
        };
        refuse(!builder.local_interactions().is_empty(), "local interactions");
        refuse(!builder.exclusive_interactions().is_empty(), "exclusive interactions");
        refuse(!builder.indexed_reads().is_empty() || !builder.indexed_tables().is_empty(), "indexed lookups");
        refuse(!builder.extension_constraints().is_empty(), "extension-field constraints");
        refuse(layout.num_periodic_columns > 0, "periodic columns");
        refuse(!air.public_boundary_io().is_empty(), "boundary public values");
        let constraints = builder.base_constraints();
        let messages: Vec<_> = builder
            .global_interactions()
            .iter()
            .zip(message_origins)
            .map(|(i, origin)| SymbolicMessage {
                bus: i.bus_name.clone(),
                fields: i.fields.clone(),
                count: i.count.clone(),
                weight: i.count_weight,
                origin,
            })
            .collect();
        let mut reads = Reads::default();
        let mut seen = BTreeSet::new();
        for expr in constraints.iter().chain(messages.iter().flat_map(SymbolicMessage::exprs)) {
            collect_reads(expr, &mut reads, &mut seen);
        }
        Self { constraints, constraint_origins, messages, reads, unsupported }
    }

    /// Returns whether an expression depends on where its row is in the trace: on the next row or a row selector.
    pub fn reads_position(&self) -> bool {
        !self.reads.main_next.is_empty() || !self.reads.preprocessed_next.is_empty() || self.reads.row_selectors
    }

    /// Returns an AIR of any height that says of its first row what this AIR says of every row. Its other rows are free
    /// and send nothing.
    pub(crate) fn on_first_row(&self) -> Self {
        let gate = |expr: &Expr| Expr::Leaf(BaseLeaf::IsFirstRow) * expr.clone();
        let mut gated = self.clone();
        gated.constraints.iter_mut().for_each(|constraint| *constraint = gate(constraint));
        gated.messages.iter_mut().for_each(|message| message.count = gate(&message.count));
        gated.reads.row_selectors = true;
        gated
    }

    /// Returns the degree of a constraint: the degree of its polynomial as a multiple of the height.
    ///
    /// # Panics
    ///
    /// Panics if there is no constraint with this index.
    pub fn constraint_degree(&self, index: usize) -> usize {
        self.constraints[index].degree_multiple()
    }

    /// Returns a digest of all constraints and messages, in order.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = ExprHasher::default();
        let mut out = Vec::new();
        put_len(&mut out, self.constraints.len());
        for constraint in &self.constraints {
            out.extend(hasher.hash(constraint));
        }
        put_len(&mut out, self.messages.len());
        for message in &self.messages {
            put_len(&mut out, message.bus.len());
            out.extend(message.bus.as_bytes());
            put_len(&mut out, message.fields.len());
            for field in &message.fields {
                out.extend(hasher.hash(field));
            }
            out.extend(hasher.hash(&message.count));
            out.extend(message.weight.to_le_bytes());
        }
        Blake3.hash_iter(out)
    }
}

fn put_len(out: &mut Vec<u8>, len: usize) {
    out.extend((len as u64).to_le_bytes());
}

fn collect_reads(expr: &Expr, reads: &mut Reads, seen: &mut BTreeSet<*const Expr>) {
    match expr {
        SymbolicExpr::Leaf(leaf) => match leaf {
            BaseLeaf::Variable(v) => match v.entry {
                BaseEntry::Main { offset: 0 } => {}
                BaseEntry::Main { .. } => {
                    reads.main_next.insert(v.index);
                }
                BaseEntry::Preprocessed { offset: 0 } => {
                    reads.preprocessed.insert(v.index);
                }
                BaseEntry::Preprocessed { .. } => {
                    reads.preprocessed_next.insert(v.index);
                }
                BaseEntry::Public => reads.public = true,
                // Key generation rejects periodic columns.
                BaseEntry::Periodic => {}
            },
            BaseLeaf::IsFirstRow | BaseLeaf::IsLastRow | BaseLeaf::IsTransition => reads.row_selectors = true,
            BaseLeaf::Constant(_) => {}
        },
        SymbolicExpr::Add { x, y, .. } | SymbolicExpr::Sub { x, y, .. } | SymbolicExpr::Mul { x, y, .. } => {
            for child in [x, y] {
                if seen.insert(std::sync::Arc::as_ptr(child)) {
                    collect_reads(child, reads, seen);
                }
            }
        }
        SymbolicExpr::Neg { x, .. } => {
            if seen.insert(std::sync::Arc::as_ptr(x)) {
                collect_reads(x, reads, seen);
            }
        }
    }
}

/// What an expression is on the last row, where the transition selector is 0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnLastRow {
    /// It is 0, whatever the columns hold.
    Zero,
    /// It may be anything, and does not read the next row.
    Within,
    /// It may be anything, and reads the next row.
    PastTheEnd,
}

/// Returns whether the value of an expression on the last row of a trace depends on a row after it. There is none, and
/// backends differ in what they take for it. `memo` holds the results of shared nodes.
pub(crate) fn reads_past_the_end(expr: &Expr, memo: &mut FxHashMap<*const Expr, OnLastRow>) -> bool {
    fn visit(expr: &Expr, memo: &mut FxHashMap<*const Expr, OnLastRow>) -> OnLastRow {
        use OnLastRow::{PastTheEnd, Within, Zero};
        if let Some(&known) = memo.get(&std::ptr::from_ref(expr)) {
            return known;
        }
        let both = |x: OnLastRow, y: OnLastRow| match (x, y) {
            (Zero, other) | (other, Zero) => other,
            (Within, Within) => Within,
            _ => PastTheEnd,
        };
        let result = match expr {
            SymbolicExpr::Leaf(BaseLeaf::IsTransition) => Zero,
            SymbolicExpr::Leaf(BaseLeaf::Constant(value)) if value.is_zero() => Zero,
            SymbolicExpr::Leaf(BaseLeaf::Variable(variable)) => match variable.entry {
                BaseEntry::Main { offset: 1.. } | BaseEntry::Preprocessed { offset: 1.. } => PastTheEnd,
                _ => Within,
            },
            SymbolicExpr::Leaf(_) => Within,
            SymbolicExpr::Add { x, y, .. } | SymbolicExpr::Sub { x, y, .. } => both(visit(x, memo), visit(y, memo)),
            SymbolicExpr::Mul { x, y, .. } => match (visit(x, memo), visit(y, memo)) {
                (Zero, _) | (_, Zero) => Zero,
                (x, y) => both(x, y),
            },
            SymbolicExpr::Neg { x, .. } => visit(x, memo),
        };
        memo.insert(std::ptr::from_ref(expr), result);
        result
    }
    visit(expr, memo) == OnLastRow::PastTheEnd
}

/// Returns the number of nodes of the expression written out as a tree, at most `usize::MAX`.
pub(crate) fn tree_size(expr: &Expr, memo: &mut FxHashMap<*const Expr, usize>) -> usize {
    let mut child = |node: &std::sync::Arc<Expr>| -> usize {
        let key = std::sync::Arc::as_ptr(node);
        if let Some(&size) = memo.get(&key) {
            return size;
        }
        let size = tree_size(node, memo);
        memo.insert(key, size);
        size
    };
    match expr {
        SymbolicExpr::Leaf(_) => 1,
        SymbolicExpr::Add { x, y, .. } | SymbolicExpr::Sub { x, y, .. } | SymbolicExpr::Mul { x, y, .. } => {
            let left = child(x);
            left.saturating_add(child(y)).saturating_add(1)
        }
        SymbolicExpr::Neg { x, .. } => child(x).saturating_add(1),
    }
}

/// Values of all columns, public values and selectors that an expression can read.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    pub(crate) main: [Vec<F>; 2],
    pub(crate) preprocessed: [Vec<F>; 2],
    pub(crate) public: Vec<F>,
    pub(crate) is_first_row: F,
    pub(crate) is_last_row: F,
    pub(crate) is_transition: F,
}

impl Assignment {
    /// Makes an assignment of independent random values.
    pub(crate) fn random(air: &dyn AnyAir, seed: u64) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut row = |n: usize| -> Vec<F> { (0..n).map(|_| rng.random::<F>()).collect() };
        Self {
            main: [row(air.width()), row(air.width())],
            preprocessed: [row(air.preprocessed_width()), row(air.preprocessed_width())],
            public: row(air.num_public_values()),
            is_first_row: row(1)[0],
            is_last_row: row(1)[0],
            is_transition: row(1)[0],
        }
    }

    /// Returns the values of expressions. Shared nodes are evaluated once.
    pub(crate) fn values<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>) -> Vec<F> {
        let mut values = Vec::new();
        let row = self.row();
        Tape::new(exprs).eval(|input| row.get(input), &mut Vec::new(), |value| values.push(value));
        values
    }

    /// Returns the assignment as the row that a tape reads.
    pub(crate) fn row(&self) -> RowValues<'_> {
        RowValues {
            main: (&self.main[0], &self.main[1]),
            preprocessed: (&self.preprocessed[0], &self.preprocessed[1]),
            public: &self.public,
            is_first_row: self.is_first_row,
            is_last_row: self.is_last_row,
            is_transition: self.is_transition,
        }
    }

    /// Makes an assignment of zeros, on a row that is neither the first nor the last.
    pub(crate) fn zero(air: &dyn AnyAir) -> Self {
        Self {
            main: [F::zero_vec(air.width()), F::zero_vec(air.width())],
            preprocessed: [F::zero_vec(air.preprocessed_width()), F::zero_vec(air.preprocessed_width())],
            public: F::zero_vec(air.num_public_values()),
            is_first_row: F::ZERO,
            is_last_row: F::ZERO,
            is_transition: F::ONE,
        }
    }
}

/// Hashes expression graphs. The hash of a node covers its operation and the hashes of its children.
#[derive(Default)]
struct ExprHasher {
    memo: FxHashMap<*const Expr, [u8; 32]>,
}

impl ExprHasher {
    fn hash(&mut self, expr: &Expr) -> [u8; 32] {
        let mut bytes: Vec<u8> = Vec::with_capacity(72);
        match expr {
            SymbolicExpr::Leaf(leaf) => match leaf {
                BaseLeaf::Variable(v) => {
                    let (kind, offset) = match v.entry {
                        BaseEntry::Main { offset } => (0u8, offset),
                        BaseEntry::Preprocessed { offset } => (1, offset),
                        BaseEntry::Public => (2, 0),
                        BaseEntry::Periodic => (3, 0),
                    };
                    bytes.extend([0, kind, offset as u8]);
                    put_len(&mut bytes, v.index);
                }
                BaseLeaf::IsFirstRow => bytes.push(1),
                BaseLeaf::IsLastRow => bytes.push(2),
                BaseLeaf::IsTransition => bytes.push(3),
                BaseLeaf::Constant(c) => {
                    bytes.push(4);
                    bytes.extend(c.as_canonical_u32().to_le_bytes());
                }
            },
            SymbolicExpr::Add { x, y, .. } => self.pair(5, x, y, &mut bytes),
            SymbolicExpr::Sub { x, y, .. } => self.pair(6, x, y, &mut bytes),
            SymbolicExpr::Mul { x, y, .. } => self.pair(7, x, y, &mut bytes),
            SymbolicExpr::Neg { x, .. } => {
                bytes.push(8);
                bytes.extend(self.child(x));
            }
        }
        Blake3.hash_iter(bytes)
    }

    fn pair(&mut self, tag: u8, x: &std::sync::Arc<Expr>, y: &std::sync::Arc<Expr>, bytes: &mut Vec<u8>) {
        bytes.push(tag);
        bytes.extend(self.child(x));
        bytes.extend(self.child(y));
    }

    fn child(&mut self, node: &std::sync::Arc<Expr>) -> [u8; 32] {
        let key = std::sync::Arc::as_ptr(node);
        if let Some(&hash) = self.memo.get(&key) {
            return hash;
        }
        let hash = self.hash(node);
        self.memo.insert(key, hash);
        hash
    }
}
