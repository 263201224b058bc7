//! The messages of one AIR, with their values at random points.

use p3_field::Field;

use crate::stark::{AirRef, Expr, F, Facts, Printer, SymbolicAir, SymbolicMessage, Values};

use super::MachineError;

/// Direction of a message on a permutation bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// The multiplicity is proven boolean.
    Send,
    /// The negated multiplicity is proven boolean.
    Receive,
}

/// A row of an AIR in symbolic form.
pub(super) struct Row<'a> {
    air: &'a AirRef,
    symbolic: &'a SymbolicAir,
    pub(super) facts: Facts,
    /// Values of the fields of each message.
    fields: Vec<Vec<Values>>,
    counts: Vec<Values>,
}

impl<'a> Row<'a> {
    pub(super) fn new(air: &'a AirRef, symbolic: &'a SymbolicAir) -> Self {
        let facts = Facts::new(&**air, symbolic);
        let counts = facts.values_of(symbolic.messages.iter().map(|message| &message.count));
        let mut values = facts.values_of(symbolic.messages.iter().flat_map(|message| &message.fields)).into_iter();
        let fields = symbolic.messages.iter().map(|m| values.by_ref().take(m.fields.len()).collect()).collect();
        Self { air, symbolic, facts, fields, counts }
    }

    /// Returns the name of the AIR.
    pub(super) fn name(&self) -> String {
        self.air.name()
    }

    pub(super) fn symbolic(&self) -> &'a SymbolicAir {
        self.symbolic
    }

    /// Returns the indices of the messages on a bus.
    pub(super) fn on(&self, bus: &str) -> impl Iterator<Item = usize> + use<'_, 'a> {
        let bus = bus.to_owned();
        (0..self.symbolic.messages.len()).filter(move |index| self.symbolic.messages[*index].bus == bus)
    }

    pub(super) fn message(&self, index: usize) -> &'a SymbolicMessage {
        &self.symbolic.messages[index]
    }

    /// Returns the values of a message's fields.
    pub(super) fn fields(&self, index: usize) -> &[Values] {
        &self.fields[index]
    }

    /// Returns the values of a message's multiplicity, which is negative for a receive.
    pub(super) fn count(&self, index: usize) -> Values {
        self.counts[index]
    }

    /// Returns how often a message is sent or received: the multiplicity without its sign.
    pub(super) fn enabled(&self, index: usize) -> Result<Expr, MachineError> {
        let count = &self.message(index).count;
        Ok(match self.sign(index)? {
            Sign::Send => count.clone(),
            Sign::Receive => -count.clone(),
        })
    }

    /// Returns the direction of a message.
    ///
    /// # Errors
    /// [`MachineError::Multiplicity`] if the constraints prove neither the multiplicity nor its negation boolean.
    pub(super) fn sign(&self, index: usize) -> Result<Sign, MachineError> {
        let message = self.message(index);
        if self.facts.is_boolean(&message.count) {
            return Ok(Sign::Send);
        }
        if self.facts.is_negated_boolean(&message.count) {
            return Ok(Sign::Receive);
        }
        let (air, bus, count) = (self.name(), message.bus.clone(), self.text(&message.count));
        Err(MachineError::Multiplicity { air, bus, message: index, count })
    }

    /// Returns an expression as text, for errors.
    pub(super) fn text(&self, expr: &Expr) -> String {
        Printer::short(&**self.air, expr)
    }
}

/// Returns `a − b` if it is a constant.
pub(super) fn constant_difference(a: &Values, b: &Values) -> Option<F> {
    let difference = a[0] - b[0];
    (1..a.len()).all(|point| (a[point] - b[point] - difference).is_zero()).then_some(difference)
}
