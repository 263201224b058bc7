//! The node AIR: the hash of every inner node above a touched leaf, at the start and at the end of a segment.

use std::borrow::{Borrow, BorrowMut};

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use vm_derive::AlignedBorrow;

use crate::arch::{COMPRESS_BUS, Digest, MERKLE_BUS};
use crate::primitives::{names_of, width_of};
use crate::stark::{F, MachineAir, VmAirBuilder};

/// Columns of the node AIR. A row is one touched node.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct NodeCols<T> {
    /// Boolean. 1 on rows that hold a node.
    pub valid: T,
    /// Boolean, implies `valid`. 0 forces all final hashes of the row to equal the initial ones; 1 allows a change.
    pub dirty: T,
    /// Booleans, imply `valid`. 1 for each child that has a row of its own; 0 forces the child's final hash to equal
    /// its initial one.
    pub touched: [T; 2],
    /// Height above the leaves. Received from the parent; the connector sends the height of the tree for the root.
    pub height: T,
    /// Index of the node within its height. Received from the parent; the connector sends 0 for the root.
    pub label: T,
    /// Hashes of the children at the start. Bound by the compression bus.
    pub initial_children: [[T; 8]; 2],
    /// Hashes of the children at the end. Bound by the compression bus, or equal to the initial ones.
    pub final_children: [[T; 8]; 2],
    /// Hash of the node at the start. Received from the parent.
    pub initial_hash: [T; 8],
    /// Hash of the node at the end. Received from the parent.
    pub final_hash: [T; 8],
}

/// The node AIR.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeAir;

impl BaseAir<F> for NodeAir {
    fn width(&self) -> usize {
        width_of::<NodeCols<u8>>()
    }
}

impl MachineAir for NodeAir {
    fn name(&self) -> String {
        "MemoryNode".to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<NodeCols<u8>>()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
    fn required(&self) -> bool {
        true
    }
}

impl<AB: VmAirBuilder> Air<AB> for NodeAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let local: &NodeCols<AB::Var> = main.current_slice().borrow();
        let one = AB::Expr::ONE;
        let valid: AB::Expr = local.valid.into();
        let dirty: AB::Expr = local.dirty.into();
        let clean = one.clone() - dirty.clone();

        builder.assert_bool(local.valid);
        builder.assert_bool(local.dirty);
        // Soundness (M7): a padding row has no messages, so it cannot act as a parent.
        builder.assert_zero(dirty.clone() * (one.clone() - valid.clone()));
        for i in 0..8 {
            builder.assert_zero(clean.clone() * (local.initial_hash[i] - local.final_hash[i]));
        }
        for child in 0..2 {
            let touched: AB::Expr = local.touched[child].into();
            builder.assert_bool(local.touched[child]);
            builder.assert_zero(touched.clone() * (one.clone() - valid.clone()));
            for i in 0..8 {
                let change = local.initial_children[child][i] - local.final_children[child][i];
                // Soundness (M8, M9): nothing changes below a clean node or an untouched child.
                builder.assert_zero(clean.clone() * change.clone());
                builder.assert_zero((one.clone() - touched.clone()) * change);
            }
        }

        let pair = |initial: &[AB::Var; 8], final_: &[AB::Var; 8]| -> Vec<AB::Expr> {
            initial.iter().chain(final_).map(|x| (*x).into()).collect()
        };
        let own =
            [local.height.into(), local.label.into()].into_iter().chain(pair(&local.initial_hash, &local.final_hash));
        MERKLE_BUS.receive(builder, own, valid.clone());
        for child in 0..2 {
            let label = local.label * AB::Expr::TWO + AB::Expr::from_usize(child);
            let fields = [local.height - one.clone(), label]
                .into_iter()
                .chain(pair(&local.initial_children[child], &local.final_children[child]));
            MERKLE_BUS.send(builder, fields, local.touched[child]);
        }

        let hash = |children: &[[AB::Var; 8]; 2], hash: &[AB::Var; 8]| -> Vec<AB::Expr> {
            children.as_flattened().iter().chain(hash).map(|x| (*x).into()).collect()
        };
        COMPRESS_BUS.query(builder, hash(&local.initial_children, &local.initial_hash), valid);
        COMPRESS_BUS.query(builder, hash(&local.final_children, &local.final_hash), dirty);
    }
}

/// A touched node, from which its row is filled.
#[derive(Clone, Copy, Debug)]
pub struct NodeRecord {
    /// Height above the leaves; at least 1.
    pub height: u32,
    /// Index of the node within its height.
    pub label: u32,
    /// Whether each child has a row of its own.
    pub touched: [bool; 2],
    /// Hashes of the children at the start.
    pub initial_children: [Digest; 2],
    /// Hashes of the children at the end.
    pub final_children: [Digest; 2],
    /// Hash of the node at the start.
    pub initial_hash: Digest,
    /// Hash of the node at the end.
    pub final_hash: Digest,
}

impl NodeRecord {
    /// Fills `row` with the columns of [`NodeCols`].
    pub fn fill(&self, row: &mut [F]) {
        let cols: &mut NodeCols<F> = row.borrow_mut();
        cols.valid = F::ONE;
        cols.dirty = F::from_bool(self.initial_hash != self.final_hash);
        cols.touched = self.touched.map(F::from_bool);
        cols.height = F::from_u32(self.height);
        cols.label = F::from_u32(self.label);
        cols.initial_children = self.initial_children;
        cols.final_children = self.final_children;
        cols.initial_hash = self.initial_hash;
        cols.final_hash = self.final_hash;
    }
}
