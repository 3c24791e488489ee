//! The control channel against a listener.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::control::Control;
use crate::device::protocol::{LONGEST_LINE, ToAgent, ToHost};

const LONG: Duration = Duration::from_secs(30);

fn note(text: &str) -> ToHost {
    ToHost::Note { text: text.into() }
}

fn event(at: u64) -> ToHost {
    ToHost::Event { at, line: "{}".into() }
}

/// A channel, where it connects, and what wakes its owner.
fn start() -> (Control, TcpListener, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, woken) = channel();
    let wake = Box::new(move || sender.send(()).unwrap_or_default());
    (Control::start(address, Box::new(|| note("hello")), wake), listener, woken)
}

fn accept(listener: &TcpListener) -> (TcpStream, BufReader<TcpStream>) {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    (stream.try_clone().unwrap(), BufReader::new(stream))
}

fn line(reader: &mut BufReader<TcpStream>) -> ToHost {
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

/// Waits until `holds`.
fn until(holds: impl Fn() -> bool) {
    let end = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < end, "it does not happen");
        std::thread::yield_now();
    }
}

#[test]
fn a_connection_that_is_lost_is_made_again_with_a_hello() {
    let (control, listener, woken) = start();
    for n in 0..3 {
        let (mut stream, mut reader) = accept(&listener);
        assert_eq!(line(&mut reader), note("hello"));
        writeln!(stream, r#"{{"say":"clock","n":{n}}}"#).unwrap();
        woken.recv_timeout(LONG).unwrap();
        assert_eq!(control.heard(), Some(ToAgent::Clock { n }));
        control.say(note("and"));
        assert_eq!(line(&mut reader), note("and"));
        assert!(control.connected() && control.flush(LONG));
    }
    let (_stream, mut reader) = accept(&listener);
    assert_eq!(line(&mut reader), note("hello"));
    drop(control);
    assert_eq!(reader.read_line(&mut String::new()).unwrap_or(0), 0, "it ends with its owner");
}

#[test]
fn what_the_log_has_is_dropped_while_nobody_hears_and_the_rest_is_kept() {
    // Nobody listens there, for now.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let hello = Box::new(|| note("hello"));
    let control = Control::start(address.to_string(), hello, Box::new(|| {}));
    control.say(event(0));
    control.say(note("kept"));
    let listener = TcpListener::bind(address).unwrap();
    let (_stream, mut reader) = accept(&listener);
    assert_eq!(line(&mut reader), note("hello"));
    assert_eq!(line(&mut reader), note("kept"));
    control.say(event(1));
    assert_eq!(line(&mut reader), event(1));
    assert_eq!(control.dropped(), 1);
}

#[test]
fn a_host_that_does_not_read_makes_nobody_wait_and_costs_no_memory_without_end() {
    let (control, listener, _woken) = start();
    let (_stream, mut reader) = accept(&listener);
    assert_eq!(line(&mut reader), note("hello"));
    until(|| control.connected());
    let line = "x".repeat(10_000);
    for at in 0..20_000 {
        control.say(ToHost::Event { at, line: line.clone() });
    }
    assert!(control.dropped() > 0);
    assert!(!control.flush(Duration::ZERO));
}

#[test]
fn what_is_no_message_ends_the_connection() {
    let (control, listener, _woken) = start();
    let (mut stream, _reader) = accept(&listener);
    writeln!(stream, r#"{{"say":"dance"}}"#).unwrap();
    let (mut stream, _reader) = accept(&listener);
    until(|| control.connected());
    let long = vec![b'x'; LONGEST_LINE + 2];
    // It is closed before all of it is written.
    let _ = stream.write_all(&long);
    let (_stream, mut reader) = accept(&listener);
    assert_eq!(line(&mut reader), note("hello"));
    assert_eq!(control.heard(), None);
}

#[test]
fn why_there_is_no_connection_can_be_asked() {
    let control = Control::start("nowhere".into(), Box::new(|| note("hello")), Box::new(|| {}));
    until(|| control.problem().is_some());
    assert!(control.problem().unwrap().contains("nowhere"));
}
