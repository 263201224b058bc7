//! Errors: every way in which a program, an input or a configuration is refused has an error of its own, which names
//! the place.

use vm_core::arch::{ExecutionError, GenerationError, SystemConfig, VmConfig, VmInventoryError};
use vm_core::instructions::{ExeError, Instruction, Program, SystemOpcode, VmExe, VmOpcode};
use vm_core::machine::{SetupError, VirtualMachine};
use vm_core::machine::{VmExecutionError, VmExecutor, VmProveError};
use vm_core::stark::{KeygenError, SecurityPreset, StarkEngine};
use vm_core::system::memory::{MAIN_SPACE, MemoryError, REGISTER_SPACE};
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;
use vm_tests::fixtures::{self, Expected, Failure};
use vm_tests::model::{asm, elf_of};

use crate::support::{BASE, Engine, all_modes, machine};

/// Returns the error of a program, which must be the same in all modes.
fn error_of_exe(exe: &VmExe, inputs: &[Vec<u8>]) -> ExecutionError {
    let agreed = all_modes(&Rv32imVm::default(), exe, inputs, "failing program");
    let error = agreed.result.expect_err("the program fails");
    // The executor must return the same error.
    match VmExecutor::new(Rv32imVm::default()).execute(exe, inputs.to_vec()).unwrap_err() {
        VmExecutionError::Execution(failure) => assert_eq!(failure.error, error),
        other => panic!("{other}"),
    }
    error
}

/// Returns the error of a program of these instruction words.
fn error_of(code: &[u32], inputs: &[Vec<u8>]) -> ExecutionError {
    error_of_exe(&load_elf(&elf_of(code, &[], BASE), &Rv32imVm::default()).unwrap(), inputs)
}

/// Returns the program counter of the instruction word with this index.
fn pc(index: usize) -> u32 {
    BASE + 4 * index as u32
}

/// Returns the error of a memory access by the instruction with this index.
fn memory(index: usize, source: MemoryError) -> ExecutionError {
    ExecutionError::Memory { pc: pc(index), source }
}

#[test]
fn fixtures_fail_with_the_error_of_their_kind() {
    let mut failures = 0;
    for fixture in fixtures::all() {
        let Expected::Error(failure) = fixture.expected else { continue };
        let error = error_of_exe(&load_elf(fixture.elf, &Rv32imVm::default()).unwrap(), &fixture.inputs);
        let right = match failure {
            Failure::IllegalInstruction | Failure::PcOutOfProgram => matches!(error, ExecutionError::PcNotFound { .. }),
            Failure::Misaligned => {
                matches!(error, ExecutionError::Memory { source: MemoryError::Misaligned { .. }, .. })
            }
            Failure::NoInput => matches!(error, ExecutionError::EndOfInputStream { index: 0, available: 0, .. }),
            Failure::HintStreamTooShort => matches!(error, ExecutionError::HintOutOfBounds { .. }),
            Failure::PublicValueOutOfRange => {
                matches!(error, ExecutionError::PublicValueIndexOutOfBounds { num_public_values: 32, .. })
            }
        };
        assert!(right, "{}: {error:?}", fixture.name);
        failures += 1;
    }
    assert!(failures > 20);
}

#[test]
fn misaligned_accesses() {
    type Access = (fn(u32) -> u32, u32);
    let accesses: [Access; 6] = [
        (|base| asm::lw(5, base, 0), 4),
        (|base| asm::lh(5, base, 0), 2),
        (|base| asm::lhu(5, base, 0), 2),
        (|base| asm::sw(5, base, 0), 4),
        (|base| asm::sh(5, base, 0), 2),
        (|base| asm::reveal(base, 5, 0), 4),
    ];
    for (access, width) in accesses {
        for pointer in (1..8).filter(|pointer| pointer % width != 0) {
            let expected = memory(1, MemoryError::Misaligned { pointer, width });
            assert_eq!(error_of(&[asm::addi(6, 0, pointer as i32), access(6), asm::terminate(0)], &[]), expected);
        }
    }
    for pointer in [1, 2, 3, 5] {
        let misaligned = MemoryError::Misaligned { pointer, width: 4 };
        let input = [vec![0; 8]];
        let store = [asm::addi(6, 0, pointer as i32), asm::hintinput(), asm::hintstorew(6), asm::terminate(0)];
        assert_eq!(error_of(&store, &input), memory(2, misaligned));
        let buffer = [
            asm::addi(6, 0, pointer as i32),
            asm::addi(7, 0, 1),
            asm::hintinput(),
            asm::hintbuffer(6, 7),
            asm::terminate(0),
        ];
        assert_eq!(error_of(&buffer, &input), memory(3, misaligned));
    }
}

#[test]
fn accesses_beyond_memory() {
    let size = 1 << 29;
    for (pointer, access) in [
        (0x2000_0000, asm::lw(5, 6, 0)),
        (0xffff_fffc, asm::lbu(5, 6, 0)),
        (0x7800_0000, asm::sw(5, 6, 0)),
        (0x8000_0000, asm::sb(5, 6, 0)),
    ] {
        let code = [asm::li(6, pointer), vec![access, asm::terminate(0)]].concat();
        let at = code.len() - 2;
        let expected = memory(at, MemoryError::OutOfRange { space: MAIN_SPACE, pointer, size });
        assert_eq!(error_of(&code, &[]), expected);
    }
    // A buffer that begins in memory and ends after it.
    let code = [asm::li(6, 0x1fff_fffc), vec![asm::addi(7, 0, 2), asm::hintinput(), asm::hintbuffer(6, 7)]].concat();
    let error = error_of(&code, &[vec![0; 64]]);
    assert!(matches!(error, ExecutionError::Memory { source: MemoryError::OutOfRange { .. }, .. }), "{error}");
    // Printing from outside of memory.
    let code = [asm::li(6, 0x2000_0000), vec![asm::addi(7, 0, 2), asm::printstr(6, 7)]].concat();
    let error = error_of(&code, &[]);
    assert!(matches!(error, ExecutionError::Memory { source: MemoryError::OutOfRange { .. }, .. }), "{error}");
}

#[test]
fn words_that_are_no_instructions_fail_when_executed() {
    for word in [0, u32::MAX, 0x0000_0073 | 1 << 20, asm::jalr(0, 1, 0) | 1 << 12, asm::slli(1, 1, 1) | 1 << 26] {
        assert_eq!(
            error_of(&[asm::nop(), word, asm::terminate(0)], &[]),
            ExecutionError::PcNotFound { pc: pc(1), from: Some(pc(0)) }
        );
        // There is no error if the word is jumped over.
        let exe =
            load_elf(&elf_of(&[asm::jal(0, 8), word, asm::terminate(0)], &[], BASE), &Rv32imVm::default()).unwrap();
        assert!(VmExecutor::new(Rv32imVm::default()).execute(&exe, vec![]).is_ok());
    }
}

#[test]
fn jumps_out_of_the_program() {
    // After the last instruction.
    assert_eq!(error_of(&[asm::nop()], &[]), ExecutionError::PcNotFound { pc: pc(1), from: Some(pc(0)) });
    for target in [0, 4, 0x1fff_fffc, 0x3fff_fffc, 0x4000_0000, 0xffff_fffc, pc(0) + 2] {
        let code = [asm::li(6, target), vec![asm::jalr(0, 6, 0), asm::terminate(0)]].concat();
        let from = Some(pc(code.len() - 2));
        assert_eq!(error_of(&code, &[]), ExecutionError::PcNotFound { pc: target, from });
    }
    // Misaligned static targets, which are never a pc.
    assert!(matches!(error_of(&[asm::jal(0, 6), asm::terminate(0)], &[]), ExecutionError::PcNotFound { .. }));
    assert!(matches!(error_of(&[asm::beq(0, 0, -2), asm::terminate(0)], &[]), ExecutionError::PcNotFound { .. }));
}

#[test]
fn hints_and_inputs_that_are_not_there() {
    let twice = [asm::hintinput(), asm::hintinput(), asm::terminate(0)];
    let expected = ExecutionError::EndOfInputStream { pc: pc(1), index: 1, available: 1 };
    assert_eq!(error_of(&twice, &[vec![1]]), expected);

    let expected = ExecutionError::HintOutOfBounds { pc: pc(0), requested: 4, available: 0 };
    assert_eq!(error_of(&[asm::hintstorew(8), asm::terminate(0)], &[]), expected);

    // One word more than the hint stream has: the length and eight bytes.
    let code = [asm::addi(7, 0, 4), asm::hintinput(), asm::hintbuffer(8, 7), asm::terminate(0)];
    let error = error_of(&code, &[vec![0; 8]]);
    assert!(matches!(error, ExecutionError::HintOutOfBounds { .. }), "{error}");

    let error = error_of(&[asm::hintinput(), asm::hintbuffer(8, 0), asm::terminate(0)], &[vec![0; 8]]);
    println!("hintbuffer of no words: {error}");
    let code = [asm::li(6, 1 << 30), vec![asm::hintrandom(6), asm::terminate(0)]].concat();
    let error = error_of(&code, &[]);
    assert!(matches!(error, ExecutionError::Fail { .. }), "{error}");
}

#[test]
fn public_values_out_of_range() {
    for index in [32, 36, 0x7fff_fffc] {
        let code = [asm::li(6, index), vec![asm::reveal(6, 5, 0), asm::terminate(0)]].concat();
        let pc = pc(code.len() - 2);
        let expected = ExecutionError::PublicValueIndexOutOfBounds { pc, index, num_public_values: 32 };
        assert_eq!(error_of(&code, &[]), expected);
    }
}

#[test]
fn endless_programs_reach_the_instruction_limit() {
    let exe = load_elf(&elf_of(&[asm::nop(), asm::jal(0, -4)], &[], BASE), &Rv32imVm::default()).unwrap();
    let executor = VmExecutor::new(Rv32imVm::default()).with_max_instructions(1001);
    let expected = ExecutionError::DidNotTerminate { pc: pc(1), executed: 1001 };
    let is_expected = |error: VmExecutionError| match error {
        VmExecutionError::Execution(failure) => assert_eq!(failure.error, expected),
        other => panic!("{other}"),
    };
    is_expected(executor.execute(&exe, vec![]).unwrap_err());
    is_expected(executor.execute_metered(&exe, vec![]).map(|_| ()).unwrap_err());
    is_expected(executor.execute_segments(&exe, vec![]).map(|_| ()).unwrap_err());
}

/// A run that would be suspended after the jump would not know where the jump was.
#[test]
fn jumps_out_of_the_program_are_found_at_the_limit_of_instructions() {
    let exe = load_elf(&elf_of(&[asm::nop(), asm::jal(0, 0x100)], &[], BASE), &Rv32imVm::default()).unwrap();
    let executor = VmExecutor::new(Rv32imVm::default()).with_max_instructions(2);
    match executor.execute(&exe, vec![]).unwrap_err() {
        VmExecutionError::Execution(failure) => {
            assert_eq!(failure.error, ExecutionError::PcNotFound { pc: pc(1) + 0x100, from: Some(pc(1)) });
            assert_eq!(failure.error.pc(), pc(1));
        }
        other => panic!("{other}"),
    }
}

/// Instructions that no extension of the machine executes are errors of execution, not of setup.
#[test]
fn opcodes_and_phantoms_of_other_machines() {
    let terminate = Instruction::new(SystemOpcode::TERMINATE, [0]);
    let foreign = Instruction::from_parts(VmOpcode::from_u32(0x9999), [0; 7]);
    let phantom = Instruction::new(SystemOpcode::PHANTOM, [0, 0, 0x9999]);
    for (instruction, expected) in [
        (foreign, ExecutionError::DisabledOperation { pc: 0x1000, opcode: VmOpcode::from_u32(0x9999) }),
        (phantom, ExecutionError::PhantomNotFound { pc: 0x1000, discriminant: 0x9999 }),
    ] {
        let exe = VmExe::new(Program::from_instructions(0x1000, &[instruction, terminate]).unwrap(), 0x1000);
        assert_eq!(error_of_exe(&exe, &[]), expected);
        let vm = machine();
        let key = vm.setup(exe).unwrap();
        let Err(VmProveError::Vm(VmExecutionError::Execution(error))) = vm.prove(&key, vec![]) else {
            panic!("the run was proven")
        };
        assert_eq!(error.error, expected);
    }
}

#[test]
fn malformed_executables() {
    let program = Program::from_instructions(0x1000, &[Instruction::new(SystemOpcode::TERMINATE, [0])]).unwrap();
    let exe = |pc: u32, memory: &[((u32, u32), u32)]| {
        VmExe::new(program.clone(), pc).with_init_memory(memory.iter().copied().collect())
    };
    let run = |exe: VmExe| {
        let executed = VmExecutor::new(Rv32imVm::default()).execute(&exe, vec![]).unwrap_err();
        let set_up = machine().setup(exe).map(|_| ()).unwrap_err();
        assert_eq!(executed.to_string(), set_up.to_string());
        executed
    };
    let error = run(exe(0x1004, &[]));
    assert!(matches!(error, VmExecutionError::Exe(ExeError::EntryPoint { pc_start: 0x1004 })), "{error}");
    let error = run(exe(0x1000, &[((2, 6), 1)]));
    assert!(matches!(error, VmExecutionError::Exe(ExeError::Misaligned { space: 2, pointer: 6 })), "{error}");
    for (space, pointer) in [(0, 0), (REGISTER_SPACE, 4 * 64), (MAIN_SPACE, 1 << 29), (3, 32), (5, 0), (9, 0)] {
        let error = run(exe(0x1000, &[((space, pointer), 1)]));
        assert!(matches!(error, VmExecutionError::InitMemory(MemoryError::OutOfRange { .. })), "{space}: {error}");
    }
}

#[test]
fn runs_that_need_more_rows_than_allowed() {
    // 66,000 iterations with one addition in place each, and one more addition in place by `li`: more than 2^16 rows.
    // There are as many branches as iterations.
    let mut code = asm::Assembler::default();
    code.extend(asm::li(5, 66_000)).label("turn").push(asm::addi(5, 5, -1));
    code.jump_to("turn", |offset| asm::bne(5, 0, offset)).push(asm::terminate(0));
    let exe = load_elf(&elf_of(&code.finish(), &[], BASE), &Rv32imVm::default()).unwrap();
    let mut config = Rv32imVm::default();
    config.system_mut().max_log_height = 16;
    for (instances, fits) in [(1, false), (2, true)] {
        config.system_mut().max_instances = instances;
        let vm = VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config.clone());
        let key = vm.setup(exe.clone()).unwrap();
        match vm.prove(&key, vec![]) {
            Ok(proven) if fits => {
                key.verifying_key().verify(&key.exe_commitment(), &proven.proof).unwrap();
            }
            Err(VmProveError::Generation(GenerationError::TraceHeightsLimitExceeded { air, height, limit }))
                if !fits =>
            {
                assert_eq!((air.as_str(), height, limit), ("AddImmInPlace", 66_001, 1 << 16));
            }
            Ok(_) => panic!("the run was proven"),
            Err(error) => panic!("{error}"),
        }
    }
    // A height limit that the fixed tables exceed is an error of setup.
    config.system_mut().max_log_height = 10;
    let vm = VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config);
    let error = vm.setup(exe).map(|_| ()).unwrap_err();
    assert!(matches!(error, SetupError::Keygen(KeygenError::PreprocessedHeight { max_log_height: 10, .. })), "{error}");
}

#[test]
fn runs_that_are_longer_than_the_clock() {
    // 2^16 iterations of three ticks each: more than 2^17 ticks.
    let mut code = asm::Assembler::default();
    code.extend(asm::li(5, 1 << 16)).label("turn").push(asm::addi(5, 5, -1));
    code.jump_to("turn", |offset| asm::bne(5, 0, offset)).push(asm::terminate(0));
    let exe = load_elf(&elf_of(&code.finish(), &[], BASE), &Rv32imVm::default()).unwrap();
    let mut config = Rv32imVm::default();
    config.system_mut().memory_config.clk_max_bits = 17;
    let executor = VmExecutor::new(config.clone());
    assert!(executor.execute(&exe, vec![]).is_ok(), "a pure run keeps no time");
    let is_expected = |error: VmExecutionError| match error {
        VmExecutionError::Execution(error) => {
            assert!(matches!(error.error, ExecutionError::ClockOverflow { clk_max_bits: 17, .. }), "{error}");
        }
        other => panic!("{other}"),
    };
    is_expected(executor.execute_metered(&exe, vec![]).map(|_| ()).unwrap_err());
    is_expected(executor.execute_segments(&exe, vec![]).map(|_| ()).unwrap_err());
    let vm = VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config);
    let key = vm.setup(exe).unwrap();
    match vm.prove(&key, vec![]).map(|_| ()).unwrap_err() {
        VmProveError::Vm(error) => is_expected(error),
        other => panic!("{other}"),
    }
}

#[test]
fn machines_with_continuations_make_no_single_proof() {
    let config = Rv32imVm { system: SystemConfig::default().with_continuations(), ..Rv32imVm::default() };
    let vm = VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config);
    let key = vm.setup(load_elf(fixtures::tiny().elf, &Rv32imVm::default()).unwrap()).unwrap();
    let error = vm.prove(&key, vec![]).map(|_| ()).unwrap_err();
    assert!(matches!(error, VmProveError::ContinuationsEnabled), "{error}");
}

/// Every field with a range is set to the ends of its range and to values out of range.
#[test]
fn configurations_out_of_range_name_the_field() {
    type Set = fn(&mut SystemConfig, usize);
    let fields: [(&str, Set, &[usize], &[usize]); 11] = [
        ("max_constraint_degree", |c, v| c.max_constraint_degree = v, &[3], &[0, 2, 4]),
        ("num_public_values", |c, v| c.num_public_values = v, &[0, 16, 4096], &[1, 8, 17, 4112, usize::MAX]),
        ("max_log_height", |c, v| c.max_log_height = v, &[10, 22], &[0, 9, 23, 64]),
        ("max_instances", |c, v| c.max_instances = v, &[1, 16], &[0, 17, usize::MAX]),
        ("memory_config.as_height", |c, v| c.memory_config.as_height = v, &[2, 3], &[0, 1, 4, 64]),
        ("memory_config.as_offset", |c, v| c.memory_config.as_offset = v as u32, &[1], &[0, 2]),
        ("memory_config.pointer_max_bits", |c, v| c.memory_config.pointer_max_bits = v, &[20, 29], &[0, 19, 30, 32]),
        ("memory_config.clk_max_bits", |c, v| c.memory_config.clk_max_bits = v, &[17, 29], &[0, 16, 30, 32]),
        ("memory_config.decomp", |c, v| c.memory_config.decomp = v, &[16], &[15, 17]),
        (
            "memory_config.max_access_adapter_n",
            |c, v| c.memory_config.max_access_adapter_n = v,
            &[1, 2, 4, 8, 16, 32],
            &[0, 3, 31, 33, 64, usize::MAX],
        ),
        (
            "memory_config.access_capacity",
            |c, v| c.memory_config.access_capacity = v,
            &[0, 1 << 20],
            &[(1 << 30) + 1, usize::MAX],
        ),
    ];
    // The base address is low enough for the smallest memory.
    let exe = load_elf(&elf_of(&[asm::terminate(0)], &[], 0x1000), &Rv32imVm::default()).unwrap();
    for (field, set, good, bad) in fields {
        for &value in good {
            let mut config = Rv32imVm::default();
            set(config.system_mut(), value);
            VmExecutor::new(config).execute(&exe, vec![]).unwrap_or_else(|error| panic!("{field} = {value}: {error}"));
        }
        for &value in bad {
            let mut config = Rv32imVm::default();
            set(config.system_mut(), value);
            let is_expected = |error: VmExecutionError| match error {
                VmExecutionError::Inventory(VmInventoryError::Config { field: got, value: text, .. }) => {
                    assert_eq!((got, text), (field, value.to_string()));
                }
                other => panic!("{field} = {value}: {other}"),
            };
            is_expected(VmExecutor::new(config.clone()).execute(&exe, vec![]).unwrap_err());
            let vm = VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config);
            match vm.setup(exe.clone()).map(|_| ()).unwrap_err() {
                SetupError::Vm(error) => is_expected(error),
                other => panic!("{field} = {value}: {other}"),
            }
        }
    }
}

/// On a machine without public values, address space 3 is empty. Its runs are proven unless they reveal something.
#[test]
fn machines_without_public_values_prove_runs_that_reveal_nothing() {
    let config = Rv32imVm { system: SystemConfig::default().with_public_values(0), ..Rv32imVm::default() };
    let vm = VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config);
    let key = vm.setup(load_elf(&elf_of(&[asm::terminate(0)], &[], BASE), &Rv32imVm::default()).unwrap()).unwrap();
    let proven = vm.prove(&key, vec![]).unwrap();
    assert_eq!(
        key.verifying_key().verify(&key.exe_commitment(), &proven.proof).unwrap().public_values,
        Vec::<u8>::new()
    );
    let key = vm
        .setup(load_elf(&elf_of(&[asm::reveal(0, 0, 0), asm::terminate(0)], &[], BASE), &Rv32imVm::default()).unwrap())
        .unwrap();
    assert!(vm.prove(&key, vec![]).is_err());
}
