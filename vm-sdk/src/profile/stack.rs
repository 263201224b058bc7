//! Follows the calls of a run by a shadow stack.
//!
//! The instructions say what is a call and a return: RISC-V reserves `x1` and `x5` for return addresses, and the hints for
//! return-address stacks (The RISC-V Instruction Set Manual, "Unconditional Jumps") are what hardware goes by. A jump into
//! another function without a return address is a tail call, which replaces the function. A return goes to the innermost call
//! with that return address. If there is none, as after `longjmp`, it goes to the innermost call of the function at the
//! target.

use rustc_hash::FxHashMap;

use super::tree::{CallTree, Counts, FrameId, FrameKind, NodeId};
use crate::elf::{ChainId, InlinedFunctions};

/// Greatest height of the stack. Beyond it, the outer half is forgotten, except for the start of the program.
const MAX_HEIGHT: usize = 1 << 20;

/// What an instruction does to the stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// Nothing, or a jump.
    #[default]
    None,
    Call,
    Return,
    /// Returns and calls, as between coroutines.
    Swap,
    SpanBegin,
    SpanEnd,
}

impl Transfer {
    /// Returns what an instruction word does, by the hints for return-address stacks.
    pub(crate) fn of_word(word: u32) -> Self {
        let is_link = |register: u32| register == 1 || register == 5;
        let (rd, rs1) = (word >> 7 & 31, word >> 15 & 31);
        match word & 0x7f {
            0x6f if is_link(rd) => Self::Call,
            0x67 if word >> 12 & 7 == 0 => match (is_link(rd), is_link(rs1)) {
                (false, false) => Self::None,
                (false, true) => Self::Return,
                (true, true) if rd != rs1 => Self::Swap,
                (true, _) => Self::Call,
            },
            _ => Self::None,
        }
    }
}

/// A function of the program; `None` for code without a symbol.
pub(crate) type Function = Option<u32>;

/// An instruction of the program.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slot {
    pub(crate) pc: u32,
    pub(crate) function: Function,
    pub(crate) transfer: Transfer,
    /// Functions that are inlined there.
    pub(crate) chain: ChainId,
}

/// A call or a span that has not ended.
#[derive(Clone, Copy, Debug)]
struct Entry {
    node: NodeId,
    function: Function,
    /// Return address of a call. Spans and the start of the program have none.
    return_to: Option<u32>,
    /// For spans: the functions that are inlined where the span began.
    span: Option<ChainId>,
}

/// How the next instruction is reached.
#[derive(Clone, Copy, Debug, Default)]
enum Arrival {
    #[default]
    Next,
    /// By a call with this return address.
    Call(u32),
    /// By a return to an address where no call returns to.
    Lost,
}

/// Names of what the stack has.
pub(crate) trait Names {
    /// Returns the name of a function.
    fn function(&self, function: u32) -> String;
    /// Returns the inlined functions.
    fn inlined(&self) -> &InlinedFunctions;
}

/// The stack, with the tree that results.
pub(crate) struct ShadowStack<N> {
    names: N,
    tree: CallTree,
    /// The start of the program is the first entry, so there is always one that is no span.
    entries: Vec<Entry>,
    arrival: Arrival,
    /// Node of the last instruction.
    leaf: NodeId,
    /// Nodes of the innermost inlined functions, by the node of the entry and the chain.
    leaves: FxHashMap<(NodeId, ChainId), NodeId>,
    functions: FxHashMap<u32, FrameId>,
}

impl<N: Names> ShadowStack<N> {
    /// Creates the stack for a run that starts at an instruction.
    pub(crate) fn new(names: N, start: &Slot) -> Self {
        let mut stack = Self {
            names,
            tree: CallTree::default(),
            entries: Vec::new(),
            arrival: Arrival::Next,
            leaf: 0,
            leaves: FxHashMap::default(),
            functions: FxHashMap::default(),
        };
        stack.enter(None, start, None);
        stack
    }

    /// Returns the calls that have not ended, the innermost first: their functions and return addresses.
    pub(crate) fn open_calls(&self) -> Vec<(Function, Option<u32>)> {
        let calls = self.entries.iter().rev().filter(|entry| entry.span.is_none());
        calls.map(|entry| (entry.function, entry.return_to)).collect()
    }

    pub(crate) fn into_tree(self) -> CallTree {
        self.tree
    }

    /// Follows one instruction. `next_pc` is the instruction after it. `span` returns the name of a span that begins.
    pub(crate) fn step(&mut self, slot: &Slot, next_pc: u32, counts: Counts, span: impl FnOnce() -> String) {
        match std::mem::take(&mut self.arrival) {
            Arrival::Next => {}
            Arrival::Call(return_to) => self.enter(Some(self.leaf), slot, Some(return_to)),
            Arrival::Lost => self.find(slot.function),
        }
        let current = self.current();
        if slot.function.is_some() && self.entries[current].function != slot.function {
            // A tail call.
            let Entry { node, return_to, .. } = self.entries[current];
            self.entries.truncate(current);
            self.enter(self.tree.nodes()[node as usize].parent, slot, return_to);
        }
        self.leaf = self.leaf_of(slot.chain);
        self.tree.node_mut(self.leaf).own += counts;
        match slot.transfer {
            Transfer::None => {}
            Transfer::Call => self.arrival = Arrival::Call(slot.pc.wrapping_add(4)),
            Transfer::Return => self.leave(next_pc),
            Transfer::Swap => {
                let current = self.current();
                self.entries.truncate(current.max(1));
                self.arrival = Arrival::Call(slot.pc.wrapping_add(4));
            }
            Transfer::SpanBegin => self.begin(slot, &span()),
            Transfer::SpanEnd => {
                if let Some(last) = self.entries.iter().rposition(|entry| entry.span.is_some()) {
                    self.entries.remove(last);
                }
            }
        }
    }

    /// Returns the index of the innermost call.
    fn current(&self) -> usize {
        self.entries.iter().rposition(|entry| entry.span.is_none()).unwrap_or(0)
    }

    /// Enters the function of an instruction.
    fn enter(&mut self, parent: Option<NodeId>, slot: &Slot, return_to: Option<u32>) {
        if self.entries.len() >= MAX_HEIGHT {
            self.entries.drain(1..MAX_HEIGHT / 2);
        }
        let frame = match slot.function {
            Some(function) => match self.functions.get(&function) {
                Some(frame) => *frame,
                None => {
                    let frame = self.tree.frame(&self.names.function(function), FrameKind::Function);
                    self.functions.insert(function, frame);
                    frame
                }
            },
            None => self.tree.frame(&format!("{:#010x}", slot.pc), FrameKind::Function),
        };
        let node = self.tree.child(parent, frame);
        self.tree.node_mut(node).calls += 1;
        self.entries.push(Entry { node, function: slot.function, return_to, span: None });
    }

    /// Ends the innermost call that returns to an address, and all calls in it.
    fn leave(&mut self, next_pc: u32) {
        match self.entries.iter().rposition(|entry| entry.return_to == Some(next_pc)) {
            Some(index) => self.entries.truncate(index.max(1)),
            None => self.arrival = Arrival::Lost,
        }
    }

    /// Ends all calls in the innermost call of a function, if there is one.
    fn find(&mut self, function: Function) {
        let entries = self.entries.iter();
        let found = entries.rev().position(|entry| entry.function == function && entry.span.is_none());
        if let Some(above) = found.filter(|_| function.is_some()) {
            // The spans of that function are still open.
            let mut height = self.entries.len() - above;
            while self.entries.get(height).is_some_and(|entry| entry.span.is_some()) {
                height += 1;
            }
            self.entries.truncate(height);
        }
    }

    /// Begins a span in the function of an instruction.
    fn begin(&mut self, slot: &Slot, name: &str) {
        let chain = self.span_chain(slot.chain);
        let parent = self.leaf_of(chain);
        let frame = self.tree.frame(name, FrameKind::Span);
        let node = self.tree.child(Some(parent), frame);
        self.tree.node_mut(node).calls += 1;
        if self.entries.len() < MAX_HEIGHT {
            let function = self.entries[self.current()].function;
            self.entries.push(Entry { node, function, return_to: None, span: Some(chain) });
        }
    }

    /// Returns the functions that are inlined around a call of `vm_guest::span!` or `vm_span_begin`, without those in which
    /// it consists.
    fn span_chain(&self, chain: ChainId) -> ChainId {
        let inlined = self.names.inlined();
        let mut chain = chain;
        let ends_with = |chain: ChainId, names: &[&str]| {
            let last = inlined.functions(chain).last().and_then(|last| last.rsplit("::").next());
            last.is_some_and(|last| names.contains(&last))
        };
        if ends_with(chain, &["span_begin", "vm_span_begin"]) {
            chain = inlined.outer(chain);
            if ends_with(chain, &["begin"]) {
                chain = inlined.outer(chain);
            }
        }
        chain
    }

    /// Returns the node of the innermost function that is inlined at an instruction of the innermost call or span.
    fn leaf_of(&mut self, chain: ChainId) -> NodeId {
        let Some(Entry { node, span, .. }) = self.entries.last().copied() else { return self.leaf };
        if chain == 0 {
            return node;
        }
        if let Some(leaf) = self.leaves.get(&(node, chain)) {
            return *leaf;
        }
        let functions = self.names.inlined().functions(chain);
        // What is around a span is around its node.
        let around = self.names.inlined().functions(span.unwrap_or(0));
        let common = functions.iter().zip(&around).take_while(|(one, other)| one == other).count();
        let leaf = functions[common..].iter().fold(node, |node, name| {
            let frame = self.tree.frame(name, FrameKind::Inlined);
            self.tree.child(Some(node), frame)
        });
        self.leaves.insert((node, chain), leaf);
        leaf
    }
}

#[cfg(test)]
mod tests;
