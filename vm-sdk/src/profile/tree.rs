//! The tree of calls: what was executed in which function, by which callers it was reached.

use std::ops::{Add, AddAssign};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use vm_core::machine::RowCost;

/// Greatest number of callers of a node. Deeper calls are nodes at this depth, without the callers in between.
const MAX_DEPTH: u32 = 256;
/// Greatest number of nodes. Further calls are nodes without callers.
const MAX_NODES: usize = 1 << 20;

/// What a part of a run has executed, and what it costs in a proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Number of instructions.
    pub instructions: u64,
    /// Rows of these instructions.
    pub rows: RowCost,
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { instructions: self.instructions + other.instructions, rows: self.rows + other.rows }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Kind of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FrameKind {
    /// A function that is called.
    Function,
    /// A function that the compiler has inlined.
    Inlined,
    /// A span that the guest has named.
    Span,
}

/// A function or span in which instructions were executed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Frame {
    /// Name as in the source, or the address of a function without a name. Of inlined functions, files with line tables only
    /// have the name without the path.
    pub name: String,
    /// Kind.
    pub kind: FrameKind,
}

/// Number of a frame.
pub type FrameId = u32;
/// Number of a node. A caller has a smaller number than what it calls.
pub type NodeId = u32;

/// A frame that was reached through certain callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The frame.
    pub frame: FrameId,
    /// The caller; `None` for the start of the program.
    pub parent: Option<NodeId>,
    /// Number of callers.
    pub depth: u32,
    /// Number of calls. Executions of inlined functions are not counted.
    pub calls: u64,
    /// What was executed in the frame itself.
    pub own: Counts,
}

/// All frames of a run, by their callers.
#[derive(Clone, Debug, Default)]
pub struct CallTree {
    frames: Vec<Frame>,
    frame_ids: FxHashMap<Frame, FrameId>,
    nodes: Vec<Node>,
    children: FxHashMap<(Option<NodeId>, FrameId), NodeId>,
    is_cut: bool,
}

impl CallTree {
    /// Returns the number of a frame, a new one if it is not known yet.
    pub(super) fn frame(&mut self, name: &str, kind: FrameKind) -> FrameId {
        // Names of spans are made by the guest.
        let name = if self.frames.len() < MAX_NODES { name } else { "(others)" };
        let frame = Frame { name: name.to_owned(), kind };
        *self.frame_ids.entry(frame).or_insert_with_key(|frame| {
            self.frames.push(frame.clone());
            (self.frames.len() - 1) as FrameId
        })
    }

    /// Returns the node of a frame with this caller.
    pub(super) fn child(&mut self, parent: Option<NodeId>, frame: FrameId) -> NodeId {
        if let Some(node) = self.children.get(&(parent, frame)) {
            return *node;
        }
        let is_deep = |node: NodeId| self.nodes[node as usize].depth >= MAX_DEPTH;
        let (parent, depth) = match parent {
            Some(parent) if self.nodes.len() < MAX_NODES => {
                let is_cut = is_deep(parent);
                self.is_cut |= is_cut;
                let parent = if is_cut { self.nodes[parent as usize].parent } else { Some(parent) };
                (parent, parent.map_or(0, |parent| self.nodes[parent as usize].depth + 1))
            }
            other => {
                self.is_cut |= other.is_some();
                (None, 0)
            }
        };
        let nodes = &mut self.nodes;
        *self.children.entry((parent, frame)).or_insert_with(|| {
            nodes.push(Node { frame, parent, depth, calls: 0, own: Counts::default() });
            (nodes.len() - 1) as NodeId
        })
    }

    pub(super) fn node_mut(&mut self, node: NodeId) -> &mut Node {
        &mut self.nodes[node as usize]
    }

    /// Returns all nodes. Callers come before what they call.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Returns all frames.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// Returns the frame of a node.
    pub fn frame_of(&self, node: &Node) -> &Frame {
        &self.frames[node.frame as usize]
    }

    /// Returns a node and its callers, the innermost first.
    pub fn path(&self, node: NodeId) -> impl Iterator<Item = &Node> {
        let node = self.nodes.get(node as usize);
        std::iter::successors(node, |node| self.nodes.get(node.parent? as usize))
    }

    /// Returns whether callers are missing, because calls were too deep or too many.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Returns what was executed in each node and in what it calls.
    pub fn totals(&self) -> Vec<Counts> {
        let mut totals: Vec<Counts> = self.nodes.iter().map(|node| node.own).collect();
        for (index, node) in self.nodes.iter().enumerate().rev() {
            if let Some(parent) = node.parent {
                let total = totals[index];
                totals[parent as usize] += total;
            }
        }
        totals
    }

    /// Sums nodes by their frames, in the order of [`Self::frames`].
    pub fn by_frame(&self) -> Vec<FrameCounts> {
        let totals = self.totals();
        let mut sums = vec![FrameCounts::default(); self.frames.len()];
        let mut edges: FxHashMap<(FrameId, FrameId), Edge> = FxHashMap::default();
        let mut outer: FxHashSet<FrameId> = FxHashSet::default();
        for (index, node) in self.nodes.iter().enumerate() {
            outer.clear();
            outer.extend(self.path(index as NodeId).skip(1).map(|node| node.frame));
            let (frame, total) = (node.frame, totals[index]);
            let sum = &mut sums[frame as usize];
            sum.own += node.own;
            sum.calls += node.calls;
            // What a recursive function calls is a part of its outermost call already.
            let is_outermost = !outer.contains(&frame);
            if is_outermost {
                sum.total += total;
            }
            if let Some(parent) = node.parent {
                let edge = edges.entry((self.nodes[parent as usize].frame, frame)).or_default();
                edge.calls += node.calls;
                if is_outermost {
                    edge.total += total;
                }
            }
        }
        for ((caller, frame), edge) in edges {
            sums[frame as usize].callers.push(Edge { caller, ..edge });
        }
        for sum in &mut sums {
            sum.callers.sort_by_key(|edge| (std::cmp::Reverse((edge.total.rows.total(), edge.calls)), edge.caller));
        }
        sums
    }
}

/// Sum over the nodes of a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameCounts {
    /// Number of calls.
    pub calls: u64,
    /// What was executed in the frame itself.
    pub own: Counts,
    /// What was executed in the frame and in what it calls. Recursive calls count once.
    pub total: Counts,
    /// The direct callers, those with the greatest cost first.
    pub callers: Vec<Edge>,
}

/// Calls of a frame by one caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    /// The caller.
    pub caller: FrameId,
    /// Number of calls.
    pub calls: u64,
    /// What was executed in these calls, without recursive ones.
    pub total: Counts,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instructions(count: u64) -> Counts {
        Counts { instructions: count, ..Counts::default() }
    }

    #[test]
    fn recursive_calls_count_once() {
        let mut tree = CallTree::default();
        let [main, f] = ["main", "f"].map(|name| tree.frame(name, FrameKind::Function));
        let mut node = tree.child(None, main);
        for _ in 0..3 {
            tree.node_mut(node).own += instructions(10);
            node = tree.child(Some(node), f);
            tree.node_mut(node).calls += 1;
        }
        tree.node_mut(node).own += instructions(10);
        let sums = tree.by_frame();
        assert_eq!((sums[0].own, sums[0].total), (instructions(10), instructions(40)));
        assert_eq!((sums[1].own, sums[1].total, sums[1].calls), (instructions(30), instructions(30), 3));
        let callers: Vec<_> = sums[1].callers.iter().map(|edge| (edge.caller, edge.calls, edge.total)).collect();
        assert_eq!(callers, [(f, 2, instructions(0)), (main, 1, instructions(30))]);
    }

    #[test]
    fn deep_calls_lose_callers_but_no_counts() {
        let mut tree = CallTree::default();
        let frames = [tree.frame("even", FrameKind::Function), tree.frame("odd", FrameKind::Function)];
        let mut node = tree.child(None, frames[0]);
        for call in 1..1000 {
            node = tree.child(Some(node), frames[call % 2]);
            tree.node_mut(node).own += instructions(1);
        }
        assert!(tree.is_cut());
        assert!(tree.nodes().len() < 300);
        let sums = tree.by_frame();
        assert_eq!((sums[0].own, sums[1].own), (instructions(499), instructions(500)));
    }
}
