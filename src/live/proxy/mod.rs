//! The fault proxy: forwards bytes it does not understand between any client and one server, and breaks
//! the path in between by the faults that are set.
//!
//! `vocabulary` is the table of faults, `fault` what they are as values, `effects` what several come to.
//! `relay` is one connection as a state machine and `lane` one direction of it; `connection` gives it
//! sockets. `accept` takes connections at the `door`; `shared` holds what is set and what is there. `clock`
//! and `event` are what it is told and tells; `control`, `openapi` and `limit` are its HTTP API, `script` makes
//! changes of a scenario's steps and `play` makes them in time.
//!
//! The faults are named for what the ends of a connection meet, not for how this proxy does it, so that
//! a network in a kernel (namespaces, packet filters) can have the same names. `docs/proxy.md` says where a
//! proxy differs from that.

mod accept;
mod clock;
mod connection;
pub mod control;
mod door;
mod effects;
mod event;
mod fault;
mod lane;
mod limit;
mod openapi;
mod play;
mod relay;
mod script;
mod shared;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

pub use clock::{Clock, Scaled};
pub use effects::SetFault;
pub use event::{ProxyEvent, ProxyWhat, Refusal};
pub use fault::{
    Change, Direction, EndHow, Ends, Fault, FaultId, FaultSpec, Invalid, On, RefuseHow, Side,
};
pub use play::play;
pub use relay::LaneInfo;
pub use script::{Planned, Script};
pub use vocabulary::{FAULTS, FaultInfo, FaultKey, ON};

use crate::port::Time;
use connection::lock;
use door::Door;
use shared::{Shared, State};

/// The bounds of a proxy, and its luck.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// How many bytes of each direction of a connection it holds.
    pub hold: usize,
    /// How many connections it takes at once; more are refused with RST.
    pub most_connections: usize,
    /// The seed of its delays.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options { hold: 64 << 10, most_connections: 10_000, seed: 0 }
    }
}

/// One connection, as told outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectionInfo {
    /// Its number, from 1.
    pub number: u64,
    /// Where the client is.
    pub client: SocketAddr,
    /// The proxy's own address towards the server, when it is connected.
    pub local: Option<SocketAddr>,
    /// When the client connected.
    pub opened: Time,
    /// Bytes from the client.
    pub to_server: LaneInfo,
    /// Bytes from the server.
    pub to_client: LaneInfo,
    /// Nothing of one side reaches the other any more: it was forgotten, half of it ended, or what took it
    /// never answers.
    pub cut: bool,
}

/// What was read and not yet passed on, of all connections.
#[derive(Copy, Clone, PartialEq, Eq, Default, Debug)]
pub struct InFlight {
    /// Bytes, FINs and RSTs that go on by themselves.
    pub moving: u64,
    /// Those that stand still until a fault is removed.
    pub still: u64,
}

impl InFlight {
    /// Whether nothing goes on by itself.
    pub const fn is_quiet(self) -> bool {
        self.moving == 0
    }
}

/// A proxy that listens. When it is dropped, all its connections end.
pub struct Proxy {
    shared: Arc<Shared>,
    local: SocketAddr,
    accepts: JoinHandle<()>,
}

impl Proxy {
    /// Listens at `listen` and forwards to `upstream`, with the bounds of [`Options::default`].
    ///
    /// # Errors
    /// That the address cannot be bound, or that there is no tokio runtime.
    pub fn bind(
        listen: SocketAddr,
        upstream: SocketAddr,
        clock: Arc<dyn Clock>,
    ) -> io::Result<Proxy> {
        Proxy::bind_with(listen, upstream, clock, Options::default())
    }

    /// The same with other bounds.
    ///
    /// # Errors
    /// As of [`Proxy::bind`].
    pub fn bind_with(
        listen: SocketAddr,
        upstream: SocketAddr,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> io::Result<Proxy> {
        let door = Door::open(listen)?;
        let local = door.address();
        let shared = Arc::new(Shared {
            clock,
            upstream,
            options,
            state: Mutex::new(State::default()),
            door: Mutex::new(door),
            door_moved: Notify::new(),
            listeners: Mutex::new(Vec::new()),
        });
        // Connections are taken when this task first runs: what is set before that holds for all of them.
        let accepts = tokio::spawn(accept::accept(Arc::clone(&shared)));
        Ok(Proxy { shared, local, accepts })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Makes all `changes`, or none of them, and answers the number of each fault that was set, in order.
    ///
    /// A fault that is done at once has a number, too, but is not listed afterwards. What is set holds for
    /// bytes that are read from now on; `refuse` closes the listening socket before this returns.
    ///
    /// # Errors
    /// [`Invalid`] for the first change that cannot be made. Nothing was changed then.
    pub fn apply(&self, changes: Vec<Change>) -> Result<Vec<FaultId>, Invalid> {
        self.shared.apply(changes)
    }

    /// The faults that are set, oldest first.
    pub fn faults(&self) -> Vec<SetFault> {
        lock(&self.shared.state).faults.clone()
    }

    /// The connections that are there, by number.
    pub fn connections(&self) -> Vec<ConnectionInfo> {
        let state = lock(&self.shared.state);
        let info = |cell: &Arc<connection::Cell>| {
            let relay = lock(&cell.relay);
            ConnectionInfo {
                number: cell.number,
                client: cell.client,
                local: *lock(&cell.local),
                opened: relay.opened,
                to_server: relay.lane(Side::Server),
                to_client: relay.lane(Side::Client),
                cut: relay.is_cut(),
            }
        };
        state.connections.values().map(info).collect()
    }

    /// What was read and not yet passed on. Bytes that wait in the kernel to be read are not seen.
    pub fn in_flight(&self) -> InFlight {
        let mut all = InFlight::default();
        for connection in self.connections() {
            for lane in [connection.to_server, connection.to_client] {
                let count = lane.held + u64::from(lane.end);
                *(if lane.still { &mut all.still } else { &mut all.moving }) += count;
            }
        }
        all
    }

    /// What happens from now on. Whoever asks has to read on, since nothing is left out; dropping it ends it.
    pub fn events(&self) -> mpsc::UnboundedReceiver<ProxyEvent> {
        let (sender, receiver) = mpsc::unbounded_channel();
        lock(&self.shared.listeners).push(sender);
        receiver
    }

    /// What it reads time from.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.shared.clock)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepts.abort();
    }
}
