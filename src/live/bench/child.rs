//! Child processes that never outlive the measurement.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::error::{BenchError, Trying};

/// How much of what a child said on its standard error is kept.
const KEPT: usize = 4096;

/// All children that run; a signal ends them all.
#[derive(Clone, Default, Debug)]
pub(super) struct Children(Arc<Mutex<Held>>);

#[derive(Default, Debug)]
struct Held {
    running: Vec<Child>,
    interrupted: bool,
}

impl Children {
    fn lock(&self) -> MutexGuard<'_, Held> {
        // What is held stays true whoever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends them all, and lets nobody start any more.
    pub(super) fn interrupt(&self) {
        let mut held = self.lock();
        held.interrupted = true;
        for child in &mut held.running {
            // It may have ended by itself.
            let _ = child.kill();
        }
    }

    /// Whether a signal has ended them.
    pub(super) fn interrupted(&self) -> bool {
        self.lock().interrupted
    }

    /// Starts `command`; it ends at the latest when the answer is dropped.
    pub(super) fn start(&self, mut command: Command) -> Result<Running, BenchError> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut held = self.lock();
        if held.interrupted {
            return Err(BenchError::Interrupted);
        }
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command.spawn().trying(|| format!("cannot start {program}"))?;
        let pid = child.id();
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let stderr = child.stderr.take();
        held.running.push(child);
        drop(held);
        let said = Arc::new(Mutex::new(Vec::new()));
        if let Some(stderr) = stderr {
            keep_tail(stderr, Arc::clone(&said));
        }
        let (sender, lines) = channel();
        if let Some(stdout) = stdout {
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        Ok(Running { children: self.clone(), pid, stdin, lines, said })
    }
}

/// Keeps the end of what `stderr` says.
fn keep_tail(mut stderr: impl Read + Send + 'static, said: Arc<Mutex<Vec<u8>>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        while let Ok(length @ 1..) = stderr.read(&mut buffer) {
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.extend_from_slice(&buffer[..length]);
            let surplus = said.len().saturating_sub(KEPT);
            said.drain(..surplus);
        }
    });
}

/// A child process; dropping it ends it.
#[derive(Debug)]
pub(super) struct Running {
    children: Children,
    pid: u32,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    said: Arc<Mutex<Vec<u8>>>,
}

impl Running {
    /// Its number.
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Writes a line to its standard input.
    pub(super) fn tell(&mut self, line: &str) -> Result<(), BenchError> {
        let Some(stdin) = &mut self.stdin else { return Ok(()) };
        let written = writeln!(stdin, "{line}").and_then(|()| stdin.flush());
        written.map_err(|_| self.ended())
    }

    /// The next line of its standard output.
    pub(super) fn hear(&mut self, patience: Duration) -> Result<String, BenchError> {
        match self.lines.recv_timeout(patience) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Disconnected) => Err(self.ended()),
            Err(RecvTimeoutError::Timeout) => {
                let seconds = patience.as_secs();
                Err(BenchError::Failed(format!("a process said nothing for {seconds} s")))
            }
        }
    }

    /// It ended too early: why, as far as it said so.
    fn ended(&self) -> BenchError {
        if self.children.interrupted() {
            return BenchError::Interrupted;
        }
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        let said = if said.is_empty() { "it said nothing".to_owned() } else { said };
        BenchError::Failed(format!("a process ended too early: {said}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut held = self.children.lock();
        let Some(place) = held.running.iter().position(|child| child.id() == self.pid) else {
            return;
        };
        let mut child = held.running.swap_remove(place);
        drop(held);
        // It may have ended by itself; then there is nothing to end, only to collect.
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// For a child: ends this process when its standard input ends, as it does when the parent is killed.
pub(super) fn end_with_the_parent() -> Result<(), BenchError> {
    let watch = || {
        let mut nothing = [0; 64];
        let mut stdin = std::io::stdin().lock();
        while let Ok(1..) = stdin.read(&mut nothing) {}
        std::process::exit(0);
    };
    let started = std::thread::Builder::new().spawn(watch);
    started.map(drop).trying(|| "cannot start a thread".into())
}

/// Ends `children` on ctrl-c and on a signal to end, as long as the answer lives.
pub(super) fn interruptible(children: &Children) -> Result<Interruptible, BenchError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .trying(|| "cannot start a runtime".into())?;
    let (sender, over) = tokio::sync::oneshot::channel::<()>();
    let children = children.clone();
    let wait = move || {
        runtime.block_on(async {
            tokio::select! {
                _ = over => {}
                () = told_to_end() => children.interrupt(),
            }
        });
    };
    let started = std::thread::Builder::new().spawn(wait);
    started.trying(|| "cannot start a thread".into())?;
    Ok(Interruptible { _over: sender })
}

/// While it lives, signals end the children.
#[derive(Debug)]
pub(super) struct Interruptible {
    _over: tokio::sync::oneshot::Sender<()>,
}

/// Returns at the first signal to end. Where signals cannot be watched, they end the process as ever.
async fn told_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                Ok(()) = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
