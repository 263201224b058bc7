//! Straight-line code for expressions of an AIR, with shared subexpressions evaluated once.

use std::collections::BTreeSet;
use std::sync::Arc;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr};
use p3_field::PrimeCharacteristicRing;
use rustc_hash::FxHashMap;

use super::field::F;
use super::symbolic::Expr;

/// Values that expressions read on one row of a trace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowValues<'a> {
    /// Current and next main row.
    pub(crate) main: (&'a [F], &'a [F]),
    /// Current and next preprocessed row; empty if there is no preprocessed trace.
    pub(crate) preprocessed: (&'a [F], &'a [F]),
    /// Public values of the AIR.
    pub(crate) public: &'a [F],
    /// Value of the first-row selector.
    pub(crate) is_first_row: F,
    /// Value of the last-row selector.
    pub(crate) is_last_row: F,
    /// Value of the transition selector.
    pub(crate) is_transition: F,
}

/// A main column, on the current row (`false`) or on the next one (`true`).
pub(crate) type TapeCell = (bool, usize);

#[derive(Clone, Copy, Debug)]
enum Op {
    Constant(F),
    Main { next: bool, column: u32 },
    Preprocessed { next: bool, column: u32 },
    Public(u32),
    IsFirst,
    IsLast,
    IsTransition,
    Add(u32, u32),
    Sub(u32, u32),
    Mul(u32, u32),
    Neg(u32),
}

/// Code that evaluates a list of expressions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape {
    ops: Vec<Op>,
    /// Index of the operation that computes each expression.
    outputs: Vec<u32>,
    cells: BTreeSet<TapeCell>,
}

impl Tape {
    /// Compiles expressions. The tape keeps no reference to them.
    pub(crate) fn new<'e>(exprs: impl IntoIterator<Item = &'e Expr>) -> Self {
        let mut tape = Self::default();
        let mut seen = FxHashMap::default();
        for expr in exprs {
            let output = tape.compile(expr, &mut seen);
            tape.outputs.push(output);
        }
        tape
    }

    /// Returns the main columns that the expressions read, in ascending order.
    #[cfg(feature = "prover")]
    pub(crate) fn cells(&self) -> impl Iterator<Item = TapeCell> + '_ {
        self.cells.iter().copied()
    }

    /// Returns the number of expressions.
    #[cfg(feature = "prover")]
    pub(crate) fn len(&self) -> usize {
        self.outputs.len()
    }

    /// Evaluates all expressions on a row and passes each value to `visit`, in order. `scratch` is a buffer that can be
    /// reused between calls.
    pub(crate) fn eval(&self, row: &RowValues<'_>, scratch: &mut Vec<F>, mut visit: impl FnMut(F)) {
        scratch.clear();
        for op in &self.ops {
            let value = match *op {
                Op::Constant(value) => value,
                Op::Main { next: false, column } => row.main.0[column as usize],
                Op::Main { next: true, column } => row.main.1[column as usize],
                Op::Preprocessed { next: false, column } => row.preprocessed.0[column as usize],
                Op::Preprocessed { next: true, column } => row.preprocessed.1[column as usize],
                Op::Public(index) => row.public[index as usize],
                Op::IsFirst => row.is_first_row,
                Op::IsLast => row.is_last_row,
                Op::IsTransition => row.is_transition,
                Op::Add(x, y) => scratch[x as usize] + scratch[y as usize],
                Op::Sub(x, y) => scratch[x as usize] - scratch[y as usize],
                Op::Mul(x, y) => scratch[x as usize] * scratch[y as usize],
                Op::Neg(x) => -scratch[x as usize],
            };
            scratch.push(value);
        }
        for &output in &self.outputs {
            visit(scratch[output as usize]);
        }
    }

    fn push(&mut self, op: Op) -> u32 {
        self.ops.push(op);
        self.ops.len() as u32 - 1
    }

    fn compile(&mut self, expr: &Expr, seen: &mut FxHashMap<*const Expr, u32>) -> u32 {
        let mut child = |tape: &mut Self, node: &Arc<Expr>| match seen.get(&Arc::as_ptr(node)) {
            Some(&index) => index,
            None => {
                let index = tape.compile(node, seen);
                seen.insert(Arc::as_ptr(node), index);
                index
            }
        };
        let op = match expr {
            SymbolicExpr::Leaf(BaseLeaf::Constant(value)) => Op::Constant(*value),
            SymbolicExpr::Leaf(BaseLeaf::IsFirstRow) => Op::IsFirst,
            SymbolicExpr::Leaf(BaseLeaf::IsLastRow) => Op::IsLast,
            SymbolicExpr::Leaf(BaseLeaf::IsTransition) => Op::IsTransition,
            SymbolicExpr::Leaf(BaseLeaf::Variable(variable)) => {
                let column = variable.index as u32;
                match variable.entry {
                    BaseEntry::Main { offset } => {
                        self.cells.insert((offset > 0, variable.index));
                        Op::Main { next: offset > 0, column }
                    }
                    BaseEntry::Preprocessed { offset } => Op::Preprocessed { next: offset > 0, column },
                    BaseEntry::Public => Op::Public(column),
                    // Key generation rejects periodic columns before it uses any value.
                    BaseEntry::Periodic => Op::Constant(F::ZERO),
                }
            }
            SymbolicExpr::Add { x, y, .. } => Op::Add(child(self, x), child(self, y)),
            SymbolicExpr::Sub { x, y, .. } => Op::Sub(child(self, x), child(self, y)),
            SymbolicExpr::Mul { x, y, .. } => Op::Mul(child(self, x), child(self, y)),
            SymbolicExpr::Neg { x, .. } => Op::Neg(child(self, x)),
        };
        self.push(op)
    }
}
