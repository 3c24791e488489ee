//! Days in a life, written as a scenario: the text is what is played, what is saved and what people edit.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::life::{A_DAY, Happening, Moment, life};
use crate::platform::ios_major;
use crate::port::{Span, Time};
use crate::scenario::Override;
use crate::settings::quoted;
use crate::trace::RestartKind;

/// The SDK that an app is linked with.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Sdk {
    /// The one of the iOS it runs on: iOS 13 with SDK 13.
    Own,
    /// This major version.
    Is(u32),
}

impl Sdk {
    /// The major version on `platform`; `None` when that names no iOS version.
    pub fn on(self, platform: &str) -> Option<u32> {
        match self {
            Sdk::Own => ios_major(platform),
            Sdk::Is(major) => Some(major),
        }
    }
}

/// Whose days, and with what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// The iOS version.
    pub platform: String,
    /// The SDK that the app is linked with.
    pub sdk: Sdk,
    /// The strategy.
    pub client: String,
    /// The network that one of the two interfaces has; the other one's is the usual one.
    pub network: String,
    /// The server's preset.
    pub server: String,
    /// How often the server asks a quiet client for a sign of life; as its preset says when absent.
    pub heartbeat: Option<Span>,
    /// How many days.
    pub days: u32,
    /// The seed of the days and of all chance in them.
    pub seed: u64,
    /// Keys that have another value, as `--set` gives them. Of several for one key the last counts.
    pub sets: Vec<Override>,
}

/// More days than this make a longer text than a scenario may be.
pub const MOST_DAYS: u32 = 60;

impl Default for Choice {
    fn default() -> Choice {
        Choice {
            platform: "ios-9".into(),
            sdk: Sdk::Own,
            client: "default".into(),
            network: "wifi-home".into(),
            server: "default".into(),
            heartbeat: None,
            days: 7,
            seed: 1,
            sets: Vec::new(),
        }
    }
}

impl Choice {
    /// The value that `sets` has for `key`.
    fn set(&self, key: &str) -> Option<&str> {
        self.sets.iter().rev().find(|over| over.key == key).map(|over| over.value.trim())
    }

    /// What `sets` has, without what a later one for the same key replaces.
    pub fn set_last(&self) -> impl Iterator<Item = &Override> {
        let replaced = |(place, over): &(usize, &Override)| {
            self.sets.iter().skip(place + 1).any(|later| later.key == over.key)
        };
        self.sets.iter().enumerate().filter(move |one| !replaced(one)).map(|(_, over)| over)
    }

    /// The iOS version that is played, whichever way it was given.
    pub fn platform(&self) -> &str {
        self.set("platform.use").unwrap_or(&self.platform)
    }

    /// The strategy that is played, whichever way it was given.
    pub fn client(&self) -> &str {
        self.set("client.use").unwrap_or(&self.client)
    }

    /// The scenario of these days.
    pub fn text(&self) -> String {
        let mut out = self.head();
        let duration = A_DAY.saturating_mul(u64::from(self.days));
        let days = match self.days {
            1 => "a day".to_owned(),
            days => format!("{days} days"),
        };
        let name = format!("{days} in a life: {} on {}", self.client(), self.platform());
        let _ = writeln!(out, "version  = 1\nname     = {}", quoted(&name));
        let _ =
            writeln!(out, "seed     = {}\nduration = {}", self.seed, quoted(&duration.to_string()));
        if let Some(deadline) = self.set("deadline") {
            let _ = writeln!(out, "deadline = {}", value(deadline));
        }
        self.sections(&mut out);
        steps(&mut out, &life(self.seed, self.days));
        out
    }

    fn head(&self) -> String {
        format!(
            "# Days in a life, made up by `holdline try`. Change what you like, and run it with\n\
             #   holdline run FILE --timeline\n\
             # The run begins at midnight with the app on screen; the time of day stands behind each `at`.\n\
             # When things happen is drawn from seed {}; how often is chosen, not measured.\n\n",
            self.seed
        )
    }

    /// Who takes part.
    fn sections(&self, out: &mut String) {
        let sdk = self.sdk.on(self.platform()).map_or("none".to_owned(), |sdk| sdk.to_string());
        let heartbeat = self.heartbeat.map(|interval| interval.to_string());
        self.section(out, "platform", &[("use", &self.platform)], &[]);
        self.section(out, "app", &[("background-modes", "voip"), ("sdk", &sdk)], &[]);
        // The night at home comes first.
        let network = [("use", self.network.as_str()), ("interface", "wifi")];
        self.section(out, "network", &network, &[]);
        self.section(out, "client", &[("use", &self.client)], &[]);
        let set: Vec<_> =
            heartbeat.iter().map(|every| ("heartbeat.interval", every.as_str())).collect();
        self.section(out, "server", &[("use", &self.server)], &set);
    }

    /// One section: its own keys and those of its preset. What `sets` says stands in their place.
    fn section(&self, out: &mut String, name: &str, own: &[(&str, &str)], set: &[(&str, &str)]) {
        let mut keys = own.to_vec();
        let mut set: BTreeMap<&str, &str> = set.iter().copied().collect();
        for over in &self.sets {
            let Some((_, key)) = over.key.split_once('.').filter(|(head, _)| *head == name) else {
                continue;
            };
            let text = over.value.trim();
            match keys.iter_mut().find(|(known, _)| *known == key) {
                Some(known) => known.1 = text,
                None if name == "app" || (name == "network" && key == "other") => {
                    keys.push((key, text));
                }
                None => {
                    set.insert(key, text);
                }
            }
        }
        let _ = writeln!(out, "\n[{name}]");
        for (key, text) in keys {
            let text = if key == "background-modes" { list(text) } else { value(text) };
            let _ = writeln!(out, "{key} = {text}");
        }
        if !set.is_empty() {
            let pairs: Vec<_> =
                set.iter().map(|(key, text)| format!("{key} = {}", value(text))).collect();
            let _ = writeln!(out, "set = {{ {} }}", pairs.join(", "));
        }
    }
}

/// `text` as `--set` reads it: a number, true or false, or text with or without its quotes.
fn value(text: &str) -> String {
    let bare = text == "true" || text == "false" || text.parse::<i64>().is_ok();
    if bare {
        return text.to_owned();
    }
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    quoted(inner)
}

/// Words with commas between them as a list of texts.
fn list(text: &str) -> String {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    format!("[{}]", words.map(quoted).collect::<Vec<_>>().join(", "))
}

/// The day, counted from 1, and the time of day: `day 2, 07:42`.
pub fn clock(at: Time) -> String {
    let seconds = at.as_micros() / 1_000_000;
    let (day, rest) = (seconds / 86_400 + 1, seconds % 86_400);
    format!("day {day}, {:02}:{:02}", rest / 3_600, rest / 60 % 60)
}

fn steps(out: &mut String, moments: &[Moment]) {
    let (mut day, mut pushes) = (0, 0);
    for moment in moments {
        let today = moment.at.as_micros() / A_DAY.as_micros() + 1;
        if today != day {
            (day, pushes) = (today, 0);
            let _ = writeln!(out, "\n# ---------------------------------------- day {day}");
        }
        let at = quoted(&moment.at.elapsed().to_string());
        let _ = writeln!(out, "\n[[step]]\nat = {at:<22} # {}", clock(moment.at));
        let (act, keys): (&str, String) = match moment.what {
            Happening::Unlock => ("user.unlock", String::new()),
            Happening::Open => ("user.foreground", String::new()),
            Happening::Leave => ("user.background", String::new()),
            Happening::Lock => ("user.lock", String::new()),
            Happening::Switch(to) => ("network.switch", format!("to = \"{to}\"\n")),
            Happening::Silence(lasts) => ("network.silence", format!("lasts = \"{lasts}\"\n")),
            Happening::Charger(connected) => {
                ("phone.charger", format!("connected = {connected}\n"))
            }
            Happening::Push => {
                pushes += 1;
                ("server.push", format!("push = \"day{day}-{pushes}\"\n"))
            }
            Happening::Restart(how, down) => {
                let how = match how {
                    RestartKind::Process => "process",
                    RestartKind::HostDown => "host-down",
                    RestartKind::Drain => "drain",
                };
                ("server.restart", format!("how = \"{how}\"\ndown-for = \"{down}\"\n"))
            }
        };
        let _ = write!(out, "do = \"{act}\"\n{keys}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Options, play};
    use crate::scenario::{Presets, Scenario, decode};

    fn read(text: &str, sets: &[Override]) -> Scenario {
        decode(text, &Presets::built_in(), sets).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"))
    }

    #[test]
    fn the_text_is_a_scenario_without_mistakes_even_at_its_longest() {
        for seed in 1..=20 {
            let scenario = read(&Choice { seed, ..Choice::default() }.text(), &[]);
            assert_eq!((scenario.seed, scenario.duration), (seed, A_DAY.saturating_mul(7)));
        }
        read(&Choice { days: MOST_DAYS, ..Choice::default() }.text(), &[]);
    }

    #[test]
    fn what_is_set_is_written_down_and_means_the_same() {
        let set = |key: &str, value: &str| Override::new(key, value);
        let sets = vec![
            set("client.use", "ping-in-handler"),
            set("client.push.work", "1s"),
            set("server.heartbeat.interval", "9m"),
            set("server.heartbeat.interval", "4m"),
            set("network.use", "lte-carrier"),
            set("network.nat.idle-timeout", "5m"),
            set("app.sdk", "none"),
            set("app.background-modes", "voip,audio"),
            set("platform.wake-limit.count", "7"),
            set("deadline", "10s"),
        ];
        let plain = Choice { days: 2, heartbeat: Some(Span::from_secs(15)), ..Choice::default() };
        let outside = read(&plain.text(), &sets);
        let inside = read(&Choice { sets, ..plain }.text(), &[]);
        assert_eq!(inside.manifest, outside.manifest);
        assert_eq!(
            (inside.deadline, &inside.client.name),
            (outside.deadline, &outside.client.name)
        );
        assert_eq!(inside.server.values, outside.server.values);
        assert_eq!(inside.platform.values, outside.platform.values);
        assert_eq!(inside.network.cellular.values, outside.network.cellular.values);
        assert_eq!(inside.network.initial, outside.network.initial);
        let reached = |scenario| play(scenario, Options::of(scenario)).totals;
        assert_eq!(format!("{:?}", reached(&inside)), format!("{:?}", reached(&outside)));
    }

    #[test]
    fn the_sdk_is_that_of_the_platform_unless_it_is_said() {
        assert_eq!(Sdk::Own.on("ios-17"), Some(17));
        assert_eq!(Sdk::Is(9).on("ios-17"), Some(9));
        let other = Override::new("platform.use", "ios-13");
        let scenario = read(&Choice { sets: vec![other], ..Choice::default() }.text(), &[]);
        assert_eq!(scenario.manifest.sdk, Some(13));
    }

    #[test]
    fn text_from_outside_stays_within_its_quotes() {
        assert_eq!(value("a\"b\\c\nd"), r#""a\"b\\c\u000Ad""#);
        assert_eq!((value("7").as_str(), value("true").as_str()), ("7", "true"));
        assert_eq!(
            (value("\"7s\"").as_str(), list("voip, audio")),
            ("\"7s\"", r#"["voip", "audio"]"#.into())
        );
        assert_eq!(clock(Time::from_micros(112_000_000_000)), "day 2, 07:06");
    }
}
