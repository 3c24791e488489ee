//! A UDP socket of the phone, connected to the server: no handshake, no acknowledgement, no end. What is
//! lost is lost without a word, and neither side is told of anything.

use std::collections::VecDeque;

use super::connection::Around;
use super::nat::Binding;
use super::path::Path;
use super::{End, Host, PhoneEvent, ServerEvent};
use crate::port::{Frame, Span, Time};
use crate::trace::{DeadCause, Delivery, LossCause, Observer, What};

/// One socket, until neither side knows it and nothing of it is under way.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) id: u32,
    /// The phone's address under which it was opened.
    address: u32,
    nat: Binding,
    /// The phone has the socket.
    open: bool,
    /// The server remembers where datagrams of this flow come from.
    known: bool,
    /// The server has forgotten it, and the phone was not told.
    forgotten: bool,
    /// What is under way, by the [`End`] that sent it; soonest first, and one may overtake another.
    ways: [VecDeque<(Time, Frame)>; 2],
    /// It was reported dead, and not healed since.
    dead: Option<DeadCause>,
}

impl Flow {
    /// A socket that the phone opens; nothing is sent.
    pub(super) fn new(id: u32, path: &Path, nat: Binding) -> Flow {
        Flow {
            id,
            address: path.link.address(),
            nat,
            open: true,
            known: false,
            forgotten: false,
            ways: [VecDeque::new(), VecDeque::new()],
            dead: None,
        }
    }

    fn arrives(&self, from: End) -> Time {
        self.ways[from as usize].front().map_or(Time::NEVER, |(at, _)| *at)
    }

    /// The earliest of all that is due.
    pub(super) fn next_due(&self) -> Time {
        self.arrives(End::Phone).min(self.arrives(End::Server)).min(self.nat.look_at)
    }

    /// Whether nobody knows it and nothing of it is left to happen.
    pub(super) fn over(&self) -> bool {
        !self.open && !self.known && self.ways.iter().all(VecDeque::is_empty)
    }

    /// Whether a datagram that the server sends now would arrive, luck aside.
    pub(super) fn usable(&self) -> bool {
        self.open && self.known && self.dead.is_none() && self.nat.alive()
    }

    /// Sends a datagram, once.
    pub(super) fn send<O: Observer>(&mut self, from: End, frame: Frame, a: &mut Around<O>) {
        let holds = match from {
            End::Phone => self.open,
            End::Server => self.known,
        };
        if !holds {
            return;
        }
        a.emit(What::Sent { connection: self.id, from: from.as_str(), frame: frame.name() });
        let now = a.now();
        match a.path.carry(from, self.address, &mut self.nat, false, a.cx) {
            Ok(delay) => {
                let arrives = now + delay.max(Span::TICK);
                let way = &mut self.ways[from as usize];
                let place = way.partition_point(|(at, _)| *at <= arrives);
                way.insert(place, (arrives, frame));
            }
            Err(cause) => self.lost(from, cause, a),
        }
        // The phone's datagram may have made the binding anew.
        self.judge(a);
    }

    fn lost<O: Observer>(&self, from: End, cause: LossCause, a: &mut Around<O>) {
        a.emit(What::Lost { connection: self.id, from: from.as_str(), cause });
    }

    /// Handles the one thing that is due.
    pub(super) fn advance<O: Observer>(&mut self, a: &mut Around<O>) {
        let now = a.now();
        if self.arrives(End::Phone) <= now {
            self.arrive(End::Phone, a);
        } else if self.arrives(End::Server) <= now {
            self.arrive(End::Server, a);
        } else if self.nat.look_at <= now
            && let Some(idle) = self.nat.look(now)
        {
            self.nat_forgot(idle, a);
        }
    }

    fn arrive<O: Observer>(&mut self, from: End, a: &mut Around<O>) {
        let Some((_, frame)) = self.ways[from as usize].pop_front() else { return };
        if let Some(cause) = self.swallowed(from, a) {
            return self.lost(from, cause, a);
        }
        let (connection, how) = (self.id, Delivery::First);
        match from {
            End::Phone => {
                if !std::mem::replace(&mut self.known, true) {
                    self.forgotten = false;
                    a.tell_server(connection, ServerEvent::FirstDatagram);
                    self.judge(a);
                }
                a.emit(What::Arrived { connection, from: from.as_str(), frame: frame.name(), how });
                a.tell_server(connection, ServerEvent::Frame(frame));
            }
            End::Server => {
                a.path.received(a.cx);
                a.emit(What::Arrived { connection, from: from.as_str(), frame: frame.name(), how });
                a.tell_phone(connection, PhoneEvent::Frame(frame));
            }
        }
    }

    /// Why nobody takes in what arrives from `from`. That the port is closed the other side could learn by
    /// ICMP; NATs and firewalls rarely let that pass, so nobody does here.
    fn swallowed<O: Observer>(&self, from: End, a: &Around<O>) -> Option<LossCause> {
        match from {
            End::Phone => match a.cx.host {
                Host::Up => None,
                Host::Refusing | Host::Silent => Some(LossCause::HostDown),
            },
            End::Server if a.path.link.address() != self.address => Some(LossCause::NoInterface),
            End::Server if !self.open => Some(LossCause::NoSocket),
            End::Server => None,
        }
    }

    /// This end gives the socket up, or forgets it; the other end hears nothing of that.
    pub(super) fn forget<O: Observer>(&mut self, end: End, a: &mut Around<O>) {
        match end {
            End::Phone => self.open = false,
            End::Server => {
                self.forgotten |= std::mem::take(&mut self.known);
                self.judge(a);
            }
        }
    }

    /// It is known already that it is dead.
    pub(super) fn known_dead(&mut self, cause: DeadCause) {
        self.dead.get_or_insert(cause);
    }

    /// The NAT loses the binding before its time.
    pub(super) fn nat_forgets<O: Observer>(&mut self, a: &mut Around<O>) {
        if let Some(idle) = self.nat.forget(a.now()) {
            self.nat_forgot(idle, a);
        }
    }

    fn nat_forgot<O: Observer>(&mut self, idle: Span, a: &mut Around<O>) {
        if self.open && self.address == a.path.link.address() {
            a.emit(What::NatForgot { connection: self.id, idle });
            self.judge(a);
        }
    }

    /// Reports once when the server can reach the socket no more although the phone has it, and when it
    /// can again.
    pub(super) fn judge<O: Observer>(&mut self, a: &mut Around<O>) {
        if !self.open || !(self.known || self.forgotten) {
            return;
        }
        let connection = self.id;
        match self.cause_of_death(a.path, a.cx.host) {
            Some(cause) if self.dead.is_none() => {
                self.dead = Some(cause);
                a.emit(What::ConnectionDead { connection, cause });
            }
            None if self.dead.take().is_some() => a.emit(What::ConnectionHealed { connection }),
            Some(_) | None => {}
        }
    }

    fn cause_of_death(&self, path: &Path, host: Host) -> Option<DeadCause> {
        if self.address != path.link.address() {
            Some(DeadCause::Interface)
        } else if self.forgotten {
            Some(DeadCause::Server)
        } else if path.silent {
            Some(DeadCause::Silence)
        } else if host != Host::Up {
            Some(DeadCause::Server)
        } else if !self.nat.alive() {
            Some(DeadCause::Nat)
        } else {
            None
        }
    }
}
