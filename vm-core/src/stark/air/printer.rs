//! Expressions as text, with the names of columns. Large shared subexpressions are printed once and given a name.

use std::sync::Arc;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymLeaf, SymbolicExpr};
use p3_field::PrimeField32;
use rustc_hash::FxHashMap;

use super::any_air::AnyAir;
use super::field::F;
use super::symbolic::{Expr, tree_size};

/// Minimum number of tree nodes of a shared subexpression that gets a name.
const NAME_FROM: usize = 8;

/// Prints expressions of one AIR.
pub(in crate::stark) struct Printer {
    main: Vec<String>,
    preprocessed: Vec<String>,
    references: FxHashMap<*const Expr, usize>,
    sizes: FxHashMap<*const Expr, usize>,
    named: FxHashMap<*const Expr, String>,
    /// Definitions `name = expression` since the last call of [`Self::take_definitions`].
    definitions: Vec<String>,
}

impl Printer {
    /// Makes a printer for expressions of `air`. Subexpressions count as shared if they occur twice in `exprs`.
    pub(in crate::stark) fn new<'a>(air: &dyn AnyAir, exprs: impl IntoIterator<Item = &'a Expr>) -> Self {
        let mut references = FxHashMap::default();
        for expr in exprs {
            count_references(expr, &mut references);
        }
        Self {
            main: air.column_names(),
            preprocessed: air.preprocessed_column_names(),
            references,
            sizes: FxHashMap::default(),
            named: FxHashMap::default(),
            definitions: Vec::new(),
        }
    }

    /// Returns the text of one expression of `air` with its definitions, cut to a readable length.
    pub(in crate::stark) fn short(air: &dyn AnyAir, expr: &Expr) -> String {
        const LIMIT: usize = 240;
        let mut printer = Self::new(air, [expr]);
        let text = printer.print(expr);
        let defs = printer.take_definitions();
        let mut text = if defs.is_empty() { text } else { format!("{text} where {}", defs.join(", ")) };
        if text.len() > LIMIT {
            let cut = (0..=LIMIT).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
            text.truncate(cut);
            text.push('…');
        }
        text
    }

    /// Returns the text of an expression. It may use new names, which [`Self::take_definitions`] defines.
    pub(in crate::stark) fn print(&mut self, expr: &Expr) -> String {
        self.at_level(expr, 0)
    }

    /// Returns the definitions that are new since the last call, each before its first use.
    pub(in crate::stark) fn take_definitions(&mut self) -> Vec<String> {
        std::mem::take(&mut self.definitions)
    }

    /// `level`: 0 sum, 1 right side of a subtraction, 2 factor.
    fn at_level(&mut self, expr: &Expr, level: u8) -> String {
        let (text, own) = match expr {
            SymbolicExpr::Leaf(leaf) => return self.leaf(leaf),
            SymbolicExpr::Add { x, y, .. } => (format!("{} + {}", self.child(x, 0), self.child(y, 0)), 0),
            SymbolicExpr::Sub { x, y, .. } => (format!("{} - {}", self.child(x, 0), self.child(y, 1)), 0),
            SymbolicExpr::Neg { x, .. } => (format!("-{}", self.child(x, 2)), 0),
            SymbolicExpr::Mul { x, y, .. } => (format!("{}*{}", self.child(x, 2), self.child(y, 2)), 2),
        };
        if own < level { format!("({text})") } else { text }
    }

    fn child(&mut self, node: &Arc<Expr>, level: u8) -> String {
        let key = Arc::as_ptr(node);
        if let Some(name) = self.named.get(&key) {
            return name.clone();
        }
        let shared = self.references.get(&key).copied().unwrap_or(0) > 1;
        if shared && tree_size(node, &mut self.sizes) >= NAME_FROM {
            let text = self.at_level(node, 0);
            let name = format!("t{}", self.named.len());
            self.definitions.push(format!("{name} = {text}"));
            self.named.insert(key, name.clone());
            return name;
        }
        self.at_level(node, level)
    }

    fn leaf(&self, leaf: &BaseLeaf<F>) -> String {
        let name = |names: &[String], index: usize, kind: &str| {
            names.get(index).cloned().unwrap_or_else(|| format!("{kind}[{index}]"))
        };
        match leaf {
            BaseLeaf::Variable(v) => match v.entry {
                BaseEntry::Main { offset: 0 } => name(&self.main, v.index, "main"),
                BaseEntry::Main { .. } => format!("{}'", name(&self.main, v.index, "main")),
                BaseEntry::Preprocessed { offset: 0 } => name(&self.preprocessed, v.index, "pre"),
                BaseEntry::Preprocessed { .. } => format!("{}'", name(&self.preprocessed, v.index, "pre")),
                BaseEntry::Public => format!("public[{}]", v.index),
                BaseEntry::Periodic => format!("periodic[{}]", v.index),
            },
            BaseLeaf::IsFirstRow => "is_first".into(),
            BaseLeaf::IsLastRow => "is_last".into(),
            BaseLeaf::IsTransition => "is_transition".into(),
            BaseLeaf::Constant(c) => {
                let value = c.as_canonical_u32();
                if value > F::ORDER_U32 / 2 { format!("-{}", F::ORDER_U32 - value) } else { value.to_string() }
            }
        }
    }
}

fn count_references<A: SymLeaf>(expr: &SymbolicExpr<A>, references: &mut FxHashMap<*const SymbolicExpr<A>, usize>) {
    let mut visit = |node: &Arc<SymbolicExpr<A>>| {
        let count = references.entry(Arc::as_ptr(node)).or_insert(0);
        *count += 1;
        if *count == 1 {
            count_references(node, references);
        }
    };
    match expr {
        SymbolicExpr::Leaf(_) => {}
        SymbolicExpr::Add { x, y, .. } | SymbolicExpr::Sub { x, y, .. } | SymbolicExpr::Mul { x, y, .. } => {
            visit(x);
            visit(y);
        }
        SymbolicExpr::Neg { x, .. } => visit(x),
    }
}
