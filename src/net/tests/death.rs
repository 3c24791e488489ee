//! How connections die, and who notices when.

use crate::net::testing::{Bench, DARWIN_KEEP_ALIVE, LINUX_KEEP_ALIVE, ms, ping, secs};
use crate::net::{Access, End, Host, PhoneEvent, ServerEvent};
use crate::port::{Interface, Span, StreamError};
use crate::settings::Dist;
use crate::trace::{DeadCause, LossCause, What};

fn deaths(bench: &Bench) -> Vec<DeadCause> {
    let mut causes = Vec::new();
    for what in bench.whats() {
        if let What::ConnectionDead { cause, .. } = what {
            causes.push(cause);
        }
    }
    causes
}

#[test]
fn a_lost_interface_kills_without_a_word_to_either_end() {
    let mut bench = Bench::new().connected();
    bench.act(|net, cx| net.switch(Interface::None, cx));
    bench.run_out();
    assert_eq!((bench.phone(), bench.server()), (vec![], vec![]));
    assert_eq!(deaths(&bench), [DeadCause::Interface]);
    assert!(!bench.net.usable(1));
}

#[test]
fn a_new_address_kills_without_a_word_while_the_interface_stays() {
    let mut bench = Bench::new().connected();
    bench.act(|net, cx| net.readdress(cx));
    bench.act(|net, cx| net.connect(2, cx));
    bench.send(End::Phone, ping(1));
    bench.until(secs(10));
    assert_eq!(deaths(&bench), [DeadCause::Address]);
    assert_eq!(bench.net.interface(), Interface::Wifi);
    assert!(bench.net.usable(2) && !bench.net.usable(1));
    let lost = What::Lost { connection: 1, from: "phone", cause: LossCause::OldAddress };
    assert!(bench.whats().any(|what| what == lost));
    assert!(bench.times("interface").is_empty());
}

#[test]
fn behind_a_wifi_without_internet_nobody_answers_and_nothing_is_reported() {
    let mut bench = Bench::new().connected();
    bench.act(|net, cx| net.internet(false, cx));
    bench.act(|net, cx| net.connect(2, cx));
    bench.until(secs(100));
    assert_eq!(deaths(&bench), [DeadCause::NoInternet]);
    let timed_out = PhoneEvent::Failed(StreamError::TimedOut);
    assert_eq!(bench.phone(), [(secs(76), timed_out)], "the SYNs are lost, too");
    assert!(bench.times("interface").is_empty());
    bench.act(|net, cx| net.internet(true, cx));
    assert!(bench.net.usable(1));
}

#[test]
fn a_call_holds_data_up_and_what_was_sent_comes_after_it() {
    let mut bench = Bench::on(Access {
        latency: Dist::Constant(ms(20)),
        voice_call_stalls_data: true,
        ..Access::default()
    });
    bench.act(|net, cx| net.switch(Interface::Cellular, cx));
    let mut bench = bench.connected();
    bench.act(|net, cx| net.voice_call(true, cx));
    bench.send(End::Server, ping(1));
    bench.until(secs(60));
    assert_eq!(bench.phone(), []);
    bench.act(|net, cx| net.voice_call(false, cx));
    bench.until(secs(200));
    assert_eq!(bench.phone().len(), 1);
    assert_eq!(deaths(&bench), [DeadCause::VoiceCall]);
    assert_eq!(bench.times("connection-healed"), [secs(60)]);
}

#[test]
fn a_half_open_server_learns_only_by_sending() {
    let mut bench = Bench::new().connected();
    bench.act(|net, cx| net.switch(Interface::Cellular, cx));
    bench.until(secs(5_000));
    assert_eq!(bench.server(), []);
    bench.send(End::Server, ping(1));
    bench.run_out();
    let at = secs(5_000) + Span::from_millis(924_600);
    assert_eq!(bench.server(), [(at, ServerEvent::TimedOut)]);
    assert!(bench.whats().any(|what| what
        == What::TimedOut { connection: 1, side: "server", after: Span::from_millis(924_600) }));
}

#[test]
fn a_phone_that_writes_into_a_silence_gives_up_within_darwins_time() {
    let mut bench = Bench::new().connected();
    bench.act(|net, cx| net.silence(true, cx));
    bench.send(End::Phone, ping(1));
    bench.run_out();
    let [(at, PhoneEvent::TimedOut)] = bench.phone()[..] else { panic!("{:?}", bench.phone()) };
    assert!(at > secs(18) && at < secs(60), "{at}");
    assert_eq!(bench.times("retransmitted").len(), 12);
}

#[test]
fn after_one_end_gave_up_the_other_is_answered_by_reset() {
    let mut bench = Bench::new().connected();
    bench.act(|net, cx| net.silence(true, cx));
    bench.send(End::Phone, ping(1));
    bench.until(secs(300));
    bench.act(|net, cx| net.silence(false, cx));
    bench.send(End::Server, ping(2));
    bench.run_out();
    assert_eq!(bench.server(), [(secs(300) + ms(40), ServerEvent::Reset)]);
    assert!(bench.times("connection-healed").is_empty(), "the phone had let go of it");
}

#[test]
fn coming_back_to_the_same_interface_does_not_revive_a_connection() {
    for airplane in [true, false] {
        let mut bench = Bench::new().connected();
        if airplane {
            bench.act(|net, cx| net.airplane(true, cx));
            bench.act(|net, cx| net.airplane(false, cx));
        } else {
            bench.act(|net, cx| net.switch(Interface::None, cx));
            bench.act(|net, cx| net.switch(Interface::Wifi, cx));
        }
        assert_eq!(bench.net.interface(), Interface::Wifi);
        bench.send(End::Server, ping(1));
        bench.until(secs(900));
        assert_eq!(bench.phone(), []);
        assert_eq!(deaths(&bench), [DeadCause::Interface]);
    }
}

#[test]
fn an_interface_carries_traffic_when_it_is_attached() {
    let mut bench = Bench::on(Access {
        latency: Dist::Constant(ms(20)),
        attach: Dist::Constant(Span::from_secs(3)),
        ..Access::default()
    });
    bench.act(|net, cx| net.switch(Interface::Cellular, cx));
    assert_eq!(bench.net.interface(), Interface::None);
    bench.until(secs(10));
    assert_eq!(bench.net.interface(), Interface::Cellular);
    assert_eq!(bench.times("interface"), [secs(0), secs(3)]);
}

#[test]
fn a_silence_that_ends_heals_what_both_ends_hold() {
    let mut bench = Bench::new().connected();
    bench.act(|net, cx| net.silence(true, cx));
    assert!(!bench.net.usable(1));
    bench.until(secs(1_000));
    bench.act(|net, cx| net.silence(false, cx));
    assert!(bench.net.usable(1));
    assert_eq!(bench.times("connection-dead"), [secs(1)]);
    assert_eq!(bench.times("connection-healed"), [secs(1_000)]);
}

#[test]
fn a_server_that_lost_its_memory_answers_with_reset_once_it_is_back() {
    let mut bench = Bench::new().connected();
    bench.host = Host::Silent;
    bench.act(|net, cx| net.host_changed(cx));
    bench.act(|net, cx| net.vanish(End::Server, DeadCause::Server, cx));
    assert_eq!(deaths(&bench), [DeadCause::Server]);
    bench.send(End::Phone, ping(1));
    bench.until(secs(4));
    assert_eq!(bench.phone(), []);
    bench.host = Host::Up;
    bench.act(|net, cx| net.host_changed(cx));
    bench.run_out();
    let [(at, PhoneEvent::Reset)] = bench.phone()[..] else { panic!("{:?}", bench.phone()) };
    assert!(at > secs(4) && at < secs(10), "with the phone's next retransmission: {at}");
    assert_eq!(deaths(&bench).len(), 1);
}

#[test]
fn a_phone_that_was_restarted_answers_the_server_with_reset() {
    let mut bench = Bench::new().connected();
    bench.act(|net, cx| net.vanish(End::Phone, DeadCause::Process, cx));
    assert_eq!(deaths(&bench), [DeadCause::Process]);
    bench.send(End::Server, ping(1));
    bench.run_out();
    assert_eq!(bench.server(), [(secs(1) + ms(40), ServerEvent::Reset)]);
}

#[test]
fn keep_alive_probes_find_a_dead_path_at_the_times_of_darwin_and_linux() {
    let mut bench = Bench::new();
    bench.config.phone_keep_alive = Some(DARWIN_KEEP_ALIVE);
    bench.config.server_keep_alive = Some(LINUX_KEEP_ALIVE);
    let mut bench = bench.connected();
    bench.act(|net, cx| net.silence(true, cx));
    bench.run_out();
    let phone = secs(7_200 + 8 * 75) + ms(40);
    let server = secs(7_200 + 9 * 75) + ms(40);
    assert_eq!(bench.phone(), [(phone, PhoneEvent::TimedOut)]);
    assert_eq!(bench.server(), [(server, ServerEvent::TimedOut)]);
}

#[test]
fn keep_alive_probes_on_a_working_path_cost_an_event_and_end_nothing() {
    let mut bench = Bench::new();
    bench.config.phone_keep_alive = Some(DARWIN_KEEP_ALIVE);
    let mut bench = bench.connected();
    assert_eq!(bench.until(secs(72_100)), 10);
    assert!(bench.net.usable(1));
    assert_eq!(bench.phone(), []);
}

#[test]
fn a_probe_to_a_host_that_forgot_is_answered_by_reset() {
    let mut bench = Bench::new();
    bench.config.phone_keep_alive = Some(DARWIN_KEEP_ALIVE);
    let mut bench = bench.connected();
    bench.act(|net, cx| net.vanish(End::Server, DeadCause::Server, cx));
    bench.run_out();
    assert_eq!(bench.phone(), [(secs(7_200) + ms(60), PhoneEvent::Reset)]);
}
