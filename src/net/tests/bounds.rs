//! What stays small, and what it costs.

use crate::net::testing::{Bench, ping, secs};
use crate::net::{End, PRESETS};
use crate::port::{Span, Time};

#[test]
fn ended_connections_are_forgotten() {
    let mut bench = Bench::new();
    for id in 0..10_000 {
        bench.act(|net, cx| net.connect(id, cx));
        bench.until(bench.now + Span::from_secs(1));
        bench.act(|net, cx| net.finish(End::Phone, id, cx));
        bench.until(bench.now + Span::from_secs(1));
        bench.act(|net, cx| net.finish(End::Server, id, cx));
        bench.until(bench.now + Span::from_secs(1));
        bench.seen.clear();
        bench.recorder.events.clear();
        assert_eq!(bench.net.known(), 0);
    }
    assert_eq!(bench.net.deadline(), Time::NEVER);
}

#[test]
fn refused_and_unanswered_attempts_are_forgotten() {
    let mut bench = Bench::new();
    for host in [crate::net::Host::Refusing, crate::net::Host::Silent] {
        bench.host = host;
        bench.act(|net, cx| net.connect(1, cx));
        bench.until(bench.now + Span::from_secs(100));
        assert_eq!(bench.net.known(), 0);
    }
}

#[test]
fn an_isolated_ping_over_lte_takes_the_energy_that_was_measured() {
    let mut bench = Bench::on(PRESETS.get("lte-carrier").unwrap().values);
    bench.config.wifi.loss = crate::settings::Share::NONE;
    let mut bench = bench.connected_within(secs(30));
    bench.until(secs(100));
    let before = bench.net.radio_energy(bench.now);
    bench.send(End::Phone, ping(1));
    bench.until(secs(200));
    let joules = (bench.net.radio_energy(bench.now) - before) as f64 / 1e9;
    assert!((joules - 12.59).abs() < 0.01, "{joules}");
}
