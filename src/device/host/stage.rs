//! A device as the stage of a run: the server and the path are the host's, the rest is asked for.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;

use super::connections::Connections;
use super::control::Control;
use super::crew::Crew;
use super::drive::{HostAct, Kind, Way};
use super::people::{Asked, People};
use super::phone_log::Coming;
use super::plan::{Planned, plan};
use super::way::InTheWay;
use super::{Death, Exchange, Undone};
use crate::device::protocol::{About, ToAgent};
use crate::live::world::{Inbox, ModelClock, Own, Relay, Told};
use crate::net::{Conditions, Host};
use crate::port::{PushId, Span, Time};
use crate::run::{Stage, Todo, setup};
use crate::scenario::Scenario;
use crate::trace::{Event, Observer, PushNumbers, RestartKind, What};

/// How often the phone's clocks are asked for, on the machine's clock.
const ASK_CLOCKS_EVERY: Span = Span::from_secs(5);

/// What the people around a run are told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Word {
    /// The agent said hello: what it is.
    Hello(Box<About>),
    /// A step is to be done by a person.
    Asked {
        /// The step's place in the scenario's list.
        step: usize,
        /// What to do.
        what: String,
        /// What shows that it is done.
        signs: Vec<String>,
        /// How long that may take.
        within: Span,
    },
    /// Such a step is done.
    Confirmed {
        /// The step's place in the scenario's list.
        step: usize,
    },
    /// A step was not done.
    NotDone {
        /// The step's place in the scenario's list.
        step: usize,
        /// Why.
        why: String,
    },
    /// Something else to know.
    Note(String),
}

/// What a stage is told when it is made.
pub(super) struct Staging {
    pub(super) kind: Kind,
    pub(super) bind: IpAddr,
    pub(super) seed: u64,
    pub(super) speed: u32,
    pub(super) person_within: Span,
    /// Nobody is there to do what only a person can do.
    pub(super) unattended: bool,
}

/// A device, and the host's server and proxy.
pub(super) struct DeviceStage<'s> {
    pub(super) scenario: &'s Scenario,
    plan: Vec<Planned>,
    staging: Staging,
    pub(super) clock: Arc<ModelClock>,
    pub(super) inbox: Rc<Inbox>,
    pub(super) control: Control,
    pub(super) crew: Crew,
    pub(super) own: Own,
    relay: Relay,
    way: InTheWay,
    up_at: Time,
    pub(super) connections: Connections,
    pub(super) log: Coming,
    pub(super) pushes: PushNumbers,
    pub(super) people: People,
    /// How often a person said that something is done, and nobody looked.
    pub(super) said: u32,
    /// Requests to the agent or to a tool that were not answered: the step of each, and since when.
    pub(super) open: BTreeMap<u32, (usize, Time)>,
    requests: u32,
    /// Questions for the clocks that were not answered.
    pub(super) questions: BTreeMap<u32, Time>,
    question: u32,
    ask_clocks_at: Time,
    /// When the agent told of a stream that is expected to trap.
    pub(super) trap_expected: Option<Time>,
    /// When the agent's connection ended after which its process was not heard of any more.
    pub(super) gone_for_good: Option<Time>,
    /// Which of the agent's processes speaks.
    pub(super) process: u32,
    /// When the agent was heard last.
    pub(super) heard_at: Option<Time>,
    seq: u64,
    // What is kept of it.
    pub(super) events: Vec<Event>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) deaths: Vec<Death>,
    pub(super) undone: Vec<Undone>,
    pub(super) words: VecDeque<Word>,
    /// What ended the run before its end.
    pub(super) broken: Option<super::run::Broken>,
}

impl<'s> DeviceStage<'s> {
    /// A server and a proxy for the agent that said hello on `control`. Time begins with `clock`.
    pub(super) fn open(
        scenario: &'s Scenario,
        staging: Staging,
        clock: &Arc<ModelClock>,
        control: Control,
        crew: Crew,
    ) -> io::Result<DeviceStage<'s>> {
        let inbox = Rc::new(Inbox::default());
        let own = Own::open(&setup(scenario, staging.seed), 1)?;
        let relay = Relay::open(staging.bind, own.address(), staging.seed, clock, &inbox)?;
        let way = InTheWay::new(staging.kind, scenario.network.initial);
        let mut stage = DeviceStage {
            plan: plan(scenario, staging.kind),
            pushes: PushNumbers::of(&scenario.names),
            scenario,
            staging,
            clock: Arc::clone(clock),
            inbox,
            control,
            crew,
            own,
            relay,
            way,
            up_at: Time::NEVER,
            connections: Connections::default(),
            log: Coming::default(),
            people: People::default(),
            said: 0,
            open: BTreeMap::new(),
            requests: 0,
            questions: BTreeMap::new(),
            question: 0,
            ask_clocks_at: Time::ZERO,
            trap_expected: None,
            gone_for_good: None,
            process: 0,
            heard_at: None,
            seq: 0,
            events: Vec::new(),
            exchanges: Vec::new(),
            deaths: Vec::new(),
            undone: Vec::new(),
            words: VecDeque::new(),
            broken: None,
        };
        stage.set_relay();
        Ok(stage)
    }

    /// What it is.
    pub(super) fn kind(&self) -> Kind {
        self.staging.kind
    }

    /// Where the phone finds its push server.
    pub(super) fn address(&self) -> SocketAddr {
        self.relay.address()
    }

    /// The machine's time as time of the run.
    fn scaled(&self, span: Span) -> Span {
        span.saturating_mul(u64::from(self.staging.speed))
    }

    /// The host saw something happen on its device, or did it.
    pub(super) fn happened<O: Observer>(&mut self, at: Time, what: What, observer: &mut O) {
        self.keep(at, 1, what, observer);
    }

    fn keep<O: Observer>(&mut self, at: Time, owner: u32, what: What, observer: &mut O) {
        self.seq += 1;
        let event = Event { at, owner, seq: self.seq, lane: what.lane(), what };
        self.events.push(event);
        observer.event(&event);
    }

    fn set_relay(&mut self) {
        self.relay.set(self.way.standing(&self.scenario.network));
    }

    /// The phone told that another interface carries its traffic, or that its address changed.
    pub(super) fn moved(&mut self, to: Option<crate::port::Interface>) {
        self.way.interface = to.unwrap_or(self.way.interface);
        // A phone's own sockets die with its address; a machine's stay, so that the proxy has to play it. A connection
        // that the agent has not told of yet may be of the new address.
        if self.staging.kind == Kind::Fake {
            for client in self.relay.phones() {
                if self.connections.pair(client).is_some() {
                    self.relay.silence(client);
                }
            }
        }
        self.set_relay();
    }

    /// A telephone call under the model began or ended, and data stands still meanwhile if it `stalls`. A real one
    /// does that by itself.
    pub(super) fn called(&mut self, on: bool, stalls: bool) {
        self.way.stalled = on && stalls && self.staging.kind == Kind::Fake;
        self.set_relay();
    }

    /// Asks the phone what its clocks say, if it can be asked.
    pub(super) fn ask_clocks(&mut self) {
        self.question += 1;
        let n = self.question;
        if self.control.say(ToAgent::Clock { n }) {
            self.questions.insert(n, self.clock.now());
        }
    }

    /// Asks for what of the log is missing.
    pub(super) fn ask_log(&mut self) {
        let from = self.log.ask();
        self.control.say(ToAgent::Log { from });
    }

    pub(super) fn not_done(&mut self, step: usize, at: Time, why: String) {
        self.words.push_back(Word::NotDone { step, why: why.clone() });
        self.undone.push(Undone { step, at, why });
    }

    /// A person did what was asked for.
    pub(super) fn done_by_person<O: Observer>(
        &mut self,
        asked: Vec<Asked>,
        now: Time,
        observer: &mut O,
    ) {
        for Asked { step, .. } in asked {
            self.words.push_back(Word::Confirmed { step });
            self.step(step, now, observer);
        }
    }

    /// The step acts now.
    fn step<O: Observer>(&mut self, step: usize, now: Time, observer: &mut O) {
        let action = self.scenario.steps[step].act.name();
        let what = What::Step { action, number: step as u32 + 1 };
        self.happened(now, what, observer);
    }

    /// What the server did, into the run's events.
    pub(super) fn carry_server<O: Observer>(&mut self, now: Time, all: bool, observer: &mut O) {
        self.own.turn(now);
        let DeviceStage { own, relay, connections, .. } = self;
        for event in connections.numbered(own, relay, all) {
            // Anybody on the network can call itself a device; this run has one.
            if event.owner == 1 {
                self.keep(event.at, 1, event.what, observer);
            }
        }
    }

    /// What the proxy told.
    fn carry_path<O: Observer>(&mut self, now: Time, observer: &mut O) {
        self.inbox.looked();
        while let Some(told) = self.relay.told() {
            match told {
                Told::NatForgot { client, idle } => {
                    if let Some(connection) = self.connections.pair(client) {
                        self.happened(now, What::NatForgot { connection, idle }, observer);
                    }
                }
            }
        }
    }

    fn next_request(&mut self, step: usize, now: Time) -> u32 {
        self.requests += 1;
        self.open.insert(self.requests, (step, now));
        self.requests
    }

    fn ask_person(&mut self, step: usize, ask: super::drive::Ask, now: Time) {
        if self.staging.unattended {
            return self.not_done(step, now, "nobody was there to do it".into());
        }
        let within = self.staging.person_within;
        let signs = ask.signs.iter().map(|sign| sign.words()).collect();
        self.words.push_back(Word::Asked { step, what: ask.what.clone(), signs, within });
        self.people.ask(step, ask, now, now + self.scaled(within));
    }

    fn by_host<O: Observer>(&mut self, act: HostAct, member: u32, now: Time, observer: &mut O) {
        let changed = match act {
            HostAct::Push { push, ttl } => {
                let push = PushId { member, ..push };
                let said = self.scenario.names.push(push);
                self.own.push(1, push, ttl, &said, now);
                None
            }
            HostAct::Cancel(push) => {
                self.own.session(1, now, |session, cx| session.cancel(push, cx));
                None
            }
            HostAct::Media { on, lasts } => {
                self.own.session(1, now, |session, cx| session.media(on, lasts, cx));
                None
            }
            HostAct::Drop(how) => {
                self.own.session(1, now, |session, cx| session.drop_connection(how, cx));
                None
            }
            HostAct::Restart { how, down_for } => {
                self.restart(how, down_for, now, observer);
                None
            }
            HostAct::NatForget => {
                self.relay.nat_forget();
                None
            }
            HostAct::Silence(on) => self.way.silence(on),
            HostAct::Internet(on) => self.way.internet(on),
            HostAct::Portal(portal) => self.way.captive_portal(portal),
        };
        if let Some(what) = changed {
            self.happened(now, what, observer);
            self.set_relay();
        }
        self.carry_server(now, false, observer);
    }

    /// The server goes down or drains.
    fn restart<O: Observer>(
        &mut self,
        how: RestartKind,
        down_for: Span,
        now: Time,
        observer: &mut O,
    ) {
        self.keep(now, 0, What::ServerDown { how, down_for }, observer);
        let until = now + down_for;
        match how {
            RestartKind::Drain => {}
            RestartKind::Process => self.way.host = Host::Refusing,
            RestartKind::HostDown => {
                self.way.host = Host::Silent;
                for client in self.relay.phones() {
                    self.relay.forget_server(client);
                }
            }
        }
        if how != RestartKind::Drain {
            self.up_at = if self.up_at == Time::NEVER { until } else { self.up_at.max(until) };
        }
        self.set_relay();
        self.own.down(how, now);
    }

    fn server_up<O: Observer>(&mut self, now: Time, observer: &mut O) {
        (self.way.host, self.up_at) = (Host::Up, Time::NEVER);
        self.keep(now, 0, What::ServerUp {}, observer);
        self.own.up(now);
        self.set_relay();
    }

    /// Does the step in the way that was planned.
    fn carry_out<O: Observer>(&mut self, todo: Todo, now: Time, observer: &mut O) {
        let Todo { number: step, act, member, .. } = todo;
        match super::drive::way(act, self.staging.kind) {
            Way::Host(HostAct::Restart { how, down_for }) => {
                let what = What::Step { action: act.name(), number: step as u32 + 1 };
                self.keep(now, 0, what, observer);
                self.restart(how, down_for, now, observer);
                self.carry_server(now, false, observer);
            }
            Way::Host(act) => {
                self.step(step, now, observer);
                self.by_host(act, member, now, observer);
            }
            Way::Agent => {
                let n = self.next_request(step, now);
                if self.control.say(ToAgent::Do { n, step, member }) {
                    self.step(step, now, observer);
                } else {
                    self.open.remove(&n);
                    self.not_done(step, now, "the agent was not connected".into());
                }
            }
            Way::Tool(act) => {
                let n = self.next_request(step, now);
                self.step(step, now, observer);
                self.crew.act(n, act);
            }
            Way::Person(ask) => self.ask_person(step, ask, now),
            Way::Cannot(why) => self.not_done(step, now, why.to_owned()),
        }
    }

    /// The run is over: what was not answered was not done.
    pub(super) fn give_up(&mut self) {
        for asked in self.people.rest() {
            self.not_done(asked.step, asked.at, "the run ended before it was done".into());
        }
        for (step, at) in std::mem::take(&mut self.open).into_values() {
            self.not_done(step, at, "it was asked for, and nobody said that it was done".into());
        }
        let never: Vec<(usize, String)> = self
            .plan
            .iter()
            .filter_map(|planned| Some((planned.step, planned.never.clone()?)))
            .collect();
        for (step, why) in never {
            // It may have been due as soon as the run began.
            self.not_done(step, Time::ZERO, why);
        }
    }
}

impl Stage for DeviceStage<'_> {
    fn deadline(&mut self) -> Time {
        let own = self.own.deadline().min(self.up_at);
        own.min(self.people.deadline()).min(self.ask_clocks_at)
    }

    fn start<O: Observer>(&mut self, observer: &mut O) {
        self.carry_server(Time::ZERO, false, observer);
    }

    fn advance<O: Observer>(&mut self, now: Time, observer: &mut O) {
        self.hear(now, observer);
        self.carry_path(now, observer);
        if self.up_at <= now {
            self.server_up(now, observer);
        }
        for late in self.people.late(now) {
            let within = self.staging.person_within;
            self.not_done(
                late.step,
                late.at,
                format!("nothing showed within {within} that it was"),
            );
        }
        if self.ask_clocks_at <= now {
            self.ask_clocks_at = now + self.scaled(ASK_CLOCKS_EVERY);
            self.ask_clocks();
        }
        self.carry_server(now, false, observer);
    }

    fn act<O: Observer>(&mut self, todo: Todo, now: Time, observer: &mut O) {
        self.carry_out(todo, now, observer);
    }

    // Scenarios with connectivity traces and with phases are refused before anything starts.

    fn follow<O: Observer>(&mut self, _: Conditions, _: Time, _: &mut O) {}

    fn heal<O: Observer>(&mut self, _: Time, _: &mut O) {}

    fn emit<O: Observer>(&mut self, at: Time, what: What, observer: &mut O) {
        self.keep(at, 0, what, observer);
    }

    fn radio_energy(&self, _: Time) -> Vec<u64> {
        // Nobody measures a phone's radio.
        vec![0]
    }
}
