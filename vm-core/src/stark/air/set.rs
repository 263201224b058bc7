//! A machine as the proof backend sees it: AIRs in key order and the buses that connect them.

use super::any_air::AirRef;
use super::bus::Bus;

/// All AIRs and buses of a machine. The order of `airs` is the order of the key, of proofs and of reports.
#[derive(Clone, Default)]
pub struct AirSet {
    /// AIRs, in key order. Names are unique.
    pub airs: Vec<AirRef>,
    /// Buses that the AIRs may speak on. Names are unique.
    pub buses: Vec<Bus>,
}

impl AirSet {
    /// A machine of these AIRs and buses. Key generation checks it.
    pub fn new(airs: Vec<AirRef>, buses: Vec<Bus>) -> Self {
        Self { airs, buses }
    }

    /// Index of the AIR with this name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.airs.iter().position(|air| air.name() == name)
    }
}
