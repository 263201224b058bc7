//! A C guest that uses the instruction, from its ELF file to public values that a verifier accepts.

use vm_sdk::arch::VirtualMachine;
use vm_sdk::stark::{BabyBearWhirBlake3Engine, SecurityPreset, StarkEngine};
use vm_sdk::transpiler::Transpiler;

use crate::support::{COMPRESS, Engine, RiscvMachine, bytes, digest};

/// Source: `tests/fixtures/extensions/sha256_guest.c`.
const GUEST: &[u8] = include_bytes!("../../../../../tests/fixtures/extensions/sha256_guest.elf");

#[test]
fn a_guest_hashes_kilobytes_with_the_instruction() {
    hashes::<Engine>();
}

#[test]
fn a_guest_hashes_with_the_multilinear_engine() {
    hashes::<BabyBearWhirBlake3Engine>();
}

fn hashes<E: StarkEngine>() {
    let exe = Transpiler::for_machine(&RiscvMachine::default()).unwrap().load(GUEST).unwrap().exe;
    let vm = VirtualMachine::new(E::new(SecurityPreset::Conjectured100), RiscvMachine::default());
    let key = vm.setup(exe).unwrap();
    for len in [0, 3001] {
        let message = bytes(17, len);
        let proven = vm.prove(&key, vec![message.clone()]).unwrap();
        let run = key.verifying_key().verify(&key.exe_commitment(), &proven.proof).unwrap();
        assert_eq!(run.public_values[..32], digest(&message), "{len} bytes");
        assert!(proven.usage.iter().any(|usage| usage.air == COMPRESS && usage.rows > 0));
    }
}

#[test]
fn a_machine_without_the_extension_does_not_execute_the_instruction() {
    let exe = Transpiler::default().load(GUEST).unwrap().exe;
    let executor = vm_sdk::arch::VmExecutor::new(vm_sdk::config::Rv32imVm::default());
    assert!(executor.execute(&exe, vec![bytes(1, 10)]).is_err());
}
