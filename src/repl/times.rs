//! Times as somebody writes them: since the beginning, or on the clock of the run.

use crate::port::{Span, Time};

/// Reads `01:30:00`, `90:00.5` (minutes and seconds) or `90m`.
///
/// # Errors
/// A sentence that says what is wrong.
pub(super) fn time(text: &str) -> Result<Time, String> {
    if !text.contains(':') {
        return Span::parse(text).map(Span::from_start);
    }
    let wrong = || format!("`{text}` is no time; write for example 01:30:00 or 90m");
    let parts: Vec<&str> = text.split(':').collect();
    let (hours, minutes, seconds) = match parts[..] {
        [minutes, seconds] => ("0", minutes, seconds),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        [..] => return Err(wrong()),
    };
    let part = |text: &str, unit: &str| Span::parse(&format!("{text}{unit}")).map_err(|_| wrong());
    Ok((part(hours, "h")? + part(minutes, "m")? + part(seconds, "s")?).from_start())
}

/// `time` as TOML has it, to the microsecond: `10m`, `90.000001s`.
pub(super) fn exact(time: Time) -> String {
    exact_span(time.elapsed())
}

/// `span` as TOML has it, to the microsecond.
pub(super) fn exact_span(span: Span) -> String {
    let micros = span.as_micros();
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let mut parts = Vec::new();
    for (n, unit) in [(seconds / 3_600, "h"), (seconds / 60 % 60, "m")] {
        if n > 0 {
            parts.push(format!("{n}{unit}"));
        }
    }
    let left = seconds % 60;
    if fraction > 0 {
        let digits = format!("{left}.{fraction:06}");
        parts.push(format!("{}s", digits.trim_end_matches('0')));
    } else if left > 0 || parts.is_empty() {
        parts.push(format!("{left}s"));
    }
    parts.join(" ")
}

/// The next full minute after `time`.
pub(super) fn minute_after(time: Time) -> Time {
    const MINUTE: u64 = 60_000_000;
    Time::from_micros((time.as_micros() / MINUTE + 1) * MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_as_on_a_clock_or_as_a_duration() {
        let micros = |text: &str| time(text).map(Time::as_micros);
        assert_eq!(micros("01:30:00"), Ok(5_400_000_000));
        assert_eq!(micros("00:00:00.250"), Ok(250_000));
        assert_eq!(micros("02:05"), Ok(125_000_000));
        assert_eq!(micros("90m"), Ok(5_400_000_000));
        assert!(micros("1:2:3:4").is_err());
        assert!(micros("aa:bb").unwrap_err().contains("01:30:00"));
        assert!(micros("90").unwrap_err().contains("90s"));
    }

    #[test]
    fn an_exact_time_reads_back_to_the_microsecond() {
        for micros in [0, 1, 999_999, 60_000_000, 61_500_001, 3_600_000_000, 90_061_000_020] {
            let text = exact(Time::from_micros(micros));
            assert_eq!(Span::parse(&text).map(Span::as_micros), Ok(micros), "{text}");
        }
        assert_eq!(exact(Time::from_micros(600_000_000)), "10m");
        assert_eq!(exact(Time::from_micros(5_400_000_001)), "1h 30m 0.000001s");
    }
}
