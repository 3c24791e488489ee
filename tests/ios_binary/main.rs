//! The agent as `tools/ios-link` links it for iOS: what it is for, what it loads, and that it asks each library only for
//! what that one has.
//!
//! `HOLDLINE_IOS_AGENT` says where it is. Without that the tests are listed as ignored, and told loudly on stderr; with
//! `HOLDLINE_IOS=require` they fail instead.

// These tests run another program.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, clippy::print_stderr)]

mod agent;
mod names;
mod stubs;
#[path = "../tools/mod.rs"]
mod tools;

use libtest_mimic::Arguments;

fn main() {
    let arguments = Arguments::from_args();
    let linked = std::env::var_os(agent::VARIABLE).is_some();
    let install = format!("{}=$(tools/ios-link)", agent::VARIABLE);
    let mut trials = Vec::new();
    for tests in [agent::TESTS, names::TESTS] {
        let program = "the agent for iOS";
        trials.extend(tools::needing(&arguments, "HOLDLINE_IOS", program, &install, linked, tests));
    }
    libtest_mimic::run(&arguments, trials).exit();
}
