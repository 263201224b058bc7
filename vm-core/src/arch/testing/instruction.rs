//! The test that is generated for every annotated instruction.

use vm_derive::VmConfig;

use crate::arch::authoring::{InstructionSpec, SampleOperands, Samples};
use crate::arch::{ChipUsageGetter, SystemConfig, SystemPort, VmConfig, VmExtension};
use crate::instructions::{Instruction, VmOpcode};
use crate::stark::{BabyBearBlake3Engine, SymbolicAir};

use super::builder::VmChipTestBuilder;
use super::error::TestError;
use super::mutation::Sweep;
use super::survivors::{Allowed, check_survivors};

/// Programs per instruction; each is run in all modes, traced, checked, proven and verified.
const PROGRAMS: u64 = 3;
/// Executions per program. Not a power of two, so that there are padding rows.
const EXECUTIONS: usize = 23;
/// First program counter.
const BASE: u32 = 0x1000;

/// A machine of one extension.
#[derive(Clone, Debug, Default, VmConfig)]
pub struct ExtensionVm<X> {
    /// System configuration.
    #[system]
    pub system: SystemConfig,
    /// The extension.
    #[extension]
    pub extension: X,
}

/// Checks the instructions of one declaration on a machine of their extension; panics with the reasons if they fail.
///
/// - Random executions agree in all modes (pure, metered, recording), and the metered rows are exact.
/// - Their traces satisfy every constraint and balance every bus; the proof verifies.
/// - The mutation harness: on first, real, padding and last rows, every change of a column is refused by a constraint or
///   a table, or shows in what the row receives. What a row of its own sends is a result, which nobody else checks.
///   Columns with `#[free("reason")]` are exempt.
pub fn check_instruction<X, I>(extension: &X)
where
    X: VmExtension + Clone + Send + Sync + 'static,
    X::Executor: 'static,
    X::Periphery: 'static,
    I: InstructionSpec<Operands: SampleOperands>,
{
    if let Err(error) = try_check::<X, I>(extension) {
        panic!("instruction `{}`: {error}", I::NAME);
    }
}

fn try_check<X, I>(extension: &X) -> Result<(), TestError>
where
    X: VmExtension + Clone + Send + Sync + 'static,
    X::Executor: 'static,
    X::Periphery: 'static,
    I: InstructionSpec<Operands: SampleOperands>,
{
    let config = ExtensionVm { system: SystemConfig::default(), extension: extension.clone() };
    let opcodes = opcodes_of::<_, I>(&config)?;
    let mut total: Option<Sweep> = None;
    for seed in 0..PROGRAMS {
        let test = program::<_, I>(config.clone(), &opcodes, seed).build::<BabyBearBlake3Engine>()?;
        test.prove_and_verify()?;
        let one_row = SymbolicAir::record(&**test.air(I::NAME)?).reads.main_next.is_empty();
        let sweep = if one_row { test.sweep_function(I::NAME)? } else { test.sweep(I::NAME)? };
        match &mut total {
            Some(total) => total.merge(sweep),
            None => total = Some(sweep),
        }
    }
    let free = I::free_columns();
    let allowed: Vec<Allowed> =
        free.iter().map(|(column, reason)| Allowed::column(I::NAME, String::leak(column.clone()), reason)).collect();
    check_survivors(&total.map(|total| total.survivors).unwrap_or_default(), &allowed)?;
    Ok(())
}

/// Opcodes of the instructions in the machine, in order.
fn opcodes_of<VC: VmConfig, I: InstructionSpec>(config: &VC) -> Result<Vec<VmOpcode>, TestError> {
    let inventory = config.create_inventory(SystemPort::default())?;
    let opcodes: Vec<VmOpcode> = inventory
        .opcodes()
        .filter(|(_, executor)| inventory.executors()[*executor].air_name() == I::NAME)
        .map(|(opcode, _)| opcode)
        .collect();
    if opcodes.is_empty() {
        let known = inventory.executors().iter().map(ChipUsageGetter::air_name).collect();
        return Err(TestError::NoSuchAir { air: I::NAME.to_owned(), known });
    }
    Ok(opcodes)
}

/// Random executions of all instructions.
fn program<VC: VmConfig, I: InstructionSpec<Operands: SampleOperands>>(
    config: VC,
    opcodes: &[VmOpcode],
    seed: u64,
) -> VmChipTestBuilder<VC> {
    let mut samples = Samples::new(seed);
    let mut builder = VmChipTestBuilder::new(config);
    let mut set = std::collections::BTreeSet::new();
    let mut instructions = Vec::with_capacity(EXECUTIONS);
    for execution in 0..EXECUTIONS {
        let sample = <I::Operands as SampleOperands>::sample(&mut samples);
        for (space, pointer, value) in sample.words {
            if set.insert((space, pointer)) {
                builder = builder.word(space, pointer, value);
            }
        }
        instructions.push(Instruction::from_parts(opcodes[execution % opcodes.len()], sample.operands));
    }
    builder.instructions(BASE, instructions)
}
