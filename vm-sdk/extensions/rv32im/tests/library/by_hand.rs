//! A core for the same adapter as [`AddBlocks`], written by hand. It shows what annotated instructions save their
//! authors from writing, and that nothing about the adapter depends on them.

use std::borrow::{Borrow, BorrowMut};

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{CoreAdapter, CoreInterface};
use vm_core::arch::{
    AdapterAirContext, AdapterRuntimeContext, AirPart, BuildChip, ExecutionResult, NoChip, RANGE_BUS, SystemConfig,
    VmChipWrapper, VmCoreAir, VmCoreChip, VmExtension, VmInventory, VmInventoryBuilder, VmInventoryError,
};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::machine::testing::{ExtensionVm, VmChipTestBuilder};
use vm_core::primitives::{names_of, width_of};
use vm_core::stark::{BabyBearBlake3Engine, F, VmAirBuilder};
use vm_core::system::memory::{CELL_INV, MAIN_SPACE, REGISTER_SPACE, cells_of};
use vm_derive::{AlignedBorrow, AnyEnum, Chip, ChipUsageGetter, InstructionExecutor};
use vm_rv32im::adapters::{HeapInterface, Rv32Heap};

use super::{blocks, opcode};

const OPCODE: u32 = 0x700;

type Interface = HeapInterface<2, 8, 8>;

#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
struct AddCols<T> {
    is_valid: T,
    x: [[T; 2]; 8],
    c: [[T; 2]; 8],
    y: [[T; 2]; 8],
}

#[derive(Clone, Copy)]
pub struct AddCore;

impl AirPart for AddCore {
    fn width(&self) -> usize {
        width_of::<AddCols<u8>>()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<AddCols<u8>>().into_iter().map(|name| format!("core.{name}")).collect()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
}

impl<AB: VmAirBuilder> VmCoreAir<AB, Interface> for AddCore {
    fn eval(&self, builder: &mut AB, local: &[AB::Var], _from_pc: AB::Var) -> AdapterAirContext<AB::Expr, Interface> {
        let cols: &AddCols<AB::Var> = local.borrow();
        builder.assert_bool(cols.is_valid);
        for ((x, c), y) in cols.x.iter().zip(cols.c).zip(cols.y) {
            let mut carry = AB::Expr::ZERO;
            for i in 0..2 {
                carry = (carry + x[i] + c[i] - y[i]) * CELL_INV;
                builder.assert_bool(carry.clone());
                RANGE_BUS.query(builder, [y[i].into(), AB::Expr::from_u32(16)], cols.is_valid);
            }
        }
        let reads = [cols.x, cols.c];
        let word = |cells: [AB::Var; 2]| cells.map(Into::into);
        let opcode = AB::Expr::from_u32(OPCODE);
        Interface::context(cols.is_valid.into(), opcode, |i, j| word(reads[i][j]), |_, j| word(cols.y[j]))
    }
}

fn sums([x, c]: [[u32; 8]; 2]) -> [u32; 8] {
    std::array::from_fn(|i| x[i].wrapping_add(c[i]))
}

impl VmCoreChip<Interface> for AddCore {
    type Record = [[u32; 8]; 2];
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn execute_instruction(
        &self,
        _instruction: &Instruction,
        _from_pc: u32,
        reads: [[u32; 8]; 2],
    ) -> ExecutionResult<(AdapterRuntimeContext<Interface>, [[u32; 8]; 2])> {
        Ok((AdapterRuntimeContext::without_pc(sums(reads)), reads))
    }

    fn get_opcode_name(&self, _opcode: VmOpcode) -> String {
        "ADD_BY_HAND".to_owned()
    }

    fn generate_trace_row(&self, row: &mut [F], _instruction: &Instruction, _from_pc: u32, reads: &[[u32; 8]; 2]) {
        let cols: &mut AddCols<F> = row.borrow_mut();
        let cells = |words: [u32; 8]| words.map(cells_of);
        cols.is_valid = F::ONE;
        (cols.x, cols.c, cols.y) = (cells(reads[0]), cells(reads[1]), cells(sums(*reads)));
    }
}

type AddChip = VmChipWrapper<Rv32Heap<2, 8, 8>, AddCore>;

#[derive(AnyEnum, Chip, ChipUsageGetter, InstructionExecutor)]
pub enum ByHandExecutor {
    Add(AddChip),
}

#[derive(Clone, Copy, Debug)]
struct ByHand;

impl BuildChip<ByHand> for AddChip {
    fn build(_extension: &ByHand, builder: &VmInventoryBuilder<'_>) -> Result<Self, VmInventoryError> {
        Ok(Self::new("AddByHand", Rv32Heap::new(builder.system_port()), AddCore))
    }
}

impl VmExtension for ByHand {
    type Executor = ByHandExecutor;
    type Periphery = NoChip;

    fn build(&self, builder: &VmInventoryBuilder<'_>) -> Result<VmInventory<ByHandExecutor, NoChip>, VmInventoryError> {
        let mut inventory = VmInventory::new();
        inventory.add_access_width(8)?;
        let chip = ByHandExecutor::Add(AddChip::build(self, builder)?);
        inventory.add_executor(chip, [VmOpcode::from_u32(OPCODE)])?;
        Ok(inventory)
    }
}

#[test]
fn a_core_written_by_hand_does_the_same() {
    let config = ExtensionVm { system: SystemConfig::default(), extension: ByHand };
    let mut builder = VmChipTestBuilder::new(config);
    for (register, value) in [(4, 0x1000), (8, 0x1010), (12, 0x1FFF_FFE0)] {
        builder = builder.word(REGISTER_SPACE, register, value);
    }
    for word in 0..16 {
        builder = builder.word(MAIN_SPACE, 0x1000 + 4 * word, 0xFFFF_0000_u32.wrapping_add(0x1_0001 * word));
    }
    let operands = [12, 4, 8, 0, 0, 0, 0];
    let builder = builder.instruction(0x100, Instruction::from_parts(VmOpcode::from_u32(OPCODE), operands));
    let annotated = blocks().run().unwrap().memory;
    let by_hand = builder.run().unwrap().memory;
    for word in 0..8 {
        let at = (MAIN_SPACE, 0x1FFF_FFE0 + 4 * word);
        assert!(annotated.contains_key(&at) && by_hand.get(&at) == annotated.get(&at), "word {word}");
    }
    let test = builder.build::<BabyBearBlake3Engine>().unwrap();
    test.prove_and_verify().unwrap();
    // The same circuit, column by column and constraint by constraint.
    let annotated = blocks().build::<BabyBearBlake3Engine>().unwrap();
    let (one, other) = (test.air("AddByHand").unwrap(), annotated.air("AddBlocks").unwrap());
    assert_eq!(one.column_names(), other.column_names());
    assert_ne!(opcode("AddBlocks"), VmOpcode::from_u32(OPCODE));
}
