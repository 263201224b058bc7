//! The core of an annotated instruction.

use std::borrow::Cow;

use p3_field::PrimeCharacteristicRing;

use crate::arch::samples::Samples;
use crate::arch::{
    AdapterAirContext, AdapterRuntimeContext, AirPart, ExecutionError, ExecutionResult, RANGE_BUS, SystemPort,
    VmAdapterChip, VmChipWrapper, VmCoreAir, VmCoreChip,
};
use crate::instructions::{Instruction, VmOpcode};
use crate::stark::{F, VmAirBuilder, origin_scope};

use super::core::{Core, CoreAdapter, CoreEval, CoreInterface, CoreSpec, Flags, Io, Reads, Writes};
use super::roles::{Form, Roles, Value, find};

/// Executor and chip of an annotated instruction, with its own adapter or with an adapter for special cases.
pub type CoreChip<I, A = <I as CoreSpec>::Adapter> = VmChipWrapper<A, InstructionCore<I>>;

/// Returns the chip of an instruction whose opcodes start at `opcode`.
pub fn core_chip<I, A>(core: I, port: SystemPort, opcode: u32) -> CoreChip<I, A>
where
    I: Core,
    A: CoreAdapter<Interface = Interface<I>>,
{
    let name = if A::SUFFIX.is_empty() { core.name() } else { Cow::from(format!("{}{}", core.name(), A::SUFFIX)) };
    VmChipWrapper::new(name, A::new(port), InstructionCore::new(core, opcode))
}

/// Returns the columns with `#[free("reason")]` and those of hints: their names in the AIR, and the reasons.
pub fn free_columns<I: CoreSpec>() -> Vec<(String, &'static str)> {
    let names = I::column_names();
    let hints = I::ROLES.reads.iter().filter(|value| Interface::<I>::is_hint(value.index));
    let hints = hints.map(|value| (&value.span, "the prover chooses hints"));
    let spans = I::ROLES.free.iter().map(|(span, reason)| (span, *reason)).chain(hints);
    let columns =
        spans.flat_map(|(span, reason)| span.of(&names).iter().map(move |name| (format!("core.{name}"), reason)));
    columns.collect()
}

/// Returns the result of [`Core::free_cell`] for a column of the AIR, by its name in the AIR.
pub fn free_cell<I: Core>(column: &str, row: &[F]) -> Option<&'static str> {
    // The columns of the column struct are the last ones of a row.
    let own = row.get(row.len().checked_sub(I::WIDTH)?..)?;
    <I as Core>::free_cell(column.strip_prefix("core.")?, I::cols(own))
}

type Interface<I> = <<I as CoreSpec>::Adapter as VmAdapterChip>::Interface;

/// Core chip and core AIR of an annotated instruction.
///
/// A row starts with the framework's flags, unless the column struct has columns for them (`#[valid]`,
/// `#[opcode(…)]`): one flag per instruction, or a single `is_valid`.
#[derive(Clone, Debug)]
pub struct InstructionCore<I> {
    core: I,
    opcode: u32,
}

impl<I: Core> InstructionCore<I> {
    const ROLES: Roles = I::ROLES;
    /// Columns of the framework.
    const FLAGS: usize = if Self::ROLES.has_selectors() { 0 } else { I::INSTRUCTIONS.len() };
    const READS: &'static [usize] = <Interface<I> as CoreInterface>::READS;
    const WRITES: &'static [usize] = <Interface<I> as CoreInterface>::WRITES;
    /// Evaluated when the chip is compiled. `#[instruction]` evaluates it earlier where it can.
    const CHECK: () = {
        check_adapter::<I>();
        check_columns::<I>();
    };

    const fn new(core: I, opcode: u32) -> Self {
        const { Self::CHECK };
        Self { core, opcode }
    }

    /// Returns the first opcode; a constant if the declaration pins it.
    #[inline(always)]
    const fn first_opcode(&self) -> u32 {
        match I::OPCODE {
            Some(pinned) => pinned,
            None => self.opcode,
        }
    }

    #[inline(always)]
    fn index(&self, opcode: VmOpcode) -> usize {
        opcode.as_u32().wrapping_sub(self.first_opcode()) as usize
    }

    /// Executes the instruction with an index. Inlined with a constant index, only the code of that instruction remains.
    #[inline(always)]
    fn run(&self, index: usize, opcode: VmOpcode, pc: u32, reads: Reads<I>) -> ExecutionResult<Writes<I>> {
        let Some(core) = self.core.select(index) else { return Err(disabled(pc, opcode)) };
        core.check(&reads, pc)?;
        Ok(core.execute(reads))
    }
}

#[cold]
fn disabled(pc: u32, opcode: VmOpcode) -> Box<ExecutionError> {
    Box::new(ExecutionError::DisabledOperation { pc, opcode })
}

/// Checks at compile time that the adapter of an instruction is valid, and that its values fit the columns.
///
/// # Panics
/// With the reason, if they do not: a compile error.
#[track_caller]
pub const fn check_adapter<I: Core>() {
    if let Some(problem) = <I::Adapter as CoreAdapter>::PROBLEM {
        panic!("{}", problem);
    }
    if !<I::Adapter as CoreAdapter>::REJECTED {
        check_values(I::ROLES.reads, <Interface<I> as CoreInterface>::READS, I::COMPUTED_READS, true);
        check_values(I::ROLES.writes, <Interface<I> as CoreInterface>::WRITES, I::COMPUTED_WRITES, false);
        let (has_read, has_write) = I::INSTRUCTION_ATTRIBUTE;
        assert!(
            I::COMPUTED_READS.is_empty() || has_read,
            "`computed(read(…))` lists a value, but the impl of `Core` has no `fn read`"
        );
        assert!(
            I::COMPUTED_WRITES.is_empty() || has_write,
            "`computed(write(…))` lists a value, but the impl of `Core` has no `fn write`"
        );
    }
}

/// Checks at compile time that the columns of an instruction distinguish its opcodes.
///
/// # Panics
/// With the reason, if they do not: a compile error.
#[track_caller]
pub const fn check_columns<I: Core>() {
    let roles = I::ROLES;
    assert!(
        roles.registers.is_empty() && roles.carried.is_empty(),
        "`#[register(…)]` and `#[carried]` columns belong to multi-row instructions: the adapter reads the registers of this \
         one, and it has a single row"
    );
    assert!(!I::INSTRUCTIONS.is_empty(), "an enum of instructions has at least one variant");
    let bits = roles.opcode_bits;
    assert!(
        bits.is_empty() || roles.has_selectors(),
        "`#[opcode_bit]` columns need a column that distinguishes instructions from padding: add `#[valid]` (or `#[opcode(…)]`)"
    );
    // Soundness: no setting of the flags may yield an opcode after the last one, since it belongs to another chip.
    let mut largest = 0;
    let mut i = 0;
    while i < roles.opcodes.len() {
        if roles.opcodes[i].1 > largest {
            largest = roles.opcodes[i].1;
        }
        i += 1;
    }
    assert!(
        largest < I::INSTRUCTIONS.len(),
        "an `#[opcode(…)]` column names an instruction of another declaration: name a variant of this one"
    );
    i = 0;
    while i < bits.len() {
        largest += bits[i].1;
        i += 1;
    }
    assert!(
        largest < I::INSTRUCTIONS.len(),
        "the `#[opcode_bit]` columns can name more opcodes than there are instructions: the largest number that they (and \
         `#[opcode(…)]`) add up to must be that of the last instruction or below"
    );
    assert!(
        I::INSTRUCTIONS.len() == 1 || !roles.has_selectors() || !bits.is_empty() || !roles.opcodes.is_empty(),
        "several instructions share this chip, but no column selects one of them: remove `#[valid]`, or add \
         `#[opcode(…)]` or `#[opcode_bit(…)]` columns"
    );
}

/// Checks that every value of the interface either has columns that fit it or is computed.
#[track_caller]
const fn check_values(values: &[Value], words: &[usize], computed: &[usize], reads: bool) {
    let mut i = 0;
    while i < values.len() {
        let Value { index, span, .. } = values[i];
        if index >= words.len() {
            assert!(
                !reads,
                "a `#[read(…)]` column names a value that the adapter does not read: values are numbered from 0"
            );
            assert!(
                reads,
                "a `#[write(…)]` column names a value that the adapter does not write: values are numbered from 0"
            );
        } else if Form::of(span.columns, words[index]).is_none() {
            let flag = words[index] == 0;
            assert!(
                !(reads && flag),
                "a value that is not a word is one cell: the type of this `#[read(…)]` column is `T`"
            );
            assert!(!flag, "a value that is not a word is one cell: the type of this `#[write(…)]` column is `T`");
            assert!(
                !reads,
                "the columns of a `#[read(…)]` do not fit its value: per word 2 cells (`Word<T>`), 4 bytes (`Bytes<T>`) or \
                 32 bits (`Bits<T>`)"
            );
            assert!(
                reads,
                "the columns of a `#[write(…)]` do not fit its value: per word 2 cells (`Word<T>`), 4 bytes (`Bytes<T>`) or \
                 32 bits (`Bits<T>`)"
            );
        }
        i += 1;
    }
    i = 0;
    while i < words.len() {
        let mut is_computed = false;
        let mut j = 0;
        while j < computed.len() {
            is_computed |= computed[j] == i;
            j += 1;
        }
        if find(values, i).is_none() && !is_computed {
            assert!(
                !reads,
                "the adapter reads a value for which there is no `#[read(…)]` column: add one, or list it in \
                 `computed(read(…))` and implement `Core::read`"
            );
            assert!(
                reads,
                "the adapter writes a value for which there is no `#[write(…)]` column: add one, or list it in \
                 `computed(write(…))` and implement `Core::write`"
            );
        }
        assert!(
            !(find(values, i).is_some() && is_computed),
            "a value has columns and is listed in `computed(…)`: keep one of them"
        );
        i += 1;
    }
}

impl<I: Core> AirPart for InstructionCore<I> {
    fn width(&self) -> usize {
        Self::FLAGS + I::WIDTH
    }

    fn column_names(&self) -> Vec<String> {
        let flags: Vec<String> = match I::INSTRUCTIONS {
            _ if Self::FLAGS == 0 => Vec::new(),
            [_] => vec!["is_valid".to_owned()],
            several => several.iter().map(|info| format!("is_{}", info.name.to_lowercase())).collect(),
        };
        flags.into_iter().chain(I::column_names()).map(|name| format!("core.{name}")).collect()
    }

    fn selectors(&self) -> Vec<usize> {
        let own = Self::ROLES.valid.into_iter();
        let opcodes = Self::ROLES.opcodes.iter().map(|(column, _)| *column).filter(|_| Self::ROLES.valid.is_none());
        (0..Self::FLAGS).chain(own.chain(opcodes).map(|column| Self::FLAGS + column)).collect()
    }
}

/// Flags of the instructions, as expressions of a row.
struct RowFlags<'a, V> {
    framework: &'a [V],
    cells: &'a [V],
    roles: &'static Roles,
}

impl<V: Copy + Into<E>, E: PrimeCharacteristicRing> Flags<E> for RowFlags<'_, V> {
    fn flag(&self, instruction: usize) -> E {
        if let Some(flag) = self.framework.get(instruction) {
            return (*flag).into();
        }
        match self.roles {
            Roles { opcodes: [], opcode_bits: [], valid: Some(valid), .. } if instruction == 0 => {
                self.cells[*valid].into()
            }
            // Soundness: a flag of zero would switch off every constraint that depends on it.
            Roles { opcodes: [], .. } => panic!(
                "`flag({instruction})` has no column: add `#[opcode(…)]` columns, or use the `#[opcode_bit(…)]` columns"
            ),
            Roles { opcodes, .. } => {
                let columns = opcodes.iter().filter(|(_, index)| *index == instruction);
                columns.fold(E::ZERO, |sum, (column, _)| sum + self.cells[*column].into())
            }
        }
    }
}

impl<I: Core, AB: VmAirBuilder> VmCoreAir<AB, Interface<I>> for InstructionCore<I> {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, Interface<I>> {
        let roles = const { &Self::ROLES };
        let (framework, cells) = local.split_at(Self::FLAGS);
        let at = |column: usize| -> AB::Expr { cells[column].into() };

        // Soundness: the flags and their sum are boolean, and the opcode that they encode is looked up in the program
        // table. So a row executes at most one instruction, and it is the program's instruction at the row's pc.
        let origin = origin_scope::<AB>("flags");
        for flag in framework {
            builder.assert_bool(*flag);
        }
        for (column, _) in roles.opcodes {
            builder.assert_bool(cells[*column]);
        }
        for (column, _) in roles.opcode_bits {
            builder.assert_bool(cells[*column]);
        }
        let mut opcode_flags = roles.opcodes.iter().map(|(column, _)| at(*column));
        let is_valid = match roles.valid {
            Some(column) => {
                builder.assert_bool(cells[column]);
                if !roles.opcodes.is_empty() {
                    builder.assert_eq(sum::<AB>(&mut opcode_flags), cells[column]);
                }
                at(column)
            }
            None => {
                let is_valid = sum::<AB>(&mut framework.iter().map(|flag| (*flag).into()).chain(&mut opcode_flags));
                if framework.len() + roles.opcodes.len() > 1 {
                    builder.assert_bool(is_valid.clone());
                }
                is_valid
            }
        };
        drop(origin);
        let numbered = framework.iter().map(|flag| (*flag).into()).zip(0..);
        let numbered = numbered.chain(roles.opcodes.iter().map(|(column, index)| (at(*column), *index)));
        let numbered = numbered.chain(roles.opcode_bits.iter().map(|(column, weight)| (at(*column), *weight)));
        let opcode = numbered
            .filter(|(_, index)| *index > 0)
            .fold(AB::Expr::from_u32(self.first_opcode()), |opcode, (flag, index)| {
                opcode + flag * AB::Expr::from_usize(index)
            });

        check_witness(builder, roles, cells, &is_valid);
        check_parts(builder, roles.reads, Self::READS, cells, &is_valid, Interface::<I>::is_hint, false);
        check_parts(builder, roles.writes, Self::WRITES, cells, &is_valid, |_| false, true);

        let cols = I::cols(cells);
        let flags = RowFlags { framework, cells, roles };
        let mut core = CoreEval { inner: builder, is_valid: is_valid.clone(), flags };
        let origin = origin_scope::<AB>("eval");
        self.core.eval(&mut core, cols);
        drop(origin);
        type Eval<'a, 'b, AB, V> = CoreEval<'a, AB, RowFlags<'b, V>>;
        Interface::<I>::context(
            is_valid,
            opcode,
            |value, word| match find(roles.reads, value) {
                Some(found) => cells_of_word::<AB>(found, Self::READS, cells, word),
                None => self.core.read::<Eval<'_, '_, AB, AB::Var>>(cols, value, word),
            },
            |value, word| match find(roles.writes, value) {
                Some(found) => cells_of_word::<AB>(found, Self::WRITES, cells, word),
                None => self.core.write::<Eval<'_, '_, AB, AB::Var>>(cols, value, word),
            },
        )
    }
}

fn sum<AB: VmAirBuilder>(terms: &mut dyn Iterator<Item = AB::Expr>) -> AB::Expr {
    let first = terms.next().unwrap_or(AB::Expr::ZERO);
    terms.fold(first, |sum, term| sum + term)
}

/// Constrains the columns with the roles `#[bool]`, `#[one_hot]` and `#[range]`.
pub(super) fn check_witness<AB: VmAirBuilder>(builder: &mut AB, roles: &Roles, cells: &[AB::Var], is_valid: &AB::Expr) {
    for span in roles.booleans {
        let _origin = origin_scope::<AB>("#[bool]");
        for cell in span.of(cells) {
            builder.assert_bool(*cell);
        }
    }
    for span in roles.one_hot {
        let _origin = origin_scope::<AB>("#[one_hot]");
        for cell in span.of(cells) {
            builder.assert_bool(*cell);
        }
        builder.assert_eq(sum::<AB>(&mut span.of(cells).iter().map(|cell| (*cell).into())), is_valid.clone());
    }
    for (span, bits) in roles.ranges {
        let _origin = origin_scope::<AB>("#[range]");
        for cell in span.of(cells) {
            RANGE_BUS.query(builder, [(*cell).into(), AB::Expr::from_usize(*bits)], is_valid.clone());
        }
    }
}

/// Returns the two cells of one word of a value, as expressions of its columns.
#[inline(always)]
pub(super) fn cells_of_word<AB: VmAirBuilder>(
    value: Value,
    words: &[usize],
    cells: &[AB::Var],
    word: usize,
) -> [AB::Expr; 2] {
    // `InstructionCore::CHECK` has checked that every value has a form.
    let form = Form::of(value.span.columns, words[value.index]).unwrap_or(Form::Single);
    form.cells(&value.span.of(cells)[word * form.columns_per_word()..][..form.columns_per_word()])
}

/// Range-checks the columns of values.
///
/// Soundness: bits and bytes are checked so that their cells have only one decomposition. Cells of written values are
/// checked because readers rely on 16 bits. Cells that are read were checked when they were written, except for those of
/// hints, which come from the prover.
pub(super) fn check_parts<AB: VmAirBuilder>(
    builder: &mut AB,
    values: &[Value],
    words: &[usize],
    cells: &[AB::Var],
    is_valid: &AB::Expr,
    is_hint: impl Fn(usize) -> bool,
    written: bool,
) {
    let _origin = origin_scope::<AB>(if written { "#[write]" } else { "#[read]" });
    for value in values.iter().filter(|value| !value.proven) {
        let form = Form::of(value.span.columns, words[value.index]).unwrap_or(Form::Single);
        for cell in value.span.of(cells) {
            match form {
                Form::Bits => builder.assert_bool(*cell),
                Form::Single if written => builder.assert_bool(*cell),
                Form::Single => {}
                Form::Cells if !written && !is_hint(value.index) => {}
                Form::Cells | Form::Bytes => {
                    RANGE_BUS.query(builder, [(*cell).into(), AB::Expr::from_usize(form.bits())], is_valid.clone());
                }
            }
        }
    }
}

impl<I: Core> VmCoreChip<Interface<I>> for InstructionCore<I> {
    /// The values read. Everything else is computed again when the row is filled.
    type Record = HostRecord<I>;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        self.core.select(self.index(instruction.opcode)).is_some_and(|core| core.accepts(instruction))
    }

    #[inline(always)]
    fn execute_instruction(
        &self,
        instruction: &Instruction,
        from_pc: u32,
        reads: Reads<I>,
    ) -> ExecutionResult<(AdapterRuntimeContext<Interface<I>>, HostRecord<I>)> {
        let (opcode, count) = (instruction.opcode, I::INSTRUCTIONS.len());
        // An executor gets instructions of its own opcodes only, so a single opcode need not be read.
        let index = if count == 1 { 0 } else { self.index(opcode) };
        // The indices are constants because loading a variant and matching on it would cost as much as the instruction
        // itself. The guards remove arms that are never taken; with them, the compiler would use a jump table instead of
        // two comparisons.
        let writes = match index {
            0 => self.run(0, opcode, from_pc, reads)?,
            1 if count > 1 => self.run(1, opcode, from_pc, reads)?,
            2 if count > 2 => self.run(2, opcode, from_pc, reads)?,
            3 if count > 3 => self.run(3, opcode, from_pc, reads)?,
            _ if count > 4 => self.run(index, opcode, from_pc, reads)?,
            _ => return Err(disabled(from_pc, opcode)),
        };
        Ok((Interface::<I>::output(instruction, from_pc, writes), HostRecord(reads)))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        I::INSTRUCTIONS.get(self.index(opcode)).map_or_else(|| opcode.to_string(), |info| info.name.to_owned())
    }

    fn sample_reads(&self, opcode: VmOpcode, samples: &mut Samples) -> Option<Vec<Vec<u32>>> {
        let reads = self.core.select(self.index(opcode))?.sample(samples)?;
        let words = |(value, words): (usize, &usize)| {
            (0..(*words).max(1)).map(|word| Interface::<I>::read_word(&reads, value, word)).collect()
        };
        Some(Self::READS.iter().enumerate().map(words).collect())
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, _from_pc: u32, record: &HostRecord<I>) {
        let index = self.index(instruction.opcode);
        // Records hold opcodes of this chip only.
        let Some(core) = self.core.select(index) else { return };
        let io = Io { reads: record.0, writes: core.execute(record.0) };
        let roles = const { &Self::ROLES };
        let (framework, cells) = row.split_at_mut(Self::FLAGS);
        if let Some(flag) = framework.get_mut(index) {
            *flag = F::ONE;
        }
        if let Some(column) = roles.valid {
            cells[column] = F::ONE;
        }
        // If an instruction has several columns, they distinguish cases, and the witness sets them.
        let mut own = roles.opcodes.iter().filter(|(_, number)| *number == index);
        if let (Some((column, _)), None) = (own.next(), own.next()) {
            cells[*column] = F::ONE;
        }
        if roles.opcodes.is_empty() {
            for (column, weight) in roles.opcode_bits {
                cells[*column] = F::from_bool(index & weight != 0);
            }
        }
        fill(cells, roles.reads, Self::READS, |value, word| Interface::<I>::read_word(&io.reads, value, word));
        fill(cells, roles.writes, Self::WRITES, |value, word| Interface::<I>::write_word(&io.writes, value, word));
        core.witness(&io, I::cols_mut(cells));
    }
}

#[inline(always)]
pub(super) fn fill(cells: &mut [F], values: &[Value], words: &[usize], of: impl Fn(usize, usize) -> u32) {
    for value in values {
        let form = Form::of(value.span.columns, words[value.index]).unwrap_or(Form::Single);
        let columns = &mut cells[value.span.offset..][..value.span.columns];
        for (word, columns) in columns.chunks_exact_mut(form.columns_per_word()).enumerate() {
            form.fill(of(value.index, word), columns);
        }
    }
}

/// Values that an instruction read.
pub struct HostRecord<I: CoreSpec>(Reads<I>);

impl<I: CoreSpec> Clone for HostRecord<I> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I: CoreSpec> Copy for HostRecord<I> {}
