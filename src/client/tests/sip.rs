//! Registering again, a second connection, a call that is taken back.

use super::*;
use crate::port::{Frame, Transport};

const HELLO: Frame = Frame::Hello { device: 9 };
const HELLO_SIDE: Frame = Frame::HelloSide { device: 9 };

/// With the second connection open on pair 2.
fn two_sockets() -> Rig {
    let mut app = plain("sip-two-sockets").connected();
    let calls = app.stream(writes(2), StreamEvent::OpenCompleted);
    assert_eq!(calls, [Call::Write(writes(2), HELLO_SIDE)]);
    app
}

#[test]
fn the_transport_is_the_strategys() {
    for (name, made) in [
        ("sip-tcp", Call::CreateStream(StreamPair(1))),
        ("sip-udp", Call::CreateDatagramStream(StreamPair(1))),
    ] {
        let mut app = plain(name);
        assert!(app.on(Callback::Launched(LaunchReason::User)).contains(&made), "{name}");
    }
}

#[test]
fn the_handler_registers_again_and_its_task_ends_with_the_welcome() {
    let mut app = plain("sip-tcp").in_background();
    let calls = app.on(Callback::KeepAlive);
    assert!(calls.contains(&Call::Write(writes(1), HELLO)) && begun(&calls).len() == 1);
    assert_eq!(ended(&app.arrives(1, Frame::Welcome)), begun(&calls));
}

#[test]
fn a_registration_that_is_not_welcomed_in_time_is_a_connection_that_is_lost() {
    let mut app = plain("sip-tcp").in_background();
    app.on(Callback::KeepAlive);
    let calls = app.on(Callback::Timer(timers::PING_DEADLINE));
    assert_eq!(connects(&calls), 1);
}

#[test]
fn it_registers_at_its_interval_unless_an_answer_is_owed() {
    let interval = Some(Span::from_secs(240));
    let mut app = app("sip-tcp", |s| s.register_interval = interval).connected();
    let calls = app.on(Callback::Timer(timers::REGISTER));
    assert!(calls.contains(&Call::Write(writes(1), HELLO)));
    let calls = app.on(Callback::Timer(timers::REGISTER));
    assert!(!calls.contains(&Call::Write(writes(1), HELLO)), "the first is not answered yet");
    assert!(calls.iter().any(|call| matches!(call, Call::SetTimer(timers::REGISTER, ..))));
}

#[test]
fn the_second_connection_is_opened_when_the_first_is_welcomed_and_closed_with_it() {
    let mut app = two_sockets();
    let calls = app.stream(reads(1), StreamEvent::EndEncountered);
    for stream in [reads(1), writes(1), reads(2), writes(2)] {
        assert!(calls.contains(&Call::Close(stream)), "{stream:?}");
    }
}

#[test]
fn what_comes_on_the_second_connection_is_answered_there() {
    let mut app = two_sockets();
    app.phone.state = AppState::Background;
    let calls = app.arrives(2, Frame::Push { id: id(1) });
    assert_eq!(shown(&calls).len(), 1);
    assert!(calls.contains(&Call::Write(writes(2), Frame::Ack { id: id(1) })));
    let calls = app.arrives(2, Frame::Ping { n: 5 });
    assert!(calls.contains(&Call::Write(writes(2), Frame::Pong { n: 5 })));
}

#[test]
fn a_knock_finds_out_that_the_second_socket_is_gone_and_opens_another() {
    let mut app = two_sockets();
    app.phone.write_error = Some(StreamError::BrokenPipe);
    let calls = app.arrives(1, Frame::Knock);
    assert!(calls.contains(&Call::Close(writes(2))));
    assert!(calls.contains(&Call::CreateDatagramStream(StreamPair(3))));
}

#[test]
fn an_end_of_the_second_connection_leaves_the_first_alone() {
    let mut app = app("sip-two-sockets", |s| s.second_transport = Transport::Tcp).connected();
    let calls = app.stream(reads(2), StreamEvent::EndEncountered);
    assert_eq!(calls, [Call::Close(reads(2)), Call::Close(writes(2))]);
    let calls = app.on(Callback::KeepAlive);
    assert!(calls.contains(&Call::CreateStream(StreamPair(3))), "opened again: {calls:?}");
}

#[test]
fn a_cancel_takes_the_notification_of_its_push_back() {
    let mut app = plain("default").in_background();
    let shown = shown(&app.arrives(1, Frame::Push { id: id(1) }));
    let calls = app.arrives(1, Frame::Cancel { id: id(1) });
    assert!(calls.contains(&Call::CancelNotification(shown[0], id(1))));
}

#[test]
fn a_cancel_that_overtook_its_push_keeps_it_from_being_shown() {
    let mut app = plain("default").in_background();
    app.arrives(1, Frame::Cancel { id: id(1) });
    let calls = app.arrives(1, Frame::Push { id: id(1) });
    assert!(shown(&calls).is_empty());
    assert!(calls.contains(&Call::Write(writes(1), Frame::Ack { id: id(1) })));
}
