//! Forgeries that are the same for every AIR, and the controls.

use vm_core::arch::{ChipUsageGetter, cells_of, inv_pow2};
use vm_core::machine::VmChipComplex;
use vm_sdk::config::Rv32imVm;

use super::attack::{Attack, executor_names, f};

/// Controls: the honest traces are accepted, and so are those of a run with another hint, changed by the same means as
/// all forgeries. So what the tools repair is repaired.
#[test]
fn honest_traces_are_accepted_and_so_is_another_hint() {
    Attack::new().accepted();
    let mut attack = Attack::new();
    let hint = cells_of(0x0004_0008);
    attack.feed("hint", 2, hint).set_pair("hint", "x", hint).result("hint", cells_of(0x0004_0009));
    attack.accepted();
}

/// The forgeries below are tried on all AIRs of the extension.
#[test]
fn the_program_uses_every_air() {
    let complex = VmChipComplex::new(&Rv32imVm::default()).unwrap();
    let executors: Vec<String> = complex.inventory.executors().iter().map(ChipUsageGetter::air_name).collect();
    assert_eq!(executor_names(), executors);
    executors.iter().for_each(|air| drop(Attack::new().first_row(air)));
}

/// A padding row is switched on: an instruction is executed twice at the same time. The row itself is fine; the second
/// execution has no state to start from and no memory to read.
#[test]
fn no_row_is_executed_twice() {
    for air in executor_names() {
        let mut attack = Attack::new();
        let (first, padding) = (attack.first_row(&air), attack.padding_row(&air));
        attack.copy_row(&first, &padding);
        attack.refused_also_by("execution");
    }
}

/// A row with multiplicity −1 takes back all messages of the row that it is a copy of, and another copy brings them
/// again: if flags were not boolean, this would replace honest rows by anything.
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

/// Half of a row twice: flags of 1/2 on two copies sum up to one row.
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

/// A real row is switched off: its instruction is skipped.
#[test]
fn no_row_is_left_out() {
    for air in executor_names() {
        let mut attack = Attack::new();
        let first = attack.first_row(&air);
        attack.scale_selectors(&first, f(0));
        attack.refused_also_by("execution");
    }
}
