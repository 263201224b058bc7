//! RV32IM with all first-party extensions, each of which can be left out: the machine of the command `cargo chipwright`.
//!
//! A machine without an extension has none of its circuits. The command leaves out the extensions of which a program has no
//! instruction ([`StandardVm::for_program`]), so that they cost nothing.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vm_bigint::Bigint;
use vm_ecc::Ecc;
use vm_ecc::curve::Curve;
use vm_fp2::Fp2;
use vm_keccak256::Keccak256;
use vm_modular::Modular;
use vm_modular::modulus::Modulus;
use vm_pairing::Pairings;
use vm_rv32im::Rv32im;
use vm_sdk::arch::{InitFileGenerator, SystemConfig, SystemPort, VmInventoryError};
use vm_sdk::elf::ElfImage;
use vm_sdk::prelude::*;
use vm_sdk::transpiler::Transpiler;
use vm_sha256::Sha256;

/// RV32IM with extensions.
///
/// [`StandardVm::default`] has those that need no parameters: keccak256, sha256 and bigint. [`StandardVm::from_str`] reads
/// a description in TOML, which names the extensions of the machine; it has no others. All entries are optional:
///
/// ```
/// use vm_machine::StandardVm;
///
/// let machine: StandardVm = r#"
///     keccak256 = true
///     sha256 = true
///     bigint = true
///     modular = ["0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"]
///     pairing = true
///     fp2 = ["21888242871839275222246405745257275088696311157297823662689037894645226208583"]
///
///     [[ecc]]
///     modulus = "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"
///     a = "0"
/// "#.parse()?;
/// assert!(machine.bigint.is_some());
/// assert_eq!(machine.ecc.unwrap().curves.len(), 1);
/// # Ok::<(), vm_machine::DescriptionError>(())
/// ```
///
/// Moduli are in the order of the programs, odd, and have 253 to 256 or 381 to 384 bits. Those of `fp2` are primes that are 3
/// modulo 4. Curves are y² = x³ + a·x + b; the circuits do not depend on b.
#[derive(Clone, Debug, Serialize, Deserialize, VmConfig)]
pub struct StandardVm {
    /// System configuration.
    #[system]
    pub system: SystemConfig,
    /// The instructions of RV32IM.
    #[extension]
    pub rv32im: Rv32im,
    /// The Keccak-256 hash.
    #[extension]
    pub keccak256: Option<Keccak256>,
    /// The SHA-256 hash.
    #[extension]
    pub sha256: Option<Sha256>,
    /// Integers of 256 bits.
    #[extension]
    pub bigint: Option<Bigint>,
    /// Arithmetic with moduli.
    #[extension]
    pub modular: Option<Modular>,
    /// Arithmetic in quadratic extension fields.
    #[extension]
    pub fp2: Option<Fp2>,
    /// Addition and doubling on elliptic curves.
    #[extension]
    pub ecc: Option<Ecc>,
    /// The hint for pairings.
    #[extension]
    pub pairing: Option<Pairings>,
}

impl InitFileGenerator for StandardVm {}

impl StandardVm {
    /// Returns the machine with RV32IM only.
    pub fn without_extensions(&self) -> Self {
        Self { system: self.system.clone(), ..Description::default().into() }
    }

    /// Returns the machine without the extensions of which a program has no instruction. It runs the program in the same way,
    /// and its keys have no circuits that the program cannot use.
    ///
    /// # Errors
    /// Returns an error if the machine cannot be built.
    pub fn for_program(&self, program: &ElfImage) -> Result<Self, VmInventoryError> {
        const ADD: [fn(&mut StandardVm, &StandardVm); 7] = [
            |to, from| to.keccak256 = from.keccak256,
            |to, from| to.sha256 = from.sha256,
            |to, from| to.bigint = from.bigint,
            |to, from| to.modular.clone_from(&from.modular),
            |to, from| to.fp2.clone_from(&from.fp2),
            |to, from| to.ecc.clone_from(&from.ecc),
            |to, from| to.pairing = from.pairing,
        ];
        let bare = self.without_extensions();
        let mut machine = bare.clone();
        let transpiler = Transpiler::for_machine(&bare)?;
        let words = program.code.iter().flat_map(|range| &range.words);
        let others: Vec<u32> = words.copied().filter(|word| transpiler.disassemble(*word).is_none()).collect();
        for add in ADD {
            let mut extended = bare.clone();
            add(&mut extended, self);
            let transpiler = Transpiler::for_machine(&extended)?;
            if others.iter().any(|word| transpiler.disassemble(*word).is_some()) {
                add(&mut machine, self);
            }
        }
        Ok(machine)
    }
}

impl Default for StandardVm {
    fn default() -> Self {
        Description { keccak256: true, sha256: true, bigint: true, ..Description::default() }.into()
    }
}

/// A machine as text.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Description {
    keccak256: bool,
    sha256: bool,
    bigint: bool,
    modular: Option<Vec<Modulus>>,
    fp2: Option<Fp2>,
    ecc: Option<Vec<Curve>>,
    pairing: bool,
}

impl From<Description> for StandardVm {
    fn from(description: Description) -> Self {
        Self {
            system: SystemConfig::default(),
            rv32im: Rv32im,
            keccak256: description.keccak256.then_some(Keccak256),
            sha256: description.sha256.then_some(Sha256),
            bigint: description.bigint.then_some(Bigint),
            modular: description.modular.map(|moduli| Modular { moduli }),
            fp2: description.fp2,
            ecc: description.ecc.map(|curves| Ecc { curves }),
            pairing: description.pairing.then_some(Pairings),
        }
    }
}

/// Reason for which a text does not describe a machine.
#[derive(Debug, Error)]
pub enum DescriptionError {
    /// The description is not text.
    #[error(transparent)]
    Bytes(#[from] std::str::Utf8Error),
    /// The text is not TOML, has an unknown entry, or a number is not a modulus or a coefficient.
    #[error(transparent)]
    Text(#[from] toml::de::Error),
    /// There is no such machine, for example because a list is too long.
    #[error(transparent)]
    Machine(#[from] VmInventoryError),
}

impl StandardVm {
    /// Reads a description, as [`Self::from_str`].
    ///
    /// # Errors
    /// Those of [`Self::from_str`], and [`DescriptionError::Bytes`].
    pub fn from_bytes(description: &[u8]) -> Result<Self, DescriptionError> {
        std::str::from_utf8(description)?.parse()
    }
}

impl FromStr for StandardVm {
    type Err = DescriptionError;

    fn from_str(text: &str) -> Result<Self, DescriptionError> {
        let machine: Self = toml::from_str::<Description>(text)?.into();
        machine.create_inventory(SystemPort::default())?;
        Ok(machine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECP256K1: &str = "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";

    fn error(text: &str) -> String {
        text.parse::<StandardVm>().unwrap_err().to_string()
    }

    #[test]
    fn a_machine_has_the_extensions_of_its_description_and_no_others() {
        let machine: StandardVm = "".parse().unwrap();
        assert!(machine.keccak256.is_none() && machine.sha256.is_none() && machine.bigint.is_none());
        assert!(machine.modular.is_none() && machine.fp2.is_none() && machine.ecc.is_none());
        let text = format!("sha256 = true\nbigint = false\nmodular = ['{SECP256K1}', '{SECP256K1}']");
        let machine: StandardVm = text.parse().unwrap();
        assert!(machine.keccak256.is_none() && machine.sha256.is_some() && machine.bigint.is_none());
        assert_eq!(machine.modular.unwrap().moduli.len(), 2);
        let machine = StandardVm::default();
        assert!(machine.keccak256.is_some() && machine.sha256.is_some() && machine.bigint.is_some());
    }

    #[test]
    fn errors_say_what_is_wrong_and_where() {
        let message = error("keccak256 = true\nkecak256 = true");
        assert!(message.contains("line 2") && message.contains("unknown field `kecak256`"), "{message}");
        let message = error("\nmodular = ['0x10']");
        assert!(message.contains("line 2") && message.contains("has 253 to 256 or 381 to 384 bits"), "{message}");
        let message = error(&format!("fp2 = ['{}3']", "1".repeat(76)));
        assert!(message.contains("expected a prime that is 3 modulo 4"), "{message}");
        let message = error(&format!("[[ecc]]\nmodulus = '{SECP256K1}'\na = '{SECP256K1}'"));
        assert!(message.contains("line 1") && message.contains("below the modulus"), "{message}");
        let message = error(&format!("[[ecc]]\nmodulus = '{SECP256K1}'\na = '0'\nb = '7'"));
        assert!(message.contains("line 4") && message.contains("unknown field `b`"), "{message}");
        let message = error(&format!("modular = [{}]", format!("'{SECP256K1}',").repeat(17)));
        assert!(message.contains("funct7"), "{message}");
    }
}
