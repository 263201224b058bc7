//! A guest that recovers the signer of a message with the instructions, and one that does it with a crate.

use serde::{Deserialize, Serialize};
use vm_ecc::Ecc;
use vm_ecc::curve::Curve;
use vm_keccak256::Keccak256;
use vm_modular::Modular;
use vm_modular::number::Number;
use vm_rv32im::Rv32im;
use vm_sdk::arch::{InitFileGenerator, SystemConfig, VirtualMachine, VmExecutor};
use vm_sdk::instructions::VmExe;
use vm_sdk::prelude::*;
use vm_sdk::stark::{BabyBearWhirBlake3Engine, SecurityPreset, StarkEngine};
use vm_sdk::transpiler::Transpiler;

/// Sources: `tests/fixtures/rust/rust_ecrecover` and `rust_ecrecover_software`.
const GUEST: &[u8] = include_bytes!("../../../../../tests/fixtures/extensions/rust_ecrecover.elf");
const SOFTWARE: &[u8] = include_bytes!("../../../../../tests/fixtures/extensions/rust_ecrecover_software.elf");

/// The field of secp256k1, and the order of its group.
const MODULI: [&str; 2] = [
    "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
    "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
];

#[derive(Clone, Debug, Serialize, Deserialize, VmConfig)]
struct Machine {
    #[system]
    system: SystemConfig,
    #[extension]
    rv32im: Rv32im,
    #[extension]
    modular: Modular,
    #[extension]
    ecc: Ecc,
    #[extension]
    keccak256: Keccak256,
}

impl InitFileGenerator for Machine {}

impl Machine {
    fn new(moduli: [&str; 2]) -> Self {
        let curve = Curve::new(MODULI[0].parse().unwrap(), Number::ZERO).unwrap();
        Self {
            system: SystemConfig::default(),
            rv32im: Rv32im,
            modular: Modular { moduli: moduli.iter().map(|modulus| modulus.parse().unwrap()).collect() },
            ecc: Ecc { curves: vec![curve] },
            keccak256: Keccak256,
        }
    }
}

fn exe(elf: &[u8]) -> VmExe {
    Transpiler::for_machine(&Machine::new(MODULI)).unwrap().load(elf).unwrap().exe
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

/// The test vector `ValidKey` of the precompiled contract ECRECOVER of go-ethereum: hash, v, r, s, and the address.
fn signature() -> (Vec<u8>, Vec<u8>) {
    let hash = bytes("456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3");
    let r = bytes("9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608");
    let s = bytes("4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada");
    ([hash, vec![28], r, s].concat(), bytes("7156526fbd7a3c72969b54f64e42c10fbb768c8a"))
}

/// Returns the address that a guest reveals, and the number of instructions.
fn run(elf: &[u8], signature: &[u8]) -> (Vec<u8>, u64) {
    let report = VmExecutor::new(Machine::new(MODULI)).execute(&exe(elf), vec![signature.to_vec()]).unwrap();
    (report.public_values[12..32].to_vec(), report.instructions)
}

#[test]
fn the_signer_is_recovered_with_few_instructions() {
    let (signature, address) = signature();
    let (with_instructions, few) = run(GUEST, &signature);
    let (in_software, many) = run(SOFTWARE, &signature);
    assert_eq!(with_instructions, address);
    assert_eq!(in_software, address);
    println!("{few} instructions, and {many} in software");
    assert!(many >= 30 * few, "{few} instructions, and {many} in software");
}

#[test]
fn both_guests_agree_on_signatures_of_every_kind() {
    let (valid, _) = signature();
    let order = bytes(&MODULI[1][2..]);
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut signature = valid.clone();
        change(&mut signature);
        signature
    };
    let signatures = [
        valid.clone(),
        changed(&|s| s[32] = 27),
        changed(&|s| s[32] = 0),
        changed(&|s| s[0] ^= 1),
        // r and s are from 1 to the order minus 1.
        changed(&|s| s[33..65].fill(0)),
        changed(&|s| s[65..].fill(0)),
        changed(&|s| s[33..65].copy_from_slice(&order)),
        changed(&|s| s[65..].copy_from_slice(&order)),
        // No point has this x-coordinate: 5 is not one of secp256k1.
        changed(&|s| {
            s[33..65].fill(0);
            s[64] = 5;
        }),
        // A hash of zero.
        changed(&|s| s[..32].fill(0)),
    ];
    for (i, signature) in signatures.iter().enumerate() {
        assert_eq!(run(GUEST, signature).0, run(SOFTWARE, signature).0, "signature {i}");
    }
}

#[test]
fn a_recovery_is_proven() {
    let (signature, address) = signature();
    let engine = BabyBearWhirBlake3Engine::new(SecurityPreset::Conjectured100);
    let vm = VirtualMachine::new(engine, Machine::new(MODULI));
    let key = vm.setup(exe(GUEST)).unwrap();
    let proven = vm.prove(&key, vec![signature]).unwrap();
    let run = key.verifying_key().verify(&key.exe_commitment(), &proven.proof).unwrap();
    assert_eq!(run.public_values[12..32], address);
}

#[test]
fn a_machine_with_other_moduli_does_not_run_the_guest() {
    let [field, order] = MODULI;
    let machine = Machine::new([order, field]);
    let exe = Transpiler::for_machine(&machine).unwrap().load(GUEST).unwrap().exe;
    let error = VmExecutor::new(machine).execute(&exe, vec![signature().0]).unwrap_err().to_string();
    assert!(error.contains("the program's modulus number 0 is 0xffff"), "{error}");
    assert!(error.contains("give the machine the moduli in the order of the program"), "{error}");
}
