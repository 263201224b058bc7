//! The command line.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};

use crate::arch::HexDigest;
use crate::arch::fusion::FusionBudget;
use crate::error::SdkError;
use crate::fused::{PlanFile, PlanOption};
use crate::guest_build::BuildOptions;
use crate::input::InputArg;
use crate::stark::{self, SecurityPreset, StarkEngine};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Build a guest package and print the path of its executable
    Build(BuildArgs),
    /// Run a program without proving it
    Run(RunArgs),
    /// Run a guest package on this computer and on the machine, and compare the runs
    Compare(CompareArgs),
    /// Run a program under the debugger gdb, forwards and backwards
    Debug(DebugArgs),
    /// Run a program and prove the run
    Prove(ProveArgs),
    /// Estimate segments, memory, time, size and security of a proof before it is made
    Estimate(ProofRunArgs),
    /// Divide a run into segments that can be proven anywhere (`prove --segment`) and merged (`merge`)
    Segment(SegmentArgs),
    /// Merge the proofs of all segments in a folder into the proof of the run
    Merge(MergeArgs),
    /// Verify a proof
    Verify(VerifyArgs),
    /// Show where the instructions of a run and the cost of its proof go, by function, caller and source line
    Profile(ProfileArgs),
    /// Show which source lines a run executes
    Coverage(CoverageArgs),
    /// Choose the blocks of a program that get circuits of their own (`prove --plan`)
    Plan(PlanArgs),
    /// Show the contents of a file, or the machine's AIRs
    Inspect(InspectArgs),
}

impl Command {
    pub(crate) fn json(&self) -> bool {
        match self {
            Self::Build(args) => args.json,
            Self::Run(args) => args.json,
            Self::Compare(args) => args.json,
            Self::Debug(_) => false,
            Self::Prove(args) => args.run.json,
            Self::Estimate(args) => args.json,
            Self::Segment(args) => args.run.json,
            Self::Merge(args) => args.json,
            Self::Verify(args) => args.json,
            Self::Profile(args) => args.json,
            Self::Coverage(args) => args.json,
            Self::Plan(args) => args.json,
            Self::Inspect(args) => args.json,
        }
    }
}

/// Options for building a guest package.
#[derive(Args)]
pub(crate) struct PackageArgs {
    /// Binary target of the package, if it has several
    #[arg(long, value_name = "NAME")]
    pub(crate) bin: Option<String>,
    /// Features of the package to activate
    #[arg(long, value_name = "FEATURES", value_delimiter = ',')]
    pub(crate) features: Vec<String>,
}

impl PackageArgs {
    pub(crate) fn options(&self) -> BuildOptions {
        BuildOptions { bin: self.bin.clone(), features: self.features.clone(), ..BuildOptions::default() }
    }
}

/// The machine on which programs run.
#[derive(Args)]
pub(crate) struct MachineArgs {
    /// Description of the machine in TOML: its extensions, with their moduli and curves [default: RV32IM with keccak256,
    /// sha256 and bigint]
    #[arg(long, value_name = "FILE")]
    pub(crate) machine: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct BuildArgs {
    /// Folder of the guest package
    #[arg(default_value = ".")]
    pub(crate) package_dir: PathBuf,
    #[command(flatten)]
    pub(crate) package: PackageArgs,
    /// Build the package again from a copy in another folder, and check that the executables are equal. Needs an up-to-date
    /// Cargo.lock
    #[arg(long)]
    pub(crate) check: bool,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// A program and its input.
#[derive(Args)]
pub(crate) struct GuestArgs {
    /// RV32IM executable (ELF), or the folder of a guest package, which is built first
    pub(crate) elf: PathBuf,
    #[command(flatten)]
    pub(crate) package: PackageArgs,
    /// Input vector: bytes in hexadecimal (0a1b), the contents of a file (@FILE), or a number as four little-endian bytes
    /// (u32:1000). May be given several times; the guest reads the vectors in this order
    #[arg(short, long, value_name = "HEX|@FILE|u32:N")]
    pub(crate) input: Vec<InputArg>,
    /// Stop with an error after this many instructions
    #[arg(long, value_name = "N")]
    pub(crate) max_instructions: Option<u64>,
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
}

#[derive(Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) guest: GuestArgs,
    /// Only run, or also count the rows and segments of a proof
    #[arg(long, value_enum, default_value_t)]
    pub(crate) mode: Mode,
    #[command(flatten)]
    pub(crate) segmentation: SegmentationArgs,
    #[command(flatten)]
    pub(crate) progress: ProgressArgs,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct CompareArgs {
    /// Folder of the guest package
    pub(crate) package_dir: PathBuf,
    #[command(flatten)]
    pub(crate) package: PackageArgs,
    /// Input vector of a run, as for `run`. May be given several times
    #[arg(short, long, value_name = "HEX|@FILE|u32:N")]
    pub(crate) input: Vec<InputArg>,
    /// Folder with the inputs of further runs: each file is the only input vector of a run, and the files of each folder in it
    /// are the input vectors of a run, sorted by name. May be given several times
    #[arg(long, value_name = "FOLDER")]
    pub(crate) inputs: Vec<PathBuf>,
    /// End runs on the machine with an error after this many instructions
    #[arg(long, value_name = "N")]
    pub(crate) max_instructions: Option<u64>,
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct DebugArgs {
    #[command(flatten)]
    pub(crate) guest: GuestArgs,
    /// Address and port on which to wait for gdb; port 0 stands for any free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:1234")]
    pub(crate) listen: String,
}

#[derive(Args)]
pub(crate) struct ProfileArgs {
    #[command(flatten)]
    pub(crate) guest: GuestArgs,
    /// Number of rows of each table
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) top: usize,
    /// Where to write a flame graph of the cost, for browsers
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Where to write the profile in the format of pprof
    #[arg(long, value_name = "FILE")]
    pub(crate) pprof: Option<PathBuf>,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct CoverageArgs {
    #[command(flatten)]
    pub(crate) guest: GuestArgs,
    /// Where to write the counts of lines and functions in the format of lcov
    #[arg(short, long, value_name = "LCOV")]
    pub(crate) output: Option<PathBuf>,
    /// Count the source files in this folder, with paths as in the line table: `.` stands for all relative paths, `/` for all
    /// absolute ones. May be given several times
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub(crate) under: Vec<PathBuf>,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// Fastest, counts nothing
    #[default]
    Pure,
    /// Counts rows per chip and segments
    Metered,
}

/// Options for dividing a run into segments.
#[derive(Args)]
pub(crate) struct SegmentationArgs {
    /// Largest memory for proving one segment, program and input included; longer runs have more segments [default: 3072]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(256..))]
    pub(crate) segment_memory: Option<u32>,
}

/// Where progress is shown.
#[derive(Args)]
pub(crate) struct ProgressArgs {
    /// Progress on standard error: a line on a terminal (auto), an object of JSON per line (json), or nothing (off)
    #[arg(
        id = "progress",
        long,
        value_name = "auto|json|off",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    pub(crate) mode: ProgressMode,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressMode {
    #[default]
    Auto,
    Json,
    Off,
}

/// Options for making a proof.
#[derive(Args)]
pub(crate) struct ProofArgs {
    /// Proof backend, and hash function of its commitments
    #[arg(long, value_enum, default_value_t)]
    pub(crate) engine: Engine,
    /// Security level and the analysis on which it is based
    #[arg(long, value_enum, default_value_t)]
    pub(crate) security: Security,
    /// Blocks with circuits of their own: those of a file that `plan` has written, none (off), or those that save most
    /// (auto: if the run is long enough; small, wide: with fewer or more columns)
    #[arg(long, value_name = "FILE|off|auto|small|wide", default_value = "auto")]
    pub(crate) plan: PlanArg,
}

/// Which blocks get circuits of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PlanArg {
    Option(PlanOption),
    File(PathBuf),
}

impl FromStr for PlanArg {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "auto" => Self::Option(PlanOption::Auto),
            "off" => Self::Option(PlanOption::Off),
            "small" => Self::Option(PlanOption::Within(FusionBudget::SMALL)),
            "wide" => Self::Option(PlanOption::Within(FusionBudget::WIDE)),
            path => Self::File(path.into()),
        })
    }
}

impl PlanArg {
    /// Returns the option. Reads the plan if it is in a file.
    pub(crate) fn read(&self) -> Result<PlanOption, SdkError> {
        match self {
            Self::Option(option) => Ok(option.clone()),
            Self::File(path) => Ok(PlanOption::Given(PlanFile::read(path)?.plan)),
        }
    }
}

#[derive(Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) guest: GuestArgs,
    /// Number of columns of all circuits together; each column makes proofs longer
    #[arg(long, value_enum, default_value_t)]
    pub(crate) budget: Budget,
    /// Where to write the plan
    #[arg(short, long, value_name = "PLAN")]
    pub(crate) output: PathBuf,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Budget {
    /// For proofs that are verified often
    Small,
    /// For most runs
    #[default]
    Default,
    /// For long runs
    Wide,
}

impl Budget {
    pub(crate) fn budget(self) -> FusionBudget {
        match self {
            Self::Small => FusionBudget::SMALL,
            Self::Default => FusionBudget::DEFAULT,
            Self::Wide => FusionBudget::WIDE,
        }
    }
}

/// A program with its input, and how its run is proven.
#[derive(Args)]
pub(crate) struct ProofRunArgs {
    #[command(flatten)]
    pub(crate) guest: GuestArgs,
    #[command(flatten)]
    pub(crate) proof: ProofArgs,
    #[command(flatten)]
    pub(crate) segmentation: SegmentationArgs,
    #[command(flatten)]
    pub(crate) progress: ProgressArgs,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct SegmentArgs {
    #[command(flatten)]
    pub(crate) run: ProofRunArgs,
    /// Folder for the plan and the segments' states
    #[arg(long, value_name = "FOLDER")]
    pub(crate) dir: PathBuf,
}

#[derive(Args)]
pub(crate) struct MergeArgs {
    /// Folder with the proofs of all segments of a run
    pub(crate) dir: PathBuf,
    /// Where to write the proof
    #[arg(short, long, value_name = "PROOF")]
    pub(crate) output: PathBuf,
    /// Where to write the verifying key
    #[arg(long, value_name = "VK")]
    pub(crate) vk_out: Option<PathBuf>,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct ProveArgs {
    #[command(flatten)]
    pub(crate) run: ProofRunArgs,
    /// Where to write the proof; without it, the proof is made and verified but not kept
    #[arg(short, long, value_name = "PROOF")]
    pub(crate) output: Option<PathBuf>,
    /// Where to write the verifying key
    #[arg(long, value_name = "VK")]
    pub(crate) vk_out: Option<PathBuf>,
    /// Folder for the proofs of segments, from which an interrupted run is resumed
    #[arg(long, value_name = "FOLDER")]
    pub(crate) dir: Option<PathBuf>,
    /// Number of segments to prove at the same time [default: depends on processors and memory]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Prove only this segment, counted from 0, of a folder that the command `segment` has written
    #[arg(long, value_name = "N", requires = "dir")]
    #[arg(conflicts_with_all = ["input", "output", "vk_out", "jobs", "debug", "segment_memory"])]
    pub(crate) segment: Option<usize>,
    /// Check every constraint and bus on the traces before proving (slow)
    #[arg(long)]
    pub(crate) debug: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// Poseidon2: for recursive verifiers
    #[default]
    WhirPoseidon2,
    /// Keccak
    WhirKeccak,
    /// BLAKE3: fastest
    WhirBlake3,
    /// Poseidon2 with the univariate backend: larger proofs, half of the memory
    Poseidon2,
    /// Keccak with the univariate backend
    Keccak,
    /// BLAKE3 with the univariate backend
    Blake3,
}

impl Engine {
    /// Returns the engine with this name in headers of files.
    pub(crate) fn of_file(name: &str) -> Option<Self> {
        let names = [
            (Self::Poseidon2, stark::BabyBearPoseidon2Engine::name()),
            (Self::Keccak, stark::BabyBearKeccakEngine::name()),
            (Self::Blake3, stark::BabyBearBlake3Engine::name()),
            (Self::WhirPoseidon2, stark::BabyBearWhirPoseidon2Engine::name()),
            (Self::WhirKeccak, stark::BabyBearWhirKeccakEngine::name()),
            (Self::WhirBlake3, stark::BabyBearWhirBlake3Engine::name()),
        ];
        names.into_iter().find(|(_, known)| *known == name).map(|(engine, _)| engine)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Security {
    /// 100 bits in published theorems
    #[default]
    Provable100,
    /// 100 bits in published theorems, with smaller proofs that take longer to make
    Small100,
    /// 100 bits under a conjecture, for development
    Conjectured100,
}

impl Security {
    pub(crate) fn preset(self) -> SecurityPreset {
        match self {
            Self::Provable100 => SecurityPreset::Provable100,
            Self::Small100 => SecurityPreset::Small100,
            Self::Conjectured100 => SecurityPreset::Conjectured100,
        }
    }
}

#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// Proof file
    pub(crate) proof: PathBuf,
    #[command(flatten)]
    pub(crate) trust: Trust,
    #[command(flatten)]
    pub(crate) package: PackageArgs,
    /// Require that the proof is for the program with this commitment (64 hexadecimal digits, printed by `prove`)
    #[arg(long, value_name = "HEX")]
    pub(crate) exe_commitment: Option<HexDigest>,
    /// Security level to require with --elf [default: provable100]
    #[arg(long, value_enum, conflicts_with = "vk")]
    pub(crate) security: Option<Security>,
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Source of the verifying key, which is never the proof file.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Trust {
    /// Verifying key of the program
    #[arg(long, conflicts_with_all = ["PackageArgs", "machine"])]
    pub(crate) vk: Option<PathBuf>,
    /// Program: an executable or the folder of a guest package, from which the key is computed
    #[arg(long)]
    pub(crate) elf: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct InspectArgs {
    /// Executable, folder of a guest package (which is built first), proof or verifying key
    #[arg(required_unless_present = "airs", conflicts_with = "airs")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) package: PackageArgs,
    /// Show the machine's AIRs: columns, constraints and messages
    #[arg(long, conflicts_with = "PackageArgs")]
    pub(crate) airs: bool,
    /// List the instructions of an executable
    #[arg(long, conflicts_with = "airs")]
    pub(crate) code: bool,
    /// List the blocks of a plan, with the instructions of the executable
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["airs", "code"])]
    pub(crate) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(subcommand)]
        _command: Command,
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn verification_needs_exactly_one_source_of_trust() {
        let parse = |args: &[&str]| Cli::try_parse_from([&["command", "verify", "p"], args].concat()).is_ok();
        assert!(parse(&["--vk", "k"]) && parse(&["--elf", "e"]));
        assert!(!parse(&[]) && !parse(&["--vk", "k", "--elf", "e"]));
        assert!(parse(&["--elf", "e", "--security", "conjectured100"]));
        assert!(!parse(&["--vk", "k", "--security", "conjectured100"]), "a key has its own level");
        assert!(parse(&["--elf", "e", "--machine", "m"]));
        assert!(!parse(&["--vk", "k", "--machine", "m"]), "a key has its own machine");
        assert!(parse(&["--vk", "k", "--exe-commitment", &"0".repeat(64)]));
        assert!(!parse(&["--vk", "k", "--exe-commitment", "12"]));
    }

    #[test]
    fn a_single_segment_comes_from_a_folder() {
        let parse = |args: &[&str]| Cli::try_parse_from([&["command", "prove", "e"], args].concat()).is_ok();
        assert!(parse(&["--segment", "3", "--dir", "d"]) && parse(&["--dir", "d", "--jobs", "2", "-o", "p"]));
        assert!(!parse(&["--segment", "3"]), "without a folder");
        assert!(!parse(&["--segment", "3", "--dir", "d", "--input", "u32:1"]), "the input is in the state");
        assert!(!parse(&["--jobs", "0"]) && !parse(&["--segment-memory", "100"]));
    }
}
