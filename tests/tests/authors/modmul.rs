//! Multiplication of 256-bit numbers modulo a prime: operands and result in main memory, one row per instruction.

use std::array;

use vm_sdk::arch::testing::check_instruction;
use vm_sdk::prelude::*;
use vm_sdk::rv32::Rv32Heap;
use vm_sdk::system::memory::MAIN_SPACE;

use crate::{Provers, Test, assert_forgery, complaint, instruction, program};

/// Bytes of a number.
const BYTES: usize = 32;
/// Bytes of a quotient: operands need not be reduced, so it may be 2^256 or more.
const QUOTIENT_BYTES: usize = BYTES + 1;
/// Equations, one per byte of the product.
const EQUATIONS: usize = 2 * BYTES;
/// What is added to a carry, so that it is not negative.
const CARRY_OFFSET: i32 = 16;
/// The prime as a sparse polynomial: byte index and coefficient.
const TERMS: [(usize, i32); 4] = [(0, -209), (1, -3), (4, -1), (BYTES, 1)];

/// The prime of secp256k1, 2^256 − 2^32 − 977, lowest byte first.
const MODULUS: [u8; BYTES] = {
    let mut bytes = [0xFF; BYTES];
    let low = 0_u64.wrapping_sub((1 << 32) + 977).to_le_bytes();
    let mut i = 0;
    while i < low.len() {
        bytes[i] = low[i];
        i += 1;
    }
    bytes
};

/// A number as bytes, lowest first.
type Number = [u8; BYTES];

fn bytes(words: &[u32; 8]) -> Number {
    array::from_fn(|i| words[i / 4].to_le_bytes()[i % 4])
}

fn words(bytes: &Number) -> [u32; 8] {
    array::from_fn(|i| u32::from_le_bytes(array::from_fn(|j| bytes[4 * i + j])))
}

/// Returns the byte at an index, or zero beyond the end.
fn at(bytes: &[u8], index: usize) -> i32 {
    bytes.get(index).map_or(0, |byte| i32::from(*byte))
}

/// Returns coefficient `k` of the product of two polynomials.
fn coefficient(x: &[u8], y: &[u8], k: usize) -> i32 {
    (0..=k).map(|i| at(x, i) * at(y, k - i)).sum()
}

/// Returns coefficient `k` of the product of a quotient and the prime.
fn multiple(quotient: &[u8], k: usize) -> i32 {
    TERMS.iter().filter(|(i, _)| *i <= k).map(|(i, term)| term * at(quotient, k - i)).sum()
}

/// Subtracts the modulus from a number of 33 bytes, unless the number is smaller.
fn subtract_modulus(number: &mut [u8; BYTES + 1]) -> bool {
    let mut borrow = 0;
    let difference: [u8; BYTES + 1] = array::from_fn(|i| {
        let byte = at(&number[..], i) - at(&MODULUS, i) - borrow;
        borrow = i32::from(byte < 0);
        byte as u8
    });
    if borrow == 0 {
        *number = difference;
    }
    borrow == 0
}

/// Returns the quotient and the remainder of the product of two numbers.
fn multiply(x: &Number, y: &Number) -> ([u8; QUOTIENT_BYTES], Number) {
    let mut carry = 0;
    let product: [u8; EQUATIONS] = array::from_fn(|k| {
        carry += coefficient(x, y, k);
        let byte = carry as u8;
        carry >>= 8;
        byte
    });
    let (mut quotient, mut rest) = ([0; QUOTIENT_BYTES], [0; BYTES + 1]);
    for bit in (0..8 * EQUATIONS).rev() {
        let mut low = product[bit / 8] >> (bit % 8) & 1;
        for byte in &mut rest {
            (*byte, low) = (*byte << 1 | low, *byte >> 7);
        }
        if subtract_modulus(&mut rest) {
            quotient[bit / 8] |= 1 << (bit % 8);
        }
    }
    (quotient, array::from_fn(|i| rest[i]))
}

/// `modmul rd, rs1, rs2`: `[rd] = [rs1]·[rs2]` modulo the prime. The registers hold pointers to 32 bytes.
#[instruction(adapter = Rv32Heap<2, 8, 8>, columns = ModMulCols, encode(custom1, funct3 = 1, funct7 = 0))]
#[derive(Clone, Debug)]
pub(crate) struct ModMul {
    /// Equation that the author forgot.
    dropped: Option<usize>,
    /// Byte of the result to which a cheating host adds 1.
    cheats: Option<usize>,
}

#[columns]
pub(crate) struct ModMulCols<T> {
    #[read(0)]
    x: [Bytes<T>; 8],
    #[read(1)]
    y: [Bytes<T>; 8],
    #[write(0)]
    r: [Bytes<T>; 8],
    #[range(8)]
    quotient: [T; QUOTIENT_BYTES],
    /// Coefficients of the product of the operands as polynomials. They keep the equations short.
    product: [T; EQUATIONS - 1],
    /// Carries out of the equations but the last one, plus an offset.
    #[range(14)]
    carry: [T; EQUATIONS - 1],
    /// Highest byte in which the result differs from the modulus.
    #[one_hot]
    differs: [T; BYTES],
}

impl ModMul {
    /// Returns the true result and its quotient, and the result that the host claims.
    fn results(&self, x: &Number, y: &Number) -> ([u8; QUOTIENT_BYTES], Number, Number) {
        let (quotient, result) = multiply(x, y);
        let mut claimed = result;
        if let Some(byte) = self.cheats {
            claimed[byte] += 1;
        }
        (quotient, result, claimed)
    }
}

#[instruction]
impl Core for ModMul {
    fn execute(&self, [x, y]: [[u32; 8]; 2]) -> [u32; 8] {
        words(&self.results(&bytes(&x), &bytes(&y)).2)
    }

    fn witness(&self, io: &Io<Self>, cols: &mut ModMulCols<F>) {
        let [x, y] = [bytes(&io.reads[0]), bytes(&io.reads[1])];
        let (quotient, result, claimed) = self.results(&x, &y);
        cols.quotient = quotient.map(F::from_u8);
        let mut carry = 0;
        for k in 0..EQUATIONS - 1 {
            cols.product[k] = F::from_i32(coefficient(&x, &y, k));
            carry += coefficient(&x, &y, k) - multiple(&quotient, k) - at(&result, k);
            carry >>= 8;
            // Where an equation is missing, the carry may be any number, such as one that makes up for a false byte.
            let false_carry = i32::from(self.cheats == Some(k + 1));
            cols.carry[k] = F::from_u32((carry + false_carry + CARRY_OFFSET) as u32);
        }
        if let Some(byte) = (0..BYTES).rev().find(|&i| claimed[i] != MODULUS[i]) {
            cols.differs[byte] = F::ONE;
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &ModMulCols<B::Var>) {
        let [x, y, r] = [&cols.x, &cols.y, &cols.r].map(|value| value.as_flattened());
        let modulus = MODULUS.map(B::Expr::from_u8);
        let mut carry_in = B::Expr::ZERO;
        for k in 0..EQUATIONS {
            let mut sum = carry_in;
            if let Some(product) = cols.product.get(k) {
                let terms = (0..=k).filter_map(|i| Some(*x.get(i)? * *y.get(k - i)?));
                b.assert_eq(*product, terms.sum::<B::Expr>());
                sum += (*product).into();
            }
            for (i, term) in TERMS {
                if let Some(quotient) = k.checked_sub(i).and_then(|index| cols.quotient.get(index)) {
                    sum -= *quotient * F::from_i32(term);
                }
            }
            if let Some(byte) = r.get(k) {
                sum -= (*byte).into();
            }
            let carry = match cols.carry.get(k) {
                Some(carry) => b.is_valid() * F::from_i32(-CARRY_OFFSET) + *carry,
                None => B::Expr::ZERO,
            };
            // Soundness: the product of the operands has at most 32 terms below 2^16, the other terms are below 2^16
            // together, and carries are between −2^4 and 2^14. So both sides are integers below 2^23 in absolute value,
            // and the equation holds over the integers. An honest carry is at least −2 and at most
            // (32·255² + 213·255) / 255 = 8373.
            if self.dropped != Some(k) {
                b.assert_eq(sum, carry.clone() * F::from_u32(256));
            }
            carry_in = carry;
        }

        // The result is below the modulus. Soundness: above the byte that is chosen, both are equal. There, the result's
        // byte is smaller.
        let mut equal = b.is_valid();
        let mut difference = -b.is_valid();
        for i in (0..BYTES).rev() {
            equal -= cols.differs[i].into();
            b.assert_zero(equal.clone() * (modulus[i].clone() - r[i]));
            difference += (modulus[i].clone() - r[i]) * cols.differs[i];
        }
        b.range(difference, 8);
    }
}

/// Extension with the instruction.
#[vm_extension(instructions(ModMul = ModMul { dropped: self.dropped, cheats: self.cheats }), tests = false)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ModMulExtension {
    dropped: Option<usize>,
    cheats: Option<usize>,
}

/// The equation without which the product is off by 2^96.
const EQUATION: usize = 11;

#[test]
fn products_are_reduced() {
    let minus_one: Number = array::from_fn(|i| MODULUS[i] - u8::from(i == 0));
    let one: Number = array::from_fn(|i| u8::from(i == 0));
    assert_eq!(multiply(&minus_one, &minus_one).1, one);
    // 2^256 = 2^32 + 977.
    let half: Number = array::from_fn(|i| if i == BYTES - 1 { 0x80 } else { 0 });
    let two: Number = array::from_fn(|i| if i == 0 { 2 } else { 0 });
    let (quotient, rest) = multiply(&half, &two);
    assert_eq!((quotient[0], u64::from_le_bytes(array::from_fn(|i| rest[i]))), (1, (1 << 32) + 977));
    // Operands above the modulus have a quotient of 33 bytes.
    assert_eq!(multiply(&[0xFF; BYTES], &[0xFF; BYTES]).0[BYTES], 1);
}

#[test]
fn the_complete_chip_passes_the_generated_test() {
    check_instruction::<_, ModMul>(&ModMulExtension::default());
}

#[test]
fn the_generated_test_finds_the_missing_equation() {
    let careless = ModMulExtension { dropped: Some(EQUATION), cheats: None };
    let message = complaint(|| check_instruction::<_, ModMul>(&careless));
    assert!(message.contains("the words of a wide write"), "{message}");
    assert!(message.contains(&format!("core.carry[{EQUATION}]")), "{message}");
}

/// Pointers to the result and the operands.
const POINTERS: [u32; 3] = [0x1000, 0x2000, 0x3000];

/// Runs `[x5] = [x6]·[x7]` with two operands whose bytes are all different.
fn run(dropped: Option<usize>, cheats: Option<usize>) -> Test<ModMulExtension> {
    let mut program = program(ModMulExtension { dropped, cheats });
    for (register, pointer) in (5..).zip(POINTERS) {
        program = program.register(register, pointer);
    }
    for i in 0..8 {
        program = program.word(MAIN_SPACE, POINTERS[1] + 4 * i, operands()[0][i as usize]);
        program = program.word(MAIN_SPACE, POINTERS[2] + 4 * i, operands()[1][i as usize]);
    }
    program.instructions(crate::PC, [instruction([5, 6, 7])]).build().unwrap()
}

fn operands() -> [[u32; 8]; 2] {
    [17, 99].map(|start: u8| words(&array::from_fn(|i| start + 2 * i as u8)))
}

/// Returns the result in the final memory.
fn result(test: &Test<ModMulExtension>) -> Number {
    let word = |i| test.modes().memory.get(&(MAIN_SPACE, POINTERS[0] + 4 * i)).copied().unwrap_or(0);
    bytes(&array::from_fn(|i| word(i as u32)))
}

#[test]
fn without_an_equation_a_prover_adds_a_power_of_two_to_the_product() {
    let dropped = Some(EQUATION);
    let provers =
        Provers { careless: run(dropped, None), cheating: run(dropped, Some(EQUATION + 1)), complete: run(None, None) };
    let [x, y] = operands().map(|operand| bytes(&operand));
    let (truth, claim) = (multiply(&x, &y).1, result(&provers.cheating));
    assert_eq!(result(&provers.complete), truth);
    // 2^96 is 1 in the byte with index 12.
    let off: Number = array::from_fn(|i| claim[i] - truth[i]);
    assert_eq!(off, array::from_fn(|i| u8::from(i == 12)));
    assert_forgery(
        &provers,
        "ModMul",
        "core.is_valid*(-16) + core.carry[10] + core.product[11] - core.quotient[11]*(-209)",
    );
}
