//! What `holdline serve` has besides its listeners: the store and the control API.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::exit::CliError;
use super::long_running::cannot_listen;
use crate::live::control::{self, Serving};
use crate::live::server::store::{Opened, RedbStore, StoreErrorKind};
use crate::live::server::{Handle, Hub};
use crate::port::Time;

/// Lets `hub` keep its pushes in a file.
pub(super) fn keep(hub: &mut Hub, path: &Path, waker: Arc<mio::Waker>) -> Result<(), CliError> {
    // A wake that fails finds a loop that turns anyway.
    let wake = Box::new(move || waker.wake().unwrap_or_default());
    let Opened { store, loaded, expired } = RedbStore::open(path, wake).map_err(|error| {
        let message = format!("--store: {error}");
        match error.kind {
            StoreErrorKind::NotAStore
            | StoreErrorKind::Unfinished
            | StoreErrorKind::Locked
            | StoreErrorKind::Version(_)
            | StoreErrorKind::Corrupted(_) => CliError::WrongInput(message),
            StoreErrorKind::Io(_) => CliError::Environment(message),
        }
    })?;
    let (waiting, next) = (loaded.pushes.len(), loaded.next_id);
    tracing::info!(path = %path.display(), waiting, expired, next, "the store is open");
    hub.keep_in(Box::new(store), loaded, Time::ZERO);
    Ok(())
}

/// The socket of the control API.
pub(super) struct Control {
    listener: TcpListener,
    /// What is said of it.
    pub(super) line: String,
}

impl Control {
    /// Takes the address; nothing is answered yet.
    pub(super) fn listen(address: SocketAddr) -> Result<Control, CliError> {
        let failed = |error| cannot_listen(address, &error);
        let listener = TcpListener::bind(address).map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        if !bound.ip().is_loopback() {
            tracing::warn!(address = %bound, "the control API can be reached from other machines");
        }
        Ok(Control { listener, line: format!("control http://{bound}\n") })
    }

    /// Answers until [`Controlled::end`].
    pub(super) fn serve(self, handle: Handle, token: String) -> Result<Controlled, CliError> {
        let (end, ended) = oneshot::channel();
        let serving = control::serve(self.listener, handle, token, ended).map_err(|error| {
            CliError::Environment(format!("the control API cannot begin: {error}"))
        })?;
        Ok(Controlled { end, serving })
    }
}

/// A control API that answers.
pub(super) struct Controlled {
    end: oneshot::Sender<()>,
    serving: Serving,
}

impl Controlled {
    /// Lets requests that are under way come to their end.
    pub(super) fn end(self) {
        drop(self.end);
        if let Err(error) = self.serving.join() {
            tracing::error!(%error, "the control API failed");
        }
    }
}
