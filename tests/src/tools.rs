//! Tools that some tests need and that are not crates.

/// Environment variable that allows tests to be skipped if a tool is missing. The gate does not set it.
pub const SKIP_VARIABLE: &str = "CHIPWRIGHT_SKIP_MISSING_TOOLS";

/// Called by tests whose tool is missing. Prints that the test is skipped, if [`SKIP_VARIABLE`] is set.
///
/// # Panics
///
/// Panics if the variable is not set: a test that does nothing must not pass unnoticed.
pub fn skip_without(tool: &str, remedy: &str) {
    assert!(
        std::env::var_os(SKIP_VARIABLE).is_some(),
        "this test needs {tool}, which is not installed ({remedy}); to skip such tests, set {SKIP_VARIABLE}=1"
    );
    println!("skipped: {tool} is not installed ({remedy})");
}
