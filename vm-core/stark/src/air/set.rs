//! The AIRs and buses of a machine: all that the proof backend knows of it.

use super::any_air::AirRef;
use super::bus::Bus;

/// All AIRs and buses of a machine.
#[derive(Clone, Default)]
pub struct AirSet {
    /// AIRs, in the order of keys, proofs and reports. Names are unique.
    pub airs: Vec<AirRef>,
    /// Buses that the AIRs may use. Names are unique.
    pub buses: Vec<Bus>,
}

impl AirSet {
    /// Makes a set of AIRs and buses. Checks nothing: key generation does.
    pub fn new(airs: Vec<AirRef>, buses: Vec<Bus>) -> Self {
        Self { airs, buses }
    }

    /// Returns the index of the AIR with this name, or `None` if there is none.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.airs.iter().position(|air| air.name() == name)
    }
}
