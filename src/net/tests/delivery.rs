//! How frames arrive.

use crate::net::testing::{Bench, ms, ping, secs};
use crate::net::{Access, End, PhoneEvent, ServerEvent};
use crate::port::Span;
use crate::settings::{Dist, Share};
use crate::trace::{Delivery, What};

#[test]
fn a_healthy_segment_costs_one_event_and_half_a_round_trip() {
    let mut bench = Bench::new().connected();
    bench.send(End::Phone, ping(1));
    assert_eq!(bench.net.deadline(), secs(1) + ms(20));
    assert_eq!(bench.until(secs(1_000)), 1);
    assert_eq!(bench.server(), [(secs(1) + ms(20), ServerEvent::Frame(ping(1)))]);
}

#[test]
fn order_is_kept_whatever_the_latency() {
    let latency = Dist::Uniform(ms(1), ms(900));
    let mut bench = Bench::on(Access { latency, ..Access::default() });
    bench.act(|net, cx| net.connect(1, cx));
    bench.until(secs(10));
    bench.seen.clear();
    for n in 0..200 {
        bench.send(End::Server, ping(n));
        bench.until(bench.now + ms(3));
    }
    bench.run_out();
    let order: Vec<_> = bench.phone().into_iter().map(|(_, event)| event).collect();
    assert_eq!(order, (0..200).map(|n| PhoneEvent::Frame(ping(n))).collect::<Vec<_>>());
}

#[test]
fn loss_only_delays() {
    let latency = Dist::Constant(ms(20));
    let loss = Share::from_ppm(300_000);
    let mut bench = Bench::on(Access { latency, loss, ..Access::default() });
    bench.act(|net, cx| net.connect(1, cx));
    bench.until(secs(90));
    bench.seen.clear();
    for n in 0..500 {
        bench.send(End::Phone, ping(n));
        bench.send(End::Server, ping(n));
        bench.until(bench.now + ms(150));
    }
    bench.run_out();
    let server: Vec<_> = bench.server().into_iter().map(|(_, event)| event).collect();
    let phone: Vec<_> = bench.phone().into_iter().map(|(_, event)| event).collect();
    assert_eq!(server, (0..500).map(|n| ServerEvent::Frame(ping(n))).collect::<Vec<_>>());
    assert_eq!(phone, (0..500).map(|n| PhoneEvent::Frame(ping(n))).collect::<Vec<_>>());
    assert!(!bench.times("lost").is_empty(), "luck was bad at times");
}

#[test]
fn what_was_sent_into_a_silence_arrives_in_order_after_it() {
    let mut bench = Bench::new().connected();
    bench.act(|net, cx| net.silence(true, cx));
    for n in 0..3 {
        bench.send(End::Server, ping(n));
    }
    bench.until(secs(6));
    assert!(!bench.net.usable(1));
    bench.act(|net, cx| net.silence(false, cx));
    assert!(!bench.net.usable(1), "the server waits for its timer, and so would another frame");
    bench.until(secs(60));
    assert!(bench.net.usable(1));
    let frames: Vec<_> = bench.phone().into_iter().map(|(_, event)| event).collect();
    assert_eq!(frames, [0, 1, 2].map(|n| PhoneEvent::Frame(ping(n))));
    // 40 ms of round trips give Linux's least timeout: 0.2, 0.6, 1.4, 3.0, 6.2 s after the first.
    assert_eq!(bench.phone()[0].0, secs(1) + ms(6_200) + ms(20));
    assert_eq!(bench.phone()[1].0.since(bench.phone()[0].0), Span::TICK);
    assert!(
        bench
            .whats()
            .any(|what| matches!(what, What::Arrived { how: Delivery::Retransmitted, .. }))
    );
}

#[test]
fn an_idle_radio_delays_the_first_segment_only() {
    let mut bench = Bench::on(Access {
        latency: Dist::Constant(ms(20)),
        radio_idle_delay: Dist::Constant(ms(400)),
        tail_time: Span::from_secs(10),
        ..Access::default()
    })
    .connected();
    bench.until(secs(100));
    bench.send(End::Server, ping(1));
    bench.until(secs(101));
    bench.send(End::Server, ping(2));
    bench.until(secs(102));
    let times: Vec<_> = bench.phone().into_iter().map(|(at, _)| at).collect();
    assert_eq!(times, [secs(100) + ms(420), secs(101) + ms(20)]);
}
