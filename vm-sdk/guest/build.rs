//! Passes the memory layout `vm-guest.x` to the linker, so that guests need no build script and no linker flags.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=vm-guest.x");
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() != Ok("riscv32") {
        return;
    }
    let folder = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    println!("cargo:rustc-link-search=native={folder}");
    // Link arguments of a build script apply to its own package only, but libraries apply to every dependent, and lld reads a
    // library that is a text file as a linker script. GNU ld does not: it needs `-Tvm-guest.x` among the compiler's flags. If
    // a script is selected there, it determines the layout.
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    if !flags.split('\x1f').any(selects_a_linker_script) {
        println!("cargo:rustc-link-lib=static:-bundle,+verbatim=vm-guest.x");
    }
}

/// Returns whether a flag is `-C link-arg=-T…` in any of its spellings. The option and its value may be separate flags.
fn selects_a_linker_script(flag: &str) -> bool {
    let option = flag.strip_prefix("-C").unwrap_or(flag);
    let arguments = option.strip_prefix("link-arg=").or_else(|| option.strip_prefix("link-args="));
    arguments.is_some_and(|arguments| arguments.split(' ').any(|argument| argument.starts_with("-T")))
}
