//! Benchmark of the whole machine on guest programs.
//!
//! ```text
//! cargo bench -p chipwright-tests --bench machine                                   # guests of this repository
//! cargo bench -p chipwright-tests --bench machine -- PROGRAM.elf [--input u32:N]    # any ELF file
//!     [--engine [whir-](poseidon2|keccak|blake3)] [--security provable100|small100|conjectured100] [--execute-only]
//! ```
//!
//! Prints the instructions per second of the three modes, the times of trace generation, of proving by phase and of
//! verification, the proof size, the peak memory, and the committed base-field columns per executed instruction (main
//! columns and 4 times the lookup columns, with and without padding rows). Also prints the ratio of the time of proving
//! to that of committing to the main trace alone. Compare only figures of the same invocation, since timings vary
//! between invocations.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tracing::span::{Attributes, Id};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use vm_core::arch::VmConfig;
use vm_core::machine::{VirtualMachine, VmExecutor};
use vm_core::stark::{
    BabyBearBlake3Engine, BabyBearKeccakEngine, BabyBearPoseidon2Engine, BabyBearWhirBlake3Engine,
    BabyBearWhirKeccakEngine, BabyBearWhirPoseidon2Engine, SecurityPreset, StarkEngine,
};
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn Error>;

struct Options {
    engine: String,
    security: SecurityPreset,
    execute_only: bool,
    programs: Vec<(String, Vec<u8>, Vec<Vec<u8>>)>,
}

fn main() -> Result<(), Failure> {
    let spans = Spans::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(spans.clone()))?;
    let options = options()?;
    for (name, elf, inputs) in &options.programs {
        println!("== {name} ({}, {})", options.engine, options.security);
        execute(elf, inputs)?;
        if !options.execute_only {
            match options.engine.as_str() {
                "poseidon2" => prove::<BabyBearPoseidon2Engine>(&options, elf, inputs, &spans)?,
                "keccak" => prove::<BabyBearKeccakEngine>(&options, elf, inputs, &spans)?,
                "blake3" => prove::<BabyBearBlake3Engine>(&options, elf, inputs, &spans)?,
                "whir-poseidon2" => prove::<BabyBearWhirPoseidon2Engine>(&options, elf, inputs, &spans)?,
                "whir-keccak" => prove::<BabyBearWhirKeccakEngine>(&options, elf, inputs, &spans)?,
                "whir-blake3" => prove::<BabyBearWhirBlake3Engine>(&options, elf, inputs, &spans)?,
                other => return Err(format!("unknown engine {other}: [whir-]poseidon2, keccak or blake3").into()),
            }
        }
    }
    Ok(())
}

fn options() -> Result<Options, Failure> {
    let mut options = Options {
        engine: "poseidon2".into(),
        security: SecurityPreset::Conjectured100,
        execute_only: false,
        programs: Vec::new(),
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = |what: &str| args.next().ok_or(format!("{arg} needs {what}"));
        match arg.as_str() {
            "--bench" => {}
            "--engine" => options.engine = value("an engine")?,
            "--security" => {
                let name = value("a preset")?;
                options.security = SecurityPreset::from_name(&name).ok_or(format!("unknown preset {name}"))?;
            }
            "--execute-only" => options.execute_only = true,
            "--input" => {
                let text = value("u32:N")?;
                let number = text.strip_prefix("u32:").ok_or("inputs must have the form u32:N")?.parse::<u32>()?;
                let (_, _, inputs) = options.programs.last_mut().ok_or("--input must follow a program")?;
                inputs.push(number.to_le_bytes().to_vec());
            }
            path => options.programs.push((path.to_owned(), std::fs::read(path)?, Vec::new())),
        }
    }
    if options.programs.is_empty() {
        use vm_tests::fixtures;
        for fixture in [
            fixtures::tiny(),
            fixtures::fibonacci(100_000),
            fixtures::quicksort(&(0..2000u32).map(|i| i.wrapping_mul(0x9e37_79b9)).collect::<Vec<_>>()),
            fixtures::sha256(&[7; 4096]),
        ] {
            options.programs.push((fixture.name, fixture.elf.to_vec(), fixture.inputs));
        }
    }
    Ok(options)
}

/// Executes a program three times. Returns the number of instructions, and the best rate in millions of instructions
/// per second.
fn rate(mut run: impl FnMut() -> Result<u64, Failure>) -> Result<(u64, f64), Failure> {
    let mut best = 0f64;
    let mut instructions = 0;
    for _ in 0..3 {
        let start = Instant::now();
        instructions = run()?;
        best = best.max(instructions as f64 / start.elapsed().as_secs_f64() / 1e6);
    }
    Ok((instructions, best))
}

fn execute(elf: &[u8], inputs: &[Vec<u8>]) -> Result<(), Failure> {
    let exe = load_elf(elf, &Rv32imVm::default())?;
    let executor = VmExecutor::new(Rv32imVm::default());
    let (instructions, pure) = rate(|| Ok(executor.execute(&exe, inputs.to_vec())?.instructions))?;
    let (_, metered) = rate(|| Ok(executor.execute_metered(&exe, inputs.to_vec())?.0.report.instructions))?;
    let (_, preflight) =
        rate(|| Ok(executor.execute_segments(&exe, inputs.to_vec())?.iter().map(|s| s.report.instructions).sum()))?;
    println!("{instructions} instructions; pure {pure:.0} M/s, metered {metered:.0} M/s, preflight {preflight:.1} M/s");
    Ok(())
}

fn prove<E: StarkEngine>(options: &Options, elf: &[u8], inputs: &[Vec<u8>], spans: &Spans) -> Result<(), Failure> {
    let mut config = Rv32imVm::default();
    config.system_mut().profiling = false;
    let vm = VirtualMachine::new(E::new(options.security), config);
    let start = Usage::now();
    let key = vm.setup(load_elf(elf, &Rv32imVm::default())?)?;
    println!("set-up                     {}", start.elapsed());

    let start = Usage::now();
    let (input, report, seconds) = vm.generate_proof_input(&key, inputs.to_vec())?;
    println!(
        "metered {:.3} s, preflight {:.3} s, trace generation {:.3} s: {}",
        seconds.metered,
        seconds.preflight,
        seconds.trace_generation,
        start.elapsed()
    );
    let start = Usage::now();
    vm.engine.commit_main_only(input.per_air.iter().flat_map(|air| air.traces.iter().cloned()).collect())?;
    let commit = start.elapsed();
    drop(input);

    spans.reset();
    let start = Usage::now();
    let proven = vm.prove(&key, inputs.to_vec())?;
    let everything = start.elapsed();
    let phases = spans.take();
    let start = Usage::now();
    let verified = key.verifying_key().verify(&key.exe_commitment(), &proven.proof)?;
    let verification = start.elapsed();
    assert_eq!(verified.public_values, report.public_values);
    let bytes = postcard::to_stdvec(&proven.proof)?.len();

    let instructions = report.instructions as f64;
    let lookups: Vec<usize> = key
        .stark()
        .verifying_key()
        .airs()
        .iter()
        // The running sum of the lookups is one more column.
        .map(|air| if air.lookup_columns == 0 { 0 } else { air.lookup_columns + 1 })
        .collect();
    let (mut main, mut padded, mut columns, mut padded_columns) = (0, 0, 0, 0);
    println!("{:<22} {:>10} {:>10} {:>5} {:>6} {:>6}", "AIR", "rows", "padded", "inst", "main", "lookup");
    for (usage, lookup) in proven.usage.iter().zip(&lookups) {
        main += usage.rows * usage.width;
        padded += usage.padded_rows * usage.width;
        columns += usage.rows * (usage.width + 4 * lookup);
        padded_columns += usage.padded_rows * (usage.width + 4 * lookup);
        if usage.padded_rows > 0 {
            println!(
                "{:<22} {:>10} {:>10} {:>5} {:>6} {:>6}",
                usage.air, usage.rows, usage.padded_rows, usage.instances, usage.width, lookup
            );
        }
    }
    println!("run and prove              {everything}  (STARK alone {:.2} s)", proven.seconds.prove);
    for (name, total) in phases {
        if total > Duration::from_millis(20) {
            println!("    {name:<40} {:.2} s", total.as_secs_f64());
        }
    }
    println!("committing the main trace  {commit}");
    println!("whole proving / main trace commitment: {:.2} (CPU)", everything.cpu / commit.cpu);
    println!("verification               {verification}");
    println!("proof {bytes} bytes; {}", proven.security);
    println!(
        "main cells per instruction {:.1} (padded {:.1}); committed columns per instruction {:.1} (padded {:.1})",
        main as f64 / instructions,
        padded as f64 / instructions,
        columns as f64 / instructions,
        padded_columns as f64 / instructions
    );
    println!("peak memory {:.2} GiB", peak_rss_bytes() as f64 / (1u64 << 30) as f64);
    Ok(())
}

/// A moment, with the CPU time of the process until then, in seconds.
#[derive(Clone, Copy)]
struct Usage {
    wall: Instant,
    cpu: f64,
}

/// Time between two [`Usage`]s, in seconds.
struct Elapsed {
    wall: f64,
    cpu: f64,
}

impl std::fmt::Display for Elapsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} CPU s, {:.2} s wall", self.cpu, self.wall)
    }
}

impl Usage {
    fn now() -> Self {
        Self { wall: Instant::now(), cpu: vm_sdk::resources::cpu_seconds() }
    }
    fn elapsed(self) -> Elapsed {
        let now = Self::now();
        Elapsed { wall: (now.wall - self.wall).as_secs_f64(), cpu: now.cpu - self.cpu }
    }
}

fn peak_rss_bytes() -> u64 {
    vm_sdk::resources::peak_rss_bytes().unwrap_or(0)
}

/// Sums up the wall-clock time of all spans with the same name.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<BTreeMap<&'static str, Duration>>>);

impl Spans {
    fn reset(&self) {
        self.take();
    }
    fn take(&self) -> BTreeMap<&'static str, Duration> {
        std::mem::take(&mut *self.0.lock().expect("the lock is not poisoned"))
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, _attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        if let Some(span) = ctx.span(id) {
            span.extensions_mut().insert(Instant::now());
        }
    }
    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        if let Some(span) = ctx.span(&id)
            && let Some(start) = span.extensions().get::<Instant>()
        {
            *self.0.lock().expect("the lock is not poisoned").entry(span.name()).or_default() += start.elapsed();
        }
    }
}
