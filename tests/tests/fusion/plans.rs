//! Limits and refusals of plans.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use vm_core::arch::{InitFileGenerator, SystemConfig};
use vm_core::instructions::{Instruction, PC_LIMIT, VmOpcode};
use vm_core::machine::fusion::{
    FusedPath, Fusion, FusionError, FusionPlan, MAX_INSTRUCTIONS, MAX_PATH_LENGTH, MAX_PATHS,
};
use vm_core::machine::{SetupError, VirtualMachine, VmChipComplex};
use vm_core::stark::{F, SecurityPreset, StarkEngine};
use vm_derive::VmConfig;
use vm_keccak256::Keccak256;
use vm_rv32im::Rv32im;
use vm_sdk::config::Rv32imVm;
use vm_sdk::p3::field::PrimeField32;
use vm_sdk::transpiler::load_elf;
use vm_tests::model::{asm, elf_of};

use crate::programs::{BASE, Program};
use crate::support::{Engine, complex};

/// A program of these instructions.
fn program(mut code: Vec<u32>) -> Program {
    code.push(asm::terminate(0));
    Program::new(&[], |_| code.clone())
}

/// Instructions that go straight on, as many as asked for.
fn straight(count: usize) -> Program {
    program((0..count).map(|index| asm::addi(5 + index as u32 % 3, 6, index as i32 % 100)).collect())
}

/// Returns the path of `count` instructions from the one with this index.
fn path(program: &Program, index: usize, count: usize) -> FusedPath {
    program.path(&(0..count).map(|step| BASE + 4 * (index + step) as u32).collect::<Vec<_>>())
}

#[test]
fn plans_within_the_limits_are_valid() {
    let program = straight(MAX_PATH_LENGTH + 40);
    let plan = |paths| FusionPlan { paths };
    plan(vec![]).validate().unwrap();
    plan((0..16).map(|index| path(&program, index, MAX_PATH_LENGTH)).collect()).validate().unwrap();
    plan((0..MAX_PATHS).map(|index| path(&program, index, 2)).collect()).validate().unwrap();
    // The same start with another length.
    plan(vec![path(&program, 0, 2), path(&program, 0, 3)]).validate().unwrap();
}

#[test]
fn plans_beyond_a_limit_are_refused() {
    let program = straight(MAX_PATH_LENGTH + 40);
    let refused = |paths| FusionPlan { paths }.validate().unwrap_err();
    let limit = |what, got, limit| FusionError::Limit { what, got, limit };
    let error = refused((0..=MAX_PATHS).map(|index| path(&program, index, 2)).collect());
    assert_eq!(error, limit("paths", MAX_PATHS + 1, MAX_PATHS));
    let error = refused(vec![path(&program, 0, MAX_PATH_LENGTH + 1)]);
    assert_eq!(error, limit("instructions in a path", MAX_PATH_LENGTH + 1, MAX_PATH_LENGTH));
    let mut paths: Vec<FusedPath> = (0..16).map(|index| path(&program, index, MAX_PATH_LENGTH)).collect();
    paths.push(path(&program, 20, 2));
    assert_eq!(refused(paths), limit("instructions", MAX_INSTRUCTIONS + 2, MAX_INSTRUCTIONS));
    let bytes = FusionPlan::decode(&vec![0; 64 * MAX_INSTRUCTIONS + 1]).unwrap_err();
    assert_eq!(bytes, limit("bytes", 64 * MAX_INSTRUCTIONS + 1, 64 * MAX_INSTRUCTIONS));
}

#[test]
fn malformed_paths_are_refused() {
    let program = straight(20);
    let path = |index, count| path(&program, index, count);
    let altered = |change: &dyn Fn(&mut (u32, Instruction))| {
        let mut altered = path(2, 3);
        change(&mut altered.steps[1]);
        altered
    };
    let beyond = F::ORDER_U32;
    for (paths, index, reason) in [
        (vec![path(0, 2), path(4, 1)], 1, "fewer than two"),
        (vec![FusedPath::default()], 0, "fewer than two"),
        (vec![path(0, 4), path(2, 4), path(0, 4)], 2, "same length starts at"),
        (vec![altered(&|step| step.0 += 2)], 0, "not a program counter"),
        (vec![altered(&|step| step.0 = PC_LIMIT)], 0, "not a program counter"),
        (vec![altered(&|step| step.1.a = beyond)], 0, "beyond the field"),
        (vec![altered(&|step| step.1.g = u32::MAX)], 0, "beyond the field"),
        (vec![altered(&|step| step.1.opcode = VmOpcode::from_u32(beyond))], 0, "beyond the field"),
        (vec![path(1, 4), altered(&|step| step.1.c += 1)], 1, "another instruction"),
        (vec![altered(&|step| step.0 -= 4)], 0, "another instruction"),
    ] {
        match (FusionPlan { paths }).validate() {
            Err(FusionError::Path { path, reason: got }) if path == index && got.contains(reason) => {}
            other => panic!("{reason}: {other:?}"),
        }
    }
}

#[test]
fn other_bytes_than_plans_are_refused() {
    let program = straight(20);
    let plan = FusionPlan { paths: vec![path(&program, 0, 6), path(&program, 8, 4)] };
    let bytes = plan.encode();
    assert_eq!(FusionPlan::decode(&bytes), Ok(plan));
    assert_eq!(FusionPlan::default().encode(), Vec::<u8>::new());
    assert_eq!(FusionPlan::decode(&[]), Ok(FusionPlan::default()));
    for length in 1..bytes.len() {
        assert_eq!(FusionPlan::decode(&bytes[..length]), Err(FusionError::Encoding), "{length}");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(FusionPlan::decode(&longer), Err(FusionError::Encoding));
    // A length that no bytes follow.
    assert_eq!(FusionPlan::decode(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Err(FusionError::Encoding));
}

/// Returns why a machine has no circuit for a path.
fn impossible(program: &Program, pcs: &[u32]) -> FusionError {
    let machine = complex(&Rv32imVm::default());
    let plan = FusionPlan { paths: vec![program.path(pcs)] };
    let error = Fusion::new(plan, &mut machine.fuser()).map(drop).unwrap_err();
    // The same reason without the plan.
    match &error {
        FusionError::Path { path: 0, .. } => machine.fuser().fuse(&program.path(pcs).steps).map(drop).unwrap_err(),
        _ => panic!("{error}"),
    }
}

#[test]
fn paths_that_no_run_follows_are_refused() {
    let code = vec![
        asm::addi(5, 0, 1),
        asm::jal(1, 8),
        asm::addi(5, 0, 2),
        asm::beq(5, 0, 8),
        asm::addi(6, 0, 1),
        asm::addi(6, 0, 2),
        asm::beq(0, 0, 8),
        asm::addi(7, 0, 1),
        asm::addi(7, 0, 2),
    ];
    let program = program(code);
    let pcs = |indices: &[u32]| indices.iter().map(|index| BASE + 4 * index).collect::<Vec<_>>();
    let machine = complex(&Rv32imVm::default());
    let mut fuser = machine.fuser();
    for possible in [&[0, 1, 3][..], &[3, 4, 5], &[3, 5], &[6, 8]] {
        fuser.fuse(&program.path(&pcs(possible)).steps).unwrap();
    }
    for (path, at) in [(&[0, 2][..], 2), (&[1, 2], 2), (&[0, 0], 0), (&[3, 6], 6), (&[3, 3], 3), (&[4, 5, 4], 4)] {
        match impossible(&program, &pcs(path)) {
            FusionError::Impossible { pc, .. } => assert_eq!(pc, BASE + 4 * at, "{path:?}"),
            other => panic!("{path:?}: {other}"),
        }
    }
    // A branch that compares x0 with itself is always taken, but the circuits do not say so: both go through.
    let _ = fuser.fuse(&program.path(&pcs(&[6, 7])).steps);
}

/// RV32IM with Keccak.
#[derive(Clone, Debug, Default, Serialize, Deserialize, VmConfig)]
struct KeccakVm {
    #[system]
    system: SystemConfig,
    #[extension]
    rv32im: Rv32im,
    #[extension]
    keccak256: Keccak256,
}

impl InitFileGenerator for KeccakVm {}

#[test]
fn instructions_of_several_rows_and_of_the_system_are_not_fused() {
    let code = vec![
        asm::addi(5, 0, 1),
        asm::terminate(0),
        asm::hintinput(),
        asm::hintbuffer(9, 10),
        asm::reveal(0, 5, 0),
        asm::keccak256(5, 6, 7),
        asm::addi(5, 0, 1),
    ];
    let config = KeccakVm::default();
    let exe = load_elf(&elf_of(&code, &[], BASE), &config).unwrap();
    let machine = VmChipComplex::new(&config).unwrap();
    let steps: Vec<(u32, Instruction)> = exe.program.iter().map(|(pc, instruction)| (pc, *instruction)).collect();
    let mut fuser = machine.fuser();
    let mut fuse = |index: usize| fuser.fuse(&[steps[index]]).map(drop);
    // A row of HintBuffer is a step: it stores one word.
    for index in [0, 3, 4] {
        fuse(index).unwrap();
    }
    for (index, name) in [(1, "TERMINATE"), (2, "a phantom")] {
        let error = fuse(index).unwrap_err();
        assert!(matches!(error, FusionError::Impossible { pc, .. } if pc == steps[index].0), "{name}: {error}");
    }
    let error = fuse(5).unwrap_err();
    assert!(matches!(&error, FusionError::NotFusable { air, .. } if air == "Keccak256"), "{error}");
}

#[test]
fn plans_of_other_programs_are_refused() {
    let (program, other) = (straight(20), straight(10));
    let vm = VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), Rv32imVm::default());
    let setup = |exe: &Program, paths| vm.setup_fused(exe.exe.clone(), FusionPlan { paths }).map(drop);
    setup(&program, vec![path(&program, 3, 4)]).unwrap();
    let error = setup(&other, vec![path(&program, 8, 4)]).unwrap_err();
    assert!(matches!(error, SetupError::Plan(FusionError::OtherProgram { pc }) if pc == BASE + 40), "{error}");
    let mut altered = path(&program, 3, 4);
    altered.steps[2].1.c += 1;
    let error = setup(&program, vec![altered]).unwrap_err();
    assert!(matches!(error, SetupError::Plan(FusionError::OtherProgram { pc }) if pc == BASE + 20), "{error}");
    // Limits are checked, too.
    let error = setup(&program, vec![path(&program, 3, 1)]).unwrap_err();
    assert!(matches!(error, SetupError::Plan(FusionError::Path { .. })), "{error}");
}

/// Text of a kind of instructions, and the words of a program of them.
type Kind = (&'static str, fn(u32) -> u32);

/// Plans at the limits, of the instructions that make most work: they have circuits, or those are too large. Nothing is
/// asserted of the time.
#[test]
fn plans_at_the_limits_are_processed() {
    let machine = complex(&Rv32imVm::default());
    let kinds: [Kind; 7] = [
        // Each of them splits what the one before has split.
        ("shifts by 0", |_| asm::slli(5, 5, 0)),
        ("ANDs", |index| asm::and(5, 5, 6 + index % 7)),
        ("divisions", |index| asm::div(5 + index % 7, 5 + index % 5, 5 + index % 3)),
        ("shifts", |index| asm::sra(5 + index % 7, 5 + index % 5, 5 + index % 3)),
        ("additions", |index| asm::add(5, 5, 6 + index % 2)),
        ("exclusive ors", |index| asm::xor(5 + index % 7, 5 + index % 5, 5 + index % 3)),
        ("loads and stores", |index| {
            if index % 2 == 0 { asm::sb(5, 6 + index % 5, index as i32 % 7) } else { asm::lb(7, 6 + index % 3, 1) }
        }),
    ];
    for (name, kind) in kinds {
        let program = program_unexecuted((0..2 * MAX_PATH_LENGTH as u32).map(kind).collect());
        let mut fuser = machine.fuser();
        for length in [MAX_PATH_LENGTH, 200, 16] {
            let count = MAX_PATHS.min(MAX_INSTRUCTIONS / length);
            let plan = FusionPlan { paths: (0..count).map(|index| path(&program, index, length)).collect() };
            let start = Instant::now();
            let what = match Fusion::new(plan, &mut fuser) {
                Ok(fusion) => {
                    let columns: usize = fusion.circuits.iter().map(|circuit| circuit.num_columns()).sum();
                    assert!(columns <= 32_768);
                    format!("{columns} columns")
                }
                Err(FusionError::Limit { what, got, limit }) => {
                    assert!(got > limit && what.starts_with("columns") || what.starts_with("messages"), "{what}");
                    format!("{got} {what}")
                }
                Err(error) => panic!("{name}: {error}"),
            };
            println!("{name}, {count} paths of {length}: {:?}, {what}", start.elapsed());
        }
    }
}

#[test]
fn circuits_beyond_a_limit_are_refused() {
    let machine = complex(&Rv32imVm::default());
    let mut fuser = machine.fuser();
    let division = |index: u32| asm::div(5 + index % 7, 5 + index % 5, 5 + index % 3);
    let program = program_unexecuted((0..400).map(division).collect());
    let what = |plan: FusionPlan, fuser: &mut _| match Fusion::new(plan, fuser) {
        Err(FusionError::Limit { what, got, limit }) => {
            assert!(got > limit, "{what}");
            what
        }
        other => panic!("{other:?}"),
    };
    let plan = |count, length| FusionPlan { paths: (0..count).map(|index| path(&program, index, length)).collect() };
    assert_eq!(what(plan(1, 400), &mut fuser), "columns in a circuit");
    assert_eq!(what(plan(200, 20), &mut fuser), "columns");
}

/// A program that is not run.
fn program_unexecuted(mut code: Vec<u32>) -> Program {
    code.insert(0, asm::terminate(0));
    let mut program = Program::new(&[], |_| code.clone());
    // The first instruction ends the run.
    program.instructions = program.instructions.into_iter().map(|(pc, instruction)| (pc - 4, instruction)).collect();
    program
}
