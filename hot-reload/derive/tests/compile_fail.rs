//! Tests of the types that `#[derive(SharedState)]` rejects: the message names the field and an
//! alternative.

#[test]
fn types_that_are_no_plain_old_data_are_refused_with_what_to_use_instead() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile_fail/pass_*.rs");
    cases.compile_fail("tests/compile_fail/refuse_*.rs");
}
