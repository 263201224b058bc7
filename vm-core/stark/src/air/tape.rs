//! Straight-line code for expressions of an AIR.
//!
//! Key generation records an AIR once, as expressions; everything that evaluates it afterwards runs this code: the prover
//! on packed rows, the verifier at one point, the counting of lookups and the tests on single rows. So there is one
//! circuit, whoever evaluates it.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::{Add, Mul, Neg, Sub};

use p3_field::{Algebra, PrimeCharacteristicRing};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use serde::{Deserialize, Serialize};

use super::circuit::{ExprGraph, Node};
use super::field::F;
#[cfg(feature = "std")]
use super::symbolic::Expr;

/// A value that expressions read on a row of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Input {
    /// A main column on the current row.
    Main(usize),
    /// A main column on the next row.
    MainNext(usize),
    /// A preprocessed column on the current row.
    Preprocessed(usize),
    /// A preprocessed column on the next row.
    PreprocessedNext(usize),
    /// A public value of the AIR.
    Public(usize),
    /// The first-row selector.
    IsFirstRow,
    /// The last-row selector.
    IsLastRow,
    /// The transition selector.
    IsTransition,
}

/// Values that expressions read on one row of a trace, or at one point.
#[derive(Clone, Copy, Debug)]
pub struct RowValues<'a, V = F> {
    /// Current and next main row.
    pub main: (&'a [V], &'a [V]),
    /// Current and next preprocessed row; empty if there is no preprocessed trace.
    pub preprocessed: (&'a [V], &'a [V]),
    /// Public values of the AIR.
    pub public: &'a [F],
    /// Value of the first-row selector.
    pub is_first_row: V,
    /// Value of the last-row selector.
    pub is_last_row: V,
    /// Value of the transition selector.
    pub is_transition: V,
}

impl<'a> RowValues<'a> {
    /// Returns the values of a row that is all of its trace.
    pub fn alone(row: &'a [F]) -> Self {
        Self::of_trace(row, row.len(), None, &[], 0)
    }

    /// Returns the values of row `row` of a trace of `width` columns, which is given row by row. After the last row comes
    /// the first one again. A preprocessed trace of another height is left out.
    ///
    /// # Panics
    ///
    /// Panics if there is no such row.
    pub fn of_trace(
        trace: &'a [F],
        width: usize,
        preprocessed: Option<&'a RowMajorMatrix<F>>,
        public: &'a [F],
        row: usize,
    ) -> Self {
        let height = trace.len() / width;
        let next = if row + 1 == height { 0 } else { row + 1 };
        let rows = |values: &'a [F], width: usize| (&values[row * width..][..width], &values[next * width..][..width]);
        let preprocessed = preprocessed.filter(|matrix| matrix.height() == height);
        Self {
            main: rows(trace, width),
            preprocessed: preprocessed.map_or((&[], &[]), |matrix| rows(&matrix.values, matrix.width)),
            public,
            is_first_row: F::from_bool(row == 0),
            is_last_row: F::from_bool(next == 0),
            is_transition: F::from_bool(next != 0),
        }
    }
}

impl<V: Algebra<F> + Copy> RowValues<'_, V> {
    /// Returns the value of an input.
    ///
    /// # Panics
    ///
    /// Panics if the AIR has no such column or public value.
    #[inline]
    pub fn get(&self, input: Input) -> V {
        match input {
            Input::Main(column) => self.main.0[column],
            Input::MainNext(column) => self.main.1[column],
            Input::Preprocessed(column) => self.preprocessed.0[column],
            Input::PreprocessedNext(column) => self.preprocessed.1[column],
            Input::Public(index) => self.public[index].into(),
            Input::IsFirstRow => self.is_first_row,
            Input::IsLastRow => self.is_last_row,
            Input::IsTransition => self.is_transition,
        }
    }
}

/// An operation on registers.
#[derive(Clone, Copy, Debug)]
enum Op {
    Add {
        to: u32,
        x: u32,
        y: u32,
    },
    Sub {
        to: u32,
        x: u32,
        y: u32,
    },
    Mul {
        to: u32,
        x: u32,
        y: u32,
    },
    Neg {
        to: u32,
        x: u32,
    },
    /// The next expression has the value of this register.
    Output(u32),
}

/// Code that evaluates a list of expressions. Subexpressions that occur several times are evaluated once.
///
/// The first registers hold the constants, the next ones the inputs, and the rest intermediate results, whose registers
/// are used again as soon as the results are not needed any more.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    constants: Vec<F>,
    inputs: Vec<Input>,
    ops: Vec<Op>,
    outputs: usize,
    registers: usize,
}

impl Tape {
    /// Compiles expressions. The tape keeps no reference to them.
    #[cfg(feature = "std")]
    pub fn new<'e>(exprs: impl IntoIterator<Item = &'e Expr>) -> Self {
        Self::of(&ExprGraph::new(exprs))
    }

    /// Writes code that evaluates the nodes of a graph, and passes on the value of an expression as soon as it is known.
    pub fn of(graph: &ExprGraph) -> Self {
        let nodes = &graph.nodes;
        let outputs: Vec<usize> = graph.outputs.iter().map(|&output| output as usize).collect();
        let mut constants = Vec::new();
        let mut inputs: Vec<(Input, usize)> = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            match *node {
                Node::Constant(value) => constants.push((value, index)),
                Node::Input(input) => inputs.push((input, index)),
                _ => {}
            }
        }
        inputs.sort_unstable_by_key(|(input, _)| *input);
        let mut register = vec![0u32; nodes.len()];
        let fixed = constants.iter().map(|(_, index)| *index).chain(inputs.iter().map(|(_, index)| *index));
        let mut registers = 0;
        for index in fixed {
            register[index] = registers;
            registers += 1;
        }
        // Uses of each node that the code has not reached yet.
        let mut uses = vec![0usize; nodes.len()];
        for index in nodes.iter().flat_map(|node| node.operands()).chain(outputs.iter().copied()) {
            uses[index] += 1;
        }
        let mut free: Vec<u32> = Vec::new();
        let mut release = |index: usize, free: &mut Vec<u32>, register: &[u32]| {
            uses[index] -= 1;
            if uses[index] == 0 && nodes[index].operands().next().is_some() {
                free.push(register[index]);
            }
        };
        let mut ops = Vec::new();
        let mut written = 0;
        for &output in &outputs {
            for (index, node) in nodes.iter().enumerate().take(output + 1).skip(written) {
                for operand in node.operands() {
                    release(operand, &mut free, &register);
                }
                let mut target = || {
                    free.pop().unwrap_or_else(|| {
                        registers += 1;
                        registers - 1
                    })
                };
                match *node {
                    Node::Constant(_) | Node::Input(_) => {}
                    Node::Add(x, y) => {
                        let (x, y) = (x as usize, y as usize);
                        register[index] = target();
                        ops.push(Op::Add { to: register[index], x: register[x], y: register[y] });
                    }
                    Node::Sub(x, y) => {
                        let (x, y) = (x as usize, y as usize);
                        register[index] = target();
                        ops.push(Op::Sub { to: register[index], x: register[x], y: register[y] });
                    }
                    Node::Mul(x, y) => {
                        let (x, y) = (x as usize, y as usize);
                        register[index] = target();
                        ops.push(Op::Mul { to: register[index], x: register[x], y: register[y] });
                    }
                    Node::Neg(x) => {
                        register[index] = target();
                        ops.push(Op::Neg { to: register[index], x: register[x as usize] });
                    }
                }
            }
            written = written.max(output + 1);
            ops.push(Op::Output(register[output]));
            release(output, &mut free, &register);
        }
        Self {
            constants: constants.into_iter().map(|(value, _)| value).collect(),
            inputs: inputs.into_iter().map(|(input, _)| input).collect(),
            ops,
            outputs: outputs.len(),
            registers: registers as usize,
        }
    }

    /// Returns the main columns that the expressions read, in ascending order: on the current row (`false`), then on the
    /// next one (`true`).
    #[cfg(feature = "prover")]
    pub fn cells(&self) -> impl Iterator<Item = (bool, usize)> + '_ {
        self.inputs.iter().filter_map(|input| match *input {
            Input::Main(column) => Some((false, column)),
            Input::MainNext(column) => Some((true, column)),
            _ => None,
        })
    }

    /// Returns the number of steps of an evaluation.
    #[cfg(feature = "prover")]
    pub fn num_ops(&self) -> usize {
        self.ops.len()
    }

    /// Returns the number of expressions.
    pub fn num_exprs(&self) -> usize {
        self.outputs
    }

    /// Evaluates all expressions and passes each value to `visit`, in order. `input` returns the values that they read.
    /// `registers` is a buffer that can be reused between calls.
    pub fn eval<V: Algebra<F> + Copy>(&self, input: impl Fn(Input) -> V, registers: &mut Vec<V>, visit: impl FnMut(V)) {
        self.eval_with(V::from, input, registers, visit);
    }

    /// Evaluates all expressions over a ring that need not contain the field, such as the integers. `constant` returns the
    /// element of the ring that a constant stands for.
    pub fn eval_with<V>(
        &self,
        constant: impl Fn(F) -> V,
        input: impl Fn(Input) -> V,
        registers: &mut Vec<V>,
        mut visit: impl FnMut(V),
    ) where
        V: Copy + Add<Output = V> + Sub<Output = V> + Mul<Output = V> + Neg<Output = V>,
    {
        registers.clear();
        registers.extend(self.constants.iter().map(|&value| constant(value)));
        registers.extend(self.inputs.iter().map(|&read| input(read)));
        registers.resize(self.registers, constant(F::ZERO));
        let registers = registers.as_mut_slice();
        for op in &self.ops {
            match *op {
                Op::Add { to, x, y } => registers[to as usize] = registers[x as usize] + registers[y as usize],
                Op::Sub { to, x, y } => registers[to as usize] = registers[x as usize] - registers[y as usize],
                Op::Mul { to, x, y } => registers[to as usize] = registers[x as usize] * registers[y as usize],
                Op::Neg { to, x } => registers[to as usize] = -registers[x as usize],
                Op::Output(x) => visit(registers[x as usize]),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr, SymbolicVariable};
    use p3_field::{PackedValue, PrimeField32};
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::{EF, PackedF};

    const WIDTH: usize = 4;

    /// Evaluates an expression as it is written.
    fn value(expr: &Expr, row: &RowValues<'_>) -> F {
        match expr {
            SymbolicExpr::Leaf(leaf) => match leaf {
                BaseLeaf::Constant(value) => *value,
                BaseLeaf::IsFirstRow => row.is_first_row,
                BaseLeaf::IsLastRow => row.is_last_row,
                BaseLeaf::IsTransition => row.is_transition,
                BaseLeaf::Variable(variable) => match variable.entry {
                    BaseEntry::Main { offset: 0 } => row.main.0[variable.index],
                    BaseEntry::Main { .. } => row.main.1[variable.index],
                    BaseEntry::Preprocessed { offset: 0 } => row.preprocessed.0[variable.index],
                    BaseEntry::Preprocessed { .. } => row.preprocessed.1[variable.index],
                    BaseEntry::Public => row.public[variable.index],
                    BaseEntry::Periodic => unreachable!("the expressions have none"),
                },
            },
            SymbolicExpr::Add { x, y, .. } => value(x, row) + value(y, row),
            SymbolicExpr::Sub { x, y, .. } => value(x, row) - value(y, row),
            SymbolicExpr::Mul { x, y, .. } => value(x, row) * value(y, row),
            SymbolicExpr::Neg { x, .. } => -value(x, row),
        }
    }

    /// Makes expressions of everything that can be read, of constants and of each other.
    fn expressions(rng: &mut SmallRng) -> Vec<Expr> {
        let entries = [
            BaseEntry::Main { offset: 0 },
            BaseEntry::Main { offset: 1 },
            BaseEntry::Preprocessed { offset: 0 },
            BaseEntry::Preprocessed { offset: 1 },
            BaseEntry::Public,
        ];
        let mut exprs: Vec<Expr> = vec![
            SymbolicExpr::Leaf(BaseLeaf::IsFirstRow),
            SymbolicExpr::Leaf(BaseLeaf::IsLastRow),
            SymbolicExpr::Leaf(BaseLeaf::IsTransition),
        ];
        exprs.extend((0..3).map(|_| Expr::from(rng.random::<F>())));
        for entry in entries {
            exprs.extend((0..WIDTH).map(|column| Expr::from(SymbolicVariable::new(entry, column))));
        }
        for _ in 0..60 {
            let mut any = || exprs[rng.random_range(0..exprs.len())].clone();
            let (x, y) = (any(), any());
            exprs.push(match rng.random_range(0..4) {
                0 => x + y,
                1 => x - y,
                2 => x * y,
                _ => -x,
            });
        }
        exprs
    }

    #[test]
    fn tapes_compute_the_expressions_over_every_field() {
        let mut rng = SmallRng::seed_from_u64(1);
        for _ in 0..200 {
            let exprs = expressions(&mut rng);
            let wanted: Vec<&Expr> = (0..40).map(|_| &exprs[rng.random_range(0..exprs.len())]).collect();
            let mut cells = || -> [F; WIDTH] { std::array::from_fn(|_| rng.random()) };
            let rows: Vec<[[F; WIDTH]; 6]> = (0..PackedF::WIDTH).map(|_| std::array::from_fn(|_| cells())).collect();
            let at = |lane: usize| RowValues {
                main: (&rows[lane][0][..], &rows[lane][1][..]),
                preprocessed: (&rows[lane][2][..], &rows[lane][3][..]),
                // All lanes share the public values.
                public: &rows[0][4][..],
                is_first_row: rows[lane][5][0],
                is_last_row: rows[lane][5][1],
                is_transition: rows[lane][5][2],
            };
            let expected: Vec<Vec<F>> =
                (0..rows.len()).map(|lane| wanted.iter().map(|expr| value(expr, &at(lane))).collect()).collect();
            let tape = Tape::new(wanted.iter().copied());
            assert_eq!(tape.num_exprs(), wanted.len());
            // Two of everything, so that a buffer is used again.
            let (mut base, mut packed, mut extension) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..2 {
                let mut values = Vec::new();
                tape.eval(|input| at(0).get(input), &mut base, |value| values.push(value));
                assert_eq!(values, expected[0]);
                let mut values: Vec<EF> = Vec::new();
                tape.eval(|input| at(0).get(input).into(), &mut extension, |value| values.push(value));
                assert_eq!(values, expected[0].iter().map(|&value| EF::from(value)).collect::<Vec<_>>());
                let mut values: Vec<PackedF> = Vec::new();
                let input = |input| PackedF::from_fn(|lane| at(lane).get(input));
                tape.eval(input, &mut packed, |value| values.push(value));
                for (lane, expected) in expected.iter().enumerate() {
                    assert_eq!(values.iter().map(|value| value.as_slice()[lane]).collect::<Vec<_>>(), *expected);
                }
            }
        }
    }

    #[test]
    fn tapes_compute_with_integers() {
        let column = |index| Expr::from(SymbolicVariable::new(BaseEntry::Main { offset: 0 }, index));
        let expr = column(0) * column(1) - column(2) * F::from_u32(1 << 16) + F::NEG_ONE;
        let integer = |value: F| if value == F::NEG_ONE { -1 } else { i128::from(value.as_canonical_u32()) };
        let input = |input| match input {
            Input::Main(index) => [1 << 40, 3, 5][index],
            _ => unreachable!("the expression reads columns only"),
        };
        let mut values: Vec<i128> = Vec::new();
        Tape::new([&expr]).eval_with(integer, input, &mut Vec::new(), |value| values.push(value));
        assert_eq!(values, [(3 << 40) - (5 << 16) - 1]);
    }

    #[test]
    fn equal_subexpressions_are_evaluated_once_and_registers_are_used_again() {
        let column = |index| Expr::from(SymbolicVariable::new(BaseEntry::Main { offset: 0 }, index));
        // The same product, recorded twice.
        let [first, second] = [(); 2].map(|()| column(0) * column(1));
        let tape = Tape::new([&first, &second]);
        assert!(matches!(tape.ops[..], [Op::Mul { to: 2, x: 0, y: 1 }, Op::Output(2), Op::Output(2)]));
        // A sum of many products needs two registers more than it reads: one for the sum and one for a product.
        let products = (0..55).map(|index| column(index % 10) * column((index + index / 10) % 10));
        let sum = products.reduce(|x, y| x + y).unwrap();
        let tape = Tape::new([&sum]);
        assert_eq!((tape.inputs.len(), tape.registers), (10, 12));
        assert_eq!(tape.cells().count(), 10);
    }
}
