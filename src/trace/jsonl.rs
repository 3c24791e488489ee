//! The trace as JSON Lines: a header, then one event a line, fields in a stable order.
//!
//! Written by hand because it is a format of fixed shape and every byte of it is compared; no value in
//! it can be anything but a number, a flag or text.

use std::fmt::Write;

use super::{Event, Field};
use crate::port::{PushId, Span};

/// The version of the trace format.
pub const FORMAT: u32 = 1;

/// The first line of a trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// The scenario's name.
    pub scenario: String,
    /// The seed of the run.
    pub seed: u64,
    /// The version of the model, which changes when a rule does.
    pub model: String,
    /// The platform's name.
    pub platform: String,
    /// A hash over every value the run depends on.
    pub profile_hash: u64,
}

/// The names of pushes, which events only number.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Names {
    /// The push names of the scenario, in order.
    pub pushes: Vec<String>,
}

impl Names {
    /// A push as the scenario calls it; members of a series carry their number.
    pub fn push(&self, id: PushId) -> String {
        let name = self.pushes.get(id.name as usize).map_or("push", String::as_str);
        if id.member == 0 { name.to_owned() } else { format!("{name}-{}", id.member) }
    }
}

/// Appends the header line.
pub fn write_header(out: &mut String, header: &Header) {
    let _ = write!(out, "{{\"format\":{FORMAT},\"scenario\":");
    write_text(out, &header.scenario);
    let _ = write!(out, ",\"seed\":{},\"model\":", header.seed);
    write_text(out, &header.model);
    out.push_str(",\"platform\":");
    write_text(out, &header.platform);
    let _ = writeln!(out, ",\"profile\":\"{:016x}\"}}", header.profile_hash);
}

/// Appends one event as a line.
pub fn write_event(out: &mut String, event: &Event, names: &Names) {
    let _ = write!(
        out,
        "{{\"t\":{},\"device\":{},\"lane\":\"{}\",\"event\":\"{}\"",
        event.at.as_micros(),
        event.owner,
        event.lane,
        event.what.name()
    );
    event.what.fields(&mut |name, field| {
        let _ = write!(out, ",\"{name}\":");
        let _ = match field {
            Field::Number(n) => write!(out, "{n}"),
            Field::Signed(n) => write!(out, "{n}"),
            Field::Flag(yes) => write!(out, "{yes}"),
            Field::Word(word) => write!(out, "\"{word}\""),
            Field::Span(Span::MAX) => write!(out, "null"),
            Field::Span(span) => write!(out, "{}", span.as_micros()),
            Field::Push(id) => {
                write_text(out, &names.push(id));
                Ok(())
            }
        };
    });
    out.push_str("}\n");
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Time;
    use crate::trace::{LeaseReason, What};

    #[test]
    fn a_span_without_an_end_is_null() {
        let what = What::LeaseBegan { reason: LeaseReason::Audio, budget: Span::MAX };
        let mut line = String::new();
        write_event(
            &mut line,
            &Event { at: Time::ZERO, owner: 1, seq: 0, lane: what.lane(), what },
            &Names::default(),
        );
        let json: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert!(json["budget"].is_null());
    }

    #[test]
    fn any_name_makes_a_valid_json_line() {
        let header = Header {
            scenario: "a \"quoted\" \\ name\nwith lines \u{7f} é".into(),
            seed: u64::MAX,
            model: "1".into(),
            platform: "ios-9".into(),
            profile_hash: 0xabc,
        };
        let mut line = String::new();
        write_header(&mut line, &header);
        let json: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(json["scenario"], header.scenario.as_str());
        assert_eq!(json["seed"], u64::MAX);
    }
}
