//! `holdline dialect`, as it is called.
#![cfg(feature = "cli")]
// The server that is tried runs on a thread of its own.
#![allow(clippy::disallowed_methods)]

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Output};
use std::thread::{JoinHandle, spawn};

fn holdline(words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
    command.arg("dialect").args(words).env("NO_COLOR", "1").output().expect("it runs")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// A server of lines for one connection: what it says to each line it hears.
fn server(answers: &'static [(&'static str, &'static str)]) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let thread = spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut lines = BufReader::new(stream.try_clone().expect("a socket")).lines();
        for (heard, answer) in answers {
            assert_eq!(lines.next().expect("a line").expect("UTF-8"), *heard);
            stream.write_all(answer.as_bytes()).expect("a client");
        }
        // The client closes the connection.
        assert_eq!(lines.map_while(Result::ok).count(), 0);
    });
    (address, thread)
}

#[test]
fn the_list_has_every_dialect_with_its_port_and_its_source() {
    let list = out(&holdline(&["list"]));
    for part in ["holdline", "sip", "xmpp", "mqtt", "nats", "redis", "Port 1883", "RFC 5626"] {
        assert!(list.contains(part), "{part} in\n{list}");
    }
    assert!(list.lines().all(|line| line.chars().count() <= 100), "{list}");
}

#[test]
fn what_is_shown_can_be_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, out(&holdline(&["show", "mqtt"]))).expect("a file");
    let checked = holdline(&["check", file.to_str().expect("UTF-8")]);
    assert!(checked.status.success(), "{}", err(&checked));
    assert!(out(&checked).starts_with("sound "), "{}", out(&checked));
}

#[test]
fn a_mistake_is_drawn_where_it_stands_and_exits_with_2() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.toml");
    let text = out(&holdline(&["show", "redis"])).replace("[ping]\nsend", "[ping]\nsned");
    std::fs::write(&file, text).expect("a file");
    let checked = holdline(&["check", file.to_str().expect("UTF-8")]);
    assert_eq!(checked.status.code(), Some(2));
    let said = err(&checked);
    for part in ["[ping] has no key `sned`", "mine.toml:", "did you mean `send`?", "2 mistakes"] {
        assert!(said.contains(part), "{part} in\n{said}");
    }
}

#[test]
fn a_dialect_that_there_is_not_is_answered_with_the_nearest() {
    let tried = holdline(&["try", "mqt", "--connect", "localhost"]);
    assert_eq!(tried.status.code(), Some(2));
    assert!(err(&tried).contains("did you mean `mqtt`?"), "{}", err(&tried));
}

#[test]
fn a_try_says_hello_pings_once_and_prints_what_it_hears() {
    let (address, server) = server(&[
        ("HELLO 1 holdline-try", "WELCOME 1\nPUSH 7 hi there\nnobody knows this\n"),
        ("PING 1", "PONG 1\n"),
        ("ACK 7", ""),
    ]);
    let tried = holdline(&["try", "holdline", "--connect", &address.to_string(), "--for", "500ms"]);
    server.join().expect("the server heard what it should");
    let said = out(&tried);
    assert_eq!(tried.status.code(), Some(0), "{said}");
    for part in ["welcome", "sent ping 1", "pong 1", "push #1", "hi there", "nobody knows this"] {
        assert!(said.contains(part), "{part} in\n{said}");
    }
}

#[test]
fn a_refusal_exits_with_1_and_the_servers_reason() {
    let (address, server) = server(&[("HELLO 1 holdline-try", "ERROR version too old\n")]);
    let tried = holdline(&["try", "holdline", "--connect", &address.to_string()]);
    server.join().expect("the server heard what it should");
    assert_eq!(tried.status.code(), Some(1));
    assert!(out(&tried).contains("refused: version: too old"), "{}", out(&tried));
}

#[test]
fn a_server_that_is_not_there_exits_with_3() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let tried = holdline(&["try", "nats", "--connect", &address]);
    assert_eq!(tried.status.code(), Some(3));
    assert!(err(&tried).contains(&format!("cannot connect to {address}")), "{}", err(&tried));
}
