//! A column struct is a struct with named fields.
use vm_derive::AlignedBorrow;

#[repr(C)]
#[derive(AlignedBorrow)]
enum Choice<T> {
    One(T),
}

#[repr(C)]
#[derive(AlignedBorrow)]
union Either<T: Copy> {
    one: T,
    other: T,
}

#[repr(C)]
#[derive(AlignedBorrow)]
struct Pair<T>(T, T);

fn main() {}
