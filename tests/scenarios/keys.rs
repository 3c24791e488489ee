//! A key that nothing reads is a lie: changing any one of them changes what happens, or what is measured,
//! in a bundled scenario or in one of those below.

use std::cell::OnceCell;

use holdline::client::Strategy;
use holdline::metrics::Metric;
use holdline::net::Access;
use holdline::platform::Profile;
use holdline::run::{Mode, Options, play};
use holdline::scenario::{Override, Scenario};
use holdline::server::ServerOptions;
use holdline::settings::{Key, Settings};

use crate::library::{bundled, folder, read};

/// What no bundled scenario does.
const MORE: &[&str] = &[
    // A task is begun after the expiration handlers were called.
    r#"
name = "late task"
duration = "10m"
[platform]
use = "ios-9"
set = { suspension.delay = "10s" }
[network]
use = "ideal"
[client]
use = "plain-socket"
set = { background.task = true, background.task-end = "expiry", task.time-needed = "0s", reconnect.task = true, reconnect.in-background = true }
[[step]]
at = "10s"
do = "user.background"
[[step]]
after = { event = "callback name=task-expiring", by = "1s" }
do = "server.drop"
"#,
    // The user comes back between bursts of wakes.
    r#"
name = "bursts"
duration = "20m"
[platform]
use = "ios-9"
[network]
use = "ideal"
[server]
use = "heartbeat-15s"
[[step]]
at = "10s"
do = "user.background"
[[step]]
at = "200s"
do = "user.foreground"
[[step]]
at = "210s"
do = "user.background"
"#,
    // A system that traps an app and grants it VoIP all the same.
    r#"
name = "trapped and granted"
duration = "20m"
[platform]
use = "ios-16"
set = { legacy-voip.sdk-gate = "none", legacy-voip.trap-sdk = 16 }
[app]
background-modes = ["voip"]
sdk = 16
[network]
use = "ideal"
"#,
    // A push comes before the first unlock, and comes again after the process has ended.
    r#"
name = "delivered again"
duration = "20m"
[platform]
use = "ios-9"
[network]
use = "ideal"
[client]
use = "default"
set = { push.acknowledge = false, push.dedupe = "storage" }
[[step]]
at = "1m"
do = "phone.reboot"
[[step]]
every = "10s"
from = "4m"
until = "5m"
do = "server.push"
push = "p"
[[step]]
at = "8m"
do = "phone.memory-kill"
[[step]]
at = "12m"
do = "user.low-power"
on = true
"#,
    // The same while the phone is unlocked.
    r#"
name = "delivered again to an unlocked phone"
duration = "20m"
[platform]
use = "ios-9"
[network]
use = "ideal"
[client]
use = "default"
set = { push.acknowledge = false, push.dedupe = "storage" }
[[step]]
every = "10s"
from = "4m"
until = "5m"
do = "server.push"
push = "p"
[[step]]
at = "8m"
do = "phone.memory-kill"
"#,
    // The kernels' own probes find out that the path is silent.
    r#"
name = "probes"
duration = "2h"
[platform]
use = "ios-9"
[network]
use = "ideal"
[client]
use = "heartbeat-only"
set = { tcp-keep-alive.idle = "10m", tcp-keep-alive.interval = "5s", tcp-keep-alive.count = 8 }
[server]
use = "tcp-keep-alive"
set = { tcp-keep-alive.idle = "10m" }
[[step]]
at = "12m"
do = "network.silence"
"#,
];

/// A scenario's place and text, and what comes out of it as it stands.
struct Case {
    path: std::path::PathBuf,
    text: String,
    as_it_stands: OnceCell<String>,
}

/// All that happens and all that is measured.
fn outcome(scenario: &Scenario) -> String {
    let options = Options { seed: scenario.seed, mode: Mode::Apart, trace: true };
    let outcome = play(scenario, options);
    let measured: Vec<_> =
        Metric::TABLE.iter().map(|info| outcome.totals.value(info.metric)).collect();
    format!("{:?} {measured:?} {:?}", outcome.events, outcome.notes)
}

impl Case {
    fn with(&self, overrides: &[Override]) -> String {
        outcome(&read(&self.path, &self.text, overrides))
    }

    fn changes(&self, key: &str, value: &str) -> bool {
        let over = Override::new(key, value);
        let before = self.as_it_stands.get_or_init(|| self.with(&[]));
        self.with(&[over]) != *before
    }
}

fn cases() -> Vec<Case> {
    let bundled = bundled().into_iter().map(|path| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    });
    let more = MORE.iter().map(|text| (folder().join("more.toml"), (*text).to_owned()));
    bundled
        .chain(more)
        .map(|(path, text)| Case { path, text, as_it_stands: OnceCell::new() })
        .collect()
}

/// Values to try for a key, by its type.
fn candidates(key: &Key) -> Vec<&'static str> {
    if !key.kind.choices.is_empty() {
        return key.kind.choices.to_vec();
    }
    match key.kind.name {
        "duration" => vec!["3s", "1ms", "20m", "45s"],
        "duration or \"never\"" => vec!["45s", "never", "6s", "5m"],
        "duration or distribution" => vec!["7s", "1ms"],
        "share" => vec!["9%", "2%"],
        "true or false" => vec!["true", "false"],
        "whole number" => vec!["0", "1", "3", "100000"],
        "whole number or \"none\"" => vec!["1", "none", "10", "3"],
        other => panic!("values of the type {other}?"),
    }
}

/// The keys of `section` that change nothing.
fn idle_keys<S: Settings>(section: &str) -> Vec<&'static str> {
    let cases = cases();
    let matters = |key: &&Key| {
        let name = format!("{section}.{}", key.name);
        candidates(key).iter().any(|value| cases.iter().any(|case| case.changes(&name, value)))
    };
    S::KEYS.iter().filter(|key| !matters(key)).map(|key| key.name).collect()
}

#[test]
fn every_platform_key_matters() {
    assert_eq!(idle_keys::<Profile>("platform"), Vec::<&str>::new());
}

#[test]
fn every_network_key_matters() {
    assert_eq!(idle_keys::<Access>("network"), Vec::<&str>::new());
}

#[test]
fn every_client_key_matters() {
    assert_eq!(idle_keys::<Strategy>("client"), Vec::<&str>::new());
}

#[test]
fn every_server_key_matters() {
    assert_eq!(idle_keys::<ServerOptions>("server"), Vec::<&str>::new());
}
