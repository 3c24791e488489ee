//! Clients that are not ours against `holdline serve`: bytes by hand, nc, curl, openssl, Python's `websockets`.
//!
//! A test whose program is not installed is listed as ignored, and told loudly on stderr; with
//! `HOLDLINE_OUTSIDE=require` it fails instead.

// These tests wait for other programs.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, clippy::print_stderr)]

mod bytes;
mod curl;
mod nc;
mod openssl;
mod program;
#[path = "../serving/mod.rs"]
mod serving;
#[path = "../tools/mod.rs"]
mod tools;
mod websockets;

use libtest_mimic::Arguments;

/// Set to `require` it makes a test fail whose program is missing.
const VARIABLE: &str = "HOLDLINE_OUTSIDE";

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = tools::plain("bytes", bytes::TESTS);
    let is = |program| tools::path_of(program).is_some();
    let python = "python3 -m venv target/tmp/python; target/tmp/python/bin/pip install websockets";
    for (program, install, installed, tests) in [
        ("nc", "apt-get install netcat-openbsd", is("nc"), nc::TESTS),
        ("curl", "apt-get install curl", is("curl"), curl::TESTS),
        ("openssl", "apt-get install openssl", is("openssl"), openssl::TESTS),
        ("websockets", python, websockets::python().is_some(), websockets::TESTS),
    ] {
        trials.extend(tools::needing(&arguments, VARIABLE, program, install, installed, tests));
    }
    libtest_mimic::run(&arguments, trials).exit();
}
