//! One phone: the iOS model and the app, over a path of real sockets.

use std::collections::VecDeque;

use super::path::{Arrival, Path};
use super::socket::News;
use crate::net::{self, Host};
use crate::os::{self, Delivery, Handle, Os};
use crate::port::{App, Draws, Time};
use crate::sim::Setup;
use crate::trace::{Observer, Probe, Unreachable, What};
use crate::wire::{Said, Speech};

/// What a phone is lent for one call.
pub(super) struct Lent<'a, O> {
    pub(super) setup: &'a Setup,
    pub(super) host: Host,
    pub(super) now: Time,
    pub(super) observer: &'a mut O,
}

/// Nobody has to look at what was said.
const MOST_SAYINGS: usize = 1_024;

/// One phone with its app.
pub(super) struct Phone<A> {
    pub(super) number: u32,
    draws: Draws,
    pub(super) os: Os,
    app: A,
    pub(super) path: Path,
    speech: Speech,
    /// What came with pushes and what the server said of an end, for whoever prints it.
    pub(super) sayings: VecDeque<Said>,
    seq: u64,
    reach: Unreachable,
}

impl<A: App> Phone<A> {
    pub(super) fn new(number: u32, speech: Speech, app: A, path: Path, setup: &Setup) -> Phone<A> {
        Phone {
            number,
            draws: Draws::new(setup.seed, number),
            os: Os::new(setup.interface),
            app,
            path,
            speech,
            sayings: VecDeque::new(),
            seq: 0,
            reach: Unreachable::NotRunning,
        }
    }

    pub(super) fn deadline(&self) -> Time {
        self.os.deadline().min(self.path.deadline())
    }

    pub(super) fn emit<O: Observer>(&mut self, what: What, lent: &mut Lent<'_, O>) {
        let (at, owner) = (lent.now, self.number);
        Probe { observer: &mut *lent.observer, at, owner, seq: &mut self.seq }.emit(what);
    }

    /// Does something to the phone.
    pub(super) fn os<O: Observer>(
        &mut self,
        lent: &mut Lent<'_, O>,
        act: impl FnOnce(&mut Os, &mut os::Context<'_, O>),
    ) {
        act(&mut self.os, &mut os_context(self.draws, self.number, &mut self.seq, lent));
        self.settle(lent);
    }

    /// Does something to the path.
    pub(super) fn path<O: Observer>(
        &mut self,
        lent: &mut Lent<'_, O>,
        act: impl FnOnce(&mut Path, &mut net::Context<'_, O>),
    ) {
        act(&mut self.path, &mut net_context(self.draws, self.number, &mut self.seq, lent));
        self.settle(lent);
    }

    /// Lets one thing that is due happen.
    pub(super) fn advance<O: Observer>(&mut self, lent: &mut Lent<'_, O>) {
        if self.path.deadline() <= lent.now {
            self.path(lent, |path, cx| path.advance(cx));
        } else {
            self.os(lent, |os, cx| os.advance(cx));
        }
    }

    /// Something came on a socket.
    pub(super) fn news<O: Observer>(
        &mut self,
        connection: u32,
        news: News,
        lent: &mut Lent<'_, O>,
    ) {
        if let News::Established(_) = news {
            self.speech.established(connection);
        }
        let mut cx = net_context(self.draws, self.number, &mut self.seq, lent);
        if let Some(bytes) = self.path.news(connection, news, &mut cx) {
            let mut out = Vec::new();
            let heard = self.speech.hear(connection, &bytes, &mut out);
            self.path.answer(connection, out);
            self.heard(connection, heard, lent);
        }
        self.settle(lent);
    }

    fn heard<O: Observer>(&mut self, connection: u32, heard: Vec<Said>, lent: &mut Lent<'_, O>) {
        let mut cx = net_context(self.draws, self.number, &mut self.seq, lent);
        for said in heard {
            match said {
                Said::Frame(frame) => self.path.frame(connection, frame, &mut cx),
                Said::Payload(..) | Said::Refused(_) | Said::NotPublished(_) => {
                    if self.sayings.len() >= MOST_SAYINGS {
                        self.sayings.pop_front();
                    }
                    self.sayings.push_back(said);
                }
            }
        }
    }

    /// Carries what phone, app and path have to say to each other until nobody has anything to say.
    pub(super) fn settle<O: Observer>(&mut self, lent: &mut Lent<'_, O>) {
        while self.os.has_delivery() || self.os.has_output() || self.path.has_arrival() {
            self.deliver(lent);
            self.carry_requests(lent);
            self.carry_arrivals(lent);
        }
    }

    fn deliver<O: Observer>(&mut self, lent: &mut Lent<'_, O>) {
        let mut cx = os_context(self.draws, self.number, &mut self.seq, lent);
        while let Some(delivery) = self.os.next_delivery(&mut cx) {
            match delivery {
                Delivery::Forget => self.app.forget(),
                Delivery::Callback(callback) => {
                    self.app.on(callback, &mut Handle::new(&mut self.os, &mut cx));
                    self.os.turn_over(&mut cx);
                }
            }
        }
    }

    fn carry_requests<O: Observer>(&mut self, lent: &mut Lent<'_, O>) {
        while let Some(output) = self.os.output() {
            let cx = &mut net_context(self.draws, self.number, &mut self.seq, lent);
            match output {
                os::Output::Connect { connection } => self.path.connect(connection, cx),
                os::Output::Send { connection, frame } => {
                    let mut bytes = Vec::new();
                    let heard = self.speech.say(connection, frame, &mut bytes);
                    self.path.send(connection, frame, bytes, cx);
                    self.heard(connection, heard, lent);
                }
                os::Output::Finish { connection } => {
                    self.speech.ended(connection);
                    self.path.finish(connection, false, cx);
                }
                os::Output::Reset { connection } => {
                    self.speech.ended(connection);
                    self.path.finish(connection, true, cx);
                }
                os::Output::Vanish => {
                    self.path.phone_down(cx);
                }
                os::Output::PowerOn => self.path.phone_up(cx),
                os::Output::Sleep => self.path.phone_sleeps(cx.probe.at),
                os::Output::Wake => self.path.phone_wakes(cx.probe.at),
                // A scenario with UDP is not played.
                os::Output::OpenDatagrams { .. } => {}
            }
        }
    }

    fn carry_arrivals<O: Observer>(&mut self, lent: &mut Lent<'_, O>) {
        while let Some(arrival) = self.path.arrival() {
            let cx = &mut os_context(self.draws, self.number, &mut self.seq, lent);
            match arrival {
                Arrival::Socket { connection, event } => self.os.socket(connection, event, cx),
                Arrival::Interface(to) => self.os.interface_changed(to, cx),
                Arrival::Address => self.os.sockets_notice_change(cx),
            }
        }
    }

    /// Whether a push sent now would be received, told when it changes. `routes` are the connections over which
    /// it would go and whose traffic wakes the app, and whether the registration has expired.
    pub(super) fn judge_reach<O: Observer>(
        &mut self,
        (route, waker, lapsed): (Option<u32>, Option<u32>, bool),
        lent: &mut Lent<'_, O>,
    ) {
        let why = match (route, waker) {
            _ if lent.host != Host::Up => Unreachable::ServerDown,
            (Some(route), Some(waker)) if self.path.usable(route) && self.path.usable(waker) => {
                let cx = os_context(self.draws, self.number, &mut self.seq, lent);
                let would = self.os.would_receive(route, waker, &cx);
                would.err().unwrap_or(Unreachable::Reachable)
            }
            (Some(_), _) => Unreachable::ConnectionDead,
            (None, _) if lapsed => Unreachable::NotRegistered,
            (None, _) => Unreachable::NoSession,
        };
        if why != self.reach {
            self.reach = why;
            let reachable = why == Unreachable::Reachable;
            self.emit(What::Reachable { reachable, why }, lent);
        }
    }
}

fn os_context<'a, O>(
    draws: Draws,
    owner: u32,
    seq: &'a mut u64,
    lent: &'a mut Lent<'_, O>,
) -> os::Context<'a, O> {
    let Lent { setup, now, observer, .. } = lent;
    let probe = Probe { observer: &mut **observer, at: *now, owner, seq };
    os::Context { profile: &setup.profile, gate: setup.gate, draws, probe }
}

fn net_context<'a, O>(
    draws: Draws,
    owner: u32,
    seq: &'a mut u64,
    lent: &'a mut Lent<'_, O>,
) -> net::Context<'a, O> {
    let Lent { setup, now, observer, host } = lent;
    let probe = Probe { observer: &mut **observer, at: *now, owner, seq };
    net::Context { config: &setup.net, host: *host, draws, probe }
}
