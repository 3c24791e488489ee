//! A folder with scenarios of every kind of result, and the program run in it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// It passes.
pub(crate) const GOOD: &str = r#"
name = "good"
duration = "2h"
[client]
use = "ping-in-handler"
[[step]]
at = "10s"
do = "user.background"
[[step]]
at = "1h"
do = "server.push"
push = "call"
[[expect]]
that = "push-received"
push = "call"
within = "5s"
"#;

/// Its third expectation fails, which stands in a fragment.
pub(crate) const BAD: &str = r#"
name = "50 % <bad>, a: b | c"
duration = "30m"
include = ["common/never.toml"]
runs = 2
[[expect]]
that = "metric"
metric = "wakes"
max = 10
[[expect]]
that = "event"
event = "wake"
sometimes = true
"#;

/// A fragment with an expectation that fails.
pub(crate) const NEVER: &str = r#"fragment = true

[[expect]]
that = "metric"
metric = "kills"
min = 1
"#;

/// It is too short to show what is expected; there are two of it.
pub(crate) const SHORT: &str = r#"
name = "short"
duration = "10s"
[vary]
seed = [1, 2]
[[step]]
at = "9s"
do = "server.push"
push = "late"
[[expect]]
that = "push-received"
push = "late"
within = "1m"
[[step]]
at = "5s"
do = "network.airplane"
on = true
"#;

pub(crate) struct Place(TempDir);

impl Place {
    /// A folder `scenarios` with all four.
    pub(crate) fn new() -> Place {
        Place::with(&[
            ("scenarios/good.toml", GOOD),
            ("scenarios/bad.toml", BAD),
            ("scenarios/common/never.toml", NEVER),
            ("scenarios/short.toml", SHORT),
        ])
    }

    pub(crate) fn with(files: &[(&str, &str)]) -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        place
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The program in this folder, in no CI system.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
        command.current_dir(self.path()).args(args);
        for name in ["GITHUB_ACTIONS", "GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY"] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
