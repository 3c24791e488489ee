//! The list of metrics: name, unit, meaning.

use crate::port::{Span, words};
use crate::settings::{Scalar, Setting, Share};

words! {
    /// What a metric is measured in.
    pub enum Unit {
        /// A number of things.
        Count = "count",
        /// A length of time.
        Duration = "duration",
        /// A part of a whole.
        Share = "share",
        /// Millijoules.
        Energy = "millijoules",
    }
}

/// A measured value, or a bound on one.
#[derive(Copy, Clone, PartialEq, PartialOrd, Debug)]
pub enum Value {
    /// A number of things.
    Count(u64),
    /// A length of time.
    Duration(Span),
    /// A part of a whole.
    Share(Share),
    /// Nanojoules.
    Energy(u64),
}

impl Value {
    /// Reads a bound for a metric of this unit: `3`, `"10m 8s"`, `"99%"`, `"2.5J"`, `"300mJ"`.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what would be right.
    pub fn read(unit: Unit, value: &Scalar) -> Result<Value, String> {
        match unit {
            Unit::Count => u32::read(value).map(|n| Value::Count(u64::from(n))),
            Unit::Duration => Span::read(value).map(Value::Duration),
            Unit::Share => Share::read(value).map(Value::Share),
            Unit::Energy => read_energy(value),
        }
    }
}

fn read_energy(value: &Scalar) -> Result<Value, String> {
    let wrong =
        || format!("expected an energy such as \"2.5J\" or \"300mJ\", found {}", value.what());
    let text = value.text().map_err(|_| wrong())?;
    let (number, unit) = match (text.strip_suffix("mJ"), text.strip_suffix('J')) {
        (Some(number), _) => (number, 1_000_000u64),
        (None, Some(number)) => (number, 1_000_000_000u64),
        (None, None) => return Err(wrong()),
    };
    let (whole, fraction) = number.trim().split_once('.').unwrap_or((number.trim(), "0"));
    let nanojoules = || -> Option<u64> {
        let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
        let scale = 10u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        whole.checked_add(fraction.parse::<u64>().ok()?.checked_mul(unit)? / scale)
    };
    nanojoules().map(Value::Energy).ok_or_else(wrong)
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Count(n) => n.fmt(f),
            Value::Duration(span) => span.fmt(f),
            Value::Share(share) => f.pad(&format!("{:.2}%", f64::from(share.ppm()) / 1e4)),
            Value::Energy(nanojoules) => f.pad(&format!("{:.2}J", *nanojoules as f64 / 1e9)),
        }
    }
}

/// One row of the table of metrics.
#[derive(Copy, Clone, Debug)]
pub struct MetricInfo {
    /// The metric.
    pub metric: Metric,
    /// What it is measured in.
    pub unit: Unit,
    /// What it means.
    pub doc: &'static str,
}

macro_rules! metrics {
    ($($(#[doc = $doc:literal])+ $unit:ident $text:literal $name:ident),+ $(,)?) => {
        words! {
            /// Something that is measured.
            pub enum Metric { $($(#[doc = $doc])+ $name = $text),+ }
        }

        impl Metric {
            /// All metrics with unit and meaning, in the order in which they are shown.
            pub const TABLE: &'static [MetricInfo] = &[$(MetricInfo {
                metric: Metric::$name, unit: Unit::$unit, doc: concat!($($doc),+),
            }),+];

            /// What the metric is measured in.
            pub const fn unit(self) -> Unit {
                match self { $(Metric::$name => Unit::$unit),+ }
            }
        }
    };
}

metrics! {
    /// The share of the time in which a push sent then would be received within the scenario's deadline.
    Share "reachable" Reachable,
    /// The longest stretch in which a push would not have been received in time.
    Duration "unreachable.longest" UnreachableLongest,
    /// The longest time from the death of a connection until the client knew.
    Duration "detection.client.max" DetectionClientMax,
    /// The mean of those times.
    Duration "detection.client.mean" DetectionClientMean,
    /// How many dead connections the client found out about.
    Count "detection.client.count" DetectionClientCount,
    /// The longest time from the death of a connection until the server knew.
    Duration "detection.server.max" DetectionServerMax,
    /// The mean of those times.
    Duration "detection.server.mean" DetectionServerMean,
    /// How many dead connections the server found out about.
    Count "detection.server.count" DetectionServerCount,
    /// Connections that died and that the client had not noticed when the run ended.
    Count "detection.client.missed" DetectionClientMissed,
    /// Pushes the server accepted.
    Count "push.accepted" PushAccepted,
    /// Different pushes the app has read.
    Count "push.received" PushReceived,
    /// Different pushes the user was shown.
    Count "push.notified" PushNotified,
    /// Pushes the app had already and read again.
    Count "push.duplicates" PushDuplicates,
    /// Pushes the server gave up on.
    Count "push.dropped" PushDropped,
    /// Accepted pushes the app had not read when the run ended.
    Count "push.missing" PushMissing,
    /// The longest time from acceptance to reading.
    Duration "push.latency.max" PushLatencyMax,
    /// The mean of those times.
    Duration "push.latency.mean" PushLatencyMean,
    /// Stretches of run time given to the suspended app.
    Count "wakes" Wakes,
    /// The most wakes within the platform's window.
    Count "wakes.peak" WakesPeak,
    /// The share of the time in which the app ran in background.
    Share "awake" Awake,
    /// How often the keep-alive handler was called.
    Count "keep-alive.fired" KeepAliveFired,
    /// The longest time a keep-alive handler took to return.
    Duration "keep-alive.handler.max" KeepAliveHandlerMax,
    /// Terminations by the system.
    Count "kills" Kills,
    /// Processes started after the first.
    Count "relaunches" Relaunches,
    /// Connections the app made or tried to make.
    Count "connects" Connects,
    /// Segments that carried a frame, in both directions.
    Count "segments" Segments,
    /// Energy of the radio above idle.
    Energy "energy.radio" EnergyRadio,
    /// Energy of the processor while the app ran in background.
    Energy "energy.cpu" EnergyCpu,
    /// Both, as a part of the battery, for each day.
    Share "battery.per-day" BatteryPerDay,
}
