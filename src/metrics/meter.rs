//! The meter: watches one run, device by device, and sums up.

use std::collections::BTreeMap;

use super::outage::Outages;
use super::pushes::Pushes;
use super::reach::Reach;
use super::{Delays, Metric, PushRecord, Value};
use crate::platform::Profile;
use crate::port::{AppState, PushId, Span, Time};
use crate::settings::Share;
use crate::trace::{Event, KillCode, KillRule, LeaseReason, Observer, What};

/// What one device did so far.
#[derive(Clone, Debug)]
struct DeviceMeter {
    reach: Reach,
    outages: Outages,
    pushes: Pushes,
    background_since: Option<Time>,
    counts: Counts,
}

/// Plain sums and maxima.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
struct Counts {
    wakes: u64,
    wakes_peak: u64,
    awake: Span,
    keep_alive_fired: u64,
    keep_alive_handler_max: Span,
    kills: u64,
    processes: u64,
    connects: u64,
    segments: u64,
    radio_nanojoules: u64,
    logical_events: u64,
}

/// A termination by the system.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct KillRecord {
    /// When.
    pub at: Time,
    /// On which device.
    pub device: u32,
    /// With which code.
    pub code: KillCode,
    /// By which rule.
    pub rule: KillRule,
}

/// Measures the devices of one world from their events.
#[derive(Clone, Debug)]
pub struct Meter {
    first: u32,
    devices: Vec<DeviceMeter>,
    first_kill: Option<KillRecord>,
    /// When the server went down last.
    server_down: Option<Time>,
}

impl Meter {
    /// A meter for `devices` devices from number `first` on. `forgiven` is how long a push may wait for a
    /// connection; zero where the server keeps nothing. With `keep_pushes` every push's fate is kept.
    pub fn new(first: u32, devices: u32, forgiven: Span, keep_pushes: bool) -> Meter {
        let device = DeviceMeter {
            reach: Reach::new(forgiven),
            outages: Outages::default(),
            pushes: Pushes::keeping_all(keep_pushes),
            background_since: None,
            counts: Counts::default(),
        };
        Meter {
            first,
            devices: vec![device; devices as usize],
            first_kill: None,
            server_down: None,
        }
    }

    /// The run is over at `at`; `radio` is the energy of each device's radio in nanojoules, in order.
    pub fn finish(&mut self, at: Time, radio: impl IntoIterator<Item = u64>) {
        for (device, nanojoules) in self.devices.iter_mut().zip(radio) {
            device.reach.finish(at);
            device.outages.finish();
            if let Some(since) = device.background_since.take() {
                device.counts.awake += at.since(since);
            }
            device.counts.radio_nanojoules = nanojoules;
        }
    }

    /// The run goes on after `at`: what its metrics that [never shrink](Metric::never_shrinks) come to at the
    /// least. To be called before [`Meter::finish`].
    pub fn at_least(&self, at: Time) -> Meter {
        let mut least = self.clone();
        for device in &mut least.devices {
            // The last stretch of a gap is forgiven when it closes.
            device.reach.changed(true, at);
        }
        least
    }

    /// What became of each push on `device`.
    pub fn pushes(&self, device: u32) -> Option<&BTreeMap<PushId, PushRecord>> {
        let index = device.checked_sub(self.first)? as usize;
        self.devices.get(index).map(|device| device.pushes.records())
    }

    /// The sums over all devices, for a run that lasted `duration`.
    pub fn totals(&self, duration: Span, profile: &Profile) -> Totals {
        let mut totals = Totals::new(duration, profile);
        totals.first_kill = self.first_kill;
        for device in &self.devices {
            totals.merge(&Totals::of(device));
        }
        totals
    }
}

impl Observer for Meter {
    #[inline]
    fn event(&mut self, event: &Event) {
        let Some(index) = event.owner.checked_sub(self.first) else {
            if let What::ServerDown { .. } = event.what {
                self.server_down = Some(event.at);
            }
            return;
        };
        let Some(device) = self.devices.get_mut(index as usize) else { return };
        let at = event.at;
        match event.what {
            What::Reachable { reachable, .. } => device.reach.changed(reachable, at),
            What::State { from, to } => device.state(from, to, at),
            What::Wake { recent, .. } => {
                device.counts.wakes += 1;
                device.counts.wakes_peak = device.counts.wakes_peak.max(u64::from(recent));
            }
            What::Callback { name, .. } => {
                let counts = &mut device.counts;
                let timer = matches!(name, "keep-alive" | "timer");
                counts.logical_events += u64::from(timer);
                counts.keep_alive_fired += u64::from(name == "keep-alive");
            }
            What::CallbackReturned { name: "keep-alive", took } => {
                let longest = &mut device.counts.keep_alive_handler_max;
                *longest = (*longest).max(took);
            }
            What::LeaseEnded { reason: LeaseReason::KeepAliveHandler, held, .. } => {
                let longest = &mut device.counts.keep_alive_handler_max;
                *longest = (*longest).max(held);
            }
            What::Kill { code, rule } if rule != KillRule::ForceQuit => {
                device.counts.kills += 1;
                let device = event.owner;
                self.first_kill.get_or_insert(KillRecord { at, device, code, rule });
            }
            // What ends a process without a word is the system.
            What::ProcessGone {} => device.counts.kills += 1,
            What::ProcessStarted { .. } => device.counts.processes += 1,
            What::Connecting { .. } => device.counts.connects += 1,
            What::Sent { .. } => device.counts.segments += 1,
            What::Arrived { .. } => device.counts.logical_events += 1,
            What::ConnectionDead { connection, cause } => {
                let restart = self.server_down == Some(at);
                device.outages.died(connection, cause, at, restart);
            }
            What::ConnectionHealed { connection } => device.outages.healed(connection),
            What::ClientDisconnected { pair, .. } => device.outages.client_knows(pair, at),
            What::SessionClosed { connection, .. } | What::SideClosed { connection, .. } => {
                device.outages.server_knows(connection, at);
            }
            What::PushAccepted { push, .. } => device.pushes.accepted(push, at),
            What::PushReceived { push, .. } => device.pushes.received(push, at),
            What::Notified { push, .. } => device.pushes.notified(push, at),
            What::PushSent { push, .. } => device.pushes.written(push),
            What::PushDropped { push, .. } => device.pushes.dropped(push),
            What::PushAcknowledged { push } => device.pushes.acknowledged(push),
            // Everything else is measured through one of the events above, or is not measured.
            What::Step { .. }
            | What::PhaseBegan { .. }
            | What::ScreenLocked { .. }
            | What::Charger { .. }
            | What::VoiceCall { .. }
            | What::LowPowerMode { .. }
            | What::NotNotified { .. }
            | What::Kill { .. }
            | What::CallbackReturned { .. }
            | What::LeaseBegan { .. }
            | What::LeaseEnded { .. }
            | What::Exit { .. }
            | What::RelaunchPlanned { .. }
            | What::RelaunchRefused { .. }
            | What::KeepAliveRefused { .. }
            | What::KeepAliveUnscheduled { .. }
            | What::VoipTagIgnored { .. }
            | What::SystemLog { .. }
            | What::SocketReclaimed { .. }
            | What::DeviceSlept { .. }
            | What::DeviceWoke { .. }
            | What::Reboot { .. }
            | What::Booted { .. }
            | What::FirstUnlock { .. }
            | What::MemoryWarning { .. }
            | What::RanAgain { .. }
            | What::LegacyCall { .. }
            | What::VoipPush { .. }
            | What::CallReported { .. }
            | What::SetKeepAliveTimeout { .. }
            | What::ClearKeepAliveTimeout { .. }
            | What::BeginBackgroundTask { .. }
            | What::EndBackgroundTask { .. }
            | What::SetTimer { .. }
            | What::CancelTimer { .. }
            | What::Audio { .. }
            | What::Busy { .. }
            | What::BackingOff { .. }
            | What::PingTimedOut { .. }
            | What::PushDuplicate { .. }
            | What::GaveUp { .. }
            | What::ClientConnected { .. }
            | What::CreateStream { .. }
            | What::CreateStreamOver { .. }
            | What::Unschedule { .. }
            | What::CreateDatagramStream { .. }
            | What::CancelLocalNotification { .. }
            | What::SetServiceType { .. }
            | What::Schedule { .. }
            | What::Open { .. }
            | What::Close { .. }
            | What::Read { .. }
            | What::Write { .. }
            | What::StreamFailed { .. }
            | What::StreamUnheard { .. }
            | What::InterfaceChanged { .. }
            | What::AddressChanged { .. }
            | What::PathChanged { .. }
            | What::Conditions { .. }
            | What::InternetChanged { .. }
            | What::PortalChanged { .. }
            | What::DnsChanged { .. }
            | What::Established { .. }
            | What::ConnectFailed { .. }
            | What::Lost { .. }
            | What::Retransmitted { .. }
            | What::TimedOut { .. }
            | What::Ended { .. }
            | What::NatForgot { .. }
            | What::ServerDown { .. }
            | What::ServerUp { .. }
            | What::SessionOpened { .. }
            | What::SideOpened { .. }
            | What::PushResent { .. }
            | What::PushCancelled { .. }
            | What::Media { .. }
            | What::Heartbeat { .. }
            | What::ServerPing { .. }
            | What::ServerPong { .. } => {}
        }
    }
}

impl DeviceMeter {
    #[inline]
    fn state(&mut self, from: AppState, to: AppState, at: Time) {
        if from == AppState::Background
            && let Some(since) = self.background_since.take()
        {
            self.counts.awake += at.since(since);
        }
        match to {
            AppState::Background => self.background_since = Some(at),
            AppState::NotRunning => self.outages.process_ended(),
            AppState::Inactive | AppState::Active | AppState::Suspended => {}
        }
    }
}

/// The sums over some devices; merges with the sums over others.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    duration: Span,
    devices: u64,
    cpu_milliwatts: u64,
    battery_nanojoules: u64,
    unreachable: Span,
    unreachable_longest: Span,
    /// How soon clients found out.
    pub client: Delays,
    /// Those that a restart of the server began.
    pub restart: Delays,
    /// The others.
    pub outage: Delays,
    /// How soon the server found out.
    pub server: Delays,
    /// Dead connections that clients had not noticed when the run ended.
    pub missed: u64,
    /// Those in which the server had forgotten the connection.
    pub missed_restart: u64,
    latency: Delays,
    accepted: u64,
    received: u64,
    notified: u64,
    duplicates: u64,
    dropped: u64,
    missing: u64,
    counts: Counts,
    /// The first termination by the system.
    pub first_kill: Option<KillRecord>,
}

impl Totals {
    /// Nothing yet.
    fn new(duration: Span, profile: &Profile) -> Totals {
        Totals {
            duration,
            cpu_milliwatts: u64::from(profile.cpu_awake.0),
            battery_nanojoules: u64::from(profile.battery.0) * 1_000_000_000,
            ..Totals::default()
        }
    }

    /// What one device did, to be merged.
    fn of(device: &DeviceMeter) -> Totals {
        let DeviceMeter { reach, outages, pushes, counts, background_since: _ } = device;
        Totals {
            devices: 1,
            unreachable: reach.unreachable,
            unreachable_longest: reach.longest,
            client: outages.client,
            restart: outages.restart,
            outage: outages.outage,
            server: outages.server,
            missed: outages.missed,
            missed_restart: outages.missed_restart,
            latency: pushes.latency,
            accepted: pushes.accepted,
            received: pushes.received,
            notified: pushes.notified,
            duplicates: pushes.duplicates,
            dropped: pushes.dropped,
            missing: pushes.missing(),
            counts: *counts,
            ..Totals::default()
        }
    }

    /// Adds the sums over other devices of the same run.
    pub fn merge(&mut self, other: &Totals) {
        self.devices += other.devices;
        self.unreachable += other.unreachable;
        self.unreachable_longest = self.unreachable_longest.max(other.unreachable_longest);
        self.client.merge(&other.client);
        self.restart.merge(&other.restart);
        self.outage.merge(&other.outage);
        self.server.merge(&other.server);
        self.missed += other.missed;
        self.missed_restart += other.missed_restart;
        self.latency.merge(&other.latency);
        self.accepted += other.accepted;
        self.received += other.received;
        self.notified += other.notified;
        self.duplicates += other.duplicates;
        self.dropped += other.dropped;
        self.missing += other.missing;
        self.counts.merge(&other.counts);
        self.first_kill = match (self.first_kill, other.first_kill) {
            (Some(a), Some(b)) => Some(if b.at < a.at { b } else { a }),
            (a, b) => a.or(b),
        };
    }

    /// Timer firings of the clients and arrivals of frames: what simulators are compared by.
    pub fn logical_events(&self) -> u64 {
        self.counts.logical_events
    }

    /// The value of a metric that counts things; 0 for any other.
    pub fn count(&self, metric: Metric) -> u64 {
        match self.value(metric) {
            Some(Value::Count(n)) => n,
            Some(Value::Duration(_) | Value::Share(_) | Value::Energy(_)) | None => 0,
        }
    }

    /// The value of a metric that is a share; `None` for any other, and when nothing happened.
    pub fn share(&self, metric: Metric) -> Option<Share> {
        match self.value(metric)? {
            Value::Share(share) => Some(share),
            Value::Count(_) | Value::Duration(_) | Value::Energy(_) => None,
        }
    }

    /// The value of a metric; `None` when nothing happened that it could measure.
    pub fn value(&self, metric: Metric) -> Option<Value> {
        let counts = &self.counts;
        let whole = self.duration.saturating_mul(self.devices);
        let part = |span: Span| Share::of(span.as_micros(), whole.as_micros());
        let cpu = counts.awake.as_micros().saturating_mul(self.cpu_milliwatts);
        let some_delay =
            |delays: &Delays| (delays.count > 0).then_some(Value::Duration(delays.max));
        let mean_delay = |delays: &Delays| delays.mean().map(Value::Duration);
        Some(match metric {
            Metric::Reachable => {
                Value::Share(Share::from_ppm(1_000_000 - part(self.unreachable).ppm()))
            }
            Metric::UnreachableLongest => Value::Duration(self.unreachable_longest),
            Metric::DetectionClientMax => return some_delay(&self.client),
            Metric::DetectionClientMean => return mean_delay(&self.client),
            Metric::DetectionClientCount => Value::Count(self.client.count),
            Metric::DetectionServerMax => return some_delay(&self.server),
            Metric::DetectionServerMean => return mean_delay(&self.server),
            Metric::DetectionServerCount => Value::Count(self.server.count),
            Metric::DetectionClientMissed => Value::Count(self.missed),
            Metric::PushAccepted => Value::Count(self.accepted),
            Metric::PushReceived => Value::Count(self.received),
            Metric::PushNotified => Value::Count(self.notified),
            Metric::PushDuplicates => Value::Count(self.duplicates),
            Metric::PushDropped => Value::Count(self.dropped),
            Metric::PushMissing => Value::Count(self.missing),
            Metric::PushLatencyMax => return some_delay(&self.latency),
            Metric::PushLatencyMean => return mean_delay(&self.latency),
            Metric::Wakes => Value::Count(counts.wakes),
            Metric::WakesPeak => Value::Count(counts.wakes_peak),
            Metric::Awake => Value::Share(part(counts.awake)),
            Metric::KeepAliveFired => Value::Count(counts.keep_alive_fired),
            Metric::KeepAliveHandlerMax => {
                return (counts.keep_alive_fired > 0)
                    .then_some(Value::Duration(counts.keep_alive_handler_max));
            }
            Metric::Kills => Value::Count(counts.kills),
            Metric::Relaunches => Value::Count(counts.processes.saturating_sub(self.devices)),
            Metric::Connects => Value::Count(counts.connects),
            Metric::Segments => Value::Count(counts.segments),
            Metric::EnergyRadio => Value::Energy(counts.radio_nanojoules),
            Metric::EnergyCpu => Value::Energy(cpu),
            Metric::BatteryPerDay => {
                let spent = u128::from(counts.radio_nanojoules) + u128::from(cpu);
                let days = u128::from(whole.as_micros());
                let day = 86_400_000_000u128;
                let battery = u128::from(self.battery_nanojoules.max(1));
                let ppm = spent * day * 1_000_000 / (days.max(1) * battery);
                Value::Share(Share::from_ppm(ppm.min(1_000_000) as u32))
            }
        })
    }
}

impl Counts {
    fn merge(&mut self, other: &Counts) {
        self.wakes += other.wakes;
        self.wakes_peak = self.wakes_peak.max(other.wakes_peak);
        self.awake += other.awake;
        self.keep_alive_fired += other.keep_alive_fired;
        self.keep_alive_handler_max = self.keep_alive_handler_max.max(other.keep_alive_handler_max);
        self.kills += other.kills;
        self.processes += other.processes;
        self.connects += other.connects;
        self.segments += other.segments;
        self.radio_nanojoules = self.radio_nanojoules.saturating_add(other.radio_nanojoules);
        self.logical_events += other.logical_events;
    }
}
