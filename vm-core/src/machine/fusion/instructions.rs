//! The AIR that ties the instructions of a plan to the program.

use std::collections::BTreeMap;

use p3_air::{Air, BaseAir, WindowAccess};

use crate::arch::PROGRAM_BUS;
use crate::instructions::Instruction;
use crate::stark::{F, Instances, MachineAir, VmAirBuilder};

use super::plan::{FusionPlan, entry};

/// Queries every instruction of a plan in the program table, once in each proof.
///
/// Soundness: fused circuits have the operands of their instructions as constants and do not query the program. This AIR
/// is required and has one row, so a proof exists only if the program has all of these instructions.
#[derive(Clone, Debug)]
pub(super) struct PlannedInstructionsAir {
    entries: Vec<[F; 9]>,
}

impl PlannedInstructionsAir {
    /// Creates the AIR of a plan.
    pub(super) fn new(plan: &FusionPlan) -> Self {
        // A plan has one instruction at each program counter.
        let steps: BTreeMap<u32, &Instruction> =
            plan.paths.iter().flat_map(|path| path.steps.iter().map(|(pc, instruction)| (*pc, instruction))).collect();
        Self { entries: steps.into_iter().map(|(pc, instruction)| entry(pc, instruction)).collect() }
    }
}

impl BaseAir<F> for PlannedInstructionsAir {
    fn width(&self) -> usize {
        1
    }
}

impl MachineAir for PlannedInstructionsAir {
    fn name(&self) -> String {
        "PlannedInstructions".to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        vec!["one".to_owned()]
    }
    fn instances(&self) -> Instances {
        Instances::Single
    }
    fn required(&self) -> bool {
        true
    }
    fn fixed_log_height(&self) -> Option<usize> {
        Some(0)
    }
}

impl<AB: VmAirBuilder> Air<AB> for PlannedInstructionsAir {
    fn eval(&self, builder: &mut AB) {
        let one = builder.main().current_slice()[0];
        builder.assert_one(one);
        // Follows, but is the form in which key generation wants a multiplicity.
        builder.assert_bool(one);
        for entry in &self.entries {
            PROGRAM_BUS.query(builder, entry.map(AB::Expr::from), one);
        }
    }
}
