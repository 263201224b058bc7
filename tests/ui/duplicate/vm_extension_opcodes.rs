//! An opcode has one executor.
use vm_derive::vm_extension;

#[vm_extension(executors(
    Add: AddChip => AluOpcode,
    Sub: SubChip => AluOpcode,
    Left: LeftChip => [ShiftOpcode::SLL, ShiftOpcode::SLL],
    Right: RightChip => [ShiftOpcode::SRL, ShiftOpcode::SLL],
))]
struct Arithmetic;

fn main() {}
