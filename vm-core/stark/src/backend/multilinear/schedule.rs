//! Choice of the rounds of openings by a cost model.
//!
//! The fewer cells an opening has, the less time the prover spends on later codes, and the lower their rates can be. So the
//! rounds are chosen for every size on its own. What is compared is the work of the verifier, in permutations of its hash
//! function, and that of the prover, in elements of codes that it encodes and hashes.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::Field;
use p3_security::SecurityAssumption;

use crate::air::EF;
use crate::keys::SecurityPreset;

use super::params::{FIRST_FOLD, Opening, Round, Schedule};

/// Number of variables up to which a folded polynomial is sent. WHIR of the backend fixes it.
const SENT_VARIABLES: usize = 6;
/// log2 of the largest number of values that a later round folds into one.
const MAX_FOLD: usize = 7;
/// log2 of the largest inverse rate. The numbers of queries for lower rates are nearly the same.
const MAX_LOG_INV_RATE: usize = 8;
/// log2 of the number of cells below which nearly all positions of a code are opened, so that longer codes are no use.
const FEW_CELLS: usize = 12;
/// Bits of the proof of work of each round, from which the cost model chooses.
const POW_BITS: core::ops::RangeInclusive<usize> = 12..=18;
/// Elements of the base field in a challenge.
const DEGREE: f64 = 4.0;
/// Elements that a permutation absorbs.
const RATE: f64 = 8.0;
/// Multiplications of challenges that take the verifier as long as a permutation.
const MULTIPLICATIONS: f64 = 64.0;

/// Cost of rounds, in permutations of the verifier.
struct CostModel {
    /// How many elements of codes the prover may encode and hash to save one permutation.
    worth: f64,
    security_level: usize,
    pow_bits: usize,
    /// Expected numbers of different nodes on the paths of a round's queries, by the rate of the code and the level. Level 0
    /// is the root.
    nodes: Vec<Vec<f64>>,
    /// Same, added up over the levels above this one.
    nodes_above: Vec<Vec<f64>>,
}

/// Rounds for a polynomial of some variables, with their cost.
#[derive(Clone)]
struct Choice {
    cost: f64,
    rounds: Vec<Round>,
}

impl CostModel {
    /// Makes the model for polynomials of at most `variables` variables.
    fn new(worth: f64, security_level: usize, pow_bits: usize, variables: usize) -> Self {
        let level = security_level.saturating_sub(pow_bits);
        let by_rate = |rate: usize| {
            let queries = SecurityAssumption::UniqueDecoding.queries(level, rate.max(1)) as f64;
            (0..=variables + rate).map(|level| different(queries, level)).collect()
        };
        let nodes: Vec<Vec<f64>> = (0..=MAX_LOG_INV_RATE).map(by_rate).collect();
        let sums = |nodes: &Vec<f64>| {
            let sum = |sum: &mut f64, &nodes: &f64| Some(core::mem::replace(sum, *sum + nodes));
            nodes.iter().scan(0.0, sum).collect()
        };
        let nodes_above = nodes.iter().map(sums).collect();
        Self { worth, security_level, pow_bits, nodes, nodes_above }
    }

    /// Returns the cost of making a code of 2^`log_len` elements of a field of some degree.
    fn encoding(&self, log_len: usize, degree: f64) -> f64 {
        degree * libm::exp2(log_len as f64) / self.worth
    }

    /// Returns the cost of the queries of a round to 2^`height` leaves of values of a field of some degree.
    fn queries(&self, round: Round, height: usize, degree: f64) -> f64 {
        let values = libm::exp2(round.fold as f64);
        let leaves = self.nodes[round.log_inv_rate][height];
        let hashes = leaves * libm::ceil(degree * values / RATE) + self.nodes_above[round.log_inv_rate][height];
        // The prover tries 2^bits permutations. Each takes as long as hashing the elements that it could absorb.
        let work = libm::exp2(self.pow_bits as f64) * RATE / self.worth;
        hashes + leaves * values / MULTIPLICATIONS + work
    }

    /// Returns the cost of what is sent after the last round: a polynomial, which the verifier evaluates for every query.
    fn last(&self, last: Round, height: usize, variables: usize) -> f64 {
        let values = libm::exp2(variables as f64);
        values * DEGREE / RATE + self.nodes[last.log_inv_rate][height] * values / MULTIPLICATIONS
    }

    /// Returns the cheapest rounds after a code of some rate was committed. `later[v][r]` are those for `v` variables and a
    /// code of rate 2^-`r`.
    fn cheapest(
        &self,
        later: &[Vec<Choice>],
        variables: usize,
        log_inv_rate: usize,
        folds: &[usize],
        degree: f64,
    ) -> Choice {
        let mut best = Choice { cost: f64::INFINITY, rounds: vec![] };
        let assumption = SecurityAssumption::UniqueDecoding;
        let work = assumption.folding_pow_bits(self.security_level, EF::bits(), variables, log_inv_rate);
        if work > self.pow_bits as f64 {
            return best;
        }
        for &fold in folds.iter().filter(|&&fold| fold <= variables) {
            let round = Round { fold, log_inv_rate };
            let height = variables + log_inv_rate - fold;
            let left = variables - fold;
            let here = self.queries(round, height, degree);
            if left <= SENT_VARIABLES {
                let cost = here + self.last(round, height, left);
                if cost < best.cost {
                    best = Choice { cost, rounds: vec![round] };
                }
                continue;
            }
            // A code may not be longer than the one before it.
            let highest = MAX_LOG_INV_RATE.min(log_inv_rate + fold);
            for (rate, next) in later[left].iter().enumerate().take(highest + 1).skip(1) {
                let cost = here + self.encoding(left + rate, DEGREE) + next.cost;
                if cost < best.cost {
                    best = Choice { cost, rounds: [&[round], next.rounds.as_slice()].concat() };
                }
            }
        }
        best
    }

    /// Returns the cheapest rounds after the first for each number of variables up to `variables`, and each rate.
    fn later(&self, variables: usize) -> Vec<Vec<Choice>> {
        let folds: Vec<usize> = (1..=MAX_FOLD).collect();
        let mut later: Vec<Vec<Choice>> = Vec::new();
        for variables in 0..=variables {
            let rates =
                (0..=MAX_LOG_INV_RATE).map(|rate| self.cheapest(&later, variables, rate.max(1), &folds, DEGREE));
            later.push(rates.collect());
        }
        later
    }

    /// Returns the cheapest opening for each number of variables in `sizes`.
    fn openings(&self, sizes: core::ops::RangeInclusive<usize>, least_log_inv_rate: usize) -> Vec<(f64, Opening)> {
        let later = self.later(*sizes.end());
        let first = |variables: usize| {
            let least_log_inv_rate = if variables < FEW_CELLS { 1 } else { least_log_inv_rate };
            let rates = least_log_inv_rate..=MAX_LOG_INV_RATE;
            let choices = rates.map(|rate| {
                let mut choice = self.cheapest(&later, variables, rate, &[FIRST_FOLD], 1.0);
                choice.cost += self.encoding(variables + rate, 1.0);
                choice
            });
            let best = choices.min_by(|a, b| a.cost.total_cmp(&b.cost)).expect("there are rates");
            (best.cost, Opening { pow_bits: self.pow_bits, rounds: best.rounds })
        };
        sizes.map(first).collect()
    }
}

/// Returns the expected number of different nodes of a level of 2^`level` nodes on the paths of some queries.
fn different(queries: f64, level: usize) -> f64 {
    let all = libm::exp2(level as f64);
    if level == 0 || queries >= all { all } else { -all * libm::expm1(queries * libm::log1p(-1.0 / all)) }
}

impl Schedule {
    /// Chooses the openings of 2^n stacked cells, for each n in `sizes`. Codes have at least the redundancy of
    /// the preset, except those of few cells.
    pub(super) fn choose(
        security_level: usize,
        preset: SecurityPreset,
        sizes: core::ops::RangeInclusive<usize>,
    ) -> Self {
        // A permutation takes the verifier about a microsecond, and an element takes the prover about 40 nanoseconds. What
        // counts more is that an aggregation proves the verification, and that proofs are stored and sent.
        let worth = match preset {
            SecurityPreset::Provable100 | SecurityPreset::Conjectured100 => libm::exp2(12.0),
            SecurityPreset::Small100 => libm::exp2(14.0),
        };
        let least_log_cells = *sizes.start();
        let candidates = POW_BITS.map(|pow_bits| {
            let model = CostModel::new(worth, security_level, pow_bits, *sizes.end());
            model.openings(sizes.clone(), preset.log_blowup())
        });
        let cheaper = |a: (f64, Opening), b: (f64, Opening)| if b.0 < a.0 { b } else { a };
        let best = candidates.reduce(|a, b| a.into_iter().zip(b).map(|(a, b)| cheaper(a, b)).collect());
        let openings = best.unwrap_or_default().into_iter().map(|(_, opening)| opening).collect();
        Self { security_level, least_log_cells, openings }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scheme::whir_config;
    use super::super::security::{LEVELS, MAX_LOG_CELLS};
    use super::*;
    use crate::backend::hashes::Poseidon2Hashes;

    #[test]
    fn the_backend_accepts_the_rounds_of_every_size() {
        for preset in SecurityPreset::ALL {
            for level in LEVELS {
                let schedule = Schedule::choose(level, preset, FIRST_FOLD..=MAX_LOG_CELLS);
                for log_cells in FIRST_FOLD..=MAX_LOG_CELLS {
                    whir_config::<Poseidon2Hashes>(&schedule, log_cells)
                        .unwrap_or_else(|error| panic!("{preset}, {level} bits, 2^{log_cells} cells: {error}"));
                    let first = schedule.openings[log_cells - FIRST_FOLD].rounds[0];
                    assert!(
                        first.fold == FIRST_FOLD
                            && (log_cells < FEW_CELLS || first.log_inv_rate >= preset.log_blowup())
                    );
                }
            }
        }
    }

    #[test]
    fn the_backend_accepts_no_size_without_rounds() {
        let schedule = Schedule::choose(103, SecurityPreset::Provable100, 20..=21);
        for (log_cells, accepted) in [(19, false), (20, true), (21, true), (22, false)] {
            assert_eq!(whir_config::<Poseidon2Hashes>(&schedule, log_cells).is_ok(), accepted, "2^{log_cells} cells");
        }
    }

    /// Tries all rounds.
    #[test]
    fn no_other_rounds_are_cheaper() {
        fn least(model: &CostModel, variables: usize, rate: usize, folds: &[usize], degree: f64) -> f64 {
            let of_fold = |&fold: &usize| {
                let round = Round { fold, log_inv_rate: rate };
                let (height, left) = (variables + rate - fold, variables - fold);
                let later = |rate: usize| {
                    let folds: Vec<usize> = (1..=MAX_FOLD.min(left)).collect();
                    model.encoding(left + rate, DEGREE) + least(model, left, rate, &folds, DEGREE)
                };
                let rest = if left <= SENT_VARIABLES {
                    model.last(round, height, left)
                } else {
                    (1..=MAX_LOG_INV_RATE.min(rate + fold)).map(later).fold(f64::INFINITY, f64::min)
                };
                model.queries(round, height, degree) + rest
            };
            folds.iter().map(of_fold).fold(f64::INFINITY, f64::min)
        }
        // To a prover whose time costs nothing, no rate is too low.
        for (variables, worth) in [(5, 4096.0), (6, 4096.0), (12, 4096.0), (16, 4096.0), (16, 1e12)] {
            let model = CostModel::new(worth, 103, 14, variables);
            let chosen = model.openings(variables..=variables, 1);
            let start = |rate: usize| {
                model.encoding(variables + rate, 1.0) + least(&model, variables, rate, &[FIRST_FOLD], 1.0)
            };
            let expected = (1..=MAX_LOG_INV_RATE).map(start).fold(f64::INFINITY, f64::min);
            assert!((chosen[0].0 - expected).abs() < 1e-9, "2^{variables} cells: {} and {expected}", chosen[0].0);
        }
    }

    /// Not even if the prover's time costs nothing: the backend refuses it.
    #[test]
    fn no_code_is_longer_than_the_one_before() {
        let model = CostModel::new(1e12, 103, 14, 16);
        let later = model.later(16);
        for fold in 1..=3 {
            let rounds = model.cheapest(&later, 16, 1, &[fold], DEGREE).rounds;
            assert_eq!((rounds[0].fold, rounds[1].log_inv_rate), (fold, 1 + fold));
        }
    }

    /// All nodes of a level are on a path if there are as many queries; and few queries share none.
    #[test]
    fn paths_share_nodes() {
        assert_eq!([0, 1, 4].map(|level| different(16.0, level)), [1.0, 2.0, 16.0]);
        assert!((different(2.0, 1) - 2.0).abs() < 1e-12);
        assert!((different(2.0, 2) - 1.75).abs() < 1e-12);
        assert!((different(100.0, 30) - 100.0).abs() < 1e-4);
    }

    /// Later codes have a lower rate as long as they are much shorter than the first, and openings of few cells, which
    /// take the prover no time, start with a low one.
    #[test]
    fn rounds_depend_on_the_size() {
        let rounds = |preset, log_cells: usize| -> Vec<(usize, usize)> {
            let schedule = Schedule::choose(103, preset, log_cells..=log_cells);
            schedule.openings[0].rounds.iter().map(|round| (round.log_inv_rate, round.fold)).collect()
        };
        assert_eq!(rounds(SecurityPreset::Provable100, 16), [(3, 5), (3, 3), (1, 7)]);
        assert_eq!(rounds(SecurityPreset::Provable100, 20), [(2, 5), (3, 4), (3, 3), (1, 7)]);
        assert_eq!(rounds(SecurityPreset::Provable100, 24), [(1, 5), (2, 4), (3, 4), (3, 3), (1, 7)]);
        assert_eq!(rounds(SecurityPreset::Small100, 10), [(1, 5)]);
        assert_eq!(rounds(SecurityPreset::Small100, 24), [(2, 5), (2, 4), (3, 4), (3, 3), (1, 7)]);
    }
}
