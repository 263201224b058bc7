//! The leaf AIR: the content of every touched leaf at the start and at the end of a segment.

use std::borrow::{Borrow, BorrowMut};

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::{Field, PrimeCharacteristicRing};
use vm_derive::AlignedBorrow;

use crate::arch::{
    COMPRESS_BUS, Digest, LEAF_BYTES, LEAF_DOMAIN, MEMORY_BUS, MERKLE_BUS, MemoryConfig, PUBLIC_VALUES_BUS,
    PUBLIC_VALUES_SPACE, RANGE_BUS,
};
use crate::primitives::{names_of, width_of};
use crate::stark::{F, MachineAir, VmAirBuilder};

use super::tree::leaf_cells;

/// Columns of the leaf AIR. A row is one touched leaf.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct LeafCols<T> {
    /// Boolean. 1 on rows that hold a leaf. The multiplicity of all messages of the row, except the query for the final
    /// hash (multiplicity `dirty`) and the message about public values (multiplicity `is_public`).
    pub valid: T,
    /// Boolean, implies `valid`. 0 forces the final cells and the final hash to equal the initial ones; 1 allows a
    /// change.
    pub dirty: T,
    /// Boolean. 1 exactly if `valid` is 1 and the leaf is in the public values' address space; on other valid rows,
    /// `space_inverse` proves that the space is a different one. If 1, the row sends its final content to the
    /// public-values AIR, or proves that its leaf index is in range.
    pub is_public: T,
    /// On leaves of other address spaces, the inverse of `space` minus the public values' space. Otherwise 0.
    pub space_inverse: T,
    /// Address space − 1. Range-checked. Together with the leaf index it determines the label, and the tree sends one
    /// message per label.
    pub space: T,
    /// Low 16 bits of the leaf index. Range-checked.
    pub leaf_low: T,
    /// High bits of the leaf index. Range-checked.
    pub leaf_high: T,
    /// Cells at the start. Bound to the initial root through `initial_hash`.
    pub initial: [T; 8],
    /// Cells at the end. Received from the last access of each word.
    pub final_: [T; 8],
    /// Timestamps with which the row sends the words. The prover may choose them, because the boundary is the only
    /// source of a word, and the row that receives it proves that its own timestamp is later and in the window.
    pub initial_timestamps: [T; 4],
    /// Timestamps of the last access of each word. Bound by the memory bus.
    pub final_timestamps: [T; 4],
    /// Hash of the initial cells. Bound by the compression bus.
    pub initial_hash: [T; 8],
    /// Hash of the final cells. Bound by the compression bus, or equal to the initial hash.
    pub final_hash: [T; 8],
}

/// How the AIR limits the leaves of the public values' address space to those that the machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PublicLeaves {
    /// The machine has no public values, so the space has no leaves.
    None,
    /// The public-values AIR receives each leaf once.
    Shown,
    /// Each leaf index is proven to be below this number, which is at most 2^[`LOG_PUBLIC_LEAVES`].
    Below(usize),
}

/// log2 of the largest number of leaves with public values: 256 leaves hold 4096 bytes.
const LOG_PUBLIC_LEAVES: usize = 8;

/// The leaf AIR.
#[derive(Clone, Debug)]
pub struct LeafAir {
    as_height: usize,
    log_leaves: usize,
    public: PublicLeaves,
}

impl LeafAir {
    /// Creates the AIR for a configuration with `num_public_values` bytes of public values. Without continuations, the
    /// public-values AIR receives their leaves.
    pub fn new(config: &MemoryConfig, num_public_values: usize, continuation_enabled: bool) -> Self {
        let public = match num_public_values / LEAF_BYTES {
            0 => PublicLeaves::None,
            _ if !continuation_enabled => PublicLeaves::Shown,
            leaves => PublicLeaves::Below(leaves),
        };
        Self { as_height: config.as_height, log_leaves: config.log_leaves(), public }
    }
}

impl BaseAir<F> for LeafAir {
    fn width(&self) -> usize {
        width_of::<LeafCols<u8>>()
    }
}

impl MachineAir for LeafAir {
    fn name(&self) -> String {
        "MemoryLeaf".to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<LeafCols<u8>>()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
    fn required(&self) -> bool {
        true
    }
}

impl<AB: VmAirBuilder> Air<AB> for LeafAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let local: &LeafCols<AB::Var> = main.current_slice().borrow();
        let one = AB::Expr::ONE;
        let valid: AB::Expr = local.valid.into();
        let dirty: AB::Expr = local.dirty.into();
        let is_public: AB::Expr = local.is_public.into();

        builder.assert_bool(local.valid);
        builder.assert_bool(local.dirty);
        builder.assert_bool(local.is_public);
        // Soundness (M7): a padding row has no messages, whatever its other columns hold.
        builder.assert_zero(dirty.clone() * (one.clone() - valid.clone()));
        builder.assert_zero(is_public.clone() * (one.clone() - valid.clone()));
        // Soundness (M8): a clean leaf keeps its content and its hash.
        for i in 0..8 {
            builder.assert_zero((one.clone() - dirty.clone()) * (local.initial[i] - local.final_[i]));
            builder.assert_zero((one.clone() - dirty.clone()) * (local.initial_hash[i] - local.final_hash[i]));
        }

        // Soundness (M6): the label is an expression of range-checked parts, so each leaf has exactly one label.
        let high_bits = self.log_leaves - 16;
        RANGE_BUS.query(builder, [local.space.into(), AB::Expr::from_usize(self.as_height)], valid.clone());
        RANGE_BUS.query(builder, [local.leaf_low.into(), AB::Expr::from_u8(16)], valid.clone());
        RANGE_BUS.query(builder, [local.leaf_high.into(), AB::Expr::from_usize(high_bits)], valid.clone());
        let leaf: AB::Expr = local.leaf_high * AB::Expr::from_u32(1 << 16) + local.leaf_low;
        let label = local.space * AB::Expr::from_u64(1 << self.log_leaves) + leaf.clone();
        let space = local.space + one;

        for word in 0..LEAF_BYTES / 4 {
            let pointer = leaf.clone() * AB::Expr::from_usize(LEAF_BYTES) + AB::Expr::from_usize(4 * word);
            let message = |cells: &[AB::Var; 8], timestamp: AB::Var| {
                [space.clone(), pointer.clone(), cells[2 * word].into(), cells[2 * word + 1].into(), timestamp.into()]
            };
            MEMORY_BUS.send(builder, message(&local.initial, local.initial_timestamps[word]), valid.clone());
            MEMORY_BUS.receive(builder, message(&local.final_, local.final_timestamps[word]), valid.clone());
        }

        // Soundness (M11): a leaf's hash compresses its cells together with a constant, so no leaf passes for a node.
        let hash = |cells: &[AB::Var; 8], hash: &[AB::Var; 8]| -> Vec<AB::Expr> {
            cells
                .iter()
                .map(|x| (*x).into())
                .chain(LEAF_DOMAIN.map(AB::Expr::from))
                .chain(hash.iter().map(|x| (*x).into()))
                .collect()
        };
        COMPRESS_BUS.query(builder, hash(&local.initial, &local.initial_hash), valid.clone());
        COMPRESS_BUS.query(builder, hash(&local.final_, &local.final_hash), dirty);

        let hashes = local.initial_hash.into_iter().chain(local.final_hash).map(Into::into);
        MERKLE_BUS.receive(builder, [AB::Expr::ZERO, label].into_iter().chain(hashes), valid.clone());

        // Soundness: `is_public` is 1 exactly on the leaves of the public values' space. The match below limits these
        // to the leaves that the machine has, so the guest reveals nothing beyond its public values.
        let distance = local.space - AB::Expr::from_u32(PUBLIC_VALUES_SPACE - 1);
        builder.assert_zero(is_public.clone() * distance.clone());
        builder.assert_eq(distance * local.space_inverse, valid.clone() - is_public.clone());
        builder.assert_zero(is_public.clone() * local.space_inverse);
        match self.public {
            PublicLeaves::None => builder.assert_zero(is_public),
            PublicLeaves::Shown => {
                let fields = std::iter::once(leaf).chain(local.final_.into_iter().map(Into::into));
                PUBLIC_VALUES_BUS.send(builder, fields, is_public);
            }
            // Soundness: the index is below 2^25. If it is greater than the last index, the difference wraps around to
            // a value just below p, which fails the range check.
            PublicLeaves::Below(leaves) => {
                let below = AB::Expr::from_usize(leaves - 1) - leaf;
                RANGE_BUS.query(builder, [below, AB::Expr::from_usize(LOG_PUBLIC_LEAVES)], is_public);
            }
        }
    }
}

/// A touched leaf, from which its row is filled.
#[derive(Clone, Copy, Debug)]
pub struct LeafRecord {
    /// 0-based index of the address space.
    pub space: u32,
    /// Index of the leaf within its address space.
    pub leaf: u32,
    /// Words at the start of the segment.
    pub initial: [u32; 4],
    /// Words at the end of the segment.
    pub final_: [u32; 4],
    /// Timestamps with which the boundary sends the words.
    pub initial_timestamps: [u32; 4],
    /// Timestamps of the last access of each word; 0 if there was none.
    pub final_timestamps: [u32; 4],
    /// Hash of the initial words.
    pub initial_hash: Digest,
    /// Hash of the final words.
    pub final_hash: Digest,
    /// Whether the leaf is in the public values' address space.
    pub is_public: bool,
}

impl LeafRecord {
    /// Returns whether the content changed.
    pub fn dirty(&self) -> bool {
        self.initial != self.final_
    }

    /// Fills `row`, which must be all zero, with the columns of [`LeafCols`].
    pub fn fill(&self, row: &mut [F]) {
        let cols: &mut LeafCols<F> = row.borrow_mut();
        cols.valid = F::ONE;
        cols.dirty = F::from_bool(self.dirty());
        cols.is_public = F::from_bool(self.is_public);
        if !self.is_public {
            let distance = F::from_u32(self.space) - F::from_u32(PUBLIC_VALUES_SPACE - 1);
            cols.space_inverse = distance.try_inverse().unwrap_or_default();
        }
        cols.space = F::from_u32(self.space);
        cols.leaf_low = F::from_u32(self.leaf & 0xffff);
        cols.leaf_high = F::from_u32(self.leaf >> 16);
        cols.initial = leaf_cells(&self.initial);
        cols.final_ = leaf_cells(&self.final_);
        cols.initial_timestamps = self.initial_timestamps.map(F::from_u32);
        cols.final_timestamps = self.final_timestamps.map(F::from_u32);
        cols.initial_hash = self.initial_hash;
        cols.final_hash = self.final_hash;
    }
}
