//! From an executable file to what the machine runs.
//!
//! ```text
//! ELF file ── elf::ElfImage ── WordTranspiler of each extension ── VmExe
//! ```

use vm_core::arch::authoring::WordDecoder;
use vm_core::arch::{SystemPort, VmConfig, VmInventoryError};
use vm_core::instructions::{Instruction, Program, Region, VmExe};
use vm_rv32im::transpile::{RESERVED_WORDS, Rv32imTranspiler, ecall_region, is_ecall};

use crate::elf::{CodeRange, ElfImage};

pub use crate::elf::ElfError;
pub use vm_rv32im::transpile::WordTranspiler;

/// Number of the address space that holds guest memory.
pub const MEMORY_SPACE: u32 = 2;

/// Transpiles words with the instruction sets of several extensions.
pub struct Transpiler {
    extensions: Vec<Box<dyn WordTranspiler>>,
}

impl Default for Transpiler {
    /// RV32IM and the host interface.
    fn default() -> Self {
        Self { extensions: vec![Box::new(Rv32imTranspiler)] }
    }
}

/// Transpiles the words that a machine's annotated instructions declare.
struct DeclaredWords(Vec<WordDecoder>);

impl WordTranspiler for DeclaredWords {
    fn name(&self) -> &'static str {
        "the machine's extensions"
    }

    fn transpile(&self, word: u32, pc: u32) -> Option<Instruction> {
        self.0.iter().find_map(|decoder| decoder.decode(word, pc))
    }

    fn disassemble(&self, word: u32) -> Option<String> {
        let decoder = self.0.iter().find(|decoder| decoder.encoding.matches(word))?;
        let register = |low: u32| (word >> low) & 31;
        Some(format!("{} x{}, x{}, x{}", decoder.name, register(7), register(15), register(20)))
    }
}

impl Transpiler {
    /// RV32IM, the host interface, and the annotated instructions of a machine's extensions: their words are part of
    /// their declarations.
    pub fn for_machine<VC: VmConfig>(config: &VC) -> Result<Self, VmInventoryError> {
        let inventory = config.create_inventory(SystemPort::default())?;
        let rv32im = Self::default();
        for decoder in inventory.decoders() {
            // RV32IM's instructions are registered; the words that it gives another meaning are not.
            if let Some((first, reserved)) = RESERVED_WORDS.iter().find(|(_, other)| other.overlaps(decoder.encoding)) {
                let word = reserved.value | decoder.encoding.value;
                return Err(VmInventoryError::EncodingCollision { first, second: decoder.name, word });
            }
        }
        let declared: Vec<WordDecoder> = inventory
            .decoders()
            .iter()
            .filter(|decoder| {
                !rv32im.extensions.iter().any(|known| known.transpile(decoder.encoding.value, 0).is_some())
            })
            .copied()
            .collect();
        Ok(rv32im.with_extension(DeclaredWords(declared)))
    }

    /// Adds the instructions of an extension. No word may belong to two of them.
    pub fn with_extension(mut self, extension: impl WordTranspiler + 'static) -> Self {
        self.extensions.push(Box::new(extension));
        self
    }

    /// Loads an executable file.
    pub fn load(&self, bytes: &[u8]) -> Result<LoadedElf, ElfError> {
        let image = ElfImage::parse(bytes)?;
        let exe = self.transpile(&image)?;
        Ok(LoadedElf { exe, image })
    }

    /// The executable of a loaded image. A word that is no instruction leaves a gap in the program, which traps when
    /// it is executed.
    pub fn transpile(&self, image: &ElfImage) -> Result<VmExe, ElfError> {
        let mut regions = image.code.iter().map(|range| self.region(range)).collect::<Result<Vec<_>, _>>()?;
        if image.code.iter().flat_map(|range| &range.words).any(|&word| is_ecall(word)) {
            regions.push(ecall_region());
        }
        let program = Program::new(regions)?;
        if program.get(image.entry).is_none() {
            return Err(ElfError::EntryPoint { entry: image.entry, problem: "is not a known instruction" });
        }
        let memory = image.memory.iter().map(|(&address, &word)| ((MEMORY_SPACE, address), word)).collect();
        let exe = VmExe::new(program, image.entry).with_init_memory(memory);
        exe.validate()?;
        Ok(exe)
    }

    /// What a word says, for people.
    pub fn disassemble(&self, word: u32) -> Option<String> {
        self.extensions.iter().find_map(|extension| extension.disassemble(word))
    }

    /// The region of a range, without the data before its first and behind its last instruction: every entry costs a
    /// row of the program table.
    fn region(&self, range: &CodeRange) -> Result<Region, ElfError> {
        let mut instructions: Vec<_> = (range.base..)
            .step_by(4)
            .zip(&range.words)
            .map(|(pc, &word)| self.word(word, pc))
            .collect::<Result<_, _>>()?;
        instructions.truncate(instructions.iter().rposition(Option::is_some).map_or(0, |last| last + 1));
        let first = instructions.iter().position(Option::is_some).unwrap_or(0);
        instructions.drain(..first);
        Ok(Region { base: range.base + 4 * first as u32, instructions })
    }

    fn word(&self, word: u32, pc: u32) -> Result<Option<Instruction>, ElfError> {
        let mut claims = self
            .extensions
            .iter()
            .filter_map(|extension| extension.transpile(word, pc).map(|instruction| (extension.name(), instruction)));
        match (claims.next(), claims.next()) {
            (Some((first, _)), Some((second, _))) => {
                Err(ElfError::Ambiguous { pc, word, first: first.to_owned(), second: second.to_owned() })
            }
            (claim, _) => Ok(claim.map(|(_, instruction)| instruction)),
        }
    }
}

/// An executable with what reports need to know about it.
#[derive(Clone, Debug)]
pub struct LoadedElf {
    /// What the machine runs.
    pub exe: VmExe,
    /// Segments, words and symbols of the file.
    pub image: ElfImage,
}

/// Loads an RV32IM executable.
pub fn load_elf(bytes: &[u8]) -> Result<VmExe, ElfError> {
    Transpiler::default().load(bytes).map(|loaded| loaded.exe)
}

#[cfg(test)]
mod tests;
