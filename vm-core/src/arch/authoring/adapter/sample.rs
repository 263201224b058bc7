//! Operands of declared adapters for generated tests.

use crate::arch::authoring::{Sample, SampleOperands, Samples};
use crate::arch::{MAIN_SPACE, REGISTER_SPACE};

use super::layout::{DestinationKind, SourceKind};
use super::{Constants, DeclaredAdapter};

/// Numbers of the registers for pointers: so many, starting with this one.
const POINTERS: (u32, u32) = (40, 8);

/// Samples the byte pointer of a register for data; never one of [`sample_pointer`] or [`sample_fixed`].
pub fn sample_register(samples: &mut Samples) -> u32 {
    4 * (1 + samples.below(31))
}

/// Samples the byte pointer of a register for pointers, and its content. The content of a register is always the same,
/// since other samples may use it, too. Pointers are at least 4,096 bytes apart.
pub fn sample_pointer(samples: &mut Samples) -> (u32, u32) {
    let (first, count) = POINTERS;
    pointer(first + samples.below(count))
}

/// Samples the byte pointer of a register that no sample writes, and its content, any word; never one of
/// [`sample_pointer`].
pub fn sample_fixed(samples: &mut Samples) -> (u32, u32) {
    let register = 4 * (48 + samples.below(16));
    (register, samples.fixed(register))
}

/// Returns the byte pointer and the content of a register for pointers. The low cell of the content is close to 2^16, so
/// that blocks of more than 32 words extend beyond it.
const fn pointer(number: u32) -> (u32, u32) {
    (4 * number, 0xFF80 + (number << 12))
}

/// Returns a word of the block of a register for pointers. The blocks of registers 2n and 2n + 1 are equal, differ in their
/// last or in their first word, or are unrelated, so that comparisons have all outcomes.
fn block_word(samples: &Samples, number: u32, index: u32, words: u32) -> u32 {
    let pair = number / 2;
    let key = |block: u32| samples.fixed(block << 16 | index);
    match (number % 2, pair % 4) {
        (0, _) | (_, 0) => key(pair),
        (_, 1) => key(pair) ^ u32::from(index + 1 == words) << 31,
        (_, 2) => key(pair) ^ u32::from(index == 0),
        _ => key(number),
    }
}

impl<A: DeclaredAdapter> SampleOperands for A {
    fn sample(samples: &mut Samples) -> Sample {
        let (kinds, destination) = (Constants::<A>::KINDS, Constants::<A>::KIND);
        let is_block = |kind: &SourceKind| matches!(kind, SourceKind::Block(_));
        // A register that is written must not be one with a pointer.
        let has_pointers = kinds.iter().any(is_block) || matches!(destination, DestinationKind::Block(_));
        let register = |samples: &mut Samples| if has_pointers { sample_register(samples) } else { samples.register() };
        let (mut operands, mut sample) = (Vec::new(), Sample::default());
        match destination {
            DestinationKind::Register => operands.push(register(samples)),
            DestinationKind::Block(_) => {
                let (rd, to) = sample_pointer(samples);
                operands.push(rd);
                sample = sample.register(rd, to);
            }
            DestinationKind::None | DestinationKind::Branch => {}
        }
        let (mut last_word, mut last_block) = (None, None);
        for kind in kinds {
            match *kind {
                SourceKind::Register => {
                    let rs = register(samples);
                    operands.push(rs);
                    // Half of the words on which a branch decides are equal, unless earlier samples have set the
                    // registers.
                    let is_copy = destination == DestinationKind::Branch && samples.below(2) == 0;
                    let word = last_word.filter(|_| is_copy).unwrap_or_else(|| samples.word());
                    last_word = Some(word);
                    sample = sample.register(rs, word);
                }
                SourceKind::Block(words) => {
                    let any = sample_pointer(samples).0 / 4;
                    // Half of the blocks are siblings of the one before.
                    let number = last_block.filter(|_| samples.below(2) == 0).map_or(any, |number| number ^ 1);
                    last_block = Some(number);
                    let ((rs, from), words) = (pointer(number), words as u32);
                    operands.push(rs);
                    sample = sample.register(rs, from);
                    for index in 0..words {
                        sample = sample.word(MAIN_SPACE, from + 4 * index, block_word(samples, number, index, words));
                    }
                }
                SourceKind::Immediate => {
                    let word = samples.word();
                    operands.extend([word & 0xFFFF, word >> 16]);
                }
                SourceKind::Hint(words) => sample.hints.extend((0..words).map(|_| samples.word())),
            }
        }
        if destination == DestinationKind::Branch {
            operands.push(samples.target());
        }
        for (slot, operand) in sample.operands.iter_mut().zip(operands) {
            *slot = operand;
        }
        sample
    }

    fn source(sample: &Sample, value: usize, word: usize) -> Option<(u32, u32)> {
        let register = || sample.operands[operand::<A>(value)];
        match Constants::<A>::KINDS[value] {
            SourceKind::Register => Some((REGISTER_SPACE, register())),
            SourceKind::Block(_) => Some((MAIN_SPACE, sample.word_at(REGISTER_SPACE, register())? + 4 * word as u32)),
            SourceKind::Immediate | SourceKind::Hint(_) => None,
        }
    }

    fn set_operand(sample: &mut Sample, value: usize, word: u32) -> bool {
        match Constants::<A>::KINDS[value] {
            SourceKind::Immediate => {
                sample.operands[operand::<A>(value)..][..2].copy_from_slice(&[word & 0xFFFF, word >> 16]);
            }
            // After a call for each word, all are replaced, in order.
            SourceKind::Hint(_) => {
                sample.hints.rotate_left(1);
                if let Some(last) = sample.hints.last_mut() {
                    *last = word;
                }
            }
            SourceKind::Register | SourceKind::Block(_) => return false,
        }
        true
    }
}

/// Returns the number of the first operand of a source.
fn operand<A: DeclaredAdapter>(value: usize) -> usize {
    Constants::<A>::FIRST_OPERAND + Constants::<A>::KINDS[..value].iter().map(|kind| kind.operands()).sum::<usize>()
}
