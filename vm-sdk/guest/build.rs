//! Gives guests the memory layout of `vm-guest.x`, without a build script or linker flags of their own.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=vm-guest.x");
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() != Ok("riscv32") {
        return;
    }
    let folder = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    println!("cargo:rustc-link-search=native={folder}");
    // Link arguments of a build script reach its own package only, but libraries reach every dependent, and lld takes a
    // library that is text for a linker script. GNU ld does not; it needs `-Tvm-guest.x` among the compiler's flags, and
    // whoever selects a script there has chosen the layout.
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    if !flags.split('\x1f').any(selects_a_linker_script) {
        println!("cargo:rustc-link-lib=static:-bundle,+verbatim=vm-guest.x");
    }
}

/// `-C link-arg=-T…` in any of its spellings; the option and its value may be separate flags.
fn selects_a_linker_script(flag: &str) -> bool {
    let option = flag.strip_prefix("-C").unwrap_or(flag);
    let arguments = option.strip_prefix("link-arg=").or_else(|| option.strip_prefix("link-args="));
    arguments.is_some_and(|arguments| arguments.split(' ').any(|argument| argument.starts_with("-T")))
}
