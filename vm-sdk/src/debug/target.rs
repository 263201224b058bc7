//! The session as gdb sees it: a target of the crate `gdbstub`.

use gdbstub::common::Signal;
use gdbstub::target::ext::base::BaseOps;
use gdbstub::target::ext::base::reverse_exec::{ReverseCont, ReverseContOps, ReverseStep, ReverseStepOps};
use gdbstub::target::ext::base::single_register_access::{SingleRegisterAccess, SingleRegisterAccessOps};
use gdbstub::target::ext::base::singlethread::{
    SingleThreadBase, SingleThreadRangeStepping, SingleThreadRangeSteppingOps, SingleThreadResume,
    SingleThreadResumeOps, SingleThreadSingleStep, SingleThreadSingleStepOps,
};
use gdbstub::target::ext::breakpoints::{
    Breakpoints, BreakpointsOps, HwWatchpoint, HwWatchpointOps, SwBreakpoint, SwBreakpointOps,
    WatchKind as GdbWatchKind,
};
use gdbstub::target::ext::monitor_cmd::{ConsoleOutput, MonitorCmd, MonitorCmdOps};
use gdbstub::target::{Target, TargetError, TargetResult};
use gdbstub_arch::riscv::Riscv32;
use gdbstub_arch::riscv::reg::RiscvCoreRegs;
use gdbstub_arch::riscv::reg::id::RiscvRegId;
use vm_core::arch::VmConfig;

use crate::error::SdkError;

use super::monitor;
use super::session::{Motion, Session};
use super::watch::{WatchKind, Watchpoint};

/// Receiver of what the guest prints.
pub(super) type Print<'p> = &'p mut dyn FnMut(&[u8]);

/// A session, and what its server keeps.
pub(super) struct GdbTarget<'a, 'p, VC: VmConfig> {
    pub(super) session: Session<'a, VC>,
    /// Receives what the guest prints.
    pub(super) print: Print<'p>,
    /// The failure of the next instruction, if the run stopped there: its signal and message.
    pub(super) failure: Option<(Signal, String)>,
    /// Whether gdb let the run go on with the signal of the failure, which ends it.
    pub(super) is_fatal: bool,
    /// Exit code of the guest, if it has ended.
    pub(super) exit_code: Option<u32>,
}

impl<'a, 'p, VC: VmConfig> GdbTarget<'a, 'p, VC> {
    pub(super) fn new(session: Session<'a, VC>, print: Print<'p>) -> Self {
        Self { session, print, failure: None, is_fatal: false, exit_code: None }
    }

    fn go_on(&mut self, motion: Motion, signal: Option<Signal>) {
        self.is_fatal = self.failure.as_ref().is_some_and(|(failure, _)| signal == Some(*failure));
        self.session.resume(motion);
    }
}

/// Converts the kind of a watchpoint from gdb's.
fn kind_of(kind: GdbWatchKind) -> WatchKind {
    match kind {
        GdbWatchKind::Write => WatchKind::Write,
        GdbWatchKind::Read => WatchKind::Read,
        GdbWatchKind::ReadWrite => WatchKind::Access,
    }
}

impl<VC: VmConfig> Target for GdbTarget<'_, '_, VC> {
    type Arch = Riscv32;
    type Error = SdkError;

    fn base_ops(&mut self) -> BaseOps<'_, Riscv32, SdkError> {
        BaseOps::SingleThread(self)
    }

    fn support_breakpoints(&mut self) -> Option<BreakpointsOps<'_, Self>> {
        Some(self)
    }

    fn support_monitor_cmd(&mut self) -> Option<MonitorCmdOps<'_, Self>> {
        Some(self)
    }
}

impl<VC: VmConfig> SingleThreadBase for GdbTarget<'_, '_, VC> {
    fn read_registers(&mut self, registers: &mut RiscvCoreRegs<u32>) -> TargetResult<(), Self> {
        *registers = RiscvCoreRegs { x: self.session.registers(), pc: self.session.pc() };
        Ok(())
    }

    fn write_registers(&mut self, registers: &RiscvCoreRegs<u32>) -> TargetResult<(), Self> {
        self.session.set_registers(&registers.x, registers.pc);
        Ok(())
    }

    fn support_single_register_access(&mut self) -> Option<SingleRegisterAccessOps<'_, (), Self>> {
        Some(self)
    }

    fn read_addrs(&mut self, address: u32, bytes: &mut [u8]) -> TargetResult<usize, Self> {
        match self.session.read_memory(address, bytes) {
            0 if !bytes.is_empty() => Err(TargetError::NonFatal),
            read => Ok(read),
        }
    }

    fn write_addrs(&mut self, address: u32, bytes: &[u8]) -> TargetResult<(), Self> {
        if self.session.write_memory(address, bytes) { Ok(()) } else { Err(TargetError::NonFatal) }
    }

    fn support_resume(&mut self) -> Option<SingleThreadResumeOps<'_, Self>> {
        Some(self)
    }
}

impl<VC: VmConfig> SingleRegisterAccess<()> for GdbTarget<'_, '_, VC> {
    fn read_register(&mut self, _thread: (), id: RiscvRegId<u32>, bytes: &mut [u8]) -> TargetResult<usize, Self> {
        let value = match id {
            RiscvRegId::Gpr(number) => self.session.registers().get(usize::from(number)).copied(),
            RiscvRegId::Pc => Some(self.session.pc()),
            _ => None,
        };
        let value = value.ok_or(TargetError::NonFatal)?.to_le_bytes();
        bytes.get_mut(..value.len()).ok_or(TargetError::NonFatal)?.copy_from_slice(&value);
        Ok(value.len())
    }

    fn write_register(&mut self, _thread: (), id: RiscvRegId<u32>, bytes: &[u8]) -> TargetResult<(), Self> {
        let value = u32::from_le_bytes(bytes.try_into().map_err(|_| TargetError::NonFatal)?);
        let (mut registers, mut pc) = (self.session.registers(), self.session.pc());
        match id {
            RiscvRegId::Gpr(number) => {
                *registers.get_mut(usize::from(number)).ok_or(TargetError::NonFatal)? = value;
            }
            RiscvRegId::Pc => pc = value,
            _ => return Err(TargetError::NonFatal),
        }
        self.session.set_registers(&registers, pc);
        Ok(())
    }
}

impl<VC: VmConfig> SingleThreadResume for GdbTarget<'_, '_, VC> {
    fn resume(&mut self, signal: Option<Signal>) -> Result<(), SdkError> {
        self.go_on(Motion::Continue, signal);
        Ok(())
    }

    fn support_single_step(&mut self) -> Option<SingleThreadSingleStepOps<'_, Self>> {
        Some(self)
    }

    fn support_range_step(&mut self) -> Option<SingleThreadRangeSteppingOps<'_, Self>> {
        Some(self)
    }

    fn support_reverse_step(&mut self) -> Option<ReverseStepOps<'_, (), Self>> {
        Some(self)
    }

    fn support_reverse_cont(&mut self) -> Option<ReverseContOps<'_, (), Self>> {
        Some(self)
    }
}

impl<VC: VmConfig> SingleThreadSingleStep for GdbTarget<'_, '_, VC> {
    fn step(&mut self, signal: Option<Signal>) -> Result<(), SdkError> {
        self.go_on(Motion::Step, signal);
        Ok(())
    }
}

impl<VC: VmConfig> SingleThreadRangeStepping for GdbTarget<'_, '_, VC> {
    fn resume_range_step(&mut self, start: u32, end: u32) -> Result<(), SdkError> {
        self.go_on(Motion::StepOver(start..end), None);
        Ok(())
    }
}

impl<VC: VmConfig> ReverseStep<()> for GdbTarget<'_, '_, VC> {
    fn reverse_step(&mut self, _thread: ()) -> Result<(), SdkError> {
        self.go_on(Motion::BackStep, None);
        Ok(())
    }
}

impl<VC: VmConfig> ReverseCont<()> for GdbTarget<'_, '_, VC> {
    fn reverse_cont(&mut self) -> Result<(), SdkError> {
        self.go_on(Motion::BackContinue, None);
        Ok(())
    }
}

impl<VC: VmConfig> Breakpoints for GdbTarget<'_, '_, VC> {
    fn support_sw_breakpoint(&mut self) -> Option<SwBreakpointOps<'_, Self>> {
        Some(self)
    }

    fn support_hw_watchpoint(&mut self) -> Option<HwWatchpointOps<'_, Self>> {
        Some(self)
    }
}

impl<VC: VmConfig> SwBreakpoint for GdbTarget<'_, '_, VC> {
    fn add_sw_breakpoint(&mut self, pc: u32, _kind: usize) -> TargetResult<bool, Self> {
        self.session.add_breakpoint(pc);
        Ok(true)
    }

    fn remove_sw_breakpoint(&mut self, pc: u32, _kind: usize) -> TargetResult<bool, Self> {
        Ok(self.session.remove_breakpoint(pc))
    }
}

impl<VC: VmConfig> HwWatchpoint for GdbTarget<'_, '_, VC> {
    fn add_hw_watchpoint(&mut self, address: u32, length: u32, kind: GdbWatchKind) -> TargetResult<bool, Self> {
        self.session.add_watchpoint(Watchpoint { address, length, kind: kind_of(kind) });
        Ok(true)
    }

    fn remove_hw_watchpoint(&mut self, address: u32, length: u32, kind: GdbWatchKind) -> TargetResult<bool, Self> {
        Ok(self.session.remove_watchpoint(Watchpoint { address, length, kind: kind_of(kind) }))
    }
}

impl<VC: VmConfig> MonitorCmd for GdbTarget<'_, '_, VC> {
    fn handle_monitor_cmd(&mut self, command: &[u8], mut output: ConsoleOutput<'_>) -> Result<(), SdkError> {
        let text = monitor::execute(&mut self.session, &String::from_utf8_lossy(command));
        output.write_raw(text.as_bytes());
        Ok(())
    }
}
