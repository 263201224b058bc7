//! Blocks under construction.
//!
//! A block is one row for a sequence of instructions. Its variables are the columns of all their rows; its constraints and
//! messages are theirs, with the one selector of the block equal to 1. Every step on it has an argument for the theorem on
//! which fusion rests: *each row of a fused circuit extends to rows of the original circuits with the same messages on every
//! bus*, apart from messages that cancel and queries that hold. So the values of all columns of all instructions can be
//! computed from a row of the finished circuit; [`Block::substitution`] and [`Block::computed`] say how.
//!
//! Steps add equations, remove messages in pairs that are equal, replace columns by expressions of others, and remove
//! queries that follow from what remains. Adding an equation needs no argument: it only takes rows away from the prover.
//! What it needs is that honest rows satisfy it, or a run could not be proven.

use std::collections::HashMap;

use p3_field::{Field, PrimeCharacteristicRing};

use crate::stark::F;

use super::error::FusionError;
use super::expr::{Linear, Sum, Var};
use super::link::Links;
use super::template::{Message, Template};

/// One instruction of a path, with the circuit that proves it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step<'a> {
    /// Program counter.
    pub(super) pc: u32,
    /// The entry of the program table: program counter, opcode and operands.
    pub(super) entry: [F; 9],
    /// AIR of the instruction's executor.
    pub(super) template: &'a Template,
}

/// A block under construction.
pub(super) struct Block {
    /// Instruction and column of each variable.
    pub(super) columns: Vec<(usize, usize)>,
    /// Names of the variables.
    pub(super) names: Vec<String>,
    /// Variables that are an expression of others.
    pub(super) substitution: Vec<Option<Linear>>,
    /// Variables that nothing else depends on, with expressions for their values. They may depend on later ones.
    pub(super) computed: HashMap<Var, Sum>,
    /// Variables that the constraints prove boolean.
    pub(super) booleans: Vec<bool>,
    /// Constraints: each is 0.
    pub(super) constraints: Vec<Sum>,
    /// Messages; `None` for those that were removed.
    pub(super) messages: Vec<Option<Message>>,
    /// Program counter of the instruction that is added, for errors.
    pc: u32,
}

impl Block {
    /// Instantiates the circuits of a path and links each instruction to those before it.
    ///
    /// # Errors
    /// [`FusionError::Impossible`] if no run follows the path.
    pub(super) fn new(steps: &[Step<'_>]) -> Result<Self, FusionError> {
        let mut block = Self {
            columns: Vec::new(),
            names: Vec::new(),
            substitution: Vec::new(),
            computed: HashMap::new(),
            booleans: Vec::new(),
            constraints: Vec::new(),
            messages: Vec::new(),
            pc: 0,
        };
        let mut links = Links::default();
        for (index, step) in steps.iter().enumerate() {
            block.pc = step.pc;
            let constraints = block.constraints.len();
            let messages = block.instantiate(index, step)?;
            links.add(&mut block, step.template, constraints, messages)?;
        }
        Ok(block)
    }

    /// Adds the columns, constraints and messages of an instruction. Returns the index of its first message.
    ///
    /// The query of the instruction becomes equations, and the multiplicity of its row becomes 1. The query itself is
    /// removed: the plan's own AIR sends it once in every proof, so the entry is in the program table.
    fn instantiate(&mut self, index: usize, step: &Step<'_>) -> Result<usize, FusionError> {
        let Step { template, entry, .. } = *step;
        let first = self.columns.len() as Var;
        let (known, equations) = instruction_columns(template, &entry).ok_or_else(|| {
            self.impossible(format!("AIR {} does not execute the instruction with these operands", template.name))
        })?;
        for (column, name) in template.columns.iter().enumerate() {
            self.columns.push((index, column));
            self.names.push(format!("{index}:{:#x}.{name}", step.pc));
            self.substitution.push(known.get(&(column as Var)).map(|value| Linear::constant(*value)));
            self.booleans.push(template.booleans.contains(&(column as Var)));
        }
        for constraint in template.constraints.iter().chain(&equations) {
            let constraint = self.rename(constraint, first);
            self.equate(constraint)?;
        }
        let first_message = self.messages.len();
        for (position, message) in template.messages.iter().enumerate() {
            let fields = message.fields.iter().map(|field| self.rename(field, first)).collect();
            let count = self.rename(&message.count, first);
            let message = Message { bus: message.bus.clone(), fields, count };
            self.messages.push((position != template.program).then_some(message));
        }
        Ok(first_message)
    }

    /// Renames the columns of an instruction to variables of the block, and resolves them.
    fn rename(&mut self, sum: &Sum, first: Var) -> Sum {
        sum.map(&mut |column| self.resolve_var(first + column))
    }

    pub(super) fn impossible(&self, reason: impl Into<String>) -> FusionError {
        FusionError::Impossible { pc: self.pc, reason: reason.into() }
    }

    fn resolve_var(&mut self, var: Var) -> Linear {
        let Some(linear) = self.substitution[var as usize].clone() else { return Linear::var(var) };
        if linear.terms.iter().all(|(term, _)| self.substitution[*term as usize].is_none()) {
            return linear;
        }
        let resolved = linear.map(&mut |var| self.resolve_var(var));
        self.substitution[var as usize] = Some(resolved.clone());
        resolved
    }

    /// Returns an expression in which no variable has a substitution.
    pub(super) fn resolve(&mut self, sum: &Sum) -> Sum {
        let mut is_resolved = true;
        sum.visit(&mut |var, _| is_resolved &= self.substitution[var as usize].is_none());
        if is_resolved { sum.clone() } else { sum.map(&mut |var| self.resolve_var(var)) }
    }

    /// Adds an equation: the expression is 0.
    ///
    /// A linear equation eliminates a variable. This changes no statement: the lift gives the variable the value of the
    /// expression, which satisfies the equation. A long equation eliminates none: expressions would grow from instruction to
    /// instruction, as in a chain of ANDs, and evaluating them would cost more than a column.
    pub(super) fn equate(&mut self, sum: Sum) -> Result<(), FusionError> {
        let sum = self.resolve(&sum);
        let Some(linear) = sum.as_linear() else {
            self.constraints.push(sum);
            return Ok(());
        };
        if let Some(value) = linear.as_constant() {
            return if value.is_zero() {
                Ok(())
            } else {
                Err(self.impossible("its constraints contradict each other"))
            };
        }
        if linear.terms.len() > MAX_TERMS {
            self.constraints.push(sum);
            return Ok(());
        }
        // Later columns are copies of earlier ones more often than the other way round. Booleans are kept, since they
        // decide which addresses are equal.
        let terms = linear.terms.iter().rev();
        let (var, coefficient) = *terms
            .clone()
            .find(|(var, _)| !self.booleans[*var as usize])
            .or(terms.clone().next())
            .expect("an expression that is not constant has a term");
        let rest = linear.plus(-coefficient, &Linear::var(var));
        self.substitution[var as usize] = Some(rest.times(-coefficient.inverse()));
        Ok(())
    }

    /// Resolves all constraints and messages. Constraints that have become linear eliminate variables. Equal constraints
    /// are kept once.
    ///
    /// # Errors
    /// [`FusionError::Impossible`] if the constraints contradict each other.
    pub(super) fn simplify(&mut self) -> Result<(), FusionError> {
        loop {
            let before = self.constraints.len();
            let mut kept = std::collections::HashSet::new();
            for constraint in std::mem::take(&mut self.constraints) {
                let (_, constraint) = self.resolve(&constraint).monic();
                if constraint.as_linear().is_some_and(|linear| linear.terms.len() <= MAX_TERMS) {
                    self.equate(constraint)?;
                } else if kept.insert(constraint.clone()) {
                    self.constraints.push(constraint);
                }
            }
            if self.constraints.len() == before {
                break;
            }
        }
        for index in 0..self.messages.len() {
            let Some(message) = self.messages[index].take() else { continue };
            let fields = message.fields.iter().map(|field| self.resolve(field)).collect();
            let count = self.resolve(&message.count);
            self.messages[index] = Some(Message { bus: message.bus, fields, count });
        }
        Ok(())
    }
}

/// Greatest number of terms of an equation that eliminates a variable.
const MAX_TERMS: usize = 24;

/// Largest number of boolean columns whose values are found by trying all of them.
const MAX_FLAGS: usize = 12;

/// Returns the columns that have one value only on rows of this instruction, and what else the query of the instruction
/// says of the columns. Returns `None` if no row executes it.
///
/// The flags of a row select its opcode: they are boolean columns of which the opcode and the multiplicity are sums. All
/// their values are tried, and those that all solutions agree on are known. So these equations follow from the original
/// constraints, and no honest row is lost.
fn instruction_columns(template: &Template, entry: &[F; 9]) -> Option<(HashMap<Var, F>, Vec<Sum>)> {
    let query = &template.messages[template.program];
    let mut equations: Vec<Sum> =
        query.fields.iter().zip(entry).map(|(field, value)| field.plus(-*value, &Sum::constant(F::ONE))).collect();
    equations.push(query.count.plus(-F::ONE, &Sum::constant(F::ONE)));
    let mut known = HashMap::new();
    loop {
        let before = known.len();
        let replace = |sum: &Sum, known: &HashMap<Var, F>| {
            sum.map(&mut |var| known.get(&var).map_or_else(|| Linear::var(var), |value| Linear::constant(*value)))
        };
        for equation in &mut equations {
            *equation = replace(equation, &known);
            if let Some(Linear { terms, constant }) = equation.as_linear() {
                match terms[..] {
                    [(var, coefficient)] => {
                        known.insert(var, -*constant * coefficient.inverse());
                    }
                    [] if !constant.is_zero() => return None,
                    _ => {}
                }
            }
        }
        if known.len() > before {
            continue;
        }
        let mut flags = std::collections::BTreeSet::new();
        for equation in equations.iter().filter_map(Sum::as_linear) {
            if equation.terms.iter().all(|(var, _)| template.booleans.contains(var)) {
                flags.extend(equation.terms.iter().map(|(var, _)| *var));
            }
        }
        let flags: Vec<Var> = flags.into_iter().collect();
        if flags.is_empty() || flags.len() > MAX_FLAGS {
            break;
        }
        let constraints = template.constraints.iter().map(|constraint| replace(constraint, &known));
        let conditions: Vec<Sum> = equations
            .iter()
            .cloned()
            .chain(constraints)
            .filter(|condition| {
                let mut only_flags = true;
                condition.visit(&mut |var, _| only_flags &= flags.contains(&var));
                only_flags
            })
            .collect();
        let mut solutions = (0u32..1 << flags.len()).filter(|bits| {
            let mut value = |var| {
                let position = flags.iter().position(|flag| *flag == var).expect("conditions contain flags only");
                F::from_bool(bits >> position & 1 == 1)
            };
            conditions.iter().all(|condition| condition.value(&mut value).is_zero())
        });
        let first = solutions.next()?;
        let differing = solutions.fold(0, |differing, bits| differing | (bits ^ first));
        for (position, flag) in flags.iter().enumerate() {
            if differing >> position & 1 == 0 {
                known.insert(*flag, F::from_bool(first >> position & 1 == 1));
            }
        }
        if known.len() == before {
            break;
        }
    }
    equations.retain(|equation| equation.as_constant().is_none());
    Some((known, equations))
}
