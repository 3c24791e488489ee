//! Against prosody.

use holdline::port::Frame;
use holdline::wire::dialect::{Heard, Vars};

use crate::line::{Line, vars};
use crate::server::{Server, write};

crate::tests![
    a_ping_is_answered_and_a_push_arrives_as_itself,
    a_second_client_with_the_same_resource_ends_the_first_with_its_reason,
    a_wrong_password_is_refused,
];

fn prosody() -> Server {
    Server::start("prosody", |folder, port| {
        let account = "return { [\"password\"] = \"s3cret\" };\n";
        write(folder, "data/localhost/accounts/romeo.dat", account);
        let folder_name = folder.to_str().expect("a path in UTF-8");
        let text = format!(
            "run_as_root = true\ndaemonize = false\npidfile = \"{folder_name}/pid\"\n\
             data_path = \"{folder_name}/data\"\n\
             modules_enabled = {{ \"saslauth\", \"ping\", \"disco\" }}\n\
             modules_disabled = {{ \"s2s\", \"posix\", \"tls\" }}\n\
             c2s_ports = {{ {port} }}\nc2s_interfaces = {{ \"127.0.0.1\" }}\n\
             c2s_require_encryption = false\nallow_unencrypted_plain_auth = true\n\
             authentication = \"internal_plain\"\nlog = {{ debug = \"*console\" }}\n\
             VirtualHost \"localhost\"\n"
        );
        let config = write(folder, "prosody.cfg.lua", &text);
        vec!["--config".into(), config, "-F".into()]
    })
}

fn romeo(device: &str) -> Vars {
    Vars { user: Some("romeo".into()), password: Some("s3cret".into()), ..vars(device) }
}

fn a_ping_is_answered_and_a_push_arrives_as_itself() {
    let server = prosody();
    let mut phone = Line::welcome("xmpp", &server, &romeo("phone"));
    phone.ping(7);
    phone.say(Frame::WhiteSpace);
    Line::publisher("xmpp", &server, &romeo("publisher")).publish("phone", "a < b & 'c'");
    phone.expect_push("a < b & 'c'");
    phone.ping(8);
    phone.close();
}

fn a_second_client_with_the_same_resource_ends_the_first_with_its_reason() {
    let server = prosody();
    let mut first = Line::welcome("xmpp", &server, &romeo("phone"));
    let _second = Line::welcome("xmpp", &server, &romeo("phone"));
    first.expect(&Heard::Goodbye { reason: "Replaced by new connection".into() });
}

fn a_wrong_password_is_refused() {
    let server = prosody();
    let wrong = Vars { password: Some("wrong".into()), ..romeo("phone") };
    let refusal = Line::client("xmpp", &server, &wrong).refusal();
    assert_eq!(refusal, "not authorized: a wrong user or password", "{}", server.log());
}
