//! What devices share in the server: whether it serves. Everything else of the server belongs to a
//! device's session.

use crate::net::Host;
use crate::port::{Span, Time};
use crate::trace::RestartKind;

/// The shared part of the server: owner 0.
#[derive(Clone, Debug)]
pub struct Shared {
    host: Host,
    up_at: Time,
    pub(super) seq: u64,
}

impl Default for Shared {
    fn default() -> Self {
        Shared { host: Host::Up, up_at: Time::NEVER, seq: 0 }
    }
}

impl Shared {
    /// What the host does with what arrives.
    #[inline]
    pub fn host(&self) -> Host {
        self.host
    }

    /// When the server serves again; [`Time::NEVER`] while it does.
    #[inline]
    pub fn deadline(&self) -> Time {
        self.up_at
    }

    /// The server stops serving; a restart during a restart lasts until the later end.
    pub(super) fn go_down(&mut self, how: RestartKind, now: Time, down_for: Span) {
        self.host = match how {
            RestartKind::Process => Host::Refusing,
            RestartKind::HostDown => Host::Silent,
            RestartKind::Drain => return,
        };
        let until = now + down_for;
        self.up_at = if self.up_at == Time::NEVER { until } else { self.up_at.max(until) };
    }

    pub(super) fn come_up(&mut self) {
        self.host = Host::Up;
        self.up_at = Time::NEVER;
    }
}
