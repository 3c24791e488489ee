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
mod xmpp;

use libtest_mimic::{Arguments, Failed, Trial};

/// A test of a server.
struct Test {
    name: &'static str,
    run: fn(),
}

/// Names the tests of a module.
macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[crate::Test] =
            &[$(crate::Test { name: stringify!($name), run: $name }),+];
    };
}
pub(crate) use tests;

fn main() {
    let arguments = Arguments::from_args();
    let required = std::env::var("HOLDLINE_REAL_SERVERS").is_ok_and(|value| value == "require");
    let plain = |test: &Test| {
        let run = test.run;
        Trial::test(format!("docs::{}", test.name), move || {
            run();
            Ok(())
        })
    };
    let mut trials: Vec<Trial> = docs::TESTS.iter().map(plain).collect();
    for (program, tests) in [
        ("mosquitto", mqtt::TESTS),
        ("redis-server", redis::TESTS),
        ("nats-server", nats::TESTS),
        ("prosody", xmpp::TESTS),
        ("kamailio", sip::TESTS),
    ] {
        let installed = server::path_of(program).is_some();
        if !installed && !arguments.list {
            let count = tests.len();
            eprintln!("\n*** {program} IS NOT INSTALLED: {count} tests against it are NOT RUN ***");
            eprintln!("*** apt-get install {program}; HOLDLINE_REAL_SERVERS=require fails ***\n");
        }
        for test in tests {
            let run = test.run;
            let trial = move || match installed {
                true => {
                    run();
                    Ok(())
                }
                false => Err(Failed::from(format!("{program} is not installed"))),
            };
            let trial = Trial::test(format!("{program}::{}", test.name), trial);
            trials.push(trial.with_ignored_flag(!installed && !required));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}
