//! Instructions with parameters: an extension has one chip for each value, and encodings and names depend on the value.

use vm_sdk::arch::authoring::InstructionSpec;
use vm_sdk::arch::testing::check_instruction;
use vm_sdk::arch::{ChipUsageGetter, REGISTER_SPACE, SystemPort, VmInventoryError};
use vm_sdk::prelude::*;
use vm_sdk::stark::BabyBearBlake3Engine;

use crate::{PC, program};

/// `addi rd, rs1` with the summand of a list, which the machine has instead of the program.
#[instruction(
    adapter = Rv32Unary,
    columns = AddCols,
    name = format!("AddListed[{}]", self.number),
    encode(custom2, funct3 = FUNCT3, imm = self.number + 16)
)]
pub(crate) struct AddListed {
    number: u32,
    summand: u32,
}

/// The field `funct3` of these instructions.
const FUNCT3: u32 = 6;

#[columns]
pub(crate) struct AddCols<T> {
    #[read(0)]
    x: Word<T>,
    #[write(0)]
    y: Word<T>,
}

#[instruction]
impl Core for AddListed {
    fn execute(&self, x: u32) -> u32 {
        x.wrapping_add(self.summand)
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &AddCols<B::Var>) {
        let mut carry = B::Expr::ZERO;
        for (i, cell) in [self.summand & 0xFFFF, self.summand >> 16].into_iter().enumerate() {
            carry = (carry + cols.x[i] + B::Expr::from_u32(cell) - cols.y[i]) * F::from_u32(1 << 16).inverse();
            b.when_valid().assert_bool(carry.clone());
        }
    }
}

/// `neg rd, rs1`: an encoding with a constant, which guest functions may have.
#[instruction(
    adapter = Rv32Unary,
    columns = AddCols,
    encode(custom2, funct3 = FUNCT3 + 1, imm = 0),
    guest(fn negated(x: u32) -> u32)
)]
pub(crate) struct Negate;

#[instruction]
impl Core for Negate {
    fn execute(&self, x: u32) -> u32 {
        x.wrapping_neg()
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &AddCols<B::Var>) {
        let mut carry = B::Expr::ZERO;
        for i in 0..2 {
            carry = (carry + cols.x[i] + cols.y[i]) * F::from_u32(1 << 16).inverse();
            b.when_valid().assert_bool(carry.clone());
        }
    }
}

#[vm_extension(
    instructions(AddListed in self.0.iter().zip(0..).map(|(&summand, number)| AddListed { number, summand }), Negate),
    tests = false,
)]
#[derive(Clone, Debug)]
pub(crate) struct Listed(Vec<u32>);

#[test]
fn each_value_has_a_chip_with_its_name_and_its_word() {
    let list = Listed(vec![3, 0x8000_0001]);
    let inventory = program(list).config().create_inventory(SystemPort::default()).unwrap();
    let names: Vec<String> = inventory.executors().iter().map(ChipUsageGetter::air_name).collect();
    assert_eq!(names, ["AddListed[0]", "AddListed[1]", "Negate"]);
    let words: Vec<_> = inventory.decoders().iter().map(|d| (d.encoding.mask, d.encoding.value)).collect();
    assert_eq!(words, [(0xFFF0_707F, 0x0100_605B), (0xFFF0_707F, 0x0110_605B), (0xFFF0_707F, 0x0000_705B)]);
    // Documentation has what all values share.
    let [listed, negate] = Listed::instructions().try_into().unwrap();
    assert_eq!(listed.encoding.map(|e| (e.mask, e.value)), Some((0x707F, 0x605B)));
    assert_eq!(negate.encoding.map(|e| (e.mask, e.value)), Some((0xFFF0_707F, 0x0000_705B)));
    assert_eq!(negated(5), u32::MAX - 4);
}

#[test]
fn each_value_computes_with_its_own_parameter() {
    let builder = program(Listed(vec![3, 0x8000_0001]));
    let inventory = builder.config().create_inventory(SystemPort::default()).unwrap();
    let decode = |word: u32| inventory.decoders().iter().find_map(|decoder| decoder.decode(word, PC)).unwrap();
    // x6 from x5, x7 from x6.
    let program = [0x0100_605B | 6 << 7 | 5 << 15, 0x0110_605B | 7 << 7 | 6 << 15].map(decode);
    let builder = builder.register(5, 0x8000_0000).instructions(PC, program);
    builder.build::<BabyBearBlake3Engine>().unwrap().prove_and_verify().unwrap();
    assert_eq!(builder.run().unwrap().memory[&(REGISTER_SPACE, 4 * 7)], 4);
}

#[test]
fn the_generated_test_checks_the_chip_of_each_value() {
    check_instruction::<_, AddListed>(&Listed(vec![0x1_0000, u32::MAX]));
    check_instruction::<_, Negate>(&Listed(Vec::new()));
}

#[test]
fn values_that_do_not_fit_their_field_are_an_error() {
    let wide = AddListed { number: 1 << 12, summand: 0 };
    let error = wide.encoding(0).unwrap_err();
    assert_eq!(
        error,
        VmInventoryError::EncodingField { instruction: "addlisted", field: "imm", value: (1 << 12) + 16, bits: 12 }
    );
    assert_eq!(error.to_string(), "instruction `addlisted` has imm = 4112, but this field has 12 bits: at most 4095");
}

#[test]
fn a_list_without_values_has_nothing_to_test() {
    let message = crate::complaint(|| check_instruction::<_, AddListed>(&Listed(Vec::new())));
    assert!(message.contains("AddListed"), "{message}");
}
