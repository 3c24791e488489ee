//! The control API over real sockets, against a hub that answers as it is told.
#![cfg(feature = "live")]

#[cfg(feature = "cli")]
mod commands;
mod described;
mod fake;
mod fuzzed;
#[cfg(feature = "cli")]
mod kept;

use std::io::Write;
use std::net::TcpStream;

use fake::{Answer, Fake, Mood, TOKEN, request};
use holdline::live::control::{MOST_BODY, MOST_CONNECTIONS, MOST_REQUESTS};
use holdline::live::server::api::Refused;
use serde_json::json;

#[test]
fn a_push_is_accepted_with_an_id_that_keeps_all_its_digits() {
    let fake = Fake::start();
    let body = r#"{"payload": "grüße", "ttl": "1m 30s"}"#;
    let answer = fake.ask("POST", "/v1/devices/a%40b/push", body);
    assert_eq!(answer.status, 202);
    assert_eq!(answer.json(), json!({ "id": "18446744073709551615", "devices": 1 }));
    let seen = fake.seen.lock().unwrap().concat();
    assert!(seen.contains(r#"Device("a@b")"#) && seen.contains("grüße"), "{seen}");
    assert!(seen.contains("Span(90000000)"), "{seen}");
}

#[test]
fn pages_follow_one_another_until_there_is_no_next() {
    let fake = Fake::start();
    let (mut names, mut query) = (Vec::new(), String::from("limit=2"));
    loop {
        let page = fake.ask("GET", &format!("/v1/devices?{query}"), "").json();
        let devices = page["devices"].as_array().unwrap();
        names.extend(devices.iter().map(|one| one["device"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("limit=2&after={next}");
    }
    assert_eq!(names, ["alice", "bob", "carol"]);
}

#[test]
fn without_the_token_only_health_and_metrics_answer() {
    let fake = Fake::start();
    for path in ["/healthz", "/metrics"] {
        assert_eq!(fake.ask_as(None, "GET", path, "").status, 200, "{path}");
    }
    for token in [None, Some(""), Some("secre"), Some("secrets"), Some("SECRET")] {
        for path in ["/v1/stats", "/v1/openapi.json", "/nowhere", "/healthz/", "/"] {
            let answer = fake.ask_as(token, "GET", path, "");
            assert_eq!((answer.status, answer.error().as_str()), (401, "token"), "{path}");
            assert!(answer.head.contains("www-authenticate: bearer"), "{}", answer.head);
        }
    }
    assert!(!fake.seen.lock().unwrap().concat().contains("Devices"));
}

#[test]
fn a_path_that_is_missing_and_a_method_that_is_wrong_say_so_in_json() {
    let fake = Fake::start();
    for path in ["/", "/v1", "/v2/stats", "/v1/devices/a/b/c", "/v1/devices//push"] {
        let answer = fake.ask("GET", path, "");
        assert!([400, 404, 405].contains(&answer.status), "{path}: {}", answer.status);
        assert!(!answer.error().is_empty());
    }
    let answer = fake.ask("PUT", "/v1/push", "{}");
    assert_eq!((answer.status, answer.error().as_str()), (405, "method"));
    assert!(answer.head.contains("allow: post"), "{}", answer.head);
}

#[test]
fn a_path_that_is_not_utf_8_is_refused_in_json() {
    let answer = Fake::start().ask("GET", "/v1/devices/%ff%fe", "");
    assert_eq!((answer.status, answer.error().as_str()), (400, "path"));
}

#[test]
fn every_refusal_has_its_status_its_word_and_says_what_to_do() {
    let fake = Fake::start();
    for (refused, status) in [
        (Refused::UnknownDevice, 404),
        (Refused::NotConnected, 409),
        (Refused::DeviceName, 400),
        (Refused::Payload, 400),
        (Refused::TooManyDevices, 429),
        (Refused::Full, 429),
        (Refused::Store("disk full".into()), 507),
        (Refused::Down, 503),
    ] {
        fake.mood(Mood::Refusing(refused.clone()));
        let answer = fake.ask("POST", "/v1/devices/a/push", r#"{"payload": "x"}"#);
        assert_eq!((answer.status, answer.error().as_str()), (status, refused.reason()));
        assert!(answer.json()["message"].as_str().unwrap().len() > 20);
    }
}

#[test]
fn a_body_that_is_too_long_is_refused() {
    let payload = "x".repeat(MOST_BODY);
    let body = format!("{{\"payload\": \"{payload}\"}}");
    let answer = Fake::start().ask("POST", "/v1/push", &body);
    assert_eq!((answer.status, answer.error().as_str()), (413, "too-long"));
}

#[test]
fn metrics_are_what_prometheus_reads() {
    let answer = Fake::start().ask_as(None, "GET", "/metrics", "");
    assert!(answer.head.contains("content-type: text/plain; version=0.0.4"), "{}", answer.head);
    assert_eq!(
        answer.body,
        "# HELP holdline_connections Connections that are open.\n\
         # TYPE holdline_connections gauge\nholdline_connections 2\n"
    );
}

/// A request that nobody answers yet.
fn ask_and_wait(fake: &Fake) -> TcpStream {
    let mut stream = TcpStream::connect(fake.address).unwrap();
    stream.write_all(request(Some(TOKEN), "GET", "/v1/stats", "").as_bytes()).unwrap();
    stream
}

/// Waits until the hub was asked so often.
fn until_asked(fake: &Fake, times: usize) {
    while fake.seen.lock().unwrap().len() < times {
        std::thread::yield_now();
    }
}

#[test]
fn more_requests_than_it_answers_at_once_are_refused_whatever_they_ask() {
    let fake = Fake::start();
    fake.mood(Mood::Mute);
    let waiting: Vec<TcpStream> = (0..MOST_REQUESTS).map(|_| ask_and_wait(&fake)).collect();
    until_asked(&fake, MOST_REQUESTS);
    for (method, path) in described::operations() {
        let path = path.replace("{device}", "a").replace("{id}", "1");
        let answer = fake.ask(&method, &path, "");
        assert_eq!((answer.status, answer.error().as_str()), (429, "busy"), "{path}");
        assert!(answer.head.contains("retry-after: 1"));
    }
    // Those who go make room.
    drop(waiting);
    fake.mood(Mood::Willing);
    while fake.ask("GET", "/v1/stats", "").status == 429 {}
    assert_eq!(fake.ask("GET", "/v1/stats", "").status, 200);
}

#[test]
fn more_connections_than_it_holds_are_told_so() {
    let fake = Fake::start();
    let mut held: Vec<TcpStream> = Vec::new();
    while held.len() < MOST_CONNECTIONS {
        held.push(TcpStream::connect(fake.address).unwrap());
    }
    let answer = fake.ask("GET", "/healthz", "");
    assert_eq!((answer.status, answer.error().as_str()), (503, "too-many-connections"));
    drop(held);
    while fake.ask("GET", "/healthz", "").status == 503 {}
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let fake = Fake::start();
    let mut stream = TcpStream::connect(fake.address).unwrap();
    let head = request(Some(TOKEN), "POST", "/v1/push", "").replace("length: 0", "length: 9");
    stream.write_all(head.as_bytes()).unwrap();
    let answer = Answer::read(stream);
    assert_eq!((answer.status, answer.error().as_str()), (408, "body"));
}

#[test]
fn a_server_that_is_gone_is_down_and_the_api_ends_when_it_is_told() {
    let mut fake = Fake::start();
    let address = fake.address;
    fake.mood(Mood::Refusing(Refused::Down));
    assert_eq!(fake.ask_as(None, "GET", "/healthz", "").status, 503);
    fake.end();
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn curl_gets_the_same_answers() {
    let fake = Fake::start();
    let url = format!("http://{}/v1/devices/alice/push", fake.address);
    let run = std::process::Command::new("curl")
        .args(["-sS", "-w", "\n%{http_code}", "-H", "Authorization: Bearer secret"])
        .args(["-d", r#"{"payload": "hello"}"#, &url])
        .output();
    let Ok(run) = run else {
        writeln!(std::io::stderr(), "SKIPPED: there is no curl").unwrap();
        return;
    };
    let said = String::from_utf8(run.stdout).unwrap();
    assert_eq!(said, "{\"devices\":1,\"id\":\"18446744073709551615\"}\n202");
}
