//! One connection of the phone over a real socket: how far it is, and whether it can carry anything.

use std::net::SocketAddr;
use std::rc::Rc;

use super::socket::{Inbox, Key, Socket};
use crate::net::{Context, End, gives_up_after};
use crate::port::{Span, StreamError, Time};
use crate::trace::{DeadCause, Observer, What};

/// How far a connection is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// It fails before anything is sent to the server.
    Failing { error: StreamError, at: Time },
    /// The phone sends a SYN at `at`, and again by Darwin's schedule while the path swallows it.
    Syn { first: Time, sent: u32, at: Time },
    /// The SYN and its answer are under way.
    Handshake { at: Time },
    /// This machine's kernel connects to the proxy.
    Opening,
    /// It is established.
    Open,
    /// It could not be made.
    Over,
}

/// Something was sent on a dead connection.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Stalled {
    pub(super) from: End,
    pub(super) since: Time,
    pub(super) round_trip: Span,
}

/// One connection, until the phone has closed it.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: u32,
    /// The phone's address under which it was made.
    pub(super) address: u32,
    pub(super) phase: Phase,
    pub(super) began: Time,
    socket: Option<Socket>,
    /// The socket's own address on this machine.
    pub(super) local: Option<SocketAddr>,
    /// The phone has heard of its end.
    pub(super) told: bool,
    /// The server holds it.
    pub(super) server_open: bool,
    /// An end has forgotten it without the other hearing of that.
    pub(super) forgotten: Option<DeadCause>,
    pub(super) nat_gone: bool,
    /// It was reported dead, and not healed since.
    pub(super) dead: Option<DeadCause>,
    /// By the end that sends: what it sent first on the dead connection.
    pub(super) stalled: [Option<Stalled>; 2],
    /// When a kernel would give it up.
    pub(super) gives_up: Time,
}

impl Connection {
    pub(super) fn new(id: u32, address: u32, phase: Phase, began: Time) -> Connection {
        Connection {
            id,
            address,
            phase,
            began,
            socket: None,
            local: None,
            told: false,
            server_open: false,
            forgotten: None,
            nat_gone: false,
            dead: None,
            stalled: [None, None],
            gives_up: Time::NEVER,
        }
    }

    /// When something is due next. While the phone's device is asleep its kernel's timers stand still.
    pub(super) fn due(&self, asleep: bool) -> Time {
        let phase = match self.phase {
            Phase::Failing { .. } | Phase::Syn { .. } if asleep => Time::NEVER,
            Phase::Failing { at, .. } | Phase::Syn { at, .. } | Phase::Handshake { at } => at,
            Phase::Opening | Phase::Open | Phase::Over => Time::NEVER,
        };
        phase.min(self.gives_up)
    }

    /// The phone's kernel's timers stood still for so long.
    pub(super) fn slept(&mut self, span: Span) {
        match &mut self.phase {
            Phase::Syn { first, at, .. } => {
                *first += span;
                *at += span;
            }
            Phase::Failing { at, .. } => *at += span,
            Phase::Handshake { .. } | Phase::Opening | Phase::Open | Phase::Over => {}
        }
    }

    /// This machine's kernel begins to connect.
    pub(super) fn open(&mut self, to: SocketAddr, key: Key, inbox: Rc<Inbox>) {
        self.socket = Some(Socket::connect(to, key, inbox));
    }

    pub(super) fn established(&mut self, local: SocketAddr) {
        self.phase = Phase::Open;
        self.local = Some(local);
        self.server_open = true;
    }

    /// Writes, if the connection is open; answers whether it is.
    pub(super) fn write(&self, bytes: Vec<u8>) -> bool {
        let open = self.phase == Phase::Open && !self.told;
        if let Some(socket) = self.socket.as_ref().filter(|_| open) {
            socket.write(bytes);
        }
        open
    }

    /// Closes the socket; answers whether the connection was established.
    pub(super) fn close(&mut self, reset: bool) -> bool {
        if let Some(socket) = self.socket.take() {
            if reset { socket.reset() } else { socket.finish() }
        }
        self.phase == Phase::Open
    }

    /// Whether a frame sent by the server now would arrive.
    pub(super) fn usable(&self) -> bool {
        self.phase == Phase::Open && !self.told && self.server_open && self.dead.is_none()
    }

    /// Reports once when an established connection that somebody believes in can carry nothing any more,
    /// because of `cause`, and when it can again; answers whether it can again.
    pub(super) fn judge<O: Observer>(
        &mut self,
        cause: Option<DeadCause>,
        cx: &mut Context<O>,
    ) -> bool {
        let connection = self.id;
        let believed = !self.told || self.server_open;
        match cause {
            _ if self.phase != Phase::Open => false,
            Some(cause) => {
                if self.dead.is_none() && believed {
                    self.dead = Some(cause);
                    cx.probe.emit(What::ConnectionDead { connection, cause });
                }
                false
            }
            None if self.dead.is_some() && !self.told && self.server_open => {
                self.dead = None;
                self.gives_up = Time::NEVER;
                cx.probe.emit(What::ConnectionHealed { connection });
                true
            }
            None => false,
        }
    }

    /// An end sent something in vain: from now on its kernel would send it again, and give up one day.
    pub(super) fn stalls(&mut self, stalled: Stalled) {
        let slot = &mut self.stalled[stalled.from as usize];
        if slot.is_none() {
            *slot = Some(stalled);
            let end = stalled.since + gives_up_after(stalled.from, stalled.round_trip);
            self.gives_up = self.gives_up.min(end);
        }
    }

    /// Whether something was sent while it was dead; it counts once.
    pub(super) fn has_stalled(&mut self) -> bool {
        self.stalled.iter_mut().filter_map(Option::take).count() > 0
    }
}
