//! What a forgotten NAT binding looks like from both ends.

use crate::net::testing::{Bench, ms, ping, secs};
use crate::net::{End, NatExpiry, PhoneEvent, ServerEvent};
use crate::port::Span;

/// Idle until the binding is gone: the last segment was the SYN-ACK, at 20 ms.
fn expired(on_expiry: NatExpiry) -> Bench {
    let mut bench = Bench::behind_nat(on_expiry).connected();
    assert_eq!(bench.until(secs(400)), 2, "the timer looks once too early, then once more");
    assert_eq!(bench.times("nat-forgot"), [secs(300) + ms(20)]);
    assert!(!bench.net.usable(1));
    assert_eq!((bench.phone(), bench.server()), (vec![], vec![]), "expiry itself is silent");
    bench
}

#[test]
fn a_silent_nat_swallows_both_directions() {
    let mut bench = expired(NatExpiry::Silent);
    assert_eq!(bench.times("connection-dead"), [secs(300) + ms(20)]);
    bench.send(End::Phone, ping(1));
    bench.send(End::Server, ping(2));
    bench.run_out();
    assert_eq!(bench.phone().len(), 1);
    assert_eq!(bench.phone()[0].1, PhoneEvent::TimedOut);
    let at = secs(400) + Span::from_millis(924_600);
    assert_eq!(bench.server(), [(at, ServerEvent::TimedOut)]);
}

#[test]
fn a_resetting_nat_answers_the_phone_and_swallows_the_server() {
    let mut bench = expired(NatExpiry::Reset);
    assert_eq!(bench.times("connection-dead"), [secs(300) + ms(20)]);
    bench.send(End::Server, ping(2));
    bench.until(secs(500));
    assert_eq!((bench.phone(), bench.server()), (vec![], vec![]));
    bench.send(End::Phone, ping(1));
    bench.run_out();
    assert_eq!(bench.phone(), [(secs(500) + ms(20), PhoneEvent::Reset)]);
    let last = bench.server().last().map(|(_, event)| *event);
    assert_eq!(last, Some(ServerEvent::TimedOut));
}

#[test]
fn a_recreating_nat_lets_the_server_through_again_once_the_phone_has_sent() {
    let mut bench = expired(NatExpiry::Recreate);
    assert!(bench.times("connection-dead").is_empty(), "the phone can still use it");
    bench.send(End::Server, ping(2));
    bench.until(secs(401));
    assert_eq!(bench.phone(), []);
    bench.send(End::Phone, ping(1));
    bench.until(secs(450));
    assert_eq!(bench.server(), [(secs(401) + ms(20), ServerEvent::Frame(ping(1)))]);
    assert_eq!(bench.phone().len(), 1, "the server's retransmission came through");
    assert!(bench.net.usable(1));
}

#[test]
fn heartbeats_below_the_timeout_hold_the_binding_open() {
    let mut bench = Bench::behind_nat(NatExpiry::Silent).connected();
    for n in 0..100 {
        bench.send(End::Server, ping(n));
        bench.until(bench.now + Span::from_secs(299));
    }
    assert!(bench.net.usable(1));
    assert!(bench.times("nat-forgot").is_empty());
}

#[test]
fn a_nat_that_is_restarted_forgets_before_its_time() {
    let mut bench = Bench::behind_nat(NatExpiry::Silent).connected();
    bench.act(|net, cx| net.nat_forget(cx));
    assert_eq!(bench.times("nat-forgot"), [secs(1)]);
    assert!(!bench.net.usable(1));
    bench.act(|net, cx| net.nat_forget(cx));
    assert_eq!(bench.times("nat-forgot").len(), 1, "there is nothing left to forget");
}
