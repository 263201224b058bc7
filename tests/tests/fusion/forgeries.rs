//! Forged rows of fused blocks, and forged plans, which the real verifier refuses.

use std::collections::BTreeSet;

use vm_core::arch::{Chip, LookupTable, PROGRAM_BUS};
use vm_core::instructions::{Instruction, Program as Table};
use vm_core::machine::fusion::FusionPlan;
use vm_core::machine::testing::{Allowed, check_survivors, sweep};
use vm_core::stark::{F, KeygenLimits, StarkEngine};
use vm_sdk::config::Rv32imVm;
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::p3::matrix::Matrix;
use vm_tests::model::asm;

use crate::programs::Program;
use crate::support::{Forge, complex};

/// A loop of three iterations with instructions of most kinds. Returns the program, and the program counters of the loop's
/// body with the branch back.
fn looping() -> (Program, Vec<u32>) {
    let data: Vec<u8> = (0..64u8).map(|byte| byte.wrapping_mul(37)).collect();
    let body = [
        asm::lw(5, 16, 0),
        asm::addi(5, 5, 7),
        asm::add(6, 5, 7),
        asm::xor(8, 6, 5),
        asm::andi(9, 8, 0x35),
        asm::sub(9, 9, 6),
        asm::sltu(10, 6, 8),
        asm::slti(11, 9, -5),
        asm::sll(11, 6, 5),
        asm::srli(12, 11, 3),
        asm::srai(13, 9, 5),
        asm::mul(7, 6, 5),
        asm::mulhu(4, 9, 8),
        asm::divu(3, 9, 5),
        asm::lui(2, 0x12345),
        asm::lbu(12, 16, 5),
        asm::lh(4, 16, 10),
        asm::sb(6, 16, 9),
        asm::sw(8, 16, 12),
        asm::auipc(2, 1),
        asm::addi(20, 20, -1),
    ];
    let back = -4 * body.len() as i32;
    let program = Program::new(&data, |page| {
        let mut code = vec![asm::lui(16, page), asm::addi(20, 0, 3), asm::addi(7, 0, 1000)];
        code.extend(body);
        code.extend([asm::bne(20, 0, back), asm::reveal(0, 6, 0), asm::terminate(0)]);
        code
    });
    let pcs = program.executed[3..3 + body.len() + 1].to_vec();
    (program, pcs)
}

/// A key with one block: the end of the loop's body, the branch back, and the beginning of the body.
fn forge() -> Forge {
    let (program, mut pcs) = looping();
    pcs.rotate_left(9);
    let forge = Forge::new(&program, FusionPlan { paths: vec![program.path(&pcs)] });
    assert_eq!(forge.guards(), BTreeSet::new());
    // The last iteration leaves the loop.
    let trace = &forge.inputs[forge.first_block()].traces[0];
    assert_eq!(trace.values.chunks(trace.width).filter(|row| row[0] == F::ONE).count(), 2);
    forge
}

#[test]
fn honest_traces_are_accepted() {
    let mut forge = forge();
    forge.recount();
    assert_eq!(forge.guards(), BTreeSet::new());
    assert!(!forge.is_refused());
}

#[test]
fn every_column_of_a_block_matters() {
    let forge = forge();
    let block = forge.first_block();
    let machine = complex(&Rv32imVm::default());
    let mut tables: Vec<&dyn LookupTable> = vec![&machine.base.range];
    tables.extend(machine.inventory.periphery().iter().filter_map(Chip::as_lookup_table));
    let sweep = sweep(&*forge.set.airs[block], &forge.inputs[block].traces[0], &[], &tables);
    println!("{} mutations, {} refused", sweep.mutations, sweep.killed);
    check_survivors(&sweep.survivors, &[FREE]).unwrap();
}

/// Column of a divisor of which one cell is 0.
const FREE: Allowed = Allowed::column(
    "Block0x200830x22",
    "12:0x200860.core.inverse[1]",
    "the divisor is not 0 if one of its cells has an inverse; the other inverse is multiplied by 0",
);

/// One column in this many is tried with the real prover.
const PROVEN: usize = 12;

#[test]
fn rows_with_one_other_cell_are_refused_by_the_verifier() {
    let mut forge = forge();
    let block = forge.first_block();
    let (width, names) = (forge.inputs[block].traces[0].width(), forge.set.airs[block].column_names());
    let honest = forge.inputs.clone();
    for column in (0..width).step_by(PROVEN) {
        assert_ne!(names[column], FREE.column);
        forge.inputs = honest.clone();
        forge.inputs[block].traces[0].values[column] += F::ONE;
        forge.recount();
        assert_ne!(forge.guards(), BTreeSet::new(), "{}", names[column]);
        assert!(forge.is_refused(), "{}", names[column]);
    }
}

/// The plan of a key says what the instructions are. A prover who makes the key proves with the instructions of another
/// program; only the query of the planned instructions notices it.
#[test]
fn plans_with_other_instructions_are_refused() {
    let (program, pcs) = looping();
    let honest = Forge::new(&program, FusionPlan { paths: vec![program.path(&pcs)] });
    let alter = |position: usize, change: &dyn Fn(&mut Instruction)| {
        let mut steps = program.path(&pcs).steps;
        change(&mut steps[position].1);
        (position, steps[position].1)
    };
    let sub = program.instructions[&pcs[5]].opcode;
    for (position, instruction) in [
        // Another immediate, another register, another opcode.
        alter(1, &|instruction| instruction.c += 1),
        alter(2, &|instruction| instruction.a += 4),
        alter(2, &|instruction| instruction.opcode = sub),
    ] {
        // A program with that instruction, run by the attacker.
        let mut exe = program.exe.clone();
        let regions = exe.program.regions().to_vec();
        let regions = regions.into_iter().map(|mut region| {
            let index = (pcs[position].wrapping_sub(region.base) / 4) as usize;
            if let Some(slot) = region.instructions.get_mut(index) {
                *slot = Some(instruction);
            }
            region
        });
        exe.program = Table::new(regions.collect()).unwrap();
        let mut steps = program.path(&pcs);
        steps.steps[position].1 = instruction;
        let other = Program { exe, ..program.clone() };
        let mut forge = Forge::new(&other, FusionPlan { paths: vec![steps] });
        assert_eq!(forge.guards(), BTreeSet::new());

        // The same circuits with the table of the honest program.
        let table = forge.air("Program");
        forge.set.airs[table] = honest.set.airs[table].clone();
        let row = honest.key.exe().program.iter().position(|(pc, _)| pc == pcs[position]).unwrap();
        assert_eq!(forge.inputs[table].traces[0].values[row], F::ONE);
        forge.inputs[table].traces[0].values[row] = F::ZERO;
        assert_eq!(forge.guards(), BTreeSet::from([PROGRAM_BUS.name.to_owned()]));
        let limits = KeygenLimits { max_total_instances: 200, ..Default::default() };
        let key = forge.engine.keygen(&forge.set, limits).unwrap();
        let is_refused = |forge: &Forge| match forge.engine.prove(&key, forge.inputs.clone()) {
            Ok(proof) => forge.engine.verify(key.verifying_key(), &proof).is_err(),
            Err(_) => true,
        };
        assert!(is_refused(&forge));

        // A row that makes no queries, and no row at all.
        let planned = forge.air("PlannedInstructions");
        forge.inputs[planned].traces[0].values[0] = F::ZERO;
        forge.recount();
        assert_eq!(forge.guards(), BTreeSet::from(["PlannedInstructions".to_owned()]));
        assert!(is_refused(&forge));
        forge.inputs[planned].traces.clear();
        assert_eq!(forge.guards(), BTreeSet::new());
        assert!(is_refused(&forge));
    }
}
