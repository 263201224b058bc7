//! Comparison of plans with traces: planned rows are never fewer than the rows of the traces, and are close to them in
//! tall traces. Also tests which limits cut a run.

use std::sync::Arc;

use vm_core::arch::{
    ALLOCATED_OPCODES, DefaultSegmentationStrategy, GenerationError, SegmentationStrategy, SplitRule, SystemConfig,
    VmConfig,
};
use vm_core::instructions::{Instruction, VmExe, VmOpcode};
use vm_core::machine::testing::{ExtensionVm, VmChipTestBuilder};
use vm_core::machine::{
    AirLimits, AirUsage, CachedProgram, RowLimits, RunPlan, SegmentPlan, VirtualMachine, VmExecutionError, VmExecutor,
    VmProveError,
};
use vm_core::stark::{ProverMemory, SecurityPreset, StarkEngine};
use vm_memcpy::CopyMemory;
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::{Transpiler, load_elf};
use vm_tests::fixtures::{self, Expected};

use super::boundaries::HashVm;
use super::support::{Engine, Every, Never, machine, verify};

/// Characteristic of the field.
const CHARACTERISTIC: u64 = (1 << 31) - (1 << 27) + 1;

/// AIRs that have one row for all equal requests. Plans count each request, so they are an upper bound for these AIRs.
const ANSWERING: [&str; 3] = ["Poseidon2", "KeccakRound", "Sha256Compress"];

/// Compares the plan of a run with its traces, uncut and cut every 20,000 instructions. Returns the largest ratio of
/// planned to actual rows for AIRs in [`ANSWERING`] with at least 500 rows.
fn compare<VC: VmConfig>(config: VC, exe: &VmExe, inputs: &[Vec<u8>], what: &str) -> f64 {
    let strategies: [Arc<dyn SegmentationStrategy>; 2] = [Arc::new(Never), Arc::new(Every(20_000))];
    let mut worst: f64 = 1.0;
    for strategy in strategies {
        let mut config = config.clone();
        *config.system_mut() = SystemConfig::default().with_continuations().with_segmentation_strategy(strategy);
        let vm = VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config);
        let key = vm.setup(exe.clone()).unwrap();
        let plan = vm.plan(&key, inputs.to_vec()).unwrap();
        let mut runner = vm.segments(&key, inputs.to_vec()).unwrap();
        for segment in &plan.segments {
            let ready = vm.execute_segment(&mut runner, segment).unwrap();
            let usage = ready.generate_proof_input(key.cached()).unwrap().usage;
            for ((air, _), &planned) in plan.airs.iter().zip(&segment.rows) {
                let actual = usage.iter().find(|usage| usage.air == *air).unwrap().rows;
                if !ANSWERING.contains(&air.as_str()) {
                    assert_eq!(planned, actual, "{what}: {air}");
                    continue;
                }
                assert!(planned >= actual, "{what}: {air}, {planned} planned, {actual} actual");
                if actual >= 500 {
                    worst = worst.max(planned as f64 / actual as f64);
                }
            }
            // AIRs that are missing in the plan have the same rows in every run.
            assert!(plan.airs.len() + 3 < usage.len(), "{what}");
        }
    }
    worst
}

#[test]
fn estimates_hold_for_every_fixture() {
    let mut compared = 0;
    for fixture in fixtures::all() {
        if !matches!(fixture.expected, Expected::Exit { code: 0, .. }) {
            continue;
        }
        let worst = compare(
            Rv32imVm::default(),
            &load_elf(fixture.elf, &Rv32imVm::default()).unwrap(),
            &fixture.inputs,
            &fixture.name,
        );
        println!("{}: at most {worst:.3} times the rows", fixture.name);
        assert!(worst <= 1.1, "{}: {worst}", fixture.name);
        compared += 1;
    }
    assert!(compared >= 8, "{compared}");
}

/// Plans also count the rows of periphery chips that executors query. Otherwise a segment with many hashes would never
/// be too long.
#[test]
fn estimates_hold_for_hash_instructions() {
    let keccak: &[u8] = include_bytes!("../../../vm-sdk/extensions/keccak256/tests/guest/keccak256_guest.elf");
    let sha: &[u8] = include_bytes!("../../fixtures/extensions/sha256_guest.elf");
    for (elf, what) in [(keccak, "keccak"), (sha, "sha256")] {
        let exe = Transpiler::for_machine(&HashVm::default()).unwrap().load(elf).unwrap().exe;
        // The message is random, since equal content would have equal hashes, which share one row.
        let message = fixtures::pseudo_random_bytes(9, 8000);
        let worst = compare(HashVm::default(), &exe, &[message], what);
        println!("{what}: at most {worst:.3} times the rows");
        assert!(worst <= 1.1, "{what}: {worst}");
    }
}

/// All rows of a copy are in one instance, so plans have to count the rows that are lost at the ends of instances.
#[test]
fn estimates_hold_for_instructions_with_many_rows() {
    let config = ExtensionVm { system: SystemConfig::default(), extension: CopyMemory };
    // From many short copies to a few long ones.
    for (copies, words) in [(9000, 1), (60, 150), (30, 300), (9, 1000), (3, 3000), (2, 8192)] {
        let opcode = VmOpcode::from_u32(ALLOCATED_OPCODES);
        let copy = Instruction::from_parts(opcode, [4 * 5, 4 * 6, 4 * 7, 0, 0, 0, 0]);
        let program = VmChipTestBuilder::new(config.clone()).instructions(0x1000, std::iter::repeat_n(copy, copies));
        let exe = program.register(5, 0x2000).register(6, 0x1000).register(7, words as u32).exe().unwrap();
        for max_instances in [8, 2] {
            let mut config = config.clone();
            config.system = SystemConfig::default().with_continuations().with_segmentation_strategy(Arc::new(Never));
            config.system.max_instances = max_instances;
            let vm = VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config);
            let key = vm.setup(exe.clone()).unwrap();
            let plan = vm.plan(&key, Vec::new()).unwrap();
            let segment = &plan.segments[0];
            let ready = vm.execute_segment(&mut vm.segments(&key, Vec::new()).unwrap(), segment).unwrap();
            let usage = ready.generate_proof_input(key.cached()).unwrap().usage;
            let usage = usage.iter().find(|usage| usage.air == "Memcpy").unwrap();
            let rule = vm.config().system.split_rule(ProverMemory::default());
            let rule = SplitRule { rows_per_instance: segment.rows_per_instance, ..rule }
                .with_max_instances(segment.max_instances.min(max_instances));
            let size = rule.size_of_groups(copies * words, words).unwrap();
            assert_eq!(usage.rows, copies * words);
            assert_eq!((usage.instances, usage.padded_rows), (size.instances, size.total), "{copies} × {words}");
        }
    }
}

fn plan_of(strategy: impl SegmentationStrategy + 'static, iterations: u32) -> RunPlan {
    let vm = machine(strategy);
    let key = vm.setup(load_elf(fixtures::fibonacci(0).elf, &Rv32imVm::default()).unwrap()).unwrap();
    vm.plan(&key, fixtures::fibonacci(iterations).inputs).unwrap()
}

/// Each limit of the default strategy cuts runs, and no segment exceeds it by more than one check interval.
#[test]
fn limits_cut_runs() {
    let roomy = DefaultSegmentationStrategy {
        max_height: usize::MAX,
        max_cells_per_chip: usize::MAX,
        max_cells: usize::MAX,
        max_memory: usize::MAX,
    };
    assert_eq!(plan_of(roomy.clone(), 100_000).segments.len(), 1);
    let heights = |plan: &RunPlan| plan.segments.iter().map(|s| *s.rows.iter().max().unwrap()).max().unwrap();
    let cells = |plan: &RunPlan| plan.segments.iter().map(|s| plan.cells(s).iter().sum::<usize>()).max().unwrap();
    let chips = |plan: &RunPlan| plan.segments.iter().map(|s| *plan.cells(s).iter().max().unwrap()).max().unwrap();
    // An interval has 4,096 instructions, with fewer than 60 columns each.
    let interval = 4096;
    let plan = plan_of(DefaultSegmentationStrategy { max_height: 50_000, ..roomy.clone() }, 100_000);
    assert!(plan.segments.len() >= 4 && heights(&plan) <= 50_000 + interval, "{}", heights(&plan));
    let plan = plan_of(DefaultSegmentationStrategy { max_cells: 3_000_000, ..roomy.clone() }, 100_000);
    assert!(plan.segments.len() >= 3 && cells(&plan) <= 3_000_000 + 60 * interval, "{}", cells(&plan));
    let plan = plan_of(DefaultSegmentationStrategy { max_cells_per_chip: 500_000, ..roomy.clone() }, 100_000);
    assert!(plan.segments.len() >= 4 && chips(&plan) <= 500_000 + 60 * interval, "{}", chips(&plan));
    // Memory that suffices for about half of the run.
    let limit = plan_of(roomy.clone(), 1000).memory.midpoint(plan_of(roomy.clone(), 100_000).memory);
    let plan = plan_of(DefaultSegmentationStrategy { max_memory: limit, ..roomy }, 100_000);
    assert!(plan.segments.len() >= 2 && plan.memory <= limit + limit / 64, "{}", plan.memory);
    assert_eq!(plan.segments.iter().map(|segment| segment.instructions).sum::<u64>(), 500_023);
}

/// Returns a machine with a low limit on heights: a segment that is short enough for the default strategy does not fit.
fn low_machine(strategy: impl SegmentationStrategy + 'static) -> VirtualMachine<Engine, Rv32imVm> {
    let mut system = SystemConfig::default().with_continuations().with_segmentation_strategy(Arc::new(strategy));
    (system.max_log_height, system.max_instances) = (16, 1);
    let config = Rv32imVm { system, ..Rv32imVm::default() };
    VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config)
}

#[test]
fn infeasible_segments_are_counted_again_with_the_stricter_strategy() {
    // `fibonacci` executes two immediate additions per iteration, so 65,536 rows suffice for half of the run.
    let vm = low_machine(DefaultSegmentationStrategy::default());
    let key = vm.setup(load_elf(fixtures::fibonacci(0).elf, &Rv32imVm::default()).unwrap()).unwrap();
    let inputs = fixtures::fibonacci(60_000).inputs;
    let proven = vm.prove_continuation(&key, inputs).unwrap();
    assert!(proven.plan.segments.len() > 1);
    let (_, others) = proven.plan.segments.split_last().unwrap();
    assert!(others.iter().all(|segment| segment.instructions > 4096));
    for segment in &proven.plan.segments {
        assert!(segment.rows.iter().all(|rows| *rows <= 1 << 16));
    }
    assert_eq!(verify(&key, &proven.proof).unwrap().public_values, proven.plan.report.public_values);
}

/// The number of instances in a proof is limited. Longer segments need several instances of an AIR, so the run is
/// planned again with shorter segments.
#[test]
fn segments_with_too_many_instances_are_counted_again_with_the_stricter_strategy() {
    let vm = machine(Every(20_000));
    let key = vm.setup(load_elf(fixtures::fibonacci(0).elf, &Rv32imVm::default()).unwrap()).unwrap();
    let inputs = fixtures::fibonacci(10_000).inputs;
    let unlimited = vm.plan(&key, inputs.clone()).unwrap();
    let names: Vec<String> = key.stark().verifying_key().airs().iter().map(|air| air.name.clone()).collect();
    let used = unlimited.segments[0].rows.iter().filter(|rows| **rows > 0).count();
    let fixed = names.len() - unlimited.airs.len();
    // An instance has at most 4,096 rows, and the limit only allows one instance of each AIR that is used.
    let per_air = limits_of(names, 12);
    let limits = RowLimits { per_air, total_instances: fixed + used, ..RowLimits::default() };
    let plan = vm.executor.plan(key.exe(), inputs.clone(), &limits).unwrap();
    assert_eq!(unlimited.segments.len(), 3);
    assert!(plan.segments.len() > 4, "{}", plan.segments.len());
    let first = &plan.segments[0];
    assert!(first.max_instances == 1 && first.rows.iter().all(|rows| *rows <= 4096), "{first:?}");
    assert_eq!(plan.report.public_values, unlimited.report.public_values);
    // No segment fits, however short it is.
    let limits = RowLimits { total_instances: fixed, ..limits };
    let error = vm.executor.plan(key.exe(), inputs.clone(), &limits).unwrap_err();
    let text = error.to_string();
    let VmExecutionError::Segmentation(GenerationError::TooManyInstances { instances, limit }) = error else {
        panic!("{error}")
    };
    assert!(limit == fixed && instances > limit, "{instances} of {limit}");
    let expected = format!("needs {instances} instances of AIRs, the limit is {limit}: choose shorter segments");
    assert!(text.ends_with(&expected), "{text}");
    // The same for columns: those of one instance of each AIR that is used.
    let is_used = |name: &str| {
        let index = unlimited.airs.iter().position(|(air, _)| air == name);
        index.is_none_or(|index| unlimited.segments[0].rows[index] > 0)
    };
    let airs = key.stark().verifying_key().airs().iter();
    let total_columns = airs.filter(|air| is_used(&air.name)).map(|air| air.width).sum();
    let few = RowLimits { total_columns, total_instances: usize::MAX, ..limits.clone() };
    let plan = vm.executor.plan(key.exe(), inputs.clone(), &few).unwrap();
    assert!(plan.segments.len() > 4 && plan.segments[0].max_instances == 1, "{:?}", plan.segments[0]);
    let error = vm.executor.plan(key.exe(), inputs.clone(), &RowLimits { total_columns: 1, ..few }).unwrap_err();
    assert!(
        matches!(&error, VmExecutionError::Segmentation(GenerationError::TooManyColumns { columns: 100.., limit: 1 })),
        "{error}"
    );
    // The same for messages: an instance of 4,096 rows has an eighth of those that a proof may have.
    let mut heavy = limits_of(limits.per_air.iter().map(|limits| limits.name.clone()).collect(), 12);
    heavy.iter_mut().for_each(|limits| limits.weight = 1 << (31 - 3 - 12));
    let heavy = RowLimits { per_air: heavy, total_instances: usize::MAX, ..limits.clone() };
    let messages = |segment: &SegmentPlan| segment.rows.iter().map(|rows| rows << (31 - 3 - 12)).sum::<usize>();
    let plan = vm.executor.plan(key.exe(), inputs.clone(), &heavy).unwrap();
    assert!(plan.segments.len() > 4 && plan.segments.iter().all(|segment| (messages(segment) as u64) < CHARACTERISTIC));
    let impossible = heavy.per_air.iter().map(|limits| AirLimits { weight: 1 << 26, ..limits.clone() }).collect();
    let error = vm.executor.plan(key.exe(), inputs.clone(), &RowLimits { per_air: impossible, ..heavy }).unwrap_err();
    assert!(
        matches!(&error, VmExecutionError::Segmentation(GenerationError::TooManyMessages { messages, limit })
            if messages >= limit && *limit == CHARACTERISTIC),
        "{error}"
    );
    // A run that fits in several segments need not fit in one. Without continuations, it cannot be cut.
    let single = VmExecutor::new(Rv32imVm::default());
    let limits = RowLimits { total_instances: fixed + used, ..limits };
    let error = single.plan(key.exe(), inputs, &limits).unwrap_err();
    let VmExecutionError::Segmentation(GenerationError::TooManyInstances { instances, limit }) = error else {
        panic!("{error}")
    };
    assert!(limit == fixed + used && instances > limit, "{instances} of {limit}");
}

/// Limits that are the same for all AIRs.
fn limits_of(names: Vec<String>, max_log_height: usize) -> Vec<AirLimits> {
    names.into_iter().map(|name| AirLimits { name, max_log_height, max_instances: 8, weight: 1 }).collect()
}

/// Fewer instances have more padding, so a segment takes more memory if a key allows fewer.
#[test]
fn the_estimate_of_memory_depends_on_the_instances_that_the_plan_allows() {
    let vm = machine(Every(25_000));
    let key = vm.setup(load_elf(fixtures::fibonacci(0).elf, &Rv32imVm::default()).unwrap()).unwrap();
    let inputs = fixtures::fibonacci(10_000).inputs;
    let names: Vec<String> = key.stark().verifying_key().airs().iter().map(|air| air.name.clone()).collect();
    let per_air = limits_of(names, 16);
    for prover_memory in [ProverMemory::Committed { log_blowup: 1 }, ProverMemory::Stacked { log_blowup: 1 }] {
        let many = RowLimits { per_air: per_air.clone(), prover_memory, ..RowLimits::default() };
        let unlimited = vm.executor.plan(key.exe(), inputs.clone(), &many).unwrap();
        let used = unlimited.segments[0].rows.iter().filter(|rows| **rows > 0).count();
        let fixed = per_air.len() - unlimited.airs.len();
        let few = RowLimits { total_instances: fixed + used, ..many };
        let limited = vm.executor.plan(key.exe(), inputs.clone(), &few).unwrap();
        assert_eq!((unlimited.segments[0].max_instances, limited.segments[0].max_instances), (8, 1));
        assert_eq!(unlimited.segments[0].rows, limited.segments[0].rows);
        assert!(limited.memory > unlimited.memory, "{} and {}", limited.memory, unlimited.memory);
    }
}

/// A strategy that does not become stricter leads to an error, not to an endless loop.
#[test]
fn runs_that_no_strategy_makes_feasible_are_errors() {
    let vm = low_machine(Never);
    let key = vm.setup(load_elf(fixtures::fibonacci(0).elf, &Rv32imVm::default()).unwrap()).unwrap();
    match vm.plan(&key, fixtures::fibonacci(60_000).inputs) {
        Err(VmProveError::Generation(GenerationError::TraceHeightsLimitExceeded { air, height, limit })) => {
            assert_eq!((air.as_str(), limit), ("AddImm", 1 << 16));
            assert!(height > limit);
        }
        other => panic!("{:?}", other.map(|plan| plan.segments.len())),
    }
}

/// The timestamps of a segment are below 2^17, which is too few for the whole run, so the plan cuts it.
#[test]
fn segments_end_before_the_clock() {
    let mut vm = machine(DefaultSegmentationStrategy::default());
    let mut config = vm.config().clone();
    config.system.memory_config.clk_max_bits = 17;
    vm = VirtualMachine::new(vm.engine, config);
    let key = vm.setup(load_elf(fixtures::fibonacci(0).elf, &Rv32imVm::default()).unwrap()).unwrap();
    let proven = vm.prove_continuation(&key, fixtures::fibonacci(30_000).inputs).unwrap();
    assert!(proven.plan.segments.len() >= 3, "{}", proven.plan.segments.len());
    assert_eq!(verify(&key, &proven.proof).unwrap().public_values, proven.plan.report.public_values);
}

/// Multilinear proofs pad all cells and all messages to powers of two. Within these, plans spread rows over few instances.
#[test]
fn plans_have_no_more_instances_than_save_padding() {
    let vm = machine(Never);
    let key = vm.setup(load_elf(fixtures::quicksort(&[]).elf, &Rv32imVm::default()).unwrap()).unwrap();
    let plan_for = |inputs: &[Vec<u8>], prover_memory| {
        let limits = RowLimits { prover_memory, ..RowLimits::default() };
        let plan = vm.executor.plan(key.exe(), inputs.to_vec(), &limits);
        (vm.config().system.split_rule(prover_memory), plan.unwrap())
    };
    let mut saved = 0;
    // Lengths for which each of the three bounds on padding is the one that counts.
    for length in (200..4000).step_by(190) {
        let inputs = fixtures::quicksort(&fixtures::pseudo_random_words(1, length)).inputs;
        let (rule, plan) = plan_for(&inputs, ProverMemory::Committed { log_blowup: 1 });
        assert_eq!(plan.segments[0].rows_per_instance, rule.rows_per_instance);
        let (rule, plan) = plan_for(&inputs, ProverMemory::Stacked { log_blowup: 1 });
        let segment = &plan.segments[0];
        let rows_of = |air: &str| plan.airs.iter().zip(&segment.rows).find(|((name, _), _)| air == name);
        // Instances, cells and messages.
        let sizes = |rows_per_instance| {
            let rule = SplitRule { rows_per_instance, ..rule };
            key.stark().verifying_key().airs().iter().fold((0, 0, 0), |(instances, cells, messages), air| {
                let (of_air, height) = match air.preprocessed_log_height.or(air.fixed_log_height) {
                    Some(log_height) => (1, 1 << log_height),
                    None => {
                        let size = rule.size(rows_of(&air.name).map_or(0, |(_, rows)| *rows));
                        (size.instances, size.total)
                    }
                };
                (instances + of_air, cells + height * air.width, messages + height * air.messages)
            })
        };
        let (least, planned) = (sizes(rule.rows_per_instance), sizes(segment.rows_per_instance));
        assert!(planned.0 <= least.0, "{} and {} instances", planned.0, least.0);
        saved += least.0 - planned.0;
        assert_eq!(planned.1.next_power_of_two(), least.1.next_power_of_two());
        assert_eq!(planned.2.next_power_of_two(), least.2.next_power_of_two());
        assert!(planned.1 <= least.1 + least.1 / 8, "{} and {} cells", planned.1, least.1);
        // The traces are split as planned.
        let ready = vm.execute_segment(&mut vm.segments(&key, inputs).unwrap(), segment).unwrap();
        let rule = SplitRule { rows_per_instance: segment.rows_per_instance, ..rule };
        for usage in ready.generate_proof_input(key.cached()).unwrap().usage {
            if let Some((_, rows)) = rows_of(&usage.air).filter(|_| !ANSWERING.contains(&usage.air.as_str())) {
                let size = rule.size(*rows);
                assert_eq!((usage.instances, usage.padded_rows), (size.instances, size.total), "{}", usage.air);
            }
        }
    }
    assert!(saved > 0);
}

/// A key allows lower traces for AIRs with many messages per row.
#[test]
fn traces_are_at_most_as_tall_as_the_key_allows() {
    let vm = machine(Never);
    let key = vm.setup(load_elf(fixtures::fibonacci(0).elf, &Rv32imVm::default()).unwrap()).unwrap();
    let inputs = fixtures::fibonacci(300).inputs;
    let plan = vm.plan(&key, inputs.clone()).unwrap();
    let usage = |max_log_height: usize| {
        let CachedProgram { airs, program_air, .. } = key.cached();
        let max_log_heights = vec![max_log_height; airs.len()];
        let cached = CachedProgram { airs: airs.clone(), max_log_heights, program_air: program_air.clone() };
        let mut runner = vm.segments(&key, inputs.clone()).unwrap();
        let ready = vm.execute_segment(&mut runner, &plan.segments[0]).unwrap();
        Ok::<_, GenerationError>(ready.generate_proof_input(&cached)?.usage)
    };
    let add_imm = |usage: Vec<AirUsage>| usage.into_iter().find(|usage| usage.air == "AddImm").unwrap();
    let (high, low) = (add_imm(usage(22).unwrap()), add_imm(usage(8).unwrap()));
    assert!(high.rows > 512 && high.rows == low.rows, "{high:?}");
    assert!(low.padded_rows <= low.instances << 8 && low.instances > high.instances, "{low:?}");
    match usage(6) {
        Err(GenerationError::TraceHeightsLimitExceeded { limit, .. }) => assert_eq!(limit, 8 << 6),
        other => panic!("unexpected: {other:?}"),
    }
}
