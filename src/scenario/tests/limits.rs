//! What would eat all time and memory is refused before it is played.

use super::check::{mistake, wrong_set};
use crate::scenario::testing::{EXAMPLE, read, read_with};

#[test]
fn a_step_acts_at_most_a_million_times() {
    let text = |every: &str, until: &str| {
        format!(
            "name = \"x\"\nduration = \"1d\"\n[[step]]\nevery = \"{every}\"\n{until}do = \"user.lock\""
        )
    };
    let errors = read(&text("1us", "")).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(errors[0].message, "this step would act 86,399,999,999 times; at most 1,000,000");
    assert_eq!(&text("1us", "")[errors[0].span.clone()], "\"1us\"");
    assert!(read(&text("1us", "until = \"1s\"\n")).is_ok());
    assert!(read(&text("1s", "")).is_ok());
    // What is set from outside makes it too often as well.
    assert!(read_with(&text("1s", ""), &[("duration", "20d")]).is_err());
}

#[test]
fn a_span_that_makes_an_endless_loop_is_refused() {
    for (section, key) in [
        ("client", "ping.interval"),
        ("client", "tcp-keep-alive.idle"),
        ("client", "tcp-keep-alive.interval"),
        ("server", "heartbeat.interval"),
        ("server", "tcp-keep-alive.idle"),
        ("server", "tcp-keep-alive.interval"),
    ] {
        mistake(
            &format!("[{section}]\nset = {{ {key} = \"999ms\" }}"),
            "999ms is too short; write 1s or more",
            "\"999ms\"",
            "out of range",
        );
        wrong_set(&format!("{section}.{key}"), "1us", "1us is too short");
    }
    assert!(read_with(EXAMPLE, &[("server.heartbeat.interval", "1s")]).is_ok());
    assert!(read_with(EXAMPLE, &[("client.ping.interval", "never")]).is_ok());
    wrong_set("client.reconnect.base", "0s", "100ms or more");
    wrong_set("platform.keep-alive.early-at-most", "100%", "99% or less");
}

#[test]
fn a_nat_that_forgets_at_once_is_a_silent_path() {
    mistake(
        "[network]\nset = { nat.idle-timeout = \"0s\" }",
        "use the act `network.silence`",
        "\"0s\"",
        "out of range",
    );
}
