//! MQTT 3.1.1, byte by byte.

use super::*;

fn connected() -> Talk {
    let mut talk = Talk::of("mqtt", &vars());
    // 3.1: remaining length 17, "MQTT", level 4, no flags, keep alive 60, client identifier.
    assert_eq!(talk.hello(), b"\x10\x11\0\x04MQTT\x04\0\0\x3c\0\x05phone");
    // 3.8: packet identifier 1, the topic filter, QoS 1.
    let subscribe = b"\x82\x13\0\x01\0\x0eholdline/phone\x01";
    assert_eq!(talk.hears(b"\x20\x02\0\0"), (vec![], subscribe.to_vec()));
    assert_eq!(talk.only_hears(b"\x90\x03\0\x01\x01"), welcome());
    talk
}

#[test]
fn a_ping_is_two_bytes_and_its_answer_too() {
    let mut talk = connected();
    assert_eq!(talk.says(Frame::Ping { n: 7 }), b"\xc0\0");
    assert_eq!(talk.says(Frame::Ping { n: 8 }), b"\xc0\0");
    assert_eq!(talk.only_hears(b"\xd0\0\xd0\0"), [pong(7), pong(8)].concat());
    assert_eq!(talk.closes(), b"\xe0\0");
}

#[test]
fn a_push_with_qos_1_is_answered_by_its_packet_identifier_also_when_it_comes_again() {
    let mut talk = connected();
    let publish = |first: u8, packet: u8| {
        let mut bytes = vec![first, 28, 0, 14];
        bytes.extend(b"holdline/phone");
        bytes.extend([0, packet]);
        bytes.extend(b"hl-3-4 hi\n");
        bytes
    };
    assert_eq!(talk.only_hears(publish(0x32, 9)), push(PUSH, "hi\n"));
    assert_eq!(talk.says(Frame::Ack { id: PUSH }), b"\x40\x02\0\x09");
    assert_eq!(talk.only_hears(publish(0x3a, 10)), push(PUSH, "hi\n"));
    assert_eq!(talk.says(Frame::Ack { id: PUSH }), b"\x40\x02\0\x0a");
}

#[test]
fn a_push_with_qos_0_has_no_packet_identifier_and_no_answer() {
    let mut talk = connected();
    assert_eq!(talk.only_hears(b"\x30\x07\0\x01thi !"), push(foreign(1), "hi !"));
    assert_eq!(talk.says(Frame::Ack { id: foreign(1) }), b"");
    let mut ours = b"\x31\x1a\0\x0eholdline/phone".to_vec();
    ours.extend(b"hl-3-4 hi!");
    assert_eq!(talk.only_hears(ours), push(PUSH, "hi!"));
}

#[test]
fn who_logs_in_says_so_in_the_flags_and_a_refusal_has_its_code() {
    let mut talk = Talk::of("mqtt", &with_user());
    assert_eq!(talk.hello(), b"\x10\x20\0\x04MQTT\x04\xc0\0\x3c\0\x05phone\0\x05romeo\0\x06s3cret");
    let reason = "CONNACK with return code 5".into();
    assert_eq!(talk.only_hears(b"\x20\x02\0\x05"), [Heard::Refused { reason }]);
}

#[test]
fn a_subscription_that_is_not_granted_is_a_refusal() {
    let mut talk = Talk::of("mqtt", &vars());
    talk.hello();
    talk.hears(b"\x20\x02\x01\0");
    assert!(matches!(talk.only_hears(b"\x90\x03\0\x01\x80")[..], [Heard::Refused { .. }]));
}

#[test]
fn a_publisher_waits_for_the_answer_to_its_packet() {
    let mut talk = Talk::publisher("mqtt", &vars());
    assert_eq!(talk.hello(), b"\x10\x11\0\x04MQTT\x04\x02\0\x3c\0\x05phone");
    assert_eq!(talk.only_hears(b"\x20\x02\0\0"), welcome());
    let mut publish = b"\x32\x1b\0\x0eholdline/phone\0\x01".to_vec();
    publish.extend(b"hl-3-4 hi");
    assert_eq!(talk.publishes("hi"), publish);
    assert_eq!(talk.only_hears(b"\x40\x02\0\x01"), [Heard::Accepted { id: PUSH }]);
    // The remaining length of 128 takes two bytes.
    assert_eq!(talk.publishes(&"x".repeat(103))[..3], *b"\x32\x80\x01");
}

#[test]
fn a_keep_alive_that_does_not_fit_is_told_and_nothing_is_sent() {
    let mut talk = Talk::of("mqtt", &Vars { keep_alive: Span::from_secs(65_536), ..vars() });
    let mut out = Vec::new();
    let heard = talk.0.send(Frame::Hello { device: 0 }, &mut out);
    assert!(matches!(&heard[..], [Heard::Broken { reason }] if reason.contains("65536")));
    assert_eq!(out, b"");
}

#[test]
fn a_push_that_the_broker_kept_comes_after_the_welcome_even_if_it_is_sent_before() {
    let mut talk = Talk::of("mqtt", &vars());
    talk.hello();
    talk.hears(b"\x20\x02\x01\0");
    assert_eq!(talk.only_hears(b"\x30\x06\0\x01thi!"), []);
    let heard = talk.only_hears(b"\x90\x03\0\x01\x01");
    assert_eq!(heard, [welcome(), push(foreign(1), "hi!")].concat());
}
