//! Guest functions on the host: a call computes what the instruction would compute.

use super::core::{Core, Reads, Writes};

/// Conversion of a guest function's arguments to the values that an instruction reads.
#[diagnostic::on_unimplemented(
    message = "`Core::execute` takes `{Self}`, but the guest function passes {N} word(s)",
    note = "specify what the function does on the host: `guest(fn …, host = path)`"
)]
pub trait FromWords<const N: usize> {
    /// Converts the arguments, one word each.
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

/// Conversion of the value that an instruction writes to the word that a guest function returns.
#[diagnostic::on_unimplemented(
    message = "a guest function returns one word, but `Core::execute` returns `{Self}`",
    note = "specify what the function does on the host: `guest(fn …, host = path)`"
)]
pub trait IntoWord {
    /// Converts the value.
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

/// Returns what `instruction` writes when it reads `words`.
#[inline(always)]
pub fn call<I: Core, const N: usize>(instruction: &I, words: [u32; N]) -> u32
where
    Reads<I>: FromWords<N>,
    Writes<I>: IntoWord,
{
    instruction.execute(Reads::<I>::from_words(words)).into_word()
}
