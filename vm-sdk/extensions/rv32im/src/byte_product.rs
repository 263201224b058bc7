//! Products of words, computed from bytes because a product of two 16-bit cells does not fit into the field.
//!
//! Limb `i` of a product, before carries, is `S_i = p_{2i} + 2^8·p_{2i+1}` where `p_k` is the sum of `a_i·b_j` over
//! `i + j = k`. With bytes, `S_i` ≤ 255²·(3 + 4·2^8) < 2^26.

use p3_field::PrimeCharacteristicRing;

/// Returns the limbs `S_0 … S_3`, before carries, of the product of two words that are given by their bytes.
#[inline(always)]
pub(crate) fn product_limbs<E: PrimeCharacteristicRing>(a: &[E; 4], b: &[E; 4]) -> [E; 4] {
    let mut limbs = [E::ZERO, E::ZERO, E::ZERO, E::ZERO];
    for (i, a) in a.iter().enumerate() {
        for (j, b) in b.iter().enumerate() {
            let at = i + j;
            let product = a.clone() * b.clone();
            limbs[at / 2] += if at % 2 == 1 { product * E::from_u32(1 << 8) } else { product };
        }
    }
    limbs
}

/// Returns the two cells of a word that is given by its bytes.
#[inline(always)]
pub(crate) fn byte_cells<E: PrimeCharacteristicRing>([b0, b1, b2, b3]: &[E; 4]) -> [E; 2] {
    let base = E::from_u32(1 << 8);
    [b0.clone() + b1.clone() * base.clone(), b2.clone() + b3.clone() * base]
}

/// Computes [`product_limbs`] on the host.
#[inline(always)]
pub(crate) fn product_limbs_host(a: u32, b: u32) -> [i64; 4] {
    let (a, b) = (a.to_le_bytes(), b.to_le_bytes());
    let mut limbs = [0; 4];
    for (i, &a) in a.iter().enumerate() {
        for (j, &b) in b.iter().enumerate() {
            limbs[(i + j) / 2] += (i64::from(a) * i64::from(b)) << (8 * ((i + j) % 2));
        }
    }
    limbs
}
