//! The loaded form of a program, from which the execution loop fetches instructions with their executors.

use crate::instructions::{Instruction, LocalOpcode, PC_STEP, Program, SystemOpcode, VmOpcode};

/// Index of an executor in the inventory.
pub type ExecutorId = usize;

/// First of the four executor indices that mark slots without an executor, in the order of [`Special`].
const SPECIAL: u32 = u32::MAX - 3;

/// Meaning of a slot that has no executor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// TERMINATE instruction: the program ends.
    Terminate,
    /// Phantom instruction.
    Phantom,
    /// Instruction that no executor of the machine serves.
    Disabled,
    /// No instruction.
    Missing,
}

/// An instruction of the loaded program, with its executor.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// Instruction; without meaning if the slot is [`Special::Missing`].
    pub instruction: Instruction,
    executor: u32,
}

impl Slot {
    const MISSING: Self =
        Self { instruction: Instruction::from_parts(VmOpcode::PADDING, [0; 7]), executor: SPECIAL + 3 };

    /// Returns the index of the executor. For slots without an executor, the index is out of range of any inventory.
    #[inline(always)]
    pub fn executor(&self) -> ExecutorId {
        self.executor as usize
    }

    /// Returns whether the machine can execute the slot: it has an executor, or is a TERMINATE or phantom instruction.
    pub fn is_served(&self) -> bool {
        self.executor < SPECIAL + 2
    }

    /// Returns the meaning of a slot without an executor.
    ///
    /// Meaningless if the slot has an executor.
    #[cold]
    pub fn special(&self) -> Special {
        match self.executor.wrapping_sub(SPECIAL) {
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

/// Program whose instructions are resolved to executors.
#[derive(Debug)]
pub struct LoadedProgram {
    regions: Vec<LoadedRegion>,
    num_slots: usize,
}

impl LoadedProgram {
    /// Loads a program. `executor_of` is called once per instruction, except for system instructions.
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

    /// Returns the number of slots of all regions: the number of rows of the program table, without padding.
    pub fn num_slots(&self) -> usize {
        self.num_slots
    }

    /// Returns the index of the slot at a program counter, which is also its row in the program table. Returns `None`
    /// if the program counter is misaligned or outside of all regions.
    #[inline]
    pub fn slot_index(&self, pc: u32) -> Option<usize> {
        let (region, index) = self.locate(pc)?;
        Some(region.first + index)
    }

    #[inline(always)]
    fn locate(&self, pc: u32) -> Option<(&LoadedRegion, usize)> {
        self.regions.iter().find_map(|region| {
            // The rotation turns a misaligned pc into a huge index.
            let index = pc.wrapping_sub(region.base).rotate_right(PC_STEP.trailing_zeros()) as usize;
            (index < region.slots.len()).then_some((region, index))
        })
    }

    /// Returns the slot at a program counter. It is [`Special::Missing`] if there is no instruction.
    #[inline(always)]
    pub fn fetch(&self, pc: u32) -> &Slot {
        match self.locate(pc) {
            Some((region, index)) => &region.slots[index],
            None => &Slot::MISSING,
        }
    }

    /// Returns the instruction at a program counter, if there is one.
    #[inline]
    pub fn instruction(&self, pc: u32) -> Option<&Instruction> {
        let (region, index) = self.locate(pc)?;
        let slot = &region.slots[index];
        (slot.executor != Slot::MISSING.executor).then_some(&slot.instruction)
    }

    /// Returns all slots with their program counters, in the order of the program table.
    pub fn slots(&self) -> impl Iterator<Item = (u32, &Slot)> {
        self.regions
            .iter()
            .flat_map(|region| region.slots.iter().enumerate().map(|(i, s)| (region.base + i as u32 * PC_STEP, s)))
    }
}
