//! RISC-V RV32IM and the host interface as an extension of the machine.
//!
//! Each instruction file declares the instructions that share a chip: words, columns, semantics, witness and
//! constraints. The module [`adapters`] contains what they have in common and what instructions of other extensions may
//! use: how operands are decoded, and how they reach memory, the program table and the next state.

// Generated code names the crate that users depend on, which includes this extension.
extern crate vm_core as vm_sdk;

pub mod adapters;
mod byte_product;
pub mod fields;
pub mod opcodes;
mod support;
#[cfg(test)]
mod test_util;
pub mod words;

pub mod add_imm;
pub mod add_sub;
pub mod bitwise;
pub mod bitwise_imm;
pub mod branch;
pub mod constant;
pub mod divrem;
pub mod hint;
pub mod jalr;
pub mod less_than;
pub mod load_subword;
pub mod load_word;
pub mod mul;
pub mod mulh;
pub mod phantom;
pub mod shift;
pub mod shift_imm;
pub mod shift_split;
pub mod store_subword;
pub mod store_word;

/// All instructions, grouped by the chips that they share.
pub mod instructions {
    pub use crate::add_imm::AddImm;
    pub use crate::add_sub::AddSub;
    pub use crate::bitwise::Bitwise;
    pub use crate::bitwise_imm::BitwiseImm;
    pub use crate::branch::{BranchEqual, BranchLessThan};
    pub use crate::constant::Constant;
    pub use crate::divrem::DivRem;
    pub use crate::hint::{HintBuffer, HintStoreOpcode, HintStoreWord};
    pub use crate::jalr::Jalr;
    pub use crate::less_than::{LessThan, LessThanImm};
    pub use crate::load_subword::LoadSubword;
    pub use crate::load_word::LoadWord;
    pub use crate::mul::Mul;
    pub use crate::mulh::MulH;
    pub use crate::shift::Shift;
    pub use crate::shift_imm::{ShiftImm, ShiftRightArithImm};
    pub use crate::store_subword::StoreSubword;
    pub use crate::store_word::StoreWord;
}

use serde::{Deserialize, Serialize};
use vm_core::primitives::BitwiseTable;
use vm_derive::vm_extension;

use adapters::operands::{ImmediateBytes, ShiftAmount};
use adapters::{Rv32AluImmInPlace, Rv32AluInPlace};
use instructions::*;
use phantom::{HintInput, HintRandom, PrintStr, SpanBegin, SpanEnd};

/// The RV32IM instructions, hints and public values.
#[vm_extension(
    instructions(
        AddSub with Rv32AluInPlace,
        AddImm with Rv32AluImmInPlace,
        Bitwise with Rv32AluInPlace,
        BitwiseImm with Rv32AluImmInPlace<ImmediateBytes>,
        Shift,
        ShiftImm with Rv32AluImmInPlace<ShiftAmount>,
        ShiftRightArithImm,
        LessThan,
        LessThanImm,
        BranchEqual,
        BranchLessThan,
        Constant,
        Jalr,
        LoadWord,
        LoadSubword,
        StoreWord,
        StoreSubword,
        Mul,
        MulH,
        DivRem,
        HintStoreWord,
        HintBuffer,
    ),
    lookups(Bytes: BitwiseTable),
    phantoms(
        HintInput,
        PrintStr,
        HintRandom,
        SpanBegin,
        SpanEnd,
        phantom::UNKNOWN_SYSCALL => phantom::UnknownSyscall,
    ),
    words(words::words()),
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rv32im;
