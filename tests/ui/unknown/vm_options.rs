//! Unknown options of `#[vm(…)]` are reported.
use vm_derive::AnyEnum;

#[derive(AnyEnum)]
#[vm(crat = "vm_core")]
enum Misspelt {}

#[derive(AnyEnum)]
#[vm(path = "vm_core", crate = "vm_core")]
enum Other {}

fn main() {}
