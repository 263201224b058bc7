//! An SDK that has failed in any way proves the next run as if nothing had happened.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use vm_core::arch::{ExecutionError, SystemConfig};
use vm_core::machine::fusion::FusionBudget;
use vm_core::machine::{RunControl, SetupError, VmExecutor, VmProveError};
use vm_core::stark::SecurityPreset;
use vm_sdk::config::Rv32imVm;
use vm_sdk::elf::ElfImage;
use vm_sdk::error::{ErrorClass, SdkError};
use vm_sdk::fused::{PlanFile, PlanOption};
use vm_sdk::program::GuestProgram;
use vm_sdk::run_folder::RunFolderError;
use vm_sdk::sdk::{Progress, ProgressEvent, ProveOptions, ProvenProgram, Sdk, Silent};
use vm_sdk::transpiler::Transpiler;
use vm_tests::fixtures::{self, Expected, Fixture};

use super::support::{Engine, Every, machine};

type TestSdk = Sdk<Engine, Rv32imVm>;

fn executor() -> VmExecutor<Rv32imVm> {
    let strategy = std::sync::Arc::new(Every(2000));
    let system = SystemConfig::default().with_continuations().with_segmentation_strategy(strategy);
    VmExecutor::new(Rv32imVm { system, ..Rv32imVm::default() })
}

fn program(fixture: &Fixture) -> GuestProgram {
    let image = ElfImage::parse(fixture.elf).unwrap();
    GuestProgram::of_image(Path::new(&fixture.name), image, &Transpiler::default()).unwrap()
}

fn prove(
    sdk: &TestSdk,
    fixture: &Fixture,
    options: ProveOptions<'_>,
    progress: &dyn Progress,
) -> Result<ProvenProgram<Engine>, SdkError> {
    Ok(sdk.prove(&program(fixture), fixture.inputs.clone(), options, progress)?.0)
}

/// Returns a program that prints without end.
fn print_loop() -> GuestProgram {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/elf/print_loop.elf");
    GuestProgram::read(&path).unwrap()
}

/// Proves a run in a folder, or without one.
fn in_folder(folder: Option<&Path>) -> ProveOptions<'_> {
    ProveOptions { folder, plan: PlanOption::Off, ..ProveOptions::default() }
}

/// Calls a function with each event.
struct On<F>(F);

impl<F: Fn(&ProgressEvent) + Sync> Progress for On<F> {
    fn report(&self, event: &ProgressEvent) {
        (self.0)(event);
    }
}

/// Cancels when the phase of this name begins.
fn cancels_in(control: &RunControl, name: &'static str) -> impl Progress {
    let control = control.clone();
    On(move |event: &ProgressEvent| {
        // Making keys takes long, and cannot be interrupted.
        assert!(name != "choosing blocks" || !control.is_cancelled(), "{event:?}, although cancelled before");
        if *event == (ProgressEvent::Phase { phase: name }) {
            control.cancel();
        }
    })
}

#[test]
fn an_sdk_that_failed_in_any_way_proves_again() {
    let sdk = TestSdk::new(executor(), SecurityPreset::Conjectured100);
    let scratch = tempfile::tempdir().unwrap();
    let good = fixtures::fibonacci(1000);
    let Expected::Exit { public_values, .. } = &good.expected else { panic!("fibonacci succeeds") };
    // Every proof has been verified by then.
    let proves_again = |after: &str| {
        let proven = prove(&sdk, &good, in_folder(None), &Silent).unwrap_or_else(|error| panic!("{after}: {error}"));
        assert_eq!((proven.report.segments, &proven.report.public_values.0), (3, public_values), "{after}");
    };
    let fails = |fixture: &Fixture, options: ProveOptions<'_>, progress: &dyn Progress| match prove(
        &sdk, fixture, options, progress,
    ) {
        Ok(_) => panic!("{} was proven", fixture.name),
        Err(error) => error,
    };

    let error = fails(&fixtures::unknown_insn(true), in_folder(None), &Silent);
    assert!(matches!(error, SdkError::Execution { .. }), "{error}");
    proves_again("an instruction that does not exist");

    let error = fails(&fixtures::exit_ecall(3), in_folder(None), &Silent);
    assert!(matches!(error, SdkError::ExitCode { code: 252 | 3, .. }), "{error}");
    proves_again("a guest with an exit code");

    let error = fails(&fixtures::missing_input(&[]), in_folder(None), &Silent);
    let is_input = |error: &ExecutionError| matches!(error, ExecutionError::EndOfInputStream { .. });
    assert!(matches!(&error, SdkError::Execution { error, .. } if is_input(error)), "{error}");
    proves_again("missing input");

    let other = fixtures::sha256(&[0; 5000]);
    let plan = PlanFile::choose(&executor(), &program(&other), other.inputs.clone(), FusionBudget::SMALL).unwrap().plan;
    assert_ne!(plan, Default::default());
    let error = fails(&good, ProveOptions { plan: PlanOption::Given(plan), ..ProveOptions::default() }, &Silent);
    assert!(matches!(error, SdkError::Setup(SetupError::Plan(_))), "{error}");
    proves_again("a plan of another program");

    let file = scratch.path().join("file");
    std::fs::write(&file, "no folder").unwrap();
    let error = fails(&good, in_folder(Some(&file)), &Silent);
    assert!(matches!(error, SdkError::File(_)), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), b"no folder");
    proves_again("a folder that is a file");

    let folder = scratch.path().join("run");
    prove(&sdk, &fixtures::fibonacci(990), in_folder(Some(&folder)), &Silent).unwrap();
    let error = fails(&good, in_folder(Some(&folder)), &Silent);
    let is_other = |error: &RunFolderError| matches!(error, RunFolderError::OtherRun { what: "the input" });
    assert!(matches!(&error, SdkError::RunFolder { source, .. } if is_other(source)), "{error}");
    proves_again("the folder of another run");

    let proof = folder.join("segment-00001.proof");
    let mut bytes = std::fs::read(&proof).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&proof, bytes).unwrap();
    let error = fails(&fixtures::fibonacci(990), in_folder(Some(&folder)), &Silent);
    assert!(matches!(error, SdkError::RunFolder { .. }), "{error}");
    proves_again("a damaged proof in the folder");

    let full = scratch.path().join("full");
    let blocked = On(|event: &ProgressEvent| {
        if let ProgressEvent::SegmentBegun { segment: 1, .. } = event {
            // The proof cannot be renamed to the name of a folder with files.
            std::fs::create_dir_all(full.join("segment-00001.proof/x")).unwrap();
        }
    });
    let error = fails(&good, in_folder(Some(&full)), &blocked);
    assert!(matches!(error, SdkError::File(_)), "{error}");
    proves_again("a proof that cannot be written");

    let panics = On(|event: &ProgressEvent| assert!(!matches!(event, ProgressEvent::SegmentBegun { segment: 1, .. })));
    let panicked = catch_unwind(AssertUnwindSafe(|| prove(&sdk, &good, in_folder(None), &panics).is_ok()));
    assert!(panicked.is_err());
    proves_again("a panic in the middle");

    let control = sdk.control().clone();
    for phase in ["choosing blocks", "committing to the program", "running"] {
        let error = fails(&good, in_folder(None), &cancels_in(&control, phase));
        assert!(matches!(error, SdkError::Cancelled { .. }) && error.class() == ErrorClass::Interrupted, "{error}");
        assert!(matches!(fails(&good, in_folder(None), &Silent), SdkError::Cancelled { .. }), "until it is reset");
        control.reset();
        proves_again(phase);
    }
}

#[test]
fn a_run_that_is_cancelled_between_segments_goes_on_where_it_was() {
    let sdk = TestSdk::new(executor(), SecurityPreset::Conjectured100);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("run");
    let (good, control) = (fixtures::fibonacci(1000), sdk.control().clone());
    let cancels = On(|event: &ProgressEvent| {
        if let ProgressEvent::SegmentProven { segment: 0, .. } = event {
            control.cancel();
        }
    });
    let error = prove(&sdk, &good, in_folder(Some(&folder)), &cancels).err().expect("cancelled");
    assert!(matches!(error, SdkError::Cancelled { .. }), "{error}");
    control.reset();
    let proven = prove(&sdk, &good, in_folder(Some(&folder)), &Silent).unwrap();
    assert_eq!((proven.report.segments, proven.report.proven_segments), (3, 2));
}

/// The backend is not interrupted, so it must not begin.
#[test]
fn traces_of_a_cancelled_run_are_not_proven() {
    let vm = machine(Every(2000));
    let good = fixtures::fibonacci(1000);
    let key = vm.setup(program(&good).exe().clone()).unwrap();
    let plan = vm.plan(&key, good.inputs.clone()).unwrap();
    let execute = || {
        let mut runner = vm.segments(&key, good.inputs.clone()).unwrap();
        vm.execute_segment(&mut runner, &plan.segments[0]).unwrap()
    };
    let (first, second) = (execute(), execute());
    vm.executor.control().cancel();
    let error = vm.prove_segment(&key, first).err().expect("cancelled");
    assert!(matches!(error, VmProveError::Cancelled) && error.is_cancelled(), "{error}");
    let error = vm.plan(&key, good.inputs.clone()).unwrap_err();
    assert!(matches!(error, VmProveError::Vm(_)) && error.is_cancelled(), "{error}");
    vm.executor.control().reset();
    vm.prove_segment(&key, second).unwrap();
}

/// A backtrace of a part of the run would show other calls than those that failed.
#[test]
fn a_cancelled_backtrace_is_not_shown() {
    const LIMIT: u64 = 1 << 24;
    let executor = executor().with_max_instructions(LIMIT);
    let control = executor.control();
    let program = print_loop();
    for _ in 0..20 {
        control.reset();
        let before = control.instructions();
        let executed = || control.instructions() - before;
        let error = std::thread::scope(|scope| {
            let run = scope.spawn(|| vm_sdk::sdk::run(&executor, &program, Vec::<Vec<u8>>::new(), false).unwrap_err());
            while executed() <= LIMIT {
                std::thread::yield_now();
            }
            control.cancel();
            run.join().unwrap()
        });
        let SdkError::Execution { error, backtrace, .. } = error else { panic!("{error}") };
        assert!(matches!(*error, ExecutionError::DidNotTerminate { .. }), "{error}");
        // Otherwise the backtrace was complete before this thread ran again.
        if executed() < 2 * LIMIT {
            assert_eq!(backtrace, None);
            return;
        }
    }
    panic!("no run was cancelled in time");
}

/// The program prints without end, so only the limit or another thread can stop it.
#[test]
fn a_run_without_end_is_cancelled_by_another_thread() {
    let (program, executor) = (print_loop(), executor());
    let control = executor.control().clone();
    let run = std::thread::spawn(move || vm_sdk::sdk::run(&executor, &program, Vec::<Vec<u8>>::new(), false));
    while control.instructions() == 0 {
        std::thread::yield_now();
    }
    control.cancel();
    let error = run.join().unwrap().unwrap_err();
    assert!(matches!(&error, SdkError::Cancelled { output } if !output.is_empty()), "{error}");
}
