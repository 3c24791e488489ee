//! The events that tell the story, with times; quiet stretches between them in a line.

use super::sign::{Sign, sign};
use crate::port::{Span, Time};
use crate::report::event_line::event_line;
use crate::report::human;
use crate::report::paragraph::{cut, plain};
use crate::trace::{Event, Names};

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

/// The notable events of `device`, a line each of at most `width` columns; a gap of `quiet` or more is
/// a line of its own, and so are several events of one kind in a row.
pub(super) fn list(
    events: &[Event],
    device: u32,
    names: &Names,
    quiet: Span,
    width: usize,
) -> Vec<String> {
    let told = told(events, device);
    let mut lines = Vec::new();
    let alike =
        |a: &Told<'_>, b: &Told<'_>| a.event.what.name() == b.event.what.name() && b.gap < quiet;
    for alike in told.chunk_by(alike) {
        let shown = if alike.len() > MOST_ALIKE { 1 } else { alike.len() };
        for told in &alike[..shown] {
            if told.gap >= quiet {
                let span = human::span(told.gap);
                lines.push(match told.wakes {
                    0 => format!("… {span} nothing …"),
                    n => format!("… {span} nothing but {} …", human::plural(n, "wake")),
                });
            }
            lines.push(cut(&plain(&event_line(told.event, names)), width));
        }
        if let (true, Some(last)) = (shown < alike.len(), alike.last()) {
            let (more, name, until) = (alike.len() - 1, last.event.what.name(), last.event.at);
            lines.push(format!("… {more} more {name}, the last at {until} …"));
        }
    }
    if lines.len() > FIRST + LAST {
        let left_out = lines.len() - FIRST - LAST;
        let text = format!("… {} more …", human::plural(left_out as u64, "line"));
        lines.splice(FIRST..FIRST + left_out, [text]);
    }
    lines
}

fn told(events: &[Event], device: u32) -> Vec<Told<'_>> {
    let mut told = Vec::new();
    let mut before: Option<Time> = None;
    let mut wakes = 0;
    for event in events.iter().filter(|event| event.owner == 0 || event.owner == device) {
        let sign = sign(&event.what);
        wakes += u64::from(sign == Sign::Wake);
        if sign.notable() {
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
    use crate::port::StreamError;
    use crate::trace::What;

    fn lines(whats: &[(u64, What)]) -> Vec<String> {
        let event = |(seconds, what): &(u64, What)| Event {
            at: Span::from_secs(*seconds).from_start(),
            owner: 1,
            seq: 0,
            lane: what.lane(),
            what: *what,
        };
        let events: Vec<Event> = whats.iter().map(event).collect();
        list(&events, 1, &Names::default(), Span::from_secs(60), 80)
    }

    #[test]
    fn a_quiet_stretch_is_one_line() {
        let told = lines(&[(0, What::Booted {}), (552, What::GaveUp {})]);
        assert_eq!(told[1], "… 9 m 12 s nothing …");
    }

    #[test]
    fn many_events_of_a_kind_in_a_row_are_two_lines() {
        let failed = |connection| What::ConnectFailed { connection, error: StreamError::Refused };
        let told = lines(&[(1, failed(1)), (2, failed(2)), (3, failed(3)), (4, failed(4))]);
        assert_eq!(told.len(), 2);
        assert_eq!(told[1], "… 3 more connect-failed, the last at 00:00:04.000 …");
    }
}
