//! Rules that an AIR of a machine can break.

use std::fmt;

use thiserror::Error;

use crate::instructions::VmOpcode;

/// One of the two messages of a memory access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessPart {
    /// The message that receives the word from its previous access.
    Receive,
    /// The message that sends the word to its next access.
    Send,
}

impl fmt::Display for AccessPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Receive => "receives",
            Self::Send => "sends",
        })
    }
}

/// An AIR that breaks a rule of the program, the execution or memory, or that uses a bus of others.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MachineError {
    /// An instruction row must receive one execution state and send one.
    #[error("AIR {air} has {receives} receives and {sends} sends on the execution bus; an instruction has one of each")]
    ExecutionMessages {
        /// The AIR.
        air: String,
        /// Number of receives.
        receives: usize,
        /// Number of sends.
        sends: usize,
    },
    /// An instruction row must receive a state exactly when it sends one.
    #[error(
        "AIR {air} receives and sends on the execution bus with different multiplicities; use the same expression for both"
    )]
    ExecutionCounts {
        /// The AIR.
        air: String,
    },
    /// Time must advance by a constant. The constant is at least 1 and at most the number of messages of a row, plus the
    /// words of the wide accesses that the row requests whenever it executes.
    #[error("AIR {air} advances time by {delta:?}; an instruction must advance it by a constant between 1 and {max}")]
    TimeAdvance {
        /// The AIR.
        air: String,
        /// The advance, if it is constant.
        delta: Option<u32>,
        /// Messages of a row, and words of its wide accesses.
        max: usize,
    },
    /// Only access adapters answer requests of wide accesses.
    #[error("AIR {air} receives on bus {bus}; only access adapters do, others send with `read_wide` and `write_wide`")]
    AnswersWideAccess {
        /// The AIR.
        air: String,
        /// The bus.
        bus: String,
    },
    /// An instruction row must look its instruction up with the multiplicity of its execution messages.
    #[error("AIR {air} executes without looking its instruction up in the program table")]
    NoProgramLookup {
        /// The AIR.
        air: String,
    },
    /// An AIR may only look up instructions with opcodes for which its executor is registered.
    #[error(
        "AIR {air} can look up instructions with opcode {opcode}, but is registered for these opcodes: {own}; constrain the \
         columns in its opcode expression, or register the opcode"
    )]
    ForeignOpcode {
        /// The AIR.
        air: String,
        /// Opcode that a row can look up.
        opcode: VmOpcode,
        /// Opcodes of the AIR's executor, as text.
        own: String,
    },
    /// The opcodes that an AIR can look up could not be enumerated.
    #[error(
        "AIR {air} looks up instructions with the opcode `{opcode}`, whose values cannot be enumerated; make it a constant \
         plus multiples of columns that constraints prove boolean, and assert that the sum of those that exclude each \
         other is boolean"
    )]
    OpcodeForm {
        /// The AIR.
        air: String,
        /// Expression of the opcode.
        opcode: String,
    },
    /// An AIR of an extension has messages on a permutation bus that its extension did not declare.
    #[error(
        "AIR {air} has messages on bus {bus} of {owner}; an extension uses the permutation buses that it declares, so \
         declare the bus as shared (`Bus::shared`) in all extensions that use it, or use another name"
    )]
    ForeignBus {
        /// The AIR.
        air: String,
        /// The bus.
        bus: String,
        /// Who declares the bus.
        owner: String,
    },
    /// The multiplicity of a message on a permutation bus must be proven boolean.
    #[error(
        "message {message} of AIR {air} on bus {bus} has multiplicity `{count}`, and the constraints do not prove it (or \
         its negation) to be 0 or 1; assert that it is boolean"
    )]
    Multiplicity {
        /// The AIR.
        air: String,
        /// The bus.
        bus: String,
        /// Index of the message.
        message: usize,
        /// Expression of the multiplicity.
        count: String,
    },
    /// A memory access must receive a word and send the same word.
    #[error(
        "message {message} of AIR {air} {part} a word of memory, and no other message {} a word with the same space and \
         pointer; make accesses with `MemoryBridge`",
        match part {
            AccessPart::Receive => "sends",
            AccessPart::Send => "receives",
        }
    )]
    UnpairedAccess {
        /// The AIR.
        air: String,
        /// Index of the message.
        message: usize,
        /// Whether the message is a receive or a send.
        part: AccessPart,
    },
    /// The receive and the send of a memory access must have the same multiplicity.
    #[error(
        "message {receive} of AIR {air} receives a word of memory with another multiplicity than the sends of that word; \
         make accesses with `MemoryBridge`"
    )]
    AccessCounts {
        /// The AIR.
        air: String,
        /// Index of the receive.
        receive: usize,
    },
    /// A range check with the multiplicity of the access must show that the access is later than the previous one.
    #[error(
        "messages {receive} and {send} of AIR {air} access memory, and no range check with the same multiplicity shows \
         that `time − previous time − 1` has at most {bits} bits; make accesses with `MemoryBridge`"
    )]
    NoGapCheck {
        /// The AIR.
        air: String,
        /// Index of the receive.
        receive: usize,
        /// Index of the send.
        send: usize,
        /// Maximum number of bits of the gap.
        bits: usize,
    },
    /// A memory access of an instruction row must lie within the ticks of the instruction.
    #[error(
        "message {message} of AIR {air} accesses {words} word(s) of memory at {}; the instruction has the ticks 0 to {}, \
         so raise the number of ticks or lower the offset",
        match offset {
            Some(offset) => format!("its first time + {offset}"),
            None => "a time that is not its first time plus a constant".to_owned(),
        },
        ticks - 1
    )]
    AccessTime {
        /// The AIR.
        air: String,
        /// Index of the message.
        message: usize,
        /// Time of the access minus that of the instruction, if it is constant.
        offset: Option<u32>,
        /// Number of words, each of which takes a tick.
        words: usize,
        /// Number of ticks of the instruction.
        ticks: u32,
    },
    /// A row may only access memory if something ties the access to an execution.
    #[error(
        "message {message} of AIR {air} accesses memory on rows that need not execute an instruction; constrain its \
         multiplicity to be 0 unless the row executes, or receives a message"
    )]
    UntiedAccess {
        /// The AIR.
        air: String,
        /// Index of the message.
        message: usize,
    },
}
