//! Distributions as they are written: `uniform(20ms, 80ms)`, read and shown.

use std::sync::Arc;

use super::form::{DISTRIBUTION, DURATION, Form, SPAN_UNITS};
use super::{Choice, Dist, Kind, Scalar, Setting, Share, nearest};
use crate::port::Span;

/// One way to write a distribution.
struct Written {
    name: &'static str,
    /// As it is written, and what stands in the brackets.
    example: &'static str,
    read: fn(&str) -> Result<Dist, String>,
}

const FORMS: &[Written] = &[
    Written { name: "uniform", example: "\"uniform(20ms, 80ms)\" (least, most)", read: uniform },
    Written {
        name: "lognormal",
        example: "\"lognormal(35ms, 230ms)\" (median, 95th percentile)",
        read: log_normal,
    },
    Written {
        name: "normal",
        example: "\"normal(40ms, 10ms)\" (mean, standard deviation)",
        read: normal,
    },
    Written { name: "exponential", example: "\"exponential(40ms)\" (mean)", read: exponential },
    Written {
        name: "choice",
        example: "\"choice(20ms, 2s)\" or \"choice(90%: 20ms, 10%: 2s)\"",
        read: choice,
    },
    Written { name: "empirical", example: "\"empirical(latency.csv)\"", read: empirical },
];

/// The file that `empirical(FILE)` names; `None` when the text says something else.
pub fn samples_file(text: &str) -> Option<&str> {
    let (name, inside) = text.trim().split_once('(')?;
    let file = inside.strip_suffix(')')?.trim();
    (name.trim() == "empirical" && !file.is_empty()).then_some(file)
}

fn uniform(inside: &str) -> Result<Dist, String> {
    match values(inside)?[..] {
        [from, to] if from <= to => Ok(Dist::Uniform(from, to)),
        [_, _] => Err("the first value of `uniform` is the smaller one".into()),
        ref other => Err(takes("uniform", "two values", other.len())),
    }
}

fn log_normal(inside: &str) -> Result<Dist, String> {
    match values(inside)?[..] {
        [median, p95] if median <= p95 && median > Span::ZERO => Ok(Dist::log_normal(median, p95)),
        [_, _] => Err("`lognormal` needs a median above zero and a larger 95th percentile".into()),
        ref other => Err(takes("lognormal", "two values", other.len())),
    }
}

fn normal(inside: &str) -> Result<Dist, String> {
    match values(inside)?[..] {
        [mean, deviation] => Ok(Dist::Normal { mean, deviation }),
        ref other => Err(takes("normal", "two values", other.len())),
    }
}

fn exponential(inside: &str) -> Result<Dist, String> {
    match values(inside)?[..] {
        [Span::ZERO] => Err("`exponential` needs a mean above zero".into()),
        [mean] => Ok(Dist::Exponential { mean }),
        ref other => Err(takes("exponential", "one value", other.len())),
    }
}

fn choice(inside: &str) -> Result<Dist, String> {
    // Without this the message would be that an empty text is not a duration.
    if inside.trim().is_empty() {
        return Err("`choice` has nothing to choose from".into());
    }
    let item = |text: &str| match text.split_once(':') {
        Some((share, span)) => {
            let share = Share::read(&Scalar::Text(share.trim().to_owned()))?;
            Ok((Some(share), Span::parse(span)?))
        }
        None => Ok((None, Span::parse(text)?)),
    };
    let items = inside.split(',').map(item).collect::<Result<_, String>>()?;
    Choice::new(items).map(|choice| Dist::Choice(Arc::new(choice)))
}

/// A scenario's reader has replaced the text by samples; who comes here reads no files.
fn empirical(inside: &str) -> Result<Dist, String> {
    match inside.trim() {
        "" => Err("`empirical` needs a file".into()),
        file => Err(format!("`{file}` is not read here: only a scenario and `--set` name files")),
    }
}

/// Spans with commas between them.
fn values(inside: &str) -> Result<Vec<Span>, String> {
    inside.split(',').map(Span::parse).collect()
}

fn takes(name: &str, wanted: &str, found: usize) -> String {
    format!("`{name}` takes {wanted}, found {found}")
}

/// What can stand for a text that is neither a duration nor a distribution.
fn unknown(text: &str, is: &str) -> String {
    let names = FORMS.iter().map(|form| form.name);
    let known = names.clone().collect::<Vec<_>>().join(", ");
    match nearest(text, names) {
        Some(near) => {
            let example =
                FORMS.iter().find(|form| form.name == near).map_or("", |form| form.example);
            format!("`{text}` is {is}; did you mean {example}?")
        }
        None => format!("`{text}` is {is}; write \"40ms\", or one of {known}"),
    }
}

impl Setting for Dist {
    const KIND: Kind = Kind::of(
        "duration or distribution",
        "\"uniform(20ms, 80ms)\"",
        &[Form::Text(DURATION), Form::Text(DISTRIBUTION)],
    )
    .in_unit(SPAN_UNITS);

    fn read(value: &Scalar) -> Result<Self, String> {
        let text = match value {
            Scalar::Text(text) => text.trim(),
            Scalar::Samples(samples) => return Ok(Dist::Empirical(Arc::clone(samples))),
            Scalar::Integer(_) | Scalar::Float(_) | Scalar::Bool(_) | Scalar::Other(_) => {
                return Span::read(value).map(Dist::Constant);
            }
        };
        // Durations begin with a digit, or they are wrong in a way that their own message tells best.
        if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Span::parse(text).map(Dist::Constant);
        }
        let Some((name, rest)) = text.split_once('(') else {
            return Err(unknown(text, "neither a duration nor a distribution"));
        };
        let name = name.trim();
        let Some(form) = FORMS.iter().find(|form| form.name == name) else {
            return Err(unknown(name, "not a distribution"));
        };
        rest.strip_suffix(')')
            .ok_or_else(|| format!("`{text}` is not closed by a bracket"))
            .and_then(form.read)
            .map_err(|why| format!("{why}; write for example {}", form.example))
    }

    fn show(&self) -> String {
        match self {
            Dist::Constant(span) => exact(*span),
            Dist::Uniform(a, b) => format!("uniform({}, {})", exact(*a), exact(*b)),
            Dist::LogNormal { median, p95, .. } => {
                format!("lognormal({}, {})", exact(*median), exact(*p95))
            }
            Dist::Normal { mean, deviation } => {
                format!("normal({}, {})", exact(*mean), exact(*deviation))
            }
            Dist::Exponential { mean } => format!("exponential({})", exact(*mean)),
            Dist::Choice(choice) => {
                let item = |(share, span): &(Option<Share>, Span)| match share {
                    Some(share) => format!("{share}: {}", exact(*span)),
                    None => exact(*span),
                };
                let items: Vec<String> = choice.items().iter().map(item).collect();
                format!("choice({})", items.join(", "))
            }
            Dist::Empirical(samples) => format!("empirical({})", samples.file()),
        }
    }

    fn identity(&self) -> String {
        match self {
            Dist::Empirical(samples) => format!("{} {:016x}", self.show(), samples.hash()),
            Dist::Constant(_)
            | Dist::Uniform(..)
            | Dist::LogNormal { .. }
            | Dist::Normal { .. }
            | Dist::Exponential { .. }
            | Dist::Choice(_) => self.show(),
        }
    }
}

/// A span as people write it, or in microseconds where that would lose some of them.
fn exact(span: Span) -> String {
    let text = span.to_string();
    if Span::parse(&text) == Ok(span) { text } else { format!("{}us", span.as_micros()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::settings::Samples;

    fn read(text: &str) -> Result<Dist, String> {
        Dist::read(&Scalar::Text(text.into()))
    }

    #[test]
    fn distributions_read_back_as_they_are_shown() {
        for text in [
            "40ms",
            "uniform(20ms, 80ms)",
            "lognormal(35ms, 230ms)",
            "normal(40ms, 10ms)",
            "normal(40ms, 0s)",
            "exponential(10m)",
            "choice(20ms)",
            "choice(20ms, 80ms, 2s)",
            "choice(90%: 40ms, 10%: 2s)",
            "choice(33.3333%: 1s, 66.6667%: 2s)",
        ] {
            assert_eq!(read(text).unwrap().show(), text);
        }
        assert_eq!(read(" normal ( 40ms,10ms ) ").unwrap().show(), "normal(40ms, 10ms)");
        assert_eq!(read("exponential(10.123456s)").unwrap().show(), "exponential(10123456us)");
    }

    #[test]
    fn samples_are_shown_by_their_file_and_told_apart_by_what_is_in_it() {
        let of = |millis: [u64; 2]| {
            let samples = Samples::new("cafe.csv", millis.map(Span::from_millis).to_vec()).unwrap();
            Dist::read(&Scalar::Samples(Arc::new(samples))).unwrap()
        };
        assert_eq!(of([1, 2]).show(), "empirical(cafe.csv)");
        assert_eq!(samples_file("empirical(cafe.csv)"), Some("cafe.csv"));
        assert_eq!(samples_file(" empirical( a (1).csv ) "), Some("a (1).csv"));
        assert_eq!([samples_file("empirical()"), samples_file("uniform(1s, 2s)")], [None, None]);
        assert_ne!(of([1, 2]).identity(), of([1, 3]).identity());
        assert_eq!(read("40ms").unwrap().identity(), "40ms");
    }

    #[test]
    fn a_mistake_says_what_is_wrong_and_what_would_be_right() {
        for (text, found, right) in [
            ("uniform(80ms, 20ms)", "the smaller one", "uniform(20ms, 80ms)"),
            ("uniform(20ms)", "takes two values, found 1", "uniform(20ms, 80ms)"),
            ("uniform(1s, 2s", "not closed", "uniform(20ms, 80ms)"),
            ("uniform(-1s, 2s)", "cannot be negative", "uniform(20ms, 80ms)"),
            ("uniform(20, 80)", "`20` has no unit", "uniform(20ms, 80ms)"),
            ("lognormal(0s, 1s)", "above zero", "median, 95th percentile"),
            ("lognormal(2s, 1s)", "larger 95th percentile", "lognormal(35ms, 230ms)"),
            ("lognormal(1s, 2s, 3s)", "takes two values, found 3", "lognormal(35ms, 230ms)"),
            ("normal(40ms)", "takes two values, found 1", "mean, standard deviation"),
            ("normal(NaN, 1s)", "`NaN` is not a duration", "normal(40ms, 10ms)"),
            ("normal(99999999999999999d, 1s)", "not a number that fits", "normal(40ms, 10ms)"),
            ("exponential(0s)", "above zero", "exponential(40ms)"),
            ("exponential(1s, 2s)", "takes one value, found 2", "exponential(40ms)"),
            ("exponential()", "cannot be empty", "exponential(40ms)"),
            ("choice()", "nothing to choose", "choice(20ms, 2s)"),
            ("choice(20ms, )", "cannot be empty", "choice(20ms, 2s)"),
            ("choice(90%: 1s, 2s)", "every value of `choice` has a share", "choice(90%: 20ms"),
            ("choice(90%: 1s, 9%: 2s)", "99% together, not 100%", "choice(90%: 20ms"),
            ("choice(90%: 1s, 20%: 2s)", "110% together", "choice(90%: 20ms"),
            ("choice(100%: 1s, 0%: 2s)", "never drawn", "choice(90%: 20ms"),
            ("choice(0.9: 1s, 0.1: 2s)", "`0.9` is not a share", "choice(90%: 20ms"),
            ("empirical()", "needs a file", "empirical(latency.csv)"),
            ("empirical(x.csv)", "`x.csv` is not read here", "empirical(latency.csv)"),
            ("zipf(1s, 2s)", "`zipf` is not a distribution", "one of uniform, lognormal, normal"),
            ("unifrom(1s, 2s)", "`unifrom` is not a distribution", "uniform(20ms, 80ms)"),
            ("exponential", "nor a distribution", "exponential(40ms)"),
            ("soon", "`soon` is neither a duration", "write \"40ms\""),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(found) && message.contains(right), "{text}: {message}");
        }
        let many = vec!["1s"; Choice::MOST + 1].join(", ");
        assert!(read(&format!("choice({many})")).unwrap_err().contains("65 values; at most 64"));
        assert!(Dist::read(&Scalar::Integer(40)).unwrap_err().contains("has no unit"));
        assert!(Dist::read(&Scalar::Bool(true)).unwrap_err().contains("found true or false"));
        assert!(read("10").unwrap_err().contains("\"10s\""));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_is_too_much(text in "\\PC{0,60}") {
            let _ = read(&text);
        }

        #[test]
        fn what_looks_like_a_distribution_reads_back_or_is_a_mistake(
            name in "(uniform|lognormal|normal|exponential|choice|empirical| )",
            inside in "(([0-9]{1,3}(\\.[0-9]{1,4})?%: ?)?[0-9]{1,20}(us|ms|s|m|h|d)?,? ?){0,4}",
            draw in any::<u64>(),
        ) {
            if let Ok(dist) = read(&format!("{name}({inside})")) {
                prop_assert!(dist.sample(draw) >= dist.least());
                prop_assert!(dist.most().is_none_or(|most| dist.sample(draw) <= most));
                prop_assert_eq!(read(&dist.show()), Ok(dist));
            }
        }
    }
}
