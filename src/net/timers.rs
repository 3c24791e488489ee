//! What is due on a connection: arrivals, retransmissions, SYNs, the NAT's memory, keep-alive probes.

use super::connection::{Around, Connection, State};
use super::retransmit::{SYN_SECONDS, gives_up};
use super::way::Kind;
use super::{End, Host};
use crate::port::{Span, StreamError, Time};
use crate::trace::{LossCause, Observer, What};

impl Connection {
    /// Handles the one thing that is due: at one moment arrivals first, then timers, the phone's
    /// before the server's.
    #[inline]
    pub(super) fn advance<O: Observer>(&mut self, a: &mut Around<O>) {
        let now = a.now();
        let [phone, server] = &self.ways;
        let phone_runs = !self.phone_asleep;
        if phone.arrives() <= now {
            self.arrive(End::Phone, a);
        } else if server.arrives() <= now {
            self.arrive(End::Server, a);
        } else if phone_runs && phone.retry_at() <= now {
            self.retransmit(End::Phone, a);
        } else if server.retry_at() <= now {
            self.retransmit(End::Server, a);
        } else if phone_runs && self.attempt.next_at <= now {
            self.syn(a);
        } else if self.nat.look_at <= now {
            self.look_at_nat(a);
        } else if phone_runs && self.ends[0].probe_at <= now {
            self.probe(End::Phone, a);
        } else if self.ends[1].probe_at <= now {
            self.probe(End::Server, a);
        }
    }

    /// The retransmission timer of the end `from` expires.
    fn retransmit<O: Observer>(&mut self, from: End, a: &mut Around<O>) {
        let now = a.now();
        let way = self.way(from);
        let (Some(kind), Some(retry)) = (way.oldest_waiting(), way.retry()) else { return };
        let since_first = now.since(retry.first);
        if gives_up(from, kind == Kind::SynAck, retry.count, since_first) {
            self.time_out(from, since_first, a);
            return;
        }
        let n = way.sent_again(now);
        a.emit(What::Retransmitted { connection: self.id, from: from.as_str(), n });
        match a.path.carry(from, self.address, &mut self.nat, false, a.cx) {
            Ok(delay) => self.way(from).release(delay, now),
            Err(cause) => {
                self.arm(from, now);
                self.lost(from, cause, a);
            }
        }
    }

    /// The phone sends its next SYN, or the attempt ends.
    pub(super) fn syn<O: Observer>(&mut self, a: &mut Around<O>) {
        let attempt = &mut self.attempt;
        if let Some(error) = attempt.fails {
            self.connect_failed(error, a);
            return;
        }
        let next = attempt.sent as usize + 1;
        let Some(seconds) = SYN_SECONDS.get(next) else {
            self.connect_failed(StreamError::TimedOut, a);
            return;
        };
        attempt.next_at = attempt.first + Span::from_secs(*seconds);
        attempt.sent += 1;
        let n = attempt.sent - 1;
        if n > 0 {
            a.emit(What::Retransmitted { connection: self.id, from: End::Phone.as_str(), n });
        }
        self.post(End::Phone, Kind::Syn, a);
    }

    fn look_at_nat<O: Observer>(&mut self, a: &mut Around<O>) {
        if let Some(idle) = self.nat.look(a.now()) {
            self.nat_forgot(idle, a);
        }
    }

    /// The NAT loses the connection before its time.
    pub(super) fn nat_forgets<O: Observer>(&mut self, a: &mut Around<O>) {
        if let Some(idle) = self.nat.forget(a.now()) {
            self.nat_forgot(idle, a);
        }
    }

    /// Says so, unless the connection's address is gone and with it all interest in its binding.
    fn nat_forgot<O: Observer>(&mut self, idle: Span, a: &mut Around<O>) {
        if self.address == a.path.link.address() {
            a.emit(What::NatForgot { connection: self.id, idle });
            self.judge(a);
        }
    }

    /// The keep-alive timer of `end` is due: nothing heard for long enough means a probe, enough probes
    /// without an answer the end. While data waits for an acknowledgement its own timer decides.
    fn probe<O: Observer>(&mut self, end: End, a: &mut Around<O>) {
        let now = a.now();
        let Some(probes) = a.probes(end) else {
            self.end(end).probe_at = Time::NEVER;
            return;
        };
        let busy = !self.way(end).empty();
        let endpoint = self.end(end);
        let quiet_at = endpoint.heard + probes.idle;
        if quiet_at > now || busy {
            endpoint.unanswered = 0;
            let again_at = if quiet_at > now { quiet_at } else { now + probes.idle };
            endpoint.probe_at = again_at.max(now + Span::TICK);
            return;
        }
        if endpoint.unanswered >= probes.count {
            let first = quiet_at;
            self.time_out(end, now.since(first), a);
            return;
        }
        endpoint.unanswered += 1;
        endpoint.probe_at = now + probes.interval.max(Span::TICK);
        if self.probe_is_answered(end, a) {
            let endpoint = self.end(end);
            endpoint.heard = now;
            endpoint.unanswered = 0;
            endpoint.probe_at = now + probes.idle.max(Span::TICK);
            self.end(end.peer()).heard = now;
        }
    }

    /// Sends a probe and, in the same moment, its answer; a peer that does not know the connection
    /// answers with RST, which takes its time.
    fn probe_is_answered<O: Observer>(&mut self, end: End, a: &mut Around<O>) -> bool {
        let peer = end.peer();
        let there = a.path.carry(end, self.address, &mut self.nat, false, a.cx);
        if let Err(cause) = there {
            self.lost(end, cause, a);
            return self.portal_takes(cause);
        }
        if peer == End::Server && a.cx.host == Host::Silent {
            self.lost(end, LossCause::HostDown, a);
            return false;
        }
        let known =
            self.end(peer).state == State::Open && (peer == End::Phone || a.cx.host == Host::Up);
        if !known {
            self.post(peer, Kind::Rst, a);
            return false;
        }
        let back = a.path.carry(peer, self.address, &mut self.nat, false, a.cx);
        if let Err(cause) = back {
            self.lost(peer, cause, a);
        }
        back.is_ok()
    }
}
