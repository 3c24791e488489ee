//! Own integer time. `std::time::Instant` cannot say "the phone slept": on Apple systems it stops
//! with the device, so a client that trusts the wrong clock must be able to fail here.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// A point in continuous time: microseconds since the world began. Only this clock orders events.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Time(u64);

/// A length of time in microseconds.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Span(u64);

/// What the phone's three clocks say.
///
/// `uptime` stops while the device sleeps (`mach_absolute_time`, `CACurrentMediaTime`), `wall` can
/// be stepped by the user or the network (`NSDate`), `continuous` does neither
/// (`mach_continuous_time`).
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Now {
    /// Time since the world began; never stops, never steps.
    pub continuous: Time,
    /// Time the device was awake since the world began.
    pub uptime: Time,
    /// The time of day the phone shows, as an offset in microseconds from the world's beginning.
    /// Negative after the clock was set back.
    pub wall: i64,
}

impl Time {
    /// The beginning of the world.
    pub const ZERO: Time = Time(0);
    /// Later than anything that happens: a deadline that is not set.
    pub const NEVER: Time = Time(u64::MAX);

    /// The time `micros` microseconds after the beginning.
    pub const fn from_micros(micros: u64) -> Time {
        Time(micros)
    }

    /// Microseconds since the beginning.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// The span from `earlier` to here; zero if `earlier` is later.
    pub const fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The span from the beginning to here.
    pub const fn elapsed(self) -> Span {
        Span(self.0)
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// Longer than any run; iOS shows `DBL_MAX` as the remaining time of a foreground app.
    pub const MAX: Span = Span(u64::MAX);
    /// The least time a message to another owner takes.
    pub const TICK: Span = Span(1);

    /// A span of microseconds.
    pub const fn from_micros(micros: u64) -> Span {
        Span(micros)
    }

    /// A span of milliseconds.
    pub const fn from_millis(millis: u64) -> Span {
        Span(millis * 1_000)
    }

    /// A span of seconds.
    pub const fn from_secs(secs: u64) -> Span {
        Span(secs * 1_000_000)
    }

    /// Microseconds in the span.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Whole milliseconds in the span.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// The span as a point in time counted from the beginning.
    pub const fn from_start(self) -> Time {
        Time(self.0)
    }

    /// This span less `other`, at least zero.
    pub const fn saturating_sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }

    /// The span times `factor`, at most [`Span::MAX`].
    pub const fn saturating_mul(self, factor: u64) -> Span {
        Span(self.0.saturating_mul(factor))
    }

    /// Reads `"10m 8s"`, `"1.5s"`, `"250ms"`, `"2h"`, `"1d"`, `"40us"`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the text: no unit, unknown unit, not a number,
    /// negative, or too long to count in microseconds.
    pub fn parse(text: &str) -> Result<Span, String> {
        let mut total: u64 = 0;
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err("a duration cannot be empty; write for example \"10s\"".into());
        }
        if rest.starts_with('-') {
            return Err("a duration cannot be negative".into());
        }
        while !rest.is_empty() {
            let end = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_')
                .unwrap_or(rest.len());
            let (number, tail) = rest.split_at(end);
            let unit_end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(unit_end);
            let micros_per_unit: u64 = match unit {
                _ if number.is_empty() => {
                    return Err(format!("`{text}` is not a duration; write for example \"10s\""));
                }
                "us" => 1,
                "ms" => 1_000,
                "s" => 1_000_000,
                "m" => 60_000_000,
                "h" => 3_600_000_000,
                "d" => 86_400_000_000,
                "" => {
                    let word: String =
                        tail.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
                    if !word.is_empty() && meant_unit(&word).is_none() {
                        return Err(format!(
                            "`{word}` is not a unit of time: use us, ms, s, m, h or d"
                        ));
                    }
                    let meant = meant_unit(&word).unwrap_or("s");
                    return Err(format!(
                        "`{number}` has no unit; write for example \"{number}{meant}\""
                    ));
                }
                other => {
                    let meant = meant_unit(other)
                        .map(|meant| format!("; write \"{number}{meant}\""))
                        .unwrap_or_default();
                    return Err(format!(
                        "`{other}` is not a unit of time: use us, ms, s, m, h or d{meant}"
                    ));
                }
            };
            let micros = decimal_times(number, micros_per_unit)
                .ok_or_else(|| format!("`{number}` is not a number that fits a duration"))?;
            total = total
                .checked_add(micros)
                .filter(|sum| *sum < u64::MAX / 4)
                .ok_or_else(|| format!("`{text}` is longer than holdline can count"))?;
            rest = tail.trim_start();
        }
        Ok(Span(total))
    }
}

/// The unit that somebody who writes `word` has in mind.
fn meant_unit(word: &str) -> Option<&'static str> {
    let units = [
        ("mic", "us"),
        ("mil", "ms"),
        ("ms", "ms"),
        ("us", "us"),
        ("s", "s"),
        ("m", "m"),
        ("h", "h"),
        ("d", "d"),
    ];
    let word = word.to_ascii_lowercase();
    units.into_iter().find(|(begins, _)| word.starts_with(begins)).map(|(_, unit)| unit)
}

/// `number` (digits with at most one point) times `unit`, in whole microseconds; `None` when it is
/// not a number, does not fit, or is finer than a microsecond.
fn decimal_times(number: &str, unit: u64) -> Option<u64> {
    let number = number.replace('_', "");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    if whole.is_empty() || (number.contains('.') && fraction.is_empty()) {
        return None;
    }
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    if fraction.is_empty() {
        return Some(whole);
    }
    let parts = fraction.parse::<u64>().ok()?.checked_mul(unit)?;
    let scale = 10u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    (parts % scale == 0).then(|| whole.checked_add(parts / scale))?
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        self.saturating_sub(other)
    }
}

impl fmt::Display for Span {
    /// The largest two or three units that matter: `9m 52s`, `1.250s`, `40ms`, `2h`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = self.0;
        if us == u64::MAX {
            return f.pad("for ever");
        }
        let text = if us == 0 {
            "0s".to_owned()
        } else if us < 1_000 {
            format!("{us}us")
        } else if us < 1_000_000 {
            trim_fraction(us, 1_000, "ms")
        } else if us < 60_000_000 {
            trim_fraction(us, 1_000_000, "s")
        } else {
            let mut seconds = us / 1_000_000;
            let mut parts = Vec::new();
            for (unit, name) in [(86_400, "d"), (3_600, "h"), (60, "m")] {
                if seconds >= unit {
                    parts.push(format!("{}{name}", seconds / unit));
                    seconds %= unit;
                }
            }
            let fraction = us % 1_000_000;
            if us < 3_600_000_000 && fraction >= 1_000 {
                parts.push(trim_fraction(seconds * 1_000_000 + fraction, 1_000_000, "s"));
            } else if seconds > 0 {
                parts.push(format!("{seconds}s"));
            }
            parts.join(" ")
        };
        f.pad(&text)
    }
}

/// `us / unit` with up to three decimals and no trailing zeros.
fn trim_fraction(us: u64, unit: u64, name: &str) -> String {
    let thousandths = us % unit / (unit / 1_000).max(1);
    let text = format!("{}.{:03}", us / unit, thousandths);
    format!("{}{name}", text.trim_end_matches('0').trim_end_matches('.'))
}

impl fmt::Display for Time {
    /// `hh:mm:ss.mmm` since the beginning.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0 / 1_000;
        let text = format!(
            "{:02}:{:02}:{:02}.{:03}",
            ms / 3_600_000,
            ms / 60_000 % 60,
            ms / 1_000 % 60,
            ms % 1_000
        );
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, micros) in [
            ("10m 8s", 608_000_000),
            ("1.5s", 1_500_000),
            ("250ms", 250_000),
            ("40us", 40),
            ("2h", 7_200_000_000),
            ("1d", 86_400_000_000),
            ("0.25m", 15_000_000),
            ("86_400s", 86_400_000_000),
        ] {
            assert_eq!(Span::parse(text), Ok(Span(micros)), "{text}");
        }
    }

    #[test]
    fn a_duration_without_a_unit_is_refused_with_a_suggestion() {
        assert!(Span::parse("10").unwrap_err().contains("\"10s\""));
        assert!(Span::parse("2 hours").unwrap_err().contains("\"2h\""));
        assert!(Span::parse("5min").unwrap_err().contains("\"5m\""));
        assert!(Span::parse("250 millis").unwrap_err().contains("\"250ms\""));
        assert!(Span::parse("-3s").unwrap_err().contains("negative"));
        assert!(Span::parse("3 weeks").is_err());
        assert!(Span::parse("").is_err());
        assert!(Span::parse("99999999999999999d").is_err());
        assert!(Span::parse("1.s").is_err());
        assert!(Span::parse("NaN").is_err());
    }

    #[test]
    fn what_is_shown_reads_back_to_the_same_span() {
        for us in [0, 7, 999, 40_000, 1_250_000, 592_000_000, 3_600_000_000, 90_061_000_000] {
            let span = Span(us);
            assert_eq!(Span::parse(&span.to_string()), Ok(span), "{span}");
        }
    }
}
