//! Symbolic AIRs: the constraints and messages of an AIR as expressions, and the values that they read.
//!
//! Expressions are graphs with shared nodes. All functions here visit each node once: written out as a tree, the
//! expressions of a permutation AIR would be too large to traverse.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr, SymbolicExpression};

use super::circuit::Circuit;
use super::field::F;

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

impl Reads {
    /// Returns the values that expressions read.
    pub(super) fn of<'e>(exprs: impl IntoIterator<Item = &'e Expr>) -> Self {
        let (mut reads, mut seen) = (Self::default(), BTreeSet::new());
        exprs.into_iter().for_each(|expr| collect_reads(expr, &mut reads, &mut seen));
        reads
    }
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
    /// Makes the symbolic form of a circuit. It has no origins.
    ///
    /// # Panics
    ///
    /// May panic unless the circuit [is well-formed](Circuit::is_well_formed).
    pub fn of_circuit(circuit: &Circuit) -> Self {
        let (constraints, messages) = circuit.exprs();
        let reads = Reads::of(constraints.iter().chain(messages.iter().flat_map(SymbolicMessage::exprs)));
        Self { constraints, constraint_origins: Vec::new(), messages, reads, unsupported: Vec::new() }
    }

    /// Returns whether an expression depends on where its row is in the trace: on the next row or a row selector.
    pub fn reads_position(&self) -> bool {
        !self.reads.main_next.is_empty() || !self.reads.preprocessed_next.is_empty() || self.reads.row_selectors
    }

    /// Returns the degree of a constraint: the degree of its polynomial as a multiple of the height.
    ///
    /// # Panics
    ///
    /// Panics if there is no constraint with this index.
    pub fn constraint_degree(&self, index: usize) -> usize {
        self.constraints[index].degree_multiple()
    }
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
                if seen.insert(Arc::as_ptr(child)) {
                    collect_reads(child, reads, seen);
                }
            }
        }
        SymbolicExpr::Neg { x, .. } => {
            if seen.insert(Arc::as_ptr(x)) {
                collect_reads(x, reads, seen);
            }
        }
    }
}
