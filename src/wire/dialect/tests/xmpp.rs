//! XMPP, by the examples of RFC 6120 and XEP-0199.

use super::*;

const STREAM: &str = "<?xml version='1.0'?><stream:stream from='example.com' id='x' \
                      version='1.0' xmlns='jabber:client' \
                      xmlns:stream='http://etherx.jabber.org/streams'>";

fn connected() -> Talk {
    let mut talk = Talk::of("xmpp", &with_user());
    assert!(text(talk.hello()).starts_with("<?xml version='1.0'?><stream:stream to='example.com'"));
    let (heard, said) = talk.hears(format!(
        "{STREAM}<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
         <mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism></mechanisms>\
         </stream:features>"
    ));
    assert_eq!(heard, []);
    // RFC 4616: NUL, romeo, NUL, s3cret.
    assert!(text(said).ends_with(" mechanism='PLAIN'>AHJvbWVvAHMzY3JldA==</auth>"));
    let (heard, said) = talk.hears("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    assert!(heard.is_empty() && text(said).contains("<stream:stream to='example.com'"));
    let (heard, said) = talk.hears(format!(
        "{STREAM}<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>\
         </stream:features>"
    ));
    assert!(heard.is_empty() && text(said).contains("<resource>phone</resource>"));
    let (heard, said) = talk.hears(
        "<iq id='bind' type='result'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
         <jid>romeo@example.com/phone</jid></bind></iq>",
    );
    assert_eq!((heard, text(said)), (welcome(), "<presence/>".to_owned()));
    talk
}

#[test]
fn a_ping_is_answered_by_a_result_and_by_an_error_as_well() {
    let mut talk = connected();
    let ping = text(talk.says(Frame::Ping { n: 7 }));
    assert_eq!(
        ping,
        "<iq type='get' id='ping-7' to='example.com'><ping xmlns='urn:xmpp:ping'/></iq>"
    );
    talk.says(Frame::Ping { n: 8 });
    assert_eq!(talk.only_hears("<iq from='example.com' id='ping-8' type='result'/>"), pong(8));
    assert_eq!(
        talk.only_hears(
            "<iq id='ping-7' type='error'><error type='cancel'><service-unavailable/></error></iq>"
        ),
        pong(7)
    );
    assert_eq!(talk.says(Frame::WhiteSpace), b" ");
}

#[test]
fn the_server_pings_too_and_is_answered_by_the_id() {
    let mut talk = connected();
    let heard = talk.only_hears(
        "<iq from='example.com' to='romeo@example.com/phone' id='s2c1' type='get'>\
         <ping xmlns='urn:xmpp:ping'/></iq>",
    );
    assert_eq!(heard, [Heard::Frame(Frame::Ping { n: 1 })]);
    assert_eq!(
        text(talk.says(Frame::Pong { n: 1 })),
        "<iq type='result' id='s2c1' to='example.com'/>"
    );
}

#[test]
fn a_message_is_a_push_and_a_receipt_its_answer() {
    let mut talk = connected();
    let heard = talk.only_hears(
        "<message to='romeo@example.com/phone' id='hl-3-4' from='a@example.com/x'>\
         <body>a &lt; b</body></message> \n",
    );
    assert_eq!(heard, push(PUSH, "a < b"));
    assert_eq!(talk.says(Frame::Ack { id: PUSH }), b"");
    let heard = talk.only_hears(
        "<message id='m1' from='juliet@example.com/&quot;x&quot;'><body>hi</body>\
         <request xmlns='urn:xmpp:receipts'/></message>",
    );
    assert_eq!(heard, push(foreign(1), "hi"));
    assert_eq!(
        text(talk.says(Frame::Ack { id: foreign(1) })),
        "<message to='juliet@example.com/&quot;x&quot;'>\
         <received xmlns='urn:xmpp:receipts' id='m1'/></message>"
    );
    assert_eq!(talk.only_hears("<message><body>no id</body></message>"), push(foreign(2), "no id"));
}

#[test]
fn a_stream_error_is_a_goodbye_with_its_reason() {
    for (error, reason) in [
        ("<stream:error><conflict/><text>Replaced</text></stream:error>", "Replaced"),
        ("<stream:error><system-shutdown/></stream:error>", "system-shutdown"),
        ("</stream:stream>", "the server closes the stream"),
    ] {
        assert_eq!(connected().only_hears(error), [Heard::Goodbye { reason: reason.into() }]);
    }
    assert_eq!(connected().closes(), b"</stream:stream>");
}

#[test]
fn a_server_without_plain_or_with_another_password_refuses() {
    let mut talk = Talk::of("xmpp", &with_user());
    talk.hello();
    let heard = talk.only_hears(format!(
        "{STREAM}<stream:features><starttls><required/></starttls></stream:features>"
    ));
    assert!(matches!(&heard[..], [Heard::Refused { reason }] if reason.contains("SASL PLAIN")));
}

#[test]
fn what_is_published_is_escaped() {
    let mut talk = connected_publisher();
    let said = text(talk.publishes("<a & 'b'>"));
    assert!(said.contains("<body>&lt;a &amp; &apos;b&apos;&gt;</body>"), "{said}");
    assert!(said.contains(" to='romeo@example.com/phone' id='hl-3-4'"), "{said}");
    assert_eq!(talk.only_hears("<iq type='result' id='sent-1'/>"), [Heard::Accepted { id: PUSH }]);
}

fn connected_publisher() -> Talk {
    let mut talk = Talk::publisher("xmpp", &with_user());
    talk.hello();
    let plain = "<mechanisms><mechanism>PLAIN</mechanism></mechanisms>";
    talk.hears(format!("{STREAM}<stream:features>{plain}</stream:features><success/>"));
    talk.hears(format!("{STREAM}<stream:features><bind/></stream:features>"));
    assert_eq!(talk.only_hears("<iq type='result' id='bind'/>"), welcome());
    talk
}
