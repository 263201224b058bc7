//! Executes failed runs again to find their calls.

use vm_core::arch::{ExecutionError, Streams, VmConfig};
use vm_core::machine::{VmExecutionError, VmExecutor};

use super::{Backtrace, OpenCall};
use crate::elf::ElfImage;
use crate::error::SdkError;
use crate::profile::{Counts, ImageNames, Names, ShadowStack, Slot, Transfer};
use crate::program::GuestProgram;
use crate::report::grouped;

/// Greatest number of innermost calls in a backtrace.
const INNERMOST: usize = 16;
/// Greatest number of outermost calls in addition.
const OUTERMOST: usize = 9;
/// The instruction `unimp`, in which aborts and traps of compilers consist.
const UNIMP: u32 = 0xc000_1073;

/// Adds the backtrace to an error of a run of `program` with `streams`, if the guest failed.
pub(crate) fn with_backtrace<VC: VmConfig>(
    mut error: SdkError,
    executor: &VmExecutor<VC>,
    program: &GuestProgram,
    streams: Streams,
) -> SdkError {
    match &mut error {
        // The clock is that of proofs, and stands still in the run that is followed.
        SdkError::Execution { error, .. } if matches!(**error, ExecutionError::ClockOverflow { .. }) => {}
        SdkError::Execution { backtrace: found, .. } | SdkError::ExitCode { backtrace: found, .. } => {
            *found = backtrace(executor, program, streams);
        }
        _ => {}
    }
    error
}

/// Executes a run that failed once more, and returns its backtrace. Returns `None` if the guest ended by an exit of its own:
/// not by a panic, an abort or an error of the machine.
pub(crate) fn backtrace<VC: VmConfig>(
    executor: &VmExecutor<VC>,
    program: &GuestProgram,
    streams: Streams,
) -> Option<Backtrace> {
    let image = program.image();
    let regions: Vec<(u32, Vec<Slot>)> = slots(program);
    // A misaligned program counter becomes a huge index.
    let find = |pc: u32| {
        let index = |base: u32| pc.wrapping_sub(base).rotate_right(2) as usize;
        regions.iter().find_map(|(base, slots)| slots.get(index(*base)))
    };
    let start = find(program.exe().pc_start).copied().unwrap_or_default();
    let mut stack = ShadowStack::new(ImageNames::new(image), &start);
    let mut last: Option<Slot> = None;
    let result = executor.execute_pcs(program.exe(), streams, |pc| {
        // A jump out of the program is the last instruction.
        let Some(slot) = find(pc) else { return };
        if let Some(last) = last.replace(*slot) {
            stack.step(&last, pc, Counts::default(), String::new);
        }
    });
    // The last instruction has failed, so it is no call and no return.
    let last = Slot { transfer: Transfer::None, ..last? };
    stack.step(&last, last.pc, Counts::default(), String::new);
    let is_trap = match result {
        Ok(report) if report.exit.code() == 0 => return None,
        Ok(_) => image.word(last.pc) == Some(UNIMP),
        // Somebody has no time for a backtrace.
        Err(error) if error.is_cancelled() => return None,
        Err(VmExecutionError::Execution(_)) => true,
        Err(_) => return None,
    };
    let names = ImageNames::new(image);
    let mut calls = Vec::new();
    let mut pc = Some(last.pc);
    let open = stack.open_calls();
    let omitted = INNERMOST..open.len().saturating_sub(OUTERMOST);
    for (index, (function, return_to)) in open.into_iter().enumerate() {
        if !omitted.contains(&index) {
            let address = || pc.map_or_else(|| "(unknown)".to_owned(), |pc| format!("{pc:#010x}"));
            let name = function.map_or_else(address, |function| names.function(function));
            add_call(&mut calls, image, &name, pc);
        } else if index == omitted.start {
            let function = format!("({} more calls)", grouped(omitted.len() as u64));
            calls.push(OpenCall { function, file: None, line: None });
        }
        pc = return_to.map(|return_to| return_to.wrapping_sub(4));
    }
    (hide_panic(&mut calls) || is_trap).then(|| {
        while calls.len() > 1 && calls.last().is_some_and(|call| is_start(&call.function)) {
            calls.pop();
        }
        Backtrace { calls }
    })
}

/// Returns what is known about the instructions of each region, without spans and inlined functions.
fn slots(program: &GuestProgram) -> Vec<(u32, Vec<Slot>)> {
    let (image, names) = (program.image(), ImageNames::new(program.image()));
    let slot = |pc: u32| {
        let transfer = image.word(pc).map_or(Transfer::None, Transfer::of_word);
        Slot { pc, function: names.find(pc), transfer, chain: 0 }
    };
    let regions = program.exe().program.regions().iter();
    regions
        .map(|region| (region.base, (region.base..).step_by(4).take(region.instructions.len()).map(slot).collect()))
        .collect()
}

/// Adds a call whose next call, or the failure, is at `pc`, and the functions that are inlined there.
fn add_call(calls: &mut Vec<OpenCall>, image: &ElfImage, function: &str, pc: Option<u32>) {
    let mut add = |function: &str, place: Option<(&str, u32)>| {
        let (file, line) = place.map(|(file, line)| (file.to_owned(), line)).unzip();
        calls.push(OpenCall { function: function.to_owned(), file, line });
    };
    let mut place = pc.and_then(|pc| image.lines.find(pc));
    if let Some(pc) = pc {
        let inlined = image.inlined.functions(image.inlined.chain(pc));
        let callers = image.lines.inlined_calls(pc);
        let has_callers = callers.len() == inlined.len();
        for (index, name) in inlined.iter().enumerate().rev() {
            add(name, place);
            place = callers.get(index).copied().filter(|_| has_callers);
        }
    }
    add(function, place);
}

/// Removes the innermost calls if they handle a panic: up to the function that panicked, which is not one of the standard
/// library. Returns whether there was a panic.
fn hide_panic(calls: &mut Vec<OpenCall>) -> bool {
    let Some(handler) = calls.iter().rposition(|call| is_panic(&call.function)) else { return false };
    if let Some(own) = calls[handler + 1..].iter().position(|call| !is_library(call)) {
        calls.drain(..=handler + own);
    }
    true
}

/// Returns whether a function is called by nothing but panics, in Rust or by the library of guests in C.
fn is_panic(function: &str) -> bool {
    function.starts_with("core::panicking::") || function.ends_with("rust_begin_unwind") || function == "vm_fail"
}

fn is_library(call: &OpenCall) -> bool {
    let crates = ["core::", "alloc::", "<core::", "<alloc::", "__rustc::"];
    let folders = ["/library/core/src/", "/library/alloc/src/"];
    crates.iter().any(|name| call.function.starts_with(name))
        || folders.iter().any(|folder| call.file.as_ref().is_some_and(|file| file.contains(folder)))
}

/// Returns whether a function calls the main function.
fn is_start(function: &str) -> bool {
    function == "_start" || function == "__vm_guest_main"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(function: &str, file: &str) -> OpenCall {
        OpenCall { function: function.to_owned(), file: Some(file.to_owned()), line: Some(1) }
    }

    fn names(calls: &[OpenCall]) -> Vec<&str> {
        calls.iter().map(|call| call.function.as_str()).collect()
    }

    #[test]
    fn a_panic_starts_at_the_function_that_is_not_of_the_library() {
        let mut calls = vec![
            call("exit", "guest/src/sys.rs"),
            call("__rustc::rust_begin_unwind", "guest/src/sys.rs"),
            call("core::panicking::panic_fmt", "/rust/library/core/src/panicking.rs"),
            call("__rustc::__rdl_alloc_error_handler", "/rust/library/alloc/src/alloc.rs"),
            call("core::option::unwrap_failed", "/rust/library/core/src/option.rs"),
            call("unwrap<u32>", "/rust/library/core/src/option.rs"),
            call("parse", "src/main.rs"),
            call("<alloc::vec::Vec<T> as Iterator>::for_each", "/rust/library/alloc/src/vec/mod.rs"),
            call("main", "src/main.rs"),
        ];
        assert!(hide_panic(&mut calls));
        assert_eq!(names(&calls), ["parse", "<alloc::vec::Vec<T> as Iterator>::for_each", "main"]);
    }

    #[test]
    fn other_calls_stay() {
        let mut calls =
            vec![call("core::str::from_utf8", "/rust/library/core/src/str.rs"), call("main", "src/main.rs")];
        assert!(!hide_panic(&mut calls));
        assert_eq!(calls.len(), 2);
        // A panic whose caller is not known.
        let mut calls = vec![call("vm_fail", "vm/vm.c"), call("core::fmt::write", "/rust/library/core/src/fmt.rs")];
        assert!(hide_panic(&mut calls));
        assert_eq!(calls.len(), 2);
    }
}
