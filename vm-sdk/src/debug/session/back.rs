//! Going back: to a checkpoint, and forwards from there to the place.

use std::mem;

use vm_core::arch::VmConfig;
use vm_core::machine::StepOutcome;

use super::{Session, Stop};

/// Distance from the place to which a session goes back to the nearest checkpoint before it. Further checkpoints are at
/// multiples of it by powers of `SPREAD`, so that going back further is cheap, too.
const NEAR: u64 = 1 << 12;
const SPREAD: u64 = 8;

impl<VC: VmConfig> Session<'_, VC> {
    /// Goes to the state after a number of instructions, which is not before the start, and not after a state that the
    /// run has reached. Makes checkpoints shortly before it.
    pub(in crate::debug) fn go_to(&mut self, instructions: u64) {
        self.stepper.restore(self.history.before(instructions));
        let watched = mem::take(self.stepper.watched_mut());
        let mut distances = Vec::new();
        let mut distance = NEAR;
        while distance < instructions.saturating_sub(self.instructions()) {
            distances.push(distance);
            distance = distance.saturating_mul(SPREAD);
        }
        for distance in distances.into_iter().rev() {
            self.run_to(instructions - distance);
            self.history.add(self.stepper.snapshot());
        }
        self.run_to(instructions);
        *self.stepper.watched_mut() = watched;
    }

    /// Executes instructions again, up to a number of them. None of them stops or fails.
    fn run_to(&mut self, instructions: u64) {
        if let Some(missing @ 1..) = instructions.checked_sub(self.instructions()) {
            // If there is no instruction at the place, this is reported when it is to be executed.
            let _ = self.stepper.run(missing, true);
        }
    }

    pub(super) fn back_step(&mut self) -> Stop {
        let now = self.instructions();
        if now <= self.start() {
            return Stop::Start;
        }
        self.go_to(now - 1);
        if !self.watchpoints.is_empty() {
            let is_hit = self.stepper.run(1, true) == StepOutcome::Watched;
            let stop = is_hit.then(|| self.watchpoint_hit()).flatten();
            self.go_to(now - 1);
            return stop.unwrap_or(Stop::Stepped);
        }
        Stop::Stepped
    }

    /// Goes back to the last place before the present one at which the run stops. Searches from checkpoint to checkpoint.
    pub(super) fn back(&mut self, is_interrupted: &mut dyn FnMut() -> bool) -> Option<Stop> {
        loop {
            let end = self.instructions();
            if end <= self.start() {
                return Some(Stop::Start);
            }
            let begin = self.history.before(end - 1);
            let begin_instructions = begin.instructions;
            self.stepper.restore(begin);
            if let Some((instructions, stop)) = self.last_stop_before(end) {
                self.go_to(instructions);
                return Some(stop);
            }
            self.stepper.restore(self.history.before(begin_instructions));
            if self.instructions() > self.start() && is_interrupted() {
                return None;
            }
        }
    }

    /// Executes the instructions from the present state up to `end` again. Returns the last stop among them.
    fn last_stop_before(&mut self, end: u64) -> Option<(u64, Stop)> {
        let mut last = None;
        while self.instructions() < end {
            if self.is_breakpoint() {
                last = Some((self.instructions(), Stop::Breakpoint));
            }
            let outcome = self.stepper.run(end - self.instructions(), true);
            match outcome {
                StepOutcome::Watched => {
                    if let Some(stop) = self.watchpoint_hit() {
                        last = Some((self.instructions() - 1, stop));
                    }
                }
                StepOutcome::Breakpoint | StepOutcome::Limit => {}
                // There is no instruction at `end`.
                StepOutcome::Terminated(_) | StepOutcome::Failed(_) => break,
            }
        }
        last
    }
}
