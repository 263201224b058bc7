//! The checks of a run.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use vm_stark::{F, StarkEngine};

use crate::connector::{CONNECTOR_AIR, ConnectorPublicValues, SUSPENDED_CODE};
use crate::error::VmVerificationError;
use crate::hasher::{Digest, Poseidon2Hasher};
use crate::key::RunVerifyingKey;
use crate::proof::{ContinuationProof, MAX_SEGMENTS, VerifiedRun, VmProof};
use crate::public_values::{PUBLIC_VALUES_AIR, public_value_bytes};

impl<E: StarkEngine> RunVerifyingKey<E> {
    /// Verifies the proof of a run in one segment, on a machine without continuations.
    ///
    /// If it returns `Ok`, the program ran from its entry point and initial memory to a TERMINATE instruction with exit
    /// code 0, and the result contains its public values. `exe_commitment` identifies the program that the caller
    /// trusts (see [`Self::exe_commitment`]).
    ///
    /// # Errors
    /// - [`VmVerificationError::Continuations`] if the machine has continuations enabled.
    /// - [`VmVerificationError::ExeCommitmentMismatch`] if this key belongs to another program.
    /// - [`VmVerificationError::Stark`] if the backend refuses the proof.
    /// - [`VmVerificationError::PublicValueOutOfRange`] if a public value is not a 16-bit cell.
    /// - One of the other errors of [`VmVerificationError`] if the proof has another key, another set of AIRs, another
    ///   start, or another end.
    pub fn verify(&self, exe_commitment: &Digest, proof: &VmProof<E>) -> Result<VerifiedRun, VmVerificationError> {
        if self.layout.continuations {
            return Err(VmVerificationError::Continuations { expected: true });
        }
        self.verify_segment(0, proof)?;
        let end = self.verify_chain(exe_commitment, core::slice::from_ref(proof))?;
        let public_values = if self.layout.num_public_values == 0 {
            Vec::new()
        } else {
            public_value_bytes(self.values_of(0, proof, PUBLIC_VALUES_AIR)?)
                .ok_or(VmVerificationError::PublicValueOutOfRange { segment: 0 })?
        };
        self.verified(public_values, &end, core::slice::from_ref(proof))
    }

    /// Verifies the proof of a run in any number of segments, on a machine with continuations.
    ///
    /// If it returns `Ok`, the program ran from its entry point and initial memory to a TERMINATE instruction with exit
    /// code 0, and the result contains its public values. `exe_commitment` identifies the program that the caller
    /// trusts (see [`Self::exe_commitment`]).
    ///
    /// # Errors
    /// - [`VmVerificationError::Continuations`] if the machine has continuations disabled.
    /// - [`VmVerificationError::ExeCommitmentMismatch`] if this key belongs to another program.
    /// - [`VmVerificationError::NoSegments`] or [`VmVerificationError::TooManySegments`] if the number of segments is
    ///   not in 1..=[`MAX_SEGMENTS`].
    /// - [`VmVerificationError::OtherPlan`] if the proof shows another plan of fused blocks than that of the key.
    /// - [`VmVerificationError::PublicValues`] if the public values are not the content of the final memory.
    /// - [`VmVerificationError::Stark`] if the backend refuses a segment.
    /// - One of the other errors of [`VmVerificationError`] if a segment has another key, another set of AIRs, or does
    ///   not continue where the previous one ends.
    pub fn verify_continuation(
        &self,
        exe_commitment: &Digest,
        proof: &ContinuationProof<E>,
    ) -> Result<VerifiedRun, VmVerificationError> {
        if !self.layout.continuations {
            return Err(VmVerificationError::Continuations { expected: false });
        }
        let end = self.verify_chain(exe_commitment, &proof.segments)?;
        if proof.plan != self.plan() {
            return Err(VmVerificationError::OtherPlan);
        }
        let public = &proof.public_values;
        let hasher = Poseidon2Hasher::default();
        public.verify(&hasher, &self.layout, &end.final_root)?;
        for (segment, proof) in proof.segments.iter().enumerate() {
            self.verify_stark(segment, proof)?;
        }
        self.verified(public.public_values.clone(), &end, &proof.segments)
    }

    /// Verifies one segment on its own, and returns its start and its end.
    ///
    /// Does not check that the segment starts at the program's entry point or continues another segment. `segment` is
    /// the number that errors contain.
    ///
    /// # Errors
    /// - [`VmVerificationError::ProgramCommitMismatch`] if the segment was proven under another key.
    /// - [`VmVerificationError::SystemAirMissing`] or [`VmVerificationError::UnexpectedPublicValues`] if its AIRs or
    ///   their public values are not those of the machine.
    /// - [`VmVerificationError::Stark`] if the backend refuses the proof.
    pub fn verify_segment(
        &self,
        segment: usize,
        proof: &VmProof<E>,
    ) -> Result<ConnectorPublicValues<F>, VmVerificationError> {
        let connector = self.connector_of(segment, proof)?;
        self.verify_stark(segment, proof)?;
        Ok(connector)
    }

    /// Checks everything about a list of segments except the STARKs: all are segments of this program, each starts
    /// where the previous one ends, and the last one, and no other, terminates with exit code 0. Returns the public
    /// values of the last connector.
    ///
    /// These checks are cheap, so they come before the STARKs of a continuation.
    ///
    /// Soundness (M26, M27): the checks compare claims of the prover. They establish nothing unless the STARKs of all
    /// segments are verified as well.
    fn verify_chain(
        &self,
        exe_commitment: &Digest,
        segments: &[VmProof<E>],
    ) -> Result<ConnectorPublicValues<F>, VmVerificationError> {
        use VmVerificationError as Refused;
        let own = self.exe_commitment();
        if own != *exe_commitment {
            return Err(Refused::ExeCommitmentMismatch { expected: (*exe_commitment).into(), got: own.into() });
        }
        if segments.len() > MAX_SEGMENTS {
            return Err(Refused::TooManySegments { max: MAX_SEGMENTS, got: segments.len() });
        }
        let (mut pc, mut root) = (F::from_u32(self.exe.pc_start), self.exe.initial_root);
        let mut end = None;
        for (segment, proof) in segments.iter().enumerate() {
            let connector = self.connector_of(segment, proof)?;
            if connector.initial_pc != pc {
                let (expected, got) = (pc.as_canonical_u32(), connector.initial_pc.as_canonical_u32());
                return Err(Refused::InitialPcMismatch { segment, expected, got });
            }
            if connector.initial_root != root {
                let (expected, got) = (root.into(), connector.initial_root.into());
                return Err(Refused::InitialMemoryRootMismatch { segment, expected, got });
            }
            let is_last = segment + 1 == segments.len();
            if connector.is_terminate != F::from_bool(is_last) {
                let got = connector.is_terminate != F::ZERO;
                return Err(Refused::IsTerminateMismatch { segment, expected: is_last, got });
            }
            let expected = if is_last { 0 } else { SUSPENDED_CODE };
            let got = connector.exit_code_u32();
            if got != expected {
                return Err(Refused::ExitCodeMismatch { segment, expected, got });
            }
            (pc, root) = (connector.final_pc, connector.final_root);
            end = Some(connector);
        }
        end.ok_or(Refused::NoSegments)
    }

    fn verify_stark(&self, segment: usize, proof: &VmProof<E>) -> Result<(), VmVerificationError> {
        // Soundness (M22): the security parameters come from the key, not from the proof.
        let verdict = E::new(self.stark.preset()).verify(&self.stark, &proof.stark);
        verdict.map_err(|source| VmVerificationError::Stark { segment, source })
    }

    /// Checks which AIRs a segment has and how many public values each of them has. Returns the public values of the
    /// connector.
    fn connector_of(
        &self,
        segment: usize,
        proof: &VmProof<E>,
    ) -> Result<ConnectorPublicValues<F>, VmVerificationError> {
        let expected = self.digest();
        if proof.key_digest != expected {
            let (expected, got) = (expected.into(), proof.key_digest.into());
            return Err(VmVerificationError::ProgramCommitMismatch { segment, expected, got });
        }
        // Soundness: the backend repeats both checks. They are made here for errors that name the AIR.
        for (index, air) in self.stark.airs().iter().enumerate() {
            let present = proof.stark.instance_counts.get(index).is_some_and(|count| *count > 0);
            if air.required && !present {
                return Err(missing(segment, &air.name));
            }
            let expected = if present { air.public_values } else { 0 };
            let got = proof.stark.public_values.get(index).map_or(0, Vec::len);
            if got != expected {
                let air = air.name.clone();
                return Err(VmVerificationError::UnexpectedPublicValues { segment, air, expected, got });
            }
        }
        let values = self.values_of(segment, proof, CONNECTOR_AIR)?;
        ConnectorPublicValues::from_slice(values).ok_or_else(|| missing(segment, CONNECTOR_AIR))
    }

    fn values_of<'a>(&self, segment: usize, proof: &'a VmProof<E>, air: &str) -> Result<&'a [F], VmVerificationError> {
        let values = self.stark.air_index(air).and_then(|index| proof.stark.public_values.get(index));
        values.map(Vec::as_slice).ok_or_else(|| missing(segment, air))
    }

    fn verified(
        &self,
        public_values: Vec<u8>,
        end: &ConnectorPublicValues<F>,
        segments: &[VmProof<E>],
    ) -> Result<VerifiedRun, VmVerificationError> {
        // A forger needs one false segment, and all hashes computed for any of the segments count as the forger's work.
        // The security bound counts hashes, so a run is as secure as its weakest segment, however many there are.
        let reports = segments.iter().map(|proof| self.stark.security(&proof.stark.log_heights()));
        let security = reports.min_by(|a, b| a.bits.total_cmp(&b.bits)).ok_or(VmVerificationError::NoSegments)?;
        Ok(VerifiedRun { public_values, final_root: end.final_root, segments: segments.len(), security })
    }
}

fn missing(segment: usize, air: &str) -> VmVerificationError {
    VmVerificationError::SystemAirMissing { segment, air: air.to_owned() }
}
