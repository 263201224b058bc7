//! The fields of the machine.

use p3_baby_bear::BabyBear;
use p3_field::Field;
use p3_field::extension::BinomialExtensionField;

/// The base field of the machine. The memory argument's window of timestamps (2^29) and the 16-bit cells are chosen for
/// its size.
pub type F = BabyBear;
/// The challenge field: the quartic extension of [`F`], with 2^123.6 elements.
pub type EF = BinomialExtensionField<BabyBear, 4>;
/// Several elements of [`F`], on which one instruction of the processor works.
pub type PackedF = <F as Field>::Packing;
