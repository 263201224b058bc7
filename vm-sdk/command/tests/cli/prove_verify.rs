//! Proofs: making, verifying and refusing them.

use std::sync::OnceLock;

use vm_sdk::arch::ContinuationProof;
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::stark::codec::{self, FileKind, MAX_FILE_LEN};
use vm_sdk::stark::{BabyBearBlake3Engine, F};

use super::*;

/// The search for a proof of work stops at the first thread that finds one. With one thread, that is always the same.
#[test]
fn proofs_of_one_thread_are_reproducible() {
    let scratch = Scratch::new();
    let prove = |name: &str| {
        let path = scratch.arg(name);
        vm_in(&[("RAYON_NUM_THREADS", "1")], ["prove", &guest("tiny"), "-o", &path]).assert_success();
        std::fs::read(path).unwrap()
    };
    assert!(prove("a") == prove("b"));
}

/// A proof of `fibonacci(10)` with its key, shared by the tests.
struct Made {
    scratch: Scratch,
    json: Value,
}

impl Made {
    fn proof(&self) -> String {
        self.scratch.arg("proof")
    }

    fn key(&self) -> String {
        self.scratch.arg("key")
    }
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let scratch = Scratch::new();
        let (proof, key) = (scratch.arg("proof"), scratch.arg("key"));
        let elf = guest("fibonacci");
        let outcome =
            vm(["prove", &elf, "--input", "u32:10", "--engine", "blake3", "-o", &proof, "--vk-out", &key, "--json"]);
        let json = outcome.assert_success().json();
        Made { scratch, json }
    })
}

#[test]
fn proving_reports_everything_and_writes_both_files() {
    let made = made();
    assert_eq!(made.scratch.files(), ["key", "proof"]);
    let json = &made.json;
    for key in [
        "instructions",
        "segments",
        "prove_seconds",
        "prove_cpu_seconds",
        "verify_seconds",
        "proof_bytes",
        "security_bits",
        "main_cells",
        "committed_columns_per_instruction",
        "peak_rss_bytes",
    ] {
        assert!(json[key].as_f64().is_some_and(|value| value > 0.0), "{key}: {json}");
    }
    assert_eq!(json["exit_code"], 0);
    assert_eq!(json["segments"], 1);
    let commitment = json["exe_commitment"].as_str().unwrap();
    assert!(commitment.len() == 64 && commitment.bytes().all(|byte| byte.is_ascii_hexdigit()), "{json}");
    assert!(json["public_values"].as_str().unwrap().starts_with("37000000"));
    assert!(json["security_bits"].as_f64().unwrap() >= 100.0);
    assert!(json["security_regime"].as_str().unwrap().starts_with("proven"));
    assert_eq!(json["proof_bytes"], std::fs::metadata(made.proof()).unwrap().len());
    let cells: u64 = json["chips"].as_array().unwrap().iter().map(|chip| chip["main_cells"].as_u64().unwrap()).sum();
    assert_eq!(json["main_cells"], cells);
    // The tests are compiled with the same flags.
    let is_scalar = !cfg!(any(target_feature = "avx2", target_feature = "avx512f", target_feature = "neon"));
    assert_eq!(json["vectors"]["compiled"] == "none", is_scalar, "{json}");
    assert_eq!(json["vectors"]["advice"].is_string(), is_scalar && json["vectors"]["cpu"] != "none", "{json}");
}

#[test]
fn a_proof_verifies_with_its_key_and_with_its_program() {
    let made = made();
    for trust in [["--vk", &made.key()], ["--elf", &guest("fibonacci")]] {
        let arguments = ["verify", &made.proof(), trust[0], trust[1], "--json"];
        let json = vm(arguments).assert_success().json();
        assert_eq!(json["verified"], true);
        for key in ["public_values", "exe_commitment", "segments", "exit_code", "security_bits", "proof_bytes"] {
            assert_eq!(json[key], made.json[key], "{key}");
        }
        assert_eq!(json["security_preset"], "provable100");
    }
    let text = vm(["verify", &made.proof(), "--vk", &made.key()]);
    assert!(text.assert_success().stdout.starts_with("valid proof"), "{}", text.stdout);
}

#[test]
fn the_verifier_may_demand_a_program_by_its_commitment() {
    let made = made();
    let own = made.json["exe_commitment"].as_str().unwrap();
    let other = format!("{:08x}{}", 1, &own[8..]);
    for trust in [["--vk", &made.key()], ["--elf", &guest("fibonacci")]] {
        let verify = |commitment: &str| {
            vm(["verify", &made.proof(), trust[0], trust[1], "--exe-commitment", commitment, "--json"])
        };
        assert_eq!(verify(own).assert_success().json()["exe_commitment"], own);
        verify(&own.to_uppercase()).assert_success();
        let outcome = verify(&other);
        assert_eq!(outcome.assert_failure(1, own).assert_failure(1, &other).json()["error_class"], "verification");
        for unreadable in ["", "12", &own[1..], &format!("0x{}", &own[2..]), &"f".repeat(64)] {
            verify(unreadable).assert_failure(2, "not a digest");
        }
    }
}

#[test]
fn a_proof_does_not_verify_for_another_program_or_key() {
    let made = made();
    vm(["verify", &made.proof(), "--elf", &guest("tiny")]).assert_failure(1, "for another program");

    let scratch = Scratch::new();
    let key = scratch.arg("key");
    vm(["prove", &guest("tiny"), "--engine", "blake3", "--vk-out", &key]).assert_success();
    let outcome = vm(["verify", &made.proof(), "--vk", &key, "--json"]);
    assert_eq!(outcome.assert_failure(1, "for another program").json()["error_class"], "verification");
}

#[test]
fn the_security_level_is_the_verifier_s_choice() {
    let scratch = Scratch::new();
    let (proof, key) = (scratch.arg("proof"), scratch.arg("key"));
    let elf = guest("tiny");
    let made = made();
    for level in ["small100", "conjectured100"] {
        let prove =
            ["prove", &elf, "--engine", "blake3", "--security", level, "-o", &proof, "--vk-out", &key, "--json"];
        let json = vm(prove).assert_success().json();
        assert_eq!(json["security_preset"], level);
        assert_eq!(json["security_regime"].as_str().unwrap().starts_with("proven"), level == "small100", "{json}");
        vm(["verify", &proof, "--elf", &elf]).assert_failure(1, "\"provable100\" is required");
        vm(["verify", &proof, "--elf", &elf, "--security", level]).assert_success();
        vm(["verify", &proof, "--vk", &key]).assert_success();
        // A key of another level also refuses a proof of the usual one.
        let expected = format!("{level:?} is required");
        vm(["verify", &made.proof(), "--vk", &key]).assert_failure(1, &expected);
    }
}

#[test]
fn every_engine_proves_and_engines_do_not_mix() {
    let scratch = Scratch::new();
    for engine in ["poseidon2", "keccak", "whir-poseidon2", "whir-blake3"] {
        let (proof, key) = (scratch.arg(&format!("proof-{engine}")), scratch.arg(&format!("key-{engine}")));
        vm(["prove", &guest("tiny"), "--engine", engine, "-o", &proof, "--vk-out", &key]).assert_success();
        vm(["verify", &proof, "--vk", &key]).assert_success();
    }
    let (proof, key) = (scratch.arg("proof-poseidon2"), scratch.arg("key-keccak"));
    vm(["verify", &proof, "--vk", &key]).assert_failure(2, "made by engine");
}

#[test]
fn the_debug_check_passes_on_honest_traces() {
    vm(["prove", &guest("print"), "--input", "u32:7", "--engine", "blake3", "--debug"]).assert_success();
}

#[test]
fn damaged_proof_files_are_refused() {
    let made = made();
    let proof = std::fs::read(made.proof()).unwrap();
    let scratch = Scratch::new();
    let verify = |bytes: &[u8]| {
        let path = scratch.write("damaged", bytes);
        vm(["verify", &path, "--vk", &made.key()])
    };
    for len in [0, 7, 10, 30, 100, proof.len() / 2, proof.len() - 1] {
        verify(&proof[..len]).assert_failure(2, "damaged: ");
    }
    let mut longer = proof.clone();
    longer.push(0);
    verify(&longer).assert_failure(2, "follow the end");
    let step = proof.len() / 7;
    for (i, at) in (0..proof.len()).step_by(step).chain([9, 11, proof.len() - 1]).enumerate() {
        let mut flipped = proof.clone();
        flipped[at] ^= 1 << (i % 8);
        verify(&flipped).assert_failure(2, "damaged: ");
    }
    verify(&std::fs::read(made.key()).unwrap()).assert_failure(2, "contains a verifying key, not a continuation proof");
    vm(["verify", &made.proof(), "--vk", &made.proof()])
        .assert_failure(2, "contains a continuation proof, not a verifying key");
}

#[test]
fn altered_proofs_with_a_valid_checksum_do_not_verify() {
    type Engine = BabyBearBlake3Engine;
    let made = made();
    let bytes = std::fs::read(made.proof()).unwrap();
    let decode = || {
        codec::decode::<ContinuationProof<Engine>>(
            FileKind::ContinuationProof,
            "baby-bear-blake3",
            &bytes,
            MAX_FILE_LEN,
        )
        .unwrap()
    };
    let alter = |change: &dyn Fn(&mut ContinuationProof<Engine>)| {
        let (header, mut proof) = decode();
        change(&mut proof);
        let scratch = Scratch::new();
        let file = codec::encode(FileKind::ContinuationProof, &header.engine, &header.preset, &proof).unwrap();
        let path = scratch.write("altered", &file);
        vm(["verify", &path, "--vk", &made.key()]).assert_failure(1, "the proof is not valid");
    };
    // One public value of a segment is changed: a pc, the exit code, the termination flag or a memory root.
    let segments = decode().1.segments;
    let mut altered = 0;
    for (segment, proof) in segments.iter().enumerate() {
        for (air, values) in proof.stark.public_values.iter().enumerate() {
            for i in 0..values.len() {
                altered += 1;
                alter(&|proof| proof.segments[segment].stark.public_values[air][i] += F::ONE);
            }
        }
    }
    assert!(altered >= 20, "{altered}");
    // The user public values, or the path in the final memory tree that proves them, are changed.
    for i in 0..decode().1.public_values.public_values.len() {
        alter(&|proof| proof.public_values.public_values[i] ^= 1);
    }
    for i in 0..decode().1.public_values.siblings.len() {
        alter(&|proof| proof.public_values.siblings[i][0] += F::ONE);
    }
    alter(&|proof| proof.public_values.public_values.truncate(16));
    alter(&|proof| proof.public_values.public_values.clear());
    alter(&|proof| proof.public_values.siblings.clear());
    alter(&|proof| {
        proof.public_values.siblings.pop();
    });
    // The list of segments, a key digest or the counts of instances are changed.
    alter(&|proof| proof.segments.clear());
    alter(&|proof| proof.segments.push(decode().1.segments.remove(0)));
    alter(&|proof| proof.segments[0].key_digest[0] += F::ONE);
    for (air, count) in segments[0].stark.instance_counts.iter().enumerate() {
        for other in [0, count + 1].into_iter().filter(|other| other != count) {
            alter(&|proof| proof.segments[0].stark.instance_counts[air] = other);
        }
    }
    alter(&|proof| {
        proof.segments[0].stark.instance_counts.pop();
    });
    alter(&|proof| proof.segments[0].stark.public_values.clear());
}

/// With less memory than a proof needs, the process would be aborted in the middle.
#[test]
fn a_limit_of_the_address_space_is_respected() {
    let scratch = Scratch::new();
    let (command, proof) = (env!("CARGO_BIN_EXE_cargo-chipwright"), scratch.arg("proof"));
    let script = format!("ulimit -v 80000; exec {command} prove {} -o {proof}", guest("tiny"));
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && stderr.contains("78 MiB of address space (ulimit -v)"), "{stderr}");
    assert!(scratch.files().is_empty());
}
