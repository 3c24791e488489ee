//! What a segment does at the end where it arrives.

use super::connection::{Around, Connection, State};
use super::way::{Kind, Segment};
use super::{End, Host, PhoneEvent, ServerEvent};
use crate::port::{Frame, Span, StreamError, Time};
use crate::trace::{ConnectionEnd, Delivery, LossCause, Observer, What};

impl Connection {
    /// The next segment from `from` arrives.
    #[inline]
    pub(super) fn arrive<O: Observer>(&mut self, from: End, a: &mut Around<O>) {
        let Some(segment) = self.way(from).take_arrived() else { return };
        if let Some(cause) = self.swallows(from.peer(), a) {
            a.emit(What::Lost { connection: self.id, from: from.as_str(), cause });
            self.not_acknowledged(from, segment, a.now());
            return;
        }
        match from {
            End::Phone => {}
            End::Server => a.path.received(a.cx),
        }
        match segment.kind {
            Kind::Data(frame) => self.frame_arrives(from, frame, segment, a),
            Kind::Syn => self.syn_arrives(segment, a),
            Kind::SynAck => self.syn_ack_arrives(segment, a),
            Kind::Fin => self.fin_arrives(from, segment, a),
            Kind::Rst => self.rst_arrives(from.peer(), a),
        }
    }

    /// Why the endpoint takes nothing in.
    #[inline]
    fn swallows<O: Observer>(&self, end: End, a: &Around<O>) -> Option<LossCause> {
        match end {
            End::Phone => a.path.link.gone(self.address).map(|(cause, _)| cause),
            End::Server => match a.cx.host {
                Host::Silent => Some(LossCause::HostDown),
                Host::Up | Host::Refusing => None,
            },
        }
    }

    fn not_acknowledged(&mut self, from: End, segment: Segment, now: Time) {
        self.way(from).swallowed(segment);
        self.arm(from, now);
    }

    /// The acknowledgement of a segment, which is not an event of its own.
    #[inline]
    fn acknowledged(&mut self, from: End, segment: Segment, now: Time) {
        if segment.first_try {
            self.rtt.sample(now.since(segment.sent).saturating_mul(2));
        }
        if self.way(from).acknowledged(now) {
            self.arm(from, now);
        }
        self.ends[0].heard = now;
        self.ends[1].heard = now;
    }

    #[inline]
    fn frame_arrives<O: Observer>(
        &mut self,
        from: End,
        frame: Frame,
        segment: Segment,
        a: &mut Around<O>,
    ) {
        let to = from.peer();
        let unknown = match self.end(to).state {
            State::Open => to == End::Server && a.cx.host != Host::Up,
            State::Absent | State::Connecting | State::Closed => true,
        };
        if unknown {
            // Not acknowledged, so that a lost RST is asked for again.
            self.not_acknowledged(from, segment, a.now());
            self.post(to, Kind::Rst, a);
            return;
        }
        self.acknowledged(from, segment, a.now());
        let how = if segment.first_try { Delivery::First } else { Delivery::Retransmitted };
        let connection = self.id;
        a.emit(What::Arrived { connection, from: from.as_str(), frame, how });
        match to {
            End::Phone => a.tell_phone(connection, PhoneEvent::Frame(frame)),
            End::Server => a.tell_server(connection, ServerEvent::Frame(frame)),
        }
    }

    fn syn_arrives<O: Observer>(&mut self, segment: Segment, a: &mut Around<O>) {
        match (self.end(End::Server).state, a.cx.host) {
            (State::Absent, Host::Up) => {
                self.acknowledged(End::Phone, segment, a.now());
                self.end(End::Server).state = State::Open;
                self.start_probing(End::Server, a);
                a.tell_server(self.id, ServerEvent::Accepted);
                self.transmit(End::Server, Kind::SynAck, a);
            }
            (State::Absent, Host::Refusing) | (State::Closed, _) => {
                self.post(End::Server, Kind::Rst, a);
            }
            // Swallowed before, or a repeated SYN of a connection that is granted already.
            (State::Absent, Host::Silent) | (State::Open | State::Connecting, _) => {}
        }
    }

    fn syn_ack_arrives<O: Observer>(&mut self, segment: Segment, a: &mut Around<O>) {
        match self.end(End::Phone).state {
            State::Connecting => {
                self.acknowledged(End::Server, segment, a.now());
                self.end(End::Phone).state = State::Open;
                self.start_probing(End::Phone, a);
                self.attempt.next_at = Time::NEVER;
                self.established = true;
                let (connection, took) = (self.id, a.now().since(self.attempt.first));
                a.emit(What::Established { connection, took });
                a.tell_phone(connection, PhoneEvent::Established);
                self.judge(a);
            }
            State::Open => self.acknowledged(End::Server, segment, a.now()),
            State::Absent | State::Closed => {
                self.not_acknowledged(End::Server, segment, a.now());
                self.post(End::Phone, Kind::Rst, a);
            }
        }
    }

    fn fin_arrives<O: Observer>(&mut self, from: End, segment: Segment, a: &mut Around<O>) {
        self.acknowledged(from, segment, a.now());
        let to = from.peer();
        match self.end(to).state {
            State::Open => {
                self.end(to).told = true;
                self.ended(to, ConnectionEnd::Fin, a);
                match to {
                    End::Phone => a.tell_phone(self.id, PhoneEvent::Fin),
                    End::Server => a.tell_server(self.id, ServerEvent::Fin),
                }
            }
            State::Absent | State::Connecting | State::Closed => {}
        }
    }

    fn rst_arrives<O: Observer>(&mut self, to: End, a: &mut Around<O>) {
        let connection = self.id;
        match self.end(to).state {
            State::Open => {
                self.end(to).close();
                self.ended(to, ConnectionEnd::Reset, a);
                match to {
                    End::Phone => a.tell_phone(connection, PhoneEvent::Reset),
                    End::Server => a.tell_server(connection, ServerEvent::Reset),
                }
            }
            State::Connecting => self.connect_failed(StreamError::Refused, a),
            State::Absent | State::Closed => {}
        }
        self.way(to).abandon();
    }

    /// The attempt to connect ends in vain.
    pub(super) fn connect_failed<O: Observer>(&mut self, error: StreamError, a: &mut Around<O>) {
        self.withdraw();
        a.emit(What::ConnectFailed { connection: self.id, error });
        a.tell_phone(self.id, PhoneEvent::Failed(error));
    }

    fn ended<O: Observer>(&mut self, end: End, how: ConnectionEnd, a: &mut Around<O>) {
        a.emit(What::Ended { connection: self.id, side: end.as_str(), how });
    }

    fn start_probing<O: Observer>(&mut self, end: End, a: &Around<O>) {
        let now = a.now();
        let idle = a.probes(end).map(|probes| probes.idle);
        let end = self.end(end);
        end.heard = now;
        end.probe_at = idle.map_or(Time::NEVER, |idle| now + idle.max(Span::TICK));
    }
}
