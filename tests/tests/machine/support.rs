//! Helpers that run programs in all modes and compare the outcomes with each other and with the reference model.

use std::collections::BTreeMap;

use vm_core::arch::{
    ChipUsageGetter, ExecutionError, ExecutionMode, ExitStatus, HostRng, LEAF_BYTES, MemoryRows, Metered, Observer,
    OfflineMemory, Poseidon2Hasher, Pure, RunLimits, RunOutcome, Streams, VmConfig, VmState, WrittenNodes, run,
};
use vm_core::instructions::{MemoryImage, VmExe};
use vm_core::machine::{CachedProgram, ProofInput, VirtualMachine, VmChipComplex, VmExecutor};
use vm_core::stark::{BabyBearWhirBlake3Engine, SecurityPreset, StarkEngine};
use vm_core::system::memory::{
    GuestMemory, MAIN_SPACE, MemoryController, MerkleTree, PUBLIC_VALUES_SPACE, REGISTER_SPACE,
};
use vm_core::system::program::ProgramAir;
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;
use vm_tests::fixtures::NUM_PUBLIC_VALUES;
use vm_tests::model::{Exit, Model, Outcome, Trap};

/// Engine of all tests that do not compare engines: the default backend with the fastest hash function.
pub(crate) type Engine = BabyBearWhirBlake3Engine;

/// Address at which the programs of these tests are linked.
pub(crate) const BASE: u32 = 0x0020_0800;

/// Returns the RV32IM machine with the fast preset.
pub(crate) fn machine() -> VirtualMachine<Engine, Rv32imVm> {
    VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), Rv32imVm::default())
}

/// Outcome of a run in one mode, successful or not.
pub(crate) struct ModeRun<M> {
    pub(crate) result: Result<RunOutcome, ExecutionError>,
    /// All words of all address spaces that are not zero.
    pub(crate) image: MemoryImage,
    pub(crate) streams: Streams,
    /// AIR name and number of records of each executor. Only preflight runs keep records.
    pub(crate) recorded_rows: Vec<(String, usize)>,
    pub(crate) mode: M,
}

/// Runs in one mode, and keeps the state even if the run fails.
pub(crate) fn run_mode<M: ExecutionMode>(config: &Rv32imVm, exe: &VmExe, inputs: &[Vec<u8>], mode: M) -> ModeRun<M> {
    let mut complex = VmChipComplex::new(config).expect("the configuration is valid");
    let program = complex.load_program(&exe.program);
    let system = config.system().clone();
    let memory = GuestMemory::from_image(&system.memory_config, system.num_public_values, &exe.init_memory)
        .expect("the program's memory fits the machine");
    let streams = Streams::new(inputs.to_vec());
    let mut vm = VmState::new(MemoryController::new(memory, mode), streams, HostRng::new(0));
    let limits = RunLimits { max_instructions: 1 << 24, clk_max_bits: system.memory_config.clk_max_bits };
    let (executors, phantom) = (complex.inventory.executors_mut(), &mut complex.base.phantom.executor);
    let result =
        run(&program, executors, phantom, &mut vm, exe.pc_start, limits, Observer::default()).map_err(|error| *error);
    let (memory, mode) = vm.memory.into_parts();
    let recorded_rows =
        complex.inventory.executors().iter().map(|chip| (chip.air_name(), chip.current_trace_height())).collect();
    ModeRun { result, image: image_of(&memory), streams: vm.streams, recorded_rows, mode }
}

/// Returns all words that are not zero.
fn image_of(memory: &GuestMemory) -> MemoryImage {
    let words = memory.words();
    (0..words.num_spaces())
        .flat_map(|space| {
            words.nonzero(space).map(move |(index, word)| ((space as u32 + memory.offset(), 4 * index as u32), word))
        })
        .collect()
}

/// Outcome on which all modes agreed.
pub(crate) struct Agreed {
    pub(crate) result: Result<RunOutcome, ExecutionError>,
    pub(crate) image: MemoryImage,
    pub(crate) printed: Vec<u8>,
    pub(crate) memory_rows: MemoryRows,
}

impl Agreed {
    pub(crate) fn register(&self, number: u32) -> u32 {
        self.image.get(&(REGISTER_SPACE, 4 * number)).copied().unwrap_or(0)
    }

    pub(crate) fn public_values(&self) -> Vec<u8> {
        let word = |pointer| self.image.get(&(PUBLIC_VALUES_SPACE, pointer)).copied().unwrap_or(0);
        (0..NUM_PUBLIC_VALUES as u32).step_by(4).flat_map(|pointer| word(pointer).to_le_bytes()).collect()
    }

    /// Pointers and contents of the words of main memory that are not zero, in ascending order.
    pub(crate) fn main_memory(&self) -> Vec<(u32, u32)> {
        let main = self.image.iter().filter(|((space, _), _)| *space == MAIN_SPACE);
        main.map(|(&(_, pointer), &word)| (pointer, word)).collect()
    }

    pub(crate) fn exit_code(&self) -> Option<u32> {
        match self.result {
            Ok(RunOutcome { exit: ExitStatus::Terminated(code), .. }) => Some(code),
            _ => None,
        }
    }
}

/// Does a pure, a metered and a preflight run of `exe`. Asserts that the three agree on the outcome or the error, on
/// every word of every address space and on the streams. If the run succeeds, also asserts that the rows counted by the
/// metered run are those of the traces.
pub(crate) fn all_modes(config: &Rv32imVm, exe: &VmExe, inputs: &[Vec<u8>], what: &str) -> Agreed {
    let system = config.system();
    let (memory, num_public_values) = (&system.memory_config, system.num_public_values);
    let executors = VmChipComplex::new(config).expect("the configuration is valid").inventory.executors().len();
    let pure = run_mode(config, exe, inputs, Pure);
    let metered = run_mode(
        config,
        exe,
        inputs,
        Metered::new(memory, num_public_values, executors, WrittenNodes::of_image(memory, &exe.init_memory)),
    );
    let preflight = run_mode(config, exe, inputs, OfflineMemory::new(memory, num_public_values));

    // A pure run keeps no time; the other two must agree on it.
    let timeless = |result: &Result<RunOutcome, ExecutionError>| {
        result.clone().map(|outcome| (outcome.state.pc, outcome.instructions, outcome.exit))
    };
    assert_eq!(timeless(&pure.result), timeless(&metered.result), "{what}: pure and metered outcome");
    assert_eq!(metered.result, preflight.result, "{what}: metered and preflight outcome");
    assert_eq!(pure.image, metered.image, "{what}: pure and metered memory");
    assert_eq!(pure.image, preflight.image, "{what}: pure and preflight memory");
    assert_eq!(pure.streams, metered.streams, "{what}: pure and metered streams");
    assert_eq!(pure.streams, preflight.streams, "{what}: pure and preflight streams");

    let mut memory_rows = MemoryRows::default();
    if pure.result.is_ok() {
        let counted: Vec<usize> = preflight.recorded_rows.iter().map(|(_, rows)| *rows).collect();
        assert_eq!(metered.mode.rows(), counted, "{what}: rows per executor, metered and preflight");
        memory_rows = check_traces(config, exe, inputs, &pure.image, what);
    }
    Agreed { result: pure.result, image: pure.image, printed: pure.streams.printed.as_bytes().to_vec(), memory_rows }
}

/// Fills the traces, without a key. Compares their numbers of rows with the counts of the metered run, and their final
/// memory root with the root of the tree of `image`.
fn check_traces(config: &Rv32imVm, exe: &VmExe, inputs: &[Vec<u8>], image: &MemoryImage, what: &str) -> MemoryRows {
    let executor = VmExecutor::new(config.clone());
    let (_, metered) = executor.execute_metered(exe, inputs.to_vec()).expect("the run succeeds");
    let (input, final_root) = traces(config, exe, inputs, image);
    assert_eq!(input.connector.final_root, final_root, "{what}: final memory root");
    let rows: BTreeMap<&str, usize> = input.usage.iter().map(|usage| (usage.air.as_str(), usage.rows)).collect();
    for (air, predicted) in &metered.executors {
        assert_eq!(rows[air.as_str()], *predicted, "{what}: rows of {air}");
    }
    let memory = metered.memory;
    assert_eq!(rows["MemoryLeaf"], memory.leaves, "{what}: leaves");
    assert_eq!(rows["MemoryNode"], memory.nodes, "{what}: nodes");
    assert_eq!(rows["MemoryRefresh"], memory.refreshes, "{what}: refreshes");
    assert!(
        rows["Poseidon2"] <= memory.hashes,
        "{what}: {} hashes, more than the {} predicted",
        rows["Poseidon2"],
        memory.hashes
    );
    memory
}

/// Returns the traces of a run in one segment and the root of the tree of `image`.
fn traces(
    config: &Rv32imVm,
    exe: &VmExe,
    inputs: &[Vec<u8>],
    image: &MemoryImage,
) -> (ProofInput, vm_core::arch::Digest) {
    let system = config.system();
    let tree = |image: &MemoryImage| {
        let hasher = Poseidon2Hasher::default();
        MerkleTree::from_image(hasher, &system.memory_config, system.num_public_values, image).expect("memory fits")
    };
    assert_eq!(system.num_public_values % LEAF_BYTES, 0);
    let complex = VmChipComplex::new(config).expect("the configuration is valid");
    let program_air = ProgramAir::new(&complex.load_program(&exe.program));
    let airs = complex.air_set(program_air.clone()).airs;
    let max_log_heights = vec![system.max_log_height; airs.len()];
    let cached = CachedProgram { airs, max_log_heights, program_air };
    let segments = VmExecutor::new(config.clone()).execute_segments(exe, inputs.to_vec()).expect("the run succeeds");
    let [segment] = <[_; 1]>::try_from(segments).unwrap_or_else(|s| panic!("expected one segment, got {}", s.len()));
    let input = segment.generate_proof_input(&cached, &mut tree(&exe.init_memory)).expect("traces");
    (input, tree(image).root())
}

/// Runs an ELF file on the machine, in all modes, and in the model. Compares registers, memory, public values, output
/// and the exit code or error.
pub(crate) fn against_model(elf: &[u8], inputs: &[Vec<u8>], what: &str) -> (Agreed, Outcome) {
    let exe = load_elf(elf, &Rv32imVm::default()).unwrap_or_else(|error| panic!("{what}: {error}"));
    let agreed = all_modes(&Rv32imVm::default(), &exe, inputs, what);
    let mut model = Model::from_elf(elf).expect("the model loads what the machine loads");
    model = model.with_num_public_values(NUM_PUBLIC_VALUES);
    let outcome = model.run(inputs.to_vec(), 1 << 24);

    for number in 0..32 {
        let (got, expected) = (agreed.register(number), outcome.regs[number as usize]);
        assert_eq!(got, expected, "{what}: register x{number}: {got:#x}, in the model {expected:#x}");
    }
    assert_eq!(agreed.main_memory(), model.memory.nonzero_words(), "{what}: memory");
    assert_eq!(agreed.public_values(), outcome.public_values, "{what}: public values");
    assert_eq!(agreed.printed, outcome.printed, "{what}: output");
    match (&agreed.result, &outcome.exit) {
        (Ok(run), Exit::Code(code)) => assert_eq!(run.exit, ExitStatus::Terminated(*code), "{what}: exit code"),
        (Err(error), Exit::Trap(trap)) => assert_same_error(error, trap, outcome.pc, what),
        (got, expected) => panic!("{what}: the machine ends with {got:?}, the model with {expected:?}"),
    }
    (agreed, outcome)
}

/// Asserts that the machine's error is the one that corresponds to the model's trap, at the same pc.
fn assert_same_error(error: &ExecutionError, trap: &Trap, model_pc: u32, what: &str) {
    use vm_core::system::memory::MemoryError;
    let pc = match (error, trap) {
        (ExecutionError::PcNotFound { pc, .. }, Trap::PcOutOfProgram | Trap::IllegalInstruction { .. }) => *pc,
        (
            ExecutionError::Memory { pc, source: MemoryError::Misaligned { pointer, width } },
            Trap::MisalignedAccess { address, size },
        ) => {
            assert_eq!((pointer, width), (address, size), "{what}");
            *pc
        }
        (ExecutionError::Memory { pc, source: MemoryError::OutOfRange { .. } }, Trap::OutOfMemory { .. }) => *pc,
        (ExecutionError::EndOfInputStream { pc, .. }, Trap::NoInput) => *pc,
        (ExecutionError::HintOutOfBounds { pc, .. }, Trap::HintStreamTooShort { .. }) => *pc,
        (ExecutionError::PublicValueIndexOutOfBounds { pc, index, .. }, Trap::RevealOutOfRange { offset }) => {
            assert_eq!(index, offset, "{what}");
            *pc
        }
        _ => panic!("{what}: the machine fails with {error:?}, the model with {trap:?}"),
    };
    assert_eq!(pc, model_pc, "{what}: pc of the error");
}
