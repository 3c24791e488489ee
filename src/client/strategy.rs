//! The keys of a strategy: what the built-in client does, as a table over a closed set of policies.

use crate::port::{Clock, ConnectBy, RunLoop, ServiceType, Span, Transport, words};
use crate::settings::settings;

words! {
    /// What the keep-alive handler does.
    pub enum HandlerAction {
        /// Sends a ping and waits for the pong.
        Ping = "ping",
        /// Closes the connection and makes a new one.
        Reconnect = "reconnect",
        /// Registers again: says hello on the connection that it has, and waits for the welcome.
        Register = "register",
        /// Sends a blank.
        WhiteSpace = "white-space",
        /// Nothing.
        Nothing = "nothing",
    }
}

words! {
    /// When the keep-alive handler is installed.
    pub enum InstallWhen {
        /// Whenever the app enters the background; cleared when it comes back.
        Background = "background",
        /// Once, at launch.
        Launch = "launch",
        /// Never.
        Never = "never",
    }
}

words! {
    /// When a background task that the client began is ended.
    pub enum TaskEnd {
        /// When the work it was begun for is done, or its expiration handler is called.
        Done = "done",
        /// When the handler that began it returns.
        Return = "return",
        /// When its expiration handler is called.
        Expiry = "expiry",
        /// Never.
        Never = "never",
    }
}

words! {
    /// How the delay before the next attempt is spread.
    pub enum Jitter {
        /// Not at all.
        Off = "none",
        /// Uniform from zero to the delay.
        Full = "full",
        /// Half of the delay, and uniform from zero to the other half.
        Equal = "equal",
        /// Uniform from the base to three times the last delay.
        Decorrelated = "decorrelated",
    }
}

words! {
    /// Where the client remembers which pushes it has had.
    pub enum Dedupe {
        /// In storage that survives the end of the process.
        Storage = "storage",
        /// In memory.
        Memory = "memory",
        /// Nowhere.
        Off = "none",
    }
}

words! {
    /// When the user is shown a notification for a push.
    pub enum Notify {
        /// When the app is not on screen.
        Background = "background",
        /// Always.
        Always = "always",
        /// Never: the push is handled quietly.
        Never = "never",
    }
}

macro_rules! defaults {
    ($($type:ident::$variant:ident),+ $(,)?) => { $(
        impl Default for $type { fn default() -> Self { $type::$variant } }
    )+ };
}

defaults!(
    HandlerAction::Nothing,
    InstallWhen::Never,
    TaskEnd::Done,
    Jitter::Off,
    Dedupe::Off,
    Notify::Background,
    ServiceType::Default,
    RunLoop::Main,
    Clock::Continuous,
);

settings! {
    /// What the built-in client does. Loaded from `src/client/strategies/*.toml`; misbehaviour is data
    /// like any other.
    pub struct Strategy {
        /// What its connection runs over.
        "stream.transport" => transport: Transport,
        /// The service type of its streams.
        "stream.service-type" => service_type: ServiceType,
        /// Whether it gives the type to both streams, or only to the one it reads.
        "stream.tag-both" => tag_both: bool,
        /// Whether it gives the type only after the streams were opened, which is too late.
        "stream.tag-after-open" => tag_after_open: bool,
        /// Whether it sets itself as the streams' client.
        "stream.set-client" => set_client: bool,
        /// The run loop it schedules its streams on.
        "stream.run-loop" => run_loop: RunLoop,
        /// Whether it schedules the stream it reads; the one it writes is always scheduled.
        "stream.schedule-read" => schedule_read: bool,

        /// Whether it opens a second connection to the server once the first is welcomed.
        "second.open" => second: bool,
        /// What the second connection runs over.
        "second.transport" => second_transport: Transport,
        /// The service type of the second connection's streams.
        "second.service-type" => second_service_type: ServiceType,

        /// TCP keep-alive (`SO_KEEPALIVE`) on its sockets: idle time before the phone's kernel sends the first probe.
        "tcp-keep-alive.idle" => tcp_keep_alive_idle: Option<Span>,
        /// Time between probes.
        "tcp-keep-alive.interval" => tcp_keep_alive_interval: Span,
        /// Unanswered probes after which the phone's kernel gives the connection up.
        "tcp-keep-alive.count" => tcp_keep_alive_count: u32,

        /// When it installs the keep-alive handler.
        "keep-alive.install" => keep_alive_install: InstallWhen,
        /// The timeout it asks for.
        "keep-alive.timeout" => keep_alive_timeout: Span,
        /// What the handler does when the client believes that it is connected.
        "keep-alive.action" => keep_alive_action: HandlerAction,
        /// How long the handler blocks the main thread before it acts.
        "keep-alive.hang" => keep_alive_hang: Span,
        /// Whether the handler begins a background task for what it does.
        "keep-alive.task" => keep_alive_task: bool,
        /// When that task is ended.
        "keep-alive.task-end" => keep_alive_task_end: TaskEnd,
        /// Whether the handler begins a second task that overwrites the identifier of the first.
        "keep-alive.task-overwrite" => keep_alive_task_overwrite: bool,

        /// How often it pings while the app is on screen; also in background when a task keeps it running.
        "ping.interval" => ping_interval: Option<Span>,
        /// Whether each of these pings begins another background task and ends the one before, hoping for a budget of its own.
        "ping.renew-task" => ping_renew_task: bool,
        /// How long it waits for a pong before it holds the connection for dead.
        "ping.reply-within" => ping_reply_within: Option<Span>,
        /// The clock that deadline runs on.
        "ping.deadline-clock" => ping_deadline_clock: Clock,

        /// How often it registers again while it runs: it says hello on the connection that it has. A time that comes while the app is suspended is made up for when it runs again.
        "register.interval" => register_interval: Option<Span>,

        /// Whether it connects again by itself.
        "reconnect.enabled" => reconnect: bool,
        /// Whether it does so while the app is in background.
        "reconnect.in-background" => reconnect_in_background: bool,
        /// Whether it begins a background task for it.
        "reconnect.task" => reconnect_task: bool,
        /// The delay before the second attempt; doubled for each further one. The first comes at once.
        "reconnect.base" => reconnect_base: Span,
        /// The longest delay.
        "reconnect.cap" => reconnect_cap: Span,
        /// How the delay is spread.
        "reconnect.jitter" => reconnect_jitter: Jitter,
        /// Whether even the first attempt waits.
        "reconnect.first-waits" => reconnect_first_waits: bool,
        /// How it says which server it wants.
        "connect.by" => connect_by: ConnectBy,
        /// How long it waits for a connection and the server's welcome.
        "connect.timeout" => connect_timeout: Option<Span>,
        /// Round trips of the TLS handshake between the connection and its hello; 0 is no TLS.
        "connect.tls-round-trips" => connect_tls_round_trips: u32,
        /// Whether it checks its connection with a ping when the app comes to the foreground.
        "foreground.check" => foreground_check: bool,

        /// Whether it answers the server's heartbeats.
        "heartbeat.reply" => heartbeat_reply: bool,
        /// It begins no background task for a reconnect or a wake when less background time than this is
        /// left: the task could not be ended in time.
        "task.time-needed" => task_time_needed: Span,
        /// Whether it begins a background task when a socket wakes it, and ends it after the last frame was handled.
        "wake.task" => wake_task: bool,
        /// How long it blocks the main thread for each push.
        "push.work" => push_work: Span,
        /// Whether it begins a background task for each push and never ends it.
        "push.leak-task" => push_leak_task: bool,
        /// Whether it acknowledges pushes.
        "push.acknowledge" => push_acknowledge: bool,
        /// Where it remembers which pushes it has had.
        "push.dedupe" => dedupe: Dedupe,
        /// How many it remembers.
        "push.dedupe-window" => dedupe_window: u32,
        /// When the user is shown a notification.
        "push.notify" => notify: Notify,
        /// Whether the same push always has the same notification, however often it comes.
        "push.idempotent-id" => idempotent_id: bool,

        /// Whether it begins a background task when the app enters the background.
        "background.task" => background_task: bool,
        /// When that task is ended.
        "background.task-end" => background_task_end: TaskEnd,
        /// How long `applicationDidEnterBackground:` blocks the main thread.
        "background.hang" => background_hang: Span,
        /// How long an expiration handler blocks the main thread before it ends its task.
        "expiry.hang" => expiry_hang: Span,
        /// Whether an expiration handler begins another task, hoping for more time.
        "expiry.begin-again" => expiry_begin_again: bool,
        /// How long launching blocks the main thread.
        "launch.hang" => launch_hang: Span,
        /// Exits with this code when it is launched: other than zero is a crash.
        "launch.exit" => launch_exit: Option<u32>,
        /// Whether it does so only when the system launches it in background.
        "launch.exit-in-background-only" => launch_exit_in_background_only: bool,
        /// How long `applicationWillTerminate:` blocks the main thread.
        "terminate.hang" => terminate_hang: Span,
        /// Whether it closes its connection when the app enters the background.
        "background.disconnect" => background_disconnect: bool,
        /// Exits with this code when the app enters the background.
        "background.exit" => background_exit: Option<u32>,
    }
}
