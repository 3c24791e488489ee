//! The way to a running server from other threads: commands in, answers out.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::api::{Command, Refused, Reply};

/// How many commands may be under way; who sends more waits.
pub(super) const COMMANDS: usize = 1024;

/// Sends commands to the server. Clones reach the same server.
#[derive(Clone, Debug)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
    /// Wakes the thread of the server, which waits for sockets.
    waker: Option<Arc<mio::Waker>>,
}

impl Handle {
    /// A handle to whoever receives the commands and looks for them himself.
    pub fn over(commands: mpsc::Sender<Command>) -> Handle {
        Handle { commands, waker: None }
    }

    /// A handle to a server that is woken for each command.
    pub(super) fn waking(commands: mpsc::Sender<Command>, waker: Arc<mio::Waker>) -> Handle {
        Handle { commands, waker: Some(waker) }
    }

    /// Asks the server for what `make` makes of the reply, `|reply| Command::Stats { reply }` for example.
    ///
    /// # Errors
    /// What the server says; [`Refused::Down`] when it is gone.
    pub async fn ask<T>(&self, make: impl FnOnce(Reply<T>) -> Command) -> Result<T, Refused> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(make(reply)).await.map_err(|_| Refused::Down)?;
        self.wake()?;
        answer.await.map_err(|_| Refused::Down)?
    }

    /// The same for a thread that runs nothing else meanwhile.
    ///
    /// # Errors
    /// As [`Handle::ask`].
    pub fn ask_blocking<T>(&self, make: impl FnOnce(Reply<T>) -> Command) -> Result<T, Refused> {
        let (reply, answer) = oneshot::channel();
        self.commands.blocking_send(make(reply)).map_err(|_| Refused::Down)?;
        self.wake()?;
        answer.blocking_recv().map_err(|_| Refused::Down)?
    }

    fn wake(&self) -> Result<(), Refused> {
        match &self.waker {
            Some(waker) => waker.wake().map_err(|_| Refused::Down),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::server::api::Stats;

    #[test]
    fn an_answer_comes_back_and_a_server_that_is_gone_is_down() {
        let (commands, mut received) = mpsc::channel(1);
        let handle = Handle::over(commands);
        let asked = handle.clone();
        let thread =
            std::thread::spawn(move || asked.ask_blocking(|reply| Command::Stats { reply }));
        if let Some(Command::Stats { reply }) = received.blocking_recv() {
            reply.send(Ok(Stats::default())).unwrap();
        }
        assert_eq!(thread.join().unwrap(), Ok(Stats::default()));
        drop(received);
        assert_eq!(handle.ask_blocking(|reply| Command::Stats { reply }), Err(Refused::Down));
    }
}
