//! How a connection begins. That a SYN arrived at the server and was answered has no event: it follows from what
//! comes of it, and its time is taken to be halfway.

use super::replay::{Fresh, Now, Replay, State};
use super::story::{Flight, Kind, Moment, Within};
use crate::net::End;
use crate::port::{Span, StreamError, Time};
use crate::trace::LossCause;

impl Replay {
    /// The phone sends a SYN now.
    pub(super) fn syn(&mut self) {
        if self.story.segments[End::Phone as usize].is_empty() {
            self.add(End::Phone, Kind::Syn);
        }
        let sent = self.here();
        let flight = self.leave(End::Phone, Kind::Syn, 0, sent);
        self.fresh = Some(Fresh { flight, releases: false });
    }

    /// A SYN that waited for the server's name has left before `now`.
    pub(super) fn overdue_syn(&mut self, now: Now) {
        if let Some(at) = self.syn_at.take_if(|at| *at <= now.at) {
            (self.now.at, self.now.index) = (at, now.index);
            self.syn();
        }
    }

    /// The SYN that gets the next answer: the first that was not lost, or that a captive portal took.
    fn next_syn(&self) -> Option<usize> {
        let answered = |flight: &Flight| match flight.lost {
            None => flight.arrived.is_none(),
            Some(cause) => cause == LossCause::CaptivePortal,
        };
        let syn = |flight: &Flight| flight.kind == Kind::Syn && answered(flight);
        self.story.flights.iter().position(syn)
    }

    /// The next SYN to reach the server is there now; answers it.
    pub(super) fn syn_arrives(&mut self) -> Option<usize> {
        let syn = self.next_syn().filter(|syn| self.story.flights[*syn].lost.is_none())?;
        let here = self.here();
        self.story.flights[syn].arrived = Some(here);
        Some(syn)
    }

    /// The server has granted the connection some time before `by`, if that is not known already.
    pub(super) fn accept(&mut self, by: Time) {
        if !self.story.segments[End::Server as usize].is_empty() {
            return;
        }
        let Some(syn) = self.next_syn() else {
            self.story.unexplained += 1;
            return;
        };
        let sent = self.story.flights[syn].sent.map_or(by, |sent| sent.at);
        let portal = self.story.flights[syn].lost.is_some();
        let arrived = self.moment(halfway(sent, by));
        if !portal {
            self.story.flights[syn].arrived = Some(arrived);
            self.grant(arrived.at);
        } else {
            self.with_portal = true;
            self.grant(arrived.at);
            if let Some(answer) = self.story.flights.last_mut() {
                (answer.sent, answer.within) = (None, Some(Within::Portal));
            }
        }
    }

    /// The server, or a portal, answers the SYN.
    fn grant(&mut self, at: Time) {
        let (place, sent) = (self.add(End::Server, Kind::SynAck), self.moment(at));
        let flight = self.leave(End::Server, Kind::SynAck, place, sent);
        self.under_way[End::Server as usize].push_back(flight);
        if !self.with_portal {
            self.ends[End::Server as usize] = State::Open;
        }
    }

    /// The SYN has reached the server now, whose answer is lost.
    pub(super) fn grant_is_lost(&mut self, cause: LossCause) {
        if self.syn_arrives().is_none() {
            self.story.unexplained += 1;
        }
        let (place, sent) = (self.add(End::Server, Kind::SynAck), self.here());
        let flight = self.leave(End::Server, Kind::SynAck, place, sent);
        self.story.flights[flight].lost = Some(cause);
        self.waiting[End::Server as usize].push_back(place);
        self.ends[End::Server as usize] = State::Open;
    }

    /// The phone has the answer.
    pub(super) fn established(&mut self) {
        let now = self.now.at;
        let sent = self.next_syn().and_then(|syn| self.story.flights[syn].sent);
        self.accept(now);
        self.ends[End::Phone as usize] = State::Open;
        let Some(answer) = self.under_way[End::Server as usize].pop_front() else {
            self.story.unexplained += 1;
            return;
        };
        self.arrives_now(answer);
        let round_trip = sent.map_or(Span::ZERO, |sent: Moment| now.since(sent.at));
        self.story.round_trip = round_trip.max(Span::TICK);
    }

    /// The attempt failed. What was refused was answered; nothing came otherwise.
    pub(super) fn failed(&mut self, error: StreamError) {
        let refused = match error {
            StreamError::Refused => self.next_syn(),
            StreamError::NotOpen
            | StreamError::NotConnected
            | StreamError::BrokenPipe
            | StreamError::Reset
            | StreamError::TimedOut
            | StreamError::Unreachable
            | StreamError::NotResolved => None,
        };
        self.withdraw();
        if let Some(syn) = refused {
            self.refused(syn);
        }
    }

    fn refused(&mut self, syn: usize) {
        let now = self.now.at;
        let sent = self.story.flights[syn].sent.map_or(now, |sent| sent.at);
        let portal = self.story.flights[syn].lost.is_some();
        let (there, back) = (self.moment(halfway(sent, now)), self.moment(halfway(sent, now)));
        let rst = self.leave_alone(End::Server, Kind::Rst, back);
        let arrived = self.here();
        let answer = &mut self.story.flights[rst];
        (answer.answers, answer.arrived) = (Some(syn), Some(arrived));
        if portal {
            (answer.sent, answer.within) = (None, Some(Within::Portal));
        } else {
            self.story.flights[syn].arrived = Some(there);
        }
    }
}

/// The time in the middle.
pub(super) fn halfway(from: Time, to: Time) -> Time {
    from + Span::from_micros(to.since(from).as_micros() / 2)
}
