//! Words of all address spaces, paged: only touched pages take memory, and snapshots share them.

use std::sync::Arc;

use crate::arch::config::{MemoryConfig, NUM_REGISTERS};

const LOG_PAGE_WORDS: usize = 12;
const PAGE_WORDS: usize = 1 << LOG_PAGE_WORDS;

type Words = [u32; PAGE_WORDS];

/// A page that is written in place costs no reference count; it becomes shared when a snapshot is taken, and is copied
/// at the next write.
enum Page {
    Absent,
    Owned(Box<Words>),
    Shared(Arc<Words>),
}

impl Page {
    #[inline(always)]
    fn words(&self) -> Option<&Words> {
        match self {
            Self::Owned(words) => Some(words),
            Self::Shared(words) => Some(words),
            Self::Absent => None,
        }
    }

    /// The page as one of the store's own.
    #[cold]
    #[inline(never)]
    fn own(&mut self) -> Option<&mut Words> {
        *self = Self::Owned(match std::mem::replace(self, Self::Absent) {
            Self::Owned(words) => words,
            // Whether anybody else still shares it is not worth asking: a copy takes a microsecond.
            Self::Shared(words) => Box::new(*words),
            Self::Absent => vec![0; PAGE_WORDS].into_boxed_slice().try_into().expect("the length is the array's"),
        });
        match self {
            Self::Owned(words) => Some(words),
            _ => None,
        }
    }

    fn share(&mut self) -> Self {
        let shared = match std::mem::replace(self, Self::Absent) {
            Self::Absent => return Self::Absent,
            Self::Owned(words) => Arc::from(words),
            Self::Shared(words) => words,
        };
        *self = Self::Shared(Arc::clone(&shared));
        Self::Shared(shared)
    }
}

/// One word per word of every address space, zero until written. Registers, the space with index 0, are flat.
pub struct WordStore {
    registers: Box<[u32; NUM_REGISTERS]>,
    spaces: Vec<PagedSpace>,
}

struct PagedSpace {
    words: usize,
    pages: Vec<Page>,
}

impl WordStore {
    /// Zeroed words for every address space of a configuration.
    pub fn new(config: &MemoryConfig, num_public_values: usize) -> Self {
        let spaces = (0..config.num_spaces())
            .map(|index| {
                let words = if index == 0 { 0 } else { config.space_words(index, num_public_values) };
                let mut pages = Vec::new();
                pages.resize_with(words.div_ceil(PAGE_WORDS), || Page::Absent);
                PagedSpace { words, pages }
            })
            .collect();
        Self { registers: Box::new([0; NUM_REGISTERS]), spaces }
    }

    /// Number of address spaces.
    #[inline]
    pub fn num_spaces(&self) -> usize {
        self.spaces.len()
    }

    /// Words of an address space, by 0-based index; 0 for spaces that do not exist.
    #[inline(always)]
    pub fn len(&self, space: usize) -> usize {
        if space == 0 { NUM_REGISTERS } else { self.spaces.get(space).map_or(0, |space| space.words) }
    }

    /// A word, if it exists.
    #[inline(always)]
    pub fn get(&self, space: usize, word: usize) -> Option<u32> {
        if space == 0 {
            return self.registers.get(word).copied();
        }
        let space = self.spaces.get(space)?;
        if word >= space.words {
            return None;
        }
        Some(space.pages[word >> LOG_PAGE_WORDS].words().map_or(0, |page| page[word % PAGE_WORDS]))
    }

    /// A word to change, if it exists.
    #[inline(always)]
    pub fn get_mut(&mut self, space: usize, word: usize) -> Option<&mut u32> {
        if space == 0 {
            return self.registers.get_mut(word);
        }
        let space = self.spaces.get_mut(space)?;
        if word >= space.words {
            return None;
        }
        let page = match &mut space.pages[word >> LOG_PAGE_WORDS] {
            Page::Owned(words) => &mut **words,
            page => page.own()?,
        };
        Some(&mut page[word % PAGE_WORDS])
    }

    /// A copy of all words, which shares the pages that neither side changes. The copy's cost is a reference per
    /// touched page, not its content.
    pub fn snapshot(&mut self) -> Self {
        let spaces = self
            .spaces
            .iter_mut()
            .map(|space| PagedSpace { words: space.words, pages: space.pages.iter_mut().map(Page::share).collect() });
        Self { registers: self.registers.clone(), spaces: spaces.collect() }
    }

    /// All words of an address space that are not zero, with their indices, ascending.
    pub fn nonzero(&self, space: usize) -> impl Iterator<Item = (usize, u32)> + '_ {
        let registers = if space == 0 { &self.registers[..] } else { &[] };
        let pages = self.spaces.get(space).map_or(&[][..], |space| &space.pages).iter().enumerate();
        let paged = pages
            .filter_map(|(i, page)| Some((i, page.words()?)))
            .flat_map(|(i, page)| page.iter().enumerate().map(move |(j, word)| (i * PAGE_WORDS + j, *word)));
        registers.iter().copied().enumerate().chain(paged).filter(|(_, word)| *word != 0)
    }
}

impl std::fmt::Debug for WordStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pages: Vec<usize> =
            self.spaces.iter().map(|space| space.pages.iter().filter(|page| page.words().is_some()).count()).collect();
        f.debug_struct("WordStore").field("pages_per_space", &pages).finish_non_exhaustive()
    }
}
