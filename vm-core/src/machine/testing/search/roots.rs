//! Roots of polynomials of degree at most 2 over the field.

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32, TwoAdicField};

use crate::stark::F;

/// Returns the nonzero `t` with `f(t) = 0`, for a polynomial that is given by its values at 0, 1, 2 and 3. Returns none
/// if its degree is above 2, or if it is constant.
pub(super) fn roots(f: [F; 4]) -> impl Iterator<Item = F> {
    let a = (f[2] - f[1].double() + f[0]).halve();
    let b = f[1] - f[0] - a;
    let c = f[0];
    let fits = f[3] == a * F::from_u32(9) + b * F::from_u32(3) + c;
    let found = match () {
        () if !fits || (a.is_zero() && b.is_zero()) => [None, None],
        () if a.is_zero() => [Some(-c * b.inverse()), None],
        () => match square_root(b.square() - (a * c).double().double()) {
            None => [None, None],
            Some(root) => {
                let scale = a.double().inverse();
                [Some((root - b) * scale), Some((-root - b) * scale).filter(|_| !root.is_zero())]
            }
        },
    };
    found.into_iter().flatten().filter(|root| !root.is_zero())
}

/// Returns a square root, if there is one (Tonelli and Shanks).
fn square_root(x: F) -> Option<F> {
    if x.is_zero() {
        return Some(x);
    }
    // p − 1 = odd · 2^27.
    let odd = u64::from((F::ORDER_U32 - 1) >> F::TWO_ADICITY);
    let mut root = x.exp_u64(odd.div_ceil(2));
    let mut rest = x.exp_u64(odd);
    // Invariant: root² = x · rest, and the order of `rest` is a power of two, which each round lowers.
    while !rest.is_one() {
        let order = (1..F::TWO_ADICITY).find(|&bits| rest.exp_power_of_2(bits).is_one())?;
        // The order of the factor's square is that of `rest`.
        let factor = F::two_adic_generator(order + 1);
        root *= factor;
        rest *= factor.square();
    }
    Some(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(f: impl Fn(F) -> F) -> [F; 4] {
        [0, 1, 2, 3].map(|t| f(F::from_u32(t)))
    }

    #[test]
    fn roots_of_linear_and_quadratic_polynomials_are_found() {
        let [two, seven] = [2, 7].map(F::from_u32);
        assert!(roots(values(|t| t * two - seven)).eq([seven * two.inverse()]));
        let mut found: Vec<F> = roots(values(|t| (t - two) * (t + seven) * seven)).collect();
        found.sort();
        assert_eq!(found, [two, -seven]);
        assert!(roots(values(|t| t * (t - seven))).eq([seven]));
        assert!(roots(values(|t| (t - seven).square())).eq([seven]));
        assert_eq!(roots(values(|_| seven)).count() + roots(values(|t| t.cube() - seven)).count(), 0);
        // 31 generates the multiplicative group, so it has no square root.
        assert_eq!(roots(values(|t| t.square() - F::from_u32(31))).count(), 0);
    }

    #[test]
    fn square_roots_of_all_orders_are_found() {
        for bits in 0..F::TWO_ADICITY {
            let x = F::two_adic_generator(bits) * F::from_u32(9);
            assert_eq!(square_root(x).map(|root| root.square()), Some(x));
        }
    }
}
