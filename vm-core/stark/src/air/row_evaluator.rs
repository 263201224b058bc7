//! Evaluation of an AIR on single rows.

use p3_field::Field;

use super::field::F;
use super::symbolic::{SymbolicAir, SymbolicMessage};
use super::tape::{RowValues, Tape};

/// A message of one concrete row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowMessage {
    /// Index of the message in the AIR, in the order of `push_interaction` calls.
    pub interaction: u32,
    /// Index of its first field in [`RowResult::fields`].
    pub start: u32,
    /// Number of fields.
    pub len: u32,
    /// Multiplicity: positive for sends and queries, negative for receives and provided entries.
    pub count: F,
}

/// What an AIR says about one concrete row. Messages with multiplicity 0 are left out.
#[derive(Clone, Debug, Default)]
pub struct RowResult {
    /// Fields of all messages, one message after the other.
    pub fields: Vec<F>,
    /// Messages of the row, in the order of the AIR.
    pub messages: Vec<RowMessage>,
    /// Index and value of every constraint whose value is not zero.
    pub failures: Vec<(u32, F)>,
    registers: Vec<F>,
}

impl RowResult {
    /// Returns the fields of a message.
    ///
    /// # Panics
    ///
    /// May panic if the message is not one of this row.
    pub fn fields_of(&self, message: &RowMessage) -> &[F] {
        &self.fields[message.start as usize..(message.start + message.len) as usize]
    }
}

/// Evaluates the constraints and messages of an AIR on single rows.
#[derive(Clone, Debug)]
pub struct RowEvaluator {
    constraints: Tape,
    /// The fields and the multiplicity of each message.
    messages: Tape,
    /// Number of fields of each message.
    lengths: Vec<usize>,
}

impl RowEvaluator {
    /// Compiles an AIR.
    pub fn new(symbolic: &SymbolicAir) -> Self {
        Self {
            constraints: Tape::new(&symbolic.constraints),
            messages: Tape::new(symbolic.messages.iter().flat_map(SymbolicMessage::exprs)),
            lengths: symbolic.messages.iter().map(|message| message.fields.len()).collect(),
        }
    }

    /// Evaluates a row. `result` is overwritten.
    ///
    /// # Panics
    ///
    /// Panics if the AIR reads a column or a public value that is missing.
    pub fn eval(&self, row: &RowValues<'_>, result: &mut RowResult) {
        let RowResult { fields, messages, failures, registers } = result;
        failures.clear();
        let mut constraint = 0;
        let visit_constraint = |value: F| {
            if !value.is_zero() {
                failures.push((constraint, value));
            }
            constraint += 1;
        };
        self.constraints.eval(|input| row.get(input), registers, visit_constraint);
        fields.clear();
        messages.clear();
        let mut start = 0;
        let mut lengths = (0..).zip(&self.lengths);
        let mut current = lengths.next();
        let visit_message = |value: F| {
            let Some((interaction, &len)) = current else { return };
            if fields.len() < start + len {
                fields.push(value);
                return;
            }
            // After the fields comes the multiplicity.
            if value.is_zero() {
                fields.truncate(start);
            } else {
                messages.push(RowMessage { interaction, start: start as u32, len: len as u32, count: value });
                start = fields.len();
            }
            current = lengths.next();
        };
        self.messages.eval(|input| row.get(input), registers, visit_message);
    }
}
