//! Errors of key generation and of loading keys.

use alloc::string::String;

use thiserror::Error;

use crate::air::BusKind;

/// Error of key generation.
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
    /// The number of column names differs from the number of columns.
    #[error("AIR `{air}` has {width} {which} columns but {names} names for them; give each column one name")]
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
    /// The AIR uses a feature of the builder that the machine does not support.
    #[error("AIR `{air}` uses {what}, which the machine does not support; use the methods of `Bus`")]
    Unsupported {
        /// AIR.
        air: String,
        /// The feature.
        what: &'static str,
    },
    /// A constraint or message depends on the row after the last one.
    #[error(
        "AIR `{air}`: {what} reads the next row on the last row, too, where there is none: {text}; multiply it by the transition selector (`when_transition`)"
    )]
    ReadsPastTheEnd {
        /// AIR.
        air: String,
        /// The constraint or message.
        what: String,
        /// Text of the constraint, or of the message's multiplicity.
        text: String,
    },
    /// A constraint has a degree above 3.
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
        /// Text of the constraint.
        text: String,
    },
    /// A message has expressions of a higher degree than a lookup column can carry.
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
    /// The expressions of a message are too large, written out as trees. The backend evaluates them on every row.
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
    /// A message is on a bus that the machine does not declare.
    #[error("AIR `{air}`: message {message} is on bus `{bus}`, which the machine does not declare; declare the bus")]
    UnknownBus {
        /// AIR.
        air: String,
        /// Bus.
        bus: String,
        /// Index of the message.
        message: usize,
    },
    /// A message has another number of fields than its bus.
    #[error("AIR `{air}`: message {message} on bus `{bus}` has {got} fields; messages of this bus have {expected}")]
    Arity {
        /// AIR.
        air: String,
        /// Bus.
        bus: String,
        /// Index of the message.
        message: usize,
        /// Number of fields of the bus.
        expected: usize,
        /// Number of fields of the message.
        got: usize,
    },
    /// A message has a weight that the kind of its bus does not allow.
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
    /// Two AIRs provide entries on the same lookup bus.
    #[error("AIRs `{first}` and `{second}` both provide entries on lookup bus `{bus}`; use one bus per table")]
    SecondProvider {
        /// Bus.
        bus: String,
        /// The first of the AIRs, in key order.
        first: String,
        /// The second.
        second: String,
    },
    /// An AIR queries a lookup bus on which no AIR provides entries, so no proof could have such a query.
    #[error(
        "AIR `{air}` queries the lookup bus `{bus}`, but no AIR provides entries on it; add the table of the bus to the extension, as in `lookups(Bytes: BitwiseTable)`"
    )]
    NoProvider {
        /// The first AIR that queries the bus, in key order.
        air: String,
        /// Bus.
        bus: String,
    },
    /// No constraint proves the multiplicity of a message boolean.
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
        /// Text of the multiplicity.
        count: String,
    },
    /// The index of a selector is not the index of a column.
    #[error("AIR `{air}`: the selector is column {column}, but the AIR has only {width} columns")]
    SelectorOutOfRange {
        /// AIR.
        air: String,
        /// Index of the selector.
        column: usize,
        /// Number of main columns.
        width: usize,
    },
    /// No ungated constraint proves a selector boolean.
    #[error(
        "AIR `{air}`: selector `{column}` is not proven boolean on every row; assert it with an ungated `assert_bool`"
    )]
    SelectorNotBoolean {
        /// AIR.
        air: String,
        /// Name of the selector's column.
        column: String,
    },
    /// A row whose selectors are all 0 could have a message.
    #[error(
        "AIR `{air}`: message {message} on bus `{bus}` is possible on a row whose selectors are all 0: its multiplicity is {count}; multiply it by a selector or constrain it to 0"
    )]
    CountWithoutSelector {
        /// AIR.
        air: String,
        /// Bus.
        bus: String,
        /// Index of the message.
        message: usize,
        /// Text of the multiplicity.
        count: String,
    },
    /// The all-zero row violates a constraint of a repeatable AIR.
    #[error(
        "AIR `{air}`: the all-zero padding row violates constraint {constraint}: {text}; multiply the constraint by a selector"
    )]
    PaddingRow {
        /// AIR.
        air: String,
        /// Index of the constraint.
        constraint: usize,
        /// Text of the constraint.
        text: String,
    },
    /// The preprocessed trace has another width than `preprocessed_width`.
    #[error("AIR `{air}` declares {declared} preprocessed columns but its preprocessed trace has {got}")]
    PreprocessedWidth {
        /// AIR.
        air: String,
        /// Declared number of columns.
        declared: usize,
        /// Number of columns of the trace; 0 if there is no trace.
        got: usize,
    },
    /// The height of a preprocessed trace is not allowed.
    #[error(
        "AIR `{air}`: the preprocessed trace has {height} rows; it needs a power of two of at most 2^{max_log_height}{fixed}"
    )]
    PreprocessedHeight {
        /// AIR.
        air: String,
        /// Height of the trace.
        height: usize,
        /// log2 of the maximum height.
        max_log_height: usize,
        /// Addition to the message if the height differs from the fixed height of the AIR; else empty.
        fixed: String,
    },
    /// An AIR has a fixed height above the limit.
    #[error(
        "AIR `{air}` fixes its height to 2^{log_height}, above the limit 2^{max_log_height}; raise `max_log_height`"
    )]
    FixedHeight {
        /// AIR.
        air: String,
        /// log2 of the fixed height.
        log_height: usize,
        /// log2 of the maximum height.
        max_log_height: usize,
    },
    /// The height of an AIR is fixed below what the backend allows.
    #[error(
        "AIR `{air}` has a fixed height of 2^{log_height}, but this engine needs at least 2^{min}; add rows that mean nothing"
    )]
    TooLow {
        /// AIR.
        air: String,
        /// log2 of the fixed height.
        log_height: usize,
        /// log2 of the minimum height.
        min: usize,
    },
    /// The limits are out of range.
    #[error("key limits: {what}")]
    Limits {
        /// The limit and its range.
        what: String,
    },
    /// The messages of one instance of the least possible height could overflow the field.
    #[error(
        "AIR `{air}`: {weight} messages per row on 2^{log_height} rows, the least height, reach the field's characteristic; spread them over several rows"
    )]
    WeightOverflow {
        /// AIR.
        air: String,
        /// Number of queries, sends and receives per row.
        weight: u64,
        /// log2 of the fixed height, or of the height that traces have at least.
        log_height: usize,
    },
    /// The worst allowed shape does not reach the security of the preset.
    #[error(
        "the least secure proof that the limits allow has {bits:.1} bits of security, below {target} ({preset}); the weakest term is {binding}; lower `max_log_height`, `max_total_instances` or the number of columns"
    )]
    Security {
        /// Security bits of the worst shape.
        bits: f64,
        /// Security bits that the preset requires.
        target: usize,
        /// Name of the preset.
        preset: &'static str,
        /// Name of the weakest term.
        binding: &'static str,
    },
    /// The backend failed to commit the preprocessed traces.
    #[error("the backend could not commit the preprocessed columns: {0}")]
    Backend(String),
}

/// Error of loading a verifying key.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum KeyLoadError {
    /// The key was made by another engine.
    #[error("the key was made by engine `{got}`, not `{expected}`")]
    Engine {
        /// Expected engine.
        expected: String,
        /// Engine of the key.
        got: String,
    },
    /// Key generation rejects the machine itself, or the machine with the limits of the key.
    #[error(transparent)]
    Keygen(#[from] KeygenError),
    /// A part of the key differs from what key generation derives from the machine.
    #[error("the key does not belong to this machine: {what} differ{at}")]
    Mismatch {
        /// Part of the key.
        what: &'static str,
        /// The AIR, if the part describes one; else empty.
        at: String,
    },
    /// A circuit in the key is not the one that the key describes.
    #[error("the key does not contain the circuit of AIR `{air}`; the file is damaged or forged")]
    Circuit {
        /// AIR.
        air: String,
    },
    /// The key is another one than the caller trusts.
    #[error("the key is not the trusted one: its digest is another")]
    Untrusted,
    /// The key contains a digest that is not the digest of its body.
    #[error("the digest stored in the key is not the digest of its content; the file is damaged or forged")]
    Digest,
}
