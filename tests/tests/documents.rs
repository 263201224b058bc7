//! The repository's documents: links resolve, the book's summary is complete, and its examples can be pasted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Collects the Markdown files below `folder`, without hidden folders and build results.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" && name != "wip" {
                collect(&path, found);
            }
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
}

fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root(), &mut found);
    found.sort();
    assert!(found.len() > 15, "{found:?}");
    found
}

/// A document's links with the numbers of their lines, and the anchors of its headings.
#[derive(Default)]
struct Document {
    links: Vec<(usize, String)>,
    anchors: BTreeSet<String>,
}

fn events(text: &str) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES).into_offset_iter()
}

fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// The anchor that GitHub and mdBook give to a heading.
fn slug(heading: &str) -> String {
    let heading = heading.trim().to_lowercase();
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

impl Document {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let mut document = Self::default();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut heading: Option<String> = None;
        for (event, range) in events(&text) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    document.links.push((line_of(&text, range.start), dest_url.into_string()));
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::Text(part) | Event::Code(part) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&part);
                    }
                }
                Event::End(TagEnd::Heading(_)) => {
                    let slug = slug(&heading.take().unwrap_or_default());
                    let count = counts.entry(slug.clone()).or_default();
                    document.anchors.insert(if *count == 0 { slug } else { format!("{slug}-{count}") });
                    *count += 1;
                }
                _ => {}
            }
        }
        document
    }
}

/// Resolves `.` and `..` of a path.
fn normalized(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut sum, part| {
        match part {
            Component::ParentDir => drop(sum.pop()),
            Component::CurDir => {}
            other => sum.push(other),
        }
        sum
    })
}

#[test]
fn links_and_anchors_resolve() {
    let documents: BTreeMap<PathBuf, Document> =
        documents().into_iter().map(|path| (path.clone(), Document::read(&path))).collect();
    let book = root().join("docs");
    let mut broken = Vec::new();
    let mut count = 0;
    for (path, document) in &documents {
        for (line, link) in &document.links {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            count += 1;
            let (file, anchor) = match link.split_once('#') {
                Some((file, anchor)) => (file, Some(anchor)),
                None => (link.as_str(), None),
            };
            let target = if file.is_empty() { path.clone() } else { normalized(&path.parent().unwrap().join(file)) };
            let problem = if !target.exists() {
                "there is no such file"
            } else if path.starts_with(&book) && !target.starts_with(&book) {
                "the website of the book does not have this file"
            } else if anchor.is_some_and(|anchor| !documents.get(&target).is_some_and(|d| d.anchors.contains(anchor))) {
                "there is no such heading"
            } else {
                continue;
            };
            broken.push(format!("{}:{line}: {link}: {problem}", path.display()));
        }
    }
    assert!(count > 30, "{count} links");
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn anchors_are_those_of_websites() {
    for (heading, anchor) in [
        ("The command", "the-command"),
        ("`#[columns]`", "columns"),
        ("Continuations: runs in several segments", "continuations-runs-in-several-segments"),
        ("`#[instruction(…)]` on a struct", "instruction-on-a-struct"),
        ("Schlüssel_2 – neu", "schlüssel_2--neu"),
    ] {
        assert_eq!(slug(heading), anchor);
    }
}

/// Files of the book that a list of links names, in order.
fn chapters(file: &str) -> Vec<String> {
    let document = Document::read(&root().join("docs").join(file));
    let mut seen = BTreeSet::new();
    document.links.into_iter().map(|(_, link)| link).filter(|link| seen.insert(link.clone())).collect()
}

#[test]
fn the_summary_has_every_chapter() {
    let summary = chapters("SUMMARY.md");
    let listed: BTreeSet<&str> = summary.iter().map(String::as_str).collect();
    let files = fs::read_dir(root().join("docs")).unwrap();
    let files: Vec<String> = files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let expected: BTreeSet<&str> =
        files.iter().map(String::as_str).filter(|name| name.ends_with(".md") && *name != "SUMMARY.md").collect();
    assert_eq!(listed, expected);

    // The introduction lists the same chapters in the same order; the glossary is named before the list, too.
    let introduction = Document::read(&root().join("docs/README.md")).links;
    let introduction: Vec<&str> = introduction.iter().map(|(_, link)| link.as_str()).collect();
    let (_, list) = introduction.split_at(introduction.len() - (summary.len() - 1));
    assert_eq!(summary[0], "README.md");
    assert_eq!(list, &summary[1..]);
}

/// Checks that the visible part of each compiled example is a whole program or module. Documentation tests compile the
/// lines that start with `# ` as well, but readers do not see or copy them.
#[test]
fn visible_parts_of_examples_are_complete() {
    let mut problems = Vec::new();
    let mut count = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let mut block: Option<(usize, String)> = None;
        for (event, range) in events(&text) {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                    let mut words = language.split(',').map(str::trim);
                    let is_compiled = words.next() == Some("rust") && !words.any(|word| word == "ignore");
                    block = is_compiled.then(|| (line_of(&text, range.start), String::new()));
                }
                Event::Text(part) => {
                    if let Some((_, code)) = &mut block {
                        code.push_str(&part);
                    }
                }
                Event::End(TagEnd::CodeBlock) => {
                    let Some((line, code)) = block.take() else { continue };
                    count += 1;
                    let place = format!("{}:{line}", path.display());
                    let is_hidden = |line: &&str| *line == "#" || line.starts_with("# ");
                    let visible: Vec<&str> = code.lines().filter(|line| !is_hidden(line)).collect();
                    if let Err(error) = syn::parse_file(&visible.join("\n")) {
                        problems.push(format!("{place}: the visible lines are not items: {error}"));
                    }
                    // What is hidden belongs to the test: its `main`, or the inside of a function.
                    let first = code.lines().find(is_hidden).map_or("# fn main", |line| line);
                    if !first.starts_with("# fn main") && !first.starts_with("#  ") {
                        problems.push(format!("{place}: hidden lines that the others need: {first}"));
                    }
                }
                _ => {}
            }
        }
    }
    assert!(count > 12, "{count} examples");
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Code in docs/soundness.md that looks like the name of a test and is none: columns, and prefixes of names.
const NO_TESTS: [&str; 5] = ["initial_timestamps", "is_terminate", "kit_", "stark_", "system_"];

/// Collects the names of all functions in Rust files, with those of the files of `tests/ui`, which are tests as well.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            functions(&path, found);
        } else if let Some(stem) = name.strip_suffix(".rs") {
            if path.ancestors().any(|folder| folder.ends_with("tests/ui")) {
                found.insert(stem.to_owned());
            }
            let text = fs::read_to_string(&path).unwrap();
            let names = text.split("fn ").skip(1).map(|rest| {
                rest.chars().take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_').collect()
            });
            found.extend(names.filter(|name: &String| !name.is_empty()));
        }
    }
}

/// Returns whether a name fits a pattern, in which `*` and `…` stand for any text.
fn fits(name: &str, pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split(['*', '…']).collect();
    let [first, between @ .., last] = &parts[..] else { return name == pattern };
    let Some(rest) = name.strip_prefix(first) else { return false };
    let rest = between.iter().try_fold(rest, |rest, part| Some(&rest[rest.find(part)? + part.len()..]));
    rest.is_some_and(|rest| rest.ends_with(last))
}

#[test]
fn patterns_of_names_match_whole_names() {
    for (name, pattern, expected) in [
        ("system_a_b", "system_a_b", true),
        ("system_a_b", "system_a", false),
        ("system_a_b", "system_*", true),
        ("system_a_b", "system_*_b", true),
        ("system_a_b", "*_b", true),
        ("system_a_b", "…_c", false),
        ("system_a_b", "a_*", false),
        ("system_a_b_c", "system_*_b_*", true),
        ("system_a_b_c", "system_*_d_*", false),
    ] {
        assert_eq!(fits(name, pattern), expected, "{name} {pattern}");
    }
}

/// A test that is removed or renamed must not remain as evidence in the description of the soundness.
#[test]
fn tests_that_the_description_of_soundness_names_exist() {
    let mut known = BTreeSet::new();
    functions(&root(), &mut known);
    assert!(known.len() > 1000);
    let text = fs::read_to_string(root().join("docs/soundness.md")).unwrap();
    let (mut checked, mut missing) = (0, Vec::new());
    for (event, range) in events(&text) {
        let Event::Code(code) = event else { continue };
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '*' | '…');
        if !code.contains('_') || !code.chars().all(allowed) || NO_TESTS.contains(&&*code) {
            continue;
        }
        checked += 1;
        // These tests are generated by `#[vm_extension]`, and their names begin with that of the extension.
        let extension = code.strip_suffix("_is_sound").and_then(|name| name.split(['_', '…']).next());
        let exists = match extension {
            Some(extension) => root().join("vm-sdk/extensions").join(extension).is_dir(),
            None => known.iter().any(|name| fits(name, &code)),
        };
        if !exists {
            missing.push(format!("docs/soundness.md:{}: {code}", line_of(&text, range.start)));
        }
    }
    assert!(checked > 150, "{checked}");
    assert!(missing.is_empty(), "no function has these names: {missing:#?}");
}
