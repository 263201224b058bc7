//! Formats of instruction words, for declared adapters.

use vm_core::arch::authoring::{RegisterField, WordFormat};

use crate::fields::{Fields, major};
use crate::opcodes::{destination, jump_target, register};

const RD: RegisterField = RegisterField { name: "rd", bit: 7 };
const RS1: RegisterField = RegisterField { name: "rs1", bit: 15 };
const RS2: RegisterField = RegisterField { name: "rs2", bit: 20 };
const RS3: RegisterField = RegisterField { name: "rs3", bit: 27 };

/// Returns the number of the register in a field.
const fn number(word: u32, field: RegisterField) -> u8 {
    (word >> field.bit & 31) as u8
}

/// Defines formats: their register fields and, after `=>`, constants of [`WordFormat`].
macro_rules! formats {
    ($($(#[$doc:meta])* $format:ident: $($field:ident),+ $(=> $constant:ident = $value:expr)?;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $format {}

        impl $format {
            $(
                #[doc = concat!("The field `", stringify!($field), "`.")]
                pub const $field: RegisterField = $field;
            )+
        }

        impl WordFormat for $format {
            $(const $constant: Option<constant_type!($constant)> = Some($value);)?

            fn source(word: u32, field: RegisterField) -> u32 {
                register(number(word, field))
            }

            fn destination(word: u32, field: RegisterField) -> u32 {
                destination(number(word, field))
            }
        }
    )+};
}

macro_rules! constant_type {
    (IMMEDIATE) => { fn(u32) -> u32 };
    (TARGET) => { fn(u32, u32) -> u32 };
}

formats! {
    /// R format: `rd`, `rs1`, `rs2`.
    Rv32R: RD, RS1, RS2;
    /// R4 format: `rd`, `rs1`, `rs2`, `rs3`.
    Rv32R4: RD, RS1, RS2, RS3;
    /// I format: `rd`, `rs1`, `imm`.
    Rv32I: RD, RS1 => IMMEDIATE = |word| Fields(word).i_imm().cast_unsigned();
    /// B format: `rs1`, `rs2`, and the target of a branch.
    Rv32B: RS1, RS2 => TARGET = |word, pc| jump_target(pc, Fields(word).b_imm());
}

/// [`Rv32R`] with the sources of ADD, XOR, OR and AND in the order in which more of them have `rd = rs1`.
#[derive(Clone, Copy, Debug)]
pub enum Rv32Arithmetic {}

impl Rv32Arithmetic {
    /// The field `RD`.
    pub const RD: RegisterField = RD;
    /// The field `RS1`.
    pub const RS1: RegisterField = RS1;
    /// The field `RS2`.
    pub const RS2: RegisterField = RS2;
}

impl WordFormat for Rv32Arithmetic {
    fn source(word: u32, field: RegisterField) -> u32 {
        let fields = Fields(word);
        // The specialised chips serve `rd = rs1`, not `rd = rs2`.
        let is_reversed = is_commutative(word) && destination(fields.rd()) == register(fields.rs2());
        let field = match field {
            RS1 if is_reversed => RS2,
            RS2 if is_reversed => RS1,
            field => field,
        };
        Rv32R::source(word, field)
    }

    fn destination(word: u32, field: RegisterField) -> u32 {
        Rv32R::destination(word, field)
    }
}

/// Returns whether a word is an ADD, XOR, OR or AND.
fn is_commutative(word: u32) -> bool {
    let fields = Fields(word);
    (fields.opcode(), fields.funct7()) == (major::OP, 0) && matches!(fields.funct3(), 0 | 4 | 6 | 7)
}
