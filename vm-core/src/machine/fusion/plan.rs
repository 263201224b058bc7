//! Plans: the paths of a program that have circuits of their own.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use p3_field::{PrimeCharacteristicRing, PrimeField64};
use serde::{Deserialize, Serialize};

use crate::arch::ExecutorId;
#[cfg(feature = "prover")]
use crate::arch::{LoadedProgram, TimedPath};
use crate::instructions::{Instruction, PC_LIMIT, PC_STEP};
use crate::stark::{AirRef, Bus, F};

use super::block::Step;
use super::circuit::FusedCircuit;
use super::error::FusionError;
use super::instructions::PlannedInstructionsAir;
use super::template::Template;

/// Greatest number of paths of a plan.
pub const MAX_PATHS: usize = 1024;
/// Greatest number of instructions of a path.
pub const MAX_PATH_LENGTH: usize = 1024;
/// Greatest number of instructions of all paths of a plan.
pub const MAX_INSTRUCTIONS: usize = 16_384;

/// Greatest number of columns, and of messages, of a circuit.
pub(super) const MAX_COLUMNS: usize = 4096;
/// Greatest number of columns, and of messages, of all circuits of a plan.
pub(super) const MAX_TOTAL_COLUMNS: usize = 32_768;
/// Greatest length of an encoded plan. An instruction has nine numbers of at most five bytes.
const MAX_ENCODED: usize = 64 * MAX_INSTRUCTIONS;

/// Instructions that one row proves, in the order of their execution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FusedPath {
    /// Program counters and instructions.
    pub steps: Vec<(u32, Instruction)>,
}

/// The paths of a program that have circuits of their own. Paths that start at the same program counter have different lengths.
///
/// A plan is advice: whatever it says, a proof shows the same statements. It contains the instructions, so that circuits can
/// be derived from it without the program; every proof shows that they are those of the program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FusionPlan {
    /// The paths.
    pub paths: Vec<FusedPath>,
}

impl FusionPlan {
    /// Returns whether nothing is fused.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Returns the encoding in keys: empty if nothing is fused.
    pub fn encode(&self) -> Vec<u8> {
        // Plain data always serializes into memory.
        if self.is_empty() { Vec::new() } else { postcard::to_allocvec(self).expect("plans serialize") }
    }

    /// Decodes [`Self::encode`].
    ///
    /// # Errors
    /// [`FusionError::Encoding`] if these are other bytes, [`FusionError::Limit`] if there are too many.
    pub fn decode(bytes: &[u8]) -> Result<Self, FusionError> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        if bytes.len() > MAX_ENCODED {
            return Err(FusionError::Limit { what: "bytes", got: bytes.len(), limit: MAX_ENCODED });
        }
        match postcard::take_from_bytes(bytes) {
            Ok((plan, [])) => Ok(plan),
            _ => Err(FusionError::Encoding),
        }
    }

    /// Checks that the instructions are those of a program.
    ///
    /// # Errors
    /// [`FusionError::OtherProgram`] if they are not.
    #[cfg(feature = "prover")]
    pub fn check_program(&self, program: &LoadedProgram) -> Result<(), FusionError> {
        let mut steps = self.paths.iter().flat_map(|path| &path.steps);
        match steps.find(|(pc, instruction)| program.instruction(*pc) != Some(instruction)) {
            Some(&(pc, _)) => Err(FusionError::OtherProgram { pc }),
            None => Ok(()),
        }
    }

    /// Checks the limits and what does not depend on the machine.
    ///
    /// # Errors
    /// [`FusionError::Limit`] and [`FusionError::Path`].
    pub fn validate(&self) -> Result<(), FusionError> {
        limit("paths", self.paths.len(), MAX_PATHS)?;
        let (mut starts, mut total) = (BTreeSet::new(), 0);
        let mut instructions = HashMap::new();
        for (path, FusedPath { steps }) in self.paths.iter().enumerate() {
            let refuse = |reason: String| Err(FusionError::Path { path, reason });
            limit("instructions in a path", steps.len(), MAX_PATH_LENGTH)?;
            total += steps.len();
            limit("instructions", total, MAX_INSTRUCTIONS)?;
            let [(start, _), _, ..] = steps[..] else {
                return refuse("it has fewer than two instructions".into());
            };
            if !starts.insert((start, steps.len())) {
                return refuse(format!("another path of the same length starts at pc {start:#x}, too"));
            }
            for (pc, instruction) in steps {
                if *pc >= PC_LIMIT || pc % PC_STEP != 0 {
                    return refuse(format!("{pc:#x} is not a program counter"));
                }
                let mut fields = instruction.operands().into_iter().chain([instruction.opcode.as_u32()]);
                if fields.any(|value| u64::from(value) >= F::ORDER_U64) {
                    return refuse(format!("the instruction at pc {pc:#x} has an operand beyond the field"));
                }
                if instructions.insert(*pc, *instruction).is_some_and(|other| other != *instruction) {
                    return refuse(format!("it has another instruction at pc {pc:#x} than an earlier path"));
                }
            }
        }
        Ok(())
    }
}

pub(super) fn limit(what: &'static str, got: usize, limit: usize) -> Result<(), FusionError> {
    if got > limit { Err(FusionError::Limit { what, got, limit }) } else { Ok(()) }
}

/// The circuits of a plan on a machine.
#[derive(Clone, Debug, Default)]
pub struct Fusion {
    /// The plan.
    pub plan: FusionPlan,
    /// The circuit of each path.
    pub circuits: Vec<Arc<FusedCircuit>>,
    /// The executor of each instruction of each path.
    pub executors: Vec<Vec<ExecutorId>>,
}

impl Fusion {
    /// Derives the circuits of a plan.
    ///
    /// # Errors
    /// [`FusionError`] if the plan is out of limits, or if a path has instructions that cannot be fused or is impossible.
    pub fn new(plan: FusionPlan, fuser: &mut Fuser<'_>) -> Result<Self, FusionError> {
        plan.validate()?;
        let (mut circuits, mut executors) = (Vec::new(), Vec::new());
        let (mut columns, mut messages) = (0, 0);
        for (path, steps) in plan.paths.iter().enumerate() {
            let (circuit, of_steps) = fuser.fuse(&steps.steps).map_err(|error| match error {
                limit @ FusionError::Limit { .. } => limit,
                other => FusionError::Path { path, reason: other.to_string() },
            })?;
            columns += circuit.num_columns();
            messages += circuit.num_messages();
            limit("columns", columns, MAX_TOTAL_COLUMNS)?;
            limit("messages", messages, MAX_TOTAL_COLUMNS)?;
            circuits.push(Arc::new(circuit));
            executors.push(of_steps);
        }
        Ok(Self { plan, circuits, executors })
    }

    /// Returns the AIR that ties the instructions of the plan to the program.
    pub fn instructions_air(&self) -> AirRef {
        Arc::new(PlannedInstructionsAir::new(&self.plan))
    }

    /// Returns the number of AIRs of the plan.
    pub fn num_airs(&self) -> usize {
        if self.plan.is_empty() { 0 } else { 1 + self.circuits.len() }
    }

    /// Returns the program counters of each path, with their times.
    #[cfg(feature = "prover")]
    pub fn timed_paths(&self) -> impl Iterator<Item = TimedPath> {
        self.circuits.iter().map(|circuit| TimedPath { pcs: circuit.pcs.clone(), times: circuit.times.clone() })
    }
}

/// A machine whose instructions can be fused.
pub trait FusableMachine {
    /// Returns the executor of an instruction.
    fn executor_for(&self, instruction: &Instruction) -> Option<ExecutorId>;
    /// Returns the AIR of an executor.
    ///
    /// # Errors
    /// [`FusionError::NotFusable`] if its chip cannot set records aside.
    fn air_of(&self, executor: ExecutorId) -> Result<AirRef, FusionError>;
    /// Returns the buses.
    fn declared_buses(&self) -> Vec<Bus>;
}

/// Makes circuits of instructions from those of a machine.
pub struct Fuser<'a> {
    machine: &'a dyn FusableMachine,
    buses: BTreeMap<&'static str, Bus>,
    /// Recorded AIRs, by executor.
    templates: HashMap<ExecutorId, Result<Arc<Template>, FusionError>>,
}

impl<'a> Fuser<'a> {
    /// Creates a fuser for a machine.
    pub fn new(machine: &'a dyn FusableMachine) -> Self {
        let buses = machine.declared_buses().into_iter().map(|bus| (bus.name, bus)).collect();
        Self { machine, buses, templates: HashMap::new() }
    }

    /// Returns the executor of an instruction and its recorded AIR.
    ///
    /// # Errors
    /// [`FusionError::Impossible`] if no executor serves the instruction, [`FusionError::NotFusable`] if it cannot be fused.
    pub(super) fn template(
        &mut self,
        pc: u32,
        instruction: &Instruction,
    ) -> Result<(ExecutorId, Arc<Template>), FusionError> {
        let executor = self.machine.executor_for(instruction);
        let executor = executor
            .ok_or_else(|| FusionError::Impossible { pc, reason: "no executor serves the instruction".into() })?;
        let make = || Template::new(&self.machine.air_of(executor)?, &self.buses).map(Arc::new);
        Ok((executor, self.templates.entry(executor).or_insert_with(make).clone()?))
    }

    /// Makes the circuit of a path. Returns the executors of its instructions, too.
    ///
    /// # Errors
    /// [`FusionError`] if an instruction cannot be fused, or no run follows the path.
    pub fn fuse(&mut self, path: &[(u32, Instruction)]) -> Result<(FusedCircuit, Vec<ExecutorId>), FusionError> {
        let templates =
            path.iter().map(|(pc, instruction)| self.template(*pc, instruction)).collect::<Result<Vec<_>, _>>()?;
        let steps: Vec<Step<'_>> = path
            .iter()
            .zip(&templates)
            .map(|((pc, instruction), (_, template))| Step { pc: *pc, entry: entry(*pc, instruction), template })
            .collect();
        let circuit = FusedCircuit::new(&steps)?;
        Ok((circuit, templates.into_iter().map(|(executor, _)| executor).collect()))
    }
}

/// Returns the entry of the program table for an instruction.
pub(super) fn entry(pc: u32, instruction: &Instruction) -> [F; 9] {
    let [a, b, c, d, e, f, g] = instruction.operands();
    [pc, instruction.opcode.as_u32(), a, b, c, d, e, f, g].map(F::from_u32)
}
