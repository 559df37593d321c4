//! What the macros refuse, and with which words: each file of `ui/` must fail to compile with the text beside it.

#[test]
fn refusals_say_what_to_do() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
