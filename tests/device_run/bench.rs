//! The program and its agent, in a folder of their own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A call that comes while the app is in the background, and a path that is silent for a while.
pub(crate) const SHORT: &str = r#"
name = "a call in the background"
duration = "4m"
[platform]
use = "ios-9"
[app]
background-modes = ["voip"]
[client]
use = "ping-in-handler"
[[step]]
at = "10s"
do = "user.background"
[[step]]
at = "1m"
do = "server.push"
push = "call"
[[step]]
at = "2m"
do = "network.silence"
lasts = "10s"
[[step]]
at = "3m"
do = "user.foreground"
[[expect]]
that = "push-received"
push = "call"
within = "10s"
[[expect]]
that = "event"
event = "callback name=became-active"
count = 2
"#;

/// How long a process may take that ends by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// The agent's program.
pub(crate) fn agent() -> &'static str {
    env!("CARGO_BIN_EXE_holdline-agent")
}

/// Where programs are looked for: ours first.
fn tools() -> String {
    let ours = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/device_run/tools");
    format!("{ours}:{}", std::env::var("PATH").unwrap_or_default())
}

/// A folder to run the program in.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
    fault: Option<&'static str>,
    script: Option<PathBuf>,
}

impl Bench {
    pub(crate) fn new() -> Bench {
        Bench { folder: tempfile::tempdir().unwrap(), fault: None, script: None }
    }

    /// The agent misbehaves.
    pub(crate) fn with_fault(self, fault: &'static str) -> Bench {
        Bench { fault: Some(fault), ..self }
    }

    /// A shell script in the agent's place.
    pub(crate) fn with_agent(self, script: &str) -> Bench {
        use std::os::unix::fs::PermissionsExt;
        let path = self.folder.path().join("agent.sh");
        std::fs::write(&path, format!("#!/bin/sh\n{script}")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        Bench { script: Some(path), ..self }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Runs a scenario with an agent of this machine.
    pub(crate) fn run(&self, scenario: &str, arguments: &[&str]) -> Ended {
        Ended::of(self.start(scenario, arguments))
    }

    /// Runs it on this device.
    pub(crate) fn run_on(&self, device: &str, scenario: &str, arguments: &[&str]) -> Ended {
        Ended::of(self.start_on(device, scenario, arguments))
    }

    /// Starts it.
    pub(crate) fn start(&self, scenario: &str, arguments: &[&str]) -> Child {
        let agent = self.script.as_ref().map_or(agent().into(), |script| script.clone());
        let agent = agent.display().to_string();
        self.start_on("fake", scenario, &[&["--agent", &agent], arguments].concat())
    }

    fn start_on(&self, device: &str, scenario: &str, arguments: &[&str]) -> Child {
        std::fs::write(self.path("a.toml"), scenario).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
        command
            .args(["device", "run", "a.toml", "--device", device, "--format", "json"])
            .args(arguments)
            .current_dir(self.folder.path())
            .env("ENVIRONMENT", self.path("environment"))
            // A simulator of our own, for `--device sim`.
            .env("PATH", tools())
            .env("AGENT", agent())
            .env("CALLS", self.path("calls"))
            .env("CONTAINER", self.path("container"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(fault) = self.fault {
            command.env("HOLDLINE_AGENT_FAULT", fault);
        }
        command.spawn().unwrap()
    }

    /// The environment in which the agent's script was started, as it wrote it down.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Ok(text) = std::fs::read_to_string(self.path("environment")) {
                let pairs = text.lines().filter_map(|line| line.split_once('='));
                return pairs.map(|(name, value)| (name.into(), value.into())).collect();
            }
            assert!(Instant::now() < until, "the agent was not started");
            // There is nothing to wait for but the file.
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether the agent's script was started.
    pub(crate) fn was_started(&self) -> bool {
        self.folder.path().join("environment").exists()
    }
}

/// What a process said, and its exit code.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Waits for it.
    pub(crate) fn of(child: Child) -> Ended {
        let output = child.wait_with_output().unwrap();
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

pub(crate) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// What Ctrl-C does.
pub(crate) fn interrupt(pid: u32) {
    assert!(Command::new("kill").args(["-INT", &pid.to_string()]).status().unwrap().success());
}

/// Whether there is such a process.
pub(crate) fn is_running(pid: &str) -> bool {
    Command::new("kill").args(["-0", pid]).stderr(Stdio::null()).status().unwrap().success()
}
