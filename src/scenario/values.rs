//! Types of the language that no preset has, read like any other key.

use super::model::Gap;
use crate::metrics::Metric;
use crate::port::Span;
use crate::settings::{Dist, Kind, Scalar, Setting, nearest};
use crate::trace::Pattern;

/// Text of one or many lines, without the blanks around it.
pub(super) struct Text(pub(super) String);

/// One line of text that is not empty.
pub(super) struct Line(pub(super) String);

/// A name that can stand in an event pattern: one word.
pub(super) struct Word(pub(super) String);

/// A whole number from zero.
pub(super) struct Seed(pub(super) u64);

/// The version of the language.
pub(super) struct Version;

/// How many devices take part.
pub(super) struct Devices(pub(super) u32);

/// Under how many seeds a scenario is played.
pub(super) struct Runs(pub(super) u64);

/// A duration above zero.
pub(super) struct Positive(pub(super) Span);

/// The exit code of a process.
pub(super) struct ExitCode(pub(super) i32);

/// By how much a clock is set, in microseconds.
pub(super) struct ClockStep(pub(super) i64);

/// A metric by its name.
pub(super) struct MetricName(pub(super) Metric);

/// More devices than this are more than one run can hold.
pub(super) const MOST_DEVICES: u32 = 1_000_000;
/// More runs than these are a study of their own.
pub(super) const MOST_RUNS: u64 = 100_000;

impl Setting for Text {
    const KIND: Kind = Kind { name: "text", example: "\"…\"", choices: &[] };
    fn read(value: &Scalar) -> Result<Self, String> {
        value.text().map(|text| Text(text.trim().to_owned()))
    }
    fn show(&self) -> String {
        self.0.clone()
    }
}

impl Setting for Line {
    const KIND: Kind = Kind { name: "line of text", example: "\"a-name\"", choices: &[] };
    fn read(value: &Scalar) -> Result<Self, String> {
        let text = value.text()?.trim();
        if text.is_empty() {
            return Err("this cannot be empty".into());
        }
        if text.chars().any(char::is_control) {
            return Err("this has to be one line of plain text".into());
        }
        Ok(Line(text.to_owned()))
    }
    fn show(&self) -> String {
        self.0.clone()
    }
}

impl Setting for Word {
    const KIND: Kind = Kind { name: "word", example: "\"invite-1\"", choices: &[] };
    fn read(value: &Scalar) -> Result<Self, String> {
        let name = Line::read(value)?.0;
        if name.contains(char::is_whitespace) {
            let joined = name.split_whitespace().collect::<Vec<_>>().join("-");
            return Err(format!(
                "`{name}` has blanks in it, so that no event pattern could name it; \
                 write for example \"{joined}\""
            ));
        }
        Ok(Word(name))
    }
    fn show(&self) -> String {
        self.0.clone()
    }
}

/// The whole number that `value` is.
fn whole(value: &Scalar) -> Result<i64, String> {
    match value {
        Scalar::Integer(n) => Ok(*n),
        Scalar::Text(_)
        | Scalar::Float(_)
        | Scalar::Bool(_)
        | Scalar::Samples(_)
        | Scalar::Other(_) => Err(format!("expected a whole number, found {}", value.what())),
    }
}

impl Setting for Seed {
    const KIND: Kind = Kind { name: "whole number", example: "7", choices: &[] };
    fn read(value: &Scalar) -> Result<Self, String> {
        let n = whole(value)?;
        u64::try_from(n).map(Seed).map_err(|_| format!("`{n}` is negative; use 0 or more"))
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Setting for Version {
    const KIND: Kind = Kind { name: "whole number", example: "1", choices: &[] };
    fn read(value: &Scalar) -> Result<Self, String> {
        match whole(value)? {
            1 => Ok(Version),
            n => Err(format!("version {n} of the language is not known here; this is version 1")),
        }
    }
    fn show(&self) -> String {
        "1".into()
    }
}

impl Setting for Devices {
    const KIND: Kind = Kind { name: "whole number", example: "3", choices: &[] };
    fn read(value: &Scalar) -> Result<Self, String> {
        let n = whole(value)?;
        u32::try_from(n)
            .ok()
            .filter(|n| (1..=MOST_DEVICES).contains(n))
            .map(Devices)
            .ok_or_else(|| format!("`{n}` is out of range; use 1 to {MOST_DEVICES}"))
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Setting for Runs {
    const KIND: Kind = Kind { name: "whole number", example: "50", choices: &[] };
    fn read(value: &Scalar) -> Result<Self, String> {
        let n = whole(value)?;
        u64::try_from(n)
            .ok()
            .filter(|n| (1..=MOST_RUNS).contains(n))
            .map(Runs)
            .ok_or_else(|| format!("`{n}` is out of range; use 1 to {MOST_RUNS}"))
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Setting for Positive {
    const KIND: Kind = Kind { name: "duration above zero", example: "\"10m\"", choices: &[] };
    fn read(value: &Scalar) -> Result<Self, String> {
        match Span::read(value)? {
            Span::ZERO => Err("this has to be longer than zero".into()),
            span => Ok(Positive(span)),
        }
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Setting for Gap {
    const KIND: Kind =
        Kind { name: "duration above zero or distribution", example: "\"10m\"", choices: &[] };
    fn read(value: &Scalar) -> Result<Self, String> {
        let dist = Dist::read(value)?;
        match (dist.constant(), dist.most(), dist.least()) {
            (Some(Span::ZERO), ..) => Err("this has to be longer than zero".into()),
            (None, Some(_), Span::ZERO) => {
                Err("the shortest of these has to be longer than zero, or time would not go on"
                    .into())
            }
            // Without bounds it is lengthened, see `Gap::SHORTEST`.
            _ => Ok(Gap(dist)),
        }
    }
    fn show(&self) -> String {
        self.0.show()
    }
}

impl Setting for ExitCode {
    const KIND: Kind = Kind { name: "whole number", example: "1", choices: &[] };
    fn read(value: &Scalar) -> Result<Self, String> {
        let n = whole(value)?;
        i32::try_from(n).map(ExitCode).map_err(|_| format!("`{n}` does not fit an exit code"))
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Setting for ClockStep {
    const KIND: Kind = Kind { name: "signed duration", example: "\"-1h\"", choices: &[] };
    fn read(value: &Scalar) -> Result<Self, String> {
        let wanted = "write how far the clock is set, for example \"-1h\" or \"+30m\"";
        let text = value.text().map_err(|found| format!("{found}; {wanted}"))?.trim();
        let (sign, span) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
            (Some(span), _) => (-1, span),
            (None, Some(span)) => (1, span),
            (None, None) => return Err(format!("`{text}` has no sign; {wanted}")),
        };
        let micros = i64::try_from(Span::parse(span)?.as_micros())
            .map_err(|_| format!("`{text}` is too far"))?;
        Ok(ClockStep(sign * micros))
    }
    fn show(&self) -> String {
        let sign = if self.0 < 0 { '-' } else { '+' };
        format!("{sign}{}", Span::from_micros(self.0.unsigned_abs()))
    }
}

impl Setting for MetricName {
    const KIND: Kind =
        Kind { name: "metric", example: "\"reachable\"", choices: Metric::SPELLINGS };
    fn read(value: &Scalar) -> Result<Self, String> {
        let text = value.text()?;
        Metric::parse(text).map(MetricName).ok_or_else(|| {
            match nearest(text, Metric::SPELLINGS.iter().copied()) {
                Some(near) => format!("there is no metric `{text}`; did you mean `{near}`?"),
                None => format!("there is no metric `{text}`"),
            }
        })
    }
    fn show(&self) -> String {
        self.0.as_str().to_owned()
    }
}

impl Setting for Pattern {
    const KIND: Kind =
        Kind { name: "event pattern", example: "\"kill code=0xbad22222\"", choices: &[] };
    fn read(value: &Scalar) -> Result<Self, String> {
        Pattern::parse(value.text()?).map_err(|error| error.message)
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_set_back_or_forth_by_a_signed_duration() {
        let read = |text: &str| ClockStep::read(&Scalar::Text(text.into())).map(|step| step.0);
        assert_eq!(read("-1h"), Ok(-3_600_000_000));
        assert_eq!(read("+30m"), Ok(1_800_000_000));
        assert!(read("1h").unwrap_err().contains("no sign"));
        assert!(read("--1h").is_err() && read("").is_err() && read("+").is_err());
    }
}
