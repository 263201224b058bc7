//! Words of all address spaces, in pages. Only touched pages are allocated, and snapshots share them.

use std::sync::Arc;

use crate::arch::config::{MemoryConfig, NUM_REGISTERS};

const LOG_PAGE_WORDS: usize = 12;
const PAGE_WORDS: usize = 1 << LOG_PAGE_WORDS;

type Words = [u32; PAGE_WORDS];

/// A page is owned until a snapshot is taken, so writes to it need no reference count. The snapshot makes the page
/// shared, and the next write copies it.
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

    /// Makes the page an owned one and returns its words.
    #[cold]
    #[inline(never)]
    fn own(&mut self) -> Option<&mut Words> {
        *self = Self::Owned(match std::mem::replace(self, Self::Absent) {
            Self::Owned(words) => words,
            // Always copies: checking for other owners would not pay off, since a copy takes about a microsecond.
            Self::Shared(words) => Box::new(*words),
            Self::Absent => vec![0; PAGE_WORDS].into_boxed_slice().try_into().expect("both lengths are PAGE_WORDS"),
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

/// A `u32` for every word of every address space, zero until it is written. Registers, the space with index 0, are not
/// paged.
pub struct WordStore {
    registers: Box<[u32; NUM_REGISTERS]>,
    spaces: Vec<PagedSpace>,
    /// Number of pages that are not absent.
    pages: usize,
}

struct PagedSpace {
    words: usize,
    pages: Vec<Page>,
}

impl WordStore {
    /// Creates a store of zeros for all address spaces of a configuration.
    pub fn new(config: &MemoryConfig, num_public_values: usize) -> Self {
        let spaces = (0..config.num_spaces())
            .map(|index| {
                let words = if index == 0 { 0 } else { config.space_words(index, num_public_values) };
                let mut pages = Vec::new();
                pages.resize_with(words.div_ceil(PAGE_WORDS), || Page::Absent);
                PagedSpace { words, pages }
            })
            .collect();
        Self { registers: Box::new([0; NUM_REGISTERS]), spaces, pages: 0 }
    }

    /// Returns the number of address spaces.
    #[inline]
    pub fn num_spaces(&self) -> usize {
        self.spaces.len()
    }

    /// Returns the number of words of the address space with 0-based index `space`; 0 if there is no such space.
    #[inline(always)]
    pub fn len(&self, space: usize) -> usize {
        if space == 0 { NUM_REGISTERS } else { self.spaces.get(space).map_or(0, |space| space.words) }
    }

    /// Returns a word, or `None` if it does not exist.
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

    /// Returns a word for changes, or `None` if it does not exist. Allocates or copies its page if necessary.
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
            page => {
                self.pages += usize::from(matches!(page, Page::Absent));
                page.own()?
            }
        };
        Some(&mut page[word % PAGE_WORDS])
    }

    /// Returns the size of all pages that have been written, in bytes.
    pub fn allocated_bytes(&self) -> usize {
        self.pages * size_of::<Words>()
    }

    /// Returns a copy of all words. The copy shares all pages until either side writes to them, so it costs one
    /// reference per touched page.
    pub fn snapshot(&mut self) -> Self {
        let spaces = self
            .spaces
            .iter_mut()
            .map(|space| PagedSpace { words: space.words, pages: space.pages.iter_mut().map(Page::share).collect() });
        Self { registers: self.registers.clone(), spaces: spaces.collect(), pages: self.pages }
    }

    /// Returns all words of an address space that are not zero, with their indices, in ascending order.
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
