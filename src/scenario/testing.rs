//! A library for tests: presets with default values and the right interfaces.

use super::{Diagnostic, Library, Override, Scenario, decode, decode_all};
use crate::client::Strategy;
use crate::net::Access;
use crate::platform::Profile;
use crate::port::Interface;
use crate::server::ServerOptions;
use crate::settings::{Layer, Settings};

/// Presets by name, all with default values; and the files beside the scenario.
pub(super) struct TestLibrary<'a>(&'a [(&'a str, &'a str)]);

const PLATFORMS: &[&str] = &["ios-8", "ios-9", "ios-10"];
const STRATEGIES: &[&str] = &["default", "ping-in-handler"];
const SERVERS: &[&str] = &["default"];
const NETWORKS: &[(&str, Interface)] = &[
    ("wifi-home", Interface::Wifi),
    ("wifi-hotel", Interface::Wifi),
    ("lte-carrier", Interface::Cellular),
    ("nowhere", Interface::None),
];

/// The files beside the scenario.
const FILES: &[(&str, &str)] = &[
    ("Info.plist", INFO_PLIST),
    ("commute.csv", COMMUTE),
    ("wrong.csv", "time,interface,latency,loss,state\n0s,wifi,,,up\n5m,wiffi,40ms,,up\n"),
];

const COMMUTE: &str = "time,interface,latency,loss,state
0s,wifi,,,up
10m,cellular,70ms,0.5%,up
12m,cellular,,,down
";

pub(super) const INFO_PLIST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>CFBundleIdentifier</key><string>com.example.talk</string>
<key>DTSDKName</key><string>iphoneos9.3</string>
<key>UIBackgroundModes</key><array><string>audio</string></array>
</dict></plist>"#;

fn layer<S: Settings>(names: &[&str], name: &str) -> Option<Layer<S>> {
    names.contains(&name).then(|| Layer { name: name.to_owned(), ..Layer::default() })
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl Library for TestLibrary<'_> {
    fn platform(&self, name: &str) -> Option<Layer<Profile>> {
        let mut found: Layer<Profile> = layer(PLATFORMS, name)?;
        found.values.keep_alive_available = true;
        found.values.low_power_available = name != "ios-8";
        Some(found)
    }
    fn platform_names(&self) -> Vec<String> {
        owned(PLATFORMS)
    }
    fn network(&self, name: &str) -> Option<Layer<Access>> {
        let (name, interface) = NETWORKS.iter().find(|(known, _)| *known == name)?;
        let values = Access { interface: *interface, ..Access::default() };
        Some(Layer { name: (*name).to_owned(), values, ..Layer::default() })
    }
    fn network_names(&self) -> Vec<String> {
        NETWORKS.iter().map(|(name, _)| (*name).to_owned()).collect()
    }
    fn strategy(&self, name: &str) -> Option<Layer<Strategy>> {
        layer(STRATEGIES, name)
    }
    fn strategy_names(&self) -> Vec<String> {
        owned(STRATEGIES)
    }
    fn server(&self, name: &str) -> Option<Layer<ServerOptions>> {
        layer(SERVERS, name)
    }
    fn server_names(&self) -> Vec<String> {
        owned(SERVERS)
    }
    fn file(&self, path: &str) -> Result<Vec<u8>, String> {
        let found = self.0.iter().find(|(known, _)| *known == path);
        found
            .map(|(_, text)| text.as_bytes().to_vec())
            .ok_or_else(|| format!("{path}: there is no such file"))
    }
}

/// Decodes the first of `files`, which can name the others.
pub(super) fn read_files(
    files: &[(&str, &str)],
    set: &[Override],
) -> Result<Vec<Scenario>, Vec<Diagnostic>> {
    decode_all(files[0].1, &TestLibrary(files), set)
}

/// The same, where only one scenario is wanted.
pub(super) fn read_one(files: &[(&str, &str)]) -> Result<Scenario, Vec<Diagnostic>> {
    decode(files[0].1, &TestLibrary(files), &[])
}

/// Decodes with the test library.
pub(super) fn read(text: &str) -> Result<Scenario, Vec<Diagnostic>> {
    decode(text, &TestLibrary(FILES), &[])
}

/// Decodes with the test library and `--set` overrides.
pub(super) fn read_with(text: &str, set: &[(&str, &str)]) -> Result<Scenario, Vec<Diagnostic>> {
    let set: Vec<_> = set.iter().map(|(key, value)| Override::new(*key, *value)).collect();
    decode(text, &TestLibrary(FILES), &set)
}

/// The example of the documentation.
pub(super) const EXAMPLE: &str = r#"version  = 1
name     = "server restarts while the app is suspended"
seed     = 7
duration = "2h"

[platform]
use = "ios-9"
set = { keep-alive.handler-budget = "10s" }

[network]
use = "wifi-home"
set = { nat.idle-timeout = "5m" }

[client]
use = "ping-in-handler"
set = { keep-alive.timeout = "10m", ping.reply-within = "8s" }

[server]
set = { idle-timeout = "20m" }

[[step]]
at = "10s"
do = "user.background"

[[step]]
id = "outage"
at = "12m"
do = "server.restart"
how = "host-down"            # or "process": FIN and RST at once; or "drain"
down-for = "30s"

[[step]]
after = { event = "client.connected", since = "outage", by = "5s" }
do = "server.push"
push = "invite-1"

[[expect]]
that = "push-received"
push = "invite-1"
within = "5s"

[[expect]]
that = "event"
event = "kill"
count = { max = 0 }

[[expect]]
that = "metric"
metric = "detection.client.max"
max = "10m 8s"               # keep-alive period plus reply deadline
"#;
