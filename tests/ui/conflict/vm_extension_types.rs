//! Chips are looked up by their type, so two chips of one type are an error.
use vm_derive::vm_extension;

#[vm_extension(
    executors(Add: AluChip<32> => AddOpcode, Sub: AluChip<32> => SubOpcode, Wide: AluChip<64> => WideOpcode),
    lookups(Bytes: Table),
    chips(Other: Table),
)]
struct Arithmetic;

fn main() {}
