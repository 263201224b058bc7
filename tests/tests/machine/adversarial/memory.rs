//! Loads, stores and hints.

use vm_core::arch::{cells_of, inv_pow2};
use vm_core::stark::F;
use vm_sdk::p3::field::PrimeField32;

use super::attack::{Attack, f};
use super::program::{BYTES, OTHER, words};

/// A load returns what is not in memory: refused by the memory argument; and if the load receives what it sends itself,
/// by the check that time passes.
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

/// What a load hands to its register is what it read: the row has one pair of columns for both.
#[test]
fn a_load_does_not_move_another_value() {
    let forged = cells_of(OTHER + 1);
    Attack::new().overwritten("lw", 1, forged).refused_by(&["memory"]);
}

/// Another word than the one that the pointer names.
#[test]
fn a_load_reads_at_its_pointer() {
    // Another immediate.
    Attack::new().add("lw", "address.imm[0]", f(4)).refused_by(&["memory", "program"]);
    // Another base than the register's.
    Attack::new().add("lw", "address.base[0]", f(4)).refused_by(&["memory"]);
    // A sum that wraps, although it does not: the pointer is negative.
    Attack::new().set("lw", "address.wraps", f(1)).refused_by(&["memory", "range"]);
    // Or wraps by a fraction, so that the pointer is four larger: no boolean.
    for (site, air) in [("lw", "LoadWord"), ("lb", "LoadSubword")] {
        let mut attack = Attack::new();
        attack.set(site, "address.wraps", f(-4) * inv_pow2(16) * inv_pow2(16));
        attack.refused_by(&[&format!("{air}: constraint"), "memory", "range"]);
    }
}

/// The pointer is p more than the word's address: modulo p it is the same. The honest machine refuses it, as it is
/// beyond memory.
#[test]
fn pointers_do_not_wrap_around_the_field() {
    for (site, after) in [("lw of hint", 2), ("sw to hint", 1)] {
        let mut attack = Attack::new();
        let [low, high] = attack.pair(site, "address.base");
        // p = 2^31 − 2^27 + 1 has cells 1 and 0x7800.
        assert_eq!(F::ORDER_U32, 0x7800_0001);
        let base = [low + f(1), high + f(0x7800)];
        attack.feed(site, after, base).set_pair(site, "address.base", base).refused_by(&["range"]);
        // Pointers that are other field elements: 2^29 and 2^31 more.
        for beyond in [0x2000, 0x8000] {
            let base = [low, high + f(beyond)];
            let mut attack = Attack::new();
            attack.feed(site, after, base).set_pair(site, "address.base", base).refused_also_by("memory");
        }
    }
}

/// A word at a pointer that is not a multiple of four: nobody wrote there, and the row cannot be its own source.
#[test]
fn misaligned_accesses_have_no_source() {
    for (site, after) in [("lw of hint", 2), ("sw to hint", 1)] {
        let mut attack = Attack::new();
        let [low, high] = attack.pair(site, "address.base");
        let misaligned = [low + f(2), high];
        attack.feed(site, after, misaligned).set_pair(site, "address.base", misaligned).refused_by(&["memory"]);
    }
    // The load receives what it sends; the next access to the aligned word (a half-word load) follows on the one before.
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

    // A half-word at an odd pointer, with the lowest bit ignored or not.
    let mut attack = Attack::new();
    let [low, high] = attack.pair("lh of hint", "address.base");
    attack.feed("lh of hint", 2, [low + f(1), high]).set_pair("lh of hint", "address.base", [low + f(1), high]);
    attack.refused_by(&["memory"]);
    attack.set("lh of hint", "odd", f(1)).refused_by(&["LoadSubword: constraint"]);
}

/// A byte that is negative is loaded as a positive one, and the reverse; LB as LBU.
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

/// The other byte of the cell, the other cell of the word.
#[test]
fn a_load_takes_the_byte_that_it_points_to() {
    // Byte 0 instead of 1.
    let mut attack = Attack::new();
    attack.set("lbu", "odd", f(0)).set("lbu", "top", f(0x7e)).set("lbu", "other", f(0xff)).set("lbu", "low", f(0x7e));
    attack.overwritten("lbu", 1, [f(0x7e), f(0)]).refused_by(&["memory"]);
    // The pointer of the word is odd then: unless the row is its own source, or the address has a fraction.
    attack.read_own_send("lbu", 1, "reads_prev_timestamp[1]", 2).refused_by(&["range"]);
    let mut attack = Attack::new();
    attack.set("lbu", "odd", f(0)).set("lbu", "top", f(0x7e)).set("lbu", "other", f(0xff)).set("lbu", "low", f(0x7e));
    attack.set("lbu", "address.wraps", inv_pow2(16) * inv_pow2(16)).overwritten("lbu", 1, [f(0x7e), f(0)]);
    attack.refused_by(&["LoadSubword: constraint", "range"]);
    // Byte 3 instead of 1.
    let mut attack = Attack::new();
    attack.set("lbu", "in_high", f(1)).set("lbu", "top", f(0x80)).set("lbu", "other", f(0x81)).set(
        "lbu",
        "low",
        f(0x80),
    );
    attack.overwritten("lbu", 1, [f(0x80), f(0)]).refused_by(&["memory"]);
    // The split of the cell is moved: 0xff7e = 0x100·0xfe + 0x17e.
    let mut attack = Attack::new();
    attack.set("lbu", "top", f(0xfe)).set("lbu", "other", f(0x17e)).set("lbu", "low", f(0xfe));
    attack.overwritten("lbu", 1, [f(0xfe), f(0)]).refused_by(&["range"]);
}

/// SW stores what its register does not hold.
#[test]
fn a_store_stores_its_register() {
    let forged = cells_of(0x89ab_cdee);
    let mut attack = Attack::new();
    attack.set_pair("sw", "data", forged).overwritten("sw", 1, forged).refused_by(&["memory"]);
    let mut attack = Attack::new();
    attack.set_pair("sw", "data", forged).overwritten("sw", 1, forged);
    attack.read_own_send("sw", 1, "reads_prev_timestamp[1]", 3).refused_by(&["range"]);
}

/// SW stores to the word behind the one that its pointer names: the chains of both words are forged to fit.
#[test]
fn a_store_goes_to_its_pointer() {
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
    // Likewise by another immediate.
    attack.set("sw", "address.wraps", f(0)).add("sw", "address.imm[0]", f(4)).refused_by(&["program"]);
}

/// SW to public values or registers: the space is a function of the flags.
#[test]
fn a_store_stays_in_main_memory() {
    // As REVEAL.
    Attack::new().set("sw", "is_sw", f(0)).set("sw", "is_reveal", f(1)).refused_by(&["memory", "program"]);
    // 2·2 − 3 = 1, the registers; the row still counts once.
    let mut attack = Attack::new();
    attack.set("sw", "is_sw", f(2)).set("sw", "is_reveal", f(-1));
    attack.refused_by(&["StoreWord: constraint", "memory", "program"]);
    // Not at all: the store has no effect, only its overwriting has.
    let mut attack = Attack::new();
    attack.scale_selectors(&Attack::row("sw", 0), f(0));
    attack.refused_also_by("execution");
}

/// SB of another byte, of both, of the wrong one.
#[test]
fn a_byte_store_replaces_its_byte() {
    assert_eq!(words::SB % 4, 0);
    let site = "sb";
    // 0x1122_3344 becomes 0x11ef_3344. Claimed: 0x11ee_3344, with bytes of the data that are none.
    let mut attack = Attack::new();
    attack.add(site, "data_low", f(-1)).add(site, "change", f(-1)).add(site, "high_change", f(-1));
    attack.overwritten(site, 1, cells_of(0x11ee_3344)).refused_by(&["bitwise"]);
    // Claimed: the cell's other byte is replaced.
    let mut attack = Attack::new();
    attack.add(site, "change", f(256)).add(site, "high_change", f(256));
    attack.overwritten(site, 1, cells_of(0x12ef_3344)).refused_by(&["StoreSubword: constraint"]);
    // Claimed: the other cell gets the change.
    let mut attack = Attack::new();
    let change = attack.get(site, "change");
    attack.set(site, "high_change", f(0)).overwritten(site, 1, [f(0x3344) + change, f(0x1122)]);
    attack.refused_by(&["StoreSubword: constraint"]);
    // Claimed: SH, with its honest witness.
    let mut attack = Attack::new();
    attack.borrow_core(site, "sh").overwritten(site, 1, cells_of(0xcdef_3344)).refused_by(&["program"]);
}

/// SH at another place, with another half, as SB.
#[test]
fn a_half_word_store_replaces_its_cell() {
    let site = "sh";
    // Claimed: the low cell.
    let mut attack = Attack::new();
    attack.set(site, "in_high", f(0)).set(site, "high_change", f(0));
    for (column, value) in [("replaced", 0x44), ("kept", 0x33), ("cell_xor", 0x77), ("change", 0xcdef - 0x3344)] {
        attack.set(site, column, f(value));
    }
    attack.overwritten(site, 1, cells_of(0x1122_cdef)).refused_by(&["memory"]);
    attack.set(site, "address.wraps", f(2) * inv_pow2(16) * inv_pow2(16));
    attack.refused_by(&["StoreSubword: constraint", "range"]);
    // Claimed: the data's other half.
    let mut attack = Attack::new();
    let change = f(0x89ab - 0x1122);
    attack.set(site, "change", change).set(site, "high_change", change).overwritten(site, 1, cells_of(0x89ab_3344));
    attack.refused_by(&["StoreSubword: constraint"]);
    // Claimed: SB.
    let mut attack = Attack::new();
    attack.borrow_core(site, "sb").overwritten(site, 1, cells_of(0x11ef_3344)).refused_by(&["program"]);
    // Both flags: neither opcode.
    Attack::new().set(site, "is_sb", f(1)).refused_also_by("StoreSubword: constraint");
}

/// Hints are free, but they are words: a cell of 2^16 and more does not enter memory.
#[test]
fn hints_are_cells() {
    for data in [[f(1 << 16), f(0)], [f(0), f(-1)], [f(0x5678), f(1 << 16)]] {
        for site in ["hintstorew", "hintbuffer"] {
            let mut attack = Attack::new();
            attack.set_pair(site, "data", data).overwritten(site, 1, data).refused_by(&["range"]);
        }
    }
    // Control: any other word is accepted.
    for site in ["hintstorew", "hintbuffer"] {
        let other = cells_of(0xffff_0001);
        Attack::new().set_pair(site, "data", other).overwritten(site, 1, other).accepted();
    }
}

/// A hint is stored where the register points: not elsewhere, not at a pointer that wraps around the field.
#[test]
fn hints_go_where_the_register_points() {
    // The register's cells are the pointer: whoever changes one changes the other.
    Attack::new().add("hintstorew", "pointer[0]", f(4)).refused_by(&["memory"]);
    let site = "hintstorew to hint";
    let mut attack = Attack::new();
    let [low, high] = attack.pair(site, "pointer");
    let wrapped = [low + f(1), high + f(0x7800)];
    attack.feed(site, 1, wrapped).set_pair(site, "pointer", wrapped).refused_by(&["range"]);
    // Not a multiple of four.
    let mut attack = Attack::new();
    attack.feed(site, 1, [low + f(2), high]).set_pair(site, "pointer", [low + f(2), high]);
    attack.refused_by(&["memory"]);
}

/// HINT_BUFFER of one word ends behind it, and counts from zero.
#[test]
fn a_hint_buffer_has_the_length_that_the_register_says() {
    // It does not end, whatever the inverse.
    for inverse in [f(0), f(1)] {
        let mut attack = Attack::new();
        attack.set("hintbuffer", "is_last", f(0)).set("hintbuffer", "count_inv", inverse);
        attack.refused_also_by("HintBuffer: constraint");
    }
    // It counts two words and writes one.
    let count = cells_of(2);
    let mut attack = Attack::new();
    attack.set_pair("hintbuffer", "count", count);
    attack.read_own_send("hintbuffer", 1, "reads_prev_timestamp[1]", 3);
    attack.refused_by(&["HintBuffer: constraint", "range"]);
    // The cursor starts at one: the hint goes to the second word.
    let mut attack = Attack::new();
    attack.set("hintbuffer", "cursor.prev_data[0]", f(1)).refused_also_by("memory");
}
