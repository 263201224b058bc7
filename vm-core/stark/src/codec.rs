//! The file format of keys, proofs and runs: a versioned header and a postcard body, decoded strictly.
//!
//! ```text
//! magic 8 | version u16 | kind u8 | engine (u8 length, text) | preset (u8 length, text) | body length u64
//!   | body | first 8 bytes of BLAKE3(everything before)
//! ```
//!
//! Integers of the header are little-endian. A value has exactly one encoding: the decoder rejects trailing bytes,
//! wrong lengths and integers that are not encoded minimally. Its memory is bounded by a small multiple of the length
//! of the input, whatever the input is: see [`FileKind::memory_limit`].

mod bounded;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use p3_blake3::Blake3;
use p3_symmetric::CryptographicHasher;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use bounded::Refused;

/// First bytes of every file.
pub const MAGIC: [u8; 8] = *b"vm-core\n";
/// Version of the format, for the header and all bodies.
pub const FORMAT_VERSION: u16 = 2;
/// Default limit for the length of a file: 1 GiB.
pub const MAX_FILE_LEN: usize = 1 << 30;
const CHECKSUM_LEN: usize = 8;
/// Memory in bytes that the lists of a small value may take, whatever its length.
const SMALL: usize = 1 << 18;
/// Memory in bytes that the lists of a proof may take per byte of the encoding. Lists of long rows of field elements
/// take little more than the encoding; a row of a single element takes 5.6 times as much, but only few rows are that
/// short.
const PROOF_MEMORY: usize = 4;
/// Same as [`PROOF_MEMORY`] for other values. They have lists of integers of 8 bytes, which may be encoded as a single
/// byte, and long lists, which take more while they grow.
const OTHER_MEMORY: usize = 12;

/// Kind of a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FileKind {
    /// Proof of a run in one segment.
    Proof = 1,
    /// Proofs of all segments of a run.
    ContinuationProof = 2,
    /// Verifying key.
    VerifyingKey = 3,
    /// Plan of a run.
    RunPlan = 4,
    /// State of a run at the start of a segment.
    SegmentState = 5,
    /// Proof of one segment of a run.
    SegmentProof = 6,
    /// Plan of fused blocks.
    FusionPlan = 7,
}

impl FileKind {
    fn from_byte(byte: u8) -> Option<Self> {
        [
            Self::Proof,
            Self::ContinuationProof,
            Self::VerifyingKey,
            Self::RunPlan,
            Self::SegmentState,
            Self::SegmentProof,
            Self::FusionPlan,
        ]
        .into_iter()
        .find(|&kind| kind as u8 == byte)
    }

    /// Returns how many bytes of memory the lists of a body of `len` bytes may take. A body with larger lists does not
    /// decode. The files that this program writes need less.
    pub fn memory_limit(self, len: usize) -> usize {
        let per_byte = match self {
            Self::Proof | Self::ContinuationProof | Self::SegmentProof => PROOF_MEMORY,
            Self::VerifyingKey | Self::RunPlan | Self::SegmentState | Self::FusionPlan => OTHER_MEMORY,
        };
        len.saturating_mul(per_byte).saturating_add(SMALL)
    }
}

impl core::fmt::Display for FileKind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Proof => "proof",
            Self::ContinuationProof => "continuation proof",
            Self::VerifyingKey => "verifying key",
            Self::RunPlan => "run plan",
            Self::SegmentState => "segment state",
            Self::SegmentProof => "segment proof",
            Self::FusionPlan => "plan of fused blocks",
        })
    }
}

/// Header of a file. The name of the preset is only for display and comparison: parameters come from keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileHeader {
    /// Version of the format.
    pub version: u16,
    /// Kind of the content.
    pub kind: FileKind,
    /// Name of the engine.
    pub engine: String,
    /// Name of the security preset.
    pub preset: String,
}

/// Error of encoding or decoding a file.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodecError {
    /// The file is longer than allowed.
    #[error("the file has {got} bytes; at most {max} are read")]
    TooLong {
        /// Limit.
        max: usize,
        /// Length of the file.
        got: usize,
    },
    /// The file ends within its header, or before the end of its body and checksum.
    #[error("the file is truncated: it has {got} bytes and needs at least {needed}")]
    Truncated {
        /// Number of bytes needed so far.
        needed: u64,
        /// Length of the file.
        got: usize,
    },
    /// There are bytes after the end of the content.
    #[error("{extra} bytes follow the end of the file's content")]
    Trailing {
        /// Number of these bytes.
        extra: u64,
    },
    /// The file does not start with [`MAGIC`].
    #[error("the file does not begin with the magic bytes of a vm-core file")]
    Magic,
    /// The file has another version of the format.
    #[error("format version {got}; this program reads version {expected}")]
    Version {
        /// Version that this program reads.
        expected: u16,
        /// Version of the file.
        got: u16,
    },
    /// The file contains something else.
    #[error("the file contains a {got}, not a {expected}")]
    Kind {
        /// Expected kind.
        expected: FileKind,
        /// Kind of the file.
        got: FileKind,
    },
    /// The byte for the kind of the file is unknown.
    #[error("unknown kind of file: {0}")]
    UnknownKind(u8),
    /// A name in the header is not UTF-8.
    #[error("the {0} name in the header is not UTF-8")]
    Text(&'static str),
    /// The file was made by another engine.
    #[error("the file was made by engine `{got}`, not `{expected}`")]
    Engine {
        /// Expected engine.
        expected: String,
        /// Engine of the file.
        got: String,
    },
    /// A name is too long for the header.
    #[error("the {what} name has {len} bytes; at most 255 fit the header")]
    NameTooLong {
        /// `engine` or `preset`.
        what: &'static str,
        /// Length of the name in bytes.
        len: usize,
    },
    /// The checksum is wrong.
    #[error("the checksum does not match: the file is damaged")]
    Checksum,
    /// The body is not a value of the expected type.
    #[error("the content does not decode: {0}")]
    Body(String),
    /// The body has lists that take much more memory than the file is long. No file that this program writes does.
    #[error(
        "the content would take more than {limit} bytes of memory, which is out of proportion to the length of the \
         file: it is damaged, or made to exhaust the memory of its reader"
    )]
    Memory {
        /// Limit for the memory of the lists, in bytes.
        limit: usize,
    },
    /// The body decodes, but it is not the only valid encoding of its value.
    #[error("the content is not canonically encoded")]
    NonCanonical,
}

/// Encodes a value as a file with a header and a checksum.
///
/// # Errors
///
/// - [`CodecError::NameTooLong`] if the name of the engine or the preset has more than 255 bytes.
/// - [`CodecError::Body`] if the value cannot be serialized.
pub fn encode<T: Serialize>(kind: FileKind, engine: &str, preset: &str, body: &T) -> Result<Vec<u8>, CodecError> {
    let mut out = Vec::new();
    out.extend(MAGIC);
    out.extend(FORMAT_VERSION.to_le_bytes());
    out.push(kind as u8);
    for (what, name) in [("engine", engine), ("preset", preset)] {
        let len = u8::try_from(name.len()).map_err(|_| CodecError::NameTooLong { what, len: name.len() })?;
        out.push(len);
        out.extend(name.as_bytes());
    }
    let body = postcard::to_allocvec(body).map_err(|e| CodecError::Body(e.to_string()))?;
    out.extend((body.len() as u64).to_le_bytes());
    out.extend(body);
    out.extend(checksum(&out));
    Ok(out)
}

/// Returns the BLAKE3 hash of `bytes`.
pub fn blake3(bytes: &[u8]) -> [u8; 32] {
    Blake3.hash_iter(bytes.iter().copied())
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_LEN] {
    let hash = blake3(bytes);
    core::array::from_fn(|i| hash[i])
}

/// Reads the header of a file and ignores its body.
///
/// # Errors
///
/// - [`CodecError::Truncated`] if the file ends within its header.
/// - [`CodecError::Magic`], [`CodecError::Version`], [`CodecError::UnknownKind`] or [`CodecError::Text`] if a field of
///   the header is invalid.
pub fn peek(bytes: &[u8]) -> Result<FileHeader, CodecError> {
    Ok(Reader::new(bytes).header()?.0)
}

/// Decodes a file of the given kind and engine, of at most `max_len` bytes.
///
/// # Errors
///
/// - [`CodecError::TooLong`] if the file has more than `max_len` bytes.
/// - The errors of [`peek`] if the header is invalid.
/// - [`CodecError::Kind`] or [`CodecError::Engine`] if the header has another kind or engine.
/// - [`CodecError::Truncated`] or [`CodecError::Trailing`] if the length of the file differs from that in the header.
/// - [`CodecError::Checksum`] if the file is damaged.
/// - The errors of [`decode_body`] if the body is invalid.
pub fn decode<T: Serialize + DeserializeOwned>(
    kind: FileKind,
    engine: &str,
    bytes: &[u8],
    max_len: usize,
) -> Result<(FileHeader, T), CodecError> {
    decode_list(kind, engine, bytes, max_len, |_| usize::MAX)
}

/// Same as [`decode`] for a body that begins with a list, such as the segments of a run. `max_body` returns the largest
/// length of a body whose list announces that it has a given number of elements.
///
/// # Errors
///
/// - [`CodecError::TooLong`] if the file has more than `max_len` bytes, or if its body is longer than `max_body`
///   allows.
/// - The other errors of [`decode`].
pub fn decode_list<T: Serialize + DeserializeOwned>(
    kind: FileKind,
    engine: &str,
    bytes: &[u8],
    max_len: usize,
    max_body: impl FnOnce(usize) -> usize,
) -> Result<(FileHeader, T), CodecError> {
    if bytes.len() > max_len {
        return Err(CodecError::TooLong { max: max_len, got: bytes.len() });
    }
    let mut reader = Reader::new(bytes);
    let (header, body_len) = reader.header()?;
    if header.kind != kind {
        return Err(CodecError::Kind { expected: kind, got: header.kind });
    }
    if header.engine != engine {
        return Err(CodecError::Engine { expected: engine.into(), got: header.engine });
    }
    let needed = (reader.position as u64).saturating_add(body_len).saturating_add(CHECKSUM_LEN as u64);
    let len = bytes.len() as u64;
    if len < needed {
        return Err(CodecError::Truncated { needed, got: bytes.len() });
    }
    if len > needed {
        return Err(CodecError::Trailing { extra: len - needed });
    }
    let (content, sum) = bytes.split_at(bytes.len() - CHECKSUM_LEN);
    if checksum(content) != sum {
        return Err(CodecError::Checksum);
    }
    let body = &content[reader.position..];
    // If the length of the list is malformed, decoding fails.
    let elements = postcard::take_from_bytes::<usize>(body).map_or(0, |(elements, _)| elements);
    // Soundness (M38): nothing is decoded from a body that no proof under the key has.
    let max = max_body(elements);
    if body.len() > max {
        return Err(CodecError::TooLong { max, got: body.len() });
    }
    Ok((header, decode_body(kind, body)?))
}

/// Decodes the body of a file of some kind, which is a postcard value, and checks that `bytes` is its only valid
/// encoding. Lists take at most [`FileKind::memory_limit`] bytes.
///
/// # Errors
///
/// - [`CodecError::Memory`] if the lists of the value would take more memory.
/// - [`CodecError::Body`] if the bytes do not decode to a value of the type.
/// - [`CodecError::Trailing`] if bytes follow the value.
/// - [`CodecError::NonCanonical`] if the encoding of the value differs from the bytes.
pub fn decode_body<T: Serialize + DeserializeOwned>(kind: FileKind, bytes: &[u8]) -> Result<T, CodecError> {
    let limit = kind.memory_limit(bytes.len());
    // Soundness (M38): the memory is limited before anything is allocated.
    let (value, rest) = bounded::take_from_bytes::<T>(bytes, limit).map_err(|refused| match refused {
        Refused::Memory => CodecError::Memory { limit },
        Refused::Malformed(error) => CodecError::Body(error.to_string()),
    })?;
    if !rest.is_empty() {
        return Err(CodecError::Trailing { extra: rest.len() as u64 });
    }
    // Soundness (class 20): postcard also accepts longer encodings of integers, which decode to the same value.
    match postcard::serialize_with_flavor(&value, Compared(bytes)) {
        Ok(true) => Ok(value),
        Ok(false) | Err(postcard::Error::SerializeBufferFull) => Err(CodecError::NonCanonical),
        Err(error) => Err(CodecError::Body(error.to_string())),
    }
}

/// Output of an encoder that compares the encoding with known bytes instead of storing it. Fails at the first
/// difference, and results in whether there were as many bytes.
struct Compared<'a>(&'a [u8]);

impl postcard::ser_flavors::Flavor for Compared<'_> {
    type Output = bool;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0 = self.0.strip_prefix(bytes).ok_or(postcard::Error::SerializeBufferFull)?;
        Ok(())
    }

    fn finalize(self) -> postcard::Result<bool> {
        Ok(self.0.is_empty())
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], CodecError> {
        let end = self.position + len;
        let part = self
            .bytes
            .get(self.position..end)
            .ok_or(CodecError::Truncated { needed: end as u64, got: self.bytes.len() })?;
        self.position = end;
        Ok(part)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    fn text(&mut self, what: &'static str) -> Result<String, CodecError> {
        let [len] = self.array()?;
        let bytes = self.take(usize::from(len))?;
        String::from_utf8(bytes.to_vec()).map_err(|_| CodecError::Text(what))
    }

    /// Reads the header and the length of the body.
    fn header(&mut self) -> Result<(FileHeader, u64), CodecError> {
        if self.array::<8>()? != MAGIC {
            return Err(CodecError::Magic);
        }
        let version = u16::from_le_bytes(self.array()?);
        if version != FORMAT_VERSION {
            return Err(CodecError::Version { expected: FORMAT_VERSION, got: version });
        }
        let [kind] = self.array()?;
        let kind = FileKind::from_byte(kind).ok_or(CodecError::UnknownKind(kind))?;
        let engine = self.text("engine")?;
        let preset = self.text("preset")?;
        let body_len = u64::from_le_bytes(self.array()?);
        Ok((FileHeader { version, kind, engine, preset }, body_len))
    }
}
