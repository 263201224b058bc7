//! The program table: only the instructions of the program are executed.

use p3_field::PrimeCharacteristicRing;
use vm_core::instructions::{LocalOpcode, Program, Region, SystemOpcode, VmExe, VmOpcode};
use vm_core::machine::VmVerificationError;
use vm_core::stark::{F, VerifyError};

use crate::fixture::{
    ADD, CONNECTOR, PHANTOM, Test, boolean, builder, caught_by_bus, caught_by_constraint, fixture, keys,
    refused_statement, setting, write,
};
use crate::machine::{add, nop, terminate};

#[test]
fn system_operands_are_those_of_the_program() {
    // A phantom instruction has another operand than in the program.
    let mut test = fixture();
    test.tamper(PHANTOM, 0, 0, "operands[1]", |x| x + F::ONE).unwrap();
    caught_by_bus(test, "program");
}

#[test]
fn system_an_instruction_is_not_executed_as_another_one() {
    // Honest runs of other programs, under the keys of the fixture: the first addition adds another register, an
    // addition is replaced by a phantom instruction, and a phantom instruction is replaced by an addition.
    let (vm, key) = keys();
    for (pc, instruction) in [(0, add(12, 4, 4)), (24, nop()), (20, add(12, 4, 5))] {
        let honest: Test = builder().instruction(pc, instruction).build().unwrap();
        caught_by_bus(honest.under(&vm, &key).unwrap(), "program");
    }
}

#[test]
fn system_slots_without_instruction_are_not_executed() {
    // The run executes a slot that has no instruction in the program of the key. The row of that slot is all zero, like
    // the padding rows.
    let exe = |middle| {
        let region = Region { base: 0, instructions: vec![Some(nop()), middle, Some(terminate(0))] };
        VmExe::new(Program::new(vec![region]).unwrap(), 0)
    };
    let honest: Test = setting().instructions(0, [nop(), terminate(0), terminate(0)]).build().unwrap();
    let memory = setting().instruction(0, nop()).exe().unwrap().init_memory;
    let key = honest.vm().setup(exe(None).with_init_memory(memory)).unwrap();
    caught_by_bus(honest.under(honest.vm(), &key.into()).unwrap(), "program");
}

#[test]
fn system_padding_rows_of_the_program_are_no_instructions() {
    // Opcode 0 belongs neither to the system nor to an executor, and no program may contain it.
    assert!(SystemOpcode::ALL.iter().all(|opcode| opcode.global_opcode() != VmOpcode::PADDING));
    let zero = vm_core::instructions::Instruction::default();
    assert!(Program::from_instructions(0, &[zero]).is_err());
    // The run claims to end at pc 0, which is the pc of padding rows.
    let mut test = fixture();
    let values = &mut test.input_mut(CONNECTOR).unwrap().public_values;
    values[1] = F::ZERO;
    test.recount_lookups().unwrap();
    assert!(test.debug().imbalances.iter().any(|message| message.bus == "program"));
    assert!(test.is_rejected());
}

#[test]
fn system_the_program_is_bound_by_the_key() {
    // A proof of another program contains the digest of the other key. If that digest is replaced, the transcript of
    // the verifier still differs from that of the prover.
    let other: Test = builder().instruction(20, add(15, 4, 5)).build().unwrap();
    let (_, key) = keys();
    let proof = other.prove().unwrap();
    other.key().verifying_key().verify(&other.key().exe_commitment(), &proof).unwrap();
    let error = key.verifying_key().verify(&key.exe_commitment(), &proof).unwrap_err();
    assert!(matches!(error, VmVerificationError::ProgramCommitMismatch { .. }), "{error}");
    let mut renamed = proof;
    renamed.key_digest = key.verifying_key().digest();
    let error = key.verifying_key().verify(&key.exe_commitment(), &renamed).unwrap_err();
    assert!(matches!(error, VmVerificationError::Stark { .. }), "{error}");
}

#[test]
fn system_each_execution_is_counted() {
    // The table counts one execution more than the run has.
    let mut test = fixture();
    test.tamper("Program", 0, 0, "multiplicity", |x| x + F::ONE).unwrap();
    let error = refused_statement(&test);
    assert!(matches!(error, VmVerificationError::Stark { source: VerifyError::BusImbalance, .. }), "{error}");
    // A copied row executes an instruction twice, so a state is sent twice.
    let mut test = fixture();
    let trace = test.trace(PHANTOM, 0).unwrap().clone();
    let mut doubled = trace.clone();
    doubled.values.extend(&trace.values);
    test.input_mut(PHANTOM).unwrap().traces[0] = doubled;
    caught_by_bus(test, "execution");
}

#[test]
fn system_rows_that_execute_are_counted_once() {
    for (air, column) in [(PHANTOM, "is_valid"), (ADD, "is_valid")] {
        for value in [F::TWO, -F::ONE] {
            let mut test = fixture();
            write(&mut test, air, 0, &[(column, value)]);
            caught_by_constraint(test, air, &[boolean(column)]);
        }
    }
}
