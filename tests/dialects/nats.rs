//! Against nats-server.

use std::time::Duration;

use holdline::port::{Frame, Span};
use holdline::wire::dialect::{Heard, Vars};

use crate::line::{Line, vars};
use crate::server::{Server, write};

crate::tests![
    a_ping_is_answered_and_a_push_arrives_as_itself,
    a_client_that_answers_the_servers_pings_stays_and_one_that_does_not_is_told_goodbye,
    a_password_is_said_and_a_wrong_one_refused,
    a_suspended_app_that_nothing_wakes_is_closed_and_finds_out_on_screen,
];

fn nats(more: &str) -> Server {
    Server::start("nats-server", |folder, port| {
        let text = format!("listen: \"127.0.0.1:{port}\"\n{more}\n");
        vec!["-c".into(), write(folder, "nats.conf", &text)]
    })
}

fn a_ping_is_answered_and_a_push_arrives_as_itself() {
    let server = nats("");
    let mut phone = Line::welcome("nats", &server, &vars("phone"));
    phone.ping(7);
    Line::publisher("nats", &server, &vars("publisher")).publish("phone", "come here");
    phone.expect_push("come here");
    phone.ping(8);
}

fn a_client_that_answers_the_servers_pings_stays_and_one_that_does_not_is_told_goodbye() {
    let server = nats("ping_interval: \"1s\"\nping_max: 1");
    let mut mute = Line::welcome("nats", &server, &vars("mute"));
    let mut phone = Line::welcome("nats", &server, &vars("phone"));
    for n in 1..=4 {
        phone.expect(&Heard::Frame(Frame::Ping { n }));
        phone.say(Frame::Pong { n });
    }
    phone.ping(1);
    mute.expect(&Heard::Goodbye { reason: "'Stale Connection'".into() });
    assert!(mute.silent_until_closed(Duration::from_secs(5)).is_some());
}

fn a_password_is_said_and_a_wrong_one_refused() {
    let server = nats("authorization: { user: romeo, password: s3cret }");
    let with = |password: &str| Vars {
        user: Some("romeo".into()),
        password: Some(password.into()),
        ..vars("phone")
    };
    let refusal = Line::client("nats", &server, &with("wrong")).refusal();
    assert_eq!(refusal, "'Authorization Violation'");
    Line::welcome("nats", &server, &with("s3cret")).ping(1);
}

fn a_suspended_app_that_nothing_wakes_is_closed_and_finds_out_on_screen() {
    let server = nats("ping_interval: \"2s\"\nping_max: 1");
    crate::suspended::play("nats-pings.toml", &server, "nats", Span::from_secs(60));
}
