//! Checks that the tests named on the page on soundness exist.

use std::path::Path;

/// Returns the text of all Rust files in a folder and its subfolders.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &sources(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &std::fs::read_to_string(path).unwrap();
        }
    }
    text
}

#[test]
fn system_the_page_on_soundness_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("../docs/soundness.md")).unwrap();
    let sources: String = ["src", "stark/src", "tests"].iter().map(|folder| sources(&root.join(folder))).collect();
    let is_name = |name: &&str| {
        let prefix = ["stark_", "system_", "kit_"].iter().any(|prefix| name.starts_with(prefix) && name != prefix);
        prefix && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let names: Vec<&str> = page.split('`').skip(1).step_by(2).filter(is_name).collect();
    assert!(names.len() > 80, "the page names only {} tests", names.len());
    let missing: Vec<&&str> = names.iter().filter(|name| !sources.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // Every obligation has a row in a table.
    for number in (1..=35).chain([38]) {
        assert!(page.contains(&format!("| M{number} |")), "M{number}");
    }
}
