//! SIP over TCP.

use super::*;

fn vars() -> Vars {
    Vars { user: Some("bob".into()), ..super::vars() }
}

fn connected() -> Talk {
    let mut talk = Talk::of("sip", &vars());
    let register = text(talk.hello());
    assert!(register.starts_with("REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/TCP "));
    assert!(register.contains("\r\nTo: <sip:bob@example.com>\r\n"), "{register}");
    assert!(register.ends_with("\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n"), "{register}");
    assert!(!register.replace("\r\n", "").contains(['\r', '\n']), "{register:?}");
    assert_eq!(
        talk.only_hears(
            "SIP/2.0 100 Trying\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n\
             SIP/2.0 200 OK\r\nv: SIP/2.0/TCP x\r\nCSeq: 1 REGISTER\r\nl: 0\r\n\r\n"
        ),
        welcome()
    );
    talk
}

#[test]
fn a_double_line_end_is_answered_by_a_single_one() {
    let mut talk = connected();
    assert_eq!(talk.says(Frame::Ping { n: 3 }), b"\r\n\r\n");
    assert_eq!(talk.only_hears("\r"), []);
    assert_eq!(talk.only_hears("\n"), pong(3));
}

#[test]
fn a_message_is_answered_with_the_headers_it_came_with() {
    let mut talk = connected();
    let message = "MESSAGE sip:bob@192.0.2.4 SIP/2.0\r\nVia: SIP/2.0/TCP p1;branch=z9hG4bK1\r\n\
                   Via: SIP/2.0/TCP p2;branch=z9hG4bK2\r\nFrom: <sip:a@example.com>;tag=49\r\n\
                   To: <sip:bob@example.com>\r\nCall-ID: asd88\r\nCSeq: 1 MESSAGE\r\n\
                   Content-Type: text/plain\r\nContent-Length: 18\r\n\r\n";
    let whole = format!("{message}hl-3-4 Watson, come");
    let whole = whole.replace("Content-Length: 18", "Content-Length: 19");
    assert_eq!(talk.only_hears(whole), push(PUSH, "Watson, come"));
    assert_eq!(
        text(talk.says(Frame::Ack { id: PUSH })),
        "SIP/2.0 200 OK\r\n\
         Via: SIP/2.0/TCP p1;branch=z9hG4bK1, SIP/2.0/TCP p2;branch=z9hG4bK2\r\n\
         From: <sip:a@example.com>;tag=49\r\nTo: <sip:bob@example.com>;tag=phone\r\n\
         Call-ID: asd88\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n"
    );
    assert_eq!(
        talk.only_hears(format!("{message}Watson, come here.")),
        push(foreign(1), "Watson, come here.")
    );
    assert!(text(talk.says(Frame::Ack { id: foreign(1) })).contains("\r\nCall-ID: asd88\r\n"));
}

#[test]
fn a_server_that_asks_for_a_password_refuses() {
    let mut talk = Talk::of("sip", &vars());
    talk.hello();
    let heard = talk
        .only_hears("SIP/2.0 401 Unauthorized\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(heard, [Heard::Refused { reason: "401 Unauthorized".into() }]);
}

#[test]
fn a_publisher_needs_no_registration_and_counts_the_body() {
    let mut talk = Talk::publisher("sip", &vars());
    let mut out = Vec::new();
    assert_eq!(talk.0.send(Frame::Hello { device: 0 }, &mut out), welcome());
    assert!(out.is_empty());
    let message = text(talk.publishes("hi"));
    assert!(message.starts_with("MESSAGE sip:bob@example.com SIP/2.0\r\n"), "{message}");
    assert!(message.ends_with("\r\nContent-Length: 9\r\n\r\nhl-3-4 hi"), "{message}");
    assert_eq!(
        talk.only_hears("SIP/2.0 202 Accepted\r\nCSeq: 1 MESSAGE\r\nl: 0\r\n\r\n"),
        [Heard::Accepted { id: PUSH }]
    );
}
