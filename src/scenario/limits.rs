//! What a run can bear: how often a step acts, and what its presets can be set to. Beyond these it would be a
//! loop that hardly moves in time.

use crate::port::Span;
use crate::settings::{Scalar, Setting, Share};

/// A step acts at most so often.
pub(super) const MOST_ACTS: u64 = 1_000_000;

/// What a key can be.
enum Bound {
    /// A span of so much or more.
    AtLeast(Span),
    /// A share of so much or less.
    AtMost(Share),
}

/// The bound of one key.
struct Limit {
    section: &'static str,
    key: &'static str,
    bound: Bound,
    /// Why, or what to write instead.
    why: &'static str,
}

const SECOND: Bound = Bound::AtLeast(Span::from_secs(1));
const TENTH: Bound = Bound::AtLeast(Span::from_millis(100));
const HUNDREDTH: Bound = Bound::AtLeast(Span::from_millis(10));
const NEARLY_ALL: Bound = Bound::AtMost(Share::from_ppm(990_000));

const fn row(section: &'static str, key: &'static str, bound: Bound, why: &'static str) -> Limit {
    Limit { section, key, bound, why }
}

const LITTLE_ELSE: &str = "the run would consist of little else";
const AGAIN: &str = "an attempt that is refused would be repeated at once";
const RELAUNCH: &str = "an app that ends at launch would be launched again at once";
const EARLY: &str = "the handler would be called again as soon as it returns";

/// All of them.
const LIMITS: &[Limit] = &[
    row("client", "ping.interval", SECOND, LITTLE_ELSE),
    row("client", "tcp-keep-alive.idle", SECOND, LITTLE_ELSE),
    row("client", "tcp-keep-alive.interval", SECOND, LITTLE_ELSE),
    row("client", "reconnect.base", TENTH, AGAIN),
    row("client", "reconnect.cap", TENTH, AGAIN),
    row("client", "register.interval", SECOND, LITTLE_ELSE),
    row("server", "heartbeat.interval", SECOND, LITTLE_ELSE),
    row("server", "media.interval", HUNDREDTH, LITTLE_ELSE),
    row("server", "registration.expires", SECOND, "every session would end as it begins"),
    row("server", "retransmit.first", TENTH, LITTLE_ELSE),
    row("server", "idle-timeout", SECOND, "every session would be closed as it opens"),
    row("server", "tcp-keep-alive.idle", SECOND, LITTLE_ELSE),
    row("server", "tcp-keep-alive.interval", SECOND, LITTLE_ELSE),
    row(
        "network",
        "nat.idle-timeout",
        SECOND,
        "for a path that forgets at once use the act `network.silence`",
    ),
    row(
        "network",
        "nat.udp-idle-timeout",
        SECOND,
        "for a path that forgets at once use the act `network.silence`",
    ),
    row("platform", "keep-alive.minimum-timeout", SECOND, LITTLE_ELSE),
    row("platform", "keep-alive.early-at-least", NEARLY_ALL, EARLY),
    row("platform", "keep-alive.early-at-most", NEARLY_ALL, EARLY),
    row("platform", "relaunch.delay", TENTH, RELAUNCH),
    row("platform", "relaunch.backoff-cap", TENTH, RELAUNCH),
];

/// Says why `value` is more than a run can bear for `key` of `section`, if it is. What cannot be read is
/// said elsewhere, and `never` is long enough.
pub(crate) fn unbearable(section: &str, key: &str, value: &Scalar) -> Option<String> {
    let row = LIMITS.iter().find(|row| (row.section, row.key) == (section, key))?;
    let why = row.why;
    match row.bound {
        Bound::AtLeast(least) => {
            let span = Span::read(value).ok().filter(|span| *span < least)?;
            Some(format!("{span} is too short; write {least} or more: {why}"))
        }
        Bound::AtMost(most) => {
            let share = Share::read(value).ok().filter(|share| *share > most)?;
            Some(format!("{share} is too much; write {most} or less: {why}"))
        }
    }
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
    fn every_limit_is_about_a_key_that_exists_and_no_preset_is_beyond_it() {
        for row in LIMITS {
            let values = in_presets(row.section, row.key);
            assert!(!values.is_empty());
            for value in values {
                let value = value.unwrap_or_else(|| panic!("no {} {}", row.section, row.key));
                let wrong = unbearable(row.section, row.key, &Scalar::Text(value));
                assert_eq!(wrong, None, "{} {}", row.section, row.key);
            }
        }
    }
}
