//! Guest memory on the host, and the controller through which executors access it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::arch::buses::is_access_width;
use crate::arch::config::MemoryConfig;
use crate::arch::execution::{ExecutionMode, WideAccess};
use crate::instructions::MemoryImage;

use super::words::WordStore;

/// Reason why the machine refuses a memory access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum MemoryError {
    /// The pointer is not a multiple of the access width.
    #[error("misaligned access: pointer {pointer:#x} is not a multiple of {width}")]
    Misaligned {
        /// Byte pointer of the access.
        pointer: u32,
        /// Number of bytes of which the pointer must be a multiple.
        width: u32,
    },
    /// The pointer is outside of the address space.
    #[error("{}", describe_range(*space, *pointer, *size))]
    OutOfRange {
        /// Number of the address space.
        space: u32,
        /// Byte pointer of the access; for a wide access, that of the first word that does not exist.
        pointer: u32,
        /// Size of the address space in bytes; 0 if the space does not exist.
        size: u64,
    },
}

fn describe_range(space: u32, pointer: u32, size: u64) -> String {
    match space {
        super::MAIN_SPACE => format!("address {pointer:#x} is outside of memory, which ends at {size:#x}"),
        _ => format!("pointer {pointer:#x} is outside of address space {space} ({size:#x} bytes)"),
    }
}

/// Result of a memory access. The error is boxed so that the success path stays in registers.
pub type MemoryResult<T> = Result<T, Box<MemoryError>>;

impl From<Box<MemoryError>> for MemoryError {
    fn from(error: Box<MemoryError>) -> Self {
        *error
    }
}

#[cold]
#[inline(never)]
fn misaligned(pointer: u32) -> Box<MemoryError> {
    Box::new(MemoryError::Misaligned { pointer, width: 4 })
}

/// Record of a read, for filling the trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadRecord {
    /// Time of the word's previous access, or of its refresh if one was needed. 0 in modes that do not record.
    pub prev_timestamp: u32,
}

/// Record of a write, for filling the trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteRecord {
    /// Time of the word's previous access, or of its refresh if one was needed. 0 in modes that do not record.
    pub prev_timestamp: u32,
    /// Content of the word before the write.
    pub prev_data: u32,
}

/// Memory of the guest: the words of all address spaces.
pub struct GuestMemory {
    words: WordStore,
    offset: u32,
}

impl GuestMemory {
    /// Creates zeroed memory. `num_public_values` is a number of bytes.
    pub fn new(config: &MemoryConfig, num_public_values: usize) -> Self {
        Self { words: WordStore::new(config, num_public_values), offset: config.as_offset }
    }

    /// Creates memory with the content of an image.
    ///
    /// # Errors
    /// Returns an error if a pointer of the image is misaligned or outside of its address space.
    pub fn from_image(
        config: &MemoryConfig,
        num_public_values: usize,
        image: &MemoryImage,
    ) -> Result<Self, MemoryError> {
        let mut memory = Self::new(config, num_public_values);
        for (&(space, pointer), &value) in image {
            memory.poke(space, pointer, value)?;
        }
        Ok(memory)
    }

    /// Returns a copy, such as the memory at the start of a segment. It shares pages until either side writes to them.
    pub fn snapshot(&mut self) -> Self {
        Self { words: self.words.snapshot(), offset: self.offset }
    }

    /// Returns the number of the first address space.
    pub fn offset(&self) -> u32 {
        self.offset
    }

    /// Returns the words, which are addressed by the 0-based index of the address space and the index of the word.
    pub fn words(&self) -> &WordStore {
        &self.words
    }

    /// Returns all words of the address space with number `space`. Meant for the small spaces of registers and public
    /// values.
    pub fn space_words(&self, space: u32) -> Vec<u32> {
        let index = self.space_index(space);
        (0..self.words.len(index)).map(|word| self.words.get(index, word).unwrap_or(0)).collect()
    }

    #[inline(always)]
    fn space_index(&self, space: u32) -> usize {
        space.wrapping_sub(self.offset) as usize
    }

    #[inline(always)]
    fn slot(&mut self, space: u32, pointer: u32) -> MemoryResult<&mut u32> {
        if !pointer.is_multiple_of(4) {
            return Err(misaligned(pointer));
        }
        let (index, word) = (self.space_index(space), (pointer / 4) as usize);
        if word >= self.words.len(index) {
            return Err(self.out_of_range(space, pointer));
        }
        match self.words.get_mut(index, word) {
            Some(slot) => Ok(slot),
            None => Err(misaligned(pointer)),
        }
    }

    #[cold]
    #[inline(never)]
    fn out_of_range(&self, space: u32, pointer: u32) -> Box<MemoryError> {
        let size = self.words.len(self.space_index(space)) as u64 * 4;
        Box::new(MemoryError::OutOfRange { space, pointer, size })
    }

    /// Writes the word at `pointer` without recording an access.
    ///
    /// # Errors
    /// Returns an error if the pointer is misaligned or outside of the address space.
    pub fn poke(&mut self, space: u32, pointer: u32, value: u32) -> MemoryResult<()> {
        *self.slot(space, pointer)? = value;
        Ok(())
    }

    /// Reads the word at `pointer` without recording an access.
    ///
    /// # Errors
    /// Returns an error if the pointer is misaligned or outside of the address space.
    #[inline(always)]
    pub fn peek(&self, space: u32, pointer: u32) -> MemoryResult<u32> {
        if !pointer.is_multiple_of(4) {
            return Err(misaligned(pointer));
        }
        match self.words.get(self.space_index(space), (pointer / 4) as usize) {
            Some(value) => Ok(value),
            None => Err(self.out_of_range(space, pointer)),
        }
    }

    /// Returns the 0-based indices of an address space and of the first of `words` words, after checking that all of
    /// them exist.
    #[inline(always)]
    fn words_at(&self, space: u32, pointer: u32, words: usize) -> MemoryResult<(usize, usize)> {
        if !pointer.is_multiple_of(4) {
            return Err(misaligned(pointer));
        }
        let (index, first) = (self.space_index(space), (pointer / 4) as usize);
        let len = self.words.len(index);
        if first + words > len {
            // The first word that does not exist. Spaces end below 2^29, so it has a pointer.
            return Err(self.out_of_range(space, (first.max(len) * 4) as u32));
        }
        Ok((index, first))
    }

    /// Reads `N` consecutive words without recording an access. Unlike for [`MemoryController::read_wide`], `N` may be
    /// any number.
    ///
    /// # Errors
    /// Returns an error if the pointer is misaligned, or if one of the words is outside of the address space.
    #[inline(always)]
    pub fn peek_wide<const N: usize>(&self, space: u32, pointer: u32) -> MemoryResult<[u32; N]> {
        let (index, first) = self.words_at(space, pointer, N)?;
        Ok(std::array::from_fn(|i| self.words.get(index, first + i).unwrap_or(0)))
    }

    /// Reads `len` bytes, starting at any `pointer`, without recording an access.
    ///
    /// # Errors
    /// Returns an error if one of the bytes is outside of the address space.
    pub fn peek_bytes(&self, space: u32, pointer: u32, len: usize) -> MemoryResult<Vec<u8>> {
        (0..len as u64)
            .map(|i| {
                let at = u32::try_from(u64::from(pointer) + i).map_err(|_| self.out_of_range(space, pointer))?;
                Ok(self.peek(space, at & !3)?.to_le_bytes()[(at % 4) as usize])
            })
            .collect()
    }
}

/// Controller through which executors access memory. It informs the mode of execution about every access.
pub struct MemoryController<M> {
    memory: GuestMemory,
    /// State of the mode of execution: counters or a log.
    pub mode: M,
}

impl<M: ExecutionMode> MemoryController<M> {
    /// Creates a controller of `memory`.
    pub fn new(memory: GuestMemory, mode: M) -> Self {
        Self { memory, mode }
    }

    /// Returns the controlled memory.
    pub fn memory(&self) -> &GuestMemory {
        &self.memory
    }

    /// Returns the controlled memory for changes that are not accesses of the guest.
    pub fn memory_mut(&mut self) -> &mut GuestMemory {
        &mut self.memory
    }

    /// Returns a [snapshot](GuestMemory::snapshot) of the controlled memory.
    pub fn snapshot(&mut self) -> GuestMemory {
        self.memory.snapshot()
    }

    /// Returns the controlled memory and the state of the mode.
    pub fn into_parts(self) -> (GuestMemory, M) {
        (self.memory, self.mode)
    }

    /// Returns the current time; 0 in modes that keep no time.
    #[inline(always)]
    pub fn timestamp(&self) -> u32 {
        self.mode.timestamp()
    }

    /// Advances time by one tick without an access.
    #[inline(always)]
    pub fn tick(&mut self) {
        self.mode.tick();
    }

    /// Reads the word at `pointer`. Takes one tick.
    ///
    /// # Errors
    /// Returns an error if the pointer is misaligned or outside of the address space.
    #[inline(always)]
    pub fn read(&mut self, space: u32, pointer: u32) -> MemoryResult<(u32, ReadRecord)> {
        let value = self.memory.peek(space, pointer)?;
        let prev_timestamp = self.mode.access(self.memory.space_index(space), (pointer / 4) as usize, value, false);
        Ok((value, ReadRecord { prev_timestamp }))
    }

    /// Writes the word at `pointer`. Takes one tick.
    ///
    /// # Errors
    /// Returns an error if the pointer is misaligned or outside of the address space. Memory is then unchanged.
    #[inline(always)]
    pub fn write(&mut self, space: u32, pointer: u32, value: u32) -> MemoryResult<WriteRecord> {
        let prev_data = std::mem::replace(self.memory.slot(space, pointer)?, value);
        let prev_timestamp = self.mode.access(self.memory.space_index(space), (pointer / 4) as usize, prev_data, true);
        Ok(WriteRecord { prev_timestamp, prev_data })
    }

    /// Reads `N` consecutive words (2, 4, 8, 16 or 32), starting at `pointer`. Word `i` is read at the current time
    /// plus `i`, so the access takes `N` ticks.
    ///
    /// # Errors
    /// Returns an error if the pointer is misaligned, or if one of the words is outside of the address space. No access
    /// has then been made.
    #[inline(always)]
    pub fn read_wide<const N: usize>(&mut self, space: u32, pointer: u32) -> MemoryResult<[u32; N]> {
        const { assert!(is_access_width(N), "wide accesses have 2, 4, 8, 16 or 32 words") };
        let (index, first) = self.memory.words_at(space, pointer, N)?;
        let timestamp = self.mode.timestamp();
        let data = std::array::from_fn(|i| self.memory.words.get(index, first + i).unwrap_or(0));
        let prev_timestamps: [u32; N] = std::array::from_fn(|i| self.mode.access(index, first + i, data[i], false));
        self.mode.wide_access(WideAccess {
            space: index as u32,
            word: first as u32,
            timestamp,
            data: &data,
            prev_timestamps: &prev_timestamps,
            prev_data: None,
        });
        Ok(data)
    }

    /// Writes `N` consecutive words (2, 4, 8, 16 or 32), starting at `pointer`. Word `i` is written at the current time
    /// plus `i`, so the access takes `N` ticks.
    ///
    /// # Errors
    /// Returns an error if the pointer is misaligned, or if one of the words is outside of the address space. No access
    /// has then been made, and memory is unchanged.
    #[inline(always)]
    pub fn write_wide<const N: usize>(&mut self, space: u32, pointer: u32, data: [u32; N]) -> MemoryResult<()> {
        const { assert!(is_access_width(N), "wide accesses have 2, 4, 8, 16 or 32 words") };
        let (index, first) = self.memory.words_at(space, pointer, N)?;
        let timestamp = self.mode.timestamp();
        let prev_data: [u32; N] = std::array::from_fn(|i| match self.memory.words.get_mut(index, first + i) {
            Some(word) => std::mem::replace(word, data[i]),
            None => 0,
        });
        let prev_timestamps: [u32; N] = std::array::from_fn(|i| self.mode.access(index, first + i, prev_data[i], true));
        self.mode.wide_access(WideAccess {
            space: index as u32,
            word: first as u32,
            timestamp,
            data: &data,
            prev_timestamps: &prev_timestamps,
            prev_data: Some(&prev_data),
        });
        Ok(())
    }
}
