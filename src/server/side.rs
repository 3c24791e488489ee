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
