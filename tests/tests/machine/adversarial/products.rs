//! Products and divisions.

use vm_core::arch::{cells_of, inv_pow2};

use super::attack::{Attack, f};

const CELL: i64 = 1 << 16;

/// A product that is one too large; with fractions as carries; with a carry left in its cell.
#[test]
fn products_are_exact() {
    let product = 0x1234_5678u32.wrapping_mul(0x9abc_def0);
    let [low, high] = cells_of(product);
    Attack::new().result("mul", [low + f(1), high]).refused_by(&["Mul: constraint"]);
    Attack::new().result("mul", [low, high + f(1)]).refused_by(&["Mul: constraint"]);
    // The carries absorb the error, divided by 2^16.
    let mut attack = Attack::new();
    attack.add("mul", "carry[0]", -inv_pow2(16)).add("mul", "carry[1]", -(inv_pow2(16) * inv_pow2(16)));
    attack.result("mul", [low + f(1), high]).refused_by(&["range"]);
    let mut attack = Attack::new();
    attack.add("mul", "carry[1]", -inv_pow2(16)).result("mul", [low, high + f(1)]).refused_by(&["range"]);
    // 2^16 of the low cell stays there, and misses in the high one.
    let mut attack = Attack::new();
    attack.add("mul", "carry[0]", f(-1)).result("mul", [low + f(CELL), high - f(1)]).refused_by(&["range"]);
}

/// Bytes that are none: 256 moves from one to the next (the operand is the same), and bytes that make another operand.
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

/// MULH as MULHU and the like, with their honest witnesses.
#[test]
fn high_products_are_not_exchanged() {
    Attack::new().borrow("mulh", "mulhu").refused_by(&["program"]);
    Attack::new().borrow("mulhu", "mulhsu").refused_by(&["program"]);
    Attack::new().borrow("mulhsu", "mulh").refused_by(&["program"]);
    Attack::new().set("mulh", "is_mulhu", f(1)).refused_also_by("MulH: constraint");
}

/// The operands' signs are left out, or made up: the witness of another opcode under the right one.
#[test]
fn signs_of_factors_are_theirs() {
    let swap = |site: &str, donor: &str, [flag, donor_flag]: [&str; 2]| {
        let mut attack = Attack::new();
        attack.borrow(site, donor).set(site, donor_flag, f(0)).set(site, flag, f(1));
        attack
    };
    // Both operands are negative if signed.
    swap("mulh", "mulhu", ["is_mulh", "is_mulhu"]).refused_by(&["range"]);
    swap("mulhsu", "mulhu", ["is_mulhsu", "is_mulhu"]).refused_by(&["range"]);
    swap("mulh", "mulhsu", ["is_mulh", "is_mulhsu"]).refused_by(&["range"]);
    swap("mulhu", "mulh", ["is_mulhu", "is_mulh"]).refused_by(&["MulH: constraint"]);
    swap("mulhsu", "mulh", ["is_mulhsu", "is_mulh"]).refused_also_by("MulH: constraint");
}

/// The sign of the product: y is 2^32 off. The carry out of the highest cell; fractions in the carry below.
#[test]
fn high_products_are_exact() {
    let mut attack = Attack::new();
    let [low, high] = attack.pair("mulhsu", "y");
    // −16 · 0x8000_0003 is negative.
    assert_eq!(attack.get("mulhsu", "negative"), f(1));
    attack.set("mulhsu", "negative", f(0)).result("mulhsu", [low, high - f(CELL)]).refused_by(&["range"]);
    Attack::new().result("mulhsu", [low + f(1), high]).refused_by(&["MulH: constraint"]);
    let mut attack = Attack::new();
    attack.add("mulhsu", "carry[2]", -inv_pow2(16));
    attack.result("mulhsu", [low + f(1), high - inv_pow2(16)]).refused_by(&["range"]);
}

/// 100 = 7·13 + 9: the remainder is not below the divisor. 100 = 7·15 − 5: nor is it negative.
#[test]
fn quotients_are_not_off_by_one() {
    let site = "divu of 100 and 7";
    let mut attack = Attack::new();
    // The gap |7| − |9| − 1 = −3 has no witness in range: cells of −3, with and without a borrow.
    attack.set(site, "q[0]", f(13)).set(site, "r[0]", f(9)).set(site, "gap[0]", f(-3));
    attack.result(site, cells_of(13)).refused_by(&["range"]);
    attack.set(site, "gap[0]", f(CELL - 3)).set(site, "gap_carry", f(-1)).set(site, "gap[1]", f(-1));
    attack.refused_by(&["range"]);
    // The gap is kept.
    attack.set(site, "gap[0]", f(4)).set(site, "gap_carry", f(0)).set(site, "gap[1]", f(0));
    attack.refused_by(&["DivRem: constraint"]);

    // R = −5 is 2^32 − 5 with a sign: 7·15 + (2^32 − 5) − 100 = 2^32. |7| − |5| − 1 = 1.
    let mut attack = Attack::new();
    attack.set(site, "q[0]", f(15)).set_pair(site, "r", cells_of(-5i32 as u32)).set(site, "r_sign", f(1));
    attack.set(site, "carry[0]", f(1)).set(site, "carry[1]", f(1)).set(site, "carry[2]", f(0));
    // Low: 7 + (2^16 − 5) − 1 = 2^16 + 1; high: 0 + (2^16 − 1) + 1 − 2^16 = 0.
    attack.set(site, "gap[0]", f(1)).set(site, "gap_carry", f(1)).set(site, "gap[1]", f(0));
    attack.result(site, cells_of(15)).refused_by(&["DivRem: constraint"]);
}

/// −7 = 2·(−4) + 1: rounded down instead of towards zero.
#[test]
fn quotients_are_rounded_towards_zero() {
    let mut attack = Attack::new();
    let site = "div";
    attack.set(site, "q[0]", f(0xfc)).set_pair(site, "r", cells_of(1)).set(site, "r_sign", f(0));
    // C·Q + R − X by cells: 2·0xfffc + 1 − 0xfff9 = 2^16; 2·0xffff + 0 − 0xffff + 1 = 2^16; then the signs cancel:
    // q_sign·c0 − x_sign = 2 − 1 = 1 against the carry of 1.
    for (carry, value) in [("carry[0]", 1), ("carry[1]", 1), ("carry[2]", 0)] {
        attack.set(site, carry, f(value));
    }
    attack.set(site, "gap[0]", f(0)).set(site, "gap_carry", f(0)).set(site, "gap[1]", f(0));
    attack.result(site, cells_of(-4i32 as u32)).refused_by(&["DivRem: constraint"]);
}

/// A division by zero has all ones as its quotient; only a division by zero has.
#[test]
fn divisions_by_zero_are_what_they_are() {
    // Claimed: 100 / 0 = 0, remainder 100, as the equation allows; the flag is kept, then dropped.
    let site = "divu of 100 and 0";
    let mut attack = Attack::new();
    for i in 0..4 {
        attack.set(site, &format!("q[{i}]"), f(0));
    }
    attack.result(site, cells_of(0)).refused_by(&["DivRem: constraint"]);
    attack.set(site, "is_zero", f(0)).refused_by(&["DivRem: constraint"]);
    // Without the flag, the gap |0| − |100| − 1 is negative.
    attack.set(site, "gap[0]", f(-101)).set(site, "gap[1]", f(0)).set(site, "gap_carry", f(0)).refused_by(&["range"]);
    // Claimed: 7 is zero.
    let site = "divu of 100 and 7";
    Attack::new().set(site, "is_zero", f(1)).refused_by(&["DivRem: constraint"]);
}

/// The least number divided by −1 is itself, not 0 and not the greatest.
#[test]
fn the_overflow_of_a_division_is_itself() {
    let site = "div of least and -1";
    let mut attack = Attack::new();
    let q_sign = attack.get(site, "q_sign");
    // The quotient is +2^31: unsigned it fits.
    assert_eq!(q_sign, f(0));
    attack.set(site, "q_sign", f(1)).refused_by(&["DivRem: constraint"]);
    let mut attack = Attack::new();
    attack.set(site, "q[0]", f(0xff)).set(site, "q[1]", f(0xff)).set(site, "q[2]", f(0xff)).set(site, "q[3]", f(0x7f));
    attack.result(site, cells_of(0x7fff_ffff)).refused_by(&["DivRem: constraint"]);
}

/// DIV as DIVU, DIVU as REMU, with their honest witnesses; signed operands without their signs.
#[test]
fn divisions_are_not_exchanged() {
    Attack::new().borrow("div", "divu").refused_by(&["program"]);
    Attack::new().borrow("divu", "remu").refused_by(&["program"]);
    Attack::new().borrow("rem", "div").refused_by(&["program"]);
    Attack::new().borrow("div", "divu").set("div", "is_unsigned", f(0)).refused_by(&["range"]);
    Attack::new().borrow("remu", "rem").set("remu", "is_unsigned", f(1)).refused_also_by("DivRem: constraint");
    // The remainder's sign alone.
    Attack::new().set("rem", "r_sign", f(0)).refused_also_by("DivRem: constraint");
    // The quotient as the remainder, by the column of the result.
    Attack::new().result("rem", cells_of(-3i32 as u32)).refused_by(&["DivRem: constraint"]);
}

/// Fractions as carries of C·Q + R − X.
#[test]
fn carries_of_divisions_are_integers() {
    let site = "divu of 100 and 7";
    let mut attack = Attack::new();
    // r = 3 instead of 2: 1 / 2^16 is carried, and carried on.
    attack.set(site, "r[0]", f(3)).set(site, "gap[0]", f(3));
    attack.add(site, "carry[0]", inv_pow2(16)).add(site, "carry[1]", inv_pow2(16) * inv_pow2(16));
    attack.add(site, "carry[2]", inv_pow2(16) * inv_pow2(16) * inv_pow2(16));
    // The last equation has no carry out.
    attack.refused_by(&["DivRem: constraint", "range"]);
}
