//! A path under test, with its clock, and what came out of it when.

use super::{
    Access, Context, End, Host, NatExpiry, Net, NetConfig, Output, PhoneEvent, Probes, ServerEvent,
};
use crate::port::{Draws, Frame, Interface, Span, Time};
use crate::settings::Dist;
use crate::trace::{Probe, Recorder, What};

pub(super) const fn secs(secs: u64) -> Time {
    Span::from_secs(secs).from_start()
}

pub(super) const fn ms(millis: u64) -> Span {
    Span::from_millis(millis)
}

pub(super) const fn ping(n: u32) -> Frame {
    Frame::Ping { n }
}

/// Darwin's defaults: dead after 7200 s + 8 × 75 s (xnu-11417.101.15, `bsd/netinet/tcp_timer.h`,
/// `TCPTV_KEEP_IDLE`, `TCPTV_KEEPINTVL`, `TCPTV_KEEPCNT`).
pub(super) const DARWIN_KEEP_ALIVE: Probes =
    Probes { idle: Span::from_secs(7_200), interval: Span::from_secs(75), count: 8 };

/// Linux's defaults: dead after 7200 s + 9 × 75 s (`ip-sysctl`, `tcp_keepalive_time`, `_intvl`,
/// `_probes`).
pub(super) const LINUX_KEEP_ALIVE: Probes =
    Probes { idle: Span::from_secs(7_200), interval: Span::from_secs(75), count: 9 };

/// A path whose time moves only when told.
pub(super) struct Bench {
    pub(super) net: Net,
    pub(super) config: NetConfig,
    pub(super) host: Host,
    pub(super) now: Time,
    pub(super) seen: Vec<(Time, Output)>,
    pub(super) recorder: Recorder,
    seq: u64,
    seed: u64,
}

impl Bench {
    /// On Wi-Fi, 20 ms each way, no loss, no NAT.
    pub(super) fn new() -> Bench {
        Bench::on(Access { latency: Dist::Constant(ms(20)), ..Access::default() })
    }

    /// On Wi-Fi, 20 ms each way, behind a NAT that forgets after 300 s.
    pub(super) fn behind_nat(on_expiry: NatExpiry) -> Bench {
        Bench::on(Access {
            latency: Dist::Constant(ms(20)),
            nat_idle_timeout: Some(Span::from_secs(300)),
            nat_on_expiry: on_expiry,
            ..Access::default()
        })
    }

    pub(super) fn on(access: Access) -> Bench {
        Bench {
            net: Net::new(Interface::Wifi),
            config: NetConfig { wifi: access.clone(), cellular: access, ..NetConfig::default() },
            host: Host::Up,
            now: Time::ZERO,
            seen: Vec::new(),
            recorder: Recorder::default(),
            seq: 0,
            seed: 7,
        }
    }

    /// With a connection 1 that is established.
    pub(super) fn connected(self) -> Bench {
        self.connected_within(secs(1))
    }

    /// With a connection 1 that is established by `end`.
    pub(super) fn connected_within(mut self, end: Time) -> Bench {
        self.act(|net, cx| net.connect(1, cx));
        self.until(end);
        assert!(self.net.usable(1));
        self.seen.clear();
        self.recorder.events.clear();
        self
    }

    pub(super) fn act(&mut self, act: impl FnOnce(&mut Net, &mut Context<Recorder>)) {
        let probe =
            Probe { observer: &mut self.recorder, at: self.now, owner: 1, seq: &mut self.seq };
        let draws = Draws::new(self.seed, 1);
        let mut cx = Context { config: &self.config, host: self.host, draws, probe };
        act(&mut self.net, &mut cx);
        while let Some(output) = self.net.output() {
            self.seen.push((self.now, output));
        }
    }

    /// Handles what is due up to and including `end`; answers how many things that were.
    pub(super) fn until(&mut self, end: Time) -> usize {
        let mut handled = 0;
        while self.net.deadline() <= end {
            assert!(self.net.deadline() >= self.now, "nothing is due in the past");
            self.now = self.net.deadline();
            self.act(|net, cx| net.advance(cx));
            handled += 1;
            assert!(handled < 1_000_000, "the path never comes to rest");
        }
        self.now = end;
        handled
    }

    /// Handles all there ever is.
    pub(super) fn run_out(&mut self) {
        self.until(secs(1_000_000));
    }

    pub(super) fn send(&mut self, from: End, frame: Frame) {
        self.act(|net, cx| net.send(from, 1, frame, cx));
    }

    pub(super) fn phone(&self) -> Vec<(Time, PhoneEvent)> {
        let of_phone = |(at, output): &(Time, Output)| match output {
            Output::Phone { event, .. } => Some((*at, *event)),
            Output::Server { .. } | Output::Interface(_) | Output::Address => None,
        };
        self.seen.iter().filter_map(of_phone).collect()
    }

    pub(super) fn server(&self) -> Vec<(Time, ServerEvent)> {
        let of_server = |(at, output): &(Time, Output)| match output {
            Output::Server { event, .. } => Some((*at, *event)),
            Output::Phone { .. } | Output::Interface(_) | Output::Address => None,
        };
        self.seen.iter().filter_map(of_server).collect()
    }

    /// When events of this name happened.
    pub(super) fn times(&self, name: &str) -> Vec<Time> {
        let named = self.recorder.events.iter().filter(|event| event.what.name() == name);
        named.map(|event| event.at).collect()
    }

    pub(super) fn whats(&self) -> impl Iterator<Item = What> {
        self.recorder.events.iter().map(|event| event.what)
    }
}
