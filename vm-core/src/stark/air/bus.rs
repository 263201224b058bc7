//! Bus declarations: one arity and one kind per bus name.

use p3_lookup::{Count, InteractionBuilder};
use serde::{Deserialize, Serialize};

/// What balances on a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BusKind {
    /// Sends equal receives as multisets. Every count is proven boolean and weighs 1.
    Permutation,
    /// One table provides entries with free multiplicities; queries are proven boolean and weigh 1.
    Lookup,
}

/// A named channel between AIRs. Key generation refuses messages of another arity, unknown bus names, providers on a
/// permutation bus and a second providing AIR on a lookup bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bus {
    /// Unique name; part of every message's fingerprint.
    pub name: &'static str,
    /// Number of field elements per message.
    pub arity: usize,
    /// Kind.
    pub kind: BusKind,
}

impl Bus {
    /// Declares a permutation bus.
    pub const fn permutation(name: &'static str, arity: usize) -> Self {
        Self { name, arity, kind: BusKind::Permutation }
    }

    /// Declares a lookup bus.
    pub const fn lookup(name: &'static str, arity: usize) -> Self {
        Self { name, arity, kind: BusKind::Lookup }
    }

    /// Sends a message `count` times; `count` must be proven boolean by the AIR.
    #[inline]
    pub fn send<AB, E>(&self, builder: &mut AB, fields: impl IntoIterator<Item = E>, count: impl Into<AB::Expr>)
    where
        AB: InteractionBuilder,
        E: Into<AB::Expr>,
    {
        builder.push_interaction(self.name, fields, Count::bounded(count.into(), 1));
    }

    /// Receives a message `count` times; `count` must be proven boolean by the AIR.
    #[inline]
    pub fn receive<AB, E>(&self, builder: &mut AB, fields: impl IntoIterator<Item = E>, count: impl Into<AB::Expr>)
    where
        AB: InteractionBuilder,
        E: Into<AB::Expr>,
    {
        builder.push_interaction(self.name, fields, Count::bounded(-count.into(), 1));
    }

    /// Asks the table for `key`, `count` times; `count` must be proven boolean by the AIR.
    #[inline]
    pub fn query<AB, E>(&self, builder: &mut AB, key: impl IntoIterator<Item = E>, count: impl Into<AB::Expr>)
    where
        AB: InteractionBuilder,
        E: Into<AB::Expr>,
    {
        builder.push_interaction(self.name, key, Count::bounded(count.into(), 1));
    }

    /// Provides a table entry with a free multiplicity. The row's constraints must hold ungated on every row.
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
