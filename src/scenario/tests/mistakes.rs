//! Each mistake is named, and the text that is wrong is underlined: the top, sections, several at once.

use super::check::{HEAD, mistake, step, whole, wrong_set};
use crate::scenario::testing::read;

#[test]
fn broken_toml_is_located_and_named_once_a_line() {
    mistake("seed = \n", "not TOML", "", "");
    mistake("[platform\n", "not TOML", "", "");
    mistake("seed = 1\nseed = 2\n", "duplicate key", "seed", "duplicate key");
}

#[test]
fn a_scenario_without_a_name_or_a_duration_says_so() {
    whole("duration = \"1h\"", "has no `name`", "", "missing");
    whole("name = \"x\"", "has no `duration`", "", "missing");
    whole("name = \"\"\nduration = \"1h\"", "empty", "\"\"", "");
    whole("name = \"a\\nb\"\nduration = \"1h\"", "one line", "\"a\\nb\"", "");
    whole("name = 3\nduration = \"1h\"", "expected text", "3", "");
}

#[test]
fn another_version_of_the_language_is_all_that_is_said() {
    whole("version = 2\nnaem = 3", "version 2", "2", "");
}

#[test]
fn values_at_the_top_are_checked() {
    whole(
        "name = \"x\"\nduration = 10",
        "`10` has no unit; write for example \"10s\"",
        "10",
        "duration",
    );
    whole("name = \"x\"\nduration = \"0s\"", "longer than zero", "\"0s\"", "");
    whole("name = \"x\"\nduration = \"2w\"", "not a unit of time", "\"2w\"", "");
    mistake("seed = -1", "negative", "-1", "whole number");
    mistake("seed = \"7\"", "expected a whole number, found text", "\"7\"", "");
    mistake("devices = 0", "out of range", "0", "");
    mistake("devices = 1_000_001", "1 to 1000000", "1_000_001", "");
    mistake("deadline = \"?\"", "not a duration", "\"?\"", "");
    mistake("shows = [\"a\"]", "found a list", "[\"a\"]", "text");
}

#[test]
fn an_unknown_key_is_underlined_with_the_nearest_spelling() {
    mistake("sed = 3", "has no key `sed`", "sed", "`seed`");
    mistake("[platfrom]\nuse = \"ios-9\"", "has no key `platfrom`", "platfrom", "`platform`");
    mistake("[platform]\nuze = \"ios-9\"", "[platform] has no key `uze`", "uze", "`use`");
    mistake(
        "[app]\nbackground-mode = []",
        "`background-mode`",
        "background-mode",
        "`background-modes`",
    );
    mistake(&step("do = \"user.lock\"\ndevise = 1"), "`devise`", "devise", "`device`");
    mistake(&step("do = \"user.lock\"\nhow = \"fin\""), "no key `how`", "how", "");
}

#[test]
fn a_section_that_is_no_table_says_how_it_is_written() {
    mistake("platform = \"ios-9\"", "expected [platform], found text", "\"ios-9\"", "table");
    mistake("step = 3", "expected [[step]]", "3", "list");
    mistake("[step]\nat = \"1s\"", "expected [[step]], found a table", "[step]", "list");
    mistake("step = [3]", "expected [[step]]", "3", "table");
    mistake("[client]\nset = true", "expected { … }", "true", "table");
}

#[test]
fn an_unknown_preset_names_the_nearest() {
    mistake("[platform]\nuse = \"ios9\"", "no platform `ios9`", "\"ios9\"", "`ios-9`");
    mistake(
        "[client]\nuse = \"ping-in-handlr\"",
        "no strategy",
        "\"ping-in-handlr\"",
        "`ping-in-handler`",
    );
    mistake("[server]\nuse = \"zzz\"", "no server preset", "\"zzz\"", "unknown name");
    mistake("[network]\nuse = \"wifi-hom\"", "no network", "\"wifi-hom\"", "`wifi-home`");
    mistake("[network]\nother = \"lte\"", "no network `lte`", "\"lte\"", "");
}

#[test]
fn a_key_that_cannot_be_set_is_underlined_where_it_goes_wrong() {
    mistake(
        "[platform]\nset = { keep-alive.handler-budgt = \"10s\" }",
        "`keep-alive.handler-budgt`",
        "handler-budgt",
        "`keep-alive.handler-budget`",
    );
    mistake(
        "[client]\nset = { keep-alvie.timeout = \"10m\", push.work = \"1s\" }",
        "`keep-alvie.timeout`",
        "keep-alvie",
        "`keep-alive.timeout`",
    );
    mistake("[server.set]\nidle = \"1m\"", "no key `idle` to set", "idle", "`idle-timeout`");
    mistake("[server.set]\nqueue = 1", "no key `queue` to set", "queue", "`queue.");
}

#[test]
fn a_bad_value_to_set_is_underlined_with_what_would_be_right() {
    mistake(
        "[client]\nset = { keep-alive.timeout = 600 }",
        "`600` has no unit; write for example \"600s\"",
        "600",
        "duration",
    );
    mistake("[client]\nset = { push.dedupe = \"ram\" }", "use one of", "\"ram\"", "word");
    mistake("[network]\nset = { loss = \"130%\" }", "0% to 100%", "\"130%\"", "share");
    mistake(
        "[network]\nset = { latency = { a = 1 } }",
        "found a table",
        "{ a = 1 }",
        "duration or",
    );
}

#[test]
fn keys_to_set_are_checked_although_the_preset_is_unknown() {
    let text = format!("{HEAD}[client]\nuse = \"nobody\"\nset = {{ push.wrk = \"1s\" }}");
    let errors = read(&text).unwrap_err();
    let underlined: Vec<&str> = errors.iter().map(|error| &text[error.span.clone()]).collect();
    assert_eq!(underlined, ["\"nobody\"", "wrk"]);
}

#[test]
fn two_networks_are_one_wifi_and_one_cellular() {
    mistake("[network]\nother = \"wifi-hotel\"", "both wifi", "\"wifi-hotel\"", "same interface");
    mistake("[network]\ninterface = \"wlan\"", "`wlan` is not known", "\"wlan\"", "");
    mistake(
        "[network]\nset = { interface = \"cellular\" }",
        "cannot be set",
        "{ interface = \"cellular\" }",
        "",
    );
}

#[test]
fn an_info_plist_that_cannot_be_read_is_underlined() {
    mistake(
        "[app]\ninfo-plist = \"No.plist\"",
        "No.plist: there is no such file",
        "\"No.plist\"",
        "",
    );
    mistake(
        "[app]\ninfo-plist = \"Info.plist\"\nbackground-modes = [\"voip\"]",
        "cannot both",
        "background-modes",
        "remove",
    );
    mistake("[app]\nbackground-modes = \"voip\"", "expected [\"voip\"]", "\"voip\"", "list");
    mistake("[app]\nbackground-modes = [1]", "expected text", "1", "");
    mistake("[app]\nsdk = \"new\"", "expected a whole number", "\"new\"", "");
}

#[test]
fn several_mistakes_are_reported_at_once_in_the_order_of_the_text() {
    // `nam` meant the name, so that it is not missing as well.
    let text = "nam = \"x\"\nduration = \"1h\"\n[client]\nuse = \"nobody\"\n[[step]]\nat = \"9h\"\ndo = \"user.lok\"\n\
                [[expect]]\nthat = \"metric\"\nmetric = \"kils\"\nmax = 0\n";
    let errors = read(text).unwrap_err();
    let underlined: Vec<&str> = errors.iter().map(|error| &text[error.span.clone()]).collect();
    assert_eq!(underlined, ["nam", "\"nobody\"", "\"9h\"", "\"user.lok\"", "\"kils\""]);
}

#[test]
fn what_follows_from_another_mistake_is_not_reported() {
    // A misspelt act may be the one that sends the push, and takes arguments nobody can name.
    let expect = "[[expect]]\nthat = \"push-received\"\npush = \"hello\"";
    mistake(
        &step(&format!("do = \"server.psh\"\npush = \"hello\"\nttl = \"1m\"\n{expect}")),
        "no act",
        "\"server.psh\"",
        "",
    );
    // A bad time does not hide what the step sends and how it is called.
    mistake(
        &format!("[[step]]\nid = \"a\"\nat = 5\ndo = \"server.push\"\npush = \"hello\"\n{expect}"),
        "no unit",
        "5",
        "",
    );
    // Misspelt steps send what is expected.
    mistake(
        &format!("[[steps]]\nat = \"1s\"\ndo = \"server.push\"\npush = \"hello\"\n{expect}"),
        "no key `steps`",
        "steps",
        "`step`",
    );
    // Nothing is after the end of a run whose length is not known.
    whole(
        "name = \"x\"\nduration = 5\n[[step]]\nat = \"9h\"\ndo = \"user.lock\"",
        "no unit",
        "5",
        "",
    );
}

#[test]
fn a_bad_override_names_itself() {
    wrong_set("sed", "1", "did you mean `seed`");
    wrong_set("seed", "x", "expected a whole number");
    wrong_set("devices", "0", "out of range");
    wrong_set("duration", "10", "has no unit");
    wrong_set("platfrm.keep-alive.handler-budget", "10s", "`platform`");
    wrong_set("platform.keep-alive.handler-budgt", "10s", "`keep-alive.handler-budget`");
    wrong_set("platform.keep-alive.handler-budget", "10", "no unit");
    wrong_set("client.use", "nobody", "no strategy `nobody`");
    wrong_set("platform", "ios-9", "name one of its keys");
    wrong_set("seed.x", "1", "no keys of its own");
}

#[test]
fn a_background_mode_that_does_not_exist_is_underlined_with_the_nearest() {
    let modes = |mode: &str| format!("[app]\nbackground-modes = [\"{mode}\"]");
    mistake(&modes("vopi"), "no background mode `vopi`", "\"vopi\"", "did you mean `voip`?");
    mistake(&modes("VoIP"), "no background mode `VoIP`", "\"VoIP\"", "did you mean `voip`?");
    mistake(&modes("teleport"), "no background mode `teleport`", "\"teleport\"", "no effect");
    wrong_set("app.background-modes", "voip,vopi", "did you mean `voip`?");
    assert!(read(&format!("{HEAD}{}", modes("audio"))).is_ok());
}

#[test]
fn a_push_is_called_by_a_name_that_an_event_pattern_can_hold() {
    mistake(
        &step("do = \"server.push\"\npush = \"my call\""),
        "write for example \"my-call\"",
        "\"my call\"",
        "word",
    );
}

#[test]
fn a_bad_override_of_the_app_names_itself() {
    wrong_set("app.sdkk", "17", "did you mean `sdk`");
    wrong_set("app.sdk", "new", "expected a whole number");
    wrong_set("app.info-plist", "No.plist", "there is no such file");
    wrong_set("app", "17", "as `app.sdk`");
}
