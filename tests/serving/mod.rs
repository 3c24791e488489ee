//! `holdline serve` as a child process on ports that the system chose, killed when it is dropped.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

/// What publishers and the control API have to know.
pub(crate) const TOKEN: &str = "secret";

/// A server that runs until this is dropped.
pub(crate) struct Serving {
    child: Child,
    out: BufReader<ChildStdout>,
    folder: TempDir,
}

impl Serving {
    /// Starts a server with these arguments besides the token.
    pub(crate) fn start(args: &[&str]) -> Serving {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
        command.arg("serve").args(args);
        Serving::by(command)
    }

    /// Starts the server that `command` becomes in the end.
    pub(crate) fn by(mut command: Command) -> Serving {
        let folder = tempfile::tempdir().expect("a folder");
        let log = File::create(folder.path().join("log")).expect("a log");
        let mut child = command
            .args(["--token", TOKEN])
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        Serving { child, out, folder }
    }

    /// What it prints next, behind `word`.
    pub(crate) fn told(&mut self, word: &str) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("its output");
        let told = line.strip_prefix(word).unwrap_or_else(|| {
            panic!("no `{word}` in `{line}`; it logged: {}", self.logged());
        });
        told.trim().to_owned()
    }

    /// Where it listens for lines over `kind`, as it says next.
    pub(crate) fn address(&mut self, kind: &str) -> SocketAddr {
        self.told(&format!("listening {kind} ")).parse().expect("an address")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it logged so far.
    pub(crate) fn logged(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).expect("a log")
    }
}

impl Drop for Serving {
    /// SIGKILL: nothing is written on the way.
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
