//! Random corruption of serialized proofs: nothing is accepted, nothing panics, memory stays bounded.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vm_core::arch::VmVerificationError;
use vm_core::stark::codec::{self, FileKind};
use vm_core::stark::{SecurityPreset, StarkEngine};
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::parallel::*;
use vm_sdk::stark::F;
use vm_sdk::transpiler::load_elf;
use vm_tests::model::{asm, elf_of};

use super::support::{Engine, Every, Key, RunProof, copy, machine, verify};

/// Counts what the present thread has allocated, and the most that it had at a time.
struct Counting;

thread_local! {
    static NOW: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    // Threads that are ending have no counters any more.
    let _ = NOW.try_with(|now| {
        now.set(now.get() + bytes);
        let _ = MOST.try_with(|most| most.set(most.get().max(now.get())));
    });
}

// SAFETY: memory is the system allocator's.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most that `f` had allocated at a time, beyond what there was before.
fn most_memory<T>(f: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.get();
    MOST.set(before);
    let value = f();
    (value, (MOST.get() - before) as usize)
}

/// The smallest run of two segments: four instructions.
fn small() -> (Key, RunProof) {
    let code = [asm::addi(5, 0, 77), asm::reveal(0, 5, 0), asm::nop(), asm::terminate(0)];
    let vm = machine(Every(2));
    let key = vm.setup(load_elf(&elf_of(&code, &[], 0x20_0800)).unwrap()).unwrap();
    let proof = vm.prove_continuation(&key, vec![]).unwrap().proof;
    assert_eq!(proof.segments.len(), 2);
    assert!(verify(&key, &proof).is_ok());
    (key, proof)
}

/// What became of the corrupted proofs.
#[derive(Default)]
struct Fates {
    tried: AtomicUsize,
    unchanged: AtomicUsize,
    decoded: AtomicUsize,
    /// Refused by a STARK's verifier, behind all cheaper checks.
    stark: AtomicUsize,
    /// Largest memory of decoding, in bytes per byte of input.
    memory: AtomicUsize,
    /// Accepted proofs and panics.
    failures: Mutex<Vec<String>>,
}

impl Fates {
    fn fail(&self, what: String) {
        self.failures.lock().unwrap().push(what);
    }

    /// Decodes within bounds of memory.
    fn decode<T>(&self, len: usize, what: &str, decode: impl FnOnce() -> Option<T>) -> Option<T> {
        self.tried.fetch_add(1, Ordering::Relaxed);
        let (decoded, memory) = most_memory(|| catch_unwind(AssertUnwindSafe(decode)));
        self.memory.fetch_max(memory / len.max(1000), Ordering::Relaxed);
        decoded.unwrap_or_else(|_| {
            self.fail(format!("decoding {what} panics"));
            None
        })
    }

    fn judge(&self, key: &Key, original: &[u8], proof: &RunProof, what: &str) {
        self.decoded.fetch_add(1, Ordering::Relaxed);
        if postcard::to_stdvec(proof).unwrap() == original {
            self.unchanged.fetch_add(1, Ordering::Relaxed);
            return;
        }
        match catch_unwind(AssertUnwindSafe(|| verify(key, proof))) {
            Err(_) => self.fail(format!("verifying {what} panics")),
            Ok(Ok(_)) => self.fail(format!("{what} is accepted")),
            Ok(Err(VmVerificationError::Stark { .. })) => drop(self.stark.fetch_add(1, Ordering::Relaxed)),
            Ok(Err(_)) => {}
        }
    }
}

/// Changes bytes: single bits, bytes, runs; inserts, removes, truncates, extends; writes lengths that are far too large.
fn corrupt(bytes: &mut Vec<u8>, rng: &mut StdRng) {
    let at = rng.random_range(0..bytes.len());
    // The first bytes hold what is dense: digests, counts, public values, commitments.
    let at = if rng.random_range(0..4) == 0 { at % 1500.min(bytes.len()) } else { at };
    match rng.random_range(0..10) {
        0..4 => bytes[at] ^= 1 << rng.random_range(0..8),
        4 => bytes[at] = rng.random(),
        5 => bytes.insert(at, rng.random()),
        6 => drop(bytes.remove(at)),
        7 => bytes.truncate(at),
        8 => bytes.extend((0..rng.random_range(1..40)).map(|_| 0u8)),
        // The longest integer: a length bomb, where a length is.
        _ => {
            let end = (at + 10).min(bytes.len());
            bytes.splice(at..end, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
        }
    }
}

fn field(rng: &mut StdRng) -> F {
    F::from_u32(rng.random_range(1..1 << 30))
}

/// Changes a field of the decoded proof.
fn alter(proof: &mut RunProof, rng: &mut StdRng) {
    let segments = proof.segments.len();
    let segment = rng.random_range(0..segments);
    let pick = |rng: &mut StdRng, len: usize| rng.random_range(0..len.max(1));
    if rng.random_range(0..8) == 0 {
        return match rng.random_range(0..6) {
            0 => proof.segments.swap(0, 1),
            1 => drop(proof.segments.remove(segment)),
            2 => proof.public_values.public_values[pick(rng, 32)] ^= 1 << rng.random_range(0..8),
            3 => proof.public_values.siblings[pick(rng, 2)][pick(rng, 8)] += field(rng),
            4 => proof.public_values.public_values.push(0),
            _ => proof.segments[segment].key_digest[pick(rng, 8)] += field(rng),
        };
    }
    let stark = &mut proof.segments[segment].stark;
    let batch = &mut stark.batch;
    match rng.random_range(0..9) {
        0 => {
            let at = pick(rng, stark.instance_counts.len());
            stark.instance_counts[at] = [0, 1, 2, 7, u32::MAX][pick(rng, 5)];
        }
        1 => {
            let air = pick(rng, stark.public_values.len());
            stark.public_values[air].push(field(rng));
        }
        2 => {
            let shown: Vec<usize> =
                (0..stark.public_values.len()).filter(|air| !stark.public_values[*air].is_empty()).collect();
            let values = &mut stark.public_values[shown[pick(rng, shown.len())]];
            let at = pick(rng, values.len());
            values[at] += field(rng);
        }
        3 => {
            let at = pick(rng, batch.degree_bits.len());
            batch.degree_bits[at] = [0, 1, 5, 22, 31, 63, 64, usize::MAX][pick(rng, 8)];
        }
        4 => {
            let at = pick(rng, batch.lookup_terminals.len());
            batch.lookup_terminals[at] = None;
        }
        5 => {
            let (a, b) = (pick(rng, batch.lookup_terminals.len()), pick(rng, batch.lookup_terminals.len()));
            batch.lookup_terminals.swap(a, b);
        }
        6 => {
            let at = pick(rng, batch.opened_values.instances.len());
            let opened = &mut batch.opened_values.instances[at];
            let values = match rng.random_range(0..3) {
                0 => &mut opened.permutation_local,
                1 => &mut opened.permutation_next,
                _ => &mut opened.base_opened_values.trace_local,
            };
            let at = pick(rng, values.len());
            match values.get_mut(at) {
                Some(value) if rng.random_range(0..3) > 0 => *value += field(rng),
                _ => drop(values.pop()),
            }
        }
        7 => {
            let at = pick(rng, batch.opened_values.instances.len());
            let chunks = &mut batch.opened_values.instances[at].base_opened_values.quotient_chunks;
            let at = pick(rng, chunks.len());
            match chunks.get_mut(at).and_then(|chunk| chunk.first_mut()) {
                Some(value) => *value += field(rng),
                None => chunks.push(Vec::new()),
            }
        }
        _ => {
            let witness = [&mut batch.lookup_pow_witness].into_iter().flatten().next();
            match witness {
                Some(witness) if rng.random_range(0..2) == 0 => *witness += field(rng),
                _ => batch.ood_pow_witness += field(rng),
            }
        }
    }
}

#[test]
fn no_corrupted_proof_is_accepted() {
    const FILES: u64 = 4000;
    const BODIES: u64 = 5000;
    const TYPED: u64 = 3000;
    let (key, proof) = small();
    let original = postcard::to_stdvec(&proof).unwrap();
    let preset = SecurityPreset::Conjectured100.name();
    let file = codec::encode(FileKind::ContinuationProof, Engine::name(), preset, &proof).unwrap();
    let fates = Fates::default();
    // Panics of the backend are caught by the verifier. Their messages, of threads without a name, would fill the log.
    let default_hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().name().is_some() {
            default_hook(info);
        }
    }));

    // Files: the checksum refuses what the header does not.
    (0..FILES).into_par_iter().for_each(|seed| {
        let (mut bytes, what) = (file.clone(), format!("file {seed}"));
        corrupt(&mut bytes, &mut StdRng::seed_from_u64(seed));
        let kind = FileKind::ContinuationProof;
        let decode = || codec::decode::<RunProof>(kind, Engine::name(), &bytes, codec::MAX_FILE_LEN).ok();
        if let Some((_, decoded)) = fates.decode(bytes.len(), &what, decode) {
            fates.judge(&key, &original, &decoded, &what);
        }
    });
    let files = fates.decoded.load(Ordering::Relaxed);

    // Bodies, as if the attacker had made the checksum right.
    (0..BODIES).into_par_iter().for_each(|seed| {
        let (mut bytes, what) = (original.clone(), format!("body {seed}"));
        corrupt(&mut bytes, &mut StdRng::seed_from_u64(seed));
        if let Some(decoded) = fates.decode(bytes.len(), &what, || codec::decode_body::<RunProof>(&bytes).ok()) {
            fates.judge(&key, &original, &decoded, &what);
        }
    });

    // Decoded proofs with one field changed.
    (0..TYPED).into_par_iter().for_each(|seed| {
        let mut altered = copy(&proof);
        alter(&mut altered, &mut StdRng::seed_from_u64(seed));
        fates.tried.fetch_add(1, Ordering::Relaxed);
        fates.judge(&key, &original, &altered, &format!("alteration {seed}"));
    });

    let [tried, unchanged, decoded, stark, memory] =
        [&fates.tried, &fates.unchanged, &fates.decoded, &fates.stark, &fates.memory]
            .map(|count| count.load(Ordering::Relaxed));
    println!(
        "{tried} corrupted proofs of {} bytes: {decoded} decoded, {unchanged} of them the same, {stark} refused by a STARK; \
         memory of decoding at most {memory} times the input",
        original.len()
    );
    assert_eq!(*fates.failures.lock().unwrap(), Vec::<String>::new());
    assert!(tried >= 10_000 && files <= unchanged, "{files} corrupted files have a valid checksum");
    assert!(stark >= 1500, "{stark}");
    assert!(memory <= 10, "{memory}");
}
