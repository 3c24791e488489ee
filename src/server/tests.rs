//! The rules of the server's core, one test a rule.

use super::{
    Context, DeliveredWhen, DropHow, EndedBy, Output, PRESETS, QueueKind, ServerOptions, Session,
};
use crate::port::{Frame, PushId, Span, Time, Transport};
use crate::trace::{
    ConnectionEnd, Observer, Probe, PushFate, Recorder, RestartKind, SessionEnd, What,
};

pub(super) const DEVICE: u32 = 3;
pub(super) const HELLO: Frame = Frame::Hello { device: DEVICE };

pub(super) struct Server {
    pub(super) options: ServerOptions,
    pub(super) session: Session,
    recorder: Recorder,
    seq: u64,
    now: Time,
}

pub(super) fn server(change: impl FnOnce(&mut ServerOptions)) -> Server {
    let mut options = PRESETS.get("default").unwrap().values;
    change(&mut options);
    let (session, recorder) = (Session::new(DEVICE), Recorder::default());
    Server { options, session, recorder, seq: 0, now: Time::ZERO }
}

pub(super) fn plain() -> Server {
    server(|_| {})
}

pub(super) fn id(name: u32) -> PushId {
    PushId { name, member: 0 }
}

pub(super) fn secs(secs: u64) -> Span {
    Span::from_secs(secs)
}

pub(super) fn send(connection: u32, frame: Frame) -> Output {
    Output::Send { connection, frame }
}

pub(super) fn pushed(connection: u32, name: u32) -> Output {
    send(connection, Frame::Push { id: id(name) })
}

impl Server {
    pub(super) fn act(
        &mut self,
        act: impl FnOnce(&mut Session, &mut Context<'_, Recorder>),
    ) -> Vec<Output> {
        let observer = &mut self.recorder;
        let probe = Probe { observer, at: self.now, owner: DEVICE, seq: &mut self.seq };
        act(&mut self.session, &mut Context { options: &self.options, probe });
        std::iter::from_fn(|| self.session.output()).collect()
    }

    pub(super) fn frame(&mut self, connection: u32, frame: Frame) -> Vec<Output> {
        self.act(|session, cx| session.frame(connection, frame, cx))
    }

    pub(super) fn connect(&mut self, connection: u32) -> Vec<Output> {
        self.accepted(connection, Transport::Tcp);
        self.frame(connection, HELLO)
    }

    pub(super) fn accepted(&mut self, connection: u32, transport: Transport) {
        self.act(|session, cx| session.accepted(connection, transport, cx));
    }

    /// Makes `connection` the second one of the session.
    pub(super) fn connect_side(&mut self, connection: u32, transport: Transport) -> Vec<Output> {
        self.accepted(connection, transport);
        self.frame(connection, Frame::HelloSide { device: DEVICE })
    }

    pub(super) fn cancel(&mut self, name: u32) -> Vec<Output> {
        self.act(|session, cx| session.cancel(id(name), cx))
    }

    pub(super) fn push(&mut self, name: u32) -> Vec<Output> {
        self.act(|session, cx| session.push(id(name), None, cx))
    }

    pub(super) fn closed(&mut self, connection: u32, how: ConnectionEnd) -> Vec<Output> {
        self.act(|session, cx| session.closed(connection, how, cx))
    }

    pub(super) fn down(&mut self, how: RestartKind) -> Vec<Output> {
        self.act(|session, cx| session.down(how, cx))
    }

    fn up(&mut self) {
        self.act(|session, cx| session.up(cx));
    }

    pub(super) fn wait(&mut self, span: Span) -> Vec<Output> {
        let until = self.now + span;
        let mut outputs = Vec::new();
        while self.session.deadline() <= until {
            self.now = self.session.deadline();
            outputs.extend(self.act(|session, cx| session.advance(cx)));
        }
        self.now = until;
        outputs
    }

    pub(super) fn events(&self) -> impl Iterator<Item = What> {
        self.recorder.events.iter().map(|event| event.what)
    }

    pub(super) fn ends(&self) -> Vec<(u32, SessionEnd)> {
        let mut ends = Vec::new();
        for what in self.events() {
            if let What::SessionClosed { connection, why } = what {
                ends.push((connection, why));
            }
        }
        ends
    }

    pub(super) fn dropped(&self) -> Vec<(u32, PushFate)> {
        let mut dropped = Vec::new();
        for what in self.events() {
            if let What::PushDropped { push, fate } = what {
                dropped.push((push.name, fate));
            }
        }
        dropped
    }

    pub(super) fn count(&self, name: &str) -> usize {
        self.events().filter(|what| what.name() == name).count()
    }
}

#[test]
fn a_connection_in_its_handshake_is_answered_and_has_not_said_hello() {
    let mut server = plain();
    server.accepted(1, Transport::Tcp);
    for n in [1, 2] {
        assert_eq!(server.frame(1, Frame::TlsClient { n }), [send(1, Frame::TlsServer { n })]);
        assert_eq!(server.session.connection(), None);
    }
    assert_eq!(server.frame(1, HELLO), [send(1, Frame::Welcome)]);
}

#[test]
fn a_handshake_that_does_not_end_is_ended() {
    let mut server = plain();
    server.accepted(1, Transport::Tcp);
    let closes = |outputs: Vec<Output>| outputs == [Output::Close { connection: 1 }];
    let turns = (1..100).take_while(|n| !closes(server.frame(1, Frame::TlsClient { n: *n })));
    assert_eq!(turns.count(), 8);
    assert!(!server.session.knows(1));
}

#[test]
fn a_newer_connection_has_a_handshake_of_its_own() {
    let mut server = plain();
    for connection in 1..4 {
        server.accepted(connection, Transport::Tcp);
        for n in 1..=8 {
            let answer = [send(connection, Frame::TlsServer { n })];
            assert_eq!(server.frame(connection, Frame::TlsClient { n }), answer);
        }
    }
}

#[test]
fn a_hello_opens_a_session_and_a_ping_is_answered_with_its_number() {
    let mut server = plain();
    assert_eq!(server.connect(1), [send(1, Frame::Welcome)]);
    assert_eq!(server.frame(1, Frame::Ping { n: 7 }), [send(1, Frame::Pong { n: 7 })]);
    assert_eq!(server.session.connection(), Some(1));
}

#[test]
fn a_second_connection_takes_the_place_of_the_first() {
    let mut server = plain();
    server.connect(1);
    assert_eq!(server.connect(2), [Output::Close { connection: 1 }, send(2, Frame::Welcome)]);
    assert_eq!(server.ends(), [(1, SessionEnd::Replaced)]);
}

#[test]
fn a_late_fin_of_an_old_connection_does_not_end_the_new_session() {
    let mut server = plain();
    server.connect(1);
    server.connect(2);
    for how in [ConnectionEnd::Fin, ConnectionEnd::Reset, ConnectionEnd::TimedOut] {
        server.closed(1, how);
        assert_eq!(server.session.connection(), Some(2));
    }
    server.closed(2, ConnectionEnd::Fin);
    assert_eq!(server.ends(), [(1, SessionEnd::Replaced), (2, SessionEnd::ClosedByClient)]);
}

/// A server that looks sessions up by their device: connection 2 is open, the end of 1 came late.
fn confused() -> Server {
    let mut server = server(|options| options.session_ended_by = EndedBy::Device);
    server.connect(1);
    server.connect(2);
    server.closed(1, ConnectionEnd::Fin);
    server
}

#[test]
fn where_sessions_are_ended_by_device_a_late_fin_removes_the_new_one_and_its_pings_are_answered() {
    let mut server = confused();
    assert_eq!(server.ends(), [(1, SessionEnd::Replaced), (2, SessionEnd::LateEnd)]);
    assert_eq!(server.push(7), [], "nobody knows where the device is");
    assert_eq!(server.frame(2, Frame::Ping { n: 1 }), [send(2, Frame::Pong { n: 1 })]);
    assert_eq!(server.connect(3), [send(3, Frame::Welcome), pushed(3, 7)], "repaired");
    server.closed(2, ConnectionEnd::Fin);
    assert_eq!(server.ends()[2..], [(3, SessionEnd::LateEnd)], "until the next late end");
}

#[test]
fn where_sessions_are_ended_by_device_no_more_than_four_forgotten_connections_are_held() {
    let mut server = server(|options| options.session_ended_by = EndedBy::Device);
    (1..=5).for_each(|connection| assert_eq!(server.connect(connection).len(), 1));
    let close = Output::Close { connection: 1 };
    assert_eq!(server.connect(6), [close, send(6, Frame::Welcome)]);
}

#[test]
fn a_connection_whose_session_was_removed_by_a_fault_ends_as_any_other() {
    assert_eq!(
        confused().closed(2, ConnectionEnd::Fin),
        [Output::Close { connection: 2 }],
        "it is answered, and that is all"
    );
    let close = [Output::Close { connection: 2 }];
    assert_eq!(confused().down(RestartKind::Process), close);
    assert_eq!(confused().down(RestartKind::Drain), close);
    assert_eq!(confused().down(RestartKind::HostDown), []);
    let mut server = confused();
    assert_eq!(server.act(|session, cx| session.drop_connection(DropHow::Fin, cx)), close);
    assert_eq!(server.frame(2, Frame::Ping { n: 1 }), [Output::Reset { connection: 2 }]);
}

#[test]
fn when_the_window_for_resuming_is_over_what_waited_is_dropped_and_what_comes_later_is_kept() {
    let mut server = server(|options| options.resume_window = Some(secs(300)));
    server.connect(1);
    server.push(1);
    server.closed(1, ConnectionEnd::Reset);
    server.wait(secs(100));
    server.push(2);
    server.wait(secs(199));
    assert_eq!(server.dropped(), []);
    server.wait(secs(1));
    assert_eq!(server.dropped(), [(1, PushFate::ResumeExpired), (2, PushFate::ResumeExpired)]);
    server.push(3);
    server.wait(secs(3_600));
    assert_eq!(server.connect(2), [send(2, Frame::Welcome), pushed(2, 3)]);
}

#[test]
fn a_session_that_is_resumed_in_time_loses_nothing() {
    let mut server = server(|options| options.resume_window = Some(secs(300)));
    server.connect(1);
    server.push(1);
    server.closed(1, ConnectionEnd::Reset);
    server.wait(secs(299));
    assert_eq!(server.connect(2), [send(2, Frame::Welcome), pushed(2, 1)]);
    server.wait(secs(3_600));
    assert_eq!(server.dropped(), []);
}

#[test]
fn a_frame_on_an_unknown_connection_is_answered_with_a_reset() {
    let mut server = plain();
    assert_eq!(server.frame(1, Frame::Ping { n: 1 }), [Output::Reset { connection: 1 }]);
    server.connect(2);
    server.act(|session, cx| session.drop_connection(DropHow::Silent, cx));
    assert_eq!(server.frame(2, Frame::Ping { n: 1 }), [Output::Reset { connection: 2 }]);
}

#[test]
fn a_connection_that_does_not_begin_with_its_hello_is_closed() {
    let mut server = plain();
    for frame in [Frame::Ping { n: 1 }, Frame::Hello { device: DEVICE + 1 }] {
        server.act(|session, cx| session.accepted(1, Transport::Tcp, cx));
        assert_eq!(server.frame(1, frame), [Output::Close { connection: 1 }]);
        assert!(!server.session.knows(1));
    }
}

#[test]
fn pushes_are_redelivered_in_order_until_they_are_acknowledged() {
    let mut server = plain();
    server.push(1);
    server.push(2);
    assert_eq!(server.connect(1), [send(1, Frame::Welcome), pushed(1, 1), pushed(1, 2)]);
    assert_eq!(server.push(3), [pushed(1, 3)]);
    server.frame(1, Frame::Ack { id: id(2) });
    server.closed(1, ConnectionEnd::TimedOut);
    assert_eq!(server.connect(2), [send(2, Frame::Welcome), pushed(2, 1), pushed(2, 3)]);
    server.frame(2, Frame::Ack { id: id(1) });
    server.frame(2, Frame::Ack { id: id(1) });
    server.frame(2, Frame::Ack { id: id(3) });
    assert_eq!(server.session.waiting(), 0);
    assert_eq!(server.count("server.push-acknowledged"), 3);
}

#[test]
fn a_server_that_believes_in_writing_forgets_what_it_wrote() {
    let mut server = server(|options| options.delivered_when = DeliveredWhen::Written);
    server.push(1);
    server.connect(1);
    server.push(2);
    assert_eq!(server.session.waiting(), 0);
    server.closed(1, ConnectionEnd::Reset);
    assert_eq!(server.connect(2), [send(2, Frame::Welcome)]);
}

#[test]
fn the_oldest_push_makes_room_for_a_new_one() {
    let mut server = server(|options| options.queue_limit = 2);
    for name in 1..=3 {
        server.push(name);
    }
    assert_eq!(server.dropped(), [(1, PushFate::QueueFull)]);
    assert_eq!(server.connect(1), [send(1, Frame::Welcome), pushed(1, 2), pushed(1, 3)]);
}

#[test]
fn a_push_is_not_delivered_after_its_time_to_live() {
    let mut server = server(|options| options.push_ttl = Some(secs(60)));
    server.push(1);
    server.act(|session, cx| session.push(id(2), Some(secs(61)), cx));
    server.wait(secs(60));
    assert_eq!(server.connect(1), [send(1, Frame::Welcome), pushed(1, 2)]);
    assert_eq!(server.dropped(), [(1, PushFate::Expired)]);
}

#[test]
fn a_server_without_a_queue_drops_what_it_cannot_send_at_once() {
    let mut server = server(|options| options.queue_kind = QueueKind::Absent);
    server.push(1);
    assert_eq!(server.dropped(), [(1, PushFate::NotConnected)]);
    server.connect(1);
    assert_eq!(server.push(2), [pushed(1, 2)]);
    assert_eq!(server.session.waiting(), 0);
}

#[test]
fn a_queue_in_memory_is_lost_in_a_restart_and_a_durable_one_is_not() {
    for (kind, left) in [(QueueKind::Memory, 0), (QueueKind::Durable, 1)] {
        for how in [RestartKind::Process, RestartKind::HostDown] {
            let mut server = server(|options| options.queue_kind = kind);
            server.push(1);
            server.down(how);
            assert_eq!(server.session.waiting(), left);
            let lost = server.dropped().contains(&(1, PushFate::LostInRestart));
            assert_eq!(lost, left == 0, "{kind} {how}");
        }
    }
}

#[test]
fn a_server_that_is_down_accepts_nothing() {
    let mut server = plain();
    server.down(RestartKind::HostDown);
    server.push(1);
    assert_eq!(server.dropped(), [(1, PushFate::ServerDown)]);
    assert_eq!(server.count("server.push-accepted"), 0);
    assert_eq!(server.connect(1), []);
    server.up();
    assert_eq!(server.connect(2), [send(2, Frame::Welcome)]);
}

#[test]
fn a_process_that_ends_closes_its_connections_and_a_lost_host_says_nothing() {
    for (how, outputs) in [
        (
            RestartKind::Process,
            vec![Output::Close { connection: 2 }, Output::Close { connection: 1 }],
        ),
        (RestartKind::HostDown, vec![]),
    ] {
        let mut server = plain();
        server.connect(1);
        server.act(|session, cx| session.accepted(2, Transport::Tcp, cx));
        assert_eq!(server.down(how), outputs);
        assert_eq!(server.ends(), [(1, SessionEnd::Restart)]);
        assert!(server.session.is_down() && !server.session.knows(2));
    }
}

#[test]
fn a_draining_server_says_go_away_and_closes_after_its_grace() {
    let mut server = plain();
    server.connect(1);
    assert_eq!(server.down(RestartKind::Drain), [send(1, Frame::GoAway)]);
    assert_eq!(server.wait(Span::from_millis(4_999)), []);
    assert_eq!(server.push(1), [pushed(1, 1)]);
    assert_eq!(server.wait(Span::from_millis(1)), [Output::Close { connection: 1 }]);
    assert_eq!(server.ends(), [(1, SessionEnd::Drained)]);
    assert_eq!(server.connect(2), [send(2, Frame::Welcome), pushed(2, 1)]);
    assert_eq!(server.wait(secs(60)), []);
}

fn with_heartbeats() -> Server {
    server(|options| {
        options.heartbeat_interval = Some(secs(240));
        options.heartbeat_reply_within = Some(secs(60));
    })
}

#[test]
fn a_heartbeat_comes_an_interval_after_the_last_frame() {
    let mut server = with_heartbeats();
    server.connect(1);
    server.wait(secs(100));
    server.frame(1, Frame::Ping { n: 1 });
    assert_eq!(server.wait(Span::from_millis(239_999)), []);
    assert_eq!(server.wait(Span::from_millis(1)), [send(1, Frame::Ping { n: 1 })]);
    server.wait(secs(1));
    server.frame(1, Frame::Pong { n: 1 });
    assert_eq!(server.wait(secs(239)), []);
    assert_eq!(server.wait(secs(1)), [send(1, Frame::Ping { n: 2 })]);
}

#[test]
fn an_unanswered_heartbeat_ends_the_session_and_any_frame_answers_it() {
    let mut server = with_heartbeats();
    server.connect(1);
    server.wait(secs(240));
    server.frame(1, Frame::WhiteSpace);
    assert_eq!(server.wait(secs(240)), [send(1, Frame::Ping { n: 2 })]);
    assert_eq!(server.wait(secs(60)), [Output::Close { connection: 1 }]);
    assert_eq!(server.ends(), [(1, SessionEnd::HeartbeatUnanswered)]);
    assert_eq!(server.session.deadline(), Time::NEVER);
}

#[test]
fn a_heartbeat_without_a_deadline_is_repeated() {
    let mut server = server(|options| {
        options.heartbeat_interval = Some(secs(10));
        options.heartbeat_reply_within = None;
    });
    server.connect(1);
    server.wait(secs(30));
    assert_eq!(server.count("server.heartbeat"), 3);
    assert_eq!(server.ends(), []);
}

#[test]
fn a_quiet_session_ends_at_the_idle_timeout_after_its_last_frame() {
    let mut server = server(|options| options.idle_timeout = Some(secs(90)));
    server.connect(1);
    server.wait(secs(60));
    server.frame(1, Frame::Ping { n: 1 });
    assert_eq!(server.wait(Span::from_millis(89_999)), []);
    assert_eq!(server.wait(Span::from_millis(1)), [Output::Close { connection: 1 }]);
    assert_eq!(server.ends(), [(1, SessionEnd::Idle)]);
}

#[test]
fn frames_do_not_move_the_idle_timer() {
    let mut server = server(|options| options.idle_timeout = Some(secs(90)));
    server.connect(1);
    let armed = server.session.deadline();
    server.wait(secs(60));
    server.frame(1, Frame::Ping { n: 1 });
    assert_eq!(server.session.deadline(), armed);
}

#[test]
fn a_step_can_end_a_connection_in_three_ways() {
    for (how, outputs) in [
        (DropHow::Fin, vec![Output::Close { connection: 1 }]),
        (DropHow::Reset, vec![Output::Reset { connection: 1 }]),
        (DropHow::Silent, vec![]),
    ] {
        let mut server = plain();
        server.connect(1);
        assert_eq!(server.act(|session, cx| session.drop_connection(how, cx)), outputs);
        assert_eq!(server.ends(), [(1, SessionEnd::Dropped)]);
    }
}

/// Nobody watches: the core does not need an observer that keeps anything.
#[test]
fn a_session_runs_unobserved() {
    fn hello<O: Observer>(observer: &mut O) -> Option<Output> {
        let options = ServerOptions::default();
        let probe = Probe { observer, at: Time::ZERO, owner: DEVICE, seq: &mut 0 };
        let mut cx = Context { options: &options, probe };
        let mut session = Session::new(DEVICE);
        session.accepted(1, Transport::Tcp, &mut cx);
        session.frame(1, HELLO, &mut cx);
        session.output()
    }
    assert_eq!(hello(&mut ()), Some(send(1, Frame::Welcome)));
}

#[test]
fn a_server_closes_its_side_of_a_connection_that_the_client_has_closed() {
    let mut server = plain();
    server.connect(1);
    server.connect(2);
    for connection in [1, 2] {
        assert_eq!(server.closed(connection, ConnectionEnd::Fin), [Output::Close { connection }]);
    }
    assert_eq!(server.closed(2, ConnectionEnd::Reset), []);
}
