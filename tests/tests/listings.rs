//! Snapshots of the listings of all extensions' AIRs, which show changes of circuits in review.
//!
//! After an intended change, run this test with `UPDATE_LISTINGS=1` and read the diff. The listings of the system's
//! AIRs are tested in vm-core.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use vm_bigint::Bigint;
use vm_bitmanip::Bitmanip;
use vm_derive::VmConfig;
use vm_ecc::Ecc;
use vm_ecc::curve::Curve;
use vm_fp2::Fp2;
use vm_keccak256::Keccak256;
use vm_modular::Modular;
use vm_modular::modulus::Modulus;
use vm_rv32im::Rv32im;
use vm_sdk::arch::fusion::{Fusion, FusionBudget};
use vm_sdk::arch::{
    Chip, ChipUsageGetter, InstructionExecutor, SYSTEM_BUSES, SystemConfig, SystemPort, VmChipComplex, VmConfig,
    VmExecutor, VmInventory,
};
use vm_sdk::config::Rv32imVm;
use vm_sdk::stark::{AirRef, Bus, list_air};
use vm_sdk::transpiler::load_elf;
use vm_sha256::Sha256 as Sha256Extension;
use vm_tests::fixtures::{pseudo_random_words, quicksort};

/// Largest number of columns of an AIR whose listing is stored completely. For wider AIRs, the snapshot has a digest of
/// the constraints instead: the permutation of a hash has thousands of them.
const WIDE: usize = 400;

/// A machine with all extensions of this repository.
#[derive(Clone, Debug, Default, VmConfig)]
struct AllExtensions {
    #[system]
    system: SystemConfig,
    #[extension]
    rv32im: Rv32im,
    #[extension]
    bitmanip: Bitmanip,
    #[extension]
    bigint: Bigint,
    #[extension]
    modular: Modular,
    #[extension]
    fp2: Fp2,
    #[extension]
    ecc: Ecc,
    #[extension]
    keccak256: Keccak256,
    #[extension]
    sha256: Sha256Extension,
}

type Inventory = VmInventory<AllExtensionsExecutor, AllExtensionsPeriphery>;

fn inventory() -> Inventory {
    // The field of secp256k1, which is 3 modulo 4, and its curve.
    let modulus: Modulus = "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f".parse().unwrap();
    let (modular, curve) = (Modular { moduli: vec![modulus] }, Curve::new(modulus, Default::default()).unwrap());
    let fp2 = Fp2::new(vec![modulus]).unwrap();
    let all = AllExtensions { modular, fp2, ecc: Ecc { curves: vec![curve] }, ..AllExtensions::default() };
    all.create_inventory(SystemPort::default()).unwrap()
}

/// Returns the AIRs of the executors and then of the periphery chips, in the order of the inventory.
fn airs(inventory: &Inventory) -> Vec<AirRef> {
    inventory.executors().iter().map(Chip::air).chain(inventory.periphery().iter().map(Chip::air)).collect()
}

/// Returns the buses of the system and of the extensions.
fn buses(inventory: &Inventory) -> Vec<Bus> {
    [&SYSTEM_BUSES[..], &inventory.buses()].concat()
}

/// Returns the listing of an AIR. If the AIR is wide, a digest replaces its constraints.
fn listing(air: &AirRef, buses: &[Bus]) -> String {
    let text = list_air(air, buses);
    if air.column_names().len() <= WIDE {
        return text;
    }
    let (constraints, mut short): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.trim_start().starts_with("constraint "));
    let digest: String = Sha256::digest(constraints.join("\n")).iter().map(|byte| format!("{byte:02x}")).collect();
    let digest = format!("  constraints: SHA-256 {digest}");
    short.push(&digest);
    short.join("\n") + "\n"
}

/// Compares listings with those in a folder, which has no others.
#[track_caller]
fn compare(folder: &str, airs: &[AirRef], buses: &[Bus]) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let update = std::env::var_os("UPDATE_LISTINGS").is_some();
    let mut changed = Vec::new();
    let mut files = BTreeSet::new();
    for air in airs {
        let (name, listing) = (air.name(), listing(air, buses));
        let file = folder.join(format!("{name}.txt"));
        if update {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, &listing).unwrap();
        }
        if std::fs::read_to_string(&file).unwrap_or_default() != listing {
            changed.push(name.clone());
        }
        files.insert(format!("{name}.txt"));
    }
    assert!(changed.is_empty(), "changed: {changed:?}; run with UPDATE_LISTINGS=1 and read the diff");
    let present = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(present.collect::<BTreeSet<_>>(), files, "the folder has listings of other AIRs");
}

#[test]
fn extensions_say_what_they_are_known_to_say() {
    let inventory = inventory();
    compare("listings", &airs(&inventory), &buses(&inventory));
}

/// The fused blocks of a program: what is left of loops with comparisons, loads and stores.
#[test]
fn fused_blocks_say_what_they_are_known_to_say() {
    let config = Rv32imVm::default();
    let fixture = quicksort(&pseudo_random_words(4, 500));
    let exe = load_elf(fixture.elf, &config).unwrap();
    let executor = VmExecutor::new(config.clone());
    let chosen = executor.choose_plan(&exe, fixture.inputs.clone(), FusionBudget::SMALL).unwrap();
    let machine = VmChipComplex::new(&config).unwrap();
    let fusion = Fusion::new(chosen.plan, &mut machine.fuser()).unwrap();
    assert!(fusion.circuits.len() > 3);
    let airs: Vec<AirRef> = fusion.circuits.iter().map(|circuit| Arc::clone(circuit) as AirRef).collect();
    compare("fused_listings", &airs, &SYSTEM_BUSES);
}

/// The machine for which keys are made has an executor and a decoder for every instruction that an extension declares.
#[test]
fn every_declared_instruction_is_wired_in() {
    let mut inventory = inventory();
    let phantoms: Vec<u16> = inventory.take_phantoms().into_iter().map(|(discriminant, _)| discriminant).collect();
    let hashes = [Sha256Extension::instructions(), Keccak256::instructions()].concat();
    let declared = [Rv32im::instructions(), Bitmanip::instructions(), Bigint::instructions(), hashes].concat();
    assert!(declared.len() > 60, "{}", declared.len());
    for info in declared {
        let decoders = || inventory.decoders().iter().filter(|decoder| decoder.name == info.name);
        let is_phantom =
            decoders().any(|decoder| decoder.discriminant.is_some_and(|number| phantoms.contains(&number)));
        let executors = inventory.opcodes().map(|(opcode, id)| inventory.executors()[id].get_opcode_name(opcode));
        let is_executed = is_phantom || executors.into_iter().any(|name| name == info.name);
        assert!(is_executed, "{} has no executor", info.name);
        if let Some(encoding) = info.encoding {
            assert!(decoders().any(|decoder| decoder.encoding == encoding), "{} has no decoder", info.name);
        }
    }
    // The AIR of every executor queries the program table, receives the execution state and sends the next one, once
    // each.
    for (executor, air) in inventory.executors().iter().zip(airs(&inventory)) {
        let text = list_air(&air, &buses(&inventory));
        let messages = |what: &str| text.lines().filter(|line| line.contains(what)).count();
        let counts = ["query program(", "receive execution(", "send execution("].map(messages);
        assert_eq!(counts, [1; 3], "{}", executor.air_name());
    }
}
