//! What can be read of a phone while it runs: what is due, what it holds, and how its sockets are. Nothing here
//! changes anything, and every time is the one that the rule itself goes by.

use super::streams::{Link, Pair};
use super::{Gate, Lease, Os};
use crate::platform::Profile;
use crate::port::{
    AppState, Clock, Interface, LaunchReason, ServiceType, Side, Span, Time, TimerId, Transport,
};
use crate::trace::{ConnectionEnd, KillRule, LeaseReason, Unheard};

/// Something that is due on the phone.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Due {
    /// When.
    pub at: Time,
    /// What.
    pub what: Timer,
}

/// What is due on the phone.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Timer {
    /// The main thread is free again; only while the app runs.
    MainThread,
    /// A timer of the app; fires only while the app runs.
    App {
        /// Its number.
        id: TimerId,
        /// The clock it runs on.
        clock: Clock,
    },
    /// The keep-alive handler is called.
    KeepAlive {
        /// The timeout that the app asked for.
        timeout: Span,
    },
    /// The expiration handlers of the background tasks are called.
    TaskWarning,
    /// A lease's budget is used up.
    LeaseEnds(LeaseReason),
    /// A watchdog ends the process.
    Watchdog(KillRule),
    /// The untagged sockets of the suspended app are taken away.
    Reclaim,
    /// The process is started.
    Launch(LaunchReason),
    /// The process, which was told that it ends, is ended.
    Termination(KillRule),
    /// The device is up again.
    Booted,
    /// The device falls asleep.
    DeviceSleeps,
}

/// The device around the app.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct DeviceSeen {
    /// The interface that the phone knows to carry traffic.
    pub interface: Interface,
    /// Whether the screen is locked.
    pub locked: bool,
    /// Whether the screen is on.
    pub screen: bool,
    /// Whether the charger is plugged in.
    pub charger: bool,
    /// Whether low-power mode is on.
    pub low_power: bool,
    /// Whether the user allows notifications.
    pub notifications: bool,
    /// Since when the device sleeps.
    pub asleep_since: Option<Time>,
    /// When it is up again, while it boots.
    pub boot_ends: Option<Time>,
    /// When it falls asleep if nothing happens.
    pub falls_asleep: Option<Time>,
}

/// How many wakes the app has left.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct WakeBudget {
    /// Wakes within the window.
    pub recent: u32,
    /// More than these end the app; `None` is without a limit.
    pub limit: Option<u32>,
    /// The length of the window.
    pub window: Span,
    /// When the next of the wakes that count now counts no more.
    pub next_leaves: Option<Time>,
}

/// What the phone's kernel holds under a pair of streams.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum SocketSeen {
    /// Nothing: the streams were not opened.
    Unopened,
    /// A handshake.
    Connecting,
    /// A connection that it takes for alive.
    Established,
    /// Nothing that carries anything any more.
    Ended(ConnectionEnd),
}

/// One pair of streams that the app holds.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct PairSeen {
    /// Its number, which is the connection's.
    pub pair: u32,
    /// What it runs over.
    pub transport: Transport,
    /// The service type that the app gave it in time.
    pub service: ServiceType,
    /// Whether the system keeps its socket for the suspended app, and wakes the app for it.
    pub kept: bool,
    /// Whether the stream that is read is open.
    pub read_open: bool,
    /// Whether the stream that is written is open.
    pub write_open: bool,
    /// Why nobody is called when there is something to read.
    pub unheard: Option<Unheard>,
    /// What the kernel holds.
    pub socket: SocketSeen,
    /// Frames that the app has not read.
    pub unread_frames: u32,
    /// Their bytes.
    pub unread_bytes: u32,
}

impl PairSeen {
    fn of(pair: &Pair, profile: &Profile, gate: Gate) -> PairSeen {
        PairSeen {
            pair: pair.id,
            transport: pair.transport,
            service: pair.service(),
            kept: gate.watches(pair.service(), pair.transport, profile) == Ok(true),
            read_open: pair.is_open(Side::Read),
            write_open: pair.is_open(Side::Write),
            unheard: pair.hears(Side::Read).err(),
            socket: match pair.link {
                Link::Unopened => SocketSeen::Unopened,
                Link::Connecting => SocketSeen::Connecting,
                Link::Established => SocketSeen::Established,
                Link::Ended(how) => SocketSeen::Ended(how),
            },
            unread_frames: pair.received.len() as u32,
            unread_bytes: pair.received.iter().map(|frame| frame.wire_len()).sum(),
        }
    }
}

impl Os {
    /// Everything that is due, in no order. An app that does not run is not called by its own timers.
    pub fn dues(&self) -> Vec<Due> {
        let mut dues = Vec::new();
        let mut add = |at: Time, what: Timer| {
            if at != Time::NEVER {
                dues.push(Due { at, what });
            }
        };
        add(self.main.deadline(), Timer::MainThread);
        self.timers.all().for_each(|(id, at, clock)| add(at, Timer::App { id, clock }));
        let timeout = self.keep_alive.timeout();
        add(self.keep_alive.deadline(), Timer::KeepAlive { timeout });
        add(self.tasks.warning(), Timer::TaskWarning);
        for lease in self.leases.all() {
            add(lease.ends, Timer::LeaseEnds(lease.reason));
        }
        self.main.watchdogs().for_each(|(at, rule)| add(at, Timer::Watchdog(rule)));
        add(self.reclaim.deadline(), Timer::Reclaim);
        if let Some((at, reason)) = self.process.planned() {
            add(at, Timer::Launch(reason));
        }
        if let Some((at, rule)) = self.process.ends() {
            add(at, Timer::Termination(rule));
        }
        let device = self.device.seen();
        add(device.boot_ends.unwrap_or(Time::NEVER), Timer::Booted);
        add(device.falls_asleep.unwrap_or(Time::NEVER), Timer::DeviceSleeps);
        dues
    }

    /// Whether what is due happens at its time as the app is now: its own timers and its main thread wait until
    /// it runs.
    pub fn fires(&self, what: Timer) -> bool {
        match what {
            Timer::MainThread | Timer::App { .. } => self.state.runs(),
            Timer::KeepAlive { .. }
            | Timer::TaskWarning
            | Timer::LeaseEnds(_)
            | Timer::Watchdog(_)
            | Timer::Reclaim
            | Timer::Launch(_)
            | Timer::Termination(_)
            | Timer::Booted
            | Timer::DeviceSleeps => true,
        }
    }

    /// The reasons to run in background that the app holds.
    pub fn leases(&self) -> &[Lease] {
        self.leases.all()
    }

    /// What `backgroundTimeRemaining` says at `now`.
    pub fn background_time_remaining(&self, now: Time) -> Span {
        self.tasks.remaining(now)
    }

    /// How many background tasks the app holds.
    pub fn tasks_held(&self) -> usize {
        self.tasks.count()
    }

    /// Since when the app is suspended, while it is.
    pub fn suspended_since(&self) -> Option<Time> {
        (self.state == AppState::Suspended).then(|| self.suspension.since())
    }

    /// How many wakes the app has left at `now`.
    pub fn wake_budget(&self, now: Time, profile: &Profile) -> WakeBudget {
        WakeBudget {
            recent: self.wake_limit.recent(now, profile),
            limit: profile.wake_limit,
            window: profile.wake_limit_window,
            next_leaves: self.wake_limit.leaves(now, profile),
        }
    }

    /// The device around the app.
    pub fn device(&self) -> DeviceSeen {
        self.device.seen()
    }

    /// Until when the app's main thread is blocked, and in whose turn, if it is in one.
    pub fn main_thread(&self) -> (Option<Time>, Option<&'static str>) {
        let until = Some(self.main.deadline()).filter(|at| *at != Time::NEVER);
        (until, self.main.turn().map(|callback| callback.name()))
    }

    /// When the system starts the process again, and why.
    pub fn planned_launch(&self) -> Option<(Time, LaunchReason)> {
        self.process.planned()
    }

    /// Whether the user removed the app from the app switcher, so that the system does not start it.
    pub fn removed_by_user(&self) -> bool {
        self.process.is_removed()
    }

    /// The pairs of streams that the app holds.
    pub fn pairs<'a>(
        &'a self,
        profile: &'a Profile,
        gate: Gate,
    ) -> impl Iterator<Item = PairSeen> + 'a {
        self.streams.pairs.iter().map(move |pair| PairSeen::of(pair, profile, gate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::testing::Bench;

    fn at(bench: &Bench, what: Timer) -> Vec<Time> {
        let dues = bench.os.dues();
        dues.into_iter().filter(|due| due.what == what).map(|due| due.at).collect()
    }

    #[test]
    fn the_first_of_what_is_due_is_the_deadline_of_the_phone() {
        let mut bench = Bench::ios(9);
        bench.connect_voip_and_suspend();
        for _ in 0..20 {
            let fires = bench.os.dues().into_iter().filter(|due| bench.os.fires(due.what));
            let first = fires.map(|due| due.at).min().unwrap_or(Time::NEVER);
            assert_eq!(first, bench.os.deadline());
            bench.sleep(Span::from_secs(3));
            bench.data_arrives();
        }
    }

    #[test]
    fn a_lease_ends_when_it_was_said_to() {
        let mut bench = Bench::ios(9);
        bench.connect_voip_and_suspend();
        bench.sleep(Span::from_secs(60));
        bench.data_arrives();
        let what = Timer::LeaseEnds(LeaseReason::SocketWake);
        let [ends] = at(&bench, what)[..] else { panic!("one lease") };
        assert_eq!(ends, bench.os.leases()[0].ends);
        bench.sleep(ends.since(bench.now()).saturating_sub(Span::TICK));
        assert_eq!(bench.os.state(), AppState::Background);
        bench.sleep(Span::TICK);
        assert_eq!(bench.os.state(), AppState::Suspended);
        assert_eq!(at(&bench, what), []);
    }

    #[test]
    fn the_oldest_wake_leaves_the_window_when_it_was_said_to() {
        let mut bench = Bench::ios(9);
        bench.connect_voip_and_suspend();
        for _ in 0..2 {
            bench.sleep(Span::from_secs(30));
            bench.data_arrives();
            bench.run_until_suspended();
        }
        let budget = |bench: &Bench| bench.os.wake_budget(bench.now(), &bench.profile);
        let WakeBudget { recent, limit, next_leaves, .. } = budget(&bench);
        assert_eq!((recent, limit), (2, Some(15)));
        let leaves = next_leaves.expect("two wakes count");
        bench.sleep(leaves.since(bench.now()).saturating_sub(Span::TICK));
        assert_eq!(budget(&bench).recent, 2);
        bench.sleep(Span::TICK);
        assert_eq!(budget(&bench).recent, 1);
    }

    #[test]
    fn a_pair_says_what_waits_to_be_read() {
        let mut bench = Bench::ios(9);
        bench.connect_voip_and_suspend();
        bench.data_arrives();
        let gate = Gate::of(&bench.profile, &bench.manifest);
        let [pair] = bench.os.pairs(&bench.profile, gate).collect::<Vec<_>>()[..] else {
            panic!("one pair")
        };
        assert_eq!((pair.socket, pair.kept, pair.unheard), (SocketSeen::Established, true, None));
        assert!(pair.read_open && pair.write_open);
        assert_eq!(pair.unread_frames, 1);
        assert!(pair.unread_bytes > 0);
    }
}
