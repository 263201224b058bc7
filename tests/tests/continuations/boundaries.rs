//! Cuts at any place do not change what is proven.

use serde::{Deserialize, Serialize};
use vm_core::arch::{InitFileGenerator, SegmentationStrategy, SystemConfig, VmConfig};
use vm_core::instructions::VmExe;
use vm_core::machine::{SavedState, VirtualMachine, VmExecutor};
use vm_core::stark::{SecurityPreset, StarkEngine};
use vm_keccak256::Keccak256;
use vm_rv32im::Rv32im;
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::{Transpiler, load_elf};
use vm_sha256::Sha256;
use vm_tests::fixtures;
use vm_tests::model::{asm, elf_of};

use super::support::{After, At, Engine, Every, machine, made, verify};

/// Proves a run that is cut by `strategy`. Compares the results and the planned rows with those of the run itself.
/// Returns the number of instructions of each segment.
fn proven<VC: VmConfig>(
    mut config: VC,
    exe: VmExe,
    inputs: &[Vec<u8>],
    strategy: impl SegmentationStrategy + 'static,
) -> Vec<u64> {
    *config.system_mut() =
        SystemConfig::default().with_continuations().with_segmentation_strategy(std::sync::Arc::new(strategy));
    let pure = VmExecutor::new(config.clone()).execute(&exe, inputs.to_vec()).unwrap();
    let vm = VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config);
    let key = vm.setup(exe).unwrap();
    let proven = vm.prove_continuation(&key, inputs.to_vec()).unwrap();
    let run = key.verifying_key().verify_continuation(&key.exe_commitment(), &proven.proof).unwrap();
    assert_eq!(run.public_values, pure.public_values);
    assert_eq!(proven.plan.report.printed, pure.printed);
    assert_eq!(proven.plan.report.instructions, pure.instructions);
    let segments = &proven.plan.segments;
    assert_eq!(run.segments, segments.len());
    for pair in segments.windows(2) {
        assert_eq!(pair[0].first_instruction + pair[0].instructions, pair[1].first_instruction);
    }
    for (segment, usage) in segments.iter().zip(&proven.usage) {
        for ((air, _), &planned) in proven.plan.airs.iter().zip(&segment.rows) {
            let actual = usage.iter().find(|usage| usage.air == *air).unwrap().rows;
            let exact = !["Poseidon2", "KeccakRound", "Sha256Compress"].contains(&air.as_str());
            assert!(if exact { planned == actual } else { planned >= actual }, "{air}: {planned} planned, {actual}");
        }
    }
    segments.iter().map(|segment| segment.instructions).collect()
}

fn rv32(elf: &[u8], inputs: &[Vec<u8>], strategy: impl SegmentationStrategy + 'static) -> Vec<u64> {
    proven(Rv32imVm::default(), load_elf(elf, &Rv32imVm::default()).unwrap(), inputs, strategy)
}

#[test]
fn one_program_has_one_commitment_root_and_output_however_it_is_cut() {
    let made = made();
    let [cut, uncut] = [&made.run, &made.uncut].map(|run| verify(&made.key, &run.proof).unwrap());
    assert_eq!((cut.final_root, &cut.public_values), (uncut.final_root, &uncut.public_values));
    // The key does not depend on the strategy.
    let again = machine(Every(7)).setup(made.key.exe().clone()).unwrap();
    assert_eq!(again.exe_commitment(), made.key.exe_commitment());
    // A machine without continuations ends with the same memory and the same public values.
    let vm = VirtualMachine::<Engine, _>::new(Engine::new(SecurityPreset::Conjectured100), Rv32imVm::default());
    let key = vm.setup(made.key.exe().clone()).unwrap();
    let proof = vm.prove(&key, fixtures::fibonacci(1000).inputs).unwrap().proof;
    let single = key.verifying_key().verify(&key.exe_commitment(), &proof).unwrap();
    assert_eq!((single.final_root, single.public_values), (cut.final_root, cut.public_values));
}

#[test]
fn behind_each_of_the_first_50_instructions() {
    let fixture = fixtures::fibonacci(30);
    let segments = rv32(fixture.elf, &fixture.inputs, At::new(1..=50));
    assert_eq!((segments.len(), &segments[..50]), (51, &[1; 50][..]));
}

/// The last segment has one instruction, which no AIR executes.
#[test]
fn right_before_the_end() {
    let fixture = fixtures::tiny();
    let exe = load_elf(fixture.elf, &Rv32imVm::default()).unwrap();
    let all = VmExecutor::new(Rv32imVm::default()).execute(&exe, fixture.inputs.clone()).unwrap().instructions;
    assert_eq!(rv32(fixture.elf, &fixture.inputs, At::new([all - 1])), [all - 1, 1]);
    // A cut after the last instruction is ignored, since the next segment would be empty.
    assert_eq!(rv32(fixture.elf, &fixture.inputs, At::new([all])), [all]);
}

/// The input stream, the hint stream, the random number generator and the printed text are passed on from segment to
/// segment.
#[test]
fn behind_every_use_of_the_host() {
    let code = [
        asm::li(5, 0x8000),
        vec![asm::addi(6, 0, 3), asm::hintrandom(6)],
        vec![asm::hintstorew(5), asm::addi(5, 5, 4), asm::hintstorew(5), asm::hintinput()],
        vec![asm::addi(5, 5, 4), asm::hintstorew(5), asm::addi(5, 5, 4)],
        vec![asm::addi(6, 0, 2), asm::hintbuffer(5, 6), asm::printstr(5, 6), asm::hintinput(), asm::hintstorew(5)],
        asm::li(5, 0x8000),
        (0..5).flat_map(|i| [asm::lw(7, 5, 4 * i), asm::reveal(0, 7, 4 * i)]).collect(),
        vec![asm::terminate(0)],
    ]
    .concat();
    let inputs = [b"abcdefgh".to_vec(), b"second".to_vec()];
    let host = After(&["Phantom", "HintStoreWord", "HintBuffer"]);
    let segments = rv32(&elf_of(&code, &[], 0x20_0800), &inputs, host);
    // There are four phantom instructions, four stores of single words, and one step for each word of the buffer.
    assert_eq!(segments.len(), 4 + 4 + 2 + 1, "{segments:?}");
}

/// A machine with RV32IM and the hash instructions.
#[derive(Clone, Debug, Default, Serialize, Deserialize, vm_derive::VmConfig)]
pub(crate) struct HashVm {
    #[system]
    system: SystemConfig,
    #[extension]
    rv32im: Rv32im,
    #[extension]
    keccak256: Keccak256,
    #[extension]
    sha256: Sha256,
}

impl InitFileGenerator for HashVm {}

/// An instruction of several rows is never split: a segment ends before or after it.
#[test]
fn around_instructions_of_several_rows() {
    let keccak: &[u8] = include_bytes!("../../../vm-sdk/extensions/keccak256/tests/guest/keccak256_guest.elf");
    let sha: &[u8] = include_bytes!("../../fixtures/extensions/sha256_guest.elf");
    for (elf, air, after) in [(keccak, "Keccak256", After(&["Keccak256"])), (sha, "Sha256", After(&["Sha256"]))] {
        let exe = || Transpiler::for_machine(&HashVm::default()).unwrap().load(elf).unwrap().exe;
        let inputs = [(0..150u8).collect::<Vec<u8>>()];
        let segments = proven(HashVm::default(), exe(), &inputs, after);
        assert!(segments.len() > 1, "no segment ends after an instruction of {air}");
        let hash = segments[0];
        assert_eq!(proven(HashVm::default(), exe(), &inputs, At::new([hash - 1, hash]))[..2], [hash - 1, 1], "{air}");
    }
}

/// Segments are proven from states that were encoded and decoded, as if by other processes. Their proofs form a valid
/// proof of the same run.
#[test]
fn saved_states_prove_the_same_segments() {
    let made = made();
    let vm = machine(Every(2000));
    let mut runner = vm.segments(&made.key, fixtures::fibonacci(1000).inputs).unwrap();
    let mut segments = Vec::new();
    let mut public_values = None;
    for segment in &made.run.plan.segments {
        let bytes = postcard::to_stdvec(&SavedState::new(runner.state().unwrap())).unwrap();
        let saved: SavedState = postcard::from_bytes(&bytes).unwrap();
        let restored = saved.restore(vm.config().system()).unwrap();
        let mut alone = vm.segments_from(&made.key, restored).unwrap();
        let ready = vm.execute_segment(&mut alone, segment).unwrap();
        let proven = vm.prove_segment(&made.key, ready).unwrap();
        segments.push(proven.proof);
        public_values = proven.public_values;
        runner.skip(segment.instructions).unwrap();
    }
    let proof = super::support::RunProof { segments, public_values: public_values.unwrap(), plan: Vec::new() };
    let run = verify(&made.key, &proof).unwrap();
    assert_eq!(run.public_values, verify(&made.key, &made.run.proof).unwrap().public_values);
}

/// Executing a segment fails, before anything is proven, if the plan does not fit: the first runner is not where the
/// planned segment starts, and the second one executes a run with another input, which ends earlier than planned.
#[test]
fn segments_that_are_not_the_planned_ones_are_refused() {
    let made = made();
    let vm = machine(Every(2000));
    let plan = &made.run.plan.segments;
    let mut runner = vm.segments(&made.key, fixtures::fibonacci(1000).inputs).unwrap();
    let error = vm.execute_segment(&mut runner, &plan[1]).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("does not start where the runner is"), "{error}");
    let mut runner = vm.segments(&made.key, fixtures::fibonacci(3).inputs).unwrap();
    let error = vm.execute_segment(&mut runner, &plan[0]).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("does not have the planned number of instructions"), "{error}");
}
