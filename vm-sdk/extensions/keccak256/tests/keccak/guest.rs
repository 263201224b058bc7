//! Guests of the RISC-V machine that hash.

use serde::{Deserialize, Serialize};
use vm_keccak256::Keccak256;
use vm_keccak256::block::BLOCK_AIR;
use vm_keccak256::rounds::ROUND_AIR;
use vm_rv32im::Rv32im;
use vm_sdk::arch::testing::VmChipTestBuilder;
use vm_sdk::arch::{InitFileGenerator, SystemConfig, SystemPort, VirtualMachine, VmConfig as _};
use vm_sdk::instructions::VmExe;
use vm_sdk::macros::VmConfig;
use vm_sdk::stark::{BabyBearWhirBlake3Engine, SecurityPreset, StarkEngine};
use vm_sdk::system::memory::{MAIN_SPACE, REGISTER_SPACE};
use vm_sdk::transpiler::Transpiler;

use crate::support::{Engine, digest, instruction, memory_at, message};

const GUEST: &[u8] = include_bytes!("../guest/keccak256_guest.elf");

/// A machine with RV32IM and the instruction.
#[derive(Clone, Debug, Default, Serialize, Deserialize, VmConfig)]
struct GuestVm {
    #[system]
    system: SystemConfig,
    #[extension]
    rv32im: Rv32im,
    #[extension]
    keccak256: Keccak256,
}

impl InitFileGenerator for GuestVm {}

fn exe() -> VmExe {
    Transpiler::for_machine(&GuestVm::default()).unwrap().load(GUEST).unwrap().exe
}

#[test]
fn a_guest_hashes_a_few_kilobytes() {
    hashes::<Engine>();
}

#[test]
fn a_guest_hashes_with_the_multilinear_engine() {
    hashes::<BabyBearWhirBlake3Engine>();
}

fn hashes<E: StarkEngine>() {
    let vm = VirtualMachine::new(E::new(SecurityPreset::Conjectured100), GuestVm::default());
    let key = vm.setup(exe()).unwrap();
    for len in [0, 149, 4099] {
        let message = message(1, len);
        let proven = vm.prove(&key, vec![message.clone()]).unwrap();
        let run = key.verifying_key().verify(&key.exe_commitment(), &proven.proof).unwrap();
        assert_eq!(run.public_values, digest(&message), "{len} bytes");
        // Once with the bytes that are also hashed in software.
        let blocks = len / 136 + 1 + len.min(150) / 136 + 1;
        let rows = |air: &str| proven.usage.iter().find(|usage| usage.air == air).unwrap().rows;
        assert_eq!((rows(BLOCK_AIR), rows(ROUND_AIR)), (blocks, 24 * blocks), "{len} bytes");
    }
}

#[test]
fn a_message_is_found_after_a_long_time() {
    // lui x10, 6; loop: addi x10, x10, −1; bne x10, x0, loop. Three ticks per iteration, and a hash before and after
    // the loop.
    let base = 0x1000;
    let words = [0x0000_6537, 0xFFF5_0513, 0xFE05_1EE3];
    let inventory = GuestVm::default().create_inventory(SystemPort::default()).unwrap();
    let decode = |word, pc| inventory.decoders().iter().find_map(|decoder| decoder.decode(word, pc)).unwrap();
    let mut builder = VmChipTestBuilder::new(GuestVm::default()).instruction(base, instruction(1));
    for (i, word) in (1..).zip(words) {
        builder = builder.instruction(base + 4 * i, decode(word, base + 4 * i));
    }
    builder = builder.instruction(base + 16, instruction(4));
    let message = message(2, 150);
    for (register, value) in (1..).zip([0x4000, 0x8000, 150, 0x5000, 0x8000, 150]) {
        builder = builder.word(REGISTER_SPACE, 4 * register, value);
    }
    for (i, word) in message.chunks(4).enumerate() {
        let mut padded = [0; 4];
        padded[..word.len()].copy_from_slice(word);
        builder = builder.word(MAIN_SPACE, 0x8000 + 4 * i as u32, u32::from_le_bytes(padded));
    }
    let test = builder.build::<Engine>().unwrap();
    for dst in [0x4000, 0x5000] {
        assert_eq!(memory_at(&test.modes().memory, dst, 32), digest(&message));
    }
    assert!(test.modes().metered.memory.refreshes >= 38, "every word of the message was out of reach");
    test.prove_and_verify().unwrap();
}
