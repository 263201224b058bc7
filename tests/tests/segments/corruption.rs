//! Random damage to an encoded proof of several segments, and random changes of the decoded proof.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::Serialize;
use serde::de::DeserializeOwned;
use vm_core::arch::{SegmentationStrategy, SystemConfig};
use vm_core::machine::{StoredVmVerifyingKey, VirtualMachine, VmProvingKey, VmVerificationError as Refused};
use vm_core::stark::codec::{self, CodecError, FileKind};
use vm_core::stark::{SecurityPreset, StarkEngine, VerifyError};
use vm_sdk::config::Rv32imVm;
use vm_sdk::error::SdkError;
use vm_sdk::run_folder::{RunManifest, StoredSegment};
use vm_sdk::sdk::{self, ProofFile};
use vm_sdk::transpiler::load_elf;
use vm_tests::fixtures;

use super::allocator::peak;
use super::mutations::{Engine, KINDS, RunProof, damage, forge};

/// Numbers of damaged files, of files with a damaged header and a valid checksum, of damaged bodies, and of changed
/// proofs.
const FILES: usize = 4000;
const HEADERS: usize = 1000;
const BODIES: usize = 4000;
const FORGERIES: usize = 2200;

/// The kind of the files.
const KIND: FileKind = FileKind::ContinuationProof;
/// Memory of decoding beyond the limit for lists, in bytes: serde allocates up to 1 MiB for the elements that a list
/// announces, before they have been decoded. The lists around it take a little more.
const ANNOUNCED: usize = (2 << 20) + (4 << 10);
/// Memory of decoding damaged proofs beyond that limit, in bytes, and of inputs that are shorter than what they
/// announce.
const BYTES_MORE: usize = 1 << 16;

#[derive(Debug)]
pub(crate) struct Every(pub(crate) u64);

impl SegmentationStrategy for Every {
    fn should_segment(&self, _: &[String], _: &[usize], _: &[usize]) -> bool {
        true
    }
    fn stricter_strategy(&self) -> Arc<dyn SegmentationStrategy> {
        Arc::new(Self((self.0 / 2).max(1)))
    }
    fn check_interval(&self) -> u64 {
        self.0
    }
}

struct Made {
    key: VmProvingKey<Engine, Rv32imVm>,
    file: Vec<u8>,
    body: Vec<u8>,
    /// Offset of the body in the file, in bytes.
    header: usize,
    /// Offsets in the body at which segments start and end.
    marks: Vec<usize>,
    connector: usize,
}

/// Returns the proof of `tiny`, in two or three segments. The first call makes it.
fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let system = SystemConfig::default().with_continuations().with_segmentation_strategy(Arc::new(Every(400)));
        let preset = SecurityPreset::Conjectured100;
        let vm = VirtualMachine::new(Engine::new(preset), Rv32imVm { system, ..Rv32imVm::default() });
        let fixture = fixtures::tiny();
        let key = vm.setup(load_elf(fixture.elf, &Rv32imVm::default()).unwrap()).unwrap();
        let proof = vm.prove_continuation(&key, fixture.inputs).unwrap().proof;
        assert!((2..=3).contains(&proof.segments.len()), "{}", proof.segments.len());
        let file = codec::encode(FileKind::ContinuationProof, Engine::name(), preset.name(), &proof).unwrap();
        let body = postcard::to_stdvec(&proof).unwrap();
        let mut marks = vec![1];
        for segment in &proof.segments {
            marks.push(marks[marks.len() - 1] + postcard::to_stdvec(segment).unwrap().len());
        }
        let connector = key.verifying_key().stark().air_index("Connector").unwrap();
        let header = file.len() - 8 - body.len();
        Made { key, file, body, header, marks, connector }
    })
}

fn decode_file(bytes: &[u8]) -> Result<RunProof, CodecError> {
    Ok(codec::decode(FileKind::ContinuationProof, Engine::name(), bytes, codec::MAX_FILE_LEN)?.1)
}

/// Counts of mutations by their outcome.
#[derive(Debug, Default)]
struct Counts {
    tried: AtomicUsize,
    /// Decoded to the honest proof. Only the name of the preset in the header may differ.
    same: AtomicUsize,
    /// Decoded to another proof, which was handed to the verifier.
    decoded: AtomicUsize,
    /// Refused by a STARK.
    stark: AtomicUsize,
    /// Those of `stark` that passed the checks of shapes and were refused by the backend.
    backend: AtomicUsize,
    accepted: AtomicUsize,
    panicked: AtomicUsize,
    /// Largest memory of a decoding beyond the limit for lists, in bytes.
    most_memory: AtomicUsize,
}

impl Counts {
    fn get(count: &AtomicUsize) -> usize {
        count.load(Ordering::Relaxed)
    }

    fn add(count: &AtomicUsize) {
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Decodes and verifies a mutated proof, and counts the outcome. Returns whether a STARK refuses the proof.
    fn judge(&self, bytes: &[u8], decode: fn(&[u8]) -> Result<RunProof, CodecError>, what: &str) -> bool {
        Self::add(&self.tried);
        let (decoded, memory) = peak(|| catch_unwind(|| decode(bytes)));
        self.most_memory.fetch_max(memory.saturating_sub(KIND.memory_limit(bytes.len())), Ordering::Relaxed);
        let proof = match decoded {
            Ok(Ok(proof)) => proof,
            Ok(Err(_)) => return false,
            Err(_) => {
                println!("{what}: decoding panics");
                Self::add(&self.panicked);
                return false;
            }
        };
        let made = made();
        if postcard::to_stdvec(&proof).unwrap() == made.body {
            Self::add(&self.same);
            return false;
        }
        Self::add(&self.decoded);
        let key = made.key.verifying_key();
        let verdict =
            catch_unwind(AssertUnwindSafe(|| key.verify_continuation(&key.exe_commitment(), &proof).map(|_| ())));
        match verdict {
            Ok(Err(Refused::Stark { source, .. })) => {
                Self::add(&self.stark);
                match source {
                    // The verifier catches panics of the backend. They count as panics.
                    VerifyError::Panicked(text) => {
                        println!("{what}: the backend panics: {text}");
                        Self::add(&self.panicked);
                    }
                    VerifyError::Shape(_) => {}
                    _ => Self::add(&self.backend),
                }
                return true;
            }
            Ok(Err(_)) => {}
            Ok(Ok(())) => {
                println!("{what}: accepted");
                Self::add(&self.accepted);
            }
            Err(_) => {
                println!("{what}: verifying panics");
                Self::add(&self.panicked);
            }
        }
        false
    }

    fn assert_refused(&self) {
        assert_eq!((Self::get(&self.accepted), Self::get(&self.panicked)), (0, 0), "{self:?}");
        assert!(Self::get(&self.most_memory) <= BYTES_MORE, "{self:?}");
    }
}

/// Makes `number` mutations and counts their outcomes, on all processors. Checks that none is accepted or panics, and
/// that memory is bounded.
fn mutate(number: usize, judge: impl Fn(&Counts, &mut StdRng, usize) + Sync) -> Counts {
    made();
    let (counts, next, start) = (Counts::default(), AtomicUsize::new(0), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= number {
                        break;
                    }
                    judge(&counts, &mut StdRng::seed_from_u64(index as u64), index);
                }
            });
        }
    });
    println!("{counts:?} in {:.1} s", start.elapsed().as_secs_f64());
    assert_eq!(Counts::get(&counts.tried), number);
    counts.assert_refused();
    counts
}

#[test]
fn damaged_files_are_refused() {
    let made = made();
    assert!(
        made.key
            .verifying_key()
            .verify_continuation(&made.key.exe_commitment(), &decode_file(&made.file).unwrap())
            .is_ok()
    );
    println!("{} bytes, of which {} are in front of the body", made.file.len(), made.header);
    let marks: Vec<usize> =
        [0, made.file.len()].into_iter().chain(made.marks.iter().map(|mark| mark + made.header)).collect();
    let counts = mutate(FILES, |counts, rng, index| {
        let mut file = made.file.clone();
        while file == made.file {
            damage(&mut file, &marks, rng);
        }
        counts.judge(&file, decode_file, &format!("file {index}"));
    });
    // The checksum detects all damage, so nothing decodes.
    assert_eq!(Counts::get(&counts.decoded) + Counts::get(&counts.same), 0);
}

#[test]
fn damaged_headers_with_a_checksum_are_refused() {
    let made = made();
    let counts = mutate(HEADERS, |counts, rng, index| {
        let mut header = made.file[..made.header].to_vec();
        while made.file.starts_with(&header) {
            header = made.file[..made.header].to_vec();
            damage(&mut header, &[0, made.header], rng);
        }
        let mut file = [&header[..], &made.body].concat();
        file.extend(&codec::blake3(&file)[..8]);
        counts.judge(&file, decode_file, &format!("header {index}"));
    });
    // The name of the preset is not part of the proof, so a file with another name decodes to the honest proof.
    assert!(Counts::get(&counts.same) > 0, "{counts:?}");
    assert_eq!(Counts::get(&counts.decoded), 0);
}

#[test]
fn damaged_bodies_are_refused() {
    let made = made();
    let counts = mutate(BODIES, |counts, rng, index| {
        let mut body = made.body.clone();
        while body == made.body {
            damage(&mut body, &made.marks, rng);
        }
        counts.judge(&body, |body| codec::decode_body(KIND, body), &format!("body {index}"));
    });
    // A proof has one encoding, so a changed body does not decode to the honest proof.
    assert_eq!(Counts::get(&counts.same), 0);
    assert!(Counts::get(&counts.backend) >= 800, "{counts:?}");
}

/// Kinds of changes that leave the chain of segments consistent, so that only a STARK can refuse them.
const FOR_THE_STARK: [usize; 14] = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 18, 19, 20, 21];

#[test]
fn changed_proofs_are_refused() {
    let made = made();
    let by_kind: [(AtomicUsize, AtomicUsize); KINDS] = Default::default();
    let counts = mutate(FORGERIES, |counts, rng, index| {
        let kind = index % KINDS;
        let body = loop {
            let mut proof: RunProof = postcard::from_bytes(&made.body).unwrap();
            forge(&mut proof, kind, made.connector, rng);
            let body = postcard::to_stdvec(&proof).unwrap();
            if body != made.body {
                break body;
            }
        };
        Counts::add(&by_kind[kind].0);
        if counts.judge(&body, |body| codec::decode_body(KIND, body), &format!("change {index} of kind {kind}")) {
            Counts::add(&by_kind[kind].1);
        }
    });
    for (kind, (tried, stark)) in by_kind.iter().enumerate() {
        let (tried, stark) = (Counts::get(tried), Counts::get(stark));
        println!("kind {kind}: {tried} tried, {stark} refused by a STARK");
        assert!(tried > 50);
        if FOR_THE_STARK.contains(&kind) {
            assert_eq!(stark, tried, "kind {kind}");
        }
    }
    assert!(Counts::get(&counts.backend) >= 1000, "{counts:?}");
}

/// A list announces many elements and has none, at each of the first 2,000 bytes. Decoding refuses it without
/// allocating memory for the announced elements.
#[test]
fn announced_lists_take_no_memory() {
    let made = made();
    let mut most = 0;
    for (end, bomb) in (0..2000).flat_map(|end| [1 << 20, 1 << 31, 1 << 62].map(|len: u64| (end, len))) {
        let mut body = made.body[..end].to_vec();
        body.extend(postcard::to_stdvec(&bomb).unwrap());
        // In case the elements are lists, the first one announces as many.
        body.extend(postcard::to_stdvec(&bomb).unwrap());
        let (decoded, memory) = peak(|| codec::decode_body::<RunProof>(KIND, &body));
        assert!(decoded.is_err(), "{end}");
        most = most.max(memory);
    }
    println!("at most {most} bytes");
    assert!(most <= BYTES_MORE, "{most}");
}

/// Returns the result of reading a proof file and verifying the proof, and the memory that it takes, with that of the
/// file.
fn verify_file(path: &Path) -> (Result<(), String>, usize) {
    let made = made();
    let key = made.key.verifying_key();
    peak(|| {
        let (_, bytes) = sdk::read_file(path).map_err(|error| error.to_string())?;
        let proof = ProofFile::decode(path, &bytes).map_err(|error| error.to_string())?;
        sdk::verify(key, &key.exe_commitment(), &proof).map(drop).map_err(|error| error.to_string())
    })
}

/// Writes a file with a valid header and checksum.
fn write_file(folder: &Path, body: &[u8]) -> PathBuf {
    let made = made();
    let mut file = made.file[..made.header].to_vec();
    let end = file.len();
    file[end - 8..].copy_from_slice(&(body.len() as u64).to_le_bytes());
    file.extend(body);
    file.extend(&codec::blake3(&file)[..8]);
    let path = folder.join("file.proof");
    std::fs::write(&path, file).unwrap();
    path
}

/// An empty list is one byte of a file and three words of memory, so lists of empty lists are what takes the most
/// memory per byte. Wherever they are in a proof, decoding stops at the limit.
#[test]
fn lists_of_empty_lists_take_no_more_than_the_limit() {
    let made = made();
    const LISTS: usize = 400_000;
    // Every place in the first bytes, in the last ones and at some in between: lists at each nesting begin there. The last byte
    // is the length of the plan, which is a list of bytes.
    let len = made.body.len() - 1;
    let places = (0..1500).chain((1500..len - 1500).step_by(len / 500)).chain(len - 1500..len);
    let (mut limited, mut most) = (0, 0);
    for end in places {
        let mut body = made.body[..end].to_vec();
        body.extend(postcard::to_stdvec(&LISTS).unwrap());
        body.resize(body.len() + LISTS, 0);
        let (decoded, memory) = peak(|| codec::decode_body::<RunProof>(KIND, &body));
        let limit = KIND.memory_limit(body.len());
        limited += usize::from(decoded.map(drop).unwrap_err() == CodecError::Memory { limit });
        most = most.max(memory.saturating_sub(limit));
    }
    println!("{limited} places reach the limit; at most {most} bytes beyond it");
    assert!(limited >= 5, "{limited}");
    assert!(most <= ANNOUNCED, "{most}");
}

/// Whatever a file contains, verifying it takes no more than three times the memory that an honest proof in a file of
/// this length takes.
#[test]
fn a_verification_takes_at_most_three_times_the_memory_of_an_honest_one() {
    let made = made();
    let folder = tempfile::tempdir().unwrap();
    let honest = write_file(folder.path(), &made.body);
    let (verdict, memory) = verify_file(&honest);
    assert_eq!(verdict, Ok(()));
    let per_byte = memory as f64 / made.file.len() as f64;
    println!("honest: {} bytes in {memory}: {per_byte:.2} bytes per byte", made.file.len());
    // One segment with the key's digest and no counts, followed by lists of public values; and the same number of
    // segments, openings and rows as there are bytes.
    let prefix = [&[1][..], &[0; 32], &[0]].concat();
    for len in [made.body.len(), 20_000_000, 70_000_000] {
        for prefix in [&prefix[..], &made.body[..made.marks[1] - 1], &[]] {
            let mut body = prefix.to_vec();
            body.extend(postcard::to_stdvec(&(len - prefix.len())).unwrap());
            body.resize(len, 0);
            let path = write_file(folder.path(), &body);
            let (verdict, memory) = verify_file(&path);
            let got = memory as f64 / len as f64;
            println!("{len} bytes: {got:.2} bytes per byte: {verdict:?}");
            assert!(verdict.is_err());
            assert!(got <= 3.0 * per_byte, "{len}: {got} instead of {per_byte}");
        }
    }
}

/// A key limits the length of its proofs. Nothing is decoded from a longer file.
#[test]
fn files_that_are_longer_than_any_proof_are_not_decoded() {
    let made = made();
    let (key, path) = (made.key.verifying_key(), Path::new("file.proof"));
    let segments = made.marks.len() - 1;
    assert!(made.body.len() <= key.max_run_len(segments), "{} bytes", made.body.len());
    assert!(ProofFile::decode_for(key, path, &made.file).is_ok());
    let longest = key.max_run_len(1);
    println!("a segment has at most {} bytes; {segments} have {}", key.max_segment_len(), made.body.len());
    assert!(longest < 64 << 20, "{longest}");
    let folder = tempfile::tempdir().unwrap();
    // One segment, and as many bytes as are allowed or one more.
    for (len, allowed) in [(longest, true), (longest + 1, false)] {
        let mut body = [&[1][..], &[0; 33]].concat();
        body.extend(postcard::to_stdvec(&len).unwrap());
        body.resize(len, 0);
        let bytes = std::fs::read(write_file(folder.path(), &body)).unwrap();
        let (result, memory) = peak(|| ProofFile::decode_for(key, path, &bytes).map(drop));
        match result {
            Err(SdkError::Codec { source: CodecError::Memory { .. }, .. }) => assert!(allowed, "{len}"),
            Err(SdkError::Codec { source: CodecError::TooLong { max, got }, .. }) => {
                assert_eq!((max, got, allowed), (longest, len, false));
                assert!(memory < 1 << 16, "{memory}");
            }
            other => panic!("{len}: {other:?}"),
        }
    }
    // A file that announces more segments than a run has is no longer than one of as many as it may have.
    assert_eq!(key.max_run_len(usize::MAX), usize::MAX);
}

/// The same limit holds for the other files: keys, plans and the proofs of segments.
#[test]
fn files_of_every_kind_are_decoded_within_the_limit() {
    type Key = StoredVmVerifyingKey<Engine, Rv32imVm>;
    fn check<T: Serialize + DeserializeOwned>(kind: FileKind, honest: &[u8]) {
        const LISTS: usize = 1_000_000;
        assert!(codec::decode_body::<T>(kind, honest).is_ok(), "{kind}");
        let (mut limited, mut most) = (0, 0);
        for end in 0..honest.len().min(1000) {
            let mut body = honest[..end].to_vec();
            body.extend(postcard::to_stdvec(&LISTS).unwrap());
            body.resize(body.len() + LISTS, 0);
            let (decoded, memory) = peak(|| codec::decode_body::<T>(kind, &body));
            let limit = kind.memory_limit(body.len());
            limited += usize::from(matches!(decoded, Err(CodecError::Memory { .. })));
            most = most.max(memory.saturating_sub(limit));
        }
        println!("{kind}: {limited} places reach the limit; at most {most} bytes beyond it");
        assert!(limited > 0 && most <= ANNOUNCED, "{kind}: {limited}, {most}");
    }
    let made = made();
    let key = made.key.verifying_key();
    check::<Key>(FileKind::VerifyingKey, &postcard::to_stdvec(&key.to_stored()).unwrap());
    let proof: RunProof = codec::decode_body(KIND, &made.body).unwrap();
    let segment =
        StoredSegment { proof: proof.segments.into_iter().next().unwrap(), public_values: None, rows: vec![1; 30] };
    check::<StoredSegment<Engine>>(FileKind::SegmentProof, &postcard::to_stdvec(&segment).unwrap());
    // A plan of one segment in which all numbers are zero: digests of 64 bytes, a seed, no AIRs, the segment.
    let plan = |zeros: usize| [&[0; 66][..], &[1], &vec![0; zeros]].concat();
    let is_plan = |zeros: &usize| codec::decode_body::<RunManifest>(FileKind::RunPlan, &plan(*zeros)).is_ok();
    let zeros = (0..100).find(is_plan).expect("a plan of zeros");
    check::<RunManifest>(FileKind::RunPlan, &plan(zeros));
}
