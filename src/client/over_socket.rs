//! CocoaAsyncSocket's way to the VoIP service type: a socket is connected first, and streams are made over it
//! for no other purpose (GCDAsyncSocket.m, `createReadAndWriteStream`, `enableBackgroundingOnSocket`).

use super::app::Client;
use super::connection::Link;
use crate::port::{Phone, Side, StreamEvent, StreamId};

impl Client {
    /// The socket is connected: makes streams over it, once. Answers whether it did.
    pub(super) fn wrap(
        &mut self,
        socket: StreamId,
        event: StreamEvent,
        phone: &mut impl Phone,
    ) -> bool {
        let Link::Opening { pair, .. } = self.state.link else { return false };
        let connected = socket.side == Side::Write && event == StreamEvent::OpenCompleted;
        if !connected || self.state.wrapped == Some(pair) {
            return false;
        }
        self.state.wrapped = Some(pair);
        let Some(pair) = phone.create_stream_over(pair) else {
            self.lost(phone);
            return true;
        };
        if self.strategy.in_perform_block {
            self.tag(pair, phone);
        }
        // The library registers, schedules and opens them, tagged or not.
        self.listen(pair, phone);
        if ![pair.read(), pair.write()].into_iter().all(|side| phone.open(side)) {
            self.lost(phone);
        }
        true
    }
}
