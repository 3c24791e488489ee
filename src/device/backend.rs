//! What an agent needs of the system below: the calls of [`Phone`](crate::port::Phone), as bytes and without a log.

use crate::port::{
    AppState, Clock, Interface, Now, RunLoop, ServiceType, Span, StorageError, StreamError,
    StreamId, TaskId, TimerId,
};

/// Where the push server is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    /// A name or an address.
    pub host: String,
    /// The TCP port.
    pub port: u16,
}

/// The system below an agent. Every call answers at once, on the main thread, and never calls back.
///
/// What arises meanwhile is told as a [`Callback`](crate::port::Callback) after the current turn, by whoever runs the
/// main loop.
pub trait Backend {
    /// What the phone's clocks say, since the beginning of the run.
    fn now(&self) -> Now;
    /// `UIApplication.applicationState`.
    fn application_state(&self) -> AppState;
    /// The interface that carries traffic.
    fn reachability(&self) -> Interface;

    /// Makes a pair of streams of this number to the server.
    fn create_pair(&mut self, pair: u32, to: &Endpoint);
    /// Makes a pair of this number over the socket of another; answers whether there is one.
    fn create_pair_over(&mut self, pair: u32, socket: u32) -> bool;
    /// Makes a pair of this number over a UDP socket that is connected to the server.
    fn create_datagram_pair(&mut self, pair: u32, to: &Endpoint);
    /// Gives a stream its service type; answers whether the system took it.
    fn set_service_type(&mut self, stream: StreamId, service: ServiceType) -> bool;
    /// Sets who is told of the stream's events.
    fn set_client(&mut self, stream: StreamId);
    /// Schedules the stream on a run loop.
    fn schedule(&mut self, stream: StreamId, run_loop: RunLoop);
    /// Takes the stream off its run loop.
    fn unschedule(&mut self, stream: StreamId);
    /// Opens the stream; answers whether that began.
    fn open(&mut self, stream: StreamId) -> bool;
    /// The phone's own port of the connection under a pair, once there is one.
    fn local_port(&self, pair: u32) -> Option<u16>;
    /// Reads what is there into `buffer`; zero when there is nothing now. An end is told by a callback.
    ///
    /// # Errors
    /// What the kernel answers.
    fn read(&mut self, stream: StreamId, buffer: &mut [u8]) -> Result<usize, StreamError>;
    /// Writes as much of `bytes` as there is room for.
    ///
    /// # Errors
    /// What the kernel answers.
    fn write(&mut self, stream: StreamId, bytes: &[u8]) -> Result<usize, StreamError>;
    /// Why the stream failed, if it did.
    fn error(&self, stream: StreamId) -> Option<StreamError>;
    /// Closes the stream.
    fn close(&mut self, stream: StreamId);

    /// `setKeepAliveTimeout:handler:`; answers whether the handler was installed.
    fn set_keep_alive_timeout(&mut self, timeout: Span) -> bool;
    /// `clearKeepAliveTimeout`.
    fn clear_keep_alive_timeout(&mut self);
    /// `beginBackgroundTaskWithExpirationHandler:`; `None` is `UIBackgroundTaskInvalid`. The number is of this
    /// process, from 1.
    fn begin_background_task(&mut self) -> Option<TaskId>;
    /// `endBackgroundTask:`; answers whether there was such a task.
    fn end_background_task(&mut self, task: TaskId) -> bool;
    /// `backgroundTimeRemaining`; [`Span::MAX`] in the foreground.
    fn background_time_remaining(&self) -> Span;
    /// Sets a timer, or sets it anew.
    fn set_timer(&mut self, timer: TimerId, after: Span, clock: Clock);
    /// Cancels a timer.
    fn cancel_timer(&mut self, timer: TimerId);

    /// Shows a local notification with this text, or replaces the one with this `id`; answers whether the user may
    /// see it, as far as the system says.
    fn post_local_notification(&mut self, id: u64, text: &str) -> bool;
    /// Takes a local notification back.
    fn cancel_local_notification(&mut self, id: u64);
    /// Keeps a value over the end of the process.
    ///
    /// # Errors
    /// [`StorageError`].
    fn store(&mut self, key: u32, value: u64) -> Result<(), StorageError>;
    /// The value kept under a key.
    ///
    /// # Errors
    /// [`StorageError`].
    fn load(&self, key: u32) -> Result<Option<u64>, StorageError>;
    /// A random number.
    fn random(&mut self) -> u64;
    /// Blocks the main thread.
    fn block(&mut self, span: Span);
    /// `exit(code)`.
    fn exit(&mut self, code: i32);
}
