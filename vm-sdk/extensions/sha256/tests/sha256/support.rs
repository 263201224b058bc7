//! Machines and runs for these tests.

use sha2::{Digest, Sha256 as Reference};
use vm_rv32im::Rv32im;
use vm_sdk::arch::SystemConfig;
use vm_sdk::arch::testing::{ChipTest, VmChipTestBuilder};
use vm_sdk::instructions::Instruction;
use vm_sdk::macros::VmConfig;
use vm_sdk::stark::BabyBearBlake3Engine;
use vm_sdk::system::memory::MAIN_SPACE;
use vm_sha256::{SHA256, Sha256};

/// The fastest engine.
pub(crate) type Engine = BabyBearBlake3Engine;
pub(crate) type Test = ChipTest<Engine, Machine>;

/// AIR of the instruction.
pub(crate) const HASH: &str = "Sha256";
/// AIR of the compression function.
pub(crate) const COMPRESS: &str = "Sha256Compress";

/// A machine with this extension only.
#[derive(Clone, Debug, Default, VmConfig)]
pub(crate) struct Machine {
    #[system]
    system: SystemConfig,
    #[extension]
    sha256: Sha256,
}

/// A RISC-V machine with the extension.
#[derive(Clone, Debug, Default, VmConfig)]
pub(crate) struct RiscvMachine {
    #[system]
    pub(crate) system: SystemConfig,
    #[extension]
    rv32im: Rv32im,
    #[extension]
    sha256: Sha256,
}

/// Returns `sha256` of three registers, given by number.
pub(crate) fn sha256(rd: u32, rs1: u32, rs2: u32) -> Instruction {
    Instruction::new(SHA256, [4 * rd, 4 * rs1, 4 * rs2])
}

/// Returns bytes without a pattern.
pub(crate) fn bytes(seed: u32, len: usize) -> Vec<u8> {
    (0..len as u32).map(|i| (seed.wrapping_add(i).wrapping_mul(0x9E37_79B9) >> 21) as u8).collect()
}

pub(crate) fn digest(message: &[u8]) -> [u8; 32] {
    Reference::digest(message).into()
}

/// Content of the bytes of memory around a message.
pub(crate) const JUNK: u8 = 0xA5;

/// Returns words of memory, with their pointers, that contain a message, and junk up to the end of the last word.
pub(crate) fn words(pointer: u32, message: &[u8]) -> impl Iterator<Item = (u32, u32)> {
    message.chunks(4).enumerate().map(move |(i, chunk)| {
        let word = std::array::from_fn(|i| chunk.get(i).copied().unwrap_or(JUNK));
        (pointer + 4 * i as u32, u32::from_le_bytes(word))
    })
}

/// Places bytes at a multiple of four, with junk up to the end of the last word.
pub(crate) fn place<VC: vm_sdk::arch::VmConfig>(
    mut builder: VmChipTestBuilder<VC>,
    pointer: u32,
    message: &[u8],
) -> VmChipTestBuilder<VC> {
    for (pointer, word) in words(pointer, message) {
        builder = builder.word(MAIN_SPACE, pointer, word);
    }
    builder
}

/// Default pointers of messages and digests.
pub(crate) const MESSAGE: u32 = 0x1000;
pub(crate) const DIGEST: u32 = 0x8000;

/// Builds one execution: x10 = digest, x11 = message, x12 = length.
pub(crate) fn hash_at(digest: u32, pointer: u32, message: &[u8]) -> VmChipTestBuilder<Machine> {
    let builder = VmChipTestBuilder::new(Machine::default())
        .register(10, digest)
        .register(11, pointer)
        .register(12, message.len() as u32)
        .instruction(0, sha256(10, 11, 12));
    place(builder, pointer, message)
}

pub(crate) fn hash(message: &[u8]) -> VmChipTestBuilder<Machine> {
    hash_at(DIGEST, MESSAGE, message)
}
