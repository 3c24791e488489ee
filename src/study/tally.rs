//! What a study counts of one phone beyond the metrics: what unreachable time was spent in, the worst
//! outage, how late every push was, what ended the app and what was refused to it.

use std::collections::BTreeMap;

use super::blame::Blame;
use crate::port::{PushId, Span, Time};
use crate::trace::{DeadCause, Event, KillCode, KillRule, Observer, Refusal, Unreachable, What};

/// A legacy feature that was refused or had no effect.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Refused {
    /// The keep-alive handler was not installed.
    KeepAlive(Refusal),
    /// The VoIP service type had no effect.
    VoipTag(Refusal),
}

impl Refused {
    /// The rule by the words of the trace: the event, and why.
    pub fn rule(self) -> String {
        match self {
            Refused::KeepAlive(why) => format!("keep-alive-refused {why}"),
            Refused::VoipTag(why) => format!("voip-tag-ignored {why}"),
        }
    }
}

/// A stretch of time in which a push would not have been received in time.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Outage {
    /// Since when.
    pub from: Time,
    /// For how long.
    pub lasted: Span,
    /// What the most of it was spent in.
    pub blame: Blame,
}

/// The count of one phone; give it every event of a run and then [`Tally::finish`].
#[derive(Clone, Debug)]
pub struct Tally {
    /// A gap as long as this, or the end of a longer one, does no harm: a push that waits is in time.
    forgiven: Span,
    /// Since when there is a gap, and its parts so far; the last one goes on.
    gap: Option<Time>,
    parts: Vec<(Time, Blame)>,
    /// What the trace says of it now.
    why: Unreachable,
    /// The time of the last event.
    now: Time,
    /// The first thing that went wrong since the phone was reachable, and is not over.
    root: Option<Blame>,
    /// Whether this process ever had a session; what ends before that is no loss.
    had_session: bool,
    tag_refused: Option<Refusal>,
    waiting: BTreeMap<PushId, Time>,
    /// What unreachable time was spent in. The sum is the unreachable time of the metrics.
    pub blames: BTreeMap<Blame, Span>,
    /// The longest outage, the first of several.
    pub worst: Option<Outage>,
    /// How long every push that was read took from the server to the app.
    pub delays: Vec<Span>,
    /// Pushes that were not read before the run ended.
    pub unread: u64,
    /// How often iOS ended the app, by rule and code.
    pub kills: BTreeMap<(KillRule, KillCode), u64>,
    /// How often something was refused or had no effect.
    pub refused: BTreeMap<Refused, u64>,
}

impl Tally {
    /// A count that begins with a gap, as every run does. `forgiven` is how long a push may wait for a
    /// connection ([`forgiven`](crate::run::forgiven)).
    pub fn new(forgiven: Span) -> Tally {
        Tally {
            forgiven,
            gap: Some(Time::ZERO),
            parts: vec![(Time::ZERO, Blame::NotConnected)],
            why: Unreachable::NoSession,
            now: Time::ZERO,
            root: None,
            had_session: false,
            tag_refused: None,
            waiting: BTreeMap::new(),
            blames: BTreeMap::new(),
            worst: None,
            delays: Vec::new(),
            unread: 0,
            kills: BTreeMap::new(),
            refused: BTreeMap::new(),
        }
    }

    /// The run is over at `end`.
    pub fn finish(&mut self, end: Time) {
        if let Some(since) = self.gap.take()
            && end.since(since) > self.forgiven
        {
            // Nobody knows how it goes on: it counts whole.
            self.outage(since, end);
        }
        self.unread += self.waiting.len() as u64;
        self.waiting.clear();
    }

    /// What `why` is to be blamed on.
    fn blame(&self, why: Unreachable) -> Blame {
        let root = self.root.unwrap_or(Blame::NotConnected);
        match why {
            Unreachable::Reachable | Unreachable::NoSession => root,
            Unreachable::ConnectionDead => root,
            Unreachable::ServerDown => Blame::ServerDown,
            Unreachable::NotRunning => match root {
                Blame::Killed(_) => root,
                Blame::ServerDown
                | Blame::NotRunning
                | Blame::Reclaimed(_)
                | Blame::Lost(_)
                | Blame::NotConnected
                | Blame::NotRegistered
                | Blame::NotWoken(_)
                | Blame::NotHeard
                | Blame::Busy
                | Blame::WakeLimit => Blame::NotRunning,
            },
            Unreachable::NotRegistered => Blame::NotRegistered,
            Unreachable::NotWoken => Blame::NotWoken(self.tag_refused),
            Unreachable::NotHeard => Blame::NotHeard,
            Unreachable::Busy => Blame::Busy,
            Unreachable::WakeLimit => Blame::WakeLimit,
        }
    }

    fn reach(&mut self, why: Unreachable, at: Time) {
        self.why = why;
        if why == Unreachable::Reachable {
            self.root = None;
            if let Some(since) = self.gap.take() {
                let lasted = at.since(since).saturating_sub(self.forgiven);
                self.outage(since, since + lasted);
            }
            return;
        }
        let blame = self.blame(why);
        if self.gap.is_none() {
            self.gap = Some(at);
            self.parts.clear();
        }
        self.parts.push((at, blame));
    }

    /// Counts the gap from `from` to `to`, by its parts.
    fn outage(&mut self, from: Time, to: Time) {
        let mut spent: BTreeMap<Blame, Span> = BTreeMap::new();
        for (place, (begin, blame)) in self.parts.iter().enumerate() {
            let end = self.parts.get(place + 1).map_or(to, |(next, _)| *next).min(to);
            *spent.entry(*blame).or_default() += end.since(*begin);
        }
        let lasted = to.since(from);
        let most = spent.iter().max_by_key(|(_, span)| **span).map(|(blame, _)| *blame);
        for (blame, span) in spent {
            if span > Span::ZERO {
                *self.blames.entry(blame).or_default() += span;
            }
        }
        let longest = self.worst.map_or(Span::ZERO, |worst| worst.lasted);
        if let Some(blame) = most.filter(|_| lasted > longest) {
            self.worst = Some(Outage { from, lasted, blame });
        }
    }

    /// The app's process or its connection ended. What ends the process outweighs what was before.
    fn died(&mut self, blame: Blame) {
        let outweighs = matches!(blame, Blame::Killed(_) | Blame::NotRunning);
        if !outweighs && (self.root.is_some() || !self.had_session) {
            return;
        }
        self.had_session &= !outweighs;
        self.root = Some(blame);
        if self.gap.is_some() {
            // The trace may have nothing new to say of it: without a session there is none, whoever is
            // to blame.
            self.parts.push((self.now, self.blame(self.why)));
        }
    }
}

impl Observer for Tally {
    fn event(&mut self, event: &Event) {
        let at = event.at;
        self.now = at;
        // Few of all events matter here; the others need no opinion.
        if let What::Reachable { why, .. } = event.what {
            self.reach(why, at);
        } else if let What::SessionOpened { .. } = event.what {
            self.had_session = true;
        } else if let What::PushAccepted { push, .. } = event.what {
            self.waiting.insert(push, at);
        } else if let What::PushReceived { push, .. } = event.what {
            if let Some(accepted) = self.waiting.remove(&push) {
                self.delays.push(at.since(accepted));
            }
        } else if let What::ConnectionDead { cause, .. } = event.what {
            match cause {
                DeadCause::Reclaimed => self.died(Blame::Reclaimed(self.tag_refused)),
                // Told by what ended the process.
                DeadCause::Process => {}
                DeadCause::Interface
                | DeadCause::Address
                | DeadCause::Silence
                | DeadCause::NoInternet
                | DeadCause::CaptivePortal
                | DeadCause::VoiceCall
                | DeadCause::Nat
                | DeadCause::Server => self.died(Blame::Lost(cause)),
            }
        } else if let What::Kill { code, rule } = event.what {
            self.died(Blame::Killed(rule));
            *self.kills.entry((rule, code)).or_default() += 1;
        } else if let What::Exit { .. } | What::Reboot {} = event.what {
            self.died(Blame::NotRunning);
        } else if let What::KeepAliveRefused { why } = event.what {
            *self.refused.entry(Refused::KeepAlive(why)).or_default() += 1;
        } else if let What::VoipTagIgnored { why, .. } = event.what {
            self.tag_refused = Some(why);
            *self.refused.entry(Refused::VoipTag(why)).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Metric, Value};
    use crate::run::{Options, forgiven, play_watched};
    use crate::scenario::{Presets, decode};
    use crate::study::{Choice, Sdk};

    fn at(seconds: u64) -> Time {
        Span::from_secs(seconds).from_start()
    }

    fn told(whats: &[(u64, What)], end: u64) -> Tally {
        let mut tally = Tally::new(Span::from_secs(30));
        for (seconds, what) in whats {
            let lane = what.lane();
            tally.event(&Event { at: at(*seconds), owner: 1, seq: 0, lane, what: *what });
        }
        tally.finish(at(end));
        tally
    }

    fn reachable() -> What {
        What::Reachable { reachable: true, why: Unreachable::Reachable }
    }

    fn away(why: Unreachable) -> What {
        What::Reachable { reachable: false, why }
    }

    #[test]
    fn a_gap_is_blamed_on_what_its_parts_were_spent_in() {
        let tally = told(
            &[
                (0, What::SessionOpened { connection: 1 }),
                (0, reachable()),
                (100, away(Unreachable::NotWoken)),
                (200, What::ConnectionDead { connection: 1, cause: DeadCause::Reclaimed }),
                (200, away(Unreachable::ConnectionDead)),
                (900, away(Unreachable::NoSession)),
                (1_230, reachable()),
            ],
            2_000,
        );
        let spent: Vec<_> = tally.blames.into_iter().collect();
        let seconds = Span::from_secs;
        assert_eq!(
            spent,
            [(Blame::Reclaimed(None), seconds(1_000)), (Blame::NotWoken(None), seconds(100))]
        );
        let blame = Blame::Reclaimed(None);
        assert_eq!(tally.worst, Some(Outage { from: at(100), lasted: seconds(1_100), blame }));
    }

    #[test]
    fn what_ended_the_process_outweighs_what_happened_to_its_connection() {
        let rule = KillRule::WakeLimit;
        let tally = told(
            &[
                (0, What::SessionOpened { connection: 1 }),
                (0, reachable()),
                (100, What::ConnectionDead { connection: 1, cause: DeadCause::Nat }),
                (100, away(Unreachable::ConnectionDead)),
                (110, What::Kill { code: KillCode::TooManyWakes, rule }),
                (110, away(Unreachable::NotRunning)),
            ],
            1_000,
        );
        assert_eq!(tally.worst.map(|worst| worst.blame), Some(Blame::Killed(rule)));
        assert_eq!(tally.kills[&(rule, KillCode::TooManyWakes)], 1);
    }

    #[test]
    fn an_app_that_ends_before_it_ever_connected_is_blamed_on_what_ended_it() {
        let rule = KillRule::ModernSdkTrap;
        let tally = told(&[(1, What::Kill { code: KillCode::Trap, rule })], 1_000);
        let seconds = Span::from_secs;
        let spent: Vec<_> = tally.blames.into_iter().collect();
        assert_eq!(spent, [(Blame::Killed(rule), seconds(999)), (Blame::NotConnected, seconds(1))]);
    }

    #[test]
    fn a_connection_that_ends_before_there_was_a_session_is_no_loss() {
        let cause = DeadCause::Interface;
        let tally = told(&[(1, What::ConnectionDead { connection: 1, cause })], 1_000);
        assert_eq!(tally.blames.into_keys().collect::<Vec<_>>(), [Blame::NotConnected]);
    }

    #[test]
    fn a_push_that_nobody_read_has_no_delay_and_is_counted() {
        let push = |member| PushId { name: 0, member };
        let tally = told(
            &[
                (10, What::PushAccepted { push: push(1), waiting: 1 }),
                (20, What::PushAccepted { push: push(2), waiting: 2 }),
                (25, What::PushReceived { push: push(2), pair: 1 }),
                (26, What::PushReceived { push: push(2), pair: 1 }),
            ],
            100,
        );
        assert_eq!((tally.delays, tally.unread), (vec![Span::from_secs(5)], 1));
    }

    #[test]
    fn the_time_that_is_blamed_is_the_unreachable_time_of_the_metrics() {
        for (client, platform) in [
            ("plain-socket", "ios-9"),
            ("ping-in-handler", "ios-9"),
            ("heartbeat-only", "ios-5"),
            ("default", "ios-16"),
            ("leaks-task", "ios-13"),
            ("disconnects-in-background", "ios-8"),
        ] {
            let (platform, client) = (platform.to_owned(), client.to_owned());
            let heartbeat = Some(Span::from_secs(15));
            let choice =
                Choice { platform, client, heartbeat, days: 1, sdk: Sdk::Own, ..Choice::default() };
            let scenario = decode(&choice.text(), &Presets::built_in(), &[]).unwrap();
            let mut tally = Tally::new(forgiven(&scenario));
            let outcome = play_watched(&scenario, Options::of(&scenario), &mut tally);
            tally.finish(scenario.duration.from_start());
            let longest = outcome.totals.value(Metric::UnreachableLongest);
            let worst = tally.worst.map_or(Span::ZERO, |worst| worst.lasted);
            assert_eq!(longest, Some(Value::Duration(worst)), "{choice:?}");
            let blamed = tally.blames.values().map(|span| span.as_micros()).sum::<u64>();
            let Some(Value::Share(share)) = outcome.totals.value(Metric::Reachable) else {
                panic!("no share")
            };
            let unreachable = blamed as f64 / scenario.duration.as_micros() as f64;
            assert!((1.0 - unreachable - f64::from(share.ppm()) / 1e6).abs() < 2e-6, "{choice:?}");
        }
    }
}
