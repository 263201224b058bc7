//! Options are written `key = value`, and lists `key(…)`.
use vm_derive::vm_extension;

#[vm_extension(executors = Add, executor(Add), lookups, crate = 3)]
struct Arithmetic;

#[vm_extension("executors")]
struct Text;

fn main() {}
