//! Against redis-server.

use holdline::wire::dialect::Vars;

use crate::line::{Line, vars};
use crate::server::Server;

crate::tests![
    a_ping_is_answered_and_a_push_arrives_as_itself,
    a_password_is_said_and_a_wrong_one_refused,
];

fn redis(more: &[&str]) -> Server {
    Server::start("redis-server", |folder, port| {
        let port = port.to_string();
        let folder = folder.to_str().expect("a path in UTF-8");
        let words = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--dir", folder];
        words.iter().chain(more).map(|word| (*word).to_owned()).collect()
    })
}

fn a_ping_is_answered_and_a_push_arrives_as_itself() {
    let server = redis(&[]);
    let mut phone = Line::welcome("redis", &server, &vars("phone"));
    phone.ping(7);
    Line::publisher("redis", &server, &vars("publisher")).publish("phone", "come here");
    phone.expect_push("come here");
    phone.ping(8);
}

fn a_password_is_said_and_a_wrong_one_refused() {
    let server = redis(&["--requirepass", "s3cret"]);
    let refusal = Line::client("redis", &server, &vars("phone")).refusal();
    assert!(refusal.starts_with("NOAUTH"), "{refusal}");
    let with = |password: &str| Vars { password: Some(password.into()), ..vars("phone") };
    let refusal = Line::client("redis", &server, &with("wrong")).refusal();
    assert!(refusal.starts_with("WRONGPASS"), "{refusal}");
    let mut phone = Line::welcome("redis", &server, &with("s3cret"));
    Line::publisher("redis", &server, &with("s3cret")).publish("phone", "x");
    phone.expect_push("x");
}
