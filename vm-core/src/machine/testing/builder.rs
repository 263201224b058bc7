//! Programs for tests, run in all modes of execution.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use super::chip_test::ChipTest;
use super::error::TestError;
use crate::arch::{GuestMemory, NUM_REGISTERS, Poseidon2Hasher, Pure, REGISTER_SPACE, VmConfig};
use crate::instructions::{Instruction, LocalOpcode, MemoryImage, PC_STEP, Program, Region, SystemOpcode, VmExe};
use crate::machine::traces::ProofInput;
use crate::machine::{
    ExecutionReport, FinalState, MeteredReport, VirtualMachine, VmExecutionError, VmExecutor, VmProvingKey,
};
use crate::stark::{SecurityPreset, StarkEngine};
use crate::system::memory::MerkleTree;

/// What the modes of execution agree on, and what the metered mode predicts.
#[derive(Clone, Debug)]
pub struct ModesReport {
    /// The run.
    pub run: ExecutionReport,
    /// Rows that the metered mode counted.
    pub metered: MeteredReport,
    /// Memory at the end: all non-zero words of all address spaces.
    pub memory: MemoryImage,
}

/// A program, its memory and its input, for a machine.
///
/// A program without TERMINATE gets one with exit code 0 behind its last instruction. Execution starts at the lowest
/// program counter unless [`Self::pc_start`] says otherwise.
#[derive(Clone, Debug)]
pub struct VmChipTestBuilder<VC> {
    config: VC,
    instructions: BTreeMap<u32, Instruction>,
    memory: MemoryImage,
    inputs: Vec<Vec<u8>>,
    pc_start: Option<u32>,
    preset: SecurityPreset,
}

impl<VC: VmConfig> VmChipTestBuilder<VC> {
    /// A test on a machine.
    pub fn new(config: VC) -> Self {
        Self {
            config,
            instructions: BTreeMap::new(),
            memory: MemoryImage::new(),
            inputs: Vec::new(),
            pc_start: None,
            preset: SecurityPreset::Conjectured100,
        }
    }

    /// Sets a register (0-based index) at the start.
    pub fn register(self, index: usize, value: u32) -> Self {
        debug_assert!(index < NUM_REGISTERS, "the machine has {NUM_REGISTERS} registers");
        self.word(REGISTER_SPACE, 4 * index as u32, value)
    }

    /// Sets the aligned word at a byte pointer at the start.
    pub fn word(mut self, space: u32, pointer: u32, value: u32) -> Self {
        self.memory.insert((space, pointer), value);
        self
    }

    /// Appends an input vector.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.inputs.push(bytes.into());
        self
    }

    /// Places an instruction.
    pub fn instruction(mut self, pc: u32, instruction: Instruction) -> Self {
        self.instructions.insert(pc, instruction);
        self
    }

    /// Places instructions at `base` and the program counters behind it.
    pub fn instructions(mut self, base: u32, instructions: impl IntoIterator<Item = Instruction>) -> Self {
        for (pc, instruction) in (base..).step_by(PC_STEP as usize).zip(instructions) {
            self.instructions.insert(pc, instruction);
        }
        self
    }

    /// Starts execution elsewhere than at the lowest program counter.
    pub fn pc_start(mut self, pc: u32) -> Self {
        self.pc_start = Some(pc);
        self
    }

    /// Security preset of the keys; [`SecurityPreset::Conjectured100`] by default, which is faster.
    pub fn preset(mut self, preset: SecurityPreset) -> Self {
        self.preset = preset;
        self
    }

    /// The machine.
    pub fn config(&self) -> &VC {
        &self.config
    }

    /// The executable.
    pub fn exe(&self) -> Result<VmExe, TestError> {
        let terminate = SystemOpcode::TERMINATE.global_opcode();
        let mut instructions = self.instructions.clone();
        if let Some((&last, _)) = instructions.last_key_value()
            && instructions.values().all(|instruction| instruction.opcode != terminate)
        {
            instructions.insert(last.wrapping_add(PC_STEP), Instruction::from_parts(terminate, [0; 7]));
        }
        let mut regions: Vec<Region> = Vec::new();
        for (&pc, &instruction) in &instructions {
            match regions.last_mut().filter(|region| region.end() == u64::from(pc)) {
                Some(region) => region.instructions.push(Some(instruction)),
                None => regions.push(Region { base: pc, instructions: vec![Some(instruction)] }),
            }
        }
        let program = Program::new(regions)?;
        let lowest = instructions.first_key_value().map_or(0, |(pc, _)| *pc);
        Ok(VmExe::new(program, self.pc_start.unwrap_or(lowest)).with_init_memory(self.memory.clone()))
    }

    /// Runs the program in the modes that make no traces and asserts that they agree.
    pub fn run(&self) -> Result<ModesReport, TestError> {
        let exe = self.exe()?;
        let executor = VmExecutor::new(self.config.clone());
        let pure: FinalState<Pure> = executor.execute_state(&exe, self.inputs.clone())?;
        let (metered_state, metered) = executor.execute_metered(&exe, self.inputs.clone())?;
        agree_on_reports("pure and metered", &pure.report, &metered_state.report)?;
        let offset = self.config.system().memory_config.as_offset;
        let memory = image_of(pure.memory.memory(), offset);
        agree("the memory of pure and metered runs", &memory, &image_of(metered_state.memory.memory(), offset))?;
        Ok(ModesReport { run: pure.report, metered, memory })
    }

    /// Makes keys, runs the program in all modes, asserts that they agree and fills the traces.
    pub fn build<E: StarkEngine>(&self) -> Result<ChipTest<E, VC>, TestError> {
        let vm = Arc::new(VirtualMachine::new(E::new(self.preset), self.config.clone()));
        let key = Arc::new(vm.setup(self.exe()?)?);
        self.build_with(vm, key)
    }

    /// [`Self::build`] with keys made before, for the same configuration and executable. Keys for another executable
    /// make an error, or a proof that the verifier refuses.
    pub fn build_with<E: StarkEngine>(
        &self,
        vm: Arc<VirtualMachine<E, VC>>,
        key: Arc<VmProvingKey<E, VC>>,
    ) -> Result<ChipTest<E, VC>, TestError> {
        let modes = self.run()?;
        let (input, report, _) = vm.generate_proof_input(&key, self.inputs.clone())?;
        agree_on_reports("pure and recording", &modes.run, &report)?;
        self.agree_on_memory(&modes.memory, &input)?;
        agree_on_rows(&modes.metered, &input)?;
        ChipTest::new(vm, key, input, modes)
    }

    /// The recording run's final memory is the pure run's: the root of the tree covers every address space.
    fn agree_on_memory(&self, memory: &MemoryImage, input: &ProofInput) -> Result<(), TestError> {
        let system = self.config.system();
        let hasher = Poseidon2Hasher::default();
        let tree = MerkleTree::from_image(hasher, &system.memory_config, system.num_public_values, memory)
            .map_err(VmExecutionError::from)?;
        agree("the final memory root of pure and recording runs", &tree.root(), &input.connector.final_root)
    }
}

/// All non-zero words.
fn image_of(memory: &GuestMemory, offset: u32) -> MemoryImage {
    (0..memory.words().num_spaces())
        .flat_map(|space| {
            let words = memory.words().nonzero(space);
            words.map(move |(index, word)| ((space as u32 + offset, 4 * index as u32), word))
        })
        .collect()
}

fn agree<T: Debug + PartialEq>(what: &str, first: &T, second: &T) -> Result<(), TestError> {
    if first == second {
        return Ok(());
    }
    Err(TestError::ModesDisagree { what: what.to_owned(), first: format!("{first:?}"), second: format!("{second:?}") })
}

fn agree_on_reports(modes: &str, first: &ExecutionReport, second: &ExecutionReport) -> Result<(), TestError> {
    agree(&format!("the exit of {modes} runs"), &first.exit, &second.exit)?;
    agree(&format!("the final pc of {modes} runs"), &first.pc, &second.pc)?;
    agree(&format!("the number of instructions of {modes} runs"), &first.instructions, &second.instructions)?;
    agree(&format!("the registers of {modes} runs"), &first.registers, &second.registers)?;
    agree(&format!("the public values of {modes} runs"), &first.public_values, &second.public_values)?;
    agree(&format!("the output of {modes} runs"), &first.printed, &second.printed)
}

/// The metered run's rows are exact, except hashes, which are an upper bound.
fn agree_on_rows(metered: &MeteredReport, input: &ProofInput) -> Result<(), TestError> {
    let rows = |air: &str| input.usage.iter().find(|usage| usage.air == air).map(|usage| usage.rows);
    for (air, predicted) in &metered.executors {
        agree(&format!("the rows of {air}, metered and actual"), &Some(*predicted), &rows(air))?;
    }
    for (air, predicted) in metered.memory.by_air() {
        agree(&format!("the rows of {air}, metered and actual"), &Some(predicted), &rows(&air))?;
    }
    let adapters = input.usage.iter().filter(|usage| usage.air.starts_with("AccessAdapter")).map(|usage| usage.rows);
    let counted = metered.memory.adapters.iter().map(|(.., rows)| rows).sum::<usize>();
    agree("the rows of all access adapters, metered and actual", &counted, &adapters.sum())?;
    match rows("Poseidon2") {
        Some(actual) if actual <= metered.memory.hashes => Ok(()),
        actual => Err(TestError::ModesDisagree {
            what: "hashes".to_owned(),
            first: format!("the metered run promises at most {}", metered.memory.hashes),
            second: format!("there are {actual:?}"),
        }),
    }
}
