//! Any bytes as a request of the control API.
#![no_main]

#[path = "../src/control.rs"]
mod control;

libfuzzer_sys::fuzz_target!(|input: &[u8]| control::request(input));
