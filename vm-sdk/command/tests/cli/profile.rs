//! `cargo chipwright profile`.

use super::*;

const INPUT: [&str; 2] = ["--input", "u32:10"];

/// Profiles `calls(10)`, which has symbols, line tables and spans.
fn profile(more: &[&str]) -> Outcome {
    let elf = guest("calls");
    vm(["profile", &elf, INPUT[0], INPUT[1]].iter().chain(more))
}

/// Returns the function, inlined function or span with this name.
fn function<'a>(report: &'a Value, name: &str) -> &'a Value {
    let functions = report["functions"].as_array().unwrap();
    functions.iter().find(|function| function["name"] == name).unwrap_or_else(|| panic!("no {name}: {report}"))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))
}

#[test]
fn sums_are_those_of_the_run() {
    let guests = [
        ("calls", "u32:10"),
        ("fibonacci", "u32:100"),
        ("rust_alloc", ""),
        ("print", "u32:7"),
        ("exit_ecall", "u32:0"),
    ];
    for (name, input) in guests {
        let arguments = [guest(name), "--input".to_owned(), input.to_owned(), "--json".to_owned()];
        let run = |command: &str| vm([command].into_iter().chain(arguments.iter().map(String::as_str))).json();
        let (run, report) = (run("run"), run("profile"));
        for same in ["instructions", "exit_code", "output", "unread_inputs"] {
            assert_eq!(report[same], run[same], "{name}: {same}");
        }
        for figure in ["instructions", "rows", "cells", "messages", "cost"] {
            let sum = |table: &str, part: &dyn Fn(&Value) -> u64| -> u64 {
                report[table].as_array().unwrap().iter().map(part).sum()
            };
            assert_eq!(sum("functions", &|function| number(&function["own"][figure])), report[figure], "{name}");
            assert_eq!(sum("opcodes", &|opcode| number(&opcode[figure])), report[figure], "{name}");
            assert!(sum("lines", &|line| number(&line[figure])) <= number(&report[figure]), "{name}");
        }
        // Every instruction but the last one, TERMINATE, has a row here.
        assert_eq!(number(&report["rows"]) + 1, number(&report["instructions"]), "{name}");
    }
}

#[test]
fn calls_have_their_callers() {
    let report = profile(&["--json"]).assert_success().json();
    let callers = |name: &str| -> Vec<(String, u64)> {
        let callers = function(&report, name)["callers"].as_array().unwrap().clone();
        callers.iter().map(|caller| (caller["name"].as_str().unwrap().to_owned(), number(&caller["calls"]))).collect()
    };
    let pairs = |pairs: &[(&str, u64)]| -> Vec<(String, u64)> {
        pairs.iter().map(|(name, calls)| ((*name).to_owned(), *calls)).collect()
    };
    assert_eq!(function(&report, "descend")["calls"], 11);
    assert_eq!(callers("descend"), pairs(&[("recursion", 1), ("descend", 10)]));
    // `first` ends with a jump to `second`, which then returns to the caller of `first`.
    assert_eq!(callers("first"), pairs(&[("tail call", 1)]));
    assert_eq!(callers("second"), pairs(&[("main", 1), ("tail call", 1)]));
    assert_eq!(callers("recursion"), pairs(&[("main", 1)]));
    assert_eq!(callers("main"), pairs(&[("_start", 1)]));
    assert_eq!(function(&report, "recursion")["kind"], "span");
    let (start, all) = (function(&report, "_start"), &report["instructions"]);
    assert_eq!(&start["total"]["instructions"], all);
    // What recursive calls execute counts once: 10 calls with 14 instructions and one with 3.
    let descend = function(&report, "descend");
    assert_eq!((&descend["total"]["instructions"], &descend["own"]["instructions"]), (&143.into(), &143.into()));
    let inlined = function(&report, "sum_below");
    assert_eq!((&inlined["kind"], &inlined["calls"]), (&"inlined".into(), &Value::Null));
}

#[test]
fn costs_follow_the_source_lines() {
    let report = profile(&["--json"]).assert_success().json();
    let lines = report["lines"].as_array().unwrap();
    let line = |number: u32| lines.iter().find(|line| line["file"] == "c/calls.c" && line["line"] == number);
    // The loop of `sum_below`, and `never`, which is not called.
    assert!(number(&line(27).expect("the loop")["instructions"]) >= 30, "{report}");
    assert!(line(22).is_none(), "{report}");
}

#[test]
fn rows_of_extensions_count_for_their_instruction() {
    let scratch = Scratch::new();
    let elf = guest("calls").replace("elf/calls.elf", "extensions/sha256_guest.elf");
    let input = scratch.write("input", &[7; 200]);
    let report = vm(["profile", &elf, "--input", &format!("@{input}"), "--json"]).assert_success().json();
    let opcodes = report["opcodes"].as_array().unwrap();
    let sha256 = opcodes.iter().find(|opcode| opcode["name"] == "sha256").unwrap_or_else(|| panic!("{report}"));
    // Two messages of four blocks, with a row each for the block and for its compression.
    assert_eq!((&sha256["instructions"], &sha256["rows"]), (&2.into(), &16.into()), "{sha256}");
    // The rows are those of a metered run, apart from those that belong to no instruction.
    let metered = vm(["run", &elf, "--input", &format!("@{input}"), "--mode=metered", "--json"]).json();
    let of_memory = ["MemoryLeaf", "MemoryNode", "MemoryRefresh", "Poseidon2"];
    let chips = metered["chips"].as_array().unwrap().iter();
    let chips = chips.filter(|chip| !of_memory.iter().any(|name| chip["name"].as_str().unwrap().starts_with(name)));
    assert_eq!(report["rows"], chips.map(|chip| number(&chip["rows"])).sum::<u64>(), "{metered}");
}

#[test]
fn tables_are_for_people() {
    let outcome = profile(&["--top", "3"]);
    let text = &outcome.assert_success().stdout;
    assert!(text.contains("instructions   "), "{text}");
    assert!(text.lines().any(|line| line.ends_with("  descend")), "{text}");
    assert!(text.lines().any(|line| line.ends_with("    from [recursion]")), "{text}");
    assert!(text.contains("  c/calls.c:"), "{text}");
    // Without symbols, functions have addresses.
    let text = vm_words(&format!("profile {}", guest("tiny"))).assert_success().stdout.clone();
    assert!(text.contains("the executable has no symbols"), "{text}");
    assert!(text.lines().any(|line| line.ends_with("  0x00200800")), "{text}");
}

#[test]
fn profiles_are_written_as_files() {
    let scratch = Scratch::new();
    let (svg, pprof) = (scratch.arg("graph.svg"), scratch.arg("profile.pb"));
    profile(&["--svg", &svg, "--pprof", &pprof]).assert_success();
    let svg = std::fs::read_to_string(svg).unwrap();
    assert!(svg.contains("<svg") && svg.trim_end().ends_with("</svg>"), "{svg}");
    for name in ["descend", "[recursion]", "sum_below (inlined)", "Cost of proving calls.elf"] {
        assert!(svg.contains(name), "{name}");
    }
    let pprof = std::fs::read(pprof).unwrap();
    let contains = |text: &str| pprof.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(contains("descend") && contains("[tail call]") && contains("instructions"));
    assert_eq!(scratch.files(), ["graph.svg", "profile.pb"]);
}

#[test]
fn outputs_are_no_inputs() {
    let scratch = Scratch::new();
    let (elf, both) = (guest("calls"), scratch.arg("both"));
    profile(&["--svg", &elf]).assert_failure(2, "--svg is the same file as the input");
    profile(&["--svg", &both, "--pprof", &both]).assert_failure(2, "--svg is the same file as --pprof");
    // A guest that fails leaves no files.
    let failing = guest("missing_input");
    vm(["profile", &failing, "--svg", &both]).assert_failure(1, "the guest requests input vector 0");
    assert_eq!(scratch.files(), Vec::<String>::new());
    // One that ends with another exit code than 0 has run to its end.
    vm(["profile", &guest("exit_code"), "--pprof", &both]).assert_failure(1, "the guest ended with exit code 7");
    assert_eq!(scratch.files(), ["both"]);
}
