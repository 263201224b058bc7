//! `cargo chipwright audit`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use vm_sdk::arch::testing::{AUDIT_FOLDER, Audit, CheckKind, Mutant};
use vm_sdk::cli::{FAILED, Failure, note, print_json, print_text};
use vm_sdk::error::ErrorClass;

use crate::args::AuditArgs;

/// Name of the file with reasons, in the folder of the package.
const REASONS: &str = "audit.txt";

pub(crate) fn run(args: &AuditArgs) -> Result<u8, Failure> {
    let package = args.package_dir.display();
    let failed = |reason: String| Failure::Other(ErrorClass::Input, format!("cannot audit {package}: {reason}"));
    let manifest = args.package_dir.join("Cargo.toml");
    if !manifest.is_file() {
        return Err(failed(format!("there is no {}", manifest.display())));
    }
    let reasons = Reasons::read(&args.package_dir.join(REASONS)).map_err(failed)?;
    let folder = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let start = |filter: &String| {
        Command::new(&cargo)
            .args(["test", "--tests", "--manifest-path"])
            .arg(&manifest)
            .args(args.workspace.then_some("--workspace"))
            .args(["--", filter])
            .env(AUDIT_FOLDER, folder.path())
            .stdin(Stdio::null())
            // Standard output has the result only.
            .stdout(std::io::stderr())
            .spawn()
    };
    // All filters at once: a package with one test would leave the other processors idle.
    let children: Vec<_> = args.filters.iter().map(start).collect();
    let ended: Vec<_> = children.into_iter().map(|child| child.and_then(|mut child| child.wait())).collect();
    for status in ended {
        match status {
            Ok(status) if status.success() => {}
            Ok(_) => {
                let reason = format!("the tests of {package} fail; they must pass first");
                return Err(Failure::Other(ErrorClass::Verification, reason));
            }
            Err(error) => return Err(failed(format!("cargo does not start: {error}"))),
        }
    }
    let audits = Audit::read_all(folder.path()).map_err(|error| failed(error.to_string()))?;
    if audits.is_empty() {
        let filters = args.filters.join("` or `");
        return Err(failed(format!("no generated test has `{filters}` in its name")));
    }
    let judged = reasons.judge(&audits);
    if args.json {
        print_json(&judged.to_json(&audits))?;
    } else {
        print_text(&judged.to_text(&audits, &reasons))?;
    }
    for entry in &judged.needless {
        note(&format!("error: {REASONS} has a reason for a check that is noticed, or that no chip has: {entry}"));
    }
    for entry in &judged.unexplained {
        note(&format!("error: the test does not notice if this check is dropped: {entry}"));
    }
    if !judged.unexplained.is_empty() {
        note(&format!("write a test that notices, or a reason into {REASONS}: the line, then indented lines"));
    }
    Ok(if judged.unexplained.is_empty() && judged.needless.is_empty() { 0 } else { FAILED })
}

/// Returns the line that names a mutant in the file of reasons.
fn entry(audit: &Audit, mutant: &Mutant) -> String {
    format!("{}, {}", audit.air, mutant.check)
}

/// Reasons why checks may be dropped without the generated test noticing: the line of the check, and the reason. The line
/// `chip, *` stands for all checks of a chip.
#[derive(Default)]
struct Reasons(Vec<(String, String)>);

impl Reasons {
    /// Reads a file of reasons, if it exists.
    fn read(path: &Path) -> Result<Self, String> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(|reason| format!("{}: {reason}", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    /// Parses entries: the line of a check, and indented lines with the reason. Lines that start with `#` are comments.
    fn parse(text: &str) -> Result<Self, String> {
        let mut entries: Vec<(String, String)> = Vec::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let trimmed = line.trim();
            match (line.starts_with(char::is_whitespace), entries.last_mut()) {
                _ if trimmed.is_empty() => {}
                (false, _) => entries.push((trimmed.to_owned(), String::new())),
                (true, Some((_, reason))) => {
                    if !reason.is_empty() {
                        reason.push(' ');
                    }
                    reason.push_str(trimmed);
                }
                (true, None) => return Err(format!("line {}: a reason without a check before it", number + 1)),
            }
        }
        match entries.iter().find(|(_, reason)| reason.is_empty()) {
            Some((check, _)) => Err(format!("no reason after `{check}`")),
            None => Ok(Self(entries)),
        }
    }

    fn of(&self, entry: &str) -> Option<&str> {
        self.0.iter().find(|(line, _)| covers(line, entry)).map(|(_, reason)| reason.as_str())
    }

    fn judge(&self, audits: &[Audit]) -> Judged {
        let survivors = || audits.iter().flat_map(|audit| audit.survivors().map(move |mutant| (audit, mutant)));
        let entries: BTreeSet<String> = survivors().map(|(audit, mutant)| entry(audit, mutant)).collect();
        let unexplained = survivors().filter(|(_, mutant)| mutant.implied_by.is_none());
        let unexplained = unexplained.map(|(audit, mutant)| entry(audit, mutant));
        let is_needed = |line: &str| entries.iter().any(|entry| covers(line, entry));
        Judged {
            unexplained: unexplained.filter(|entry| self.of(entry).is_none()).collect(),
            needless: self.0.iter().map(|(line, _)| line).filter(|line| !is_needed(line)).cloned().collect(),
        }
    }
}

/// Returns whether a line of the file of reasons stands for a check.
fn covers(line: &str, entry: &str) -> bool {
    line == entry || line.strip_suffix('*').is_some_and(|chip| chip.ends_with(", ") && entry.starts_with(chip))
}

/// What is wrong with the reasons.
struct Judged {
    /// Checks that are not noticed, neither implied nor with a reason.
    unexplained: Vec<String>,
    /// Reasons for checks that are noticed, or that do not exist.
    needless: Vec<String>,
}

impl Judged {
    fn to_json(&self, audits: &[Audit]) -> serde_json::Value {
        json!({
            "chips": audits,
            "noticed": total(audits).0,
            "checks": total(audits).1,
            "unexplained": self.unexplained,
            "needless": self.needless,
        })
    }

    fn to_text(&self, audits: &[Audit], reasons: &Reasons) -> String {
        let mut text = format!(
            "{:<28} {:>12} {:>10} {:>10} {:>10}\n",
            "noticed if dropped", "constraints", "lookups", "messages", "origins"
        );
        for audit in audits {
            let counts = audit.counts();
            let count =
                |kind| counts.get(&kind).map_or_else(|| "-".to_owned(), |(noticed, all)| format!("{noticed}/{all}"));
            let [constraints, lookups, messages] =
                [CheckKind::Constraint, CheckKind::Lookup, CheckKind::Message].map(count);
            let origins = audit.origins();
            let noticed = origins.values().filter(|noticed| **noticed).count();
            let origins = format!("{noticed}/{}", origins.len());
            // Writing to a string cannot fail.
            let sample = match audit.mutants.len() {
                all if all == audit.checks => String::new(),
                sample => format!("  ({sample} of {} checks)", audit.checks),
            };
            let _ = writeln!(
                text,
                "{:<28} {constraints:>12} {lookups:>10} {messages:>10} {origins:>10}{sample}",
                audit.air
            );
            for mutant in audit.survivors() {
                let why = match (mutant.implied_by.as_deref(), reasons.of(&entry(audit, mutant))) {
                    (_, Some(reason)) => reason.to_owned(),
                    (Some([]), None) => "implied by what the row is given".to_owned(),
                    (Some(constraints), None) => format!("implied by constraints {constraints:?}"),
                    (None, None) => "NO REASON".to_owned(),
                };
                let _ = writeln!(text, "    {} ({}): {why}", mutant.check, mutant.origin);
            }
        }
        let (noticed, all) = total(audits);
        let implied = audits.iter().flat_map(Audit::survivors).filter(|mutant| mutant.implied_by.is_some()).count();
        let _ = writeln!(text, "{noticed} of {all} are noticed; {implied} of the others are implied by other checks");
        text
    }
}

/// Returns how many mutants are noticed, and how many there are.
fn total(audits: &[Audit]) -> (usize, usize) {
    let mutants = || audits.iter().flat_map(|audit| &audit.mutants);
    (mutants().filter(|mutant| mutant.noticed.is_some()).count(), mutants().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(check: &str, noticed: bool, implied_by: Option<Vec<usize>>) -> Mutant {
        let noticed = noticed.then(|| "`x`: a word".to_owned());
        Mutant { check: check.to_owned(), kind: CheckKind::Constraint, origin: "eval".to_owned(), noticed, implied_by }
    }

    #[test]
    fn reasons_are_needed_for_what_is_neither_noticed_nor_implied() {
        let mutants =
            vec![mutant("a = 0", true, None), mutant("b = 0", false, None), mutant("c = 0", false, Some(vec![1]))];
        let audits = [Audit { air: "Chip".to_owned(), checks: 3, mutants }];
        let judged = Reasons::default().judge(&audits);
        assert_eq!((judged.unexplained, judged.needless), (vec!["Chip, b = 0".to_owned()], vec![]));
        let reasons = Reasons::parse("# comment\nChip, b = 0\n    because\n    of c\n\nChip, a = 0\n  x\n").unwrap();
        assert_eq!(reasons.of("Chip, b = 0"), Some("because of c"));
        let all = Reasons::parse("Chip, *\n  tested elsewhere\nOther, *\n  so is this").unwrap();
        assert_eq!((all.of("Chip, b = 0"), all.of("Chips, b = 0")), (Some("tested elsewhere"), None));
        assert_eq!(all.judge(&audits).needless, ["Other, *"]);
        let judged = reasons.judge(&audits);
        assert_eq!((judged.unexplained.len(), &judged.needless[..]), (0, &["Chip, a = 0".to_owned()][..]));
        let text = judged.to_text(&audits, &reasons);
        assert!(text.contains("1/3") && text.contains("b = 0 (eval): because of c"), "{text}");
        assert!(text.contains("implied by constraints [1]") && text.contains("1 of 3 are noticed"), "{text}");
        assert_eq!(judged.to_json(&audits)["checks"], 3);
    }

    #[test]
    fn malformed_reasons_are_refused() {
        assert!(Reasons::parse("  a reason").is_err_and(|error| error.contains("line 1")));
        assert!(
            Reasons::parse("Chip, a\nChip, b\n  x").is_err_and(|error| error.contains("no reason after `Chip, a`"))
        );
    }
}
