//! Pushes and heartbeats: read, shown, acknowledged, answered.

use super::*;

#[test]
fn a_socket_wake_is_held_by_a_task_until_everything_was_read() {
    let mut app = plain("default").in_background();
    let calls = app.arrives(1, Frame::Push { id: id(1) });
    assert_eq!(calls.first(), Some(&Call::BeginTask(TaskId(1))));
    assert_eq!(calls.last(), Some(&Call::EndTask(TaskId(1))));
}

#[test]
fn a_push_is_worked_on_before_the_next_is_read_and_the_wake_is_held_meanwhile() {
    let mut app = app("default", |s| s.push_work = Span::from_secs(2)).in_background();
    app.phone.incoming.push_back(Frame::Push { id: id(1) });
    let calls = app.arrives(1, Frame::Push { id: id(2) });
    assert_eq!(calls.last(), Some(&Call::Busy(Span::from_secs(2), Token(1))));
    assert!(ended(&calls).is_empty());
    let calls = app.on(Callback::Continue(Token(1)));
    assert_eq!(calls.last(), Some(&Call::Busy(Span::from_secs(2), Token(1))));
    assert_eq!(app.on(Callback::Continue(Token(1))), [Call::EndTask(TaskId(1))]);
}

#[test]
fn a_task_for_each_push_that_is_never_ended_leaks_one_for_each_push() {
    let mut app = app("default", |s| s.push_leak_task = true).connected();
    let mut calls = Vec::new();
    for n in 1..=3 {
        calls.extend(app.arrives(1, Frame::Push { id: id(n) }));
    }
    assert_eq!(begun(&calls).len(), 3);
    assert!(ended(&calls).is_empty());
}

#[test]
fn a_push_seen_before_is_acknowledged_but_not_shown_again() {
    let mut app = plain("default").in_background();
    let push = Frame::Push { id: id(1) };
    assert_eq!(shown(&app.arrives(1, push)).len(), 1);
    let calls = app.arrives(1, push);
    assert!(shown(&calls).is_empty());
    assert!(calls.contains(&Call::Report(AppReport::Duplicate { push: id(1) })));
    assert!(calls.contains(&Call::Write(writes(1), Frame::Ack { id: id(1) })));
}

#[test]
fn what_is_in_storage_is_remembered_over_the_end_of_the_process_and_memory_is_not() {
    for (name, times) in [("default", 0), ("shows-twice", 1)] {
        let mut app = plain(name).in_background();
        app.arrives(1, Frame::Push { id: id(1) });
        app.client.forget();
        app.on(Callback::Launched(LaunchReason::VoipRelaunch));
        app.welcome(2);
        assert_eq!(shown(&app.arrives(2, Frame::Push { id: id(1) })).len(), times, "{name}");
    }
}

#[test]
fn only_the_last_pushes_of_the_window_are_remembered() {
    let mut app = app("default", |s| s.dedupe_window = 2).in_background();
    for name in 1..=3 {
        app.arrives(1, Frame::Push { id: id(name) });
    }
    app.client.forget();
    app.on(Callback::Launched(LaunchReason::VoipRelaunch));
    app.welcome(2);
    assert!(shown(&app.arrives(2, Frame::Push { id: id(2) })).is_empty());
    assert!(shown(&app.arrives(2, Frame::Push { id: id(3) })).is_empty());
    assert_eq!(shown(&app.arrives(2, Frame::Push { id: id(1) })).len(), 1);
    assert_eq!(app.phone.stored.len(), 3, "the ring and its count");
}

#[test]
fn before_first_unlock_a_push_is_still_shown() {
    let mut app = plain("default");
    app.phone.state = AppState::Background;
    app.phone.protected = true;
    app.on(Callback::Launched(LaunchReason::Boot));
    app.welcome(1);
    let push = Frame::Push { id: id(1) };
    assert_eq!(shown(&app.arrives(1, push)).len(), 1);
    assert!(shown(&app.arrives(1, push)).is_empty(), "memory has it");
    app.phone.protected = false;
    app.on(Callback::ProtectedDataAvailable);
    app.client.forget();
    app.on(Callback::Launched(LaunchReason::VoipRelaunch));
    app.welcome(2);
    assert!(shown(&app.arrives(2, push)).is_empty(), "storage has it since the unlock");
}

#[test]
fn a_notification_has_an_identifier_of_its_own() {
    let mut careful = app("default", |s| s.dedupe = Dedupe::Off).in_background();
    let push = Frame::Push { id: id(1) };
    assert_eq!(shown(&careful.arrives(1, push)), shown(&careful.arrives(1, push)));
    let mut careless = plain("shows-twice").in_background();
    assert_ne!(shown(&careless.arrives(1, push)), shown(&careless.arrives(1, push)));
}

#[test]
fn nothing_is_shown_while_the_app_is_on_screen() {
    let mut app = plain("default").connected();
    assert!(shown(&app.arrives(1, Frame::Push { id: id(1) })).is_empty());
}

#[test]
fn a_heartbeat_is_answered_unless_the_strategy_ignores_it() {
    let pong = Call::Write(writes(1), Frame::Pong { n: 4 });
    let mut app1 = plain("heartbeat-only").connected();
    assert!(app1.arrives(1, Frame::Ping { n: 4 }).contains(&pong));
    let mut deaf = app("heartbeat-only", |s| s.heartbeat_reply = false).connected();
    assert!(deaf.arrives(1, Frame::Ping { n: 4 }).is_empty());
}
