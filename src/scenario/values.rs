//! Types of the language that no preset has, read like any other key.

use super::model::Gap;
use crate::metrics::Metric;
use crate::port::Span;
use crate::settings::{
    DISTRIBUTION, Dist, Form, Kind, LONGER_THAN_ZERO, SIGNED_DURATION, SPAN_UNITS, Scalar, Setting,
    nearest,
};
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

/// Text without blanks around it that is neither empty nor has control characters in it.
pub(super) const LINE: &str = concat!(
    r"^\s*[^\s\x00-\x1f\x7f-\x9f]",
    r"([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?\s*$"
);

/// The same without blanks inside.
const WORD: &str = r"^\s*[^\s\x00-\x1f\x7f-\x9f]+\s*$";

impl Setting for Text {
    const KIND: Kind = Kind::of("text", "\"…\"", &[Form::AnyText]);
    fn read(value: &Scalar) -> Result<Self, String> {
        value.text().map(|text| Text(text.trim().to_owned()))
    }
    fn show(&self) -> String {
        self.0.clone()
    }
}

impl Setting for Line {
    const KIND: Kind = Kind::of("line of text", "\"a-name\"", &[Form::Text(LINE)]);
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
    const KIND: Kind = Kind::of("word", "\"invite-1\"", &[Form::Text(WORD)]);
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
    const KIND: Kind = Kind::of("whole number", "7", &[Form::Whole(0, i64::MAX)]);
    fn read(value: &Scalar) -> Result<Self, String> {
        let n = whole(value)?;
        u64::try_from(n).map(Seed).map_err(|_| format!("`{n}` is negative; use 0 or more"))
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Setting for Version {
    const KIND: Kind = Kind::of("whole number", "1", &[Form::Whole(1, 1)]);
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
    const KIND: Kind = Kind::of("whole number", "3", &[Form::Whole(1, MOST_DEVICES as i64)]);
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
    const KIND: Kind = Kind::of("whole number", "50", &[Form::Whole(1, MOST_RUNS as i64)]);
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
    const KIND: Kind = Kind::of("duration above zero", "\"10m\"", &[Form::Text(LONGER_THAN_ZERO)])
        .in_unit(SPAN_UNITS);
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
    const KIND: Kind = Kind::of(
        "duration above zero or distribution",
        "\"10m\"",
        &[Form::Text(LONGER_THAN_ZERO), Form::Text(DISTRIBUTION)],
    )
    .in_unit(SPAN_UNITS);
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
    const KIND: Kind =
        Kind::of("whole number", "1", &[Form::Whole(i32::MIN as i64, i32::MAX as i64)]);
    fn read(value: &Scalar) -> Result<Self, String> {
        let n = whole(value)?;
        i32::try_from(n).map(ExitCode).map_err(|_| format!("`{n}` does not fit an exit code"))
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Setting for ClockStep {
    const KIND: Kind =
        Kind::of("signed duration", "\"-1h\"", &[Form::Text(SIGNED_DURATION)]).in_unit(SPAN_UNITS);
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
    const KIND: Kind = Kind::one_of("metric", "\"reachable\"", Metric::SPELLINGS);
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
    const KIND: Kind = Kind::of("event pattern", "\"kill code=0xbad22222\"", &[Form::Event]);
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
