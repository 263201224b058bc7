//! Phantom instructions: host-side effects that the proof does not constrain beyond one step of time.

use crate::instructions::Instruction;
use crate::system::memory::GuestMemory;

use super::execution::ExecutionResult;
use super::vm_state::{HostRng, Streams};

/// What a phantom sub-instruction does on the host. It may read memory and change the streams; it cannot change
/// guest memory, so it needs no constraint.
pub trait PhantomSubExecutor: Send + Sync {
    /// Name, for reports.
    fn name(&self) -> &'static str;

    /// Performs the effect.
    fn execute(
        &self,
        memory: &GuestMemory,
        streams: &mut Streams,
        rng: &mut HostRng,
        instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<()>;
}
