//! Errors of key generation and of loading keys. Each says what is wrong, where, and what to do.

use thiserror::Error;

use crate::stark::air::BusKind;

/// Why a machine cannot get a key.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum KeygenError {
    /// The machine has no AIR.
    #[error("the machine has no AIR")]
    Empty,
    /// Two AIRs share a name.
    #[error("two AIRs are named `{air}`; rename one of them")]
    DuplicateAir {
        /// Shared name.
        air: String,
    },
    /// Two buses share a name.
    #[error("two buses are named `{bus}`; rename one of them")]
    DuplicateBus {
        /// Shared name.
        bus: String,
    },
    /// Number of column names differs from the width.
    #[error("AIR `{air}` has {width} {which} columns but names {names} of them")]
    ColumnNames {
        /// AIR.
        air: String,
        /// `main` or `preprocessed`.
        which: &'static str,
        /// Number of columns.
        width: usize,
        /// Number of names.
        names: usize,
    },
    /// The AIR has no main column.
    #[error("AIR `{air}` has no main column; the backend needs at least one")]
    NoColumns {
        /// AIR.
        air: String,
    },
    /// A feature of the builder that the machine does not support.
    #[error("AIR `{air}` uses {what}, which the machine does not support; use the methods of `Bus`")]
    Unsupported {
        /// AIR.
        air: String,
        /// Feature.
        what: &'static str,
    },
    /// Degree above 3.
    #[error(
        "AIR `{air}`: constraint {constraint} has degree {degree}, more than 3: {text}; add a column for a product"
    )]
    ConstraintDegree {
        /// AIR.
        air: String,
        /// Index of the constraint.
        constraint: usize,
        /// Its degree.
        degree: usize,
        /// The constraint with column names.
        text: String,
    },
    /// Degree of a message above what a lookup column can carry.
    #[error(
        "AIR `{air}`: message {message} on bus `{bus}` needs a lookup constraint of degree {degree}, more than 3; fields may have degree 2 and the count degree 3"
    )]
    MessageDegree {
        /// AIR.
        air: String,
        /// Bus.
        bus: String,
        /// Index of the message.
        message: usize,
        /// Degree of the lookup constraint.
        degree: usize,
    },
    /// A message whose expressions are too large as trees: the backend evaluates them per row.
    #[error(
        "AIR `{air}`: message {message} on bus `{bus}` has {nodes} expression nodes, more than {limit}; put intermediate results in columns"
    )]
    MessageTooLarge {
        /// AIR.
        air: String,
        /// Bus.
        bus: String,
        /// Index of the message.
        message: usize,
        /// Number of tree nodes.
        nodes: usize,
        /// Limit.
        limit: usize,
    },
    /// The bus is not declared.
    #[error("AIR `{air}`: message {message} names bus `{bus}`, which the machine does not declare")]
    UnknownBus {
        /// AIR.
        air: String,
        /// Bus.
        bus: String,
        /// Index of the message.
        message: usize,
    },
    /// Wrong number of fields.
    #[error("AIR `{air}`: message {message} on bus `{bus}` has {got} fields; the bus carries {expected}")]
    Arity {
        /// AIR.
        air: String,
        /// Bus.
        bus: String,
        /// Index of the message.
        message: usize,
        /// Arity of the bus.
        expected: usize,
        /// Fields of the message.
        got: usize,
    },
    /// A message with a weight that the bus kind does not allow.
    #[error(
        "AIR `{air}`: message {message} on {kind:?} bus `{bus}` has weight {weight}; sends, receives and queries weigh 1, and only a lookup bus has provided entries (0)"
    )]
    Weight {
        /// AIR.
        air: String,
        /// Bus.
        bus: String,
        /// Index of the message.
        message: usize,
        /// Kind of the bus.
        kind: BusKind,
        /// Declared weight.
        weight: u32,
    },
    /// Two AIRs provide on a lookup bus.
    #[error("AIRs `{first}` and `{second}` both provide entries on lookup bus `{bus}`; one table per bus")]
    SecondProvider {
        /// Bus.
        bus: String,
        /// First provider.
        first: String,
        /// Second provider.
        second: String,
    },
    /// A multiplicity that no constraint proves boolean.
    #[error(
        "AIR `{air}`: the multiplicity of message {message} on bus `{bus}` is not proven boolean: {count}; assert it with an ungated `assert_bool`"
    )]
    CountNotBoolean {
        /// AIR.
        air: String,
        /// Bus.
        bus: String,
        /// Index of the message.
        message: usize,
        /// The count with column names.
        count: String,
    },
    /// A selector column index outside the trace.
    #[error("AIR `{air}`: selector column {column} is outside its {width} columns")]
    SelectorOutOfRange {
        /// AIR.
        air: String,
        /// Index.
        column: usize,
        /// Width.
        width: usize,
    },
    /// A selector that no ungated constraint proves boolean.
    #[error(
        "AIR `{air}`: selector `{column}` is not proven boolean on every row; assert it with an ungated `assert_bool`"
    )]
    SelectorNotBoolean {
        /// AIR.
        air: String,
        /// Column name.
        column: String,
    },
    /// A message that a padding row could send.
    #[error(
        "AIR `{air}`: message {message} on bus `{bus}` can be sent by a row whose selectors are all 0: its multiplicity is {count}; multiply it by a selector or constrain it to 0"
    )]
    CountWithoutSelector {
        /// AIR.
        air: String,
        /// Bus.
        bus: String,
        /// Index of the message.
        message: usize,
        /// The count with column names.
        count: String,
    },
    /// A repeatable AIR whose zero row is refused by its own constraints.
    #[error("AIR `{air}`: the all-zero padding row violates constraint {constraint}: {text}")]
    PaddingRow {
        /// AIR.
        air: String,
        /// Index of the constraint.
        constraint: usize,
        /// The constraint with column names.
        text: String,
    },
    /// An AIR declared repeatable that must not be.
    #[error("AIR `{air}` declares closed blocks but has {what}; such an AIR occurs exactly once")]
    NotRepeatable {
        /// AIR.
        air: String,
        /// Reason.
        what: &'static str,
    },
    /// The AIR evaluates differently on concrete rows than symbolically.
    #[error(
        "AIR `{air}` evaluates differently symbolically and on rows: {what}; its `eval` must not depend on the builder"
    )]
    Inconsistent {
        /// AIR.
        air: String,
        /// What differs.
        what: String,
    },
    /// `preprocessed_width` and `preprocessed_trace` disagree.
    #[error("AIR `{air}` declares {declared} preprocessed columns but its preprocessed trace has {got}")]
    PreprocessedWidth {
        /// AIR.
        air: String,
        /// Declared width.
        declared: usize,
        /// Width of the trace (0 when absent).
        got: usize,
    },
    /// Height of a preprocessed trace.
    #[error(
        "AIR `{air}`: the preprocessed trace has {height} rows; it needs a power of two of at most 2^{max_log_height}{fixed}"
    )]
    PreprocessedHeight {
        /// AIR.
        air: String,
        /// Rows.
        height: usize,
        /// Limit.
        max_log_height: usize,
        /// Explanation when it contradicts the AIR's fixed height.
        fixed: String,
    },
    /// A fixed height above the limit.
    #[error(
        "AIR `{air}` fixes its height to 2^{log_height}, above the limit 2^{max_log_height}; raise `max_log_height`"
    )]
    FixedHeight {
        /// AIR.
        air: String,
        /// Fixed height.
        log_height: usize,
        /// Limit.
        max_log_height: usize,
    },
    /// Limits that the backend cannot serve.
    #[error("key limits: {what}")]
    Limits {
        /// What is wrong.
        what: String,
    },
    /// One instance at its maximum height overflows the field.
    #[error(
        "AIR `{air}`: {weight} messages per row on 2^{log_height} rows reach the field's characteristic; lower `max_log_height`"
    )]
    WeightOverflow {
        /// AIR.
        air: String,
        /// Messages per row.
        weight: u64,
        /// Maximum height.
        log_height: usize,
    },
    /// The worst allowed shape does not reach the preset.
    #[error(
        "the largest allowed proof has {bits:.1} bits of security, below {target} ({preset}); the weakest term is {binding}; lower `max_log_height`, `max_total_instances` or the number of columns"
    )]
    Security {
        /// Bits reached.
        bits: f64,
        /// Bits wanted.
        target: usize,
        /// Preset.
        preset: &'static str,
        /// Weakest term.
        binding: &'static str,
    },
    /// The backend failed to commit the preprocessed traces.
    #[error("the backend could not commit the preprocessed columns: {0}")]
    Backend(String),
}

/// Why a stored key does not fit a machine.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum KeyLoadError {
    /// The key is of another engine.
    #[error("the key was made by engine `{got}`, not `{expected}`")]
    Engine {
        /// This engine.
        expected: String,
        /// Engine of the key.
        got: String,
    },
    /// The machine itself is refused.
    #[error(transparent)]
    Keygen(#[from] KeygenError),
    /// A part of the key differs from what the machine says.
    #[error("the key does not belong to this machine: {what} differ{at}")]
    Mismatch {
        /// Part of the key.
        what: &'static str,
        /// Where, if it is an AIR.
        at: String,
    },
    /// The digest written in the key is not the digest of the key.
    #[error("the digest written in the key is not its digest; the file is damaged or forged")]
    Digest,
}
