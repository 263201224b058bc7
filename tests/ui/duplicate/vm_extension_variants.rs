//! Variant names are unique within an enum. `lookups` and `chips` share an enum.
use vm_derive::vm_extension;

#[vm_extension(
    executors(Add: AddChip => AddOpcode, Add: SubChip => SubOpcode),
    lookups(Table: ByteTable),
    chips(Table: HelperChip, Add: OtherChip),
)]
struct Arithmetic;

fn main() {}
