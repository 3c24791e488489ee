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

/// The notable events of `device`, a line each of at most `width` columns; a gap of `quiet` or more is
/// a line of its own.
pub(super) fn list(
    events: &[Event],
    device: u32,
    names: &Names,
    quiet: Span,
    width: usize,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut before: Option<Time> = None;
    let mut wakes = 0u64;
    let of_device = events.iter().filter(|event| event.owner == 0 || event.owner == device);
    for event in of_device {
        let sign = sign(&event.what);
        wakes += u64::from(sign == Sign::Wake);
        if !sign.notable() {
            continue;
        }
        let gap = event.at.since(before.unwrap_or(event.at));
        if gap >= quiet {
            let span = human::span(gap);
            lines.push(match wakes {
                0 => format!("… {span} nothing …"),
                n => format!("… {span} nothing but {} …", human::plural(n, "wake")),
            });
        }
        lines.push(cut(&plain(&event_line(event, names)), width));
        (before, wakes) = (Some(event.at), 0);
    }
    if lines.len() > FIRST + LAST {
        let left_out = lines.len() - FIRST - LAST;
        let text = format!("… {} more …", human::plural(left_out as u64, "line"));
        lines.splice(FIRST..FIRST + left_out, [text]);
    }
    lines
}
