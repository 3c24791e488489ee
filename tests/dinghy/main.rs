//! cargo-dinghy with the script device `fake` of `dinghy.toml`: it builds an agent, our runner plays a scenario with it,
//! and what goes wrong fails the run.
//!
//! Where no cargo-dinghy is installed the tests are listed as ignored, and told loudly on stderr; with
//! `HOLDLINE_DINGHY=require` they fail instead.

// These tests wait for other programs.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, clippy::print_stderr)]

mod broken;
mod dinghy;
mod real;
#[cfg(unix)]
mod runner;
#[path = "../tools/mod.rs"]
mod tools;

use libtest_mimic::Arguments;

fn main() {
    let mut arguments = Arguments::from_args();
    // Some of them build in the same folder.
    arguments.test_threads = Some(1);
    let installed = dinghy::program().is_some();
    let mut trials = Vec::new();
    #[cfg(unix)]
    trials.extend(tools::plain("runner", runner::TESTS));
    for tests in [broken::TESTS, real::TESTS] {
        let install = "cargo install cargo-dinghy --version '=0.8.6' --locked";
        let variable = "HOLDLINE_DINGHY";
        trials.extend(tools::needing(
            &arguments,
            variable,
            "cargo-dinghy",
            install,
            installed,
            tests,
        ));
    }
    libtest_mimic::run(&arguments, trials).exit();
}
