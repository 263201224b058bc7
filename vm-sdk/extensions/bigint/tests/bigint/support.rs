//! Machines, instructions, and their results as another library computes them.

use ruint::aliases::U256;
use vm_bigint::Bigint;
use vm_rv32im::Rv32im;
use vm_sdk::arch::testing::{ModesReport, VmChipTestBuilder};
use vm_sdk::arch::{InitFileGenerator, SystemConfig, SystemPort, VmConfig};
use vm_sdk::instructions::Instruction;
use vm_sdk::macros::VmConfig;
use vm_sdk::stark::BabyBearBlake3Engine;
use vm_sdk::system::memory::MAIN_SPACE;

/// The fastest engine.
pub(crate) type Engine = BabyBearBlake3Engine;

/// A machine with this extension only.
#[derive(Clone, Debug, Default, VmConfig)]
pub(crate) struct Machine {
    #[system]
    system: SystemConfig,
    #[extension]
    bigint: Bigint,
}

/// A RISC-V machine with the extension.
#[derive(Clone, Debug, Default, VmConfig)]
pub(crate) struct RiscvMachine {
    #[system]
    system: SystemConfig,
    #[extension]
    rv32im: Rv32im,
    #[extension]
    bigint: Bigint,
}

impl InitFileGenerator for RiscvMachine {}

/// Sign bit.
const SIGN: U256 = U256::from_limbs([0, 0, 0, 1 << 63]);

fn flag(value: bool) -> U256 {
    U256::from(u8::from(value))
}

/// Returns the number of positions that an amount shifts.
fn amount(y: U256) -> usize {
    (y % U256::from(256)).to()
}

/// What an instruction computes.
pub(crate) type Function = fn(U256, U256) -> U256;

/// Name, funct7 and result of each instruction that writes a number. All have the opcode custom0 and funct3 = 5.
pub(crate) const FUNCTIONS: [(&str, u32, Function); 11] = [
    ("add256", 0x00, U256::wrapping_add),
    ("sub256", 0x01, U256::wrapping_sub),
    ("xor256", 0x02, |x, y| x ^ y),
    ("or256", 0x03, |x, y| x | y),
    ("and256", 0x04, |x, y| x & y),
    ("sll256", 0x05, |x, y| x << amount(y)),
    ("srl256", 0x06, |x, y| x >> amount(y)),
    ("sra256", 0x07, |x, y| x.arithmetic_shr(amount(y))),
    ("slt256", 0x08, |x, y| flag((x ^ SIGN) < (y ^ SIGN))),
    ("sltu256", 0x09, |x, y| flag(x < y)),
    ("mul256", 0x10, U256::wrapping_mul),
];

/// Returns the word of an instruction that writes a number. Registers are given by number.
pub(crate) const fn r_word(funct7: u32, [rd, rs1, rs2]: [u32; 3]) -> u32 {
    funct7 << 25 | rs2 << 20 | rs1 << 15 | 5 << 12 | rd << 7 | 0x0B
}

/// Returns the word of `beq256` with an offset to the target.
pub(crate) const fn b_word([rs1, rs2]: [u32; 2], offset: i32) -> u32 {
    let imm = offset.cast_unsigned();
    let upper = (imm >> 12 & 1) << 31 | (imm >> 5 & 0x3F) << 25;
    upper | rs2 << 20 | rs1 << 15 | 6 << 12 | (imm >> 1 & 0xF) << 8 | (imm >> 11 & 1) << 7 | 0x0B
}

/// Returns the name, in lower case, of the instruction that a word is decoded to, and the instruction.
pub(crate) fn decode(word: u32, pc: u32) -> Option<(String, Instruction)> {
    let inventory = Machine::default().create_inventory(SystemPort::default()).unwrap();
    inventory.decoders().iter().find_map(|decoder| Some((decoder.name.to_lowercase(), decoder.decode(word, pc)?)))
}

/// Pointers of the numbers in the tests. Registers 1 to 3 point to them.
pub(crate) const POINTERS: [u32; 3] = [0x1000, 0x1020, 0x2000];

/// Places a number in memory.
pub(crate) fn place<VC: VmConfig>(builder: VmChipTestBuilder<VC>, pointer: u32, number: U256) -> VmChipTestBuilder<VC> {
    let words = (0..8).map(|i| (pointer + 4 * i, (number >> (32 * i)).wrapping_to()));
    words.fold(builder, |builder, (pointer, word)| builder.word(MAIN_SPACE, pointer, word))
}

/// Returns the number in memory after a run.
pub(crate) fn number_in(modes: &ModesReport, pointer: u32) -> U256 {
    let word = |i: u32| modes.memory.get(&(MAIN_SPACE, pointer + 4 * i)).copied().unwrap_or(0);
    (0..8).fold(U256::ZERO, |number, i| number | U256::from(word(i)) << (32 * i))
}

/// A program of instruction words on two numbers: register 1 points to the result, 2 to x and 3 to y.
pub(crate) fn program(words: &[u32], x: U256, y: U256) -> VmChipTestBuilder<Machine> {
    let [to, at_x, at_y] = POINTERS;
    let builder = VmChipTestBuilder::new(Machine::default()).register(1, to).register(2, at_x).register(3, at_y);
    let builder = (0..)
        .step_by(4)
        .zip(words)
        .fold(builder, |builder, (pc, word)| builder.instruction(pc, decode(*word, pc).unwrap().1));
    place(place(builder, at_x, x), at_y, y)
}

/// Numbers at the limits of cells, words and signed numbers.
pub(crate) fn edges() -> Vec<U256> {
    let power = |bit: usize| U256::ONE << bit;
    let powers = [0, 8, 15, 16, 31, 32, 127, 128, 240, 254, 255];
    let near = powers.into_iter().flat_map(|bit| [power(bit), power(bit) - U256::ONE, power(bit).wrapping_neg()]);
    near.chain([U256::MAX, U256::from(0xFF00), U256::MAX - U256::from(240)]).collect()
}
