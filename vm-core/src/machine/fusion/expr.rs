//! Expressions of degree up to 3 in a normal form, in which equal linear expressions are equal values.

use std::collections::HashMap;
use std::sync::Arc;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr};
use p3_field::{Field, PrimeCharacteristicRing};

use crate::stark::{Expr, F};

/// Index of a variable.
pub(super) type Var = u32;

/// A linear expression: a constant and the coefficients of variables.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Linear {
    /// Coefficients other than 0, by ascending variable.
    pub(super) terms: Vec<(Var, F)>,
    /// The constant.
    pub(super) constant: F,
}

impl Linear {
    /// Returns a constant.
    pub(super) fn constant(constant: F) -> Self {
        Self { terms: Vec::new(), constant }
    }

    /// Returns a variable.
    pub(super) fn var(var: Var) -> Self {
        Self { terms: vec![(var, F::ONE)], constant: F::ZERO }
    }

    /// Returns the value if it depends on no variable.
    pub(super) fn as_constant(&self) -> Option<F> {
        self.terms.is_empty().then_some(self.constant)
    }

    /// Returns the variable if the expression is one, with coefficient 1.
    pub(super) fn as_var(&self) -> Option<Var> {
        match self.terms[..] {
            [(var, F::ONE)] if self.constant.is_zero() => Some(var),
            _ => None,
        }
    }

    /// Returns the coefficient of a variable.
    pub(super) fn coefficient(&self, var: Var) -> F {
        self.terms.binary_search_by_key(&var, |(var, _)| *var).map_or(F::ZERO, |index| self.terms[index].1)
    }

    /// Returns the sum of this expression and a multiple of another one.
    pub(super) fn plus(&self, factor: F, other: &Self) -> Self {
        if factor.is_zero() {
            return self.clone();
        }
        let mut terms = Vec::with_capacity(self.terms.len() + other.terms.len());
        let (mut left, mut right) = (self.terms.iter().peekable(), other.terms.iter().peekable());
        loop {
            let next = match (left.peek(), right.peek()) {
                (Some(&&(x, a)), Some(&&(y, b))) if x == y => {
                    left.next();
                    right.next();
                    (x, a + factor * b)
                }
                (Some(&&(x, a)), right) if right.is_none_or(|(y, _)| x < *y) => {
                    left.next();
                    (x, a)
                }
                (_, Some(&&(y, b))) => {
                    right.next();
                    (y, factor * b)
                }
                _ => break,
            };
            if !next.1.is_zero() {
                terms.push(next);
            }
        }
        Self { terms, constant: self.constant + factor * other.constant }
    }

    /// Returns the difference of two expressions.
    pub(super) fn minus(&self, other: &Self) -> Self {
        self.plus(-F::ONE, other)
    }

    /// Returns a multiple of the expression.
    pub(super) fn times(&self, factor: F) -> Self {
        Self::default().plus(factor, self)
    }

    /// Replaces every variable.
    pub(super) fn map(&self, replace: &mut impl FnMut(Var) -> Self) -> Self {
        let constant = Self::constant(self.constant);
        self.terms.iter().fold(constant, |sum, (var, coefficient)| sum.plus(*coefficient, &replace(*var)))
    }

    /// Returns the value for an assignment.
    pub(super) fn value(&self, assignment: &mut impl FnMut(Var) -> F) -> F {
        self.terms.iter().fold(self.constant, |sum, (var, coefficient)| sum + *coefficient * assignment(*var))
    }
}

/// Two factors of a product. Neither is a constant, and the first coefficient of each is 1.
type Factors = Arc<(Sum, Sum)>;

/// A sum of a linear expression and of multiples of products.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Sum {
    /// The linear part.
    pub(super) linear: Linear,
    /// Products of two factors each, with their coefficients. No two products are equal.
    pub(super) products: Vec<(F, Factors)>,
}

impl From<Linear> for Sum {
    fn from(linear: Linear) -> Self {
        Self { linear, products: Vec::new() }
    }
}

impl Sum {
    /// Returns a constant.
    pub(super) fn constant(constant: F) -> Self {
        Linear::constant(constant).into()
    }

    /// Returns the expression if it is linear.
    pub(super) fn as_linear(&self) -> Option<&Linear> {
        self.products.is_empty().then_some(&self.linear)
    }

    /// Returns the value if it depends on no variable.
    pub(super) fn as_constant(&self) -> Option<F> {
        self.as_linear()?.as_constant()
    }

    /// Returns the sum of this expression and a multiple of another one.
    pub(super) fn plus(&self, factor: F, other: &Self) -> Self {
        let mut sum = Self { linear: self.linear.plus(factor, &other.linear), products: self.products.clone() };
        other.products.iter().for_each(|(coefficient, factors)| sum.add_product(factor * *coefficient, factors));
        sum
    }

    fn add_product(&mut self, coefficient: F, factors: &Factors) {
        match self.products.iter().position(|(_, other)| other == factors) {
            Some(index) => {
                self.products[index].0 += coefficient;
                if self.products[index].0.is_zero() {
                    drop(self.products.remove(index));
                }
            }
            None if coefficient.is_zero() => {}
            None => self.products.push((coefficient, Arc::clone(factors))),
        }
    }

    /// Returns a multiple of the expression.
    pub(super) fn times(&self, factor: F) -> Self {
        Self::default().plus(factor, self)
    }

    /// Returns the product of two expressions.
    pub(super) fn product(x: &Self, y: &Self) -> Self {
        if let Some(constant) = x.as_constant() {
            return y.times(constant);
        }
        if let Some(constant) = y.as_constant() {
            return x.times(constant);
        }
        let ((a, x), (b, y)) = (x.monic(), y.monic());
        let factors = if x <= y { (x, y) } else { (y, x) };
        Self { linear: Linear::default(), products: vec![(a * b, Arc::new(factors))] }
    }

    /// Returns the first coefficient, and the expression divided by it. An expression that is not 0 and its multiples
    /// have the same quotient.
    pub(super) fn monic(&self) -> (F, Self) {
        let of_term = self.linear.terms.first().map(|(_, coefficient)| *coefficient);
        let of_product = self.products.first().map(|(coefficient, _)| *coefficient);
        match of_term.or(of_product) {
            Some(first) if first != F::ONE => (first, self.times(first.inverse())),
            _ => (F::ONE, self.clone()),
        }
    }

    /// Replaces every variable by a linear expression.
    pub(super) fn map(&self, replace: &mut impl FnMut(Var) -> Linear) -> Self {
        let mut sum = Self::from(self.linear.map(replace));
        for (coefficient, factors) in &self.products {
            let product = Self::product(&factors.0.map(replace), &factors.1.map(replace));
            sum = sum.plus(*coefficient, &product);
        }
        sum
    }

    /// Calls `f` for every occurrence of a variable, and says whether it is in a product.
    pub(super) fn visit(&self, f: &mut dyn FnMut(Var, bool)) {
        self.linear.terms.iter().for_each(|(var, _)| f(*var, false));
        for (_, factors) in &self.products {
            factors.0.visit(&mut |var, _| f(var, true));
            factors.1.visit(&mut |var, _| f(var, true));
        }
    }

    /// Returns the value for an assignment.
    pub(super) fn value(&self, assignment: &mut impl FnMut(Var) -> F) -> F {
        let linear = self.linear.value(assignment);
        self.products.iter().fold(linear, |sum, (coefficient, factors)| {
            sum + *coefficient * factors.0.value(assignment) * factors.1.value(assignment)
        })
    }

    /// Converts a recorded expression. Column `i` becomes variable `i`. Returns `None` if the expression reads anything
    /// but the current main row. `seen` has the subexpressions that were converted before.
    pub(super) fn from_expr(expr: &Expr, seen: &mut HashMap<*const Expr, Self>) -> Option<Self> {
        let key = std::ptr::from_ref(expr);
        if let Some(sum) = seen.get(&key) {
            return Some(sum.clone());
        }
        let sum = match expr {
            SymbolicExpr::Leaf(BaseLeaf::Constant(value)) => Self::constant(*value),
            SymbolicExpr::Leaf(BaseLeaf::Variable(variable)) => match variable.entry {
                BaseEntry::Main { offset: 0 } => Linear::var(variable.index as Var).into(),
                _ => return None,
            },
            SymbolicExpr::Leaf(_) => return None,
            SymbolicExpr::Add { x, y, .. } => Self::from_expr(x, seen)?.plus(F::ONE, &Self::from_expr(y, seen)?),
            SymbolicExpr::Sub { x, y, .. } => Self::from_expr(x, seen)?.plus(-F::ONE, &Self::from_expr(y, seen)?),
            SymbolicExpr::Mul { x, y, .. } => Self::product(&Self::from_expr(x, seen)?, &Self::from_expr(y, seen)?),
            SymbolicExpr::Neg { x, .. } => Self::from_expr(x, seen)?.times(-F::ONE),
        };
        seen.insert(key, sum.clone());
        Some(sum)
    }
}
