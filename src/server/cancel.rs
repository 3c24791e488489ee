//! A push is withdrawn: SIP's CANCEL (RFC 3261, 9). One that waits never goes out; one that was written is
//! followed by a cancel, once, over the connection that pushes go over.

use super::Session;
use super::session::{Context, drop_push};
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
