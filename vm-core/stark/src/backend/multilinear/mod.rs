//! The multilinear backend: `p3-multi-stark` with WHIR commitments.
//!
//! All traces of a batch are stacked into one multilinear polynomial and committed once. The messages are reduced to
//! claims about the traces (LogUp over a tree of fractions, GKR), one sumcheck reduces constraints and claims to
//! evaluations at one point, and WHIR opens these. Neither lookup columns nor quotients are committed.

mod air;
mod batch;
mod params;
mod proof_len;
mod schedule;
mod scheme;
mod security;

pub use batch::{
    BabyBearWhirBlake3Engine, BabyBearWhirKeccakEngine, BabyBearWhirPoseidon2Engine, Multilinear, MultilinearProof,
    WhirBlake3Config, WhirKeccakConfig, WhirPoseidon2Config,
};
pub use params::{MultilinearParams, Opening, Round, Schedule};
pub use scheme::StackCommitment;
