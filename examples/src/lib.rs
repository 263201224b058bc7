//! Small runnable programs, each showing one thing.
