//! A scenario, read and checked: plain data that the `run` room plays.

use std::ops::Range;

use super::location::Location;
use crate::client::Strategy;
use crate::net::{Access, Conditions, Portal, Resolver};
use crate::platform::{Manifest, Profile};
use crate::port::{Interface, PushId, Span, Time, words};
use crate::server::{DropHow, ServerOptions};
use crate::settings::{Dist, Layer};
use crate::trace::{Names, Pattern, RestartKind};

words! {
    /// Where a scenario can be played.
    pub enum World {
        /// Everything is simulated, in virtual time.
        Sim = "sim",
        /// Real sockets and a real server, under the model of iOS.
        Live = "live",
        /// A phone.
        Device = "device",
    }
}

/// A situation: who is in it, what happens, and what is expected.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name, one line.
    pub name: String,
    /// What it shows.
    pub shows: String,
    /// Why that happens.
    pub why: String,
    /// What to do instead.
    pub instead: String,
    /// Which of the scenarios of its file it is: the keys of `[vary]` with their values.
    pub variant: Vec<(String, String)>,
    /// Where it makes sense.
    pub worlds: Vec<World>,
    /// Under how many seeds it is played, from `seed` on.
    pub runs: u64,
    /// The seed of all chance in it.
    pub seed: u64,
    /// How long it is simulated.
    pub duration: Span,
    /// Its phases, if it has them; together they are as long as the run.
    pub phases: Option<Phases>,
    /// A push counts as deliverable when it would be received within this.
    pub deadline: Span,
    /// How many devices there are, all alike but for their luck.
    pub devices: u32,
    /// The platform, with the scenario's overrides.
    pub platform: Layer<Profile>,
    /// What the app is.
    pub manifest: Manifest,
    /// The networks, with the scenario's overrides.
    pub network: NetworkSetup,
    /// The client's strategy, with the scenario's overrides.
    pub client: Layer<Strategy>,
    /// The server's options, with the scenario's overrides.
    pub server: Layer<ServerOptions>,
    /// What happens.
    pub steps: Vec<Step>,
    /// What is expected.
    pub expects: Vec<Expect>,
    /// The names of the pushes its steps send.
    pub names: Names,
}

/// The two phases of a run: faults act, then everything is whole and has to come to rest.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Phases {
    /// How long faults act. At its end everything heals: see [`World::heal`](crate::sim::World::heal).
    pub safety: Span,
    /// How long the run goes on from there, without faults.
    pub liveness: Span,
}

/// The networks of a scenario.
#[derive(Clone, Debug)]
pub struct NetworkSetup {
    /// The interface that carries traffic at the beginning.
    pub initial: Interface,
    /// What Wi-Fi is like.
    pub wifi: Layer<Access>,
    /// What the cellular network is like.
    pub cellular: Layer<Access>,
    /// What was recorded elsewhere and happens here.
    pub trace: Option<Connectivity>,
}

/// A connectivity trace: rows in the order of their times, which are all different.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Connectivity {
    /// The rows, one at least.
    pub rows: Vec<ConnectivityRow>,
}

/// One row of a connectivity trace.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct ConnectivityRow {
    /// From when on it holds.
    pub at: Time,
    /// What holds until the next row.
    pub conditions: Conditions,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// The name other steps call it by.
    pub id: Option<String>,
    /// When it acts.
    pub when: When,
    /// On which device, counted from 1; on every one when absent. Server-wide acts have none.
    pub device: Option<u32>,
    /// What it does.
    pub act: Act,
    /// How long what it begins lasts, where that varies: drawn when it acts. The act has the median.
    pub lasts: Option<Dist>,
    /// Where it stands in the file, in bytes.
    pub span: Range<usize>,
}

/// When a step acts.
#[derive(Clone, PartialEq, Debug)]
pub enum When {
    /// At a time, counted from the beginning.
    At(Dist),
    /// A while after an event has happened.
    After {
        /// The event.
        event: Pattern,
        /// Only counts after this step, by its place in the list, has acted.
        since: Option<usize>,
        /// How long after the event; at least a microsecond passes.
        by: Dist,
    },
    /// Again and again.
    Every {
        /// From one time to the next, drawn anew each time.
        period: Gap,
        /// The first time; one gap in when absent.
        from: Option<Dist>,
        /// No more from here on.
        until: Option<Time>,
    },
}

/// From one act of a step to the next. It is never zero, so that time goes on.
#[derive(Clone, PartialEq, Debug)]
pub struct Gap(pub(super) Dist);

impl Gap {
    /// A gap from a distribution without bounds is at least this long.
    pub const SHORTEST: Span = Span::from_millis(1);

    /// The gap that belongs to `draw`, a uniform value over all of `u64`.
    pub fn sample(&self, draw: u64) -> Span {
        self.at_least(self.0.sample(draw))
    }

    /// Half of all gaps are this or shorter.
    pub fn median(&self) -> Span {
        self.at_least(self.0.median())
    }

    /// How it is distributed; what is shorter than [`Gap::SHORTEST`] is lengthened to that.
    pub fn dist(&self) -> &Dist {
        &self.0
    }

    fn at_least(&self, gap: Span) -> Span {
        if self.0.most().is_none() { gap.max(Gap::SHORTEST) } else { gap }
    }
}

impl Step {
    /// Whether a repeated step still acts at `at`; others are not ended by the time.
    pub fn goes_on_at(&self, at: Time) -> bool {
        match &self.when {
            When::Every { until, .. } => until.is_none_or(|until| at < until),
            When::At(_) | When::After { .. } => true,
        }
    }

    /// Whether anything about it is drawn when it is played.
    pub fn varies(&self) -> bool {
        let varies = |dist: &Dist| dist.constant().is_none();
        self.lasts.is_some()
            || match &self.when {
                When::At(at) => varies(at),
                When::After { by, .. } => varies(by),
                When::Every { period, from, .. } => {
                    varies(period.dist()) || from.as_ref().is_some_and(varies)
                }
            }
    }
}

/// What a step does.
#[derive(Copy, Clone, PartialEq, Debug)]
pub enum Act {
    /// The user leaves the app.
    UserBackground,
    /// The user opens the app.
    UserForeground,
    /// The user locks the screen; the app goes to the background if it was on screen.
    UserLock,
    /// The user unlocks the screen; the app that was on screen comes back.
    UserUnlock,
    /// The user removes the app from the app switcher.
    UserForceQuit,
    /// The user removes another app from the app switcher.
    UserForceQuitOther,
    /// The user allows or forbids notifications.
    UserNotifications {
        /// Whether they are shown.
        allowed: bool,
    },
    /// The user switches low-power mode.
    UserLowPower {
        /// Whether it is on.
        on: bool,
    },
    /// The user sets the clock.
    UserSetClock {
        /// By how much, in microseconds; negative sets it back.
        by: i64,
    },
    /// The charger is plugged in or pulled out.
    PhoneCharger {
        /// Whether it is plugged in.
        connected: bool,
    },
    /// The screen goes on or off by itself, without a lock.
    PhoneScreen {
        /// Whether it is on.
        on: bool,
    },
    /// Something else on the phone keeps the device awake, or stops doing so.
    PhoneActivity {
        /// Whether there is such activity.
        on: bool,
    },
    /// Memory is short: apps that run are warned, suspended apps are killed when it is `critical`.
    PhoneMemoryPressure {
        /// Whether suspended apps are killed.
        critical: bool,
    },
    /// The app's memory is taken: it is killed in whatever state it is.
    PhoneMemoryKill,
    /// A telephone call begins or ends.
    PhoneVoiceCall {
        /// Whether the phone is in a call.
        on: bool,
    },
    /// The device boots again.
    PhoneReboot,
    /// The interface that carries traffic changes.
    NetworkSwitch {
        /// To which.
        to: Interface,
    },
    /// Airplane mode.
    NetworkAirplane {
        /// Whether it is on.
        on: bool,
    },
    /// The path swallows everything, or works again.
    NetworkSilence {
        /// Whether it is silent.
        on: bool,
        /// It heals by itself after so long.
        lasts: Option<Span>,
    },
    /// The phone's address changes under the same interface.
    NetworkReaddress,
    /// The Wi-Fi loses its way to the internet, or has it again.
    NetworkInternet {
        /// Whether the internet is there.
        on: bool,
    },
    /// A captive portal stands between the Wi-Fi and the internet, or lets pass.
    NetworkCaptivePortal {
        /// Whether it stands in the way.
        on: bool,
        /// What it does with new connections.
        how: Option<Portal>,
    },
    /// Names are not resolved any more, or again.
    NetworkDns {
        /// Whether they are resolved.
        on: bool,
        /// What becomes of a name meanwhile.
        how: Option<Resolver>,
    },
    /// The NAT forgets every connection.
    NetworkNatForget,
    /// A push is sent.
    ServerPush {
        /// Which one.
        push: PushId,
        /// How long it is worth delivering; the server's default when absent.
        ttl: Option<Span>,
    },
    /// A push is withdrawn.
    ServerCancel {
        /// Which one.
        push: PushId,
    },
    /// The server sends a media stream, or stops.
    ServerMedia {
        /// Whether it does.
        on: bool,
        /// It stops by itself after so long.
        lasts: Option<Span>,
    },
    /// The server goes down and comes back.
    ServerRestart {
        /// What it looks like.
        how: RestartKind,
        /// For how long.
        down_for: Span,
    },
    /// The server drops the device's connection.
    ServerDrop {
        /// How.
        how: DropHow,
    },
    /// The app exits.
    AppExit {
        /// With this code; other than zero is a crash.
        code: i32,
    },
    /// The app begins or ends to play or record sound.
    AppAudio {
        /// Whether it does.
        on: bool,
    },
    /// The app's main thread hangs.
    AppHang {
        /// For how long.
        lasts: Span,
    },
}

/// One expectation.
#[derive(Clone, Debug)]
pub struct Expect {
    /// What is expected.
    pub that: Expectation,
    /// Whether it is enough that it is met in one of many runs.
    pub sometimes: bool,
    /// Where it stands among the texts of all its files, in bytes.
    pub span: Range<usize>,
    /// Where it stands, for people.
    pub location: Location,
    /// Its text, for messages.
    pub text: String,
}

/// What can be expected.
#[derive(Clone, PartialEq, Debug)]
pub enum Expectation {
    /// A push is read by the app, within a span of being sent.
    PushReceived {
        /// Which one.
        push: PushId,
        /// How soon.
        within: Option<Span>,
    },
    /// A push is shown to the user, within a span of being sent.
    PushNotified {
        /// Which one.
        push: PushId,
        /// How soon.
        within: Option<Span>,
    },
    /// A push is never read by the app, or not within a span of being sent.
    PushLost {
        /// Which one.
        push: PushId,
        /// Not even within this.
        within: Option<Span>,
    },
    /// An event happens so many times.
    Event {
        /// Which.
        event: Pattern,
        /// At least this often; once when neither bound is given.
        min: u64,
        /// At most this often.
        max: Option<u64>,
        /// Only events from here on count.
        from: Time,
        /// Only events before this count.
        until: Option<Time>,
    },
    /// Events happen in this order.
    Order {
        /// Which, one after the other.
        events: Vec<Pattern>,
        /// From the first to the last of them.
        within: Option<Span>,
    },
    /// A measured value lies within bounds.
    Metric {
        /// Which.
        metric: crate::metrics::Metric,
        /// At least.
        min: Option<crate::metrics::Value>,
        /// At most.
        max: Option<crate::metrics::Value>,
    },
    /// After everything has healed the device becomes reachable and is owed no push from before.
    Converges {
        /// How soon.
        within: Span,
    },
}
