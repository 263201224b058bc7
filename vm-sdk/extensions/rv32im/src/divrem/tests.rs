//! Division: results, witnesses, and provers that know what they want to claim.

use vm_core::instructions::{Instruction, LocalOpcode};

use super::*;
use crate::opcodes::register;
use crate::test_util::{Case, check, cost, pairs};

fn case(opcode: DivRemOpcode, x: u32, c: u32) -> Case {
    Case::new(Instruction::new(opcode, [register(5), register(6), register(7)]))
        .register(register(5), 0xDEAD_BEEF)
        .register(register(6), x)
        .register(register(7), c)
}

/// Dividends and divisors around everything special: zero, one, minus one, the extremes, equal ones, exact multiples.
const OPERANDS: [(u32, u32); 14] = [
    (0, 0),
    (7, 0),
    (0x8000_0000, 0),
    (u32::MAX, 0),
    (0x8000_0000, u32::MAX),
    (0x8000_0000, 1),
    (0x8000_0000, 0x8000_0000),
    (7, 0x8000_0000),
    (u32::MAX, u32::MAX),
    (0, 0xFFFF_FFF9),
    ((-7i32) as u32, 2),
    (7, (-2i32) as u32),
    ((-8i32) as u32, (-2i32) as u32),
    (0x1234_5678, 0x0001_0001),
];

/// Quotient and remainder by the text of the specification, over wide integers.
fn model(opcode: DivRemOpcode, x: u32, c: u32) -> u32 {
    let signed = matches!(opcode, DivRemOpcode::DIV | DivRemOpcode::REM);
    let integer = |word: u32| if signed { i128::from(word as i32) } else { i128::from(word) };
    let (x, c) = (integer(x), integer(c));
    let quotient = if c == 0 { -1 } else { x / c };
    let remainder = if c == 0 { x } else { x - c * quotient };
    let result = if matches!(opcode, DivRemOpcode::DIV | DivRemOpcode::DIVU) { quotient } else { remainder };
    result as u32
}

#[test]
fn results_are_those_of_the_specification() {
    for (x, c) in OPERANDS.into_iter().chain(pairs(300)) {
        for &opcode in DivRemOpcode::ALL {
            let outcome = case(opcode, x, c).run::<DivRemChip>().unwrap();
            assert_eq!(outcome.register(register(5)), model(opcode, x, c), "{opcode:?} {x:#x} {c:#x}");
            assert_eq!(outcome.to.pc, 0x1004);
        }
    }
}

#[test]
fn every_division_has_a_witness() {
    for (x, c) in OPERANDS.into_iter().chain(pairs(300)) {
        for &opcode in DivRemOpcode::ALL {
            case(opcode, x, c).check_witness::<DivRemChip>();
        }
    }
}

#[test]
fn rows_are_valid_and_no_change_is_a_forgery() {
    assert_eq!(cost::<DivRemChip>(), (38, 64));
    let cases: Vec<_> = DivRemOpcode::ALL
        .iter()
        .flat_map(|&opcode| OPERANDS.into_iter().step_by(3).map(move |(x, c)| case(opcode, x, c)))
        .collect();
    check::<DivRemChip>(&cases).expect(&["core.gap[0]", "core.gap[1]", "core.gap_carry"], &[]);
}
