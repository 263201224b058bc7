//! Facts about multiplicities that follow from the constraints of an AIR.
//!
//! Polynomial identities are tested at four random points. A polynomial of degree at most 3 that is not zero vanishes
//! at all of them with probability at most (3/p)^4 < 2^-116. Where a constraint has to be a multiple of a wanted
//! polynomial, the first point determines the factor and the other three are compared. Both polynomials have degree at
//! most 6, so any other constraint passes with probability at most (6/p)^3 < 2^-84.

use std::array;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr};
use p3_field::{Field, PrimeCharacteristicRing};
use rustc_hash::FxHashMap;

use super::analysis::Assignment;
use super::any_air::AnyAir;
use super::field::F;
use super::symbolic::{Expr, SymbolicAir};
use super::tape::Tape;

/// Number of random points.
const POINTS: usize = 4;

/// Maximum number of combinations of booleans that are enumerated.
const MAX_COMBINATIONS: usize = 4096;

/// Values of an expression at the random points. Expressions with equal values are equal polynomials, except with
/// negligible probability.
pub type Values = [F; POINTS];

/// An expression of the form `constant + Σ coefficient·column`, over main columns of the current row.
#[derive(Clone, Debug, Default)]
pub(super) struct Affine {
    /// Constant term.
    pub constant: F,
    /// Coefficients that are not zero, by column.
    pub columns: BTreeMap<usize, F>,
}

impl Affine {
    /// Returns the affine form of an expression, or `None` if it is written as anything else.
    pub(super) fn of(expr: &Expr) -> Option<Self> {
        Self::with_memo(expr, &mut FxHashMap::default())
    }

    fn with_memo(expr: &Expr, memo: &mut FxHashMap<*const Expr, Option<Self>>) -> Option<Self> {
        let mut child = |node: &Arc<Expr>| -> Option<Self> {
            let key = Arc::as_ptr(node);
            if let Some(form) = memo.get(&key) {
                return form.clone();
            }
            let form = Self::with_memo(node, memo);
            memo.insert(key, form.clone());
            form
        };
        match expr {
            SymbolicExpr::Leaf(BaseLeaf::Constant(constant)) => Some(Self::constant(*constant)),
            SymbolicExpr::Leaf(BaseLeaf::Variable(v)) => match v.entry {
                BaseEntry::Main { offset: 0 } => {
                    Some(Self { constant: F::ZERO, columns: BTreeMap::from([(v.index, F::ONE)]) })
                }
                _ => None,
            },
            SymbolicExpr::Leaf(_) => None,
            SymbolicExpr::Add { x, y, .. } => Some(child(x)?.plus(&child(y)?, F::ONE)),
            SymbolicExpr::Sub { x, y, .. } => Some(child(x)?.plus(&child(y)?, F::NEG_ONE)),
            SymbolicExpr::Neg { x, .. } => Some(Self::default().plus(&child(x)?, F::NEG_ONE)),
            SymbolicExpr::Mul { x, y, .. } => {
                let (x, y) = (child(x)?, child(y)?);
                match (x.columns.is_empty(), y.columns.is_empty()) {
                    (true, _) => Some(Self::default().plus(&y, x.constant)),
                    (_, true) => Some(Self::default().plus(&x, y.constant)),
                    _ => None,
                }
            }
        }
    }

    fn constant(constant: F) -> Self {
        Self { constant, columns: BTreeMap::new() }
    }

    fn plus(mut self, other: &Self, factor: F) -> Self {
        self.constant += other.constant * factor;
        for (&column, &coefficient) in &other.columns {
            *self.columns.entry(column).or_default() += coefficient * factor;
        }
        self.columns.retain(|_, coefficient| !coefficient.is_zero());
        self
    }
}

/// Boolean columns of which at most one is 1 on any row.
struct Group {
    columns: BTreeSet<usize>,
    /// Number of columns that are 1: 0 or 1.
    sum: Values,
}

/// Values of the constraints of one AIR at random points, and the facts derived from them.
pub struct Facts {
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
    /// Evaluates an AIR at random points.
    pub fn new(air: &dyn AnyAir, symbolic: &SymbolicAir) -> Self {
        // Soundness (M28): the first-row, last-row and transition selectors are random here, like all columns. So a
        // constraint that is gated by `when_first_row`, `when_transition` or another column is a different polynomial
        // and proves nothing.
        let points: [Assignment; POINTS] = array::from_fn(|i| Assignment::random(air, 0x5EED_0000 + i as u64));
        let mut facts = Self { points, constraints: Vec::new(), boolean_columns: Vec::new() };
        facts.constraints = facts.values_of(symbolic.constraints.iter());
        facts.boolean_columns = (0..air.width()).filter(|&c| facts.asserted_boolean(&facts.main_column(c))).collect();
        facts
    }

    /// Returns the values of several expressions. Shared nodes are evaluated once.
    pub fn values_of<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>) -> Vec<Values> {
        let tape = Tape::new(exprs);
        let mut values = Vec::new();
        let mut scratch = Vec::new();
        for (i, point) in self.points.iter().enumerate() {
            let mut expr = 0;
            let row = point.row();
            tape.eval(
                |input| row.get(input),
                &mut scratch,
                |value| {
                    if i == 0 {
                        values.push([value; POINTS]);
                    }
                    values[expr][i] = value;
                    expr += 1;
                },
            );
        }
        values
    }

    /// Returns the values of an expression.
    pub fn values(&self, expr: &Expr) -> Values {
        self.values_of([expr])[0]
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
    pub fn column_is_boolean(&self, column: usize) -> bool {
        self.boolean_columns.contains(&column)
    }

    /// Returns whether the expression is 0 or 1 on every row that satisfies the constraints. May return `false`
    /// although it is.
    pub fn is_boolean(&self, expr: &Expr) -> bool {
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
    pub fn is_negated_boolean(&self, expr: &Expr) -> bool {
        match expr {
            SymbolicExpr::Neg { x, .. } => self.is_boolean(x),
            other => self.is_boolean(&-other.clone()),
        }
    }

    /// Returns whether the count is zero on every row whose selectors are all zero (M29). Either it is the zero
    /// polynomial once the selectors are set to zero, or there is a constraint k·count·(1 − s), where s is a selector
    /// or the sum of all selectors.
    pub fn vanishes_without(&self, count: &Expr, selectors: &[usize]) -> bool {
        let vanishes = self.points.iter().all(|point| {
            let mut off = point.clone();
            for &s in selectors {
                off.main[0][s] = F::ZERO;
            }
            off.values([count])[0].is_zero()
        });
        if vanishes {
            return true;
        }
        let c = self.values(count);
        let gate = |s: Values| -> Values { array::from_fn(|i| c[i] * (F::ONE - s[i])) };
        let sum: Values = array::from_fn(|i| selectors.iter().map(|&s| self.points[i].main[0][s]).sum());
        selectors.iter().any(|&s| self.some_constraint(&gate(self.main_column(s)))) || self.some_constraint(&gate(sum))
    }

    /// Returns whether expression `a` is 0 on every row on which `b` is 0. For booleans: whether `a` implies `b`. May
    /// return `false` although it is.
    pub fn implies(&self, a: &Expr, b: &Expr) -> bool {
        let (va, vb) = (self.values(a), self.values(b));
        let gated: Values = array::from_fn(|i| va[i] * (F::ONE - vb[i]));
        if va == [F::ZERO; POINTS] || va == vb || vb == [F::ONE; POINTS] || self.some_constraint(&gated) {
            return true;
        }
        // A sum of booleans is 0 only if all of them are.
        if self.sum_of_booleans(b).is_some_and(|columns| self.vanishes_without(a, &columns)) {
            return true;
        }
        match a {
            SymbolicExpr::Mul { x, y, .. } => self.implies(x, b) || self.implies(y, b),
            SymbolicExpr::Add { x, y, .. } | SymbolicExpr::Sub { x, y, .. } => self.implies(x, b) && self.implies(y, b),
            SymbolicExpr::Neg { x, .. } => self.implies(x, b),
            SymbolicExpr::Leaf(_) => false,
        }
    }

    /// Returns the columns of a sum of boolean columns, or `None` if the expression is not such a sum.
    fn sum_of_booleans(&self, expr: &Expr) -> Option<Vec<usize>> {
        let form = Affine::of(expr)?;
        let is_sum = form.constant.is_zero()
            && form.columns.iter().all(|(column, factor)| *factor == F::ONE && self.column_is_boolean(*column));
        is_sum.then(|| form.columns.into_keys().collect())
    }

    /// Returns the groups of boolean columns that are known to exclude each other: the columns of a boolean
    /// multiplicity that is a sum of columns, and those that a linear constraint equates with a boolean.
    fn groups(&self, symbolic: &SymbolicAir) -> Vec<Group> {
        let mut groups = Vec::new();
        for message in &symbolic.messages {
            if let Some(columns) = self.sum_of_booleans(&message.count)
                && self.is_boolean(&message.count)
            {
                groups.push(Group { columns: columns.into_iter().collect(), sum: self.values(&message.count) });
            }
        }
        for constraint in &symbolic.constraints {
            let Some(form) = Affine::of(constraint) else { continue };
            // All columns have the same coefficient, except that one other column may have its negation. That column,
            // or the constant 1, is the sum of the others: an integer, since there are fewer than p columns.
            let all_boolean = form.columns.keys().all(|column| self.column_is_boolean(*column));
            let Some(factor) = form.columns.values().copied().find(|_| all_boolean) else { continue };
            for factor in [factor, -factor] {
                let (same, others): (Vec<_>, Vec<_>) = form.columns.iter().partition(|(_, k)| **k == factor);
                let sum = match others[..] {
                    [] if form.constant == -factor => [F::ONE; POINTS],
                    [(&column, k)] if *k == -factor && form.constant.is_zero() => self.main_column(column),
                    _ => continue,
                };
                groups.push(Group { columns: same.into_iter().map(|(column, _)| *column).collect(), sum });
            }
        }
        groups
    }

    /// Returns n if a constraint proves on every row that the column is one of the numbers 0 to n − 1: 2 for boolean
    /// columns, 3 if the constraint is k·c·(c − 1)·(c − 2). Constraints have degree 3 at most, so there are no others.
    fn numbers(&self, column: usize) -> Option<usize> {
        let c = self.main_column(column);
        if self.column_is_boolean(column) {
            Some(2)
        } else if self.some_constraint(&map(&c, |v| v * (v - F::ONE) * (v - F::TWO))) {
            Some(3)
        } else {
            None
        }
    }

    /// Returns all values that an expression can have on rows where `count` is 1, or `None` if that is not known. It is
    /// known for sums of constants and multiples of columns that are boolean or one of the numbers 0, 1 and 2, unless
    /// there are too many combinations.
    ///
    /// Soundness (M36): every combination of the columns counts, unless two of them exclude each other or the
    /// multiplicity would be 0. So the result may be too large, but never too small.
    pub fn values_when(&self, symbolic: &SymbolicAir, expr: &Expr, count: &Expr) -> Option<BTreeSet<F>> {
        let form = Affine::of(expr)?;
        if form.columns.is_empty() {
            return Some(BTreeSet::from([form.constant]));
        }
        let groups = self.groups(symbolic);
        let count = self.values(count);
        // On the rows in question, exactly one column of these groups is 1.
        let exact = |group: &&Group| group.sum == count || group.sum == [F::ONE; POINTS];
        let within = |group: &&Group| group.columns.iter().all(|column| form.columns.contains_key(column));
        let needed: Vec<&Group> = groups.iter().filter(exact).filter(within).collect();
        let mut combinations = vec![(BTreeSet::new(), form.constant)];
        for (&column, &coefficient) in &form.columns {
            let excluded: BTreeSet<usize> = groups
                .iter()
                .filter(|group| group.columns.contains(&column))
                .flat_map(|group| group.columns.iter().copied())
                .collect();
            let with = |(chosen, value): &(BTreeSet<usize>, F), number: usize| {
                let mut chosen = chosen.clone();
                chosen.insert(column);
                (chosen, *value + coefficient * F::from_usize(number))
            };
            let numbers = 1..self.numbers(column)?;
            let allowed = combinations.iter().filter(|(chosen, _)| chosen.is_disjoint(&excluded));
            let more: Vec<_> = allowed.flat_map(|c| numbers.clone().map(move |number| with(c, number))).collect();
            combinations.extend(more);
            if combinations.len() > MAX_COMBINATIONS {
                return None;
            }
        }
        let possible = |(chosen, _): &(BTreeSet<usize>, F)| {
            needed.iter().all(|group| group.columns.iter().any(|column| chosen.contains(column)))
        };
        Some(combinations.into_iter().filter(possible).map(|(_, value)| value).collect())
    }
}
