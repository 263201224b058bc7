//! What an AIR says, recorded once: constraints, bus messages, and which values they read.
//!
//! Expressions are graphs with shared nodes. Everything here visits each node once; a tree walk of a permutation AIR
//! would not end.

use std::collections::BTreeSet;

use p3_air::symbolic::{AirLayout, BaseEntry, BaseLeaf, SymbolicExpr, SymbolicExpression};
use p3_blake3::Blake3;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_symmetric::CryptographicHasher;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rustc_hash::FxHashMap;

use super::any_air::{AnyAir, SymbolicBuilder};
use super::field::F;

/// An expression over the columns of an AIR.
pub type Expr = SymbolicExpression<F>;

/// One bus message as declared by an AIR.
#[derive(Clone, Debug)]
pub struct SymbolicMessage {
    /// Bus name.
    pub bus: String,
    /// Payload.
    pub fields: Vec<Expr>,
    /// Signed multiplicity: positive for sends and queries, negative for receives and provided entries.
    pub count: Expr,
    /// Declared bound of the multiplicity; 0 for provided entries.
    pub weight: u32,
}

/// Which values the constraints and messages of an AIR read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Main columns read on the next row.
    pub main_next: BTreeSet<usize>,
    /// Preprocessed columns read on the current row.
    pub preprocessed: BTreeSet<usize>,
    /// Preprocessed columns read on the next row.
    pub preprocessed_next: BTreeSet<usize>,
    /// A public value is read.
    pub public: bool,
    /// A first-row, last-row or transition selector is read.
    pub row_selectors: bool,
}

/// Everything an AIR says.
#[derive(Clone, Debug)]
pub struct SymbolicAir {
    /// Constraints, in order of assertion.
    pub constraints: Vec<Expr>,
    /// Messages, in order of declaration.
    pub messages: Vec<SymbolicMessage>,
    /// What they read.
    pub reads: Reads,
    /// Uses of the builder that the machine does not support, in words.
    pub unsupported: Vec<&'static str>,
}

impl SymbolicAir {
    /// Records an AIR. Only key generation decides whether what it says is allowed.
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
            .map(|i| SymbolicMessage {
                bus: i.bus_name.clone(),
                fields: i.fields.clone(),
                count: i.count.clone(),
                weight: i.count_weight,
            })
            .collect();
        let mut reads = Reads::default();
        let mut seen = BTreeSet::new();
        for expr in constraints.iter().chain(messages.iter().flat_map(|m| m.fields.iter().chain([&m.count]))) {
            collect_reads(expr, &mut reads, &mut seen);
        }
        Self { constraints, messages, reads, unsupported }
    }

    /// Degree of the constraint with this index, as a multiple of the trace length.
    pub fn constraint_degree(&self, index: usize) -> usize {
        self.constraints[index].degree_multiple()
    }

    /// Digest of all constraints and messages, in order.
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
                // Refused by key generation.
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

/// Number of nodes of the expression written out as a tree, saturating.
pub(in crate::stark) fn tree_size(expr: &Expr, memo: &mut FxHashMap<*const Expr, usize>) -> usize {
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

/// Values of everything an expression can read.
#[derive(Clone, Debug)]
pub(in crate::stark) struct Assignment {
    pub(in crate::stark) main: [Vec<F>; 2],
    pub(in crate::stark) preprocessed: [Vec<F>; 2],
    pub(in crate::stark) public: Vec<F>,
    pub(in crate::stark) is_first_row: F,
    pub(in crate::stark) is_last_row: F,
    pub(in crate::stark) is_transition: F,
}

impl Assignment {
    /// Independent random values for every column and selector of an AIR.
    pub(in crate::stark) fn random(air: &dyn AnyAir, seed: u64) -> Self {
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

    /// All zero, on a row that is neither the first nor the last.
    pub(in crate::stark) fn zero(air: &dyn AnyAir) -> Self {
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

/// Evaluates expressions at one assignment, each shared node once.
///
/// Nodes are remembered by address, so all expressions must live as long as the evaluator: hence `'e`.
pub(in crate::stark) struct Evaluator<'a, 'e> {
    at: &'a Assignment,
    memo: FxHashMap<*const Expr, F>,
    exprs: std::marker::PhantomData<&'e Expr>,
}

impl<'a, 'e> Evaluator<'a, 'e> {
    pub(in crate::stark) fn new(at: &'a Assignment) -> Self {
        Self { at, memo: FxHashMap::default(), exprs: std::marker::PhantomData }
    }

    /// Value of an expression.
    pub(in crate::stark) fn eval(&mut self, expr: &'e Expr) -> F {
        match expr {
            SymbolicExpr::Leaf(leaf) => match leaf {
                BaseLeaf::Variable(v) => match v.entry {
                    BaseEntry::Main { offset } => self.at.main[offset.min(1)][v.index],
                    BaseEntry::Preprocessed { offset } => self.at.preprocessed[offset.min(1)][v.index],
                    BaseEntry::Public => self.at.public[v.index],
                    // Refused by key generation before any evaluation matters.
                    BaseEntry::Periodic => F::ZERO,
                },
                BaseLeaf::IsFirstRow => self.at.is_first_row,
                BaseLeaf::IsLastRow => self.at.is_last_row,
                BaseLeaf::IsTransition => self.at.is_transition,
                BaseLeaf::Constant(c) => *c,
            },
            SymbolicExpr::Add { x, y, .. } => self.child(x) + self.child(y),
            SymbolicExpr::Sub { x, y, .. } => self.child(x) - self.child(y),
            SymbolicExpr::Mul { x, y, .. } => self.child(x) * self.child(y),
            SymbolicExpr::Neg { x, .. } => -self.child(x),
        }
    }

    fn child(&mut self, node: &'e std::sync::Arc<Expr>) -> F {
        let key = std::sync::Arc::as_ptr(node);
        if let Some(&value) = self.memo.get(&key) {
            return value;
        }
        let value = self.eval(node);
        self.memo.insert(key, value);
        value
    }
}

/// Hashes expression graphs: a node's hash covers its operation and the hashes of its children.
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
