//! Takes connections, or refuses them.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::connection::{Cell, lock, reset_when_dropped, serve};
use super::event::{ProxyWhat, Refusal};
use super::relay::Relay;
use super::shared::Shared;
use crate::port::Draws;

/// Until accepting is tried again where it failed for want of descriptors or memory. A try in vain costs a
/// system call or two.
const RETRY: Duration = Duration::from_millis(50);

/// Takes connections until it is dropped, and with it all connections.
pub(super) async fn accept(shared: Arc<Shared>) {
    let mut tasks = JoinSet::new();
    loop {
        let mut failed: Option<io::Error> = None;
        tokio::select! {
            accepted = poll_fn(|cx| lock(&shared.door).poll_accept(cx)) => match accepted {
                Ok((client, from)) => take(&shared, &mut tasks, client, from),
                // The client was quicker: not a want of anything.
                Err(error) if is_the_clients(&error) => {}
                Err(error) => failed = Some(error),
            },
            () = shared.door_moved.notified() => {}
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            () = tokio::time::sleep(RETRY), if !lock(&shared.door).is_as_wanted() => {}
        }
        // As many as there are, so that the ends of many cost no turn each.
        while tasks.try_join_next().is_some() {}
        if let Err(error) = lock(&shared.door).retry() {
            failed = Some(error);
        }
        if let Some(error) = failed {
            shared.tell(None, ProxyWhat::CannotAccept { why: error.to_string() });
            tokio::time::sleep(RETRY).await;
        }
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

fn take(shared: &Arc<Shared>, tasks: &mut JoinSet<()>, client: TcpStream, from: SocketAddr) {
    let mut state = lock(&shared.state);
    let effects = state.effects_of_next();
    let why = if effects.refuse.is_some() {
        Some(Refusal::Fault)
    } else if state.connections.len() >= shared.options.most_connections {
        Some(Refusal::TooMany)
    } else {
        None
    };
    if let Some(why) = why {
        drop(state);
        reset_when_dropped(&client);
        shared.tell(None, ProxyWhat::Refused { client: from, why });
        return;
    }
    state.last_connection += 1;
    let number = state.last_connection;
    // Draws count in fewer numbers than connections; that they come again after so many does no harm.
    let draws = Draws::new(shared.options.seed, number as u32);
    let relay = Relay::new(effects, draws, shared.options.hold, shared.clock.now());
    let cell = Arc::new(Cell {
        number,
        client: from,
        relay: Mutex::new(relay),
        local: Mutex::new(None),
        changed: Notify::new(),
    });
    state.connections.insert(number, Arc::clone(&cell));
    drop(state);
    shared.tell(Some(number), ProxyWhat::Connected { client: from });
    tasks.spawn(serve(Arc::clone(shared), cell, client));
}
