//! However bytes are cut, the same is heard; and no bytes make it panic.

use proptest::prelude::*;

use super::*;

/// A whole connection of each dialect, as the server sends it.
fn streams() -> Vec<(&'static str, Vec<u8>)> {
    let xmpp = "<?xml version='1.0'?><stream:stream id='x'><stream:features><mechanisms>\
                <mechanism>PLAIN</mechanism></mechanisms></stream:features><success/>\
                <stream:stream><stream:features><bind/></stream:features>\
                <iq type='result' id='bind'><bind><jid>r@e/p</jid></bind></iq>\
                <message id='hl-1-2'><body>a>b&lt;é</body></message> <iq type='get' id='1' \
                from='e'><ping/></iq><x/><stream:error><text>bye</text></stream:error>";
    let nats = "INFO {}\r\nPONG\r\nMSG holdline.phone 1 9\r\nhl-1-2 \r\n\r\nPING\r\n-ERR x\r\n";
    let redis = "+OK\r\n*3\r\n$9\r\nsubscribe\r\n$14\r\nholdline:phone\r\n:1\r\n*3\r\n$7\r\nmessage\
                 \r\n$14\r\nholdline:phone\r\n$9\r\nhl-1-2 hi\r\n";
    let sip = "\r\nSIP/2.0 200 OK\r\nCSeq: 1 REGISTER\r\nl: 0\r\n\r\nMESSAGE x SIP/2.0\r\nv: a\r\n\
               f: b\r\nt: c\r\ni: d\r\nCSeq: 1 MESSAGE\r\nl: 9\r\n\r\nhl-1-2 hi\r\n";
    let holdline = "WELCOME 1\nPUSH 1 hl-1-2 a b\r\nPING 1\nCANCEL 1\nwhat\nBYE idle x\n";
    let mut mqtt =
        b"\x20\x02\0\0\x90\x03\0\x01\x01\xd0\0\x32\x1b\0\x0eholdline/phone\0\x07".to_vec();
    mqtt.extend(b"hl-1-2 hi\x30\x81\x01\0\x01t");
    mqtt.extend([b'x'; 126]);
    vec![
        ("xmpp", xmpp.into()),
        ("nats", nats.into()),
        ("redis", redis.into()),
        ("sip", sip.into()),
        ("holdline", holdline.into()),
        ("mqtt", mqtt),
    ]
}

/// What is heard and said of `bytes` in pieces that end at `cuts`.
fn heard(name: &str, bytes: &[u8], cuts: &[usize]) -> (Vec<Heard>, Vec<u8>) {
    let mut talk = Talk::of(name, &with_user());
    let (mut heard, mut said) = (Vec::new(), Vec::new());
    heard.append(&mut talk.0.send(Frame::Hello { device: 0 }, &mut said));
    let mut start = 0;
    for end in cuts.iter().copied().chain([bytes.len()]) {
        heard.append(&mut talk.0.receive(&bytes[start..end], &mut said));
        start = end;
    }
    (heard, said)
}

#[test]
fn every_stream_is_heard_as_a_welcome_and_the_push_of_ours() {
    let id = PushId { name: 1, member: 2 };
    for (name, bytes) in streams() {
        let (heard, _) = heard(name, &bytes, &[]);
        assert!(heard.contains(&Heard::Frame(Frame::Welcome)), "{name}: {heard:?}");
        assert!(heard.contains(&Heard::Frame(Frame::Push { id })), "{name}: {heard:?}");
        let broken = heard.iter().any(|one| matches!(one, Heard::Broken { .. }));
        assert!(!broken, "{name}: {heard:?}");
    }
}

#[test]
fn byte_by_byte_the_same_is_heard_as_at_once() {
    for (name, bytes) in streams() {
        let every: Vec<usize> = (1..bytes.len()).collect();
        assert_eq!(heard(name, &bytes, &every), heard(name, &bytes, &[]), "{name}");
    }
}

#[test]
fn an_error_does_not_wait_for_the_end_of_what_it_is_in() {
    let list = "+OK\r\n*3\r\n$9\r\nsubscribe\r\n$14\r\nholdline:phone\r\n:1\r\n$1\r\nabc";
    let message = "INFO {}\r\nPONG\r\nMSG holdline.phone 1 1\r\nabc";
    for (name, bytes) in [("redis", list), ("nats", message)] {
        let (at_once, _) = heard(name, bytes.as_bytes(), &[]);
        assert!(matches!(at_once.last(), Some(Heard::Broken { .. })), "{name}: {at_once:?}");
        assert_eq!(heard(name, bytes.as_bytes(), &[bytes.len() - 3]).0, at_once, "{name}");
    }
}

proptest! {
    #[test]
    fn in_any_pieces_the_same_is_heard(
        which in 0..6_usize,
        at in prop::collection::vec(0.0..1.0_f64, 0..8),
    ) {
        let (name, bytes) = streams().swap_remove(which);
        let mut cuts: Vec<usize> = at.iter().map(|at| (at * bytes.len() as f64) as usize).collect();
        cuts.sort_unstable();
        prop_assert_eq!(heard(name, &bytes, &cuts), heard(name, &bytes, &[]));
    }

    #[test]
    fn bytes_that_were_damaged_are_heard_the_same_in_pieces_and_never_panic(
        which in 0..6_usize,
        damage in prop::collection::vec((0.0..1.0_f64, any::<u8>()), 1..6),
        at in 0.0..1.0_f64,
    ) {
        let (name, mut bytes) = streams().swap_remove(which);
        for (at, byte) in damage {
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] = byte;
        }
        let cut = (at * bytes.len() as f64) as usize;
        prop_assert_eq!(heard(name, &bytes, &[cut]), heard(name, &bytes, &[]));
    }

    #[test]
    fn no_text_makes_the_reader_panic(which in 0..6_usize, at in 0.0..1.0_f64, new in ".{0,6}") {
        let text = DIALECTS[which].1;
        let mut at = (at * text.len() as f64) as usize;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let damaged = format!("{}{new}{}", &text[..at], &text[at..]);
        for mistake in Dialect::parse(&damaged).err().unwrap_or_default() {
            prop_assert!(damaged.get(mistake.span.clone()).is_some(), "{mistake:?}");
        }
    }
}
