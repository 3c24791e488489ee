//! What is measured: one row each.

/// One thing that is measured.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Row {
    Anonymous,
    Resident,
    AnonymousAfter,
    Connects,
    ConnectLatency99,
    ConnectProcessor,
    OneToAll,
    OneToAllLatency50,
    OneToAllLatency99,
    OneToAllProcessor,
    OneToOne,
    OneToOneLatency50,
    OneToOneLatency99,
    OneToOneProcessor,
    Pings,
    PingLatency50,
    PingLatency99,
    PingsAtOnce,
    PingsAtOnceLatency99,
    GeneratorShare,
}

/// What a row's numbers are.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Unit {
    Bytes,
    PerSecond,
    Microseconds,
    Percent,
}

impl Unit {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Unit::Bytes => "bytes",
            Unit::PerSecond => "1/s",
            Unit::Microseconds => "us",
            Unit::Percent => "%",
        }
    }
}

use Unit::{Bytes, Microseconds, PerSecond, Percent};

const ROWS: [(Row, &str, &str, Unit); 20] = [
    (Row::Anonymous, "memory", "memory per idle connection", Bytes),
    (Row::Resident, "memory-resident", "  resident, files included", Bytes),
    (Row::AnonymousAfter, "memory-after-deliveries", "  after deliveries to all", Bytes),
    (Row::Connects, "connects", "connects", PerSecond),
    (Row::ConnectLatency99, "connects-p99", "  p99", Microseconds),
    (Row::ConnectProcessor, "connects-cpu", "  server's CPU each", Microseconds),
    (Row::OneToAll, "one-to-all", "deliveries, one to all", PerSecond),
    (Row::OneToAllLatency50, "one-to-all-p50", "  p50 since it was published", Microseconds),
    (Row::OneToAllLatency99, "one-to-all-p99", "  p99", Microseconds),
    (Row::OneToAllProcessor, "one-to-all-cpu", "  server's CPU each", Microseconds),
    (Row::OneToOne, "one-to-one", "deliveries, one to one", PerSecond),
    (Row::OneToOneLatency50, "one-to-one-p50", "  p50", Microseconds),
    (Row::OneToOneLatency99, "one-to-one-p99", "  p99", Microseconds),
    (Row::OneToOneProcessor, "one-to-one-cpu", "  server's CPU each", Microseconds),
    (Row::Pings, "pings", "pings, one at a time", PerSecond),
    (Row::PingLatency50, "pings-p50", "  p50", Microseconds),
    (Row::PingLatency99, "pings-p99", "  p99", Microseconds),
    (Row::PingsAtOnce, "pings-at-once", "pings, several at once", PerSecond),
    (Row::PingsAtOnceLatency99, "pings-at-once-p99", "  p99", Microseconds),
    (Row::GeneratorShare, "generator-cpu", "generator's share of CPU, one to all", Percent),
];

impl Row {
    /// All of them, in the order in which they are shown: the row, its key, its name, its unit.
    pub(super) const fn all() -> &'static [(Row, &'static str, &'static str, Unit)] {
        &ROWS
    }
}
