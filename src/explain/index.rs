//! The bundled scenarios, played: which of them shows what. Nothing of it is listed by hand.

use std::collections::BTreeSet;

use super::keys::{Section, other_values};
use super::topic::{Scenarios, Shown};
use crate::metrics::Metric;
use crate::port::Interface;
use crate::run::{Options, Verdict, play};
use crate::scenario::{Act, Expectation, Override, Presets, Scenario, decode_all};
use crate::settings::Key;
use crate::trace::{Event, Field, KillCode, KillRule, What};

/// Reads the file at a path.
pub type ReadFile = Box<dyn Fn(&str) -> Result<Vec<u8>, String> + Send + Sync>;

/// Whether a phone of `scenario` is ever on the network of this name. Every scenario has a Wi-Fi and a cellular
/// network, and most never leave the first.
fn goes_by(scenario: &Scenario, name: &str) -> bool {
    let network = &scenario.network;
    let on = |interface: Interface| {
        let switched = |act: Act| act == Act::NetworkSwitch { to: interface };
        network.initial == interface || scenario.steps.iter().any(|step| switched(step.act))
    };
    (network.wifi.name == name && on(Interface::Wifi))
        || (network.cellular.name == name && on(Interface::Cellular))
}

/// A scenario that comes with the program.
pub struct Bundled {
    /// What a command line calls it: `bundled:server/host-down.toml`.
    pub file: String,
    /// Its text.
    pub text: String,
    /// Reads the files beside it.
    pub files: ReadFile,
}

impl Bundled {
    fn read(&self, overrides: &[Override]) -> Option<Scenario> {
        // Of a scenario that varies, the first combination stands for all.
        decode_all(&self.text, &Presets { files: &self.files }, overrides).ok()?.into_iter().next()
    }

    /// `server/host-down`.
    pub fn path(&self) -> &str {
        let path = self.file.strip_prefix("bundled:").unwrap_or(&self.file);
        path.strip_suffix(".toml").unwrap_or(path)
    }

    /// `host-down`.
    pub fn stem(&self) -> &str {
        let path = self.path();
        path.rsplit_once('/').map_or(path, |(_, stem)| stem)
    }
}

/// A bundled scenario and what was seen when it was played.
pub(super) struct Witness {
    /// Where it is from.
    pub bundled: Bundled,
    /// It.
    pub scenario: Scenario,
    /// How many events it took.
    pub length: usize,
    /// The events that happened.
    pub events: BTreeSet<&'static str>,
    /// The words that their fields held: event, field, word.
    pub words: BTreeSet<(&'static str, &'static str, &'static str)>,
    /// How the app was ended.
    pub kills: BTreeSet<(KillCode, KillRule)>,
}

impl Witness {
    fn of(bundled: Bundled) -> Option<Witness> {
        let scenario = bundled.read(&[])?;
        let outcome = play(&scenario, Options { trace: true, ..Options::of(&scenario) });
        let (mut events, mut words) = (BTreeSet::new(), BTreeSet::new());
        let mut kills = BTreeSet::new();
        for event in outcome.events.iter().flatten() {
            let name = event.what.name();
            events.insert(name);
            event.what.fields(&mut |field, value| {
                if let Field::Word(word) = value {
                    words.insert((name, field, word));
                }
            });
            if let What::Kill { code, rule } = event.what {
                kills.insert((code, rule));
            }
        }
        let length = outcome.events.map_or(0, |events| events.len());
        Some(Witness { bundled, scenario, length, events, words, kills })
    }

    /// Whether one of its expectations is about this event, and about all of these tests of fields.
    fn states(&self, event: &str, tests: &[String]) -> bool {
        self.scenario.expects.iter().any(|expect| {
            let words: Vec<&str> =
                expect.text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
            words.contains(&event) && tests.iter().all(|test| words.contains(&test.as_str()))
        })
    }

    fn shown(&self, how: String) -> Shown {
        let (scenario, name) = (self.bundled.file.clone(), self.scenario.name.clone());
        Shown { scenario, name, how }
    }

    /// Plays it with one key set to another value.
    fn verdict_with(&self, key: &str, value: &str) -> Option<Verdict> {
        let scenario = self.bundled.read(&[Override::new(key, value)])?;
        Some(play(&scenario, Options::of(&scenario)).verdict)
    }

    /// Plays it on `platform`, on its own where that is none: the verdict, and whether what happens there
    /// `shows` what is looked for.
    pub(super) fn on(
        &self,
        platform: Option<&str>,
        shows: impl Fn(&[Event]) -> bool,
    ) -> Option<(Verdict, bool)> {
        let set = platform.map(|name| Override::new("platform.use", name));
        let scenario = self.bundled.read(set.as_slice())?;
        let outcome = play(&scenario, Options { trace: true, ..Options::of(&scenario) });
        Some((outcome.verdict, outcome.events.is_some_and(|events| shows(&events))))
    }
}

/// The bundled scenarios and what each shows.
#[derive(Default)]
pub(super) struct Index {
    /// In the order of their paths.
    pub witnesses: Vec<Witness>,
}

impl Index {
    /// Plays them all; one that cannot be read is left out.
    pub(super) fn of(bundled: Vec<Bundled>) -> Index {
        Index { witnesses: bundled.into_iter().filter_map(Witness::of).collect() }
    }

    /// The scenario of which `shown` was said.
    pub(super) fn witness(&self, shown: &Shown) -> Option<&Witness> {
        self.witnesses.iter().find(|one| one.bundled.file == shown.scenario)
    }

    /// Those that `show` it, and first of them those that `state` it.
    fn those(
        &self,
        show: impl Fn(&Witness) -> bool,
        state: impl Fn(&Witness) -> bool,
    ) -> Scenarios {
        let (mut first, rest): (Vec<_>, Vec<_>) =
            self.witnesses.iter().filter(|witness| show(witness)).partition(|one| state(one));
        first.extend(rest);
        let list: Vec<_> = first.into_iter().map(|witness| witness.shown(String::new())).collect();
        let none = if list.is_empty() { "no bundled scenario shows it" } else { "" };
        Scenarios { list, none: none.to_owned() }
    }

    /// Those in which this event happens.
    pub(super) fn event(&self, name: &str) -> Scenarios {
        self.those(|one| one.events.contains(name), |one| one.states(name, &[]))
    }

    /// Those in which one of these fields holds this word.
    pub(super) fn word(
        &self,
        fields: &[(&'static str, &'static str)],
        word: &'static str,
    ) -> Scenarios {
        let shows = |one: &Witness| {
            fields.iter().any(|(event, field)| one.words.contains(&(*event, *field, word)))
        };
        let states = |one: &Witness| {
            fields.iter().any(|(event, field)| one.states(event, &[format!("{field}={word}")]))
        };
        self.those(shows, states)
    }

    /// Those in which the app is ended so.
    pub(super) fn kill(&self, is: impl Fn(KillCode, KillRule) -> bool) -> Scenarios {
        let shows = |one: &Witness| one.kills.iter().any(|(code, rule)| is(*code, *rule));
        let mut found = self.those(shows, |one| one.states("kill", &[]));
        // Where nothing else ends it, that is the point, and a short story tells it best.
        found.list.sort_by_key(|shown| {
            let rank = |one: &Witness| (!one.states("kill", &[]), one.kills.len(), one.length);
            self.witness(shown).map_or((true, 0, 0), rank)
        });
        found
    }

    /// Those in which a step does this.
    pub(super) fn step(&self, act: &'static str) -> Scenarios {
        self.those(|one| one.words.contains(&("step", "do", act)), |_| false)
    }

    /// Those that expect something of this sort.
    pub(super) fn expectation(&self, that: &str) -> Scenarios {
        let is = |one: &Witness| {
            let first = |text: &str| text.split(' ').next() == Some(that);
            one.scenario.expects.iter().any(|expect| first(&expect.text))
        };
        self.those(is, |_| false)
    }

    /// Those that expect something of this metric.
    pub(super) fn metric(&self, metric: Metric) -> Scenarios {
        let is = |one: &Witness| {
            one.scenario.expects.iter().any(
                |expect| matches!(expect.that, Expectation::Metric { metric: m, .. } if m == metric),
            )
        };
        self.those(is, |_| false)
    }

    /// Those that use this preset.
    pub(super) fn preset(&self, section: Section, name: &str) -> Scenarios {
        let uses = |one: &Witness| match section {
            Section::Platform => one.scenario.platform.name == name,
            Section::Network => goes_by(&one.scenario, name),
            Section::Client => one.scenario.client.name == name,
            Section::Server => one.scenario.server.name == name,
        };
        let mut found = self.those(uses, |_| false);
        if !found.none.is_empty() {
            found.none = "no bundled scenario uses it".to_owned();
        }
        found
    }

    /// Those that set this key, and those whose verdict another value of it changes.
    pub(super) fn key(&self, section: Section, key: &Key) -> Scenarios {
        let full = format!("{section}.{}", key.name);
        let in_presets = section.values(key);
        let (mut sets, mut turns, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for witness in &self.witnesses {
            let (now, set) = section.in_scenario(key, &witness.scenario);
            let (values, real) = other_values(&in_presets, key, &now);
            let fails = values.iter().position(|value| {
                witness.verdict_with(&full, value).is_some_and(|verdict| verdict == Verdict::Fail)
            });
            let value = fails.and_then(|place| values.get(place));
            match (set, value) {
                (true, Some(value)) => {
                    sets.push(witness.shown(format!("sets it to {now}, fails with {value}")));
                }
                (true, None) => sets.push(witness.shown(format!("sets it to {now}"))),
                (false, Some(value)) => {
                    // A value that exists somewhere tells more than one that was made up.
                    let list = if fails < Some(real) { &mut turns } else { &mut rest };
                    list.push(witness.shown(format!("fails with {value} instead of {now}")));
                }
                (false, None) => {}
            }
        }
        sets.extend(turns);
        sets.extend(rest);
        let none = match sets.is_empty() {
            true => "no bundled scenario sets it, and none turns on it".to_owned(),
            false => String::new(),
        };
        Scenarios { list: sets, none }
    }
}
