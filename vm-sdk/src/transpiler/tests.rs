//! Executables from files: gaps, system calls, extensions.

use std::path::Path;

use proptest::prelude::*;
use vm_core::arch::authoring::Encoding;
use vm_core::arch::{NoChip, SystemConfig, VmExtension, VmInventory, VmInventoryBuilder};
use vm_core::instructions::{Instruction, LocalOpcode, PC_LIMIT, SystemOpcode};
use vm_derive::VmConfig;
use vm_rv32im::Rv32im;
use vm_rv32im::words::ECALL_PC;

use super::*;
use crate::config::Rv32imVm;
use crate::elf::testing::{R, TestSegment, elf};

const BASE: u32 = 0x0020_0800;
const NOP: u32 = 0x0000_0013;
const ECALL: u32 = 0x0000_0073;
const EBREAK: u32 = 0x0010_0073;
/// A word under custom-1, which RV32IM leaves to extensions.
const CUSTOM_1: u32 = 0x0000_002b;

fn program(words: &[u32]) -> Result<VmExe, ElfError> {
    load_elf(&elf(BASE, &[TestSegment::code(BASE, words)]), &Rv32imVm::default())
}

#[test]
fn undecodable_words_are_gaps_that_stay_in_memory() {
    let exe = program(&[NOP, 0xffff_ffff, 0x0010_0073, NOP]).unwrap();
    assert!(exe.program.get(BASE).is_some() && exe.program.get(BASE + 12).is_some());
    assert_eq!((exe.program.get(BASE + 4), exe.program.get(BASE + 8)), (None, None));
    assert_eq!(exe.init_memory[&(MAIN_SPACE, BASE + 4)], 0xffff_ffff);
    assert_eq!(exe.pc_start, BASE);
}

#[test]
fn data_around_the_code_takes_no_room_in_the_program() {
    let data = 0xffff_ffff;
    let segments = [TestSegment::code(BASE, &[data, data, NOP, data, NOP, data])];
    let exe = load_elf(&elf(BASE + 8, &segments), &Rv32imVm::default()).unwrap();
    let [region] = exe.program.regions() else { panic!("one region") };
    assert_eq!((region.base, region.instructions.len()), (BASE + 8, 3));
    assert_eq!(exe.program.get(BASE + 12), None);
    assert_eq!(exe.init_memory.len(), 6);
}

#[test]
fn the_entry_point_must_be_an_instruction() {
    let error = |word| program(&[word, NOP]).unwrap_err().to_string();
    assert!(error(0).contains("is zero: data"), "{}", error(0));
    let amoadd = error(0x00b5_252f);
    assert!(amoadd.contains("the word 0x00b5252f at the entry point 0x200800 is an instruction of the extension A"));
    assert!(!amoadd.contains("ENTRY"), "the entry point is where it should be: {amoadd}");
    assert!(error(u32::MAX).ends_with("is not an instruction of the machine"));
    assert_eq!(program(&[0x0000_4501, NOP]), Err(ElfError::Compressed { entry: BASE }));
}

#[test]
fn the_system_call_sequence_is_there_only_with_system_calls() {
    assert_eq!(program(&[NOP]).unwrap().program.get(ECALL_PC), None);
    let with = program(&[NOP, ECALL, ECALL]).unwrap();
    assert!(with.program.get(ECALL_PC).is_some());
    assert_eq!(with.program.get(BASE + 4).unwrap().d, ECALL_PC);
}

#[test]
fn data_segments_are_no_code() {
    let segments = [TestSegment::code(BASE, &[NOP]), TestSegment::load(BASE + 4, R, NOP.to_le_bytes())];
    let exe = load_elf(&elf(BASE, &segments), &Rv32imVm::default()).unwrap();
    assert_eq!(exe.program.len(), 1);
    assert_eq!(exe.init_memory.len(), 2);
}

struct Custom(u32);

impl WordTranspiler for Custom {
    fn name(&self) -> &'static str {
        "custom"
    }
    fn transpile(&self, word: u32, _pc: u32) -> Option<Instruction> {
        (word == self.0).then(|| Instruction::new(SystemOpcode::TERMINATE, [1]))
    }
    fn disassemble(&self, word: u32) -> Option<String> {
        (word == self.0).then(|| "custom".to_owned())
    }
}

#[test]
fn extensions_add_words_and_may_not_collide() {
    let file = elf(BASE, &[TestSegment::code(BASE, &[NOP, CUSTOM_1])]);
    assert_eq!(load_elf(&file, &Rv32imVm::default()).unwrap().program.len(), 1);
    let transpiler = Transpiler::default().with_extension(Custom(CUSTOM_1));
    assert_eq!(transpiler.load(&file).unwrap().exe.program.len(), 2);
    assert_eq!(transpiler.disassemble(CUSTOM_1).as_deref(), Some("custom"));

    let error = Transpiler::default().with_extension(Custom(NOP)).load(&file).unwrap_err();
    let (first, second) = ("ADDI".to_owned(), "custom".to_owned());
    assert_eq!(error, ElfError::Ambiguous { pc: BASE, word: NOP, first, second });
}

/// An extension that claims words.
#[derive(Clone, Copy, Debug)]
struct Claim(Encoding);

impl VmExtension for Claim {
    type Executor = NoChip;
    type Periphery = NoChip;

    fn build(&self, _builder: &VmInventoryBuilder<'_>) -> Result<VmInventory<NoChip, NoChip>, VmInventoryError> {
        let mut inventory = VmInventory::new();
        let opcode = Some(SystemOpcode::TERMINATE.global_opcode());
        let operands = |_, _| [1; 7];
        inventory.add_decoder(WordDecoder { name: "claim", encoding: self.0, opcode, operands, discriminant: None })?;
        Ok(inventory)
    }
}

#[derive(Clone, Debug, VmConfig)]
struct Machine {
    #[system]
    system: SystemConfig,
    #[extension]
    rv32im: Rv32im,
    #[extension]
    claim: Claim,
}

#[test]
fn declared_words_are_transpiled_and_those_of_rv32im_cannot_be_claimed() {
    let claim = |mask, value| {
        let claim = Claim(Encoding::new(mask, value));
        Transpiler::for_machine(&Machine { system: SystemConfig::default(), rv32im: Rv32im, claim })
    };
    let file = elf(BASE, &[TestSegment::code(BASE, &[NOP, CUSTOM_1])]);
    assert_eq!(claim(u32::MAX, CUSTOM_1).unwrap().load(&file).unwrap().exe.program.len(), 2);
    let claim_custom_1 = Claim(Encoding::new(u32::MAX, CUSTOM_1));
    let machine = Machine { system: SystemConfig::default(), rv32im: Rv32im, claim: claim_custom_1 };
    assert_eq!(load_elf(&file, &machine).unwrap().program.len(), 2);
    for (value, owner) in [
        (NOP, "ADDI"),
        (0x0000_006f, "JAL"),
        (0x0000_200b, "REVEAL"),
        (0x0010_100b, "HINT_BUFFER"),
        (ECALL, "ecall"),
        (EBREAK, "ebreak"),
        (0xc000_1073, "unimp"),
        (0x0000_000f, "fence"),
        (0x0000_000b, "terminate"),
        (0x0010_300b, "print_str"),
    ] {
        match claim(0xffff_707f, value).map(|_| ()) {
            Err(VmInventoryError::EncodingCollision { first, second: "claim", .. }) => assert_eq!(first, owner),
            other => panic!("{owner}: {other:?}"),
        }
    }
}

#[test]
fn all_fixtures_load() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures");
    let mut count = 0;
    for entry in std::fs::read_dir(fixtures.join("elf")).unwrap() {
        let path = entry.unwrap().path();
        // Some of the guests in assembly are executables that must not load.
        if fixtures.join("asm").join(path.file_stem().unwrap()).with_extension("S").exists() {
            continue;
        }
        let loaded = Transpiler::default().load(&std::fs::read(&path).unwrap());
        let loaded = loaded.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(loaded.exe.program.len() > 5, "{}", path.display());
        count += 1;
    }
    assert!(count > 10);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn any_code_transpiles(words in prop::collection::vec(any::<u32>(), 0..50), base in 0..(1u32 << 27)) {
        let mut code = vec![NOP];
        code.extend(words);
        let exe = load_elf(&elf(base * 4 / 2, &[TestSegment::code(base * 4 / 2, &code)]), &Rv32imVm::default());
        match exe {
            Ok(exe) => prop_assert!(exe.program.iter().all(|(pc, _)| pc < PC_LIMIT && pc % 4 == 0)),
            Err(error) => prop_assert_eq!(base % 2, 1, "{}", error),
        }
    }
}
