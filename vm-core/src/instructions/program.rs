//! Programs: instructions and their program counters.

use p3_field::PrimeField32;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Instruction, VmOpcode};
use crate::stark::F;

/// Distance between the program counters of consecutive instructions, in bytes.
pub const PC_STEP: u32 = 4;
/// Upper bound (exclusive) of all program counters. It is so small that `pc + 4` and jump targets never wrap around
/// the field.
pub const PC_LIMIT: u32 = 1 << 30;

/// A contiguous range of program counters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Program counter of the first entry; a multiple of [`PC_STEP`].
    pub base: u32,
    /// One entry per [`PC_STEP`] bytes; `None` where there is no instruction.
    pub instructions: Vec<Option<Instruction>>,
}

impl Region {
    /// Returns the first program counter after the region.
    pub fn end(&self) -> u64 {
        u64::from(self.base) + self.instructions.len() as u64 * u64::from(PC_STEP)
    }
}

/// Error of [`Program::new`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProgramError {
    /// A region does not start at a multiple of [`PC_STEP`].
    #[error("program region at pc {base:#x} is not aligned to {PC_STEP} bytes")]
    Misaligned {
        /// Start of the region.
        base: u32,
    },
    /// A region ends after [`PC_LIMIT`].
    #[error("program region at pc {base:#x} ends at {end:#x}, beyond the limit {PC_LIMIT:#x}")]
    OutOfRange {
        /// Start of the region.
        base: u32,
        /// First program counter after the region.
        end: u64,
    },
    /// Two regions overlap.
    #[error("program regions overlap at pc {pc:#x}")]
    Overlap {
        /// First program counter of the later region.
        pc: u32,
    },
    /// An operand is not a canonical field element.
    #[error("instruction at pc {pc:#x}: operand {operand} = {value:#x} is not below the field's order")]
    OperandOutOfRange {
        /// Program counter of the instruction.
        pc: u32,
        /// Name of the operand: `a` to `g`.
        operand: char,
        /// Value of the operand.
        value: u32,
    },
    /// An instruction uses opcode 0, which is reserved for padding rows.
    #[error("instruction at pc {pc:#x} uses opcode 0, which marks padding")]
    PaddingOpcode {
        /// Program counter of the instruction.
        pc: u32,
    },
    /// An opcode is not a canonical field element.
    #[error("instruction at pc {pc:#x}: opcode {opcode} is not below the field's order")]
    OpcodeOutOfRange {
        /// Program counter of the instruction.
        pc: u32,
        /// The opcode.
        opcode: VmOpcode,
    },
    /// No region contains an instruction.
    #[error("the program has no instruction")]
    Empty,
}

/// The instructions of a program, in regions of ascending program counters.
///
/// The constructors check what the program table relies on: program counters are unique, aligned and below 2^30,
/// and operands are canonical. Deserialization makes the same checks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Program {
    regions: Vec<Region>,
}

impl<'de> Deserialize<'de> for Program {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            regions: Vec<Region>,
        }
        Self::new(Raw::deserialize(deserializer)?.regions).map_err(serde::de::Error::custom)
    }
}

impl Program {
    /// Makes a program from regions in any order. Empty regions are dropped.
    ///
    /// # Errors
    ///
    /// - [`ProgramError::Misaligned`] if a region does not start at a multiple of [`PC_STEP`].
    /// - [`ProgramError::OutOfRange`] if a region ends after [`PC_LIMIT`].
    /// - [`ProgramError::Overlap`] if two regions overlap.
    /// - [`ProgramError::PaddingOpcode`] if an instruction has opcode 0.
    /// - [`ProgramError::OpcodeOutOfRange`] if an opcode is not below the field's order. Modulo the order it would be
    ///   another opcode, such as TERMINATE.
    /// - [`ProgramError::OperandOutOfRange`] if an operand is not below the field's order.
    /// - [`ProgramError::Empty`] if there is no instruction at all.
    pub fn new(mut regions: Vec<Region>) -> Result<Self, ProgramError> {
        regions.retain(|region| !region.instructions.is_empty());
        regions.sort_by_key(|region| region.base);
        for region in &regions {
            if region.base % PC_STEP != 0 {
                return Err(ProgramError::Misaligned { base: region.base });
            }
            if region.end() > u64::from(PC_LIMIT) {
                return Err(ProgramError::OutOfRange { base: region.base, end: region.end() });
            }
        }
        for pair in regions.windows(2) {
            if pair[0].end() > u64::from(pair[1].base) {
                return Err(ProgramError::Overlap { pc: pair[1].base });
            }
        }
        let program = Self { regions };
        let mut empty = true;
        for (pc, instruction) in program.iter() {
            empty = false;
            if instruction.opcode == VmOpcode::PADDING {
                return Err(ProgramError::PaddingOpcode { pc });
            }
            if instruction.opcode.as_u32() >= F::ORDER_U32 {
                return Err(ProgramError::OpcodeOutOfRange { pc, opcode: instruction.opcode });
            }
            for (operand, value) in ('a'..='g').zip(instruction.operands()) {
                if value >= F::ORDER_U32 {
                    return Err(ProgramError::OperandOutOfRange { pc, operand, value });
                }
            }
        }
        if empty { Err(ProgramError::Empty) } else { Ok(program) }
    }

    /// Makes a program of consecutive instructions, the first one at `base`.
    ///
    /// # Errors
    ///
    /// Those of [`Self::new`].
    pub fn from_instructions(base: u32, instructions: &[Instruction]) -> Result<Self, ProgramError> {
        Self::new(vec![Region { base, instructions: instructions.iter().copied().map(Some).collect() }])
    }

    /// Returns the regions, in ascending order.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Returns all instructions with their program counters, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Instruction)> {
        self.regions.iter().flat_map(|region| {
            region
                .instructions
                .iter()
                .enumerate()
                .filter_map(|(i, slot)| slot.as_ref().map(|inst| (region.base + i as u32 * PC_STEP, inst)))
        })
    }

    /// Counts the instructions.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Returns whether the program has no instruction. Only [`Self::default`] makes such a program.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Returns the instruction at a program counter, or `None` if there is none.
    pub fn get(&self, pc: u32) -> Option<&Instruction> {
        if !pc.is_multiple_of(PC_STEP) {
            return None;
        }
        let index = self.regions.partition_point(|region| region.base <= pc).checked_sub(1)?;
        let region = &self.regions[index];
        region.instructions.get(((pc - region.base) / PC_STEP) as usize)?.as_ref()
    }
}
