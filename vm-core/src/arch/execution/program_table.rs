//! A program with its executors resolved: what the execution loop fetches from.

use crate::instructions::{Instruction, LocalOpcode, PC_STEP, Program, SystemOpcode, VmOpcode};

/// Index of an executor in the inventory.
pub type ExecutorId = usize;

/// Executor index of slots that no executor serves (see [`Special`]).
const SPECIAL: u32 = u32::MAX - 3;

/// What a slot without executor means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// End of the program.
    Terminate,
    /// Phantom instruction.
    Phantom,
    /// An opcode that the machine does not have.
    Disabled,
    /// No instruction.
    Missing,
}

/// One fetched instruction.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// Instruction; meaningless when the slot is [`Special::Missing`].
    pub instruction: Instruction,
    executor: u32,
}

impl Slot {
    const MISSING: Self =
        Self { instruction: Instruction::from_parts(VmOpcode::PADDING, [0; 7]), executor: SPECIAL + 3 };

    /// Index of the executor; out of range of any inventory for special slots.
    #[inline(always)]
    pub fn executor(&self) -> ExecutorId {
        self.executor as usize
    }

    /// Whether the machine can execute the slot.
    pub fn is_served(&self) -> bool {
        self.executor < SPECIAL + 2
    }

    /// Meaning of a slot that has no executor.
    #[cold]
    pub fn special(&self) -> Special {
        match self.executor - SPECIAL {
            0 => Special::Terminate,
            1 => Special::Phantom,
            2 => Special::Disabled,
            _ => Special::Missing,
        }
    }
}

#[derive(Debug)]
struct LoadedRegion {
    base: u32,
    slots: Vec<Slot>,
    /// Index of the region's first slot in the program table.
    first: usize,
}

/// A program whose opcodes are resolved to executors.
#[derive(Debug)]
pub struct LoadedProgram {
    regions: Vec<LoadedRegion>,
    num_slots: usize,
}

impl LoadedProgram {
    /// Resolves every instruction once.
    pub fn new(program: &Program, executor_of: impl Fn(&Instruction) -> Option<ExecutorId>) -> Self {
        let mut first = 0;
        let regions = program
            .regions()
            .iter()
            .map(|region| {
                let slots: Vec<Slot> = region
                    .instructions
                    .iter()
                    .map(|instruction| {
                        instruction.map_or(Slot::MISSING, |instruction| {
                            let executor = match SystemOpcode::from_opcode(instruction.opcode) {
                                Some(SystemOpcode::TERMINATE) => SPECIAL,
                                Some(SystemOpcode::PHANTOM) => SPECIAL + 1,
                                None => executor_of(&instruction).map_or(SPECIAL + 2, |id| id as u32),
                            };
                            Slot { instruction, executor }
                        })
                    })
                    .collect();
                let loaded = LoadedRegion { base: region.base, first, slots };
                first += loaded.slots.len();
                loaded
            })
            .collect();
        Self { regions, num_slots: first }
    }

    /// Number of slots over all regions: the rows of the program table without padding.
    pub fn num_slots(&self) -> usize {
        self.num_slots
    }

    /// Position of a pc in the program table.
    #[inline]
    pub fn slot_index(&self, pc: u32) -> Option<usize> {
        let (region, index) = self.locate(pc)?;
        Some(region.first + index)
    }

    #[inline(always)]
    fn locate(&self, pc: u32) -> Option<(&LoadedRegion, usize)> {
        self.regions.iter().find_map(|region| {
            // Rotating makes a misaligned pc a huge index.
            let index = pc.wrapping_sub(region.base).rotate_right(PC_STEP.trailing_zeros()) as usize;
            (index < region.slots.len()).then_some((region, index))
        })
    }

    /// Fetches the slot at a pc.
    #[inline(always)]
    pub fn fetch(&self, pc: u32) -> &Slot {
        match self.locate(pc) {
            Some((region, index)) => &region.slots[index],
            None => &Slot::MISSING,
        }
    }

    /// The instruction at a pc.
    #[inline]
    pub fn instruction(&self, pc: u32) -> Option<&Instruction> {
        let (region, index) = self.locate(pc)?;
        let slot = &region.slots[index];
        (slot.executor != Slot::MISSING.executor).then_some(&slot.instruction)
    }

    /// All slots with their pcs, in the order of the program table.
    pub fn slots(&self) -> impl Iterator<Item = (u32, &Slot)> {
        self.regions
            .iter()
            .flat_map(|region| region.slots.iter().enumerate().map(|(i, s)| (region.base + i as u32 * PC_STEP, s)))
    }
}
