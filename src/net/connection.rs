//! One connection: what each end believes, what is under way, and whether it can carry anything.

use std::collections::VecDeque;

use super::context::{Context, Probes};
use super::nat::Binding;
use super::path::Path;
use super::retransmit;
use super::rtt::Rtt;
use super::way::{Kind, Way};
use super::{End, Host, Output, PhoneEvent, ServerEvent};
use crate::port::{Frame, Span, StreamError, Time};
use crate::trace::{ConnectionEnd, DeadCause, LossCause, Observer, What};

/// What one end's kernel knows of a connection.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// It has not heard of it.
    Absent,
    /// The phone waits for an answer to its SYN.
    Connecting,
    /// It holds the connection.
    Open,
    /// Nobody holds it here any more; what was accepted for sending is still sent.
    Closed,
}

/// One end of a connection.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) state: State,
    /// The peer's FIN has arrived.
    pub(super) told: bool,
    /// When this end last heard of the peer.
    pub(super) heard: Time,
    /// TCP keep-alive: when to look or probe next.
    pub(super) probe_at: Time,
    /// Probes sent since the peer was last heard of.
    pub(super) unanswered: u32,
}

impl Endpoint {
    fn new(state: State) -> Endpoint {
        Endpoint { state, told: false, heard: Time::ZERO, probe_at: Time::NEVER, unanswered: 0 }
    }

    /// Whether this end takes the connection for alive.
    pub(super) fn believes(&self) -> bool {
        self.state == State::Open && !self.told
    }

    pub(super) fn close(&mut self) {
        self.state = State::Closed;
        self.probe_at = Time::NEVER;
    }
}

/// The phone's attempt to connect.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) first: Time,
    /// SYNs sent.
    pub(super) sent: u32,
    /// Why it fails when something is due next, without a SYN.
    pub(super) fails: Option<StreamError>,
    /// The next SYN, or the end of the attempt.
    pub(super) next_at: Time,
}

/// One connection, until neither end holds it and nothing of it is under way.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) id: u32,
    /// The phone's address under which it was made.
    pub(super) address: u32,
    /// By [`End`].
    pub(super) ends: [Endpoint; 2],
    /// By the [`End`] that sends.
    pub(super) ways: [Way; 2],
    pub(super) attempt: Attempt,
    pub(super) nat: Binding,
    pub(super) rtt: Rtt,
    /// It was established at the phone.
    pub(super) established: bool,
    /// A captive portal granted it in the server's place.
    pub(super) with_portal: bool,
    /// An end has forgotten it without the other hearing of that.
    pub(super) forgotten: Option<DeadCause>,
    /// It was reported dead, and not healed since.
    pub(super) dead: Option<DeadCause>,
    /// The phone's device sleeps: its kernel's timers stand still.
    pub(super) phone_asleep: bool,
    /// When the next thing of this connection is due.
    pub(super) due: Time,
}

/// What a connection works on besides itself.
pub(super) struct Around<'a, 'b, O> {
    pub(super) path: &'a mut Path,
    pub(super) output: &'a mut VecDeque<Output>,
    pub(super) cx: &'a mut Context<'b, O>,
}

impl<O: Observer> Around<'_, '_, O> {
    #[inline]
    pub(super) fn now(&self) -> Time {
        self.cx.probe.at
    }

    #[inline]
    pub(super) fn emit(&mut self, what: What) {
        self.cx.probe.emit(what);
    }

    #[inline]
    pub(super) fn tell_phone(&mut self, connection: u32, event: PhoneEvent) {
        self.output.push_back(Output::Phone { connection, event });
    }

    #[inline]
    pub(super) fn tell_server(&mut self, connection: u32, event: ServerEvent) {
        self.output.push_back(Output::Server { connection, event });
    }

    /// TCP keep-alive of `end`.
    #[inline]
    pub(super) fn probes(&self, end: End) -> Option<Probes> {
        match end {
            End::Phone => self.cx.config.phone_keep_alive,
            End::Server => self.cx.config.server_keep_alive,
        }
    }
}

impl Connection {
    /// A connection that the phone begins to make; its first SYN is due at once.
    pub(super) fn new(id: u32, path: &Path, nat: Binding, now: Time) -> Connection {
        Connection {
            id,
            address: path.link.address(),
            ends: [Endpoint::new(State::Connecting), Endpoint::new(State::Absent)],
            ways: [Way::new(), Way::new()],
            attempt: Attempt { first: now, sent: 0, fails: None, next_at: Time::NEVER },
            nat,
            rtt: Rtt::default(),
            established: false,
            with_portal: false,
            forgotten: None,
            dead: None,
            phone_asleep: false,
            due: Time::NEVER,
        }
    }

    #[inline]
    pub(super) fn end(&mut self, end: End) -> &mut Endpoint {
        &mut self.ends[end as usize]
    }

    #[inline]
    pub(super) fn way(&mut self, from: End) -> &mut Way {
        &mut self.ways[from as usize]
    }

    /// The earliest of all that is due.
    #[inline]
    pub(super) fn next_due(&self) -> Time {
        let [phone, server] = &self.ways;
        let [at_phone, at_server] = &self.ends;
        let on_phone = if self.phone_asleep {
            Time::NEVER
        } else {
            phone.retry_at().min(self.attempt.next_at).min(at_phone.probe_at)
        };
        phone
            .arrives()
            .min(server.arrives())
            .min(on_phone)
            .min(server.retry_at())
            .min(self.nat.look_at)
            .min(at_server.probe_at)
    }

    /// Whether nobody holds it and nothing of it is left to happen.
    #[inline]
    pub(super) fn over(&self) -> bool {
        let gone = |end: &Endpoint| match end.state {
            State::Absent | State::Closed => true,
            State::Connecting | State::Open => false,
        };
        self.ends.iter().all(gone) && self.ways.iter().all(Way::empty)
    }

    /// Whether a frame sent by the server now would arrive at the first try.
    #[inline]
    pub(super) fn usable(&self) -> bool {
        let [phone, server] = &self.ends;
        self.dead.is_none()
            && phone.state == State::Open
            && server.state == State::Open
            && self.nat.alive()
            && !self.ways[End::Server as usize].stalled()
    }

    /// Sends a frame, if this end holds the connection.
    #[inline]
    pub(super) fn send<O: Observer>(&mut self, from: End, frame: Frame, a: &mut Around<O>) {
        match self.end(from).state {
            State::Open => {
                a.emit(What::Sent { connection: self.id, from: from.as_str(), frame });
                self.transmit(from, Kind::Data(frame), a);
            }
            State::Absent | State::Connecting | State::Closed => {}
        }
    }

    /// Sends a segment that is repeated until it arrives or the sender gives up.
    #[inline]
    pub(super) fn transmit<O: Observer>(&mut self, from: End, kind: Kind, a: &mut Around<O>) {
        if self.way(from).stalled() {
            self.way(from).waits(kind);
            return;
        }
        let now = a.now();
        match a.path.carry(from, self.address, &mut self.nat, false, a.cx) {
            Ok(delay) => self.way(from).leaves(kind, delay, now, true),
            Err(cause) if self.portal_takes(cause) => self.lost(from, cause, a),
            Err(cause) => {
                self.way(from).waits(kind);
                self.way(from).began_retry(now);
                self.arm(from, now);
                self.lost(from, cause, a);
            }
        }
    }

    /// Sends a segment that this way does not repeat; answers whether it will arrive.
    pub(super) fn post<O: Observer>(&mut self, from: End, kind: Kind, a: &mut Around<O>) -> bool {
        let now = a.now();
        match a.path.carry(from, self.address, &mut self.nat, kind == Kind::Syn, a.cx) {
            Ok(delay) => {
                self.way(from).leaves(kind, delay, now, true);
                true
            }
            Err(cause) => {
                self.lost(from, cause, a);
                if kind == Kind::Syn && cause == LossCause::CaptivePortal {
                    self.portal_answers(a);
                }
                false
            }
        }
    }

    /// Sets the retransmission timer of a way.
    pub(super) fn arm(&mut self, from: End, now: Time) {
        let rtt = self.rtt;
        let way = self.way(from);
        if let Some(retry) = way.retry() {
            way.arm(retransmit::timeout(from, rtt, retry.count), now);
        }
    }

    /// A segment was lost when it was sent; a NAT may answer the phone for it.
    pub(super) fn lost<O: Observer>(&mut self, from: End, cause: LossCause, a: &mut Around<O>) {
        a.emit(What::Lost { connection: self.id, from: from.as_str(), cause });
        let answered = match (from, cause) {
            (End::Phone, LossCause::Nat) => self.nat.resets(),
            (End::Phone | End::Server, _) => false,
        };
        if answered {
            let (delay, now) = (a.path.delay(a.cx), a.now());
            self.way(End::Server).leaves(Kind::Rst, delay, now, true);
        }
    }

    /// This end closes: FIN after all that was sent before.
    pub(super) fn finish<O: Observer>(&mut self, end: End, a: &mut Around<O>) {
        match self.end(end).state {
            State::Absent | State::Closed => {}
            State::Connecting => self.withdraw(),
            State::Open => {
                self.closed_here(end, a);
                self.transmit(end, Kind::Fin, a);
            }
        }
    }

    /// This end forgets the connection and says so once: RST.
    pub(super) fn reset<O: Observer>(&mut self, end: End, a: &mut Around<O>) {
        match self.end(end).state {
            State::Absent | State::Closed => {}
            State::Connecting => self.withdraw(),
            State::Open => {
                self.closed_here(end, a);
                self.way(end).abandon();
                if !self.post(end, Kind::Rst, a) {
                    self.forgotten_by(end);
                    self.judge(a);
                }
            }
        }
    }

    /// This end's host forgets the connection without a word.
    pub(super) fn vanish<O: Observer>(&mut self, end: End, cause: DeadCause, a: &mut Around<O>) {
        match self.end(end).state {
            State::Absent => {}
            State::Closed => self.way(end).abandon(),
            State::Connecting => self.withdraw(),
            State::Open => {
                self.end(end).close();
                self.way(end).abandon();
                self.forgotten = self.forgotten.or(Some(cause));
                self.judge(a);
            }
        }
    }

    /// The phone gives up an attempt to connect.
    pub(super) fn withdraw(&mut self) {
        self.end(End::Phone).close();
        self.way(End::Phone).abandon();
        self.attempt.next_at = Time::NEVER;
    }

    fn closed_here<O: Observer>(&mut self, end: End, a: &mut Around<O>) {
        self.end(end).close();
        let (side, how) = (end.as_str(), ConnectionEnd::Closed);
        a.emit(What::Ended { connection: self.id, side, how });
    }

    /// Nobody will tell the other end that this one has forgotten the connection.
    pub(super) fn forgotten_by(&mut self, end: End) {
        let cause = match end {
            End::Phone => DeadCause::Process,
            End::Server => DeadCause::Server,
        };
        self.forgotten = self.forgotten.or(Some(cause));
    }

    /// This end's kernel stops trying, after `after`.
    pub(super) fn time_out<O: Observer>(&mut self, end: End, after: Span, a: &mut Around<O>) {
        let held = self.end(end).state == State::Open;
        self.end(end).close();
        self.way(end).abandon();
        if !held {
            return;
        }
        let connection = self.id;
        a.emit(What::TimedOut { connection, side: end.as_str(), after });
        match end {
            End::Phone => a.tell_phone(connection, PhoneEvent::TimedOut),
            End::Server => a.tell_server(connection, ServerEvent::TimedOut),
        }
        self.forgotten_by(end);
        self.judge(a);
    }

    /// Reports once when an established connection that somebody believes in can carry nothing any
    /// more, and when it can again.
    pub(super) fn judge<O: Observer>(&mut self, a: &mut Around<O>) {
        if !self.established {
            return;
        }
        let cause = self.cause_of_death(a);
        let connection = self.id;
        if let Some(cause) = cause {
            if self.dead.is_none() && self.ends.iter().any(Endpoint::believes) {
                self.dead = Some(cause);
                a.emit(What::ConnectionDead { connection, cause });
            }
        } else if self.dead.is_some() && self.ends.iter().all(|end| end.state == State::Open) {
            self.dead = None;
            a.emit(What::ConnectionHealed { connection });
        }
    }

    fn cause_of_death<O>(&self, a: &Around<O>) -> Option<DeadCause> {
        if let Some((_, cause)) = a.path.link.gone(self.address) {
            Some(cause)
        } else if self.forgotten.is_some() {
            self.forgotten
        } else if let Some((_, cause)) = a.path.in_the_way(a.cx) {
            Some(cause)
        } else if a.cx.host == Host::Silent {
            Some(DeadCause::Server)
        } else if self.nat.gone_for_good() {
            Some(DeadCause::Nat)
        } else {
            None
        }
    }
}
