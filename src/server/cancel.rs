//! A push is withdrawn: SIP's CANCEL (RFC 3261, 9). One that waits never goes out; one that was written is
//! followed by a cancel, once, over the connection that pushes go over.

use super::Session;
use super::delivery::drop_push;
use super::session::Context;
use crate::port::{Frame, PushId};
use crate::trace::{Observer, PushFate, What};

impl Session {
    /// The sender of a push withdraws it. A server that is down hears nothing of it.
    pub fn cancel<O: Observer>(&mut self, id: PushId, cx: &mut Context<'_, O>) {
        if self.down || !cx.options.push_withdraw {
            return;
        }
        let waiting = self.queue.take(id);
        let resent = self.resends.stop(id);
        let written = waiting.is_none_or(|push| push.written);
        cx.probe.emit(What::PushCancelled { push: id, written });
        if waiting.is_some() || resent {
            drop_push(id, PushFate::Cancelled, cx);
        }
        if written && let Some(connection) = self.route(cx.options) {
            self.knock(cx.options);
            self.send(connection, Frame::Cancel { id });
        }
        self.arm(cx.options);
    }
}

#[cfg(test)]
mod tests {
    use crate::port::Frame;
    use crate::server::tests::{HELLO, id, plain, send, server};
    use crate::trace::{ConnectionEnd, PushFate, What};

    fn cancel(name: u32) -> Frame {
        Frame::Cancel { id: id(name) }
    }

    #[test]
    fn a_push_that_waits_never_goes_out() {
        let mut server = plain();
        server.push(7);
        assert_eq!(server.cancel(7), []);
        assert_eq!(server.dropped(), [(7, PushFate::Cancelled)]);
        assert_eq!(server.connect(1), [send(1, Frame::Welcome)]);
    }

    #[test]
    fn one_that_was_written_is_followed_by_a_cancel_and_not_delivered_again() {
        let mut server = plain();
        server.connect(1);
        server.push(7);
        assert_eq!(server.cancel(7), [send(1, cancel(7))]);
        assert_eq!(server.dropped(), [(7, PushFate::Cancelled)]);
        assert_eq!(server.frame(1, HELLO), [send(1, Frame::Welcome)]);
    }

    #[test]
    fn one_that_was_acknowledged_is_followed_by_a_cancel_and_keeps_its_fate() {
        let mut server = plain();
        server.connect(1);
        server.push(7);
        server.frame(1, Frame::Ack { id: id(7) });
        assert_eq!(server.cancel(7), [send(1, cancel(7))]);
        assert_eq!(server.dropped(), []);
    }

    #[test]
    fn one_that_was_written_before_the_connection_was_lost_is_not_delivered_again() {
        let mut server = plain();
        server.connect(1);
        server.push(7);
        server.closed(1, ConnectionEnd::Reset);
        assert_eq!(server.cancel(7), []);
        assert_eq!(server.connect(2), [send(2, Frame::Welcome)]);
        let written = |what| matches!(what, What::PushCancelled { written: true, .. });
        assert!(server.events().any(written));
    }

    #[test]
    fn a_server_that_does_not_withdraw_rings_all_the_same() {
        let mut server = server(|options| options.push_withdraw = false);
        server.push(7);
        server.cancel(7);
        let push = send(1, Frame::Push { id: id(7) });
        assert_eq!(server.connect(1), [send(1, Frame::Welcome), push]);
    }
}
