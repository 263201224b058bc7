//! Errors of building an inventory.

use p3_field::PrimeField32;
use thiserror::Error;

use crate::instructions::VmOpcode;
use crate::stark::F;

/// Reason why a machine cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VmInventoryError {
    /// Two executors claim the same opcode.
    #[error("opcode {opcode} is claimed by {first} and by {second}")]
    OpcodeCollision {
        /// Opcode that both claim.
        opcode: VmOpcode,
        /// AIR name of the executor that was registered first.
        first: String,
        /// AIR name of the other executor.
        second: String,
    },
    /// An executor claims an opcode that no executor can have.
    #[error("{executor} claims opcode {opcode}, which {reason}: pin another opcode, or none to have one allocated")]
    ReservedOpcode {
        /// Opcode that is claimed.
        opcode: VmOpcode,
        /// AIR name of the executor.
        executor: String,
        /// Why no executor can have the opcode.
        reason: &'static str,
    },
    /// The opcodes that an annotated declaration pins, or that follow the greatest opcode of the machine, do not exist.
    #[error(
        "{count} opcodes from {first:#x} on do not exist: opcodes are field elements from 3 to {:#x}; pin lower opcodes",
        F::ORDER_U32 - 1
    )]
    OpcodesOutOfRange {
        /// Number of the first opcode.
        first: u64,
        /// Number of opcodes.
        count: usize,
    },
    /// Two extensions declare the same permutation bus, or different buses with the same name.
    #[error(
        "bus {bus} is declared by {first} and by {second}: use another name, or declare the bus as shared \
         (`Bus::shared`) in both if they are written for each other"
    )]
    BusCollision {
        /// Name of the bus.
        bus: String,
        /// Who declared the bus first: the type of an extension, or the system.
        first: String,
        /// Type of the other extension.
        second: String,
    },
    /// Two instructions claim the same instruction word.
    #[error(
        "instructions `{first}` and `{second}` share an encoding (the word {word:#010x} is both): change the opcode, funct3 \
         or funct7 of one of them"
    )]
    EncodingCollision {
        /// Name of the instruction that was registered first.
        first: &'static str,
        /// Name of the other instruction.
        second: &'static str,
        /// An instruction word that has both encodings.
        word: u32,
    },
    /// The parameters of an instruction give a field of its encoding a value that is too large.
    #[error("instruction `{instruction}` has {field} = {value}, but this field has {bits} bits: at most {}", (1u32 << bits) - 1)]
    EncodingField {
        /// Name of the instruction.
        instruction: &'static str,
        /// Name of the field.
        field: &'static str,
        /// Its value.
        value: u32,
        /// Number of bits of the field.
        bits: u32,
    },
    /// Two phantom sub-executors claim the same discriminant.
    #[error("phantom instructions {first} and {second} both have the discriminant {discriminant:#x}: change one")]
    PhantomCollision {
        /// Discriminant that both claim.
        discriminant: u16,
        /// Name of the sub-executor that was registered first.
        first: &'static str,
        /// Name of the sub-executor that was registered second.
        second: &'static str,
    },
    /// Two lookup tables provide the same bus.
    #[error("bus {bus} has two tables: {first} and {second}")]
    TableCollision {
        /// Name of the bus.
        bus: String,
        /// AIR name of the first table.
        first: String,
        /// AIR name of the second table.
        second: String,
    },
    /// An extension requests wide accesses of a width for which there is no adapter.
    #[error(
        "an extension requests memory accesses of {words} words: request 2, 4, 8, 16 or 32 (single words need no \
         adapter), and split or pad accesses of other widths"
    )]
    AccessWidth {
        /// Requested number of words.
        words: usize,
    },
    /// An extension requests wider accesses than the configuration allows.
    #[error(
        "an extension requests memory accesses of {words} words, but memory_config.max_access_adapter_n is {max}: \
         raise it to at least {words}, or leave the extension out"
    )]
    AccessWidthAboveMaximum {
        /// Requested number of words.
        words: usize,
        /// Largest number of words that the configuration allows.
        max: usize,
    },
    /// A parameter of the configuration is out of range.
    #[error("configuration: {field} = {value} is out of range: {expected}")]
    Config {
        /// Name of the parameter.
        field: &'static str,
        /// Value of the parameter.
        value: String,
        /// Values that are allowed.
        expected: &'static str,
    },
}
