//! Names what a word that the machine does not have would be on another RISC-V machine, for error messages.

use crate::fields::{Fields, major};

/// Major opcodes of instructions that the machine does not have ("RISC-V base opcode map" in the unprivileged
/// specification).
mod foreign {
    pub(super) const LOAD_FP: u32 = 0x07;
    pub(super) const OP_IMM_32: u32 = 0x1b;
    pub(super) const STORE_FP: u32 = 0x27;
    pub(super) const AMO: u32 = 0x2f;
    pub(super) const OP_32: u32 = 0x3b;
    pub(super) const MADD: u32 = 0x43;
    pub(super) const MSUB: u32 = 0x47;
    pub(super) const NMSUB: u32 = 0x4b;
    pub(super) const NMADD: u32 = 0x4f;
    pub(super) const OP_FP: u32 = 0x53;
    pub(super) const OP_V: u32 = 0x57;
    pub(super) const CUSTOM_0: u32 = 0x0b;
    pub(super) const CUSTOM_1: u32 = 0x2b;
    pub(super) const CUSTOM_2: u32 = 0x5b;
    pub(super) const CUSTOM_3: u32 = 0x7b;
}

const ATOMICS: &str = "an instruction of the extension A (atomics), which the machine does not have; \
                       build with -march=rv32im, for Rust with -Cpasses=lower-atomic";
const SINGLE: &str = "an instruction of the extension F (single-precision floats), which the machine does not have; \
                      build with -march=rv32im -mabi=ilp32";
const DOUBLE: &str = "an instruction of the extension D (double-precision floats), which the machine does not have; \
                      build with -march=rv32im -mabi=ilp32";
const OTHER_FLOATS: &str = "an instruction of the extension Q or Zfh (floats), which the machine does not have; \
                            build with -march=rv32im -mabi=ilp32";
const COMPRESSED: &str = "an instruction of the extension C (compressed, 16 bits), which the machine does not have; \
                          build with -march=rv32im";
const VECTOR: &str = "an instruction of the extension V (vectors), which the machine does not have; \
                      build with -march=rv32im";
const BITS: &str = "an instruction of the extensions for bit manipulation (Zba, Zbb, Zbs, Zbkb), which the machine does \
                    not have; build with -march=rv32im";
const CONDITIONAL: &str = "an instruction of the extension Zicond, which the machine does not have; \
                           build with -march=rv32im";
const WIDE: &str = "an instruction of RV64; build with -march=rv32im";
const COUNTERS: &str = "an instruction of the extension Zicsr that reads a counter (cycle, time or instret); guests have \
                        no counters and no clock";
const CSR: &str = "an instruction of the extension Zicsr (control and status registers), which the machine does not have; \
                   a guest has one thread and no interrupts, so it needs none";
const PRIVILEGED: &str = "an instruction of the privileged architecture, which guests do not have";
const BREAKPOINT: &str = "a breakpoint (ebreak); compilers also put it where the program must not arrive";
const CACHE: &str = "an instruction of the extension Zicbom or Zicboz (caches), which the machine does not have";
const CUSTOM: &str = "an instruction of an extension, which the machine does not have; \
                      `cargo chipwright` has machines with extensions (--machine)";
const ZERO: &str = "zero: data or unused memory, not code";

/// Returns what `word` is, with advice, if it is a known RISC-V instruction that the machine does not have. The text
/// continues a sentence like "the word is …".
pub fn describe_absent(word: u32) -> Option<&'static str> {
    use foreign::*;
    let fields = Fields(word);
    let (funct3, funct7) = (fields.funct3(), fields.funct7());
    if word == 0 {
        return Some(ZERO);
    }
    // Lengths other than 32 bits ("Expanded instruction-length encoding").
    if word & 3 != 3 {
        return Some(COMPRESSED);
    }
    Some(match fields.opcode() {
        AMO => ATOMICS,
        LOAD_FP | STORE_FP => match funct3 {
            2 => SINGLE,
            3 => DOUBLE,
            1 | 4 => OTHER_FLOATS,
            _ => VECTOR,
        },
        // Bits 25 and 26 select the format of the numbers.
        MADD | MSUB | NMSUB | NMADD | OP_FP => match funct7 & 3 {
            0 => SINGLE,
            1 => DOUBLE,
            _ => OTHER_FLOATS,
        },
        OP_V => VECTOR,
        CUSTOM_0 | CUSTOM_1 | CUSTOM_2 | CUSTOM_3 => CUSTOM,
        OP_32 | OP_IMM_32 => WIDE,
        major::LOAD if funct3 == 3 || funct3 == 6 => WIDE,
        major::STORE if funct3 == 3 => WIDE,
        major::MISC_MEM if funct3 == 2 => CACHE,
        major::OP if funct7 == 7 && matches!(funct3, 5 | 7) => CONDITIONAL,
        major::OP if matches!(funct7, 0x04 | 0x05 | 0x10 | 0x14 | 0x20 | 0x24 | 0x30 | 0x34) => BITS,
        major::OP_IMM if matches!(funct3, 1 | 5) && matches!(funct7, 0x04 | 0x14 | 0x24 | 0x30 | 0x34) => BITS,
        major::SYSTEM => match (funct3, word >> 20) {
            (0, 1) => BREAKPOINT,
            (0 | 4, _) => PRIVILEGED,
            (_, 0xc00..=0xc02 | 0xc80..=0xc82) => COUNTERS,
            _ => CSR,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_instructions_are_named() {
        for (word, expected) in [
            (0x0000_0000, ZERO),
            (0x0000_4501, COMPRESSED),   // c.li a0, 0
            (0x00b5_252f, ATOMICS),      // amoadd.w a0, a1, (a0)
            (0x1005_252f, ATOMICS),      // lr.w a0, (a0)
            (0x0005_2007, SINGLE),       // flw ft0, 0(a0)
            (0x0010_0053, SINGLE),       // fadd.s ft0, ft0, ft1
            (0x0220_0053, DOUBLE),       // fadd.d ft0, ft0, ft2
            (0x0000_3027, DOUBLE),       // fsd ft0, 0(x0)
            (0x0210_0043, DOUBLE),       // fmadd.d
            (0x0410_0053, OTHER_FLOATS), // fadd.h
            (0x0d05_7057, VECTOR),       // vsetvli
            (0x0205_6007, VECTOR),       // vle32.v
            (0x0000_3003, WIDE),         // ld
            (0x0000_6003, WIDE),         // lwu
            (0x0000_3023, WIDE),         // sd
            (0x0015_051b, WIDE),         // addiw
            (0x00b5_053b, WIDE),         // addw
            (0x20b5_2533, BITS),         // sh1add
            (0x40b5_7533, BITS),         // andn
            (0x6005_1513, BITS),         // clz
            (0x0eb5_5533, CONDITIONAL),  // czero.eqz
            (0xc000_2573, COUNTERS),     // rdcycle
            (0xc010_2573, COUNTERS),     // rdtime
            (0xc820_2573, COUNTERS),     // rdinstreth
            (0x3401_1173, CSR),          // csrrw sp, mscratch, sp
            (0x3004_7073, CSR),          // csrci mstatus, 8
            (0x3020_0073, PRIVILEGED),   // mret
            (0x1050_0073, PRIVILEGED),   // wfi
            (0x0010_0073, BREAKPOINT),   // ebreak
            (0x0005_200f, CACHE),        // cbo.inval
            (0x0000_400b, CUSTOM),       // no instruction of RV32IM
            (0x0a07_06ab, CUSTOM),       // setupmod
        ] {
            assert_eq!(describe_absent(word), Some(expected), "{word:#010x}");
        }
        assert_eq!(describe_absent(u32::MAX), None);
    }
}
