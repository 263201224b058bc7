//! Constants, branches and jumps.

use vm_core::arch::{cells_of, inv_pow2};
use vm_core::stark::F;
use vm_sdk::p3::field::PrimeField32;

use super::attack::{Attack, f};

/// Forged: another constant or another opcode of a row that writes a constant. The program lookup refuses it: the
/// constant is an operand of the program.
#[test]
fn constants_are_the_programs() {
    let value = cells_of(0x1234_5001);
    Attack::new().set_pair("lui", "value", value).overwritten("lui", 1, value).refused_by(&["program"]);
    let link = cells_of(Attack::pc("jal", 2));
    Attack::new().set_pair("jal", "value", link).overwritten("jal", 5, link).refused_by(&["program"]);
    // Forged: the row claims the opcode of another AIR (the opcodes of this one begin at 0x158, and ADD is 0x100). A
    // constraint refuses it, too.
    Attack::new().set("lui", "opcode", f(0x100 - 0x158)).refused_by(&["Constant: constraint", "program"]);
    // Forged: LUI is executed as AUIPC. The row does the same for both, but the program contains LUI.
    Attack::new().set("lui", "opcode", f(1)).refused_by(&["program"]);
}

/// Forged: JAL continues at the next instruction instead of jumping. The program lookup refuses it: the target is an
/// operand.
#[test]
fn a_jump_goes_to_its_target() {
    let next = f(i64::from(Attack::pc("jal", 1)));
    Attack::new().set("jal", "to_pc", next).take("jal", false).refused_by(&["program"]);
}

/// Forged: the row after an ADD starts in another state than the one that the ADD leads to.
#[test]
fn the_next_pc_is_not_free() {
    // Another pc. ADD has no next pc of its own; it continues at pc + 4. The execution bus refuses the row because no
    // row sends its state, and the program lookup because the instruction at that pc is another one.
    let row = Attack::row("add", 1);
    let mut attack = Attack::new();
    let pc = attack.get_in(&row, "from_state.pc");
    attack.set_in(&row, "from_state.pc", pc + f(4)).refused_by(&["execution", "program"]);
    // A time that is one tick earlier. The execution bus refuses it because no row sends that state, the memory bus
    // because the word is sent with another time, and the range check because the gap to the previous access is zero.
    let mut attack = Attack::new();
    let time = attack.get_in(&row, "from_state.timestamp");
    attack.set_in(&row, "from_state.timestamp", time - f(1)).refused_by(&["execution", "memory", "range"]);
}

/// Forged: BEQ or BNE branches although it must not, or the reverse. The AIR's constraints refuse it: they determine
/// `equal` from the words, and the next pc from `equal`.
#[test]
fn branches_on_equality_are_not_reversed() {
    let site = "beq of 1 and 2";
    Attack::new().set(site, "equal", f(1)).branch(site, true).refused_by(&["BranchEqual: constraint"]);
    // With factors that fit the forged `equal`.
    let mut attack = Attack::new();
    attack.set(site, "equal", f(1)).set_pair(site, "inverse", [f(0), f(0)]);
    attack.branch(site, true).refused_by(&["BranchEqual: constraint"]);
    // `equal` is honest, but the row branches nevertheless.
    Attack::new().branch(site, true).refused_by(&["BranchEqual: constraint"]);

    for (inverse, site) in [(f(0), "bne of 1 and 1"), (f(-1), "bne of 1 and 1")] {
        let mut attack = Attack::new();
        attack.set(site, "equal", f(0)).set_pair(site, "inverse", [inverse, inverse]);
        attack.branch(site, true).refused_by(&["BranchEqual: constraint"]);
    }
    let site = "beq of 1 and 1";
    Attack::new().set(site, "equal", f(0)).branch(site, false).refused_by(&["BranchEqual: constraint"]);
}

/// Forged: BEQ is executed as BNE, or the reverse. The program lookup refuses it, because the opcode differs. A row
/// with both flags is refused by the constraints, because the flags must sum up to a boolean.
#[test]
fn branches_on_equality_are_not_exchanged() {
    Attack::new()
        .borrow_core("beq of 1 and 2", "bne of 1 and 2")
        .branch("beq of 1 and 2", true)
        .refused_by(&["program"]);
    Attack::new()
        .borrow_core("bne of 1 and 1", "beq of 1 and 1")
        .branch("bne of 1 and 1", true)
        .refused_by(&["program"]);
    Attack::new().set("beq of 1 and 2", "is_bne", f(1)).refused_also_by("BranchEqual: constraint");
}

/// Forged: the target of a branch that is taken. The program lookup refuses it: the target is an operand.
#[test]
fn branches_go_to_their_target() {
    for site in ["beq of 1 and 1", "blt of 1 and 2"] {
        let next = f(i64::from(Attack::pc(site, 1)));
        Attack::new().set(site, "target", next).branch(site, false).refused_by(&["program"]);
    }
    // Forged: the next pc of a branch that is not taken. The constraints refuse it.
    let site = "blt of 2 and 1";
    Attack::new().branch(site, true).refused_by(&["BranchLessThan: constraint"]);
}

/// Forged: the outcome of a comparison, and with it the path. The range check of the high difference refuses it: with a
/// wrong `less`, the difference is negative or at least 2^16.
#[test]
fn branches_on_order_are_not_reversed() {
    Attack::new().set("blt of 2 and 1", "less", f(1)).branch("blt of 2 and 1", true).refused_by(&["range"]);
    Attack::new().set("blt of 1 and 2", "less", f(0)).branch("blt of 1 and 2", false).refused_by(&["range"]);
    Attack::new().set("bge of 1 and 2", "less", f(0)).branch("bge of 1 and 2", true).refused_by(&["range"]);
    // An outcome of 1/2. A constraint requires a boolean.
    let site = "blt of 2 and 1";
    Attack::new().set(site, "less", inv_pow2(1)).refused_also_by("BranchLessThan: constraint");
}

/// Forged: the signs of a comparison. Unsigned, 1 is less than −1 (the word 0xffff_ffff); signed, it is not. The range
/// checks of the signs refuse BLT with the honest witness of BLTU, and the reverse. The program lookup refuses BLT that
/// is executed as BLTU, and BGE that is executed as BLT.
#[test]
fn signs_of_branches_are_the_operands() {
    let (blt, bltu) = ("blt of 1 and -1", "bltu of 1 and -1");
    Attack::new().borrow_core(blt, bltu).set(blt, "is_unsigned", f(0)).branch(blt, true).refused_by(&["range"]);
    Attack::new().borrow_core(bltu, blt).set(bltu, "is_unsigned", f(1)).branch(bltu, false).refused_by(&["range"]);
    Attack::new().borrow_core(blt, bltu).branch(blt, true).refused_by(&["program"]);
    Attack::new().set("bge of 1 and 2", "is_ge", f(0)).branch("bge of 1 and 2", true).refused_by(&["program"]);
}

/// Forged: a computed jump continues at the next instruction, where the register does not point. The constraints refuse
/// it: the carries of the sum are not boolean.
#[test]
fn a_computed_jump_goes_where_the_register_points() {
    let next = Attack::pc("jalr", 1);
    let mut attack = Attack::new();
    attack.set("jalr", "half", f(i64::from(next & 0xffff) / 2)).set("jalr", "high", f(i64::from(next >> 16)));
    attack.take("jalr", false).refused_by(&["Jalr: constraint"]);
}

/// Forged: a computed jump to the target plus 2p, an address that no instruction can have. Modulo p, it is the target.
/// The range check of the high cell, which keeps the next pc below 2^30, refuses it.
#[test]
fn a_computed_jump_does_not_wrap_around_the_field() {
    let target = i64::from(Attack::pc("jalr", 3));
    let wrapped = u32::try_from(target + 2 * i64::from(F::ORDER_U32)).unwrap();
    let mut attack = Attack::new();
    attack.feed("jalr", 6, cells_of(wrapped)).set_pair("jalr", "x", cells_of(wrapped));
    let [low, high] = [wrapped & 0xffff, wrapped >> 16];
    attack.set("jalr", "half", f(i64::from(low / 2))).set("jalr", "high", f(i64::from(high)));
    attack.refused_by(&["range"]);
}

/// Forged: the lowest bit of the sum, which a computed jump clears, so that the next pc is odd. The range check refuses
/// it, because half of an odd cell is not an integer. The program lookup refuses it, because no instruction has an odd
/// pc.
#[test]
fn the_lowest_bit_of_a_computed_jump_is_the_sums() {
    // The sum is even, but its lowest bit is claimed to be set.
    let target = i64::from(Attack::pc("jalr", 3));
    let mut attack = Attack::new();
    attack.set("jalr", "lsb", f(1)).set("jalr", "half", f((target & 0xffff) - 1) * inv_pow2(1));
    for step in 0..2 {
        let pc = f(target - 1 + 4 * step);
        attack.set_in(&Attack::row("jalr", 3 + step as i32), "from_state.pc", pc);
    }
    attack.refused_by(&["program", "range"]);
    // The sum is odd, but its lowest bit is claimed to be clear, so that the jump does not clear it.
    let mut attack = Attack::new();
    attack.feed("jalr", 6, cells_of(target as u32 + 1)).set_pair("jalr", "x", cells_of(target as u32 + 1));
    attack.set("jalr", "half", f((target & 0xffff) + 1) * inv_pow2(1));
    for step in 0..2 {
        let pc = f(target + 1 + 4 * step);
        attack.set_in(&Attack::row("jalr", 3 + step as i32), "from_state.pc", pc);
    }
    attack.refused_by(&["program", "range"]);
}

/// Forged: the return address of a computed jump. The program lookup refuses it: the address is an operand.
#[test]
fn the_link_of_a_computed_jump_is_the_next_instruction() {
    let link = cells_of(Attack::pc("jalr", 2));
    Attack::new().set_pair("jalr", "link", link).overwritten("jalr", 5, link).refused_by(&["program"]);
    let immediate = cells_of(4);
    let mut attack = Attack::new();
    // Forged: the immediate, and the next pc that follows from it, which is T's second instruction. The program lookup
    // refuses the operand, and the execution bus refuses T's first row, whose state no row sends.
    let target = i64::from(Attack::pc("jalr", 3)) + 4;
    attack.set_pair("jalr", "imm", immediate).set("jalr", "half", f((target & 0xffff) / 2));
    attack.refused_by(&["execution", "program"]);
}
