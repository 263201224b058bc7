//! The hash functions of the engines: commitments to matrices, and transcripts.

use alloc::vec::Vec;
use core::fmt::Debug;

use p3_baby_bear::{Poseidon2BabyBear, default_babybear_poseidon2_16};
use p3_blake3::Blake3;
use p3_challenger::{
    CanObserve, CanSampleUniformBits, DuplexChallenger, FieldChallenger, GrindingChallenger, HashChallenger,
    SerializingChallenger32,
};
use p3_commit::Mmcs;
use p3_keccak::{Keccak256Hash, KeccakF};
use p3_merkle_tree::MerkleTreeMmcs;
use p3_symmetric::{CompressionFunctionFromHasher, PaddingFreeSponge, SerializingHasher, TruncatedPermutation};

use crate::air::{F, PackedF};

use super::labels::LabelDigests;
use super::multilinear::StackCommitment;

/// Hash functions of an engine.
pub trait Hashes: Send + Sync + 'static {
    /// Commitments to matrices.
    type Mmcs: Mmcs<F, Commitment: Debug + PartialEq + Send + Sync, Proof: Send + Sync, MultiProof: Send + Sync>
        + Clone
        + Send
        + Sync;
    /// Transcript.
    type Challenger: FieldChallenger<F>
        + GrindingChallenger<Witness = F>
        + CanSampleUniformBits<F>
        + CanObserve<<Self::Mmcs as Mmcs<F>>::Commitment>
        + CanObserve<StackCommitment<<Self::Mmcs as Mmcs<F>>::Commitment>>
        + Clone
        + Send
        + Sync;
    /// Collision resistance, in bits.
    const COLLISION_BITS: usize;

    /// Makes the commitment scheme.
    fn mmcs() -> Self::Mmcs;
    /// Makes a transcript that has not observed anything yet.
    fn challenger() -> Self::Challenger;
}

/// Poseidon2 of width 16: digests of 8 field elements, and a duplex sponge as transcript, with BLAKE3 for its labels.
#[derive(Clone, Copy, Debug)]
pub struct Poseidon2Hashes;

/// A Keccak-f sponge over 64-bit lanes with digests of 4 lanes, and Keccak-256 for the transcript.
#[derive(Clone, Copy, Debug)]
pub struct KeccakHashes;

/// BLAKE3 for commitments and transcript, with digests of 32 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Blake3Hashes;

type Perm = Poseidon2BabyBear<16>;
type Poseidon2Sponge = PaddingFreeSponge<Perm, 16, 8, 8>;
type Poseidon2Compress = TruncatedPermutation<Perm, 2, 8, 16>;
pub(super) type Poseidon2Mmcs = MerkleTreeMmcs<PackedF, PackedF, Poseidon2Sponge, Poseidon2Compress, 2, 8>;

impl Hashes for Poseidon2Hashes {
    type Mmcs = Poseidon2Mmcs;
    type Challenger = LabelDigests<DuplexChallenger<F, Perm, 16, 8>>;
    // Half of the 247.2 bits of a digest: eight elements of 30.9 bits each.
    const COLLISION_BITS: usize = 123;

    fn mmcs() -> Self::Mmcs {
        let perm = default_babybear_poseidon2_16();
        MerkleTreeMmcs::new(Poseidon2Sponge::new(perm.clone()), Poseidon2Compress::new(perm), 0)
    }
    fn challenger() -> Self::Challenger {
        LabelDigests(DuplexChallenger::new(default_babybear_poseidon2_16()))
    }
}

type KeccakSponge = PaddingFreeSponge<KeccakF, 25, 17, 4>;
type KeccakCompress = CompressionFunctionFromHasher<KeccakSponge, 2, 4>;
pub(super) type KeccakMmcs = MerkleTreeMmcs<
    [F; p3_keccak::VECTOR_LEN],
    [u64; p3_keccak::VECTOR_LEN],
    SerializingHasher<KeccakSponge>,
    KeccakCompress,
    2,
    4,
>;

impl Hashes for KeccakHashes {
    type Mmcs = KeccakMmcs;
    type Challenger = SerializingChallenger32<F, HashChallenger<u8, Keccak256Hash, 32>>;
    const COLLISION_BITS: usize = 128;

    fn mmcs() -> Self::Mmcs {
        let sponge = KeccakSponge::new(KeccakF);
        MerkleTreeMmcs::new(SerializingHasher::new(sponge), KeccakCompress::new(sponge), 0)
    }
    fn challenger() -> Self::Challenger {
        SerializingChallenger32::from_hasher(Vec::new(), Keccak256Hash)
    }
}

pub(super) type Blake3Mmcs =
    MerkleTreeMmcs<F, u8, SerializingHasher<Blake3>, CompressionFunctionFromHasher<Blake3, 2, 32>, 2, 32>;

impl Hashes for Blake3Hashes {
    type Mmcs = Blake3Mmcs;
    type Challenger = SerializingChallenger32<F, HashChallenger<u8, Blake3, 32>>;
    const COLLISION_BITS: usize = 128;

    fn mmcs() -> Self::Mmcs {
        MerkleTreeMmcs::new(SerializingHasher::new(Blake3), CompressionFunctionFromHasher::new(Blake3), 0)
    }
    fn challenger() -> Self::Challenger {
        SerializingChallenger32::from_hasher(Vec::new(), Blake3)
    }
}
