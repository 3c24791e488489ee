//! What came of a connection's last segments. That one came where nobody knew it has no event but the reset that
//! answers it; once its sender has closed, too, there is none at all.

use super::handshake::halfway;
use super::replay::{Replay, State};
use super::story::{Kind, Moment, Story, Within};
use crate::net::End;
use crate::port::{Span, Time};
use crate::trace::LossCause;

impl Replay {
    /// The oldest segment from `from` arrives at this moment where nobody knows the connection; answers it. All
    /// behind it waits for it.
    pub(super) fn unknown(&mut self, from: End, at: Moment) -> Option<usize> {
        let flight = *self.under_way[from as usize].front()?;
        self.all_wait(from);
        let known = &mut self.story.flights[flight];
        (known.arrived, known.unknown) = (Some(at), true);
        Some(flight)
    }

    /// What `from` sends again was sent before and came where nobody knew it; the answer is under way.
    pub(super) fn was_unknown(&mut self, from: End) {
        if from == End::Server {
            self.accept(self.now.at);
        }
        let Some(first) = self.under_way[from as usize].front() else { return };
        let sent = self.story.flights[*first].sent.map_or(self.now.at, |sent| sent.at);
        let guess = sent + self.estimate(from);
        let at = if guess < self.now.at { guess } else { halfway(sent, self.now.at) };
        let arrived = self.moment(at);
        if let Some(flight) = self.unknown(from, arrived) {
            let rst = self.answer(from.peer(), flight, at);
            self.under_way[from.peer() as usize].push_back(rst);
        }
    }

    /// An end answers a segment that it does not know.
    fn answer(&mut self, from: End, to: usize, at: Time) -> usize {
        let sent = self.moment(at);
        let rst = self.leave_alone(from, Kind::Rst, sent);
        self.story.flights[rst].answers = Some(to);
        rst
    }

    /// The last segment of `from` that says that it is over, if it is under way.
    fn last_word(&mut self, from: End) -> Option<usize> {
        let way = from as usize;
        let is_last =
            |flight: &usize| matches!(self.story.flights[*flight].kind, Kind::Fin | Kind::Rst);
        let position = self.under_way[way].iter().position(is_last)?;
        if position > 0 {
            self.story.unexplained += 1;
        }
        self.under_way[way].drain(..=position).next_back()
    }

    pub(super) fn fin_arrives(&mut self, to: End) {
        self.told[to as usize] = true;
        match self.last_word(to.peer()) {
            Some(flight) => {
                self.story.flights[flight].kind = Kind::Fin;
                self.arrives_now(flight);
            }
            None => self.story.unexplained += 1,
        }
    }

    pub(super) fn rst_arrives(&mut self, to: End) {
        self.reset(to);
        self.ends[to as usize] = State::Closed;
        self.waiting[to as usize].clear();
    }

    fn reset(&mut self, to: End) {
        let (from, now) = (to.peer(), self.now.at);
        if let Some(flight) = self.last_word(from) {
            self.story.flights[flight].kind = Kind::Rst;
            return self.arrives_now(flight);
        }
        let forgotten = to == End::Phone && self.last_loss == Some(LossCause::Nat);
        if forgotten && self.nat_resets && self.under_way[to as usize].is_empty() {
            let rst = self.answer(from, 0, now);
            let arrived = self.here();
            let rst = &mut self.story.flights[rst];
            (rst.sent, rst.arrived, rst.answers) = (None, Some(arrived), None);
            rst.within = Some(Within::Nat);
            return;
        }
        if to == End::Server && self.state(to) == State::Absent {
            // Granted, and by then given up by the phone: a third of the time for each of three segments.
            let sent = self.story.flights.first().and_then(|syn| syn.sent);
            let took = sent.map_or(Span::ZERO, |sent| now.since(sent.at));
            self.accept(
                sent.map_or(now, |sent| sent.at) + Span::from_micros(took.as_micros() * 2 / 3),
            );
        }
        if self.under_way[to as usize].is_empty() && self.probes[to as usize] {
            let probe = self.probe(to, true);
            let took = self.estimate(from).as_micros();
            let at = Time::from_micros(now.as_micros().saturating_sub(took));
            if let Some(sent) = &mut self.story.flights[probe].sent {
                sent.at = at;
            }
            let arrived = self.moment(at);
            self.unknown(to, arrived);
            return self.answered(from, probe, at);
        }
        let Some(first) = self.under_way[to as usize].front() else {
            self.story.unexplained += 1;
            return;
        };
        let sent = self.story.flights[*first].sent.map_or(now, |sent| sent.at);
        let arrived = self.moment(halfway(sent, now));
        if let Some(flight) = self.unknown(to, arrived) {
            self.answered(from, flight, arrived.at);
        }
    }

    /// The answer of `from` to this segment, made at `at`, arrives now.
    fn answered(&mut self, from: End, flight: usize, at: Time) {
        let rst = self.answer(from, flight, at);
        self.arrives_now(rst);
    }

    /// The run ends; answers all that is known of the connection. Where both ends have closed nobody told what
    /// arrived last: it is taken to have been under way as long as others were.
    pub(super) fn finish(mut self, end: Time) -> Story {
        self.settle();
        for from in [End::Phone, End::Server] {
            self.rest(from, end);
        }
        self.story
    }

    /// When a segment that `from` sent at this time arrives, for all that is known.
    fn guess(&self, from: End, sent: Time) -> Time {
        (sent + self.estimate(from)).max(self.last_arrival[from as usize] + Span::TICK)
    }

    fn rest(&mut self, from: End, end: Time) {
        let peer = from.peer();
        let gone = self.state(peer) == State::Closed;
        while let Some(flight) = self.under_way[from as usize].pop_front() {
            let (kind, sent) = (self.story.flights[flight].kind, self.story.flights[flight].sent);
            let Some(sent) = sent else { continue };
            let at = self.guess(from, sent.at);
            let told = match kind {
                Kind::Fin => gone || self.told[peer as usize],
                Kind::Rst | Kind::Data(_) => gone,
                Kind::Syn | Kind::SynAck | Kind::Probe | Kind::Answer => false,
            };
            if !told || at >= end {
                return;
            }
            let step = |n: u32, at: Time| Moment { at, order: (sent.order.0, sent.order.1 + n) };
            let known = &mut self.story.flights[flight];
            known.arrived = Some(step(1, at));
            self.last_arrival[from as usize] = at;
            if matches!(kind, Kind::Data(_)) {
                known.unknown = true;
                let back = self.guess(peer, at);
                let rst = self.answer(peer, flight, at);
                let rst = &mut self.story.flights[rst];
                rst.sent = Some(step(2, at));
                rst.arrived = (back < end).then(|| step(3, back));
                return;
            }
        }
    }
}
