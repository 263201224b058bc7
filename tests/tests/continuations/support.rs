//! Machines with continuations, segmentation strategies that cut where a test needs it, and proofs that tests share.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use vm_core::arch::{SegmentationStrategy, SystemConfig};
use vm_core::machine::{
    ContinuationProof, ProvenContinuation, VerifiedRun, VirtualMachine, VmProvingKey, VmVerificationError,
};
use vm_core::stark::{BabyBearWhirBlake3Engine, SecurityPreset, StarkEngine};
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;
use vm_tests::fixtures;

pub(crate) type Engine = BabyBearWhirBlake3Engine;
pub(crate) type Machine = VirtualMachine<Engine, Rv32imVm>;
pub(crate) type Key = VmProvingKey<Engine, Rv32imVm>;
pub(crate) type RunProof = ContinuationProof<Engine>;

/// Strategy that cuts after every `.0` instructions.
#[derive(Debug)]
pub(crate) struct Every(pub(crate) u64);

impl SegmentationStrategy for Every {
    fn should_segment(&self, _: &[String], _: &[usize], _: &[usize]) -> bool {
        true
    }
    fn stricter_strategy(&self) -> Arc<dyn SegmentationStrategy> {
        Arc::new(Self((self.0 / 2).max(1)))
    }
    fn check_interval(&self) -> u64 {
        self.0
    }
}

/// Strategy that cuts after these numbers of instructions, counted from the start of the run. It counts instructions
/// itself, so it can only be used for one plan.
#[derive(Debug)]
pub(crate) struct At {
    cuts: BTreeSet<u64>,
    executed: AtomicU64,
}

impl At {
    pub(crate) fn new(cuts: impl IntoIterator<Item = u64>) -> Self {
        Self { cuts: cuts.into_iter().collect(), executed: AtomicU64::new(0) }
    }
}

impl SegmentationStrategy for At {
    fn should_segment(&self, _: &[String], _: &[usize], _: &[usize]) -> bool {
        self.cuts.contains(&(self.executed.fetch_add(1, Ordering::Relaxed) + 1))
    }
    fn stricter_strategy(&self) -> Arc<dyn SegmentationStrategy> {
        Arc::new(Self::new(self.cuts.iter().copied()))
    }
    fn check_interval(&self) -> u64 {
        1
    }
}

/// Strategy that cuts after every instruction that adds a row to one of these AIRs.
#[derive(Debug)]
pub(crate) struct After(pub(crate) &'static [&'static str]);

impl SegmentationStrategy for After {
    fn should_segment(&self, names: &[String], heights: &[usize], _: &[usize]) -> bool {
        names.iter().zip(heights).any(|(name, rows)| *rows > 0 && self.0.contains(&name.as_str()))
    }
    fn stricter_strategy(&self) -> Arc<dyn SegmentationStrategy> {
        Arc::new(Self(self.0))
    }
    fn check_interval(&self) -> u64 {
        1
    }
}

/// Strategy that never cuts.
#[derive(Debug)]
pub(crate) struct Never;

impl SegmentationStrategy for Never {
    fn should_segment(&self, _: &[String], _: &[usize], _: &[usize]) -> bool {
        false
    }
    fn stricter_strategy(&self) -> Arc<dyn SegmentationStrategy> {
        Arc::new(Self)
    }
}

/// Returns a machine with continuations whose runs are cut by `strategy`.
pub(crate) fn machine(strategy: impl SegmentationStrategy + 'static) -> Machine {
    let system = SystemConfig::default().with_continuations().with_segmentation_strategy(Arc::new(strategy));
    let config = Rv32imVm { system, ..Rv32imVm::default() };
    VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config)
}

/// Verifies a proof of a run of the key's program.
pub(crate) fn verify(key: &Key, proof: &RunProof) -> Result<VerifiedRun, VmVerificationError> {
    key.verifying_key().verify_continuation(&key.exe_commitment(), proof)
}

/// Copies a proof by encoding and decoding it: proofs are not `Clone`.
pub(crate) fn copy(proof: &RunProof) -> RunProof {
    postcard::from_bytes(&postcard::to_stdvec(proof).unwrap()).unwrap()
}

/// Proofs of runs of `fibonacci` with about 5,000 instructions, in segments of 2,000.
pub(crate) struct Made {
    pub(crate) key: Key,
    /// The run with input 1000, in three segments.
    pub(crate) run: ProvenContinuation<Engine>,
    /// The run with input 990, in three segments.
    pub(crate) other: ProvenContinuation<Engine>,
    /// The run with input 1000, in one segment.
    pub(crate) uncut: ProvenContinuation<Engine>,
}

/// Returns the proofs, which the first call makes.
pub(crate) fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let exe = load_elf(fixtures::fibonacci(1000).elf, &Rv32imVm::default()).unwrap();
        let cut = machine(Every(2000));
        let key = cut.setup(exe).unwrap();
        let prove = |vm: &Machine, n: u32| vm.prove_continuation(&key, fixtures::fibonacci(n).inputs).unwrap();
        let (run, other, uncut) = (prove(&cut, 1000), prove(&cut, 990), prove(&machine(Never), 1000));
        let segments = [&run, &other, &uncut].map(|run| run.proof.segments.len());
        assert_eq!(segments, [3, 3, 1]);
        Made { key, run, other, uncut }
    })
}
