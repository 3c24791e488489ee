//! The second connection of a session: for media, or for the pushes themselves beside a connection that
//! only wakes the app. It belongs to its session and ends with it.

use super::session::Context;
use super::timers::Live;
use super::{ServerOptions, Session, Via};
use crate::port::{Frame, Transport};
use crate::trace::{Observer, SessionEnd, What};

impl Session {
    /// The second connection of the current session.
    #[inline]
    pub fn side(&self) -> Option<u32> {
        self.side.map(|side| side.connection)
    }

    /// The connection over which a push would go now.
    #[inline]
    pub fn route(&self, options: &ServerOptions) -> Option<u32> {
        match options.push_via {
            Via::Main => self.connection(),
            Via::Second => self.side(),
        }
    }

    /// The connection whose traffic wakes the app for a push that goes over [`Session::route`].
    #[inline]
    pub fn waker(&self, options: &ServerOptions) -> Option<u32> {
        if options.push_knock { self.connection() } else { self.route(options) }
    }

    /// A connection names itself the second one of the session.
    pub(super) fn open_side<O: Observer>(
        &mut self,
        connection: u32,
        transport: Transport,
        cx: &mut Context<'_, O>,
    ) {
        self.hang_up_side(SessionEnd::Replaced, cx);
        cx.probe.emit(What::SideOpened { connection });
        self.side = Some(Live::new(connection, transport, cx.probe.at));
        self.arm(cx.options);
    }

    /// The second connection said hello, for the first time or again: what waits for it may go.
    pub(super) fn side_said_hello<O: Observer>(
        &mut self,
        connection: u32,
        cx: &mut Context<'_, O>,
    ) {
        if self.side() == Some(connection) && cx.options.push_via == Via::Second {
            self.redeliver(cx);
        }
    }

    /// Ends the second connection and closes it, if there is one.
    pub(super) fn hang_up_side<O: Observer>(&mut self, why: SessionEnd, cx: &mut Context<'_, O>) {
        if let Some(connection) = self.side() {
            self.end_side(why, cx);
            self.close(connection);
        }
    }

    /// The second connection is over.
    pub(super) fn end_side<O: Observer>(&mut self, why: SessionEnd, cx: &mut Context<'_, O>) {
        if let Some(Live { connection, .. }) = self.side.take() {
            self.end_media(connection, cx);
            cx.probe.emit(What::SideClosed { connection, why });
            self.end_resends(connection, why, cx);
            self.arm(cx.options);
        }
    }

    /// Wakes the app for what is about to go over the second connection.
    pub(super) fn knock(&mut self, options: &ServerOptions) {
        if let (Via::Second, true, Some(main)) =
            (options.push_via, options.push_knock, self.connection())
        {
            self.send(main, Frame::Knock);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::port::{Frame, Transport};
    use crate::server::tests::{DEVICE, Server, id, pushed, secs, send, server};
    use crate::server::{DropHow, Output, QueueKind, Via};
    use crate::trace::{ConnectionEnd, RestartKind, What};

    const HELLO_SIDE: Frame = Frame::HelloSide { device: DEVICE };

    #[test]
    fn a_second_connection_joins_the_session_and_does_not_take_its_place() {
        let mut server = server(|_| {});
        server.connect(1);
        server.connect_side(2, Transport::Tcp);
        assert_eq!((server.session.connection(), server.session.side()), (Some(1), Some(2)));
        assert_eq!(server.ends(), []);
        assert_eq!(server.frame(2, Frame::Ping { n: 4 }), [send(2, Frame::Pong { n: 4 })]);
        assert_eq!(server.push(7), [pushed(1, 7)]);
    }

    #[test]
    fn without_a_session_there_is_no_second_connection() {
        let mut server = server(|_| {});
        assert_eq!(server.connect_side(2, Transport::Tcp), [Output::Close { connection: 2 }]);
        assert_eq!(server.session.side(), None);
    }

    #[test]
    fn it_ends_with_its_session_but_the_session_does_not_end_with_it() {
        let mut server = server(|_| {});
        server.connect(1);
        server.connect_side(2, Transport::Tcp);
        server.closed(2, ConnectionEnd::Reset);
        assert_eq!((server.session.connection(), server.session.side()), (Some(1), None));
        server.connect_side(3, Transport::Tcp);
        let closed = server.closed(1, ConnectionEnd::Reset);
        assert_eq!(closed, [Output::Close { connection: 3 }]);
        assert_eq!((server.session.connection(), server.session.side()), (None, None));
        assert_eq!(server.count("server.side-closed"), 2);
    }

    #[test]
    fn where_the_session_ends_without_a_word_so_does_it() {
        let silent: [fn(&mut Server) -> Vec<Output>; 2] = [
            |server| server.down(RestartKind::HostDown),
            |server| server.act(|session, cx| session.drop_connection(DropHow::Silent, cx)),
        ];
        for end in silent {
            let mut server = server(|_| {});
            server.connect(1);
            server.connect_side(2, Transport::Tcp);
            assert_eq!(end(&mut server), []);
            assert_eq!(server.session.side(), None);
        }
    }

    #[test]
    fn pushes_go_over_the_second_connection_behind_a_knock_on_the_first() {
        let mut server = server(|options| {
            options.push_via = Via::Second;
            options.push_knock = true;
        });
        server.connect(1);
        assert_eq!(server.push(7), [], "it waits for the second connection");
        assert_eq!(server.connect_side(2, Transport::Udp), [pushed(2, 7)], "the app is awake");
        server.frame(2, Frame::Ack { id: id(7) });
        assert_eq!(server.push(8), [send(1, Frame::Knock), pushed(2, 8)]);
        assert_eq!(server.frame(2, HELLO_SIDE), [pushed(2, 8)], "not acknowledged yet");
    }

    #[test]
    fn without_a_queue_a_push_needs_the_connection_that_pushes_go_over() {
        let mut server = server(|options| {
            options.push_via = Via::Second;
            options.queue_kind = QueueKind::Absent;
        });
        server.connect(1);
        server.push(7);
        assert_eq!(server.dropped().len(), 1);
    }

    #[test]
    fn both_connections_have_heartbeats_of_their_own() {
        let mut server = server(|options| {
            options.heartbeat_interval = Some(secs(30));
            options.heartbeat_reply_within = Some(secs(5));
        });
        server.connect(1);
        server.wait(secs(10));
        server.connect_side(2, Transport::Tcp);
        assert_eq!(server.wait(secs(20)), [send(1, Frame::Ping { n: 1 })]);
        server.frame(1, Frame::Pong { n: 1 });
        assert_eq!(server.wait(secs(10)), [send(2, Frame::Ping { n: 2 })]);
        assert_eq!(server.wait(secs(5)), [Output::Close { connection: 2 }]);
        assert_eq!(server.session.connection(), Some(1));
        assert!(server.events().any(|what| matches!(what, What::SideClosed { .. })));
    }
}
