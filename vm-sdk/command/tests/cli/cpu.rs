//! The command on CPUs that lack instructions for which it was compiled. qemu emulates them.

use super::*;

const QEMU: &str = "qemu-x86_64";

/// Runs the command on a CPU that qemu knows.
fn vm_on(cpu: &str, arguments: &[&str]) -> Outcome {
    let mut qemu = Command::new(QEMU);
    qemu.args(["-cpu", cpu, env!("CARGO_BIN_EXE_cargo-chipwright")]).args(arguments);
    Outcome::of(qemu.output().expect("qemu starts"))
}

/// Without the check, the command ends with signal 4, illegal instruction.
#[test]
fn a_cpu_that_lacks_instructions_is_refused_by_name() {
    if !has_tool(QEMU, "Debian and Ubuntu: apt-get install qemu-user", "a CPU that lacks instructions") {
        return;
    }
    // Of 2004, 2008 and 2011: without SSE3 to AVX, without AVX, without AVX2.
    for (cpu, missing) in [("qemu64,-sse3", "avx"), ("Nehalem", "avx"), ("SandyBridge", "avx2")] {
        if missing == "avx2" && !cfg!(target_feature = "avx2") {
            continue;
        }
        let outcome = vm_on(cpu, &["--version"]);
        outcome.assert_failure(2, "compiled for CPUs with instructions that this one does not have");
        // qemu has warnings of its own.
        let list = outcome.stderr.split_once("does not have: ").unwrap().1.split_once(';').unwrap().0;
        let names: Vec<_> = list.split(", ").collect();
        assert!(names.contains(&missing), "{cpu}: {}", outcome.stderr);
        assert!(!names.contains(&"sse2") && !names.contains(&"cmpxchg16b"), "{cpu}: {}", outcome.stderr);
        assert_eq!(names.contains(&"avx"), cpu != "SandyBridge", "{cpu}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("-C target-cpu=native") && outcome.stderr.ends_with('\n'));
        assert_eq!(outcome.stdout, "");
    }
}
