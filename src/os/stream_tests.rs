//! What streams report and when: the rules of `streams`, and of sockets that are UDP.

use crate::os::testing::Bench;
use crate::os::{Output, SocketEvent};
use crate::port::{
    AppState, Callback, Frame, Phone, RunLoop, ServiceType, Span, StreamError, StreamEvent,
};
use crate::trace::{LossCause, Refusal, Unheard, Unreachable, What};

#[test]
fn the_service_type_is_taken_only_before_the_stream_is_opened() {
    let mut bench = Bench::ios(9);
    bench.with(|phone| {
        let pair = phone.create_stream();
        assert!(phone.set_service_type(pair.read(), ServiceType::Voip));
        assert!(phone.open(pair.read()));
        assert!(!phone.set_service_type(pair.read(), ServiceType::Voip));
        assert!(phone.set_service_type(pair.write(), ServiceType::Voip), "not opened yet");
    });
}

#[test]
fn one_disconnect_reaches_both_streams_of_a_pair() {
    let mut bench = Bench::ios(9);
    let pair = bench.connect(ServiceType::Voip);
    bench.socket(SocketEvent::Fin);
    for stream in [pair.read(), pair.write()] {
        assert!(bench.told(Callback::Stream(stream, StreamEvent::EndEncountered)));
    }
    let told = bench.count(|what| matches!(what, What::ClientDisconnected { .. }));
    assert_eq!(told, 1, "known once");
}

#[test]
fn a_stream_without_client_or_schedule_calls_nobody() {
    for (client, run_loop) in [(false, RunLoop::Main), (true, RunLoop::Stopped)] {
        let mut bench = Bench::ios(9);
        bench.connect_with(ServiceType::Voip, client, run_loop);
        bench.data_arrives();
        assert_eq!(bench.times_told("has-bytes-available"), 0);
        assert!(bench.saw(|what| matches!(what, What::StreamUnheard { .. })));
    }
}

#[test]
fn each_way_of_not_being_heard_has_a_name_of_its_own() {
    for (run_loop, reason) in [
        (RunLoop::Stopped, Unheard::RunLoopStopped),
        (RunLoop::WithoutSources, Unheard::RunLoopWithoutSources),
        (RunLoop::WrongMode, Unheard::WrongMode),
    ] {
        let mut bench = Bench::ios(9);
        bench.connect_with(ServiceType::Voip, true, run_loop);
        bench.background();
        bench.run_until_suspended();
        bench.data_arrives();
        assert_eq!(bench.count(|what| matches!(what, What::Wake { .. })), 1, "woken all the same");
        assert_eq!(bench.times_told("has-bytes-available"), 0);
        assert!(bench.saw(|what| {
            matches!(what, What::StreamUnheard { why, event: StreamEvent::HasBytesAvailable, .. }
                if *why == reason)
        }));
    }
}

#[test]
fn before_the_connection_is_made_nothing_is_taken() {
    let mut bench = Bench::ios(9);
    bench.with(|phone| {
        let pair = phone.create_stream();
        let hello = crate::port::Frame::Hello { device: 1 };
        assert_eq!(phone.write(pair.write(), hello), Err(StreamError::NotOpen));
        phone.open(pair.write());
        assert_eq!(phone.write(pair.write(), hello), Ok(0));
    });
}

#[test]
fn what_was_received_before_the_end_can_still_be_read() {
    let mut bench = Bench::ios(9);
    let pair = bench.connect(ServiceType::Default);
    bench.on_callback("has-bytes-available", |_| {});
    bench.data_arrives();
    bench.socket(SocketEvent::Fin);
    bench.with(|phone| {
        assert!(matches!(phone.read(pair.read()), Ok(Some(_))));
        assert_eq!(phone.read(pair.read()), Ok(None));
        let again = crate::port::Frame::WhiteSpace;
        assert_eq!(phone.write(pair.write(), again), Err(StreamError::BrokenPipe));
    });
}

#[test]
fn a_stream_that_is_scheduled_late_is_told_of_what_came_before() {
    let mut bench = Bench::ios(9);
    let pair = bench.connect_with(ServiceType::Voip, true, RunLoop::Stopped);
    bench.data_arrives();
    assert_eq!(bench.times_told("has-bytes-available"), 0);
    bench.with(|phone| phone.schedule(pair.read(), RunLoop::Main));
    assert_eq!(bench.times_told("has-bytes-available"), 1);
}

#[test]
fn reading_in_another_callback_does_not_make_the_stream_deaf() {
    let mut bench = Bench::ios(9);
    let pair = bench.connect(ServiceType::Voip);
    bench.hang(Span::from_secs(1));
    bench.data_arrives();
    // The thread is blocked: the callback waits, and the data is read before it comes.
    bench.with(|phone| while phone.read(pair.read()).is_ok_and(|frame| frame.is_some()) {});
    bench.sleep(Span::from_secs(2));
    assert_eq!(bench.times_told("has-bytes-available"), 0, "nothing was left to tell");
    bench.data_arrives();
    assert_eq!(bench.times_told("has-bytes-available"), 1);
}

#[test]
fn an_app_that_reads_once_a_callback_is_called_until_nothing_is_left() {
    let mut bench = Bench::ios(9);
    bench.connect(ServiceType::Voip);
    bench.hang(Span::from_secs(1));
    for _ in 0..3 {
        bench.data_arrives();
    }
    bench.on_callback("has-bytes-available", |phone| {
        let _ = phone.read(crate::port::StreamPair(1).read());
    });
    bench.sleep(Span::from_secs(2));
    assert_eq!(bench.times_told("has-bytes-available"), 3);
}

#[test]
fn a_stream_can_be_tagged_and_opened_on_a_connection_that_exists() {
    for (version, trapped) in [(9, false), (16, true)] {
        let mut bench = Bench::ios(version);
        bench.manifest.sdk = Some(if trapped { 16 } else { 9 });
        let pair = bench.with(|phone| {
            let pair = phone.create_stream();
            phone.open(pair.write());
            pair
        });
        bench.socket_of(pair, SocketEvent::Established);
        bench.with(|phone| {
            assert!(phone.set_service_type(pair.read(), ServiceType::Voip));
            phone.set_client(pair.read());
            phone.schedule(pair.read(), RunLoop::Main);
            assert_eq!(phone.open(pair.read()), !trapped);
        });
        assert_eq!(bench.saw(|what| matches!(what, What::Kill { .. })), trapped);
        if !trapped {
            let opened = Callback::Stream(pair.read(), StreamEvent::OpenCompleted);
            assert!(bench.told(opened));
            bench.background();
            bench.run_until_suspended();
            bench.socket_of(pair, SocketEvent::Fin);
            assert!(bench.os.state().runs(), "woken: the tag was in time");
        }
    }
}

#[test]
fn a_stream_opened_after_the_end_reports_the_end() {
    let mut bench = Bench::ios(9);
    let pair = bench.with(|phone| {
        let pair = phone.create_stream();
        phone.open(pair.write());
        phone.set_client(pair.read());
        phone.schedule(pair.read(), RunLoop::Main);
        pair
    });
    bench.socket_of(pair, SocketEvent::Failed(StreamError::Refused));
    bench.with(|phone| phone.open(pair.read()));
    assert!(bench.told(Callback::Stream(pair.read(), StreamEvent::ErrorOccurred)));
}

#[test]
fn closing_after_the_peers_fin_ends_the_phones_side_too() {
    let mut bench = Bench::ios(9);
    let pair = bench.connect(ServiceType::Voip);
    bench.socket(SocketEvent::Fin);
    bench.with(|phone| {
        phone.close(pair.read());
        phone.close(pair.write());
    });
    assert_eq!(bench.outputs.last(), Some(&Output::Finish { connection: pair.0 }));
}

#[test]
fn a_udp_socket_is_open_as_soon_as_it_is_opened() {
    let mut bench = Bench::ios(9);
    let pair = bench.open_datagrams(ServiceType::Default);
    assert_eq!(bench.outputs, [Output::OpenDatagrams { connection: pair.0 }]);
    assert_eq!(bench.times_told("open-completed"), 2);
    assert_eq!(bench.times_told("can-accept-bytes"), 1);
    let ping = Frame::Ping { n: 1 };
    assert_eq!(bench.with(|phone| phone.write(pair.write(), ping)), Ok(ping.wire_len()));
}

#[test]
fn a_tagged_udp_socket_is_watched_only_where_the_profile_says_so() {
    for (watched, state) in [(false, AppState::Suspended), (true, AppState::Background)] {
        let mut bench = Bench::ios(9);
        bench.profile.voip_socket_udp = watched;
        bench.open_datagrams(ServiceType::Voip);
        let ignored =
            |what: &What| matches!(what, What::VoipTagIgnored { why: Refusal::Datagrams, .. });
        assert_eq!(bench.saw(ignored), !watched);
        bench.background();
        bench.run_until_suspended();
        bench.data_arrives();
        assert_eq!(bench.os.state(), state);
    }
}

#[test]
fn a_udp_socket_that_nobody_reads_loses_what_its_buffer_cannot_hold() {
    let lost = |what: &What| matches!(what, What::Lost { cause: LossCause::BufferFull, .. });
    for (datagrams, some) in [(true, 56), (false, 0)] {
        let mut bench = Bench::ios(9);
        if datagrams {
            bench.open_datagrams(ServiceType::Default);
        } else {
            bench.connect(ServiceType::Default);
        }
        bench.background();
        bench.run_until_suspended();
        for _ in 0..300 {
            bench.socket(SocketEvent::Frame(Frame::Media));
        }
        // 42,080 bytes are 244 packets of 172.
        assert_eq!(bench.count(lost), some);
    }
}

#[test]
fn what_comes_over_an_unwatched_socket_is_received_if_a_watched_one_wakes_the_app() {
    let mut bench = Bench::ios(9);
    let first = bench.connect(ServiceType::Voip);
    let second = bench.open_datagrams(ServiceType::Default);
    bench.background();
    bench.run_until_suspended();
    assert_eq!(bench.would_receive(second), Err(Unreachable::NotWoken));
    assert_eq!(bench.would_receive_woken_by(second, first), Ok(()));
}
