//! NATS, by the examples of its documentation.

use super::*;

const INFO: &str = "INFO {\"server_id\":\"Zk0GQ3JBSrg3oyxCRRlE09\",\"version\":\"1.2.0\",\
                    \"max_payload\":1048576}\r\n";

fn connected() -> Talk {
    let mut talk = Talk::of("nats", &vars());
    // The server speaks before the client does.
    assert_eq!(talk.only_hears(INFO), []);
    assert_eq!(
        text(talk.hello()),
        "CONNECT {\"verbose\":false,\"pedantic\":false,\"name\":\"phone\",\"lang\":\"holdline\",\
         \"version\":\"1\"}\r\nSUB holdline.phone 1\r\nPING\r\n"
    );
    assert_eq!(talk.only_hears("PONG\r\n"), welcome());
    talk
}

#[test]
fn either_side_pings() {
    let mut talk = connected();
    assert_eq!(text(talk.says(Frame::Ping { n: 5 })), "PING\r\n");
    assert_eq!(talk.only_hears("PONG\r\n"), pong(5));
    assert_eq!(talk.only_hears("PING\r\n"), [Heard::Frame(Frame::Ping { n: 1 })]);
    assert_eq!(text(talk.says(Frame::Pong { n: 1 })), "PONG\r\n");
}

#[test]
fn a_message_is_its_line_and_as_many_bytes_as_that_says() {
    let mut talk = connected();
    let heard = talk.only_hears("MSG holdline.phone 1 11\r\nhl-3-4 a\r\nb\r\n");
    assert_eq!(heard, push(PUSH, "a\r\nb"));
    let heard = talk.only_hears("MSG holdline.phone 1 reply.to 5\r\nhello\r\n");
    assert_eq!(heard, push(foreign(1), "hello"));
}

#[test]
fn a_server_that_goes_down_says_so() {
    let mut talk = connected();
    assert_eq!(talk.only_hears("INFO {\"ldm\":true}\r\n"), [Heard::Frame(Frame::GoAway)]);
    let reason = "'Stale Connection'".into();
    assert_eq!(talk.only_hears("-ERR 'Stale Connection'\r\n"), [Heard::Goodbye { reason }]);
}

#[test]
fn who_logs_in_is_quoted() {
    let vars = Vars { password: Some("a\"b\\".into()), ..with_user() };
    let mut talk = Talk::of("nats", &vars);
    talk.only_hears(INFO);
    assert!(text(talk.hello()).contains("\"user\":\"romeo\",\"pass\":\"a\\\"b\\\\\"}"));
    let reason = "'Authorization Violation'".into();
    assert_eq!(talk.only_hears("-ERR 'Authorization Violation'\r\n"), [Heard::Refused { reason }]);
}

#[test]
fn a_publisher_counts_the_bytes_and_asks_whether_they_arrived() {
    let mut talk = Talk::publisher("nats", &vars());
    talk.hello();
    let (heard, said) = talk.hears(INFO);
    assert!(heard.is_empty() && text(said).ends_with("}\r\nPING\r\n"));
    assert_eq!(talk.only_hears("PONG\r\n"), welcome());
    assert_eq!(text(talk.publishes("é")), "PUB holdline.phone 9\r\nhl-3-4 é\r\nPING\r\n");
    assert_eq!(talk.only_hears("PONG\r\n"), [Heard::Accepted { id: PUSH }]);
}
