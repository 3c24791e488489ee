//! The rules of one connection, on sockets that are only pretended and in time that is only counted.

use std::collections::VecDeque;
use std::io;

use super::effects::{Effects, Order, SetFault};
use super::event::ProxyWhat;
use super::fault::{EndHow, FaultId, FaultSpec, Side};
use super::relay::{Relay, Wait, Wire, Wires};
use crate::port::{Draws, Span, Time};

/// What one side's peer sent, and what it got.
#[derive(Default)]
struct Peer {
    sent: VecDeque<u8>,
    finished: bool,
    dead: bool,
    got: Vec<u8>,
    room: usize,
    got_end: Option<EndHow>,
}

/// A side's socket shares its peer with the test, which looks when the socket is gone, too.
struct Pretended(std::rc::Rc<std::cell::RefCell<Peer>>);

impl Wire for Pretended {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut peer = self.0.borrow_mut();
        let count = into.len().min(peer.sent.len());
        for (place, byte) in peer.sent.drain(..count).enumerate() {
            into[place] = byte;
        }
        match (count, peer.dead, peer.finished) {
            (1.., _, _) => Ok(count),
            (0, true, _) => Err(io::ErrorKind::ConnectionReset.into()),
            (0, false, true) => Ok(0),
            (0, false, false) => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut peer = self.0.borrow_mut();
        let count = bytes.len().min(peer.room);
        peer.room -= count;
        peer.got.extend(&bytes[..count]);
        if count == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(count) }
    }

    fn fin(&mut self) {
        self.0.borrow_mut().got_end = Some(EndHow::Fin);
    }

    fn reset(&mut self) {
        self.0.borrow_mut().got_end = Some(EndHow::Reset);
    }

    fn failed(&mut self) -> bool {
        self.0.borrow().dead
    }
}

type Shared = std::rc::Rc<std::cell::RefCell<Peer>>;

/// A connection with both sides.
struct Bench {
    relay: Relay,
    wires: Wires<Pretended>,
    peers: [Shared; 2],
    now: Time,
    told: Vec<ProxyWhat>,
}

fn effects(faults: &[&str]) -> Effects {
    let set = |(id, text): (usize, &&str)| SetFault {
        id: FaultId(id as u64),
        spec: FaultSpec::parse(text).unwrap_or_else(|why| panic!("{why}")),
        since: Time::ZERO,
        first_new: 1,
    };
    Effects::of(&faults.iter().enumerate().map(set).collect::<Vec<_>>(), 1)
}

impl Bench {
    fn new(faults: &[&str]) -> Bench {
        let peer = || Shared::new(Peer { room: 1 << 20, ..Peer::default() }.into());
        let (client, server) = (peer(), peer());
        let relay = Relay::new(effects(faults), Draws::new(1, 1), 1_000, Time::ZERO);
        let wires = [Some(Pretended(client.clone())), None];
        let mut bench =
            Bench { relay, wires, peers: [client, server], now: Time::ZERO, told: Vec::new() };
        if bench.step().connect {
            bench.connect();
        }
        bench
    }

    fn connect(&mut self) {
        self.wires[1] = Some(Pretended(self.peers[1].clone()));
        self.relay.server_reached();
        self.step();
    }

    fn step(&mut self) -> Wait {
        self.relay.step(&mut self.wires, self.now, &mut self.told)
    }

    fn set(&mut self, faults: &[&str]) -> Wait {
        self.relay.set(effects(faults));
        self.step()
    }

    fn order(&mut self, fault: &str) -> Wait {
        self.relay.order(Order::of(&FaultSpec::parse(fault).unwrap().fault).unwrap());
        self.step()
    }

    /// Goes from one due time to the next, up to `at` milliseconds.
    fn until(&mut self, at: u64) -> Wait {
        let at = Span::from_millis(at).from_start();
        loop {
            let wait = self.step();
            match wait.until.filter(|until| *until <= at) {
                Some(until) => {
                    assert!(until > self.now, "it waits for the past");
                    self.now = until;
                }
                None => {
                    self.now = at;
                    return self.step();
                }
            }
        }
    }

    fn says(&mut self, side: Side, bytes: &[u8]) -> Wait {
        self.peers[side as usize].borrow_mut().sent.extend(bytes);
        self.step()
    }

    fn finishes(&mut self, side: Side) -> Wait {
        self.peers[side as usize].borrow_mut().finished = true;
        self.step()
    }

    fn dies(&mut self, side: Side) -> Wait {
        self.peers[side as usize].borrow_mut().dead = true;
        self.step()
    }

    fn got(&self, side: Side) -> Vec<u8> {
        self.peers[side as usize].borrow().got.clone()
    }

    fn end(&self, side: Side) -> Option<EndHow> {
        self.peers[side as usize].borrow().got_end
    }
}

use Side::{Client, Server};

#[test]
fn without_faults_bytes_and_ends_go_through() {
    let mut bench = Bench::new(&[]);
    bench.says(Client, b"hello");
    bench.says(Server, b"welcome");
    assert_eq!((bench.got(Server), bench.got(Client)), (b"hello".to_vec(), b"welcome".to_vec()));
    let wait = bench.finishes(Client);
    assert_eq!((bench.end(Server), bench.end(Client)), (Some(EndHow::Fin), None));
    assert!(!wait.done, "the other half goes on");
    bench.says(Server, b" back");
    assert_eq!(bench.got(Client), b"welcome back");
    assert!(bench.finishes(Server).done);
    assert_eq!(bench.end(Client), Some(EndHow::Fin));
}

#[test]
fn a_reset_of_one_side_is_a_reset_for_the_other() {
    for (side, other) in [(Client, Server), (Server, Client)] {
        let mut bench = Bench::new(&[]);
        bench.says(side, b"last words");
        assert!(bench.dies(side).done);
        assert_eq!(bench.got(other), b"last words");
        assert_eq!(bench.end(other), Some(EndHow::Reset));
    }
}

#[test]
fn a_reset_after_fin_is_still_passed_on() {
    let mut bench = Bench::new(&[]);
    bench.finishes(Client);
    assert!(bench.dies(Client).done);
    assert_eq!(bench.end(Server), Some(EndHow::Reset));
}

#[test]
fn silence_holds_everything_up_to_the_bound_and_releases_it_in_order() {
    let mut bench = Bench::new(&[]);
    bench.set(&["silence direction=to-server"]);
    let bytes: Vec<u8> = (0..1_500_u32).map(|n| n as u8).collect();
    let wait = bench.says(Client, &bytes);
    assert!(!wait.read[Client as usize], "its buffer is full");
    let lane = bench.relay.lane(Server);
    assert_eq!((lane.held, lane.still), (1_000, true));
    bench.says(Server, b"this way is free");
    assert_eq!(bench.got(Client), b"this way is free");
    assert_eq!(bench.told, [ProxyWhat::Held { from: Client }]);
    bench.finishes(Client);
    assert_eq!((bench.got(Server).len(), bench.end(Server)), (0, None));
    bench.set(&[]);
    bench.step();
    assert_eq!(bench.got(Server), bytes);
    assert_eq!(bench.end(Server), Some(EndHow::Fin));
}

#[test]
fn a_reset_in_silence_waits_until_the_path_works_again() {
    let mut bench = Bench::new(&["silence"]);
    assert!(bench.wires[1].is_none(), "SYN did not get through either");
    bench.set(&[]);
    bench.connect();
    bench.set(&["silence"]);
    assert!(!bench.dies(Client).done);
    assert_eq!(bench.end(Server), None);
    assert!(bench.set(&[]).done);
    assert_eq!(bench.end(Server), Some(EndHow::Reset));
}

#[test]
fn a_client_that_resets_is_noticed_though_its_buffer_is_full() {
    let mut bench = Bench::new(&[]);
    bench.set(&["silence direction=to-server"]);
    bench.says(Client, &[0; 2_000]);
    bench.dies(Client);
    assert!(bench.told.contains(&ProxyWhat::Reset { from: Client }));
}

#[test]
fn a_server_that_is_not_reached_is_a_reset_for_the_client() {
    let mut bench = Bench::new(&["silence"]);
    bench.says(Client, b"hello?");
    assert!(bench.set(&[]).connect);
    bench.relay.server_failed(bench.now);
    assert!(bench.step().done);
    assert_eq!(bench.end(Client), Some(EndHow::Reset));
}

#[test]
fn a_client_that_leaves_before_the_server_was_reached_leaves_nothing() {
    let mut bench = Bench::new(&["silence"]);
    bench.says(Client, b"hello?");
    assert!(bench.dies(Client).done);
}

#[test]
fn a_delay_keeps_order_and_delays_fin_too() {
    let mut bench = Bench::new(&["delay latency=80ms direction=to-server"]);
    bench.says(Client, b"a");
    bench.until(10);
    bench.says(Client, b"b");
    bench.finishes(Client);
    bench.until(79);
    assert_eq!(bench.got(Server), b"");
    bench.until(80);
    assert_eq!((bench.got(Server), bench.end(Server)), (b"a".to_vec(), None));
    bench.until(90);
    assert_eq!((bench.got(Server), bench.end(Server)), (b"ab".to_vec(), Some(EndHow::Fin)));
}

#[test]
fn jitter_never_reorders() {
    let mut bench = Bench::new(&["delay latency=uniform(0ms, 500ms)"]);
    for n in 0..100 {
        bench.until(n);
        bench.says(Server, &[n as u8]);
    }
    bench.until(1_000);
    assert_eq!(bench.got(Client), (0..100).collect::<Vec<u8>>());
}

#[test]
fn a_bandwidth_is_kept_within_20_percent() {
    let mut bench = Bench::new(&["bandwidth rate=10k direction=to-client"]);
    bench.says(Server, &[7; 100_000]);
    bench.says(Client, &[8; 100_000]);
    bench.until(5_000);
    let got = bench.got(Client).len();
    assert!((40_000..=60_000).contains(&got), "{got} bytes in 5 s");
    for _ in 0..200 {
        bench.step();
    }
    assert_eq!(bench.got(Server).len(), 100_000, "the other way is free");
    bench.set(&[]);
    for _ in 0..200 {
        bench.step();
    }
    assert_eq!(bench.got(Client).len(), 100_000);
}

#[test]
fn what_a_silent_nat_has_forgotten_is_dead_for_ever() {
    let mut bench = Bench::new(&["nat-forget idle-timeout=60s"]);
    bench.until(50_000);
    bench.says(Server, b"in time");
    bench.until(109_000);
    assert_eq!(bench.got(Client), b"in time");
    bench.until(110_000);
    assert_eq!(bench.told, [ProxyWhat::NatForgot { idle: Span::from_secs(60) }]);
    bench.set(&[]);
    bench.says(Client, b"anybody?");
    let wait = bench.says(Server, b"anybody?");
    assert_eq!((bench.got(Server), bench.got(Client)), (Vec::new(), b"in time".to_vec()));
    assert!(wait.read == [true; 2] && !wait.done, "both believe in it");
    bench.finishes(Client);
    assert_eq!(bench.end(Server), None);
    assert!(bench.finishes(Server).done);
}

#[test]
fn a_nat_that_resets_answers_the_client_and_swallows_the_servers_bytes() {
    let mut bench = Bench::new(&["nat-forget idle-timeout=60s on-expiry=reset"]);
    bench.until(60_000);
    bench.says(Server, b"lost");
    assert_eq!((bench.got(Client), bench.end(Client)), (Vec::new(), None));
    bench.says(Client, b"ping");
    assert_eq!(bench.end(Client), Some(EndHow::Reset));
    assert_eq!(bench.end(Server), None, "nobody tells the server");
}

#[test]
fn a_nat_that_makes_bindings_anew_holds_the_servers_bytes_until_the_client_speaks() {
    let mut bench = Bench::new(&["nat-forget idle-timeout=60s on-expiry=recreate"]);
    bench.until(60_000);
    bench.says(Server, b"waits");
    assert!(bench.got(Client).is_empty() && bench.relay.lane(Client).still);
    bench.says(Client, b"ping");
    bench.step();
    assert_eq!((bench.got(Server), bench.got(Client)), (b"ping".to_vec(), b"waits".to_vec()));
    bench.until(119_999);
    bench.says(Server, b"!");
    assert_eq!(bench.got(Client), b"waits!");
}

#[test]
fn forgetting_now_needs_no_idle_time() {
    let mut bench = Bench::new(&[]);
    bench.order("nat-forget now");
    bench.says(Client, b"gone");
    assert_eq!((bench.got(Server), bench.end(Client)), (Vec::new(), None));
}

#[test]
fn a_captive_portal_answers_nothing_and_afterwards_the_server_knows_nothing() {
    let mut bench = Bench::new(&["accept-silent"]);
    assert!(bench.wires[1].is_none());
    let wait = bench.says(Client, &[0; 5_000]);
    assert!(wait.read[Client as usize] && !wait.connect);
    assert!(!bench.set(&[]).done);
    assert_eq!(bench.end(Client), None);
    assert!(bench.says(Client, b"still there?").done);
    assert_eq!(bench.end(Client), Some(EndHow::Reset));
}

#[test]
fn half_open_ends_the_servers_side_only() {
    for (fault, server, client) in [
        ("half-open", EndHow::Fin, None),
        ("half-open how=reset", EndHow::Reset, None),
        ("half-open how=reset then-reset", EndHow::Reset, Some(EndHow::Reset)),
    ] {
        let mut bench = Bench::new(&[]);
        bench.order(fault);
        assert_eq!((bench.end(Server), bench.end(Client)), (Some(server), None), "{fault}");
        bench.says(Client, b"ping");
        assert_eq!(bench.end(Client), client, "{fault}");
    }
}

#[test]
fn a_reset_or_a_close_can_be_told_to_one_end_only() {
    for (fault, client, server) in [
        ("reset", Some(EndHow::Reset), Some(EndHow::Reset)),
        ("reset to=client", Some(EndHow::Reset), None),
        ("close", Some(EndHow::Fin), Some(EndHow::Fin)),
        ("close to=server", None, Some(EndHow::Fin)),
    ] {
        let mut bench = Bench::new(&[]);
        let wait = bench.order(fault);
        assert_eq!((bench.end(Client), bench.end(Server)), (client, server), "{fault}");
        assert_eq!(wait.done, fault == "reset");
    }
}

#[test]
fn close_after_does_not_care_for_traffic() {
    for (how, end) in [("fin", EndHow::Fin), ("reset", EndHow::Reset)] {
        let mut bench = Bench::new(&[&format!("close-after after=30s how={how}")]);
        for second in 1..30 {
            bench.until(second * 1_000);
            bench.says(Client, b".");
            bench.says(Server, b".");
        }
        assert_eq!((bench.got(Client).len(), bench.end(Client)), (29, None));
        bench.until(30_000);
        assert_eq!((bench.end(Client), bench.end(Server)), (Some(end), Some(end)));
    }
}

#[test]
fn a_slow_reader_slows_the_writer_down() {
    let mut bench = Bench::new(&[]);
    bench.peers[1].borrow_mut().room = 0;
    let wait = bench.says(Client, &[0; 5_000]);
    assert_eq!(bench.relay.lane(Server).held, 1_000);
    assert!(!wait.read[Client as usize] && wait.write[Server as usize]);
    bench.peers[1].borrow_mut().room = 10_000;
    for _ in 0..10 {
        bench.step();
    }
    assert_eq!(bench.got(Server).len(), 5_000);
}

#[test]
fn a_reset_does_not_wait_for_a_reader_that_takes_nothing() {
    let mut bench = Bench::new(&[]);
    bench.peers[1].borrow_mut().room = 0;
    bench.says(Client, b"stuck");
    assert!(bench.dies(Client).done);
    assert_eq!(bench.end(Server), Some(EndHow::Reset));
}
