//! Our own line protocol.

use super::*;

fn connected() -> Talk {
    let mut talk = Talk::of("holdline", &vars());
    assert_eq!(text(talk.hello()), "HELLO 1 phone\n");
    assert_eq!(talk.only_hears("WELCOME 1\n"), welcome());
    talk
}

#[test]
fn pings_go_both_ways_with_their_numbers() {
    let mut talk = connected();
    assert_eq!(text(talk.says(Frame::Ping { n: 7 })), "PING 7\n");
    assert_eq!(talk.only_hears("PONG 7\r\n"), pong(7));
    assert_eq!(talk.only_hears("PING 9\n"), [Heard::Frame(Frame::Ping { n: 9 })]);
    assert_eq!(text(talk.says(Frame::Pong { n: 9 })), "PONG 9\n");
    assert_eq!(text(talk.says(Frame::Pong { n: 9 })), "", "it is answered once");
    assert_eq!(text(talk.says(Frame::WhiteSpace)), "\n");
}

#[test]
fn a_push_of_ours_is_that_push_and_is_answered_by_the_servers_id() {
    let mut talk = connected();
    assert_eq!(talk.only_hears("PUSH 4711 hl-3-4 come here\n"), push(PUSH, "come here"));
    assert_eq!(text(talk.says(Frame::Ack { id: PUSH })), "ACK 4711\n");
    assert_eq!(talk.only_hears("CANCEL 4711\n"), [Heard::Frame(Frame::Cancel { id: PUSH })]);
    assert!(matches!(talk.only_hears("CANCEL 1\n")[..], [Heard::Unknown { .. }]));
    assert_eq!(talk.only_hears("PUSH 4712 hello you\n"), push(foreign(1), "hello you"));
    assert_eq!(text(talk.says(Frame::Ack { id: foreign(1) })), "ACK 4712\n");
}

#[test]
fn what_else_the_server_says_is_the_frame_it_means() {
    let mut talk = connected();
    for (line, frame) in
        [("GOAWAY\n", Frame::GoAway), ("KNOCK\n", Frame::Knock), ("MEDIA xyz\n", Frame::Media)]
    {
        assert_eq!(talk.only_hears(line), [Heard::Frame(frame)]);
    }
    let reason = "idle: nothing was heard".into();
    assert_eq!(talk.only_hears("BYE idle nothing was heard\n"), [Heard::Goodbye { reason }]);
    assert_eq!(talk.only_hears("PING 1\n"), [], "after a goodbye nothing is heard");
}

#[test]
fn a_refusal_has_the_servers_reason() {
    let mut talk = Talk::of("holdline", &vars());
    talk.hello();
    let reason = "device-name: too long".into();
    assert_eq!(talk.only_hears("ERROR device-name too long\n"), [Heard::Refused { reason }]);
}

#[test]
fn a_publisher_hears_which_push_was_accepted() {
    let mut talk = Talk::publisher("holdline", &with_user());
    assert_eq!(text(talk.hello()), "AUTH 1 s3cret\n");
    assert_eq!(talk.only_hears("WELCOME 1\n"), welcome());
    assert_eq!(text(talk.publishes("hi")), "PUB 1 phone - hl-3-4 hi\n");
    assert_eq!(talk.only_hears("DONE 1 4711 1\n"), [Heard::Accepted { id: PUSH }]);
    talk.publishes("hi");
    assert_eq!(talk.only_hears("FAIL 2 full\n"), [Heard::Refused { reason: "full".into() }]);
    let error = talk.0.publish(PUSH, "phone", "a\nb", &mut Vec::new()).unwrap_err();
    assert_eq!(error.name, "payload");
}

#[test]
fn a_new_connection_begins_anew_but_knows_the_pushes() {
    let mut talk = connected();
    let first = talk.only_hears("PUSH 5 a\n");
    talk.only_hears("PU");
    talk.0.connected();
    assert_eq!(talk.hello(), b"HELLO 1 phone\n");
    talk.only_hears("WELCOME 1\n");
    assert_eq!(talk.only_hears("PUSH 5 a\n"), first);
}

#[test]
fn more_than_is_held_breaks_the_conversation() {
    let mut talk = connected();
    let heard = talk.only_hears("x".repeat(65_537));
    assert!(matches!(&heard[..], [Heard::Broken { reason }] if reason.contains("65536")));
    let mut early = Talk::of("holdline", &vars());
    let heard = early.only_hears("x".repeat(65_537));
    assert!(matches!(&heard[..], [Heard::Broken { reason }] if reason.contains("before hello")));
    assert_eq!(early.says(Frame::Ping { n: 1 }), b"");
}

#[test]
fn a_second_connection_is_not_in_a_dialect_and_that_is_said() {
    let mut talk = Talk::of("holdline", &vars());
    let heard = talk.0.send(Frame::HelloSide { device: 1 }, &mut Vec::new());
    assert!(matches!(heard[..], [Heard::Broken { .. }]));
}
