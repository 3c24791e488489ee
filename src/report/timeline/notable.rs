//! The events that tell the story, with times; quiet stretches between them in a line.

use super::scenes::Repeat;
use crate::port::{Span, Time};
use crate::report::event_line::event_line;
use crate::report::history::sign::{Sign, sign};
use crate::report::human;
use crate::report::paragraph::{cut, plain};
use crate::trace::{Event, Names, What};

/// At most so many events at the beginning and at the end.
const FIRST: usize = 40;
const LAST: usize = 20;
/// More events of one kind in a row are not shown one by one.
const MOST_ALIKE: usize = 3;

/// A notable event with what came before it.
pub(super) struct Told<'e> {
    event: &'e Event,
    /// Since the one before.
    gap: Span,
    /// How many wakes there were meanwhile.
    wakes: u64,
}

impl<'e> Told<'e> {
    /// What is to be told of `device`; with `states` every change of its app's state, too.
    pub(super) fn of(events: &'e [Event], device: u32, states: bool) -> Vec<Told<'e>> {
        let mut told = Vec::new();
        let mut before: Option<Time> = None;
        let mut wakes = 0;
        for event in events.iter().filter(|event| event.owner == 0 || event.owner == device) {
            let sign = sign(&event.what);
            wakes += u64::from(matches!(sign, Sign::Wake(..)));
            if sign.notable() || states && matches!(sign, Sign::State(_)) {
                let gap = event.at.since(before.unwrap_or(event.at));
                told.push(Told { event, gap, wakes });
                (before, wakes) = (Some(event.at), 0);
            }
        }
        told
    }
}

/// How times are told.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Clock {
    /// Since the run began.
    SinceTheBeginning,
    /// The time of day, under a line for every day; the run began at a midnight.
    TimeOfDay,
}

const DAY: u64 = 86_400_000_000;

impl Clock {
    fn told(self, at: Time) -> Time {
        match self {
            Clock::SinceTheBeginning => at,
            Clock::TimeOfDay => Time::from_micros(at.as_micros() % DAY),
        }
    }

    /// The day of `at`, counted from 1, where that is told.
    fn day(self, at: Time) -> Option<u64> {
        (self == Clock::TimeOfDay).then(|| at.as_micros() / DAY + 1)
    }

    /// `at` within a sentence, after something on the day of `since`.
    fn within(self, at: Time, since: Time) -> String {
        let day = self.day(at).filter(|day| Some(*day) != self.day(since));
        day.map_or(String::new(), |day| format!("day {day}, ")) + &self.told(at).to_string()
    }
}

/// How notable events are listed.
pub(super) struct List<'a> {
    pub(super) names: &'a Names,
    /// A gap of so much is a line of its own.
    pub(super) quiet: Span,
    pub(super) clock: Clock,
    /// What repeats what was told before.
    pub(super) repeats: &'a [Repeat],
}

impl List<'_> {
    /// The events, a line each of at most `width` columns; a gap is a line of its own, and so are several
    /// events of one kind in a row, pushes that nobody received, and what repeats itself.
    pub(super) fn lines(&self, told: &[Told<'_>], width: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let mut day = None;
        let mut rest = told;
        while let Some(first) = rest.first() {
            if let Some(repeat) = self.repeats.iter().find(|repeat| repeat.holds(first.event.at)) {
                let within = rest.iter().take_while(|told| repeat.holds(told.event.at)).count();
                lines.push(self.repeated(repeat, &rest[..within]));
                rest = &rest[within..];
                continue;
            }
            let (row, shown, unheard) = self.row(rest);
            let (row, after) = rest.split_at(row);
            rest = after;
            for told in &row[..shown] {
                self.line(&mut lines, &mut day, told, width);
            }
            if let (true, Some(last)) = (shown < row.len(), row.last()) {
                let until = self.clock.within(last.event.at, first.event.at);
                lines.push(match unheard {
                    false => {
                        let (more, name) = (row.len() - 1, last.event.what.name());
                        format!("… {more} more {name}, the last at {until} …")
                    }
                    true => {
                        let more = pushes(&row[1..]);
                        format!("… {more} more pushes sent, none received, the last at {until} …")
                    }
                });
            }
        }
        if lines.len() > FIRST + LAST {
            let left_out = lines.len() - FIRST - LAST;
            let text = format!("… {} more …", human::plural(left_out as u64, "line"));
            lines.splice(FIRST..FIRST + left_out, [text]);
        }
        lines.iter().map(|line| cut(line, width)).collect()
    }

    /// How many events at the beginning of `rest` are told together, how many of them are shown, and whether
    /// they are pushes that nobody received.
    fn row(&self, rest: &[Told<'_>]) -> (usize, usize, bool) {
        let alike = |pair: &&[Told<'_>]| {
            let [a, b] = pair else { return false };
            a.event.what.name() == b.event.what.name() && b.gap < self.quiet
        };
        let repeated = |told: &Told<'_>| self.repeats.iter().any(|r| r.holds(told.event.at));
        let goes_on = |pair: &&[Told<'_>]| alike(pair) && !pair.last().is_some_and(repeated);
        let unheard = unheard(rest);
        let row = match unheard {
            0 => 1 + rest.windows(2).take_while(goes_on).count(),
            unheard => rest[..unheard].iter().position(repeated).unwrap_or(unheard),
        };
        let shown = if unheard > 0 || row > MOST_ALIKE { 1 } else { row };
        (row, shown, unheard > 0)
    }

    /// One event, after the gap and the day if there are any to be told.
    fn line(&self, lines: &mut Vec<String>, day: &mut Option<u64>, told: &Told<'_>, width: usize) {
        if told.gap >= self.quiet {
            let span = human::span(told.gap);
            lines.push(match told.wakes {
                0 => format!("… {span} nothing …"),
                n => format!("… {span} nothing but {} …", human::plural(n, "wake")),
            });
        }
        let today = self.clock.day(told.event.at);
        if let Some(number) = today.filter(|_| today != *day) {
            lines.push(format!("day {number}:"));
            *day = today;
        }
        let at = self.clock.told(told.event.at);
        lines.push(cut(&plain(&event_line(&Event { at, ..*told.event }, self.names)), width));
    }

    /// What repeats what was told before.
    fn repeated(&self, repeat: &Repeat, told: &[Told<'_>]) -> String {
        let until = self.clock.within(repeat.time.end, repeat.time.start);
        let wakes = match told.iter().map(|told| told.wakes).sum() {
            0 => String::new(),
            n => format!(" ({})", human::plural(n, "wake")),
        };
        let times = human::times(repeat.rounds.len() as u64);
        format!("… the same {times} more{wakes}, until {until} …")
    }
}

/// Whether the step sends a push.
fn sends(told: &Told<'_>) -> bool {
    matches!(told.event.what, What::Step { action: "server.push", .. })
}

fn pushes(told: &[Told<'_>]) -> usize {
    told.iter().filter(|told| sends(told)).count()
}

/// How many events at the beginning of `told`, which is not empty, are about pushes that nobody received and
/// about nothing else but a phone that is unlocked, locked or charged meanwhile; 0 when there are too few
/// pushes to be told as one.
fn unheard(told: &[Told<'_>]) -> usize {
    if !told.first().is_some_and(sends) {
        return 0;
    }
    let idle = |told: &Told<'_>| {
        if let What::Step { action, .. } = told.event.what {
            return ["server.push", "user.unlock", "user.lock", "phone.charger"].contains(&action);
        }
        matches!(sign(&told.event.what), Sign::Sent(_))
    };
    let stretch = told.iter().take_while(|told| idle(told)).count();
    let (stretch, after) = told.split_at(stretch);
    // What is received next was sent last.
    let received =
        after.first().is_some_and(|next| matches!(sign(&next.event.what), Sign::Received(_)));
    let last = stretch.iter().rposition(sends).unwrap_or(0);
    let stretch = if received { &stretch[..last] } else { stretch };
    let end = stretch
        .iter()
        .rposition(|told| sends(told) || matches!(sign(&told.event.what), Sign::Sent(_)));
    let stretch = end.map_or(0, |end| end + 1);
    if pushes(&told[..stretch]) > MOST_ALIKE { stretch } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{PushId, StreamError};

    fn lines(whats: &[(u64, What)]) -> Vec<String> {
        lines_with(whats, &[])
    }

    fn lines_with(whats: &[(u64, What)], repeats: &[Repeat]) -> Vec<String> {
        let event = |(seconds, what): &(u64, What)| Event {
            at: Span::from_secs(*seconds).from_start(),
            owner: 1,
            seq: 0,
            lane: what.lane(),
            what: *what,
        };
        let events: Vec<Event> = whats.iter().map(event).collect();
        let names = Names::default();
        let (quiet, clock) = (Span::from_secs(60), Clock::TimeOfDay);
        List { names: &names, quiet, clock, repeats }.lines(&Told::of(&events, 1, false), 80)
    }

    fn step(action: &'static str) -> What {
        What::Step { action, number: 1 }
    }

    #[test]
    fn a_quiet_stretch_is_one_line() {
        let told = lines(&[(0, What::Booted {}), (552, What::GaveUp {})]);
        assert_eq!(told[2], "… 9 m 12 s nothing …");
    }

    #[test]
    fn many_events_of_a_kind_in_a_row_are_two_lines() {
        let failed = |connection| What::ConnectFailed { connection, error: StreamError::Refused };
        let told = lines(&[(1, failed(1)), (2, failed(2)), (3, failed(3)), (4, failed(4))]);
        assert_eq!(told.len(), 3);
        assert_eq!(told[2], "… 3 more connect-failed, the last at 00:00:04.000 …");
    }

    #[test]
    fn a_time_past_midnight_stands_under_its_day() {
        let told = lines(&[(86_340, What::Booted {}), (90_769, What::GaveUp {})]);
        assert_eq!([&told[0], &told[3]], ["day 1:", "day 2:"]);
        assert!(told[4].starts_with("01:12:49.000 "), "{told:?}");
    }

    #[test]
    fn what_repeats_itself_is_one_line() {
        let at = |seconds| Span::from_secs(seconds).from_start();
        let repeat = Repeat { rounds: vec![at(600), at(1_200)], time: at(600)..at(1_210) };
        let (up, down) = (What::Booted {}, What::Reboot {});
        let rounds = [(0, up), (10, down), (600, up), (610, down), (1_200, up), (1_210, down)];
        let told = lines_with(&[&rounds[..], &[(1_220, What::GaveUp {})]].concat(), &[repeat]);
        assert_eq!(told.len(), 5, "{told:?}");
        assert_eq!(told[3], "… the same twice more, until 00:20:10.000 …");
        assert!(told[4].starts_with("00:20:20.000"), "{told:?}");
    }

    #[test]
    fn pushes_that_nobody_received_are_two_lines() {
        let (push, user) = (step("server.push"), step("user.unlock"));
        let told = lines(&[
            (0, push),
            (900, push),
            (950, user),
            (80_000, push),
            (90_000, push),
            (90_001, user),
        ]);
        assert!(told[1].contains("do=server.push"), "{told:?}");
        assert_eq!(
            told[2],
            "… 3 more pushes sent, none received, the last at day 2, 01:00:00.000 …"
        );
        assert!(told.last().unwrap().contains("do=user.unlock"), "{told:?}");
    }

    #[test]
    fn a_push_that_is_received_is_none_of_those_that_nobody_received() {
        let push = step("server.push");
        let received = What::PushReceived { push: PushId { name: 0, member: 0 }, pair: 1 };
        let told = lines(&[(0, push), (1, push), (2, push), (3, push), (4, push), (5, received)]);
        assert_eq!(told[2], "… 3 more pushes sent, none received, the last at 00:00:03.000 …");
        assert!(told[3].contains("do=server.push"), "{told:?}");
        let told = lines(&[(0, push), (1, received), (2, push), (3, received)]);
        assert!(!told.concat().contains("none received"), "{told:?}");
    }
}
