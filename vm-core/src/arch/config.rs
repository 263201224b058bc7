//! Configuration of a machine.

use std::io;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vm_verifier::RunLayout;
pub use vm_verifier::{LEAF_BYTES, LOG_LEAF_BYTES};

use super::bridges::SystemPort;
use super::buses::{MAX_ACCESS_WORDS, is_access_width};
use super::chip::{Chip, SplitRule};
use super::execution::{InstructionExecutor, PUBLIC_VALUES_SPACE};
use super::extensions::{AnyEnum, VmInventory, VmInventoryError};
use super::segment::{DefaultSegmentationStrategy, SegmentationStrategy};
use crate::stark::ProverMemory;

/// Number of registers in address space 1: 32 of the guest, and 32 for the transpiler.
pub const NUM_REGISTERS: usize = 64;
/// Number of words of a leaf.
pub const LEAF_WORDS: usize = LEAF_BYTES / 4;
/// Number of levels of the memory tree that are stored together in one block.
pub const TREE_BLOCK_LEVELS: usize = 3;

/// Parameters of memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryConfig {
    /// log2 of the number of address spaces, in 2..=3.
    pub as_height: usize,
    /// Number of the first address space. Always 1: address space 0 does not exist.
    pub as_offset: u32,
    /// Number of bits of a byte pointer, in 20..=29.
    pub pointer_max_bits: usize,
    /// Number of bits of a timestamp, in 17..=29: the memory argument needs all timestamps in a window smaller than p.
    pub clk_max_bits: usize,
    /// Largest number of bits of a limb in a range check. Always 16, the size of a cell and of the range table.
    pub decomp: usize,
    /// Width, in words, of the widest access that extensions may request: a power of two in 1..=32. With 1, there are
    /// accesses of single words only. A larger limit has no cost: a width has an AIR only if an extension requests it.
    pub max_access_adapter_n: usize,
    /// Expected number of memory accesses per segment, at most 2^30. Only a hint for the capacity of buffers.
    pub access_capacity: usize,
}

impl Default for MemoryConfig {
    fn default() -> Self {
        Self {
            as_height: 2,
            as_offset: 1,
            pointer_max_bits: 29,
            clk_max_bits: 29,
            decomp: 16,
            max_access_adapter_n: MAX_ACCESS_WORDS,
            access_capacity: 1 << 20,
        }
    }
}

impl MemoryConfig {
    /// Returns the number of address spaces.
    pub fn num_spaces(&self) -> usize {
        1 << self.as_height
    }

    /// Returns the number of words of the address space with 0-based index `index`.
    pub fn space_words(&self, index: usize, num_public_values: usize) -> usize {
        match index {
            0 => NUM_REGISTERS,
            1 => 1 << (self.pointer_max_bits - 2),
            2 => num_public_values.div_ceil(LEAF_BYTES) * (LEAF_BYTES / 4),
            // Address spaces of extensions.
            _ => 1 << 20,
        }
    }

    /// Returns log2 of the number of leaves that the memory tree has for one address space.
    pub fn log_leaves(&self) -> usize {
        self.pointer_max_bits - LOG_LEAF_BYTES
    }

    /// Returns the 0-based index of the address space of the public values.
    pub fn public_values_space(&self) -> u64 {
        u64::from(PUBLIC_VALUES_SPACE - self.as_offset)
    }

    /// Returns the height of the memory tree: the number of levels of nodes above the leaves.
    pub fn tree_height(&self) -> usize {
        self.as_height + self.log_leaves()
    }

    fn validate(&self) -> Result<(), VmInventoryError> {
        let check = |ok: bool, field: &'static str, value: usize, expected: &'static str| {
            if ok { Ok(()) } else { Err(VmInventoryError::Config { field, value: value.to_string(), expected }) }
        };
        check((2..=3).contains(&self.as_height), "memory_config.as_height", self.as_height, "2..=3")?;
        check(self.as_offset == 1, "memory_config.as_offset", self.as_offset as usize, "1")?;
        check(
            (20..=29).contains(&self.pointer_max_bits),
            "memory_config.pointer_max_bits",
            self.pointer_max_bits,
            "20..=29",
        )?;
        check((17..=29).contains(&self.clk_max_bits), "memory_config.clk_max_bits", self.clk_max_bits, "17..=29")?;
        check(self.decomp == 16, "memory_config.decomp", self.decomp, "16")?;
        check(
            self.max_access_adapter_n == 1 || is_access_width(self.max_access_adapter_n),
            "memory_config.max_access_adapter_n",
            self.max_access_adapter_n,
            "a power of two in 1..=32",
        )?;
        check(self.access_capacity <= 1 << 30, "memory_config.access_capacity", self.access_capacity, "at most 2^30")
    }
}

/// Configuration that every machine has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SystemConfig {
    /// Largest degree of a constraint. Always 3, the degree that a blow-up of 2 allows.
    pub max_constraint_degree: usize,
    /// Whether a run may have several segments. Otherwise a single segment must hold the whole run.
    pub continuation_enabled: bool,
    /// Parameters of memory.
    pub memory_config: MemoryConfig,
    /// Number of bytes of public values: a multiple of 16, at most 2^12.
    pub num_public_values: usize,
    /// Whether runs count executions per opcode.
    pub profiling: bool,
    /// log2 of the largest height of an instance, in 10..=22. Key generation also requires at least the log2 of the
    /// height of every fixed table, such as 16 for range checks.
    pub max_log_height: usize,
    /// Largest number of instances of one AIR in one proof, in 1..=16.
    pub max_instances: usize,
    /// Strategy that decides where segments end. It is not part of a serialized configuration.
    #[serde(skip, default = "default_strategy")]
    pub segmentation_strategy: Arc<dyn SegmentationStrategy>,
}

fn default_strategy() -> Arc<dyn SegmentationStrategy> {
    Arc::new(DefaultSegmentationStrategy::default())
}

impl Default for SystemConfig {
    fn default() -> Self {
        Self {
            max_constraint_degree: 3,
            continuation_enabled: false,
            memory_config: MemoryConfig::default(),
            num_public_values: 32,
            profiling: false,
            max_log_height: 22,
            max_instances: 8,
            segmentation_strategy: default_strategy(),
        }
    }
}

impl SystemConfig {
    /// Allows runs in several segments.
    pub fn with_continuations(mut self) -> Self {
        self.continuation_enabled = true;
        self
    }

    /// Requires that every run fits into a single segment.
    pub fn without_continuations(mut self) -> Self {
        self.continuation_enabled = false;
        self
    }

    /// Returns what the verifier of runs needs to know.
    pub fn run_layout(&self) -> RunLayout {
        RunLayout {
            continuations: self.continuation_enabled,
            num_public_values: self.num_public_values,
            as_height: self.memory_config.as_height,
            log_leaves: self.memory_config.log_leaves(),
            public_values_space: self.memory_config.public_values_space(),
        }
    }

    /// Sets the number of bytes of public values.
    pub fn with_public_values(mut self, bytes: usize) -> Self {
        self.num_public_values = bytes;
        self
    }

    /// Makes runs count executions per opcode.
    pub fn with_profiling(mut self) -> Self {
        self.profiling = true;
        self
    }

    /// Sets the segmentation strategy.
    pub fn with_segmentation_strategy(mut self, strategy: Arc<dyn SegmentationStrategy>) -> Self {
        self.segmentation_strategy = strategy;
        self
    }

    /// Returns the largest number of instances in one proof, for a machine with this number of AIRs, of which `blocks` are
    /// circuits of fused blocks. Each of these may have two.
    pub fn max_total_instances(&self, airs: usize, blocks: usize) -> usize {
        airs + blocks + 4 * self.max_instances
    }

    /// Returns how the rows of an AIR are split into instances for a prover.
    pub fn split_rule(&self, prover: ProverMemory) -> SplitRule {
        SplitRule {
            max_log_height: self.max_log_height,
            max_instances: self.max_instances,
            rows_per_instance: prover.rows_per_instance(),
        }
    }

    /// Checks that all parameters are in range. Called before a machine is built.
    ///
    /// # Errors
    /// Returns [`VmInventoryError::Config`] for the first parameter that is out of range.
    pub fn validate(&self) -> Result<(), VmInventoryError> {
        let check = |ok: bool, field: &'static str, value: usize, expected: &'static str| {
            if ok { Ok(()) } else { Err(VmInventoryError::Config { field, value: value.to_string(), expected }) }
        };
        check(self.max_constraint_degree == 3, "max_constraint_degree", self.max_constraint_degree, "3")?;
        check(
            self.num_public_values.is_multiple_of(LEAF_BYTES) && self.num_public_values <= 1 << 12,
            "num_public_values",
            self.num_public_values,
            "a multiple of 16, at most 4096",
        )?;
        check((10..=22).contains(&self.max_log_height), "max_log_height", self.max_log_height, "10..=22")?;
        check((1..=16).contains(&self.max_instances), "max_instances", self.max_instances, "1..=16")?;
        self.memory_config.validate()
    }
}

/// Configuration of a machine: the system and its extensions. Usually derived on a struct with one field for each.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a machine configuration",
    note = "derive `VmConfig` on a struct with one `#[system]` field and `#[extension]` fields"
)]
pub trait VmConfig: Clone + Send + Sync + 'static {
    /// Enum of the executors of all extensions.
    type Executor: InstructionExecutor + AnyEnum + Chip + 'static;
    /// Enum of the periphery chips of all extensions.
    type Periphery: AnyEnum + Chip + 'static;

    /// Returns the system's configuration.
    fn system(&self) -> &SystemConfig;

    /// Returns the system's configuration for changes.
    fn system_mut(&mut self) -> &mut SystemConfig;

    /// Builds all extensions in order and returns their chips.
    ///
    /// # Errors
    /// Returns an error if an extension cannot be built, or if two extensions claim the same opcode, encoding or
    /// phantom discriminant.
    fn create_inventory(
        &self,
        port: SystemPort,
    ) -> Result<VmInventory<Self::Executor, Self::Periphery>, VmInventoryError>;
}

/// Name of the file that a configuration generates for guest programs.
pub const INIT_FILE: &str = "vm_init.rs";

/// Configurations that generate Rust code for guest programs, such as constants and functions for the moduli that an
/// extension was configured with.
///
/// Builds of a guest package for a configuration write the code to the file [`INIT_FILE`] in the package's folder; the
/// guest includes it with `vm_guest::init!()`. Machines whose guest programs need no such code keep the defaults.
pub trait InitFileGenerator {
    /// Returns the contents of the file, or `None` if guest programs need none. Must depend on the configuration only.
    fn generate_init_file_contents(&self) -> Option<String> {
        None
    }

    /// Writes the file `name` (default [`INIT_FILE`]) into `dir`, unless it has these contents already. Returns whether
    /// the configuration generates a file.
    ///
    /// # Errors
    ///
    /// Any error of the file system while the file is read or written.
    fn write_to_init_file(&self, dir: &Path, name: Option<&str>) -> io::Result<bool> {
        let Some(contents) = self.generate_init_file_contents() else { return Ok(false) };
        let file = dir.join(name.unwrap_or(INIT_FILE));
        // Cargo compiles a package again when its files are newer.
        let is_written = match std::fs::read(&file) {
            Ok(old) => old == contents.as_bytes(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        if !is_written {
            std::fs::write(file, contents)?;
        }
        Ok(true)
    }
}
