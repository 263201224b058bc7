//! Fused blocks.

use vm_core::arch::VmConfig;
use vm_core::instructions::Instruction;
use vm_core::machine::{VmChipComplex, VmExecutor};
use vm_core::stark::{list_air, AirRef};
use std::sync::Arc;
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;

#[test]
fn explore() {
    for (file, input) in [("mixed", Some(20u32)), ("fib", Some(1000))] {
        let elf = std::fs::read(format!("/work/shared/bench/{file}.elf")).unwrap();
        let mut config = Rv32imVm::default();
        config.system_mut().profiling = true;
        let exe = load_elf(&elf, &config).unwrap();
        let inputs: Vec<Vec<u8>> = input.iter().map(|n| n.to_le_bytes().to_vec()).collect();
        let report = VmExecutor::new(config.clone()).execute(&exe, inputs).unwrap();
        let counts: std::collections::BTreeMap<u32, u64> = report.profile.pcs.iter().copied().collect();
        let complex = VmChipComplex::new(&config).unwrap();
        let program = complex.load_program(&exe.program);
        let mut fuser = complex.fuser();
        let mut blocks: Vec<(u64, Vec<(u32, Instruction)>)> = Vec::new();
        let mut current: Vec<(u32, Instruction)> = Vec::new();
        let mut count = 0;
        for (&pc, &n) in &counts {
            let next = current.last().is_some_and(|(last, _)| last + 4 == pc) && n == count;
            if !next && !current.is_empty() {
                blocks.push((count, std::mem::take(&mut current)));
            }
            count = n;
            let Some(instruction) = program.instruction(pc) else { continue };
            current.push((pc, *instruction));
        }
        blocks.push((count, current));
        blocks.sort_by_key(|(n, b)| std::cmp::Reverse(n * b.len() as u64));
        let total: u64 = report.instructions;
        let (mut cells, mut messages, mut fused) = (0, 0, 0u64);
        let (mut plain_cells, mut plain_messages) = (0, 0);
        for (n, block) in blocks.iter().take(40) {
            let start = std::time::Instant::now();
            let made = fuser.fuse(block);
            let ms = start.elapsed().as_secs_f64() * 1e3;
            match made {
                Ok((circuit, executors)) => {
                    let air: AirRef = Arc::new(circuit.clone());
                    let sym = vm_core::stark::SymbolicAir::record(&*air);
                    let (mut c0, mut m0) = (0, 0);
                    for e in executors {
                        let air = vm_core::arch::Chip::air(&complex.inventory.executors()[e]);
                        let s = vm_core::stark::SymbolicAir::record(&*air);
                        c0 += vm_core::stark::Widths::of(&*air).main;
                        m0 += s.messages.len();
                    }
                    println!("{:#x} n={n} len={} columns {c0} -> {} messages {m0} -> {} constraints {} ticks {} {ms:.2} ms, degree {}", block[0].0, block.len(), circuit.num_columns(), circuit.num_messages(), sym.constraints.len(), circuit.ticks,
                        (0..sym.constraints.len()).map(|i| sym.constraint_degree(i)).max().unwrap());
                    cells += n * circuit.num_columns() as u64;
                    messages += n * circuit.num_messages() as u64;
                    plain_cells += n * c0 as u64;
                    plain_messages += n * m0 as u64;
                    fused += n * block.len() as u64;
                }
                Err(e) => println!("{:#x} n={n} len={}: {e}", block[0].0, block.len()),
            }
        }
        let per = |x: u64| x as f64 / fused as f64;
        println!("{file}: {total} instructions, fused {fused}: cells {:.2} -> {:.2}, messages {:.2} -> {:.2}", per(plain_cells), per(cells), per(plain_messages), per(messages));
        let (circuit, _) = fuser.fuse(&blocks[0].1).unwrap();
        let air: AirRef = Arc::new(circuit);
        println!("{}", list_air(&air, &complex.air_set(vm_core::system::program::ProgramAir::without_table()).buses));
    }
}
