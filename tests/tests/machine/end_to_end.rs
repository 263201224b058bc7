//! Programs are run, proven and verified. Proofs, keys and programs that do not belong together are refused.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vm_core::arch::SystemConfig;
use vm_core::machine::{
    VerifiedRun, VirtualMachine, VmKeyError, VmProof, VmProveError, VmProvingKey, VmVerificationError, VmVerifyingKey,
};
use vm_core::stark::codec::{self, FileKind};
use vm_core::stark::{
    BabyBearBlake3Engine, BabyBearKeccakEngine, BabyBearPoseidon2Engine, BabyBearWhirBlake3Engine,
    BabyBearWhirKeccakEngine, BabyBearWhirPoseidon2Engine, F, SecurityPreset, StarkEngine,
};
use vm_rv32im::words::ECALL_PC;
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;
use vm_tests::fixtures::{self, Expected, Fixture};
use vm_tests::model::{asm, elf_of};

use crate::support::{BASE, Engine, machine};

type Key = VmProvingKey<Engine, Rv32imVm>;
type VerifyingKey = VmVerifyingKey<Engine, Rv32imVm>;

/// Maximum number of instructions of a proven run. It keeps each proof near a second of CPU time.
const MAX_INSTRUCTIONS: u64 = 50_000;

/// Proves and verifies a run of a fixture that exits with code 0.
fn round_trip<E: StarkEngine>(vm: &VirtualMachine<E, Rv32imVm>, fixture: &Fixture) -> VerifiedRun {
    let key = vm.setup(load_elf(fixture.elf, &Rv32imVm::default()).unwrap()).unwrap();
    let proven = vm.prove(&key, fixture.inputs.clone()).unwrap();
    let run = key.verifying_key().verify(&key.exe_commitment(), &proven.proof).unwrap();
    let Expected::Exit { code: 0, public_values, printed } = &fixture.expected else {
        panic!("the fixture does not exit with code 0")
    };
    assert_eq!(&run.public_values, public_values, "{}", fixture.name);
    assert_eq!(proven.report.printed, printed.as_bytes(), "{}", fixture.name);
    run
}

#[test]
fn every_successful_fixture_is_proven_with_its_public_values() {
    let vm = machine();
    let mut keys: BTreeMap<usize, Key> = BTreeMap::new();
    let (mut proven_runs, mut unproven) = (0, BTreeMap::new());
    for fixture in fixtures::all() {
        let Expected::Exit { code: 0, public_values, printed } = &fixture.expected else { continue };
        let address = fixture.elf.as_ptr() as usize;
        unproven.entry(address).or_insert(fixture.name.clone());
        let exe = load_elf(fixture.elf, &Rv32imVm::default()).unwrap();
        if vm.executor.execute(&exe, fixture.inputs.clone()).unwrap().instructions > MAX_INSTRUCTIONS {
            continue;
        }
        let key = keys.entry(address).or_insert_with(|| vm.setup(exe).unwrap());
        let proven = vm.prove(key, fixture.inputs.clone()).unwrap();
        let run = key.verifying_key().verify(&key.exe_commitment(), &proven.proof).unwrap();
        assert_eq!(&run.public_values, public_values, "{}", fixture.name);
        assert_eq!(proven.report.printed, printed.as_bytes(), "{}", fixture.name);
        proven_runs += 1;
        unproven.insert(address, String::new());
    }
    // Every program that is too long for some inputs was proven with others.
    unproven.retain(|_, name| !name.is_empty());
    assert!(unproven.is_empty(), "never proven: {unproven:?}");
    assert!(proven_runs >= 30, "{proven_runs}");
}

/// A run that fails or exits with another code than 0 is not proven. The error contains the cause or the code.
#[test]
fn runs_that_fail_are_not_proven() {
    let vm = machine();
    let mut keys: BTreeMap<usize, Key> = BTreeMap::new();
    for fixture in fixtures::all() {
        let address = fixture.elf.as_ptr() as usize;
        let mut prove = || {
            let key = keys
                .entry(address)
                .or_insert_with(|| vm.setup(load_elf(fixture.elf, &Rv32imVm::default()).unwrap()).unwrap());
            vm.prove(key, fixture.inputs.clone()).map(|_| ()).unwrap_err()
        };
        match &fixture.expected {
            Expected::Exit { code: 0, .. } => {}
            Expected::Exit { code, .. } => match prove() {
                VmProveError::GuestFailed { code: got, .. } => assert_eq!(got, *code, "{}", fixture.name),
                error => panic!("{}: {error}", fixture.name),
            },
            Expected::Error(_) => {
                let error = prove();
                assert!(matches!(error, VmProveError::Vm(_)), "{}: {error}", fixture.name);
            }
        }
    }
}

/// A jump into the routine of `ecall` is proven like the exit that it is: with exit code 0 as a successful run, whose
/// public values are those that the guest has revealed before, and with any other code not at all.
#[test]
fn a_jump_into_the_ecall_routine_is_proven_as_an_exit() {
    let vm = machine();
    let setup = |target: u32| {
        let code = [asm::li(6, 0x1234_5678), vec![asm::reveal(0, 6, 4)], asm::li(5, target)].concat();
        let code = [code, vec![asm::jalr(0, 5, 0), asm::ecall(), asm::reveal(0, 6, 8), asm::terminate(0)]].concat();
        vm.setup(load_elf(&elf_of(&code, &[], BASE), &Rv32imVm::default()).unwrap()).unwrap()
    };
    let status = |code: u32| ECALL_PC + 4 * (5 + code);
    let key = setup(status(0));
    let proven = vm.prove(&key, Vec::<Vec<u8>>::new()).unwrap();
    let run = key.verifying_key().verify(&key.exe_commitment(), &proven.proof).unwrap();
    let mut expected = vec![0; 32];
    expected[4..8].copy_from_slice(&0x1234_5678_u32.to_le_bytes());
    assert_eq!(run.public_values, expected);
    match vm.prove(&setup(status(7)), Vec::<Vec<u8>>::new()).map(drop) {
        Err(VmProveError::GuestFailed { code: 7, .. }) => {}
        other => panic!("{other:?}"),
    }
    let unknown = vm.prove(&setup(status(256)), Vec::<Vec<u8>>::new()).map(drop);
    assert!(matches!(unknown, Err(VmProveError::Vm(_))), "{unknown:?}");
}

/// Proves a fixture at all presets and asserts that each reaches its target.
fn all_presets<E: StarkEngine>() {
    let fixture = fixtures::sha256(b"abc");
    for preset in SecurityPreset::ALL {
        let run = round_trip(&VirtualMachine::new(E::new(preset), Rv32imVm::default()), &fixture);
        assert_eq!(run.security.preset, preset.name());
        assert!(run.security.reaches_target(), "{}", run.security);
    }
}

#[test]
fn poseidon2_proves_at_all_presets() {
    all_presets::<BabyBearPoseidon2Engine>();
}

#[test]
fn keccak_proves_at_all_presets() {
    all_presets::<BabyBearKeccakEngine>();
}

#[test]
fn blake3_proves_at_all_presets() {
    all_presets::<BabyBearBlake3Engine>();
}

#[test]
fn whir_and_poseidon2_prove_at_all_presets() {
    all_presets::<BabyBearWhirPoseidon2Engine>();
}

#[test]
fn whir_and_keccak_prove_at_all_presets() {
    all_presets::<BabyBearWhirKeccakEngine>();
}

#[test]
fn whir_and_blake3_prove_at_all_presets() {
    all_presets::<BabyBearWhirBlake3Engine>();
}

/// Returns the key and an encoded proof of the fixture `tiny`, which are made once.
fn tiny() -> &'static (Key, Vec<u8>) {
    static TINY: OnceLock<(Key, Vec<u8>)> = OnceLock::new();
    TINY.get_or_init(|| {
        let vm = machine();
        let key = vm.setup(load_elf(fixtures::tiny().elf, &Rv32imVm::default()).unwrap()).unwrap();
        let proven = vm.prove(&key, vec![]).unwrap();
        let bytes = postcard::to_stdvec(&proven.proof).unwrap();
        (key, bytes)
    })
}

/// Returns the honest proof of `tiny`.
fn proof() -> VmProof<Engine> {
    postcard::from_bytes(&tiny().1).unwrap()
}

/// Returns the public values of an AIR in a proof.
fn public_values_mut<'a>(proof: &'a mut VmProof<Engine>, air: &str) -> &'a mut Vec<F> {
    let index = tiny().0.verifying_key().stark().air_index(air).unwrap();
    &mut proof.stark.public_values[index]
}

/// Forged: a proof is presented under the key of another program, another machine or other security parameters. The
/// verifier refuses it, because the proof names another key, and still does so when that name is replaced.
#[test]
fn a_proof_verifies_under_the_key_of_its_program_only() {
    let (key, _) = tiny();
    assert!(key.verifying_key().verify(&key.exe_commitment(), &proof()).is_ok());
    let vm = machine();
    // Other programs: another fixture, the same one with another word of initial memory, and with another entry point.
    // The verifier refuses the proof by the digest of the key that the proof names.
    let exe = || load_elf(fixtures::tiny().elf, &Rv32imVm::default()).unwrap();
    let mut memory = exe();
    memory.init_memory.insert((2, 0x1000), 1);
    let mut entry = exe();
    entry.pc_start += 4;
    for (what, other) in [
        ("program", load_elf(fixtures::subword(&[]).elf, &Rv32imVm::default()).unwrap()),
        ("memory", memory),
        ("entry", entry),
    ] {
        let other = vm.setup(other).unwrap();
        assert_ne!(other.verifying_key().digest(), key.verifying_key().digest(), "{what}");
        assert_ne!(other.exe_commitment(), key.exe_commitment(), "{what}");
        let error = other.verifying_key().verify(&other.exe_commitment(), &proof()).unwrap_err();
        assert!(matches!(error, VmVerificationError::ProgramCommitMismatch { .. }), "{what}: {error}");
        // The digest in the proof is no protection by itself: if it is replaced, other checks must refuse the proof.
        let mut renamed = proof();
        renamed.key_digest = other.verifying_key().digest();
        let error = other.verifying_key().verify(&other.exe_commitment(), &renamed).unwrap_err();
        assert!(!matches!(error, VmVerificationError::ProgramCommitMismatch { .. }), "{what}: {error}");
    }
    // Other machines: one with more public values, one with fewer clock bits.
    let mut shorter = SystemConfig::default();
    shorter.memory_config.clk_max_bits = 28;
    for system in [SystemConfig::default().with_public_values(48), shorter] {
        let config = Rv32imVm { system, ..Rv32imVm::default() };
        let vm = VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config);
        let other = vm.setup(exe()).unwrap();
        let mut renamed = proof();
        renamed.key_digest = other.verifying_key().digest();
        assert!(other.verifying_key().verify(&other.exe_commitment(), &renamed).is_err());
    }
    // Other security parameters.
    let vm = VirtualMachine::new(Engine::new(SecurityPreset::Provable100), Rv32imVm::default());
    let other = vm.setup(exe()).unwrap();
    let mut renamed = proof();
    renamed.key_digest = other.verifying_key().digest();
    assert!(other.verifying_key().verify(&other.exe_commitment(), &renamed).is_err());
}

/// Executables that differ only in their entry point or initial memory have the same backend key. Hence the verifier
/// must compare these two itself. Forged: the proof names the key of such an executable. The verifier refuses it with
/// the error for the part that differs.
#[test]
fn entry_point_and_initial_memory_are_checked_beside_the_backends_key() {
    let vm = machine();
    let exe = || load_elf(fixtures::tiny().elf, &Rv32imVm::default()).unwrap();
    let mut memory = exe();
    memory.init_memory.insert((2, 0x1000), 1);
    let other = vm.setup(memory).unwrap();
    assert_eq!(other.verifying_key().stark().digest(), tiny().0.verifying_key().stark().digest());
    let mut renamed = proof();
    renamed.key_digest = other.verifying_key().digest();
    let error = other.verifying_key().verify(&other.exe_commitment(), &renamed).unwrap_err();
    assert!(matches!(error, VmVerificationError::InitialMemoryRootMismatch { .. }), "{error}");

    let mut entry = exe();
    entry.pc_start += 4;
    let other = vm.setup(entry).unwrap();
    let mut renamed = proof();
    renamed.key_digest = other.verifying_key().digest();
    let error = other.verifying_key().verify(&other.exe_commitment(), &renamed).unwrap_err();
    assert!(matches!(error, VmVerificationError::InitialPcMismatch { .. }), "{error}");
}

/// Forged: any public value of the connector (pcs, exit code, termination, both memory roots) or any cell of the
/// program's public values. The verifier refuses every change.
#[test]
fn no_public_value_of_a_proof_can_be_changed() {
    let (key, _) = tiny();
    let cells = public_values_mut(&mut proof(), "PublicValues").len();
    assert_eq!(cells, fixtures::NUM_PUBLIC_VALUES / 2);
    let targets = (0..20).map(|i| ("Connector", i)).chain((0..cells).map(|i| ("PublicValues", i)));
    for (air, i) in targets {
        for delta in [F::new(1), -F::new(1), F::new(1 << 16)] {
            let mut forged = proof();
            public_values_mut(&mut forged, air)[i] += delta;
            assert!(key.verifying_key().verify(&key.exe_commitment(), &forged).is_err(), "{air} {i} {delta}");
        }
    }
    // One fewer, one more, none at all, and two exchanged.
    let changes: [fn(&mut Vec<F>); 4] =
        [|v| v.truncate(v.len() - 1), |v| v.push(F::new(0)), |v| v.clear(), |v| v.swap(0, 1)];
    for (air, change) in changes.iter().flat_map(|change| [("Connector", change), ("PublicValues", change)]) {
        let mut forged = proof();
        change(public_values_mut(&mut forged, air));
        assert!(key.verifying_key().verify(&key.exe_commitment(), &forged).is_err(), "{air}");
    }
}

/// Forged: the key digest, a number of instances or a trace height in a proof. The verifier refuses every change.
#[test]
fn no_field_of_a_proof_can_be_changed() {
    let (key, _) = tiny();
    let refused = |what: &str, change: &dyn Fn(&mut VmProof<Engine>)| {
        let mut forged = proof();
        change(&mut forged);
        assert!(key.verifying_key().verify(&key.exe_commitment(), &forged).is_err(), "{what}");
    };
    for i in 0..8 {
        refused("key digest", &|proof| proof.key_digest[i] += F::new(1));
    }
    let airs = proof().stark.instance_counts.len();
    for air in 0..airs {
        refused("one instance more", &|proof| proof.stark.instance_counts[air] += 1);
        refused("very many instances", &|proof| proof.stark.instance_counts[air] = u32::MAX);
        if proof().stark.instance_counts[air] > 0 {
            refused("one instance fewer", &|proof| proof.stark.instance_counts[air] -= 1);
        }
    }
    refused("one AIR more", &|proof| proof.stark.instance_counts.push(0));
    refused("one AIR fewer", &|proof| proof.stark.instance_counts.truncate(airs - 1));
    for i in 0..proof().stark.batch.log_heights.len() {
        refused("a taller trace", &|proof| proof.stark.batch.log_heights[i] += 1);
        refused("a shorter trace", &|proof| {
            let bits = &mut proof.stark.batch.log_heights[i];
            *bits = bits.checked_sub(1).unwrap_or(63);
        });
        refused("a trace of absurd height", &|proof| proof.stark.batch.log_heights[i] = usize::MAX);
    }
}

/// Forged: one bit of an encoded proof. The decoder or the verifier refuses it, and neither panics.
#[test]
fn no_changed_byte_of_a_proof_is_accepted() {
    let (key, bytes) = tiny();
    let rng = &mut StdRng::seed_from_u64(1);
    // The first part (counts, public values, commitments) is covered densely; the rest is sampled.
    let positions: Vec<usize> = (0..400).step_by(4).chain((0..200).map(|_| rng.random_range(0..bytes.len()))).collect();
    let mut decoded = 0;
    for position in positions {
        let mut forged = bytes.clone();
        forged[position] ^= 1 << rng.random_range(0..8);
        if let Ok(forged) = postcard::from_bytes::<VmProof<Engine>>(&forged) {
            decoded += 1;
            assert!(key.verifying_key().verify(&key.exe_commitment(), &forged).is_err(), "byte {position}");
        }
    }
    assert!(decoded > 20, "only {decoded} of the changed proofs were decoded and reached the verifier");
}

/// A proof file has one encoding. The decoder refuses files that are cut or have trailing bytes.
#[test]
fn proof_files_are_decoded_strictly() {
    let (_, bytes) = tiny();
    let preset = SecurityPreset::Conjectured100.name();
    let file = codec::encode(FileKind::Proof, Engine::name(), preset, &proof()).unwrap();
    let decode =
        |bytes: &[u8]| codec::decode::<VmProof<Engine>>(FileKind::Proof, Engine::name(), bytes, codec::MAX_FILE_LEN);
    let (_, decoded) = decode(&file).unwrap();
    assert_eq!(&postcard::to_stdvec(&decoded).unwrap(), bytes);
    for cut in [0, 1, 8, 20, 40, file.len() / 2, file.len() - 9, file.len() - 1] {
        assert!(decode(&file[..cut]).is_err(), "{cut} bytes");
    }
    assert!(decode(&[file.clone(), vec![0]].concat()).is_err());
}

#[test]
fn a_stored_key_verifies_what_the_key_verifies() {
    let key = tiny().0.verifying_key();
    let bytes = postcard::to_stdvec(&key.to_stored()).unwrap();
    let loaded = VerifyingKey::load(postcard::from_bytes(&bytes).unwrap()).unwrap();
    assert_eq!(loaded.digest(), key.digest());
    assert_eq!(loaded.exe_commitment(), key.exe_commitment());
    let run = loaded.verify(&loaded.exe_commitment(), &proof()).unwrap();
    let Expected::Exit { public_values, .. } = fixtures::tiny().expected else { panic!("tiny ends") };
    assert_eq!(run.public_values, public_values);
}

/// Collects the paths of all leaves of a JSON value: numbers, booleans, strings and nulls.
fn leaves(value: &serde_json::Value, path: String, out: &mut Vec<String>) {
    use serde_json::Value;
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| leaves(value, format!("{path}/{key}"), out)),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, value)| leaves(value, format!("{path}/{i}"), out)),
        _ => out.push(path),
    }
}

/// Forged: any field of a stored key. Loading refuses the key, or the field has no influence on what the key verifies
/// (`HARMLESS`).
#[test]
fn altered_stored_keys_are_refused() {
    /// Fields that configure the prover, and a limit that is checked when the machine is built. The verifier reads none of them.
    const HARMLESS: [&str; 3] = [
        "/config/system/profiling",
        "/config/system/memory_config/access_capacity",
        "/config/system/memory_config/max_access_adapter_n",
    ];
    use serde_json::Value;
    let honest = serde_json::to_value(tiny().0.verifying_key().to_stored()).unwrap();
    let mut paths = Vec::new();
    leaves(&honest, String::new(), &mut paths);
    // The descriptions of all AIRs have the same fields, so two are enough: one with public values and one without.
    paths.retain(|path| match path.strip_prefix("/stark/body/airs/") {
        Some(rest) => [1, 12].iter().any(|air| rest.starts_with(&format!("{air}/"))),
        None => true,
    });
    // A circuit is covered by its digest as a whole, so a sample of one is enough.
    let mut of_circuits = 0;
    paths.retain(|path| {
        let is_kept = |rest: &str| rest.starts_with("1/") && of_circuits % 8 == 0;
        let keep = path.strip_prefix("/stark/circuits/").is_none_or(is_kept);
        of_circuits += usize::from(path.starts_with("/stark/circuits/1/"));
        keep
    });
    let (mut refused, mut not_decoded, mut accepted) = (0, 0, Vec::new());
    for path in &paths {
        let place = honest.pointer(path).unwrap();
        let changes: Vec<Value> = match place {
            Value::Number(number) => {
                let number = number.as_u64().expect("numbers are not negative");
                [
                    number.checked_add(1),
                    Some(number ^ 16),
                    number.checked_sub(1).filter(|_| path.starts_with("/config")),
                    Some(number / 2).filter(|half| *half > 0 && path.starts_with("/config")),
                ]
                .into_iter()
                .flatten()
                .map(Value::from)
                .collect()
            }
            Value::Bool(flag) => vec![Value::from(!flag)],
            Value::String(text) => vec![Value::from(format!("{text}2")), Value::from(""), Value::from("Provable100")],
            Value::Null => vec![Value::from(1), Value::from(true)],
            other => panic!("{path}: {other}"),
        };
        for change in changes {
            let mut altered = honest.clone();
            *altered.pointer_mut(path).unwrap() = change.clone();
            let Ok(stored) = serde_json::from_value(altered) else {
                not_decoded += 1;
                continue;
            };
            match VerifyingKey::load(stored) {
                Err(_) => refused += 1,
                Ok(key) => {
                    assert_eq!(key.digest(), tiny().0.verifying_key().digest());
                    accepted.push(path.as_str());
                }
            }
        }
    }
    accepted.dedup();
    accepted.sort_unstable_by_key(|path| HARMLESS.iter().position(|harmless| harmless == path));
    assert_eq!(accepted, HARMLESS);
    println!("{} fields: {refused} alterations refused, {not_decoded} not decoded", paths.len());
    assert!(refused > 150, "{refused}");
}

/// Forged: a list of a stored key is shorter, longer or empty, or has two entries exchanged. Loading refuses the key.
#[test]
fn stored_keys_with_other_lists_are_refused() {
    use serde_json::Value;
    let honest = serde_json::to_value(tiny().0.verifying_key().to_stored()).unwrap();
    for path in ["/stark/body/airs", "/stark/body/buses", "/stark/circuits", "/digest", "/exe/initial_root"] {
        let changes: [fn(&mut Vec<Value>); 4] =
            [|list| drop(list.pop()), |list| list.push(list[0].clone()), |list| list.swap(0, 1), |list| list.clear()];
        for (i, change) in changes.into_iter().enumerate() {
            let mut altered = honest.clone();
            change(altered.pointer_mut(path).and_then(Value::as_array_mut).unwrap());
            if altered == honest {
                continue;
            }
            let loaded = serde_json::from_value(altered).map(VerifyingKey::load);
            assert!(!matches!(loaded, Ok(Ok(_))), "{path}, change {i}");
        }
    }
}

/// The digest of a stored key is a checksum that an attacker can recompute. It does not protect the key by itself, but
/// a key for another statement has another digest.
#[test]
fn a_key_for_another_statement_has_another_digest() {
    let key = tiny().0.verifying_key();
    let vm = machine();
    let mut digests = vec![key.digest()];
    for exit in 0..3 {
        let other =
            vm.setup(load_elf(&elf_of(&[asm::terminate(exit)], &[], BASE), &Rv32imVm::default()).unwrap()).unwrap();
        digests.push(other.verifying_key().digest());
    }
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), 4);
}

/// Forged: the entry point of a stored key is not a program counter. Loading refuses the key with an error of its own.
#[test]
fn a_stored_entry_point_must_be_a_program_counter() {
    let mut stored = serde_json::to_value(tiny().0.verifying_key().to_stored()).unwrap();
    *stored.pointer_mut("/exe/pc_start").unwrap() = serde_json::Value::from(1u32 << 30);
    let error = VerifyingKey::load(serde_json::from_value(stored).unwrap()).map(|_| ()).unwrap_err();
    assert!(matches!(error, VmKeyError::EntryPoint { pc_start } if pc_start == 1 << 30), "{error}");
}
