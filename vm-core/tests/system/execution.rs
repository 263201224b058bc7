//! Rules for AIRs that execute instructions: time advances by a constant, and the instruction is looked up.

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{
    EXECUTION_BUS, MEMORY_WIDE_BUSES, NoChip, PROGRAM_BUS, RANGE_BUS, SystemConfig, VmExtension, VmInventory,
    VmInventoryBuilder, VmInventoryError,
};
use vm_core::instructions::VmOpcode;
use vm_core::machine::{MachineError, SetupError, VirtualMachine};
use vm_core::stark::{F, MachineAir, SecurityPreset, StarkEngine, VmAirBuilder};
use vm_core::system::memory::{MemoryAddress, MemoryBridge};
use vm_derive::{AnyEnum, Chip, ChipUsageGetter, InstructionExecutor, VmConfig};

use crate::fixture::{Engine, setting};
use crate::idle::IdleChip;
use crate::machine::nop;

/// The fault of a [`StepAir`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// No fault.
    None,
    /// The instruction takes no time, so a read could receive its own send.
    NoTick,
    /// The instruction goes back in time.
    Back,
    /// The instruction takes more ticks than its row has messages.
    TooFast,
    /// As `TooFast`, but the row also provides entries, which the bound on bus weight does not count.
    TooFastForWeight,
    /// The instruction takes a number of ticks that the prover chooses.
    Free,
    /// The instruction is not looked up.
    NoLookup,
    /// The instruction that is looked up is not the one that is executed.
    OtherPc,
    /// The row receives a second state.
    TwoReceives,
    /// The row receives a state more often than it sends one.
    Unequal,
    /// No fault: the additional ticks are those of a wide access.
    Wide,
    /// The instruction takes one tick more than its messages and its wide access allow.
    WideTooFast,
    /// The wide access that would allow the additional ticks is only requested if the prover wants.
    WideSometimes,
    /// The AIR receives a request of a wide access.
    WideAnswer,
    /// As `WideAnswer`, by a send with a negative multiplicity.
    WideHiddenAnswer,
    /// As `WideAnswer`, in an AIR with the name of an access adapter.
    WideAnswerByName,
    /// As `NoTick`, in an AIR with the name of the connector.
    NoTickByName,
}

#[derive(Clone, Copy)]
struct StepAir(Fault);

impl BaseAir<F> for StepAir {
    fn width(&self) -> usize {
        4
    }
}

impl MachineAir for StepAir {
    fn name(&self) -> String {
        match self.0 {
            Fault::WideAnswerByName => "AccessAdapter8Read".into(),
            Fault::NoTickByName => "Connector".into(),
            _ => "Step".into(),
        }
    }
    fn column_names(&self) -> Vec<String> {
        ["is_valid", "pc", "timestamp", "free"].map(str::to_owned).to_vec()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
}

impl<AB: VmAirBuilder> Air<AB> for StepAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let [is_valid, pc, timestamp, free] = [0, 1, 2, 3].map(|i| main.current_slice()[i]);
        builder.assert_bool(is_valid);
        let delta = match self.0 {
            Fault::NoTick | Fault::NoTickByName => AB::Expr::ZERO,
            Fault::Back => AB::Expr::NEG_ONE,
            Fault::TooFast => AB::Expr::from_u8(100),
            Fault::TooFastForWeight => AB::Expr::from_u8(4),
            Fault::Wide | Fault::WideSometimes => AB::Expr::from_u8(4 + 8),
            Fault::WideTooFast => AB::Expr::from_u8(4 + 8 + 1),
            Fault::Free => free.into(),
            _ => AB::Expr::ONE,
        };
        if self.0 != Fault::NoLookup {
            let looked_up = if self.0 == Fault::OtherPc { free } else { pc };
            let fields = [looked_up.into(), AB::Expr::from_u32(0x300)].into_iter();
            PROGRAM_BUS.query(builder, fields.chain(std::iter::repeat_n(AB::Expr::ZERO, 7)), is_valid);
        }
        let words: [[AB::Expr; 2]; 8] = std::array::from_fn(|_| [AB::Expr::ZERO, AB::Expr::ZERO]);
        let address = || MemoryAddress::new(AB::Expr::TWO, AB::Expr::ZERO);
        match self.0 {
            Fault::Wide | Fault::WideTooFast => {
                MemoryBridge.read_wide(builder, address(), words, timestamp, is_valid);
            }
            Fault::WideSometimes => {
                builder.assert_bool(free);
                MemoryBridge.write_wide(builder, address(), words, timestamp, is_valid * free);
            }
            Fault::WideAnswer | Fault::WideAnswerByName => {
                let fields = std::iter::repeat_n(AB::Expr::ZERO, 20);
                MEMORY_WIDE_BUSES[2].receive(builder, fields, is_valid);
            }
            Fault::WideHiddenAnswer => {
                let fields = std::iter::repeat_n(AB::Expr::ZERO, 20);
                MEMORY_WIDE_BUSES[2].send(builder, fields, AB::Expr::from(is_valid) - is_valid - is_valid);
            }
            _ => {}
        }
        EXECUTION_BUS.receive(builder, [pc.into(), timestamp.into()], is_valid.into());
        if self.0 == Fault::TwoReceives {
            EXECUTION_BUS.receive(builder, [pc.into(), timestamp.into()], is_valid.into());
        }
        if self.0 == Fault::TooFastForWeight {
            for _ in 0..4 {
                RANGE_BUS.provide(builder, [AB::Expr::ZERO, AB::Expr::ZERO], free);
            }
        }
        let count = if self.0 == Fault::Unequal { AB::Expr::ZERO } else { is_valid.into() };
        EXECUTION_BUS.send(builder, [pc + AB::Expr::from_u8(4), timestamp + delta], count);
    }
}

#[derive(AnyEnum, ChipUsageGetter, Chip, InstructionExecutor)]
enum StepExecutor {
    Step(IdleChip<StepAir>),
}

#[derive(Clone, Copy)]
struct Steps(Fault);

impl VmExtension for Steps {
    type Executor = StepExecutor;
    type Periphery = NoChip;

    fn build(&self, _: &VmInventoryBuilder<'_>) -> Result<VmInventory<StepExecutor, NoChip>, VmInventoryError> {
        let mut inventory = VmInventory::new();
        inventory.add_executor(StepExecutor::Step(IdleChip(StepAir(self.0))), [VmOpcode::from_u32(0x300)])?;
        inventory.add_access_width(8)?;
        Ok(inventory)
    }
}

#[derive(Clone, VmConfig)]
struct StepVm {
    #[system]
    system: SystemConfig,
    #[extension]
    steps: Steps,
}

fn setup(fault: Fault) -> Result<(), SetupError> {
    let config = StepVm { system: SystemConfig::default(), steps: Steps(fault) };
    let vm = VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config);
    vm.setup(setting().instruction(0, nop()).exe().unwrap()).map(|_| ())
}

#[test]
fn system_setup_refuses_airs_that_break_the_rules_of_execution() {
    setup(Fault::None).unwrap();
    let refused = |fault| match setup(fault) {
        Err(SetupError::Machine(error)) => error,
        Err(other) => panic!("{fault:?}: {other}"),
        Ok(()) => panic!("{fault:?} is accepted"),
    };
    let delta = |fault| match refused(fault) {
        MachineError::TimeAdvance { air, delta, max } => {
            assert_eq!((air.as_str(), max), ("Step", 3));
            delta
        }
        other => panic!("{fault:?}: {other}"),
    };
    assert_eq!(delta(Fault::NoTick), Some(0));
    assert_eq!(delta(Fault::Back), Some(0x7800_0000));
    assert_eq!(delta(Fault::TooFast), Some(100));
    assert_eq!(delta(Fault::TooFastForWeight), Some(4));
    assert_eq!(delta(Fault::Free), None);
    assert!(matches!(refused(Fault::NoLookup), MachineError::NoProgramLookup { .. }));
    assert!(matches!(refused(Fault::OtherPc), MachineError::NoProgramLookup { .. }));
    assert!(matches!(refused(Fault::TwoReceives), MachineError::ExecutionMessages { .. }));
    assert!(matches!(refused(Fault::Unequal), MachineError::ExecutionCounts { .. }));
}

#[test]
fn system_wide_accesses_pay_for_their_ticks() {
    // The row has four messages and requests eight words.
    setup(Fault::Wide).unwrap();
    let refused = |fault| match setup(fault) {
        Err(SetupError::Machine(error)) => error,
        other => panic!("{fault:?}: {other:?}"),
    };
    let too_fast = |delta, max| MachineError::TimeAdvance { air: "Step".into(), delta: Some(delta), max };
    assert_eq!(refused(Fault::WideTooFast), too_fast(13, 12));
    assert_eq!(refused(Fault::WideSometimes), too_fast(12, 4));
    let error = MachineError::AnswersWideAccess { air: "Step".into(), bus: "memory_wide_8".into() };
    assert_eq!(refused(Fault::WideAnswer), error);
    assert_eq!(refused(Fault::WideHiddenAnswer), error);
}

#[test]
fn system_exemptions_belong_to_the_systems_airs_and_not_to_their_names() {
    // Only the system's own connector and adapters are exempt. An extension's AIR with their names is not.
    let error = MachineError::AnswersWideAccess { air: "AccessAdapter8Read".into(), bus: "memory_wide_8".into() };
    assert!(matches!(setup(Fault::WideAnswerByName), Err(SetupError::Machine(refused)) if refused == error));
    let error = MachineError::TimeAdvance { air: "Connector".into(), delta: Some(0), max: 3 };
    assert!(matches!(setup(Fault::NoTickByName), Err(SetupError::Machine(refused)) if refused == error));
}
