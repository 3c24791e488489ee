//! The thread of a running server.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mio::Waker;
use tokio::sync::mpsc::{Receiver, channel};

use super::api::Command;
use super::handle::{COMMANDS, Handle};
use super::hub::Hub;
use crate::port::{Span, Time};
use crate::trace::RestartKind;

/// A server on a thread of its own.
pub struct Running {
    /// Asks it.
    pub handle: Handle,
    thread: JoinHandle<io::Result<()>>,
}

impl Running {
    /// Waits until it has ended: after a drain.
    ///
    /// # Errors
    /// Why its loop ended, if not by a drain.
    pub fn join(self) -> io::Result<()> {
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the server's thread panicked")))
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }
}

/// Lets a server run until it is drained. `began` is when its time began; `waker` is the hub's.
///
/// # Errors
/// When a thread cannot be had.
pub fn spawn(hub: Hub, waker: Arc<Waker>, began: Instant) -> io::Result<Running> {
    let (sender, mut commands) = channel(COMMANDS);
    let handle = Handle::waking(sender, waker);
    let thread = std::thread::Builder::new()
        .name("holdline-server".into())
        .spawn(move || serve(hub, began, &mut commands))?;
    Ok(Running { handle, thread })
}

fn time(began: Instant) -> Time {
    Time::from_micros(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX))
}

fn serve(mut hub: Hub, began: Instant, commands: &mut Receiver<Command>) -> io::Result<()> {
    let now = || time(began);
    let (mut up_at, mut end_at) = (Time::NEVER, Time::NEVER);
    loop {
        let due = hub.deadline().min(up_at).min(end_at);
        let timeout = (due != Time::NEVER).then(|| {
            // A microsecond more, so that what is waited for is due then.
            Duration::from_micros(due.since(now()).as_micros().saturating_add(1))
        });
        hub.turn(now, timeout)?;
        let at = now();
        while let Ok(command) = commands.try_recv() {
            if let Command::Restart { how, down_for, .. } = &command {
                up_at = match how {
                    RestartKind::Drain => up_at,
                    RestartKind::Process | RestartKind::HostDown => at + *down_for,
                };
            }
            if let Command::Drain { grace, .. } = &command {
                // The last closes have a moment to go out.
                end_at = at + *grace + Span::from_millis(500);
            }
            hub.command(command, at);
        }
        hub.flush(at);
        if up_at <= at {
            up_at = Time::NEVER;
            hub.up(at);
        }
        let drained = end_at != Time::NEVER && hub.is_empty() && hub.is_stored();
        if drained || end_at <= at {
            return Ok(());
        }
    }
}
