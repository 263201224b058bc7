fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).unwrap();
        match vm_sdk::transpiler::load_elf(&bytes) {
            Ok(exe) => {
                println!("== {path} entry {:#x}", exe.pc_start);
                for region in exe.program.regions() {
                    println!("region {:#x} {}", region.base, region.instructions.len());
                    for (i, instruction) in region.instructions.iter().enumerate() {
                        println!("{:#x} {:?}", region.base + 4 * i as u32, instruction);
                    }
                }
                for (k, v) in &exe.init_memory {
                    println!("{k:?} {v:#x}");
                }
            }
            Err(e) => println!("== {path} error {e}"),
        }
    }
}
