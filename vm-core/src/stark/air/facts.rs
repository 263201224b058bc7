//! Facts about multiplicities that follow from the constraints of an AIR.
//!
//! Polynomial identities are tested at four random points. A polynomial of degree at most 3 that is not zero vanishes
//! at all of them with probability at most (3/p)^4 < 2^-116. Where a constraint has to be a multiple of a wanted
//! polynomial, the first point determines the factor and the other three are compared. Both polynomials have degree at
//! most 6, so any other constraint passes with probability at most (6/p)^3 < 2^-84.

use std::array;

use p3_air::symbolic::SymbolicExpr;
use p3_field::{Field, PrimeCharacteristicRing};

use super::any_air::AnyAir;
use super::field::F;
use super::symbolic::{Assignment, Evaluator, Expr, SymbolicAir};

/// Returns whether the constraints of an AIR prove that an expression is 0 or 1 on every row.
#[cfg(feature = "prover")]
pub(crate) fn proves_boolean(air: &dyn AnyAir, symbolic: &SymbolicAir, expr: &Expr) -> bool {
    Facts::new(air, symbolic).is_boolean(expr)
}

/// Number of random points.
const POINTS: usize = 4;

/// Values of an expression at the random points.
type Values = [F; POINTS];

/// Values of the constraints of one AIR at random points, and the facts derived from them.
pub(in crate::stark) struct Facts {
    points: [Assignment; POINTS],
    constraints: Vec<Values>,
    /// Main columns that a constraint proves boolean on every row.
    boolean_columns: Vec<usize>,
}

/// Returns whether `a = k·b` for a constant k, where neither `a` nor `b` is zero.
fn proportional(a: &Values, b: &Values) -> bool {
    !a[0].is_zero() && !b[0].is_zero() && (1..POINTS).all(|i| a[i] * b[0] == b[i] * a[0])
}

fn map(a: &Values, f: impl Fn(F) -> F) -> Values {
    array::from_fn(|i| f(a[i]))
}

impl Facts {
    pub(in crate::stark) fn new(air: &dyn AnyAir, symbolic: &SymbolicAir) -> Self {
        // Soundness (M28): the first-row, last-row and transition selectors are random here, like all columns. So a
        // constraint that is gated by `when_first_row`, `when_transition` or another column is a different polynomial
        // and proves nothing.
        let points: [Assignment; POINTS] = array::from_fn(|i| Assignment::random(air, 0x5EED_0000 + i as u64));
        let mut facts = Self { points, constraints: Vec::new(), boolean_columns: Vec::new() };
        facts.constraints = facts.values_of(symbolic.constraints.iter());
        facts.boolean_columns = (0..air.width()).filter(|&c| facts.asserted_boolean(&facts.main_column(c))).collect();
        facts
    }

    fn values_of<'e>(&self, exprs: impl Iterator<Item = &'e Expr> + Clone) -> Vec<Values> {
        let per_point: Vec<Vec<F>> = self
            .points
            .iter()
            .map(|point| {
                let mut evaluator = Evaluator::new(point);
                let mut out = Vec::new();
                for expr in exprs.clone() {
                    out.push(evaluator.eval(expr));
                }
                out
            })
            .collect();
        (0..per_point[0].len()).map(|i| array::from_fn(|p| per_point[p][i])).collect()
    }

    pub(in crate::stark) fn values(&self, expr: &Expr) -> Values {
        self.values_of(std::iter::once(expr))[0]
    }

    fn main_column(&self, column: usize) -> Values {
        array::from_fn(|p| self.points[p].main[0][column])
    }

    fn some_constraint(&self, wanted: &Values) -> bool {
        self.constraints.iter().any(|c| proportional(c, wanted))
    }

    /// Returns whether some ungated constraint is k·c·(c − 1).
    fn asserted_boolean(&self, c: &Values) -> bool {
        self.some_constraint(&map(c, |v| v * (v - F::ONE)))
    }

    /// Returns whether a constraint proves the main column boolean on every row.
    pub(in crate::stark) fn column_is_boolean(&self, column: usize) -> bool {
        self.boolean_columns.contains(&column)
    }

    /// Returns whether the expression is 0 or 1 on every row that satisfies the constraints. May return `false`
    /// although it is.
    pub(in crate::stark) fn is_boolean(&self, expr: &Expr) -> bool {
        let c = self.values(expr);
        if c == [F::ZERO; POINTS] || c == [F::ONE; POINTS] || self.asserted_boolean(&c) {
            return true;
        }
        // The expression equals a boolean column, by itself or by a constraint.
        let equals_boolean_column = self.boolean_columns.iter().any(|&column| {
            let d = self.main_column(column);
            let difference: Values = array::from_fn(|i| c[i] - d[i]);
            difference == [F::ZERO; POINTS] || self.some_constraint(&difference)
        });
        if equals_boolean_column {
            return true;
        }
        match expr {
            SymbolicExpr::Mul { x, y, .. } => self.is_boolean(x) && self.is_boolean(y),
            // 1 − b
            SymbolicExpr::Sub { x, y, .. } => self.values(x) == [F::ONE; POINTS] && self.is_boolean(y),
            _ => false,
        }
    }

    /// Same as [`Self::is_boolean`] for the expression's negation.
    pub(in crate::stark) fn is_negated_boolean(&self, expr: &Expr) -> bool {
        match expr {
            SymbolicExpr::Neg { x, .. } => self.is_boolean(x),
            other => self.is_boolean(&-other.clone()),
        }
    }

    /// Returns whether the count is zero on every row whose selectors are all zero (M29). Either it is the zero
    /// polynomial once the selectors are set to zero, or there is a constraint k·count·(1 − s), where s is a selector
    /// or the sum of all selectors.
    pub(in crate::stark) fn vanishes_without(&self, count: &Expr, selectors: &[usize]) -> bool {
        let vanishes = self.points.iter().all(|point| {
            let mut off = point.clone();
            for &s in selectors {
                off.main[0][s] = F::ZERO;
            }
            Evaluator::new(&off).eval(count).is_zero()
        });
        if vanishes {
            return true;
        }
        let c = self.values(count);
        let gate = |s: Values| -> Values { array::from_fn(|i| c[i] * (F::ONE - s[i])) };
        let sum: Values = array::from_fn(|i| selectors.iter().map(|&s| self.points[i].main[0][s]).sum());
        selectors.iter().any(|&s| self.some_constraint(&gate(self.main_column(s)))) || self.some_constraint(&gate(sum))
    }
}
