//! Redis, in RESP2 as its documentation shows it.

use super::*;

fn connected() -> Talk {
    let mut talk = Talk::of("redis", &vars());
    assert_eq!(text(talk.hello()), "*2\r\n$9\r\nSUBSCRIBE\r\n$14\r\nholdline:phone\r\n");
    assert_eq!(
        talk.only_hears("*3\r\n$9\r\nsubscribe\r\n$14\r\nholdline:phone\r\n:1\r\n"),
        welcome()
    );
    talk
}

#[test]
fn a_subscriber_is_answered_with_a_list() {
    let mut talk = connected();
    assert_eq!(text(talk.says(Frame::Ping { n: 12 })), "*2\r\n$4\r\nPING\r\n$2\r\n12\r\n");
    assert_eq!(talk.only_hears("*2\r\n$4\r\npong\r\n$2\r\n12\r\n"), pong(12));
}

#[test]
fn a_message_on_the_channel_is_a_push() {
    let mut talk = connected();
    let message = |payload: &str| {
        let length = payload.len();
        format!("*3\r\n$7\r\nmessage\r\n$14\r\nholdline:phone\r\n${length}\r\n{payload}\r\n")
    };
    assert_eq!(talk.only_hears(message("hl-3-4 a\r\nb")), push(PUSH, "a\r\nb"));
    assert_eq!(talk.only_hears(message("hello you")), push(foreign(1), "hello you"));
    assert_eq!(talk.says(Frame::Ack { id: foreign(1) }), b"");
}

#[test]
fn who_has_a_password_says_it_first() {
    let vars = Vars { user: None, ..with_user() };
    let mut talk = Talk::of("redis", &vars);
    assert_eq!(text(talk.hello()), "*2\r\n$4\r\nAUTH\r\n$6\r\ns3cret\r\n");
    let (heard, said) = talk.hears("+OK\r\n");
    assert!(heard.is_empty() && text(said).contains("SUBSCRIBE"));
    let mut talk = Talk::of("redis", &with_user());
    assert!(text(talk.hello()).starts_with("*3\r\n$4\r\nAUTH\r\n$5\r\nromeo\r\n"));
    let wrong = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
    let reason = "WRONGPASS invalid username-password pair or user is disabled.".into();
    assert_eq!(talk.only_hears(wrong), [Heard::Refused { reason }]);
}

#[test]
fn a_publisher_is_told_that_it_went_out() {
    let mut talk = Talk::publisher("redis", &vars());
    assert_eq!(text(talk.hello()), "*1\r\n$4\r\nPING\r\n");
    assert_eq!(talk.only_hears("+PONG\r\n"), welcome());
    assert_eq!(
        text(talk.publishes("hi")),
        "*3\r\n$7\r\nPUBLISH\r\n$14\r\nholdline:phone\r\n$9\r\nhl-3-4 hi\r\n"
    );
    assert_eq!(talk.only_hears(":1\r\n"), [Heard::Accepted { id: PUSH }]);
}
