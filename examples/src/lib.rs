//! Small runnable programs, each showing one thing. They are in `src/bin`:
//!
//! - `prove_elf`: a machine of your own, proving and verifying a program.
