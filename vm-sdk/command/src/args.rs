//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use vm_sdk::cli::CommonCommand;

#[derive(Parser)]
#[command(
    name = "cargo chipwright",
    bin_name = "cargo chipwright",
    version,
    about = "Run RV32IM programs and prove their runs"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a package from a template: an extension, a machine or a guest
    New(NewArgs),
    #[command(flatten)]
    Common(CommonCommand),
    /// Measure the generated tests of a package: drop each check of its chips in turn, and list what the tests do not notice
    Audit(AuditArgs),
}

impl Command {
    pub(crate) fn json(&self) -> bool {
        match self {
            Self::New(args) => args.json,
            Self::Common(command) => command.json(),
            Self::Audit(args) => args.json,
        }
    }
}

#[derive(Args)]
pub(crate) struct NewArgs {
    #[command(flatten)]
    pub(crate) template: TemplateArg,
    /// Name of the package and of its folder
    pub(crate) name: String,
    /// Folder with the SDK's sources [default: the sources of this command if they exist, else the registry]
    #[arg(long, value_name = "PATH")]
    pub(crate) sdk: Option<PathBuf>,
    /// Folder to make the package in
    #[arg(long, default_value = ".")]
    pub(crate) dir: PathBuf,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Kind of a new package; a guest by default.
#[derive(Args)]
#[group(multiple = false)]
pub(crate) struct TemplateArg {
    /// An extension: instructions with their circuits
    #[arg(long)]
    pub(crate) extension: bool,
    /// A machine with an extension, and a command that proves runs of guest programs
    #[arg(long)]
    pub(crate) vm: bool,
    /// A guest program in Rust (the default)
    #[arg(long)]
    pub(crate) guest: bool,
    /// A guest program in C, with a Makefile
    #[arg(long)]
    pub(crate) guest_c: bool,
}

#[derive(Args)]
pub(crate) struct AuditArgs {
    /// Folder of the package. Its file `audit.txt` has reasons for checks that the tests do not notice
    #[arg(default_value = ".")]
    pub(crate) package_dir: PathBuf,
    /// Audit all packages of the workspace
    #[arg(long)]
    pub(crate) workspace: bool,
    /// Run only tests whose names contain this text; can be repeated, for tests with one of several texts
    #[arg(long = "filter", value_name = "TEXT", default_value = "is_sound")]
    pub(crate) filters: Vec<String>,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_new_package_is_of_one_kind() {
        let parse = |args: &[&str]| Cli::try_parse_from([&["cargo-chipwright", "new", "name"], args].concat()).is_ok();
        assert!(parse(&[]) && parse(&["--vm"]) && parse(&["--extension", "--sdk", "s", "--dir", "d"]));
        assert!(parse(&["--guest-c"]));
        assert!(!parse(&["--vm", "--guest"]) && !parse(&["--guest", "--guest-c"]));
    }
}
