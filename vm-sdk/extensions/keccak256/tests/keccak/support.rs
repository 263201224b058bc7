//! Programs that hash, and their honest traces.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256 as Reference};
use vm_keccak256::{KECCAK256, Keccak256};
use vm_sdk::arch::SystemConfig;
use vm_sdk::arch::authoring::InstructionSpec;
use vm_sdk::arch::testing::{ChipTest, VmChipTestBuilder};
use vm_sdk::instructions::{Instruction, VmOpcode};
use vm_sdk::macros::VmConfig;
use vm_sdk::stark::BabyBearBlake3Engine;
use vm_sdk::system::memory::{MAIN_SPACE, REGISTER_SPACE};

/// The fastest engine.
pub(crate) type Engine = BabyBearBlake3Engine;
/// Traces of a machine with this instruction only.
pub(crate) type Test = ChipTest<Engine, HashVm>;
pub(crate) type Builder = VmChipTestBuilder<HashVm>;

/// A machine with this instruction only.
#[derive(Clone, Debug, Default, Serialize, Deserialize, VmConfig)]
pub(crate) struct HashVm {
    #[system]
    pub(crate) system: SystemConfig,
    #[extension]
    pub(crate) keccak256: Keccak256,
}

/// Program counter of the first instruction.
pub(crate) const PC: u32 = 0x1000;

/// One execution of the instruction.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) dst: u32,
    pub(crate) src: u32,
    pub(crate) message: Vec<u8>,
}

impl Call {
    pub(crate) fn new(dst: u32, src: u32, len: usize) -> Self {
        Self { dst, src, message: message(u64::from(src), len) }
    }
}

pub(crate) fn message(seed: u64, len: usize) -> Vec<u8> {
    let mut rng = StdRng::seed_from_u64(seed);
    (0..len).map(|_| rng.random()).collect()
}

pub(crate) fn digest(message: &[u8]) -> [u8; 32] {
    Reference::digest(message).into()
}

/// Returns `keccak256` with its operands in three registers from number `first` on.
pub(crate) fn instruction(first: u32) -> Instruction {
    with_operands([0, 1, 2].map(|i| 4 * (first + i)))
}

/// Returns `keccak256` with these operands.
pub(crate) fn with_operands([a, b, c]: [u32; 3]) -> Instruction {
    let opcode = KECCAK256::OPCODE.map(VmOpcode::from_u32).unwrap();
    Instruction::from_parts(opcode, [a, b, c, 0, 0, 0, 0])
}

/// Builds a program with one instruction per call. The bytes around the messages are not zero.
pub(crate) fn program(calls: &[Call]) -> Builder {
    let mut builder = VmChipTestBuilder::new(HashVm::default());
    for (i, Call { dst, src, message }) in calls.iter().enumerate() {
        let register = 1 + 3 * i as u32;
        for (number, value) in (register..).zip([*dst, *src, message.len() as u32]) {
            builder = builder.word(REGISTER_SPACE, 4 * number, value);
        }
        builder = builder.instruction(PC + 4 * i as u32, instruction(register));
        for (word, bytes) in message.chunks(4).enumerate() {
            let mut padded = [0xA5; 4];
            padded[..bytes.len()].copy_from_slice(bytes);
            builder = builder.word(MAIN_SPACE, src + 4 * word as u32, u32::from_le_bytes(padded));
        }
    }
    builder
}

/// Returns bytes of main memory at the end of a run.
pub(crate) fn memory_at(image: &vm_sdk::instructions::MemoryImage, pointer: u32, len: u32) -> Vec<u8> {
    let word = |at: u32| image.get(&(MAIN_SPACE, at)).copied().unwrap_or(0).to_le_bytes();
    (pointer..pointer + len).step_by(4).flat_map(word).collect()
}
