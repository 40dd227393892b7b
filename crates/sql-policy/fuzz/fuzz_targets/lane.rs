//! Any bytes have an outcome: a compiled query, or a refusal with a code.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| viewlane_sql_policy::fuzzing::run(data));
