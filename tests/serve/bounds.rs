//! Every bound is told with its reason, and nothing of those who were refused stays.

use std::io::Write;

use holdline::live::server::api::{Command, Refused, To};
use holdline::port::Span;

use crate::client::Client;
use crate::server::{Server, server};

/// What a connection is told that begins with `bytes`.
fn told(server: &Server, bytes: impl AsRef<[u8]>) -> String {
    let mut client = Client::connect(server.address);
    client.say(bytes);
    client.last_word()
}

#[test]
fn what_is_wrong_in_the_first_line_is_told() {
    let server = server(|_| {});
    let long = "x".repeat(65);
    for (line, reason) in [
        ("HELLO 2 phone\n".to_owned(), "version"),
        ("HELLO 2 phone with more\n".to_owned(), "version"),
        ("HELLO 1 phone with more\n".to_owned(), "syntax"),
        ("HELLO one phone\n".to_owned(), "syntax"),
        ("HELLO 1 pho/ne\n".to_owned(), "device-name"),
        (format!("HELLO 1 {long}\n"), "device-name"),
        ("HELLO 1\n".to_owned(), "device-name"),
        ("SIDE 1 phone\n".to_owned(), "no-session"),
        ("PING 1\n".to_owned(), "not-hello"),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "syntax"),
        ("x".repeat(5_000), "too-long"),
    ] {
        assert_eq!(told(&server, &line), format!("ERROR {reason}"), "{line:.40}");
    }
    assert_eq!(told(&server, b"HELLO 1 \xff\n"), "ERROR syntax");
    server.wait_for("holdline_connections", 0);
    assert_eq!(server.stat("holdline_devices", None), 0);
}

#[test]
fn what_is_wrong_after_the_hello_ends_the_session() {
    let server = server(|_| {});
    for (line, reason) in
        [("NONSENSE\n", "syntax"), ("HELLO 1 other\n", "device-name"), ("AUTH 1 token\n", "syntax")]
    {
        let mut phone = Client::device(server.address, "phone");
        phone.say(line);
        assert_eq!(phone.last_word(), format!("ERROR {reason}"));
        server.wait_for("holdline_devices", 0);
    }
}

#[test]
fn whoever_says_no_hello_in_time_is_told() {
    let server = server(|config| config.limits.handshake = Span::from_millis(50));
    let mut silent = Client::connect(server.address);
    let mut half = Client::connect(server.address);
    half.say("HELLO 1 pho");
    assert_eq!(silent.last_word(), "ERROR handshake-timeout");
    assert_eq!(half.last_word(), "ERROR handshake-timeout");
}

#[test]
fn more_connections_than_allowed_are_told() {
    let limited =
        |with: fn(&mut holdline::live::server::Limits)| server(|config| with(&mut config.limits));
    for (server, reason) in [
        (limited(|limits| limits.connections = 2), "too-many-connections"),
        (limited(|limits| limits.per_address = 2), "too-many-from-address"),
    ] {
        let one = Client::device(server.address, "one");
        let _two = Client::device(server.address, "two");
        assert_eq!(Client::connect(server.address).last_word(), format!("ERROR {reason}"));
        drop(one);
        server.wait_for("holdline_connections", 1);
        Client::device(server.address, "three");
    }
}

#[test]
fn more_devices_than_allowed_are_told() {
    let server = server(|config| config.limits.devices = 2);
    server.push("one", "waits").unwrap();
    let two = Client::device(server.address, "two");
    assert_eq!(told(&server, "HELLO 1 three\n"), "ERROR too-many-devices");
    assert_eq!(server.push("three", "x"), Err(Refused::TooManyDevices));
    drop(two);
    server.wait_for("holdline_devices", 1);
    Client::device(server.address, "three");
}

#[test]
fn more_payload_than_allowed_is_refused_and_leaves_nothing() {
    let server = server(|config| config.limits.queued = 1_000);
    assert_eq!(server.push("a", &"x".repeat(5_000)), Err(Refused::Payload));
    assert_eq!(server.push("a", "two\nlines"), Err(Refused::Payload));
    assert_eq!(server.push("a", &"x".repeat(1_000)), Err(Refused::Full));
    assert_eq!(server.stat("holdline_devices", None), 0);
    server.push("a", &"x".repeat(900)).unwrap();
    assert_eq!(server.push("b", "x"), Err(Refused::Full));
    assert_eq!(server.device("b"), Err(Refused::UnknownDevice));
}

#[test]
fn the_oldest_push_goes_for_a_new_one_when_a_queue_is_full() {
    let server = server(|config| config.options.queue_limit = 2);
    for payload in ["one", "two", "three"] {
        server.push("phone", payload).unwrap();
    }
    let mut phone = Client::device(server.address, "phone");
    assert_eq!([phone.line(), phone.line()], ["PUSH 2 two", "PUSH 3 three"]);
    assert_eq!(server.stat("holdline_pushes_dropped_total", Some("queue-full")), 1);
    assert_eq!(server.stat("holdline_pushes_waiting", None), 2);
}

#[test]
fn a_client_that_reads_too_slowly_is_cut_off_and_told_behind_what_waited() {
    let server = server(|_| {});
    let mut phone = Client::device(server.address, "phone");
    let payload = "x".repeat(4_000);
    let mut pushes = 0;
    while server.stat("holdline_refused_total", Some("too-slow")) == 0 {
        server.push("phone", &payload).unwrap();
        pushes += 1;
        assert!(pushes < 20_000, "the kernel's buffers have an end");
    }
    let info = server.device("phone").unwrap();
    assert_eq!(info.address, None, "the session has ended, its pushes wait");
    assert!(info.waiting > 0);
    let lines = phone.lines();
    assert!(lines.last().unwrap().starts_with("ERROR too-slow "), "{:.40}", lines.last().unwrap());
    assert!(lines.iter().rev().skip(1).all(|line| line.starts_with("PUSH ")));
    server.wait_for("holdline_connections", 0);
}

#[test]
fn a_client_that_asks_and_never_reads_is_cut_off() {
    let server = server(|_| {});
    let mut phone = Client::device(server.address, "phone");
    let mut writer = phone.second();
    let pings: String = (0..10_000).map(|n| format!("PING {n}\n")).collect();
    // Until the server takes no more.
    while writer.write_all(pings.as_bytes()).is_ok()
        && server.stat("holdline_refused_total", Some("too-slow")) == 0
    {}
    assert_eq!(server.stat("holdline_refused_total", Some("too-slow")), 1);
    drop(writer);
    phone.lines();
    server.wait_for("holdline_connections", 0);
}

#[test]
fn garbage_leaves_nothing_behind() {
    let server = server(|_| {});
    for n in 0..300_u32 {
        let mut client = Client::connect(server.address);
        let bytes: Vec<u8> = (0..n).map(|i| (i.wrapping_mul(n).wrapping_add(7)) as u8).collect();
        client.say(bytes);
        if n % 3 == 0 {
            client.shut();
        }
    }
    let mut half = Client::connect(server.address);
    half.say("HELLO 1 phone");
    half.shut();
    let mut whole = Client::connect(server.address);
    whole.say("HELLO 1 phone\nPING 1\n");
    whole.shut();
    assert_eq!(whole.lines(), ["WELCOME 1", "PONG 1"]);
    server.wait_for("holdline_connections", 0);
    assert_eq!(server.stat("holdline_devices", None), 0);
}

#[test]
fn nobody_is_asked_who_is_not_there() {
    let server = server(|_| {});
    let beat = |to| server.ask(|reply| Command::Heartbeat { to, reply });
    assert_eq!(beat(To::All), Ok(0));
    assert_eq!(beat(To::Device("phone".into())), Err(Refused::UnknownDevice));
    server.push("phone", "x").unwrap();
    assert_eq!(beat(To::Device("phone".into())), Err(Refused::NotConnected));
    let mut phone = Client::device(server.address, "phone");
    assert_eq!(phone.line(), "PUSH 1 x");
    assert_eq!(beat(To::All), Ok(1));
    assert_eq!(phone.line(), "PING 1");
}
