//! The seam: an app, and what it can ask of the phone.

use super::{AppState, Callback, Frame, Now, PushId, Span, TimerId, Token, words};

words! {
    /// Which clock a timer runs on.
    pub enum Clock {
        /// Goes on while the device sleeps (`DISPATCH_WALLTIME`, `mach_continuous_time`).
        Continuous = "continuous",
        /// Stops while the device sleeps (`dispatch_after` on the default clock, `NSTimer`).
        Uptime = "uptime",
    }
}

words! {
    /// What a stream is for, as given to `kCFStreamNetworkServiceType`.
    pub enum ServiceType {
        /// Nothing special.
        Default = "default",
        /// Signalling of a VoIP app: the system keeps the socket while the app is suspended.
        Voip = "voip",
    }
}

words! {
    /// What a pair of streams runs over.
    #[derive(Default)]
    pub enum Transport {
        /// A TCP connection.
        #[default]
        Tcp = "tcp",
        /// A connected UDP socket: datagrams, which are lost without a word.
        Udp = "udp",
    }
}

words! {
    /// The network interface that carries traffic.
    #[derive(Default)]
    pub enum Interface {
        /// No network.
        #[default]
        None = "none",
        /// Wi-Fi.
        Wifi = "wifi",
        /// The cellular modem.
        Cellular = "cellular",
    }
}

words! {
    /// How an app says which server it wants.
    #[derive(Default)]
    pub enum ConnectBy {
        /// By name: the phone resolves it.
        #[default]
        Name = "name",
        /// By an IPv4 address written in the app.
        Ipv4Literal = "ipv4-literal",
    }
}

words! {
    /// The run loop and mode a stream is scheduled on.
    pub enum RunLoop {
        /// The main run loop in its common modes: events arrive.
        Main = "main",
        /// A run loop that nobody runs, or a mode it is never in: events never arrive.
        Stopped = "stopped",
    }
}

words! {
    /// One side of a stream pair.
    pub enum Side {
        /// The stream that is read.
        Read = "read",
        /// The stream that is written.
        Write = "write",
    }
}

/// One stream of a pair.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StreamId {
    /// The number of the pair, and of the connection under it; counts up from 1 on each device.
    pub pair: u32,
    /// Which side.
    pub side: Side,
}

/// The two streams over one connection.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StreamPair(pub u32);

impl StreamPair {
    /// The stream that is read.
    pub const fn read(self) -> StreamId {
        StreamId { pair: self.0, side: Side::Read }
    }

    /// The stream that is written.
    pub const fn write(self) -> StreamId {
        StreamId { pair: self.0, side: Side::Write }
    }
}

/// A background task; counts up from 1 in each process.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TaskId(pub u32);

words! {
    /// Why a stream call failed, by the errno the kernel gives.
    pub enum StreamError {
        /// The stream was not opened, or has been closed by the app.
        NotOpen = "not-open",
        /// `ENOTCONN`: the system reclaimed the socket; found out by reading.
        NotConnected = "not-connected",
        /// `EPIPE`: the system reclaimed the socket; found out by writing.
        BrokenPipe = "broken-pipe",
        /// `ECONNREFUSED`: nobody listens there.
        Refused = "refused",
        /// `ECONNRESET`: the peer does not know the connection.
        Reset = "reset",
        /// `ETIMEDOUT`: nobody answered for as long as the stack tries.
        TimedOut = "timed-out",
        /// `ENETUNREACH` or `EHOSTUNREACH`: no way there.
        Unreachable = "unreachable",
        /// `kCFHostErrorUnknown`, `EAI_NONAME`: the name could not be resolved.
        NotResolved = "not-resolved",
    }
}

words! {
    /// Why a value could not be stored or loaded.
    pub enum StorageError {
        /// The device has not been unlocked since it booted.
        Protected = "protected",
        /// The store is full.
        Full = "full",
    }
}

/// What an app may say about itself in the trace. No rule depends on it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum AppReport {
    /// It waits before it connects again.
    BackingOff {
        /// How many attempts have failed in a row.
        attempt: u32,
        /// How long it waits.
        delay: Span,
    },
    /// Its ping was not answered in time.
    PingTimedOut {
        /// The number of the ping.
        n: u32,
    },
    /// It had this push already.
    Duplicate {
        /// Which one.
        push: PushId,
    },
    /// It stopped trying.
    GaveUp,
}

/// The client under test.
///
/// An app is told things one at a time and asks the phone for things while it is told. It keeps its
/// own state, owns no clock and does no I/O, so the same value runs in every world.
pub trait App {
    /// Handles one callback. The turn ends when this returns, or after the span given to
    /// [`Phone::busy`].
    fn on(&mut self, callback: Callback, phone: &mut impl Phone);

    /// The process has ended: everything in memory is gone, only storage survives.
    fn forget(&mut self);
}

/// What an app can ask of iOS. Every call answers at once and never calls back: callbacks that arise
/// meanwhile are delivered after the current one has returned.
pub trait Phone {
    /// What the phone's clocks say.
    fn now(&self) -> Now;

    /// The app's own state (`UIApplication.applicationState`).
    fn application_state(&self) -> AppState;

    /// The interface that carries traffic (`SCNetworkReachability`). Says nothing about whether the
    /// server can be reached.
    fn reachability(&self) -> Interface;

    /// Makes a pair of streams to the server. Nothing is sent before [`open`](Phone::open).
    fn create_stream(&mut self) -> StreamPair;

    /// Makes a pair of streams over a UDP socket that is connected to the server, as
    /// `CFStreamCreatePairWithSocket` does (linphone-iphone @72702a0c, `LinphoneManager.m`). There is no
    /// handshake: they are open as soon as they are opened.
    fn create_datagram_stream(&mut self) -> StreamPair;

    /// Gives the stream its service type; answers whether it was taken. Only an unopened stream takes
    /// one (CocoaAsyncSocket, `GCDAsyncSocket.m`).
    fn set_service_type(&mut self, stream: StreamId, service: ServiceType) -> bool;

    /// Sets who is told of the stream's events. Without it nobody is.
    fn set_client(&mut self, stream: StreamId);

    /// Schedules the stream on a run loop. Without it no event is ever delivered.
    fn schedule(&mut self, stream: StreamId, run_loop: RunLoop);

    /// Opens the stream. The connection is made when the first of a pair is opened.
    fn open(&mut self, stream: StreamId) -> bool;

    /// Takes the next frame that has arrived; `None` when there is none yet.
    ///
    /// # Errors
    /// What the kernel would answer: see [`StreamError`].
    fn read(&mut self, stream: StreamId) -> Result<Option<Frame>, StreamError>;

    /// Hands a frame to the stream; answers the bytes taken: all of the frame, or none when there is
    /// no room. That they were taken does not mean that anybody gets them.
    ///
    /// # Errors
    /// What the kernel would answer: see [`StreamError`].
    fn write(&mut self, stream: StreamId, frame: Frame) -> Result<u32, StreamError>;

    /// Closes the stream. The connection ends when both of a pair are closed.
    fn close(&mut self, stream: StreamId);

    /// `setKeepAliveTimeout:handler:`; answers whether the handler was installed.
    fn set_keep_alive_timeout(&mut self, timeout: Span) -> bool;

    /// `clearKeepAliveTimeout`.
    fn clear_keep_alive_timeout(&mut self);

    /// `beginBackgroundTaskWithExpirationHandler:`; `None` is `UIBackgroundTaskInvalid`.
    fn begin_background_task(&mut self) -> Option<TaskId>;

    /// `endBackgroundTask:`. An unknown or ended task is only a line in the system log.
    fn end_background_task(&mut self, task: TaskId);

    /// `backgroundTimeRemaining`; [`Span::MAX`] in the foreground.
    fn background_time_remaining(&self) -> Span;

    /// Sets a timer, or sets it anew. A timer that is due while the app is suspended fires when the
    /// app runs again.
    fn set_timer(&mut self, timer: TimerId, after: Span, clock: Clock);

    /// Cancels a timer; nothing happens when it is not set.
    fn cancel_timer(&mut self, timer: TimerId);

    /// Shows a local notification for a push, or replaces the one with the same `id`; answers whether
    /// the user can see it.
    fn post_local_notification(&mut self, id: u64, push: PushId) -> bool;

    /// Takes back the local notification for a push (`cancelLocalNotification:`); nothing happens when
    /// none with this `id` was posted.
    fn cancel_local_notification(&mut self, id: u64, push: PushId);

    /// Keeps a value over the end of the process.
    ///
    /// # Errors
    /// [`StorageError`] when protected data is not available, or the store is full.
    fn store(&mut self, key: u32, value: u64) -> Result<(), StorageError>;

    /// The value kept under a key.
    ///
    /// # Errors
    /// [`StorageError::Protected`] before the first unlock after a boot.
    fn load(&self, key: u32) -> Result<Option<u64>, StorageError>;

    /// A random number (`arc4random`). In a simulation it follows from the seed, the device and the
    /// moment.
    fn random(&mut self) -> u64;

    /// The main thread is blocked for `span` after this turn; [`Callback::Continue`] comes when it is
    /// done, and every other callback waits until then. The last call of a turn.
    fn busy(&mut self, span: Span, token: Token);

    /// `exit(code)`: the process ends when this turn ends. It does not return on a phone, so nothing that
    /// is asked for behind it in the same turn happens.
    fn exit(&mut self, code: i32);

    /// Puts a line about the app's own doings into the trace.
    fn report(&mut self, report: AppReport);
}
