//! How connections end in words: FIN and RST.

use crate::net::testing::{Bench, ms, ping, secs};
use crate::net::{End, Host, PhoneEvent, ServerEvent};
use crate::port::{Interface, StreamError};
use crate::trace::What;

#[test]
fn a_close_arrives_behind_what_was_sent_before() {
    let mut bench = Bench::new().connected();
    bench.send(End::Server, ping(1));
    bench.act(|net, cx| net.finish(End::Server, 1, cx));
    bench.run_out();
    let events: Vec<_> = bench.phone().into_iter().map(|(_, event)| event).collect();
    assert_eq!(events, [PhoneEvent::Frame(ping(1)), PhoneEvent::Fin]);
}

#[test]
fn data_to_an_end_that_closed_is_answered_by_reset() {
    let mut bench = Bench::new().connected();
    bench.act(|net, cx| net.finish(End::Phone, 1, cx));
    bench.send(End::Server, ping(1));
    bench.run_out();
    let events: Vec<_> = bench.server().into_iter().map(|(_, event)| event).collect();
    assert_eq!(events, [ServerEvent::Fin, ServerEvent::Reset]);
    assert_eq!(bench.phone(), []);
}

#[test]
fn a_late_fin_of_a_dead_path_never_arrives() {
    let mut bench = Bench::new().connected();
    bench.act(|net, cx| net.switch(Interface::Cellular, cx));
    bench.act(|net, cx| net.finish(End::Phone, 1, cx));
    bench.run_out();
    assert_eq!(bench.server(), [], "the server holds a half-open connection for ever");
}

#[test]
fn a_fin_sent_into_a_silence_arrives_when_that_ends_in_time() {
    let mut bench = Bench::new().connected();
    bench.act(|net, cx| net.silence(true, cx));
    bench.act(|net, cx| net.finish(End::Phone, 1, cx));
    bench.until(secs(3));
    bench.act(|net, cx| net.silence(false, cx));
    bench.run_out();
    assert_eq!(bench.server().len(), 1);
    assert_eq!(bench.server()[0].1, ServerEvent::Fin);
}

#[test]
fn a_reset_is_not_repeated() {
    let mut bench = Bench::new().connected();
    bench.act(|net, cx| net.silence(true, cx));
    bench.act(|net, cx| net.reset(End::Phone, 1, cx));
    bench.act(|net, cx| net.silence(false, cx));
    bench.until(secs(100));
    assert_eq!(bench.server(), []);
    bench.send(End::Server, ping(1));
    bench.run_out();
    assert_eq!(bench.server().last().map(|(_, event)| *event), Some(ServerEvent::Reset));
}

#[test]
fn a_server_process_that_ends_says_fin_and_then_refuses() {
    let mut bench = Bench::new().connected();
    bench.host = Host::Refusing;
    bench.act(|net, cx| net.host_changed(cx));
    bench.act(|net, cx| net.finish(End::Server, 1, cx));
    bench.act(|net, cx| net.connect(2, cx));
    bench.until(secs(2));
    let refused = PhoneEvent::Failed(StreamError::Refused);
    assert_eq!(bench.phone(), [(secs(1) + ms(20), PhoneEvent::Fin), (secs(1) + ms(40), refused)]);
    assert!(!bench.whats().any(|what| matches!(what, What::ConnectionDead { .. })));
}

#[test]
fn both_ends_close_in_peace() {
    let mut bench = Bench::new().connected();
    bench.act(|net, cx| net.finish(End::Phone, 1, cx));
    bench.until(secs(2));
    bench.act(|net, cx| net.finish(End::Server, 1, cx));
    bench.run_out();
    assert_eq!(bench.server().len(), 1);
    assert_eq!(bench.phone(), []);
    assert!(bench.times("retransmitted").is_empty());
}
