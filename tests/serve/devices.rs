//! What devices see of the server.

use holdline::live::server::api::{Command, Refused, To};
use holdline::port::Span;
use holdline::server::{DeliveredWhen, DropHow};
use holdline::trace::RestartKind;

use crate::client::Client;
use crate::server::server;

#[test]
fn a_push_goes_to_its_device_and_is_forgotten_when_it_is_acknowledged() {
    let server = server(|_| {});
    let mut phone = Client::device(server.address, "phone");
    phone.say("PING 7\n");
    assert_eq!(phone.line(), "PONG 7");
    let id = server.push("phone", "hello there").unwrap().id;
    assert_eq!(phone.line(), format!("PUSH {id} hello there"));
    assert_eq!(server.device("phone").unwrap().waiting, 1);
    phone.say(format!("ACK {id}\nPING 8\n"));
    assert_eq!(phone.line(), "PONG 8");
    assert_eq!(server.device("phone").unwrap().waiting, 0);
    assert_eq!(server.stat("holdline_queued_bytes", None), 0);
}

#[test]
fn a_push_that_was_not_acknowledged_comes_again_at_the_next_hello() {
    let server = server(|_| {});
    let id = server.push("phone", "one").unwrap().id;
    let mut phone = Client::device(server.address, "phone");
    assert_eq!(phone.line(), format!("PUSH {id} one"));
    drop(phone);
    server.wait_for("holdline_connections", 0);
    let mut phone = Client::device(server.address, "phone");
    assert_eq!(phone.line(), format!("PUSH {id} one"));
}

#[test]
fn a_second_connection_replaces_the_first_and_says_so() {
    let server = server(|_| {});
    let mut first = Client::device(server.address, "phone");
    let mut second = Client::device(server.address, "phone");
    assert_eq!(first.last_word(), "BYE replaced");
    second.say("PING 1\n");
    assert_eq!(second.line(), "PONG 1");
    let address = server.device("phone").unwrap().address.unwrap();
    assert!(address.ends_with(&format!(":{}", second.port())), "{address}");
}

#[test]
fn a_line_may_come_in_pieces_and_many_lines_at_once() {
    let server = server(|_| {});
    let mut phone = Client::connect(server.address);
    for byte in b"HELLO 1 phone\r\n" {
        phone.say([*byte]);
    }
    assert_eq!(phone.line(), "WELCOME 1");
    phone.say("PING 1\nPING 2\r\n\n  \nPI");
    phone.say("NG 3\n");
    assert_eq!([phone.line(), phone.line(), phone.line()], ["PONG 1", "PONG 2", "PONG 3"]);
}

#[test]
fn a_silent_client_is_asked_and_told_why_it_is_closed() {
    let server = server(|config| {
        config.options.heartbeat_interval = Some(Span::from_millis(50));
        config.options.heartbeat_reply_within = Some(Span::from_millis(50));
    });
    let mut phone = Client::device(server.address, "phone");
    assert_eq!(phone.line(), "PING 1");
    phone.say("PONG 1\n");
    assert_eq!(phone.line(), "PING 2");
    assert_eq!(phone.last_word(), "BYE unanswered");
    assert_eq!(server.device("phone"), Err(Refused::UnknownDevice), "it is forgotten");
}

#[test]
fn a_dropped_connection_ends_as_it_was_told() {
    let server = server(|_| {});
    let drop_it = |how| {
        server.ask(|reply| Command::Drop { to: To::Device("phone".into()), how, reply }).unwrap()
    };
    let mut phone = Client::device(server.address, "phone");
    assert_eq!(drop_it(DropHow::Fin), 1);
    assert_eq!(phone.last_word(), "BYE dropped");
    let mut phone = Client::device(server.address, "phone");
    drop_it(DropHow::Reset);
    assert_eq!(phone.lines(), [""; 0]);
    let mut phone = Client::device(server.address, "phone");
    drop_it(DropHow::Silent);
    phone.say("PING 1\n");
    assert_eq!(phone.lines(), [""; 0], "the server does not know the connection");
    server.wait_for("holdline_connections", 0);
}

#[test]
fn a_restart_closes_refuses_and_comes_back_on_the_same_address() {
    let server = server(|_| {});
    let mut phone = Client::device(server.address, "phone");
    let (how, down_for) = (RestartKind::Process, Span::from_millis(300));
    server.ask(|reply| Command::Restart { how, down_for, reply }).unwrap();
    assert_eq!(phone.last_word(), "BYE restart");
    assert!(std::net::TcpStream::connect(server.address).is_err(), "refused");
    assert_eq!(server.push("phone", "x"), Err(Refused::Down));
    server.wait_until("up again", |server| std::net::TcpStream::connect(server.address).is_ok());
    Client::device(server.address, "phone");
}

#[test]
fn a_host_that_is_down_says_nothing_and_knows_nobody_when_it_is_back() {
    let server = server(|_| {});
    let mut phone = Client::device(server.address, "phone");
    let (how, down_for) = (RestartKind::HostDown, Span::from_millis(300));
    server.ask(|reply| Command::Restart { how, down_for, reply }).unwrap();
    phone.say("PING 1\n");
    assert_eq!(server.push("phone", "x"), Err(Refused::Down));
    let mut newcomer = Client::connect(server.address);
    newcomer.say("HELLO 1 other\n");
    assert_eq!(phone.lines(), [""; 0], "no answer, then a reset");
    assert_eq!(newcomer.line(), "WELCOME 1", "as if it had tried until then");
}

#[test]
fn a_second_connection_of_a_session_joins_it() {
    let server = server(|_| {});
    let mut phone = Client::device(server.address, "phone");
    let mut side = Client::connect(server.address);
    side.say("SIDE 1 phone\nPING 1\n");
    assert_eq!(side.line(), "PONG 1");
    phone.say("PING 2\n");
    assert_eq!(phone.line(), "PONG 2");
    drop(phone);
    assert_eq!(side.lines(), [""; 0], "it ends with its session");
}

#[test]
fn a_drain_lets_clients_go_and_ends_the_server() {
    let server = server(|_| {});
    let mut stays = Client::device(server.address, "stays");
    let mut goes = Client::device(server.address, "goes");
    let mut publisher = Client::connect(server.address);
    publisher.say("AUTH 1 token\n");
    assert_eq!(publisher.line(), "WELCOME 1");
    assert_eq!(server.drain(Span::from_millis(200)), Ok(2));
    assert_eq!(publisher.last_word(), "BYE drained");
    assert_eq!(goes.line(), "GOAWAY");
    drop(goes);
    assert_eq!(stays.line(), "GOAWAY");
    assert_eq!(stays.last_word(), "BYE drained");
    drop(stays);
    server.running.join().unwrap();
}

#[test]
fn a_push_that_counts_as_delivered_when_it_is_written_leaves_nothing() {
    let server = server(|config| config.options.delivered_when = DeliveredWhen::Written);
    server.push("phone", "waits").unwrap();
    assert_eq!(server.stat("holdline_pushes_waiting", None), 1);
    let mut phone = Client::device(server.address, "phone");
    assert_eq!(phone.line(), "PUSH 1 waits");
    server.push("phone", "goes at once").unwrap();
    assert_eq!(phone.line(), "PUSH 2 goes at once");
    // Nobody acknowledged.
    assert_eq!(server.stat("holdline_pushes_waiting", None), 0);
    assert_eq!(server.stat("holdline_queued_bytes", None), 0);
}
