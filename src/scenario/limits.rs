//! What a run can bear: how often a step acts, and how short the spans of its presets can be. Shorter ones
//! make a loop of the run that hardly moves in time.

use crate::port::Span;
use crate::settings::{Scalar, Setting};

/// A step acts at most so often.
pub(super) const MOST_ACTS: u64 = 1_000_000;

/// The least span of a key.
struct Least {
    section: &'static str,
    key: &'static str,
    least: Span,
    /// Why, or what to write instead.
    why: &'static str,
}

const SECOND: Span = Span::from_secs(1);
const TENTH: Span = Span::from_millis(100);

const fn row(section: &'static str, key: &'static str, least: Span, why: &'static str) -> Least {
    Least { section, key, least, why }
}

const NOT_MUCH_ELSE: &str = "the run would consist of little else";

/// All of them.
const LEAST: &[Least] = &[
    row("client", "ping.interval", SECOND, NOT_MUCH_ELSE),
    row("client", "tcp-keep-alive.idle", SECOND, NOT_MUCH_ELSE),
    row("client", "tcp-keep-alive.interval", SECOND, NOT_MUCH_ELSE),
    row("client", "reconnect.base", TENTH, "an attempt that is refused would be repeated at once"),
    row("client", "reconnect.cap", TENTH, "an attempt that is refused would be repeated at once"),
    row("server", "heartbeat.interval", SECOND, NOT_MUCH_ELSE),
    row("server", "idle-timeout", SECOND, "every session would be closed as it opens"),
    row("server", "tcp-keep-alive.idle", SECOND, NOT_MUCH_ELSE),
    row("server", "tcp-keep-alive.interval", SECOND, NOT_MUCH_ELSE),
    row(
        "network",
        "nat.idle-timeout",
        SECOND,
        "for a path that forgets at once use the act `network.silence`",
    ),
    row("platform", "keep-alive.minimum-timeout", SECOND, NOT_MUCH_ELSE),
    row(
        "platform",
        "relaunch.delay",
        TENTH,
        "an app that ends at launch would be launched again at once",
    ),
    row(
        "platform",
        "relaunch.backoff-cap",
        TENTH,
        "an app that ends at launch would be launched again at once",
    ),
];

/// Says why `value` is too short for `key` of `section`, if it is.
pub(super) fn too_short(section: &str, key: &str, value: &Scalar) -> Option<String> {
    let row = LEAST.iter().find(|row| (row.section, row.key) == (section, key))?;
    // What is no span is said elsewhere; `never` is long enough.
    let span = Span::read(value).ok()?;
    let Least { least, why, .. } = row;
    (span < *least).then(|| format!("{span} is too short; write {least} or more: {why}"))
}

/// A whole number with its thousands apart.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Library, Presets};
    use crate::settings::Settings;

    /// The values of `key` in every preset.
    fn in_presets(section: &str, key: &str) -> Vec<Option<String>> {
        fn all<S: Settings>(
            names: Vec<String>,
            find: impl Fn(&str) -> Option<crate::settings::Layer<S>>,
            key: &str,
        ) -> Vec<Option<String>> {
            names.iter().map(|name| find(name)?.values.get(key)).collect()
        }
        let library = Presets::built_in();
        match section {
            "platform" => all(library.platform_names(), |name| library.platform(name), key),
            "network" => all(library.network_names(), |name| library.network(name), key),
            "client" => all(library.strategy_names(), |name| library.strategy(name), key),
            _ => all(library.server_names(), |name| library.server(name), key),
        }
    }

    #[test]
    fn every_limit_is_about_a_key_that_exists_and_no_preset_is_below_it() {
        for row in LEAST {
            let values = in_presets(row.section, row.key);
            assert!(!values.is_empty());
            for value in values {
                let value = value.unwrap_or_else(|| panic!("no {} {}", row.section, row.key));
                let wrong = too_short(row.section, row.key, &Scalar::Text(value));
                assert_eq!(wrong, None, "{} {}", row.section, row.key);
            }
        }
    }
}
