//! Whoever handles the device: tools take seconds, so they work on a thread of their own.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::DeathKind;
use super::drive::ToolAct;

/// A device, as its tools know it. The app is installed on it.
pub trait Device: Send {
    /// Starts the app's process with these variables in its environment.
    ///
    /// # Errors
    /// Why it did not start, and what to do.
    fn launch(&mut self, environment: &[(String, String)]) -> Result<(), String>;
    /// Does something on the device.
    ///
    /// # Errors
    /// Why that was not done.
    fn act(&mut self, act: ToolAct) -> Result<(), String>;
    /// How the app's process ended, if it did since it was asked last.
    fn ended(&mut self) -> Option<DeathKind>;
    /// How often to look whether it ended; only when there is a reason, if absent.
    fn look_every(&self) -> Option<Duration>;
    /// The log that the app wrote, as it is now; nothing when only the app can give it.
    ///
    /// # Errors
    /// Why it cannot be had.
    fn log(&mut self) -> Result<Option<Vec<u8>>, String>;
    /// Ends the app's process, if there is one.
    fn end(&mut self);
}

/// Something to do on the device.
#[derive(Debug)]
enum Job {
    Launch(Vec<(String, String)>),
    Act { n: u32, act: ToolAct },
    Look,
    Log,
    End,
}

/// What was done.
#[derive(Debug)]
pub(super) enum Did {
    Launched(Result<(), String>),
    Acted {
        n: u32,
        how: Result<(), String>,
    },
    Ended(DeathKind),
    Log(Result<Option<Vec<u8>>, String>),
    /// Nothing runs any more that was started.
    Over,
}

/// The thread that handles the device. When this is dropped, it ends the app's process.
pub(super) struct Crew {
    jobs: Sender<Job>,
    pub(super) did: UnboundedReceiver<Did>,
    /// One that was waited for and is not looked at yet.
    back: Option<Did>,
}

impl Crew {
    /// What was waited for, to be looked at.
    pub(super) fn put_back(&mut self, did: Option<Did>) {
        self.back = did;
    }

    /// What was done, if something was.
    pub(super) fn take(&mut self) -> Option<Did> {
        self.back.take().or_else(|| self.did.try_recv().ok())
    }

    /// Whether nothing was done that was not taken.
    pub(super) fn is_empty(&self) -> bool {
        self.back.is_none() && self.did.is_empty()
    }

    /// Begins to handle `device`.
    ///
    /// # Errors
    /// When there is no thread.
    pub(super) fn start(device: Box<dyn Device>) -> std::io::Result<Crew> {
        let (jobs, todo) = channel();
        let (done, did) = unbounded_channel();
        let thread = std::thread::Builder::new().name("device".into());
        thread.spawn(move || work(device, &todo, &done))?;
        Ok(Crew { jobs, did, back: None })
    }

    // A thread that is over has said so.

    pub(super) fn launch(&self, environment: Vec<(String, String)>) {
        let _ = self.jobs.send(Job::Launch(environment));
    }

    pub(super) fn act(&self, n: u32, act: ToolAct) {
        let _ = self.jobs.send(Job::Act { n, act });
    }

    pub(super) fn look(&self) {
        let _ = self.jobs.send(Job::Look);
    }

    pub(super) fn log(&self) {
        let _ = self.jobs.send(Job::Log);
    }

    pub(super) fn end(&self) {
        let _ = self.jobs.send(Job::End);
    }
}

fn work(mut device: Box<dyn Device>, todo: &Receiver<Job>, done: &UnboundedSender<Did>) {
    let every = device.look_every();
    // Nobody listens when the run was given up.
    let tell = |did| drop(done.send(did));
    loop {
        let next = match every {
            Some(every) => todo.recv_timeout(every),
            None => todo.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match next {
            Ok(Job::Launch(environment)) => tell(Did::Launched(device.launch(&environment))),
            Ok(Job::Act { n, act }) => tell(Did::Acted { n, how: device.act(act) }),
            Ok(Job::Log) => tell(Did::Log(device.log())),
            Ok(Job::Look) | Err(RecvTimeoutError::Timeout) => {
                if let Some(how) = device.ended() {
                    tell(Did::Ended(how));
                }
            }
            Ok(Job::End) => {
                device.end();
                tell(Did::Over);
            }
            Err(RecvTimeoutError::Disconnected) => return device.end(),
        }
    }
}
