//! A program: instructions at program counters.

use p3_field::PrimeField32;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Instruction, VmOpcode};
use crate::stark::F;

/// Distance between two program counters.
pub const PC_STEP: u32 = 4;
/// Program counters are below this bound (so that `pc + 4` and jump targets never wrap in the field).
pub const PC_LIMIT: u32 = 1 << 30;

/// A contiguous run of program counters; `None` where there is no executable instruction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Program counter of the first entry; a multiple of [`PC_STEP`].
    pub base: u32,
    /// One entry per [`PC_STEP`].
    pub instructions: Vec<Option<Instruction>>,
}

impl Region {
    /// First program counter behind the region.
    pub fn end(&self) -> u64 {
        u64::from(self.base) + self.instructions.len() as u64 * u64::from(PC_STEP)
    }
}

/// A malformed program.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProgramError {
    /// A region does not start at a multiple of four.
    #[error("program region at pc {base:#x} is not aligned to {PC_STEP} bytes")]
    Misaligned {
        /// Start of the region.
        base: u32,
    },
    /// A region reaches beyond the program counter limit.
    #[error("program region at pc {base:#x} ends at {end:#x}, beyond the limit {PC_LIMIT:#x}")]
    OutOfRange {
        /// Start of the region.
        base: u32,
        /// First pc behind it.
        end: u64,
    },
    /// Two regions share a program counter.
    #[error("program regions overlap at pc {pc:#x}")]
    Overlap {
        /// A shared pc.
        pc: u32,
    },
    /// An operand is not a canonical field element.
    #[error("instruction at pc {pc:#x}: operand {operand} = {value:#x} is not below the field's order")]
    OperandOutOfRange {
        /// Where.
        pc: u32,
        /// Which operand, `a` to `g`.
        operand: char,
        /// Its value.
        value: u32,
    },
    /// An instruction uses the number reserved for padding.
    #[error("instruction at pc {pc:#x} uses opcode 0, which marks padding")]
    PaddingOpcode {
        /// Where.
        pc: u32,
    },
    /// There is nothing to execute.
    #[error("the program has no instruction")]
    Empty,
}

/// Instructions at program counters, in ascending regions. Construction checks what the program table relies on:
/// unique aligned program counters below 2^30 and canonical operands.
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
    /// A program from regions in any order.
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
            for (operand, value) in ('a'..='g').zip(instruction.operands()) {
                if value >= F::ORDER_U32 {
                    return Err(ProgramError::OperandOutOfRange { pc, operand, value });
                }
            }
        }
        if empty { Err(ProgramError::Empty) } else { Ok(program) }
    }

    /// A program of consecutive instructions from `base` on.
    pub fn from_instructions(base: u32, instructions: &[Instruction]) -> Result<Self, ProgramError> {
        Self::new(vec![Region { base, instructions: instructions.iter().copied().map(Some).collect() }])
    }

    /// The regions, ascending.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// All instructions with their program counters, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Instruction)> {
        self.regions.iter().flat_map(|region| {
            region
                .instructions
                .iter()
                .enumerate()
                .filter_map(|(i, slot)| slot.as_ref().map(|inst| (region.base + i as u32 * PC_STEP, inst)))
        })
    }

    /// Number of instructions.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no instruction (never true for a program made by [`Self::new`]).
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The instruction at a program counter.
    pub fn get(&self, pc: u32) -> Option<&Instruction> {
        if !pc.is_multiple_of(PC_STEP) {
            return None;
        }
        let index = self.regions.partition_point(|region| region.base <= pc).checked_sub(1)?;
        let region = &self.regions[index];
        region.instructions.get(((pc - region.base) / PC_STEP) as usize)?.as_ref()
    }
}
