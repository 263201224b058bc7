//! Buses: their declarations and their messages.

use p3_lookup::{Count, InteractionBuilder};
use serde::{Deserialize, Serialize};

/// How the messages of a bus must balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BusKind {
    /// The messages sent and the messages received are equal as multisets. Every multiplicity is proven boolean and has
    /// weight 1.
    Permutation,
    /// One AIR provides entries with arbitrary multiplicities, and others query them. The multiplicities of queries are
    /// proven boolean and have weight 1.
    Lookup,
}

/// A named channel between AIRs.
///
/// Key generation rejects messages of another arity, messages on undeclared buses, provided entries on a permutation
/// bus, and a lookup bus on which two AIRs provide entries, or on which there are queries only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bus {
    /// Name, unique within a machine. It is part of every message's fingerprint.
    pub name: &'static str,
    /// Number of field elements per message.
    pub arity: usize,
    /// Whether messages are sent and received, or queried and provided.
    pub kind: BusKind,
    /// Whether several extensions may declare the bus; see [`Self::shared`].
    pub is_shared: bool,
}

impl Bus {
    /// Declares a permutation bus.
    pub const fn permutation(name: &'static str, arity: usize) -> Self {
        Self { name, arity, kind: BusKind::Permutation, is_shared: false }
    }

    /// Declares a lookup bus.
    pub const fn lookup(name: &'static str, arity: usize) -> Self {
        Self { name, arity, kind: BusKind::Lookup, is_shared: false }
    }

    /// Returns the declaration of a bus that several extensions use together. All of them declare it like this.
    ///
    /// Soundness (M37): a permutation bus belongs to the extension that declares it. On a bus that several extensions
    /// declare, rows of one can answer requests of another. So they must be written for each other.
    pub const fn shared(self) -> Self {
        Self { is_shared: true, ..self }
    }

    /// Sends a message with multiplicity `count`, which the AIR must prove boolean.
    #[inline]
    pub fn send<AB, E>(&self, builder: &mut AB, fields: impl IntoIterator<Item = E>, count: impl Into<AB::Expr>)
    where
        AB: InteractionBuilder,
        E: Into<AB::Expr>,
    {
        builder.push_interaction(self.name, fields, Count::bounded(count.into(), 1));
    }

    /// Receives a message with multiplicity `count`, which the AIR must prove boolean.
    #[inline]
    pub fn receive<AB, E>(&self, builder: &mut AB, fields: impl IntoIterator<Item = E>, count: impl Into<AB::Expr>)
    where
        AB: InteractionBuilder,
        E: Into<AB::Expr>,
    {
        builder.push_interaction(self.name, fields, Count::bounded(-count.into(), 1));
    }

    /// Queries the entry `key` with multiplicity `count`, which the AIR must prove boolean.
    #[inline]
    pub fn query<AB, E>(&self, builder: &mut AB, key: impl IntoIterator<Item = E>, count: impl Into<AB::Expr>)
    where
        AB: InteractionBuilder,
        E: Into<AB::Expr>,
    {
        builder.push_interaction(self.name, key, Count::bounded(count.into(), 1));
    }

    /// Provides a table entry with an arbitrary multiplicity.
    ///
    /// Soundness: the constraints that make the entry a true statement must hold on every row. No selector may switch
    /// them off, since a padding row could provide entries too.
    #[inline]
    pub fn provide<AB, E>(
        &self,
        builder: &mut AB,
        entry: impl IntoIterator<Item = E>,
        multiplicity: impl Into<AB::Expr>,
    ) where
        AB: InteractionBuilder,
        E: Into<AB::Expr>,
    {
        builder.push_interaction(self.name, entry, Count::provided(-multiplicity.into()));
    }
}
