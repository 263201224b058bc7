//! Forgeries that are tried on every AIR, and the positive controls of the helpers.

use vm_core::arch::{ChipUsageGetter, cells_of, inv_pow2};
use vm_core::machine::VmChipComplex;
use vm_sdk::config::Rv32imVm;

use super::attack::{Attack, executor_names, f};

/// Positive control: the honest traces are accepted. So are those of a run with another hint, which are made with the
/// same helpers as all forgeries. This shows that the helpers repair what they claim to repair.
#[test]
fn honest_traces_are_accepted_and_so_is_another_hint() {
    Attack::new().accepted();
    let mut attack = Attack::new();
    let hint = cells_of(0x0004_0008);
    attack.feed("hint", 2, hint).set_pair("hint", "x", hint).result("hint", cells_of(0x0004_0009));
    attack.accepted();
}

/// The program executes a row of every AIR of the extension, so the forgeries below are tried on all of them.
#[test]
fn the_program_uses_every_air() {
    let complex = VmChipComplex::new(&Rv32imVm::default()).unwrap();
    let executors: Vec<String> = complex.inventory.executors().iter().map(ChipUsageGetter::air_name).collect();
    assert_eq!(executor_names(), executors);
    executors.iter().for_each(|air| drop(Attack::new().first_row(air)));
}

/// Forged: a padding row becomes a copy of a used row, so that an instruction is executed twice at the same time. The
/// row itself satisfies all constraints. The execution bus refuses it: no row sends a state from which the second
/// execution could start. (Nor is there a memory message for it to receive.)
#[test]
fn no_row_is_executed_twice() {
    for air in executor_names() {
        let mut attack = Attack::new();
        let (first, padding) = (attack.first_row(&air), attack.padding_row(&air));
        attack.copy_row(&first, &padding);
        attack.refused_also_by("execution");
    }
}

/// Forged: a copy of a used row with multiplicity −1, which cancels all messages of that row, and another copy with
/// multiplicity 1, which sends them again. The constraints refuse it: selectors must be boolean. Otherwise, an attacker
/// could replace honest rows by any others.
#[test]
fn no_row_is_taken_back() {
    for air in executor_names() {
        let mut attack = Attack::new();
        let first = attack.first_row(&air);
        let negative = attack.padding_row(&air);
        attack.copy_row(&first, &negative).scale_selectors(&negative, f(-1));
        let positive = attack.padding_row(&air);
        attack.copy_row(&first, &positive);
        attack.refused_also_by(&format!("{air}: constraint"));
    }
}

/// Forged: a row is split into two copies with selectors of 1/2, whose messages sum up to those of the row. The
/// constraints refuse it: selectors must be boolean.
#[test]
fn no_row_is_split_in_halves() {
    for air in executor_names() {
        let mut attack = Attack::new();
        let first = attack.first_row(&air);
        let half = attack.padding_row(&air);
        attack.copy_row(&first, &half).scale_selectors(&half, inv_pow2(1));
        attack.scale_selectors(&first, inv_pow2(1));
        attack.refused_also_by(&format!("{air}: constraint"));
    }
}

/// Forged: the selectors of a used row are zero, so that its instruction is skipped. The execution bus refuses it: the
/// state before the instruction is sent, but no row receives it.
#[test]
fn no_row_is_left_out() {
    for air in executor_names() {
        let mut attack = Attack::new();
        let first = attack.first_row(&air);
        attack.scale_selectors(&first, f(0));
        attack.refused_also_by("execution");
    }
}
