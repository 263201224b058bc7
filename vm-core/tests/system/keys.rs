//! Verifying keys of programs: how often each AIR may occur, and which changes of stored keys are refused.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use vm_core::arch::VmInventoryError;
use vm_core::machine::{RunKeyError, StoredVmVerifyingKey, VmKeyError, VmVerifyingKey};
use vm_core::stark::{F, KeyLoadError};

use crate::fixture::{Builder, Engine, Test, fixture, setting};
use crate::machine::{ToyVm, nop};

type Stored = StoredVmVerifyingKey<Engine, ToyVm>;

/// Returns the stored form of the fixture's key, with the value at a path of its JSON changed.
fn stored_with(path: &[&str], change: impl FnOnce(&mut serde_json::Value)) -> Stored {
    let mut value = serde_json::to_value(fixture().key().verifying_key().to_stored()).unwrap();
    change(path.iter().fold(&mut value, |value, key| &mut value[*key]));
    serde_json::from_value(value).unwrap()
}

fn load(stored: Stored) -> Result<VmVerifyingKey<Engine, ToyVm>, VmKeyError> {
    VmVerifyingKey::load(stored)
}

#[test]
fn system_only_independent_airs_may_be_repeated() {
    let test = fixture();
    for air in test.key().verifying_key().stark().airs() {
        let single = ["Program", "Connector", "PublicValues", "Range", "Bitwise"].contains(&air.name.as_str());
        assert_eq!(air.max_instances == 1, single, "{}", air.name);
        let required = single || ["MemoryLeaf", "MemoryNode", "Poseidon2"].contains(&air.name.as_str());
        assert_eq!(air.required, required, "{}", air.name);
        assert_eq!(air.main_next, Vec::<usize>::new(), "{} reads a next row", air.name);
    }
}

#[test]
fn system_stored_keys_verify_after_loading() {
    let test = fixture();
    let key = load(test.key().verifying_key().to_stored()).unwrap();
    assert_eq!(key.digest(), test.key().verifying_key().digest());
    assert_eq!(key.exe_commitment(), test.key().exe_commitment());
    key.verify(&key.exe_commitment(), &test.prove().unwrap()).unwrap();
}

/// A verifier without the machine's code compares the key with the commitment that it trusts, and nothing else.
#[test]
fn system_trusted_keys_are_those_of_the_commitment() {
    let test = fixture();
    let trusted = test.key().exe_commitment();
    let key = test.key().verifying_key().to_stored().load_trusted(&trusted).unwrap();
    assert_eq!((key.digest(), key.exe_commitment()), (test.key().verifying_key().digest(), trusted));
    key.verify(&trusted, &test.prove().unwrap()).unwrap();
    let refused = |alter: &dyn Fn(&mut Stored)| {
        let mut stored = test.key().verifying_key().to_stored();
        alter(&mut stored);
        stored.load_trusted(&trusted).map(drop).unwrap_err()
    };
    let order = F::ORDER_U32;
    let alterations: [&dyn Fn(&mut Stored); 11] = [
        &|key| key.layout.continuations = true,
        &|key| key.layout.num_public_values += 16,
        &|key| key.layout.num_public_values += order as usize,
        &|key| key.layout.as_height += order as usize,
        &|key| key.layout.log_leaves += order as usize,
        &|key| key.layout.public_values_space += u64::from(order),
        &|key| key.exe.pc_start += 4,
        &|key| key.exe.pc_start += order,
        &|key| key.exe.initial_root[7] += F::ONE,
        &|key| key.stark.body.limits.max_log_height += 1,
        &|key| key.stark.body.airs[0].symbolic_digest[0] ^= 1,
    ];
    for (i, alter) in alterations.into_iter().enumerate() {
        let error = refused(alter);
        assert!(matches!(error, RunKeyError::ExeCommitmentMismatch { .. }), "{i}: {error}");
    }
    let error = refused(&|key| key.stark.circuits.swap(0, 1));
    assert!(matches!(error, RunKeyError::Stark(KeyLoadError::Circuit { .. })), "{error}");
}

#[test]
fn system_altered_keys_do_not_load() {
    assert!(load(stored_with(&["exe"], |_| ())).is_ok());
    let error = load(stored_with(&["exe", "pc_start"], |x| *x = 4.into())).err().unwrap();
    assert!(matches!(error, VmKeyError::Digest), "{error}");
    let error = load(stored_with(&["exe", "pc_start"], |x| *x = (1u32 << 30).into())).err().unwrap();
    assert!(matches!(error, VmKeyError::EntryPoint { .. }), "{error}");
    let error = load(stored_with(&["exe", "initial_root"], |x| x[0] = 1.into())).err().unwrap();
    assert!(matches!(error, VmKeyError::Digest), "{error}");
    for (field, value) in [("num_public_values", 16), ("as_height", 3), ("log_leaves", 4), ("public_values_space", 1)] {
        let error = load(stored_with(&["layout", field], |x| *x = value.into())).err().unwrap();
        assert!(matches!(error, VmKeyError::Digest), "{field}: {error}");
    }
    // A shorter clock gives another connector, smaller address spaces or fewer public values give other AIRs.
    let memory = ["config", "system", "memory_config"];
    let change = |field: &str, value: u32| {
        let path: Vec<&str> = memory.iter().copied().chain([field]).collect();
        load(stored_with(&path, |x| *x = value.into())).err().unwrap()
    };
    assert!(matches!(change("clk_max_bits", 28), VmKeyError::Stark(_)));
    assert!(matches!(change("pointer_max_bits", 23), VmKeyError::Stark(_)));
    let error = load(stored_with(&["config", "system", "num_public_values"], |x| *x = 16.into())).err().unwrap();
    assert!(matches!(error, VmKeyError::Stark(_)), "{error}");
    // The memory argument does not support a 30-bit clock.
    let error = change("clk_max_bits", 30);
    assert!(matches!(error, VmKeyError::Config(VmInventoryError::Config { field, .. }) if field.contains("clk")));
}

#[test]
fn system_configurations_out_of_range_are_refused() {
    for clk_max_bits in [16, 30, 31] {
        let builder = Builder::new(ToyVm::new(clk_max_bits)).instruction(0, nop());
        let error = builder.run().unwrap_err().to_string();
        assert!(error.contains("clk_max_bits") && error.contains("17..=29"), "{error}");
    }
    let changes: [fn(&mut ToyVm); 6] = [
        |vm| vm.system.memory_config.pointer_max_bits = 30,
        |vm| vm.system.memory_config.as_height = 4,
        |vm| vm.system.memory_config.as_offset = 0,
        |vm| vm.system.memory_config.decomp = 17,
        |vm| vm.system.num_public_values = 24,
        |vm| vm.system.max_instances = 0,
    ];
    for change in changes {
        let mut config = ToyVm::new(29);
        change(&mut config);
        assert!(Builder::new(config).instruction(0, nop()).run().is_err());
    }
}

#[test]
fn system_a_failing_guest_has_no_proof() {
    // The prover refuses such runs before proving. If a proof is made anyway, the verifier refuses it.
    use vm_core::machine::{ExecutionSegment, VmProof, VmVerificationError};
    let run = setting().instructions(0, [nop(), crate::machine::terminate(1)]);
    assert!(run.build::<Engine>().err().unwrap().to_string().contains("exit code 1"));
    let honest: Test = setting().instruction(0, nop()).build().unwrap();
    let vm = honest.vm();
    let key = vm.setup(run.exe().unwrap()).unwrap();
    let segment: ExecutionSegment<_, _> =
        vm.executor.execute_segments(key.exe(), Vec::new()).unwrap().into_iter().next().unwrap();
    let input = segment.generate_proof_input(key.cached(), &mut key.initial_tree().clone()).unwrap();
    use vm_core::stark::StarkEngine;
    let stark = vm.engine.prove(key.stark(), input.per_air).unwrap();
    let error = key
        .verifying_key()
        .verify(&key.exe_commitment(), &VmProof::new(key.verifying_key().digest(), stark))
        .unwrap_err();
    assert!(matches!(error, VmVerificationError::ExitCodeMismatch { expected: 0, got: 1, .. }), "{error}");
}
