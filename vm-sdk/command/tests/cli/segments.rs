//! Runs in several segments that are proven by one process, or by several processes that share a folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;
use std::time::SystemTime;

use vm_sdk::arch::{Digest, SegmentPlan};
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::run_folder::StoredSegment;
use vm_sdk::stark::codec::{self, FileKind, MAX_FILE_LEN};
use vm_sdk::stark::{BabyBearBlake3Engine, F};

use super::*;

/// Options for fast proofs.
pub(crate) const FAST: [&str; 6] = ["--engine", "blake3", "--security", "conjectured100", "--plan", "off"];
/// Input of a run with half a million instructions, and options that cut it into a few segments.
pub(crate) const INPUT: [&str; 2] = ["--input", "u32:100000"];
pub(crate) const CUTS: [&str; 2] = ["--segment-memory", "256"];

/// Returns the arguments of a command on the long run.
pub(crate) fn long_run<'a>(command: &'a str, elf: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&[command, elf], &INPUT[..], &CUTS, &FAST, more].concat()
}

/// Returns the arguments that prove one segment of a folder.
fn one_segment<'a>(elf: &'a str, folder: &'a str, segment: &'a str) -> Vec<&'a str> {
    [&["prove", elf, "--dir", folder, "--segment", segment], &FAST[..]].concat()
}

/// Returns the names, contents and modification times of all files in a folder.
pub(crate) fn snapshot(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let entry = |name: String| {
        let path = folder.join(&name);
        let time = path.metadata().unwrap().modified().unwrap();
        (name, (std::fs::read(path).unwrap(), time))
    };
    files_in(folder).into_iter().map(entry).collect()
}

/// A folder in which each segment was proven by its own process.
struct Cut {
    scratch: Scratch,
    json: Value,
    segments: usize,
}

impl Cut {
    /// Copies the folder.
    fn copy(&self) -> Scratch {
        let copy = Scratch::new();
        for name in files_in(&self.scratch.path("run")) {
            std::fs::copy(self.scratch.path("run").join(&name), copy.path(&name)).unwrap();
        }
        copy
    }
}

fn state(segment: usize) -> String {
    format!("segment-{segment:05}.state")
}

fn proof(segment: usize) -> String {
    format!("segment-{segment:05}.proof")
}

fn cut() -> &'static Cut {
    static CUT: OnceLock<Cut> = OnceLock::new();
    CUT.get_or_init(|| {
        let scratch = Scratch::new();
        let (folder, elf) = (scratch.arg("run"), guest("fibonacci"));
        let json = vm(long_run("segment", &elf, &["--dir", &folder, "--json"])).assert_success().json();
        let segments = usize::try_from(json["segments"].as_u64().unwrap()).unwrap();
        let mut names: Vec<_> = (0..segments).map(state).collect();
        names.splice(0..0, ["program.vk".to_owned(), "run.plan".to_owned()]);
        assert_eq!(files_in(&scratch.path("run")), names);
        // Two processes prove the last two segments at the same time.
        let numbers: Vec<_> = (0..segments).rev().map(|segment| segment.to_string()).collect();
        let start = |segment: &String| {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cargo-chipwright"));
            command.args(one_segment(&elf, &folder, segment)).stdout(std::process::Stdio::null()).spawn().unwrap()
        };
        for mut process in numbers[..2].iter().map(start).collect::<Vec<_>>() {
            assert!(process.wait().unwrap().success());
        }
        for segment in &numbers[2..] {
            let mut arguments = one_segment(&elf, &folder, segment);
            arguments.push("--json");
            let json = vm(arguments).assert_success().json();
            assert_eq!((json["segment"].to_string(), &json["segments"]), (segment.clone(), &segments.into()));
            assert!(json["instructions"].as_u64().is_some_and(|count| count > 0), "{json}");
            assert!(json["security_bits"].as_f64().is_some_and(|bits| bits >= 100.0), "{json}");
        }
        Cut { scratch, json, segments }
    })
}

#[test]
fn a_run_has_the_segments_of_the_metered_run_and_the_results_of_an_uncut_one() {
    let elf = guest("fibonacci");
    let metered = [&["run", &elf, "--mode", "metered", "--json"], &INPUT[..], &CUTS].concat();
    let metered = vm(metered).assert_success().json();
    let segments = metered["segments"].as_u64().unwrap();
    assert!(segments > 1, "{metered}");

    let scratch = Scratch::new();
    let (whole, cut_proof, key) = (scratch.arg("whole"), scratch.arg("cut"), scratch.arg("key"));
    let whole_json = [&["prove", &elf, "-o", &whole, "--vk-out", &key, "--json"], &INPUT[..], &FAST].concat();
    let whole_json = vm(whole_json).assert_success().json();
    assert_eq!(whole_json["segments"], 1);
    for more in [&["--jobs", "2"][..], &["--debug"]] {
        let mut arguments = long_run("prove", &elf, more);
        arguments.extend(["-o", &cut_proof, "--json"]);
        let json = vm(arguments).assert_success().json();
        assert_eq!(json["segments"], segments);
        for key in ["instructions", "public_values", "exe_commitment", "exit_code"] {
            assert_eq!(json[key], whole_json[key], "{key}");
        }
        // The key does not depend on the cuts.
        for proof in [&whole, &cut_proof] {
            let verified = vm(["verify", proof, "--vk", &key, "--json"]).assert_success().json();
            assert_eq!(verified["public_values"], whole_json["public_values"]);
        }
    }
    let shown = vm(["inspect", &cut_proof, "--json"]).assert_success().json();
    assert_eq!(shown["segments"].as_array().unwrap().len() as u64, segments);
}

#[test]
fn segments_proven_by_processes_of_their_own_are_merged() {
    let cut = cut();
    assert_eq!(cut.json["segments"], cut.segments);
    let instructions = cut.json["segment_instructions"].as_array().unwrap();
    assert_eq!(instructions.len(), cut.segments);
    let sum: u64 = instructions.iter().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!((sum, cut.json["instructions"].as_u64().unwrap()), (500_023, 500_023));

    let (folder, scratch) = (cut.copy(), Scratch::new());
    let (merged, key) = (scratch.arg("merged"), scratch.arg("key"));
    let merge = || vm(["merge", &folder.arg(""), "-o", &merged, "--vk-out", &key, "--json"]);
    let all: Vec<_> = (0..cut.segments).collect();
    for present in [&[][..], &[0], &all[1..], &all[..1]] {
        for segment in 0..cut.segments {
            let _ = std::fs::remove_file(folder.path(&proof(segment)));
            if present.contains(&segment) {
                std::fs::copy(cut.scratch.path("run").join(proof(segment)), folder.path(&proof(segment))).unwrap();
            }
        }
        let missing: Vec<_> =
            all.iter().filter(|segment| !present.contains(segment)).map(ToString::to_string).collect();
        let message = format!("{} of {} segments are not proven yet: {}", missing.len(), all.len(), missing.join(", "));
        let outcome = merge();
        assert_eq!(outcome.assert_failure(2, &message).json()["error_class"], "input");
        assert!(scratch.files().is_empty(), "{:?}", scratch.files());
    }
    let folder = cut.scratch.arg("run");
    let before = snapshot(&cut.scratch.path("run"));
    let json = vm(["merge", &folder, "-o", &merged, "--vk-out", &key, "--json"]).assert_success().json();
    assert_eq!((&json["segments"], &json["instructions"]), (&cut.json["segments"], &cut.json["instructions"]));
    assert_eq!(scratch.files(), ["key", "merged"]);
    for trust in [&["--vk", &key][..], &["--elf", &guest("fibonacci"), "--security", "conjectured100"]] {
        let arguments = [&["verify", &merged, "--json"], trust].concat();
        assert_eq!(vm(arguments).assert_success().json()["public_values"], json["public_values"]);
    }
    // The text output has no rates, since the proving time is unknown here.
    let text = vm(["merge", &folder, "-o", &merged]);
    assert!(!text.assert_success().stdout.contains("inf"), "{}", text.stdout);
    vm(["merge", &folder, "-o", &scratch.arg("missing/proof")]).assert_failure(2, "missing/proof");
    let own = format!("{folder}/{}", proof(0));
    vm(["merge", &folder, "-o", &own]).assert_failure(2, "-o is the same file as a file of the run's folder");
    assert_eq!(snapshot(&cut.scratch.path("run")), before);
}

#[test]
fn a_finished_folder_is_proven_without_proving() {
    let cut = cut();
    let scratch = Scratch::new();
    let before = snapshot(&cut.scratch.path("run"));
    let (elf, folder, proof) = (guest("fibonacci"), cut.scratch.arg("run"), scratch.arg("proof"));
    let arguments = long_run("prove", &elf, &["--dir", &folder, "-o", &proof, "--json"]);
    let json = vm(arguments).assert_success().json();
    assert_eq!(json["segments"], cut.json["segments"]);
    assert_eq!(snapshot(&cut.scratch.path("run")), before);
    vm(["verify", &proof, "--elf", &elf, "--security", "conjectured100"]).assert_success();
}

#[test]
fn folders_of_other_runs_are_refused_and_left_alone() {
    let cut = cut();
    let (elf, tiny, folder) = (guest("fibonacci"), guest("tiny"), cut.scratch.arg("run"));
    let before = snapshot(&cut.scratch.path("run"));
    let run = |elf, input, memory, engine, security| {
        let more = ["--engine", engine, "--security", security, "--plan", "off"];
        [&[elf, "--input", input, "--segment-memory", memory], &more[..]].concat()
    };
    for (run, message) in [
        (run(&elf, "u32:99999", "256", "blake3", "conjectured100"), "(the input differs)"),
        (
            run(&tiny, "u32:100000", "256", "blake3", "conjectured100"),
            "(the program, machine, security level or fused blocks differs)",
        ),
        (
            run(&elf, "u32:100000", "256", "blake3", "provable100"),
            "(the program, machine, security level or fused blocks differs)",
        ),
        (run(&elf, "u32:100000", "300", "blake3", "conjectured100"), "(the segmentation differs)"),
        (run(&elf, "u32:100000", "256", "keccak", "conjectured100"), "made by engine `baby-bear-blake3`"),
    ] {
        for command in ["prove", "segment"] {
            let arguments = [&[command, "--dir", &folder], &run[..]].concat();
            vm(arguments).assert_failure(2, message).assert_failure(2, &folder);
        }
    }
    let last = cut.segments - 1;
    let beyond = format!("there is no segment {}: the run has segments 0 to {last}", cut.segments);
    vm(one_segment(&elf, &folder, &cut.segments.to_string())).assert_failure(2, &beyond);
    vm(one_segment(&elf, &folder, &u64::MAX.to_string())).assert_failure(2, "there is no segment");
    vm(one_segment(&tiny, &folder, "0"))
        .assert_failure(2, "(the program, machine, security level or fused blocks differs)");
    let outcome = vm(&one_segment(&elf, &folder, "0")[..6]);
    outcome.assert_failure(2, "made by engine `baby-bear-blake3`");
    assert!(!outcome.stderr.contains("remove the file"), "the option is wrong, not the file: {}", outcome.stderr);
    vm(&one_segment(&elf, &folder, "0")[..8])
        .assert_failure(2, "(the program, machine, security level or fused blocks differs)");
    assert_eq!(snapshot(&cut.scratch.path("run")), before);
}

#[test]
fn folders_without_a_plan_are_named() {
    let (scratch, elf) = (Scratch::new(), guest("fibonacci"));
    let proof = scratch.arg("proof");
    for folder in [scratch.arg(""), scratch.arg("missing"), scratch.write("file", b"content")] {
        vm(["merge", &folder, "-o", &proof]).assert_failure(2, &folder);
        vm(one_segment(&elf, &folder, "0")).assert_failure(2, &folder);
    }
    assert_eq!(scratch.files(), ["file"]);
}

/// Replaces a file of a folder and runs a command on it. Checks that the command fails with a message that names the
/// file, and that it changes no files. Restores the file.
#[track_caller]
fn refused(folder: &Scratch, name: &str, bytes: &[u8], message: &str, arguments: &[&str]) {
    let original = std::fs::read(folder.path(name)).unwrap();
    folder.write(name, bytes);
    let before = snapshot(&folder.path(""));
    vm(arguments).assert_failure(2, message).assert_failure(2, name);
    assert_eq!(snapshot(&folder.path("")), before);
    folder.write(name, &original);
}

/// Returns damaged copies of a file: truncated ones, ones with a flipped bit, and one with an additional byte.
fn damaged(bytes: &[u8]) -> Vec<Vec<u8>> {
    let len = bytes.len();
    let cut = [0, 1, 7, 11, 30, len / 2, len - 1].map(|len| bytes[..len].to_vec());
    let flip = |at: usize| {
        let mut flipped = bytes.to_vec();
        flipped[at] ^= 1 << (at % 8);
        flipped
    };
    let longer = [bytes, &[0]].concat();
    cut.into_iter().chain([3, 8, 10, 12, len / 3, len / 2, len - 1].map(flip)).chain([longer]).collect()
}

/// Content of a plan's file: digests of the key and the input, seed, AIRs, segments, exit code, public values, output and
/// number of unread inputs.
type Plan = (Digest, [u8; 32], u64, Vec<(String, usize)>, Vec<SegmentPlan>, u32, Vec<u8>, Vec<u8>, usize);

/// Returns plans with a valid checksum whose segments do not follow each other, or are too many or too long for any
/// run.
fn contradictory(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (header, plan): (_, Plan) = codec::decode(FileKind::RunPlan, "baby-bear-blake3", bytes, MAX_FILE_LEN).unwrap();
    let changes: [fn(&mut Vec<SegmentPlan>); 8] = [
        |segments| segments.clear(),
        |segments| drop(segments.remove(0)),
        |segments| segments.swap(0, 1),
        |segments| segments[1].first_instruction += 1,
        |segments| {
            let before = segments[1].first_instruction;
            segments[1].instructions = u64::MAX - before;
            segments[2].first_instruction = u64::MAX;
        },
        |segments| segments.last_mut().unwrap().instructions = 0,
        |segments| segments.last_mut().unwrap().instructions = 1 << 29,
        |segments| {
            for _ in 0..1 << 16 {
                let last = segments.last().unwrap().clone();
                let first_instruction = last.first_instruction + last.instructions;
                segments.push(SegmentPlan { first_instruction, instructions: 1, ..last });
            }
        },
    ];
    let changed = changes.map(|change| {
        let mut plan = plan.clone();
        change(&mut plan.4);
        codec::encode(FileKind::RunPlan, &header.engine, &header.preset, &plan).unwrap()
    });
    changed.to_vec()
}

#[test]
fn damaged_states_are_refused() {
    let cut = cut();
    let (folder, elf) = (cut.copy(), guest("fibonacci"));
    let dir = folder.arg("");
    let arguments = one_segment(&elf, &dir, "1");
    let read = |name: &str| std::fs::read(folder.path(name)).unwrap();
    for bytes in damaged(&read(&state(1))) {
        refused(&folder, &state(1), &bytes, "remove the file, and plan the run again", &arguments);
    }
    refused(&folder, &state(1), &read(&state(0)), "this is not the state of segment 1", &arguments);
    refused(&folder, &state(1), &read(&proof(1)), "contains a segment proof, not a segment state", &arguments);
    std::fs::remove_file(folder.path(&state(1))).unwrap();
    vm(&arguments).assert_failure(2, &format!("cannot read {}", folder.arg(&state(1))));
    // Writing the states again repairs the folder, also without its key.
    let key = read("program.vk");
    std::fs::remove_file(folder.path("program.vk")).unwrap();
    vm(long_run("segment", &elf, &["--dir", &dir])).assert_success();
    assert!(read("program.vk") == key);
    assert_eq!(read(&state(1)), std::fs::read(cut.scratch.path("run").join(state(1))).unwrap());
    vm(&arguments).assert_success();
}

#[test]
fn damaged_plans_and_keys_are_refused() {
    let cut = cut();
    let (folder, elf, scratch) = (cut.copy(), guest("fibonacci"), Scratch::new());
    let (dir, output) = (folder.arg(""), scratch.arg("merged"));
    let commands = [
        vec!["merge", &dir, "-o", &output],
        one_segment(&elf, &dir, "1"),
        long_run("prove", &elf, &["--dir", &dir, "-o", &output]),
        long_run("segment", &elf, &["--dir", &dir]),
    ];
    for (name, commands) in [("run.plan", &commands[..]), ("program.vk", &commands[..2])] {
        let original = std::fs::read(folder.path(name)).unwrap();
        for bytes in damaged(&original) {
            for arguments in commands {
                refused(&folder, name, &bytes, "", arguments);
            }
        }
    }
    let original = std::fs::read(folder.path("run.plan")).unwrap();
    for bytes in contradictory(&original) {
        for arguments in &commands[..2] {
            refused(&folder, "run.plan", &bytes, "no run has these segments", arguments);
        }
    }
    let (tiny, key) = (guest("tiny"), scratch.arg("key"));
    vm([&["prove", &tiny, "--vk-out", &key], &FAST[..]].concat()).assert_success();
    folder.write("program.vk", &std::fs::read(&key).unwrap());
    for arguments in &commands[..2] {
        vm(arguments).assert_failure(2, "(the verifying key differs)");
    }
    assert_eq!(scratch.files(), ["key"]);
}

#[test]
fn damaged_proofs_of_segments_are_refused() {
    type Engine = BabyBearBlake3Engine;
    let cut = cut();
    let (folder, elf, scratch) = (cut.copy(), guest("fibonacci"), Scratch::new());
    let (dir, output) = (folder.arg(""), scratch.arg("merged"));
    let commands = [vec!["merge", &dir, "-o", &output], long_run("prove", &elf, &["--dir", &dir, "-o", &output])];
    let read = |name: &str| std::fs::read(folder.path(name)).unwrap();
    let tried = |segment: usize, bytes: &[u8], message: &str| {
        for arguments in &commands {
            refused(&folder, &proof(segment), bytes, message, arguments);
        }
    };
    for bytes in damaged(&read(&proof(1))) {
        tried(1, &bytes, "remove the file");
    }
    // Undamaged files of another kind or of another segment.
    let last = cut.segments - 1;
    tried(1, &read(&state(1)), "contains a segment state, not a segment proof");
    tried(1, &read(&proof(0)), "remove the file to prove the segment again");
    tried(1, &read(&proof(last)), "remove the file to prove the segment again");
    tried(last, &read(&proof(1)), "remove the file to prove the segment again");
    let alter = |segment: usize, change: &dyn Fn(&mut StoredSegment<Engine>)| {
        let bytes = read(&proof(segment));
        let decoded = codec::decode(FileKind::SegmentProof, "baby-bear-blake3", &bytes, MAX_FILE_LEN);
        let (header, mut altered): (_, StoredSegment<Engine>) = decoded.unwrap();
        change(&mut altered);
        let bytes = codec::encode(FileKind::SegmentProof, &header.engine, &header.preset, &altered).unwrap();
        tried(segment, &bytes, "remove the file to prove the segment again");
    };
    alter(1, &|segment| segment.proof.key_digest[0] += F::ONE);
    alter(1, &|segment| segment.proof.stark.public_values.clear());
    alter(1, &|segment| segment.proof.stark.public_values.iter_mut().flatten().for_each(|value| *value += F::ONE));
    alter(1, &|segment| segment.proof.stark.instance_counts.clear());
    alter(1, &|segment| segment.rows.push(0));
    alter(1, &|segment| segment.rows[0] = usize::MAX);
    alter(1, &|segment| segment.rows.clear());
    alter(last, &|segment| segment.public_values = None);
    alter(last, &|segment| segment.public_values.as_mut().unwrap().public_values[0] ^= 1);
    alter(last, &|segment| segment.public_values.as_mut().unwrap().siblings.clear());
    assert!(scratch.files().is_empty(), "{:?}", scratch.files());
    // Without the file, the segment is proven again.
    std::fs::remove_file(folder.path(&proof(1))).unwrap();
    vm(&commands[1]).assert_success();
}

/// Proofs of segments of another run replace those of this run. Both runs are of the same program, and their segments
/// have the same shape. A single proof is refused because its memory does not match that of the segments next to it, or
/// because it shows other public values. All of them together are refused because their public values are not those of
/// the plan.
#[test]
fn segments_of_other_runs_are_refused() {
    let cut = cut();
    let (folder, elf, scratch) = (cut.copy(), guest("fibonacci"), Scratch::new());
    let (dir, other, output) = (folder.arg(""), scratch.arg("other"), scratch.arg("merged"));
    let arguments = [&["prove", &elf, "--input", "u32:100001", "--dir", &other], &CUTS[..], &FAST].concat();
    vm(arguments).assert_success();
    let commands = [vec!["merge", &dir, "-o", &output], long_run("prove", &elf, &["--dir", &dir, "-o", &output])];
    for segment in 0..cut.segments {
        let bytes = std::fs::read(scratch.path("other").join(proof(segment))).unwrap();
        for arguments in &commands {
            refused(&folder, &proof(segment), &bytes, "remove", arguments);
        }
    }
    // With all segments replaced, the proof is valid, but not of this run.
    for segment in 0..cut.segments {
        std::fs::copy(scratch.path("other").join(proof(segment)), folder.path(&proof(segment))).unwrap();
    }
    for arguments in &commands {
        vm(arguments).assert_failure(2, "it shows other public values");
    }
    assert_eq!(scratch.files(), ["other"]);
}
