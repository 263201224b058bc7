//! From an executable file to what the machine runs.
//!
//! ```text
//! ELF file ── elf::ElfImage ── words that the machine's extensions declare ── VmExe
//! ```

use vm_core::arch::authoring::WordDecoder;
use vm_core::arch::{SystemPort, VmConfig, VmExtension, VmInventoryBuilder, VmInventoryError};
use vm_core::instructions::{Instruction, Program, Region, VmExe};
use vm_core::system::memory::MAIN_SPACE;
use vm_rv32im::Rv32im;
use vm_rv32im::fields::Fields;
use vm_rv32im::words::{ECALL, describe_absent, ecall_region};

use crate::elf::{CodeRange, ElfImage};

pub use crate::elf::ElfError;

/// Turns words of the executable into instructions, where the encodings that a machine's extensions declare do not
/// suffice.
pub trait WordTranspiler: Send + Sync {
    /// Name of the instruction set, for errors.
    fn name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// Returns the instruction of `word` at `pc`, if the word is one of this transpiler's.
    fn transpile(&self, word: u32, pc: u32) -> Option<Instruction>;

    /// Returns the assembly text of the word, if it is one of this transpiler's.
    fn disassemble(&self, word: u32) -> Option<String>;
}

/// Transpiles the words that a machine's extensions declare, and those of further [`WordTranspiler`]s.
pub struct Transpiler {
    declared: Vec<WordDecoder>,
    extensions: Vec<Box<dyn WordTranspiler>>,
}

impl Default for Transpiler {
    /// RV32IM and the host interface.
    fn default() -> Self {
        let rv32im = Rv32im.build(&VmInventoryBuilder::new(SystemPort::default(), Vec::new()));
        Self::new(rv32im.expect("the words of RV32IM do not overlap").decoders())
    }
}

impl Transpiler {
    fn new(declared: &[WordDecoder]) -> Self {
        Self { declared: declared.to_vec(), extensions: Vec::new() }
    }

    /// Transpiles the words that the extensions of a machine declare.
    ///
    /// # Errors
    ///
    /// The machine cannot be put together, for example because two extensions declare the same word.
    pub fn for_machine<VC: VmConfig>(config: &VC) -> Result<Self, VmInventoryError> {
        Ok(Self::new(config.create_inventory(SystemPort::default())?.decoders()))
    }

    /// Adds the instructions of an extension. No word may belong to two of them.
    pub fn with_extension(mut self, extension: impl WordTranspiler + 'static) -> Self {
        self.extensions.push(Box::new(extension));
        self
    }

    /// Loads an executable file.
    ///
    /// # Errors
    ///
    /// The file is no ELF executable for RV32IM, its segments or its entry point are not usable, or two instructions
    /// claim one of its words.
    pub fn load(&self, bytes: &[u8]) -> Result<LoadedElf, ElfError> {
        let image = ElfImage::parse(bytes)?;
        let exe = self.transpile(&image)?;
        Ok(LoadedElf { exe, image })
    }

    /// Returns the executable of a loaded image. A word that is not an instruction leaves a gap in the program, which
    /// traps when it is executed.
    ///
    /// # Errors
    ///
    /// The entry point is not an instruction, the program or the memory exceeds its limits, or two instructions claim a
    /// word.
    pub fn transpile(&self, image: &ElfImage) -> Result<VmExe, ElfError> {
        let mut regions = image.code.iter().map(|range| self.region(range)).collect::<Result<Vec<_>, _>>()?;
        if image.code.iter().flat_map(|range| &range.words).any(|&word| word == ECALL) {
            regions.push(ecall_region());
        }
        let program = Program::new(regions)?;
        if program.get(image.entry).is_none() {
            let (entry, word) = (image.entry, image.word(image.entry).unwrap_or(0));
            return Err(match word & 3 {
                // Every instruction of 32 bits ends in these two bits.
                3 => ElfError::EntryWord { entry, word, what: describe_absent(word) },
                _ if word == 0 => ElfError::EntryWord { entry, word, what: describe_absent(word) },
                _ => ElfError::Compressed { entry },
            });
        }
        let memory = image.memory.iter().map(|(&address, &word)| ((MAIN_SPACE, address), word)).collect();
        let exe = VmExe::new(program, image.entry).with_init_memory(memory);
        exe.validate()?;
        Ok(exe)
    }

    /// Returns the assembly text of a word, if it is known.
    pub fn disassemble(&self, word: u32) -> Option<String> {
        let declared = self.declared.iter().find(|decoder| decoder.encoding.matches(word));
        let declared = declared.map(|decoder| Fields(word).assembly(decoder.name));
        declared.or_else(|| self.extensions.iter().find_map(|extension| extension.disassemble(word)))
    }

    /// Returns the region of a range, without the data before its first and after its last instruction: every entry costs
    /// a row of the program table.
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
        let declared = self.declared.iter().filter_map(|decoder| Some((decoder.name, decoder.decode(word, pc)?)));
        let others = self.extensions.iter();
        let others = others.filter_map(|extension| Some((extension.name(), extension.transpile(word, pc)?)));
        let mut claims = declared.chain(others);
        match (claims.next(), claims.next()) {
            (Some((first, _)), Some((second, _))) => {
                Err(ElfError::Ambiguous { pc, word, first: first.to_owned(), second: second.to_owned() })
            }
            (claim, _) => Ok(claim.map(|(_, instruction)| instruction)),
        }
    }
}

/// An executable, with the information that reports need.
#[derive(Clone, Debug)]
pub struct LoadedElf {
    /// The executable of the machine.
    pub exe: VmExe,
    /// Segments, words and symbols of the file.
    pub image: ElfImage,
}

/// Loads an executable for a machine: with the words of all its extensions.
///
/// # Errors
///
/// [`ElfError::Config`] if the machine cannot be built. Otherwise see [`Transpiler::load`].
pub fn load_elf<VC: VmConfig>(bytes: &[u8], config: &VC) -> Result<VmExe, ElfError> {
    Ok(Transpiler::for_machine(config)?.load(bytes)?.exe)
}

#[cfg(test)]
mod tests;
