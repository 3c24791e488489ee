//! Sessions through the binary: scripts, pipes and files.

#![cfg(feature = "cli")]

mod bundled;
mod docs;
mod scripts;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// `holdline repl` with these arguments in `folder`, and the commands on stdin.
fn repl(arguments: &[&str], folder: &Path, commands: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .arg("repl")
        .args(arguments)
        .current_dir(folder)
        .env_remove("COLUMNS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A session that has ended reads no further.
    let _ = child.stdin.take().unwrap().write_all(commands.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
