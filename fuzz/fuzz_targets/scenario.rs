//! Any bytes as a scenario with the files beside it.
#![no_main]

#[path = "../src/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|input: &[u8]| check::scenario(input));
