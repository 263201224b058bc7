//! Loads, stores and hints.

use vm_core::arch::{cells_of, inv_pow2};
use vm_core::stark::F;
use vm_sdk::p3::field::PrimeField32;

use super::attack::{Attack, f};
use super::program::{BYTES, OTHER, words};

/// Forged: a load returns a word that is not in memory. The memory bus refuses it, because no such message is sent. If
/// the load receives the message that it sends itself, the range check of the gap to the previous access refuses it.
#[test]
fn a_load_returns_what_was_stored() {
    let forged = cells_of(OTHER + 1);
    let mut attack = Attack::new();
    attack.set_pair("lw", "word", forged).overwritten("lw", 1, forged).overwritten("lw", 2, forged);
    attack.refused_by(&["memory"]);

    let mut attack = Attack::new();
    attack.set_pair("lw", "word", forged).overwritten("lw", 1, forged);
    attack.read_own_send("lw", 1, "reads_prev_timestamp[1]", 2).refused_by(&["range"]);
}

/// Forged: a load writes another word to its register than the one it reads. The row has one pair of columns for both,
/// so only the instruction that overwrites the register can claim another word. The memory bus refuses it.
#[test]
fn a_load_does_not_move_another_value() {
    let forged = cells_of(OTHER + 1);
    Attack::new().overwritten("lw", 1, forged).refused_by(&["memory"]);
}

/// Forged: a load reads another word than the one that its pointer points to.
#[test]
fn a_load_reads_at_its_pointer() {
    // Another immediate, which is an operand of the program. The word at the forged pointer has another message.
    Attack::new().add("lw", "address.imm[0]", f(4)).refused_by(&["memory", "program"]);
    // Another base, which the register does not hold.
    Attack::new().add("lw", "address.base[0]", f(4)).refused_by(&["memory"]);
    // The sum is claimed to wrap although it does not. The pointer is negative, which the range check of its high cell
    // refuses, and no word has this pointer.
    Attack::new().set("lw", "address.wraps", f(1)).refused_by(&["memory", "range"]);
    // `wraps` is a fraction that makes the pointer larger by four. A constraint requires a boolean, the high cell is
    // not in range, and the memory bus refuses the word.
    for (site, air) in [("lw", "LoadWord"), ("lb", "LoadSubword")] {
        let mut attack = Attack::new();
        attack.set(site, "address.wraps", f(-4) * inv_pow2(16) * inv_pow2(16));
        attack.refused_by(&[&format!("{air}: constraint"), "memory", "range"]);
    }
}

/// Forged: the pointer is the address of the word plus p. Modulo p, it is the address itself, but the honest machine
/// refuses to execute the access, because the pointer is beyond the end of memory. The range check of the pointer's
/// high cell refuses the traces.
#[test]
fn pointers_do_not_wrap_around_the_field() {
    for (site, after) in [("lw of hint", 2), ("sw to hint", 1)] {
        let mut attack = Attack::new();
        let [low, high] = attack.pair(site, "address.base");
        // p = 2^31 − 2^27 + 1 has cells 1 and 0x7800.
        assert_eq!(F::ORDER_U32, 0x7800_0001);
        let base = [low + f(1), high + f(0x7800)];
        attack.feed(site, after, base).set_pair(site, "address.base", base).refused_by(&["range"]);
        // The address plus 2^29 or 2^31, which are other field elements. The memory bus refuses them, because there is
        // no word at these pointers.
        for beyond in [0x2000, 0x8000] {
            let base = [low, high + f(beyond)];
            let mut attack = Attack::new();
            attack.feed(site, after, base).set_pair(site, "address.base", base).refused_also_by("memory");
        }
    }
}

/// Forged: an access to a word at a pointer that is not a multiple of four. The memory bus refuses it: the boundary
/// sends no word at such a pointer, and a row cannot receive its own message.
#[test]
fn misaligned_accesses_have_no_source() {
    for (site, after) in [("lw of hint", 2), ("sw to hint", 1)] {
        let mut attack = Attack::new();
        let [low, high] = attack.pair(site, "address.base");
        let misaligned = [low + f(2), high];
        attack.feed(site, after, misaligned).set_pair(site, "address.base", misaligned).refused_by(&["memory"]);
    }
    // The load receives the message that it sends itself. The next access to the aligned word, by a half-word load,
    // receives the message of the access before the forged one. The range check of the gap refuses the load.
    let site = "lw of hint";
    let mut attack = Attack::new();
    let [low, high] = attack.pair(site, "address.base");
    let misaligned = [low + f(2), high];
    attack.feed(site, 2, misaligned).set_pair(site, "address.base", misaligned);
    let before = attack.get(site, "reads_prev_timestamp[1]");
    let now = attack.get(site, "from_state.timestamp") + f(1);
    let loaded = cells_of(0xdead_beef);
    attack.set_pair(site, "word", loaded).overwritten(site, 1, loaded).set(site, "reads_prev_timestamp[1]", now);
    attack.set("lh of hint", "reads_prev_timestamp[1]", before).refused_by(&["range"]);

    // A half-word at an odd pointer. If `odd` stays 0, the pointer of the word is odd, and the memory bus refuses it.
    // If `odd` is 1, a constraint refuses it, because half-words have even offsets.
    let mut attack = Attack::new();
    let [low, high] = attack.pair("lh of hint", "address.base");
    attack.feed("lh of hint", 2, [low + f(1), high]).set_pair("lh of hint", "address.base", [low + f(1), high]);
    attack.refused_by(&["memory"]);
    attack.set("lh of hint", "odd", f(1)).refused_by(&["LoadSubword: constraint"]);
}

/// Forged: the sign of a load. For a signed load, the range check of the top byte refuses a missing sign. For an
/// unsigned load, a constraint requires the sign to be zero. LB that is executed as LBU is refused by the program
/// lookup.
#[test]
fn signs_of_loads_are_the_bytes() {
    assert_eq!(BYTES.to_le_bytes()[1], 0xff);
    let mut attack = Attack::new();
    attack.set("lb", "sign", f(0)).set("lb", "low", f(0xff)).overwritten("lb", 1, [f(0xff), f(0)]);
    attack.refused_by(&["range"]);
    let mut attack = Attack::new();
    attack.set("lbu", "sign", f(1)).set("lbu", "low", f(0xffff)).overwritten("lbu", 1, [f(0xffff), f(0xffff)]);
    attack.refused_also_by("LoadSubword: constraint");
    let mut attack = Attack::new();
    attack.borrow_core("lb", "lbu").overwritten("lb", 1, [f(0xff), f(0)]).refused_by(&["program"]);
    let mut attack = Attack::new();
    attack.set("lh", "sign", f(0)).overwritten("lh", 1, [f(0x8081), f(0)]).refused_by(&["range"]);
}

/// Forged: LBU, whose pointer is to byte 1 of the word, loads another byte.
#[test]
fn a_load_takes_the_byte_that_it_points_to() {
    // Byte 0, with `odd` = 0. The pointer of the word is then odd, so the memory bus refuses it.
    let mut attack = Attack::new();
    attack.set("lbu", "odd", f(0)).set("lbu", "top", f(0x7e)).set("lbu", "other", f(0xff)).set("lbu", "low", f(0x7e));
    attack.overwritten("lbu", 1, [f(0x7e), f(0)]).refused_by(&["memory"]);
    // The row receives the message that it sends itself. The range check of the gap refuses it.
    attack.read_own_send("lbu", 1, "reads_prev_timestamp[1]", 2).refused_by(&["range"]);
    // `wraps` is a fraction that makes the pointer of the word even again. A constraint requires a boolean, and the
    // high cell is not in range.
    let mut attack = Attack::new();
    attack.set("lbu", "odd", f(0)).set("lbu", "top", f(0x7e)).set("lbu", "other", f(0xff)).set("lbu", "low", f(0x7e));
    attack.set("lbu", "address.wraps", inv_pow2(16) * inv_pow2(16)).overwritten("lbu", 1, [f(0x7e), f(0)]);
    attack.refused_by(&["LoadSubword: constraint", "range"]);
    // Byte 3, with `in_high` = 1. The pointer of the word is smaller by two, so the memory bus refuses it.
    let mut attack = Attack::new();
    attack.set("lbu", "in_high", f(1)).set("lbu", "top", f(0x80)).set("lbu", "other", f(0x81)).set(
        "lbu",
        "low",
        f(0x80),
    );
    attack.overwritten("lbu", 1, [f(0x80), f(0)]).refused_by(&["memory"]);
    // Another split of the cell: 0xff7e = 0x100·0xfe + 0x17e. The range check refuses the part that is not a byte.
    let mut attack = Attack::new();
    attack.set("lbu", "top", f(0xfe)).set("lbu", "other", f(0x17e)).set("lbu", "low", f(0xfe));
    attack.overwritten("lbu", 1, [f(0xfe), f(0)]).refused_by(&["range"]);
}

/// Forged: SW stores a word that its register does not hold. The memory bus refuses it. If the row receives the message
/// that it sends itself, the range check of the gap refuses it.
#[test]
fn a_store_stores_its_register() {
    let forged = cells_of(0x89ab_cdee);
    let mut attack = Attack::new();
    attack.set_pair("sw", "data", forged).overwritten("sw", 1, forged).refused_by(&["memory"]);
    let mut attack = Attack::new();
    attack.set_pair("sw", "data", forged).overwritten("sw", 1, forged);
    attack.read_own_send("sw", 1, "reads_prev_timestamp[1]", 3).refused_by(&["range"]);
}

/// Forged: SW stores to the word after the one that its pointer points to. The messages of both words are forged to
/// fit, so the memory bus balances.
#[test]
fn a_store_goes_to_its_pointer() {
    // `wraps` is a fraction that makes the pointer larger by four. A constraint requires a boolean, and the high cell
    // is not in range.
    let mut attack = Attack::new();
    let (named, next) = (attack.pair("sw", "prev"), cells_of(OTHER));
    let named_since = attack.get("sw", "write_prev_timestamp");
    let next_since = attack.get_in(&Attack::row("sw", 2), "write_prev_timestamp");
    let now = attack.get("sw", "from_state.timestamp") + f(2);
    attack.set("sw", "address.wraps", f(-4) * inv_pow2(16) * inv_pow2(16)).set_pair("sw", "prev", next).set(
        "sw",
        "write_prev_timestamp",
        next_since,
    );
    attack.overwritten("sw", 1, named).overwritten_since("sw", 1, named_since);
    attack.overwritten("sw", 2, cells_of(0x89ab_cdef)).overwritten_since("sw", 2, now);
    attack.refused_by(&["StoreWord: constraint", "range"]);
    // The same with another immediate. The program lookup refuses it.
    attack.set("sw", "address.wraps", f(0)).add("sw", "address.imm[0]", f(4)).refused_by(&["program"]);
}

/// Forged: SW stores to public values, to registers or not at all. The address space is a function of the opcode flags
/// (2 for SW, 3 for REVEAL).
#[test]
fn a_store_stays_in_main_memory() {
    // SW is executed as REVEAL. The program lookup refuses the opcode, and the memory bus the space.
    Attack::new().set("sw", "is_sw", f(0)).set("sw", "is_reveal", f(1)).refused_by(&["memory", "program"]);
    // With flags 2 and −1, the space is 2·2 − 3 = 1, that of the registers, and the row still counts once. A constraint
    // requires booleans, the program does not contain the opcode, and the memory bus refuses the space.
    let mut attack = Attack::new();
    attack.set("sw", "is_sw", f(2)).set("sw", "is_reveal", f(-1));
    attack.refused_by(&["StoreWord: constraint", "memory", "program"]);
    // The selectors are zero, so that the store has no effect. The execution bus refuses it.
    let mut attack = Attack::new();
    attack.scale_selectors(&Attack::row("sw", 0), f(0));
    attack.refused_also_by("execution");
}

/// Forged: SB stores another byte, or replaces more than its byte, or another one.
#[test]
fn a_byte_store_replaces_its_byte() {
    assert_eq!(words::SB % 4, 0);
    let site = "sb";
    // In the honest run, 0x1122_3344 becomes 0x11ef_3344. Claimed: 0x11ee_3344. The low part of the data is 0xee, so
    // the high part is a fraction, which the bitwise lookup refuses.
    let mut attack = Attack::new();
    attack.add(site, "data_low", f(-1)).add(site, "change", f(-1)).add(site, "high_change", f(-1));
    attack.overwritten(site, 1, cells_of(0x11ee_3344)).refused_by(&["bitwise"]);
    // Claimed: the other byte of the cell changes, too. A constraint determines the change.
    let mut attack = Attack::new();
    attack.add(site, "change", f(256)).add(site, "high_change", f(256));
    attack.overwritten(site, 1, cells_of(0x12ef_3344)).refused_by(&["StoreSubword: constraint"]);
    // Claimed: the low cell changes instead of the high one. A constraint determines where the change goes.
    let mut attack = Attack::new();
    let change = attack.get(site, "change");
    attack.set(site, "high_change", f(0)).overwritten(site, 1, [f(0x3344) + change, f(0x1122)]);
    attack.refused_by(&["StoreSubword: constraint"]);
    // Claimed: SB is executed as SH, with its honest witness. The program lookup refuses it.
    let mut attack = Attack::new();
    attack.borrow_core(site, "sh").overwritten(site, 1, cells_of(0xcdef_3344)).refused_by(&["program"]);
}

/// Forged: SH replaces the other cell, or stores the other half of the data, or is executed as SB.
#[test]
fn a_half_word_store_replaces_its_cell() {
    let site = "sh";
    // Claimed: the low cell is replaced. The pointer of the word is larger by two, so the memory bus refuses it. With a
    // fraction in `wraps` that makes the pointer aligned, the constraints and the range check of the high cell refuse
    // it.
    let mut attack = Attack::new();
    attack.set(site, "in_high", f(0)).set(site, "high_change", f(0));
    for (column, value) in [("replaced", 0x44), ("kept", 0x33), ("cell_xor", 0x77), ("change", 0xcdef - 0x3344)] {
        attack.set(site, column, f(value));
    }
    attack.overwritten(site, 1, cells_of(0x1122_cdef)).refused_by(&["memory"]);
    attack.set(site, "address.wraps", f(2) * inv_pow2(16) * inv_pow2(16));
    attack.refused_by(&["StoreSubword: constraint", "range"]);
    // Claimed: the high half of the data is stored. A constraint determines the change.
    let mut attack = Attack::new();
    let change = f(0x89ab - 0x1122);
    attack.set(site, "change", change).set(site, "high_change", change).overwritten(site, 1, cells_of(0x89ab_3344));
    attack.refused_by(&["StoreSubword: constraint"]);
    // Claimed: SH is executed as SB. The program lookup refuses it.
    let mut attack = Attack::new();
    attack.borrow_core(site, "sb").overwritten(site, 1, cells_of(0x11ef_3344)).refused_by(&["program"]);
    // Both flags are set. A constraint refuses it: the flags must sum up to a boolean.
    Attack::new().set(site, "is_sb", f(1)).refused_also_by("StoreSubword: constraint");
}

/// Forged: a hint with a cell that is negative or at least 2^16. Hints are free, but the range checks refuse what is
/// not a cell.
#[test]
fn hints_are_cells() {
    for data in [[f(1 << 16), f(0)], [f(0), f(-1)], [f(0x5678), f(1 << 16)]] {
        for site in ["hintstorew", "hintbuffer"] {
            let mut attack = Attack::new();
            attack.set_pair(site, "data", data).overwritten(site, 1, data).refused_by(&["range"]);
        }
    }
    // Positive control: any other word is accepted.
    for site in ["hintstorew", "hintbuffer"] {
        let other = cells_of(0xffff_0001);
        Attack::new().set_pair(site, "data", other).overwritten(site, 1, other).accepted();
    }
}

/// Forged: a hint is stored where the register does not point.
#[test]
fn hints_go_where_the_register_points() {
    // Another pointer. The columns of the pointer are those of the register's word, so the memory bus refuses them.
    Attack::new().add("hintstorew", "pointer[0]", f(4)).refused_by(&["memory"]);
    // The address plus p, which is the address modulo p. The range check of the high cell refuses it.
    let site = "hintstorew to hint";
    let mut attack = Attack::new();
    let [low, high] = attack.pair(site, "pointer");
    let wrapped = [low + f(1), high + f(0x7800)];
    attack.feed(site, 1, wrapped).set_pair(site, "pointer", wrapped).refused_by(&["range"]);
    // A pointer that is not a multiple of four. The memory bus refuses it, because there is no word.
    let mut attack = Attack::new();
    attack.feed(site, 1, [low + f(2), high]).set_pair(site, "pointer", [low + f(2), high]);
    attack.refused_by(&["memory"]);
}

/// Forged: a HINT_BUFFER of one word does not end after that word, or does not count from zero.
#[test]
fn a_hint_buffer_has_the_length_that_the_register_says() {
    // The step is claimed not to be the last one. The constraints refuse it, whatever the inverse is.
    for inverse in [f(0), f(1)] {
        let mut attack = Attack::new();
        attack.set("hintbuffer", "is_last", f(0)).set("hintbuffer", "count_inv", inverse);
        attack.refused_also_by("HintBuffer: constraint");
    }
    // The count is claimed to be two, read from the row's own send, but the step is the last one. The constraints
    // refuse it, and so does the range check of the gap.
    let count = cells_of(2);
    let mut attack = Attack::new();
    attack.set_pair("hintbuffer", "count", count);
    attack.read_own_send("hintbuffer", 1, "reads_prev_timestamp[1]", 3);
    attack.refused_by(&["HintBuffer: constraint", "range"]);
    // The cursor is claimed to start at one, so that the hint goes to the second word. The memory bus refuses it,
    // because the cursor is zero.
    let mut attack = Attack::new();
    attack.set("hintbuffer", "cursor.prev_data[0]", f(1)).refused_also_by("memory");
}
