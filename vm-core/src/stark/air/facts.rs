//! What key generation proves about multiplicities from the constraints of an AIR.
//!
//! Polynomial identities are tested at random points. A constraint of degree at most 3 that is not the wanted
//! polynomial agrees with it at one random point with probability at most 3/p, so four points leave 2^-116.

use std::array;

use p3_air::symbolic::SymbolicExpr;
use p3_field::{Field, PrimeCharacteristicRing};

use super::any_air::AnyAir;
use super::field::F;
use super::symbolic::{Assignment, Evaluator, Expr, SymbolicAir};

/// Whether the constraints of an AIR prove that an expression is 0 or 1 on every row.
#[cfg(feature = "prover")]
pub(crate) fn proves_boolean(air: &dyn AnyAir, symbolic: &SymbolicAir, expr: &Expr) -> bool {
    Facts::new(air, symbolic).is_boolean(expr)
}

const POINTS: usize = 4;

/// Values of an expression at the random points.
type Values = [F; POINTS];

/// Values of the constraints of one AIR at random points, and what follows from them.
pub(in crate::stark) struct Facts {
    points: [Assignment; POINTS],
    constraints: Vec<Values>,
    /// Main columns that some constraint proves boolean on every row.
    boolean_columns: Vec<usize>,
}

/// `a = k·b` for a non-zero constant k, neither being zero.
fn proportional(a: &Values, b: &Values) -> bool {
    !a[0].is_zero() && !b[0].is_zero() && (1..POINTS).all(|i| a[i] * b[0] == b[i] * a[0])
}

fn map(a: &Values, f: impl Fn(F) -> F) -> Values {
    array::from_fn(|i| f(a[i]))
}

impl Facts {
    pub(in crate::stark) fn new(air: &dyn AnyAir, symbolic: &SymbolicAir) -> Self {
        // Soundness (M28): row selectors are random here, so a constraint gated by `when_first_row`, `when_transition`
        // or by another column is a different polynomial and proves nothing.
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

    /// Some ungated constraint is k·c·(c − 1).
    fn asserted_boolean(&self, c: &Values) -> bool {
        self.some_constraint(&map(c, |v| v * (v - F::ONE)))
    }

    /// Whether the main column is proven boolean on every row.
    pub(in crate::stark) fn column_is_boolean(&self, column: usize) -> bool {
        self.boolean_columns.contains(&column)
    }

    /// Whether the expression takes only the values 0 and 1 on rows that satisfy the constraints.
    pub(in crate::stark) fn is_boolean(&self, expr: &Expr) -> bool {
        let c = self.values(expr);
        if c == [F::ZERO; POINTS] || c == [F::ONE; POINTS] || self.asserted_boolean(&c) {
            return true;
        }
        // Equal to a boolean column by a constraint.
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

    /// Whether minus the expression takes only the values 0 and 1.
    pub(in crate::stark) fn is_negated_boolean(&self, expr: &Expr) -> bool {
        match expr {
            SymbolicExpr::Neg { x, .. } => self.is_boolean(x),
            other => self.is_boolean(&-other.clone()),
        }
    }

    /// Whether the count is zero on every row whose selector columns are all zero (M29): as a polynomial, or because a
    /// constraint k·count·(1 − s) says so for a selector s or for the sum s of all selectors.
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
