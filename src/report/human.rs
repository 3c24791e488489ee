//! Durations, shares and counts as people say them.

use crate::port::Span;
use crate::settings::Share;
pub use crate::settings::grouped as count;

/// The two largest units that matter: `9 m 52 s`, `1.2 s`, `40 ms`, `2 d 3 h`; rounded to the nearest.
pub fn span(span: Span) -> String {
    let us = span.as_micros();
    if us >= 59_950_000 {
        return long(us);
    }
    if us >= 999_500 {
        return tenths((us + 50_000) / 100_000, " s");
    }
    match us {
        0 => "0 s".to_owned(),
        1..500 => format!("{us} µs"),
        _ => format!("{} ms", (us + 500) / 1_000),
    }
}

fn tenths(tenths: u64, unit: &str) -> String {
    match tenths % 10 {
        0 => format!("{}{unit}", tenths / 10),
        rest => format!("{}.{rest}{unit}", tenths / 10),
    }
}

/// A minute or more.
fn long(us: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let seconds = (us + 500_000) / 1_000_000;
    for pair in UNITS.windows(2) {
        let [(large, name), (small, small_name)] = *pair else { continue };
        // Rounding may lift the smaller unit into the larger one.
        let count = (seconds + small / 2) / small;
        if seconds >= large || count * small >= large {
            let (whole, rest) = (count * small / large, count * small % large / small);
            return match rest {
                0 => format!("{whole} {name}"),
                rest => format!("{whole} {name} {rest} {small_name}"),
            };
        }
    }
    format!("{seconds} s")
}

/// A share in percent, cut so that what is not all never reads as all: `45 %`, `99.97 %`, `0.4 %`.
pub fn share(share: Share) -> String {
    let ppm = share.ppm();
    match ppm {
        0 => "0 %".to_owned(),
        1..100 => "under 0.01 %".to_owned(),
        100..10_000 => decimals(ppm, 2),
        990_000..1_000_000 => decimals(ppm, 2),
        _ => format!("{} %", ppm / 10_000),
    }
}

fn decimals(ppm: u32, digits: usize) -> String {
    let fraction = format!("{:04}", ppm % 10_000);
    let fraction = fraction[..digits].trim_end_matches('0');
    match fraction {
        "" => format!("{} %", ppm / 10_000),
        some => format!("{}.{some} %", ppm / 10_000),
    }
}

/// `once`, `twice`, `3 times`.
pub fn times(n: u64) -> String {
    match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{} times", count(n)),
    }
}

/// `1 scenario`, `14 scenarios`.
pub fn plural(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        span(Span::parse(text).unwrap())
    }

    #[test]
    fn a_span_is_said_in_its_two_largest_units() {
        assert_eq!(said("9m 52s"), "9 m 52 s");
        assert_eq!(said("1.25s"), "1.3 s");
        assert_eq!(said("40ms"), "40 ms");
        assert_eq!(said("2d 3h 10m"), "2 d 3 h");
        assert_eq!(said("31h"), "1 d 7 h");
        assert_eq!(said("1h"), "1 h");
        assert_eq!(said("0s"), "0 s");
    }

    #[test]
    fn rounding_never_leaves_sixty_of_a_unit() {
        assert_eq!(said("59.97s"), "1 m");
        assert_eq!(said("59m 59.9s"), "1 h");
        assert_eq!(said("23h 59m 45s"), "1 d");
        assert_eq!(said("999.7ms"), "1 s");
    }

    #[test]
    fn what_is_not_all_never_reads_as_all() {
        assert_eq!(share(Share::from_ppm(999_999)), "99.99 %");
        assert_eq!(share(Share::from_ppm(451_234)), "45 %");
        assert_eq!(share(Share::from_ppm(990_000)), "99 %");
        assert_eq!(share(Share::from_ppm(4_100)), "0.41 %");
        assert_eq!(share(Share::ALL), "100 %");
        assert_eq!(share(Share::NONE), "0 %");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(count(84_120), "84,120");
        assert_eq!(count(999), "999");
        assert_eq!(plural(1, "scenario"), "1 scenario");
    }
}
