//! The leaf AIR: initial and final content of every touched leaf.

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

/// Columns of one touched leaf.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct LeafCols<T> {
    /// Row is a leaf. Boolean; the count of everything that the row says except hashes of dirty content.
    pub valid: T,
    /// Content may have changed. Boolean, implies `valid`; 0 forces final = initial (cells and hash).
    pub dirty: T,
    /// Leaf belongs to the public values' space: its final content goes to their chip, or its index is in range. Boolean,
    /// implies `valid` and the space, and is implied by them: `space_inverse` shows that the space of any other leaf is
    /// another one.
    pub is_public: T,
    /// Inverse of `space` − the public values' space on leaves of other spaces, else 0.
    pub space_inverse: T,
    /// Address space − 1; range-checked. With the leaf index it determines the label, which the tree pays for once.
    pub space: T,
    /// Low 16 bits of the leaf index; range-checked.
    pub leaf_low: T,
    /// High bits of the leaf index; range-checked.
    pub leaf_high: T,
    /// Cells at the start: bound to the initial root through `initial_hash`.
    pub initial: [T; 8],
    /// Cells at the end: received from the last access of each word.
    pub final_: [T; 8],
    /// Times at which the words are sent: free, since the boundary is the only source of a word (whoever receives
    /// the word proves that its own time is later and in the window).
    pub initial_timestamps: [T; 4],
    /// Times of the last accesses: bound by the memory bus.
    pub final_timestamps: [T; 4],
    /// Hash of the initial cells: bound by the compression bus.
    pub initial_hash: [T; 8],
    /// Hash of the final cells: bound by the compression bus, or equal to the initial one.
    pub final_hash: [T; 8],
}

/// What holds the leaves of the public values' space to those that the machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PublicLeaves {
    /// There are none.
    None,
    /// The public-values chip receives each of them once.
    Shown,
    /// Their index is below this number, at most 2^[`LOG_PUBLIC_LEAVES`].
    Below(usize),
}

/// log2 of the largest number of leaves of public values (4096 bytes).
const LOG_PUBLIC_LEAVES: usize = 8;

/// Leaf AIR.
#[derive(Clone, Debug)]
pub struct LeafAir {
    as_height: usize,
    log_leaves: usize,
    public: PublicLeaves,
}

impl LeafAir {
    /// The AIR for a configuration. Without continuations, a public-values chip receives the public values.
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
        // Soundness (M7): a padding row contributes nothing, whatever the other columns hold.
        builder.assert_zero(dirty.clone() * (one.clone() - valid.clone()));
        builder.assert_zero(is_public.clone() * (one.clone() - valid.clone()));
        // Soundness (M8): a clean leaf keeps its content and its hash.
        for i in 0..8 {
            builder.assert_zero((one.clone() - dirty.clone()) * (local.initial[i] - local.final_[i]));
            builder.assert_zero((one.clone() - dirty.clone()) * (local.initial_hash[i] - local.final_hash[i]));
        }

        // Soundness (M6): the label is an expression of range-checked parts, so a leaf has one label only.
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

        // Soundness (M11): hash of (cells ‖ constant).
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

        // Soundness: a leaf is public exactly if it is one of the public values' space, and that space has no leaves but
        // the machine's. So nothing is revealed beyond them.
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
            // Soundness: the index is below 2^25, so a larger one than the last makes a difference just below p.
            PublicLeaves::Below(leaves) => {
                let below = AB::Expr::from_usize(leaves - 1) - leaf;
                RANGE_BUS.query(builder, [below, AB::Expr::from_usize(LOG_PUBLIC_LEAVES)], is_public);
            }
        }
    }
}

/// One touched leaf.
#[derive(Clone, Copy, Debug)]
pub struct LeafRecord {
    /// 0-based address space index.
    pub space: u32,
    /// Leaf index within the space.
    pub leaf: u32,
    /// Words at the start.
    pub initial: [u32; 4],
    /// Words at the end.
    pub final_: [u32; 4],
    /// Times at which the boundary sends the words.
    pub initial_timestamps: [u32; 4],
    /// Times of the last accesses.
    pub final_timestamps: [u32; 4],
    /// Hash of the initial words.
    pub initial_hash: Digest,
    /// Hash of the final words.
    pub final_hash: Digest,
    /// The leaf is one of the public values' space.
    pub is_public: bool,
}

impl LeafRecord {
    /// Whether the content changed.
    pub fn dirty(&self) -> bool {
        self.initial != self.final_
    }

    /// Fills the row of the leaf.
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
