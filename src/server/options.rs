//! The keys of the push server.

use crate::port::{Span, words};
use crate::settings::settings;

words! {
    /// Where pushes wait for a device.
    #[derive(Default)]
    pub enum QueueKind {
        /// In a store that survives a restart.
        #[default]
        Durable = "durable",
        /// In memory: lost in a restart.
        Memory = "memory",
        /// Nowhere: a push for a device that is not connected is dropped.
        Absent = "none",
    }
}

words! {
    /// When the server believes that a push was delivered.
    #[derive(Default)]
    pub enum DeliveredWhen {
        /// When the client has acknowledged it.
        #[default]
        Acknowledged = "acknowledged",
        /// When it was written to the connection.
        Written = "written",
    }
}

words! {
    /// What the end of a connection ends.
    #[derive(Default)]
    pub enum EndedBy {
        /// The session of that very connection.
        #[default]
        Connection = "connection",
        /// Whatever session its device has: a late end of an old connection removes the new session.
        Device = "device",
    }
}

settings! {
    /// What the push server does. Loaded from `src/server/presets/*.toml`.
    pub struct ServerOptions {
        /// A session is closed after so long without a frame from the client.
        "idle-timeout" => idle_timeout: Option<Span>,
        /// What the end of a connection ends. By device is a fault: connections are to be told apart.
        "session.ended-by" => session_ended_by: EndedBy,
        /// Within so long after its connection ended a session can be resumed; then every push that waits for it is dropped.
        "resume.window" => resume_window: Option<Span>,
        /// How often the server pings a client that it has not heard of.
        "heartbeat.interval" => heartbeat_interval: Option<Span>,
        /// How long it waits for the answer before it closes the session.
        "heartbeat.reply-within" => heartbeat_reply_within: Option<Span>,
        /// Where pushes wait.
        "queue.kind" => queue_kind: QueueKind,
        /// How many pushes wait for one device; the oldest is dropped for a new one.
        "queue.limit" => queue_limit: u32,
        /// When a push counts as delivered.
        "queue.delivered-when" => delivered_when: DeliveredWhen,
        /// How long a push is worth delivering, unless it says so itself.
        "push.ttl" => push_ttl: Option<Span>,
        /// From the go-away frame to the end of the connection when the server drains.
        "drain.grace" => drain_grace: Span,
        /// TCP keep-alive of the server's kernel: idle time before the first probe.
        "tcp-keep-alive.idle" => tcp_keep_alive_idle: Option<Span>,
        /// Time between probes.
        "tcp-keep-alive.interval" => tcp_keep_alive_interval: Span,
        /// Unanswered probes after which the connection is given up.
        "tcp-keep-alive.count" => tcp_keep_alive_count: u32,
    }
}
