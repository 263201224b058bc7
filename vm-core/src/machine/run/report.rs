//! Reports of runs.

use crate::arch::{
    Chip, ExecutionMode, ExitStatus, InstructionExecutor, LoadedProgram, MemoryRows, OpcodeCounts, PUBLIC_VALUES_SPACE,
    REGISTER_SPACE, RunOutcome, VmState,
};
use crate::machine::complex::VmChipComplex;

/// Report of a run: how it ended, and what it left in registers, public values and output.
#[derive(Clone, Debug)]
pub struct ExecutionReport {
    /// Number of executed instructions.
    pub instructions: u64,
    /// How the run ended.
    pub exit: ExitStatus,
    /// Program counter at the end of the run.
    pub pc: u32,
    /// Registers at the end of the run: the words of address space 1.
    pub registers: Vec<u32>,
    /// User public values at the end of the run: the bytes of address space 3.
    pub public_values: Vec<u8>,
    /// What the guest printed.
    pub printed: Vec<u8>,
    /// Number of input vectors that the guest has not read.
    pub unread_inputs: usize,
    /// How often instructions were executed. Empty unless profiling is enabled.
    pub profile: ExecutionProfile,
}

/// Numbers of executions of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionProfile {
    /// By name of the opcode, most frequent first.
    pub opcodes: Vec<(String, u64)>,
    /// By program counter, in ascending order, without instructions that were not executed.
    pub pcs: Vec<(u32, u64)>,
}

/// Number of rows that a proof of a run needs, as predicted by a metered run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeteredReport {
    /// AIR name and number of rows of each executor, in key order. Exact.
    pub executors: Vec<(String, usize)>,
    /// Rows of the memory AIRs. The number of hashes is an upper bound; the other numbers are exact.
    pub memory: MemoryRows,
}

/// Makes the report of a run.
pub(super) fn report<M: ExecutionMode>(
    outcome: &RunOutcome,
    vm: &VmState<M>,
    profile: ExecutionProfile,
) -> ExecutionReport {
    let space = |number: u32| vm.memory.memory().space_words(number);
    ExecutionReport {
        instructions: outcome.instructions,
        exit: outcome.exit,
        pc: outcome.state.pc,
        registers: space(REGISTER_SPACE),
        public_values: space(PUBLIC_VALUES_SPACE).iter().flat_map(|word| word.to_le_bytes()).collect(),
        printed: vm.streams.printed.as_bytes().to_vec(),
        unread_inputs: vm.streams.input_stream.len(),
        profile,
    }
}

/// Sums executions per slot.
pub(super) fn profile_of<E, P>(
    complex: &VmChipComplex<E, P>,
    program: &LoadedProgram,
    counts: &[u64],
) -> ExecutionProfile
where
    E: InstructionExecutor + Chip,
    P: Chip,
{
    let mut sums = OpcodeCounts::default();
    let mut pcs = Vec::new();
    for ((pc, slot), &count) in program.slots().zip(counts) {
        if count > 0 {
            *sums.entry(slot.instruction.opcode).or_default() += count;
            pcs.push((pc, count));
        }
    }
    pcs.sort_unstable();
    let mut opcodes: Vec<(String, u64)> =
        sums.into_iter().map(|(op, count)| (complex.opcode_name(op), count)).collect();
    opcodes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    ExecutionProfile { opcodes, pcs }
}
