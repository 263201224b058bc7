//! Which sets of instances a key allows. The prover refuses to make, and the verifier to look at, anything else.

use p3_field::PrimeField64;

use crate::stark::air::F;
use crate::stark::backend::error::ShapeError;

use super::config::BackendConfig;
use super::key::VerifyingKey;

/// Checks instance counts, heights and public values against a key. `log_heights` lists the instances in key order.
///
/// Soundness (M14–M18): after this, every required AIR is present, single AIRs occur once, no instance is taller than
/// the key allows, and the total weight of bus messages is below the characteristic.
pub(super) fn check<SC: BackendConfig>(
    vk: &VerifyingKey<SC>,
    counts: &[u32],
    log_heights: &[usize],
    public_values: &[Vec<F>],
) -> Result<(), ShapeError> {
    let airs = vk.airs();
    for (what, got) in [("instance counts", counts.len()), ("public values", public_values.len())] {
        if got != airs.len() {
            return Err(ShapeError::AirCount { what, expected: airs.len(), got });
        }
    }
    let mut total = 0usize;
    for (descriptor, &count) in airs.iter().zip(counts) {
        let air = || descriptor.name.clone();
        let count = count as usize;
        if count == 0 && descriptor.required {
            return Err(ShapeError::MissingAir { air: air() });
        }
        if count > descriptor.max_instances {
            return Err(ShapeError::TooManyInstances { air: air(), max: descriptor.max_instances, got: count });
        }
        total += count;
    }
    let max = vk.body().limits.max_total_instances;
    if total > max {
        return Err(ShapeError::TooManyInstancesInTotal { max, got: total });
    }
    if total == 0 {
        return Err(ShapeError::Empty);
    }
    if log_heights.len() != total {
        return Err(ShapeError::HeightCount { expected: total, got: log_heights.len() });
    }
    let mut heights = log_heights.iter().copied();
    let mut weighted: u128 = 0;
    for ((descriptor, &count), values) in airs.iter().zip(counts).zip(public_values) {
        let air = || descriptor.name.clone();
        for got in heights.by_ref().take(count as usize) {
            if got > descriptor.max_log_height {
                return Err(ShapeError::TooTall { air: air(), max: descriptor.max_log_height, got });
            }
            if let Some(expected) = descriptor.fixed_log_height.filter(|&expected| expected != got) {
                return Err(ShapeError::FixedHeight { air: air(), expected, got });
            }
            weighted += u128::from(descriptor.weight) << got;
        }
        let expected = if count == 0 { 0 } else { descriptor.public_values };
        if values.len() != expected {
            return Err(ShapeError::PublicValues { air: air(), expected, got: values.len() });
        }
    }
    let tallest = log_heights.iter().copied().max().unwrap_or(0);
    let min = vk.body().min_log_height;
    if tallest < min {
        return Err(ShapeError::TooShort { min, got: tallest });
    }
    // Soundness (class 1): the backend makes the same check; here it has a name.
    if weighted >= u128::from(F::ORDER_U64) {
        return Err(ShapeError::WeightOverflow { sum: weighted, limit: F::ORDER_U64 });
    }
    Ok(())
}
