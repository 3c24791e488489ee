//! One event as a line that can be read.

use std::fmt::Write;

use crate::trace::{Event, Field, Names, What};

/// `00:12:00.000 server server.down how=process down-for=30s`.
pub fn event_line(event: &Event, names: &Names) -> String {
    let (lane, what) = (event.lane.as_str(), describe(&event.what, names));
    format!("{} {lane:<6} {what}", event.at)
}

/// The event and its fields.
pub fn describe(what: &What, names: &Names) -> String {
    let mut out = what.name().to_owned();
    let mut follows = None;
    what.fields(&mut |name, field| {
        let _ = match field {
            // The identifier that the same push always has says nothing that its name does not.
            Field::Number(n) if name == "id" && follows == Some(n) => Ok(()),
            Field::Number(n) => write!(out, " {name}={n}"),
            Field::Signed(n) => write!(out, " {name}={n}"),
            Field::Flag(yes) => write!(out, " {name}={yes}"),
            Field::Word(word) if word.contains(' ') => write!(out, " {name}=\"{word}\""),
            Field::Word(word) => write!(out, " {name}={word}"),
            Field::Span(span) => {
                let text = span.to_string().replace(' ', "");
                write!(out, " {name}={text}")
            }
            Field::Push(id) => {
                follows = Some(u64::from(id.name) << 32 | u64::from(id.member));
                write!(out, " {name}={}", names.push(id))
            }
        };
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{Span, Time};
    use crate::trace::RestartKind;

    #[test]
    fn an_identifier_that_follows_from_the_push_is_left_out() {
        let names = Names { pushes: vec!["first".into(), "after".into()] };
        let push = crate::port::PushId { name: 1, member: 0 };
        let said = |id| describe(&What::Notified { push, id }, &names);
        assert_eq!(said(1 << 32), "notified push=after");
        assert_eq!(said(77), "notified push=after id=77");
    }

    #[test]
    fn an_event_reads_as_time_lane_name_and_fields() {
        let what = What::ServerDown { how: RestartKind::Process, down_for: Span::from_secs(90) };
        let at = Time::from_micros(720_000_000);
        let event = Event { at, owner: 0, seq: 1, lane: what.lane(), what };
        assert_eq!(
            event_line(&event, &Names::default()),
            "00:12:00.000 server server.down how=process down-for=1m30s"
        );
    }
}
