//! The server of a run: our own, or one that runs elsewhere.

use std::io;
use std::net::SocketAddr;

use super::elsewhere::Elsewhere;
use super::own::Own;
use crate::live::server::Journal;
use crate::port::{PushId, Span, Time};
use crate::server::{Context, ServerOptions, Session};
use crate::trace::{Event, RestartKind, What};

/// The server of a run. Of one that runs elsewhere nothing is known but what it says on its connections.
pub(super) enum Far {
    Own(Box<Own>),
    Elsewhere(Elsewhere),
}

impl Far {
    pub(super) fn address(&self) -> SocketAddr {
        match self {
            Far::Own(own) => own.address(),
            Far::Elsewhere(there) => there.address(),
        }
    }

    /// Whether what happens in the server is known.
    pub(super) fn is_own(&self) -> bool {
        match self {
            Far::Own(_) => true,
            Far::Elsewhere(_) => false,
        }
    }

    pub(super) fn deadline(&self) -> Time {
        match self {
            Far::Own(own) => own.deadline(),
            Far::Elsewhere(_) => Time::NEVER,
        }
    }

    /// Ends when the server has something to do.
    pub(super) async fn ready(&self) -> io::Result<()> {
        match self {
            Far::Own(own) => own.ready().await,
            Far::Elsewhere(_) => std::future::pending().await,
        }
    }

    /// Lets the server do what it has to do.
    pub(super) fn turn(&mut self, now: Time) {
        match self {
            Far::Own(own) => own.turn(now),
            Far::Elsewhere(_) => {}
        }
    }

    /// What happened in the server and was not looked at.
    pub(super) fn happened(&mut self) -> Option<Event> {
        match self {
            Far::Own(own) => own.happened(),
            Far::Elsewhere(there) => there.happened(),
        }
    }

    /// The event with the phone's number of its connection: see [`Own::renumber`].
    pub(super) fn renumber(
        &mut self,
        what: What,
        find: impl FnOnce(SocketAddr) -> Option<u32>,
    ) -> Option<What> {
        match self {
            Far::Own(own) => own.renumber(what, find),
            Far::Elsewhere(_) => Some(what),
        }
    }

    /// Why a push was not published, if one was not.
    pub(super) fn failure(&self) -> Option<String> {
        match self {
            Far::Own(_) => None,
            Far::Elsewhere(there) => there.failure(),
        }
    }

    /// Does something to a device's session, where that can be done.
    pub(super) fn session(
        &mut self,
        device: u32,
        now: Time,
        act: impl FnOnce(&mut Session, &mut Context<'_, Journal>),
    ) {
        match self {
            Far::Own(own) => own.session(device, now, act),
            Far::Elsewhere(_) => {}
        }
    }

    pub(super) fn push(
        &mut self,
        device: u32,
        id: PushId,
        ttl: Option<Span>,
        payload: &str,
        now: Time,
    ) {
        match self {
            Far::Own(own) => own.push(device, id, ttl, payload, now),
            Far::Elsewhere(there) => there.push(device, id, payload),
        }
    }

    pub(super) fn down(&mut self, how: RestartKind, now: Time) {
        match self {
            Far::Own(own) => own.down(how, now),
            Far::Elsewhere(_) => {}
        }
    }

    pub(super) fn up(&mut self, now: Time) {
        match self {
            Far::Own(own) => own.up(now),
            Far::Elsewhere(_) => {}
        }
    }

    /// The connections over which a push would go and which wakes the app for it: see [`Own::routes`].
    pub(super) fn routes(
        &self,
        device: u32,
        options: &ServerOptions,
    ) -> (Option<u32>, Option<u32>, bool) {
        match self {
            Far::Own(own) => own.routes(device, options),
            Far::Elsewhere(_) => (None, None, false),
        }
    }

    /// The connections of the device's session, as the phone numbers them.
    pub(super) fn connections(&self, device: u32) -> Vec<u32> {
        match self {
            Far::Own(own) => own.connections(device),
            Far::Elsewhere(_) => Vec::new(),
        }
    }
}
