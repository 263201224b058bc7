//! The backend of the crate `getrandom`, versions 0.3 and 0.4.

#![allow(unsafe_code)]

/// Fills a buffer with random bytes of the host. Both versions call the function by this name.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(start: *mut u8, len: usize) -> Result<(), getrandom::Error> {
    // SAFETY: `start` is the start of a buffer of `len` bytes, which are initialized before the slice is made.
    let bytes = unsafe {
        start.write_bytes(0, len);
        core::slice::from_raw_parts_mut(start, len)
    };
    crate::io::random_bytes(bytes);
    Ok(())
}
