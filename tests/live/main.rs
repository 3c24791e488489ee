//! `holdline client` and `holdline run --world live` from the command line, against `holdline serve`.
#![cfg(all(feature = "cli", unix))]
// These tests wait for other processes.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

#[expect(dead_code, reason = "not all of it is used here")]
#[path = "../serving/mod.rs"]
mod serving;
mod steered;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serving::{Serving, TOKEN};

fn holdline(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
    command.env_remove("GITHUB_ACTIONS").args(args).output().unwrap()
}

/// `holdline client`, ended when this is dropped.
struct Client {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Client {
    fn start(address: SocketAddr, more: &[&str]) -> Client {
        let mut child = Command::new(env!("CARGO_BIN_EXE_holdline"))
            .args(["client", "--connect", &address.to_string(), "--device", "alice"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Client { child, out }
    }

    /// Reads lines until one has `text`; fails when the client ends before.
    fn says(&mut self, text: &str) {
        let mut all = String::new();
        loop {
            let before = all.len();
            let read = self.out.read_line(&mut all).unwrap();
            assert!(read > 0, "it ended without `{text}`:\n{all}");
            if all[before..].contains(text) {
                return;
            }
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Publishes a push to alice.
fn publish(address: SocketAddr, payload: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "AUTH 1 {TOKEN}\nPUB 1 alice - {payload}\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert_eq!(lines.next().as_deref(), Some("WELCOME 1"));
    assert!(lines.next().unwrap().starts_with("DONE 1 "));
}

#[test]
fn a_client_prints_pushes_and_connects_again_when_another_takes_its_place() {
    let mut server = Serving::start(&["--listen", "0"]);
    let address = server.address("tcp");
    let mut client = Client::start(address, &[]);
    client.says("connected");
    publish(address, "come here");
    client.says("push 1 come here");
    let mut other = TcpStream::connect(address).unwrap();
    other.write_all(b"HELLO 1 alice\n").unwrap();
    client.says("disconnected: fin");
    client.says("connected");
    publish(address, "and now");
    client.says("push 2 and now");
}

#[test]
fn a_client_answers_heartbeats_and_one_that_does_not_is_closed() {
    let heartbeats = ["--set", "heartbeat.interval=300ms", "--set", "heartbeat.reply-within=300ms"];
    let mut server = Serving::start(&[&["--listen", "0"], &heartbeats[..]].concat());
    let address = server.address("tcp");
    let began = Instant::now();
    let mut client = Client::start(address, &["--for", "3s", "--verbose"]);
    client.says("connected");
    let mut mute = TcpStream::connect(address).unwrap();
    mute.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    mute.write_all(b"HELLO 1 mute\n").unwrap();
    let mut heard = String::new();
    mute.read_to_string(&mut heard).unwrap();
    assert!(heard.contains("BYE unanswered"), "{heard}");
    let mut rest = String::new();
    client.out.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("disconnected"), "{rest}");
    assert!(rest.matches("\"frame\":\"pong\"").count() >= 4, "{rest}");
    assert!(began.elapsed() >= Duration::from_secs(3) && client.child.wait().unwrap().success());
}

#[test]
fn a_client_with_a_lifecycle_is_suspended_and_woken_by_a_push() {
    let mut server = Serving::start(&["--listen", "0"]);
    let address = server.address("tcp");
    let mut client =
        Client::start(address, &["--platform", "ios-9", "--lifecycle", "1s user.lock"]);
    client.says("app suspended");
    publish(address, "ring");
    client.says("woken: socket");
    client.says("notification for push 1");
}

/// A suspended app is sent a push.
const SCENARIO: &str = r#"
version  = 1
name     = "a push reaches the suspended app"
duration = "2m"
[platform]
use = "ios-9"
[network]
use = "ideal"
[client]
use = "ping-in-handler"
[[step]]
at = "10s"
do = "user.lock"
[[step]]
at = "100s"
do = "server.push"
push = "invite"
[[expect]]
that = "push-notified"
push = "invite"
within = "5s"
[[expect]]
that = "event"
event = "wake reason=socket"
"#;

fn scenario() -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    file.write_all(SCENARIO.as_bytes()).unwrap();
    file
}

#[test]
fn time_passes_as_fast_as_it_is_told_and_no_faster_than_the_shortest_deadline_allows() {
    let file = scenario();
    let path = file.path().to_str().unwrap();
    let began = Instant::now();
    let run = holdline(&["run", path, "--world", "live", "--speed", "40"]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    assert!(began.elapsed() >= Duration::from_secs(3), "two minutes at 40 times the clock");
    let run = holdline(&["run", path, "--world", "live", "--speed", "251"]);
    assert_eq!(run.status.code(), Some(2));
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("= 5s leaves room for 250 at most"), "{said}");
}

#[test]
fn a_server_of_ours_that_runs_elsewhere_carries_out_the_pushes_of_a_scenario() {
    let mut server = Serving::start(&["--listen", "0"]);
    let address = server.address("tcp").to_string();
    let file = scenario();
    let path = file.path().to_str().unwrap();
    let there = ["--world", "live", "--speed", "40", "--connect", &address];
    let run = holdline(&[&["run", path], &there[..], &["--password", TOKEN]].concat());
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    let run = holdline(&[&["run", path], &there[..], &["--password", "wrong"]].concat());
    assert_eq!(run.status.code(), Some(1));
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("not published: `invite`: token: that is not the token"), "{said}");
}

#[test]
fn what_sockets_cannot_show_is_left_out_and_named() {
    let run =
        holdline(&["run", "scenarios/sip/nat-forgets-the-udp-socket.toml", "--world", "live"]);
    assert_eq!(run.status.code(), Some(2));
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("nat-forgets-the-udp-socket.toml: it needs UDP sockets"), "{said}");
}
