//! Changes of every column and every pair of columns of one row.

use std::collections::BTreeSet;

use p3_field::PrimeCharacteristicRing;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::stark::F;

use super::case::{Case, CaseChip};
use super::trial::{Accepted, Evaluation, Guard, RowAir, random};

/// Result of [`check`].
#[derive(Debug, Default)]
pub struct RowReport {
    /// Columns that may hold something else without changing the row's messages. Times of previous accesses are not
    /// listed: only the rest of the proof fixes them.
    pub free_columns: BTreeSet<String>,
    /// Constraints and lookups that no tried change needed. Dropping one of them would go unnoticed.
    pub idle: BTreeSet<Guard>,
    /// Number of changed rows that were refused.
    pub refused: usize,
}

impl RowReport {
    /// Asserts which columns are free and which guards are idle. Every entry of the two lists needs a reason, written
    /// where the test lists it.
    ///
    /// # Panics
    /// If the report lists anything else, or if fewer than 10,000 changed rows were refused.
    #[track_caller]
    pub fn expect(&self, free_columns: &[&str], idle: &[Guard]) {
        let free: BTreeSet<_> = free_columns.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(self.free_columns, free, "columns that may be changed unnoticed");
        assert_eq!(self.idle, idle.iter().cloned().collect(), "constraints and lookups that no change needed");
        assert!(self.refused > 10_000);
    }
}

/// Changes some columns of a row, as a cheating prover would.
pub type Change<'a> = &'a dyn Fn(&mut [F]);

/// Checks the honest row of every case, padding rows, and all changes of one and of two columns.
///
/// # Panics
/// On the first violation, with its details: an honest row that is refused, a padding row with messages, or a changed row
/// that is a forgery.
pub fn check<C: CaseChip>(cases: &[Case]) -> RowReport {
    check_with::<C>(cases, &[], &[])
}

/// As [`check`], for chips whose result depends on the witness only indirectly. `attacks` are applied to every honest row.
/// After every change, each of the `repairs` is also tried: a repair recomputes columns from others, so that the range
/// check of a witness, say, becomes the only thing that refuses the row.
///
/// # Panics
/// As [`check`].
pub fn check_with<C: CaseChip>(cases: &[Case], repairs: &[Change<'_>], attacks: &[Change<'_>]) -> RowReport {
    let mut report = RowReport::default();
    let mut decisive = BTreeSet::new();
    let mut air = None;
    for case in cases {
        let outcome = case.outcome::<C>();
        let air = air.get_or_insert_with(|| {
            let air = RowAir::new(outcome.air.clone(), &case.tables);
            air.check_shape();
            air.check_padding();
            air
        });
        let honest = air.check_honest(case, &outcome);
        let mut mutator = Mutator { air, case, row: &outcome.row, honest, free: BTreeSet::new(), refused: 0 };
        decisive.extend(mutator.run(repairs, attacks));
        report.refused += mutator.refused;
        report.free_columns.extend(mutator.free_columns());
    }
    let air = air.expect("at least one case");
    let constraints = (0..air.symbolic.constraints.len()).map(Guard::Constraint);
    let lookups = air.table_queries().map(Guard::Lookup);
    report.idle = constraints.chain(lookups).filter(|guard| !decisive.contains(guard)).collect();
    report
}

/// 2^−bits in the field.
fn inv_pow2(bits: u64) -> F {
    F::ONE.div_2exp_u64(bits)
}

/// Differences that are added to a column: units, steps of a cell and of a byte, and their inverses. A carry turns a unit
/// into such an inverse (2^−16 = −30720; two of them and a carry make 2^12).
fn differences(full: bool) -> Vec<F> {
    let mut out = vec![F::ONE, F::from_u32(1 << 16), inv_pow2(1), inv_pow2(16)];
    if full {
        out.extend([1, 8, 12, 15].map(|bits| F::from_u32(1 << bits)));
        out.push(inv_pow2(8));
    }
    out.into_iter().flat_map(|d| [d, -d]).collect()
}

/// Changes one honest row in all ways.
struct Mutator<'a> {
    air: &'a RowAir,
    case: &'a Case,
    row: &'a [F],
    honest: Evaluation,
    /// Columns that were changed without effect.
    free: BTreeSet<usize>,
    refused: usize,
}

impl Mutator<'_> {
    /// Returns the guards that were the only one to refuse some change.
    fn run(&mut self, repairs: &[Change<'_>], attacks: &[Change<'_>]) -> BTreeSet<Guard> {
        let mut rng = StdRng::seed_from_u64(2);
        let mut decisive = BTreeSet::new();
        let width = self.row.len();
        let mut changed = self.row.to_vec();
        for attack in attacks {
            attack(&mut changed);
            decisive.extend(self.try_row(&changed, &self.changed_columns(&changed)));
            decisive.extend(self.try_repaired(&changed, repairs));
            changed.copy_from_slice(self.row);
        }
        for column in 0..width {
            let old = self.row[column];
            let neighbour = self.row[(column + 1) % width];
            let mut values: Vec<F> = differences(true).into_iter().map(|d| old + d).collect();
            values.extend([F::ZERO, F::ONE, -F::ONE, neighbour, old.double(), old.halve()]);
            values.extend((0..4).map(|_| random(&mut rng)));
            values.extend((0..4).map(|_| F::from_u32(rng.random_range(0..1 << 16))));
            for value in values.into_iter().filter(|&value| value != old) {
                changed[column] = value;
                decisive.extend(self.try_row(&changed, &[column]));
                decisive.extend(self.try_repaired(&changed, repairs));
            }
            changed[column] = old;
        }
        let (all, some) = (differences(true), differences(false));
        for a in 0..width {
            for b in a + 1..width {
                for &da in &all {
                    for &db in &all {
                        (changed[a], changed[b]) = (self.row[a] + da, self.row[b] + db);
                        decisive.extend(self.try_row(&changed, &[a, b]));
                        if some.contains(&da) && some.contains(&db) {
                            decisive.extend(self.try_repaired(&changed, repairs));
                        }
                    }
                }
                changed[b] = self.row[b];
            }
            changed[a] = self.row[a];
        }
        decisive
    }

    /// Tries a changed row after each of the repairs.
    fn try_repaired(&mut self, changed: &[F], repairs: &[Change<'_>]) -> Vec<Guard> {
        let mut decisive = Vec::new();
        for repair in repairs {
            let mut repaired = changed.to_vec();
            repair(&mut repaired);
            decisive.extend(self.try_row(&repaired, &self.changed_columns(&repaired)));
        }
        decisive
    }

    fn changed_columns(&self, changed: &[F]) -> Vec<usize> {
        (0..changed.len()).filter(|&c| changed[c] != self.row[c]).collect()
    }

    /// Judges a changed row; returns the guard that refuses it if there is only one.
    fn try_row(&mut self, changed: &[F], columns: &[usize]) -> Option<Guard> {
        match self.air.judge(&self.honest, changed) {
            Ok(Accepted::Silent | Accepted::OtherTime) => None,
            Ok(Accepted::Same) => {
                // If a free column is among them, the others need not be free.
                if !columns.is_empty() && columns.iter().all(|column| !self.free.contains(column)) {
                    self.free.extend(columns);
                }
                None
            }
            Ok(Accepted::Forgery) if self.is_choice(changed) => None,
            Ok(Accepted::Forgery) => {
                let names: Vec<_> = columns.iter().map(|&c| &self.air.names[c]).collect();
                let (case, row) = (self.case, self.row);
                panic!("forgery in {case:?}: {names:?} changed, accepted row {changed:?}, honest {row:?}")
            }
            Err(mut guards) => {
                self.refused += 1;
                if guards.len() == 1 { guards.pop() } else { None }
            }
        }
    }

    /// Whether a row differs only because the prover made another choice: with the honest choice it has the messages of
    /// the honest row.
    fn is_choice(&self, changed: &[F]) -> bool {
        let mut restored = changed.to_vec();
        for (column, name) in self.air.names.iter().enumerate() {
            if self.case.choices.contains(&name.as_str()) {
                restored[column] = self.row[column];
            }
        }
        let accepted = self.air.judge(&self.honest, &restored);
        restored != changed && matches!(accepted, Ok(Accepted::Same | Accepted::OtherTime))
    }

    fn free_columns(&self) -> impl Iterator<Item = String> + '_ {
        self.free.iter().map(|&column| self.air.names[column].clone())
    }
}
