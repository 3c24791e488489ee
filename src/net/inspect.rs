//! What can be read of a path while it is used: both ends of every connection, what is under way, and what is
//! due. Nothing here changes anything, and every time is the one that the rule itself goes by.

use super::connection::{Connection, Endpoint, State};
use super::flow::Flow;
use super::machine::Net;
use super::nat::Binding;
use super::retransmit::{SYN_SECONDS, gives_up, timeout};
use super::way::{Kind, Way};
use super::{End, NetConfig, Probes};
use crate::port::{Span, Time, Transport};
use crate::trace::DeadCause;

/// Something that is due on the path.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Due {
    /// When.
    pub at: Time,
    /// On which connection; `None` is the phone's interface.
    pub connection: Option<u32>,
    /// What.
    pub what: Timer,
}

/// What is due on the path.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Timer {
    /// The interface that is attaching carries traffic.
    Attached,
    /// A segment arrives.
    Arrives {
        /// Who sent it.
        from: End,
        /// The frame's name, or that of the segment: `SYN`, `SYN-ACK`, `FIN`, `RST`.
        what: &'static str,
    },
    /// What was not acknowledged is sent again.
    Retransmits {
        /// Who sends it.
        from: End,
        /// For which time.
        n: u32,
    },
    /// A side stops sending again what is not acknowledged.
    GivesUp {
        /// Which side.
        from: End,
    },
    /// The phone asks for the connection again.
    SynAgain {
        /// For which time.
        n: u32,
    },
    /// The phone's attempt to connect fails.
    ConnectFails,
    /// The NAT forgets the connection.
    NatForgets,
    /// TCP keep-alive looks for a sign of life.
    Probe {
        /// Whose.
        from: End,
        /// For which time.
        n: u32,
    },
    /// TCP keep-alive gives the connection up.
    ProbesEnd {
        /// Whose.
        from: End,
    },
}

/// What one end's kernel knows of a connection.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum EndSeen {
    /// It has not heard of it.
    Absent,
    /// It waits for an answer to its SYN.
    Connecting,
    /// It holds the connection and takes it for alive.
    Open,
    /// It holds the connection, and the peer has closed its side.
    HalfClosed,
    /// It does not hold it any more.
    Closed,
}

/// What the NAT remembers of a connection.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum NatSeen {
    /// Nothing: no segment made a binding yet.
    Unmade,
    /// A binding, forgotten at this time unless a segment comes before; `None` is never.
    Alive(Option<Time>),
    /// Nothing any more.
    Forgotten,
}

/// A retransmission that goes on.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct RetrySeen {
    /// How often the oldest segment was sent again.
    pub count: u32,
    /// Segments that wait.
    pub waiting: usize,
    /// When it is sent again.
    pub next: Time,
    /// When the sender stops trying if nothing gets through.
    pub gives_up: Time,
}

/// One connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectionSeen {
    /// Its number.
    pub connection: u32,
    /// What it runs over.
    pub transport: Transport,
    /// What the phone's kernel knows.
    pub phone: EndSeen,
    /// What the server's kernel knows.
    pub server: EndSeen,
    /// Why it carries nothing any more, if it is known to the model that it does not.
    pub dead: Option<DeadCause>,
    /// What the NAT remembers.
    pub nat: NatSeen,
    /// When a segment last passed the NAT.
    pub last: Option<Time>,
    /// Segments under way, by the [`End`] that sent them.
    pub under_way: [usize; 2],
    /// The retransmissions that go on, by the [`End`] that sends.
    pub retries: [Option<RetrySeen>; 2],
}

impl Net {
    /// Every connection that one end holds or of which something is under way, by its number.
    pub fn connections(&self) -> Vec<ConnectionSeen> {
        let mut seen: Vec<_> = self.connections.iter().map(Connection::seen).collect();
        seen.extend(self.flows.iter().map(Flow::seen));
        seen.sort_by_key(|one| one.connection);
        seen
    }

    /// Everything that is due, in no order. What a phone does by a timer waits while its device sleeps.
    pub fn dues(&self, config: &NetConfig) -> Vec<Due> {
        let mut dues = Vec::new();
        let mut add = |at: Time, connection: Option<u32>, what: Timer| {
            if at != Time::NEVER {
                dues.push(Due { at, connection, what });
            }
        };
        add(self.path.link.attach_at(), None, Timer::Attached);
        for one in &self.connections {
            one.dues(config, &mut |at, what| add(at, Some(one.id), what));
        }
        for one in &self.flows {
            one.dues(&mut |at, what| add(at, Some(one.id), what));
        }
        dues
    }

    /// Whether what is due happens at its time as the phone is now: its own timers wait until it is awake.
    pub fn fires(&self, what: Timer) -> bool {
        let from = match what {
            Timer::SynAgain { .. } | Timer::ConnectFails => End::Phone,
            Timer::Retransmits { from, .. }
            | Timer::GivesUp { from }
            | Timer::Probe { from, .. }
            | Timer::ProbesEnd { from } => from,
            Timer::Attached | Timer::Arrives { .. } | Timer::NatForgets => return true,
        };
        from == End::Server || self.phone_asleep_since.is_none()
    }
}

impl Connection {
    fn seen(&self) -> ConnectionSeen {
        let [phone, server] = &self.ends;
        ConnectionSeen {
            connection: self.id,
            transport: Transport::Tcp,
            phone: phone.seen(),
            server: server.seen(),
            dead: self.dead,
            nat: self.nat.seen(),
            last: self.nat.last(),
            under_way: self.ways.each_ref().map(|way| way.under_way().count()),
            retries: [End::Phone, End::Server].map(|from| self.retry_seen(from)),
        }
    }

    /// The retransmission of the end `from`, if one goes on.
    fn retry_seen(&self, from: End) -> Option<RetrySeen> {
        let way: &Way = &self.ways[from as usize];
        let (next, retry) = (way.retry_at(), way.retry()?);
        if next == Time::NEVER {
            return None;
        }
        let syn_ack = way.oldest_waiting() == Some(Kind::SynAck);
        let (mut n, mut at) = (retry.count, next);
        while !gives_up(from, syn_ack, n, at.since(retry.first)) {
            n += 1;
            at += timeout(from, self.rtt, n);
        }
        Some(RetrySeen { count: retry.count, waiting: way.waiting(), next, gives_up: at })
    }

    fn dues(&self, config: &NetConfig, add: &mut impl FnMut(Time, Timer)) {
        for from in [End::Phone, End::Server] {
            for segment in self.ways[from as usize].under_way() {
                add(segment.arrives, Timer::Arrives { from, what: name(segment.kind) });
            }
            if let Some(retry) = self.retry_seen(from) {
                if retry.next < retry.gives_up {
                    add(retry.next, Timer::Retransmits { from, n: retry.count + 1 });
                }
                add(retry.gives_up, Timer::GivesUp { from });
            }
        }
        self.attempt_dues(add);
        if self.nat.alive() {
            add(self.nat.expires(), Timer::NatForgets);
        }
        let probes = [config.phone_keep_alive, config.server_keep_alive];
        for (from, probes) in [End::Phone, End::Server].into_iter().zip(probes) {
            if let Some(probes) = probes {
                self.probe_dues(from, probes, add);
            }
        }
    }

    /// The next SYN, and the end of the attempt.
    fn attempt_dues(&self, add: &mut impl FnMut(Time, Timer)) {
        let attempt = &self.attempt;
        if attempt.next_at == Time::NEVER {
            return;
        }
        let last = SYN_SECONDS.len() - 1;
        if attempt.fails.is_some() || attempt.sent as usize >= last {
            return add(attempt.next_at, Timer::ConnectFails);
        }
        add(attempt.next_at, Timer::SynAgain { n: attempt.sent });
        let ends = attempt.first + Span::from_secs(SYN_SECONDS[last]);
        add(ends, Timer::ConnectFails);
    }

    /// The next probe, or the end of them. The timer only looks, so the probe comes when it has been quiet for
    /// long enough.
    fn probe_dues(&self, from: End, probes: Probes, add: &mut impl FnMut(Time, Timer)) {
        let end = &self.ends[from as usize];
        if end.probe_at == Time::NEVER {
            return;
        }
        let at = end.probe_at.max(end.heard + probes.idle);
        let heard_since = end.heard + probes.idle > end.probe_at;
        let sent = if heard_since { 0 } else { end.unanswered };
        if sent >= probes.count {
            add(at, Timer::ProbesEnd { from });
        } else {
            add(at, Timer::Probe { from, n: sent + 1 });
        }
    }
}

impl Flow {
    fn seen(&self) -> ConnectionSeen {
        let held = |holds: bool| if holds { EndSeen::Open } else { EndSeen::Closed };
        ConnectionSeen {
            connection: self.id,
            transport: Transport::Udp,
            phone: held(self.open),
            server: if self.known { EndSeen::Open } else { EndSeen::Absent },
            dead: self.dead,
            nat: self.nat.seen(),
            last: self.nat.last(),
            under_way: self.ways.each_ref().map(|way| way.len()),
            retries: [None, None],
        }
    }

    fn dues(&self, add: &mut impl FnMut(Time, Timer)) {
        for from in [End::Phone, End::Server] {
            for (at, frame) in &self.ways[from as usize] {
                add(*at, Timer::Arrives { from, what: frame.name() });
            }
        }
        if self.nat.alive() {
            add(self.nat.expires(), Timer::NatForgets);
        }
    }
}

impl Endpoint {
    fn seen(&self) -> EndSeen {
        match self.state {
            State::Absent => EndSeen::Absent,
            State::Connecting => EndSeen::Connecting,
            State::Open if self.told => EndSeen::HalfClosed,
            State::Open => EndSeen::Open,
            State::Closed => EndSeen::Closed,
        }
    }
}

impl Binding {
    fn seen(&self) -> NatSeen {
        match (self.alive(), self.last()) {
            (true, _) => NatSeen::Alive(Some(self.expires()).filter(|at| *at != Time::NEVER)),
            (false, None) => NatSeen::Unmade,
            (false, Some(_)) => NatSeen::Forgotten,
        }
    }
}

/// What a segment is called.
fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Syn => "SYN",
        Kind::SynAck => "SYN-ACK",
        Kind::Data(frame) => frame.name(),
        Kind::Fin => "FIN",
        Kind::Rst => "RST",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{Bench, LINUX_KEEP_ALIVE, ms, ping, secs};
    use crate::net::{Access, NatExpiry};
    use crate::settings::Dist;

    /// When this was said to be due.
    fn due(bench: &Bench, what: Timer) -> Time {
        let dues = bench.net.dues(&bench.config);
        let found = dues.iter().find(|due| due.what == what);
        found.unwrap_or_else(|| panic!("{what:?} among {dues:?}")).at
    }

    #[test]
    fn the_nat_forgets_when_it_was_said_to() {
        let mut bench = Bench::behind_nat(NatExpiry::Silent).connected();
        bench.until(secs(100));
        bench.send(End::Phone, ping(1));
        bench.until(secs(200));
        let at = due(&bench, Timer::NatForgets);
        assert_eq!(bench.net.connections()[0].nat, NatSeen::Alive(Some(at)));
        bench.until(secs(1_000));
        assert_eq!(bench.times("nat-forgot"), [at]);
        assert_eq!(bench.net.connections()[0].nat, NatSeen::Forgotten);
    }

    #[test]
    fn a_side_that_gets_no_answer_gives_up_when_it_was_said_to() {
        for from in [End::Phone, End::Server] {
            let mut bench = Bench::new().connected();
            bench.act(|net, cx| net.silence(true, cx));
            bench.send(from, ping(1));
            bench.until(secs(5));
            let again = bench.net.connections()[0].retries[from as usize].expect("it goes on");
            let n = again.count + 1;
            assert_eq!(due(&bench, Timer::Retransmits { from, n }), again.next);
            assert_eq!(due(&bench, Timer::GivesUp { from }), again.gives_up);
            let before = bench.times("retransmitted").len();
            bench.until(secs(5_000));
            assert_eq!(bench.times("retransmitted")[before], again.next);
            assert_eq!(bench.times("timed-out"), [again.gives_up]);
        }
    }

    #[test]
    fn an_attempt_to_connect_fails_when_it_was_said_to() {
        let mut bench = Bench::new();
        bench.act(|net, cx| net.silence(true, cx));
        bench.act(|net, cx| net.connect(1, cx));
        let at = due(&bench, Timer::ConnectFails);
        let again = due(&bench, Timer::SynAgain { n: 1 });
        bench.until(secs(200));
        assert_eq!(bench.times("retransmitted")[0], again);
        assert_eq!(bench.times("connect-failed"), [at]);
    }

    #[test]
    fn probes_without_an_answer_end_when_they_were_said_to() {
        let access = Access { latency: Dist::Constant(ms(20)), ..Access::default() };
        let mut bench = Bench::on(access);
        bench.config.server_keep_alive = Some(LINUX_KEEP_ALIVE);
        let mut bench = bench.connected();
        bench.act(|net, cx| net.silence(true, cx));
        let first = due(&bench, Timer::Probe { from: End::Server, n: 1 });
        bench.until(first + Span::from_secs(8 * 75));
        let ends = due(&bench, Timer::ProbesEnd { from: End::Server });
        bench.until(secs(20_000));
        assert_eq!(bench.times("timed-out"), [ends]);
        assert_eq!(bench.times("lost")[0], first);
    }
}
