//! A backend over real sockets, without an app: streams, their events and errors, timers. On a phone or in a simulator
//! the one of iOS, with Core Foundation's main run loop and no UIKit (`cargo dinghy test --test device_smoke`); anywhere
//! else the one of any machine.
//!
//! It has its own `main`: libtest runs tests on other threads, and the main run loop has to run. It tells everything on
//! standard output, and last what ran where: who wants to be sure looks for that line. `--fail` makes a check fail, for
//! who wants to see that it can.

// It reports on standard output: a test binary in the simulator has nothing else.
#![allow(clippy::print_stdout)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

#[path = "device_smoke/checks.rs"]
mod checks;
#[path = "device_smoke/rig.rs"]
mod rig;
#[path = "device_smoke/server.rs"]
mod server;

use std::process::ExitCode;

use checks::CHECKS;
use rig::Rig;
use server::Server;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let fail = arguments.iter().any(|argument| argument == "--fail");
    let names: Vec<&String> = arguments.iter().filter(|text| !text.starts_with('-')).collect();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|part| name.contains(*part));
    let (mut passed, mut failed) = (0, 0);
    for (name, check) in CHECKS.iter().filter(|(name, _)| wanted(name)) {
        match run(*check, fail) {
            Ok(found) => {
                passed += 1;
                println!("ok {name}{found}");
            }
            Err(why) => {
                failed += 1;
                println!("FAILED {name}: {why}");
            }
        }
    }
    let (triple, os) = (env!("TARGET"), std::env::consts::OS);
    let run = std::env::var("HOLDLINE_RUN").map_or(String::new(), |run| format!(" run={run}"));
    let all = passed + failed;
    println!("device-smoke: {passed} of {all} passed, triple={triple} os={os}{run}");
    if failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Makes a check with a backend and a server of its own.
fn run(check: checks::Check, fail: bool) -> Result<String, String> {
    let server = Server::start(fail).map_err(|error| format!("no server: {error}"))?;
    let mut rig = Rig::new();
    let found = check(&mut rig, &server);
    let said = rig.said();
    match found {
        Ok(found) if found.is_empty() => Ok(String::new()),
        Ok(found) => Ok(format!(": {found}")),
        Err(why) if said.is_empty() => Err(why),
        Err(why) => Err(format!("{why} ({})", said.join("; "))),
    }
}
