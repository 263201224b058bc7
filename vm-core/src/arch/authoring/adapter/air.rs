//! Constraints and messages of declared adapters.

use p3_field::PrimeCharacteristicRing;

use crate::arch::{
    AdapterAirContext, AirPart, CELL, ExecutionState, MAIN_SPACE, MemoryAddress, MemoryBridge, MinimalInstruction,
    RANGE_BUS, REGISTER_SPACE, VmAdapterAir,
};
use crate::instructions::PC_STEP;
use crate::stark::VmAirBuilder;

use super::layout::{DestinationKind, SourceKind, block_access};
use super::{AdapterInterface, Constants, DeclaredAdapter, Destination, Sources};

/// Bits of the high cell of a pointer. Soundness: a pointer with such a high cell is an integer below 2^14 · 2^16 = 2^30,
/// which is smaller than p, so no other integer has the same field element. Only the memory boundary is a source of words,
/// it has exactly the aligned pointers below 2^29, and accesses to any other pointer cannot balance, since each of them
/// receives an older message than it sends.
pub const POINTER_HIGH_BITS: usize = 14;

impl<A: DeclaredAdapter> AirPart for A {
    fn width(&self) -> usize {
        Constants::<A>::LAYOUT.width
    }

    fn column_names(&self) -> Vec<String> {
        let registers = A::REGISTERS.iter().map(|field| field.name);
        let names = Constants::<A>::LAYOUT.names(
            Constants::<A>::KINDS,
            registers,
            A::DESTINATION.as_ref().map(|field| field.name),
        );
        names.into_iter().map(|name| format!("adapter.{name}")).collect()
    }
}

impl<AB: VmAirBuilder, A: DeclaredAdapter> VmAdapterAir<AB> for A {
    type Interface = AdapterInterface<A::Sources, A::Destination>;

    fn eval(&self, builder: &mut AB, local: &[AB::Var], ctx: AdapterAirContext<AB::Expr, Self::Interface>) {
        let (layout, kinds) = (Constants::<A>::LAYOUT, Constants::<A>::KINDS);
        let MinimalInstruction { is_valid, opcode } = ctx.instruction;
        // Soundness: rows send what they receive from the execution bus, with another pc and a later time.
        let from = ExecutionState::new(local[layout.from_state], local[layout.from_state + 1]);
        let mut row = Row::<AB> { builder, memory: self.port().memory_bridge, local, from, ticks: 0, is_valid };
        // Soundness: all operands are fixed by the query of the program table; those without a column are zero.
        let mut operands = Vec::new();

        let (mut read, mut written) = (Vec::new(), Vec::new());
        <A::Sources as Sources>::flatten(ctx.reads, &mut read);
        <A::Destination as Destination>::flatten(ctx.writes, &mut written);
        let mut values = Vec::new();
        for kind in kinds {
            let rest = read.split_off((2 * kind.words()).min(read.len()));
            values.push(std::mem::replace(&mut read, rest));
        }

        // The registers, each at its own time.
        if let DestinationKind::Register | DestinationKind::Block(_) = Constants::<A>::KIND {
            operands.push(local[layout.destination].into());
        }
        for ((kind, columns), value) in kinds.iter().zip(&layout.sources).zip(&values) {
            match kind {
                SourceKind::Register => {
                    operands.push(local[columns.register].into());
                    row.read_register(columns.register, word(value), columns.prev_timestamp);
                }
                SourceKind::Block(_) => {
                    operands.push(local[columns.register].into());
                    row.read_pointer(columns.register, columns.pointer, columns.prev_timestamp);
                }
                // Soundness: the core's cells are bound by the query of the program table, which has 16-bit limbs only
                // because `accepts` refuses others.
                SourceKind::Immediate => operands.extend(value.iter().cloned()),
                // Soundness: nothing binds the cells of a hint, since a prover may choose it. The core proves that they
                // are below 2^16, as those of written values.
                SourceKind::Hint(_) => {}
            }
        }
        if let DestinationKind::Block(_) = Constants::<A>::KIND {
            row.read_pointer(layout.destination, layout.pointer, layout.pointer_prev_timestamp);
        }

        // The blocks.
        for ((kind, columns), value) in kinds.iter().zip(&layout.sources).zip(values) {
            if let SourceKind::Block(_) = kind {
                row.read_block(columns.pointer, value, columns.last_prev_timestamp);
            }
        }

        let mut to_pc = ctx.to_pc;
        match Constants::<A>::KIND {
            DestinationKind::None => {}
            DestinationKind::Register => {
                let address = MemoryAddress::new(AB::Expr::from_u32(REGISTER_SPACE), local[layout.destination].into());
                row.write_word(address, word(&written), layout.write_prev_timestamp, layout.write_prev_data);
            }
            DestinationKind::Block(_) => {
                row.write_block(layout.pointer, written, layout.write_prev_timestamp, layout.write_prev_data);
            }
            DestinationKind::Branch => {
                let (target, next_pc) = (local[layout.target], local[layout.to_pc]);
                operands.push(target.into());
                // Soundness: the decision is boolean on valid rows, which the core proves, so this is
                // next_pc = taken ? target : pc + 4, and zero on a padding row.
                let next = from.pc + row.is_valid.clone() * AB::Expr::from_u32(PC_STEP);
                let taken = written.into_iter().next().unwrap_or(AB::Expr::ZERO);
                row.builder.assert_eq(next_pc - next.clone(), taken * (target - next));
                to_pc = Some(next_pc.into());
            }
        }

        // Soundness: the row advances time by all of its accesses, so each of them has a time of its own (M2).
        let mut operands = operands.into_iter();
        let operands: [AB::Expr; 7] = std::array::from_fn(|_| operands.next().unwrap_or(AB::Expr::ZERO));
        let Row { builder, ticks, is_valid, .. } = row;
        self.port().execution_bridge.execute(builder, opcode, operands, from, to_pc, ticks, is_valid);
    }

    fn get_from_pc(&self, local: &[AB::Var]) -> AB::Var {
        local[Constants::<A>::LAYOUT.from_state]
    }
}

/// Returns the first two of several cells.
fn word<E: PrimeCharacteristicRing>(cells: &[E]) -> [E; 2] {
    std::array::from_fn(|i| cells.get(i).cloned().unwrap_or(E::ZERO))
}

/// A row while its accesses are emitted, in the order in which the host makes them.
struct Row<'a, AB: VmAirBuilder> {
    builder: &'a mut AB,
    memory: MemoryBridge,
    local: &'a [AB::Var],
    from: ExecutionState<AB::Var>,
    /// Ticks of the accesses so far.
    ticks: usize,
    /// Multiplicity of all messages. Soundness: the core proves that it is boolean.
    is_valid: AB::Expr,
}

impl<AB: VmAirBuilder> Row<'_, AB> {
    /// Returns the time of the next access, which takes so many ticks.
    fn tick(&mut self, ticks: usize) -> AB::Expr {
        let time = self.from.timestamp + AB::Expr::from_usize(self.ticks);
        self.ticks += ticks;
        time
    }

    /// Reads a register. Soundness: its byte pointer is an operand, which the program table fixes; the data and the
    /// previous time are those of the message that is received, and the distance in time is range-checked.
    fn read_register(&mut self, register: usize, data: [AB::Expr; 2], prev_timestamp: usize) {
        let address = MemoryAddress::new(AB::Expr::from_u32(REGISTER_SPACE), self.local[register].into());
        let time = self.tick(1);
        let prev = self.local[prev_timestamp];
        self.memory.read(self.builder, address, data, time, prev, self.is_valid.clone());
    }

    /// Reads a register that has a pointer.
    fn read_pointer(&mut self, register: usize, pointer: usize, prev_timestamp: usize) {
        let [low, high] = [self.local[pointer], self.local[pointer + 1]];
        self.read_register(register, [low.into(), high.into()], prev_timestamp);
        // Soundness: the pointer is an integer below 2^30 (M1). Without the check, p + 4 would be word 1.
        let bits = AB::Expr::from_usize(POINTER_HIGH_BITS);
        RANGE_BUS.query(self.builder, [high.into(), bits], self.is_valid.clone());
    }

    /// Returns the address of a word of a block.
    ///
    /// Soundness: the address space is a constant, so blocks reach neither registers nor public values. The pointer is
    /// at most 2^30 + 4 · 1024, an integer below p.
    fn block_address(&self, pointer: usize, index: usize) -> MemoryAddress<AB::Expr> {
        let [low, high] = [self.local[pointer], self.local[pointer + 1]];
        let first = high * AB::Expr::from(CELL) + low;
        let pointer = if index == 0 { first } else { first + AB::Expr::from_usize(4 * index) };
        MemoryAddress::new(AB::Expr::from_u32(MAIN_SPACE), pointer)
    }

    /// Reads a block.
    fn read_block(&mut self, pointer: usize, cells: Vec<AB::Expr>, last_prev_timestamp: usize) {
        let words = cells.len() / 2;
        let (mut cells, mut at) = (cells.into_iter(), 0);
        while at < words {
            let (address, width) = (self.block_address(pointer, at), block_access(words - at));
            let data: Vec<AB::Expr> = cells.by_ref().take(2 * width).collect();
            let time = self.tick(width);
            if width == 1 {
                let prev = self.local[last_prev_timestamp];
                self.memory.read(self.builder, address, word(&data), time, prev, self.is_valid.clone());
            } else {
                self.memory.read_words(self.builder, address, data, time, self.is_valid.clone());
            }
            at += width;
        }
    }

    /// Writes a block. Soundness: the core proves that all cells are below 2^16.
    fn write_block(&mut self, pointer: usize, cells: Vec<AB::Expr>, prev_timestamp: usize, prev_data: usize) {
        let words = cells.len() / 2;
        let (mut cells, mut at) = (cells.into_iter(), 0);
        while at < words {
            let (address, width) = (self.block_address(pointer, at), block_access(words - at));
            let data: Vec<AB::Expr> = cells.by_ref().take(2 * width).collect();
            if width == 1 {
                self.write_word(address, word(&data), prev_timestamp, prev_data);
            } else {
                let time = self.tick(width);
                self.memory.write_words(self.builder, address, data, time, self.is_valid.clone());
            }
            at += width;
        }
    }

    /// Writes a word. Soundness: as for a read; the word before is that of the message that is received. The core proves
    /// that both cells are below 2^16.
    fn write_word(
        &mut self,
        address: MemoryAddress<AB::Expr>,
        data: [AB::Expr; 2],
        prev_timestamp: usize,
        prev_data: usize,
    ) {
        let time = self.tick(1);
        let prev = self.local[prev_timestamp];
        let old = [self.local[prev_data], self.local[prev_data + 1]].map(Into::into);
        self.memory.write(self.builder, address, data, old, time, prev, self.is_valid.clone());
    }
}
