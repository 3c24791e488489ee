//! The list of everything that can happen.

use super::legacy_words::{LegacyFeature, LegacyPlan, LegacyReason};
use super::{
    Datum, DeadCause, Delivery, Field, FieldInfo, FieldValue, Lane, LogLine, LossCause, OnPhone,
    PushNumbers,
};
use crate::port::{
    AppState, Clock, Frame, Interface, LaunchReason, PushId, RunLoop, ServiceType, Side, Span,
    StreamError, StreamEvent, words,
};

/// One row of the table of events.
#[derive(Copy, Clone, Debug)]
pub struct EventInfo {
    /// The event's name in traces and patterns.
    pub name: &'static str,
    /// The lane it is drawn in.
    pub lane: Lane,
    /// How a real phone can know of it.
    pub on_phone: OnPhone,
    /// What it means.
    pub doc: &'static str,
    /// Its fields.
    pub fields: &'static [FieldInfo],
}

macro_rules! events {
    ($($(#[doc = $doc:literal])+ $lane:ident $phone:ident $text:literal $name:ident
        { $($(#[doc = $fdoc:literal])* $field:ident $ftext:literal: $type:ty),* $(,)? })+) => {
        /// What happened. One row an event: its lane, how a phone can know of it, name and fields.
        #[derive(Copy, Clone, PartialEq, Debug)]
        pub enum What { $(
            $(#[doc = $doc])+
            $name { $(
                #[doc = concat!("`", $ftext, "`")]
                $(#[doc = $fdoc])*
                $field: $type),* }
        ),+ }

        impl What {
            /// All events that exist, in the order of declaration.
            pub const TABLE: &'static [EventInfo] = &[$(EventInfo {
                name: $text,
                lane: Lane::$lane,
                on_phone: OnPhone::$phone,
                doc: concat!($($doc),+),
                fields: &[$(FieldInfo {
                    name: $ftext, shape: <$type as FieldValue>::SHAPE,
                    meanings: <$type as FieldValue>::MEANINGS,
                }),*],
            }),+];

            /// The event's name.
            #[inline]
            pub const fn name(&self) -> &'static str {
                match self { $(What::$name { .. } => $text),+ }
            }

            /// The lane the event is drawn in.
            #[inline]
            pub const fn lane(&self) -> Lane {
                match self { $(What::$name { .. } => Lane::$lane),+ }
            }

            /// Gives every field's name and value to `visit`, in their stable order.
            pub fn fields(&self, visit: &mut dyn FnMut(&'static str, Field)) {
                match self { $(What::$name { $($field),* } => {
                    let _ = &visit;
                    $(visit($ftext, FieldValue::field($field));)*
                }),+ }
            }

            /// The event of this name with the fields that a record has. `field` is asked for each by its name,
            /// and whether there is one that can be read; `None` when one cannot, or there is no such event.
            pub(super) fn read(name: &str, field: FieldReader<'_>) -> Option<What> {
                match name {
                    $($text => {
                        let _ = &field;
                        Some(What::$name { $($field: {
                            let mut value = None;
                            field($ftext, &mut |datum, pushes| {
                                value = FieldValue::read(datum, pushes);
                                value.is_some()
                            });
                            value?
                        }),* })
                    })+
                    _ => None,
                }
            }
        }
    };
}

/// Gives the value of the field of this name to a reader.
type FieldReader<'a> =
    &'a mut dyn FnMut(&'static str, &mut dyn FnMut(&Datum, &mut PushNumbers) -> bool) -> bool;

events! {
    // ---- user: the person with the phone, and the world around it
    /// A step of the scenario acts.
    User Observed "step" Step { action "do": &'static str, number "step": u32 }
    /// The screen was locked or unlocked.
    User Inferred "screen-locked" ScreenLocked { locked "locked": bool }
    /// The charger was plugged in or pulled out.
    User Observed "charger" Charger { connected "connected": bool }
    /// A telephone call began or ended; whether data stands still meanwhile on this network.
    User Observed "voice-call" VoiceCall { on "on": bool, stalls "stalls-data": bool }
    /// Low-power mode was switched.
    User Observed "low-power-mode" LowPowerMode { on "on": bool }
    /// The user sees a notification for a push: it was posted, and notifications are allowed.
    User Observed "notified" Notified { push "push": PushId, id "id": u64 }
    /// A notification was posted, but permission is denied: nobody sees it.
    User Observed "not-notified" NotNotified { push "push": PushId, id "id": u64 }

    /// A phase of the run begins: in the second one everything that was broken on purpose is whole.
    User ModelOnly "phase" PhaseBegan { name "name": Phase }

    // ---- os: what iOS decides
    /// The app's state changed.
    Os Inferred "state" State { from "from": AppState, to "to": AppState }
    /// A process was started.
    Os Observed "process-started" ProcessStarted { reason "reason": LaunchReason }
    /// The app was called.
    Os Observed "callback" Callback { name "name": &'static str, id "id": u32 }
    /// The app's turn for a callback ended; `took` leaves out what of it the app was suspended.
    Os Observed "callback-returned" CallbackReturned { name "name": &'static str, took "took": Span }
    /// A suspended app was given run time.
    Os Inferred "wake" Wake { reason "reason": WakeReason, recent "recent": u32 }
    /// A reason to run began.
    Os ModelOnly "lease-began" LeaseBegan { reason "reason": LeaseReason, budget "budget": Span }
    /// A reason to run ended.
    Os ModelOnly "lease-ended" LeaseEnded { reason "reason": LeaseReason, how "how": LeaseEnd, held "held": Span }
    /// The app was terminated by the system.
    Os Inferred "kill" Kill { code "code": KillCode, rule "rule": KillRule }
    /// The process ended by itself.
    Os Observed "exit" Exit { code "code": i32 }
    /// The system will start the app again.
    Os ModelOnly "relaunch-planned" RelaunchPlanned { after "after": Span, reason "reason": LaunchReason }
    /// The system will not start the app again by itself.
    Os ModelOnly "relaunch-refused" RelaunchRefused { why "why": RelaunchRefusal }
    /// The keep-alive handler was not installed.
    Os Observed "keep-alive-refused" KeepAliveRefused { why "why": Refusal }
    /// The system unscheduled the keep-alive wake of the app, which is not told.
    Os ModelOnly "keep-alive-unscheduled" KeepAliveUnscheduled {}
    /// A stream's VoIP service type has no effect.
    Os ModelOnly "voip-tag-ignored" VoipTagIgnored { pair "stream": u32, why "why": Refusal }
    /// A line in the system log about the app.
    Os Observed "system-log" SystemLog { line "line": LogLine, id "id": u32 }
    /// The system took an untagged socket away from the suspended app.
    Os Inferred "socket-reclaimed" SocketReclaimed { pair "stream": u32, unread "unread": u32 }
    /// The device went to sleep.
    Os Inferred "device-slept" DeviceSlept {}
    /// The device woke up.
    Os Inferred "device-woke" DeviceWoke { slept "slept": Span }
    /// The device went down to boot again.
    Os Inferred "reboot" Reboot {}
    /// The device has booted.
    Os Inferred "booted" Booted {}
    /// The user unlocked the device for the first time since it booted.
    Os Observed "first-unlock" FirstUnlock {}
    /// The system told the app to free memory.
    Os Observed "memory-warning" MemoryWarning {}
    /// On a phone: the app's main thread ran again; for `after` it had not been given run time.
    Os Observed "ran-again" RanAgain { after "after": Span }
    /// On a phone: the process had ended without a word, and by which rule nobody knows.
    Os Inferred "process-gone" ProcessGone {}
    /// On a phone: what became of a call of the legacy VoIP architecture, and why.
    Os Observed "legacy-call" LegacyCall { call "call": LegacyFeature, plan "plan": LegacyPlan, why "why": LegacyReason }
    /// On a phone: a VoIP push of Apple's push service arrived.
    Os Observed "voip-push" VoipPush { push "push": PushId }

    // ---- app: what the app asks for
    /// `setKeepAliveTimeout:handler:` and its answer.
    App Observed "set-keep-alive-timeout" SetKeepAliveTimeout { timeout "timeout": Span, installed "installed": bool }
    /// `clearKeepAliveTimeout`.
    App Observed "clear-keep-alive-timeout" ClearKeepAliveTimeout {}
    /// `beginBackgroundTask…` and its answer; id 0 is `UIBackgroundTaskInvalid`.
    App Observed "begin-background-task" BeginBackgroundTask { id "id": u32 }
    /// `endBackgroundTask:`.
    App Observed "end-background-task" EndBackgroundTask { id "id": u32, known "known": bool }
    /// A timer was set.
    App Observed "set-timer" SetTimer { id "id": u32, after "after": Span, clock "clock": Clock }
    /// A timer was cancelled.
    App Observed "cancel-timer" CancelTimer { id "id": u32 }
    /// The app blocks its main thread.
    App Observed "busy" Busy { span "span": Span }
    /// The app began or ended to play or record sound.
    App Observed "audio" Audio { on "on": bool }
    /// The app takes back the notification for a push, if there is one.
    App Observed "cancel-local-notification" CancelLocalNotification { push "push": PushId, id "id": u64 }
    /// The app waits before it connects again.
    App Observed "backing-off" BackingOff { attempt "attempt": u32, delay "delay": Span }
    /// The app's ping was not answered in time.
    App Observed "ping-timed-out" PingTimedOut { n "n": u32 }
    /// The app has read a push.
    App Observed "push-received" PushReceived { push "push": PushId, pair "stream": u32 }
    /// The app had this push already.
    App Observed "push-duplicate" PushDuplicate { push "push": PushId }
    /// The app reported an incoming call for a VoIP push; whether the system took it.
    App Observed "call-reported" CallReported { push "push": PushId, taken "taken": bool }
    /// The app stopped trying to connect.
    App Observed "gave-up" GaveUp {}
    /// The app has read the server's welcome: it believes that it is connected.
    App Observed "client.connected" ClientConnected { pair "stream": u32 }
    /// The app knows that its connection is gone.
    App Observed "client.disconnected" ClientDisconnected { pair "stream": u32, how "how": ConnectionEnd }

    // ---- stream: what the app's streams are told to do, and report
    /// A pair of streams over a UDP socket was made.
    Stream Observed "create-datagram-stream" CreateDatagramStream { pair "stream": u32 }
    /// A pair of streams was made.
    Stream Observed "create-stream" CreateStream { pair "stream": u32 }
    /// A pair of streams was made over a socket that was connected already, in its place.
    Stream Observed "create-stream-over" CreateStreamOver { pair "stream": u32 }
    /// A service type was given.
    Stream Observed "set-service-type" SetServiceType { pair "stream": u32, side "side": Side, service "service": ServiceType, taken "taken": bool }
    /// The stream was scheduled on a run loop.
    Stream Observed "schedule" Schedule { pair "stream": u32, side "side": Side, run_loop "run-loop": RunLoop }
    /// The stream was taken off its run loop.
    Stream Observed "unschedule" Unschedule { pair "stream": u32, side "side": Side }
    /// A stream was opened.
    Stream Observed "open" Open { pair "stream": u32, side "side": Side, ok "ok": bool }
    /// A stream was closed by the app.
    Stream Observed "close" Close { pair "stream": u32, side "side": Side }
    /// The app read a frame.
    Stream Observed "read" Read { pair "stream": u32, frame "frame": Frame }
    /// The app wrote a frame.
    Stream Observed "write" Write { pair "stream": u32, frame "frame": Frame, taken "taken": u32 }
    /// A stream call failed.
    Stream Observed "stream-failed" StreamFailed { pair "stream": u32, call "call": &'static str, error "error": StreamError }
    /// A stream had something to say and nobody was called.
    Stream Inferred "stream-unheard" StreamUnheard { pair "stream": u32, side "side": Side, event "event": StreamEvent, why "why": Unheard }

    // ---- net: what the path does
    /// Another interface carries traffic; the phone's address changed with it.
    Net Observed "interface" InterfaceChanged { to "to": Interface }
    /// The phone's address changed, the interface did not.
    Net Observed "address" AddressChanged {}
    /// The path went silent or works again.
    Net ModelOnly "path" PathChanged { silent "silent": bool }
    /// A connectivity trace says what a segment meets: how long it is under way, and how many are lost.
    Net ModelOnly "conditions" Conditions { interface "interface": Interface, latency "latency": Span, loss_ppm "loss-ppm": u32 }
    /// The Wi-Fi lost its way to the internet or has it again; the phone stays associated.
    Net ModelOnly "internet" InternetChanged { on "on": bool }
    /// A captive portal stands between the Wi-Fi and the internet, or no more.
    Net ModelOnly "captive-portal" PortalChanged { on "on": bool }
    /// Names are resolved or not.
    Net ModelOnly "dns" DnsChanged { on "on": bool }
    /// A connection is being made: SYN.
    Net Inferred "connecting" Connecting { connection "connection": u32 }
    /// A connection is established at the phone.
    Net Inferred "established" Established { connection "connection": u32, took "took": Span }
    /// A connection attempt failed.
    Net Observed "connect-failed" ConnectFailed { connection "connection": u32, error "error": StreamError }
    /// A frame left; `from` is the side that sent it.
    Net Inferred "sent" Sent { connection "connection": u32, from "from": &'static str, frame "frame": Frame }
    /// A frame arrived at the other side's kernel.
    Net Inferred "arrived" Arrived { connection "connection": u32, from "from": &'static str, frame "frame": Frame, how "how": Delivery }
    /// A segment did not arrive.
    Net ModelOnly "lost" Lost { connection "connection": u32, from "from": &'static str, cause "cause": LossCause }
    /// A segment was sent again.
    Net ModelOnly "retransmitted" Retransmitted { connection "connection": u32, from "from": &'static str, n "n": u32 }
    /// A side's kernel stopped trying: `ETIMEDOUT`.
    Net Inferred "timed-out" TimedOut { connection "connection": u32, side "side": &'static str, after "after": Span }
    /// A side's kernel was told that the connection ended.
    Net Inferred "ended" Ended { connection "connection": u32, side "side": &'static str, how "how": ConnectionEnd }
    /// The NAT forgot the connection.
    Net ModelOnly "nat-forgot" NatForgot { connection "connection": u32, idle "idle": Span }
    /// The connection can carry nothing any more, whether or not anybody knows.
    Net ModelOnly "connection-dead" ConnectionDead { connection "connection": u32, cause "cause": DeadCause }
    /// A connection that was dead works again.
    Net ModelOnly "connection-healed" ConnectionHealed { connection "connection": u32 }
    /// Whether a push sent now would be received changed.
    Net ModelOnly "reachable" Reachable { reachable "reachable": bool, why "why": Unreachable }

    // ---- server
    /// The server stopped serving.
    Server Observed "server.down" ServerDown { how "how": RestartKind, down_for "down-for": Span }
    /// The server serves again.
    Server Observed "server.up" ServerUp {}
    /// A session began: the device said hello.
    Server Observed "server.session-opened" SessionOpened { connection "connection": u32 }
    /// A session ended.
    Server Observed "server.session-closed" SessionClosed { connection "connection": u32, why "why": SessionEnd }
    /// A second connection of the session said hello.
    Server Observed "server.side-opened" SideOpened { connection "connection": u32 }
    /// The second connection of the session ended.
    Server Observed "server.side-closed" SideClosed { connection "connection": u32, why "why": SessionEnd }
    /// A push was accepted.
    Server Observed "server.push-accepted" PushAccepted { push "push": PushId, waiting "waiting": u32 }
    /// A push was written to a connection.
    Server Observed "server.push-sent" PushSent { push "push": PushId, connection "connection": u32 }
    /// A push that was not acknowledged was written again.
    Server Observed "server.push-resent" PushResent { push "push": PushId, connection "connection": u32, n "n": u32 }
    /// A push was cancelled; `written` says that it had been written to a connection before.
    Server Observed "server.push-cancelled" PushCancelled { push "push": PushId, written "written": bool }
    /// The server began to send media, or stopped.
    Server Observed "server.media" Media { on "on": bool }
    /// The client acknowledged a push.
    Server Observed "server.push-acknowledged" PushAcknowledged { push "push": PushId }
    /// A push will not be delivered.
    Server Observed "server.push-dropped" PushDropped { push "push": PushId, fate "fate": PushFate }
    /// The server asked the client for a sign of life.
    Server Observed "server.heartbeat" Heartbeat { connection "connection": u32, n "n": u32 }
    /// A ping of the client arrived and was answered.
    Server Observed "server.ping" ServerPing { connection "connection": u32, n "n": u32 }
    /// The answer to a heartbeat arrived.
    Server Observed "server.pong" ServerPong { connection "connection": u32, n "n": u32 }
}

words! {
    /// The phases of a run that has them.
    pub enum Phase {
        /// Faults act.
        Safety = "safety",
        /// Everything is whole again, and no fault acts.
        Liveness = "liveness",
    }
}

words! {
    /// Why a suspended app was given run time.
    pub enum WakeReason {
        /// Its keep-alive handler was due.
        KeepAlive = "keep-alive",
        /// Data, an end or an error arrived on a tagged socket.
        Socket = "socket",
        /// The user opened it.
        User = "user",
        /// Reachability changed, and the profile says that wakes.
        Reachability = "reachability",
    }
}

words! {
    /// Why an app may run in background.
    pub enum LeaseReason {
        /// It was launched in background.
        Launch = "launch",
        /// `applicationDidEnterBackground:` has not returned.
        EnteredBackground = "entered-background",
        /// It holds background tasks; one budget for all of them.
        BackgroundTask = "background-task",
        /// Its keep-alive handler has not returned.
        KeepAliveHandler = "keep-alive-handler",
        /// A tagged socket had traffic.
        SocketWake = "socket-wake",
        /// It plays or records sound, with the `audio` background mode.
        Audio = "audio",
        /// The system has not suspended it yet.
        Grace = "grace",
    }
}

words! {
    /// How a lease ended.
    pub enum LeaseEnd {
        /// The app finished in time.
        Finished = "finished",
        /// The run time it stood for was used up, as it was meant to be.
        UsedUp = "used-up",
        /// The app was not done when its time was up.
        Overrun = "overrun",
        /// The app came to the foreground, where it needs none.
        Foreground = "foreground",
        /// The process ended.
        ProcessEnded = "process-ended",
        /// Another lease began before this one mattered.
        Superseded = "superseded",
    }
}

words! {
    /// The exception code of a termination by the system.
    pub enum KillCode {
        /// A watchdog: "ate bad food".
        Watchdog = "0x8badf00d",
        /// A VoIP app resumed too frequently.
        TooManyWakes = "0xbad22222",
        /// Too many background task assertions.
        TooManyTasks = "0xbada5e47",
        /// A background task did not complete in time, on newer systems.
        TaskOverrun = "0x2182bad2",
        /// The user removed the app from the app switcher.
        ForceQuit = "0xdeadfa11",
        /// Memory was needed; no code is given.
        Jetsam = "jetsam",
        /// A trap inside the process: the VoIP socket check of a system with a modern SDK.
        Trap = "trap",
    }
}

words! {
    /// The rule by which the system terminated the app.
    pub enum KillRule {
        /// `applicationDidEnterBackground:` did not return in time.
        EnteredBackgroundTooSlow = "entered-background-too-slow",
        /// Launching took too long.
        LaunchTooSlow = "launch-too-slow",
        /// Coming to the foreground took too long.
        ResumeTooSlow = "resume-too-slow",
        /// A background task was not ended before its budget was used up.
        TaskNeverEnded = "task-never-ended",
        /// An expiration handler did not return in time.
        ExpiryHandlerTooSlow = "expiry-handler-too-slow",
        /// Too many background tasks at once.
        TooManyTasks = "too-many-tasks",
        /// The keep-alive handler did not return in time.
        KeepAliveHandlerTooSlow = "keep-alive-handler-too-slow",
        /// More wakes than the limit within its window.
        WakeLimit = "wake-limit",
        /// Memory was needed.
        Memory = "memory",
        /// The user removed the app from the app switcher.
        ForceQuit = "force-quit",
        /// A VoIP-tagged socket connected in an app linked with a modern SDK.
        ModernSdkTrap = "modern-sdk-trap",
    }
}

words! {
    /// Why a legacy VoIP feature was refused or has no effect.
    pub enum Refusal {
        /// The timeout is shorter than the platform's minimum.
        TooShort = "too-short",
        /// `voip` is not among the UIBackgroundModes.
        NoVoipMode = "no-voip-mode",
        /// The app is linked with an SDK for which the feature is switched off.
        SdkGate = "sdk-gate",
        /// This system does not have it.
        NotAvailable = "not-available",
        /// The system does not watch UDP sockets.
        Datagrams = "datagrams",
    }
}

words! {
    /// Why the system does not start the app again by itself.
    pub enum RelaunchRefusal {
        /// It exited with code zero: it wanted to end.
        ExitCodeZero = "exit-code-zero",
        /// The user removed it from the app switcher.
        RemovedByUser = "removed-by-user",
        /// It has no part in the legacy VoIP architecture: by its background modes or its SDK.
        NotAVoipApp = "not-a-voip-app",
        /// The platform does not relaunch after an end of this kind.
        NotAfterThis = "not-after-this",
    }
}

words! {
    /// Why nobody was called for a stream event.
    pub enum Unheard {
        /// No client was set.
        NoClient = "no-client",
        /// The stream is not scheduled on any run loop.
        NotScheduled = "not-scheduled",
        /// The run loop it is scheduled on was stopped, or nobody runs it.
        RunLoopStopped = "run-loop-stopped",
        /// The run loop it is scheduled on had no sources when it was run, and returned at once.
        RunLoopWithoutSources = "run-loop-without-sources",
        /// The run loop it is scheduled on is never in that mode.
        WrongMode = "wrong-mode",
    }
}

words! {
    /// How a connection ended, as the side concerned learns it.
    pub enum ConnectionEnd {
        /// The peer closed: FIN.
        Fin = "fin",
        /// The peer does not know the connection: RST.
        Reset = "reset",
        /// Nobody answered.
        TimedOut = "timed-out",
        /// Nobody listens there.
        Refused = "refused",
        /// No way there.
        Unreachable = "unreachable",
        /// The server's name could not be resolved.
        NotResolved = "not-resolved",
        /// The system had taken the socket away.
        Reclaimed = "reclaimed",
        /// This side closed it.
        Closed = "closed",
    }
}

words! {
    /// Why a push sent now would not be received.
    pub enum Unreachable {
        /// It would be.
        Reachable = "reachable",
        /// The server has no session of the device.
        NoSession = "no-session",
        /// The device's registration has expired, though its connection lives.
        NotRegistered = "not-registered",
        /// The server is down.
        ServerDown = "server-down",
        /// The session's connection is dead.
        ConnectionDead = "connection-dead",
        /// The app is suspended and nothing wakes it for this connection.
        NotWoken = "not-woken",
        /// The app would be woken, but nobody reads.
        NotHeard = "not-heard",
        /// The app's main thread is blocked.
        Busy = "busy",
        /// The app would be woken once too often and ended.
        WakeLimit = "wake-limit",
        /// There is no process.
        NotRunning = "not-running",
    }
}

words! {
    /// What a server restart looks like from outside.
    pub enum RestartKind {
        /// The process ends, the host stays up: FIN at once, connections are refused meanwhile.
        Process = "process",
        /// The host goes away: silence, and RST for old connections when it is back.
        HostDown = "host-down",
        /// Clients are told to go away, then closed; new connections are taken all the time.
        Drain = "drain",
    }
}

words! {
    /// Why a session ended.
    pub enum SessionEnd {
        /// The client closed.
        ClosedByClient = "closed-by-client",
        /// The connection failed.
        Failed = "failed",
        /// Nothing was heard for the idle timeout.
        Idle = "idle",
        /// A heartbeat was not answered.
        HeartbeatUnanswered = "heartbeat-unanswered",
        /// The client did not register again in time; its connection lives on.
        RegistrationExpired = "registration-expired",
        /// Another connection of the same device took its place.
        Replaced = "replaced",
        /// The server went down.
        Restart = "restart",
        /// The server drained.
        Drained = "drained",
        /// A step of the scenario ended it.
        Dropped = "dropped",
        /// The end of an older connection of the device was taken for its own: a fault of the server.
        LateEnd = "late-end",
    }
}

words! {
    /// What became of a push that will not be delivered.
    pub enum PushFate {
        /// Its time to live is over.
        Expired = "expired",
        /// The device's queue is full.
        QueueFull = "queue-full",
        /// It was cancelled before it was acknowledged.
        Cancelled = "cancelled",
        /// It was written again and again and never acknowledged.
        GivenUp = "given-up",
        /// Nobody was connected and the server keeps nothing.
        NotConnected = "not-connected",
        /// The queue was in memory when the server went down.
        LostInRestart = "lost-in-restart",
        /// The server was down when it was to be accepted.
        ServerDown = "server-down",
        /// The device did not come back within the window for resuming its session.
        ResumeExpired = "resume-expired",
    }
}
