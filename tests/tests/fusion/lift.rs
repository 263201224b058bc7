//! Rows that fused circuits of RV32IM accept extend to rows that the circuits of the instructions accept.

use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::StdRng;
use vm_core::arch::Chip;
use vm_core::stark::{AirRef, ProverMemory, instance_shape};
use vm_sdk::config::Rv32imVm;
use vm_tests::model::Exit;

use crate::judge::{Lifted, Lifter};
use crate::programs::Program;
use crate::support::{complex, is_true, traces};

/// Number of programs.
const PROGRAMS: u64 = 60;

#[test]
fn accepted_rows_of_blocks_are_rows_of_their_instructions() {
    let config = Rv32imVm::default();
    let machine = complex(&config);
    let mut fuser = machine.fuser();
    let is_true = |bus: &str, fields: &[_]| is_true(&machine, bus, fields).unwrap();
    let (mut blocks, mut rows, mut mutants) = (0, 0, 0);
    for seed in 0..PROGRAMS {
        let program = Program::random(2000 + seed);
        if program.exit != Exit::Code(0) {
            continue;
        }
        let fusion = Arc::new(program.random_plan(&mut fuser, &mut StdRng::seed_from_u64(seed)));
        let traces = traces(&config, &program, &fusion).unwrap();
        for (path, circuit) in fusion.circuits.iter().enumerate() {
            // The planner of runs does not record the circuit.
            let air: AirRef = circuit.clone();
            let recorded = instance_shape(&air, ProverMemory::Stacked { log_blowup: 1 });
            assert_eq!(circuit.stacked_shape(), recorded, "program {seed}, path {path}");
            let airs: Vec<_> =
                fusion.executors[path].iter().map(|id| machine.inventory.executors()[*id].air()).collect();
            let lifter = Lifter::new(circuit, &fusion.plan.paths[path].steps, &airs);
            let first = traces.set.airs.len() - fusion.circuits.len();
            let mut mutated = false;
            for trace in &traces.segments[0].per_air[first + path].traces {
                for row in trace.values.chunks(trace.width) {
                    let what = format!("program {seed}, path {path}");
                    assert_eq!(lifter.check(row, &is_true), Ok(Lifted::Agreed), "{what}");
                    rows += 1;
                    if !mutated {
                        mutants += lifter.check_mutations(row, &is_true, &what);
                        mutated = true;
                        blocks += 1;
                    }
                }
            }
        }
    }
    println!("{blocks} blocks, {rows} honest rows, {mutants} accepted mutants");
    assert!(blocks > 60 && mutants > 1000);
}
