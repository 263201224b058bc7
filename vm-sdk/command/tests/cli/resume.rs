//! Interrupted runs, and folders to which files cannot be written.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use super::segments::{long_run, snapshot};
use super::*;

/// Number of times that the test kills the command.
const KILLS: usize = 20;

/// Random numbers: SplitMix64 with its state.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// Returns the files of a folder without the temporary files of processes that were killed while they wrote.
fn finished(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    if !folder.exists() {
        return BTreeMap::new();
    }
    snapshot(folder).into_iter().filter(|(name, _)| !name.starts_with(".cargo-chipwright-")).collect()
}

/// Checks that all files that existed still exist and are unchanged, if the folder had a plan.
#[track_caller]
fn assert_kept(before: &BTreeMap<String, (Vec<u8>, SystemTime)>, after: &BTreeMap<String, (Vec<u8>, SystemTime)>) {
    for (name, file) in before {
        // The plan is written after the key. Without a plan, the command starts the folder again.
        if before.contains_key("run.plan") {
            assert!(after.get(name) == Some(file), "{name} was changed");
        }
    }
}

/// Waits for a random moment: some time after the start, some time after a segment is finished, or while a file is
/// being written.
fn wait_to_kill(random: &mut Random, process: &mut Child, folder: &Path) {
    let count = |wanted: &dyn Fn(&str) -> bool| match folder.exists() {
        true => files_in(folder).iter().filter(|name| wanted(name)).count(),
        false => 0,
    };
    let (kind, delay) = (random.below(4), Duration::from_millis(random.below(900)));
    let wanted = |name: &str| if kind == 0 { name.starts_with(".cargo-chipwright-") } else { name.ends_with(".proof") };
    let before = count(&wanted);
    while kind < 2 && count(&wanted) <= before && process.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_micros(200));
    }
    if kind > 0 {
        std::thread::sleep(delay);
    }
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let (scratch, elf) = (Scratch::new(), guest("fibonacci"));
    let mut random = Random(20);
    let (mut kills, mut folders, mut partial) = (0, 0, 0);
    while kills < KILLS {
        folders += 1;
        let (name, output) = (format!("run-{folders}"), scratch.arg(&format!("proof-{folders}")));
        let (folder, path) = (scratch.arg(&name), scratch.path(&name));
        let arguments = long_run("prove", &elf, &["--dir", &folder, "-o", &output]);
        let mut before = finished(&path);
        let done = loop {
            let mut process = Command::new(env!("CARGO_BIN_EXE_cargo-chipwright"));
            let mut process = process
                .args(&arguments)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("the command starts");
            if kills < KILLS {
                wait_to_kill(&mut random, &mut process, &path);
                process.kill().unwrap();
            }
            let status = process.wait().unwrap();
            let after = finished(&path);
            assert_kept(&before, &after);
            before = after;
            match status.code() {
                None => {
                    kills += 1;
                    partial += usize::from(before.keys().any(|name| name.ends_with(".proof")));
                    assert!(!scratch.path(&format!("proof-{folders}")).exists());
                }
                Some(code) => break code,
            }
        };
        assert_eq!(done, 0);
        vm(["verify", &output, "--elf", &elf, "--security", "conjectured100"]).assert_success();
    }
    assert!(partial > KILLS / 4, "{partial} of {KILLS} kills left finished segments");
}

/// Runs the command with a limit on the size of files, in blocks of 512 bytes.
fn vm_limited(blocks: u64, arguments: &[&str]) -> Outcome {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_cargo-chipwright")])
        .args(arguments)
        .env_remove("RUST_LOG")
        .output()
        .expect("the shell starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Outcome { code: output.status.code().expect("no signal"), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_segment_that_cannot_be_written_is_named_and_proven_later() {
    let (scratch, elf) = (Scratch::new(), guest("fibonacci"));
    let (folder, output, whole) = (scratch.arg("run"), scratch.arg("proof"), scratch.arg("whole"));
    // The sizes of the files vary by a few percent: the search for a proof-of-work witness runs on all threads, and
    // with another witness, other rows are opened. The limits below are far enough from the sizes.
    vm(long_run("prove", &elf, &["--dir", &whole])).assert_success();
    let blocks = |name: &str| std::fs::metadata(scratch.path("whole").join(name)).unwrap().len() / 512;
    let names = files_in(&scratch.path("whole"));
    let proofs: Vec<_> = names.iter().filter(|name| name.ends_with(".proof")).collect();
    let (first, short) = (proofs[0], *proofs.iter().min_by_key(|name| blocks(name)).unwrap());
    let between = (blocks(first) + blocks(short)) / 2;
    assert!(proofs.len() > 2 && between > blocks(short) * 105 / 100, "the first segment has the longest proof");
    let arguments = long_run("prove", &elf, &["--dir", &folder, "-o", &output, "--json"]);
    let tried = |blocks: u64, name: &str, present: &[&str]| {
        let outcome = vm_limited(blocks, &arguments);
        let message = format!("cannot write {}", scratch.path("run").join(name).display());
        assert_eq!(outcome.assert_failure(2, &message).json()["error_class"], "input");
        assert!(outcome.stderr.contains("too large"), "{}", outcome.stderr);
        assert_eq!(files_in(&scratch.path("run")), present);
    };
    // With the smallest limit, writing the key fails; with a larger one, writing the first segment's proof fails.
    tried(1, "program.vk", &[]);
    tried(blocks(first) / 2, first, &["program.vk", "run.plan"]);
    // The run is finished, and then the proofs of two segments are removed. The limit suffices for the short one, but
    // not for that of the first segment.
    vm(&arguments).assert_success();
    std::fs::remove_file(&output).unwrap();
    for name in [first, short] {
        std::fs::remove_file(scratch.path("run").join(name)).unwrap();
    }
    let before = snapshot(&scratch.path("run"));
    let present: Vec<_> = before.keys().map(String::as_str).collect();
    tried(between, first, &present);
    assert_eq!(snapshot(&scratch.path("run")), before);
    // The proofs of segments fit, but the proof of the whole run does not.
    let outcome = vm_limited(2 * blocks(first), &arguments);
    outcome.assert_failure(2, &format!("cannot write {output}"));
    assert_eq!(files_in(&scratch.path("run")), names);
    assert_eq!(scratch.files(), ["run", "whole"]);

    assert_eq!(vm(&arguments).assert_success().json()["proven_segments"], 0);
    assert_eq!(scratch.files(), ["proof", "run", "whole"]);
    vm(["verify", &output, "--elf", &elf, "--security", "conjectured100"]).assert_success();
    assert_kept(&before, &snapshot(&scratch.path("run")));

    // The figures of a run that goes on are those of the segments that it has proven.
    std::fs::remove_file(scratch.path("run").join(short)).unwrap();
    let json = vm(&arguments).assert_success().json();
    assert_eq!((&json["proven_segments"], &json["segments"]), (&1.into(), &proofs.len().into()));
    let proven = json["proven_instructions"].as_u64().unwrap();
    assert!(proven > 0 && proven < json["instructions"].as_u64().unwrap(), "{json}");
}

#[test]
fn states_that_cannot_be_written_are_named() {
    let (scratch, elf) = (Scratch::new(), guest("sha256"));
    let folder = scratch.arg("run");
    let input = scratch.write("input", &[1; 60_000]);
    let input = format!("@{input}");
    let arguments = ["segment", &elf, "--input", &input, "--engine", "blake3", "--plan", "off", "--dir", &folder];
    vm_limited(80, &arguments).assert_failure(2, "segment-00000.state");
    assert_eq!(files_in(&scratch.path("run")), ["program.vk", "run.plan"]);
    vm(arguments).assert_success();
    assert!(scratch.path("run/segment-00000.state").exists());
}

#[test]
fn folders_that_cannot_be_made_are_refused_before_the_run() {
    let (scratch, elf) = (Scratch::new(), guest("exit_code"));
    for (folder, message) in [
        (scratch.write("file", b"content"), "not a directory"),
        (scratch.arg("missing/run"), "No such file or directory"),
        (scratch.arg("file/run"), "Not a directory"),
        ("/proc/run".to_owned(), "no file can be created in /proc"),
    ] {
        for command in ["prove", "segment"] {
            // This guest fails, but the folder is refused before the guest is executed.
            let outcome = vm([command, &elf, "--engine", "blake3", "--dir", &folder]);
            outcome.assert_failure(2, message).assert_failure(2, &folder);
        }
    }
    assert_eq!(scratch.files(), ["file"]);
    assert_eq!(std::fs::read(scratch.path("file")).unwrap(), b"content");
}
