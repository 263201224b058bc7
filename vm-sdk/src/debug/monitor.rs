//! The commands of the session itself, which gdb passes on: `monitor …`.

use std::fmt::Write as _;

use vm_core::arch::{PUBLIC_VALUES_SPACE, VmConfig};

use crate::report::{counted, grouped};

use super::session::Session;

const HELP: &str = "\
monitor help                 this text
monitor instructions         how many instructions lead to the present state
monitor inputs               input vectors and hints that the guest has not read
monitor public-values        bytes that the guest has revealed
monitor stop-at-exit on|off  stop before the guest ends, so that you can go back from there (off by default)
";

/// Executes a command. Returns what it prints.
pub(super) fn execute<VC: VmConfig>(session: &mut Session<'_, VC>, command: &str) -> String {
    let mut words = command.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (None | Some("help"), None, None) => HELP.to_owned(),
        (Some("instructions"), None, None) => instructions(session),
        (Some("inputs"), None, None) => inputs(session),
        (Some("public-values"), None, None) => {
            let words = session.memory().space_words(PUBLIC_VALUES_SPACE);
            hex::encode(words.into_iter().flat_map(u32::to_le_bytes).collect::<Vec<u8>>()) + "\n"
        }
        (Some("stop-at-exit"), Some(word @ ("on" | "off")), None) => {
            session.stop_at_exit = word == "on";
            format!("stop-at-exit is {word}\n")
        }
        _ => format!("there is no command \"{}\"; these are all:\n{HELP}", command.escape_debug()),
    }
}

fn instructions<VC: VmConfig>(session: &Session<'_, VC>) -> String {
    let place = session.program().image().locate(session.pc()).map(|place| format!(" in {place}")).unwrap_or_default();
    let (now, pc) = (grouped(session.instructions()), session.pc());
    let mut text = format!("{now} instructions have been executed; the next one is at {pc:#010x}{place}\n");
    if session.start() > 0 {
        let start = grouped(session.start());
        let _ = writeln!(text, "you changed the state at instruction {start}; the run goes back to there");
    }
    text
}

fn inputs<VC: VmConfig>(session: &Session<'_, VC>) -> String {
    let streams = session.streams();
    let read = counted(streams.inputs_consumed, "input vector");
    let mut text = format!("{read} read, {} not read\n", streams.input_stream.len());
    for (index, vector) in (streams.inputs_consumed..).zip(&streams.input_stream) {
        let _ = writeln!(text, "  vector {index}: {}", counted(vector.len(), "byte"));
    }
    let _ = writeln!(text, "hint stream: {}", counted(streams.hint_stream.len(), "byte"));
    text
}
