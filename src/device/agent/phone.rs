//! The phone as the app sees it, on a [`Backend`]: every call is made below, and told in the log with its answer.

use super::desk::Desk;
use super::pairs::end_of;
use crate::device::Backend;
use crate::port::{
    AppReport, AppState, Callback, Clock, Frame, Interface, Now, Phone, PushId, RunLoop,
    ServiceType, Span, StorageError, StreamError, StreamId, StreamPair, TaskId, TimerId, Token,
};
use crate::trace::{ConnectionEnd, LegacyFeature, LegacyPlan, LogLine, Refusal, What};

/// `UIMinimumKeepAliveTimeout` (Apple's headers and reference: 600 s).
const KEEP_ALIVE_MINIMUM: Span = Span::from_secs(600);

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
        let may = self.may_tag(stream, service);
        // Nobody documents which of its calls ends the process: what was decided is on the disk before the first.
        self.log.flush();
        let taken = may && unopened && self.backend.set_service_type(stream, service);
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
        if !can || self.backend.open(stream) {
            return can;
        }
        let error = self.backend.error(stream).unwrap_or(StreamError::NotOpen);
        self.emit(What::StreamFailed { pair, call: "open", error });
        false
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
        let mut taken = pair.framing.take(frame);
        let mut established = false;
        let unsent = pair.framing.unsent();
        if !unsent.is_empty() {
            match backend.write(stream, unsent) {
                // Nothing is taken before there is a connection: the app is told when it can write.
                Ok(0) if !pair.connected => {
                    pair.framing.sent(usize::MAX);
                    taken = 0;
                }
                Ok(n) => {
                    pair.framing.sent(n);
                    established = true;
                }
                Err(error) => {
                    self.end_known(id, end_of(error));
                    return self.failed(id, "write", error);
                }
            }
        }
        if established {
            // Whoever sets no client is not told that it is open.
            self.established(id);
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
            let line = LogLine::NO_SUCH_TASK;
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
