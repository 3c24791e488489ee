//! How an attempt to connect ends.

use crate::net::testing::{Bench, ms, secs};
use crate::net::{End, Host, PhoneEvent, ServerEvent};
use crate::port::{Interface, Span, StreamError, Time};
use crate::trace::What;

const REFUSED: PhoneEvent = PhoneEvent::Failed(StreamError::Refused);
const TIMED_OUT: PhoneEvent = PhoneEvent::Failed(StreamError::TimedOut);
const UNREACHABLE: PhoneEvent = PhoneEvent::Failed(StreamError::Unreachable);

const fn millis(millis: u64) -> Time {
    ms(millis).from_start()
}

#[test]
fn a_connection_is_accepted_after_half_a_round_trip_and_established_after_one() {
    let mut bench = Bench::new();
    bench.act(|net, cx| net.connect(1, cx));
    assert_eq!(bench.until(secs(100)), 2, "a handshake costs two events");
    assert_eq!(bench.server(), [(millis(20), ServerEvent::Accepted)]);
    assert_eq!(bench.phone(), [(millis(40), PhoneEvent::Established)]);
    assert!(bench.whats().any(|what| what == What::Established { connection: 1, took: ms(40) }));
}

#[test]
fn a_host_on_which_nobody_listens_refuses_after_a_round_trip() {
    let mut bench = Bench::new();
    bench.host = Host::Refusing;
    bench.act(|net, cx| net.connect(1, cx));
    bench.run_out();
    assert_eq!(bench.phone(), [(millis(40), REFUSED)]);
}

#[test]
fn without_an_interface_the_server_is_unreachable_at_once() {
    let mut bench = Bench::new();
    bench.act(|net, cx| net.switch(Interface::None, cx));
    bench.act(|net, cx| net.connect(1, cx));
    bench.run_out();
    assert_eq!(bench.phone(), [(Time::from_micros(1), UNREACHABLE)]);
}

#[test]
fn a_silent_host_is_asked_eleven_times_and_given_up_after_75_seconds() {
    let mut bench = Bench::new();
    bench.host = Host::Silent;
    bench.act(|net, cx| net.connect(1, cx));
    bench.run_out();
    let again = [1, 2, 3, 4, 5, 7, 11, 19, 35, 67].map(secs);
    assert_eq!(bench.times("retransmitted"), again);
    assert_eq!(bench.phone(), [(secs(75), TIMED_OUT)]);
}

#[test]
fn a_silent_path_fails_like_a_silent_host() {
    let mut bench = Bench::new();
    bench.act(|net, cx| net.silence(true, cx));
    bench.act(|net, cx| net.connect(1, cx));
    bench.run_out();
    assert_eq!(bench.phone(), [(secs(75), TIMED_OUT)]);
    assert_eq!(bench.server(), []);
}

#[test]
fn a_path_that_comes_back_lets_the_next_syn_through() {
    let mut bench = Bench::new();
    bench.act(|net, cx| net.silence(true, cx));
    bench.act(|net, cx| net.connect(1, cx));
    bench.until(secs(12));
    bench.act(|net, cx| net.silence(false, cx));
    bench.until(secs(100));
    assert_eq!(bench.phone(), [(secs(19) + ms(40), PhoneEvent::Established)]);
}

#[test]
fn an_attempt_that_the_phone_abandons_is_reset_at_the_server() {
    let mut bench = Bench::new();
    bench.act(|net, cx| net.connect(1, cx));
    bench.act(|net, cx| net.finish(End::Phone, 1, cx));
    bench.run_out();
    assert_eq!(bench.phone(), []);
    let events = [(millis(20), ServerEvent::Accepted), (millis(60), ServerEvent::Reset)];
    assert_eq!(bench.server(), events);
}

#[test]
fn a_lost_syn_ack_is_repeated_by_the_server_and_forgotten_after_63_seconds() {
    let mut bench = Bench::new();
    bench.act(|net, cx| net.connect(1, cx));
    bench.until(Time::from_micros(10_000));
    bench.act(|net, cx| net.silence(true, cx));
    bench.run_out();
    assert_eq!(bench.phone(), [(secs(75), TIMED_OUT)]);
    let (at, event) = bench.server()[1];
    assert_eq!(event, ServerEvent::TimedOut);
    assert!(at > secs(2) && at < secs(64) + Span::from_secs(1), "{at}");
}
