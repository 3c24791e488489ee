//! The page of `holdline run --html` in a browser: it loads without errors and without a network, it zooms, and what
//! failed can be seen.
//!
//! Where no Chromium is installed the tests are listed as ignored, and told loudly on stderr; with
//! `HOLDLINE_BROWSER=require` they fail instead.

// These tests wait for another program.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, clippy::print_stderr)]

mod browser;
mod list;
mod page;
#[path = "../tools/mod.rs"]
mod tools;
mod zoom;

use std::path::PathBuf;
use std::process::Command;

use libtest_mimic::Arguments;

/// Set to `require` it makes a test fail without a browser.
const VARIABLE: &str = "HOLDLINE_BROWSER";

fn main() {
    let arguments = Arguments::from_args();
    let installed = browser::chromium().is_some();
    let mut trials = Vec::new();
    for tests in [page::TESTS, zoom::TESTS, list::TESTS] {
        let install = "apt-get install chromium";
        trials.extend(tools::needing(&arguments, VARIABLE, "chromium", install, installed, tests));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    browser::close();
    conclusion.exit();
}

/// A page that `holdline run` writes.
struct Page {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

/// The page of these scenarios, given by name and text; of the bundled ones when there are none.
fn page(scenarios: &[(&str, &str)], more: &[&str]) -> Page {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("page.html");
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
    command.current_dir(folder.path()).arg("run");
    for (name, text) in scenarios {
        std::fs::write(folder.path().join(name), text).expect("it is written");
        command.arg(name);
    }
    let output = command.arg("--html").arg(&path).args(more).output().expect("it runs");
    assert!(path.is_file(), "{}", String::from_utf8_lossy(&output.stderr));
    Page { path, _folder: folder }
}

/// Two hours in which the app is woken every 20 s and lives.
const QUIET: &str = r#"
name = "woken now and then"
duration = "2h"
[[step]]
at = "10s"
do = "user.background"
[[step]]
at = "30m"
do = "server.push"
push = "early"
[[step]]
at = "90m"
do = "server.push"
push = "late"
[[expect]]
that = "push-received"
push = "late"
"#;

/// The same with something that is not so.
fn failing() -> String {
    format!(
        "{QUIET}\n[[expect]]\nthat = \"event\"\nevent = \"push-received push=early\"\ncount = 0\n"
    )
}
