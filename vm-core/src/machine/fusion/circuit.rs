//! What a block no longer needs is removed, and the rest becomes an AIR.

use std::collections::{BTreeSet, HashMap, HashSet};

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use p3_lookup::{Count, InteractionBuilder};

use crate::arch::{ACCESS_GAP_BITS, EXECUTION_BUS};
#[cfg(feature = "prover")]
use crate::stark::InstanceShape;
use crate::stark::{Expr, F, MachineAir, SymbolicBuilder};

use super::block::{Block, Step};
use super::error::FusionError;
use super::expr::{Linear, Sum, Var};
use super::plan::{MAX_COLUMNS, limit};
use super::template::Message;

/// The circuit of a path. A row proves one execution of all its instructions.
#[derive(Clone, Debug)]
pub struct FusedCircuit {
    name: String,
    /// Program counters of the path.
    pub pcs: Vec<u32>,
    /// Number of ticks of the path.
    pub ticks: u32,
    /// Ticks from the start of the path to each instruction.
    pub times: Vec<u32>,
    /// The columns after the selector: instruction of the path, column of its AIR, and variable.
    pub(super) columns: Vec<(usize, usize, Var)>,
    names: Vec<String>,
    constraints: Vec<Sum>,
    messages: Vec<Message>,
    /// Position of each kept variable among the columns of the trace.
    positions: HashMap<Var, usize>,
    lift: Lift,
}

/// Values of the columns of the original circuits, as expressions of the kept ones.
#[derive(Clone, Debug)]
struct Lift {
    substitution: Vec<Option<Linear>>,
    computed: HashMap<Var, Sum>,
    /// Instruction and column of each variable.
    columns: Vec<(usize, usize)>,
}

/// The column with the selector.
const SELECTOR: usize = 0;

impl FusedCircuit {
    /// Makes the circuit of a path.
    ///
    /// # Errors
    /// - [`FusionError::Impossible`] if no run follows the path.
    /// - [`FusionError::Limit`] if the path takes too many ticks, or has too many columns or messages.
    pub(super) fn new(steps: &[Step<'_>]) -> Result<Self, FusionError> {
        let mut ticks = 0u32;
        let mut times = Vec::with_capacity(steps.len());
        for step in steps {
            times.push(ticks);
            ticks = ticks.saturating_add(step.template.ticks);
        }
        // Within 2^16 ticks, no word is refreshed.
        limit("ticks in a path", ticks as usize, 1 << ACCESS_GAP_BITS)?;
        let mut block = Block::new(steps)?;
        block.simplify()?;
        block.drop_queries()?;
        block.drop_computed();
        let (pcs, name) = (steps.iter().map(|step| step.pc).collect::<Vec<_>>(), name(steps));
        let messages: Vec<Message> = block.messages.iter().flatten().cloned().collect();
        let mut kept = BTreeSet::new();
        let exprs = messages.iter().flat_map(|message| message.fields.iter().chain([&message.count]));
        exprs.chain(&block.constraints).for_each(|sum| {
            sum.visit(&mut |var, _| {
                kept.insert(var);
            });
        });
        limit("columns in a circuit", kept.len() + 1, MAX_COLUMNS)?;
        limit("messages in a circuit", messages.len(), MAX_COLUMNS)?;
        // A row of the block is one row of each instruction, and its selector is their multiplicity.
        let is_one = |count: &Sum| count.as_constant().is_some_and(|count| count == F::ONE || count == F::NEG_ONE);
        if !messages.iter().all(|message| is_one(&message.count)) {
            return Err(block.impossible("a multiplicity depends on data"));
        }
        let Block { columns, names, substitution, computed, constraints, .. } = block;
        let positions = kept.iter().enumerate().map(|(index, var)| (*var, index + 1)).collect();
        let names_of_kept = kept.iter().map(|var| names[*var as usize].clone());
        Ok(Self {
            name,
            pcs,
            ticks,
            times,
            names: std::iter::once("is_valid".to_owned()).chain(names_of_kept).collect(),
            columns: kept.iter().map(|var| (columns[*var as usize].0, columns[*var as usize].1, *var)).collect(),
            constraints,
            messages,
            positions,
            lift: Lift { substitution, computed, columns },
        })
    }

    /// Returns the rows of the original circuits that a row with selector 1 stands for: `widths` are their widths.
    ///
    /// Only tests use this: the theorem says that these rows satisfy the original circuits if the row satisfies this one.
    pub fn lift(&self, row: &[F], widths: &[usize]) -> Vec<Vec<F>> {
        let mut rows: Vec<Vec<F>> = widths.iter().map(|width| vec![F::ZERO; *width]).collect();
        let mut values = HashMap::new();
        for (var, (instruction, column)) in self.lift.columns.iter().enumerate() {
            rows[*instruction][*column] = self.lifted(var as Var, row, &mut values);
        }
        rows
    }

    fn lifted(&self, var: Var, row: &[F], values: &mut HashMap<Var, F>) -> F {
        if let Some(value) = values.get(&var) {
            return *value;
        }
        let value = if let Some(position) = self.positions.get(&var) {
            row[*position]
        } else if let Some(linear) = &self.lift.substitution[var as usize] {
            linear.value(&mut |var| self.lifted(var, row, values))
        } else if let Some(sum) = self.lift.computed.get(&var) {
            sum.value(&mut |var| self.lifted(var, row, values))
        } else {
            // Nothing depends on it.
            F::ZERO
        };
        values.insert(var, value);
        value
    }

    /// Returns the number of columns, with the selector.
    pub fn num_columns(&self) -> usize {
        self.columns.len() + 1
    }

    /// Returns the program counter after the path, if it is the same on every row.
    pub fn next_pc(&self) -> Option<u32> {
        let is_send =
            |message: &&Message| message.bus == EXECUTION_BUS.name && message.count.as_constant() == Some(F::ONE);
        let pc = self.messages.iter().find(is_send)?.fields[0].as_constant()?;
        Some(pc.as_canonical_u32())
    }

    /// Returns the number of messages of a row.
    pub fn num_messages(&self) -> usize {
        self.messages.len()
    }

    /// Returns the size of the AIR's instances for a prover that commits to no lookup columns. It is what
    /// [`instance_shape`](crate::stark::instance_shape) returns after recording the AIR.
    #[cfg(feature = "prover")]
    pub fn stacked_shape(&self) -> InstanceShape {
        let main = self.num_columns();
        InstanceShape { main, committed: main, preprocessed: 0, messages: self.num_messages(), repeatable: true }
    }
}

/// Returns the name of the AIR of a path.
fn name(steps: &[Step<'_>]) -> String {
    let first = steps.first().map_or(0, |step| step.pc);
    format!("Block{first:#x}x{}", steps.len())
}

impl Block {
    /// Removes constraints that only say what a column is that nothing else reads.
    ///
    /// Soundness: let the constraint be c·v + P = 0, with c ≠ 0, and let v occur in no message and no other constraint. Then v
    /// = −P/c satisfies it, whatever the other columns are.
    fn drop_computed(&mut self) {
        loop {
            let mut uses: HashMap<Var, usize> = HashMap::new();
            let mut in_products = HashSet::new();
            let messages = self.messages.iter().flatten();
            let of_messages = messages.flat_map(|message| message.fields.iter().chain([&message.count]));
            // Two uses count as more than one, wherever they are.
            of_messages.for_each(|sum| sum.visit(&mut |var, _| *uses.entry(var).or_default() += 2));
            for constraint in &self.constraints {
                constraint.visit(&mut |var, in_product| {
                    *uses.entry(var).or_default() += 1;
                    if in_product {
                        in_products.insert(var);
                    }
                });
            }
            let before = self.constraints.len();
            let computed = &mut self.computed;
            self.constraints.retain(|constraint| {
                let only = |(var, _): &&(Var, F)| uses.get(var) == Some(&1) && !in_products.contains(var);
                let Some(&(var, coefficient)) = constraint.linear.terms.iter().find(only) else { return true };
                let rest = constraint.plus(-coefficient, &Linear::var(var).into());
                computed.insert(var, rest.times(-coefficient.inverse()));
                false
            });
            if self.constraints.len() == before {
                return;
            }
        }
    }
}

impl BaseAir<F> for FusedCircuit {
    fn width(&self) -> usize {
        self.num_columns()
    }
}

impl MachineAir for FusedCircuit {
    fn name(&self) -> String {
        self.name.clone()
    }
    fn column_names(&self) -> Vec<String> {
        self.names.clone()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![SELECTOR]
    }
    /// Soundness (M2): time is bounded by the weight of all rows, so a row weighs at least its ticks.
    fn min_weight(&self) -> u64 {
        self.ticks.into()
    }
}

impl Air<SymbolicBuilder> for FusedCircuit {
    /// Emits the constraints and messages. The constant parts of a constraint are multiples of the selector, so that zero
    /// rows satisfy it; all messages have the selector as their multiplicity.
    fn eval(&self, builder: &mut SymbolicBuilder) {
        let main = builder.main();
        let columns: Vec<Expr> = main.current_slice().iter().map(|column| (*column).into()).collect();
        let selector = columns[SELECTOR].clone();
        builder.assert_zero(selector.clone() * (selector.clone() - Expr::ONE));
        let on_columns = Columns { columns: &columns, positions: &self.positions };
        for constraint in &self.constraints {
            builder.assert_zero(on_columns.sum(constraint, &selector));
        }
        for message in &self.messages {
            let fields: Vec<Expr> = message.fields.iter().map(|field| on_columns.sum(field, &Expr::ONE)).collect();
            let is_receive = message.count.as_constant() == Some(F::NEG_ONE);
            let count = if is_receive { -selector.clone() } else { selector.clone() };
            builder.push_interaction(&message.bus, fields, Count::bounded(count, 1));
        }
    }
}

/// Columns of a row as expressions.
struct Columns<'a> {
    columns: &'a [Expr],
    positions: &'a HashMap<Var, usize>,
}

impl Columns<'_> {
    fn sum(&self, sum: &Sum, one: &Expr) -> Expr {
        let linear = self.linear(&sum.linear, one);
        let products = sum.products.iter().map(|(coefficient, factors)| {
            let product = self.sum(&factors.0, one) * self.sum(&factors.1, one);
            if *coefficient == F::ONE { product } else { product * *coefficient }
        });
        add_up(linear.into_iter().chain(products).collect()).unwrap_or(Expr::ZERO)
    }

    fn linear(&self, linear: &Linear, one: &Expr) -> Option<Expr> {
        let term = |(var, coefficient): &(Var, F)| {
            let column = self.columns[self.positions[var]].clone();
            match *coefficient {
                F::ONE => column,
                F::NEG_ONE => -column,
                coefficient => column * coefficient,
            }
        };
        let constant = (linear.constant != F::ZERO).then(|| one.clone() * linear.constant);
        add_up(linear.terms.iter().map(term).chain(constant).collect())
    }
}

/// Returns the sum, as a tree of little depth: expressions are visited recursively.
fn add_up(mut exprs: Vec<Expr>) -> Option<Expr> {
    while exprs.len() > 1 {
        let mut pairs = exprs.into_iter();
        exprs = std::iter::from_fn(|| {
            let first = pairs.next()?;
            Some(pairs.next().map_or(first.clone(), |second| first + second))
        })
        .collect();
    }
    exprs.pop()
}
