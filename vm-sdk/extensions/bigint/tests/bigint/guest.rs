//! A guest that computes with `U256`, from its ELF file to public values that a verifier accepts.

use ruint::aliases::U256;
use vm_sdk::arch::{VirtualMachine, VmExecutor};
use vm_sdk::config::Rv32imVm;
use vm_sdk::instructions::VmExe;
use vm_sdk::stark::{BabyBearWhirBlake3Engine, SecurityPreset, StarkEngine};
use vm_sdk::transpiler::Transpiler;

use crate::support::{FUNCTIONS, RiscvMachine, edges};

/// Source: `tests/fixtures/rust/rust_bigint`.
const GUEST: &[u8] = include_bytes!("../../../../../tests/fixtures/extensions/rust_bigint.elf");

fn exe() -> VmExe {
    Transpiler::for_machine(&RiscvMachine::default()).unwrap().load(GUEST).unwrap().exe
}

/// Returns what the guest reveals.
fn expected(pairs: &[[U256; 2]]) -> U256 {
    let mut sum = U256::ZERO;
    for &[x, y] in pairs {
        let flag = |flag: bool| U256::from(u8::from(flag));
        let of = |name: &str| FUNCTIONS.iter().find(|(other, ..)| *other == name).unwrap().2;
        let names = ["add256", "sub256", "xor256", "or256", "and256", "sll256", "srl256", "sra256", "mul256", "slt256"];
        let order = match x.cmp(&y) {
            std::cmp::Ordering::Less => U256::ONE,
            std::cmp::Ordering::Equal => U256::from(2_u64 << 32),
            std::cmp::Ordering::Greater => U256::MAX,
        };
        let flags = [x < y, x <= y, x > y, x >= y, x == y, x != y].map(flag);
        for result in names.into_iter().map(|name| of(name)(x, y)).chain(flags).chain([order, !x]) {
            sum = sum.wrapping_mul(U256::from(0x9E37_79B9_7F4A_7C15_u64)).wrapping_add(result);
        }
        sum = ((sum ^ y) << 3_usize).wrapping_add(x);
    }
    sum
}

fn input(pairs: &[[U256; 2]]) -> Vec<u8> {
    pairs.iter().flatten().flat_map(|number| number.to_le_bytes::<32>()).collect()
}

#[test]
fn a_guest_computes_with_every_operator() {
    let edges = edges();
    let pairs: Vec<_> = edges.iter().flat_map(|x| edges.iter().map(|y| [*x, *y])).collect();
    let report = VmExecutor::new(RiscvMachine::default()).execute(&exe(), vec![input(&pairs)]).unwrap();
    assert_eq!(report.public_values[..32], expected(&pairs).to_le_bytes::<32>());
}

#[test]
fn a_proof_of_a_guest_verifies() {
    let pairs: Vec<_> = edges().windows(2).step_by(4).map(|pair| [pair[0], pair[1]]).collect();
    let engine = BabyBearWhirBlake3Engine::new(SecurityPreset::Conjectured100);
    let vm = VirtualMachine::new(engine, RiscvMachine::default());
    let key = vm.setup(exe()).unwrap();
    let proven = vm.prove(&key, vec![input(&pairs)]).unwrap();
    let run = key.verifying_key().verify(&key.exe_commitment(), &proven.proof).unwrap();
    assert_eq!(run.public_values[..32], expected(&pairs).to_le_bytes::<32>());
    for air in ["AddSub256", "Bitwise256", "ShiftLeft256", "ShiftRight256", "LessThan256", "Mul256", "BranchEqual256"] {
        assert!(proven.usage.iter().any(|usage| usage.air == air && usage.rows > 0), "{air}");
    }
}

/// On the host, the operators compute what they compute in a guest.
#[test]
fn operators_on_the_host_agree_with_the_guest() {
    let number = |x: U256| vm_bigint::U256::from_le_bytes(x.to_le_bytes::<32>());
    let ruint = |x: vm_bigint::U256| U256::from_le_bytes::<32>(x.to_le_bytes());
    for x in edges() {
        for y in edges() {
            let (a, b, amount) = (number(x), number(y), u32::from(y.to_le_bytes::<32>()[0]));
            let results =
                [a + b, a - b, a ^ b, a | b, a & b, a << amount, a >> amount, a.arithmetic_shr(amount), a * b, !a];
            let names = ["add256", "sub256", "xor256", "or256", "and256", "sll256", "srl256", "sra256", "mul256"];
            let of = |name: &str| FUNCTIONS.iter().find(|(other, ..)| *other == name).unwrap().2(x, y);
            let expected: Vec<U256> = names.into_iter().map(of).chain([!x]).collect();
            assert_eq!(results.map(ruint).to_vec(), expected, "{x:#x} {y:#x}");
            assert_eq!((a.cmp(&b), a == b, a < b, a <= b), (x.cmp(&y), x == y, x < y, x <= y), "{x:#x} {y:#x}");
            assert_eq!(U256::from(u8::from(a.signed_lt(b))), of("slt256"), "{x:#x} {y:#x}");
        }
    }
}

#[test]
fn a_machine_without_the_extension_does_not_execute_the_instructions() {
    let exe = Transpiler::default().load(GUEST).unwrap().exe;
    assert!(VmExecutor::new(Rv32imVm::default()).execute(&exe, vec![input(&[[U256::ONE, U256::MAX]])]).is_err());
}
