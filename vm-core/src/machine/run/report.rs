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
    /// Opcode names with their numbers of executions, most frequent first. Empty unless profiling is enabled.
    pub opcodes: Vec<(String, u64)>,
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
    opcodes: Vec<(String, u64)>,
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
        opcodes,
    }
}

/// Sums executions per slot into executions per opcode name, most frequent first.
pub(super) fn opcode_counts<E, P>(
    complex: &VmChipComplex<E, P>,
    program: &LoadedProgram,
    counts: &[u64],
) -> Vec<(String, u64)>
where
    E: InstructionExecutor + Chip,
    P: Chip,
{
    let mut sums = OpcodeCounts::default();
    for ((_, slot), &count) in program.slots().zip(counts) {
        if count > 0 {
            *sums.entry(slot.instruction.opcode).or_default() += count;
        }
    }
    let mut named: Vec<(String, u64)> = sums.into_iter().map(|(op, count)| (complex.opcode_name(op), count)).collect();
    named.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    named
}
