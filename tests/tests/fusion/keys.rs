//! Keys with plans: what they commit to, and which alterations are refused.

use std::sync::OnceLock;

use vm_core::machine::fusion::{FusedPath, FusionError, FusionPlan};
use vm_core::machine::{
    RunKeyError, StoredVmVerifyingKey, VirtualMachine, VmKeyError, VmProof, VmProvingKey, VmVerifyingKey,
};
use vm_core::stark::F;
use vm_core::stark::{KeyLoadError, SecurityPreset, StarkEngine};
use vm_sdk::config::Rv32imVm;
use vm_sdk::p3::field::PrimeCharacteristicRing;

use crate::programs::Program;
use crate::support::Engine;

type Key = VmProvingKey<Engine, Rv32imVm>;
type Stored = StoredVmVerifyingKey<Engine, Rv32imVm>;

/// Keys of one program: without a plan, and with two plans.
struct Keys {
    keys: [Key; 3],
    proofs: [VmProof<Engine>; 3],
}

fn made() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let program = program();
        let vm = VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), Rv32imVm::default());
        let ranges: [&[(usize, usize)]; 3] = [&[], &[(0, 6)], &[(4, 9), (12, 20)]];
        let keys = ranges.map(|ranges| {
            let path = |(start, end): &(usize, usize)| program.path(&program.executed[*start..*end]);
            vm.setup_fused(program.exe.clone(), FusionPlan { paths: ranges.iter().map(path).collect() }).unwrap()
        });
        let proofs = keys.each_ref().map(|key| vm.prove(key, Vec::<Vec<u8>>::new()).unwrap().proof);
        Keys { keys, proofs }
    })
}

/// A program whose first instructions go straight on.
fn program() -> Program {
    use vm_tests::model::asm;
    let mut code = vec![];
    for register in 5..15 {
        code.extend([asm::addi(register, register - 1, 3), asm::xor(register + 1, register, register - 1)]);
    }
    code.extend([asm::lui(16, 0x300), asm::sw(14, 16, 0), asm::reveal(0, 14, 0), asm::terminate(0)]);
    Program::new(&[], |_| code.clone())
}

#[test]
fn plans_change_no_commitment_to_the_executable() {
    let Keys { keys, proofs } = made();
    let commitment = keys[0].exe_commitment();
    let verify = |key: &Key, proof: &VmProof<Engine>| key.verifying_key().verify(&commitment, proof);
    let plain = verify(&keys[0], &proofs[0]).unwrap();
    for (index, key) in keys.iter().enumerate() {
        assert_eq!(key.exe_commitment(), commitment);
        for (other, proof) in proofs.iter().enumerate() {
            let verified = verify(key, proof);
            assert_eq!(verified.is_ok(), index == other, "key {index}, proof {other}");
            if let Ok(verified) = verified {
                assert_eq!(verified.public_values, plain.public_values);
                assert_eq!(verified.final_root, plain.final_root);
            }
            // Nor if the proof claims to be for this key.
            let mut relabelled: VmProof<Engine> = postcard::from_bytes(&postcard::to_stdvec(proof).unwrap()).unwrap();
            relabelled.key_digest = key.verifying_key().digest();
            assert_eq!(verify(key, &relabelled).is_ok(), index == other, "key {index}, proof {other}");
        }
    }
    assert_eq!(keys[0].verifying_key().trusted_commitment(), commitment);
    let trusted = keys.each_ref().map(|key| key.verifying_key().trusted_commitment());
    assert!(trusted[0] != trusted[1] && trusted[1] != trusted[2] && trusted[0] != trusted[2]);
}

fn load(stored: Stored) -> Result<VmVerifyingKey<Engine, Rv32imVm>, VmKeyError> {
    VmVerifyingKey::load(stored)
}

#[test]
fn stored_keys_with_plans_load() {
    let Keys { keys, proofs } = made();
    for (key, proof) in keys.iter().zip(proofs) {
        let encoded = postcard::to_stdvec(&key.verifying_key().to_stored()).unwrap();
        let loaded = load(postcard::from_bytes(&encoded).unwrap()).unwrap();
        assert_eq!(loaded.digest(), key.verifying_key().digest());
        assert_eq!(loaded.exe_commitment(), key.exe_commitment());
        assert_eq!(loaded.fusion().plan, key.verifying_key().fusion().plan);
        loaded.verify(&key.exe_commitment(), proof).unwrap();
    }
}

#[test]
fn altered_keys_with_plans_do_not_load() {
    let Keys { keys, .. } = made();
    let refused = |alter: &dyn Fn(&mut Stored)| {
        let mut stored = keys[2].verifying_key().to_stored();
        alter(&mut stored);
        load(stored).err().expect("an altered key loads")
    };
    let plan = &keys[2].verifying_key().fusion().plan;
    let with_plan = |change: &dyn Fn(&mut Vec<FusedPath>)| {
        let mut plan = plan.clone();
        change(&mut plan.paths);
        refused(&|key| key.plan = plan.encode())
    };
    let is_stark = |error: &VmKeyError| matches!(error, VmKeyError::Stark(_));
    for (what, error) in [
        ("no plan", with_plan(&|paths| paths.clear())),
        ("a path less", with_plan(&|paths| paths.truncate(1))),
        ("another order", with_plan(&|paths| paths.reverse())),
        ("a shorter path", with_plan(&|paths| paths[1].steps.truncate(6))),
        ("another immediate", with_plan(&|paths| paths[0].steps[0].1.c += 1)),
        ("another register", with_plan(&|paths| paths[0].steps[0].1.a += 4)),
        ("the plan of another key", refused(&|key| key.plan = keys[1].verifying_key().plan().to_vec())),
        ("the circuits of another key", refused(&|key| key.stark = keys[1].verifying_key().to_stored().stark)),
        (
            "a swapped circuit",
            refused(&|key| {
                let last = key.stark.circuits.len() - 1;
                key.stark.circuits.swap(last, last - 1);
            }),
        ),
        ("a missing circuit", refused(&|key| drop(key.stark.circuits.pop()))),
        (
            "another digest of a circuit",
            refused(&|key| {
                let last = key.stark.body.airs.last_mut().unwrap();
                last.symbolic_digest[0] ^= 1;
            }),
        ),
        (
            "optional planned instructions",
            refused(&|key| {
                let planned = key.stark.body.airs.iter_mut().find(|air| air.name == "PlannedInstructions").unwrap();
                assert!(planned.required);
                planned.required = false;
            }),
        ),
    ] {
        assert!(is_stark(&error), "{what}: {error}");
    }
    for (what, error) in [
        ("half of the plan", refused(&|key| key.plan.truncate(key.plan.len() / 2))),
        ("more than the plan", refused(&|key| key.plan.push(0))),
        ("a path that is not possible", with_plan(&|paths| paths[0].steps.swap(0, 1))),
        ("a path of one instruction", with_plan(&|paths| paths[0].steps.truncate(1))),
    ] {
        assert!(matches!(error, VmKeyError::Plan(_)), "{what}: {error}");
    }
    let error = refused(&|key| key.plan = vec![0; 10 << 20]);
    assert!(matches!(error, VmKeyError::Plan(FusionError::Limit { .. })), "{error}");
    let error = refused(&|key| key.digest[0] += F::ONE);
    assert!(matches!(error, VmKeyError::Digest), "{error}");
    // The commitment to the executable is another one.
    let error = refused(&|key| key.plain[0] += F::ONE);
    assert!(matches!(error, VmKeyError::Digest), "{error}");
    let error = refused(&|key| {
        key.stark.body.limits.max_total_instances -= 1;
        key.stark.digest = key.stark.body.digest();
    });
    assert!(matches!(error, VmKeyError::Limits), "{error}");
    // A digest that fits does not help.
    let error = refused(&|key| {
        key.plan = keys[1].verifying_key().plan().to_vec();
        key.digest = keys[1].verifying_key().digest();
    });
    assert!(is_stark(&error), "{error}");
}

/// A verifier without the machine's code cannot derive the circuits, so it has to trust their commitment.
#[test]
fn verifiers_without_the_machine_trust_the_commitment_to_the_circuits() {
    let Keys { keys, proofs } = made();
    let plain = keys[0].exe_commitment();
    for (key, proof) in keys.iter().zip(proofs) {
        let key = key.verifying_key();
        let trusted = key.trusted_commitment();
        let loaded = key.to_stored().load_trusted(&trusted).unwrap();
        assert_eq!(loaded.digest(), key.digest());
        assert_eq!(loaded.exe_commitment(), plain);
        loaded.verify(&plain, proof).unwrap();
        let of_plain = key.to_stored().load_trusted(&plain).map(drop);
        if key.plan().is_empty() {
            of_plain.unwrap();
        } else {
            assert!(matches!(of_plain, Err(RunKeyError::ExeCommitmentMismatch { .. })));
        }
        // The claim which executable it is.
        let mut stored = key.to_stored();
        stored.plain[3] += F::ONE;
        let claimed = stored.load_trusted(&trusted).map(drop);
        assert!(matches!(claimed, Err(RunKeyError::ExeCommitmentMismatch { .. })));
        let mut stored = key.to_stored();
        let last = stored.stark.circuits.len() - 1;
        stored.stark.circuits.swap(last, 0);
        let error = stored.load_trusted(&trusted).map(drop).unwrap_err();
        assert!(matches!(error, RunKeyError::Stark(KeyLoadError::Circuit { .. })), "{error}");
    }
}
