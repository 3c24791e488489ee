//! A push's way to a connection: accepted, queued, written, and written again at the next hello; or what
//! else becomes of it.

use super::queue::Waiting;
use super::session::Context;
use super::{QueueKind, Session};
use crate::port::{Frame, PushId, Span, Time};
use crate::trace::{Observer, PushFate, What};

impl Session {
    /// Accepts a push and sends it if the device is connected. `ttl` is how long it is worth
    /// delivering; without it the server's own setting counts.
    pub fn push<O: Observer>(&mut self, id: PushId, ttl: Option<Span>, cx: &mut Context<'_, O>) {
        if self.down {
            return drop_push(id, PushFate::ServerDown, cx);
        }
        let route = self.route(cx.options);
        if cx.options.queue_kind == QueueKind::Absent && route.is_none() {
            return drop_push(id, PushFate::NotConnected, cx);
        }
        if route.is_none() || cx.options.keeps_written() {
            self.queue.add(Waiting::new(id, ttl.or(cx.options.push_ttl), cx.probe.at));
        }
        cx.probe.emit(What::PushAccepted { push: id, waiting: self.waiting() });
        self.make_room(cx);
        if let Some(connection) = route {
            // Not for what is delivered again at a hello: the app is awake, and would answer with another hello.
            self.knock(cx.options);
            self.write_push(connection, id, cx);
        }
    }

    /// A push that a store kept waits again, behind those that were restored before it.
    pub fn restore<O: Observer>(&mut self, id: PushId, ttl: Option<Span>, cx: &Context<'_, O>) {
        self.queue.add(Waiting::new(id, ttl, cx.probe.at));
    }

    /// Whether this push waits to be delivered or acknowledged.
    pub fn waits_for(&self, id: PushId) -> bool {
        self.queue.holds(id)
    }

    /// How many pushes wait to be delivered or acknowledged.
    pub fn waiting(&self) -> u32 {
        u32::try_from(self.queue.len()).unwrap_or(u32::MAX)
    }

    /// Writes everything that waits, in order; what is not worth it any more is dropped.
    pub(super) fn redeliver<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let Some(connection) = self.route(cx.options) else { return };
        self.drop_expired(cx);
        if cx.options.keeps_written() {
            let mut index = 0;
            while let Some(push) = self.queue.get(index) {
                self.write_push(connection, push.id, cx);
                index += 1;
            }
        } else {
            while let Some(push) = self.queue.oldest() {
                self.write_push(connection, push.id, cx);
            }
        }
    }

    fn make_room<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if self.waiting() > cx.options.queue_limit {
            self.drop_expired(cx);
        }
        while self.waiting() > cx.options.queue_limit {
            let Some(push) = self.queue.oldest() else { return };
            self.resends.stop(push.id);
            drop_push(push.id, PushFate::QueueFull, cx);
        }
    }

    fn drop_expired<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        while let Some(push) = self.queue.expire(cx.probe.at) {
            self.resends.stop(push.id);
            drop_push(push.id, PushFate::Expired, cx);
        }
    }

    /// Nobody has resumed the session in time: what waits for it is given up.
    pub(super) fn stop_waiting<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        self.resume_by = Time::NEVER;
        self.drop_expired(cx);
        while let Some(push) = self.queue.oldest() {
            drop_push(push.id, PushFate::ResumeExpired, cx);
        }
    }

    fn write_push<O: Observer>(&mut self, connection: u32, id: PushId, cx: &mut Context<'_, O>) {
        cx.probe.emit(What::PushSent { push: id, connection });
        self.send(connection, Frame::Push { id });
        self.queue.written(id);
        self.watch(connection, id, cx);
    }
}

/// What became of a push that is not delivered.
pub(super) fn drop_push<O: Observer>(push: PushId, fate: PushFate, cx: &mut Context<'_, O>) {
    cx.probe.emit(What::PushDropped { push, fate });
}
