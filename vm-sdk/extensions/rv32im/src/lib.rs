//! RISC-V RV32IM and the host interface as an extension of the machine.
//!
//! Every chip file declares the columns, the constraints, the semantics and the witness of one AIR; `adapters` holds
//! what they share: the ways in which operands reach memory, the program table and the next state.

// Generated code names the crate that users depend on; this extension is part of it.
extern crate vm_core as vm_sdk;

pub mod adapters;
mod byte_product;
pub mod decode;
pub mod opcodes;
mod support;
#[cfg(test)]
mod test_util;
pub mod transpile;

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

use serde::{Deserialize, Serialize};
use vm_core::primitives::BitwiseTable;
use vm_derive::vm_extension;

use opcodes::*;

/// The RV32IM instructions, hints and public values.
#[vm_extension(
    executors(
        AddSub: add_sub::AddSubChip => AddSubOpcode,
        AddImm: add_imm::AddImmChip => AddImmOpcode,
        Bitwise: bitwise::BitwiseChip => BitwiseOpcode,
        BitwiseImm: bitwise_imm::BitwiseImmChip => BitwiseImmOpcode,
        Shift: shift::ShiftChip => ShiftOpcode,
        ShiftImm: shift_imm::ShiftImmChip => ShiftImmOpcode,
        ShiftRightArithImm: shift_imm::ShiftRightArithImmChip => ShiftRightArithImmOpcode,
        LessThan: less_than::LessThanChip => LessThanOpcode,
        LessThanImm: less_than::LessThanImmChip => LessThanImmOpcode,
        BranchEqual: branch::BranchEqualChip => BranchEqualOpcode,
        BranchLessThan: branch::BranchLessThanChip => BranchLessThanOpcode,
        Constant: constant::ConstantChip => ConstantOpcode,
        Jalr: jalr::JalrChip => JalrOpcode,
        LoadWord: load_word::LoadWordChip => LoadWordOpcode,
        LoadSubword: load_subword::LoadSubwordChip => LoadSubwordOpcode,
        StoreWord: store_word::StoreWordChip => StoreWordOpcode,
        StoreSubword: store_subword::StoreSubwordChip => StoreSubwordOpcode,
        Mul: mul::MulChip => MulOpcode,
        MulH: mulh::MulHChip => MulHOpcode,
        DivRem: divrem::DivRemChip => DivRemOpcode,
        HintStoreWord: hint::HintStoreWordChip => [HintStoreOpcode::HINT_STOREW],
        HintBuffer: hint::HintBufferChip => [HintStoreOpcode::HINT_BUFFER],
    ),
    specialised(
        AddSubInPlace: add_sub::AddSubInPlaceChip => AddSubOpcode,
        AddImmInPlace: add_imm::AddImmInPlaceChip => AddImmOpcode,
        BitwiseInPlace: bitwise::BitwiseInPlaceChip => BitwiseOpcode,
        BitwiseImmInPlace: bitwise_imm::BitwiseImmInPlaceChip => BitwiseImmOpcode,
        ShiftImmInPlace: shift_imm::ShiftImmInPlaceChip => ShiftImmOpcode,
    ),
    lookups(Bytes: BitwiseTable),
    phantoms(
        opcodes::phantom::HINT_INPUT => phantom::HintInput,
        opcodes::phantom::PRINT_STR => phantom::PrintStr,
        opcodes::phantom::HINT_RANDOM => phantom::HintRandom,
    ),
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rv32im;
