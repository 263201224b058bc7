//! Lists of segments that do not form a run. The verifier that users call refuses each of them, for the expected
//! reason.

use vm_core::arch::{ExitStatus, HexDigest, Poseidon2Hasher, SplitRule};
use vm_core::machine::{
    MAX_SEGMENTS, ProvenSegment, RunState, SegmentPlan, VirtualMachine, VmProof, VmVerificationError as Refused,
};
use vm_core::stark::{EF, ProverMemory, SecurityPreset, StarkEngine, VerifyError};
use vm_core::system::memory::{MAIN_SPACE, PUBLIC_VALUES_SPACE, REGISTER_SPACE};
use vm_sdk::config::Rv32imVm;
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::stark::F;
use vm_sdk::transpiler::load_elf;
use vm_tests::fixtures;
use vm_tests::model::{asm, elf_of};

use super::support::{Engine, Every, Key, Machine, Made, RunProof, copy, machine, made, verify};

/// Positions in the connector's public values.
const IS_TERMINATE: usize = 3;
const EXIT_CODE: usize = 2;
const FINAL_PC: usize = 1;

/// Returns the index of the connector's AIR.
fn connector(made: &Made) -> usize {
    made.key.verifying_key().stark().air_index("Connector").unwrap()
}

/// Returns the error of the honest proof of three segments after `change`.
fn refused(change: impl FnOnce(&mut RunProof)) -> Refused {
    let made = made();
    let mut proof = copy(&made.run.proof);
    change(&mut proof);
    verify(&made.key, &proof).expect_err("the changed proof is not a proof of the run")
}

#[test]
fn honest_chains_are_accepted_with_their_values() {
    let made = made();
    let run = verify(&made.key, &made.run.proof).unwrap();
    assert_eq!(run.segments, 3);
    assert_eq!(run.public_values, made.run.plan.report.public_values);
    assert!(run.security.bits >= 100.0);
    assert_ne!(verify(&made.key, &made.other.proof).unwrap().public_values, run.public_values);
}

/// One segment is missing. Without the first, the run does not start at the entry point. Without the second, the third
/// does not start with the memory with which the first one ends; both seams are at the same pc of the loop. Without the
/// last, the program does not end.
#[test]
fn dropped_segments() {
    let drop = |segment: usize| refused(|proof| drop(proof.segments.remove(segment)));
    assert!(matches!(drop(0), Refused::InitialPcMismatch { segment: 0, .. }), "{}", drop(0));
    assert!(matches!(drop(1), Refused::InitialMemoryRootMismatch { segment: 1, .. }), "{}", drop(1));
    assert!(matches!(drop(2), Refused::IsTerminateMismatch { segment: 1, expected: true, got: false }), "{}", drop(2));
}

#[test]
fn no_segments() {
    assert!(matches!(refused(|proof| proof.segments.clear()), Refused::NoSegments));
}

/// The verifier counts the segments before it reads any of them, so they need not be proofs. Here, a segment is decoded
/// from zeros, except for the length of the commitment, which cannot be empty.
#[test]
fn more_segments_than_are_looked_at() {
    let mut bytes = [0; 1024];
    bytes[35] = 1;
    let empty = || postcard::take_from_bytes::<VmProof<Engine>>(&bytes).unwrap().0;
    let with = |number: usize| refused(|proof| proof.segments = (0..number).map(|_| empty()).collect());
    let error = with(MAX_SEGMENTS + 1);
    assert!(matches!(error, Refused::TooManySegments { max: MAX_SEGMENTS, got } if got == MAX_SEGMENTS + 1), "{error}");
    for number in [1, MAX_SEGMENTS] {
        let error = with(number);
        assert!(matches!(error, Refused::ProgramCommitMismatch { segment: 0, .. }), "{error}");
    }
}

#[test]
fn swapped_and_duplicated_segments() {
    let swapped = refused(|proof| proof.segments.swap(0, 1));
    assert!(matches!(swapped, Refused::InitialPcMismatch { segment: 0, .. }), "{swapped}");
    // Both seams are at the same pc of the loop, so only the memory roots differ.
    let swapped = refused(|proof| proof.segments.swap(1, 2));
    assert!(matches!(swapped, Refused::InitialMemoryRootMismatch { segment: 1, .. }), "{swapped}");
    let swapped = refused(|proof| proof.segments.swap(0, 2));
    assert!(matches!(swapped, Refused::InitialPcMismatch { segment: 0, .. }), "{swapped}");
    for segment in 0..3 {
        let duplicated = refused(|proof| {
            let again = copy(&made().run.proof).segments.remove(segment);
            proof.segments.insert(segment, again);
        });
        let is_named = match segment {
            0 => matches!(duplicated, Refused::InitialPcMismatch { segment: 1, .. }),
            1 => matches!(duplicated, Refused::InitialMemoryRootMismatch { segment: 2, .. }),
            // The first of the two starts where it should, but it terminates and is not the last segment.
            _ => matches!(duplicated, Refused::IsTerminateMismatch { segment: 2, expected: false, got: true }),
        };
        assert!(is_named, "{duplicated}");
    }
}

/// Returns the key of a program, and the proof of its run in segments of `instructions` instructions.
fn cut_every(instructions: u64, code: &[u32]) -> (Key, RunProof) {
    let vm = machine(Every(instructions));
    let key = vm.setup(load_elf(&elf_of(code, &[], 0x20_0800), &Rv32imVm::default()).unwrap()).unwrap();
    let proof = vm.prove_continuation(&key, vec![]).unwrap().proof;
    verify(&key, &proof).unwrap();
    (key, proof)
}

/// Branches to the next instruction only change the pc, so segments differ only in their pcs. This holds for segments
/// of one run, and for those of two runs that are cut at different places. Lists whose pcs do not follow each other are
/// refused.
#[test]
fn segments_that_change_no_memory_are_told_apart_by_their_pcs() {
    let code = [asm::beq(0, 0, 4), asm::beq(0, 0, 4), asm::beq(0, 0, 4), asm::terminate(0)];
    let ((key, ones), (_, twos)) = (cut_every(1, &code), cut_every(2, &code));
    let air = key.verifying_key().stark().air_index("Connector").unwrap();
    for segment in ones.segments.iter().chain(&twos.segments) {
        let shown = &segment.stark.public_values[air];
        let root = &ones.segments[0].stark.public_values[air][4..12];
        assert_eq!((&shown[4..12], &shown[12..20]), (root, root));
    }
    let spliced = |segments: &[(&RunProof, usize)]| {
        let mut proof = copy(&ones);
        proof.segments = segments.iter().map(|(run, segment)| copy(run).segments.remove(*segment)).collect();
        verify(&key, &proof)
    };
    let (ones, twos) = (&ones, &twos);
    // Segments of both runs may be combined if their pcs follow each other: the places of the cuts need not be the
    // same.
    for segments in [&[(twos, 0), (ones, 2), (ones, 3)][..], &[(ones, 0), (ones, 1), (twos, 1)]] {
        assert_eq!(spliced(segments).unwrap().segments, 3);
    }
    let refused: [(&[_], usize); 9] = [
        (&[(ones, 1), (ones, 2), (ones, 3)], 0),
        (&[(ones, 0), (ones, 2), (ones, 3)], 1),
        (&[(ones, 1), (ones, 0), (ones, 2), (ones, 3)], 0),
        (&[(ones, 0), (ones, 2), (ones, 1), (ones, 3)], 1),
        (&[(ones, 0), (ones, 1), (ones, 3), (ones, 2)], 2),
        (&[(twos, 1)], 0),
        (&[(ones, 0), (twos, 1)], 1),
        (&[(twos, 0), (ones, 1), (ones, 2), (ones, 3)], 1),
        (&[(ones, 0), (ones, 1), (ones, 2), (twos, 1)], 3),
    ];
    for (segments, wrong) in refused {
        let error = spliced(segments).unwrap_err();
        assert!(matches!(error, Refused::InitialPcMismatch { segment, .. } if segment == wrong), "{error}");
    }
}

/// Each segment is one iteration of a loop that starts at the entry point, so by its pc it could be the first one. The
/// verifier refuses dropped, swapped and repeated segments because it compares the memory roots.
#[test]
fn segments_that_begin_at_the_entry_point_are_told_apart_by_their_memory() {
    let code = [asm::addi(5, 5, 1), asm::addi(6, 0, 3), asm::bne(5, 6, -8), asm::terminate(0)];
    let (key, honest) = cut_every(3, &code);
    assert_eq!(honest.segments.len(), 4);
    type Change = fn(&mut RunProof);
    let changes: [(Change, usize); 5] = [
        (|proof| drop(proof.segments.remove(0)), 0),
        (|proof| proof.segments.swap(0, 1), 0),
        (|proof| drop(proof.segments.remove(1)), 1),
        (|proof| proof.segments.swap(1, 2), 1),
        (|proof| proof.segments.splice(2.., copy(proof).segments.drain(1..)).for_each(drop), 2),
    ];
    for (change, wrong) in changes {
        let mut proof = copy(&honest);
        change(&mut proof);
        let error = verify(&key, &proof).unwrap_err();
        assert!(matches!(error, Refused::InitialMemoryRootMismatch { segment, .. } if segment == wrong), "{error}");
    }
}

/// Proves one segment of at most `at_most` instructions from any state.
fn prove_from(vm: &Machine, key: &Key, mut state: RunState, at_most: u64) -> ProvenSegment<Engine> {
    let instructions = vm.segments_from(key, state.snapshot()).unwrap().skip(at_most).unwrap().instructions;
    let (initial_pc, first_instruction) = (state.pc, state.instructions);
    let SplitRule { max_instances, rows_per_instance, .. } = vm.config().system.split_rule(ProverMemory::default());
    let rows = Vec::new();
    let plan = SegmentPlan { initial_pc, first_instruction, instructions, max_instances, rows_per_instance, rows };
    let ready = vm.execute_segment(&mut vm.segments_from(key, state).unwrap(), &plan).unwrap();
    vm.prove_segment(key, ready).unwrap()
}

/// One segment is proven from a state that was changed before it: the pc, a register, main memory or a public value.
/// Its STARK is valid, but the verifier refuses the chain, because the segment does not start where the one before it
/// ends, or where the program starts.
#[test]
fn segments_that_are_proven_from_forged_states_do_not_follow() {
    let (made, vm) = (made(), machine(Every(2000)));
    let key = made.key.verifying_key();
    let changes: [fn(&mut RunState); 4] = [
        |state| state.pc += 4,
        |state| state.memory.poke(REGISTER_SPACE, 4 * 27, 1).unwrap(),
        |state| state.memory.poke(MAIN_SPACE, 0x100, 1).unwrap(),
        |state| state.memory.poke(PUBLIC_VALUES_SPACE, 0, 1).unwrap(),
    ];
    for (segment, plan) in made.run.plan.segments.iter().enumerate() {
        for (change, forge) in changes.iter().enumerate() {
            let mut runner = vm.segments(&made.key, fixtures::fibonacci(1000).inputs).unwrap();
            runner.skip(plan.first_instruction).unwrap();
            let mut state = runner.state().unwrap().snapshot();
            forge(&mut state);
            let forged = prove_from(&vm, &made.key, state, plan.instructions).proof;
            key.verify_segment(segment, &forged).unwrap();
            let error = refused(|proof| proof.segments[segment] = forged);
            let is_named = match change {
                0 => matches!(error, Refused::InitialPcMismatch { segment: s, .. } if s == segment),
                _ => matches!(error, Refused::InitialMemoryRootMismatch { segment: s, .. } if s == segment),
            };
            assert!(is_named, "segment {segment}, change {change}: {error}");
        }
    }
}

/// The rest of the run is proven from a forged state in one segment, with the public values at its end, so the forged
/// state is the only thing that is false. Forgeries of the pc skip an instruction, the first one or a later one.
/// Forgeries of memory start with a public value that no instruction has revealed. The verifier refuses both where the
/// forged state starts, because the pc or the memory root does not match.
#[test]
fn nothing_but_the_seam_tells_a_run_that_goes_on_from_a_forged_state() {
    let (vm, code) = (machine(Every(1)), [asm::addi(5, 0, 7), asm::reveal(0, 5, 0), asm::terminate(0)]);
    let (key, honest) = cut_every(1, &code);
    assert_eq!((honest.segments.len(), &honest.public_values.public_values), (3, &words(&[7])));
    let forged = |segment: usize, forge: fn(&mut RunState)| {
        let mut runner = vm.segments(&key, vec![]).unwrap();
        runner.skip(segment as u64).unwrap();
        let mut state = runner.state().unwrap().snapshot();
        forge(&mut state);
        let ProvenSegment { proof: rest, public_values, .. } = prove_from(&vm, &key, state, u64::MAX);
        let public_values = public_values.unwrap();
        let shown = public_values.public_values.clone();
        let end = key.verifying_key().verify_segment(segment, &rest).unwrap();
        assert_eq!((end.is_terminate, end.exit_code_u32()), (F::ONE, 0));
        let layout = key.verifying_key().layout();
        public_values.verify(&Poseidon2Hasher::default(), layout, &end.final_root).unwrap();
        let mut proof = copy(&honest);
        proof.segments.truncate(segment);
        proof.segments.push(rest);
        (shown, verify(&key, &RunProof { public_values, ..proof }).unwrap_err())
    };
    for segment in 0..2 {
        let (shown, error) = forged(segment, |state| state.pc += 4);
        assert_eq!(shown, words(&[0]));
        let Refused::InitialPcMismatch { segment: named, expected, got } = error else { panic!("{error}") };
        assert_eq!((named, got), (segment, expected + 4));
    }
    for segment in 0..3 {
        let (shown, error) = forged(segment, |state| state.memory.poke(PUBLIC_VALUES_SPACE, 16, 9).unwrap());
        assert_eq!(shown, words(&[7, 0, 0, 0, 9]));
        assert!(matches!(error, Refused::InitialMemoryRootMismatch { segment: s, .. } if s == segment), "{error}");
    }
}

/// Returns public values that start with these words, followed by zeros.
fn words(first: &[u32]) -> Vec<u8> {
    let mut bytes: Vec<u8> = first.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.resize(32, 0);
    bytes
}

/// One segment is replaced by that of another run of the same program. The pcs match, since both runs are cut at the
/// same instruction of the loop. The memory root at the start of the second segment does not match.
#[test]
fn spliced_runs_do_not_agree_on_memory() {
    let spliced = refused(|proof| proof.segments[1] = copy(&made().other.proof).segments.remove(1));
    assert!(matches!(spliced, Refused::InitialMemoryRootMismatch { segment: 1, .. }), "{spliced}");
    let spliced = refused(|proof| proof.segments[0] = copy(&made().other.proof).segments.remove(0));
    assert!(matches!(spliced, Refused::InitialMemoryRootMismatch { segment: 1, .. }), "{spliced}");
}

/// A run that ends in its first segment is followed by the segments of another run. The verifier refuses it, because
/// only the last segment may terminate.
#[test]
fn nothing_follows_a_segment_that_terminates() {
    let longer = refused(|proof| {
        let mut segments = copy(&made().uncut.proof).segments;
        segments.append(&mut proof.segments);
        proof.segments = segments;
    });
    assert!(matches!(longer, Refused::IsTerminateMismatch { segment: 0, expected: false, got: true }), "{longer}");
}

/// Changes every public value of every connector: the pcs at the start and end, the exit code, the termination flag and
/// the memory roots. The comparison that reads the changed value refuses the proof. The final root of the last segment
/// is compared with the root of the user public values. The final pc of the last segment is not compared with anything,
/// so the STARK refuses its change.
#[test]
fn no_value_of_a_connector_can_be_changed() {
    let air = connector(made());
    for segment in 0..3 {
        for value in 0..20 {
            let error = refused(|proof| proof.segments[segment].stark.public_values[air][value] += F::ONE);
            let expected = match (segment, value) {
                (_, 0) => matches!(error, Refused::InitialPcMismatch { segment: s, .. } if s == segment),
                (2, FINAL_PC) => matches!(error, Refused::Stark { segment: 2, .. }),
                (_, FINAL_PC) => matches!(error, Refused::InitialPcMismatch { segment: s, .. } if s == segment + 1),
                (_, EXIT_CODE) => matches!(error, Refused::ExitCodeMismatch { segment: s, .. } if s == segment),
                (_, IS_TERMINATE) => matches!(error, Refused::IsTerminateMismatch { segment: s, .. } if s == segment),
                (_, 4..12) => matches!(error, Refused::InitialMemoryRootMismatch { segment: s, .. } if s == segment),
                (2, _) => matches!(error, Refused::PublicValues(_)),
                _ => matches!(error, Refused::InitialMemoryRootMismatch { segment: s, .. } if s == segment + 1),
            };
            assert!(expected, "segment {segment}, value {value}: {error}");
        }
    }
}

/// Both sides of a seam are changed in the same way, so all comparisons between segments hold. The STARK of the segment
/// before the seam refuses the proof, since it proves another end of that segment.
#[test]
fn a_seam_that_was_changed_on_both_sides_is_not_proven() {
    let air = connector(made());
    for seam in 0..2 {
        for (left, right) in [(FINAL_PC, 0), (12, 4), (19, 11)] {
            let error = refused(|proof| {
                proof.segments[seam].stark.public_values[air][left] += F::ONE;
                proof.segments[seam + 1].stark.public_values[air][right] += F::ONE;
            });
            assert!(matches!(error, Refused::Stark { segment, .. } if segment == seam), "{error}");
        }
    }
}

/// The STARK of one segment is damaged: the messages have another sum. The verifier refuses it in every segment, the
/// last one included.
#[test]
fn the_stark_of_every_segment_is_verified() {
    for segment in 0..3 {
        let error = refused(|proof| {
            let messages = proof.segments[segment].stark.batch.proof.lookup.as_mut().unwrap();
            messages.root_denominator += EF::ONE;
        });
        assert!(matches!(error, Refused::Stark { segment: s, .. } if s == segment), "{error}");
    }
}

#[test]
fn segments_of_another_program() {
    let made = made();
    let vm = machine(Every(2000));
    let other = vm.setup(load_elf(fixtures::tiny().elf, &Rv32imVm::default()).unwrap()).unwrap();
    let foreign = vm.prove_continuation(&other, fixtures::tiny().inputs).unwrap().proof;
    let error = refused(|proof| proof.segments[1] = copy(&foreign).segments.remove(0));
    assert!(matches!(error, Refused::ProgramCommitMismatch { segment: 1, .. }), "{error}");
    // The forged segments contain this key's digest, so they claim to be of this program. If only the first segment is
    // verified, its STARK refuses it. In the whole proof, the initial memory root is compared first.
    let renamed = || {
        let mut proof = copy(&foreign);
        proof.segments.iter_mut().for_each(|segment| segment.key_digest = made.key.verifying_key().digest());
        proof
    };
    let error = made.key.verifying_key().verify_segment(0, &renamed().segments[0]).unwrap_err();
    assert!(matches!(error, Refused::Stark { segment: 0, .. }), "{error}");
    let error = verify(&made.key, &renamed()).unwrap_err();
    assert!(matches!(error, Refused::InitialMemoryRootMismatch { segment: 0, .. }), "{error}");
    // The proof is valid for the other program's key, but the caller trusts the commitment of this program.
    let error = other.verifying_key().verify_continuation(&made.key.exe_commitment(), &foreign).unwrap_err();
    let Refused::ExeCommitmentMismatch { expected, got } = error else { panic!("{error}") };
    assert_eq!((expected, got), (HexDigest::from(made.key.exe_commitment()), other.exe_commitment().into()));
}

/// A valid proof of another program gets this key's digest. Both programs have the same entry point and the same
/// initial memory, and differ only in one immediate. No comparison reads the instructions, so it is the STARK that
/// refuses the proof.
#[test]
fn segments_of_another_program_that_starts_alike() {
    let vm = machine(Every(1));
    let key_of = |value: i32| {
        let code = [asm::addi(5, 0, value), asm::reveal(0, 5, 0), asm::terminate(0)];
        let exe = load_elf(&elf_of(&code, &[], 0x20_0800), &Rv32imVm::default()).unwrap();
        vm.setup(exe.with_init_memory(Default::default())).unwrap()
    };
    let (key, other) = (key_of(7), key_of(8));
    let mut proof = vm.prove_continuation(&other, vec![]).unwrap().proof;
    assert_eq!(verify(&other, &proof).unwrap().public_values, words(&[8]));
    proof.segments.iter_mut().for_each(|segment| segment.key_digest = key.verifying_key().digest());
    let error = verify(&key, &proof).unwrap_err();
    assert!(matches!(error, Refused::Stark { segment: 0, .. }), "{error}");
}

/// The prover refuses to prove a run that fails. The verifier refuses a proof of such a run that was made segment by
/// segment, because of its exit code.
#[test]
fn a_failing_guest_has_no_proof() {
    let code = [asm::nop(), asm::nop(), asm::terminate(3)];
    let vm = machine(Every(2));
    let key = vm.setup(load_elf(&elf_of(&code, &[], 0x20_0800), &Rv32imVm::default()).unwrap()).unwrap();
    let error = vm.prove_continuation(&key, vec![]).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("exit code 3"), "{error}");
    let plan = vm.executor.plan(key.exe(), vec![], &Default::default()).unwrap();
    assert_eq!(plan.report.exit, ExitStatus::Terminated(3));
    let mut runner = vm.segments(&key, vec![]).unwrap();
    let mut segments = Vec::new();
    let mut public_values = None;
    for segment in &plan.segments {
        let ready = vm.execute_segment(&mut runner, segment).unwrap();
        let proven = vm.prove_segment(&key, ready).unwrap();
        segments.push(proven.proof);
        public_values = proven.public_values;
    }
    let proof = RunProof { segments, public_values: public_values.unwrap(), plan: Vec::new() };
    let error = verify(&key, &proof).unwrap_err();
    assert!(matches!(error, Refused::ExitCodeMismatch { segment: 1, expected: 0, got: 3 }), "{error}");
}

/// Machines with and without continuations have different kinds of proofs. The key of either machine refuses proofs of
/// the other kind.
#[test]
fn proofs_of_the_other_kind_of_machine() {
    let made = made();
    let vm = VirtualMachine::<Engine, _>::new(Engine::new(SecurityPreset::Conjectured100), Rv32imVm::default());
    let key = vm.setup(made.key.exe().clone()).unwrap();
    assert_ne!(key.exe_commitment(), made.key.exe_commitment(), "the commitment does not depend on the machine");
    let error = key.verifying_key().verify_continuation(&key.exe_commitment(), &made.run.proof).unwrap_err();
    assert!(matches!(error, Refused::Continuations { expected: false }), "{error}");
    let segment = &made.uncut.proof.segments[0];
    let error = made.key.verifying_key().verify(&made.key.exe_commitment(), segment).unwrap_err();
    assert!(matches!(error, Refused::Continuations { expected: true }), "{error}");
}

#[test]
fn required_airs_and_numbers_of_public_values() {
    let made = made();
    let key = made.key.verifying_key().stark();
    for (index, air) in key.airs().iter().enumerate() {
        if air.required {
            let error = refused(|proof| proof.segments[1].stark.instance_counts[index] = 0);
            let Refused::SystemAirMissing { segment: 1, air: named } = error else { panic!("{}: {error}", air.name) };
            assert_eq!(named, air.name);
        }
        let error = refused(|proof| proof.segments[1].stark.public_values[index].push(F::ZERO));
        let Refused::UnexpectedPublicValues { segment: 1, air: named, expected, got } = error else {
            panic!("{}: {error}", air.name)
        };
        assert_eq!((named, got), (air.name.clone(), expected + 1));
    }
    let error = refused(|proof| proof.segments[2].stark.public_values[connector(made)].truncate(19));
    assert!(matches!(error, Refused::UnexpectedPublicValues { segment: 2, expected: 20, got: 19, .. }), "{error}");
    let error = refused(|proof| proof.segments[0].stark.instance_counts.clear());
    assert!(matches!(error, Refused::SystemAirMissing { segment: 0, .. }), "{error}");
}

#[test]
fn the_backend_s_reason_is_told() {
    let error = refused(|proof| proof.segments[0].stark.batch.proof.lookup = None);
    let Refused::Stark { segment: 0, source: VerifyError::Malformed(reason) } = &error else { panic!("{error}") };
    assert!(error.to_string().contains(reason) && error.to_string().starts_with("segment 0"), "{error}");
}
