//! What an agent knows while it runs, what it tells, and what becomes of the system's callbacks on their way to the
//! app.

use std::collections::{BTreeMap, VecDeque};

use super::log::Log;
use super::pairs::{Pair, end_of};
use super::policy::{Plan, Situation, plan};
use crate::device::{Backend, Endpoint};
use crate::port::{
    Callback, ServiceType, Side, Span, StreamError, StreamEvent, StreamId, StreamPair, Time, Token,
};
use crate::trace::{ConnectionEnd, Event, LegacyFeature, LegacyPlan, LegacyReason, What};

/// What becomes of the service type of a URL request.
const NO_REQUEST: Plan = Plan { plan: LegacyPlan::Refused, why: LegacyReason::NotAvailable };

/// So much is read at once.
const BUFFER: usize = 16 << 10;

/// Who is told of a connection that is established: the pair, and the phone's port.
pub type OnConnection = Box<dyn FnMut(u32, u16)>;

/// The phone, as one process of an agent has it.
pub(super) struct Desk<B> {
    pub(super) backend: B,
    pub(super) log: Log,
    pub(super) situation: Situation,
    pub(super) to: Endpoint,
    /// What the device is called at the server.
    pub(super) name: String,
    pub(super) device: u32,
    seq: u64,
    pub(super) pairs: BTreeMap<u32, Pair>,
    /// Counts on from one process of a run to the next, as the numbers of pairs do.
    last_pair: u32,
    /// What the app is to be told when its turn is over.
    pub(super) pending: VecDeque<Callback>,
    pub(super) busy: Option<(Span, Token)>,
    pub(super) exit: Option<i32>,
    told_plans: Vec<(LegacyFeature, Plan)>,
    pub(super) on_connection: Option<OnConnection>,
}

impl<B: Backend> Desk<B> {
    pub(super) fn new(
        backend: B,
        log: Log,
        situation: Situation,
        to: Endpoint,
        name: String,
        device: u32,
    ) -> Desk<B> {
        let last_pair = log.last_pair();
        Desk {
            backend,
            log,
            situation,
            to,
            name,
            device,
            seq: 0,
            pairs: BTreeMap::new(),
            last_pair,
            pending: VecDeque::new(),
            busy: None,
            exit: None,
            told_plans: Vec::new(),
            on_connection: None,
        }
    }

    pub(super) fn continuous(&self) -> Time {
        self.backend.now().continuous
    }

    pub(super) fn emit(&mut self, what: What) {
        self.seq += 1;
        let now = self.backend.now();
        let (at, owner, seq) = (now.continuous, self.device, self.seq);
        self.log.write(&Event { at, owner, seq, lane: what.lane(), what }, now);
    }

    /// `exit` does not return: the rest of a turn then happens nowhere.
    pub(super) fn alive(&self) -> bool {
        self.exit.is_none()
    }

    /// What the policy says of a call; told once for each answer.
    pub(super) fn planned(&mut self, feature: LegacyFeature) -> LegacyPlan {
        let found = plan(feature, &self.situation);
        if !self.told_plans.contains(&(feature, found)) {
            self.told_plans.push((feature, found));
            self.tell_plan(feature, found);
        }
        found.plan
    }

    fn tell_plan(&mut self, call: LegacyFeature, Plan { plan, why }: Plan) {
        self.emit(What::LegacyCall { call, plan, why });
    }

    /// A callback of the system, as the app is to be told it: nothing, when it concerns what the agent does by
    /// itself.
    pub(super) fn sort(&mut self, callback: Callback) -> Option<Callback> {
        let Callback::Stream(stream, event) = callback else { return Some(callback) };
        match event {
            StreamEvent::OpenCompleted => self.established(stream.pair),
            StreamEvent::HasBytesAvailable => {
                self.fill(stream);
                let pair = self.pairs.get_mut(&stream.pair)?;
                pair.bytes_told = false;
                if !pair.framing.has_frame() && pair.failed.is_none() {
                    return None;
                }
            }
            StreamEvent::CanAcceptBytes => self.send(stream),
            StreamEvent::ErrorOccurred => self.errored(stream),
            StreamEvent::EndEncountered => {
                // What came before the end is there to be read.
                self.fill(StreamId { side: Side::Read, ..stream });
                self.end_known(stream.pair, ConnectionEnd::Fin);
            }
        }
        let told = self.pairs.get(&stream.pair).is_some_and(|pair| pair.is_open(stream.side));
        told.then_some(callback)
    }

    pub(super) fn established(&mut self, pair: u32) {
        let port = self.backend.local_port(pair);
        let Some(known) = self.pairs.get_mut(&pair) else { return };
        if std::mem::replace(&mut known.decided, true) {
            return;
        }
        (known.connected, known.owes_end) = (true, true);
        if let (Some(tell), Some(port)) = (&mut self.on_connection, port) {
            tell(pair, port);
        }
    }

    fn errored(&mut self, stream: StreamId) {
        let error = self.backend.error(stream).unwrap_or(StreamError::Reset);
        let Some(pair) = self.pairs.get_mut(&stream.pair) else { return };
        if std::mem::replace(&mut pair.decided, true) {
            self.end_known(stream.pair, end_of(error));
        } else {
            self.emit(What::ConnectFailed { connection: stream.pair, error });
        }
    }

    /// The app knows now, by whatever sign, that its connection is gone.
    pub(super) fn end_known(&mut self, id: u32, how: ConnectionEnd) {
        let Some(pair) = self.pairs.get_mut(&id) else { return };
        if std::mem::take(&mut pair.owes_end) {
            self.emit(What::ClientDisconnected { pair: id, how });
        }
    }

    /// Reads what the system has.
    pub(super) fn fill(&mut self, stream: StreamId) {
        if self.fill_from(stream) {
            // Whoever sets no client is not told that it is open.
            self.established(stream.pair);
        }
    }

    /// Answers whether anything came.
    fn fill_from(&mut self, stream: StreamId) -> bool {
        let Desk { backend, pairs, .. } = self;
        let Some(pair) = pairs.get_mut(&stream.pair) else { return false };
        if !pair.is_open(stream.side) || pair.failed.is_some() {
            return false;
        }
        let (mut buffer, mut came) = ([0; BUFFER], false);
        loop {
            match backend.read(stream, &mut buffer) {
                Ok(0) => return came,
                Ok(n) => {
                    came = true;
                    pair.framing.feed(&buffer[..n.min(BUFFER)]);
                }
                Err(error) => {
                    pair.failed = Some(error);
                    return came;
                }
            }
        }
    }

    /// Writes what was taken and not sent.
    fn send(&mut self, stream: StreamId) {
        let Desk { backend, pairs, .. } = self;
        let Some(pair) = pairs.get_mut(&stream.pair) else { return };
        while !pair.framing.unsent().is_empty() {
            // An error is told by its event.
            match backend.write(stream, pair.framing.unsent()) {
                Ok(n) if n > 0 => pair.framing.sent(n),
                Ok(_) | Err(_) => return,
            }
        }
    }

    /// Tells the app again that there is something to read, for one that reads once a callback.
    pub(super) fn offer(&mut self, id: u32) {
        if let Some(pair) = self.pairs.get_mut(&id)
            && pair.framing.has_frame()
            && !std::mem::replace(&mut pair.bytes_told, true)
        {
            let stream = StreamPair(id).read();
            self.pending.push_back(Callback::Stream(stream, StreamEvent::HasBytesAvailable));
        }
    }

    pub(super) fn failed<T>(
        &mut self,
        pair: u32,
        call: &'static str,
        error: StreamError,
    ) -> Result<T, StreamError> {
        self.emit(What::StreamFailed { pair, call, error });
        Err(error)
    }

    pub(super) fn created(&mut self) -> StreamPair {
        self.last_pair += 1;
        self.pairs.insert(self.last_pair, Pair::of(&self.name));
        StreamPair(self.last_pair)
    }

    /// Whether the service type may be given below.
    pub(super) fn may_tag(&mut self, stream: StreamId, service: ServiceType) -> bool {
        match service {
            ServiceType::Default => true,
            ServiceType::Voip | ServiceType::VoipRequest => {
                let found = match service {
                    // It is a type of URL requests, and an agent's streams are none.
                    ServiceType::VoipRequest => NO_REQUEST,
                    ServiceType::Voip | ServiceType::Default => {
                        plan(LegacyFeature::VoipStream, &self.situation)
                    }
                };
                let pair = self.pairs.get_mut(&stream.pair);
                if pair.is_some_and(|pair| !std::mem::replace(&mut pair.plan_told, true)) {
                    self.tell_plan(LegacyFeature::VoipStream, found);
                }
                found.plan != LegacyPlan::Refused
            }
        }
    }
}
