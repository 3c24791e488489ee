//! What is written over UDP is written again until it is acknowledged, less and less often, and then given
//! up: SIP's timers A and B (RFC 3261, 17.1.1.2). It goes where it went first, as a transaction does.

use super::Session;
use super::queue::keeps_written;
use super::session::{Context, drop_push};
use crate::port::{Frame, PushId, Span, Time, Transport};
use crate::trace::{Observer, PushFate, SessionEnd, What};

/// A push that was written over UDP and not acknowledged.
#[derive(Copy, Clone, Debug)]
struct Resend {
    id: PushId,
    connection: u32,
    /// When it is given up.
    until: Time,
    /// How long is waited for an acknowledgement this time.
    wait: Span,
    /// When that is over.
    at: Time,
    /// How often it was written again.
    n: u32,
}

/// The pushes that are written again.
#[derive(Clone, Debug, Default)]
pub(super) struct Resends {
    open: Vec<Resend>,
}

impl Resends {
    pub(super) fn deadline(&self) -> Time {
        self.open.iter().map(|resend| resend.at).min().unwrap_or(Time::NEVER)
    }

    /// The push is not written again; answers whether it would have been.
    pub(super) fn stop(&mut self, id: PushId) -> bool {
        let before = self.open.len();
        self.open.retain(|resend| resend.id != id);
        self.open.len() < before
    }
}

impl Session {
    /// The push was written to `connection` just now.
    pub(super) fn watch<O: Observer>(&mut self, connection: u32, id: PushId, cx: &Context<'_, O>) {
        let datagrams = [self.live, self.side].into_iter().flatten().any(|live| {
            live.connection == connection
                && match live.transport {
                    Transport::Tcp => false,
                    Transport::Udp => true,
                }
        });
        let Some(wait) = cx.options.retransmit_first.filter(|_| datagrams) else { return };
        self.resends.stop(id);
        let now = cx.probe.at;
        let until = now + cx.options.retransmit_give_up;
        let at = (now + wait).min(until);
        self.resends.open.push(Resend { id, connection, until, wait, at, n: 0 });
        self.arm(cx.options);
    }

    /// Writes the push whose time has come again, or gives it up.
    pub(super) fn resend<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let now = cx.probe.at;
        let Some(index) = self.resends.open.iter().position(|resend| resend.at <= now) else {
            return;
        };
        let resend = &mut self.resends.open[index];
        if resend.until <= now {
            let id = self.resends.open.remove(index).id;
            return give_up(id, PushFate::GivenUp, cx);
        }
        resend.n += 1;
        resend.wait = resend.wait.saturating_mul(2);
        resend.at = (now + resend.wait).min(resend.until);
        let Resend { id, connection, n, .. } = *resend;
        cx.probe.emit(What::PushResent { push: id, connection, n });
        self.send(connection, Frame::Push { id });
    }

    /// A connection is over: nothing is written to it again.
    pub(super) fn end_resends<O: Observer>(
        &mut self,
        connection: u32,
        why: SessionEnd,
        cx: &mut Context<'_, O>,
    ) {
        let fate = match why {
            SessionEnd::Restart => PushFate::LostInRestart,
            SessionEnd::ClosedByClient
            | SessionEnd::Failed
            | SessionEnd::Idle
            | SessionEnd::HeartbeatUnanswered
            | SessionEnd::RegistrationExpired
            | SessionEnd::Replaced
            | SessionEnd::Drained
            | SessionEnd::Dropped => PushFate::GivenUp,
        };
        let of = |resend: &Resend| resend.connection == connection;
        while let Some(index) = self.resends.open.iter().position(of) {
            let id = self.resends.open.remove(index).id;
            give_up(id, fate, cx);
        }
    }
}

/// A push that the queue keeps until it is acknowledged has another chance at the next hello.
fn give_up<O: Observer>(id: PushId, fate: PushFate, cx: &mut Context<'_, O>) {
    if !keeps_written(cx.options) {
        drop_push(id, fate, cx);
    }
}
