//! What all multi-row instructions have in common: which rows belong to an execution, and the steps that they make.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use vm_derive::AlignedBorrow;

use crate::arch::ExecutionState;
use crate::arch::authoring::RowContext;
use crate::instructions::PC_STEP;
use crate::stark::{F, VmAirBuilder, origin_scope};

/// Columns that tie a row to its execution.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, AlignedBorrow)]
pub struct RowFrame<T> {
    /// State before the row; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// 1 on rows of executions, 0 on padding rows.
    pub is_valid: T,
    /// 1 on the first row of an execution.
    pub is_first: T,
    /// 1 on the last row of an execution.
    pub is_last: T,
}

impl<T: Copy> RowFrame<T> {
    /// Indices of the flags, counted from the first column: selectors of an AIR.
    pub const FLAGS: [usize; 3] = [2, 3, 4];

    /// Returns an expression that is 1 if another row of the execution follows.
    pub fn goes_on<E: PrimeCharacteristicRing>(&self) -> E
    where
        T: Into<E>,
    {
        self.is_valid.into() - self.is_last.into()
    }

    /// Constrains which rows belong together, and makes the step of execution of a row: `ticks` ticks, at the same program
    /// counter for all rows of an execution. `operands` are those of the instruction, in order.
    ///
    /// Soundness: `next.is_valid − next.is_first = is_valid − is_last` on every pair of rows of a trace, and the flags are
    /// booleans that imply `is_valid`. So a row that goes on is followed by one that continues it, and only such a row is.
    /// The first row of a trace continues nothing, and the last one does not go on. So each trace consists of complete
    /// executions, from a first row to a last one, and of padding, and several traces are as good as one
    /// ([`Instances::Closed`](crate::stark::Instances::Closed)): no constraint on pairs applies across an end.
    ///
    /// A row that goes on sends the state that the next row receives. A second receiver would need a second sender: each
    /// state of execution is sent once, because time increases (M2). So an execution makes exactly the steps of its rows,
    /// all with the instruction at the program counter of the first one.
    pub fn eval<AB: VmAirBuilder<Var = T>>(
        &self,
        builder: &mut AB,
        next: &Self,
        context: &RowContext,
        operands: &[T],
        ticks: usize,
    ) where
        T: Into<AB::Expr>,
    {
        let origin = origin_scope::<AB>("RowFrame");
        let Self { from_state, is_valid, is_first, is_last } = *self;
        [is_valid, is_first, is_last].into_iter().for_each(|flag| builder.assert_bool(flag));
        for flag in [is_first, is_last] {
            builder.when(flag).assert_one(is_valid);
        }
        let mut pairs = builder.when_transition();
        pairs.assert_eq(next.is_valid.into() - next.is_first.into(), self.goes_on());
        let mut linked = pairs.when(self.goes_on::<AB::Expr>());
        linked.assert_eq(next.from_state.pc, from_state.pc);
        linked.assert_eq(next.from_state.timestamp, from_state.timestamp.into() + AB::Expr::from_usize(ticks));
        builder.when_first_row().assert_eq(is_valid, is_first);
        builder.when_last_row().assert_eq(is_valid, is_last);
        drop(origin);

        let opcode = AB::Expr::from_u32(context.opcode.as_u32());
        let to_pc = from_state.pc.into() + is_last.into() * AB::Expr::from_u32(PC_STEP);
        let operands: [AB::Expr; 7] =
            std::array::from_fn(|i| operands.get(i).map_or(AB::Expr::ZERO, |operand| (*operand).into()));
        context.port.execution_bridge.execute(builder, opcode, operands, from_state, Some(to_pc), ticks, is_valid);
    }
}

impl RowFrame<F> {
    /// Fills the columns of row `index` of `rows` rows. `from` is the state before the first one.
    pub fn fill(&mut self, from: ExecutionState<u32>, index: usize, rows: usize, ticks: usize) {
        self.from_state.pc = F::from_u32(from.pc);
        self.from_state.timestamp = F::from_u32(from.timestamp) + F::from_usize(index * ticks);
        self.is_valid = F::ONE;
        self.is_first = F::from_bool(index == 0);
        self.is_last = F::from_bool(index + 1 == rows);
    }
}
