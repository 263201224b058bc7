//! Security accounting: the security bits of one shape, and of the worst shape that a key allows.
//!
//! `p3-security` computes the error terms. This module describes the batch: its numbers of constraints, openings and
//! bus denominators. Where the description is not exact, it is pessimistic: for example, the constraints of all
//! instances are added up, although a cheating prover must break those of one instance only.

use alloc::format;
use alloc::vec::Vec;

use p3_field::PrimeField64;
use p3_security::GrindingSites;
use p3_security::fri::FriRegime;
use p3_security::logup::{self, LogUpAir};
use p3_security::report::{Regime, RegimeReport};
use p3_security::shape::{InstanceShape, StarkAirParams};
use p3_security::stark::{conjectured_security_report, proven_security_report};
use p3_uni_stark::OpeningShape;

use crate::air::F;
use crate::backend::config::MachineShape;
use crate::backend::cost::AirCost;
use crate::keys::{KeygenError, SecurityParams, SecurityPreset, SecurityReport, SecurityTerm};

/// log2 of the size of the challenge field (123.6), rounded down.
const CHALLENGE_BITS: usize = 123;
/// Degree of the challenge field over the base field.
const CHALLENGE_DIMENSION: usize = 4;
/// Maximum number of points at which a column is opened: the out-of-domain point and its successor.
const MAX_COMBO: usize = 2;

/// Maximum number of queries. A machine that needs more is too small for the preset.
const MAX_QUERIES: usize = 512;
/// Maximum bits of the proof of work before the openings are combined. It takes at most about a second.
const MAX_BATCH_POW_BITS: usize = 20;

/// Returns the number of polynomials that the opening argument combines for an instance.
pub(super) fn openings(cost: &AirCost) -> usize {
    p3_batch_stark::num_batched_openings(
        cost.main_width,
        cost.main_next > 0,
        cost.preprocessed_width,
        cost.preprocessed_next > 0,
        cost.packing.quotient_chunks,
        cost.packing.lookup_columns,
        CHALLENGE_DIMENSION,
        OpeningShape::new(),
    )
}

/// Returns the number of constraints of an instance, those of lookup columns and their accumulator included.
fn constraints(cost: &AirCost) -> usize {
    let lookups = cost.packing.lookup_columns;
    cost.constraints + lookups + if lookups == 0 { 0 } else { 3 }
}

/// Totals over all instances of a batch.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BatchShape {
    pub(super) log_height: usize,
    pub(super) instances: usize,
    pub(super) openings: usize,
    pub(super) constraints: usize,
    pub(super) degree: usize,
    pub(super) quotient_chunks: usize,
    /// Sum of height × number of messages.
    pub(super) denominators: u128,
    pub(super) max_message_width: usize,
}

impl BatchShape {
    /// Adds instances of one AIR. `log_heights` has log2 of the height of each.
    pub(super) fn add(&mut self, cost: &AirCost, log_heights: impl IntoIterator<Item = usize>) {
        for log_height in log_heights {
            self.log_height = self.log_height.max(log_height);
            self.instances += 1;
            self.openings += openings(cost);
            self.constraints += constraints(cost);
            self.degree = self.degree.max(cost.degree);
            self.quotient_chunks = self.quotient_chunks.max(cost.packing.quotient_chunks);
            self.denominators += (cost.denominators as u128) << log_height;
            self.max_message_width = self.max_message_width.max(cost.max_message_width);
        }
    }
}

/// Computes the security of a batch.
pub(super) fn report(
    preset: SecurityPreset,
    params: &SecurityParams,
    collision_bits: usize,
    batch: &BatchShape,
) -> SecurityReport {
    let fri = FriRegime {
        log_blowup: params.log_blowup,
        num_queries: params.num_queries,
        log_final_poly_len: params.log_final_poly_len,
        max_log_arity: params.max_log_arity,
        commit_pow_bits: params.commit_pow_bits,
        query_pow_bits: params.query_pow_bits,
    };
    let air = StarkAirParams {
        num_constraints: batch.constraints.max(1),
        max_constraint_degree: batch.degree.max(1),
        num_quotient_chunks: batch.quotient_chunks.max(1),
        max_combo: MAX_COMBO,
    };
    let shape = InstanceShape {
        log_trace_length: batch.log_height,
        modulus_bits: CHALLENGE_BITS,
        collision_resistance: collision_bits,
        num_batched_functions: batch.openings.max(1),
    };
    let grinding = GrindingSites {
        out_of_domain: params.ood_pow_bits,
        batch_combination: params.batch_pow_bits,
        lookup_challenge: params.lookup_pow_bits,
    };
    // Soundness (M30): the term depends on the number of denominators of the whole batch. p3's function multiplies a
    // number of messages by the height of one trace, so it gets the total number with height 1.
    let denominators = usize::try_from(batch.denominators).unwrap_or(usize::MAX);
    let lookup = logup::security_term(
        &LogUpAir { num_interactions: denominators, max_message_width: batch.max_message_width },
        &InstanceShape { log_trace_length: 0, ..shape },
        &grinding,
    );
    let extras: Vec<_> = lookup.into_iter().collect();
    let regime: RegimeReport = match preset {
        SecurityPreset::Provable100 | SecurityPreset::Small100 => {
            let both = proven_security_report(&fri, &air, &shape, &extras, &grinding);
            match both.ldr {
                Some(ldr) if ldr.security_bits() > both.udr.security_bits() => ldr,
                _ => both.udr,
            }
        }
        SecurityPreset::Conjectured100 => conjectured_security_report(&fri, &air, &shape, &extras, &grinding),
    };
    SecurityReport {
        preset: preset.name(),
        regime: match regime.regime {
            Regime::UniqueDecoding => "proven, unique decoding".into(),
            Regime::ListDecoding { m } => format!("proven, list decoding (m = {m})"),
            _ => "conjectured".into(),
        },
        bits: regime.security_bits(),
        target_bits: preset.target_bits(),
        binding: regime.binding().label,
        terms: regime.terms().iter().map(|t| SecurityTerm { name: t.label, bits: t.bits.bits() }).collect(),
        log_height: batch.log_height,
        instances: batch.instances,
        log_denominators: libm::log2(batch.denominators.max(1) as f64),
    }
}

/// Returns the report with fewer security bits.
pub(super) fn worse(a: SecurityReport, b: SecurityReport) -> SecurityReport {
    if b.bits < a.bits { b } else { a }
}

/// Returns the report for the worst shape within the limits. That is either the largest batch, or the same batch at the
/// minimum height, where each query of the low-degree test gives the fewest bits.
pub(super) fn worst_case(machine: &MachineShape<'_>, params: &SecurityParams, collision_bits: usize) -> SecurityReport {
    let MachineShape { preset, limits, min_log_height, descriptors: airs, costs, .. } = *machine;
    // Soundness (M31): the worst batch has as many instances as allowed, those of the most expensive AIRs first,
    // because every term grows with the totals.
    let mut order: Vec<usize> = (0..airs.len()).collect();
    order.sort_by_key(|&i| core::cmp::Reverse(openings(&costs[i])));
    let mut left = limits.max_total_instances;
    let mut batch = BatchShape::default();
    let mut constraints: Vec<usize> = Vec::new();
    let mut denominators: Vec<u128> = Vec::new();
    let mut provided: u128 = 0;
    for (descriptor, cost) in airs.iter().zip(costs) {
        for _ in 0..descriptor.max_instances {
            constraints.push(self::constraints(cost));
            denominators.push((cost.denominators as u128) << descriptor.max_log_height);
            provided += (cost.provided as u128) << descriptor.max_log_height;
        }
    }
    for i in order {
        let count = airs[i].max_instances.min(left);
        left -= count;
        batch.add(&costs[i], core::iter::repeat_n(airs[i].max_log_height, count));
        // Maxima include all AIRs, even those for which no instance is left.
        batch.log_height = batch.log_height.max(airs[i].max_log_height);
        batch.degree = batch.degree.max(costs[i].degree);
        batch.quotient_chunks = batch.quotient_chunks.max(costs[i].packing.quotient_chunks);
        batch.max_message_width = batch.max_message_width.max(costs[i].max_message_width);
    }
    constraints.sort_unstable_by(|a, b| b.cmp(a));
    batch.constraints = constraints.into_iter().take(limits.max_total_instances).sum();
    denominators.sort_unstable_by(|a, b| b.cmp(a));
    // The check for overflow of the field also limits the messages of weight 1: there are fewer than p in total.
    let all: u128 = denominators.into_iter().take(limits.max_total_instances).sum();
    batch.denominators = all.min(u128::from(F::ORDER_U64) + provided);
    let tall = report(preset, params, collision_bits, &batch);
    let short = report(preset, params, collision_bits, &BatchShape { log_height: min_log_height, ..batch });
    worse(tall, short)
}

/// Returns the security of one batch. `log_heights` has one list per AIR, in key order.
pub(super) fn of_batch(
    machine: &MachineShape<'_>,
    params: &SecurityParams,
    collision_bits: usize,
    log_heights: &[Vec<usize>],
) -> SecurityReport {
    let mut batch = BatchShape::default();
    for (cost, heights) in machine.costs.iter().zip(log_heights) {
        batch.add(cost, heights.iter().copied());
    }
    report(machine.preset, params, collision_bits, &batch)
}

/// Chooses the number of queries and the proof of work before openings are combined.
///
/// Soundness (M31): the number of queries is the smallest, but not below the preset's, with which the worst allowed
/// shape reaches the target. If even the maximum number of queries is not enough, because the machine opens very
/// many columns, the proof of work before openings are combined gets more bits. If that is not enough either, the
/// machine is rejected.
pub(super) fn choose_params(machine: &MachineShape<'_>, collision_bits: usize) -> Result<SecurityParams, KeygenError> {
    let preset = machine.preset;
    let mut base = preset.params();
    let judge_with = |base: SecurityParams, num_queries: usize| {
        let params = SecurityParams { num_queries, ..base };
        (params, worst_case(machine, &params, collision_bits))
    };
    while base.batch_pow_bits < MAX_BATCH_POW_BITS && !judge_with(base, MAX_QUERIES).1.reaches_target() {
        base.batch_pow_bits += 1;
    }
    let judge = |num_queries| judge_with(base, num_queries);
    let (mut low, mut high) = (base.num_queries, MAX_QUERIES);
    let (params, report) = judge(low);
    if report.reaches_target() {
        return Ok(params);
    }
    let (_, report) = judge(high);
    if !report.reaches_target() {
        return Err(KeygenError::Security {
            bits: report.bits,
            target: preset.target_bits(),
            preset: preset.name(),
            binding: report.binding,
        });
    }
    while high - low > 1 {
        let middle = low.midpoint(high);
        if judge(middle).1.reaches_target() {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(judge(high).0)
}
