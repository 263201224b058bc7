//! Lists, options and the attribute itself are written once.
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
