//! Any bytes as what comes over a connection of the push server.
#![no_main]

#[path = "../src/wire.rs"]
mod wire;

libfuzzer_sys::fuzz_target!(|input: &[u8]| wire::wire(input));
