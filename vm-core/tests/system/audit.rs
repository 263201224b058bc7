//! What the audit of a machine's AIRs refuses: opcodes of others, incomplete memory accesses, and buses of others.
//!
//! Every fault changes one thing in a toy AIR that is accepted without it.

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};
use vm_core::arch::{
    EXECUTION_BUS, MEMORY_BUS, MEMORY_WIDE_BUSES, MERKLE_BUS, PROGRAM_BUS, PUBLIC_VALUES_BUS, RANGE_BUS, SystemConfig,
    VmExtension, VmInventory, VmInventoryBuilder, VmInventoryError,
};
use vm_core::instructions::{Instruction, Program, ProgramError, SystemOpcode, VmOpcode};
use vm_core::machine::fusion::FusionError;
use vm_core::machine::{
    AccessPart, MachineError, SetupError, StoredVmVerifyingKey, VirtualMachine, VmChipComplex, VmExecutionError,
    VmKeyError, VmVerifyingKey,
};
use vm_core::stark::{Bus, F, MachineAir, SecurityPreset, StarkEngine, VmAirBuilder};
use vm_core::system::memory::{MemoryAddress, MemoryBridge};
use vm_derive::{AnyEnum, Chip, ChipUsageGetter, InstructionExecutor, VmConfig};

use crate::fixture::{Engine, setting};
use crate::idle::IdleChip;
use crate::machine::nop;

/// Order of the field.
const P: u32 = 0x7800_0001;

/// Number of opcodes of a toy.
const OPCODES: u32 = 3;

/// What is different in a [`ToyAir`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Variant {
    #[default]
    Plain,
    // Opcodes: accepted.
    /// The flags are equated with a column, which is the multiplicity.
    OneHot,
    /// The opcode is a sum of one term per flag. It would be 0 without flag.
    Terms,
    /// Two independent bits, of which the second has no effect on the opcode.
    Bit,
    /// A number of three values.
    Number,
    // Opcodes: refused.
    /// A number of three values that begins at the wrong opcode.
    LateNumber,
    /// Of the three values, only two are proven.
    FreeNumber,
    Terminate,
    Phantom,
    /// A second lookup, on rows of the prover's choice.
    TerminateToo,
    /// Nothing excludes two flags on one row.
    Overlap,
    /// As `Terms`, with a multiplicity that does not say that there is a flag.
    NoFlag,
    /// As `NoFlag`, with flags that exclude each other. There may still be none.
    SomeFlag,
    /// The flags add up to twice a boolean, so that there are two.
    TwoFlags,
    /// The sum of the flags is a multiplicity, but nothing proves that it is boolean.
    LooseSum,
    NoBoolean,
    /// Boolean on some rows only.
    SometimesBoolean,
    Product,
    // Memory: accepted.
    /// The access is made by one of the instructions.
    OnFlag,
    /// The access is made when the row receives a message of another row.
    OnMessage,
    /// The constraints read the next row, so they may tie the access to an instruction of another row.
    OnNextRow,
    // Memory: refused.
    ReceiveOnly,
    SendOnly,
    OtherPointer,
    OtherSpace,
    SendsMore,
    NoGap,
    GapOnFlag,
    GapOf17Bits,
    GapOfFreeBits,
    GapOfZero,
    GapProvided,
    OneGapOfTwo,
    Unproven,
    TooLate,
    TooEarly,
    FreeTime,
    WideTooLate,
    WideFreeTime,
    Untied,
    /// One part of the access's multiplicity is tied to the instruction, the other one is not.
    PartlyUntied,
    WideUntied,
    // Buses: refused.
    Merkle,
    PublicValues,
    /// A bus that only the other extension declares.
    Toy,
}

#[derive(Clone, Copy)]
struct ToyAir {
    name: &'static str,
    variant: Variant,
    first: u32,
}

const COLUMNS: [&str; 10] = ["valid", "pc", "time", "flag0", "flag1", "flag2", "prev0", "prev1", "free", "other"];

impl BaseAir<F> for ToyAir {
    fn width(&self) -> usize {
        COLUMNS.len()
    }
}

impl MachineAir for ToyAir {
    fn name(&self) -> String {
        self.name.into()
    }
    fn column_names(&self) -> Vec<String> {
        COLUMNS.map(str::to_owned).to_vec()
    }
    fn selectors(&self) -> Vec<usize> {
        // `other` is the selector of rows without instruction.
        vec![0, 3, 4, 5, 9]
    }
}

/// Bus of the toys.
const TOY_BUS: Bus = Bus::permutation("toy", 1);

fn access<AB: VmAirBuilder>(
    builder: &mut AB,
    bits: impl Into<AB::Expr>,
    gap: AB::Expr,
    gap_count: impl Into<AB::Expr>,
    receive: ([AB::Expr; 5], AB::Expr),
    send: ([AB::Expr; 5], AB::Expr),
) {
    RANGE_BUS.query(builder, [gap, bits.into()], gap_count);
    MEMORY_BUS.receive(builder, receive.0, receive.1);
    MEMORY_BUS.send(builder, send.0, send.1);
}

impl<AB: VmAirBuilder> Air<AB> for ToyAir {
    fn eval(&self, builder: &mut AB) {
        use Variant as V;
        let main = builder.main();
        let row: [AB::Var; 10] = std::array::from_fn(|i| main.current_slice()[i]);
        let next = main.next_slice()[1];
        let [valid, pc, time, flag0, flag1, flag2, prev0, prev1, free, other] = row;
        let expr = |value: AB::Var| -> AB::Expr { value.into() };
        let constant = |value: u32| AB::Expr::from_u32(value);
        let variant = self.variant;
        for flag in [valid, flag0, flag1, flag2, other] {
            builder.assert_bool(flag);
        }
        let sum = expr(flag0) + flag1 + flag2;
        // `count` is 1 on rows that are an instruction.
        let count = match variant {
            V::OneHot => {
                builder.assert_zero(sum - valid);
                expr(valid)
            }
            V::SomeFlag | V::LooseSum => {
                if variant == V::SomeFlag {
                    builder.assert_bool(sum.clone());
                }
                RANGE_BUS.query(builder, [AB::Expr::ZERO, constant(16)], sum);
                expr(valid)
            }
            V::TwoFlags => {
                builder.assert_zero(sum - expr(other).double());
                expr(valid)
            }
            V::Bit | V::Overlap | V::NoFlag | V::Number | V::LateNumber | V::FreeNumber => expr(valid),
            _ => {
                builder.assert_bool(sum.clone());
                sum
            }
        };
        let numbered = constant(self.first) + flag1 + expr(flag2).double();
        let opcode = match variant {
            V::Terminate => constant(1),
            V::Phantom => constant(2),
            V::Terms | V::NoFlag | V::SomeFlag => {
                let terms = [flag0, flag1, flag2].into_iter().zip(self.first..);
                terms.map(|(flag, opcode)| expr(flag) * constant(opcode)).sum()
            }
            V::Bit => constant(self.first) + flag1,
            V::Number | V::LateNumber | V::FreeNumber => {
                let last = if variant == V::FreeNumber { expr(prev0) } else { AB::Expr::TWO };
                builder.assert_zero(expr(free) * (expr(free) - AB::Expr::ONE) * (expr(free) - last));
                constant(self.first + u32::from(variant == V::LateNumber)) + free
            }
            V::NoBoolean => constant(self.first) + free,
            V::SometimesBoolean => {
                builder.when(valid).assert_bool(free);
                constant(self.first) + free
            }
            V::Product => constant(self.first) + expr(flag1) * flag2,
            _ => numbered,
        };
        let lookup = |builder: &mut AB, opcode: AB::Expr, count: AB::Expr| {
            let fields = [expr(pc), opcode].into_iter().chain(std::iter::repeat_n(AB::Expr::ZERO, 7));
            PROGRAM_BUS.query(builder, fields, count);
        };
        lookup(builder, opcode, count.clone());
        if variant == V::TerminateToo {
            lookup(builder, constant(1), expr(other));
        }
        EXECUTION_BUS.receive(builder, [pc, time], count.clone());
        let ticks = if matches!(variant, V::WideTooLate | V::WideFreeTime) { 2 + 8 } else { 2 };
        EXECUTION_BUS.send(builder, [expr(pc) + constant(4), expr(time) + constant(ticks)], count.clone());

        // The first access is the same in all variants.
        let address = || MemoryAddress::new(AB::Expr::ONE, expr(free));
        let zeros = || [AB::Expr::ZERO, AB::Expr::ZERO];
        MemoryBridge.read(builder, address(), zeros(), time, prev0, count.clone());
        let words: [[AB::Expr; 2]; 8] = std::array::from_fn(|_| zeros());
        match variant {
            V::WideTooLate => {
                let late = expr(time) + constant(3);
                return MemoryBridge.read_wide(builder, address(), words, late, count);
            }
            V::WideFreeTime => return MemoryBridge.read_wide(builder, address(), words, free, count),
            V::WideUntied => return MemoryBridge.read_wide(builder, address(), words, time, other),
            _ => {}
        }
        // The second one writes one tick later.
        let now = match variant {
            V::TooLate => expr(time) + constant(2),
            V::TooEarly => expr(time) - constant(1),
            V::FreeTime => expr(free),
            _ => expr(time) + constant(1),
        };
        let made = match variant {
            V::OnFlag => expr(flag1),
            V::Untied | V::OnMessage | V::OnNextRow => expr(other),
            V::PartlyUntied => {
                builder.assert_bool(expr(flag1) + other);
                expr(flag1) + other
            }
            V::Unproven => expr(free),
            _ => count.clone(),
        };
        match variant {
            V::OnMessage => TOY_BUS.receive(builder, [pc], other),
            V::OnNextRow => builder.when_transition().when(other).assert_eq(next, pc),
            V::Merkle => MERKLE_BUS.send(builder, std::iter::repeat_n(AB::Expr::ZERO, 18), count.clone()),
            V::PublicValues => {
                PUBLIC_VALUES_BUS.receive(builder, std::iter::repeat_n(AB::Expr::ZERO, 9), count.clone())
            }
            V::Toy => TOY_BUS.send(builder, [pc], count.clone()),
            _ => {}
        }
        let word = |space: u32, pointer: AB::Expr, time: AB::Expr| -> [AB::Expr; 5] {
            [constant(space), pointer, AB::Expr::ZERO, AB::Expr::ZERO, time]
        };
        let received = word(1, expr(prev0), expr(prev1));
        let sent = match variant {
            V::OtherPointer => word(1, expr(prev1), now.clone()),
            V::OtherSpace => word(2, expr(prev0), now.clone()),
            _ => word(1, expr(prev0), now.clone()),
        };
        let gap = now - prev1 - AB::Expr::ONE;
        let bits = constant(16);
        match variant {
            V::ReceiveOnly => MEMORY_BUS.receive(builder, received, made),
            V::SendOnly => MEMORY_BUS.send(builder, sent, made),
            V::SendsMore => access(builder, bits, gap, made.clone(), (received, expr(flag1)), (sent, made)),
            V::NoGap => {
                MEMORY_BUS.receive(builder, received, made.clone());
                MEMORY_BUS.send(builder, sent, made);
            }
            V::GapProvided => {
                RANGE_BUS.provide(builder, [gap, bits], AB::Expr::ZERO - made.clone());
                MEMORY_BUS.receive(builder, received, made.clone());
                MEMORY_BUS.send(builder, sent, made);
            }
            V::GapOnFlag => access(builder, bits, gap, flag1, (received, made.clone()), (sent, made)),
            V::GapOf17Bits => access(builder, constant(17), gap, made.clone(), (received, made.clone()), (sent, made)),
            V::GapOfFreeBits => access(builder, free, gap, made.clone(), (received, made.clone()), (sent, made)),
            V::GapOfZero => {
                access(builder, bits, gap + AB::Expr::ONE, made.clone(), (received, made.clone()), (sent, made));
            }
            V::OneGapOfTwo => {
                // A second access of the same word, right after the first one.
                let again = word(1, expr(prev0), expr(time) + constant(2));
                access(builder, bits, gap, made.clone(), (received, made.clone()), (sent.clone(), made.clone()));
                MEMORY_BUS.receive(builder, sent, made.clone());
                MEMORY_BUS.send(builder, again, made);
            }
            _ => access(builder, bits, gap, made.clone(), (received, made.clone()), (sent, made)),
        }
    }
}

#[derive(AnyEnum, ChipUsageGetter, Chip, InstructionExecutor)]
enum ToyExecutor {
    Toy(IdleChip<ToyAir>),
}

#[derive(AnyEnum, ChipUsageGetter, Chip)]
enum ToyPeriphery {
    Toy(IdleChip<ToyAir>),
}

/// The bus that an extension declares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Declares {
    #[default]
    Nothing,
    Toy,
    Shared,
    OtherArity,
    Lookup,
    Memory,
    Wide,
    /// The same lookup bus as the system.
    Range,
}

/// An extension with one chip.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Toy {
    variant: Variant,
    pinned: Option<u32>,
    declares: Declares,
    /// How the chip is registered.
    role: Role,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Role {
    #[default]
    Executor,
    Specialised,
    Periphery,
}

impl Toy {
    fn inventory(&self, name: &'static str, builder: &VmInventoryBuilder<'_>) -> Inventory {
        let mut inventory = VmInventory::new();
        let first = builder.opcodes(self.pinned, OPCODES as usize)?;
        let chip = IdleChip(ToyAir { name, variant: self.variant, first });
        let opcodes = (first..).take(OPCODES as usize).map(VmOpcode::from_u32);
        match self.role {
            Role::Executor => drop(inventory.add_executor(ToyExecutor::Toy(chip), opcodes)?),
            Role::Specialised => drop(inventory.add_specialised_executor(ToyExecutor::Toy(chip), opcodes)?),
            Role::Periphery => inventory.add_periphery_chip(ToyPeriphery::Toy(chip)),
        }
        inventory.add_access_width(8)?;
        match self.declares {
            Declares::Nothing => {}
            Declares::Toy => inventory.add_bus(TOY_BUS),
            Declares::Shared => inventory.add_bus(TOY_BUS.shared()),
            Declares::OtherArity => inventory.add_bus(Bus::permutation("toy", 2)),
            Declares::Lookup => inventory.add_bus(Bus::lookup("toy", 1)),
            Declares::Memory => inventory.add_bus(MEMORY_BUS),
            Declares::Wide => inventory.add_bus(MEMORY_WIDE_BUSES[0]),
            Declares::Range => inventory.add_bus(RANGE_BUS),
        }
        Ok(inventory)
    }
}

type Inventory = Result<VmInventory<ToyExecutor, ToyPeriphery>, VmInventoryError>;

impl VmExtension for Toy {
    type Executor = ToyExecutor;
    type Periphery = ToyPeriphery;

    fn build(&self, builder: &VmInventoryBuilder<'_>) -> Inventory {
        self.inventory("Toy", builder)
    }
}

/// Another extension with one chip.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Other(Toy);

impl VmExtension for Other {
    type Executor = ToyExecutor;
    type Periphery = ToyPeriphery;

    fn build(&self, builder: &VmInventoryBuilder<'_>) -> Inventory {
        self.0.inventory("Other", builder)
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, VmConfig)]
struct ToyVm {
    #[system]
    system: SystemConfig,
    #[extension]
    toy: Toy,
    #[extension]
    other: Option<Other>,
}

type Machine = VirtualMachine<Engine, ToyVm>;
type Key = VmVerifyingKey<Engine, ToyVm>;

fn setup(config: ToyVm) -> Result<Key, SetupError> {
    let vm = Machine::new(Engine::new(SecurityPreset::Conjectured100), config);
    let exe = setting().instruction(0, nop()).exe().unwrap();
    Ok(Key::load(vm.setup(exe)?.verifying_key().to_stored()).unwrap())
}

fn of_toy(toy: Toy) -> ToyVm {
    ToyVm { toy, ..ToyVm::default() }
}

fn of_variant(variant: Variant) -> ToyVm {
    // Nothing else is declared, so the bus of the toys is their own.
    let declares = if variant == Variant::OnMessage { Declares::Toy } else { Declares::Nothing };
    of_toy(Toy { variant, declares, ..Toy::default() })
}

/// Nothing else is in the way of fusing these instructions, but their records could not become rows of a block.
#[test]
fn system_instructions_of_chips_that_cannot_set_records_aside_are_not_fused() {
    let machine = VmChipComplex::new(&of_variant(Variant::Number)).unwrap();
    let (opcode, _) = machine.inventory.opcodes().next().unwrap();
    let instruction = Instruction::from_parts(opcode, [0; 7]);
    let error = machine.fuser().fuse(&[(0, instruction), (4, instruction)]).map(drop).unwrap_err();
    let reason = "its chip cannot set records aside";
    assert_eq!(error, FusionError::NotFusable { air: "Toy".to_owned(), reason });
}

#[track_caller]
fn accepted(config: ToyVm) {
    if let Err(error) = setup(config.clone()) {
        panic!("{config:?}: {error}");
    }
}

#[track_caller]
fn refused(config: ToyVm) -> MachineError {
    match setup(config.clone()) {
        Err(SetupError::Machine(error)) => error,
        Err(other) => panic!("{config:?}: {other}"),
        Ok(_) => panic!("{config:?} is accepted"),
    }
}

#[track_caller]
fn not_built(config: ToyVm) -> VmInventoryError {
    match setup(config.clone()) {
        Err(SetupError::Vm(VmExecutionError::Inventory(error))) => error,
        Err(other) => panic!("{config:?}: {other}"),
        Ok(_) => panic!("{config:?} is accepted"),
    }
}

#[test]
fn system_no_extension_can_pin_terminate() {
    // An extension pins opcode 1. It proves `terminate 1`, which reports a failure, as an instruction of its own, and
    // execution goes on to the `terminate 0` after it: a failing run is proven as a successful one.
    let config = of_toy(Toy { pinned: Some(1), ..Toy::default() });
    let error = not_built(config);
    let terminate = VmOpcode::from_u32(1);
    let reason = "is TERMINATE, which ends execution";
    assert_eq!(error, VmInventoryError::ReservedOpcode { opcode: terminate, executor: "Toy".into(), reason });
    assert!(error.to_string().contains("Toy claims opcode 0x1, which is TERMINATE"), "{error}");
}

#[test]
fn system_reserved_opcodes_have_no_executor() {
    for role in [Role::Executor, Role::Specialised] {
        let of_pinned = |first: u32| of_toy(Toy { pinned: Some(first), role, ..Toy::default() });
        for first in 0..=2 {
            let opcode = VmOpcode::from_u32(first);
            match not_built(of_pinned(first)) {
                VmInventoryError::ReservedOpcode { opcode: refused, .. } => assert_eq!(refused, opcode),
                other => panic!("{first}: {other}"),
            }
        }
        for first in [P - 2, P - 1, P, P + 1, u32::MAX - 1, u32::MAX] {
            let error = not_built(of_pinned(first));
            assert_eq!(error, VmInventoryError::OpcodesOutOfRange { first: first.into(), count: 3 });
        }
        accepted(of_pinned(3));
        accepted(of_pinned(P - OPCODES));
    }
    // The same holds for executors that are registered without the builder.
    for number in [0, 1, 2, P, u32::MAX] {
        let opcode = VmOpcode::from_u32(number);
        let chip = || ToyExecutor::Toy(IdleChip(ToyAir { name: "Toy", variant: Variant::Plain, first: number }));
        let mut inventory = VmInventory::<ToyExecutor, ToyPeriphery>::new();
        for error in [
            inventory.add_executor(chip(), [opcode]).unwrap_err(),
            inventory.add_specialised_executor(chip(), [opcode]).unwrap_err(),
        ] {
            assert!(matches!(error, VmInventoryError::ReservedOpcode { opcode: o, .. } if o == opcode), "{error}");
        }
    }
}

#[test]
fn system_allocated_opcodes_do_not_wrap_around_the_field() {
    let pinned =
        |first| ToyVm { other: Some(Other::default()), ..of_toy(Toy { pinned: Some(first), ..Toy::default() }) };
    // The other extension gets the opcodes after the pinned ones.
    accepted(pinned(P - 2 * OPCODES));
    for first in [P - 2 * OPCODES + 1, P - OPCODES] {
        let error = not_built(pinned(first));
        assert_eq!(error, VmInventoryError::OpcodesOutOfRange { first: (first + OPCODES).into(), count: 3 });
    }
}

#[test]
fn system_programs_have_opcodes_below_the_order_of_the_field() {
    let program = |opcode| {
        let instruction = Instruction::from_parts(VmOpcode::from_u32(opcode), [0; 7]);
        Program::from_instructions(0x40, &[nop(), instruction])
    };
    assert!(program(P - 1).is_ok());
    for opcode in [P, P + 1, u32::MAX] {
        let error = ProgramError::OpcodeOutOfRange { pc: 0x44, opcode: VmOpcode::from_u32(opcode) };
        assert_eq!(program(opcode), Err(error));
    }
    assert_eq!(program(0), Err(ProgramError::PaddingOpcode { pc: 0x44 }));
}

#[test]
fn system_airs_look_up_their_own_opcodes_only() {
    use Variant as V;
    for variant in [V::Plain, V::OneHot, V::Terms, V::Bit, V::Number] {
        accepted(of_variant(variant));
    }
    accepted(of_toy(Toy { role: Role::Specialised, ..Toy::default() }));
    let first = 1 << 20;
    for (variant, found) in [
        (V::Terminate, SystemOpcode::TERMINATE as u32 + 1),
        (V::TerminateToo, SystemOpcode::TERMINATE as u32 + 1),
        (V::Phantom, SystemOpcode::PHANTOM as u32 + 1),
        (V::Overlap, first + 3),
        (V::NoFlag, 0),
        (V::SomeFlag, 0),
        (V::TwoFlags, first + 3),
        (V::LooseSum, first + 3),
        (V::LateNumber, first + 3),
    ] {
        match refused(of_variant(variant)) {
            MachineError::ForeignOpcode { air, opcode, own } => {
                assert_eq!((air.as_str(), opcode.as_u32()), ("Toy", found), "{variant:?}");
                assert_eq!(own, "0x100000, 0x100001, 0x100002");
            }
            other => panic!("{variant:?}: {other}"),
        }
    }
    for (variant, text) in [
        (V::NoBoolean, "2^20 + free"),
        (V::FreeNumber, "2^20 + free"),
        (V::SometimesBoolean, "2^20 + free"),
        (V::Product, "2^20 + flag1*flag2"),
    ] {
        let error = MachineError::OpcodeForm { air: "Toy".into(), opcode: text.into() };
        assert_eq!(refused(of_variant(variant)), error, "{variant:?}");
    }
    // A chip that executes nothing looks up nothing.
    match refused(of_toy(Toy { role: Role::Periphery, ..Toy::default() })) {
        MachineError::ForeignOpcode { own, .. } => assert_eq!(own, "none"),
        other => panic!("{other}"),
    }
}

/// Indices of the messages of the second access of a [`ToyAir`], after the program lookup, the two messages on the
/// execution bus, and the range check and the two messages of the first access.
const RECEIVE: usize = 7;
const SEND: usize = 8;

#[test]
fn system_accesses_are_complete() {
    use Variant as V;
    for variant in [V::OnFlag, V::OnMessage, V::OnNextRow] {
        accepted(of_variant(variant));
    }
    let air = || "Toy".to_owned();
    let unpaired = |message, part| MachineError::UnpairedAccess { air: air(), message, part };
    let no_gap = |receive, send| MachineError::NoGapCheck { air: air(), receive, send, bits: 16 };
    for (variant, error) in [
        (V::ReceiveOnly, unpaired(RECEIVE - 1, AccessPart::Receive)),
        (V::SendOnly, unpaired(RECEIVE - 1, AccessPart::Send)),
        (V::OtherPointer, unpaired(RECEIVE, AccessPart::Receive)),
        (V::OtherSpace, unpaired(RECEIVE, AccessPart::Receive)),
        (V::SendsMore, MachineError::AccessCounts { air: air(), receive: RECEIVE }),
        (V::NoGap, no_gap(RECEIVE - 1, SEND - 1)),
        (V::GapProvided, no_gap(RECEIVE, SEND)),
        (V::GapOnFlag, no_gap(RECEIVE, SEND)),
        (V::GapOf17Bits, no_gap(RECEIVE, SEND)),
        (V::GapOfFreeBits, no_gap(RECEIVE, SEND)),
        (V::GapOfZero, no_gap(RECEIVE, SEND)),
        (V::OneGapOfTwo, no_gap(RECEIVE + 2, SEND + 2)),
    ] {
        assert_eq!(refused(of_variant(variant)), error, "{variant:?}");
    }
    match refused(of_variant(V::Unproven)) {
        MachineError::Multiplicity { bus, count, .. } => {
            assert_eq!((bus.as_str(), count.as_str()), ("memory", "-free"))
        }
        other => panic!("{other}"),
    }
}

#[test]
fn system_accesses_lie_within_their_instruction() {
    use Variant as V;
    let time =
        |message, offset, words, ticks| MachineError::AccessTime { air: "Toy".into(), message, offset, words, ticks };
    for (variant, error) in [
        (V::TooLate, time(SEND, Some(2), 1, 2)),
        (V::TooEarly, time(SEND, Some(P - 1), 1, 2)),
        (V::FreeTime, time(SEND, None, 1, 2)),
        (V::WideTooLate, time(RECEIVE - 1, Some(3), 8, 10)),
        (V::WideFreeTime, time(RECEIVE - 1, None, 8, 10)),
        (V::Untied, MachineError::UntiedAccess { air: "Toy".into(), message: SEND }),
        (V::PartlyUntied, MachineError::UntiedAccess { air: "Toy".into(), message: SEND }),
        (V::WideUntied, MachineError::UntiedAccess { air: "Toy".into(), message: RECEIVE - 1 }),
    ] {
        assert_eq!(refused(of_variant(variant)), error, "{variant:?}");
    }
}

fn two(first: Declares, second: Declares) -> ToyVm {
    let with = |declares| Toy { declares, ..Toy::default() };
    ToyVm { other: Some(Other(with(second))), ..of_toy(with(first)) }
}

#[test]
fn system_equal_buses_of_two_extensions_do_not_merge() {
    use Declares as D;
    accepted(two(D::Toy, D::Nothing));
    accepted(two(D::Shared, D::Shared));
    accepted(two(D::Lookup, D::Lookup));
    accepted(two(D::Range, D::Range));
    for (first, second) in [
        (D::Toy, D::Toy),
        (D::Toy, D::Shared),
        (D::Shared, D::Toy),
        (D::Shared, D::OtherArity),
        (D::Toy, D::Lookup),
        (D::Lookup, D::Toy),
    ] {
        match not_built(two(first, second)) {
            VmInventoryError::BusCollision { bus, first, second } => {
                assert_eq!(bus, "toy");
                assert!(first.ends_with("::Toy") && second.ends_with("::Other"), "{first} and {second}");
            }
            other => panic!("{first:?}, {second:?}: {other}"),
        }
    }
    for (declares, name) in [(D::Memory, "memory"), (D::Wide, "memory_wide_2")] {
        match not_built(two(D::Nothing, declares)) {
            VmInventoryError::BusCollision { bus, first, second } => {
                assert_eq!((bus.as_str(), first.as_str()), (name, "the system"));
                assert!(second.ends_with("::Other"), "{second}");
            }
            other => panic!("{declares:?}: {other}"),
        }
    }
}

#[test]
fn system_airs_use_their_own_buses_only() {
    for (variant, name) in [(Variant::Merkle, "merkle"), (Variant::PublicValues, "public_values")] {
        let error = MachineError::ForeignBus { air: "Toy".into(), bus: name.into(), owner: "the system".into() };
        assert_eq!(refused(of_variant(variant)), error);
    }
    let uses = |declares| {
        let mut config = two(Declares::Shared, declares);
        config.other.as_mut().unwrap().0.variant = Variant::Toy;
        config
    };
    accepted(uses(Declares::Shared));
    match refused(uses(Declares::Nothing)) {
        MachineError::ForeignBus { air, bus, owner } => {
            assert_eq!((air.as_str(), bus.as_str()), ("Other", "toy"));
            assert!(owner.ends_with("::Toy"), "{owner}");
        }
        other => panic!("{other}"),
    }
    // Chips that execute nothing belong to an extension, too.
    let mut config = uses(Declares::Nothing);
    config.other.as_mut().unwrap().0.role = Role::Periphery;
    assert!(matches!(refused(config), MachineError::ForeignBus { bus, .. } if bus == "toy"));
}

#[test]
fn system_keys_of_machines_that_break_rules_do_not_load() {
    type Stored = StoredVmVerifyingKey<Engine, ToyVm>;
    let key = setup(ToyVm::default()).unwrap();
    for (variant, is_expected) in [
        ("Terminate", (|error| matches!(error, MachineError::ForeignOpcode { .. })) as fn(&MachineError) -> bool),
        ("NoGap", |error| matches!(error, MachineError::NoGapCheck { .. })),
        ("Merkle", |error| matches!(error, MachineError::ForeignBus { .. })),
    ] {
        let mut value = serde_json::to_value(key.to_stored()).unwrap();
        value["config"]["toy"]["variant"] = variant.into();
        let stored: Stored = serde_json::from_value(value).unwrap();
        match Key::load(stored).map(drop) {
            Err(VmKeyError::Machine(error)) => assert!(is_expected(&error), "{variant}: {error}"),
            other => panic!("{variant}: {other:?}"),
        }
    }
}
