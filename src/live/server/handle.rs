//! How other threads ask a running server.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use tokio::sync::oneshot;

use super::api::{Command, Refused, Reply};

/// Asks a running server; can be cloned and sent to other threads.
#[derive(Clone)]
pub struct Handle {
    commands: Sender<Command>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

/// The server has ended.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Gone;

impl std::fmt::Display for Gone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the server has ended")
    }
}

impl std::error::Error for Gone {}

impl Handle {
    /// A handle whose commands go to `commands`; `wake` tells whoever takes them that there is one.
    pub fn over(commands: Sender<Command>, wake: Arc<dyn Fn() + Send + Sync>) -> Handle {
        Handle { commands, wake }
    }

    /// Asks something, and waits for the answer. A server that has ended is down.
    ///
    /// # Errors
    /// Why the server does not do it.
    pub async fn ask<T>(&self, make: impl FnOnce(Reply<T>) -> Command) -> Result<T, Refused> {
        let (reply, answer) = oneshot::channel();
        self.tell(make(reply)).map_err(|Gone| Refused::Down)?;
        answer.await.unwrap_or(Err(Refused::Down))
    }

    /// Gives a command without waiting.
    ///
    /// # Errors
    /// When the server has ended.
    pub fn tell(&self, command: Command) -> Result<(), Gone> {
        self.commands.send(command).map_err(|_| Gone)?;
        (self.wake)();
        Ok(())
    }
}
