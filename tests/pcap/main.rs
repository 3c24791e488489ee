//! Captures of `holdline run --pcap`, read by tshark: no frame is malformed, streams reassemble to what was delivered,
//! what was sent again is taken for that.
//!
//! Without tshark the tests are listed as ignored, and told loudly on stderr; with `HOLDLINE_OUTSIDE=require` they fail
//! instead.

// These tests run other programs.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, clippy::print_stderr)]

mod checks;
mod damage;
mod library;
mod packets;
#[path = "../tools/mod.rs"]
mod tools;
mod trace;

use libtest_mimic::Arguments;

/// Set to `require` it makes a test fail whose program is missing.
const VARIABLE: &str = "HOLDLINE_OUTSIDE";

fn main() {
    let arguments = Arguments::from_args();
    let installed = tools::path_of("tshark").is_some();
    let install = "apt-get install tshark";
    let mut trials = Vec::new();
    for tests in [library::TESTS, damage::TESTS] {
        let found = tools::needing(&arguments, VARIABLE, "tshark", install, installed, tests);
        trials.extend(found);
    }
    libtest_mimic::run(&arguments, trials).exit();
}
