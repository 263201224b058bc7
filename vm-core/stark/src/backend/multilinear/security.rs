//! Security accounting of the multilinear backend: the bits of one batch, and of the worst batch that a key allows.
//!
//! `p3-security` and `p3-whir` compute the error terms. All terms are added up (a union bound), those of the openings,
//! of the reductions before them and of collisions alike.

use alloc::vec;
use alloc::vec::Vec;
use core::iter::zip;
use core::ops::RangeInclusive;

use p3_field::{Field, PrimeField64};
use p3_security::multilinear::{MultilinearAirParams, MultilinearLookupParams, reduction_terms};
use p3_security::{CandidateSet, ErrorBits};
use p3_sumcheck::{OpeningBatch, OpeningProtocol, PrescribedPointPcs, TableShape, TableSpec};

use crate::air::{EF, F};
use crate::backend::air::BackendAir;
use crate::backend::config::MachineShape;
use crate::backend::cost::AirCost;
use crate::backend::error::ShapeError;
use crate::backend::hashes::Hashes;
use crate::keys::{AirDescriptor, KeygenError, SecurityPreset, SecurityReport, SecurityTerm};

use super::params::{FIRST_FOLD, MultilinearParams, Schedule};
use super::scheme::{Dft, Scheme};

/// Security bits of each error term of an opening: more than the target, because the terms are added up.
pub(super) const LEVELS: RangeInclusive<usize> = 103..=108;
/// Bits of the proof of work before the challenges that fingerprint messages. 20 bits take about a tenth of a second.
const LOOKUP_POW_BITS: RangeInclusive<usize> = 12..=20;
/// log2 of the largest number of cells that a key allows: a trace of 4 GiB. The field's roots of unity allow to commit
/// 2^30 with a code of the lowest rate that a preset has.
pub(super) const MAX_LOG_CELLS: usize = 30;

/// Number of columns of a batch that a key allows at least.
const LEAST_MAX_COLUMNS: usize = 1 << 15;

/// Returns the schedule of main traces of most machines.
#[cfg(feature = "prover")]
pub(super) fn usual_schedule(preset: SecurityPreset) -> Schedule {
    Schedule::choose(*LEVELS.start(), preset, FIRST_FOLD..=MAX_LOG_CELLS)
}

/// Checks the number of cells and columns of a batch.
pub(super) fn check_shape(
    params: &MultilinearParams,
    airs: &[AirDescriptor],
    counts: &[u32],
    log_heights: &[usize],
) -> Result<(), ShapeError> {
    let widths = airs.iter().zip(counts).flat_map(|(air, &count)| core::iter::repeat_n(air.width, count as usize));
    let cells: u128 = widths.zip(log_heights).map(|(width, &height)| (width as u128) << height).sum();
    if cells > 1 << params.max_log_cells {
        return Err(ShapeError::TooManyCells { max: params.max_log_cells, cells });
    }
    let columns: u128 = airs.iter().zip(counts).map(|(air, &count)| air.width as u128 * u128::from(count)).sum();
    if columns > params.max_columns as u128 {
        return Err(ShapeError::TooManyColumns { max: params.max_columns, columns });
    }
    Ok(())
}

/// What the errors of a batch depend on.
struct Batch {
    instances: usize,
    /// Largest number of constraints of an AIR.
    constraints: usize,
    log_height: usize,
    /// log2 of the number of stacked cells, for main and preprocessed traces.
    log_cells: usize,
    log_preprocessed: Option<usize>,
    columns: usize,
    /// Numbers of opened values.
    claims: usize,
    preprocessed_claims: usize,
    denominators: usize,
    message_width: usize,
    degree: usize,
}

/// Returns the largest degree of an AIR's constraints and messages in one variable of the sumcheck. Row selectors count, too.
fn degree_of(air: &BackendAir) -> usize {
    air.constraint_degrees.iter().chain(&*air.message_degrees).copied().max().unwrap_or(0)
}

/// Returns the largest degree of all AIRs.
pub(super) fn max_degree(machine: &MachineShape<'_>) -> usize {
    machine.airs.iter().map(degree_of).max().unwrap_or(0).max(1)
}

impl Batch {
    /// Returns the maxima over the batches that a machine allows. Each is a maximum of its own.
    fn largest(machine: &MachineShape<'_>) -> Self {
        let limit = machine.limits.max_total_instances;
        // Soundness (M31): as many instances as allowed, those with the largest contribution first.
        let largest = |contribution: &dyn Fn(&AirDescriptor, &AirCost) -> u128| -> u128 {
            let mut all: Vec<u128> = Vec::new();
            for (air, cost) in machine.descriptors.iter().zip(machine.costs) {
                all.extend(core::iter::repeat_n(contribution(air, cost), air.max_instances));
            }
            all.sort_unstable_by(|a, b| b.cmp(a));
            all.into_iter().take(limit).sum()
        };
        let cells = largest(&|air, cost| (cost.main_width as u128) << air.max_log_height);
        // Traces with preprocessed columns occur once, with a fixed height.
        let preprocessed: u128 = machine
            .descriptors
            .iter()
            .filter_map(|air| Some((air.preprocessed_width as u128) << air.preprocessed_log_height?))
            .sum();
        // Every AIR may occur at least once, whatever the limit of columns.
        let one_of_each: usize = machine.costs.iter().map(|cost| cost.main_width).sum();
        let columns = largest(&|_, cost| cost.main_width as u128).min(one_of_each.max(LEAST_MAX_COLUMNS) as u128);
        // Columns are opened on the next row, too, if constraints read them there.
        let claims = columns + largest(&|_, cost| cost.main_next as u128).min(columns);
        let preprocessed_claims =
            machine.costs.iter().map(|cost| cost.preprocessed_width + cost.preprocessed_next).sum();
        let all = largest(&|air, cost| (cost.denominators as u128) << air.max_log_height);
        let provided = largest(&|air, cost| (cost.provided as u128) << air.max_log_height);
        // The check for overflow of the field also limits the messages of weight 1: there are fewer than p in total.
        let characteristic = u128::from(F::ORDER_U64);
        let denominators = all.min(characteristic + provided);
        Self {
            instances: machine.descriptors.iter().map(|air| air.max_instances).sum::<usize>().min(limit),
            constraints: machine.costs.iter().map(|cost| cost.constraints).max().unwrap_or(0),
            log_height: machine.descriptors.iter().map(|air| air.max_log_height).max().unwrap_or(0),
            log_cells: log_stacked(cells).min(MAX_LOG_CELLS),
            log_preprocessed: (preprocessed > 0).then(|| log_stacked(preprocessed)),
            columns: saturated(columns),
            claims: saturated(claims),
            preprocessed_claims,
            denominators: saturated(denominators),
            message_width: machine.costs.iter().map(|cost| cost.max_message_width).max().unwrap_or(0),
            degree: max_degree(machine),
        }
    }

    /// Returns the numbers of a batch with these heights: one list per AIR, with log2 of the height of each instance.
    fn of(machine: &MachineShape<'_>, log_heights: &[Vec<usize>]) -> Self {
        let airs = zip(zip(machine.airs, machine.costs), log_heights);
        let instances: Vec<(&BackendAir, &AirCost, usize)> =
            airs.flat_map(|((air, cost), heights)| heights.iter().map(move |&height| (air, cost, height))).collect();
        let sum = |of: &dyn Fn(&AirCost) -> usize| instances.iter().map(|(_, cost, _)| of(cost)).sum::<usize>();
        let max = |of: &dyn Fn(&AirCost) -> usize| instances.iter().map(|(_, cost, _)| of(cost)).max().unwrap_or(0);
        let rows = |of: &dyn Fn(&AirCost) -> usize| -> u128 {
            instances.iter().map(|(_, cost, height)| (of(cost) as u128) << height).sum()
        };
        let preprocessed = rows(&|cost| cost.preprocessed_width);
        Self {
            instances: instances.len(),
            constraints: max(&|cost| cost.constraints),
            log_height: instances.iter().map(|(.., height)| *height).max().unwrap_or(0),
            log_cells: log_stacked(rows(&|cost| cost.main_width)),
            log_preprocessed: (preprocessed > 0).then(|| log_stacked(preprocessed)),
            columns: sum(&|cost| cost.main_width),
            claims: sum(&|cost| cost.main_width + cost.main_next),
            preprocessed_claims: sum(&|cost| cost.preprocessed_width + cost.preprocessed_next),
            denominators: saturated(rows(&|cost| cost.denominators)),
            message_width: max(&|cost| cost.max_message_width),
            degree: instances.iter().map(|(air, ..)| degree_of(air)).max().unwrap_or(0),
        }
    }
}

fn saturated(x: u128) -> usize {
    usize::try_from(x).unwrap_or(usize::MAX)
}

/// Returns log2 of the number of cells into which traces with this number of cells are stacked.
fn log_stacked(cells: u128) -> usize {
    log2_ceil(cells).max(FIRST_FOLD)
}

fn log2_ceil(x: u128) -> usize {
    x.next_power_of_two().trailing_zeros() as usize
}

/// Returns the error of opening `claims` values of 2^`log_cells` stacked cells, and the candidates that the commitment
/// leaves open. Returns `None` if the schedule does not fit or the claims are too many for it.
///
/// Takes the same time for any number of claims, because the limits of a key from a file may allow billions.
fn opening<H: Hashes>(schedule: &Schedule, log_cells: usize, claims: usize) -> Option<(ErrorBits, CandidateSet)> {
    let scheme = Scheme::<H>::new(&Dft::default(), schedule, log_cells).ok()?;
    // The opening of one claim, and what combining all of them costs. The one is counted twice, which is little.
    let one = vec![OpeningBatch::new(vec![0], vec![])];
    let evidence =
        scheme.prescribed_security(&OpeningProtocol::new(vec![TableSpec::new(TableShape::new(log_cells, 1), one)]))?;
    let config = scheme.config();
    let claims = claims.checked_add(config.commitment_ood_samples())?;
    config.validate_initial_claims(claims).ok()?;
    let all = ErrorBits::from_log2(config.initial_claims_error(claims));
    Some((ErrorBits::sum(&[evidence.error(), all]), evidence.candidates()?))
}

/// Error terms of a batch with one choice of schedules.
struct Terms<'a> {
    batch: &'a Batch,
    preset: SecurityPreset,
    collision: ErrorBits,
    reductions: Vec<p3_security::SecurityTerm>,
    openings: Vec<(&'static str, ErrorBits)>,
}

impl<'a> Terms<'a> {
    /// Returns the terms for the worst of these numbers of stacked cells, of which `sizes` are the log2.
    fn of<H: Hashes>(
        batch: &'a Batch,
        preset: SecurityPreset,
        params: &MultilinearParams,
        sizes: RangeInclusive<usize>,
    ) -> Self {
        let lookup = (batch.denominators > 0).then(|| MultilinearLookupParams {
            num_variables: log2_ceil(batch.denominators as u128),
            num_fractions: batch.denominators,
            max_message_width: batch.message_width,
        });
        let field_bits = EF::bits() - 1;
        let terms = reduction_terms(
            &MultilinearAirParams {
                num_instances: batch.instances,
                max_num_constraints: batch.constraints,
                num_variables: batch.log_height.max(lookup.map_or(0, |lookup| lookup.num_variables)),
                constraint_degree: batch.degree,
                lookup,
                skip: None,
                logup_star: None,
            },
            field_bits,
            field_bits,
        );
        let mut candidates = CandidateSet::UNIQUE;
        let mut openings = Vec::new();
        let mut open = |name: &'static str, schedule: &Schedule, sizes: RangeInclusive<usize>, claims: usize| {
            // Soundness (M31): every size that occurs, because fewer cells can give fewer bits.
            let mut least: Option<ErrorBits> = None;
            for log_cells in sizes {
                let (error, set) = opening::<H>(schedule, log_cells, claims)
                    .unwrap_or((ErrorBits::from_log2(0.0), CandidateSet::UNIQUE));
                least = Some(match least {
                    Some(least) if least.bits() <= error.bits() => least,
                    _ => error,
                });
                if set.log2_size() > candidates.log2_size() {
                    candidates = set;
                }
            }
            openings.push((name, least.unwrap_or(ErrorBits::from_log2(0.0))));
        };
        open("main-opening", &params.main, sizes, batch.claims);
        if let Some(log_cells) = batch.log_preprocessed {
            open("preprocessed-opening", &params.preprocessed, log_cells..=log_cells, batch.preprocessed_claims);
        }
        // Draws before an opening are charged once for every candidate of both commitments.
        let both = candidates.product(candidates);
        let reductions = terms.into_iter().map(|term| term.over_candidates(both)).collect();
        let collision = ErrorBits::from_log2(H::COLLISION_BITS as f64);
        Self { batch, preset, collision, reductions, openings }
    }

    /// Returns the report, with the proof of work before the challenges that fingerprint messages.
    fn report(&self, params: &MultilinearParams) -> SecurityReport {
        let reductions = self.reductions.iter().map(|term| with_pow(params, term.label, term.bits));
        let openings = self.openings.iter().copied();
        let list: Vec<_> = reductions.chain(openings).chain([("collision", self.collision)]).collect();
        let Batch { log_height, instances, denominators, .. } = *self.batch;
        report(self.preset, &list, log_height, instances, denominators as f64)
    }
}

/// Returns the security of the least secure batch within the limits.
pub(super) fn worst_case<H: Hashes>(machine: &MachineShape<'_>, params: &MultilinearParams) -> SecurityReport {
    let sizes = FIRST_FOLD..=params.max_log_cells;
    Terms::of::<H>(&Batch::largest(machine), machine.preset, params, sizes).report(params)
}

/// Returns the security of the batch with these heights: one list per AIR, with log2 of the height of each instance.
///
/// The backend assesses batches as well, but evaluates all their AIRs symbolically for it. A test compares the terms.
pub(super) fn of_batch<H: Hashes>(
    machine: &MachineShape<'_>,
    params: &MultilinearParams,
    log_heights: &[Vec<usize>],
) -> SecurityReport {
    let batch = Batch::of(machine, log_heights);
    Terms::of::<H>(&batch, machine.preset, params, batch.log_cells..=batch.log_cells).report(params)
}

/// Adds the bits of the proof of work before the challenges that fingerprint messages to their error term.
fn with_pow(params: &MultilinearParams, label: &'static str, bits: ErrorBits) -> (&'static str, ErrorBits) {
    let pow = if label == "logup-fingerprint" { params.lookup_pow_bits } else { 0 };
    (label, ErrorBits::from_log2(bits.bits() + pow as f64))
}

/// Makes a report of error terms.
fn report(
    preset: SecurityPreset,
    terms: &[(&'static str, ErrorBits)],
    log_height: usize,
    instances: usize,
    denominators: f64,
) -> SecurityReport {
    let errors: Vec<ErrorBits> = terms.iter().map(|term| term.1).collect();
    let binding = terms.iter().min_by(|a, b| a.1.bits().total_cmp(&b.1.bits())).map_or("nothing", |term| term.0);
    SecurityReport {
        preset: preset.name(),
        regime: "proven, unique decoding, sum of all errors".into(),
        bits: ErrorBits::sum(&errors).bits().max(0.0),
        target_bits: preset.target_bits(),
        binding,
        terms: terms.iter().map(|(name, bits)| SecurityTerm { name, bits: bits.bits() }).collect(),
        log_height,
        instances,
        log_denominators: libm::log2(denominators.max(1.0)),
    }
}

/// Chooses the security of each error term of the openings.
///
/// Soundness (M31): the smallest with which the sum of all errors of the worst allowed batch reaches the target.
pub(super) fn choose_params<H: Hashes>(machine: &MachineShape<'_>) -> Result<MultilinearParams, KeygenError> {
    let preset = machine.preset;
    let worst = Batch::largest(machine);
    let mut best: Option<SecurityReport> = None;
    for level in LEVELS {
        let mut params = MultilinearParams {
            main: Schedule::choose(level, preset, FIRST_FOLD..=worst.log_cells),
            preprocessed: match worst.log_preprocessed {
                Some(log_cells) => Schedule::choose(level, preset, log_cells..=log_cells),
                None => Schedule { security_level: level, least_log_cells: 0, openings: vec![] },
            },
            lookup_pow_bits: 0,
            max_log_cells: worst.log_cells,
            max_columns: worst.columns,
        };
        let terms = Terms::of::<H>(&worst, preset, &params, FIRST_FOLD..=worst.log_cells);
        for bits in LOOKUP_POW_BITS {
            params.lookup_pow_bits = bits;
            let report = terms.report(&params);
            if report.reaches_target() {
                return Ok(params);
            }
            if best.as_ref().is_none_or(|best| best.bits < report.bits) {
                best = Some(report);
            }
        }
    }
    let report = best.expect("there are levels to try");
    Err(KeygenError::Security {
        bits: report.bits,
        target: preset.target_bits(),
        preset: preset.name(),
        binding: report.binding,
    })
}
