//! A guest program that was built for this computer.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{CompareError, RunEnd, RunResult};
use crate::report::{GuestOutput, HexBytes};

/// Environment variable that makes the program run as on the machine, and the last bytes of its report. They are those of
/// `vm_guest::host::process`, which describes the formats.
const RUN_VARIABLE: &str = "VM_GUEST_RUN";
const MARK: [u8; 8] = *b"vm-guest";

/// A guest program that was built for this computer ([`build_natively`](crate::guest_build::build_natively)).
#[derive(Clone, Debug)]
pub struct NativeProgram {
    path: PathBuf,
}

/// What the program reports: its end, public values and output.
type Report = (Result<u8, String>, Vec<u8>, String);

impl NativeProgram {
    /// Returns the program with this executable.
    pub fn new(executable: PathBuf) -> Self {
        Self { path: executable }
    }

    /// Runs the program with these input vectors, for a machine with this number of public values. A run that takes longer than
    /// the limit is ended, and is the result [`RunEnd::Error`]. So is one that a signal ends, such as a stack overflow.
    ///
    /// # Errors
    ///
    /// - [`CompareError::Start`] if the executable cannot be started;
    /// - [`CompareError::NoReport`] if it does not run as a guest.
    pub fn run(
        &self,
        inputs: &[Vec<u8>],
        num_public_values: usize,
        limit: Duration,
    ) -> Result<RunResult, CompareError> {
        let failed = |source| CompareError::Start { path: self.path.clone(), source };
        let input = postcard::to_allocvec(&(num_public_values, inputs)).map_err(|error| failed(io_error(error)))?;
        let mut command = Command::new(&self.path);
        command.env(RUN_VARIABLE, "1").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        let Some(bytes) = exchange(&mut child, input, limit) else {
            // It may have ended in the meantime.
            let _ = child.kill();
            let _ = child.wait();
            return Ok(stopped(format!("no end within {} seconds", limit.as_secs())));
        };
        let status = child.wait().map_err(failed)?;
        match report(&bytes) {
            Some((end, mut public_values, output)) => {
                let end = end.map_or_else(RunEnd::Error, |code| RunEnd::Exit(code.into()));
                public_values.resize(num_public_values, 0);
                let public_values = matches!(end, RunEnd::Exit(_)).then_some(HexBytes(public_values));
                Ok(RunResult { end, public_values, output: GuestOutput(output.into_bytes()) })
            }
            // Without an exit code, a signal has ended the process.
            None if status.code().is_none() => Ok(stopped(status.to_string())),
            None => Err(CompareError::NoReport { path: self.path.clone(), status: status.to_string() }),
        }
    }
}

fn stopped(reason: String) -> RunResult {
    RunResult { end: RunEnd::Error(reason), public_values: None, output: GuestOutput::default() }
}

fn io_error(error: postcard::Error) -> std::io::Error {
    std::io::Error::other(error.to_string())
}

/// Writes the standard input of a process and returns its standard output. Returns nothing if it does not end in time.
fn exchange(child: &mut Child, input: Vec<u8>, limit: Duration) -> Option<Vec<u8>> {
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // A program that does not read everything fails for another reason, which its report or status says.
        let _ = stdin.map(|mut stdin| stdin.write_all(&input));
        let mut output = Vec::new();
        let _ = stdout.map(|mut stdout| stdout.read_to_end(&mut output));
        let _ = sender.send(output);
    });
    receiver.recv_timeout(limit).ok()
}

/// Reads the report at the end of standard output.
fn report(bytes: &[u8]) -> Option<Report> {
    let (bytes, len) = bytes.strip_suffix(&MARK)?.split_last_chunk::<4>()?;
    let start = bytes.len().checked_sub(u32::from_le_bytes(*len) as usize)?;
    postcard::from_bytes(&bytes[start..]).ok()
}

#[cfg(test)]
mod tests {
    use vm_guest::host::process;

    use super::*;

    #[test]
    fn the_guest_library_has_the_same_protocol() {
        assert_eq!((RUN_VARIABLE, MARK), (process::RUN_VARIABLE, process::MARK));
    }

    #[test]
    fn reports_are_the_end_of_the_output() {
        let expected: Report = (Ok(3), vec![1, 2], "text".to_owned());
        let encoded = postcard::to_allocvec(&expected).unwrap();
        let output = [b"printed otherwise", &encoded[..], &(encoded.len() as u32).to_le_bytes(), &MARK].concat();
        assert_eq!(report(&output), Some(expected));
        for damaged in [&output[..output.len() - 1], &output[output.len() - 12..], b"", &MARK] {
            assert_eq!(report(damaged), None);
        }
    }

    #[cfg(unix)]
    #[test]
    fn programs_that_are_no_guests_are_explained() {
        let run = |path: &str, limit| NativeProgram::new(path.into()).run(&[vec![1; 1 << 20]], 32, limit);
        let long = Duration::from_secs(600);
        assert!(matches!(run("/nonexistent", long), Err(CompareError::Start { .. })));
        let error = run("/bin/false", long).unwrap_err().to_string();
        assert!(error.starts_with("/bin/false ended without a report of its run (exit status: 1); "), "{error}");

        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("script");
        let end = |text: &str, limit| {
            use std::os::unix::fs::PermissionsExt;
            std::fs::write(&script, format!("#!/bin/sh\n{text}\n")).unwrap();
            std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
            run(script.to_str().unwrap(), limit).unwrap().end
        };
        assert_eq!(end("exec sleep 600", Duration::from_millis(100)), RunEnd::Error("no end within 0 seconds".into()));
        assert!(matches!(end("kill -SEGV $$", long), RunEnd::Error(reason) if reason.starts_with("signal: 11")));
    }
}
