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
    pub(super) nat: Binding,
    /// The phone has the socket.
    pub(super) open: bool,
    /// The server remembers where datagrams of this flow come from.
    pub(super) known: bool,
    /// The server has forgotten it, and the phone was not told.
    forgotten: bool,
    /// What is under way, by the [`End`] that sent it; soonest first, and one may overtake another.
    pub(super) ways: [VecDeque<(Time, Frame)>; 2],
    /// It was reported dead, and not healed since.
    pub(super) dead: Option<DeadCause>,
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
        a.emit(What::Sent { connection: self.id, from: from.as_str(), frame });
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
                a.emit(What::Arrived { connection, from: from.as_str(), frame, how });
                a.tell_server(connection, ServerEvent::Frame(frame));
            }
            End::Server => {
                a.path.received(a.cx);
                a.emit(What::Arrived { connection, from: from.as_str(), frame, how });
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
            End::Server if !self.open => Some(LossCause::NoSocket),
            End::Server => a.path.link.gone(self.address).map(|(cause, _)| cause),
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
        match self.cause_of_death(a) {
            Some(cause) if self.dead.is_none() => {
                self.dead = Some(cause);
                a.emit(What::ConnectionDead { connection, cause });
            }
            None if self.dead.take().is_some() => a.emit(What::ConnectionHealed { connection }),
            Some(_) | None => {}
        }
    }

    fn cause_of_death<O>(&self, a: &Around<O>) -> Option<DeadCause> {
        if let Some((_, cause)) = a.path.link.gone(self.address) {
            Some(cause)
        } else if self.forgotten {
            Some(DeadCause::Server)
        } else if let Some((_, cause)) = a.path.in_the_way(a.cx) {
            Some(cause)
        } else if a.cx.host != Host::Up {
            Some(DeadCause::Server)
        } else if !self.nat.alive() {
            Some(DeadCause::Nat)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::net::testing::{Bench, ms, ping, secs};
    use crate::net::{Access, End, Host, PhoneEvent, ServerEvent};
    use crate::port::{Interface, Span};
    use crate::settings::Dist;
    use crate::trace::{DeadCause, LossCause, What};

    /// A socket 1 that the server knows, behind a NAT that forgets it after 30 s.
    fn known() -> Bench {
        let mut bench = opened();
        bench.send(End::Phone, ping(0));
        bench.until(secs(1));
        assert!(bench.net.usable(1));
        bench.seen.clear();
        bench
    }

    fn opened() -> Bench {
        let mut bench = Bench::on(Access {
            latency: Dist::Constant(ms(20)),
            nat_udp_idle_timeout: Some(Span::from_secs(30)),
            ..Access::default()
        });
        bench.act(|net, cx| net.open_datagrams(1, cx));
        bench
    }

    fn losses(bench: &Bench) -> Vec<LossCause> {
        let cause = |what| if let What::Lost { cause, .. } = what { Some(cause) } else { None };
        bench.whats().filter_map(cause).collect()
    }

    #[test]
    fn there_is_no_handshake_and_the_first_datagram_makes_the_socket_known() {
        let mut bench = opened();
        assert_eq!(bench.until(secs(10)), 0, "opening sends nothing");
        bench.send(End::Server, ping(9));
        assert_eq!(bench.until(secs(20)), 0, "the server cannot send before it was sent to");
        bench.send(End::Phone, ping(1));
        bench.run_out();
        let at = secs(20) + ms(20);
        let frame = ServerEvent::Frame(ping(1));
        assert_eq!(bench.server(), [(at, ServerEvent::FirstDatagram), (at, frame)]);
    }

    #[test]
    fn what_is_lost_is_lost_without_a_word() {
        let mut bench = known();
        bench.act(|net, cx| net.silence(true, cx));
        bench.send(End::Phone, ping(1));
        bench.send(End::Server, ping(2));
        bench.run_out();
        assert_eq!((bench.phone(), bench.server()), (vec![], vec![]));
        assert_eq!(losses(&bench), [LossCause::Silence; 2]);
        assert!(bench.times("retransmitted").is_empty());
    }

    #[test]
    fn the_nat_forgets_it_after_a_time_of_its_own_and_only_the_phone_brings_it_back() {
        let mut bench = known();
        bench.until(secs(40));
        assert_eq!(bench.times("connection-dead"), [secs(30)]);
        bench.send(End::Server, ping(2));
        assert_eq!(losses(&bench), [LossCause::Nat]);
        bench.send(End::Phone, ping(3));
        assert_eq!(bench.times("connection-healed"), [secs(40)]);
        bench.send(End::Server, ping(4));
        bench.until(secs(41));
        assert_eq!(bench.phone(), [(secs(40) + ms(20), PhoneEvent::Frame(ping(4)))]);
    }

    #[test]
    fn a_socket_that_is_closed_tells_nobody() {
        let mut bench = known();
        bench.act(|net, cx| net.finish(End::Phone, 1, cx));
        bench.send(End::Server, ping(2));
        bench.until(secs(2));
        assert_eq!((bench.phone(), bench.server()), (vec![], vec![]));
        assert_eq!(losses(&bench), [LossCause::NoSocket]);
        bench.act(|net, cx| net.finish(End::Server, 1, cx));
        bench.send(End::Server, ping(3));
        assert_eq!(bench.until(secs(99)), 0, "nothing is remembered of it");
    }

    #[test]
    fn a_server_that_forgets_it_tells_nobody_and_hears_of_it_as_if_for_the_first_time() {
        let mut bench = known();
        bench.act(|net, cx| net.vanish(End::Server, DeadCause::Server, cx));
        assert_eq!(bench.times("connection-dead"), [secs(1)]);
        bench.host = Host::Refusing;
        bench.send(End::Phone, ping(1));
        bench.until(secs(2));
        assert_eq!((bench.phone(), losses(&bench)), (vec![], vec![LossCause::HostDown]));
        bench.host = Host::Up;
        bench.send(End::Phone, ping(2));
        bench.until(secs(3));
        assert_eq!(bench.server()[0].1, ServerEvent::FirstDatagram);
        assert_eq!(bench.times("connection-healed"), [secs(2) + ms(20)]);
    }

    #[test]
    fn under_another_address_it_is_dead_for_good() {
        let mut bench = known();
        bench.act(|net, cx| net.switch(Interface::Cellular, cx));
        bench.act(|net, cx| net.switch(Interface::Wifi, cx));
        bench.send(End::Phone, ping(1));
        bench.run_out();
        assert!(bench.server().is_empty() && !bench.net.usable(1));
        assert_eq!(losses(&bench), [LossCause::NoInterface]);
    }

    #[test]
    fn one_datagram_may_overtake_another() {
        let mut bench = known();
        bench.config.wifi.latency = Dist::Constant(ms(80));
        bench.send(End::Phone, ping(1));
        bench.config.wifi.latency = Dist::Constant(ms(20));
        bench.send(End::Phone, ping(2));
        bench.until(secs(2));
        let order: Vec<_> = bench.server().into_iter().map(|(_, event)| event).collect();
        assert_eq!(order, [ServerEvent::Frame(ping(2)), ServerEvent::Frame(ping(1))]);
    }
}
