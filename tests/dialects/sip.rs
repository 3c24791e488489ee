//! Against kamailio.

use holdline::port::Frame;
use holdline::wire::dialect::{Heard, Vars};

use crate::line::{Line, PUSH, vars};
use crate::server::{Server, write};

crate::tests![
    a_double_line_end_is_answered_and_a_message_arrives_as_itself,
    a_server_that_asks_for_a_password_refuses,
];

/// A registrar that delivers over the connection on which a client registered.
const REGISTRAR: &str = r#"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "nathelper.so"
modparam("usrloc", "db_mode", 0)
modparam("nathelper|registrar", "received_avp", "$avp(received)")
request_route {
    if (is_method("REGISTER")) {
        fix_nated_register();
        save("location");
        exit;
    }
    if (is_method("MESSAGE") && lookup("location")) {
        t_relay();
        exit;
    }
    sl_send_reply("404", "Not Found");
}
"#;

/// One that lets nobody in.
const STRICT: &str = r#"
loadmodule "sl.so"
request_route {
    sl_send_reply("401", "Unauthorized");
}
"#;

fn kamailio(rules: &str) -> Server {
    Server::start("kamailio", |folder, port| {
        let text = format!(
            "#!KAMAILIO\nlisten=tcp:127.0.0.1:{port}\nchildren=1\ntcp_children=1\n\
             log_stderror=yes\n{rules}"
        );
        let config = write(folder, "kamailio.cfg", &text);
        let here = folder.to_str().expect("a path in UTF-8");
        let words = ["-f", &config, "-DD", "-E", "-m", "16", "-M", "4", "-Y", here, "-w", here];
        words.map(str::to_owned).to_vec()
    })
}

fn bob(device: &str) -> Vars {
    Vars { user: Some("bob".into()), domain: "127.0.0.1".into(), ..vars(device) }
}

fn a_double_line_end_is_answered_and_a_message_arrives_as_itself() {
    let server = kamailio(REGISTRAR);
    let mut phone = Line::welcome("sip", &server, &bob("phone"));
    phone.ping(7);
    let mut publisher = Line::publisher("sip", &server, &bob("publisher"));
    publisher.start_publishing("phone", "come here");
    phone.expect_push("come here");
    // Only the answer of the phone is that of the server.
    phone.say(Frame::Ack { id: PUSH });
    publisher.expect(&Heard::Accepted { id: PUSH });
    phone.ping(8);
    let nobody = Vars { user: Some("nobody".into()), ..bob("publisher") };
    let mut publisher = Line::publisher("sip", &server, &nobody);
    publisher.start_publishing("phone", "x");
    assert_eq!(publisher.refusal(), "404 Not Found");
}

fn a_server_that_asks_for_a_password_refuses() {
    let server = kamailio(STRICT);
    assert_eq!(Line::client("sip", &server, &bob("phone")).refusal(), "401 Unauthorized");
}
