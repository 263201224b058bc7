//! Which paths are chosen for a run.

use std::sync::Arc;

use vm_core::machine::VmExecutor;
use vm_core::machine::fusion::{ChosenPlan, Fusion, FusionBudget};
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;
use vm_tests::fixtures::{pseudo_random_words, quicksort};
use vm_tests::model::{asm, elf_of};

use crate::programs::BASE;
use crate::support::complex;

fn executor() -> VmExecutor<Rv32imVm> {
    VmExecutor::new(Rv32imVm::default())
}

/// Returns the indices of the instructions of each path that is chosen for the run of a program, and what share of the run
/// the paths prove.
fn chosen(code: &[u32]) -> (Vec<Vec<usize>>, f64) {
    let exe = load_elf(&elf_of(code, &[], BASE), &Rv32imVm::default()).unwrap();
    let ChosenPlan { plan, executions, instructions } =
        executor().choose_plan(&exe, vec![], FusionBudget::DEFAULT).unwrap();
    let index = |pc: u32| ((pc - BASE) / 4) as usize;
    let paths: Vec<Vec<usize>> =
        plan.paths.iter().map(|path| path.steps.iter().map(|(pc, _)| index(*pc)).collect()).collect();
    let fused: u64 = paths.iter().zip(&executions).map(|(path, count)| path.len() as u64 * count).sum();
    (paths, fused as f64 / instructions as f64)
}

#[test]
fn paths_go_through_functions_that_are_called_from_several_places() {
    let code = [
        asm::addi(5, 0, 2000),
        // 1: the loop calls the function twice.
        asm::addi(6, 6, 1),
        asm::jal(1, 4 * 7),
        asm::addi(7, 7, 2),
        asm::jal(1, 4 * 5),
        asm::addi(8, 8, 3),
        asm::addi(5, 5, -1),
        asm::bne(5, 0, -4 * 6),
        asm::terminate(0),
        // 9: the function returns to where it was called.
        asm::add(9, 9, 6),
        asm::xor(9, 9, 7),
        asm::jalr(0, 1, 0),
    ];
    let (paths, share) = chosen(&code);
    // One iteration, wherever the path begins.
    let iteration = [1, 2, 9, 10, 11, 3, 4, 9, 10, 11, 5, 6, 7];
    let is_iteration =
        |path: &Vec<usize>| (0..13).any(|start| *path == [&iteration[start..], &iteration[..start]].concat());
    assert!(paths.iter().any(is_iteration), "{paths:?}");
    assert!(share > 0.99, "{share}");
}

#[test]
fn paths_end_where_a_jump_has_several_targets() {
    let code = [
        asm::addi(5, 0, 2000),
        asm::auipc(12, 0),
        asm::addi(12, 12, 4 * 6),
        // 3: jumps to 7 or 11 in turn.
        asm::andi(11, 5, 1),
        asm::slli(11, 11, 4),
        asm::add(11, 11, 12),
        asm::jalr(0, 11, 0),
        asm::addi(6, 6, 1),
        asm::addi(7, 7, 1),
        asm::addi(8, 8, 1),
        asm::jal(0, 4 * 5),
        asm::addi(6, 6, 5),
        asm::addi(7, 7, 5),
        asm::addi(8, 8, 5),
        asm::jal(0, 4),
        // 15: the next iteration.
        asm::addi(5, 5, -1),
        asm::bne(5, 0, -4 * 13),
        asm::terminate(0),
    ];
    let (paths, share) = chosen(&code);
    for (jump, target) in [(6, 7), (6, 11)] {
        assert!(!paths.iter().any(|path| path.windows(2).any(|step| step == [jump, target])), "{paths:?}");
    }
    // From each target through the rest of the iteration to the next jump.
    for target in [7, 11] {
        let first: Vec<usize> = (target..target + 4).collect();
        let path = [&first[..], &[15, 16, 3, 4, 5, 6]].concat();
        assert!(paths.contains(&path), "{path:?} is not in {paths:?}");
    }
    assert!(share > 0.99, "{share}");
}

#[test]
fn paths_that_the_run_never_completes_are_left_out() {
    // A loop that is worth a block.
    let mut code = vec![asm::addi(5, 0, 2000), asm::addi(6, 6, 1), asm::addi(5, 5, -1), asm::bne(5, 0, -8)];
    // Each of four branches is not taken in three of four iterations, but one of them is taken in every iteration.
    code.extend([asm::addi(5, 0, 2000), asm::andi(11, 5, 3)]);
    for (index, register) in (6..10).enumerate() {
        code.extend([asm::addi(12, 11, -(index as i32)), asm::beq(12, 0, 8), asm::addi(register, register, 1)]);
    }
    code.extend([asm::addi(5, 5, -1), asm::bne(5, 0, -4 * 14), asm::terminate(0)]);
    let (paths, _) = chosen(&code);
    assert!(!paths.is_empty() && paths.iter().all(|path| path.iter().all(|index| *index < 5)), "{paths:?}");
}

#[test]
fn executions_are_those_of_the_run_and_budgets_are_kept() {
    let fixture = quicksort(&pseudo_random_words(4, 500));
    let config = Rv32imVm::default();
    let exe = load_elf(fixture.elf, &config).unwrap();
    let mut before = 0;
    for budget in [FusionBudget::SMALL, FusionBudget { columns: 60, ..FusionBudget::SMALL }, FusionBudget::WIDE] {
        let chosen = executor().choose_plan(&exe, fixture.inputs.clone(), budget).unwrap();
        let fusion = Arc::new(Fusion::new(chosen.plan.clone(), &mut complex(&config).fuser()).unwrap());
        let columns: usize = fusion.circuits.iter().map(|circuit| circuit.num_columns()).sum();
        assert!(columns > 0 && columns <= budget.columns, "{columns}");
        assert_ne!(columns, before);
        before = columns;
        let counted = executor().with_fusion(fusion).count_paths(&exe, fixture.inputs.clone()).unwrap();
        assert_eq!(chosen.executions, counted.iter().map(|count| *count as u64).collect::<Vec<_>>());
        assert!(counted.iter().all(|count| *count > 100), "{counted:?}");
    }
    // Long runs may have more columns.
    let columns = |cells_per_column| {
        let budget = FusionBudget { columns: 60, cells_per_column, ..FusionBudget::SMALL };
        let chosen = executor().choose_plan(&exe, fixture.inputs.clone(), budget).unwrap();
        let fusion = Fusion::new(chosen.plan, &mut complex(&config).fuser()).unwrap();
        fusion.circuits.iter().map(|circuit| circuit.num_columns()).sum::<usize>()
    };
    assert!(columns(1 << 40) <= 60 && columns(1 << 10) > 60 && columns(0) > 60);
    // A plan that saves too little is not worth its keys.
    let budget = FusionBudget { least_gain: 1 << 40, ..FusionBudget::DEFAULT };
    let none = executor().choose_plan(&exe, fixture.inputs.clone(), budget).unwrap();
    assert!(none.plan.is_empty() && none.executions.is_empty() && none.instructions > 10_000);
}
