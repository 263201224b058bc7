//! Guests that fail: exit code 1, a message that explains where and what to do, and no files.

use super::*;

/// Guest, its inputs, and a part of the expected message.
const FAILURES: &[(&str, &[&str], &str)] = &[
    ("misaligned", &["0000000001000000"], "misaligned access: pointer"),
    ("misaligned", &["0100000001000000"], "misaligned access"),
    ("misaligned", &["0300000002000000"], "misaligned access"),
    ("misaligned", &["0400000003000000"], "misaligned access"),
    ("misaligned", &["0500000001000000", "01020304"], "misaligned access"),
    ("misaligned", &["0600000002000000", "01020304"], "misaligned access"),
    ("unknown_insn", &["u32:1"], "the word 0xffffffff at 0x"),
    ("jump_out", &["u32:0x00000000"], "jump to 0x00000000, where there is no instruction"),
    ("jump_out", &["u32:0x00200802"], "jump to the misaligned address 0x00200802"),
    ("jump_out", &["u32:0x1ffffffc"], "jump to 0x1ffffffc, where there is no instruction"),
    ("jump_out", &["u32:0x40000000"], "jump to 0x40000000, where"),
    ("jump_out", &["u32:0xfffffffc"], "jump to 0xfffffffc, where"),
    ("missing_input", &[], "requests input vector 0, but only 0 were given (add --input)"),
    ("missing_input", &["01020304"], "hint bytes, but only 0 are left"),
    ("reveal_oob", &["u32:32"], "out of bounds"),
    ("reveal_oob", &["u32:0xfffffffc"], "out of bounds"),
    ("reveal_oob", &["u32:2"], "misaligned"),
    ("exit_code", &[], "ended with exit code 7"),
    ("exit_ecall", &["u32:3"], "ended with exit code 3"),
    ("unimp", &[], "ended with exit code 2"),
];

fn arguments<'a>(command: &'a str, elf: &'a str, inputs: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![command, elf];
    arguments.extend(inputs.iter().flat_map(|input| ["--input", *input]));
    arguments
}

#[test]
fn running_them_says_what_happened() {
    for (name, inputs, message) in FAILURES {
        let elf = guest(name);
        vm(arguments("run", &elf, inputs)).assert_failure(1, message);
        let mut metered = arguments("run", &elf, inputs);
        metered.extend(["--mode", "metered"]);
        vm(metered).assert_failure(1, message);
    }
}

#[test]
fn proving_them_fails_in_the_same_way_and_writes_nothing() {
    let scratch = Scratch::new();
    let (proof, key) = (scratch.arg("proof"), scratch.arg("key"));
    // One failure of each kind, since the setup of each key takes time.
    for index in [0, 6, 7, 12, 14, 17, 18] {
        let (name, inputs, message) = FAILURES[index];
        let elf = guest(name);
        let mut arguments = arguments("prove", &elf, inputs);
        arguments.extend(["-o", &proof, "--vk-out", &key, "--engine", "blake3"]);
        vm(arguments).assert_failure(1, message);
        assert!(scratch.files().is_empty(), "{name}: {:?}", scratch.files());
    }
}

/// Writes an executable that starts with these instruction words, and returns its path.
fn words_guest(scratch: &Scratch, words: &[u32]) -> String {
    let mut file = std::fs::read(guest("tiny")).unwrap();
    // The code of this guest starts at file offset 0x800.
    for (word, slot) in words.iter().zip(file[0x800..].chunks_exact_mut(4)) {
        slot.copy_from_slice(&word.to_le_bytes());
    }
    scratch.write("guest.elf", &file)
}

#[test]
fn system_calls_other_than_exit_and_breakpoints_trap() {
    let scratch = Scratch::new();
    // addi a7, x0, 64; ecall
    let write = words_guest(&scratch, &[0x0400_0893, 0x0000_0073]);
    vm(["run", &write]).assert_failure(1, "pc 0x00200804: unknown system call: a7 is 64");
    // addi a0, x0, 0x105; addi a7, x0, 93; ecall
    let exit = words_guest(&scratch, &[0x1050_0513, 0x05d0_0893, 0x0000_0073]);
    vm(["run", &exit]).assert_failure(1, "exit code 5");
    let breakpoint = words_guest(&scratch, &[0x0000_0013, 0x0010_0073]);
    vm(["run", &breakpoint]).assert_failure(1, "is a breakpoint (ebreak)");
}

#[test]
fn the_exit_code_and_public_values_of_a_failed_run_are_reported() {
    let outcome = vm_words(&format!("run {} --json", guest("exit_code")));
    let json = outcome.assert_failure(1, "exit code 7").json();
    assert_eq!(json["exit_code"], 7);
    assert!(json["public_values"].as_str().unwrap().starts_with("0df00d60"), "{json}");
}

#[test]
fn errors_are_objects_too_with_json() {
    let outcome = vm_words(&format!("run {} --json --input u32:1", guest("unknown_insn")));
    let json = outcome.assert_failure(1, "").json();
    assert_eq!(json["error_class"], "guest");
    assert!(json["error"].as_str().unwrap().contains("0xffffffff"), "{json}");

    let json = vm_words(&format!("prove {} --json --engine blake3", guest("exit_code"))).assert_failure(1, "").json();
    assert_eq!(json["exit_code"], 7);
}

#[test]
fn a_run_that_does_not_end_can_be_limited() {
    let elf = guest("fibonacci");
    let run = ["run", &elf, "--input", "u32:4000000000", "--max-instructions", "100000"];
    vm(run).assert_failure(1, "did not terminate within 100000 instructions");
}

/// Guest in assembly with symbols, and parts of the expected message.
const PLACES: &[(&str, &[&str])] = &[
    ("jump_misaligned", &["jump to the misaligned address", "in bad_jump+0x", "compressed (16-bit) code?"]),
    (
        "jump_nowhere",
        &["jump to 0x10000000, where there is no instruction", "in bad_call+0x", "   0: bad_call\n   1: main\n"],
    ),
    ("ecall_unknown", &["unknown system call: a7 is 64", "in ask_host+0x10", "   0: ask_host\n   1: main\n"]),
    ("amo", &["in main+0x4", "(atomic) is an instruction of the extension A (atomics)"]),
    ("float", &["is an instruction of the extension F (single-precision floats)"]),
    ("double", &["is an instruction of the extension D (double-precision floats)"]),
    ("csr_cycle", &["extension Zicsr that reads a counter", "guests have no counters"]),
    ("csr_instret", &["guests have no counters"]),
    ("csr_time", &["guests have no counters and no clock"]),
    ("csr_other", &["extension Zicsr (control and status registers)"]),
    ("compressed_function", &["in main+0x4", "(packed) is an instruction of the extension C (compressed, 16 bits)"]),
    (
        "stack_overflow",
        &[
            "in recurse+0x4",
            "address 0xfffffffc is outside of memory",
            "stack overflow: 16 bytes more than the stack has (2 098 176); \
             for a larger stack, pass --defsym=__stack_size=0x400000 to the linker",
            "  15: recurse\n  16: (",
            "  23: recurse\n  24: main\n",
        ],
    ),
    ("stack_underflow", &["in large_frame", "stack overflow: 1 047 552 bytes more than"]),
];

#[test]
fn errors_name_the_place_and_the_cause() {
    for (name, parts) in PLACES {
        let outcome = vm(["run", &guest(name)]);
        for part in *parts {
            outcome.assert_failure(1, part);
        }
        assert!(!outcome.stderr.contains("pc 0x2000"), "{name}: a place inside of the machine: {}", outcome.stderr);
    }
    let outcome = vm(["run", &guest("entry_amo")]);
    outcome.assert_failure(2, "at the entry point 0x200800 is an instruction of the extension A");
    assert!(!outcome.stderr.contains("ENTRY"), "{}", outcome.stderr);
}

#[test]
fn code_that_other_machines_need_runs() {
    vm(["run", &guest("fence_i")]).assert_success();
    // The flag for compressed code is set, but there is none.
    vm(["run", &guest("rvc_alignment")]).assert_success();
}
