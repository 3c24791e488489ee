//! `cargo dinghy -d fake run`, as a person calls it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::tools::path_of;

/// The folder of the package.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where it is installed: where `.ci/run` puts it, or on the PATH.
pub(crate) fn program() -> Option<PathBuf> {
    // Of the tests the folder is `target/tmp`.
    let ours = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    Some(ours.join("bin/cargo-dinghy"))
        .filter(|path| path.is_file())
        .or_else(|| path_of("cargo-dinghy"))
}

/// A push that arrives in the foreground, within seconds.
pub(crate) const TALK: &str = r#"
name = "talk"
duration = "20s"
[[step]]
at = "5s"
do = "server.push"
push = "hello"
[[expect]]
that = "push-received"
push = "hello"
"#;

/// What it said and how it ended.
pub(crate) struct Said {
    pub(crate) passed: bool,
    pub(crate) text: String,
}

/// Runs the agent of the package in `folder`, with what is built in `target`.
pub(crate) fn run(
    folder: &Path,
    target: &Path,
    settings: &[(&str, &str)],
    options: &[&str],
) -> Said {
    let dinghy = program().expect("it is installed");
    let mut command = Command::new(dinghy);
    command
        .args(["dinghy", "-d", "fake", "run", "--quiet", "--no-default-features"])
        .args(["--bin", "holdline-agent", "--"])
        .args(options)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("HOLDLINE_BIN", env!("CARGO_BIN_EXE_holdline"))
        .env_remove("RUST_BACKTRACE")
        .env_remove("HOLDLINE_SCENARIO")
        .envs(settings.iter().copied());
    said(command.output().expect("it runs"))
}

fn said(output: Output) -> Said {
    let both = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&both).into_owned();
    Said { passed: output.status.success(), text }
}
