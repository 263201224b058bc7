//! Emitters of messages on the system's buses: program lookups, steps of execution and memory accesses.

mod memory;

use p3_field::PrimeCharacteristicRing;

use crate::instructions::PC_STEP;
use crate::stark::{VmAirBuilder, origin_scope};

use super::buses::{EXECUTION_BUS, PROGRAM_BUS};
use super::execution::ExecutionState;

pub(crate) use memory::wide_request;
pub use memory::{MemoryAddress, MemoryBridge, WriteAux};

/// Emitter of messages on the execution bus.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExecutionBus;

impl ExecutionBus {
    /// Receives the state before an instruction and sends the state after it. Soundness: the caller proves that
    /// `enabled` is boolean.
    pub fn execute_and_increment<AB: VmAirBuilder>(
        &self,
        builder: &mut AB,
        from: ExecutionState<AB::Expr>,
        to: ExecutionState<AB::Expr>,
        enabled: impl Into<AB::Expr>,
    ) {
        let enabled = enabled.into();
        EXECUTION_BUS.receive(builder, [from.pc, from.timestamp], enabled.clone());
        EXECUTION_BUS.send(builder, [to.pc, to.timestamp], enabled);
    }
}

/// Emitter of messages on the program bus.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProgramBus;

impl ProgramBus {
    /// Queries the instruction at `pc` with this opcode and these operands; the operands after the first `N` must be
    /// zero. Soundness: the caller proves that `enabled` is boolean.
    pub fn lookup_instruction<AB: VmAirBuilder, const N: usize>(
        &self,
        builder: &mut AB,
        pc: impl Into<AB::Expr>,
        opcode: impl Into<AB::Expr>,
        operands: [AB::Expr; N],
        enabled: impl Into<AB::Expr>,
    ) {
        const { assert!(N <= 7, "an instruction has at most seven operands") };
        let fields =
            [pc.into(), opcode.into()].into_iter().chain(operands).chain(std::iter::repeat_n(AB::Expr::ZERO, 7 - N));
        PROGRAM_BUS.query(builder, fields, enabled);
    }
}

/// Emitter of the messages that make a row one step of execution: it queries the instruction, receives the state before
/// it and sends the state after it.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExecutionBridge {
    execution_bus: ExecutionBus,
    program_bus: ProgramBus,
}

impl ExecutionBridge {
    /// Emits the messages of one step. If `to_pc` is `None`, execution continues at `pc + 4`. `timestamp_delta` is the
    /// number of ticks of the row, at least 1; it must cover all of the row's accesses.
    ///
    /// Soundness: the caller proves that `enabled` is boolean and that `opcode` is one of the AIR's opcodes if
    /// `enabled` is 1.
    #[allow(clippy::too_many_arguments)]
    pub fn execute<AB: VmAirBuilder, const N: usize>(
        &self,
        builder: &mut AB,
        opcode: impl Into<AB::Expr>,
        operands: [AB::Expr; N],
        from: ExecutionState<AB::Var>,
        to_pc: Option<AB::Expr>,
        timestamp_delta: usize,
        enabled: impl Into<AB::Expr>,
    ) {
        let _origin = origin_scope::<AB>("ExecutionBridge::execute");
        let enabled = enabled.into();
        let from = ExecutionState { pc: from.pc.into(), timestamp: from.timestamp.into() };
        let to = ExecutionState {
            pc: to_pc.unwrap_or_else(|| from.pc.clone() + AB::Expr::from_u32(PC_STEP)),
            timestamp: from.timestamp.clone() + AB::Expr::from_usize(timestamp_delta),
        };
        self.program_bus.lookup_instruction(builder, from.pc.clone(), opcode, operands, enabled.clone());
        self.execution_bus.execute_and_increment(builder, from, to, enabled);
    }
}

/// Access of an extension's AIRs to the system: emitters of messages on its buses.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemPort {
    /// Emitter for the execution bus.
    pub execution_bus: ExecutionBus,
    /// Emitter for the program bus.
    pub program_bus: ProgramBus,
    /// Emitter for steps of execution.
    pub execution_bridge: ExecutionBridge,
    /// Emitter for memory accesses.
    pub memory_bridge: MemoryBridge,
}
