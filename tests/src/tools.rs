//! Tools that some tests need and that are not crates.

/// Environment variable that makes tests fail if a tool is missing. The gate sets it. Otherwise such tests are skipped, with
/// a message.
pub const REQUIRE_VARIABLE: &str = "CHIPWRIGHT_REQUIRE_TOOLS";

/// Called by tests whose tool is missing. Prints that the test is skipped.
///
/// # Panics
///
/// Panics if [`REQUIRE_VARIABLE`] is set.
pub fn skip_without(tool: &str, remedy: &str) {
    let required = std::env::var_os(REQUIRE_VARIABLE).is_some();
    assert!(!required, "{REQUIRE_VARIABLE} is set, and this test needs {tool}, which is not installed ({remedy})");
    println!("skipped: {tool} is not installed ({remedy})");
}
