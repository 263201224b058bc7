//! The instructions of the CPU for which this program was compiled, and those that the CPU has.
//!
//! Arithmetic in the field and hash functions are vector code that is selected at compile time: a prover that was compiled
//! for all x86-64 CPUs is several times slower than one for AVX2, and nothing else shows it ([`Vectors::advice`]). A program
//! that was compiled for more than the CPU has would end with an illegal instruction at any place ([`require`]).

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// Vector instructions for which the prover has code, by the number of field elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum VectorSet {
    /// None: one field element at a time.
    #[serde(rename = "none")]
    Scalar,
    /// NEON of 64-bit ARM: 4 field elements.
    #[serde(rename = "NEON")]
    Neon,
    /// AVX2: 8 field elements.
    #[serde(rename = "AVX2")]
    Avx2,
    /// AVX-512: 16 field elements.
    #[serde(rename = "AVX-512")]
    Avx512,
}

/// The vector instructions that this program uses, and those that the CPU has. Serialised as an object with `compiled`, `cpu`
/// and `advice`, which may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vectors {
    /// Those for which this program was compiled.
    pub compiled: VectorSet,
    /// Those of the CPU on which it runs.
    pub cpu: VectorSet,
}

impl Vectors {
    /// Returns those of this program and this CPU.
    pub fn here() -> Self {
        let compiled = if cfg!(target_feature = "avx512f") {
            VectorSet::Avx512
        } else if cfg!(target_feature = "avx2") {
            VectorSet::Avx2
        } else if cfg!(target_feature = "neon") {
            VectorSet::Neon
        } else {
            VectorSet::Scalar
        };
        Self { compiled, cpu: compiled.max(detected()) }
    }

    /// Returns what a program that proves should say if it uses no vector instructions and the CPU has some: what that costs,
    /// and the line that mends it (figures: `docs/performance.md`). A program that was compiled for AVX2 gains
    /// nothing that was measurable from AVX-512, so there is no advice for it.
    pub fn advice(&self) -> Option<&'static str> {
        (self.compiled == VectorSet::Scalar && self.cpu != VectorSet::Scalar).then_some(
            "this program was compiled without the vector instructions of this CPU: proofs take three to five times as long as \
             they could; compile it with RUSTFLAGS=\"-C target-cpu=native\"",
        )
    }
}

impl Serialize for Vectors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(Some(3))?;
        fields.serialize_entry("compiled", &self.compiled)?;
        fields.serialize_entry("cpu", &self.cpu)?;
        fields.serialize_entry("advice", &self.advice())?;
        fields.end()
    }
}

#[cfg(target_arch = "x86_64")]
fn detected() -> VectorSet {
    if is_x86_feature_detected!("avx512f") {
        VectorSet::Avx512
    } else if is_x86_feature_detected!("avx2") {
        VectorSet::Avx2
    } else {
        VectorSet::Scalar
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detected() -> VectorSet {
    VectorSet::Scalar
}

/// Ends the process with a message and exit code 2 if this program was compiled for instructions that the CPU does not have.
///
/// Without it, such a program ends with an illegal instruction, wherever the first one happens to be. So this call must be the
/// first thing that `main` does, and the rest of it another function that is not inlined:
///
/// ```no_run
/// fn main() {
///     vm_sdk::cpu::require();
///     run();
/// }
///
/// #[inline(never)]
/// fn run() {}
/// ```
///
/// On other CPUs than those of x86-64, it does nothing.
pub fn require() {
    #[cfg(target_arch = "x86_64")]
    x86::require();
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};
    use std::hint::black_box;
    use std::io::{Write, stderr};
    use std::process::exit;

    use Register::{Eax, Ebx, Ecx, Edx};

    #[derive(Clone, Copy)]
    enum Register {
        Eax,
        Ebx,
        Ecx,
        Edx,
    }

    /// An extension of the instruction set, and the bit with which CPUID reports it.
    struct Feature {
        name: &'static str,
        compiled: bool,
        leaf: u32,
        subleaf: u32,
        register: Register,
        mask: u32,
    }

    macro_rules! features {
        ($($leaf:literal, $subleaf:literal, $register:ident: { $($bit:literal $name:tt)* })*) => {
            &[$($(Feature {
                name: $name,
                compiled: cfg!(target_feature = $name),
                leaf: $leaf,
                subleaf: $subleaf,
                register: $register,
                mask: 1 << $bit,
            },)*)*]
        };
    }

    /// What compilers may use without being asked to, or what the proof backend uses. (AMD64 Architecture Programmer's Manual,
    /// volume 3, appendix D; Intel's Software Developer's Manual, volume 2, CPUID.)
    const FEATURES: &[Feature] = features! {
        1, 0, Ecx: {
            0 "sse3" 1 "pclmulqdq" 9 "ssse3" 12 "fma" 13 "cmpxchg16b" 19 "sse4.1" 20 "sse4.2" 22 "movbe" 23 "popcnt" 25 "aes"
            28 "avx" 29 "f16c"
        }
        7, 0, Ebx: {
            3 "bmi1" 5 "avx2" 8 "bmi2" 16 "avx512f" 17 "avx512dq" 19 "adx" 21 "avx512ifma" 28 "avx512cd" 29 "sha" 30 "avx512bw"
            31 "avx512vl"
        }
        7, 0, Ecx: {
            1 "avx512vbmi" 6 "avx512vbmi2" 8 "gfni" 9 "vaes" 10 "vpclmulqdq" 11 "avx512vnni" 12 "avx512bitalg"
            14 "avx512vpopcntdq"
        }
        7, 0, Edx: { 8 "avx512vp2intersect" 23 "avx512fp16" }
        7, 1, Eax: { 4 "avxvnni" 5 "avx512bf16" 23 "avxifma" }
        7, 1, Edx: { 4 "avxvnniint8" 5 "avxneconvert" 10 "avxvnniint16" }
        0x8000_0001, 0, Ecx: { 5 "lzcnt" 6 "sse4a" }
    };

    /// Registers that the system must save when it switches threads (XCR0): 256-bit and 512-bit vectors.
    const AVX_STATE: u64 = 0b110;
    const AVX512_STATE: u64 = 0b1110_0110;

    /// The standard library's macros cannot do this: for a feature for which the program was compiled, they do not ask the CPU.
    /// Every instruction until the message is written must be one that all CPUs have: no vectors, so loops are kept from the
    /// compiler's by `black_box`, and no shift by a variable number (BMI2). A test runs the command on emulated CPUs without AVX.
    #[inline(never)]
    pub(super) fn require() {
        let mut missing = false;
        for index in 0..FEATURES.len() {
            missing |= is_missing(&FEATURES[black_box(index)]);
        }
        if black_box(missing) {
            refuse("");
        }
        let saved = saved_state();
        if (cfg!(target_feature = "avx") && saved & AVX_STATE != AVX_STATE)
            || (cfg!(target_feature = "avx512f") && saved & AVX512_STATE != AVX512_STATE)
        {
            refuse(", because the operating system does not save its vector registers");
        }
    }

    fn is_missing(feature: &Feature) -> bool {
        feature.compiled && !has(feature)
    }

    #[inline(never)]
    fn has(feature: &Feature) -> bool {
        // SAFETY: every x86-64 CPU has CPUID. Newer compilers need no `unsafe` for it.
        #[allow(unsafe_code, unused_unsafe)]
        let answer = unsafe {
            // A CPU that does not know a leaf would answer with another one.
            let last = __cpuid(feature.leaf & 0x8000_0000).eax;
            if last < feature.leaf {
                return false;
            }
            __cpuid_count(feature.leaf, feature.subleaf)
        };
        let register = match feature.register {
            Eax => answer.eax,
            Ebx => answer.ebx,
            Ecx => answer.ecx,
            Edx => answer.edx,
        };
        black_box(register) & feature.mask != 0
    }

    /// Returns XCR0, or 0 if the system does not use it.
    #[inline(never)]
    fn saved_state() -> u64 {
        /// Bit of CPUID for a system that uses XCR0.
        const OSXSAVE: Feature =
            Feature { name: "osxsave", compiled: false, leaf: 1, subleaf: 0, register: Ecx, mask: 1 << 27 };
        #[target_feature(enable = "xsave")]
        #[allow(unsafe_code, unused_unsafe)]
        fn xcr0() -> u64 {
            // SAFETY: the caller has checked that the system lets programs read it.
            unsafe { _xgetbv(0) }
        }
        if !has(&OSXSAVE) {
            return 0;
        }
        // SAFETY: a system that uses XCR0 runs on a CPU with `xsave`.
        #[allow(unsafe_code, unused_unsafe)]
        unsafe {
            xcr0()
        }
    }

    /// Writes the message in parts: to format it would be code of this program.
    #[cold]
    #[inline(never)]
    fn refuse(reason: &str) -> ! {
        write("error: this program was compiled for CPUs with instructions that this one does not have");
        write(reason);
        let mut separator = ": ";
        for index in 0..FEATURES.len() {
            let feature = &FEATURES[black_box(index)];
            if is_missing(feature) {
                write(separator);
                write(feature.name);
                separator = ", ";
            }
        }
        write(
            "; compile it on this computer with RUSTFLAGS=\"-C target-cpu=native\", or with the level of the oldest CPU that \
             will run it, such as -C target-cpu=x86-64-v3 or x86-64-v2\n",
        );
        exit(2)
    }

    /// Writes a part of the message. A failure is ignored, because there is no other place to report it.
    #[inline(never)]
    fn write(text: &str) {
        let _ = stderr().write_all(text.as_bytes());
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// The table against the standard library, which asks the CPU about features for which it was not compiled only. With
        /// `target-cpu=native` this compares with the compiler's own look at the CPU.
        #[test]
        fn this_cpu_has_what_this_program_was_compiled_for() {
            for feature in FEATURES.iter().filter(|feature| feature.compiled) {
                assert!(has(feature), "{}", feature.name);
            }
            assert_eq!(saved_state() & AVX_STATE == AVX_STATE, is_x86_feature_detected!("avx"));
        }

        #[test]
        fn an_unknown_leaf_has_nothing() {
            for leaf in [0x6fff_ffff, 0x8fff_ffff] {
                for register in [Eax, Ebx, Ecx, Edx] {
                    assert!(!has(&Feature { name: "", compiled: true, leaf, subleaf: 0, register, mask: 1 }));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_given_if_vectors_are_not_used() {
        use VectorSet::{Avx2, Avx512, Scalar};
        let advice = |compiled, cpu| Vectors { compiled, cpu }.advice();
        let text = advice(Scalar, Avx512).unwrap();
        assert!(text.contains("compiled without") && text.contains("-C target-cpu=native"), "{text}");
        assert!(advice(Scalar, Avx2).is_some() && advice(Avx2, Avx512).is_none());
        assert!([Scalar, Avx2, Avx512].iter().all(|set| advice(*set, *set).is_none()));
    }

    #[test]
    fn programs_can_read_what_is_missing() {
        let value = serde_json::to_value(Vectors { compiled: VectorSet::Scalar, cpu: VectorSet::Avx2 }).unwrap();
        assert_eq!((&value["compiled"], &value["cpu"]), (&"none".into(), &"AVX2".into()));
        assert!(value["advice"].as_str().unwrap().contains("target-cpu"));
        let value = serde_json::to_value(Vectors { compiled: VectorSet::Avx2, cpu: VectorSet::Avx2 }).unwrap();
        assert!(value["advice"].is_null());
    }

    #[test]
    fn the_cpu_has_at_least_what_this_program_uses() {
        let here = Vectors::here();
        assert!(here.compiled <= here.cpu, "{here:?}");
    }
}
