//! Whatever value a key takes, a run ends and nothing overflows.

use holdline::client::Strategy;
use holdline::net::Access;
use holdline::platform::Profile;
use holdline::report::sentence::sentence;
use holdline::run::{Options, play};
use holdline::scenario::{Override, Presets, decode};
use holdline::server::ServerOptions;
use holdline::settings::{Key, Settings};

/// Much at once: sleep, wakes, kills, a reboot, restarts, networks that come and go.
const BUSY: &str = r#"
name = "busy"
duration = "50m"
devices = 2
[platform]
use = "ios-9"
[network]
use = "lte-carrier"
[client]
use = "ping-in-handler"
set = { tcp-keep-alive.idle = "1m", ping.interval = "30s" }
[server]
use = "heartbeat-15s"
set = { tcp-keep-alive.idle = "1m", idle-timeout = "20m" }
[[step]]
at = "10s"
do = "user.lock"
[[step]]
every = "70s"
do = "server.push"
push = "p"
[[step]]
at = "8m"
do = "network.silence"
lasts = "2m"
[[step]]
at = "12m"
do = "user.unlock"
[[step]]
at = "13m"
do = "user.background"
[[step]]
at = "25m"
do = "server.restart"
how = "host-down"
down-for = "1m"
[[step]]
at = "30m"
do = "phone.reboot"
[[step]]
at = "34m"
do = "phone.memory-kill"
[[step]]
at = "36m"
do = "user.foreground"
[[step]]
at = "37m"
do = "network.switch"
to = "none"
[[step]]
at = "38m"
do = "network.switch"
to = "cellular"
[[step]]
at = "38m 10s"
do = "network.dns"
on = false
[[step]]
at = "38m 20s"
do = "server.drop"
how = "reset"
[[step]]
at = "38m 30s"
do = "phone.voice-call"
on = true
[[step]]
at = "38m 40s"
do = "network.readdress"
[[step]]
at = "38m 50s"
do = "network.dns"
on = true
[[step]]
at = "39m"
do = "user.force-quit"
[[step]]
at = "40m"
do = "user.foreground"
[[step]]
at = "41m"
do = "user.background"
"#;

/// A SIP client with two connections, media and calls that are withdrawn.
const BUSY_SIP: &str = r#"
name = "busy with calls"
duration = "20m"
[platform]
use = "ios-9"
[network]
use = "lte-carrier"
[client]
use = "sip-two-sockets"
set = { register.interval = "90s" }
[server]
set = { push.via = "second", push.knock = true, retransmit.first = "500ms", registration.expires = "5m", heartbeat.interval = "40s", media.interval = "1s" }
[[step]]
at = "10s"
do = "server.media"
lasts = "90s"
[[step]]
at = "30s"
do = "user.background"
[[step]]
every = "50s"
do = "server.push"
push = "p"
[[step]]
at = "4m"
do = "server.cancel"
push = "p-4"
[[step]]
at = "6m"
do = "user.lock"
[[step]]
at = "12m"
do = "server.restart"
"#;

/// The ends of a key's range; what is out of it is refused, and that is well.
fn extremes(key: &Key) -> Vec<&'static str> {
    if !key.kind.choices.is_empty() {
        return key.kind.choices.to_vec();
    }
    match key.kind.name {
        "duration" | "duration or \"never\"" => vec!["0s", "1us", "50000000d"],
        "duration or distribution" => {
            vec!["0s", "50000000d", "uniform(0s, 50000000d)", "lognormal(1us, 50000000d)"]
        }
        "share" => vec!["0%", "100%"],
        "true or false" => vec!["true", "false"],
        "whole number" | "whole number or \"none\"" => vec!["0", "4294967295"],
        other => panic!("values of the type {other}?"),
    }
}

#[test]
fn what_is_played_is_without_mistakes() {
    for text in [BUSY, BUSY_SIP] {
        let read = decode(text, &Presets::built_in(), &[]);
        assert!(read.is_ok(), "{:#?}", read.err());
    }
}

fn play_extremes<S: Settings>(section: &str) {
    for key in S::KEYS {
        for value in extremes(key) {
            let over = Override::new(format!("{section}.{}", key.name), value);
            for text in [BUSY, BUSY_SIP] {
                let over = std::slice::from_ref(&over);
                if let Ok(scenario) = decode(text, &Presets::built_in(), over) {
                    let outcome = play(&scenario, Options::of(&scenario));
                    assert!(!sentence(&scenario, &outcome.totals, true).is_empty());
                }
            }
        }
    }
}

#[test]
fn a_run_ends_whatever_a_platform_allows() {
    play_extremes::<Profile>("platform");
}

#[test]
fn a_run_ends_whatever_a_network_does() {
    play_extremes::<Access>("network");
}

#[test]
fn a_run_ends_whatever_a_client_does() {
    play_extremes::<Strategy>("client");
}

#[test]
fn a_run_ends_whatever_a_server_does() {
    play_extremes::<ServerOptions>("server");
}
