//! Every wrong entry is reported, and the entries after it are still checked.
use vm_derive::vm_extension;

#[vm_extension(
    executors(
        AddChip => AddOpcode,
        Sub: SubChip,
        Mul: MulChip => [],
        #[cfg(test)]
        Div: DivChip => DivOpcode,
        Rem: RemChip => &RemOpcode,
        And: AndChip => AndOpcode Or: OrChip => OrOpcode,
        => XorOpcode,
    ),
    lookups(primitives::BitwiseTable),
    chips(Foo: ),
    phantoms(0x20, HintInput),
    buses(BUS BUS),
)]
struct Arithmetic;

fn main() {}
