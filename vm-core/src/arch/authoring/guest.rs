//! Guest functions on the host: the semantics of an instruction as a plain function call.

use super::core::{Core, Reads, Writes};

/// Values that an instruction reads, from the words of a guest function's arguments.
#[diagnostic::on_unimplemented(
    message = "`Core::execute` takes `{Self}`, but the guest function gives it {N} word(s)",
    note = "say what the function does on the host: `guest(fn …, host = path)`"
)]
pub trait FromWords<const N: usize> {
    /// The values.
    fn from_words(words: [u32; N]) -> Self;
}

impl FromWords<1> for u32 {
    #[inline(always)]
    fn from_words([word]: [u32; 1]) -> Self {
        word
    }
}

impl<const N: usize> FromWords<N> for [u32; N] {
    #[inline(always)]
    fn from_words(words: [u32; N]) -> Self {
        words
    }
}

/// The value that an instruction writes, as the word that a guest function returns.
#[diagnostic::on_unimplemented(
    message = "a guest function returns one word, but `Core::execute` returns `{Self}`",
    note = "say what the function does on the host: `guest(fn …, host = path)`"
)]
pub trait IntoWord {
    /// The word.
    fn into_word(self) -> u32;
}

impl IntoWord for u32 {
    #[inline(always)]
    fn into_word(self) -> u32 {
        self
    }
}

impl IntoWord for [u32; 1] {
    #[inline(always)]
    fn into_word(self) -> u32 {
        self[0]
    }
}

/// What the instruction computes from `words`.
#[inline(always)]
pub fn call<I: Core, const N: usize>(instruction: &I, words: [u32; N]) -> u32
where
    Reads<I>: FromWords<N>,
    Writes<I>: IntoWord,
{
    instruction.execute(Reads::<I>::from_words(words)).into_word()
}
