//! The command `profile`.

use inferno::flamegraph::{self, Options};

use crate::cli::args::ProfileArgs;
use crate::cli::guest_output::GuestOutput;
use crate::cli::outcome::{Failure, finish};
use crate::cli::outputs::Outputs;
use crate::cli::progress::Reporter;
use crate::cli::{CliConfig, MachineSource};
use crate::profile::{self, Profile};

use super::Guest;

const SVG: &str = "--svg";
const PPROF: &str = "--pprof";

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &ProfileArgs) -> Result<u8, Failure> {
    let outputs = Outputs::of([(SVG, args.svg.as_ref()), (PPROF, args.pprof.as_ref())], None)?;
    outputs.differ_from_guest(&args.guest)?;
    let (guest, inputs) = Guest::with_inputs(source, &args.guest)?;
    outputs.differ_from(guest.program.path())?;
    let spinner = Reporter::showing("running");
    let output = GuestOutput::new(args.json, &spinner);
    let profile = profile::profile(&guest.executor(&args.guest), &guest.program, output.streams(inputs));
    drop(spinner);
    let printed = output.finish();
    let profile = profile?;
    let title = guest.program.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    outputs.write_each(|option| match option {
        SVG => flame_graph(&profile, &title),
        _ => Ok(profile.pprof()),
    })?;
    let report = profile.report(args.top);
    finish(printed, &report, args.json, report.unread_inputs, report.exit_code)
}

/// Draws the cost of a profile.
fn flame_graph(profile: &Profile, program: &str) -> Result<Vec<u8>, Failure> {
    let mut options = Options::default();
    options.title = format!("Cost of proving {program}");
    options.count_name = "cells".to_owned();
    // The same name has the same colour in all graphs.
    options.hash = true;
    let (lines, mut svg) = (profile.folded(), Vec::new());
    flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), &mut svg).map_err(Failure::FlameGraph)?;
    Ok(svg)
}
