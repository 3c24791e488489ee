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
            .or_else(|| self.strays.transport(connection))
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

#[cfg(test)]
mod tests {
    use crate::port::Frame;
    use crate::server::tests::{HELLO, Server, id, pushed, secs, send, server};
    use crate::server::{Output, QueueKind};
    use crate::trace::SessionEnd;

    fn registered() -> Server {
        let mut server = server(|options| options.registration_expires = Some(secs(300)));
        server.connect(1);
        server
    }

    #[test]
    fn a_registration_expires_and_its_connection_lives_on() {
        let mut server = registered();
        assert_eq!(server.wait(secs(300)), []);
        assert_eq!(server.ends(), [(1, SessionEnd::RegistrationExpired)]);
        assert!(server.session.knows(1) && server.session.registration_expired());
        assert_eq!(server.frame(1, Frame::Ping { n: 1 }), [send(1, Frame::Pong { n: 1 })]);
    }

    #[test]
    fn every_hello_registers_anew_and_nothing_else_does() {
        let mut server = registered();
        server.wait(secs(200));
        server.frame(1, HELLO);
        server.wait(secs(299));
        server.frame(1, Frame::Ping { n: 1 });
        assert_eq!(server.ends(), []);
        server.wait(secs(1));
        assert_eq!(server.ends(), [(1, SessionEnd::RegistrationExpired)]);
    }

    #[test]
    fn a_push_for_an_unregistered_device_waits_for_its_hello() {
        let mut server = registered();
        server.wait(secs(400));
        assert_eq!(server.push(7), []);
        assert_eq!(server.frame(1, HELLO), [send(1, Frame::Welcome), pushed(1, 7)]);
        assert_eq!(server.count("server.session-opened"), 2);
        server.frame(1, Frame::Ack { id: id(7) });
        assert_eq!(server.session.waiting(), 0);
    }

    #[test]
    fn an_expired_registration_opens_no_window_for_resuming() {
        let mut server = registered();
        server.options.resume_window = Some(secs(60));
        server.wait(secs(310));
        server.push(7);
        server.wait(secs(600));
        assert_eq!(server.dropped(), []);
    }

    #[test]
    fn without_a_queue_it_is_dropped() {
        let mut server = registered();
        server.options.queue_kind = QueueKind::Absent;
        server.wait(secs(400));
        server.push(7);
        assert_eq!(server.dropped().len(), 1);
    }

    #[test]
    fn a_hello_on_another_connection_closes_the_unregistered_one() {
        let mut server = registered();
        server.wait(secs(400));
        let answer = server.connect(2);
        assert_eq!(answer, [Output::Close { connection: 1 }, send(2, Frame::Welcome)]);
        assert!(!server.session.knows(1));
    }
}
