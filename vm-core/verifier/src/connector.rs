//! The public values of the connector AIR: where a segment starts and where it ends.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use vm_stark::F;

use crate::hasher::Digest;

/// Name of the connector AIR, which every machine has.
pub const CONNECTOR_AIR: &str = "Connector";
/// Exit code of a suspended segment in its public values.
pub const SUSPENDED_CODE: u32 = 0xFFFF;
/// Number of public values of the connector: four scalars and two roots of eight field elements.
pub const CONNECTOR_PUBLIC_VALUES: usize = 4 + 16;

/// Public values of the connector: where a segment starts and where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectorPublicValues<T> {
    /// Program counter of the first instruction.
    pub initial_pc: T,
    /// Program counter of the next segment's first instruction, or of the TERMINATE instruction.
    pub final_pc: T,
    /// Exit code of the program, or [`SUSPENDED_CODE`] if the program continues in the next segment.
    pub exit_code: T,
    /// 1 if the segment ends with TERMINATE, otherwise 0.
    pub is_terminate: T,
    /// Merkle root of memory at the start.
    pub initial_root: [T; 8],
    /// Merkle root of memory at the end.
    pub final_root: [T; 8],
}

impl<T: Copy> ConnectorPublicValues<T> {
    /// Reads the values from a slice in the order of the AIR. Returns `None` unless the slice has exactly
    /// [`CONNECTOR_PUBLIC_VALUES`] elements.
    pub fn from_slice(values: &[T]) -> Option<Self> {
        if values.len() != CONNECTOR_PUBLIC_VALUES {
            return None;
        }
        Some(Self {
            initial_pc: values[0],
            final_pc: values[1],
            exit_code: values[2],
            is_terminate: values[3],
            initial_root: core::array::from_fn(|i| values[4 + i]),
            final_root: core::array::from_fn(|i| values[12 + i]),
        })
    }

    /// Returns the values in the order of the AIR.
    pub fn to_vec(&self) -> Vec<T> {
        let mut values = vec![self.initial_pc, self.final_pc, self.exit_code, self.is_terminate];
        values.extend(self.initial_root);
        values.extend(self.final_root);
        values
    }
}

impl ConnectorPublicValues<F> {
    /// Converts integers and digests to the public values of a segment.
    pub fn new(
        initial_pc: u32,
        final_pc: u32,
        exit_code: u32,
        is_terminate: bool,
        initial_root: Digest,
        final_root: Digest,
    ) -> Self {
        Self {
            initial_pc: F::from_u32(initial_pc),
            final_pc: F::from_u32(final_pc),
            exit_code: F::from_u32(exit_code),
            is_terminate: F::from_bool(is_terminate),
            initial_root,
            final_root,
        }
    }

    /// Returns the exit code as an integer.
    pub fn exit_code_u32(&self) -> u32 {
        self.exit_code.as_canonical_u32()
    }
}
