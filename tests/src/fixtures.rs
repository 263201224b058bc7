//! Guest programs from `tests/fixtures/`, with their inputs and expected results.
//!
//! The expected results are computed here, natively and in a different way than in the guests. [`all`] returns every
//! program with its default inputs. Functions with parameters let a test choose the workload.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Size of the public values that [`Fixture::expected`] assumes, in bytes.
pub const NUM_PUBLIC_VALUES: usize = 32;

/// A guest program with its inputs and the expected result.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// Name of the program, with the parameters of this case in parentheses if it has any. Unique in [`all`].
    pub name: String,
    /// Content of the ELF file.
    pub elf: &'static [u8],
    /// Input vectors, in the order in which the guest reads them.
    pub inputs: Vec<Vec<u8>>,
    /// How the run must end.
    pub expected: Expected,
}

/// Expected end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The program terminates.
    Exit {
        /// The exit code.
        code: u32,
        /// The public values: [`NUM_PUBLIC_VALUES`] bytes.
        public_values: Vec<u8>,
        /// The text that the program prints.
        printed: String,
    },
    /// Execution fails.
    Error(Failure),
}

/// Kinds of execution errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The word at the program counter is not an instruction.
    IllegalInstruction,
    /// An address that is not a multiple of the access size.
    Misaligned,
    /// A jump to an address outside the program.
    PcOutOfProgram,
    /// `hintinput` when no input vector is left.
    NoInput,
    /// A hint store beyond the end of the hint stream.
    HintStreamTooShort,
    /// A public value at an offset beyond the last one.
    PublicValueOutOfRange,
}

macro_rules! elf {
    ($name:literal) => {
        include_bytes!(concat!("../fixtures/elf/", $name, ".elf"))
    };
}

fn success(public_values: impl IntoIterator<Item = u8>) -> Expected {
    exit(0, public_values, "")
}

fn exit(code: u32, public_values: impl IntoIterator<Item = u8>, printed: &str) -> Expected {
    let mut public_values: Vec<u8> = public_values.into_iter().collect();
    public_values.resize(NUM_PUBLIC_VALUES, 0);
    Expected::Exit { code, public_values, printed: printed.to_string() }
}

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn fixture(name: impl Into<String>, elf: &'static [u8], inputs: Vec<Vec<u8>>, expected: Expected) -> Fixture {
    Fixture { name: name.into(), elf, inputs, expected }
}

/// Returns every program with inputs that keep the run short (at most about 200,000 instructions).
pub fn all() -> Vec<Fixture> {
    let mut all = vec![
        fibonacci(0),
        fibonacci(1000),
        sha256(b""),
        sha256(&pseudo_random_bytes(1, 119)),
        sha256(&pseudo_random_bytes(2, 120)),
        sha256(&pseudo_random_bytes(3, 1000)),
        quicksort(&[]),
        quicksort(&[7; 40]),
        quicksort(&pseudo_random_words(4, 500)),
        div64(0xfedc_ba98_7654_3210, 0x1_2345_6789),
        div64(10_000_000_000, -3i64 as u64),
        div64(i64::MIN as u64, u64::MAX),
        div64(1, 0),
        calls(40),
        calls(1000),
        debuggee(3),
        debuggee(40),
        exit_ecall(0),
        exit_ecall(42),
        exit_ecall(0x1_02ff),
        exit_code(),
        tiny(),
        unimp(),
        unknown_insn(false),
        unknown_insn(true),
        jump_out(0),
        jump_out(0x1fff_fffc),
        missing_input(&[]),
        missing_input(&[&[]]),
        missing_input(&[&[1, 2, 3, 4, 5]]),
        subword(&pseudo_random_bytes(5, 403)),
        print(0),
        print(4_294_967_295),
        rust_alloc(&Order::example()),
        rust_alloc(&Order { customer: String::new(), items: vec![], discount_percent: None }),
        rust_alloc_undecodable(),
        rust_io(&Task::example(), &[0xfe, 0xff, 0]),
        rust_io(&Task { amounts: vec![], ..Task::example() }, &[]),
        rust_io(&Task { limit: Some(6_000_000_000), ..Task::example() }, &[1]),
        rust_io(&Task { panic: true, ..Task::example() }, &[]),
        // The sum no longer fits into the public values.
        rust_io(&Task::example(), &[7; NUM_PUBLIC_VALUES - 8]),
        rust_io_undecodable(),
        rust_sha2(b"abc"),
        rust_sha2(&pseudo_random_bytes(6, 300)),
    ];
    all.extend([0, 1, 2, 3, 4, 5, 6].into_iter().flat_map(|kind| (0..5).map(move |offset| misaligned(kind, offset))));
    all.extend([0, 28, 30, 32, 0x4000_0000, u32::MAX - 3].map(reveal_oob));
    all
}

/// Returns `count` deterministic words: the upper halves of the outputs of SplitMix64.
pub fn pseudo_random_words(seed: u64, count: usize) -> Vec<u32> {
    let next = |i: usize| {
        let mut z = seed.wrapping_add((i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 32) as u32
    };
    (0..count).map(next).collect()
}

/// Returns `count` deterministic bytes: those of [`pseudo_random_words`], little endian.
pub fn pseudo_random_bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut bytes = words(&pseudo_random_words(seed, count.div_ceil(4)));
    bytes.truncate(count);
    bytes
}

/// Reveals the `n`-th Fibonacci number modulo 2^32; about `5 n` instructions.
pub fn fibonacci(n: u32) -> Fixture {
    // [[1, 1], [1, 0]]^n by squaring; the upper right entry is fib(n).
    let product = |a: [u32; 4], b: [u32; 4]| {
        let entry = |i: usize, j: usize| a[2 * i].wrapping_mul(b[j]).wrapping_add(a[2 * i + 1].wrapping_mul(b[2 + j]));
        [entry(0, 0), entry(0, 1), entry(1, 0), entry(1, 1)]
    };
    let (mut power, mut result) = ([1, 1, 1, 0], [1, 0, 0, 1]);
    for bit in 0..32 {
        if (n >> bit) & 1 == 1 {
            result = product(result, power);
        }
        power = product(power, power);
    }
    fixture(format!("fibonacci({n})"), elf!("fibonacci"), vec![words(&[n])], success(words(&[result[1]])))
}

/// Calls functions in several ways, also in spans, and reveals a number that depends on all of them.
pub fn calls(n: u32) -> Fixture {
    let descend = (1..=n).fold(1u32, |below, n| below ^ (below << 1) ^ n);
    let second = |n: u32| n.wrapping_mul(3).wrapping_add(1);
    let sum = (0..n).fold(0u32, |sum, i| sum.wrapping_add(i ^ (sum << 3)));
    let result = descend.wrapping_add(second(n ^ 5)).wrapping_add(second(n)).wrapping_add(sum);
    let result = if n == 1000 { result / 7 } else { result };
    fixture(format!("calls({n})"), elf!("calls"), vec![words(&[n])], success(words(&[result])))
}

/// Prints the squares of 1 to `n`, reveals their sum, and ends with exit code 5.
pub fn debuggee(n: u32) -> Fixture {
    let squares = (1..=n).map(|i| i * i);
    let printed: String = squares.clone().map(|square| format!("{square}\n")).collect();
    fixture(format!("debuggee({n})"), elf!("debuggee"), vec![words(&[n])], exit(5, words(&[squares.sum()]), &printed))
}

/// Reveals the SHA-256 digest of `message` (at most 64 KiB); about 7,000 instructions per 64 bytes.
pub fn sha256(message: &[u8]) -> Fixture {
    let name = format!("sha256({} bytes)", message.len());
    fixture(name, elf!("sha256"), vec![message.to_vec()], success(Sha256::digest(message)))
}

/// Sorts `values` (at most 65,536) and reveals a checksum of the order, the count, the minimum and the maximum.
pub fn quicksort(values: &[u32]) -> Fixture {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let checksum = sorted.iter().fold(17u32, |sum, &value| sum.wrapping_mul(31).wrapping_add(value));
    let ends = [sorted.first(), sorted.last()].map(|end| end.copied().unwrap_or(0));
    let public_values = words(&[checksum, sorted.len() as u32, ends[0], ends[1]]);
    let name = format!("quicksort({} words)", values.len());
    fixture(name, elf!("quicksort"), vec![words(values)], success(public_values))
}

/// Reveals quotient and remainder of `a` by `b`, unsigned and then signed; exit code 3 if `b` is 0.
pub fn div64(a: u64, b: u64) -> Fixture {
    let expected = match b {
        0 => exit(3, [], ""),
        _ => {
            let signed = ((a as i64).wrapping_div(b as i64), (a as i64).wrapping_rem(b as i64));
            success([a / b, a % b, signed.0 as u64, signed.1 as u64].into_iter().flat_map(u64::to_le_bytes))
        }
    };
    let input = [a.to_le_bytes(), b.to_le_bytes()].concat();
    fixture(format!("div64({a:#x}, {b:#x})"), elf!("div64"), vec![input], expected)
}

/// Reveals `!status` and ends with the exit system call, which keeps the low byte of `status`.
pub fn exit_ecall(status: u32) -> Fixture {
    let expected = exit(status & 0xff, words(&[!status]), "");
    fixture(format!("exit_ecall({status})"), elf!("exit_ecall"), vec![words(&[status])], expected)
}

/// Reveals a constant and ends with exit code 7.
pub fn exit_code() -> Fixture {
    fixture("exit_code", elf!("exit_code"), vec![], exit(7, words(&[0x600d_f00d]), ""))
}

/// Executes about 600 instructions. Takes no input.
pub fn tiny() -> Fixture {
    let x = (0..73).fold(1u32, |x, _| {
        let x = x ^ (x << 13);
        let x = x ^ (x >> 17);
        x ^ (x << 5)
    });
    fixture("tiny", elf!("tiny"), vec![], success(words(&[x.wrapping_mul(0x9e37_79b9)])))
}

/// Executes a fence and then `unimp`, which ends the run with exit code 2.
pub fn unimp() -> Fixture {
    fixture("unimp", elf!("unimp"), vec![], exit(2, words(&[0xdead]), ""))
}

/// Executes an undecodable word if `execute` is set, and jumps over it otherwise.
pub fn unknown_insn(execute: bool) -> Fixture {
    let expected = if execute { Expected::Error(Failure::IllegalInstruction) } else { success(words(&[1])) };
    let input = words(&[u32::from(execute)]);
    fixture(format!("unknown_insn({execute})"), elf!("unknown_insn"), vec![input], expected)
}

/// Jumps to `address`, which must be outside the program.
pub fn jump_out(address: u32) -> Fixture {
    let expected = Expected::Error(Failure::PcOutOfProgram);
    fixture(format!("jump_out({address:#x})"), elf!("jump_out"), vec![words(&[address])], expected)
}

/// Reads the length and two more words of the first input without checking that they exist.
pub fn missing_input(inputs: &[&[u8]]) -> Fixture {
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0u32, |value, &byte| (value << 8) | u32::from(byte));
    let expected = match inputs.first().map(|input| input.chunks(4).collect::<Vec<_>>()) {
        None => Expected::Error(Failure::NoInput),
        Some(chunks) if chunks.len() < 2 => Expected::Error(Failure::HintStreamTooShort),
        Some(chunks) => success(words(&[word(chunks[0]).wrapping_add(word(chunks[1]))])),
    };
    let lengths: Vec<usize> = inputs.iter().map(|input| input.len()).collect();
    let inputs = inputs.iter().map(|input| input.to_vec()).collect();
    fixture(format!("missing_input({lengths:?})"), elf!("missing_input"), inputs, expected)
}

/// Accesses a 12-byte buffer at `offset` (below 8). The kinds are 0 lw, 1 lh, 2 lhu, 3 sw, 4 sh, 5 hintstorew and
/// 6 hintbuffer.
pub fn misaligned(kind: u32, offset: u32) -> Fixture {
    let size = if matches!(kind, 1 | 2 | 4) { 2 } else { 4 };
    let second_input = vec![0xaa, 0xbb];
    let expected = if !offset.is_multiple_of(size) {
        Expected::Error(Failure::Misaligned)
    } else {
        // Byte i of the buffer is 0x80 + i.
        let bytes: [u8; 4] = std::array::from_fn(|i| 0x80 + offset as u8 + i as u8);
        success(words(&[match kind {
            0 => u32::from_le_bytes(bytes),
            1 => i32::from(i16::from_le_bytes([bytes[0], bytes[1]])) as u32,
            2 => u32::from(u16::from_le_bytes([bytes[0], bytes[1]])),
            3 | 4 => 0x1234,
            // First word of the buffer. At offset 0, the length of the second input has overwritten it.
            _ if offset == 0 => second_input.len() as u32,
            _ => 0x8382_8180,
        }]))
    };
    let inputs = vec![words(&[kind, offset]), second_input];
    fixture(format!("misaligned({kind}, {offset})"), elf!("misaligned"), inputs, expected)
}

/// Reveals a word at `offset`, which may be misaligned or out of range.
pub fn reveal_oob(offset: u32) -> Fixture {
    let expected = match offset as usize {
        offset if offset % 4 != 0 => Expected::Error(Failure::Misaligned),
        offset if offset < NUM_PUBLIC_VALUES => success([vec![0; offset], words(&[0xabad_1dea])].concat()),
        _ => Expected::Error(Failure::PublicValueOutOfRange),
    };
    fixture(format!("reveal_oob({offset:#x})"), elf!("reveal_oob"), vec![words(&[offset])], expected)
}

/// Loads and stores with all widths on `input` (at most 1 KiB). An incomplete last word is ignored.
pub fn subword(input: &[u8]) -> Fixture {
    let (mut sum, mut total) = (0u32, 0u32);
    for chunk in input.chunks_exact(4) {
        let mut b = [chunk[0], chunk[1], chunk[2], chunk[3]];
        sum = sum.rotate_left(5).wrapping_add_signed(i32::from(b[0] as i8));
        sum ^= u32::from(b[1]);
        sum = sum.wrapping_add_signed(i32::from(i16::from_le_bytes([b[2], b[3]])));
        sum ^= u32::from(u16::from_le_bytes([b[0], b[1]]));
        sum = sum.wrapping_add(u32::from_le_bytes(b));
        b[3] = sum as u8;
        [b[0], b[1]] = ((sum >> 8) as u16).to_le_bytes();
        sum ^= u32::from_le_bytes(b);
        // The guest has stored `sum` here and does not write this word again.
        total = total.wrapping_add(sum);
    }
    let name = format!("subword({} bytes)", input.len());
    fixture(name, elf!("subword"), vec![input.to_vec()], success(words(&[sum, total])))
}

/// Prints a greeting and `n`, and reveals the number of digits of `n`.
pub fn print(n: u32) -> Fixture {
    let printed = format!("Grüße from the guest: {n}\n");
    let expected = exit(0, words(&[n.to_string().len() as u32]), &printed);
    fixture(format!("print({n})"), elf!("print"), vec![words(&[n])], expected)
}

/// Input of the `rust_alloc` guest, encoded with postcard.
#[derive(Clone, Debug, Serialize)]
pub struct Order {
    /// Name of the customer; any text.
    pub customer: String,
    /// Lines of the order. An article may occur in several lines.
    pub items: Vec<Item>,
    /// Discount on the total, in percent. Values above 100 count as 100.
    pub discount_percent: Option<u8>,
}

/// A line of an [`Order`].
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// Name of the article; any text.
    pub article: String,
    /// Number of pieces.
    pub quantity: u32,
    /// Price of one piece, in cents.
    pub price_cents: u64,
}

impl Order {
    /// Returns an order of four items with a repeated article and non-ASCII text.
    pub fn example() -> Self {
        let item = |article: &str, quantity, price_cents| Item { article: article.into(), quantity, price_cents };
        Self {
            customer: "Zoë".into(),
            items: vec![
                item("tea", 3, 1_299),
                item("cup", 12, 450),
                item("tea", 1, 1_350),
                item("kettle", 1, 4_294_967_296),
            ],
            discount_percent: Some(15),
        }
    }
}

/// Deserializes `order`, prints an invoice and reveals the total, the number of articles and a hash of the invoice. The
/// guest uses an allocator, serde, `BTreeMap` and `format!`.
pub fn rust_alloc(order: &Order) -> Fixture {
    let mut articles: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for item in &order.items {
        articles.entry(&item.article).or_default().push(item);
    }
    let mut invoice = format!("Invoice for {}\n", order.customer);
    let mut total = 0;
    for (article, items) in &articles {
        let quantity: u64 = items.iter().map(|item| u64::from(item.quantity)).sum();
        let cents: u64 = items.iter().map(|item| u64::from(item.quantity) * item.price_cents).sum();
        total += cents;
        invoice += &format!("{quantity:>5} × {article}: {}.{:02}\n", cents / 100, cents % 100);
    }
    if let Some(percent) = order.discount_percent {
        total -= total * u64::from(percent.min(100)) / 100;
    }
    invoice += &format!("Total {}.{:02}\n", total / 100, total % 100);

    let fnv1a = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    let hash = invoice.bytes().fold(2_166_136_261, fnv1a);
    let public_values = words(&[total as u32, (total >> 32) as u32, articles.len() as u32, hash]);
    // Serialization of strings, integers and sequences of them cannot fail.
    let input = postcard::to_stdvec(order).expect("serialization of an order cannot fail");
    let name = format!("rust_alloc({} items)", order.items.len());
    fixture(name, elf!("rust_alloc"), vec![input], exit(0, public_values, &invoice))
}

/// Gives `rust_alloc` an input that does not decode as an [`Order`]. The guest ends with exit code 4.
pub fn rust_alloc_undecodable() -> Fixture {
    fixture("rust_alloc(undecodable)", elf!("rust_alloc"), vec![vec![0xff; 3]], exit(4, [], ""))
}

/// First input of the `rust_io` guest.
#[derive(Clone, Debug, Serialize)]
pub struct Task {
    /// Name of the task; any text.
    pub name: String,
    /// Numbers to add up.
    pub amounts: Vec<u32>,
    /// Largest sum that is not an error; no limit if absent.
    pub limit: Option<u64>,
    /// Whether the guest panics instead of committing anything.
    pub panic: bool,
}

impl Task {
    /// Returns a task that succeeds.
    pub fn example() -> Self {
        Self { name: "Größe".into(), amounts: vec![3, u32::MAX, 2_000_000_000], limit: None, panic: false }
    }

    /// Returns the sum of the amounts.
    pub fn sum(&self) -> u64 {
        self.amounts.iter().map(|amount| u64::from(*amount)).sum()
    }
}

/// First value that the `rust_io` guest commits. The input bytes and the sum follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The largest amount; `None` if there are no amounts.
    pub largest: Option<u32>,
    /// Length of the task's name, in bytes.
    pub name_length: u16,
}

/// Reads typed input, prints, and commits typed public values with the guest library. `task` decides whether the guest
/// succeeds, returns an error or panics.
pub fn rust_io(task: &Task, bytes: &[u8]) -> Fixture {
    let amounts: String = task.amounts.iter().map(|amount| format!(" {amount}")).collect();
    let printed = format!("{}:{amounts}\n", task.name);
    let summary = Summary { largest: task.amounts.iter().max().copied(), name_length: task.name.len() as u16 };
    // Serialization of numbers, strings and sequences of them cannot fail.
    let encode = |value: Result<Vec<u8>, postcard::Error>| value.expect("serialization cannot fail");
    let committed =
        [encode(postcard::to_stdvec(&summary)), bytes.to_vec(), encode(postcard::to_stdvec(&task.sum()))].concat();
    let expected = if task.panic {
        exit(1, [], &format!("{printed}panicked at {}:\npanic on demand of {}\n", rust_io_place("panic!("), task.name))
    } else if let Some(limit) = task.limit.filter(|limit| task.sum() > *limit) {
        exit(1, [], &format!("{printed}error: {} is more than {limit}\n", task.sum()))
    } else if committed.len() > NUM_PUBLIC_VALUES {
        Expected::Error(Failure::PublicValueOutOfRange)
    } else {
        exit(0, committed, &printed)
    };
    let name = format!("rust_io({task:?}, {} bytes)", bytes.len());
    fixture(name, elf!("rust_io"), vec![encode(postcard::to_stdvec(task)), bytes.to_vec()], expected)
}

/// Returns the file, line and column of the first occurrence of `code` in the source of `rust_io`, in the format of a
/// panic message.
fn rust_io_place(code: &str) -> String {
    let source = include_str!("../fixtures/rust/rust_io/src/main.rs");
    let place = source.lines().enumerate().find_map(|(line, text)| Some((line + 1, text.find(code)? + 1)));
    let (line, column) = place.expect("the guest's source contains this code");
    format!("rust_io/src/main.rs:{line}:{column}")
}

/// Gives `rust_io` an input that does not decode as a [`Task`]. The guest panics.
pub fn rust_io_undecodable() -> Fixture {
    // The input announces a name of five bytes and has only two of them.
    let error = postcard::from_bytes::<String>(&[5, b'a', b'b']).expect_err("the input is too short");
    let message = format!("input vector 0 (3 bytes) is no postcard encoding of rust_io::Task: {error}");
    let printed = format!("panicked at {}:\n{message}\n", rust_io_place("io::read()"));
    fixture("rust_io(undecodable)", elf!("rust_io"), vec![vec![5, b'a', b'b'], vec![]], exit(1, [], &printed))
}

/// Reveals the SHA-256 digest of `message`, computed by the `sha2` crate in the guest.
pub fn rust_sha2(message: &[u8]) -> Fixture {
    let name = format!("rust_sha2({} bytes)", message.len());
    fixture(name, elf!("rust_sha2"), vec![message.to_vec()], success(Sha256::digest(message)))
}
