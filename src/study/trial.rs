//! One run of a scenario with one phone, counted.

use super::Tally;
use crate::metrics::Metric;
use crate::port::Span;
use crate::run::{Mode, Options, Outcome, forgiven, play_watched};
use crate::scenario::Scenario;
use crate::settings::Share;

/// What came of one run.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What was measured, and the events if they were asked for.
    pub outcome: Outcome,
    /// What was counted beyond that.
    pub tally: Tally,
}

/// Plays `scenario`, which has one device, under its own seed; with `trace` every event is kept.
pub fn trial(scenario: &Scenario, trace: bool) -> Trial {
    let mut tally = Tally::new(forgiven(scenario));
    let options = Options { seed: scenario.seed, mode: Mode::default(), trace };
    let outcome = play_watched(scenario, options, &mut tally);
    tally.finish(scenario.duration.from_start());
    Trial { outcome, tally }
}

impl Trial {
    /// The reachable share of the time in millionths.
    pub fn reachable(&self) -> u32 {
        self.outcome.totals.share(Metric::Reachable).map_or(0, Share::ppm)
    }
}

/// How soon a given part of all pushes was read.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Quantile {
    /// There were no pushes.
    NoPushes,
    /// So soon.
    Within(Span),
    /// Fewer than that were read at all.
    Never,
}

/// Within what time `percent` of all pushes were read: of `delays`, sorted, and `unread` more that were
/// not. It is the delay of one of them (the nearest rank), never a mean of two.
pub fn quantile(delays: &[Span], unread: u64, percent: u64) -> Quantile {
    let all = delays.len() as u64 + unread;
    if all == 0 {
        return Quantile::NoPushes;
    }
    let rank = (all * percent).div_ceil(100).max(1);
    delays.get(rank as usize - 1).map_or(Quantile::Never, |delay| Quantile::Within(*delay))
}

/// With fewer pushes than this the slowest one is the 99th percentile, which says nothing of a hundredth.
pub const ENOUGH_FOR_P99: u64 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_that_was_not_read_is_slower_than_all_others() {
        let delays: Vec<Span> = (1..=99).map(Span::from_secs).collect();
        assert_eq!(quantile(&delays, 1, 99), Quantile::Within(Span::from_secs(99)));
        assert_eq!(quantile(&delays, 2, 99), Quantile::Never);
        assert_eq!(quantile(&delays, 0, 50), Quantile::Within(Span::from_secs(50)));
        assert_eq!(quantile(&[], 0, 99), Quantile::NoPushes);
        assert_eq!(quantile(&[Span::from_secs(3)], 0, 99), Quantile::Within(Span::from_secs(3)));
    }
}
