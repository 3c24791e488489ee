//! A phone that does as it is told and writes down what it is asked, for the rule tests of the client.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::port::{
    AppReport, AppState, Clock, Frame, Interface, Now, Phone, PushId, RunLoop, ServiceType, Span,
    StorageError, StreamError, StreamId, StreamPair, TaskId, TimerId, Token,
};

/// One thing the app asked for, with the answer where it matters.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Call {
    CreateStream(StreamPair),
    CreateDatagramStream(StreamPair),
    SetServiceType(StreamId, ServiceType),
    SetClient(StreamId),
    Schedule(StreamId, RunLoop),
    Open(StreamId),
    Write(StreamId, Frame),
    Close(StreamId),
    SetKeepAlive(Span),
    ClearKeepAlive,
    BeginTask(TaskId),
    EndTask(TaskId),
    SetTimer(TimerId, Span, Clock),
    CancelTimer(TimerId),
    Notify(u64, PushId),
    CancelNotification(u64, PushId),
    Busy(Span, Token),
    Exit(i32),
    Report(AppReport),
}

/// The phone's answers, and what it was asked.
pub(super) struct FakePhone {
    pub(super) now: Now,
    pub(super) state: AppState,
    pub(super) interface: Interface,
    /// Frames that wait on whichever read stream is read.
    pub(super) incoming: VecDeque<Frame>,
    pub(super) read_error: Option<StreamError>,
    pub(super) write_error: Option<StreamError>,
    pub(super) protected: bool,
    pub(super) remaining: Span,
    pub(super) stored: BTreeMap<u32, u64>,
    pub(super) calls: Vec<Call>,
    /// How many pairs were made; the number of the newest.
    pub(super) pairs: u32,
    closed: BTreeSet<StreamId>,
    tasks: u32,
    draws: u64,
}

impl FakePhone {
    pub(super) fn new() -> FakePhone {
        FakePhone {
            now: Now::default(),
            state: AppState::Active,
            interface: Interface::Wifi,
            incoming: VecDeque::new(),
            read_error: None,
            write_error: None,
            protected: false,
            remaining: Span::MAX,
            stored: BTreeMap::new(),
            calls: Vec::new(),
            pairs: 0,
            closed: BTreeSet::new(),
            tasks: 0,
            draws: 0,
        }
    }

    /// Takes what was asked since the last time.
    pub(super) fn take(&mut self) -> Vec<Call> {
        std::mem::take(&mut self.calls)
    }

    fn has(&self, stream: StreamId) -> bool {
        stream.pair <= self.pairs && !self.closed.contains(&stream)
    }
}

impl Phone for FakePhone {
    fn now(&self) -> Now {
        self.now
    }

    fn application_state(&self) -> AppState {
        self.state
    }

    fn reachability(&self) -> Interface {
        self.interface
    }

    fn create_stream(&mut self) -> StreamPair {
        self.pairs += 1;
        self.calls.push(Call::CreateStream(StreamPair(self.pairs)));
        StreamPair(self.pairs)
    }

    fn create_datagram_stream(&mut self) -> StreamPair {
        self.pairs += 1;
        self.calls.push(Call::CreateDatagramStream(StreamPair(self.pairs)));
        StreamPair(self.pairs)
    }

    fn set_service_type(&mut self, stream: StreamId, service: ServiceType) -> bool {
        let opened = self.calls.contains(&Call::Open(stream));
        self.calls.push(Call::SetServiceType(stream, service));
        !opened
    }

    fn set_client(&mut self, stream: StreamId) {
        self.calls.push(Call::SetClient(stream));
    }

    fn schedule(&mut self, stream: StreamId, run_loop: RunLoop) {
        self.calls.push(Call::Schedule(stream, run_loop));
    }

    fn open(&mut self, stream: StreamId) -> bool {
        self.calls.push(Call::Open(stream));
        true
    }

    fn read(&mut self, stream: StreamId) -> Result<Option<Frame>, StreamError> {
        match self.read_error {
            _ if !self.has(stream) => Err(StreamError::NotOpen),
            Some(error) => Err(error),
            None => Ok(self.incoming.pop_front()),
        }
    }

    fn write(&mut self, stream: StreamId, frame: Frame) -> Result<u32, StreamError> {
        if !self.has(stream) {
            return Err(StreamError::NotOpen);
        }
        if let Some(error) = self.write_error {
            return Err(error);
        }
        self.calls.push(Call::Write(stream, frame));
        Ok(frame.wire_len())
    }

    fn close(&mut self, stream: StreamId) {
        self.closed.insert(stream);
        self.calls.push(Call::Close(stream));
    }

    fn set_keep_alive_timeout(&mut self, timeout: Span) -> bool {
        self.calls.push(Call::SetKeepAlive(timeout));
        true
    }

    fn clear_keep_alive_timeout(&mut self) {
        self.calls.push(Call::ClearKeepAlive);
    }

    fn begin_background_task(&mut self) -> Option<TaskId> {
        self.tasks += 1;
        self.calls.push(Call::BeginTask(TaskId(self.tasks)));
        Some(TaskId(self.tasks))
    }

    fn end_background_task(&mut self, task: TaskId) {
        self.calls.push(Call::EndTask(task));
    }

    fn background_time_remaining(&self) -> Span {
        self.remaining
    }

    fn set_timer(&mut self, timer: TimerId, after: Span, clock: Clock) {
        self.calls.push(Call::SetTimer(timer, after, clock));
    }

    fn cancel_timer(&mut self, timer: TimerId) {
        self.calls.push(Call::CancelTimer(timer));
    }

    fn post_local_notification(&mut self, id: u64, push: PushId) -> bool {
        self.calls.push(Call::Notify(id, push));
        true
    }

    fn cancel_local_notification(&mut self, id: u64, push: PushId) {
        self.calls.push(Call::CancelNotification(id, push));
    }

    fn store(&mut self, key: u32, value: u64) -> Result<(), StorageError> {
        if self.protected {
            return Err(StorageError::Protected);
        }
        self.stored.insert(key, value);
        Ok(())
    }

    fn load(&self, key: u32) -> Result<Option<u64>, StorageError> {
        if self.protected {
            return Err(StorageError::Protected);
        }
        Ok(self.stored.get(&key).copied())
    }

    fn random(&mut self) -> u64 {
        self.draws += 1;
        self.draws << 60
    }

    fn busy(&mut self, span: Span, token: Token) {
        self.calls.push(Call::Busy(span, token));
    }

    fn exit(&mut self, code: i32) {
        self.calls.push(Call::Exit(code));
    }

    fn report(&mut self, report: AppReport) {
        self.calls.push(Call::Report(report));
    }
}
