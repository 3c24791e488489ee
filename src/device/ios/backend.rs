//! [`Backend`] on iOS: each call is the system's.

use std::net::UdpSocket;
use std::os::fd::OwnedFd;
use std::time::Duration;

use objc2::rc::Retained;
use objc2_ui_kit::{UIApplication, UIApplicationState};

use super::notify::Notifications;
use super::reach;
use super::store::Kept;
use super::streams::Streams;
use super::tasks::Tasks;
use super::timers::{AppTimers, Look};
use super::voice::Voice;
use crate::device::system::clocks::RunClock;
use crate::device::system::interfaces::carrier;
use crate::device::{Backend, Endpoint};
use crate::port::{
    AppState, Clock, Interface, Now, RunLoop, ServiceType, Span, StorageError, StreamError,
    StreamId, TaskId, TimerId,
};

/// The system, for one process.
pub(super) struct IosBackend {
    clock: RunClock,
    voice: Voice,
    streams: Streams,
    timers: AppTimers,
    kept: Kept,
    /// Nothing in a process without UIKit: it is in the foreground, and given no tasks.
    life: Option<Life>,
}

/// What only an app has.
struct Life {
    app: Retained<UIApplication>,
    tasks: Tasks,
    notifications: Notifications,
}

impl IosBackend {
    /// `kept` keeps the app's values; `look` is called on the main thread when a timer may be due.
    pub(super) fn new(
        clock: RunClock,
        kept: Kept,
        app: Option<Retained<UIApplication>>,
        voice: Voice,
        look: Look,
    ) -> IosBackend {
        let life = app.map(|app| Life {
            tasks: Tasks::new(app.clone(), voice),
            notifications: Notifications::new(app.clone(), voice),
            app,
        });
        let (streams, timers) = (Streams::new(voice), AppTimers::new(look));
        IosBackend { clock, voice, streams, timers, kept, life }
    }

    /// The timers that are due.
    pub(super) fn due(&mut self) -> Vec<TimerId> {
        let now = self.now();
        self.timers.take_due(now)
    }

    /// The service type that the stream says it has.
    pub(super) fn service_type(&self, stream: StreamId) -> Option<ServiceType> {
        self.streams.service_type(stream)
    }
}

/// UIKit's states; it has no other than these.
pub(super) fn state(app: &UIApplication) -> AppState {
    match app.applicationState() {
        UIApplicationState::Active => AppState::Active,
        UIApplicationState::Background => AppState::Background,
        _ => AppState::Inactive,
    }
}

/// A UDP socket that is connected to the server.
fn datagrams(to: &Endpoint) -> std::io::Result<OwnedFd> {
    use std::net::ToSocketAddrs;

    let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    for address in (to.host.as_str(), to.port).to_socket_addrs()? {
        let any = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        match UdpSocket::bind(any).and_then(|socket| socket.connect(address).map(|()| socket)) {
            Ok(socket) => return Ok(socket.into()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

impl Backend for IosBackend {
    fn now(&self) -> Now {
        self.clock.now(super::clocks::read())
    }

    fn application_state(&self) -> AppState {
        self.life.as_ref().map_or(AppState::Active, |life| state(&life.app))
    }

    fn reachability(&self) -> Interface {
        carrier(&reach::addresses())
    }

    fn create_pair(&mut self, pair: u32, to: &Endpoint) {
        self.streams.create(pair, to);
    }

    fn create_pair_over(&mut self, pair: u32, socket: u32) -> bool {
        self.streams.create_over(pair, socket)
    }

    fn create_datagram_pair(&mut self, pair: u32, to: &Endpoint) {
        match datagrams(to) {
            Ok(socket) => self.streams.create_on(pair, socket),
            Err(error) => self.voice.say(format!("no UDP socket for pair {pair}: {error}")),
        }
    }

    fn set_service_type(&mut self, stream: StreamId, service: ServiceType) -> bool {
        self.streams.set_service_type(stream, service)
    }

    fn set_client(&mut self, stream: StreamId) {
        self.streams.set_client(stream);
    }

    fn schedule(&mut self, stream: StreamId, run_loop: RunLoop) {
        self.streams.schedule(stream, run_loop);
    }

    fn unschedule(&mut self, stream: StreamId) {
        self.streams.unschedule(stream);
    }

    fn open(&mut self, stream: StreamId) -> bool {
        self.streams.open(stream)
    }

    fn local_port(&self, pair: u32) -> Option<u16> {
        self.streams.local_port(pair)
    }

    fn read(&mut self, stream: StreamId, buffer: &mut [u8]) -> Result<usize, StreamError> {
        self.streams.read(stream, buffer)
    }

    fn write(&mut self, stream: StreamId, bytes: &[u8]) -> Result<usize, StreamError> {
        self.streams.write(stream, bytes)
    }

    fn error(&self, stream: StreamId) -> Option<StreamError> {
        self.streams.error(stream)
    }

    fn close(&mut self, stream: StreamId) {
        self.streams.close(stream);
    }

    fn set_keep_alive_timeout(&mut self, timeout: Span) -> bool {
        self.life.as_mut().is_some_and(|life| life.tasks.set_keep_alive(timeout))
    }

    fn clear_keep_alive_timeout(&mut self) {
        if let Some(life) = &mut self.life {
            life.tasks.clear_keep_alive();
        }
    }

    fn begin_background_task(&mut self) -> Option<TaskId> {
        self.life.as_mut().and_then(|life| life.tasks.begin())
    }

    fn end_background_task(&mut self, task: TaskId) -> bool {
        self.life.as_mut().is_some_and(|life| life.tasks.end(task))
    }

    fn background_time_remaining(&self) -> Span {
        self.life.as_ref().map_or(Span::MAX, |life| life.tasks.remaining())
    }

    fn set_timer(&mut self, timer: TimerId, after: Span, clock: Clock) {
        let now = self.now();
        self.timers.set(timer, after, clock, now);
    }

    fn cancel_timer(&mut self, timer: TimerId) {
        let now = self.now();
        self.timers.cancel(timer, now);
    }

    fn post_local_notification(&mut self, id: u64, text: &str) -> bool {
        self.life.as_mut().is_some_and(|life| life.notifications.post(id, text))
    }

    fn cancel_local_notification(&mut self, id: u64) {
        if let Some(life) = &mut self.life {
            life.notifications.cancel(id);
        }
    }

    fn store(&mut self, key: u32, value: u64) -> Result<(), StorageError> {
        self.kept.store(key, value)
    }

    fn load(&self, key: u32) -> Result<Option<u64>, StorageError> {
        self.kept.load(key)
    }

    fn random(&mut self) -> u64 {
        let mut bytes = [0_u8; 8];
        // SAFETY: the buffer is as long as is said.
        unsafe { libc::arc4random_buf(bytes.as_mut_ptr().cast(), bytes.len()) };
        u64::from_ne_bytes(bytes)
    }

    fn block(&mut self, span: Span) {
        std::thread::sleep(Duration::from_micros(span.as_micros()));
    }

    fn exit(&mut self, code: i32) {
        std::process::exit(code);
    }
}
