//! The check of a proof's shape: its instances, their heights and their public values. The prover makes it before it
//! proves, the verifier before it runs the backend.

use alloc::vec::Vec;

use p3_field::PrimeField64;

use crate::air::F;
use crate::backend::error::ShapeError;

use super::config::EngineConfig;
use super::key::VerifyingKey;

/// Checks numbers of instances, heights and public values against a key. `log_heights` has one entry per instance, in
/// key order.
///
/// Soundness (M14–M18): after this check, every required AIR is present, an AIR that is not repeatable has at most one
/// instance, no instance is taller or lower than the key allows, and the total weight of messages is below the field's
/// characteristic.
pub(super) fn check<SC: EngineConfig>(
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
            if got < SC::MIN_LOG_HEIGHT {
                return Err(ShapeError::TooLow { air: air(), min: SC::MIN_LOG_HEIGHT, got });
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
    // Soundness (class 1): the backend makes the same check, but this one has an error of its own.
    if weighted >= u128::from(F::ORDER_U64) {
        return Err(ShapeError::WeightOverflow { sum: weighted, limit: F::ORDER_U64 });
    }
    SC::check_shape(vk.params(), airs, counts, log_heights)
}
