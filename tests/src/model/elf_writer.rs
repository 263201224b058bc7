//! Writer of minimal static executables.

const PAGE: u32 = 4096;
const HEADER_SIZE: u32 = 52;
const PROGRAM_HEADER_SIZE: u32 = 32;

/// Returns the address at which [`elf_of`] places the data: the first page boundary after the code.
pub fn data_address(words: &[u32], base: u32) -> u32 {
    (base + 4 * words.len() as u32).next_multiple_of(PAGE)
}

/// Returns an ELF32 executable for RISC-V with `words` at `base` (read, execute) and `data` at [`data_address`] (read,
/// write). The entry point is `base`. File offsets and addresses agree modulo the page size, so Linux can map the file.
pub fn elf_of(words: &[u32], data: &[u8], base: u32) -> Vec<u8> {
    let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let code_offset = PAGE + base % PAGE;
    let data_offset = (code_offset + code.len() as u32).next_multiple_of(PAGE);

    let mut elf = b"\x7fELF\x01\x01\x01".to_vec();
    elf.resize(16, 0);
    let mut put = |value: u32, size: usize| elf.extend_from_slice(&value.to_le_bytes()[..size]);
    put(2, 2); // e_type: ET_EXEC
    put(243, 2); // e_machine: EM_RISCV
    put(1, 4); // e_version
    put(base, 4); // e_entry
    put(HEADER_SIZE, 4); // e_phoff
    put(0, 4); // e_shoff
    put(0, 4); // e_flags: soft float, no compressed instructions
    put(HEADER_SIZE, 2); // e_ehsize
    put(PROGRAM_HEADER_SIZE, 2); // e_phentsize
    put(2, 2); // e_phnum
    put(40, 2); // e_shentsize
    put(0, 2); // e_shnum
    put(0, 2); // e_shstrndx
    let segments = [(code_offset, base, code.len(), 5u32), (data_offset, data_address(words, base), data.len(), 6u32)];
    for (offset, address, size, flags) in segments {
        put(1, 4); // p_type: PT_LOAD
        put(offset, 4);
        put(address, 4); // p_vaddr
        put(address, 4); // p_paddr
        put(size as u32, 4); // p_filesz
        put(size as u32, 4); // p_memsz
        put(flags, 4);
        put(PAGE, 4); // p_align
    }
    elf.resize(code_offset as usize, 0);
    elf.extend(code);
    elf.resize(data_offset as usize, 0);
    elf.extend_from_slice(data);
    elf
}
