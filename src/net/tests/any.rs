//! What holds whatever happens.

use proptest::prelude::*;

use crate::net::testing::{Bench, DARWIN_KEEP_ALIVE, LINUX_KEEP_ALIVE, ms, ping};
use crate::net::{Access, End, Host, NatExpiry, Output, PhoneEvent, Portal, Resolver, ServerEvent};
use crate::port::{Frame, Interface, Span};
use crate::settings::{Dist, Share};
use crate::trace::DeadCause;

/// One thing that somebody does.
#[derive(Clone, Debug)]
enum Act {
    Connect,
    Send(End, u32),
    Finish(End, u32),
    Reset(End, u32),
    Vanish(End),
    Host(Host),
    Switch(Interface),
    Airplane(bool),
    Silence(bool),
    Readdress,
    Internet(bool),
    CaptivePortal(Option<Portal>),
    Dns(Option<Resolver>),
    VoiceCall(bool),
    NatForget,
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let end = prop_oneof![Just(End::Phone), Just(End::Server)];
    let connection = 1u32..5;
    prop_oneof![
        3 => Just(Act::Connect),
        8 => (end.clone(), connection.clone()).prop_map(|(end, id)| Act::Send(end, id)),
        1 => (end.clone(), connection.clone()).prop_map(|(end, id)| Act::Finish(end, id)),
        1 => (end.clone(), connection).prop_map(|(end, id)| Act::Reset(end, id)),
        1 => end.prop_map(Act::Vanish),
        1 => prop_oneof![Just(Host::Up), Just(Host::Refusing), Just(Host::Silent)]
            .prop_map(Act::Host),
        1 => prop_oneof![Just(Interface::None), Just(Interface::Wifi), Just(Interface::Cellular)]
            .prop_map(Act::Switch),
        1 => any::<bool>().prop_map(Act::Airplane),
        2 => any::<bool>().prop_map(Act::Silence),
        1 => Just(Act::Readdress),
        1 => any::<bool>().prop_map(Act::Internet),
        1 => prop_oneof![Just(None), Just(Some(Portal::Reset)), Just(Some(Portal::Answers))]
            .prop_map(Act::CaptivePortal),
        1 => prop_oneof![Just(None), Just(Some(Resolver::Fails)), Just(Some(Resolver::Silent))]
            .prop_map(Act::Dns),
        1 => any::<bool>().prop_map(Act::VoiceCall),
        1 => Just(Act::NatForget),
        8 => prop_oneof![0u64..1_000, 0u64..100_000, 0u64..5_000_000].prop_map(Act::Wait),
    ]
}

fn bench(loss: u32, on_expiry: NatExpiry) -> Bench {
    let mut bench = Bench::on(Access {
        latency: Dist::Uniform(ms(1), ms(700)),
        loss: Share::from_ppm(loss),
        attach: Dist::Constant(ms(900)),
        nat_idle_timeout: Some(Span::from_secs(300)),
        nat_on_expiry: on_expiry,
        voice_call_stalls_data: true,
        radio_paging_delay: Dist::Uniform(ms(0), ms(1_280)),
        ..Access::default()
    });
    bench.config.phone_keep_alive = Some(DARWIN_KEEP_ALIVE);
    bench.config.server_keep_alive = Some(LINUX_KEEP_ALIVE);
    bench
}

/// Does all of it; answers how many connections were begun.
fn play(bench: &mut Bench, acts: &[Act]) -> u32 {
    let mut begun = 0;
    for (n, act) in acts.iter().enumerate() {
        let frame = ping(n as u32);
        match *act {
            Act::Connect => {
                begun += 1;
                bench.act(|net, cx| net.connect(begun, cx));
            }
            Act::Send(end, id) => bench.act(|net, cx| net.send(end, id, frame, cx)),
            Act::Finish(end, id) => bench.act(|net, cx| net.finish(end, id, cx)),
            Act::Reset(end, id) => bench.act(|net, cx| net.reset(end, id, cx)),
            Act::Vanish(end) => bench.act(|net, cx| net.vanish(end, DeadCause::Process, cx)),
            Act::Host(host) => {
                bench.host = host;
                bench.act(|net, cx| net.host_changed(cx));
            }
            Act::Switch(to) => bench.act(|net, cx| net.switch(to, cx)),
            Act::Airplane(on) => bench.act(|net, cx| net.airplane(on, cx)),
            Act::Silence(on) => bench.act(|net, cx| net.silence(on, cx)),
            Act::Readdress => bench.act(|net, cx| net.readdress(cx)),
            Act::Internet(on) => bench.act(|net, cx| net.internet(on, cx)),
            Act::CaptivePortal(portal) => bench.act(|net, cx| net.captive_portal(portal, cx)),
            Act::Dns(resolver) => bench.act(|net, cx| net.dns(resolver, cx)),
            Act::VoiceCall(on) => bench.act(|net, cx| net.voice_call(on, cx)),
            Act::NatForget => bench.act(|net, cx| net.nat_forget(cx)),
            Act::Wait(millis) => {
                bench.until(bench.now + ms(millis));
            }
        }
    }
    begun
}

fn on_expiry() -> impl Strategy<Value = NatExpiry> {
    prop_oneof![Just(NatExpiry::Silent), Just(NatExpiry::Reset), Just(NatExpiry::Recreate)]
}

/// The numbers of the frames that arrived at one end of a connection.
fn arrived(bench: &Bench, at: End, id: u32) -> Vec<u32> {
    let frame = |output: &Output| match (*output, at) {
        (Output::Phone { connection, event: PhoneEvent::Frame(frame) }, End::Phone)
        | (Output::Server { connection, event: ServerEvent::Frame(frame) }, End::Server)
            if connection == id =>
        {
            Some(frame)
        }
        (
            Output::Phone { .. } | Output::Server { .. } | Output::Interface(_) | Output::Address,
            _,
        ) => None,
    };
    let mut numbers = Vec::new();
    for (_, output) in &bench.seen {
        if let Some(Frame::Ping { n }) = frame(output) {
            numbers.push(n);
        }
    }
    numbers
}

proptest! {
    #[test]
    fn frames_arrive_at_most_once_and_in_order(
        acts in prop::collection::vec(act(), 1..80), loss in 0u32..400_000, nat in on_expiry(),
    ) {
        let mut bench = bench(loss, nat);
        let begun = play(&mut bench, &acts);
        bench.until(bench.now + Span::from_secs(20_000));
        for id in 1..=begun {
            for end in [End::Phone, End::Server] {
                let numbers = arrived(&bench, end, id);
                prop_assert!(numbers.is_sorted_by(|a, b| a < b), "{:?}", numbers);
            }
        }
    }

    #[test]
    fn a_usable_connection_carries_the_servers_frame_at_once(
        acts in prop::collection::vec(act(), 1..80), nat in on_expiry(),
    ) {
        let mut bench = bench(0, nat);
        let begun = play(&mut bench, &acts);
        for id in 1..=begun {
            let usable = bench.net.usable(id);
            let before = bench.times("lost").len();
            bench.act(|net, cx| net.send(End::Server, id, ping(9_999), cx));
            if usable {
                prop_assert_eq!(bench.times("lost").len(), before);
            }
        }
    }

    #[test]
    fn a_connection_that_both_hosts_forgot_is_forgotten_by_the_path(
        acts in prop::collection::vec(act(), 1..80), loss in 0u32..400_000, nat in on_expiry(),
    ) {
        let mut bench = bench(loss, nat);
        play(&mut bench, &acts);
        bench.act(|net, cx| net.vanish(End::Phone, DeadCause::Process, cx));
        bench.act(|net, cx| net.vanish(End::Server, DeadCause::Server, cx));
        bench.until(bench.now + Span::from_secs(20_000));
        prop_assert_eq!(bench.net.known(), 0);
    }
}
