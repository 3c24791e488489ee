//! The keep-alive handler, pings and background tasks.

use super::*;

#[test]
fn a_task_begun_in_the_handler_ends_when_the_pong_arrives() {
    let mut app = plain("ping-in-handler").in_background();
    let calls = app.on(Callback::KeepAlive);
    assert_eq!((begun(&calls), pings(&calls)), (vec![TaskId(1)], 1));
    assert!(ended(&calls).is_empty());
    assert_eq!(ended(&app.arrives(1, Frame::Pong { n: 1 })), [TaskId(1)]);
}

#[test]
fn a_task_that_ends_on_return_is_over_before_the_pong() {
    let mut app =
        app("ping-in-handler", |s| s.keep_alive_task_end = TaskEnd::Return).in_background();
    let calls = app.on(Callback::KeepAlive);
    assert_eq!(begun(&calls), ended(&calls));
}

#[test]
fn a_handler_that_finds_no_connection_holds_its_task_until_the_welcome() {
    let mut app = app("ping-in-handler", |s| {
        s.reconnect_in_background = false;
        s.reconnect_task = false;
    })
    .in_background();
    app.stream(reads(1), StreamEvent::EndEncountered);
    let calls = app.on(Callback::KeepAlive);
    assert_eq!(connects(&calls), 1);
    let tasks = begun(&calls);
    assert_eq!(tasks.len(), 1);
    assert_eq!(ended(&app.welcome(2)), tasks);
}

#[test]
fn a_renewed_task_begins_before_the_one_it_replaces_ends() {
    let mut app = plain("infinite-heartbeat").in_background();
    let calls = app.on(Callback::Timer(timers::PING_INTERVAL));
    let tasks = |call: &&Call| matches!(call, Call::BeginTask(_) | Call::EndTask(_));
    let order: Vec<&Call> = calls.iter().filter(tasks).collect();
    assert_eq!(order, [&Call::BeginTask(TaskId(2)), &Call::EndTask(TaskId(1))]);
    assert_eq!(ended(&app.on(Callback::TaskExpiring(TaskId(2)))), [TaskId(2)]);
}

#[test]
fn a_timer_that_fires_on_screen_renews_no_task() {
    let mut app = plain("infinite-heartbeat").connected();
    assert!(begun(&app.on(Callback::Timer(timers::PING_INTERVAL))).is_empty());
}

#[test]
fn an_overwritten_task_id_is_never_ended() {
    let mut app = plain("leaks-task-in-handler").in_background();
    assert_eq!(begun(&app.on(Callback::KeepAlive)), [TaskId(1), TaskId(2)]);
    assert_eq!(ended(&app.arrives(1, Frame::Pong { n: 1 })), [TaskId(2)]);
    assert_eq!(app.on(Callback::TaskExpiring(TaskId(1))), []);
}

#[test]
fn a_leaked_task_is_not_even_ended_at_its_expiry() {
    let mut app = plain("leaks-task").connected();
    app.phone.state = AppState::Background;
    assert_eq!(begun(&app.on(Callback::EnteredBackground)), [TaskId(1)]);
    assert_eq!(app.on(Callback::TaskExpiring(TaskId(1))), []);
}

#[test]
fn an_expiring_task_is_ended_exactly_once() {
    let mut app = plain("ping-in-handler").in_background();
    app.on(Callback::KeepAlive);
    assert_eq!(ended(&app.on(Callback::TaskExpiring(TaskId(1)))), [TaskId(1)]);
    assert!(ended(&app.on(Callback::TaskExpiring(TaskId(1)))).is_empty());
    assert!(!ended(&app.arrives(1, Frame::Pong { n: 1 })).contains(&TaskId(1)));
}

#[test]
fn an_expiration_handler_can_hang_or_begin_again() {
    let mut hanging = plain("hangs-in-expiry").in_background();
    let calls = hanging.on(Callback::TaskExpiring(TaskId(1)));
    assert_eq!(calls, [Call::Busy(Span::from_secs(10), Token(1))]);
    assert_eq!(ended(&hanging.on(Callback::Continue(Token(1)))), [TaskId(1)]);

    let mut again = app("ping-in-handler", |s| s.expiry_begin_again = true).in_background();
    again.on(Callback::KeepAlive);
    let calls = again.on(Callback::TaskExpiring(TaskId(1)));
    assert_eq!(calls, [Call::BeginTask(TaskId(2)), Call::EndTask(TaskId(1))]);
}

#[test]
fn a_handler_that_hangs_acts_only_when_it_is_done() {
    let mut app = plain("hangs-in-handler").in_background();
    assert_eq!(app.on(Callback::KeepAlive), [Call::Busy(Span::from_secs(40), Token(1))]);
    assert_eq!(pings(&app.on(Callback::Continue(Token(1)))), 1);
}

#[test]
fn a_pong_deadline_that_passes_costs_the_connection() {
    let mut app = plain("default").in_background();
    let calls = app.on(Callback::KeepAlive);
    let deadline = Call::SetTimer(timers::PING_DEADLINE, Span::from_secs(8), Clock::Continuous);
    assert!(calls.contains(&deadline));
    let calls = app.on(Callback::Timer(timers::PING_DEADLINE));
    assert!(calls.contains(&Call::Report(AppReport::PingTimedOut { n: 1 })));
    assert!(calls.contains(&Call::Close(reads(1))));
    assert_eq!(connects(&calls), 1);
}

#[test]
fn a_pong_deadline_missed_in_sleep_is_found_at_the_next_handler() {
    let mut app = plain("ping-without-task").in_background();
    app.on(Callback::KeepAlive);
    app.later(Span::from_secs(590));
    let calls = app.on(Callback::KeepAlive);
    assert!(calls.contains(&Call::Report(AppReport::PingTimedOut { n: 1 })));
    assert_eq!((pings(&calls), connects(&calls)), (0, 1));
}

#[test]
fn a_pong_deadline_on_a_clock_that_stops_is_not_over_after_a_sleep() {
    let mut app =
        app("ping-without-task", |s| s.ping_deadline_clock = Clock::Uptime).in_background();
    app.on(Callback::KeepAlive);
    app.phone.now.continuous += Span::from_secs(590);
    assert_eq!(app.on(Callback::KeepAlive), [], "it waits on and sends no second ping");
}

#[test]
fn an_attempt_that_slept_past_its_timeout_is_begun_anew_by_the_handler() {
    let mut app = plain("ping-without-task").in_background();
    app.stream(reads(1), StreamEvent::EndEncountered);
    app.later(Span::from_secs(590));
    let calls = app.on(Callback::KeepAlive);
    assert!(calls.contains(&Call::Close(reads(2))));
    assert_eq!(connects(&calls), 1);
}

#[test]
fn an_answered_ping_leaves_no_timer_behind() {
    let mut app = plain("default").in_background();
    app.on(Callback::KeepAlive);
    let calls = app.arrives(1, Frame::Pong { n: 1 });
    assert!(calls.contains(&Call::CancelTimer(timers::PING_DEADLINE)));
    let again = app.arrives(1, Frame::Pong { n: 1 });
    assert!(!again.contains(&Call::CancelTimer(timers::PING_DEADLINE)));
}

#[test]
fn the_question_s_handler_makes_a_new_connection_and_begins_no_task() {
    let mut app = plain("reconnect-in-handler").connected();
    app.phone.state = AppState::Background;
    let calls = app.on(Callback::EnteredBackground);
    assert_eq!(calls, [Call::SetKeepAlive(Span::from_secs(86_400))]);
    let calls = app.on(Callback::KeepAlive);
    assert!(calls.contains(&Call::Close(reads(1))));
    assert_eq!((connects(&calls), begun(&calls).len()), (1, 0));
}

#[test]
fn the_handler_is_installed_in_background_and_after_a_relaunch_there() {
    let install = Call::SetKeepAlive(Span::from_secs(600));
    let mut app = plain("default");
    assert!(!app.on(Callback::Launched(LaunchReason::User)).contains(&install));
    assert!(app.on(Callback::EnteredBackground).contains(&install));
    assert!(app.on(Callback::WillEnterForeground).contains(&Call::ClearKeepAlive));
    app.client.forget();
    app.phone.state = AppState::Background;
    assert!(app.on(Callback::Launched(LaunchReason::VoipRelaunch)).contains(&install));
}

#[test]
fn a_reconnect_in_background_is_held_by_a_task_until_the_welcome() {
    let mut app = app("default", |s| s.wake_task = false).in_background();
    let calls = app.stream(reads(1), StreamEvent::EndEncountered);
    assert_eq!(begun(&calls), [TaskId(1)]);
    assert_eq!(ended(&app.welcome(2)), [TaskId(1)]);
    let mut bare = plain("reconnect-without-task").in_background();
    let calls = bare.stream(reads(1), StreamEvent::EndEncountered);
    assert_eq!((connects(&calls), begun(&calls).len()), (1, 0));
}

#[test]
fn a_check_after_a_change_of_network_is_held_by_a_task_until_the_pong() {
    let mut app = plain("default").in_background();
    let calls = app.on(Callback::ReachabilityChanged(Interface::Cellular));
    assert_eq!((begun(&calls), pings(&calls)), (vec![TaskId(1)], 1));
    assert_eq!(ended(&app.arrives(1, Frame::Pong { n: 1 })), [TaskId(1)]);
}

#[test]
fn no_task_is_begun_for_a_reconnect_when_the_background_time_is_nearly_over() {
    let mut app = plain("default").in_background();
    app.phone.remaining = Span::from_secs(4);
    let calls = app.stream(reads(1), StreamEvent::EndEncountered);
    assert!(begun(&calls).is_empty());
    assert!(calls.contains(&Call::CreateStream(StreamPair(2))), "it tries all the same");
}

#[test]
fn regular_pings_go_on_while_the_client_is_connected() {
    let interval = Span::from_secs(30);
    let mut app = app("default", |s| s.ping_interval = Some(interval));
    app.on(Callback::Launched(LaunchReason::User));
    let armed = Call::SetTimer(timers::PING_INTERVAL, interval, Clock::Uptime);
    assert!(app.welcome(1).contains(&armed));
    let calls = app.on(Callback::Timer(timers::PING_INTERVAL));
    assert!(calls.contains(&armed) && pings(&calls) == 1);
    let calls = app.stream(reads(1), StreamEvent::EndEncountered);
    assert!(calls.contains(&Call::CancelTimer(timers::PING_INTERVAL)));
}

#[test]
fn a_strategy_can_exit_or_hang_where_it_must_not() {
    let mut exits = plain("exits-in-background").connected();
    assert_eq!(exits.on(Callback::EnteredBackground), [Call::Exit(1)]);
    let mut hangs = plain("hangs-in-background").connected();
    let calls = hangs.on(Callback::EnteredBackground);
    assert_eq!(calls, [Call::Busy(Span::from_secs(12), Token(1))]);
    let mut slow = plain("hangs-at-launch");
    let calls = slow.on(Callback::Launched(LaunchReason::User));
    assert_eq!(calls, [Call::Busy(Span::from_secs(25), Token(1))]);
    assert_eq!(connects(&slow.on(Callback::Continue(Token(1)))), 1);
}
