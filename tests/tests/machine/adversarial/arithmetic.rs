//! Sums, bitwise operations, shifts and comparisons.

use vm_core::arch::{cells_of, inv_pow2};

use super::attack::{Attack, f};

/// 2^16.
const CELL: i64 = 1 << 16;

/// A result that is one too large.
#[test]
fn sums_are_not_off_by_one() {
    Attack::new().result("add", cells_of(0x0004_1001)).refused_by(&["AddSub: constraint"]);
    Attack::new().result("sub", cells_of(-1i32 as u32)).refused_by(&["AddSub: constraint"]);
    Attack::new().result("addi 3", cells_of(0x0002_0003)).refused_by(&["AddImm: constraint"]);
    Attack::new().result("add in place", cells_of(0x0004_1001)).refused_by(&["AddSubInPlace: constraint"]);
    Attack::new().result("addi 3 in place", cells_of(0x0002_0003)).refused_by(&["AddImmInPlace: constraint"]);
}

/// A carry is left in its cell: the equations hold, but a cell above 2^16 enters memory.
#[test]
fn carries_do_not_stay_in_their_cells() {
    for site in ["add", "add in place"] {
        Attack::new().result(site, [f(0x1000 + CELL), f(3)]).refused_by(&["range"]);
    }
    for site in ["addi 3", "addi 3 in place"] {
        Attack::new().result(site, [f(2 + CELL), f(1)]).refused_by(&["range"]);
    }
    // The other way: 5 − 7 borrows twice, and need not if cells may be negative.
    for site in ["sub", "sub in place"] {
        Attack::new().result(site, [f(-2), f(0)]).refused_by(&["range"]);
    }
}

/// SUB is executed as ADD, with the honest witness of that addition.
#[test]
fn a_difference_is_no_sum() {
    Attack::new().borrow("sub", "add of sub").refused_by(&["program"]);
    Attack::new().borrow("sub in place", "add of sub in place").refused_by(&["program"]);
    // The row counts once, but its opcode, 2·SUB − ADD, is the number behind SUB.
    Attack::new().set("sub", "is_add", f(-1)).set("sub", "is_sub", f(2)).refused_by(&["AddSub: constraint", "program"]);
}

/// An operand that no register holds: the row receives what it sends itself, since the gap to the previous access is
/// said to be nothing.
#[test]
fn a_row_does_not_read_what_it_sends() {
    let c = cells_of(0x0002_8001);
    let mut attack = Attack::new();
    attack.set_pair("add", "c", c).result("add", cells_of(0x0004_1001));
    attack.read_own_send("add", 1, "reads_prev_timestamp[1]", 3).refused_by(&["range"]);

    let x = cells_of(0x0001_fffe);
    let mut attack = Attack::new();
    attack.set_pair("addi 3", "x", x).result("addi 3", cells_of(0x0002_0001));
    attack.read_own_send("addi 3", 0, "read_prev_timestamp", 2).refused_by(&["range"]);
}

/// In place, an instruction reads what it overwrites: nothing else, and at no other time.
#[test]
fn an_instruction_in_place_starts_from_what_it_overwrites() {
    // Another operand, and the sum with it.
    let mut attack = Attack::new();
    attack.set_pair("add in place", "x", cells_of(0x0001_9001)).result("add in place", cells_of(0x0004_1001));
    attack.refused_by(&["memory"]);
    let mut attack = Attack::new();
    attack.set_pair("addi 3 in place", "x", cells_of(0x0001_fffe)).result("addi 3 in place", cells_of(0x0002_0001));
    attack.refused_by(&["memory"]);
    // The second operand from the row's own send.
    let mut attack = Attack::new();
    attack.set_pair("add in place", "c", cells_of(0x0002_8001)).result("add in place", cells_of(0x0004_1001));
    attack.read_own_send("add in place", 0, "rs2_prev_timestamp", 2).refused_by(&["range"]);
    // Another register.
    for site in ["add in place", "addi 3 in place", "and in place", "andi in place", "srli 4 in place"] {
        Attack::new().set(site, "rd", f(4 * 12)).refused_by(&["memory", "program"]);
    }
}

/// An operand from the future: what overwrites the register later is read before.
#[test]
fn a_row_does_not_read_what_is_written_later() {
    let mut attack = Attack::new();
    let later = Attack::row("add", 3);
    let since = attack.get("add", "reads_prev_timestamp[1]");
    let now = attack.get_in(&later, "from_state.timestamp");
    // x7 = lui at +3 is received at `now`; the lui itself overwrites what the add read honestly.
    let written = cells_of(0x7_7777 << 12);
    let sum = 0x0001_9000u32 + (0x7_7777 << 12);
    attack.set_pair("add", "c", written).result("add", cells_of(sum));
    attack.set("add", "reads_prev_timestamp[1]", now).overwritten_since("add", 3, since);
    // Whoever reads x7 next finds the add's send instead of the lui's.
    assert!(!attack.guards().is_empty());
    attack.refused_also_by("range");
}

/// An immediate that is not the program's.
#[test]
fn immediates_are_the_programs() {
    for (site, donor) in [
        ("addi 3", "addi 4"),
        ("andi", "andi -2"),
        ("srli 4", "srli 5"),
        ("srai 4", "srai 5"),
        ("addi 3 in place", "addi 4 in place"),
        ("andi in place", "andi -2 in place"),
        ("srli 4 in place", "srli 5 in place"),
        ("srli 4 in place", "srli 20 in place"),
    ] {
        Attack::new().borrow(site, donor).refused_by(&["program"]);
    }
}

/// A write to x0: the program's operand says that it goes nowhere.
#[test]
fn x0_is_not_written() {
    Attack::new().set("addi to x0", "rd", f(0)).refused_by(&["memory", "program"]);
    // Nor does an instruction with another destination spare it.
    Attack::new().set("addi 3", "rd", f(4 * 32)).refused_by(&["memory", "program"]);
}

/// AND executed as OR or XOR, with their honest witnesses.
#[test]
fn bitwise_operations_are_not_exchanged() {
    for (site, donor) in [
        ("and", "or"),
        ("xor", "and"),
        ("andi", "xori"),
        ("or in place", "xor in place"),
        ("xori in place", "andi in place"),
    ] {
        Attack::new().borrow(site, donor).refused_by(&["program"]);
    }
    // All flags at once.
    Attack::new().set("or", "is_xor", f(1)).set("or", "is_and", f(1)).refused_also_by("BitwiseReg: constraint");
}

/// A bit of the XOR is wrong, and the result follows it.
#[test]
fn bitwise_results_come_from_the_table() {
    // and = (x + c − xor) / 2: xor is smaller by two, so the result is larger by one.
    let y = 0x1234_00f3 & 0x0ff0_0f35;
    for site in ["and", "and in place"] {
        Attack::new().add(site, "xor[0]", f(-2)).result(site, cells_of(y + 1)).refused_by(&["bitwise"]);
    }
    for site in ["andi", "andi in place"] {
        Attack::new().add(site, "xor[0]", f(-2)).result(site, cells_of((0xf3 & 0xf5) + 1)).refused_by(&["bitwise"]);
    }
    // By half of the field: or = (x + c + xor) / 2 is an integer for odd sums as well.
    let half = inv_pow2(1);
    let [low, high] = cells_of(0x1234_00f3 | 0x0ff0_0f35);
    Attack::new().add("or", "xor[0]", f(1)).result("or", [low + half, high]).refused_by(&["bitwise"]);
}

/// A cell's split into bytes is moved by 2^8: the low byte is larger, the high byte smaller.
#[test]
fn bytes_of_bitwise_operations_are_bytes() {
    for site in ["and", "andi", "and in place", "andi in place"] {
        Attack::new().add(site, "x_low[0]", f(256)).refused_by(&["bitwise"]);
        Attack::new().add(site, "x_low[1]", f(-256)).refused_by(&["bitwise"]);
    }
}

/// SRA as SRL and SLL as SRA, with their honest witnesses.
#[test]
fn shifts_are_not_exchanged() {
    Attack::new().borrow("sra", "srl").refused_by(&["program"]);
    Attack::new().borrow("sll", "sra").refused_by(&["program"]);
    Attack::new().borrow("slli 4", "srli 4").refused_by(&["program"]);
    Attack::new().borrow("slli 4 in place", "srli 4 in place").refused_by(&["program"]);
    // SLL that calls itself arithmetic would look up SRL.
    Attack::new().set("sll", "is_sra", f(1)).refused_also_by("Shift: constraint");
}

/// SRA of a negative number shifts in zeros: the witness is SRL's, the opcode SRA's. And the other way round.
#[test]
fn the_sign_of_a_shift_is_the_operands() {
    Attack::new().borrow("sra", "srl").set("sra", "is_sra", f(1)).refused_by(&["range"]);
    Attack::new().borrow("srl", "sra").set("srl", "is_sra", f(0)).refused_by(&["Shift: constraint"]);

    let mut attack = Attack::new();
    attack.set("srai 4", "sign", f(0)).set("srai 4", "sign_weight", f(0));
    attack.result("srai 4", cells_of(0x8001_2345 >> 4)).refused_by(&["range"]);
    let mut attack = Attack::new();
    let site = "srai 4 of positive";
    let shift = attack.get(site, "shift");
    attack.set(site, "sign", f(1)).set(site, "sign_weight", shift);
    attack.result(site, cells_of(0x4001_2345 >> 4 | 0xf << 28)).refused_by(&["range"]);
}

/// The amount is 36, of which five bits count: 4. Shifts by 5 and by 20 have honest witnesses, but not for this operand.
#[test]
fn the_amount_of_a_shift_is_the_operands() {
    for donor in ["sra by 5", "sra by 20"] {
        Attack::new().borrow("sra", donor).set_pair("sra", "c", cells_of(36)).refused_by(&["range"]);
    }
    // An immediate shift by one cell more.
    Attack::new().borrow("srli 4", "srli 20").refused_by(&["program"]);
    Attack::new().borrow("srai 4", "srai 20").refused_by(&["program"]);
}

/// A cell is cut into parts that are not its upper and lower bits.
#[test]
fn cuts_of_shifted_cells_are_unique() {
    // x[1] = high·2^4 + low with one more in high and 16 less in low; y is made of both.
    for site in ["srl", "srli 4", "srli 4 in place"] {
        let mut attack = Attack::new();
        attack.add(site, "split.high[1]", f(1)).add(site, "split.low[1]", f(-16));
        let [low, high] = attack.pair(site, "y");
        attack.result(site, [low - f(16 << 12), high + f(1)]).refused_by(&["range"]);
    }
    // Fractions: low is larger by one, high smaller by 1/16.
    let mut attack = Attack::new();
    attack.add("srai 4", "split.high[1]", -inv_pow2(4)).add("srai 4", "split.low[1]", f(1));
    let [low, high] = attack.pair("srai 4", "y");
    attack.result("srai 4", [low + f(1 << 12), high - inv_pow2(4)]).refused_by(&["range"]);
}

/// Shifted cells are not anything else than their parts say.
#[test]
fn results_of_shifts_follow_from_the_parts() {
    for (site, air) in [
        ("sll", "Shift"),
        ("slli 4", "ShiftImm"),
        ("srai 4", "ShiftRightArithImm"),
        ("slli 4 in place", "ShiftImmInPlace"),
    ] {
        let mut attack = Attack::new();
        let [low, high] = attack.pair(site, "y");
        attack.result(site, [low, high + f(1)]).refused_by(&[&format!("{air}: constraint")]);
    }
}

/// `less` is flipped, and the result with it.
#[test]
fn comparisons_are_not_reversed() {
    let claim = |site: &str, less: i64| {
        let mut attack = Attack::new();
        attack.set(site, "less", f(less)).overwritten(site, 1, [f(less), f(0)]);
        attack
    };
    claim("slt of 1 and 2", 0).refused_by(&["range"]);
    claim("slti of 1 and 2", 0).refused_by(&["range"]);
    claim("sltu", 1).refused_by(&["range"]);
    claim("sltiu", 1).refused_by(&["range"]);
    // Neither true nor false.
    claim("slt of 1 and 2", 2).refused_also_by("LessThan: constraint");
}

/// −1 < 1, but not without signs: the signed comparison has the honest witness of the unsigned one.
#[test]
fn signs_of_comparisons_are_the_operands() {
    let mut attack = Attack::new();
    attack.borrow_core("slt", "sltu").set("slt", "is_sltu", f(0)).set("slt", "is_slt", f(1));
    attack.overwritten("slt", 1, [f(0), f(0)]).refused_by(&["range"]);
    let mut attack = Attack::new();
    attack.borrow_core("sltu", "slt").set("sltu", "is_slt", f(0)).set("sltu", "is_sltu", f(1));
    attack.overwritten("sltu", 1, [f(1), f(0)]).refused_by(&["range"]);
    // SLT as SLTU.
    let mut attack = Attack::new();
    attack.borrow_core("slt", "sltu").overwritten("slt", 1, [f(0), f(0)]).refused_by(&["program"]);
    let mut attack = Attack::new();
    attack.borrow_core("slti", "sltiu").overwritten("slti", 1, [f(0), f(0)]).refused_by(&["program"]);
}

/// A borrow is made up: the low difference is larger by 2^16 and the high one smaller by one, which makes 1 < 1.
#[test]
fn borrows_of_comparisons_are_real() {
    let mut attack = Attack::new();
    attack.add("slt of 1 and 2", "difference", f(-CELL)).set("slt of 1 and 2", "less", f(0));
    attack.overwritten("slt of 1 and 2", 1, [f(0), f(0)]).refused_by(&["range"]);
    let mut attack = Attack::new();
    attack.add("slti of 1 and 2", "difference", f(-CELL)).set("slti of 1 and 2", "less", f(0));
    attack.overwritten("slti of 1 and 2", 1, [f(0), f(0)]).refused_by(&["range"]);
}
