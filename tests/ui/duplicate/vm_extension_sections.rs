//! Sections, options and the attribute itself occur once.
use vm_derive::vm_extension;

#[vm_extension(
    executor = First,
    executor = Second,
    lookups(Bytes: ByteTable),
    lookups(Ranges: RangeTable),
)]
#[vm_extension(buses(BUS))]
struct Arithmetic;

fn main() {}
