//! Registration for a time: SIP's Expires (RFC 3261, 10.2). A device that does not say hello again in time
//! is not registered any more, however well its connection works.

use super::Session;
use super::session::Context;
use crate::port::{Time, Transport};
use crate::trace::{Observer, SessionEnd};

impl Session {
    /// Whether the device has a connection, and none of its pushes goes over it because its registration
    /// has expired.
    #[inline]
    pub fn registration_expired(&self) -> bool {
        self.lapsed.is_some()
    }

    /// What `connection` runs over, if the server has it and a hello on it registers the device.
    pub(super) fn may_register(&self, connection: u32) -> Option<Transport> {
        let live = self.live.map(|live| (live.connection, live.transport));
        [self.fresh, live, self.lapsed]
            .into_iter()
            .flatten()
            .find(|(known, _)| *known == connection)
            .map(|(_, transport)| transport)
    }

    /// The device is registered from now on.
    pub(super) fn register<O: Observer>(&mut self, cx: &Context<'_, O>) {
        if let Some(live) = &mut self.live {
            let expires = cx.options.registration_expires;
            live.expires = expires.map_or(Time::NEVER, |span| cx.probe.at + span);
        }
    }

    /// The registration expires. The connection stays, for the client to register again.
    pub(super) fn lapse<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let lapsed = self.live.map(|live| (live.connection, live.transport));
        self.end(SessionEnd::RegistrationExpired, cx);
        self.lapsed = lapsed;
    }
}
