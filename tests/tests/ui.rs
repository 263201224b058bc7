//! Mistakes in annotated items and their error messages, one folder per category. Review a changed `.stderr` file as
//! the author of the mistake would read it.

#[test]
fn mistakes_are_explained_where_they_are() {
    let tests = trybuild::TestCases::new();
    for category in ["malformed", "conflict", "duplicate", "unknown", "missing"] {
        tests.compile_fail(format!("ui/{category}/*.rs"));
    }
}
