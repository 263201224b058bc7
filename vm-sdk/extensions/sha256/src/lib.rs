//! The sha256 hash as an extension of the machine.
