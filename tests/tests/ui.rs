//! Mistakes in annotated items and what their author is told. One folder per category; every `.stderr` file was read
//! as the author of the mistake would read it.

#[test]
fn mistakes_are_explained_where_they_are() {
    let tests = trybuild::TestCases::new();
    for category in ["malformed", "conflict", "duplicate", "unknown", "missing"] {
        tests.compile_fail(format!("ui/{category}/*.rs"));
    }
}
