//! The agent on this machine, as a device: a process of our own.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::DeathKind;
use super::crew::Device;
use super::drive::ToolAct;
use crate::device::protocol::LOG_FILE;

/// How soon the end of the process is seen.
const SEEN: Duration = Duration::from_millis(20);
/// How long the process has to end after it was told to.
const GRACE: Duration = Duration::from_secs(3);

/// The agent's program, and the folder in which it runs and keeps its files.
pub struct Fake {
    program: PathBuf,
    folder: PathBuf,
    child: Option<Child>,
}

impl Fake {
    /// The agent at `program`, to keep its files in `folder`.
    pub fn new(program: PathBuf, folder: PathBuf) -> Fake {
        Fake { program, folder, child: None }
    }

    /// The agent beside the program that runs now.
    ///
    /// # Errors
    /// When it is not there: what to do.
    pub fn beside(own: &Path) -> Result<PathBuf, String> {
        let name = format!("holdline-agent{}", std::env::consts::EXE_SUFFIX);
        let agent = own.with_file_name(&name);
        if agent.is_file() {
            return Ok(agent);
        }
        Err(format!(
            "there is no {name} beside {}\n\
             Build it (`cargo build --bin holdline-agent`), or name it: --agent PATH.",
            own.display()
        ))
    }
}

impl Device for Fake {
    fn launch(&mut self, environment: &[(String, String)]) -> Result<(), String> {
        let environment = environment.iter().map(|(name, value)| (name, value));
        let spawned = Command::new(&self.program)
            .arg("--dir")
            .arg(&self.folder)
            .envs(environment)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        match spawned {
            Ok(child) => {
                self.child = Some(child);
                Ok(())
            }
            Err(error) => Err(format!("{} does not start: {error}", self.program.display())),
        }
    }

    fn act(&mut self, act: ToolAct) -> Result<(), String> {
        Err(format!("no tool can {act} here: the agent does it"))
    }

    fn ended(&mut self) -> Option<DeathKind> {
        // What cannot be waited for is over.
        let status = self.child.as_mut()?.try_wait().ok()??;
        self.child = None;
        Some(how(status))
    }

    fn look_every(&self) -> Option<Duration> {
        Some(SEEN)
    }

    fn log(&mut self) -> Result<Option<Vec<u8>>, String> {
        let path = self.folder.join(LOG_FILE);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{} cannot be read: {error}", path.display())),
        }
    }

    fn end(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let until = Instant::now() + GRACE;
        while Instant::now() < until {
            if !matches!(child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(SEEN);
        }
        // One that has ended meanwhile needs no killing.
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[cfg(unix)]
fn how(status: ExitStatus) -> DeathKind {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => DeathKind::Exited(code),
        (None, Some(signal)) => DeathKind::Signal(signal),
        (None, None) => DeathKind::Gone,
    }
}

#[cfg(not(unix))]
fn how(status: ExitStatus) -> DeathKind {
    status.code().map_or(DeathKind::Gone, DeathKind::Exited)
}
