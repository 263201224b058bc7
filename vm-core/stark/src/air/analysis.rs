//! Questions about expressions that key generation asks, and assignments of values at which it evaluates them.

use std::sync::Arc;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr};
use p3_field::{Field, PrimeCharacteristicRing};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rustc_hash::FxHashMap;

use super::any_air::AnyAir;
use super::field::F;
use super::symbolic::Expr;
use super::tape::{RowValues, Tape};

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
    let mut child = |node: &Arc<Expr>| -> usize {
        let key = Arc::as_ptr(node);
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
