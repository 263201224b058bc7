//! Comparison of random programs with the reference model.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vm_tests::model::asm;

use super::{BRANCHES, CORNERS, IMMEDIATE_OPS, LOADS, REGISTER_OPS, SHIFT_IMMEDIATE_OPS, STORES, link};
use crate::support::against_model;

/// Number of random programs.
const PROGRAMS: u64 = 200;
/// Approximate number of instructions per program, without its setup.
const INSTRUCTIONS: usize = 120;
/// Number of registers that random instructions read and write. x16 points to the middle of the scratch area, and x17
/// holds computed addresses.
const REGISTERS: u32 = 16;
/// Size of the scratch area in bytes.
const SCRATCH: usize = 4096;

/// Encodes a jump by a byte offset.
type Jump = Box<dyn Fn(i32) -> u32>;

/// Returns a program of random instructions. It has no loops, because all jumps go forward. Loads and stores stay in
/// the scratch area, which begins at `page`.
fn program(seed: u64, page: u32) -> Vec<u32> {
    let rng = &mut StdRng::seed_from_u64(seed);
    // x16 points to the middle of the area, so that every immediate leads into it.
    let mut code = vec![asm::lui(16, page)];
    code.extend(asm::li(17, SCRATCH as u32 / 2));
    code.push(asm::add(16, 16, 17));
    for register in 1..REGISTERS {
        let value = if rng.random() { CORNERS[rng.random_range(0..CORNERS.len())] } else { rng.random() };
        code.extend(asm::li(register, value));
    }
    // Jumps are encoded at the end, when it is known where instructions start. A jump between the instruction that
    // computes an address and the one that uses it would make the latter use another address.
    let mut jumps: Vec<(usize, Jump)> = vec![];
    let mut starts = vec![];
    let end = code.len() + INSTRUCTIONS;
    while code.len() < end {
        starts.push(code.len());
        let mut any = || rng.random_range(0..REGISTERS);
        let (rd, rs1, rs2) = (any(), any(), any());
        match rng.random_range(0..16) {
            0..5 => code.push(REGISTER_OPS[rng.random_range(0..18)].1(rd, rs1, rs2)),
            5..8 => code.push(IMMEDIATE_OPS[rng.random_range(0..6)].1(rd, rs1, rng.random_range(-2048..2048))),
            8 => code.push(SHIFT_IMMEDIATE_OPS[rng.random_range(0..3)].1(rd, rs1, rng.random_range(0..32))),
            9 => code.push(asm::lui(rd, rng.random_range(0..1 << 20))),
            10 => code.push(asm::auipc(rd, rng.random_range(0..1 << 20))),
            11 => {
                let branch = BRANCHES[rng.random_range(0..6)].1;
                jumps.push((code.len(), Box::new(move |offset| branch(rs1, rs2, offset))));
                code.push(0);
            }
            12 => {
                jumps.push((code.len(), Box::new(move |offset| asm::jal(rd, offset))));
                code.push(0);
            }
            13 => {
                // JALR ignores the lowest bit of its target.
                let lsb = rng.random_range(0..2);
                code.push(asm::auipc(17, 0));
                jumps.push((code.len(), Box::new(move |offset| asm::jalr(rd, 17, offset + 4 + lsb))));
                code.push(0);
            }
            kind => {
                let (_, load, load_width) = LOADS[rng.random_range(0..5)];
                let (_, store, store_width) = STORES[rng.random_range(0..3)];
                let width = if kind == 14 { load_width } else { store_width };
                let imm = rng.random_range(-2048 / width..2048 / width) * width;
                let (mut base, mut offset) = (16, imm);
                if rng.random() {
                    // A computed address: x16 plus a multiple of four up to 1020.
                    code.extend([asm::andi(17, rs1, 0x3fc), asm::add(17, 17, 16)]);
                    (base, offset) = (17, rng.random_range(-1024 / width..1024 / width) * width);
                }
                code.push(if kind == 14 { load(rd, base, offset) } else { store(rs2, base, offset) });
            }
        }
    }
    starts.push(code.len());
    code.push(asm::terminate(0));
    for (at, encode) in jumps {
        let ahead = &starts[starts.partition_point(|&start| start <= at)..];
        let target = ahead[rng.random_range(0..ahead.len().min(5))];
        code[at] = encode(4 * (target - at) as i32);
    }
    code
}

#[test]
fn random_programs_agree_with_the_model() {
    let mut executed = 0;
    for seed in 0..PROGRAMS {
        let data: Vec<u8> = {
            let rng = &mut StdRng::seed_from_u64(!seed);
            (0..SCRATCH).map(|_| rng.random()).collect()
        };
        let elf = link(&data, |page| program(seed, page));
        let (agreed, outcome) = against_model(&elf, &[], &format!("program {seed}"));
        let run = agreed.result.as_ref().expect("random programs do not fail");
        assert_eq!((run.instructions, run.state.pc), (outcome.instret, outcome.pc), "program {seed}");
        executed += run.instructions;
    }
    println!("{executed} instructions");
    assert!(executed > 40 * PROGRAMS);
}
