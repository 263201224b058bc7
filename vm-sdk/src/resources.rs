//! Measurement of wall-clock time, processor time and memory.

use std::time::Instant;

use serde::Serialize;

/// Returns the processor seconds of all threads of this process so far. Without the feature `prover`, returns 0.
pub fn cpu_seconds() -> f64 {
    #[cfg(feature = "prover")]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
    }
    #[cfg(not(feature = "prover"))]
    0.0
}

/// Returns the largest resident set of this process so far in bytes, if the system reports it.
pub fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Returns the memory that is available without swapping in bytes, if the system reports it.
pub fn available_memory_bytes() -> Option<u64> {
    meminfo_bytes("MemAvailable:")
}

/// Returns the memory of this computer with its swap space, or the limit of the container if that is lower, in bytes, if the
/// system reports it.
#[cfg(feature = "prover")]
pub fn total_memory_bytes() -> Option<u64> {
    // Of cgroups, versions 2 and 1. Without a limit, version 2 has "max" and version 1 a huge number.
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let container = limits.iter().filter_map(|path| std::fs::read_to_string(path).ok()?.trim().parse().ok());
    let computer = meminfo_bytes("MemTotal:").map(|bytes| bytes + meminfo_bytes("SwapTotal:").unwrap_or(0));
    container.chain(computer).min()
}

fn meminfo_bytes(name: &str) -> Option<u64> {
    let memory = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = memory.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Returns the size in bytes to which the address space of this process is limited (`ulimit -v`), if it is.
#[cfg(feature = "prover")]
pub fn address_space_limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::As).current
}

/// Time that a phase of work took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Cost {
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Processor seconds over all threads.
    pub cpu_seconds: f64,
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.seconds += other.seconds;
        self.cpu_seconds += other.cpu_seconds;
    }
}

/// Measures the time since its creation.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    /// Absent on targets without a clock, where the standard library would panic.
    wall: Option<Instant>,
    cpu: f64,
}

const HAS_CLOCK: bool = !cfg!(all(target_family = "wasm", target_os = "unknown"));

impl Stopwatch {
    /// Starts measuring.
    pub fn start() -> Self {
        Self { wall: HAS_CLOCK.then(Instant::now), cpu: cpu_seconds() }
    }

    /// Returns the time since the start. Wall-clock seconds are 0 on targets without a clock.
    pub fn cost(&self) -> Cost {
        let seconds = self.wall.map_or(0.0, |start| start.elapsed().as_secs_f64());
        Cost { seconds, cpu_seconds: cpu_seconds() - self.cpu }
    }
}

#[cfg(all(test, feature = "prover"))]
mod tests {
    use super::*;

    #[test]
    fn work_takes_time_and_memory() {
        let watch = Stopwatch::start();
        let mut x = 1u64;
        while watch.cost().seconds < 0.02 {
            x = std::hint::black_box(x.wrapping_mul(3));
        }
        let cost = watch.cost();
        assert!(cost.cpu_seconds > 0.0 && cost.seconds >= 0.02, "{cost:?}");
        if cfg!(target_os = "linux") {
            assert!(peak_rss_bytes().unwrap() > 100_000);
            assert!((100_000..=total_memory_bytes().unwrap()).contains(&available_memory_bytes().unwrap()));
        }
    }
}
