//! One direction of a connection: what is under way, and what waits for a retransmission.

use std::collections::VecDeque;

use crate::port::{Frame, Span, Time};

/// What a segment is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// The phone asks for a connection. Repeated by its own schedule.
    Syn,
    /// The server grants it.
    SynAck,
    /// A message.
    Data(Frame),
    /// The sender closes.
    Fin,
    /// The sender does not know the connection. Never repeated.
    Rst,
}

/// A segment that left its sender and that the path carries.
#[derive(Copy, Clone, Debug)]
pub(super) struct Segment {
    pub(super) kind: Kind,
    /// When it was sent, the last time if more than once.
    pub(super) sent: Time,
    pub(super) arrives: Time,
    /// It neither was sent before nor waited behind one that was.
    pub(super) first_try: bool,
}

/// The sender's retransmission of the oldest segment that was not acknowledged.
#[derive(Copy, Clone, Debug)]
pub(super) struct Retry {
    /// When that segment was sent first.
    pub(super) first: Time,
    /// When it was sent last.
    pub(super) last: Time,
    /// How often it was sent again.
    pub(super) count: u32,
}

/// One direction of a connection. Segments arrive in the order in which they were sent: behind one that
/// is lost, all later ones wait.
#[derive(Clone, Debug)]
pub(super) struct Way {
    under_way: VecDeque<Segment>,
    waiting: VecDeque<Kind>,
    /// Set from the first loss until something arrives again.
    retry: Option<Retry>,
    /// When the oldest waiting segment is sent again; never if nothing waits.
    retry_at: Time,
    last_arrival: Time,
    /// The sender has forgotten the connection: it repeats nothing.
    abandoned: bool,
}

impl Way {
    pub(super) fn new() -> Way {
        Way {
            under_way: VecDeque::new(),
            waiting: VecDeque::new(),
            retry: None,
            retry_at: Time::NEVER,
            last_arrival: Time::ZERO,
            abandoned: false,
        }
    }

    /// When the next segment arrives.
    #[inline]
    pub(super) fn arrives(&self) -> Time {
        self.under_way.front().map_or(Time::NEVER, |segment| segment.arrives)
    }

    /// When the oldest waiting segment is sent again.
    #[inline]
    pub(super) fn retry_at(&self) -> Time {
        self.retry_at
    }

    /// Whether something waits for a retransmission.
    #[inline]
    pub(super) fn stalled(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// What is under way, soonest first.
    pub(super) fn under_way(&self) -> impl Iterator<Item = &Segment> {
        self.under_way.iter()
    }

    /// How many segments wait for a retransmission.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nothing is under way and nothing waits.
    pub(super) fn empty(&self) -> bool {
        self.under_way.is_empty() && self.waiting.is_empty()
    }

    /// The segment that is sent again next.
    pub(super) fn oldest_waiting(&self) -> Option<Kind> {
        self.waiting.front().copied()
    }

    /// The retransmission that goes on.
    pub(super) fn retry(&self) -> Option<Retry> {
        self.retry
    }

    /// A segment leaves and will arrive `delay` from `now`, at least a tick after the one before.
    #[inline]
    pub(super) fn leaves(&mut self, kind: Kind, delay: Span, now: Time, first_try: bool) {
        let arrives = (now + delay.max(Span::TICK)).max(self.last_arrival + Span::TICK);
        self.last_arrival = arrives;
        self.under_way.push_back(Segment { kind, sent: now, arrives, first_try });
    }

    /// A segment joins those that wait.
    pub(super) fn waits(&mut self, kind: Kind) {
        self.waiting.push_back(kind);
    }

    /// The segment that arrives now.
    #[inline]
    pub(super) fn take_arrived(&mut self) -> Option<Segment> {
        self.under_way.pop_front()
    }

    /// The peer acknowledged what arrived last: the schedule ends, or, if something waits still, starts
    /// anew without back-off. Answers whether the timer has to be set.
    #[inline]
    pub(super) fn acknowledged(&mut self, now: Time) -> bool {
        let Some(retry) = self.retry else { return false };
        let anew = self.stalled() && retry.count > 0;
        if anew {
            self.retry = Some(Retry { first: now, last: now, count: 0 });
        } else if !self.stalled() {
            self.retry = None;
        }
        anew
    }

    /// A segment was swallowed on arrival or in vain: it and all behind it wait. Nothing waits when the
    /// sender has forgotten the connection, or for a segment that is not its business to repeat.
    pub(super) fn swallowed(&mut self, segment: Segment) {
        if self.abandoned || matches!(segment.kind, Kind::Syn | Kind::Rst) {
            return;
        }
        while let Some(behind) = self.under_way.pop_back() {
            if !matches!(behind.kind, Kind::Syn | Kind::Rst) {
                self.waiting.push_front(behind.kind);
            }
        }
        self.waiting.push_front(segment.kind);
        self.began_retry(segment.sent);
    }

    /// Notes that the oldest waiting segment was sent at `sent` and not acknowledged; a schedule that
    /// goes on already goes on. Answers it.
    pub(super) fn began_retry(&mut self, sent: Time) -> Retry {
        *self.retry.get_or_insert(Retry { first: sent, last: sent, count: 0 })
    }

    /// The oldest waiting segment is sent again now.
    pub(super) fn sent_again(&mut self, now: Time) -> u32 {
        let retry = self.retry.get_or_insert(Retry { first: now, last: now, count: 0 });
        retry.last = now;
        retry.count += 1;
        retry.count
    }

    /// The next retransmission comes `timeout` after the last sending, at the earliest a tick from now.
    pub(super) fn arm(&mut self, timeout: Span, now: Time) {
        self.retry_at = match self.retry {
            Some(retry) if self.stalled() => (retry.last + timeout).max(now + Span::TICK),
            Some(_) | None => Time::NEVER,
        };
    }

    /// The sender's timer stood still for `span`.
    pub(super) fn stood_still(&mut self, span: Span) {
        self.retry_at += span;
        if let Some(retry) = &mut self.retry {
            retry.last += span;
        }
    }

    /// A retransmission gets through: all that waits leaves, the oldest to arrive after `delay`.
    pub(super) fn release(&mut self, delay: Span, now: Time) {
        while let Some(kind) = self.waiting.pop_front() {
            self.leaves(kind, delay, now, false);
        }
        self.retry_at = Time::NEVER;
    }

    /// The sender forgets the connection; what is under way stays so.
    pub(super) fn abandon(&mut self) {
        self.waiting.clear();
        self.retry = None;
        self.retry_at = Time::NEVER;
        self.abandoned = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ping(n: u32) -> Kind {
        Kind::Data(Frame::Ping { n })
    }

    const fn ms(millis: u64) -> Span {
        Span::from_millis(millis)
    }

    #[test]
    fn a_faster_segment_does_not_overtake() {
        let mut way = Way::new();
        way.leaves(ping(1), ms(80), Time::ZERO, true);
        way.leaves(ping(2), ms(20), Time::ZERO, true);
        let first = way.take_arrived().unwrap();
        let second = way.take_arrived().unwrap();
        assert_eq!((first.kind, second.kind), (ping(1), ping(2)));
        assert_eq!(second.arrives.since(first.arrives), Span::TICK);
    }

    #[test]
    fn what_is_behind_a_swallowed_segment_waits_in_order() {
        let mut way = Way::new();
        for n in 1..4 {
            way.leaves(ping(n), ms(20), Time::ZERO, true);
        }
        let first = way.take_arrived().unwrap();
        way.swallowed(first);
        way.waits(ping(4));
        assert!(way.take_arrived().is_none());
        way.release(ms(20), ms(500).from_start());
        let order: Vec<Kind> =
            std::iter::from_fn(|| way.take_arrived()).map(|segment| segment.kind).collect();
        assert_eq!(order, [ping(1), ping(2), ping(3), ping(4)]);
    }

    #[test]
    fn a_reset_is_never_repeated() {
        let mut way = Way::new();
        way.leaves(Kind::Rst, ms(20), Time::ZERO, true);
        let reset = way.take_arrived().unwrap();
        way.swallowed(reset);
        assert!(way.empty() && way.retry().is_none());
    }
}
