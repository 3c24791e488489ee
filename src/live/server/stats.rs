//! What the server counts.

use super::api::{Stat, Stats};
use crate::trace::PushFate;

/// Why a connection was refused or cut off; the reasons of `ERROR` on the wire.
pub(super) const REASONS: &[&str] = &[
    "version",
    "syntax",
    "too-long",
    "not-hello",
    "handshake-timeout",
    "device-name",
    "no-session",
    "too-many-connections",
    "too-many-from-address",
    "too-many-devices",
    "too-slow",
    "token",
    "no-descriptors",
    "transport",
];

/// Counters since the server was started.
#[derive(Clone, Debug, Default)]
pub(super) struct Counters {
    pub(super) accepted: u64,
    pub(super) sessions_opened: u64,
    pub(super) sessions_closed: u64,
    pub(super) pushes_accepted: u64,
    pub(super) pushes_sent: u64,
    pub(super) pushes_acknowledged: u64,
    pub(super) heartbeats: u64,
    pub(super) store_failures: u64,
    refused: [u64; REASONS.len()],
    dropped: [u64; PushFate::ALL.len()],
}

/// What the server holds now.
#[derive(Copy, Clone, Debug, Default)]
pub(super) struct Gauges {
    pub(super) connections: u64,
    pub(super) devices: u64,
    pub(super) waiting: u64,
    pub(super) queued_bytes: u64,
}

impl Counters {
    pub(super) fn refused(&mut self, reason: &str) {
        if let Some(place) = REASONS.iter().position(|known| *known == reason) {
            self.refused[place] += 1;
        }
    }

    pub(super) fn dropped(&mut self, fate: PushFate) {
        self.dropped[fate as usize] += 1;
    }

    /// All of them, and what the server holds.
    pub(super) fn stats(&self, now: Gauges) -> Stats {
        let one = |name, help, counter, value| Stat { name, help, counter, label: None, value };
        let mut values = vec![
            one("holdline_connections", "Connections that are open.", false, now.connections),
            one("holdline_devices", "Devices that are known.", false, now.devices),
            one("holdline_pushes_waiting", "Pushes that wait.", false, now.waiting),
            one("holdline_queued_bytes", "Bytes of their payloads.", false, now.queued_bytes),
            one(
                "holdline_connections_accepted_total",
                "Connections accepted.",
                true,
                self.accepted,
            ),
            one("holdline_sessions_opened_total", "Sessions begun.", true, self.sessions_opened),
            one("holdline_sessions_closed_total", "Sessions ended.", true, self.sessions_closed),
            one("holdline_pushes_accepted_total", "Pushes accepted.", true, self.pushes_accepted),
            one(
                "holdline_pushes_sent_total",
                "Pushes written to a connection, repetitions included.",
                true,
                self.pushes_sent,
            ),
            one(
                "holdline_pushes_acknowledged_total",
                "Pushes acknowledged by their device.",
                true,
                self.pushes_acknowledged,
            ),
            one("holdline_heartbeats_total", "Heartbeats sent.", true, self.heartbeats),
            one(
                "holdline_store_failures_total",
                "Batches that the store could not write.",
                true,
                self.store_failures,
            ),
        ];
        let labelled = |name, help, key, value, n| Stat {
            name,
            help,
            counter: true,
            label: Some((key, value)),
            value: n,
        };
        values.extend(REASONS.iter().zip(self.refused).map(|(reason, n)| {
            let help = "Connections refused or cut off with ERROR.";
            labelled("holdline_refused_total", help, "reason", reason, n)
        }));
        values.extend(PushFate::ALL.iter().zip(self.dropped).map(|(fate, n)| {
            let help = "Pushes that will not be delivered.";
            labelled("holdline_pushes_dropped_total", help, "fate", fate.as_str(), n)
        }));
        Stats { values }
    }
}
