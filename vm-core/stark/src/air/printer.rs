//! Expressions as text, with the names of columns. Large shared subexpressions are printed once and given a name.

use std::sync::Arc;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymLeaf, SymbolicExpr};
use p3_field::{Field, PrimeField32};
use rustc_hash::FxHashMap;

use super::analysis::tree_size;
use super::any_air::AnyAir;
use super::field::F;
use super::symbolic::Expr;

/// Minimum number of tree nodes of a shared subexpression that gets a name.
const NAME_FROM: usize = 8;

/// Prints expressions of one AIR.
pub struct Printer {
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
    pub fn new<'a>(air: &dyn AnyAir, exprs: impl IntoIterator<Item = &'a Expr>) -> Self {
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
    pub fn short(air: &dyn AnyAir, expr: &Expr) -> String {
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
    pub fn print(&mut self, expr: &Expr) -> String {
        self.at_level(expr, Level::Negative)
    }

    /// Same as [`Self::print`] for a factor of a product: a sum gets brackets.
    pub fn print_factor(&mut self, expr: &Expr) -> String {
        self.at_level(expr, Level::Product)
    }

    /// Returns the definitions that are new since the last call, each before its first use.
    pub fn take_definitions(&mut self) -> Vec<String> {
        std::mem::take(&mut self.definitions)
    }

    /// Returns the text of an expression, in brackets if its outermost operator binds less tightly than `level`.
    fn at_level(&mut self, expr: &Expr, level: Level) -> String {
        use Level::{Negative, Product, Sum};
        let (text, own) = match expr {
            SymbolicExpr::Leaf(BaseLeaf::Constant(c)) => constant(*c),
            SymbolicExpr::Leaf(leaf) => (self.leaf(leaf), Product),
            SymbolicExpr::Add { x, y, .. } => (format!("{} + {}", self.child(x, Negative), self.child(y, Sum)), Sum),
            SymbolicExpr::Sub { x, y, .. } => {
                (format!("{} - {}", self.child(x, Negative), self.child(y, Product)), Sum)
            }
            SymbolicExpr::Neg { x, .. } => (format!("-{}", self.child(x, Product)), Negative),
            SymbolicExpr::Mul { x, y, .. } => {
                (format!("{}*{}", self.child(x, Product), self.child(y, Product)), Product)
            }
        };
        if own < level { format!("({text})") } else { text }
    }

    fn child(&mut self, node: &Arc<Expr>, level: Level) -> String {
        let key = Arc::as_ptr(node);
        if let Some(name) = self.named.get(&key) {
            return name.clone();
        }
        let shared = self.references.get(&key).copied().unwrap_or(0) > 1;
        if shared && tree_size(node, &mut self.sizes) >= NAME_FROM {
            let text = self.print(node);
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
            BaseLeaf::Constant(c) => constant(*c).0,
        }
    }
}

/// How tightly the outermost operator of a text binds, in ascending order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// Starts with a minus sign.
    Negative,
    /// A sum or difference.
    Sum,
    /// A product, power, name or number.
    Product,
}

/// Returns the text of a constant: `2^k`, `2^k - 1` or `2^-k` if the number itself is hard to recognise as such, and
/// the integer nearest to zero otherwise.
fn constant(c: F) -> (String, Level) {
    /// Numbers up to this one are easy to recognise.
    const SMALL: u32 = 254;
    let value = c.as_canonical_u32();
    let negative = F::ORDER_U32 - value;
    if value.min(negative) <= SMALL {
        return if value <= SMALL {
            (value.to_string(), Level::Product)
        } else {
            (format!("-{negative}"), Level::Negative)
        };
    }
    let inverse = c.inverse().as_canonical_u32();
    if value.is_power_of_two() {
        (format!("2^{}", value.ilog2()), Level::Product)
    } else if (value + 1).is_power_of_two() {
        (format!("2^{} - 1", (value + 1).ilog2()), Level::Sum)
    } else if inverse.is_power_of_two() {
        (format!("2^-{}", inverse.ilog2()), Level::Product)
    } else if negative.is_power_of_two() {
        (format!("-2^{}", negative.ilog2()), Level::Negative)
    } else if (negative + 1).is_power_of_two() {
        (format!("-(2^{} - 1)", (negative + 1).ilog2()), Level::Negative)
    } else if value <= F::ORDER_U32 / 2 {
        (value.to_string(), Level::Product)
    } else {
        (format!("-{negative}"), Level::Negative)
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
