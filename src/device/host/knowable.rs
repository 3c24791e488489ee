//! What of a run on a phone anybody knows: which events and metrics are observed, which follow from others, and which
//! only a model has.

use crate::metrics::Metric;
use crate::scenario::Expectation;
use crate::trace::{EventInfo, Lane, OnPhone, Pattern, What};

/// How an event or a metric of a run on a phone is known.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Basis {
    /// The host sees it: its server does it, or it does it itself.
    Host,
    /// The phone tells of it.
    Phone,
    /// It follows from this, and whenever it happens.
    Inferred(&'static str),
    /// It follows from this, and not whenever it happens: there were at least as many.
    AtLeast(&'static str),
    /// Neither side knows, because of this.
    Nobody(&'static str),
}

impl Basis {
    /// From what is known best to what nobody knows.
    fn rank(self) -> u8 {
        match self {
            Basis::Host => 0,
            Basis::Phone => 1,
            Basis::Inferred(_) => 2,
            Basis::AtLeast(_) => 3,
            Basis::Nobody(_) => 4,
        }
    }

    /// Of two, the one that is known worse.
    #[must_use]
    pub fn worse(self, other: Basis) -> Basis {
        if other.rank() > self.rank() { other } else { self }
    }

    /// Whether it takes the phone to know.
    pub fn needs_phone(self) -> bool {
        self != Basis::Host
    }
}

impl std::fmt::Display for Basis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Basis::Host => f.write_str("observed by the host"),
            Basis::Phone => f.write_str("observed by the phone"),
            Basis::Inferred(from) => write!(f, "inferred from {from}"),
            Basis::AtLeast(from) => write!(f, "inferred in part from {from}"),
            Basis::Nobody(why) => write!(f, "not known: {why}"),
        }
    }
}

/// The events that follow from others, and from which.
const INFERRED: &[(&str, Basis)] = &[
    ("screen-locked", Basis::Inferred("the steps that lock and unlock")),
    (
        "notified",
        Basis::Inferred("what the app posted and the system took; not that a person looked"),
    ),
    ("state", Basis::Inferred("callbacks, and time in which the main thread did not run")),
    ("wake", Basis::Inferred("the end of time without run time, and the callback that follows")),
    ("kill", Basis::Inferred("a process that was gone, and what explains it")),
    ("process-gone", Basis::Inferred("a process that was gone, and nothing explains it")),
    (
        "socket-reclaimed",
        Basis::Nobody("the system tells nobody; its use later fails with `client.disconnected`"),
    ),
    ("device-slept", Basis::Inferred("two clocks, of which one stood still")),
    ("device-woke", Basis::Inferred("two clocks, of which one stood still")),
    ("reboot", Basis::Inferred("the step that boots the device")),
    (
        "booted",
        Basis::AtLeast("the app's start after a boot; nobody tells of a boot that starts no app"),
    ),
    ("stream-unheard", Basis::Nobody("that nobody was called is told to nobody")),
    ("connecting", Basis::Inferred("the `open` of a stream")),
    ("established", Basis::AtLeast("`open-completed`; the app may not live to be told")),
    ("sent", Basis::AtLeast("what app and server wrote; not turns of a TLS handshake and media")),
    ("arrived", Basis::AtLeast("what app and server read; not what was never read")),
    (
        "timed-out",
        Basis::Nobody(
            "the sides are told that a connection failed, and not since when its kernel tried",
        ),
    ),
    (
        "ended",
        Basis::AtLeast(
            "what the app was told of the end, and the server; a kernel may know and tell nobody",
        ),
    ),
];

/// The events that only a model has, and why.
const MODEL: &[(&str, &str)] = &[
    ("lease-began", "iOS tells nobody why it lets an app run"),
    ("lease-ended", "iOS tells nobody why it lets an app run"),
    ("relaunch-planned", "iOS tells nobody what it plans; `process-started` is observed"),
    ("relaunch-refused", "iOS tells nobody what it does not plan; `process-started` is observed"),
    ("keep-alive-unscheduled", "the app is not told; that its handler is not called is observed"),
    ("voip-tag-ignored", "the app is not told; that it is not woken can be inferred"),
    ("lost", "nobody sees a segment that did not arrive"),
    ("retransmitted", "the kernels send again without a word"),
    ("nat-forgot", "nobody sees into the NAT"),
    ("connection-dead", "a connection dies without a word; the sides find out later"),
    ("connection-healed", "a connection dies without a word, and heals so"),
    ("reachable", "nobody sends a push at every moment to see"),
];

/// What a phone observes only while its app runs.
const WHILE_IT_RUNS: &[&str] = &[
    "charger",
    "voice-call",
    "low-power-mode",
    "system-log",
    "first-unlock",
    "interface",
    "address",
    "connect-failed",
];

/// What the host does by itself, of what no phone observes.
const BY_HOST: &[&str] = &["phase", "path", "conditions", "internet", "captive-portal", "dns"];

/// Fields that nobody knows of an event that is known.
const UNKNOWN_FIELDS: &[(&str, &str, &str)] = &[
    ("arrived", "how", "whether a frame came at the first try is told to nobody"),
    ("socket-reclaimed", "unread", "what was unread in a socket that was taken away is lost"),
    ("voice-call", "stalls-data", "a phone does not say what a call does to its data"),
    ("notified", "id", "the number that an app gives a notification is its own"),
];

/// How an event of this row is known.
pub fn of_event(row: &EventInfo) -> Basis {
    let inferred = INFERRED.iter().find(|(name, _)| *name == row.name);
    let model = MODEL.iter().find(|(name, _)| *name == row.name);
    match (row.on_phone, inferred, model) {
        (OnPhone::Observed, ..) if row.lane == Lane::Server || row.name == "step" => Basis::Host,
        (OnPhone::Observed, ..) if WHILE_IT_RUNS.contains(&row.name) => {
            Basis::AtLeast("what the app is told while it runs")
        }
        (OnPhone::Observed, ..) => Basis::Phone,
        (OnPhone::Inferred, Some((_, basis)), _) => *basis,
        (OnPhone::ModelOnly, ..) if BY_HOST.contains(&row.name) => Basis::Host,
        (OnPhone::ModelOnly, _, Some((_, why))) => Basis::Nobody(why),
        (OnPhone::Inferred, None, _) | (OnPhone::ModelOnly, _, None) => {
            Basis::Nobody("nobody has said how it would be known")
        }
    }
}

/// How an event that fits a pattern is known.
pub fn of_pattern(pattern: &Pattern) -> Basis {
    let row = What::TABLE.iter().find(|row| row.name == pattern.event());
    let event = row.map_or(Basis::Nobody("there is no such event"), of_event);
    let fields = pattern.fields().filter_map(|field| {
        let unknown =
            |(event, name, _): &&(&str, &str, &str)| *event == pattern.event() && *name == field;
        UNKNOWN_FIELDS.iter().find(unknown).map(|(.., why)| Basis::Nobody(why))
    });
    fields.fold(event, Basis::worse)
}

/// How the value of a metric is known.
pub fn of_metric(metric: Metric) -> Basis {
    let reach = "nobody sends a push at every moment to see";
    let death = "a connection dies without a word: when, nobody knows";
    let energy = "a phone does not say what its radio and its processor took";
    let wakes = "the end of time without run time, and the callback that follows";
    match metric {
        Metric::Reachable | Metric::UnreachableLongest => Basis::Nobody(reach),
        Metric::DetectionClientMax
        | Metric::DetectionClientMean
        | Metric::DetectionClientCount
        | Metric::DetectionServerMax
        | Metric::DetectionServerMean
        | Metric::DetectionServerCount
        | Metric::DetectionClientMissed => Basis::Nobody(death),
        Metric::PushAccepted | Metric::PushDropped => Basis::Host,
        Metric::PushReceived
        | Metric::PushDuplicates
        | Metric::PushMissing
        | Metric::PushLatencyMax
        | Metric::PushLatencyMean
        | Metric::KeepAliveFired
        | Metric::Relaunches => Basis::Phone,
        // How long one took that the process did not live to return from, nobody knows.
        Metric::KeepAliveHandlerMax => Basis::AtLeast("handlers that returned"),
        Metric::PushNotified => Basis::Inferred("what the app posted and the system took"),
        Metric::Wakes | Metric::WakesPeak => Basis::Inferred(wakes),
        Metric::Awake => {
            Basis::Inferred("callbacks, and time in which the main thread did not run")
        }
        Metric::Kills => Basis::Inferred("processes that were gone"),
        Metric::Connects => Basis::Inferred("the `open` of streams"),
        Metric::Segments => Basis::AtLeast("what app and server wrote"),
        Metric::EnergyRadio | Metric::EnergyCpu | Metric::BatteryPerDay => Basis::Nobody(energy),
    }
}

/// How that which an expectation is about is known: of several things, the one that is known worst.
pub fn of_expectation(expectation: &Expectation) -> Basis {
    match expectation {
        Expectation::PushReceived { .. } | Expectation::PushLost { .. } => Basis::Phone,
        Expectation::PushNotified { .. } => of_metric(Metric::PushNotified),
        Expectation::Event { event, .. } => of_pattern(event),
        Expectation::Order { events, .. } => {
            events.iter().map(of_pattern).fold(Basis::Host, Basis::worse)
        }
        Expectation::Metric { metric, .. } => of_metric(*metric),
        Expectation::Converges { .. } => of_metric(Metric::Reachable),
    }
}

/// Whether an expectation hangs on whether the process lives.
pub fn asks_for_life(expectation: &Expectation) -> bool {
    let asks = |pattern: &Pattern| ["kill", "process-gone", "state"].contains(&pattern.event());
    match expectation {
        Expectation::Event { event, .. } => asks(event),
        Expectation::Order { events, .. } => events.iter().any(asks),
        Expectation::Metric { metric, .. } => matches!(metric, Metric::Kills | Metric::Awake),
        Expectation::PushReceived { .. }
        | Expectation::PushNotified { .. }
        | Expectation::PushLost { .. }
        | Expectation::Converges { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_every_event_it_is_said_how_it_is_known() {
        for row in What::TABLE {
            let basis = of_event(row);
            let said = !matches!(basis, Basis::Nobody(why) if why.starts_with("nobody has said"));
            assert!(said, "{}", row.name);
            match row.on_phone {
                OnPhone::Observed => {
                    assert!(matches!(basis, Basis::Host | Basis::Phone | Basis::AtLeast(_)));
                }
                OnPhone::Inferred => assert!(basis.rank() >= 2, "{}", row.name),
                OnPhone::ModelOnly => {
                    assert!(matches!(basis, Basis::Host | Basis::Nobody(_)), "{}", row.name);
                }
            }
        }
    }

    #[test]
    fn every_name_that_is_written_here_is_an_event_s() {
        let names = INFERRED.iter().map(|(name, _)| *name);
        let names = names.chain(MODEL.iter().map(|(name, _)| *name));
        let names = names.chain(BY_HOST.iter().chain(WHILE_IT_RUNS).copied());
        for name in names.chain(UNKNOWN_FIELDS.iter().map(|(event, ..)| *event)) {
            assert!(What::TABLE.iter().any(|row| row.name == name), "{name}");
        }
        for (event, field, _) in UNKNOWN_FIELDS {
            assert!(Pattern::parse(event).is_ok());
            let row = What::TABLE.iter().find(|row| row.name == *event).unwrap();
            assert!(row.fields.iter().any(|known| known.name == *field), "{event} {field}");
        }
    }

    #[test]
    fn a_pattern_that_asks_for_a_field_nobody_knows_is_not_known() {
        let of = |text: &str| of_pattern(&Pattern::parse(text).unwrap());
        assert!(matches!(of("arrived connection=1"), Basis::AtLeast(_)));
        assert!(matches!(of("arrived how=retransmitted"), Basis::Nobody(_)));
        assert_eq!(of("server.push-sent"), Basis::Host);
    }

    #[test]
    fn an_order_is_known_as_well_as_the_worst_of_its_events() {
        let order = |events: &[&str]| Expectation::Order {
            events: events.iter().map(|text| Pattern::parse(text).unwrap()).collect(),
            within: None,
        };
        assert_eq!(of_expectation(&order(&["server.down", "server.up"])), Basis::Host);
        assert_eq!(of_expectation(&order(&["server.down", "client.connected"])), Basis::Phone);
        let worst = of_expectation(&order(&["connection-dead", "client.connected"]));
        assert!(matches!(worst, Basis::Nobody(_)));
    }
}
