//! The server of a run: our own, behind its listener on a free port.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::unix::AsyncFd;

use super::stage::device_name;
use crate::live::server::{Config, Hub, Journal, Kind};
use crate::port::{PushId, Span, Time};
use crate::server::{Context, ServerOptions, Session};
use crate::sim::Setup;
use crate::trace::{Event, RestartKind, What};

/// Events of the server that were not looked at.
type Happened = Arc<Mutex<VecDeque<Event>>>;

/// Our own server, for one run.
pub(crate) struct Own {
    ready: AsyncFd<OwnedFd>,
    hub: Hub,
    address: SocketAddr,
    happened: Happened,
    /// The phone's number of a connection, by the server's.
    numbers: BTreeMap<u32, u32>,
}

impl Own {
    pub(crate) fn open(setup: &Setup, devices: u32) -> io::Result<Own> {
        let mut config = Config::of(setup.server.clone());
        config.known = (1..=devices).map(|number| (device_name(number), number)).collect();
        // A phone may take as long as it likes to say hello: it may be suspended.
        config.limits.handshake = Span::from_secs(24 * 3_600);
        let mut hub = Hub::new(config)?;
        let address = hub.listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Kind::Tcp)?;
        let happened = Happened::default();
        let queue = Arc::clone(&happened);
        hub.tap(Box::new(move |event| {
            queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(*event);
        }));
        let ready = watch(hub.as_fd().try_clone_to_owned()?)?;
        Ok(Own { ready, hub, address, happened, numbers: BTreeMap::new() })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn deadline(&self) -> Time {
        self.hub.deadline()
    }

    /// Ends when the server has something to do.
    pub(crate) async fn ready(&self) -> io::Result<()> {
        self.ready.readable().await?.clear_ready();
        Ok(())
    }

    /// Lets the server do what it has to do.
    pub(crate) fn turn(&mut self, now: Time) {
        // What it cannot poll now it polls the next time.
        let _ = self.hub.turn(|| now, Some(Duration::ZERO));
    }

    /// What happened in the server and was not looked at.
    pub(crate) fn happened(&self) -> Option<Event> {
        self.happened.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// The event with the phone's number of its connection, if it has one; `find` knows the phone's number of the
    /// connection that comes from an address.
    pub(crate) fn renumber(
        &mut self,
        what: What,
        find: impl FnOnce(SocketAddr) -> Option<u32>,
    ) -> Option<What> {
        on_connection(what, |connection| {
            let known = self.numbers.get(&connection).copied();
            let number = known.or_else(|| find(self.hub.peer(connection)?))?;
            self.numbers.insert(connection, number);
            Some(number)
        })
    }

    /// The same, of a connection that is known to have this number.
    pub(crate) fn renumber_as(&mut self, what: What, number: u32) -> What {
        let known = on_connection(what, |connection| {
            self.numbers.insert(connection, number);
            Some(number)
        });
        known.unwrap_or(what)
    }

    /// Does something to a device's session.
    pub(crate) fn session(
        &mut self,
        device: u32,
        now: Time,
        act: impl FnOnce(&mut Session, &mut Context<'_, Journal>),
    ) {
        self.hub.on_session(device, now, act);
    }

    pub(crate) fn push(
        &mut self,
        device: u32,
        id: PushId,
        ttl: Option<Span>,
        payload: &str,
        now: Time,
    ) {
        self.hub.push_as(device, id, payload, ttl, now);
    }

    pub(crate) fn down(&mut self, how: RestartKind, now: Time) {
        self.hub.down(how, now);
    }

    pub(crate) fn up(&mut self, now: Time) {
        self.hub.up(now);
    }

    /// The connections over which a push would go and which wakes the app for it, as the phone numbers them; and
    /// whether the registration has expired.
    pub(crate) fn routes(
        &self,
        device: u32,
        options: &ServerOptions,
    ) -> (Option<u32>, Option<u32>, bool) {
        let Some(session) = self.hub.session(device) else { return (None, None, false) };
        let number = |connection: u32| self.numbers.get(&connection).copied();
        let (route, waker) = (session.route(options), session.waker(options));
        (route.and_then(number), waker.and_then(number), session.registration_expired())
    }

    /// The connections of the device's session, as the phone numbers them.
    pub(crate) fn connections(&self, device: u32) -> Vec<u32> {
        let Some(session) = self.hub.session(device) else { return Vec::new() };
        let both = session.connection().into_iter().chain(session.side());
        both.filter_map(|connection| self.numbers.get(&connection).copied()).collect()
    }
}

/// Watches a descriptor for being readable.
#[expect(
    deprecated,
    reason = "unsound for a raw descriptor; this one is owned, as its replacement demands"
)]
fn watch(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(descriptor, tokio::io::Interest::READABLE)
}

/// The event with another number of its connection, if it has one.
fn on_connection(what: What, number: impl FnOnce(u32) -> Option<u32>) -> Option<What> {
    Some(if let What::SessionOpened { connection } = what {
        What::SessionOpened { connection: number(connection)? }
    } else if let What::SessionClosed { connection, why } = what {
        What::SessionClosed { connection: number(connection)?, why }
    } else if let What::SideOpened { connection } = what {
        What::SideOpened { connection: number(connection)? }
    } else if let What::SideClosed { connection, why } = what {
        What::SideClosed { connection: number(connection)?, why }
    } else if let What::PushSent { push, connection } = what {
        What::PushSent { push, connection: number(connection)? }
    } else if let What::PushResent { push, connection, n } = what {
        What::PushResent { push, connection: number(connection)?, n }
    } else if let What::Heartbeat { connection, n } = what {
        What::Heartbeat { connection: number(connection)?, n }
    } else if let What::ServerPing { connection, n } = what {
        What::ServerPing { connection: number(connection)?, n }
    } else if let What::ServerPong { connection, n } = what {
        What::ServerPong { connection: number(connection)?, n }
    } else {
        what
    })
}
