//! The command `debug`.

use crate::cli::args::DebugArgs;
use crate::cli::guest_output::GuestOutput;
use crate::cli::outcome::{FAILED, Failure, note};
use crate::cli::progress::Reporter;
use crate::cli::{CliConfig, MachineSource};
use crate::debug::{Server, Session, SessionEnd};

use super::Guest;

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &DebugArgs) -> Result<u8, Failure> {
    let (guest, inputs) = Guest::with_inputs(source, &args.guest)?;
    let session = Session::new(&guest.executor(&args.guest), &guest.program, inputs)?;
    let server = Server::bind(&args.listen)?;
    let address = server.address();
    if !address.ip().is_loopback() {
        note(&format!("warning: everyone who can connect to {address} controls the debugger"));
    }
    let elf = quoted(&guest.program.path().display().to_string());
    let sources = guest.sources.iter().map(|(folder, name)| {
        let command = format!("set substitute-path {name} {}", folder.display());
        format!("-ex {} ", quoted(&command))
    });
    let sources: String = sources.collect();
    note(&format!("waiting for gdb: gdb-multiarch {elf} {sources}-ex 'target remote {address}'"));
    let spinner = Reporter::showing("debugging");
    let output = GuestOutput::new(false, &spinner);
    let end = server.serve(session, &mut |bytes| output.print(bytes));
    drop(spinner);
    let printed = output.finish();
    let failure = match end? {
        SessionEnd::Exited(code @ 1..) => format!("the guest ended with exit code {code}"),
        SessionEnd::Failed(message) => message,
        SessionEnd::Exited(0) | SessionEnd::Detached | SessionEnd::Killed => {
            printed?;
            return Ok(0);
        }
    };
    note(&format!("error: {failure}"));
    Ok(FAILED)
}

/// Returns a path as a word of a command line.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%=:,".contains(c);
    if path.chars().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_words() {
        assert_eq!(quoted("../guests/fib-1.0.elf"), "../guests/fib-1.0.elf");
        assert_eq!(quoted("my guest"), "'my guest'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
