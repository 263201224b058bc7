//! Arithmetic of RV32IM on plain `u32`s.

use super::decode::{Cond, Op};

/// Returns `a op b` as defined in the chapters "RV32I" and "M" of the specification.
pub fn compute(op: Op, a: u32, b: u32) -> u32 {
    let (sa, sb) = (a as i32, b as i32);
    // The operands, extended to 64 bits with and without sign. The products below fit into 64 bits.
    let (sa64, sb64, ua64, ub64) = (i64::from(sa), i64::from(sb), u64::from(a), u64::from(b));
    // Shifts use only the low five bits of the amount.
    let amount = b & 31;
    match op {
        Op::Add => a.wrapping_add(b),
        Op::Sub => a.wrapping_sub(b),
        Op::Sll => a << amount,
        Op::Slt => u32::from(sa < sb),
        Op::Sltu => u32::from(a < b),
        Op::Xor => a ^ b,
        Op::Srl => a >> amount,
        Op::Sra => (sa >> amount) as u32,
        Op::Or => a | b,
        Op::And => a & b,
        Op::Mul => a.wrapping_mul(b),
        Op::Mulh => ((sa64 * sb64) >> 32) as u32,
        Op::Mulhsu => ((sa64 * ub64 as i64) >> 32) as u32,
        Op::Mulhu => ((ua64 * ub64) >> 32) as u32,
        // Division by zero gives a quotient of all ones, and the dividend as remainder. The overflow MIN / -1 gives the
        // quotient MIN and the remainder 0.
        Op::Div if b == 0 => u32::MAX,
        Op::Div => sa.wrapping_div(sb) as u32,
        Op::Divu if b == 0 => u32::MAX,
        Op::Divu => a / b,
        Op::Rem if b == 0 => a,
        Op::Rem => sa.wrapping_rem(sb) as u32,
        Op::Remu if b == 0 => a,
        Op::Remu => a % b,
    }
}

/// Returns whether a branch on `a cond b` is taken.
pub fn holds(cond: Cond, a: u32, b: u32) -> bool {
    match cond {
        Cond::Eq => a == b,
        Cond::Ne => a != b,
        Cond::Lt => (a as i32) < (b as i32),
        Cond::Ge => (a as i32) >= (b as i32),
        Cond::Ltu => a < b,
        Cond::Geu => a >= b,
    }
}
