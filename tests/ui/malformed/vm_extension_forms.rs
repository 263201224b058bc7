//! Options are `key = value`, sections are `name(…)`.
use vm_derive::vm_extension;

#[vm_extension(executors = Add, executor(Add), lookups, crate = 3)]
struct Arithmetic;

#[vm_extension("executors")]
struct Text;

fn main() {}
