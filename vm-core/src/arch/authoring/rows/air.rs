//! Constraints and messages of an annotated multi-row instruction.

use std::borrow::Borrow;

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;

use crate::arch::authoring::core::CoreEval;
use crate::arch::authoring::instruction_core::{cells_of_word, check_parts, check_witness};
use crate::arch::authoring::roles::{RegisterRole, Roles, find};
use crate::arch::authoring::{MultiRowAir, RowContext};
use crate::arch::{CELL_BITS, MAIN_SPACE, MemoryAddress, RANGE_BUS, REGISTER_SPACE, WriteAux};
use crate::stark::{F, VmAirBuilder, origin_scope};

use super::chip::Layout;
use super::{Access, ONE_WORD, OPERANDS, Place, RowCore, RowFlags, RowFrame, RowsCore, When};

/// The columns of a row.
pub(super) struct Parts<'a, T> {
    pub(super) frame: &'a RowFrame<T>,
    /// The column `is_active`, if there is one.
    pub(super) active: Option<T>,
    pub(super) operands: &'a [T],
    pub(super) registers_prev: &'a [T],
    pub(super) reads_prev: &'a [T],
    writes_prev: &'a [T],
    /// The author's columns.
    pub(super) cells: &'a [T],
}

impl<'a, T: Copy> Parts<'a, T> {
    pub(super) fn of<I: RowCore>(row: &'a [T]) -> Self {
        let (frame, row) = row.split_at(Layout::<I>::FRAME);
        let (active, row) = row.split_at(Layout::<I>::ACTIVE);
        let (operands, row) = row.split_at(Layout::<I>::OPERANDS);
        let (registers_prev, row) = row.split_at(I::ROLES.registers.len());
        let (reads_prev, row) = row.split_at(I::READS.len());
        let (writes_prev, cells) = row.split_at(Layout::<I>::AUX * I::WRITES.len());
        let (frame, active) = (frame.borrow(), active.first().copied());
        Self { frame, active, operands, registers_prev, reads_prev, writes_prev, cells }
    }

    /// Returns the column that is 1 on rows that make an access.
    pub(super) fn flag(&self, when: When) -> T {
        match when {
            When::Active => self.active.unwrap_or(self.frame.is_valid),
            When::First => self.frame.is_first,
            When::Last => self.frame.is_last,
        }
    }

    /// Returns the cells of a number, low cell first.
    fn number(&self, register: &RegisterRole) -> [T; 2] {
        let cells = register.span.of(self.cells);
        [cells[0], cells[1]]
    }
}

/// Returns the value of a number, low cell first.
fn value<AB: VmAirBuilder>([low, high]: [AB::Var; 2]) -> AB::Expr {
    low + high * F::from_u32(1 << CELL_BITS)
}

impl<AB: VmAirBuilder, I: RowCore> MultiRowAir<AB> for RowsCore<I> {
    fn eval(&self, builder: &mut AB, context: &RowContext, local: &[AB::Var], next: &[AB::Var]) {
        let roles = const { &I::ROLES };
        let (row, next) = (Parts::of::<I>(local), Parts::of::<I>(next));
        row.frame.eval(builder, next.frame, context, row.operands, Layout::<I>::TICKS);

        let flags = RowFlags {
            is_valid: row.frame.is_valid.into(),
            is_first: row.flag(When::First).into(),
            is_last: row.flag(When::Last).into(),
            is_active: row.flag(When::Active).into(),
        };
        eval_count(builder, roles, &row);
        eval_numbers(builder, roles, &row, &next);
        let origin = origin_scope::<AB>("#[carried]");
        for carried in roles.carried {
            for (to, from) in carried.to.of(next.cells).iter().zip(carried.from.of(row.cells)) {
                let mut pairs = builder.when_transition();
                pairs.when(row.frame.goes_on::<AB::Expr>()).assert_eq(*to, *from);
            }
        }
        drop(origin);

        check_witness(builder, roles, row.cells, &flags.is_valid);
        check_parts(builder, roles.reads, &ONE_WORD, row.cells, &flags.is_valid, |_| false, false);
        check_parts(builder, roles.writes, &ONE_WORD, row.cells, &flags.is_valid, |_| false, true);
        let origin = origin_scope::<AB>("#[read]");
        for read in roles.reads {
            let when = I::READS[read.index].when;
            // Without a count, all rows are active.
            if when == When::Active && row.active.is_none() {
                continue;
            }
            for cell in read.span.of(row.cells) {
                builder.assert_zero((AB::Expr::ONE - row.flag(when)) * *cell);
            }
        }
        drop(origin);

        let time = |tick: usize| row.frame.from_state.timestamp + AB::Expr::from_usize(tick);
        let address = |access: &Access| match access.place {
            Place::Memory { operand, offset } => {
                // `check_rows` has checked that the pointer has columns.
                let number = super::check::register(roles.registers, operand).map(|register| row.number(&register));
                let pointer = number.map_or(AB::Expr::ZERO, value::<AB>) + AB::Expr::from_u32(offset);
                MemoryAddress::new(AB::Expr::from_u32(MAIN_SPACE), pointer)
            }
            Place::Register { operand } => {
                MemoryAddress::new(AB::Expr::from_u32(REGISTER_SPACE), row.operands[operand].into())
            }
        };
        let memory = context.port.memory_bridge;
        let registers = roles.registers.iter().zip(row.registers_prev).enumerate();
        for (tick, (register, prev)) in registers {
            let place = address(&Access::register(register.index));
            let data = row.number(register).map(Into::into);
            memory.read(builder, place, data, time(tick), *prev, row.frame.is_first);
        }
        for (i, (access, prev)) in I::READS.iter().zip(row.reads_prev).enumerate() {
            // `check_rows` has checked that every read has columns.
            let Some(columns) = find(roles.reads, i) else { continue };
            let data = cells_of_word::<AB>(columns, &ONE_WORD, row.cells, 0);
            memory.read(builder, address(access), data, time(Layout::<I>::READ_TICK + i), *prev, row.flag(access.when));
        }
        // Soundness (M12): cells in columns are range-checked, unless the author proves them in range, as for cells that
        // are computed.
        let cols = I::cols(row.cells);
        for (i, (access, aux)) in I::WRITES.iter().zip(row.writes_prev.chunks_exact(Layout::<I>::AUX)).enumerate() {
            let data = match find(roles.writes, i) {
                Some(columns) => cells_of_word::<AB>(columns, &ONE_WORD, row.cells, 0),
                None => self.core().write::<CoreEval<'_, AB, RowFlags<AB::Expr>>>(cols, i),
            };
            let aux: &WriteAux<AB::Var> = aux.borrow();
            let (old, tick) = (aux.prev_data.map(Into::into), time(Layout::<I>::WRITE_TICK + i));
            memory.write(builder, address(access), data, old, tick, aux.prev_timestamp, row.flag(access.when));
        }

        let _origin = origin_scope::<AB>("eval");
        let is_valid = flags.is_valid.clone();
        let mut builder = CoreEval { inner: builder, is_valid, flags };
        self.core().eval(&mut builder, cols, I::cols(next.cells));
    }
}

/// Constrains the number of rows, if a number counts them.
///
/// Soundness: let n be the content of the register, an integer below 2^30, and k the number of rows, which is below 2^29.
/// In the last row the number is `is_active`: n − (k − 1) = 1 if the row is active. Both sides are integers between −2^29
/// and 2^30, so k = n. All rows of several are active. A single row is active exactly if n = 1; otherwise n = 0.
fn eval_count<AB: VmAirBuilder>(builder: &mut AB, roles: &Roles, row: &Parts<'_, AB::Var>) {
    let (Some(active), Some(count)) = (row.active, roles.registers.iter().find(|register| register.counts)) else {
        return;
    };
    let _origin = origin_scope::<AB>("#[register(…, count)]");
    let RowFrame { is_valid, is_first, is_last, .. } = *row.frame;
    builder.assert_bool(active);
    builder.when(active).assert_one(is_valid);
    builder.when(is_valid - is_first).assert_one(active);
    builder.when(row.frame.goes_on::<AB::Expr>()).assert_one(active);
    builder.when(is_last).assert_eq(value::<AB>(row.number(count)), active);
}

/// Constrains the numbers that start as the contents of registers.
///
/// Soundness: the first row looks up that the high cell is small. The low cell is a register's, so it is below 2^16. The
/// other rows follow by equations, modulo p; see the design of this module for why they hold for integers.
fn eval_numbers<AB: VmAirBuilder>(
    builder: &mut AB,
    roles: &Roles,
    row: &Parts<'_, AB::Var>,
    next: &Parts<'_, AB::Var>,
) {
    let _origin = origin_scope::<AB>("#[register]");
    let RowFrame { is_valid, is_first, .. } = *row.frame;
    for register in roles.registers {
        let (number, after) = (row.number(register), next.number(register));
        if let Some(bits) = register.high_bits() {
            RANGE_BUS.query(builder, [number[1].into(), AB::Expr::from_usize(bits)], is_first);
        }
        let changes = register.change() != 0;
        if changes {
            // A number that changes is in one column, except on the first row.
            builder.when(is_valid - is_first).assert_zero(number[1]);
        }
        let mut pairs = builder.when_transition();
        let mut linked = pairs.when(row.frame.goes_on::<AB::Expr>());
        if changes {
            let change = AB::Expr::from(F::from_i32(register.change()));
            linked.assert_eq(value::<AB>(after), value::<AB>(number) + change);
        } else {
            linked.assert_eq(after[0], number[0]);
            linked.assert_eq(after[1], number[1]);
        }
    }
}

const _: () = assert!(OPERANDS == 7, "`RowFrame::eval` looks up seven operands");
