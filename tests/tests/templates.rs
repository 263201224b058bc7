//! Packages made from the templates compile and pass their tests without network access. The steps in the extension's
//! README lead to another sound instruction, and the tests of the package find a missing constraint in its circuit.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use vm_sdk::guest_build::GuestToolchain;
use vm_templates::{NewPackage, SdkSource, Template};
use vm_tests::tools::skip_without;

/// Compilation target of guests.
const GUEST_TARGET: &str = "riscv32im-unknown-none-elf";

/// Returns the root folder of the workspace.
fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Returns the target folder of the workspace: the parent of `CARGO_TARGET_TMPDIR`.
fn target_dir() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// A package made from a template. Every run uses the same folder, so that its artifacts replace those of earlier runs.
struct Package {
    folder: PathBuf,
}

/// Result and output of a command.
struct Outcome {
    success: bool,
    stdout: String,
    stderr: String,
}

impl Outcome {
    fn of(command: &mut Command) -> Self {
        let output = command.stdin(Stdio::null()).output().unwrap();
        Self {
            success: output.status.success(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    fn assert_success(self) -> Self {
        assert!(self.success, "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Returns the sorted names of the tests that passed.
    fn passed(&self) -> Vec<&str> {
        let lines = self.stdout.lines().filter_map(|line| line.strip_prefix("test "));
        let mut names: Vec<&str> = lines.filter_map(|line| line.strip_suffix(" ... ok")).collect();
        names.sort_unstable();
        names
    }
}

impl Package {
    fn create(template: Template, name: &str, sdk: SdkSource) -> Self {
        let parent = Path::new(env!("CARGO_TARGET_TMPDIR")).join("templates");
        let folder = parent.join(name);
        fs::create_dir_all(&parent).unwrap();
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        let package = NewPackage { template, name: name.to_owned(), parent, sdk };
        assert_eq!(package.create().unwrap(), folder);
        // With the workspace's lock file, cargo uses the same versions and need not resolve any.
        fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        Self { folder }
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.folder.join(path), text).unwrap();
    }

    /// Makes another package of the same sources, which shares everything that the workspace has compiled, and returns its
    /// folder. It is a member of a workspace like ours: cargo identifies members by their paths in it, so there is a link for
    /// each of them, and by their features, so the package gets our dependencies, with the features that they have here, as
    /// dev-dependencies. These have names that no code uses, so a dependency that the template lacks is still missing.
    fn shared(&self) -> PathBuf {
        let root = self.folder.parent().unwrap().with_file_name("templates-workspace");
        let name = self.folder.file_name().unwrap();
        let folder = root.join(name);
        fs::create_dir_all(&folder).unwrap();
        for path in ["Cargo.lock", "vm-core", "vm-derive", "vm-sdk", "templates", "examples", "tests"] {
            link(&workspace().join(path), &root.join(path));
        }
        for path in ["src", "tests"] {
            link(&self.folder.join(path), &folder.join(path));
        }
        let workspace_manifest = fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
        let members = format!("members = [\n    {name:?},");
        fs::write(root.join("Cargo.toml"), workspace_manifest.replace("members = [", &members)).unwrap();
        let manifest = self.read("Cargo.toml");
        // What follows is for packages that are workspaces of their own.
        let (manifest, _) = manifest.split_once("# Proving without").unwrap();
        let packages = self.folder.parent().unwrap().to_str().unwrap();
        let manifest = manifest.replace(packages, "..").replace(workspace().to_str().unwrap(), "..");
        // Some member has this feature of the SDK.
        let manifest = manifest.replace("/vm-sdk\" }", "/vm-sdk\", features = [\"cli\"] }");
        let (dependencies, tests) = manifest.split_once("[dev-dependencies]\n").unwrap_or((&manifest, ""));
        let shared = shared_dependencies(&workspace_manifest, &manifest);
        fs::write(folder.join("Cargo.toml"), format!("{dependencies}[dev-dependencies]\n{tests}{shared}")).unwrap();
        folder
    }

    fn cargo<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Outcome {
        Self::cargo_in(&self.folder, arguments)
    }

    fn cargo_in<S: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = S>) -> Outcome {
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(folder).env("CARGO_TARGET_DIR", target_dir());
        command.args(["--offline", "--color=never"]);
        // Variables that the outer cargo has set for this test must not reach the inner one.
        for (variable, _) in std::env::vars_os() {
            let name = variable.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "CARGO_PRIMARY_PACKAGE"
            {
                command.env_remove(&variable);
            }
        }
        Outcome::of(command.args(arguments))
    }

    /// Runs the package's tests with cargo, with compiled dependencies of the workspace.
    fn test(&self, arguments: &[&str]) -> Outcome {
        Self::cargo_in(&self.shared(), ["test"].iter().chain(arguments))
    }

    /// Checks that the package is formatted with the default options of `cargo fmt`, not with those of the workspace
    /// that contains its folder.
    fn assert_formatted(&self) {
        let mut command = Command::new(env!("CARGO"));
        command.args(["fmt", "--", "--check", "--config", "max_width=100,use_small_heuristics=Default"]);
        Outcome::of(command.current_dir(&self.folder)).assert_success();
    }

    /// Replaces parts of lines in a file, and returns the number of edited lines. Each part must occur exactly once.
    fn edit(&self, path: &str, edits: &[(&str, &str)]) -> usize {
        let before = self.read(path);
        let after = edits.iter().fold(before.clone(), |text, (from, to)| {
            assert_eq!(text.matches(from).count(), 1, "{path}: {from}");
            text.replace(from, to)
        });
        self.write(path, &after);
        assert_eq!(before.lines().count(), after.lines().count(), "the edits add or remove lines");
        before.lines().zip(after.lines()).filter(|(before, after)| before != after).count()
    }
}

/// Returns the workspace's dependencies and members as dependencies of a package that has the rest already.
fn shared_dependencies(workspace_manifest: &str, manifest: &str) -> String {
    // Members whose default features are active, because they are compiled themselves.
    let mut dependencies: String =
        [("core", "vm-core"), ("stark", "vm-core/stark"), ("rv32im", "vm-sdk/extensions/rv32im")]
            .map(|(name, path)| {
                format!("shared-{name} = {{ package = \"chipwright-{name}\", path = \"../{path}\" }}\n")
            })
            .concat();
    let (_, table) = workspace_manifest.split_once("[workspace.dependencies]\n").unwrap();
    let (table, _) = table.split_once("\n\n[").unwrap();
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    for (name, value) in lines.filter_map(|line| line.split_once(" = ")) {
        // Skips members, crates for which a member enables more features in its tests, and those that the package has under
        // their own names.
        if name.starts_with("vm-")
            || ["syn", "insta", "prettyplease"].contains(&name)
            || manifest.contains(&format!("\n{name} = "))
        {
            continue;
        }
        let options = match value.strip_prefix("{ ") {
            Some(options) => options.to_owned(),
            None => format!("version = {value} }}"),
        };
        dependencies += &format!("shared-{name} = {{ package = \"{name}\", {options}\n");
    }
    dependencies
}

/// Makes a symbolic link, unless it exists.
fn link(to: &Path, at: &Path) {
    if !at.is_symlink() {
        std::os::unix::fs::symlink(to, at).unwrap();
    }
}

/// Returns whether this computer can compile guests.
fn has_guest_target() -> bool {
    GuestToolchain::find(Path::new(".")).is_ok()
}

/// One test for all packages, because they use the same target folder and would wait for each other's builds.
#[test]
fn packages_from_templates_compile_and_pass_their_tests() {
    let create = |template, name| Package::create(template, name, SdkSource::default());
    let guest = create(Template::Guest, "template-guest");
    let extension = create(Template::Extension, "template-ext");
    let vm = create(Template::Vm, "template-vm");
    for package in [&guest, &extension, &vm] {
        package.assert_formatted();
    }

    let tests = guest.cargo(["test"]).assert_success();
    assert_eq!(tests.passed(), ["tests::the_largest_number_is_the_93rd", "tests::the_number_is_committed"]);

    guests_compile_nothing_of_the_proving_stack(&extension);
    assert_eq!(extension.test(&[]).assert_success().passed(), EXTENSION_TESTS);
    a_hole_in_the_circuit_is_found(&extension);
    the_sample_becomes_andn(&extension);

    add_to_machine(&extension, &vm);
    let tests = vm.test(&[]).assert_success();
    assert_eq!(tests.passed(), ["a_program_with_the_instruction_is_proven", "extension::bit_reversal_brev_is_sound"]);
    if has_guest_target() {
        a_built_guest_is_proven(&guest);
    } else {
        skip_without(&format!("the target {GUEST_TARGET}"), &format!("rustup target add {GUEST_TARGET}"));
    }
}

/// Adds the extension to the machine as the extension's README says: a dependency and a field.
fn add_to_machine(extension: &Package, vm: &Package) {
    let manifest = vm.read("Cargo.toml");
    let dependency = format!("[dependencies]\ntemplate-ext = {{ path = {:?} }}\n", extension.folder);
    vm.write("Cargo.toml", &manifest.replace("[dependencies]\n", &dependency));
    let readme = extension.read("README.md");
    let field = readme.split_once("```rust\n#[extension]\n").and_then(|(_, rest)| rest.split_once("```")).unwrap().0;
    let last = "    pub bit_reversal: BitReversal,\n";
    let source = vm.read("src/lib.rs");
    assert_eq!(source.matches(last).count(), 1);
    vm.write(
        "src/lib.rs",
        &source.replace(last, &format!("{last}    /// Another one.\n    #[extension]\n    pub {field}")),
    );
}

/// Names of the extension's tests. The second test is generated.
const EXTENSION_TESTS: [&str; 3] = [
    "a_program_with_the_instruction_is_proven",
    "template_ext_extension_xnor_is_sound",
    "the_guest_function_computes_the_same_on_the_host",
];

/// Checks that an extension depends on none of the prover's crates on the guests' target.
fn guests_compile_nothing_of_the_proving_stack(extension: &Package) {
    let crates = |target: &[&str]| {
        let tree = ["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
        extension.cargo(tree.iter().chain(target)).assert_success().stdout
    };
    let is_proving = |line: &&str| line.starts_with("p3-") || line.starts_with("chipwright-core ");
    assert!(crates(&[]).lines().filter(is_proving).count() > 2, "missing on the host");
    let guest = crates(&["--target", GUEST_TARGET]);
    assert_eq!(guest.lines().find(is_proving), None, "{guest}");
    assert!(guest.contains("chipwright-derive "), "{guest}");
    if has_guest_target() {
        // `cargo chipwright build` sets the same flag. Without a flag for this target, cargo would use the host's flags
        // from the configuration of the surrounding workspace.
        let flags = format!("target.{GUEST_TARGET}.rustflags=[\"-Cpasses=lower-atomic\"]");
        extension.cargo(["build", "--lib", "--target", GUEST_TARGET, "--config", &flags]).assert_success();
    }
}

/// Removes the constraint on one byte of the witness, so that the prover can choose it. The generated test must fail
/// and name its column and what the prover gains.
fn a_hole_in_the_circuit_is_found(extension: &Package) {
    let sound = extension.read("src/lib.rs");
    extension.edit("src/lib.rs", &[("for i in 0..4 {", "for i in 0..3 {")]);
    let outcome = extension.test(&["--lib"]);
    assert!(!outcome.success, "{}", outcome.stdout);
    let message = outcome.stdout + &outcome.stderr;
    assert!(message.contains("instruction `Xnor`: a cheating prover can change results"), "{message}");
    assert!(message.contains("core.xor[3] (on 69 of 69 rows) changes a word that it sends to memory"), "{message}");
    assert!(!message.contains("core.xor[2]"), "{message}");
    extension.write("src/lib.rs", &sound);
}

/// Follows the README's steps to replace the sample instruction by `andn`. They edit fewer than 30 lines.
fn the_sample_becomes_andn(extension: &Package) {
    let lines = extension.edit(
        "src/lib.rs",
        &[
            ("one instruction, `xnor`", "one instruction, `andn`"),
            ("/// `xnor rd, rs1, rs2`: the bits in which both operands agree.", "/// `andn rd, rs1, rs2`: `x & !y`."),
            ("columns = XnorCols,", "columns = AndnCols,"),
            ("custom0, funct3 = 7, funct7 = 0", "op, funct3 = 7, funct7 = 0x20"),
            ("guest(fn xnor(", "guest(fn andn("),
            ("pub struct Xnor;", "pub struct Andn;"),
            ("pub struct XnorCols<T>", "pub struct AndnCols<T>"),
            ("impl Core for Xnor {", "impl Core for Andn {"),
            ("        !(x ^ y)", "        x & !y"),
            ("cols: &mut XnorCols<F>", "cols: &mut AndnCols<F>"),
            ("b: &mut B, cols: &XnorCols<B::Var>", "b: &mut B, cols: &AndnCols<B::Var>"),
            ("fn write<B: CoreBuilder>(&self, cols: &XnorCols", "fn write<B: CoreBuilder>(&self, cols: &AndnCols"),
            (
                "        // Soundness: a byte, since `xor[i]` is a byte;",
                "        // Soundness: x & !y = (x - y + (x ^ y)) / 2 is a byte, since the table has the exact `xor[i]`;",
            ),
            (
                "B::Expr::from_u32(0xFF) - cols.xor[i];",
                "(cols.x[i] - cols.y[i] + cols.xor[i]) * F::TWO.inverse();",
            ),
            ("instructions(Xnor)", "instructions(Andn)"),
        ],
    );
    let test = extension.read("tests/machine.rs");
    let renamed = test.lines().filter(|line| line.contains("xnor")).count();
    extension.write("tests/machine.rs", &test.replace("xnor(", "andn(").replace("::xnor", "::andn"));
    // The expected result of the function changes as well.
    let result = extension.edit("tests/machine.rs", &[("0xF00F_FFFF", "0x00F0_0000")]);
    let lines = lines + renamed + result;
    assert!(lines < 30, "{lines} lines");
    println!("from xnor to andn: {lines} lines");

    let tests = extension.test(&[]).assert_success();
    assert_eq!(tests.passed(), EXTENSION_TESTS.map(|name| name.replace("xnor", "andn")));
    let leftover = extension.read("src/lib.rs") + &extension.read("tests/machine.rs");
    assert!(!leftover.to_lowercase().contains("xnor"));
}

/// Checks that the command of the machine's package builds the guest package and proves a run of it, and has one machine only.
fn a_built_guest_is_proven(guest: &Package) {
    let guest = guest.folder.to_str().unwrap();
    // The command was built for the tests of its package. `cargo run` ignores dev-dependencies, so it would compile the
    // backend again; see `Package::shared`.
    let command = target_dir().join("debug/template-vm").with_extension(std::env::consts::EXE_EXTENSION);
    let run =
        |arguments: &[&str]| Outcome::of(Command::new(&command).args(arguments).env("CARGO_TARGET_DIR", target_dir()));
    let outcome = run(&["prove", guest, "--input", "5a", "--json"]).assert_success();
    // The varint of 2880067194370816120, as postcard encodes it.
    let mut number = 2_880_067_194_370_816_120u64;
    let mut expected = String::new();
    while number >= 0x80 {
        expected += &format!("{:02x}", number as u8 | 0x80);
        number >>= 7;
    }
    expected += &format!("{number:02x}00");
    assert!(outcome.stdout.contains(&format!("\"public_values\":\"{expected}")), "{}", outcome.stdout);
    let airs = run(&["inspect", "--airs"]).assert_success().stdout;
    assert!(airs.contains("Brev") && airs.contains("Andn"), "{airs}");
    assert!(!run(&["help", "prove"]).assert_success().stdout.contains("--machine"));
    let outcome = run(&["run", guest, "--machine", "machine.toml"]);
    assert!(!outcome.success && outcome.stderr.contains("this command has one machine"), "{}", outcome.stderr);
}

#[test]
fn dependencies_are_published_ones_without_the_sources() {
    for (template, dependency, options) in [
        (Template::Extension, "vm-sdk", ""),
        (Template::Vm, "vm-sdk", ", features = [\"cli\"]"),
        (Template::Guest, "vm-guest", ""),
    ] {
        let package = Package::create(template, &format!("template-registry-{template}"), SdkSource::Registry);
        let version = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap().0;
        let manifest = package.read("Cargo.toml");
        let package = dependency.replace("vm-", "chipwright-");
        let expected = format!("{dependency} = {{ package = \"{package}\", version = \"{version}\"{options} }}\n");
        assert!(manifest.contains(&expected), "{manifest}");
    }
}
