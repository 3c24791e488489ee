//! Parts of a comparison in words.

use std::fmt::Write;

use crate::metrics::Value;
use crate::port::Span;
use crate::report::human;
use crate::report::paragraph::plain;
use crate::study::compare::{Fate, PushEnd, Terminated};
use crate::trace::{Datum, Record, Shape};

/// `00:12:00.000 server server.down how=process down-for=30s`.
pub(in crate::report) fn record_line(record: &Record) -> String {
    let mut out = format!("{} {:<6} {}", record.at, record.lane.as_str(), record.event);
    // The number of a notification follows from its push.
    let of_push = record.field("push").is_some();
    for (name, value) in record.fields.iter().filter(|(name, _)| !(of_push && name == "id")) {
        let _ = match value {
            Datum::Number(us) if record.shape(name) == Some(Shape::Span) => {
                write!(out, " {name}={}", Span::from_micros(*us).to_string().replace(' ', ""))
            }
            Datum::Number(n) => write!(out, " {name}={n}"),
            Datum::Negative(n) => write!(out, " {name}={n}"),
            Datum::Flag(yes) => write!(out, " {name}={yes}"),
            Datum::Text(text) if text.contains(' ') => write!(out, " {name}=\"{text}\""),
            Datum::Text(text) => write!(out, " {name}={text}"),
            Datum::Endless => write!(out, " {name}={}", Span::MAX.to_string().replace(' ', "")),
        };
    }
    plain(&out)
}

/// Two values of a metric and the way from the first to the second.
pub(in crate::report) fn values(sides: [Option<Value>; 2]) -> ([String; 2], String) {
    let said = sides.map(|value| value.map_or("-".to_owned(), said));
    // What reads the same and is not is said in full.
    let said = match said[0] == said[1] {
        true => sides.map(|value| value.map_or("-".to_owned(), exact)),
        false => said,
    };
    let way = match sides {
        [Some(a), Some(b)] => {
            let sign = if b.number() < a.number() { '-' } else { '+' };
            let apart = apart(a, b.number().abs_diff(a.number()));
            let way = self::said(apart);
            let nothing = way.chars().all(|c| !('1'..='9').contains(&c));
            format!("{sign}{}", if nothing { exact(apart) } else { way })
        }
        [_, _] => String::new(),
    };
    (said, way)
}

/// A value as people say it.
fn said(value: Value) -> String {
    match value {
        Value::Count(n) => human::count(n),
        Value::Duration(span) => human::span(span),
        Value::Share(_) | Value::Energy(_) => value.to_string(),
    }
}

/// A value with everything that can be different about it.
fn exact(value: Value) -> String {
    match value {
        Value::Count(n) => human::count(n),
        Value::Duration(span) => seconds(span),
        Value::Share(share) => format!("{:.4}%", f64::from(share.ppm()) / 1e4),
        Value::Energy(nanojoules) => {
            format!("{}.{:09}J", nanojoules / 1_000_000_000, nanojoules % 1_000_000_000)
        }
    }
}

/// `115.672914 s`.
fn seconds(span: Span) -> String {
    let us = span.as_micros();
    let text = format!("{}.{:06}", human::count(us / 1_000_000), us % 1_000_000);
    format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
}

/// `number` in the unit of `value`.
fn apart(value: Value, number: u64) -> Value {
    let unit = match value {
        Value::Count(_) => crate::metrics::Unit::Count,
        Value::Duration(_) => crate::metrics::Unit::Duration,
        Value::Share(_) => crate::metrics::Unit::Share,
        Value::Energy(_) => crate::metrics::Unit::Energy,
    };
    Value::of(unit, number)
}

/// What became of a push.
pub(super) fn fate(fate: Option<&Fate>) -> String {
    let Some(Fate { end, notified }) = fate else { return "was never there".into() };
    let end = match end {
        PushEnd::Read(Some(after)) => format!("read after {}", human::span(*after)),
        PushEnd::Read(None) => "read".into(),
        PushEnd::Dropped(why) => format!("given up by the server: {}", plain(why)),
        PushEnd::Waiting => "not read".into(),
    };
    if *notified { format!("{end}, shown to the user") } else { end }
}

/// A list of terminations, the first few in full.
pub(super) fn terminations(kills: &[Terminated]) -> String {
    const TOLD: usize = 3;
    let one = |kill: &Terminated| plain(&format!("{} {} {}", kill.at, kill.code, kill.rule));
    let mut parts: Vec<String> = kills.iter().take(TOLD).map(one).collect();
    if kills.len() > TOLD {
        parts.push(format!("{} more", kills.len() - TOLD));
    }
    if parts.is_empty() { "none".into() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_read_the_same_and_are_not_are_said_in_full() {
        let spans = [Span::from_micros(3_600_000_001), Span::from_secs(3_600)];
        let ([one, other], way) = values(spans.map(|span| Some(Value::Duration(span))));
        assert_eq!([one.as_str(), other.as_str()], ["3,600.000001 s", "3,600 s"]);
        assert_eq!(way, "-1 µs");
        let shares = [79_301, 79_342].map(|ppm| Some(Value::of(crate::metrics::Unit::Share, ppm)));
        let ([one, other], way) = values(shares);
        assert_eq!(
            (one.as_str(), other.as_str(), way.as_str()),
            ("7.9301%", "7.9342%", "+0.0041%")
        );
    }

    #[test]
    fn the_way_from_the_first_to_the_second_has_a_sign() {
        let counts = |a, b| values([Some(Value::Count(a)), Some(Value::Count(b))]).1;
        assert_eq!((counts(3, 5).as_str(), counts(5, 3).as_str()), ("+2", "-2"));
        assert_eq!(values([None, Some(Value::Count(1))]).1, "");
    }
}
