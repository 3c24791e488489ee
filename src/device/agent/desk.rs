//! The phone as the app sees it, on a [`Backend`]: every call is made below, and told in the log with its answer.

use std::collections::{BTreeMap, VecDeque};

use super::log::Log;
use super::pairs::{Pair, end_of};
use super::policy::{Plan, Situation, plan};
use crate::device::{Backend, Endpoint};
use crate::port::{
    AppReport, AppState, Callback, Clock, Frame, Interface, Now, Phone, PushId, RunLoop,
    ServiceType, Side, Span, StorageError, StreamError, StreamEvent, StreamId, StreamPair, TaskId,
    Time, TimerId, Token,
};
use crate::trace::{ConnectionEnd, Event, LegacyFeature, LegacyPlan, Refusal, What};

/// `UIMinimumKeepAliveTimeout` (Apple's headers and reference: 600 s).
const KEEP_ALIVE_MINIMUM: Span = Span::from_secs(600);

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
    pairs: BTreeMap<u32, Pair>,
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
        Desk {
            backend,
            log,
            situation,
            to,
            name,
            device,
            seq: 0,
            pairs: BTreeMap::new(),
            last_pair: 0,
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
    fn alive(&self) -> bool {
        self.exit.is_none()
    }

    /// What the policy says of a call; told once for each answer.
    fn planned(&mut self, feature: LegacyFeature) -> LegacyPlan {
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

    fn established(&mut self, pair: u32) {
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
    fn end_known(&mut self, id: u32, how: ConnectionEnd) {
        let Some(pair) = self.pairs.get_mut(&id) else { return };
        if std::mem::take(&mut pair.owes_end) {
            self.emit(What::ClientDisconnected { pair: id, how });
        }
    }

    /// Reads what the system has.
    fn fill(&mut self, stream: StreamId) {
        let Desk { backend, pairs, .. } = self;
        let Some(pair) = pairs.get_mut(&stream.pair) else { return };
        if !pair.is_open(stream.side) || pair.failed.is_some() {
            return;
        }
        let mut buffer = [0; BUFFER];
        loop {
            match backend.read(stream, &mut buffer) {
                Ok(0) => return,
                Ok(n) => pair.framing.feed(&buffer[..n.min(BUFFER)]),
                Err(error) => return pair.failed = Some(error),
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
    fn offer(&mut self, id: u32) {
        if let Some(pair) = self.pairs.get_mut(&id)
            && pair.framing.has_frame()
            && !std::mem::replace(&mut pair.bytes_told, true)
        {
            let stream = StreamPair(id).read();
            self.pending.push_back(Callback::Stream(stream, StreamEvent::HasBytesAvailable));
        }
    }

    fn failed<T>(
        &mut self,
        pair: u32,
        call: &'static str,
        error: StreamError,
    ) -> Result<T, StreamError> {
        self.emit(What::StreamFailed { pair, call, error });
        Err(error)
    }

    fn created(&mut self) -> StreamPair {
        self.last_pair += 1;
        self.pairs.insert(self.last_pair, Pair::of(&self.name));
        StreamPair(self.last_pair)
    }

    /// Whether the service type may be given below.
    fn may_tag(&mut self, stream: StreamId, service: ServiceType) -> bool {
        match service {
            ServiceType::Default => true,
            // It is a type of URL requests, and an agent's streams are none.
            ServiceType::VoipRequest => false,
            ServiceType::Voip => {
                let found = plan(LegacyFeature::VoipStream, &self.situation);
                let pair = self.pairs.get_mut(&stream.pair);
                if pair.is_some_and(|pair| !std::mem::replace(&mut pair.plan_told, true)) {
                    self.tell_plan(LegacyFeature::VoipStream, found);
                }
                found.plan != LegacyPlan::Refused
            }
        }
    }
}

impl<B: Backend> Phone for Desk<B> {
    fn now(&self) -> Now {
        self.backend.now()
    }

    fn application_state(&self) -> AppState {
        self.backend.application_state()
    }

    fn reachability(&self) -> Interface {
        self.backend.reachability()
    }

    fn create_stream(&mut self) -> StreamPair {
        if !self.alive() {
            return StreamPair(0);
        }
        let pair = self.created();
        self.emit(What::CreateStream { pair: pair.0 });
        self.backend.create_pair(pair.0, &self.to);
        pair
    }

    fn create_stream_over(&mut self, socket: StreamPair) -> Option<StreamPair> {
        let known = self.pairs.get(&socket.0).is_some_and(|pair| pair.owes_end);
        if !self.alive() || !known || !self.backend.create_pair_over(socket.0, socket.0) {
            return None;
        }
        self.pairs.get_mut(&socket.0)?.renew();
        self.pending
            .retain(|told| !matches!(told, Callback::Stream(stream, _) if stream.pair == socket.0));
        self.emit(What::CreateStreamOver { pair: socket.0 });
        Some(socket)
    }

    fn create_datagram_stream(&mut self) -> StreamPair {
        if !self.alive() {
            return StreamPair(0);
        }
        let pair = self.created();
        self.emit(What::CreateDatagramStream { pair: pair.0 });
        self.backend.create_datagram_pair(pair.0, &self.to);
        pair
    }

    fn set_service_type(&mut self, stream: StreamId, service: ServiceType) -> bool {
        let Some(known) = self.pairs.get(&stream.pair).filter(|_| self.alive()) else {
            return false;
        };
        let unopened = !known.was_opened(stream.side);
        let taken = self.may_tag(stream, service)
            && unopened
            && self.backend.set_service_type(stream, service);
        let StreamId { pair, side } = stream;
        self.emit(What::SetServiceType { pair, side, service, taken });
        taken
    }

    fn set_client(&mut self, stream: StreamId) {
        if self.alive() && self.pairs.contains_key(&stream.pair) {
            self.backend.set_client(stream);
        }
    }

    fn schedule(&mut self, stream: StreamId, run_loop: RunLoop) {
        if self.alive() && self.pairs.contains_key(&stream.pair) {
            self.backend.schedule(stream, run_loop);
            let StreamId { pair, side } = stream;
            self.emit(What::Schedule { pair, side, run_loop });
        }
    }

    fn unschedule(&mut self, stream: StreamId) {
        if self.alive() && self.pairs.contains_key(&stream.pair) {
            self.backend.unschedule(stream);
            let StreamId { pair, side } = stream;
            self.emit(What::Unschedule { pair, side });
        }
    }

    fn open(&mut self, stream: StreamId) -> bool {
        let Some(pair) = self.pairs.get_mut(&stream.pair).filter(|_| self.exit.is_none()) else {
            return false;
        };
        let can = pair.open(stream.side);
        let StreamId { pair, side } = stream;
        // The call may end the process: it is told, and on the disk, before it is made.
        self.emit(What::Open { pair, side, ok: can });
        self.log.flush();
        can && self.backend.open(stream)
    }

    fn read(&mut self, stream: StreamId) -> Result<Option<Frame>, StreamError> {
        let id = stream.pair;
        let open = self.pairs.get(&id).is_some_and(|pair| pair.is_open(stream.side));
        if !self.alive() {
            return Err(StreamError::NotOpen);
        }
        if !open {
            return self.failed(id, "read", StreamError::NotOpen);
        }
        if self.pairs.get(&id).is_some_and(|pair| !pair.framing.has_frame()) {
            self.fill(stream);
        }
        let Some(pair) = self.pairs.get_mut(&id) else { return Ok(None) };
        if let Some(frame) = pair.framing.next() {
            self.emit(What::Read { pair: id, frame });
            match frame {
                Frame::Push { id: push } => self.emit(What::PushReceived { push, pair: id }),
                Frame::Welcome => self.emit(What::ClientConnected { pair: id }),
                Frame::TlsClient { .. }
                | Frame::TlsServer { .. }
                | Frame::Hello { .. }
                | Frame::HelloSide { .. }
                | Frame::Cancel { .. }
                | Frame::Knock
                | Frame::Media
                | Frame::Ping { .. }
                | Frame::Pong { .. }
                | Frame::Ack { .. }
                | Frame::WhiteSpace
                | Frame::GoAway => {}
            }
            self.offer(id);
            return Ok(Some(frame));
        }
        match pair.failed {
            None => Ok(None),
            Some(error) => {
                self.end_known(id, end_of(error));
                self.failed(id, "read", error)
            }
        }
    }

    fn write(&mut self, stream: StreamId, frame: Frame) -> Result<u32, StreamError> {
        let id = stream.pair;
        if !self.alive() {
            return Err(StreamError::NotOpen);
        }
        let Desk { backend, pairs, .. } = self;
        let Some(pair) = pairs.get_mut(&id).filter(|pair| pair.is_open(stream.side)) else {
            return self.failed(id, "write", StreamError::NotOpen);
        };
        // Nothing is taken before there is a connection: the app is told when it can write.
        let taken = if pair.connected { pair.framing.take(frame) } else { 0 };
        let unsent = pair.framing.unsent();
        if !unsent.is_empty() {
            match backend.write(stream, unsent) {
                Ok(n) => pair.framing.sent(n),
                Err(error) => {
                    self.end_known(id, end_of(error));
                    return self.failed(id, "write", error);
                }
            }
        }
        let taken = u32::try_from(taken).unwrap_or(u32::MAX);
        self.emit(What::Write { pair: id, frame, taken });
        Ok(taken)
    }

    fn close(&mut self, stream: StreamId) {
        let id = stream.pair;
        let Some(pair) = self.pairs.get_mut(&id).filter(|_| self.exit.is_none()) else { return };
        if !pair.close(stream.side) {
            return;
        }
        let over = pair.is_over();
        self.emit(What::Close { pair: id, side: stream.side });
        self.backend.close(stream);
        self.pending
            .retain(|told| !matches!(told, Callback::Stream(closed, _) if *closed == stream));
        if over {
            self.end_known(id, ConnectionEnd::Closed);
            self.pairs.remove(&id);
        }
    }

    fn set_keep_alive_timeout(&mut self, timeout: Span) -> bool {
        if !self.alive() {
            return false;
        }
        let made = self.planned(LegacyFeature::KeepAlive) != LegacyPlan::Refused;
        let installed = made && self.backend.set_keep_alive_timeout(timeout);
        self.emit(What::SetKeepAliveTimeout { timeout, installed });
        if !installed {
            let why = if !made {
                Refusal::NotAvailable
            } else if !self.situation.has_voip_mode() {
                Refusal::NoVoipMode
            } else if self.situation.legacy_off() {
                Refusal::SdkGate
            } else if timeout < KEEP_ALIVE_MINIMUM {
                Refusal::TooShort
            } else {
                Refusal::NotAvailable
            };
            self.emit(What::KeepAliveRefused { why });
        }
        installed
    }

    fn clear_keep_alive_timeout(&mut self) {
        if self.alive() {
            self.backend.clear_keep_alive_timeout();
            self.emit(What::ClearKeepAliveTimeout {});
        }
    }

    fn begin_background_task(&mut self) -> Option<TaskId> {
        if !self.alive() {
            return None;
        }
        let task = self.backend.begin_background_task();
        self.emit(What::BeginBackgroundTask { id: task.map_or(0, |task| task.0) });
        task
    }

    fn end_background_task(&mut self, task: TaskId) {
        if !self.alive() {
            return;
        }
        let known = self.backend.end_background_task(task);
        self.emit(What::EndBackgroundTask { id: task.0, known });
        if !known {
            let line = "Can't end BackgroundTask: no background task exists with this identifier";
            self.emit(What::SystemLog { line, id: task.0 });
        }
        self.pending.retain(|told| *told != Callback::TaskExpiring(task));
    }

    fn background_time_remaining(&self) -> Span {
        self.backend.background_time_remaining()
    }

    fn set_timer(&mut self, timer: TimerId, after: Span, clock: Clock) {
        if self.alive() {
            self.emit(What::SetTimer { id: timer.0, after, clock });
            self.backend.set_timer(timer, after, clock);
        }
    }

    fn cancel_timer(&mut self, timer: TimerId) {
        if self.alive() {
            self.emit(What::CancelTimer { id: timer.0 });
            self.backend.cancel_timer(timer);
            self.pending.retain(|told| *told != Callback::Timer(timer));
        }
    }

    fn post_local_notification(&mut self, id: u64, push: PushId) -> bool {
        if !self.alive() {
            return false;
        }
        let _told = self.planned(LegacyFeature::LocalNotification);
        let text = self.log.push_name(push);
        let shown = self.backend.post_local_notification(id, &text);
        self.emit(match shown {
            true => What::Notified { push, id },
            false => What::NotNotified { push, id },
        });
        shown
    }

    fn cancel_local_notification(&mut self, id: u64, push: PushId) {
        if self.alive() {
            self.backend.cancel_local_notification(id);
            self.emit(What::CancelLocalNotification { push, id });
        }
    }

    fn store(&mut self, key: u32, value: u64) -> Result<(), StorageError> {
        if !self.alive() {
            return Err(StorageError::Full);
        }
        self.backend.store(key, value)
    }

    fn load(&self, key: u32) -> Result<Option<u64>, StorageError> {
        self.backend.load(key)
    }

    fn random(&mut self) -> u64 {
        self.backend.random()
    }

    fn busy(&mut self, span: Span, token: Token) {
        if self.alive() {
            self.emit(What::Busy { span });
            self.busy = Some((span, token));
        }
    }

    fn exit(&mut self, code: i32) {
        if self.alive() {
            self.exit = Some(code);
        }
    }

    fn report(&mut self, report: AppReport) {
        if !self.alive() {
            return;
        }
        self.emit(match report {
            AppReport::BackingOff { attempt, delay } => What::BackingOff { attempt, delay },
            AppReport::PingTimedOut { n } => What::PingTimedOut { n },
            AppReport::Duplicate { push } => What::PushDuplicate { push },
            AppReport::GaveUp => What::GaveUp {},
        });
    }
}
