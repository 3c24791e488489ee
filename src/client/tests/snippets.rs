//! What published code does wrong, and its corrected twins do right.

use super::*;

fn closes(calls: &[Call], pair: u32) -> usize {
    let is = |call: &&Call| matches!(call, Call::Close(stream) if stream.pair == pair);
    calls.iter().filter(is).count()
}

#[test]
fn a_handler_that_does_not_compare_takes_an_old_stream_s_end_for_the_new_one_s() {
    for (name, thrown_away) in [("closes-scheduled", 2), ("default", 0)] {
        let mut app = plain(name).in_background();
        app.stream(reads(1), StreamEvent::EndEncountered);
        let calls = app.stream(writes(1), StreamEvent::EndEncountered);
        assert_eq!(closes(&calls, 2), thrown_away, "{name}");
    }
}

#[test]
fn a_client_that_parked_its_connection_is_not_woken_by_what_the_old_one_says() {
    let mut app = app("disconnects-in-background", |s| s.compare = false).in_background();
    assert_eq!(app.stream(writes(1), StreamEvent::EndEncountered), []);
}

#[test]
fn a_client_that_unschedules_does_so_before_it_closes() {
    let mut app = plain("closes-scheduled-fixed").in_background();
    let calls = app.stream(reads(1), StreamEvent::EndEncountered);
    let place = |wanted: Call| calls.iter().position(|call| *call == wanted).unwrap();
    for stream in [reads(1), writes(1)] {
        assert!(place(Call::Unschedule(stream)) < place(Call::Close(stream)));
    }
    let mut app = plain("closes-scheduled").in_background();
    let calls = app.stream(reads(1), StreamEvent::EndEncountered);
    assert!(!calls.contains(&Call::Unschedule(reads(1))));
}

#[test]
fn a_client_that_leaves_failed_streams_open_connects_for_each_of_them() {
    for (name, connections, closed) in
        [("handles-end-twice", 2, 0), ("handles-end-twice-fixed", 1, 2)]
    {
        let mut app = plain(name).in_background();
        let mut calls = app.stream(reads(1), StreamEvent::EndEncountered);
        calls.extend(app.stream(writes(1), StreamEvent::EndEncountered));
        calls.extend(app.on(Callback::Timer(timers::RECONNECT)));
        assert_eq!((connects(&calls), closes(&calls, 1)), (connections, closed), "{name}");
    }
}

#[test]
fn what_comes_on_an_old_stream_while_there_is_no_connection_holds_the_app_no_longer_than_its_turn()
{
    let mut app = app("handles-end-twice", |s| s.reconnect = false).in_background();
    app.stream(reads(1), StreamEvent::EndEncountered);
    let calls = app.stream(reads(1), StreamEvent::HasBytesAvailable);
    assert_eq!((begun(&calls).len(), begun(&calls)), (1, ended(&calls)));
}

#[test]
fn a_block_that_the_handler_dispatched_runs_after_it() {
    let mut app = plain("pings-after-handler").in_background();
    let calls = app.on(Callback::KeepAlive);
    assert_eq!((pings(&calls), begun(&calls), ended(&calls)), (0, vec![TaskId(1)], vec![]));
    let calls = app.on(Callback::Timer(timers::DEFERRED));
    assert_eq!((pings(&calls), ended(&calls)), (1, vec![TaskId(1)]), "sent is not answered");
}

#[test]
fn a_task_that_a_dispatched_block_began_can_wait_for_the_pong() {
    let mut app = plain("pings-after-handler-fixed").in_background();
    app.on(Callback::KeepAlive);
    let calls = app.on(Callback::Timer(timers::DEFERRED));
    assert_eq!((pings(&calls), ended(&calls)), (1, vec![]));
    assert_eq!(ended(&app.arrives(1, Frame::Pong { n: 1 })), [TaskId(1)]);
}

#[test]
fn whichever_comes_first_the_block_or_the_expiration_handler_ends_the_task_once() {
    let mut app = plain("pings-after-handler").in_background();
    app.on(Callback::KeepAlive);
    assert_eq!(ended(&app.on(Callback::TaskExpiring(TaskId(1)))), [TaskId(1)]);
    assert!(ended(&app.on(Callback::Timer(timers::DEFERRED))).is_empty());
}

#[test]
fn an_end_dispatched_from_the_expiration_handler_comes_when_the_queue_gets_to_it() {
    let mut app = plain("ends-task-too-late").in_background();
    let calls = app.on(Callback::TaskExpiring(TaskId(1)));
    let after = Span::from_secs(6);
    assert_eq!(calls, [Call::SetTimer(timers::TASK_END, after, Clock::Continuous)]);
    app.later(after);
    assert_eq!(app.on(Callback::Timer(timers::TASK_END)), [Call::EndTask(TaskId(1))]);
    let mut fixed = plain("ends-task-too-late-fixed").in_background();
    assert_eq!(fixed.on(Callback::TaskExpiring(TaskId(1))), [Call::EndTask(TaskId(1))]);
}

/// Two pushes within the time that the worker thread needs.
fn two_pushes(name: &str, between: Span) -> Vec<TaskId> {
    let mut app = plain(name).in_background();
    let mut calls = app.arrives(1, Frame::Push { id: id(1) });
    app.later(between);
    if between >= Span::from_millis(300) {
        calls.extend(app.on(Callback::Timer(timers::TASK_END)));
    }
    calls.extend(app.arrives(1, Frame::Push { id: id(2) }));
    assert_eq!(begun(&calls), [TaskId(1), TaskId(2)]);
    for _ in 0..2 {
        app.later(Span::from_millis(300));
        calls.extend(app.on(Callback::Timer(timers::TASK_END)));
    }
    ended(&calls)
}

#[test]
fn a_worker_that_reads_a_shared_variable_ends_what_overwrote_it_and_the_first_task_leaks() {
    assert_eq!(two_pushes("ends-wrong-task", Span::from_millis(100)), [TaskId(2)]);
}

#[test]
fn without_a_race_the_shared_variable_does_no_harm() {
    assert_eq!(two_pushes("ends-wrong-task", Span::from_secs(1)), [TaskId(1), TaskId(2)]);
}

#[test]
fn a_worker_that_was_given_the_identifier_ends_the_right_task() {
    assert_eq!(two_pushes("ends-wrong-task-fixed", Span::from_millis(100)), [TaskId(1), TaskId(2)]);
}

#[test]
fn streams_over_a_socket_are_made_when_it_is_connected_and_tagged_only_inside_perform_block() {
    for (name, tagged) in [("gcd-async-socket", 2), ("gcd-async-socket-outside", 0)] {
        let mut app = plain(name);
        let tags = |calls: &[Call]| {
            calls.iter().filter(|call| matches!(call, Call::SetServiceType(..))).count()
        };
        let calls = app.on(Callback::Launched(LaunchReason::User));
        assert_eq!(tags(&calls), 0, "{name}: the socket has no type");
        let calls = app.stream(writes(1), StreamEvent::OpenCompleted);
        assert_eq!(calls.first(), Some(&Call::CreateStreamOver(StreamPair(1))));
        assert_eq!(tags(&calls), tagged, "{name}");
        assert!(calls.contains(&Call::Open(reads(1))) && calls.contains(&Call::Open(writes(1))));
        let hello = Call::Write(writes(1), Frame::Hello { device: 9 });
        assert!(!calls.contains(&hello), "{name}: not before the streams are open");
        assert_eq!(app.stream(writes(1), StreamEvent::OpenCompleted), [hello]);
    }
}

#[test]
fn a_long_poll_is_answered_by_one_push_and_asked_again_under_a_task() {
    let mut app = plain("long-poll").in_background();
    app.phone.incoming.push_back(Frame::Push { id: id(1) });
    let calls = app.arrives(1, Frame::Push { id: id(2) });
    assert_eq!(shown(&calls).len(), 1, "the second is left for the next request");
    assert!(calls.contains(&Call::Write(writes(1), Frame::Ack { id: id(1) })));
    assert_eq!((closes(&calls, 1), connects(&calls)), (2, 1));
    let tagged = Call::SetServiceType(reads(2), ServiceType::VoipRequest);
    assert!(calls.contains(&tagged));
    let held = begun(&calls).len() - ended(&calls).len();
    assert_eq!(held, 1, "until the server has answered");
}

#[test]
fn a_long_poll_asks_again_when_the_work_on_the_push_is_done() {
    let mut app = app("long-poll", |s| s.push_work = Span::from_secs(2)).in_background();
    let calls = app.arrives(1, Frame::Push { id: id(1) });
    assert_eq!(
        (connects(&calls), calls.last()),
        (0, Some(&Call::Busy(Span::from_secs(2), Token(1))))
    );
    assert_eq!(connects(&app.on(Callback::Continue(Token(1)))), 1);
}
