//! `#[vm_extension]` is for structs without lifetimes.
use vm_derive::vm_extension;

#[vm_extension(executors(Add: AddChip => AddOpcode))]
enum Choice {
    A,
}

#[vm_extension(executors(Add: AddChip => AddOpcode))]
fn function() {}

#[vm_extension(executors(Add: AddChip => AddOpcode))]
struct Borrowed<'a>(&'a str);

fn main() {
    // The items themselves are unchanged, so that their uses cause no further errors.
    let _ = (Choice::A, Borrowed(""));
    function();
}
