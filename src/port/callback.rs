//! What the system tells the app.

use super::{Interface, StreamId, TaskId, words};

words! {
    /// Why a process was started.
    pub enum LaunchReason {
        /// The user opened the app.
        User = "user",
        /// The system started a VoIP app again after it ended abnormally.
        VoipRelaunch = "voip-relaunch",
        /// The system started a VoIP app after the device booted.
        Boot = "boot",
    }
}

words! {
    /// What a stream reports to its client, in CFStream's words.
    pub enum StreamEvent {
        /// The stream is open: `kCFStreamEventOpenCompleted`.
        OpenCompleted = "open-completed",
        /// There is something to read: `kCFStreamEventHasBytesAvailable`.
        HasBytesAvailable = "has-bytes-available",
        /// There is room to write: `kCFStreamEventCanAcceptBytes`.
        CanAcceptBytes = "can-accept-bytes",
        /// The connection failed: `kCFStreamEventErrorOccurred`.
        ErrorOccurred = "error-occurred",
        /// The peer ended the connection: `kCFStreamEventEndEncountered`.
        EndEncountered = "end-encountered",
    }
}

/// A timer of the app, named by the app.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TimerId(pub u32);

/// What an app gave to [`busy`](super::Phone::busy), handed back when the work is done.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Token(pub u32);

/// What the system tells the app. Callbacks are delivered one at a time on the main thread, each
/// after the turn before it has ended.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Callback {
    /// `application:didFinishLaunchingWithOptions:`.
    Launched(LaunchReason),
    /// `applicationDidBecomeActive:`.
    BecameActive,
    /// `applicationWillResignActive:`.
    WillResignActive,
    /// `applicationDidEnterBackground:`; has to return within the platform's limit.
    EnteredBackground,
    /// `applicationWillEnterForeground:`.
    WillEnterForeground,
    /// `applicationWillTerminate:`; only an app that runs is told.
    WillTerminate,
    /// `applicationDidReceiveMemoryWarning:`.
    MemoryWarning,
    /// `applicationProtectedDataDidBecomeAvailable:`, at the first unlock after a boot.
    ProtectedDataAvailable,
    /// The handler installed by `setKeepAliveTimeout:handler:`.
    KeepAlive,
    /// The expiration handler of a background task.
    TaskExpiring(TaskId),
    /// A timer of the app; late when the app was suspended at its time.
    Timer(TimerId),
    /// A stream event; each side of a pair reports its own.
    Stream(StreamId, StreamEvent),
    /// `SCNetworkReachability`: the interface that now carries traffic.
    ReachabilityChanged(Interface),
    /// `NSProcessInfoPowerStateDidChangeNotification`: low-power mode is on or off.
    LowPowerModeChanged(bool),
    /// The work announced by [`busy`](super::Phone::busy) is done.
    Continue(Token),
}

impl Callback {
    /// Every name that [`Callback::name`] gives, those of stream events apart: they are [`StreamEvent`]'s.
    pub const NAMES: &'static [&'static str] = &[
        "launched",
        "became-active",
        "will-resign-active",
        "entered-background",
        "will-enter-foreground",
        "will-terminate",
        "memory-warning",
        "protected-data-available",
        "keep-alive",
        "task-expiring",
        "timer",
        "reachability-changed",
        "low-power-mode-changed",
        "continue",
    ];

    /// The number of what it is about: a task, a timer, a pair of streams, a token; zero when it is about the app.
    pub const fn id(self) -> u32 {
        match self {
            Callback::TaskExpiring(TaskId(id)) => id,
            Callback::Timer(TimerId(id)) => id,
            Callback::Stream(stream, _) => stream.pair,
            Callback::Continue(Token(token)) => token,
            Callback::Launched(_)
            | Callback::BecameActive
            | Callback::WillResignActive
            | Callback::EnteredBackground
            | Callback::WillEnterForeground
            | Callback::WillTerminate
            | Callback::MemoryWarning
            | Callback::ProtectedDataAvailable
            | Callback::KeepAlive
            | Callback::ReachabilityChanged(_)
            | Callback::LowPowerModeChanged(_) => 0,
        }
    }

    /// The callback's name in traces and patterns.
    pub const fn name(self) -> &'static str {
        match self {
            Callback::Launched(_) => "launched",
            Callback::BecameActive => "became-active",
            Callback::WillResignActive => "will-resign-active",
            Callback::EnteredBackground => "entered-background",
            Callback::WillEnterForeground => "will-enter-foreground",
            Callback::WillTerminate => "will-terminate",
            Callback::MemoryWarning => "memory-warning",
            Callback::ProtectedDataAvailable => "protected-data-available",
            Callback::KeepAlive => "keep-alive",
            Callback::TaskExpiring(_) => "task-expiring",
            Callback::Timer(_) => "timer",
            Callback::Stream(_, event) => event.as_str(),
            Callback::ReachabilityChanged(_) => "reachability-changed",
            Callback::LowPowerModeChanged(_) => "low-power-mode-changed",
            Callback::Continue(_) => "continue",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_callback_is_among_the_names() {
        let all = [
            Callback::Launched(LaunchReason::User),
            Callback::BecameActive,
            Callback::WillResignActive,
            Callback::EnteredBackground,
            Callback::WillEnterForeground,
            Callback::WillTerminate,
            Callback::MemoryWarning,
            Callback::ProtectedDataAvailable,
            Callback::KeepAlive,
            Callback::TaskExpiring(TaskId(1)),
            Callback::Timer(TimerId(1)),
            Callback::ReachabilityChanged(Interface::Wifi),
            Callback::LowPowerModeChanged(true),
            Callback::Continue(Token(1)),
        ];
        assert_eq!(all.map(Callback::name), *Callback::NAMES);
    }
}
