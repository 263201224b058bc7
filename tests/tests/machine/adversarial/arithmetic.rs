//! Sums, bitwise operations, shifts and comparisons.

use vm_core::arch::{cells_of, inv_pow2};

use super::attack::{Attack, f};

/// 2^16, the weight of the high cell.
const CELL: i64 = 1 << 16;

/// Forged: a sum or difference that is one too large. The AIR's constraints refuse it: the carries they compute are not
/// boolean.
#[test]
fn sums_are_not_off_by_one() {
    Attack::new().result("add", cells_of(0x0004_1001)).refused_by(&["AddSub: constraint"]);
    Attack::new().result("sub", cells_of(-1i32 as u32)).refused_by(&["AddSub: constraint"]);
    Attack::new().result("addi 3", cells_of(0x0002_0003)).refused_by(&["AddImm: constraint"]);
    Attack::new().result("add in place", cells_of(0x0004_1001)).refused_by(&["AddSubInPlace: constraint"]);
    Attack::new().result("addi 3 in place", cells_of(0x0002_0003)).refused_by(&["AddImmInPlace: constraint"]);
}

/// Forged: a carry stays in its cell. The constraints hold, but a cell of 2^16 or more would enter memory, which the
/// range checks of the result refuse.
#[test]
fn carries_do_not_stay_in_their_cells() {
    for site in ["add", "add in place"] {
        Attack::new().result(site, [f(0x1000 + CELL), f(3)]).refused_by(&["range"]);
    }
    for site in ["addi 3", "addi 3 in place"] {
        Attack::new().result(site, [f(2 + CELL), f(1)]).refused_by(&["range"]);
    }
    // The opposite case: 5 − 7 borrows from both cells; with a negative low cell, there would be no borrow.
    for site in ["sub", "sub in place"] {
        Attack::new().result(site, [f(-2), f(0)]).refused_by(&["range"]);
    }
}

/// Forged: SUB is executed as ADD, with the honest witness of that addition. The program lookup refuses it: the program
/// has another opcode at this pc.
#[test]
fn a_difference_is_no_sum() {
    Attack::new().borrow("sub", "add of sub").refused_by(&["program"]);
    Attack::new().borrow("sub in place", "add of sub in place").refused_by(&["program"]);
    // With flags −1 and 2, the row still counts once, but its opcode is 2·SUB − ADD, the number after SUB. The flags
    // are not boolean, and the program does not contain that opcode.
    Attack::new().set("sub", "is_add", f(-1)).set("sub", "is_sub", f(2)).refused_by(&["AddSub: constraint", "program"]);
}

/// Forged: an operand that the register does not hold. The row receives the message that it sends itself, with a gap of
/// zero ticks to the previous access. The range check of the gap refuses it, since every gap is at least one tick.
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

/// An instruction in place reads the word that it overwrites, and only that word.
#[test]
fn an_instruction_in_place_starts_from_what_it_overwrites() {
    // Forged: another first operand, and the result that follows from it. The memory bus refuses it: the row would
    // overwrite a word that was not there.
    let mut attack = Attack::new();
    attack.set_pair("add in place", "x", cells_of(0x0001_9001)).result("add in place", cells_of(0x0004_1001));
    attack.refused_by(&["memory"]);
    let mut attack = Attack::new();
    attack.set_pair("addi 3 in place", "x", cells_of(0x0001_fffe)).result("addi 3 in place", cells_of(0x0002_0001));
    attack.refused_by(&["memory"]);
    // Forged: the row receives the second operand from its own send. The range check of the gap refuses it.
    let mut attack = Attack::new();
    attack.set_pair("add in place", "c", cells_of(0x0002_8001)).result("add in place", cells_of(0x0004_1001));
    attack.read_own_send("add in place", 0, "rs2_prev_timestamp", 2).refused_by(&["range"]);
    // Forged: the row updates another register. The program has another operand, and that register holds another word.
    for site in ["add in place", "addi 3 in place", "and in place", "andi in place", "srli 4 in place"] {
        Attack::new().set(site, "rd", f(4 * 12)).refused_by(&["memory", "program"]);
    }
}

/// Forged: an operand from the future. The row reads the word that a later instruction writes. The range check refuses
/// it, because the previous access would be later than this one.
#[test]
fn a_row_does_not_read_what_is_written_later() {
    let mut attack = Attack::new();
    let later = Attack::row("add", 3);
    let since = attack.get("add", "reads_prev_timestamp[1]");
    let now = attack.get_in(&later, "from_state.timestamp");
    // The add receives the word of x7 that the LUI at +3 sends at time `now`. The LUI itself overwrites the word that
    // the add reads in the honest run.
    let written = cells_of(0x7_7777 << 12);
    let sum = 0x0001_9000u32 + (0x7_7777 << 12);
    attack.set_pair("add", "c", written).result("add", cells_of(sum));
    attack.set("add", "reads_prev_timestamp[1]", now).overwritten_since("add", 3, since);
    // The next access to x7 finds the message of the add instead of that of the LUI.
    assert!(!attack.guards().is_empty());
    attack.refused_also_by("range");
}

/// Forged: another immediate, with its honest witness. The program lookup refuses it, because the immediate is an
/// operand.
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

/// Forged: an instruction writes to x0. The program lookup refuses it, because the program's operand for the
/// destination x0 is register 32. The memory bus refuses it, too, because register 0 does not hold the word that the
/// row overwrites.
#[test]
fn x0_is_not_written() {
    Attack::new().set("addi to x0", "rd", f(0)).refused_by(&["memory", "program"]);
    // Forged: an instruction with the destination x5 discards its result, by writing to register 32. The program
    // lookup and the memory bus refuse it, too.
    Attack::new().set("addi 3", "rd", f(4 * 32)).refused_by(&["memory", "program"]);
}

/// Forged: one bitwise operation is executed as another one, with its honest witness. The program lookup refuses it,
/// because the opcode differs.
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
    // All three flags are set. The constraints refuse it: the flags must sum up to a boolean.
    Attack::new().set("or", "is_xor", f(1)).set("or", "is_and", f(1)).refused_also_by("BitwiseReg: constraint");
}

/// Forged: a wrong XOR of two bytes, and the result that follows from it. The bitwise lookup refuses it: the table does
/// not contain the tuple.
#[test]
fn bitwise_results_come_from_the_table() {
    // and = (x + c − xor) / 2. The XOR is smaller by two, so the result is larger by one.
    let y = 0x1234_00f3 & 0x0ff0_0f35;
    for site in ["and", "and in place"] {
        Attack::new().add(site, "xor[0]", f(-2)).result(site, cells_of(y + 1)).refused_by(&["bitwise"]);
    }
    for site in ["andi", "andi in place"] {
        Attack::new().add(site, "xor[0]", f(-2)).result(site, cells_of((0xf3 & 0xf5) + 1)).refused_by(&["bitwise"]);
    }
    // or = (x + c + xor) / 2. In the field, an odd sum has a half, too: the XOR is larger by one, the result by 1/2.
    let half = inv_pow2(1);
    let [low, high] = cells_of(0x1234_00f3 | 0x0ff0_0f35);
    Attack::new().add("or", "xor[0]", f(1)).result("or", [low + half, high]).refused_by(&["bitwise"]);
}

/// Forged: another split of a cell into bytes. The low part is larger or smaller by 2^8, and the high part, which is
/// computed from it, changes by one. The bitwise lookup refuses it, because its table contains bytes only.
#[test]
fn bytes_of_bitwise_operations_are_bytes() {
    for site in ["and", "andi", "and in place", "andi in place"] {
        Attack::new().add(site, "x_low[0]", f(256)).refused_by(&["bitwise"]);
        Attack::new().add(site, "x_low[1]", f(-256)).refused_by(&["bitwise"]);
    }
}

/// Forged: a shift is executed as another one, with its honest witness. The program lookup refuses it, because the
/// opcode differs.
#[test]
fn shifts_are_not_exchanged() {
    Attack::new().borrow("sra", "srl").refused_by(&["program"]);
    Attack::new().borrow("sll", "sra").refused_by(&["program"]);
    Attack::new().borrow("slli 4", "srli 4").refused_by(&["program"]);
    Attack::new().borrow("slli 4 in place", "srli 4 in place").refused_by(&["program"]);
    // SLL with the flag of an arithmetic shift, which is added to the opcode, would query SRL. A constraint excludes
    // the flag for left shifts.
    Attack::new().set("sll", "is_sra", f(1)).refused_also_by("Shift: constraint");
}

/// Forged: SRA of a negative number shifts in zeros, with the witness of SRL and the opcode of SRA; and the reverse.
/// For SRA, the range check of the cut refuses a wrong sign; for SRL, a constraint requires the sign to be zero.
#[test]
fn the_sign_of_a_shift_is_the_operands() {
    Attack::new().borrow("sra", "srl").set("sra", "is_sra", f(1)).refused_by(&["range"]);
    Attack::new().borrow("srl", "sra").set("srl", "is_sra", f(0)).refused_by(&["Shift: constraint"]);

    // Likewise for SRAI: a negative number without a sign, and a positive number with one.
    let mut attack = Attack::new();
    attack.set("srai 4", "sign", f(0)).set("srai 4", "sign_weight", f(0));
    attack.result("srai 4", cells_of(0x8001_2345 >> 4)).refused_by(&["range"]);
    let mut attack = Attack::new();
    let site = "srai 4 of positive";
    let shift = attack.get(site, "shift");
    attack.set(site, "sign", f(1)).set(site, "sign_weight", shift);
    attack.result(site, cells_of(0x4001_2345 >> 4 | 0xf << 28)).refused_by(&["range"]);
}

/// Forged: another shift amount. The operand is 36, and its five lowest bits give an amount of 4. The witnesses of
/// shifts by 5 and by 20 are honest, but not for this operand: the range check of the operand without its five lowest
/// bits refuses them.
#[test]
fn the_amount_of_a_shift_is_the_operands() {
    for donor in ["sra by 5", "sra by 20"] {
        Attack::new().borrow("sra", donor).set_pair("sra", "c", cells_of(36)).refused_by(&["range"]);
    }
    // An immediate shift moves by one cell more. The program lookup refuses it.
    Attack::new().borrow("srli 4", "srli 20").refused_by(&["program"]);
    Attack::new().borrow("srai 4", "srai 20").refused_by(&["program"]);
}

/// Forged: a cell is cut into parts that are not its upper and lower bits. The range checks of the parts refuse it.
#[test]
fn cuts_of_shifted_cells_are_unique() {
    // x[1] = high·2^4 + low, where high is larger by one and low smaller by 16. The result follows from both parts.
    for site in ["srl", "srli 4", "srli 4 in place"] {
        let mut attack = Attack::new();
        attack.add(site, "split.high[1]", f(1)).add(site, "split.low[1]", f(-16));
        let [low, high] = attack.pair(site, "y");
        attack.result(site, [low - f(16 << 12), high + f(1)]).refused_by(&["range"]);
    }
    // With fractions: low is larger by one, high smaller by 1/16.
    let mut attack = Attack::new();
    attack.add("srai 4", "split.high[1]", -inv_pow2(4)).add("srai 4", "split.low[1]", f(1));
    let [low, high] = attack.pair("srai 4", "y");
    attack.result("srai 4", [low + f(1 << 12), high - inv_pow2(4)]).refused_by(&["range"]);
}

/// Forged: a result that does not follow from the parts of the shifted cells. The AIR's constraints refuse it.
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

/// Forged: the outcome of a comparison, and with it the result. The range check of the high difference refuses it: with
/// a wrong `less`, the difference is negative or at least 2^16.
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
    // An outcome of 2. A constraint requires a boolean.
    claim("slt of 1 and 2", 2).refused_also_by("LessThan: constraint");
}

/// Forged: the signs of a comparison. Signed, −1 is less than 1; unsigned, it is not. The signed comparison gets the
/// honest witness of the unsigned one, and the reverse. The range checks of the signs refuse both.
#[test]
fn signs_of_comparisons_are_the_operands() {
    let mut attack = Attack::new();
    attack.borrow_core("slt", "sltu").set("slt", "is_sltu", f(0)).set("slt", "is_slt", f(1));
    attack.overwritten("slt", 1, [f(0), f(0)]).refused_by(&["range"]);
    let mut attack = Attack::new();
    attack.borrow_core("sltu", "slt").set("sltu", "is_slt", f(0)).set("sltu", "is_sltu", f(1));
    attack.overwritten("sltu", 1, [f(1), f(0)]).refused_by(&["range"]);
    // SLT is executed as SLTU. The program lookup refuses it.
    let mut attack = Attack::new();
    attack.borrow_core("slt", "sltu").overwritten("slt", 1, [f(0), f(0)]).refused_by(&["program"]);
    let mut attack = Attack::new();
    attack.borrow_core("slti", "sltiu").overwritten("slti", 1, [f(0), f(0)]).refused_by(&["program"]);
}

/// Forged: the borrow of a comparison. The low difference of 1 and 2 is smaller by 2^16, so that the subtraction seems
/// to borrow nothing and the outcome is 0. The range check of the low difference refuses it, because it is negative.
#[test]
fn borrows_of_comparisons_are_real() {
    let mut attack = Attack::new();
    attack.add("slt of 1 and 2", "difference", f(-CELL)).set("slt of 1 and 2", "less", f(0));
    attack.overwritten("slt of 1 and 2", 1, [f(0), f(0)]).refused_by(&["range"]);
    let mut attack = Attack::new();
    attack.add("slti of 1 and 2", "difference", f(-CELL)).set("slti of 1 and 2", "less", f(0));
    attack.overwritten("slti of 1 and 2", 1, [f(0), f(0)]).refused_by(&["range"]);
}
