//! What is written over UDP is written again until it is acknowledged, less and less often, and then given
//! up: SIP's timers A and B (RFC 3261, 17.1.1.2). It goes where it went first, as a transaction does.

use super::Session;
use super::delivery::drop_push;
use super::session::Context;
use crate::port::{Frame, PushId, Span, Time, Transport};
use crate::trace::{Observer, PushFate, SessionEnd, What};

/// A push that was written over UDP and not acknowledged.
#[derive(Copy, Clone, Debug)]
pub(super) struct Resend {
    pub(super) id: PushId,
    pub(super) connection: u32,
    /// When it is given up.
    pub(super) until: Time,
    /// How long is waited for an acknowledgement this time.
    wait: Span,
    /// When that is over.
    pub(super) at: Time,
    /// How often it was written again.
    pub(super) n: u32,
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

    pub(super) fn all(&self) -> impl Iterator<Item = &Resend> {
        self.open.iter()
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

    /// A connection is over: nothing is written to it again. Where another took its place, nobody stops the
    /// transaction: it goes on where it began, in vain.
    pub(super) fn end_resends<O: Observer>(
        &mut self,
        connection: u32,
        why: SessionEnd,
        cx: &mut Context<'_, O>,
    ) {
        let fate = match why {
            SessionEnd::Replaced => return,
            SessionEnd::Restart => PushFate::LostInRestart,
            SessionEnd::ClosedByClient
            | SessionEnd::Failed
            | SessionEnd::Idle
            | SessionEnd::HeartbeatUnanswered
            | SessionEnd::RegistrationExpired
            | SessionEnd::LateEnd
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
    if !cx.options.keeps_written() {
        drop_push(id, fate, cx);
    }
}

#[cfg(test)]
mod tests {
    use crate::port::{Frame, Span, Transport};
    use crate::server::tests::{HELLO, Server, id, pushed, secs, server};
    use crate::server::{Output, QueueKind};
    use crate::trace::{ConnectionEnd, PushFate, RestartKind};

    /// A server that keeps nothing and repeats what it sends, with a session over `transport`.
    fn connected(transport: Transport) -> Server {
        let mut server = server(|options| {
            options.queue_kind = QueueKind::Absent;
            options.retransmit_first = Some(Span::from_millis(500));
            options.retransmit_give_up = secs(32);
        });
        server.accepted(1, transport);
        server.frame(1, HELLO);
        server
    }

    #[test]
    fn over_udp_a_push_is_written_again_at_the_times_of_timer_a_and_given_up_at_timer_b() {
        let mut server = connected(Transport::Udp);
        server.push(7);
        let mut at = Span::ZERO;
        for millis in [500, 1_500, 3_500, 7_500, 15_500, 31_500] {
            let next = Span::from_millis(millis);
            assert_eq!(server.wait(next - at - Span::TICK), [], "before {next}");
            assert_eq!(server.wait(Span::TICK), [pushed(1, 7)], "at {next}");
            at = next;
        }
        assert_eq!(server.wait(secs(1)), []);
        assert_eq!(server.dropped(), [(7, PushFate::GivenUp)]);
    }

    #[test]
    fn over_tcp_it_is_written_once() {
        let mut server = connected(Transport::Tcp);
        assert_eq!(server.push(7), [pushed(1, 7)]);
        assert_eq!(server.wait(secs(100)), []);
    }

    #[test]
    fn an_acknowledgement_is_the_end_of_it() {
        let mut server = connected(Transport::Udp);
        server.push(7);
        server.frame(1, Frame::Ack { id: id(7) });
        assert_eq!(server.wait(secs(100)), []);
        assert_eq!(server.dropped(), []);
    }

    #[test]
    fn a_push_that_the_queue_keeps_is_not_given_up_for_good() {
        let mut server = connected(Transport::Udp);
        server.options.queue_kind = QueueKind::Durable;
        server.push(7);
        server.wait(secs(100));
        assert_eq!((server.dropped(), server.session.waiting()), (vec![], 1));
        assert_eq!(server.frame(1, HELLO).last(), Some(&pushed(1, 7)));
    }

    #[test]
    fn a_push_that_the_queue_gave_up_is_not_written_again() {
        let mut server = connected(Transport::Udp);
        (server.options.queue_kind, server.options.queue_limit) = (QueueKind::Durable, 1);
        server.push(7);
        server.push(8);
        assert_eq!(server.dropped(), [(7, PushFate::QueueFull)]);
        assert_eq!(server.wait(secs(1)), [pushed(1, 8)]);
    }

    #[test]
    fn the_end_of_the_connection_is_the_end_of_it() {
        let mut server = connected(Transport::Udp);
        server.push(7);
        server.closed(1, ConnectionEnd::Reset);
        assert_eq!(server.dropped(), [(7, PushFate::GivenUp)]);
        assert_eq!(server.wait(secs(100)), []);
        let mut server = connected(Transport::Udp);
        server.push(7);
        server.down(RestartKind::HostDown);
        assert_eq!(server.dropped(), [(7, PushFate::LostInRestart)]);
    }

    #[test]
    fn it_goes_on_where_it_began_when_another_connection_takes_its_place() {
        let mut server = connected(Transport::Udp);
        server.push(7);
        server.accepted(2, Transport::Udp);
        assert!(server.frame(2, HELLO).contains(&Output::Close { connection: 1 }));
        assert_eq!(server.wait(secs(1)), [pushed(1, 7)]);
        assert_eq!(server.dropped(), []);
    }
}
