//! Spans: named parts of a run, which `cargo chipwright profile` shows between the functions.

use core::marker::PhantomData;

use crate::sys;

/// Begins a span, which ends when the returned [`Span`] is dropped:
///
/// ```
/// fn run(input: &[u8]) -> usize {
///     let _span = vm_guest::span!("count words");
///     input.split(|byte| *byte == b' ').count()
/// }
/// # assert_eq!(run(b"two words"), 2);
/// ```
///
/// The name is a `&'static str`. A span takes five instructions and has no other effect: public values, output and what a proof
/// shows do not depend on it. On the host, it does nothing.
///
/// `let _ = span!(…)` drops the span at once, so give the variable a name. The compiler may move instructions that do not access
/// memory over the ends of a span.
#[macro_export]
macro_rules! span {
    ($name:expr) => {
        $crate::__private::begin($name)
    };
}

/// A span that has begun. Returned by [`span!`](crate::span!); dropping it ends the span.
#[derive(Debug)]
#[must_use = "the span ends when this value is dropped: `let _span = span!(…);`"]
pub struct Span(PhantomData<*const ()>);

/// Begins a span.
// Always inlined, so that the span begins in the function that calls the macro.
#[inline(always)]
pub fn begin(name: &'static str) -> Span {
    sys::span_begin(name);
    Span(PhantomData)
}

impl Drop for Span {
    #[inline(always)]
    fn drop(&mut self) {
        sys::span_end();
    }
}
