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
    /// The connection over which pushes go.
    #[derive(Default)]
    pub enum Via {
        /// The session's own.
        #[default]
        Main = "main",
        /// The second one; a push for a device that has none is treated as if nobody were connected.
        Second = "second",
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
        /// The connection over which pushes go.
        "push.via" => push_via: Via,
        /// Whether a small frame on the session's own connection goes before a push on the second one: it wakes an app that only TCP can wake.
        "push.knock" => push_knock: bool,
        /// Whether a push that is cancelled is withdrawn: one that waits never goes out, one that was written is followed by a cancel.
        "push.withdraw" => push_withdraw: bool,
        /// From writing a push over UDP until it is written again when nothing came back; doubled each time (SIP's timer A). Over TCP it is never written again.
        "retransmit.first" => retransmit_first: Option<Span>,
        /// For how long it is written again (SIP's timer B). Then it is given up, unless it stays in the queue.
        "retransmit.give-up" => retransmit_give_up: Span,
        /// How long a device counts as registered after it said hello (SIP's Expires). Then its connection lives on, but no push is sent over it until it says hello again.
        "registration.expires" => registration_expires: Option<Span>,
        /// From one packet to the next of a media stream that a step of the scenario switches on. It goes over the second connection, or over the session's own if there is no second.
        "media.interval" => media_interval: Span,
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

impl ServerOptions {
    /// Whether a push that was written stays in the queue until it is acknowledged.
    pub fn keeps_written(&self) -> bool {
        match (self.queue_kind, self.delivered_when) {
            (QueueKind::Absent, _) | (_, DeliveredWhen::Written) => false,
            (QueueKind::Durable | QueueKind::Memory, DeliveredWhen::Acknowledged) => true,
        }
    }
}
