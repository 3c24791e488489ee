//! The list of metrics: name, unit, meaning.

use std::cmp::Ordering;

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

words! {
    /// Which values of a metric are better, when two runs of the same situation are compared.
    pub enum Better {
        /// More is better.
        Higher = "higher",
        /// Less is better: it is late, lost, or costs something.
        Lower = "lower",
        /// Neither: it only says how much there was of something.
        Neither = "neither",
    }
}

impl Better {
    /// Whether `value` is better than `other` (`Less`) or worse (`Greater`). `None` when neither can be said.
    pub fn rank(self, value: Value, other: Value) -> Option<Ordering> {
        match self {
            Better::Higher => other.partial_cmp(&value),
            Better::Lower => value.partial_cmp(&other),
            Better::Neither => None,
        }
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
    /// The value as a number: things, microseconds, millionths or nanojoules.
    pub fn number(self) -> u64 {
        match self {
            Value::Count(n) | Value::Energy(n) => n,
            Value::Duration(span) => span.as_micros(),
            Value::Share(share) => u64::from(share.ppm()),
        }
    }

    /// The value of this unit that is `number` things, microseconds, millionths or nanojoules.
    pub fn of(unit: Unit, number: u64) -> Value {
        match unit {
            Unit::Count => Value::Count(number),
            Unit::Duration => Value::Duration(Span::from_micros(number)),
            Unit::Share => Value::Share(Share::from_ppm(u32::try_from(number).unwrap_or(u32::MAX))),
            Unit::Energy => Value::Energy(number),
        }
    }

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
    /// Which values are better.
    pub better: Better,
    /// What it means.
    pub doc: &'static str,
}

macro_rules! metrics {
    ($($(#[doc = $doc:literal])+ $unit:ident $better:ident $text:literal $name:ident),+ $(,)?) => {
        words! {
            /// Something that is measured.
            pub enum Metric { $($(#[doc = $doc])+ $name = $text),+ }
        }

        impl Metric {
            /// All metrics with unit and meaning, in the order in which they are shown.
            pub const TABLE: &'static [MetricInfo] = &[$(MetricInfo {
                metric: Metric::$name, unit: Unit::$unit, better: Better::$better,
                doc: concat!($($doc),+),
            }),+];

            /// Which values of the metric are better.
            pub const fn better(self) -> Better {
                match self { $(Metric::$name => Better::$better),+ }
            }

            /// What the metric is measured in.
            pub const fn unit(self) -> Unit {
                match self { $(Metric::$name => Unit::$unit),+ }
            }
        }
    };
}

metrics! {
    /// The share of the time in which a push sent then would be received within the scenario's deadline.
    Share Higher "reachable" Reachable,
    /// The longest stretch in which a push would not have been received in time.
    Duration Lower "unreachable.longest" UnreachableLongest,
    /// The longest time from the death of a connection until the client knew.
    Duration Lower "detection.client.max" DetectionClientMax,
    /// The mean of those times.
    Duration Lower "detection.client.mean" DetectionClientMean,
    /// How many dead connections the client found out about.
    Count Neither "detection.client.count" DetectionClientCount,
    /// The longest time from the death of a connection until the server knew.
    Duration Lower "detection.server.max" DetectionServerMax,
    /// The mean of those times.
    Duration Lower "detection.server.mean" DetectionServerMean,
    /// How many dead connections the server found out about.
    Count Neither "detection.server.count" DetectionServerCount,
    /// Connections that died and that the client had not noticed when the run ended.
    Count Lower "detection.client.missed" DetectionClientMissed,
    /// Pushes the server accepted.
    Count Neither "push.accepted" PushAccepted,
    /// Different pushes the app has read.
    Count Higher "push.received" PushReceived,
    /// Different pushes the user was shown.
    Count Higher "push.notified" PushNotified,
    /// Pushes the app had already and read again.
    Count Lower "push.duplicates" PushDuplicates,
    /// Pushes the server gave up on.
    Count Lower "push.dropped" PushDropped,
    /// Accepted pushes the app had not read when the run ended.
    Count Lower "push.missing" PushMissing,
    /// The longest time from acceptance to reading.
    Duration Lower "push.latency.max" PushLatencyMax,
    /// The mean of those times.
    Duration Lower "push.latency.mean" PushLatencyMean,
    /// Stretches of run time given to the suspended app.
    Count Lower "wakes" Wakes,
    /// The most wakes within the platform's window.
    Count Lower "wakes.peak" WakesPeak,
    /// The share of the time in which the app ran in background.
    Share Lower "awake" Awake,
    /// How often the keep-alive handler was called.
    Count Neither "keep-alive.fired" KeepAliveFired,
    /// The longest time a keep-alive handler took to return.
    Duration Lower "keep-alive.handler.max" KeepAliveHandlerMax,
    /// Terminations by the system.
    Count Lower "kills" Kills,
    /// Processes started after the first.
    Count Neither "relaunches" Relaunches,
    /// Connections the app made or tried to make.
    Count Lower "connects" Connects,
    /// Segments that carried a frame, in both directions.
    Count Lower "segments" Segments,
    /// Energy of the radio above idle.
    Energy Lower "energy.radio" EnergyRadio,
    /// Energy of the processor while the app ran in background.
    Energy Lower "energy.cpu" EnergyCpu,
    /// Both, as a part of the battery, for each day.
    Share Lower "battery.per-day" BatteryPerDay,
}

impl Metric {
    /// Whether its value can only grow while a run goes on: a number of what has happened, the longest of several
    /// times, energy spent. Means and shares do both, and so does what is still missing.
    pub const fn never_shrinks(self) -> bool {
        match self {
            Metric::UnreachableLongest
            | Metric::DetectionClientMax
            | Metric::DetectionClientCount
            | Metric::DetectionServerMax
            | Metric::DetectionServerCount
            | Metric::PushAccepted
            | Metric::PushReceived
            | Metric::PushNotified
            | Metric::PushDuplicates
            | Metric::PushDropped
            | Metric::PushLatencyMax
            | Metric::Wakes
            | Metric::WakesPeak
            | Metric::KeepAliveFired
            | Metric::KeepAliveHandlerMax
            | Metric::Kills
            | Metric::Relaunches
            | Metric::Connects
            | Metric::Segments
            | Metric::EnergyRadio
            | Metric::EnergyCpu => true,
            Metric::Reachable
            | Metric::DetectionClientMean
            | Metric::DetectionServerMean
            | Metric::DetectionClientMissed
            | Metric::PushMissing
            | Metric::PushLatencyMean
            | Metric::Awake
            | Metric::BatteryPerDay => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_is_better_where_a_metric_says_so_and_more_elsewhere() {
        let (two, three) = (Value::Count(2), Value::Count(3));
        assert_eq!(Metric::Kills.better().rank(two, three), Some(Ordering::Less));
        assert_eq!(Metric::PushReceived.better().rank(two, three), Some(Ordering::Greater));
        assert_eq!(Metric::PushAccepted.better().rank(two, three), None);
    }

    #[test]
    fn a_value_comes_back_from_its_number() {
        for row in Metric::TABLE {
            assert_eq!(Value::of(row.unit, 1_234).number(), 1_234);
        }
    }
}
