//! What to change: the same days once more for each of a few changes, and what that would have been like.

use super::{Trial, trial};
use crate::client::Strategy;
use crate::port::Span;
use crate::scenario::{Library, NetworkSetup, Override, Scenario, decode};
use crate::settings::Settings;

/// A change that was tried.
#[derive(Clone, Debug)]
pub struct Advice {
    /// What was changed, as `--set` takes it.
    pub change: Vec<Override>,
    /// What came of it.
    pub trial: Trial,
}

/// A change that gains less than this share of the time, in millionths, is not worth a word.
pub const WORTH_A_WORD: u32 = 1_000;

/// Two changes that differ by less than about this are as good as each other: the smaller comes first.
const EQUAL: u32 = 5_000;

/// The heartbeat that is tried unless a NAT forgets sooner: of the bundled server preset `heartbeat-4m`.
const HEARTBEAT: Span = Span::from_secs(240);

/// Heartbeats are a round number of seconds apart.
const ROUND: u64 = 10_000_000;

/// The interval that keeps what the NATs of both networks know: at most nine tenths of the shorter of their
/// idle timeouts, rounded down. Never so short that the wakes come near the wake limit: one and a half times as
/// far apart as that allows.
fn heartbeat(scenario: &Scenario) -> Span {
    let NetworkSetup { wifi, cellular, .. } = &scenario.network;
    let timeouts = [wifi.values.nat_idle_timeout, cellular.values.nat_idle_timeout];
    let keeps = timeouts.into_iter().flatten().min().map_or(HEARTBEAT, |timeout| {
        HEARTBEAT.min(Span::from_micros(timeout.as_micros() / 10 * 9 / ROUND * ROUND))
    });
    let profile = &scenario.platform.values;
    let spared = profile.wake_limit.map_or(0, |count| {
        profile.wake_limit_window.as_micros().saturating_mul(3) / (u64::from(count.max(1)) * 2)
    });
    keeps.max(Span::from_micros(spared)).max(Span::from_secs(1))
}

/// Tries changes to the scenario `text`, of which `before` came, and answers those that helped, the most
/// helpful first; of equal ones, the one that changes less.
pub fn advise(text: &str, library: &dyn Library, before: &Trial) -> Vec<Advice> {
    let Ok(scenario) = decode(text, library, &[]) else { return Vec::new() };
    let mut advice: Vec<Advice> = candidates(&scenario, library)
        .into_iter()
        .filter_map(|change| {
            let changed = decode(text, library, &change).ok()?;
            Some(Advice { change, trial: trial(&changed, false) })
        })
        .filter(|advice| advice.trial.reachable() >= before.reachable() + WORTH_A_WORD)
        .collect();
    let rank = |advice: &Advice| {
        (std::cmp::Reverse(advice.trial.reachable() / EQUAL), advice.change.len())
    };
    advice.sort_by_key(rank);
    // Who is told of a change need not hear of the same one with something added that gains nothing.
    let mut told: Vec<Advice> = Vec::new();
    for advice in advice {
        let adds = |known: &Advice| known.change.iter().all(|one| advice.change.contains(one));
        if !told.iter().any(adds) {
            told.push(advice);
        }
    }
    told
}

/// What could help: what the strategy does differently from the one that does what the sources advise,
/// key by key and all at once; heartbeats; an older SDK and the background mode.
fn candidates(scenario: &Scenario, library: &dyn Library) -> Vec<Vec<Override>> {
    let mut list: Vec<Vec<Override>> = Vec::new();
    let interval = heartbeat(scenario);
    let heartbeat =
        Override::new("server.heartbeat.interval", interval.to_string().replace(' ', ""));
    let beats = scenario.server.values.heartbeat_interval == Some(interval);
    if !beats {
        list.push(vec![heartbeat.clone()]);
    }
    if let Some(advised) = library.strategy("default") {
        let mine = &scenario.client.values;
        let differs = |key: &&str| mine.get(key) != advised.values.get(key);
        let names: Vec<&str> = Strategy::KEYS.iter().map(|key| key.name).filter(differs).collect();
        for name in &names {
            if let Some(value) = advised.values.get(name) {
                list.push(vec![Override::new(format!("client.{name}"), value)]);
            }
        }
        if !names.is_empty() {
            let all = Override::new("client.use", "default");
            if !beats {
                list.push(vec![all.clone(), heartbeat]);
            }
            list.push(vec![all]);
        }
    }
    if !scenario.manifest.has_mode("voip") {
        list.push(vec![Override::new("app.background-modes", "voip")]);
    }
    let profile = &scenario.platform.values;
    let gates = [profile.legacy_sdk_gate, profile.legacy_trap_sdk];
    if let (Some(gate), Some(sdk)) = (gates.into_iter().flatten().min(), scenario.manifest.sdk)
        && sdk >= gate
    {
        let older = Override::new("app.sdk", gate.saturating_sub(1).to_string());
        list.push(vec![older.clone(), Override::new("client.use", "default")]);
        list.push(vec![older]);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Presets;
    use crate::study::Choice;

    fn advised(choice: Choice) -> (u32, Vec<(String, u32)>) {
        let (text, library) = (choice.text(), Presets::built_in());
        let before = trial(&decode(&text, &library, &[]).unwrap(), false);
        let said = |advice: &Advice| {
            let change: Vec<_> =
                advice.change.iter().map(|over| format!("{}={}", over.key, over.value)).collect();
            (change.join(" "), advice.trial.reachable())
        };
        let list = advise(&text, &library, &before).iter().map(said).collect();
        (before.reachable(), list)
    }

    #[test]
    fn the_missing_service_type_is_found_and_named_by_its_key() {
        let client = "plain-socket".to_owned();
        let (before, list) = advised(Choice { client, days: 2, ..Choice::default() });
        let (change, after) = &list[0];
        assert!(list.iter().any(|(change, _)| change == "client.stream.service-type=voip"));
        assert!(*after > 900_000 && *after > before + 300_000, "{before} {change} {after}");
    }

    #[test]
    fn heartbeats_that_are_too_frequent_are_told_to_be_slower() {
        let heartbeat = Some(Span::from_secs(15));
        let (before, list) = advised(Choice { heartbeat, days: 2, ..Choice::default() });
        assert_eq!(list[0].0, "server.heartbeat.interval=4m", "{before} {list:?}");
    }

    #[test]
    fn heartbeats_are_advised_that_come_before_the_nat_forgets() {
        for (network, interval) in [("azure-lb", "3m30s"), ("wifi-home-strict", "50s")] {
            let network = network.to_owned();
            let (before, list) = advised(Choice { network, days: 2, ..Choice::default() });
            let change = format!("server.heartbeat.interval={interval}");
            let after = list.iter().find(|(said, _)| *said == change).map(|(_, after)| *after);
            assert!(after > Some(950_000), "{before} {list:?}");
        }
    }

    #[test]
    fn no_heartbeat_is_advised_that_comes_near_the_wake_limit() {
        let set = vec![Override::new("network.nat.idle-timeout", "20s")];
        let text = Choice { sets: set, ..Choice::default() }.text();
        let scenario = decode(&text, &Presets::built_in(), &[]).unwrap();
        assert_eq!(heartbeat(&scenario), Span::from_secs(30));
    }

    #[test]
    fn behind_the_sdk_gate_only_an_older_sdk_helps() {
        let platform = "ios-10".to_owned();
        let (_, list) = advised(Choice { platform, days: 2, ..Choice::default() });
        assert_eq!(list[0].0, "app.sdk=9", "{list:?}");
    }
}
