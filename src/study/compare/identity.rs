//! What an event is, whenever it happened: its name with the fields that tell it apart from others of that name.

use crate::trace::{Datum, Record, Shape};

/// What a field tells of its event.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// Which event it is.
    Name,
    /// A number that counts what there was before: it differs when something before differs.
    Ordinal,
    /// What came of it, or how long it was.
    Value,
}

/// The fields that say which event it is.
const NAMES: &[&str] = &[
    "name",
    "do",
    "step",
    "side",
    "frame",
    "service",
    "call",
    "on",
    "locked",
    "connected",
    "push",
    "to",
    "run-loop",
    "line",
];
/// The fields that count.
const ORDINALS: &[&str] = &["stream", "connection", "n", "id"];

/// What `field` tells of `record`.
pub fn part(record: &Record, field: &str) -> Part {
    // A timer has the number that the app gave it.
    let of_timer = || {
        let called = record.field("name").and_then(Datum::text) == Some("timer");
        called || ["set-timer", "cancel-timer"].contains(&record.event.as_ref())
    };
    match record.shape(field) {
        Some(Shape::Span) => Part::Value,
        _ if NAMES.contains(&field) => Part::Name,
        _ if field == "id" && of_timer() => Part::Name,
        _ if ORDINALS.contains(&field) => Part::Ordinal,
        Some(_) => Part::Value,
        None => Part::Name,
    }
}

/// The event with what tells it apart: `callback keep-alive`, `set-timer id=2`.
pub fn identity(record: &Record) -> String {
    let mut out = record.event.to_string();
    for (name, value) in &record.fields {
        if part(record, name) != Part::Name {
            continue;
        }
        match value {
            Datum::Text(text) => out.push_str(&format!(" {text}")),
            Datum::Number(n) => out.push_str(&format!(" {name}={n}")),
            Datum::Negative(n) => out.push_str(&format!(" {name}={n}")),
            Datum::Flag(yes) => out.push_str(&format!(" {name}={yes}")),
            Datum::Endless => out.push_str(&format!(" {name}=endless")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{Clock, Frame, Span, Time};
    use crate::trace::{Event, Names, What};

    fn of(what: What) -> String {
        let event = Event { at: Time::ZERO, owner: 1, seq: 0, lane: what.lane(), what };
        identity(&Record::of(&event, &Names::default()))
    }

    #[test]
    fn an_event_is_told_by_its_name_and_not_by_numbers_that_only_count() {
        assert_eq!(of(What::Callback { name: "keep-alive", id: 0 }), "callback keep-alive");
        let read = |pair| of(What::Read { pair, frame: Frame::Pong { n: pair } });
        assert_eq!(read(1), read(7));
        let returned = |s| of(What::CallbackReturned { name: "timer", took: Span::from_secs(s) });
        assert_eq!(returned(1), returned(9));
    }

    #[test]
    fn timers_and_pushes_are_told_apart() {
        let timer = |id| of(What::SetTimer { id, after: Span::from_secs(1), clock: Clock::Uptime });
        assert_ne!(timer(1), timer(2));
        assert_ne!(
            of(What::Callback { name: "timer", id: 1 }),
            of(What::Callback { name: "timer", id: 2 })
        );
        assert_eq!(
            of(What::Callback { name: "task-expiring", id: 1 }),
            of(What::Callback { name: "task-expiring", id: 2 })
        );
    }
}
