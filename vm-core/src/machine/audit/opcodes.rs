//! Each AIR looks up instructions with its own opcodes only.
//!
//! Soundness (M36): the program table holds all instructions of a program. An AIR proves the instruction that it looks
//! up, so the opcode in its query must be one that the AIR is made for. In particular, only the connector may look up
//! TERMINATE: if another AIR did, execution would go on after the end, or end with another exit code.
//!
//! The values of the opcode's expression on rows that make the query are enumerated. It is a constant plus multiples of
//! columns that are proven boolean, or one of the numbers 0 to 2: the flags and numbers of the chip's instructions.

use std::collections::BTreeSet;

use p3_field::PrimeField32;

use crate::arch::PROGRAM_BUS;
use crate::instructions::VmOpcode;

use super::MachineError;
use super::row::Row;

/// Checks the program lookups of an AIR, which is registered for the opcodes `own`.
pub(super) fn check(row: &Row<'_>, own: &BTreeSet<u32>) -> Result<(), MachineError> {
    for index in row.on(PROGRAM_BUS.name) {
        let message = row.message(index);
        // Key generation refuses tables other than the program's, and messages with another number of fields.
        let (1.., Some(opcode)) = (message.weight, message.fields.get(1)) else { continue };
        let Some(opcodes) = row.facts.values_when(row.symbolic(), opcode, &message.count) else {
            return Err(MachineError::OpcodeForm { air: row.name(), opcode: row.text(opcode) });
        };
        if let Some(foreign) = opcodes.into_iter().map(|opcode| opcode.as_canonical_u32()).find(|o| !own.contains(o)) {
            let own: Vec<String> = own.iter().map(|opcode| VmOpcode::from_u32(*opcode).to_string()).collect();
            let own = if own.is_empty() { "none".to_owned() } else { own.join(", ") };
            return Err(MachineError::ForeignOpcode { air: row.name(), opcode: VmOpcode::from_u32(foreign), own });
        }
    }
    Ok(())
}
