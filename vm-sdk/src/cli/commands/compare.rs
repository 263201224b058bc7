//! The command `compare`.

use crate::arch::VmExecutor;
use crate::cli::args::CompareArgs;
use crate::cli::outcome::{FAILED, Failure, note, print_json, print_text};
use crate::cli::progress::Reporter;
use crate::cli::{CliConfig, MachineSource};
use crate::compare::{CompareReport, NativeProgram, compare};
use crate::error::ErrorClass;
use crate::guest_build;
use crate::input::{RunInput, read_inputs};

use super::Guest;

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &CompareArgs) -> Result<u8, Failure> {
    if !guest_build::is_package(&args.package_dir) {
        return Err(Failure::NoPackage(args.package_dir.clone()));
    }
    let inputs = inputs(args)?;
    // The first build writes the file that the machine generates for its guests.
    let guest = Guest::read(source, &args.package_dir, &args.package, &args.machine)?;
    let native = guest_build::build_natively(&args.package_dir, &args.package.options()).map_err(Failure::Build)?;
    let mut executor = VmExecutor::new(guest.machine);
    if let Some(limit) = args.max_instructions {
        executor = executor.with_max_instructions(limit);
    }
    let program = NativeProgram::new(native.elf);
    let (spinner, total) = (Reporter::showing("comparing"), inputs.len());
    let runs = inputs.into_iter().enumerate().map(|(i, input)| {
        spinner.bar().set_message(format!("input {} of {total}: {}", i + 1, input.name));
        compare(&program, &executor, &guest.program, input)
    });
    let runs = runs.collect::<Result<_, _>>();
    drop(spinner);
    let report = CompareReport::new(native.package, native.bin, runs?);
    let error = report.error();
    let shown = if args.json {
        let mut object = serde_json::json!(report);
        if let Some(error) = &error {
            object["error"] = error.as_str().into();
            object["error_class"] = ErrorClass::Difference.name().into();
        }
        print_json(&object)
    } else {
        print_text(&report.to_string())
    };
    if let Some(error) = error {
        note(&format!("error: {error}"));
        return Ok(FAILED);
    }
    shown?;
    Ok(0)
}

/// Returns the inputs of all runs: the vectors of `--input` are those of one run. Without any option, there is one run without
/// input vectors.
fn inputs(args: &CompareArgs) -> Result<Vec<RunInput>, Failure> {
    let mut inputs = Vec::new();
    if !args.input.is_empty() || args.inputs.is_empty() {
        let vectors = args.input.iter().map(|input| input.read()).collect::<Result<_, _>>()?;
        let name = if args.input.is_empty() { "(none)" } else { "--input" };
        inputs.push(RunInput { name: name.to_owned(), vectors });
    }
    for folder in &args.inputs {
        inputs.extend(read_inputs(folder)?);
    }
    Ok(inputs)
}
