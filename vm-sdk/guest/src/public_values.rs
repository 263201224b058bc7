//! Splits bytes for the public values into words, which is what the machine reveals.

/// Position of the next byte of the public values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor {
    /// Number of bytes so far.
    len: u32,
    /// The word that contains the next byte, with the bytes before it.
    word: u32,
}

impl Cursor {
    /// The position of the first byte.
    pub(crate) const START: Self = Self { len: 0, word: 0 };

    /// Appends bytes. Calls `reveal(offset, word)` with every word that changes; offsets are multiples of four. Bytes of a word
    /// that have no value yet are zero.
    pub(crate) fn append(&mut self, bytes: &[u8], mut reveal: impl FnMut(u32, u32)) {
        let missing = (4 - self.len as usize % 4) % 4;
        let (head, rest) = bytes.split_at(missing.min(bytes.len()));
        self.push(head, &mut reveal);
        let (words, tail) = rest.as_chunks::<4>();
        for word in words {
            reveal(self.len, u32::from_le_bytes(*word));
            self.len += 4;
        }
        self.push(tail, &mut reveal);
    }

    /// Appends bytes that end within the current word.
    fn push(&mut self, bytes: &[u8], reveal: &mut impl FnMut(u32, u32)) {
        if bytes.is_empty() {
            return;
        }
        let offset = self.len & !3;
        for byte in bytes {
            self.word |= u32::from(*byte) << (8 * (self.len % 4));
            self.len += 1;
        }
        reveal(offset, self.word);
        if self.len.is_multiple_of(4) {
            self.word = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn pieces_of_any_length_give_the_same_words() {
        let bytes: Vec<u8> = (1..=23).collect();
        for first in 0..=23 {
            for second in first..=23 {
                let mut values = [0u8; 24];
                let mut cursor = Cursor::START;
                for piece in [&bytes[..first], &bytes[first..second], &bytes[second..]] {
                    cursor.append(piece, |offset, word| {
                        assert!(offset.is_multiple_of(4));
                        values[offset as usize..][..4].copy_from_slice(&word.to_le_bytes());
                    });
                }
                assert_eq!(values[..23], bytes, "{first} {second}");
                assert_eq!(values[23], 0);
            }
        }
    }

    #[test]
    fn whole_words_are_revealed_once() {
        let (mut cursor, mut calls) = (Cursor::START, 0);
        cursor.append(&[7; 32], |_, _| calls += 1);
        assert_eq!(calls, 8);
        cursor.append(&[], |_, _| calls += 1);
        assert_eq!(calls, 8);
    }
}
