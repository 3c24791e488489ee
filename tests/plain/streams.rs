//! Streams over the sockets of this machine, without an agent.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use holdline::device::agent::store::Store;
use holdline::device::plain::Plain;
use holdline::device::{Backend, Endpoint};
use holdline::port::{
    Callback, Clock, RunLoop, Span, StreamError, StreamEvent, StreamPair, TimerId,
};

const PAIR: StreamPair = StreamPair(3);
const LONG: Duration = Duration::from_secs(20);

fn here(port: u16) -> Endpoint {
    Endpoint { host: "127.0.0.1".into(), port }
}

fn listens(plain: &mut Plain) {
    for stream in [PAIR.read(), PAIR.write()] {
        plain.set_client(stream);
        plain.schedule(stream, RunLoop::Main);
    }
}

fn open(to: &Endpoint) -> Plain {
    let mut plain = Plain::new(Store::in_memory(4));
    plain.create_pair(PAIR.0, to);
    listens(&mut plain);
    assert!(plain.open(PAIR.read()) && plain.open(PAIR.write()));
    assert!(!plain.open(PAIR.read()), "it is open already");
    plain
}

/// What the streams say, until `is` holds.
fn told(plain: &mut Plain, is: impl Fn(&[Callback]) -> bool) -> Vec<Callback> {
    let (mut told, began) = (Vec::new(), Instant::now());
    while !is(&told) {
        assert!(began.elapsed() < LONG, "{told:?}");
        match plain.next_callback() {
            Some(callback) => told.push(callback),
            None => plain.wait(Duration::from_millis(10)),
        }
    }
    told
}

fn says(told: &[Callback], event: StreamEvent) -> bool {
    told.iter().any(|callback| matches!(callback, Callback::Stream(_, said) if *said == event))
}

#[test]
fn both_streams_open_and_the_one_that_is_written_has_room() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut plain = open(&here(listener.local_addr().unwrap().port()));
    let told = told(&mut plain, |told| told.len() == 3);
    let expected = [
        Callback::Stream(PAIR.read(), StreamEvent::OpenCompleted),
        Callback::Stream(PAIR.write(), StreamEvent::OpenCompleted),
        Callback::Stream(PAIR.write(), StreamEvent::CanAcceptBytes),
    ];
    assert_eq!(told, expected);
    let (_, peer) = listener.accept().unwrap();
    assert_eq!(plain.local_port(PAIR.0), Some(peer.port()));
}

#[test]
fn a_stream_that_is_scheduled_late_is_told_then_and_in_the_wrong_mode_never() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = here(listener.local_addr().unwrap().port());
    let mut plain = Plain::new(Store::in_memory(4));
    plain.create_pair(PAIR.0, &to);
    assert!(plain.open(PAIR.read()));
    plain.set_client(PAIR.read());
    plain.schedule(PAIR.read(), RunLoop::WrongMode);
    let (mut peer, _) = listener.accept().unwrap();
    peer.write_all(b"x").unwrap();
    let mut buffer = [0; 4];
    // It can be read all the same.
    let began = Instant::now();
    while plain.read(PAIR.read(), &mut buffer) != Ok(1) {
        assert!(began.elapsed() < LONG);
        plain.wait(Duration::from_millis(10));
        assert_eq!(plain.next_callback(), None);
    }
    listens(&mut plain);
    let opened = Callback::Stream(PAIR.read(), StreamEvent::OpenCompleted);
    assert_eq!(plain.next_callback(), Some(opened));
}

#[test]
fn bytes_are_told_once_and_again_when_some_are_left() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut plain = open(&here(listener.local_addr().unwrap().port()));
    let (mut peer, _) = listener.accept().unwrap();
    peer.write_all(b"abc").unwrap();
    let bytes = |told: &[Callback]| says(told, StreamEvent::HasBytesAvailable);
    told(&mut plain, |told| bytes(told) && says(told, StreamEvent::CanAcceptBytes));
    assert_eq!(plain.next_callback(), None);
    let mut one = [0];
    assert_eq!((plain.read(PAIR.read(), &mut one), one), (Ok(1), *b"a"));
    told(&mut plain, bytes);
    let mut rest = [0; 8];
    assert_eq!(plain.read(PAIR.read(), &mut rest), Ok(2));
    assert_eq!(plain.read(PAIR.read(), &mut rest), Ok(0));
}

#[test]
fn an_end_comes_behind_the_last_bytes_and_on_both_streams() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut plain = open(&here(listener.local_addr().unwrap().port()));
    let (mut peer, _) = listener.accept().unwrap();
    peer.write_all(b"bye").unwrap();
    drop(peer);
    told(&mut plain, |told| says(told, StreamEvent::HasBytesAvailable));
    let mut buffer = [0; 8];
    assert_eq!(plain.read(PAIR.read(), &mut buffer), Ok(3));
    let told = told(&mut plain, |told| {
        [PAIR.read(), PAIR.write()]
            .iter()
            .all(|stream| told.contains(&Callback::Stream(*stream, StreamEvent::EndEncountered)))
    });
    assert!(!says(&told, StreamEvent::ErrorOccurred), "{told:?}");
    assert_eq!(plain.error(PAIR.read()), None);
}

#[test]
fn what_finds_no_room_is_not_taken_and_room_is_told_later() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut plain = open(&here(listener.local_addr().unwrap().port()));
    told(&mut plain, |told| says(told, StreamEvent::CanAcceptBytes));
    let (mut peer, _) = listener.accept().unwrap();
    let (piece, mut taken, mut full) = (vec![7; 48 << 10], 0, 0);
    // Nobody reads: kernel and stream fill up. A writer that is slow is not yet full.
    while full < 50 {
        match plain.write(PAIR.write(), &piece).unwrap() {
            0 => full += 1,
            n => (taken, full) = (taken + n, 0),
        }
        plain.wait(Duration::from_millis(2));
    }
    let reader = std::thread::spawn(move || {
        let mut all = Vec::new();
        peer.read_to_end(&mut all).unwrap();
        all.len()
    });
    told(&mut plain, |told| says(told, StreamEvent::CanAcceptBytes));
    let more = plain.write(PAIR.write(), b"more").unwrap();
    assert_eq!(more, 4);
    plain.close(PAIR.read());
    plain.close(PAIR.write());
    assert_eq!(reader.join().unwrap(), taken + more, "what was taken is sent before the end");
}

#[test]
fn who_is_not_there_is_an_error_on_both_streams() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut plain = open(&here(port));
    let errors = told(&mut plain, |told| told.len() == 2);
    assert!(errors.iter().all(|told| says(&[*told], StreamEvent::ErrorOccurred)), "{errors:?}");
    assert_eq!(plain.error(PAIR.read()), Some(StreamError::Refused));
    assert_eq!(plain.write(PAIR.write(), b"x"), Err(StreamError::Refused));
    let mut plain = open(&Endpoint { host: "no such name".into(), port: 1 });
    told(&mut plain, |told| told.len() == 2);
    assert_eq!(plain.error(PAIR.read()), Some(StreamError::NotResolved));
}

#[test]
fn a_datagram_pair_fails_when_it_is_opened() {
    let mut plain = Plain::new(Store::in_memory(4));
    plain.create_datagram_pair(PAIR.0, &here(9));
    listens(&mut plain);
    assert!(plain.open(PAIR.read()));
    let told = told(&mut plain, |told| told.len() == 1);
    assert_eq!(told, [Callback::Stream(PAIR.read(), StreamEvent::ErrorOccurred)]);
    assert_eq!(plain.error(PAIR.read()), Some(StreamError::Unreachable));
}

#[test]
fn a_closed_pair_says_nothing_more() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut plain = open(&here(listener.local_addr().unwrap().port()));
    let (mut peer, _) = listener.accept().unwrap();
    peer.write_all(b"abc").unwrap();
    told(&mut plain, |told| says(told, StreamEvent::HasBytesAvailable));
    plain.close(PAIR.read());
    plain.close(PAIR.write());
    assert_eq!(plain.next_callback(), None);
    assert_eq!(plain.read(PAIR.read(), &mut [0]), Err(StreamError::NotOpen));
    // The other side sees the end, or a reset for what was not read.
    let mut rest = Vec::new();
    let _ = peer.read_to_end(&mut rest);
    assert!(rest.is_empty());
}

#[test]
fn a_timer_that_is_always_due_keeps_no_stream_from_being_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut plain = open(&here(listener.local_addr().unwrap().port()));
    let (began, mut timers) = (Instant::now(), 0);
    loop {
        assert!(began.elapsed() < LONG);
        plain.set_timer(TimerId(1), Span::ZERO, Clock::Uptime);
        plain.wait(Duration::ZERO);
        match plain.next_callback() {
            Some(Callback::Stream(_, StreamEvent::CanAcceptBytes)) => break,
            Some(Callback::Timer(_)) => timers += 1,
            Some(Callback::Stream(..)) => {}
            told => panic!("{told:?}"),
        }
    }
    assert!(timers > 0);
}

#[test]
fn timers_come_in_the_order_of_their_times_and_those_that_are_cancelled_never() {
    let mut plain = Plain::new(Store::in_memory(4));
    let ids = [3, 1, 2].map(TimerId);
    for (id, micros) in ids.into_iter().zip([30, 10, 20]) {
        plain.set_timer(id, Span::from_micros(micros), Clock::Continuous);
    }
    plain.set_timer(TimerId(4), Span::ZERO, Clock::Uptime);
    plain.cancel_timer(TimerId(4));
    plain.set_timer(TimerId(5), Span::MAX, Clock::Uptime);
    let told = told(&mut plain, |told| told.len() == 3);
    assert_eq!(told, [1, 2, 3].map(|id| Callback::Timer(TimerId(id))));
}
