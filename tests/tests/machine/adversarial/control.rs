//! Constants, branches and jumps.

use vm_core::arch::{cells_of, inv_pow2};
use vm_core::stark::F;
use vm_sdk::p3::field::PrimeField32;

use super::attack::{Attack, f};

/// Another constant, of the same instruction or of another of its class.
#[test]
fn constants_are_the_programs() {
    let value = cells_of(0x1234_5001);
    Attack::new().set_pair("lui", "value", value).overwritten("lui", 1, value).refused_by(&["program"]);
    let link = cells_of(Attack::pc("jal", 2));
    Attack::new().set_pair("jal", "value", link).overwritten("jal", 5, link).refused_by(&["program"]);
    // The row takes itself for an instruction of another AIR (opcodes of this one begin at 0x158, ADD is 0x100).
    Attack::new().set("lui", "opcode", f(0x100 - 0x158)).refused_by(&["Constant: constraint", "program"]);
    // LUI and AUIPC mean the same to the row, but not to the program.
    Attack::new().set("lui", "opcode", f(1)).refused_by(&["program"]);
}

/// JAL goes on behind itself instead of jumping.
#[test]
fn a_jump_goes_to_its_target() {
    let next = f(i64::from(Attack::pc("jal", 1)));
    Attack::new().set("jal", "to_pc", next).take("jal", false).refused_by(&["program"]);
}

/// The program does not go on anywhere else, whatever the row.
#[test]
fn the_next_pc_is_not_free() {
    // Behind an instruction that has no next pc of its own: the next row starts elsewhere.
    let row = Attack::row("add", 1);
    let mut attack = Attack::new();
    let pc = attack.get_in(&row, "from_state.pc");
    attack.set_in(&row, "from_state.pc", pc + f(4)).refused_by(&["execution", "program"]);
    // Time does not stand still.
    let mut attack = Attack::new();
    let time = attack.get_in(&row, "from_state.timestamp");
    attack.set_in(&row, "from_state.timestamp", time - f(1)).refused_by(&["execution", "memory", "range"]);
}

/// BEQ jumps although the words differ; it does not although they are equal.
#[test]
fn branches_on_equality_are_not_reversed() {
    let site = "beq of 1 and 2";
    Attack::new().set(site, "equal", f(1)).branch(site, true).refused_by(&["BranchEqual: constraint"]);
    // With the factors that go with `equal` as well.
    let mut attack = Attack::new();
    attack.set(site, "equal", f(1)).set_pair(site, "inverse", [f(0), f(0)]);
    attack.branch(site, true).refused_by(&["BranchEqual: constraint"]);
    // The decision stays, and the row jumps nevertheless.
    Attack::new().branch(site, true).refused_by(&["BranchEqual: constraint"]);

    for (inverse, site) in [(f(0), "bne of 1 and 1"), (f(-1), "bne of 1 and 1")] {
        let mut attack = Attack::new();
        attack.set(site, "equal", f(0)).set_pair(site, "inverse", [inverse, inverse]);
        attack.branch(site, true).refused_by(&["BranchEqual: constraint"]);
    }
    let site = "beq of 1 and 1";
    Attack::new().set(site, "equal", f(0)).branch(site, false).refused_by(&["BranchEqual: constraint"]);
}

/// BEQ as BNE and the reverse; both flags at once; a flag of two.
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

/// The target is another instruction than the program says.
#[test]
fn branches_go_to_their_target() {
    for site in ["beq of 1 and 1", "blt of 1 and 2"] {
        let next = f(i64::from(Attack::pc(site, 1)));
        Attack::new().set(site, "target", next).branch(site, false).refused_by(&["program"]);
    }
    // The next pc of a branch that is not taken.
    let site = "blt of 2 and 1";
    Attack::new().branch(site, true).refused_by(&["BranchLessThan: constraint"]);
}

/// The order is claimed the other way round.
#[test]
fn branches_on_order_are_not_reversed() {
    Attack::new().set("blt of 2 and 1", "less", f(1)).branch("blt of 2 and 1", true).refused_by(&["range"]);
    Attack::new().set("blt of 1 and 2", "less", f(0)).branch("blt of 1 and 2", false).refused_by(&["range"]);
    Attack::new().set("bge of 1 and 2", "less", f(0)).branch("bge of 1 and 2", true).refused_by(&["range"]);
    // Taken half of the time.
    let site = "blt of 2 and 1";
    Attack::new().set(site, "less", inv_pow2(1)).refused_also_by("BranchLessThan: constraint");
}

/// 1 < −1 without signs: BLT with the honest witness of BLTU, and as BLTU.
#[test]
fn signs_of_branches_are_the_operands() {
    let (blt, bltu) = ("blt of 1 and -1", "bltu of 1 and -1");
    Attack::new().borrow_core(blt, bltu).set(blt, "is_unsigned", f(0)).branch(blt, true).refused_by(&["range"]);
    Attack::new().borrow_core(bltu, blt).set(bltu, "is_unsigned", f(1)).branch(bltu, false).refused_by(&["range"]);
    Attack::new().borrow_core(blt, bltu).branch(blt, true).refused_by(&["program"]);
    Attack::new().set("bge of 1 and 2", "is_ge", f(0)).branch("bge of 1 and 2", true).refused_by(&["program"]);
}

/// A computed jump to where the register does not point.
#[test]
fn a_computed_jump_goes_where_the_register_points() {
    let next = Attack::pc("jalr", 1);
    let mut attack = Attack::new();
    attack.set("jalr", "half", f(i64::from(next & 0xffff) / 2)).set("jalr", "high", f(i64::from(next >> 16)));
    attack.take("jalr", false).refused_by(&["Jalr: constraint"]);
}

/// The register points to the target plus 2p, where no program can be: modulo p it is the target.
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

/// The bit that a computed jump clears is claimed to be set: the next pc is odd.
#[test]
fn the_lowest_bit_of_a_computed_jump_is_the_sums() {
    let target = i64::from(Attack::pc("jalr", 3));
    let mut attack = Attack::new();
    attack.set("jalr", "lsb", f(1)).set("jalr", "half", f((target & 0xffff) - 1) * inv_pow2(1));
    for step in 0..2 {
        let pc = f(target - 1 + 4 * step);
        attack.set_in(&Attack::row("jalr", 3 + step as i32), "from_state.pc", pc);
    }
    attack.refused_by(&["program", "range"]);
    // An odd sum whose lowest bit is kept: as before, but honest about the pc that no instruction has.
    let mut attack = Attack::new();
    attack.feed("jalr", 6, cells_of(target as u32 + 1)).set_pair("jalr", "x", cells_of(target as u32 + 1));
    attack.set("jalr", "half", f((target & 0xffff) + 1) * inv_pow2(1));
    for step in 0..2 {
        let pc = f(target + 1 + 4 * step);
        attack.set_in(&Attack::row("jalr", 3 + step as i32), "from_state.pc", pc);
    }
    attack.refused_by(&["program", "range"]);
}

/// The return address is another one.
#[test]
fn the_link_of_a_computed_jump_is_the_next_instruction() {
    let link = cells_of(Attack::pc("jalr", 2));
    Attack::new().set_pair("jalr", "link", link).overwritten("jalr", 5, link).refused_by(&["program"]);
    let immediate = cells_of(4);
    let mut attack = Attack::new();
    // Another immediate, and the target that it leads to: T's second instruction.
    let target = i64::from(Attack::pc("jalr", 3)) + 4;
    attack.set_pair("jalr", "imm", immediate).set("jalr", "half", f((target & 0xffff) / 2));
    attack.refused_by(&["execution", "program"]);
}
