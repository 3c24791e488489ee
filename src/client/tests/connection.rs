//! Making, losing and finding back a connection.

use super::*;

fn written(calls: &[Call]) -> Vec<Frame> {
    calls.iter().filter_map(|c| if let Call::Write(_, f) = c { Some(*f) } else { None }).collect()
}

#[test]
fn with_tls_the_hello_comes_after_as_many_round_trips_as_the_strategy_says() {
    let mut app = app("default", |s| s.connect_tls_round_trips = 2);
    app.on(Callback::Launched(LaunchReason::User));
    let first = [Frame::TlsClient { n: 1 }];
    assert_eq!(written(&app.stream(writes(1), StreamEvent::OpenCompleted)), first);
    assert!(
        written(&app.stream(writes(1), StreamEvent::CanAcceptBytes)).is_empty(),
        "its turn is over"
    );
    let second = [Frame::TlsClient { n: 2 }];
    assert_eq!(written(&app.arrives(1, Frame::TlsServer { n: 1 })), second);
    assert!(written(&app.arrives(1, Frame::TlsServer { n: 1 })).is_empty(), "an old answer");
    assert_eq!(written(&app.arrives(1, Frame::TlsServer { n: 2 })), [Frame::Hello { device: 9 }]);
    assert!(
        written(&app.arrives(1, Frame::TlsServer { n: 3 })).is_empty(),
        "the handshake is over"
    );
}

#[test]
fn without_tls_an_answer_to_a_handshake_means_nothing() {
    let mut app = plain("default");
    app.on(Callback::Launched(LaunchReason::User));
    app.stream(writes(1), StreamEvent::OpenCompleted);
    assert!(written(&app.arrives(1, Frame::TlsServer { n: 1 })).is_empty());
}

#[test]
fn the_streams_are_tagged_before_they_are_opened() {
    let calls = plain("default").on(Callback::Launched(LaunchReason::User));
    let pair = StreamPair(1);
    assert_eq!(
        calls,
        [
            Call::CreateStream(pair),
            Call::SetServiceType(pair.read(), ServiceType::Voip),
            Call::SetServiceType(pair.write(), ServiceType::Voip),
            Call::SetClient(pair.read()),
            Call::Schedule(pair.read(), RunLoop::Main),
            Call::SetClient(pair.write()),
            Call::Schedule(pair.write(), RunLoop::Main),
            Call::SetTimer(timers::CONNECT_TIMEOUT, Span::from_secs(10), Clock::Uptime),
            Call::Open(pair.read()),
            Call::Open(pair.write()),
        ]
    );
}

#[test]
fn a_strategy_can_forget_to_schedule_the_stream_it_reads() {
    let calls = plain("forgets-read-stream").on(Callback::Launched(LaunchReason::User));
    assert!(calls.contains(&Call::Schedule(writes(1), RunLoop::Main)));
    assert!(!calls.contains(&Call::Schedule(reads(1), RunLoop::Main)));
}

#[test]
fn a_strategy_can_tag_too_late_or_not_at_all() {
    let tag = Call::SetServiceType(reads(1), ServiceType::Voip);
    let late = plain("tags-too-late").on(Callback::Launched(LaunchReason::User));
    let place = |call| late.iter().position(|known| *known == call).unwrap();
    assert!(place(tag) > place(Call::Open(writes(1))));
    assert!(!plain("plain-socket").on(Callback::Launched(LaunchReason::User)).contains(&tag));
}

#[test]
fn the_client_says_hello_once_the_write_stream_is_open() {
    let mut app = plain("default");
    app.on(Callback::Launched(LaunchReason::User));
    assert_eq!(app.stream(reads(1), StreamEvent::OpenCompleted), []);
    let hello = [Call::Write(writes(1), Frame::Hello { device: 9 })];
    assert_eq!(app.stream(writes(1), StreamEvent::OpenCompleted), hello);
    assert_eq!(app.stream(writes(1), StreamEvent::CanAcceptBytes), []);
}

#[test]
fn one_disconnect_on_both_streams_starts_one_reconnect() {
    for event in [StreamEvent::EndEncountered, StreamEvent::ErrorOccurred] {
        let mut app = plain("default").connected();
        let mut calls = app.stream(reads(1), event);
        calls.extend(app.stream(writes(1), event));
        assert_eq!(connects(&calls), 1);
        assert_eq!(calls.iter().filter(|c| **c == Call::Close(reads(1))).count(), 1);
    }
}

#[test]
fn a_socket_the_system_took_away_is_found_out_by_using_it() {
    let mut app = plain("default").in_background();
    app.phone.write_error = Some(StreamError::BrokenPipe);
    assert_eq!(connects(&app.on(Callback::KeepAlive)), 1);
    let mut app = plain("default").connected();
    app.phone.read_error = Some(StreamError::NotConnected);
    assert_eq!(connects(&app.stream(reads(1), StreamEvent::HasBytesAvailable)), 1);
}

#[test]
fn a_failed_attempt_is_followed_by_a_wait_and_a_welcome_ends_the_waiting() {
    let mut app = plain("workload").connected();
    let calls = app.stream(reads(1), StreamEvent::EndEncountered);
    assert_eq!(connects(&calls), 1);
    for seconds in [1, 2, 4] {
        let pair = app.phone.pairs;
        let calls = app.stream(reads(pair), StreamEvent::ErrorOccurred);
        let delay = Span::from_secs(seconds);
        assert!(calls.contains(&Call::SetTimer(timers::RECONNECT, delay, Clock::Uptime)));
        assert_eq!(connects(&app.on(Callback::Timer(timers::RECONNECT))), 1);
    }
    let pair = app.phone.pairs;
    app.welcome(pair);
    assert_eq!(connects(&app.stream(reads(pair), StreamEvent::EndEncountered)), 1);
}

#[test]
fn an_attempt_without_a_welcome_fails_at_its_timeout() {
    let mut app = plain("default");
    app.on(Callback::Launched(LaunchReason::User));
    let calls = app.on(Callback::Timer(timers::CONNECT_TIMEOUT));
    assert!(calls.contains(&Call::Close(writes(1))));
    assert!(calls.iter().any(|c| matches!(c, Call::Report(AppReport::BackingOff { .. }))));
}

#[test]
fn a_client_that_may_not_reconnect_in_background_gives_up_until_it_is_on_screen() {
    let mut app = app("default", |s| s.reconnect_in_background = false).in_background();
    let calls = app.stream(reads(1), StreamEvent::EndEncountered);
    assert_eq!(connects(&calls), 0);
    assert!(calls.contains(&Call::Report(AppReport::GaveUp)));
    assert_eq!(begun(&calls), ended(&calls));
    app.phone.state = AppState::Active;
    assert_eq!(connects(&app.on(Callback::BecameActive)), 1);
}

#[test]
fn a_new_network_bypasses_the_wait_and_checks_a_connection() {
    let mut app = plain("default").connected();
    assert_eq!(pings(&app.on(Callback::ReachabilityChanged(Interface::Cellular))), 1);
    app.stream(reads(1), StreamEvent::ErrorOccurred);
    app.stream(reads(2), StreamEvent::ErrorOccurred);
    assert_eq!(connects(&app.on(Callback::ReachabilityChanged(Interface::None))), 0);
    let calls = app.on(Callback::ReachabilityChanged(Interface::Wifi));
    assert_eq!(connects(&calls), 1);
    assert!(calls.contains(&Call::CancelTimer(timers::RECONNECT)));
}

#[test]
fn a_go_away_makes_the_client_connect_again() {
    let calls = plain("default").connected().arrives(1, Frame::GoAway);
    assert!(calls.contains(&Call::Close(reads(1))));
    assert_eq!(connects(&calls), 1);
}

#[test]
fn coming_to_the_foreground_checks_the_connection() {
    let mut app = plain("default").in_background();
    app.phone.state = AppState::Active;
    assert_eq!(pings(&app.on(Callback::BecameActive)), 1);
}

#[test]
fn a_client_that_disconnects_in_background_stays_away_until_it_is_on_screen() {
    let mut app = plain("disconnects-in-background").connected();
    app.phone.state = AppState::Background;
    assert!(app.on(Callback::EnteredBackground).contains(&Call::Close(reads(1))));
    assert_eq!(app.on(Callback::ReachabilityChanged(Interface::Cellular)), []);
    app.phone.state = AppState::Active;
    assert_eq!(connects(&app.on(Callback::BecameActive)), 1);
}

#[test]
fn a_forgotten_app_knows_nothing_of_what_went_on() {
    let mut app = plain("default").in_background();
    app.on(Callback::KeepAlive);
    app.client.forget();
    assert_eq!(app.stream(reads(1), StreamEvent::EndEncountered), []);
    assert_eq!(app.on(Callback::Timer(timers::PING_DEADLINE)), []);
    assert_eq!(app.on(Callback::Continue(Token(1))), []);
}
