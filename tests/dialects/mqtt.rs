//! Against mosquitto.

use std::time::Duration;

use holdline::port::{Frame, Span};
use holdline::wire::dialect::{Heard, Vars};

use crate::line::{Line, PUSH, vars};
use crate::server::{Server, write};

crate::tests![
    a_ping_is_answered_and_a_push_arrives_as_itself,
    a_push_that_was_not_acknowledged_comes_again_as_the_same,
    a_client_that_is_silent_for_one_and_a_half_keep_alives_is_closed,
    a_client_that_pings_within_its_keep_alive_is_not_closed,
    a_client_without_a_name_is_refused_where_one_is_asked_for,
    a_suspended_app_is_closed_by_the_keep_alive_rule_woken_by_that_and_connects_again,
];

fn mosquitto(more: &str) -> Server {
    Server::start("mosquitto", |folder, port| {
        let text = format!("listener {port} 127.0.0.1\n{more}\n");
        vec!["-c".into(), write(folder, "mosquitto.conf", &text)]
    })
}

fn a_ping_is_answered_and_a_push_arrives_as_itself() {
    let server = mosquitto("allow_anonymous true");
    let mut phone = Line::welcome("mqtt", &server, &vars("phone"));
    phone.ping(7);
    Line::publisher("mqtt", &server, &vars("publisher")).publish("phone", "come here");
    phone.expect_push("come here");
    phone.say(Frame::Ack { id: PUSH });
    phone.ping(8);
    phone.close();
}

fn a_push_that_was_not_acknowledged_comes_again_as_the_same() {
    let server = mosquitto("allow_anonymous true");
    let mut publisher = Line::publisher("mqtt", &server, &vars("publisher"));
    let mut phone = Line::welcome("mqtt", &server, &vars("phone"));
    publisher.publish("phone", "x");
    phone.expect_push("x");
    drop(phone);
    let mut phone = Line::welcome("mqtt", &server, &vars("phone"));
    phone.expect_push("x");
    phone.say(Frame::Ack { id: PUSH });
    phone.ping(1);
    phone.close();
    // What came while the device was away waits for it; what it acknowledged does not.
    publisher.publish("phone", "y");
    let mut phone = Line::welcome("mqtt", &server, &vars("phone"));
    phone.expect_push("y");
}

fn a_client_that_is_silent_for_one_and_a_half_keep_alives_is_closed() {
    let server = mosquitto("allow_anonymous true");
    let vars = Vars { keep_alive: Span::from_secs(2), ..vars("phone") };
    let mut phone = Line::welcome("mqtt", &server, &vars);
    // MQTT 3.1.1, 3.1.2.10; mosquitto looks every few seconds.
    let closed = phone.silent_until_closed(Duration::from_secs(12));
    let closed = closed.expect("the broker closes the connection");
    assert!(closed >= Duration::from_millis(2000), "after {closed:?}");
}

fn a_client_that_pings_within_its_keep_alive_is_not_closed() {
    let server = mosquitto("allow_anonymous true");
    let vars = Vars { keep_alive: Span::from_secs(1), ..vars("phone") };
    let mut phone = Line::welcome("mqtt", &server, &vars);
    for n in 0..8 {
        phone.ping(n);
        // The rule is about time that passes.
        assert_eq!(phone.silent_until_closed(Duration::from_millis(700)), None);
    }
}

fn a_client_without_a_name_is_refused_where_one_is_asked_for() {
    let server = mosquitto("allow_anonymous false");
    let mut phone = Line::client("mqtt", &server, &vars("phone"));
    assert_eq!(phone.refusal(), "CONNACK with return code 5");
    let heard = phone.silent_until_closed(Duration::from_secs(5));
    assert!(heard.is_some(), "the broker closes the connection");
    let named = Vars { user: Some("a".into()), password: Some("b".into()), ..vars("phone") };
    let mut phone = Line::client("mqtt", &server, &named);
    phone.until(|heard| matches!(heard, Heard::Refused { .. }));
}

fn a_suspended_app_is_closed_by_the_keep_alive_rule_woken_by_that_and_connects_again() {
    let server = mosquitto("allow_anonymous true");
    crate::suspended::play("mqtt-keep-alive.toml", &server, "mqtt", Span::from_secs(10));
    assert!(server.log().contains("device-1 has exceeded timeout"), "{}", server.log());
}
