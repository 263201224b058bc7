//! The recorded AIR of an executor, in the form in which blocks instantiate it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use p3_field::{PrimeCharacteristicRing, PrimeField32};

use crate::arch::{EXECUTION_BUS, MEMORY_BUS, PROGRAM_BUS};
use crate::stark::{AirRef, Bus, BusKind, F, MAX_DEGREE, SymbolicAir, SymbolicMessage, Widths};

use super::error::FusionError;
use super::expr::{Linear, Sum, Var};

/// A message of an AIR, or of a block.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Message {
    /// Name of the bus.
    pub(super) bus: String,
    /// Fields of the message.
    pub(super) fields: Vec<Sum>,
    /// Multiplicity.
    pub(super) count: Sum,
}

/// An AIR whose rows are single steps of execution, as normal forms over its columns.
#[derive(Clone, Debug)]
pub(super) struct Template {
    /// Name of the AIR.
    pub(super) name: String,
    /// Names of the columns.
    pub(super) columns: Vec<String>,
    /// Constraints: each is 0 on every row.
    pub(super) constraints: Vec<Sum>,
    /// All messages.
    pub(super) messages: Vec<Message>,
    /// Columns that the constraints prove boolean.
    pub(super) booleans: BTreeSet<Var>,
    /// Index of the message that queries the instruction.
    pub(super) program: usize,
    /// Indices of the messages that receive the state before the step and send the state after it.
    pub(super) step: (usize, usize),
    /// Number of ticks of the step.
    pub(super) ticks: u32,
    /// Indices of the messages of each memory access: the receive and the send.
    pub(super) accesses: Vec<(usize, usize)>,
}

/// Returns the boolean column if a constraint says that a column is boolean.
fn boolean(constraint: &Sum) -> Option<Var> {
    let [(coefficient, factors)] = &constraint.products[..] else { return None };
    let (x, y) = (factors.0.as_linear()?, factors.1.as_linear()?);
    // x·(x − 1), or x·x − x.
    let (var, other) = if let Some(var) = x.as_var() { (var, y) } else { (y.as_var()?, x) };
    let linear = constraint.linear.plus(*coefficient * other.constant, &Linear::var(var));
    let is_boolean = other.coefficient(var) == F::ONE
        && other.terms.len() == 1
        && linear.constant == F::ZERO
        && linear == Linear::var(var).times(-*coefficient);
    is_boolean.then_some(var)
}

impl Template {
    /// Converts the AIR of an executor.
    ///
    /// Only AIRs are converted whose rows are independent and whose messages are understood: a row is one step of execution
    /// that makes its accesses to memory itself, and whose other messages query tables.
    ///
    /// # Errors
    /// [`FusionError::NotFusable`] for all other AIRs.
    pub(super) fn new(air: &AirRef, buses: &BTreeMap<&str, Bus>) -> Result<Self, FusionError> {
        let refuse = |reason| FusionError::NotFusable { air: air.name(), reason };
        let symbolic = SymbolicAir::record(&**air);
        let widths = Widths::of(&**air);
        if widths.preprocessed > 0 || widths.public_values > 0 || symbolic.reads_position() {
            return Err(refuse("its rows are not independent"));
        }
        // Fusion comes before the checks of key generation, and relies on these.
        let fits = |message: &SymbolicMessage| {
            buses.get(message.bus.as_str()).is_some_and(|bus| bus.arity == message.fields.len())
        };
        if !symbolic.messages.iter().all(fits) {
            return Err(refuse("its messages do not fit their buses"));
        }
        let exprs = symbolic.messages.iter().flat_map(SymbolicMessage::exprs);
        if symbolic.constraints.iter().chain(exprs).any(|expr| expr.degree_multiple() > MAX_DEGREE) {
            return Err(refuse("its degree is too high"));
        }
        let mut seen = HashMap::new();
        let mut convert = |expr| Sum::from_expr(expr, &mut seen).ok_or_else(|| refuse("its rows are not independent"));
        let constraints = symbolic.constraints.iter().map(&mut convert).collect::<Result<Vec<_>, _>>()?;
        let mut messages = Vec::new();
        for message in &symbolic.messages {
            let fields = message.fields.iter().map(&mut convert).collect::<Result<_, _>>()?;
            messages.push(Message { bus: message.bus.clone(), fields, count: convert(&message.count)? });
        }
        let on = |bus: &str| (0..messages.len()).filter(|i| messages[*i].bus == bus).collect::<Vec<_>>();
        let [program] = on(PROGRAM_BUS.name)[..] else { return Err(refuse("it does not query one instruction")) };
        let count = &messages[program].count;
        let negated = count.times(-F::ONE);
        let is_receive = |index: usize| messages[index].count == negated;
        let is_send = |index: usize| messages[index].count == *count;
        let step = match on(EXECUTION_BUS.name)[..] {
            [a, b] if is_receive(a) && is_send(b) => (a, b),
            [a, b] if is_send(a) && is_receive(b) => (b, a),
            _ => return Err(refuse("it is not one step of execution")),
        };
        // The machine's audit has shown that it is a constant.
        let time = |index: usize| messages[index].fields[1].clone();
        let ticks = time(step.1).plus(-F::ONE, &time(step.0)).as_constant();
        let ticks = ticks.ok_or_else(|| refuse("its time does not advance by a constant"))?.as_canonical_u32();
        let mut accesses = Vec::new();
        for pair in on(MEMORY_BUS.name).chunks(2) {
            match *pair {
                [receive, send]
                    if is_receive(receive)
                        && is_send(send)
                        && messages[receive].fields[..2] == messages[send].fields[..2] =>
                {
                    accesses.push((receive, send));
                }
                _ => return Err(refuse("it accesses memory in another way")),
            }
        }
        for (message, recorded) in messages.iter().zip(&symbolic.messages) {
            let known = [PROGRAM_BUS.name, EXECUTION_BUS.name, MEMORY_BUS.name].contains(&message.bus.as_str());
            let is_query = buses.get(message.bus.as_str()).is_some_and(|bus| bus.kind == BusKind::Lookup)
                && recorded.weight == 1
                && message.count == *count;
            if !known && !is_query {
                return Err(refuse("it has messages other than steps, accesses and queries of every row"));
            }
        }
        let booleans = constraints.iter().filter_map(boolean).collect();
        let (name, columns) = (air.name(), air.column_names());
        Ok(Self { name, columns, constraints, messages, booleans, program, step, ticks, accesses })
    }
}
