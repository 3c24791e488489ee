//! The commands that control a running server: what they say, and their exit codes.

use std::process::Command;

use holdline::live::server::api::Refused;

use crate::fake::{Fake, Mood, TOKEN};

/// Runs `holdline`; answers its exit code, what it printed, and what it complained about.
fn holdline(url: &str, token: &str, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .args(arguments)
        .env("HOLDLINE_CONTROL", url)
        .env("HOLDLINE_TOKEN", token)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn at(fake: &Fake, arguments: &[&str]) -> (i32, String, String) {
    holdline(&format!("http://{}", fake.address), TOKEN, arguments)
}

#[test]
fn what_is_asked_reaches_the_server_and_the_answer_is_said() {
    let fake = Fake::start();
    for (arguments, said, asked) in [
        (&["push", "alice", "hi", "--ttl", "30s"][..], "accepted as ", "Span(30000000)"),
        (&["push", "--all", "hi"], "accepted as ", "Push { to: All"),
        (&["devices"], "carol", "Devices"),
        (&["devices", "bob"], "bob     tcp", "Device { device: \"bob\""),
        (&["drop", "alice", "--how", "reset"], "dropped 1 device", "how: Reset"),
        (&["drop", "--all"], "dropped 1 device", "Drop { to: All, how: Fin"),
        (&["server", "stats"], "holdline_connections 2", "Stats"),
        (&["server", "heartbeat"], "asked 1 device", "Heartbeat { to: All"),
        (&["server", "restart", "--how", "host-down"], "down for 1s", "how: HostDown"),
        (&["server", "drain", "--grace", "1s"], "draining 1 device", "Drain"),
    ] {
        fake.seen.lock().unwrap().clear();
        let (exit, printed, complained) = at(&fake, arguments);
        assert_eq!((exit, complained.as_str()), (0, ""), "{arguments:?}");
        assert!(printed.contains(said), "{arguments:?}: {printed}");
        let seen = fake.seen.lock().unwrap().concat();
        assert!(seen.contains(asked), "{arguments:?}: {seen}");
    }
}

#[test]
fn json_has_the_answer_and_the_version_of_its_format() {
    let (_, printed, _) = at(&Fake::start(), &["push", "a", "x", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&json["id"], &json["version"]), (&"18446744073709551615".into(), &1.into()));
}

#[test]
fn wrong_input_is_2_and_says_what_to_do() {
    let fake = Fake::start();
    let url = format!("http://{}", fake.address);
    let (exit, _, said) = holdline(&url, "another", &["devices"]);
    assert_eq!(exit, 2);
    assert!(said.contains("--token") && said.contains("HOLDLINE_TOKEN"), "{said}");
    for arguments in [
        &["push", "a b", "x"][..],
        &["push", "a"],
        &["push", "a", "x", "--all"],
        &["push", "a", "x", "--ttl", "10"],
        &["drop"],
        &["drop", "a", "--how", "gently"],
        &["devices", "--control", "ftp://x"],
    ] {
        assert_eq!(at(&fake, arguments).0, 2, "{arguments:?}");
    }
    fake.mood(Mood::Refusing(Refused::UnknownDevice));
    let (exit, _, said) = at(&fake, &["drop", "nobody"]);
    assert_eq!(exit, 2);
    assert!(said.contains("holdline devices"), "{said}");
}

#[test]
fn a_server_that_cannot_be_reached_or_cannot_do_it_is_3() {
    let mut fake = Fake::start();
    for refused in [Refused::Down, Refused::Full, Refused::Store("full".into())] {
        fake.mood(Mood::Refusing(refused));
        assert_eq!(at(&fake, &["push", "a", "x"]).0, 3);
    }
    fake.end();
    let (exit, _, said) = at(&fake, &["push", "a", "x"]);
    assert_eq!(exit, 3);
    assert!(said.contains("holdline serve") && said.contains("HOLDLINE_CONTROL"), "{said}");
}

#[test]
fn what_is_no_control_api_is_told_apart() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "a server answers beside the test")]
    let thread = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>").unwrap();
    });
    let (exit, _, said) = holdline(&url, TOKEN, &["devices"]);
    assert_eq!(exit, 3);
    assert!(said.contains("no control API"), "{said}");
    thread.join().unwrap();
}
