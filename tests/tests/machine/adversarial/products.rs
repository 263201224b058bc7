//! Products and divisions.

use vm_core::arch::{cells_of, inv_pow2};

use super::attack::{Attack, f};

/// 2^16, the weight of the high cell.
const CELL: i64 = 1 << 16;

/// Forged: a product that is one too large in one of its cells. The AIR's constraints refuse it, unless the carries or
/// cells absorb the error, which their range checks refuse.
#[test]
fn products_are_exact() {
    let product = 0x1234_5678u32.wrapping_mul(0x9abc_def0);
    let [low, high] = cells_of(product);
    Attack::new().result("mul", [low + f(1), high]).refused_by(&["Mul: constraint"]);
    Attack::new().result("mul", [low, high + f(1)]).refused_by(&["Mul: constraint"]);
    // The carries absorb the error, divided by 2^16, so that they are fractions.
    let mut attack = Attack::new();
    attack.add("mul", "carry[0]", -inv_pow2(16)).add("mul", "carry[1]", -(inv_pow2(16) * inv_pow2(16)));
    attack.result("mul", [low + f(1), high]).refused_by(&["range"]);
    let mut attack = Attack::new();
    attack.add("mul", "carry[1]", -inv_pow2(16)).result("mul", [low, high + f(1)]).refused_by(&["range"]);
    // The low cell keeps 2^16 that belong in the carry, and the high cell is smaller by one.
    let mut attack = Attack::new();
    attack.add("mul", "carry[0]", f(-1)).result("mul", [low + f(CELL), high - f(1)]).refused_by(&["range"]);
}

/// Forged: parts of an operand that are not its bytes. A part of 256 or more, or a wrong XOR of two bytes, is refused
/// by the bitwise lookup (MUL) or the range checks (MULH). Bytes of another operand are refused by the memory bus.
#[test]
fn factors_are_split_into_bytes() {
    let mut attack = Attack::new();
    attack.add("mul", "x[0]", f(256)).add("mul", "x[1]", f(-1)).refused_also_by("bitwise");
    let mut attack = Attack::new();
    attack.add("mul", "x_xor[0]", f(1)).refused_by(&["bitwise"]);
    let mut attack = Attack::new();
    attack.add("mulh", "x[0]", f(256)).add("mulh", "x[1]", f(-1)).refused_also_by("range");
    Attack::new().add("mul", "c[0]", f(1)).refused_also_by("memory");
}

/// Forged: a high product is executed as another one, with its honest witness. The program lookup refuses it, because
/// the opcode differs. A row with two flags is refused by the constraints, because the flags must sum up to a boolean.
#[test]
fn high_products_are_not_exchanged() {
    Attack::new().borrow("mulh", "mulhu").refused_by(&["program"]);
    Attack::new().borrow("mulhu", "mulhsu").refused_by(&["program"]);
    Attack::new().borrow("mulhsu", "mulh").refused_by(&["program"]);
    Attack::new().set("mulh", "is_mulhu", f(1)).refused_also_by("MulH: constraint");
}

/// Forged: the signs of the operands, with the right opcode but the witness of another one. A missing sign is refused
/// by the range check of the top byte. A sign of an unsigned operand is refused by the constraints.
#[test]
fn signs_of_factors_are_theirs() {
    let swap = |site: &str, donor: &str, [flag, donor_flag]: [&str; 2]| {
        let mut attack = Attack::new();
        attack.borrow(site, donor).set(site, donor_flag, f(0)).set(site, flag, f(1));
        attack
    };
    // Interpreted as signed, both operands are negative.
    swap("mulh", "mulhu", ["is_mulh", "is_mulhu"]).refused_by(&["range"]);
    swap("mulhsu", "mulhu", ["is_mulhsu", "is_mulhu"]).refused_by(&["range"]);
    swap("mulh", "mulhsu", ["is_mulh", "is_mulhsu"]).refused_by(&["range"]);
    swap("mulhu", "mulh", ["is_mulhu", "is_mulh"]).refused_by(&["MulH: constraint"]);
    swap("mulhsu", "mulh", ["is_mulhsu", "is_mulh"]).refused_also_by("MulH: constraint");
}

/// Forged: a wrong high product. The constraints refuse it, unless the sign of the product or a carry absorbs the
/// error. Then the range checks of the result or of the carry refuse it.
#[test]
fn high_products_are_exact() {
    let mut attack = Attack::new();
    let [low, high] = attack.pair("mulhsu", "y");
    // −16 · 0x8000_0003 is negative. Without its sign, the high cell of the result is smaller by 2^16.
    assert_eq!(attack.get("mulhsu", "negative"), f(1));
    attack.set("mulhsu", "negative", f(0)).result("mulhsu", [low, high - f(CELL)]).refused_by(&["range"]);
    Attack::new().result("mulhsu", [low + f(1), high]).refused_by(&["MulH: constraint"]);
    let mut attack = Attack::new();
    attack.add("mulhsu", "carry[2]", -inv_pow2(16));
    attack.result("mulhsu", [low + f(1), high - inv_pow2(16)]).refused_by(&["range"]);
}

/// Forged: a quotient of 100 and 7 that is off by one. With 100 = 7·13 + 9, the remainder is not less than the divisor;
/// with 100 = 7·15 − 5, it is negative. The range checks or the constraints of the gap and of the signs refuse both.
#[test]
fn quotients_are_not_off_by_one() {
    let site = "divu of 100 and 7";
    let mut attack = Attack::new();
    // The gap |7| − |9| − 1 = −3 is not in range, neither as one negative low cell nor with a borrow from the high
    // cell.
    attack.set(site, "q[0]", f(13)).set(site, "r[0]", f(9)).set(site, "gap[0]", f(-3));
    attack.result(site, cells_of(13)).refused_by(&["range"]);
    attack.set(site, "gap[0]", f(CELL - 3)).set(site, "gap_carry", f(-1)).set(site, "gap[1]", f(-1));
    attack.refused_by(&["range"]);
    // The gap of the honest run, 4, is refused by the constraints.
    attack.set(site, "gap[0]", f(4)).set(site, "gap_carry", f(0)).set(site, "gap[1]", f(0));
    attack.refused_by(&["DivRem: constraint"]);

    // R = −5 is the word 2^32 − 5 with a sign, so 7·15 + (2^32 − 5) − 100 = 2^32, and the gap is |7| − |5| − 1 = 1. The
    // constraints refuse it, because the sign of the remainder is not that of the dividend.
    let mut attack = Attack::new();
    attack.set(site, "q[0]", f(15)).set_pair(site, "r", cells_of(-5i32 as u32)).set(site, "r_sign", f(1));
    attack.set(site, "carry[0]", f(1)).set(site, "carry[1]", f(1)).set(site, "carry[2]", f(0));
    // The gap by cells. Low: 7 + (2^16 − 5) − 1 = 2^16 + 1. High: 0 + (2^16 − 1) + 1 − 2^16 = 0.
    attack.set(site, "gap[0]", f(1)).set(site, "gap_carry", f(1)).set(site, "gap[1]", f(0));
    attack.result(site, cells_of(15)).refused_by(&["DivRem: constraint"]);
}

/// Forged: −7 = 2·(−4) + 1, a quotient that is rounded down instead of towards zero. The constraints refuse it, because
/// the sign of the remainder is not that of the dividend.
#[test]
fn quotients_are_rounded_towards_zero() {
    let mut attack = Attack::new();
    let site = "div";
    attack.set(site, "q[0]", f(0xfc)).set_pair(site, "r", cells_of(1)).set(site, "r_sign", f(0));
    // C·Q + R − X by cells. The lower two are 2·0xfffc + 1 − 0xfff9 = 2^16 and 2·0xffff + 0 − 0xffff + 1 = 2^16. In the
    // third one, the signs give q_sign·c0 − x_sign = 2 − 1 = 1, which cancels the carry of 1.
    for (carry, value) in [("carry[0]", 1), ("carry[1]", 1), ("carry[2]", 0)] {
        attack.set(site, carry, f(value));
    }
    attack.set(site, "gap[0]", f(0)).set(site, "gap_carry", f(0)).set(site, "gap[1]", f(0));
    attack.result(site, cells_of(-4i32 as u32)).refused_by(&["DivRem: constraint"]);
}

/// Forged: a division by zero with another quotient than the word of all ones, and a division by 7 that is claimed to
/// be one by zero.
#[test]
fn divisions_by_zero_are_what_they_are() {
    // Claimed: 100 / 0 = 0 with remainder 100, which the equation allows. The constraints refuse it, both with the flag
    // of a division by zero and without it.
    let site = "divu of 100 and 0";
    let mut attack = Attack::new();
    for i in 0..4 {
        attack.set(site, &format!("q[{i}]"), f(0));
    }
    attack.result(site, cells_of(0)).refused_by(&["DivRem: constraint"]);
    attack.set(site, "is_zero", f(0)).refused_by(&["DivRem: constraint"]);
    // Without the flag and with the gap |0| − |100| − 1, which is negative, the range check refuses it.
    attack.set(site, "gap[0]", f(-101)).set(site, "gap[1]", f(0)).set(site, "gap_carry", f(0)).refused_by(&["range"]);
    // Claimed: the divisor 7 is zero. The constraints refuse it.
    let site = "divu of 100 and 7";
    Attack::new().set(site, "is_zero", f(1)).refused_by(&["DivRem: constraint"]);
}

/// Forged: the quotient of the least number, −2^31, and −1. The result must be the word 0x8000_0000. The constraints
/// refuse a quotient with a sign, and the greatest number as the result.
#[test]
fn the_overflow_of_a_division_is_itself() {
    let site = "div of least and -1";
    let mut attack = Attack::new();
    let q_sign = attack.get(site, "q_sign");
    // The quotient is +2^31, which fits into an unsigned word, so its sign is 0.
    assert_eq!(q_sign, f(0));
    attack.set(site, "q_sign", f(1)).refused_by(&["DivRem: constraint"]);
    let mut attack = Attack::new();
    attack.set(site, "q[0]", f(0xff)).set(site, "q[1]", f(0xff)).set(site, "q[2]", f(0xff)).set(site, "q[3]", f(0x7f));
    attack.result(site, cells_of(0x7fff_ffff)).refused_by(&["DivRem: constraint"]);
}

/// Forged: a division is executed as another one, with its honest witness. The program lookup refuses it, because the
/// opcode differs. With the right opcode, the signs are wrong: the range checks refuse a signed operand without its
/// sign, and the constraints refuse an unsigned operand with one.
#[test]
fn divisions_are_not_exchanged() {
    Attack::new().borrow("div", "divu").refused_by(&["program"]);
    Attack::new().borrow("divu", "remu").refused_by(&["program"]);
    Attack::new().borrow("rem", "div").refused_by(&["program"]);
    Attack::new().borrow("div", "divu").set("div", "is_unsigned", f(0)).refused_by(&["range"]);
    Attack::new().borrow("remu", "rem").set("remu", "is_unsigned", f(1)).refused_also_by("DivRem: constraint");
    // Only the sign of the remainder is wrong. The constraints refuse it.
    Attack::new().set("rem", "r_sign", f(0)).refused_also_by("DivRem: constraint");
    // REM returns the quotient. A constraint copies the remainder to the result.
    Attack::new().result("rem", cells_of(-3i32 as u32)).refused_by(&["DivRem: constraint"]);
}

/// Forged: fractions as carries of C·Q + R − X. The range checks of the carries refuse them.
#[test]
fn carries_of_divisions_are_integers() {
    let site = "divu of 100 and 7";
    let mut attack = Attack::new();
    // The remainder is 3 instead of 2, so a carry of 1/2^16 moves through all cells.
    attack.set(site, "r[0]", f(3)).set(site, "gap[0]", f(3));
    attack.add(site, "carry[0]", inv_pow2(16)).add(site, "carry[1]", inv_pow2(16) * inv_pow2(16));
    attack.add(site, "carry[2]", inv_pow2(16) * inv_pow2(16) * inv_pow2(16));
    // The last equation has no carry out, so the constraints refuse it, too.
    attack.refused_by(&["DivRem: constraint", "range"]);
}
