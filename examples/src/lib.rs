//! Small runnable programs in `src/bin`:
//!
//! - `prove_elf`: a machine of your own, proving and verifying a program.

/// The chapters of `docs`, whose code is compiled and run by the documentation tests.
#[cfg(doctest)]
mod book {
    macro_rules! chapters {
        ($($name:ident: $file:literal),* $(,)?) => {
            $(
                #[doc = include_str!(concat!("../../docs/", $file))]
                mod $name {}
            )*
        };
    }

    chapters! {
        getting_started: "getting-started.md",
        arithmetic: "arithmetic.md",
        extensions: "extensions.md",
        big_numbers: "big-numbers.md",
        multi_row: "multi-row.md",
        lookup_tables: "lookup-tables.md",
        hints: "hints.md",
        layers: "layers.md",
        macros: "macros.md",
        attributes: "attributes.md",
        testing: "testing.md",
        continuations: "continuations.md",
        fusion: "fusion.md",
    }
}
