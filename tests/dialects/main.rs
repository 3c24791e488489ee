//! Dialects against real servers, each started for its test.
//!
//! A test whose server is not installed is listed as ignored, and told loudly on stderr; with
//! `HOLDLINE_REAL_SERVERS=require` it fails instead.

// These tests wait for other programs.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, clippy::print_stderr)]

mod docs;
mod line;
mod mqtt;
mod nats;
mod redis;
mod server;
mod sip;
mod suspended;
#[path = "../tools/mod.rs"]
mod tools;
mod xmpp;

use libtest_mimic::Arguments;
use tools::tests;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = tools::plain("docs", docs::TESTS);
    for (program, tests) in [
        ("mosquitto", mqtt::TESTS),
        ("redis-server", redis::TESTS),
        ("nats-server", nats::TESTS),
        ("prosody", xmpp::TESTS),
        ("kamailio", sip::TESTS),
    ] {
        let installed = tools::path_of(program).is_some();
        let install = format!("apt-get install {program}");
        trials.extend(tools::needing(
            &arguments,
            "HOLDLINE_REAL_SERVERS",
            program,
            &install,
            installed,
            tests,
        ));
    }
    libtest_mimic::run(&arguments, trials).exit();
}
