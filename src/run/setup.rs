//! From a scenario to what its world is like.

use crate::net::{NetConfig, Probes};
use crate::os::Gate;
use crate::port::{Span, Transport};
use crate::scenario::{Scenario, Step};
use crate::settings::{Layer, Settings};
use crate::sim::Setup;
use crate::trace::Header;

/// The version of the model: it changes when a rule does, so that a changed trace shows as such.
pub const MODEL: &str = "1";

/// What the world of `scenario` is like under `seed`.
pub fn setup(scenario: &Scenario, seed: u64) -> Setup {
    let server = &scenario.server.values;
    let server_keep_alive = server.tcp_keep_alive_idle.map(|idle| Probes {
        idle,
        interval: server.tcp_keep_alive_interval,
        count: server.tcp_keep_alive_count,
    });
    let client = &scenario.client.values;
    let phone_keep_alive = client.tcp_keep_alive_idle.map(|idle| Probes {
        idle,
        interval: client.tcp_keep_alive_interval,
        count: client.tcp_keep_alive_count,
    });
    Setup {
        profile: scenario.platform.values.clone(),
        gate: Gate::of(&scenario.platform.values, &scenario.manifest),
        net: NetConfig {
            wifi: scenario.network.wifi.values.clone(),
            cellular: scenario.network.cellular.values.clone(),
            phone_keep_alive,
            server_keep_alive,
            connect_by: client.connect_by,
            synthesises_literals: scenario.platform.values.synthesises_literals,
            resolver_timeout: scenario.platform.values.resolver_timeout,
        },
        interface: scenario.network.initial,
        server: server.clone(),
        seed,
    }
}

/// What a scenario needs that no client over TCP sockets of a real system shows; `None` when there is no such thing.
pub(crate) fn beyond_sockets(scenario: &Scenario) -> Option<&'static str> {
    let client = &scenario.client.values;
    let udp = client.transport == Transport::Udp
        || (client.second && client.second_transport == Transport::Udp);
    if udp {
        return Some("UDP sockets");
    }
    (client.connect_tls_round_trips > 0).then_some("a TLS handshake that is modelled turn by turn")
}

/// How long a push may wait for a connection and still count as delivered: the scenario's deadline, if
/// the server keeps what was not acknowledged.
pub fn forgiven(scenario: &Scenario) -> Span {
    let server = &scenario.server.values;
    if server.keeps_written() { scenario.deadline } else { Span::ZERO }
}

/// The first line of the trace of `scenario` under `seed`.
pub fn header(scenario: &Scenario, seed: u64) -> Header {
    let mut hash = Fnv::default();
    hash.layer(&scenario.platform);
    hash.layer(&scenario.network.wifi);
    hash.layer(&scenario.network.cellular);
    hash.layer(&scenario.client);
    hash.layer(&scenario.server);
    hash.text(&format!("{:?}", scenario.manifest));
    for row in scenario.network.trace.iter().flat_map(|trace| &trace.rows) {
        hash.text(&format!("{row:?}"));
    }
    Header {
        scenario: scenario.name.clone(),
        seed,
        model: MODEL.to_owned(),
        platform: scenario.platform.name.clone(),
        profile_hash: hash.0,
    }
}

/// A hash over what happens in `scenario`: its steps and how long it is played. What it is played with is in the
/// hash of [`header`].
pub fn steps_hash(scenario: &Scenario) -> u64 {
    let Scenario { duration, deadline, devices, phases, network, steps, names, .. } = scenario;
    let mut hash = Fnv::default();
    hash.text(&format!("{duration:?} {deadline:?} {devices} {phases:?} {:?}", network.initial));
    hash.text(&format!("{names:?}"));
    for step in steps {
        // Where it stands in the file is nothing that happens.
        let Step { id, when, device, act, lasts, span: _ } = step;
        hash.text(&format!("{id:?} {when:?} {device:?} {act:?} {lasts:?}"));
    }
    hash.0
}

/// FNV-1a, 64 bits: the same on every machine and for ever, which `std`'s hasher does not promise.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn text(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn layer<S: Settings>(&mut self, layer: &Layer<S>) {
        for key in S::KEYS {
            self.text(key.name);
            self.text(&layer.values.identity(key.name).unwrap_or_default());
        }
    }
}
