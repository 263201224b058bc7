//! Plans of fused blocks: where they come from, their files, and what they save.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use vm_core::arch::{Chip, Streams, VmConfig};
use vm_core::instructions::Instruction;
use vm_core::machine::fusion::{ChosenPlan, FusionBudget, FusionError, FusionPlan};
use vm_core::machine::{VmChipComplex, VmExecutor};
use vm_core::stark::codec::{self, FileKind, MAX_FILE_LEN};
use vm_core::stark::{AirRef, EngineConfig, ProverMemory, SecurityPreset, StarkEngine, SymbolicAir, Widths};

use crate::error::SdkError;
use crate::files;
use crate::program::GuestProgram;
use crate::report::{counted, grouped};
use crate::sdk::execution_error;
use crate::transpiler::Transpiler;

/// Which blocks of a program get circuits of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PlanOption {
    /// Those that save most, if the run is long enough that they save more than they cost.
    #[default]
    Auto,
    /// None.
    Off,
    /// Those that save most within a budget.
    Within(FusionBudget),
    /// Those of this plan.
    Given(FusionPlan),
}

impl PlanOption {
    /// Returns the budget with which an engine chooses a plan for a run, if it is chosen.
    fn budget<E: StarkEngine>(&self) -> Option<FusionBudget> {
        match self {
            Self::Auto => Some(match E::SC::prover_memory(SecurityPreset::default()) {
                // Every column is opened in every query.
                ProverMemory::Committed { .. } => FusionBudget { least_gain: AUTO_GAIN, ..FusionBudget::SMALL },
                ProverMemory::Stacked { .. } => FusionBudget { least_gain: AUTO_GAIN, ..FusionBudget::DEFAULT },
            }),
            Self::Within(budget) => Some(*budget),
            Self::Off | Self::Given(_) => None,
        }
    }

    /// Returns the plan for a run of a program with an engine.
    ///
    /// # Errors
    ///
    /// - [`SdkError::Execution`] if the guest fails while its run is counted;
    /// - [`SdkError::Machine`] or [`SdkError::Start`] if the machine cannot be built or cannot load the program.
    pub fn plan<E: StarkEngine, VC: VmConfig>(
        &self,
        executor: &VmExecutor<VC>,
        program: &GuestProgram,
        streams: impl Into<Streams>,
    ) -> Result<FusionPlan, SdkError> {
        match (self, self.budget::<E>()) {
            (Self::Given(plan), _) => Ok(plan.clone()),
            (_, None) => Ok(FusionPlan::default()),
            (_, Some(budget)) => {
                let plan = executor.choose_plan(program.exe(), streams, budget);
                plan.map(|chosen| chosen.plan).map_err(|error| execution_error(program, error))
            }
        }
    }
}

/// Cells that an automatic plan saves at least: as many as the keys with the circuits cost.
const AUTO_GAIN: u64 = 1 << 22;

/// Name in the place of an engine's, in the headers of plan files: every engine can use them.
const ANY_ENGINE: &str = "any";
/// The same for security levels.
const ANY_LEVEL: &str = "any level";

/// Contents of a plan file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFile {
    /// The plan.
    pub plan: FusionPlan,
    /// Number of executions of each path in the run for which the plan was made.
    pub executions: Vec<u64>,
    /// Number of instructions of that run.
    pub instructions: u64,
}

impl PlanFile {
    /// Chooses the plan of a run.
    ///
    /// # Errors
    ///
    /// Those of [`PlanOption::plan`].
    pub fn choose<VC: VmConfig>(
        executor: &VmExecutor<VC>,
        program: &GuestProgram,
        streams: impl Into<Streams>,
        budget: FusionBudget,
    ) -> Result<Self, SdkError> {
        let chosen = executor.choose_plan(program.exe(), streams, budget);
        let ChosenPlan { plan, executions, instructions } = chosen.map_err(|error| execution_error(program, error))?;
        Ok(Self { plan, executions, instructions })
    }

    /// Returns the contents of the file.
    ///
    /// # Errors
    ///
    /// [`SdkError::Encode`] if the plan cannot be encoded.
    pub fn encode(&self) -> Result<Vec<u8>, SdkError> {
        codec::encode(FileKind::FusionPlan, ANY_ENGINE, ANY_LEVEL, self)
            .map_err(|source| SdkError::Encode { what: "plan", source })
    }

    /// Decodes the contents of a file. `path` is used in error messages.
    ///
    /// # Errors
    ///
    /// - [`SdkError::Codec`] if these are other bytes;
    /// - [`SdkError::Plan`] if the plan exceeds a limit, or there is not one number for each path.
    pub fn decode(path: &Path, bytes: &[u8]) -> Result<Self, SdkError> {
        let (_, file): (_, Self) = codec::decode(FileKind::FusionPlan, ANY_ENGINE, bytes, MAX_FILE_LEN)
            .map_err(|source| SdkError::Codec { path: path.to_owned(), source })?;
        let refuse = |source| SdkError::Plan { path: path.to_owned(), source };
        file.plan.validate().map_err(refuse)?;
        if file.executions.len() != file.plan.paths.len() {
            return Err(refuse(FusionError::Encoding));
        }
        Ok(file)
    }

    /// Reads a plan file.
    ///
    /// # Errors
    ///
    /// Those of [`Self::decode`], and [`SdkError::File`] if the file cannot be read.
    pub fn read(path: &Path) -> Result<Self, SdkError> {
        Self::decode(path, &files::read(path, MAX_FILE_LEN as u64)?)
    }

    /// Reports what the blocks save on a machine. `text` returns the text of the instruction at a program counter, if it is
    /// known; otherwise, the name of the opcode is shown.
    ///
    /// # Errors
    ///
    /// - [`SdkError::Machine`] if the machine cannot be built;
    /// - [`SdkError::Plan`] if a block has no circuit on this machine.
    pub fn report<VC: VmConfig>(
        &self,
        path: &Path,
        config: &VC,
        text: impl Fn(u32) -> Option<String>,
    ) -> Result<FusionReport, SdkError> {
        let complex = VmChipComplex::new(config)?;
        let mut fuser = complex.fuser();
        let size = |air: &AirRef| (Widths::of(&**air).main, SymbolicAir::record(&**air).messages.len());
        let sizes: Vec<_> = complex.inventory.executors().iter().map(|chip| size(&chip.air())).collect();
        let mut report = FusionReport { instructions: self.instructions, ..FusionReport::default() };
        for (block, executions) in self.plan.paths.iter().zip(&self.executions) {
            let (circuit, executors) =
                fuser.fuse(&block.steps).map_err(|source| SdkError::Plan { path: path.to_owned(), source })?;
            let before = executors.iter().map(|executor| sizes[*executor]);
            let (columns, messages) = before.fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1));
            let line = |(pc, instruction): &(u32, Instruction)| {
                let name = || complex.opcode_name(instruction.opcode);
                format!("{pc:#010x}  {}", text(*pc).unwrap_or_else(name))
            };
            report.blocks.push(BlockReport {
                pc: block.steps.first().map_or(0, |(pc, _)| *pc),
                executions: *executions,
                instructions: block.steps.iter().map(line).collect(),
                columns: (columns, circuit.num_columns()),
                messages: (messages, circuit.num_messages()),
            });
            report.fused_instructions += executions * block.steps.len() as u64;
        }
        Ok(report)
    }
}

/// Returns a function that describes the instruction at a program counter: its assembly text and its place in the program.
pub fn instruction_texts(program: &GuestProgram) -> impl Fn(u32) -> Option<String> {
    let transpiler = Transpiler::default();
    move |pc| {
        let text = transpiler.disassemble(program.image().word(pc)?)?;
        Some(match program.image().locate(pc) {
            Some(place) => format!("{text:<28} {place}"),
            None => text,
        })
    }
}

/// What fused blocks save.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FusionReport {
    /// Instructions of the run for which the plan was made.
    pub instructions: u64,
    /// Those that blocks prove.
    pub fused_instructions: u64,
    /// The blocks.
    pub blocks: Vec<BlockReport>,
}

/// A fused block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BlockReport {
    /// Program counter of the first instruction.
    pub pc: u32,
    /// Number of executions.
    pub executions: u64,
    /// The instructions, with their program counters.
    pub instructions: Vec<String>,
    /// Columns of the instructions' rows, and of the row of the block.
    pub columns: (usize, usize),
    /// Messages of the same.
    pub messages: (usize, usize),
}

impl fmt::Display for FusionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = 100.0 * self.fused_instructions as f64 / (self.instructions.max(1)) as f64;
        let blocks = counted(self.blocks.len(), "block");
        writeln!(f, "{blocks}, {share:.1} % of {} instructions", grouped(self.instructions))?;
        for block in &self.blocks {
            writeln!(
                f,
                "block {:#x}: {} instructions, {} executions, columns {} → {}, messages {} → {}",
                block.pc,
                block.instructions.len(),
                grouped(block.executions),
                block.columns.0,
                block.columns.1,
                block.messages.0,
                block.messages.1
            )?;
            for line in &block.instructions {
                writeln!(f, "  {line}")?;
            }
        }
        Ok(())
    }
}
