//! The events that tell the story, with times; quiet stretches between them in a line.

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
struct Told<'e> {
    event: &'e Event,
    /// Since the one before.
    gap: Span,
    /// How many wakes there were meanwhile.
    wakes: u64,
}

/// How events are told.
#[derive(Copy, Clone, Debug)]
pub(super) struct Telling {
    /// A gap of so long or more is a line of its own.
    pub(super) quiet: Span,
    /// How times are told.
    pub(super) clock: Clock,
    /// Whether every change of the app's state is told, too.
    pub(super) states: bool,
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

/// The notable events of `device`, a line each of at most `width` columns; a gap of `quiet` or more is
/// a line of its own, and so are several events of one kind in a row, and pushes that nobody received.
pub(super) fn list(
    events: &[Event],
    device: u32,
    names: &Names,
    Telling { quiet, clock, states }: Telling,
    width: usize,
) -> Vec<String> {
    let told = told(events, device, states);
    let mut lines = Vec::new();
    let alike =
        |a: &Told<'_>, b: &Told<'_>| a.event.what.name() == b.event.what.name() && b.gap < quiet;
    let mut day = None;
    let mut rest = &told[..];
    while let Some(first) = rest.first() {
        let unheard = unheard(rest);
        let row = match unheard {
            0 => 1 + rest.windows(2).take_while(|pair| alike(&pair[0], &pair[1])).count(),
            unheard => unheard,
        };
        let (row, after) = rest.split_at(row);
        rest = after;
        let shown = if unheard > 0 || row.len() > MOST_ALIKE { 1 } else { row.len() };
        for told in &row[..shown] {
            if told.gap >= quiet {
                let span = human::span(told.gap);
                lines.push(match told.wakes {
                    0 => format!("… {span} nothing …"),
                    n => format!("… {span} nothing but {} …", human::plural(n, "wake")),
                });
            }
            let today = clock.day(told.event.at);
            if let Some(number) = today.filter(|_| today != day) {
                lines.push(format!("day {number}:"));
                day = today;
            }
            let at = clock.told(told.event.at);
            lines.push(cut(&plain(&event_line(&Event { at, ..*told.event }, names)), width));
        }
        if let (true, Some(last)) = (shown < row.len(), row.last()) {
            let until = clock.within(last.event.at, first.event.at);
            lines.push(match unheard {
                0 => {
                    let (more, name) = (row.len() - 1, last.event.what.name());
                    format!("… {more} more {name}, the last at {until} …")
                }
                _ => {
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
    lines
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

fn told(events: &[Event], device: u32, states: bool) -> Vec<Told<'_>> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{PushId, StreamError};

    fn lines(whats: &[(u64, What)]) -> Vec<String> {
        let event = |(seconds, what): &(u64, What)| Event {
            at: Span::from_secs(*seconds).from_start(),
            owner: 1,
            seq: 0,
            lane: what.lane(),
            what: *what,
        };
        let events: Vec<Event> = whats.iter().map(event).collect();
        let quiet = Span::from_secs(60);
        let telling = Telling { quiet, clock: Clock::TimeOfDay, states: false };
        list(&events, 1, &Names::default(), telling, 80)
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
