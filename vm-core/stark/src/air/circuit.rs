//! AIRs as data: what keys contain, so that a verifier needs no code of the machine.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr, SymbolicVariable};
use p3_blake3::Blake3;
use p3_symmetric::CryptographicHasher;
use serde::{Deserialize, Serialize};
#[cfg(feature = "std")]
use {super::any_air::AnyAir, super::symbolic::SymbolicAir, rustc_hash::FxHashMap};

use super::field::F;
use super::symbolic::{Expr, SymbolicMessage};
use super::tape::Input;

/// Degree that stands for all larger ones. No AIR has it, but the file of a key may claim one.
const MAX_COUNTED_DEGREE: usize = 64;

/// A node of a graph of expressions. Operands are indices of nodes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Node {
    Constant(F),
    Input(Input),
    Add(u32, u32),
    Sub(u32, u32),
    Mul(u32, u32),
    Neg(u32),
}

impl Node {
    pub(super) fn operands(self) -> impl Iterator<Item = usize> {
        let (x, y) = match self {
            Self::Constant(_) | Self::Input(_) => (None, None),
            Self::Add(x, y) | Self::Sub(x, y) | Self::Mul(x, y) => (Some(x), Some(y)),
            Self::Neg(x) => (Some(x), None),
        };
        x.into_iter().chain(y).map(|index| index as usize)
    }
}

/// A list of expressions as a graph in which equal nodes are one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExprGraph {
    pub(super) nodes: Vec<Node>,
    /// The node of each expression.
    pub(super) outputs: Vec<u32>,
}

impl ExprGraph {
    /// Makes the graph of expressions. Their order, and nothing else, determines the order of the nodes.
    #[cfg(feature = "std")]
    pub fn new<'e>(exprs: impl IntoIterator<Item = &'e Expr>) -> Self {
        let mut builder = GraphBuilder::default();
        let outputs = exprs.into_iter().map(|expr| builder.add_expr(expr)).collect();
        Self { nodes: builder.nodes, outputs }
    }

    /// Returns the expressions. They share nodes as the graph does.
    ///
    /// # Panics
    ///
    /// Panics if a node refers to one that is not before it, which [`Circuit::is_well_formed`] excludes.
    fn exprs(&self) -> Vec<Expr> {
        let mut built: Vec<Arc<Expr>> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let operand = |index: u32| built[index as usize].clone();
            // Operators of the library may simplify, so they would not give back what was recorded.
            let expr = match *node {
                Node::Constant(value) => Expr::Leaf(BaseLeaf::Constant(value)),
                Node::Input(input) => Expr::Leaf(leaf(input)),
                Node::Add(x, y) => {
                    let (x, y) = (operand(x), operand(y));
                    let degree_multiple = x.degree_multiple().max(y.degree_multiple());
                    SymbolicExpr::Add { x, y, degree_multiple }
                }
                Node::Sub(x, y) => {
                    let (x, y) = (operand(x), operand(y));
                    let degree_multiple = x.degree_multiple().max(y.degree_multiple());
                    SymbolicExpr::Sub { x, y, degree_multiple }
                }
                Node::Mul(x, y) => {
                    let (x, y) = (operand(x), operand(y));
                    let degree_multiple = x.degree_multiple().saturating_add(y.degree_multiple());
                    SymbolicExpr::Mul { x, y, degree_multiple }
                }
                Node::Neg(x) => {
                    let x = operand(x);
                    let degree_multiple = x.degree_multiple();
                    SymbolicExpr::Neg { x, degree_multiple }
                }
            };
            built.push(Arc::new(expr));
        }
        self.outputs.iter().map(|&output| (*built[output as usize]).clone()).collect()
    }

    /// Returns the degree of each expression in one variable of a multilinear sumcheck, at most [`MAX_COUNTED_DEGREE`]. Row
    /// selectors count, too.
    ///
    /// # Panics
    ///
    /// May panic unless the graph [is well-formed](Circuit::is_well_formed).
    pub(crate) fn degrees(&self) -> Vec<usize> {
        let mut degrees: Vec<usize> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let of = |index: u32| degrees[index as usize];
            degrees.push(match *node {
                Node::Constant(_) | Node::Input(Input::Public(_)) => 0,
                Node::Input(_) => 1,
                Node::Add(x, y) | Node::Sub(x, y) => of(x).max(of(y)),
                Node::Mul(x, y) => (of(x) + of(y)).min(MAX_COUNTED_DEGREE),
                Node::Neg(x) => of(x),
            });
        }
        self.outputs.iter().map(|&output| degrees[output as usize]).collect()
    }

    /// Returns whether every node refers to nodes before it, and reads what the AIR has.
    fn is_well_formed(&self, widths: &Widths) -> bool {
        let in_range = |input: Input| match input {
            Input::Main(column) | Input::MainNext(column) => column < widths.main,
            Input::Preprocessed(column) | Input::PreprocessedNext(column) => column < widths.preprocessed,
            Input::Public(index) => index < widths.public_values,
            Input::IsFirstRow | Input::IsLastRow | Input::IsTransition => true,
        };
        let reads = |node: &Node| if let Node::Input(input) = *node { in_range(input) } else { true };
        let mut nodes = self.nodes.iter().enumerate();
        nodes.all(|(index, node)| reads(node) && node.operands().all(|operand| operand < index))
            && self.outputs.iter().all(|&output| (output as usize) < self.nodes.len())
    }
}

fn leaf(input: Input) -> BaseLeaf<F> {
    let variable = |entry, index| BaseLeaf::Variable(SymbolicVariable::new(entry, index));
    match input {
        Input::Main(column) => variable(BaseEntry::Main { offset: 0 }, column),
        Input::MainNext(column) => variable(BaseEntry::Main { offset: 1 }, column),
        Input::Preprocessed(column) => variable(BaseEntry::Preprocessed { offset: 0 }, column),
        Input::PreprocessedNext(column) => variable(BaseEntry::Preprocessed { offset: 1 }, column),
        Input::Public(index) => variable(BaseEntry::Public, index),
        Input::IsFirstRow => BaseLeaf::IsFirstRow,
        Input::IsLastRow => BaseLeaf::IsLastRow,
        Input::IsTransition => BaseLeaf::IsTransition,
    }
}

/// Builds a graph node by node.
#[cfg(feature = "std")]
#[derive(Default)]
struct GraphBuilder {
    nodes: Vec<Node>,
    index: FxHashMap<Node, u32>,
    /// The nodes of shared expressions, so that each is visited once.
    seen: FxHashMap<*const Expr, u32>,
}

#[cfg(feature = "std")]
impl GraphBuilder {
    fn add(&mut self, node: Node) -> u32 {
        let next = self.nodes.len() as u32;
        let index = *self.index.entry(node).or_insert(next);
        if index == next {
            self.nodes.push(node);
        }
        index
    }

    fn add_expr(&mut self, expr: &Expr) -> u32 {
        if let Some(&index) = self.seen.get(&core::ptr::from_ref(expr)) {
            return index;
        }
        let node = match expr {
            SymbolicExpr::Leaf(leaf) => match leaf {
                BaseLeaf::Constant(value) => Node::Constant(*value),
                BaseLeaf::IsFirstRow => Node::Input(Input::IsFirstRow),
                BaseLeaf::IsLastRow => Node::Input(Input::IsLastRow),
                BaseLeaf::IsTransition => Node::Input(Input::IsTransition),
                BaseLeaf::Variable(variable) => match variable.entry {
                    BaseEntry::Main { offset: 0 } => Node::Input(Input::Main(variable.index)),
                    BaseEntry::Main { .. } => Node::Input(Input::MainNext(variable.index)),
                    BaseEntry::Preprocessed { offset: 0 } => Node::Input(Input::Preprocessed(variable.index)),
                    BaseEntry::Preprocessed { .. } => Node::Input(Input::PreprocessedNext(variable.index)),
                    BaseEntry::Public => Node::Input(Input::Public(variable.index)),
                    // Key generation rejects periodic columns before it uses any value.
                    BaseEntry::Periodic => Node::Constant(F::default()),
                },
            },
            SymbolicExpr::Add { x, y, .. } => Node::Add(self.add_expr(x), self.add_expr(y)),
            SymbolicExpr::Sub { x, y, .. } => Node::Sub(self.add_expr(x), self.add_expr(y)),
            SymbolicExpr::Mul { x, y, .. } => Node::Mul(self.add_expr(x), self.add_expr(y)),
            SymbolicExpr::Neg { x, .. } => Node::Neg(self.add_expr(x)),
        };
        let index = self.add(node);
        self.seen.insert(core::ptr::from_ref(expr), index);
        index
    }
}

/// Numbers of values that an AIR has on a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widths {
    /// Main columns.
    pub main: usize,
    /// Preprocessed columns.
    pub preprocessed: usize,
    /// Public values.
    pub public_values: usize,
}

#[cfg(feature = "std")]
impl Widths {
    /// Returns the numbers of an AIR.
    pub fn of(air: &dyn AnyAir) -> Self {
        Self { main: air.width(), preprocessed: air.preprocessed_width(), public_values: air.num_public_values() }
    }
}

/// Bus, number of fields and weight of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MessageShape {
    bus: String,
    fields: u32,
    weight: u32,
}

/// The constraints and messages of an AIR as data.
///
/// Its digest is part of the AIR's description in the key, so the key's digest covers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circuit {
    /// The constraints.
    pub(crate) constraints: ExprGraph,
    /// The multiplicity of each message, followed by its fields.
    pub(crate) messages: ExprGraph,
    shapes: Vec<MessageShape>,
}

impl Circuit {
    /// Converts a recorded AIR.
    #[cfg(feature = "std")]
    pub fn new(symbolic: &SymbolicAir) -> Self {
        let exprs = |message: &'_ SymbolicMessage| -> Vec<Expr> {
            [&message.count].into_iter().chain(&message.fields).cloned().collect()
        };
        let messages: Vec<Expr> = symbolic.messages.iter().flat_map(exprs).collect();
        let shape = |message: &SymbolicMessage| MessageShape {
            bus: message.bus.clone(),
            fields: message.fields.len() as u32,
            weight: message.weight,
        };
        Self {
            constraints: ExprGraph::new(&symbolic.constraints),
            messages: ExprGraph::new(&messages),
            shapes: symbolic.messages.iter().map(shape).collect(),
        }
    }

    /// Returns the digest: the BLAKE3 hash of the encoding, which is injective.
    pub fn digest(&self) -> [u8; 32] {
        // Plain data always serializes into memory.
        Blake3.hash_iter(postcard::to_allocvec(self).expect("circuits serialize"))
    }

    /// Returns whether this is the circuit of an AIR with these widths: nodes refer to nodes before them and read what the
    /// AIR has, and messages have as many expressions as their shapes say.
    pub fn is_well_formed(&self, widths: &Widths) -> bool {
        let exprs = self.shapes.iter().map(|shape| shape.fields as usize + 1);
        self.constraints.is_well_formed(widths)
            && self.messages.is_well_formed(widths)
            && exprs.fold(0, usize::saturating_add) == self.messages.outputs.len()
    }

    /// Returns the constraints and the messages as expressions.
    ///
    /// # Panics
    ///
    /// May panic unless the circuit [is well-formed](Self::is_well_formed).
    pub(crate) fn exprs(&self) -> (Vec<Expr>, Vec<SymbolicMessage>) {
        let mut exprs = self.messages.exprs().into_iter();
        let mut message = |shape: &MessageShape| SymbolicMessage {
            bus: shape.bus.clone(),
            count: exprs.next().expect("there is an expression for each multiplicity"),
            fields: exprs.by_ref().take(shape.fields as usize).collect(),
            weight: shape.weight,
            origin: String::new(),
        };
        let messages = self.shapes.iter().map(&mut message).collect();
        (self.constraints.exprs(), messages)
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeCharacteristicRing;

    use super::*;

    #[test]
    fn degrees_are_those_of_the_expressions() {
        let inputs =
            [Input::Main(0), Input::MainNext(1), Input::Preprocessed(0), Input::PreprocessedNext(0), Input::Public(0)];
        let selectors = [Input::IsFirstRow, Input::IsLastRow, Input::IsTransition];
        let mut nodes: Vec<Node> = inputs.into_iter().chain(selectors).map(Node::Input).collect();
        nodes.push(Node::Constant(F::TWO));
        let products = [(0, 1), (4, 2), (9, 7), (8, 3), (11, 11)];
        nodes.extend(products.map(|(x, y)| Node::Mul(x, y)));
        nodes.extend([Node::Add(0, 11), Node::Sub(13, 4), Node::Neg(13)]);
        let graph = ExprGraph { outputs: (0..nodes.len() as u32).collect(), nodes };
        let expected: Vec<usize> = graph.exprs().iter().map(|expr| expr.poly_degree(2, &[])).collect();
        assert_eq!(expected, [1, 1, 1, 1, 0, 1, 1, 1, 0, 2, 1, 3, 1, 6, 3, 6, 6]);
        assert_eq!(graph.degrees(), expected);
        // A chain of squares.
        let nodes = [Node::Input(Input::Main(0))].into_iter().chain((0..70).map(|index| Node::Mul(index, index)));
        let graph = ExprGraph { nodes: nodes.collect(), outputs: vec![70] };
        assert_eq!(graph.degrees(), [MAX_COUNTED_DEGREE]);
    }

    /// Digests of malformed circuits are not in any key that was made honestly. Without them, loading would panic.
    #[test]
    fn malformed_circuits_are_found() {
        let widths = Widths { main: 2, preprocessed: 1, public_values: 1 };
        let one = Node::Constant(F::ONE);
        let is_well_formed = |nodes: &[Node], outputs: &[u32]| {
            let graph = ExprGraph { nodes: nodes.to_vec(), outputs: outputs.to_vec() };
            let messages = ExprGraph { nodes: vec![one], outputs: vec![0, 0] };
            let shapes = vec![MessageShape { bus: "bus".into(), fields: 1, weight: 1 }];
            let as_constraints = Circuit { constraints: graph.clone(), messages, shapes }.is_well_formed(&widths);
            let shapes = vec![MessageShape { bus: "bus".into(), fields: outputs.len() as u32 - 1, weight: 1 }];
            let as_messages = Circuit { constraints: ExprGraph::default(), messages: graph, shapes };
            assert_eq!(as_messages.is_well_formed(&widths), as_constraints);
            as_constraints
        };
        assert!(is_well_formed(&[one, Node::Neg(0), Node::Mul(0, 1)], &[2, 0]));
        assert!(!is_well_formed(&[one], &[1]));
        assert!(!is_well_formed(&[Node::Neg(0)], &[0]));
        for node in [Node::Add(0, 1), Node::Sub(1, 0), Node::Mul(2, 0), Node::Neg(1)] {
            assert!(!is_well_formed(&[one, node], &[0]), "{node:?}");
        }
        for (first, input) in [
            (2, Input::Main as fn(usize) -> Input),
            (2, Input::MainNext),
            (1, Input::Preprocessed),
            (1, Input::PreprocessedNext),
            (1, Input::Public),
        ] {
            assert!(is_well_formed(&[Node::Input(input(first - 1))], &[0]));
            assert!(!is_well_formed(&[Node::Input(input(first))], &[0]), "{:?}", input(first));
        }
        let messages = ExprGraph { nodes: vec![one], outputs: vec![0, 0] };
        for fields in [0, 2, u32::MAX] {
            let shapes = vec![MessageShape { bus: "bus".into(), fields, weight: 1 }];
            let circuit = Circuit { constraints: ExprGraph::default(), messages: messages.clone(), shapes };
            assert!(!circuit.is_well_formed(&widths), "{fields}");
        }
    }
}
