//! Test programs that run in all modes of execution.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use super::chip_test::ChipTest;
use super::error::TestError;
use crate::arch::{GuestMemory, NUM_REGISTERS, Poseidon2Hasher, Pure, REGISTER_SPACE, Streams, VmConfig, adapter_name};
use crate::instructions::{Instruction, LocalOpcode, MemoryImage, PC_STEP, Program, Region, SystemOpcode, VmExe};
use crate::machine::traces::ProofInput;
use crate::machine::{
    ExecutionReport, FinalState, MeteredReport, VirtualMachine, VmExecutionError, VmExecutor, VmProvingKey,
};
use crate::stark::{SecurityPreset, StarkEngine};
use crate::system::memory::MerkleTree;

/// Result of a run on which the pure and the metered mode agree, with the rows that the metered mode predicts.
#[derive(Clone, Debug)]
pub struct ModesReport {
    /// Report of the run.
    pub run: ExecutionReport,
    /// Rows that the metered mode predicts for a proof.
    pub metered: MeteredReport,
    /// Memory at the end of the run: all non-zero words of all address spaces.
    pub memory: MemoryImage,
}

/// Builder of a test: a program with its initial memory and its input, for a machine.
///
/// If the program has no TERMINATE instruction, one with exit code 0 is added after its last instruction. Execution
/// starts at the lowest program counter, unless [`Self::pc_start`] sets another one.
#[derive(Clone, Debug)]
pub struct VmChipTestBuilder<VC> {
    config: VC,
    instructions: BTreeMap<u32, Instruction>,
    memory: MemoryImage,
    inputs: Vec<Vec<u8>>,
    hints: Vec<u32>,
    pc_start: Option<u32>,
    preset: SecurityPreset,
}

impl<VC: VmConfig> VmChipTestBuilder<VC> {
    /// Creates a test with an empty program, zeroed memory and no input.
    pub fn new(config: VC) -> Self {
        Self {
            config,
            instructions: BTreeMap::new(),
            memory: MemoryImage::new(),
            inputs: Vec::new(),
            hints: Vec::new(),
            pc_start: None,
            preset: SecurityPreset::Conjectured100,
        }
    }

    /// Sets the initial value of the register with a 0-based index.
    ///
    /// # Panics
    /// In debug builds, if there is no such register.
    pub fn register(self, index: usize, value: u32) -> Self {
        debug_assert!(index < NUM_REGISTERS, "the machine has {NUM_REGISTERS} registers");
        self.word(REGISTER_SPACE, 4 * index as u32, value)
    }

    /// Sets the initial value of a word of memory. `pointer` is a byte pointer and a multiple of 4.
    pub fn word(mut self, space: u32, pointer: u32, value: u32) -> Self {
        self.memory.insert((space, pointer), value);
        self
    }

    /// Appends an input vector.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.inputs.push(bytes.into());
        self
    }

    /// Appends words to the hint stream with which the run starts.
    pub fn hints(mut self, words: impl IntoIterator<Item = u32>) -> Self {
        self.hints.extend(words);
        self
    }

    /// Returns the streams with which the run starts.
    fn streams(&self) -> Streams {
        let mut streams = Streams::new(self.inputs.clone());
        streams.hint_stream.extend(self.hints.iter().flat_map(|word| word.to_le_bytes()));
        streams
    }

    /// Places an instruction at a program counter.
    pub fn instruction(mut self, pc: u32, instruction: Instruction) -> Self {
        self.instructions.insert(pc, instruction);
        self
    }

    /// Places instructions at consecutive program counters, beginning with `base`.
    pub fn instructions(mut self, base: u32, instructions: impl IntoIterator<Item = Instruction>) -> Self {
        for (pc, instruction) in (base..).step_by(PC_STEP as usize).zip(instructions) {
            self.instructions.insert(pc, instruction);
        }
        self
    }

    /// Sets the entry point. By default, it is the lowest program counter.
    pub fn pc_start(mut self, pc: u32) -> Self {
        self.pc_start = Some(pc);
        self
    }

    /// Sets the security preset of the keys. The default is [`SecurityPreset::Conjectured100`], because it proves
    /// faster.
    pub fn preset(mut self, preset: SecurityPreset) -> Self {
        self.preset = preset;
        self
    }

    /// Returns the configuration of the machine.
    pub fn config(&self) -> &VC {
        &self.config
    }

    /// Returns the executable.
    ///
    /// # Errors
    /// [`TestError::Program`] if the instructions do not form a program.
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

    /// Runs the program in the pure and the metered mode, and checks that they agree.
    ///
    /// # Errors
    /// - [`TestError::Program`] if the instructions do not form a program.
    /// - [`TestError::Execution`] if a run fails.
    /// - [`TestError::ModesDisagree`] if the modes end in different states.
    pub fn run(&self) -> Result<ModesReport, TestError> {
        let exe = self.exe()?;
        let executor = VmExecutor::new(self.config.clone());
        let pure: FinalState<Pure> = executor.execute_state(&exe, self.streams())?;
        let (metered_state, metered) = executor.execute_metered(&exe, self.streams())?;
        agree_on_reports("pure and metered", &pure.report, &metered_state.report)?;
        let offset = self.config.system().memory_config.as_offset;
        let memory = image_of(pure.memory.memory(), offset);
        agree("the memory of pure and metered runs", &memory, &image_of(metered_state.memory.memory(), offset))?;
        Ok(ModesReport { run: pure.report, metered, memory })
    }

    /// Makes the keys, runs the program in all modes, checks that they agree, and fills the traces.
    ///
    /// # Errors
    /// As [`Self::build_with`]. In addition, [`TestError::Setup`] if no keys can be made.
    pub fn build<E: StarkEngine>(&self) -> Result<ChipTest<E, VC>, TestError> {
        let vm = Arc::new(VirtualMachine::new(E::new(self.preset), self.config.clone()));
        let key = Arc::new(vm.setup(self.exe()?)?);
        self.build_with(vm, key)
    }

    /// As [`Self::build`], but with given keys, which must be for the same configuration and the same executable. With
    /// keys for another executable, this returns an error, or the verifier refuses the proof.
    ///
    /// # Errors
    /// - The errors of [`Self::run`].
    /// - [`TestError::Prove`] if the preflight run fails, the guest terminates with an exit code other than 0, or a
    ///   trace cannot be filled.
    /// - [`TestError::ModesDisagree`] if the preflight run ends in another state than the pure run, or the traces do
    ///   not have the rows that the metered run predicts.
    pub fn build_with<E: StarkEngine>(
        &self,
        vm: Arc<VirtualMachine<E, VC>>,
        key: Arc<VmProvingKey<E, VC>>,
    ) -> Result<ChipTest<E, VC>, TestError> {
        let modes = self.run()?;
        let (input, report, _) = vm.generate_proof_input(&key, self.streams())?;
        agree_on_reports("pure and preflight", &modes.run, &report)?;
        self.agree_on_memory(&modes.memory, &input)?;
        agree_on_rows(&modes.metered, &input)?;
        ChipTest::new(vm, key, input, modes)
    }

    /// Checks that the preflight run ends with the memory of the pure run. Comparing roots is enough, because the tree
    /// covers every address space.
    fn agree_on_memory(&self, memory: &MemoryImage, input: &ProofInput) -> Result<(), TestError> {
        let system = self.config.system();
        let hasher = Poseidon2Hasher::default();
        let tree = MerkleTree::from_image(hasher, &system.memory_config, system.num_public_values, memory)
            .map_err(VmExecutionError::from)?;
        agree("the final memory root of pure and preflight runs", &tree.root(), &input.connector.final_root)
    }
}

/// Returns all non-zero words. `offset` is the number of the first address space.
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

/// Compares the predicted rows with those of the traces. Predictions are exact, except that the number of hashes is an
/// upper bound.
fn agree_on_rows(metered: &MeteredReport, input: &ProofInput) -> Result<(), TestError> {
    let rows = |air: &str| input.usage.iter().find(|usage| usage.air == air).map(|usage| usage.rows);
    for (air, predicted) in &metered.executors {
        agree(&format!("the rows of {air} (predicted, then actual)"), &Some(*predicted), &rows(air))?;
    }
    for (air, predicted) in metered.memory.by_air() {
        agree(&format!("the rows of {air} (predicted, then actual)"), &Some(predicted), &rows(&air))?;
    }
    // `by_air` leaves out the adapters for which no rows are predicted. They have none, or the machine has no such AIR.
    for (words, is_write, predicted) in metered.memory.adapters.iter() {
        let air = adapter_name(words, is_write);
        agree(&format!("the rows of {air} (predicted, then actual)"), &predicted, &rows(&air).unwrap_or(0))?;
    }
    match rows("Poseidon2") {
        Some(actual) if actual <= metered.memory.hashes => Ok(()),
        actual => Err(TestError::ModesDisagree {
            what: "the number of hashes".to_owned(),
            first: format!("the metered run predicts at most {}", metered.memory.hashes),
            second: format!("the trace has {actual:?}"),
        }),
    }
}
