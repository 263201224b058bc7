//! `cargo chipwright coverage`.

use super::*;

/// Returns the records of a file in the format of lcov.
fn lcov(input: &str, more: &[&str]) -> String {
    let scratch = Scratch::new();
    let (elf, path) = (guest("calls"), scratch.arg("lcov.info"));
    vm(["coverage", &elf, "--input", input, "-o", &path].iter().chain(more)).assert_success();
    std::fs::read_to_string(path).unwrap()
}

/// Returns the lines of the record of a source file.
fn record<'a>(lcov: &'a str, file: &str) -> Vec<&'a str> {
    let start = format!("SF:{file}");
    lcov.lines().skip_while(|line| *line != start).take_while(|line| *line != "end_of_record").collect()
}

#[test]
fn lines_have_their_numbers_of_executions() {
    let text = lcov("u32:10", &[]);
    let record = record(&text, "c/calls.c");
    let has = |line: &str| assert!(record.contains(&line), "{line}: {record:?}");
    // `descend` is called eleven times and calls itself ten times.
    ["DA:6,11", "DA:7,1", "DA:8,10", "DA:9,10"].into_iter().for_each(has);
    // `second` and `first`.
    ["DA:13,2", "DA:17,1"].into_iter().for_each(has);
    // `never` and its call.
    ["DA:22,0", "DA:43,0"].into_iter().for_each(has);
    // The loop of `sum_below`, which is inlined.
    has("DA:27,10");
    ["FN:5,descend", "FNDA:11,descend", "FNDA:0,never", "FNDA:1,main", "FNF:5", "FNH:4"].into_iter().for_each(has);
    let numbers = |prefix: &str| record.iter().filter(|line| line.starts_with(prefix)).count();
    has(&format!("LF:{}", numbers("DA:")));
    let missed = record.iter().filter(|line| line.starts_with("DA:") && line.ends_with(",0")).count();
    has(&format!("LH:{}", numbers("DA:") - missed));
    assert!(super::coverage::record(&lcov("u32:1000", &[]), "c/calls.c").contains(&"DA:43,1"));
}

#[test]
fn the_table_has_the_same_sums() {
    let (elf, input) = (guest("calls"), "u32:10");
    let report = vm(["coverage", &elf, "-i", input, "--json"]).assert_success().json();
    let run = vm(["run", &elf, "-i", input, "--json"]).assert_success().json();
    assert_eq!(report["instructions"], run["instructions"]);
    let text = lcov(input, &[]);
    for (number, prefix) in [("lines", "LF:"), ("lines_hit", "LH:"), ("functions", "FNF:"), ("functions_hit", "FNH:")] {
        let values = text.lines().filter_map(|line| line.strip_prefix(prefix));
        let sum: u64 = values.map(|value| value.parse::<u64>().unwrap()).sum();
        assert_eq!(report[number], sum, "{number}");
        let files = report["files"].as_array().unwrap();
        assert_eq!(files.iter().map(|file| file[number].as_u64().unwrap()).sum::<u64>(), sum, "{number}");
    }
    let table = vm(["coverage", &elf, "-i", input]).assert_success().stdout.clone();
    assert!(table.lines().any(|line| line.ends_with("  c/calls.c")), "{table}");
    assert!(table.trim_end().ends_with("all files"), "{table}");
}

#[test]
fn files_are_selected_by_their_folder() {
    let files = |under: &[&str]| -> Vec<String> {
        let text = lcov("u32:1", under);
        text.lines().filter_map(|line| line.strip_prefix("SF:")).map(str::to_owned).collect()
    };
    assert_eq!(files(&["--under", "c"]), ["c/calls.c"]);
    assert_eq!(files(&["--under", "c", "--under", "runtime"]), ["c/calls.c", "runtime/fixture.h", "runtime/start.S"]);
    assert!(files(&[]).len() > 3);
    let elf = guest("calls");
    let outcome = vm(["coverage", &elf, "--input", "u32:1", "--under", "/nowhere"]);
    outcome.assert_failure(2, "no source file of the line table is under /nowhere; it has, for example, ");
}

#[test]
fn executables_need_a_line_table() {
    let scratch = Scratch::new();
    let path = scratch.arg("lcov.info");
    let outcome = vm(["coverage", &guest("fibonacci"), "--input", "u32:1", "-o", &path]);
    outcome.assert_failure(2, "there is no line table");
    outcome.assert_failure(2, "debug = \"line-tables-only\"");
    assert_eq!(scratch.files(), Vec::<String>::new());
    vm(["coverage", &guest("calls"), "-o", &guest("calls")]).assert_failure(2, "-o is the same file as the input");
}
