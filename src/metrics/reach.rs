//! How long a push sent then would not have been received within the deadline.
//!
//! The state says at every moment whether a push sent now would be received at once. When it would not,
//! a server that keeps undelivered pushes delivers it when that changes: so of every gap, the last
//! stretch as long as the deadline is reachable all the same. A gap still open at the end of the run
//! counts whole, since nobody knows how it goes on.

use crate::port::{Span, Time};

/// The gaps of one device so far.
#[derive(Copy, Clone, Debug)]
pub(super) struct Reach {
    gap_since: Option<Time>,
    forgiven: Span,
    pub(super) unreachable: Span,
    pub(super) longest: Span,
}

impl Reach {
    pub(super) fn new(forgiven: Span) -> Reach {
        let (unreachable, longest) = (Span::ZERO, Span::ZERO);
        Reach { gap_since: Some(Time::ZERO), forgiven, unreachable, longest }
    }

    pub(super) fn changed(&mut self, reachable: bool, at: Time) {
        match (reachable, self.gap_since) {
            (true, Some(since)) => {
                self.gap_since = None;
                self.count(at.since(since).saturating_sub(self.forgiven));
            }
            (false, None) => self.gap_since = Some(at),
            (true, None) | (false, Some(_)) => {}
        }
    }

    pub(super) fn finish(&mut self, at: Time) {
        if let Some(since) = self.gap_since.take() {
            let gap = at.since(since);
            if gap > self.forgiven {
                self.count(gap);
            }
        }
    }

    fn count(&mut self, gap: Span) {
        self.unreachable += gap;
        self.longest = self.longest.max(gap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Span::from_secs(seconds).from_start()
    }

    #[test]
    fn a_gap_shorter_than_the_deadline_is_no_gap() {
        let mut reach = Reach::new(Span::from_secs(30));
        reach.changed(true, at(1));
        reach.changed(false, at(100));
        reach.changed(true, at(130));
        reach.finish(at(1_000));
        assert_eq!(reach.unreachable, Span::ZERO);
    }

    #[test]
    fn of_a_long_gap_the_last_stretch_is_reachable() {
        let mut reach = Reach::new(Span::from_secs(30));
        reach.changed(true, at(0));
        reach.changed(false, at(100));
        reach.changed(true, at(200));
        reach.finish(at(1_000));
        assert_eq!((reach.unreachable, reach.longest), (Span::from_secs(70), Span::from_secs(70)));
    }

    #[test]
    fn a_gap_that_never_ends_counts_whole() {
        let mut reach = Reach::new(Span::from_secs(30));
        reach.changed(true, at(0));
        reach.changed(false, at(400));
        reach.finish(at(1_000));
        assert_eq!(reach.unreachable, Span::from_secs(600));
    }
}
