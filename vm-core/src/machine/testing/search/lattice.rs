//! Short vectors of lattices, by the algorithm of Lenstra, Lenstra and Lovász ("Factoring polynomials with rational
//! coefficients", 1982).

/// How much shorter than its predecessor a vector may be before the two are exchanged.
const LOVASZ: f64 = 0.99;
/// Number of the shortest vectors of the basis that are combined.
const COMBINED: usize = 7;
/// Largest number of steps of a reduction. Rounding errors could let it run for ever.
const STEPS: usize = 20_000;

/// A lattice of integer vectors. The length of a vector is measured with its coordinates divided by `bounds`.
#[derive(Clone, Debug)]
pub(super) struct Lattice {
    /// Linearly independent vectors.
    pub(super) basis: Vec<Vec<i128>>,
    /// One positive number per coordinate.
    pub(super) bounds: Vec<f64>,
}

impl Lattice {
    /// Makes the vectors of the basis short. The first ones are close to the shortest of the lattice.
    pub(super) fn reduce(&mut self) {
        let mut orthogonal: Vec<Vec<f64>> = Vec::new();
        // The vectors before `orthogonal.len()` are reduced, and `orthogonal` has their parts orthogonal to all before.
        for _ in 0..STEPS {
            let next = orthogonal.len();
            if next == self.basis.len() {
                return;
            }
            for before in (0..next).rev() {
                let factor = projection(&self.scaled(next), &orthogonal[before]).round();
                if factor != 0.0 {
                    for coordinate in 0..self.bounds.len() {
                        self.basis[next][coordinate] -= factor as i128 * self.basis[before][coordinate];
                    }
                }
            }
            let mut rest = self.scaled(next);
            for vector in &orthogonal {
                let factor = projection(&rest, vector);
                rest.iter_mut().zip(vector).for_each(|(x, y)| *x -= factor * y);
            }
            match orthogonal.last() {
                Some(last) => {
                    let factor = projection(&self.scaled(next), last);
                    if dot(&rest, &rest) + factor * factor * dot(last, last) < LOVASZ * dot(last, last) {
                        self.basis.swap(next, next - 1);
                        orthogonal.pop();
                    } else {
                        orthogonal.push(rest);
                    }
                }
                None => orthogonal.push(rest),
            }
        }
    }

    /// Returns the sums of the first vectors of the basis with coefficients −1, 0 and 1 that `fits` accepts, the shortest
    /// first, without the zero vector.
    pub(super) fn short(&self, fits: impl Fn(&[i128]) -> bool) -> Vec<Vec<i128>> {
        let mut sums = vec![vec![0; self.bounds.len()]];
        for vector in self.basis.iter().take(COMBINED) {
            let with = |sign: i128| move |sum: &Vec<i128>| sum.iter().zip(vector).map(|(x, y)| x + sign * y).collect();
            let (plus, minus): (Vec<_>, Vec<_>) =
                (sums.iter().map(with(1)).collect(), sums.iter().map(with(-1)).collect());
            sums.extend(plus.into_iter().chain(minus));
        }
        sums.retain(|sum| sum.iter().any(|x| *x != 0) && fits(sum));
        let length = |vector: &Vec<i128>| {
            let scaled = self.scale(vector);
            dot(&scaled, &scaled)
        };
        sums.sort_by(|a, b| length(a).total_cmp(&length(b)));
        sums
    }

    fn scaled(&self, index: usize) -> Vec<f64> {
        self.scale(&self.basis[index])
    }

    fn scale(&self, vector: &[i128]) -> Vec<f64> {
        vector.iter().zip(&self.bounds).map(|(x, bound)| *x as f64 / bound).collect()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Returns the coefficient of the projection of `a` on `b`.
fn projection(a: &[f64], b: &[f64]) -> f64 {
    dot(a, b) / dot(b, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_vectors_are_found() {
        // All (x, y) with x + 1000·y = 0 modulo 1,000,003; the shortest is (1000, −1).
        let mut lattice = Lattice { basis: vec![vec![-1000, 1], vec![1_000_003, 0]], bounds: vec![1.0, 1.0] };
        lattice.reduce();
        assert!([vec![1000, -1], vec![-1000, 1]].contains(&lattice.basis[0]));
        // If x may be 2^20 times as large as y, the multiples of the modulus are shorter.
        let mut lattice = Lattice { bounds: vec![f64::from(1 << 20), 1.0], ..lattice };
        lattice.reduce();
        assert!([vec![1_000_003, 0], vec![-1_000_003, 0]].contains(&lattice.basis[0]));
    }

    #[test]
    fn relations_of_bytes_and_carries_are_found() {
        // x₀ + 2^8·x₁ + 2^16·x₂ − 2^24·x₃ = 0 modulo 2^31 − 2^27 + 1, in a random basis.
        let p = 0x7800_0001_i128;
        let weights = [1_i128, 1 << 8, 1 << 16, -(1 << 24)];
        let mut basis: Vec<Vec<i128>> = (1..4)
            .map(|i| {
                let mut vector = vec![0; 4];
                (vector[0], vector[i]) = (-weights[i], 1);
                vector
            })
            .collect();
        basis.push(vec![p, 0, 0, 0]);
        let mut lattice = Lattice { basis, bounds: vec![256.0; 4] };
        lattice.reduce();
        let found = lattice.short(|sum| sum.iter().all(|x| x.abs() <= 256));
        assert!(found.contains(&vec![256, -1, 0, 0]) && found.contains(&vec![0, 256, -1, 0]), "{found:?}");
        let is_zero = |sum: &Vec<i128>| sum.iter().zip(weights).map(|(x, w)| x * w).sum::<i128>() % p == 0;
        assert!(found.iter().all(is_zero));
    }
}
