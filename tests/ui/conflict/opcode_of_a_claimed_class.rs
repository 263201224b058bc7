//! One executor claims a whole class and another one an opcode of it, in either order.
use vm_derive::vm_extension;

#[vm_extension(executors(
    Add: AddChip => [alu::AluOpcode::ADD],
    Alu: AluChip => alu::AluOpcode,
    Sub: SubChip => [alu::AluOpcode::SUB, alu::OtherOpcode::SUB],
))]
struct Arithmetic;

fn main() {}
