//! A system for tests: it answers as the model does where the model is asked the same.

use std::collections::VecDeque;

use super::policy::{Situation, Thresholds};
use crate::device::protocol::About;
use crate::device::{Backend, Endpoint};
use crate::os::SocketEvent;
use crate::port::{
    AppState, Clock, Interface, Now, PushId, RunLoop, ServiceType, Span, StorageError, StreamError,
    StreamId, TaskId, Time, TimerId,
};
use crate::trace::{Header, Names};
use crate::wire::ServerMessage;

/// The push of the tests.
pub(super) const PUSH: PushId = PushId { name: 0, member: 0 };

/// The system.
pub(super) struct Fake {
    pub(super) now: Time,
    pub(super) inbound: VecDeque<u8>,
    pub(super) established: bool,
    pub(super) sent: Vec<u8>,
    /// So much is taken by each write.
    pub(super) room: usize,
    /// The process is suspended for so long whenever it is blocked.
    pub(super) suspended: Span,
    /// No stream can be opened.
    pub(super) refuses: bool,
    pub(super) error: Option<StreamError>,
    pub(super) tasks: Vec<u32>,
    pub(super) last_task: u32,
}

impl Default for Fake {
    fn default() -> Fake {
        Fake {
            now: Time::ZERO,
            inbound: VecDeque::new(),
            established: false,
            sent: Vec::new(),
            room: usize::MAX,
            suspended: Span::ZERO,
            refuses: false,
            error: None,
            tasks: Vec::new(),
            last_task: 0,
        }
    }
}

impl Fake {
    pub(super) fn came(&mut self, event: &SocketEvent) {
        match event {
            SocketEvent::Established => self.established = true,
            SocketEvent::Failed(error) => self.error = Some(*error),
            SocketEvent::Frame(frame) => {
                let mut bytes = Vec::new();
                ServerMessage::of(*frame, |_| "come here").unwrap().encode(&mut bytes);
                self.inbound.extend(bytes);
            }
            SocketEvent::Fin => {}
            SocketEvent::Reset => self.error = Some(StreamError::Reset),
            SocketEvent::TimedOut => self.error = Some(StreamError::TimedOut),
        }
    }
}

impl Backend for Fake {
    fn now(&self) -> Now {
        Now { continuous: self.now, uptime: self.now, wall: 0 }
    }
    fn application_state(&self) -> AppState {
        AppState::Active
    }
    fn reachability(&self) -> Interface {
        Interface::Wifi
    }
    fn create_pair(&mut self, _: u32, _: &Endpoint) {}
    fn create_pair_over(&mut self, _: u32, _: u32) -> bool {
        self.established
    }
    fn create_datagram_pair(&mut self, _: u32, _: &Endpoint) {}
    fn set_service_type(&mut self, _: StreamId, _: ServiceType) -> bool {
        true
    }
    fn set_client(&mut self, _: StreamId) {}
    fn schedule(&mut self, _: StreamId, _: RunLoop) {}
    fn unschedule(&mut self, _: StreamId) {}
    fn open(&mut self, _: StreamId) -> bool {
        !self.refuses
    }
    fn local_port(&self, _: u32) -> Option<u16> {
        self.established.then_some(4_711)
    }
    fn read(&mut self, _: StreamId, buffer: &mut [u8]) -> Result<usize, StreamError> {
        let n = buffer.len().min(self.inbound.len());
        self.inbound.drain(..n).zip(buffer).for_each(|(byte, place)| *place = byte);
        match self.error.filter(|_| n == 0) {
            Some(error) => Err(error),
            None => Ok(n),
        }
    }
    fn write(&mut self, _: StreamId, bytes: &[u8]) -> Result<usize, StreamError> {
        match self.error {
            Some(error) => Err(error),
            None if self.established => {
                let n = bytes.len().min(self.room);
                self.sent.extend_from_slice(&bytes[..n]);
                Ok(n)
            }
            None => Ok(0),
        }
    }
    fn error(&self, _: StreamId) -> Option<StreamError> {
        self.error
    }
    fn close(&mut self, _: StreamId) {}
    fn set_keep_alive_timeout(&mut self, timeout: Span) -> bool {
        timeout >= Span::from_secs(600)
    }
    fn clear_keep_alive_timeout(&mut self) {}
    fn begin_background_task(&mut self) -> Option<TaskId> {
        self.last_task += 1;
        self.tasks.push(self.last_task);
        Some(TaskId(self.last_task))
    }
    fn end_background_task(&mut self, task: TaskId) -> bool {
        let held = self.tasks.len();
        self.tasks.retain(|known| *known != task.0);
        self.tasks.len() < held
    }
    fn background_time_remaining(&self) -> Span {
        Span::MAX
    }
    fn set_timer(&mut self, _: TimerId, _: Span, _: Clock) {}
    fn cancel_timer(&mut self, _: TimerId) {}
    fn post_local_notification(&mut self, _: u64, _: &str) -> bool {
        true
    }
    fn cancel_local_notification(&mut self, _: u64) {}
    fn store(&mut self, _: u32, _: u64) -> Result<(), StorageError> {
        Ok(())
    }
    fn load(&self, _: u32) -> Result<Option<u64>, StorageError> {
        Ok(None)
    }
    fn random(&mut self) -> u64 {
        4
    }
    fn block(&mut self, span: Span) {
        self.now += span + self.suspended;
    }
    fn exit(&mut self, _: i32) {}
}

pub(super) fn header() -> Header {
    let (scenario, model, platform) = ("x".into(), "1".into(), "ios-9".into());
    Header { scenario, seed: 1, model, platform, profile_hash: 1 }
}

pub(super) fn about() -> About {
    About {
        triple: "x".into(),
        backend: "fake".into(),
        model: "x".into(),
        os: "9.3".into(),
        sdk: Some((9, 3)),
        background_modes: vec!["voip".into()],
        simulator: false,
        pid: 1,
    }
}

pub(super) fn situation() -> Situation {
    Situation {
        os: (9, 3),
        sdk: Some((9, 3)),
        background_modes: vec!["voip".into()],
        simulator: false,
        expect_trap: false,
        thresholds: Thresholds::default(),
    }
}

pub(super) fn names() -> Names {
    Names { pushes: vec!["call".into()] }
}
