//! Each mistake is named, and the text that is wrong is underlined: steps and expectations.

use super::check::{mistake, sent, step};

#[test]
fn a_step_acts_at_exactly_one_time() {
    mistake("[[step]]\ndo = \"user.lock\"", "does not say when", "[[step]]", "missing");
    mistake(
        "[[step]]\ndo = \"user.lock\"\nevery = \"1m\"\nat = \"1m\"",
        "both `every` and `at`",
        "at",
        "remove",
    );
    mistake(&step("do = \"user.lock\"\nuntil = \"5m\""), "`until` goes with `every`", "until", "");
}

#[test]
fn a_step_that_the_run_never_reaches_is_a_mistake() {
    mistake(
        "[[step]]\nat = \"1h\"\ndo = \"user.lock\"",
        "the run ends after 1h",
        "\"1h\"",
        "never reached",
    );
    mistake("[[step]]\nat = 10\ndo = \"user.lock\"", "has no unit", "10", "");
    mistake("[[step]]\nevery = \"2h\"\ndo = \"user.lock\"", "`every` is 2h", "\"2h\"", "");
    mistake("[[step]]\nevery = \"0s\"\ndo = \"user.lock\"", "longer than zero", "\"0s\"", "");
    mistake(
        "[[step]]\nevery = \"5m\"\nfrom = \"20m\"\nuntil = \"10m\"\ndo = \"user.lock\"",
        "never acts",
        "\"10m\"",
        "later than 20m",
    );
    mistake(
        "[[step]]\nafter = { event = \"kill\", by = \"2h\" }\ndo = \"user.lock\"",
        "`by` is 2h",
        "\"2h\"",
        "",
    );
}

#[test]
fn a_step_after_an_event_that_does_not_exist_names_the_nearest() {
    mistake(
        "[[step]]\nafter = \"client.conected\"\ndo = \"user.lock\"",
        "did you mean `client.connected`",
        "\"client.conected\"",
        "event pattern",
    );
    mistake(
        "[[step]]\nafter = { event = \"kill cod=1\" }\ndo = \"user.lock\"",
        "no field `cod`; it has code",
        "\"kill cod=1\"",
        "",
    );
    mistake(
        "[[step]]\nafter = { by = \"1s\" }\ndo = \"user.lock\"",
        "`after` has no `event`",
        "{ by = \"1s\" }",
        "",
    );
    mistake(
        "[[step]]\nafter = { evnt = \"kill\", event = \"kill\" }\ndo = \"user.lock\"",
        "no key `evnt`",
        "evnt",
        "`event`",
    );
    mistake(
        "[[step]]\nafter = \"notified push=hallo\"\ndo = \"user.lock\"\n[[step]]\nat = \"1s\"\ndo = \"server.push\"\npush = \"hello\"",
        "no step sends the push `hallo`",
        "\"notified push=hallo\"",
        "`hello`",
    );
}

#[test]
fn a_step_waits_for_an_earlier_one() {
    let wait = |id: &str| {
        format!("after = {{ event = \"kill\", since = \"{id}\" }}\ndo = \"user.lock\"\n")
    };
    mistake(
        &format!("{}[[step]]\n{}", step("id = \"outage\"\ndo = \"user.lock\"\n"), wait("outge")),
        "no step has the id `outge`",
        "\"outge\"",
        "`outage`",
    );
    mistake(
        &format!("[[step]]\n{}{}", wait("late"), step("id = \"late\"\ndo = \"user.lock\"")),
        "comes later",
        "\"late\"",
        "earlier",
    );
    mistake(
        &format!("[[step]]\nid = \"me\"\n{}", wait("me")),
        "cannot wait for itself",
        "\"me\"",
        "",
    );
}

#[test]
fn an_id_belongs_to_one_step() {
    let text =
        step("id = \"a\"\ndo = \"user.lock\"\n") + &step("id = \"a\" # again\ndo = \"user.lock\"");
    mistake(&text, "already the id of step 1", "\"a\"", "another name");
}

#[test]
fn an_unknown_act_or_a_bad_argument_is_underlined() {
    mistake(
        &step("do = \"user.backgroud\""),
        "no act `user.backgroud`",
        "\"user.backgroud\"",
        "`user.background`",
    );
    mistake("[[step]]\nat = \"1m\"", "this step has no `do`", "[[step]]", "missing");
    mistake(&step("do = \"user.notifications\""), "has no `allowed`", "[[step]]", "");
    mistake(
        &step("do = \"user.notifications\"\nallowed = \"no\""),
        "expected true or false",
        "\"no\"",
        "",
    );
    mistake(
        &step("do = \"network.switch\"\nto = \"wify\""),
        "did you mean \"wifi\"",
        "\"wify\"",
        "",
    );
    mistake(&step("do = \"user.set-clock\"\nby = \"1h\""), "has no sign", "\"1h\"", "");
    mistake(&step("do = \"app.exit\"\ncode = 5_000_000_000"), "does not fit", "5_000_000_000", "");
    mistake(
        &step("do = \"server.restart\"\nhow = \"drian\""),
        "did you mean \"drain\"",
        "\"drian\"",
        "",
    );
    mistake(
        &step("do = \"network.silence\"\non = false\nlasts = \"1m\""),
        "needs no `lasts`",
        "lasts",
        "",
    );
    let portal = "do = \"network.captive-portal\"\non = false\nhow = \"reset\"";
    mistake(&step(portal), "lets pass needs no `how`", "how", "");
    let dns = "do = \"network.dns\"\non = true\nhow = \"fails\"";
    mistake(&step(dns), "need no `how`", "how", "");
}

#[test]
fn a_device_has_to_be_there() {
    mistake(&step("do = \"user.lock\"\ndevice = 2"), "no device 2", "2", "only device 1");
    mistake(&step("do = \"user.lock\"\ndevice = 0"), "no device 0", "0", "");
    mistake(
        &step("do = \"server.restart\"\ndevice = 1"),
        "not about one device",
        "device",
        "remove",
    );
    mistake(
        "[[expect]]\nthat = \"event\"\nevent = \"kill device=2\"",
        "no device 2",
        "\"kill device=2\"",
        "",
    );
}

#[test]
fn a_push_has_one_name_and_a_sender() {
    mistake(
        &sent("[[step]]\nat = \"2m\"\ndo = \"server.push\"\npush = \"hello\" # again"),
        "`hello` is sent already",
        "\"hello\"",
        "taken",
    );
    let series = "[[step]]\nevery = \"20m\"\ndo = \"server.push\"\npush = \"beat\"\n";
    mistake(
        &format!("{series}[[step]]\nat = \"2m\"\ndo = \"server.push\"\npush = \"beat-1\""),
        "`beat-1` is sent already",
        "\"beat-1\"",
        "",
    );
    mistake(
        &format!("[[step]]\nat = \"2m\"\ndo = \"server.push\"\npush = \"beat-1\"\n{series}"),
        "takes `beat-1`",
        "\"beat\"",
        "",
    );
    let expect = |push: &str| format!("[[expect]]\nthat = \"push-received\"\npush = \"{push}\"");
    mistake(&sent(&expect("helo")), "no step sends the push `helo`", "\"helo\"", "`hello`");
    mistake(&expect("helo"), "no step sends", "\"helo\"", "nobody");
    mistake(&format!("{series}{}", expect("beat-3")), "its series has 2", "\"beat-3\"", "beyond");
    mistake(
        &format!("{series}[[expect]]\nthat = \"event\"\nevent = \"notified push=beat\""),
        "it is repeated",
        "\"notified push=beat\"",
        "`push=beat-1`",
    );
}

#[test]
fn an_unknown_expectation_or_a_bad_argument_is_underlined() {
    mistake(
        "[[expect]]\nthat = \"push-recieved\"",
        "no expectation `push-recieved`",
        "\"push-recieved\"",
        "`push-received`",
    );
    mistake("[[expect]]\nevent = \"kill\"", "has no `that`", "[[expect]]", "");
    mistake(
        &sent("[[expect]]\nthat = \"push-lost\"\npush = \"hello\"\nwithin = 5"),
        "has no unit",
        "5",
        "",
    );
    mistake(
        "[[expect]]\nthat = \"event\"\nevent = \"kill\"\nwithin = \"5s\"",
        "no key `within`",
        "within",
        "",
    );
    mistake("[[expect]]\nthat = \"event\"\nevent = \"kil\"", "did you mean `kill`", "\"kil\"", "");
    mistake(
        "[[expect]]\nthat = \"event\"\nevent = \"kill\"\nfrom = \"3h\"",
        "`from` is 3h",
        "\"3h\"",
        "never",
    );
    mistake(
        "[[expect]]\nthat = \"event\"\nevent = \"kill\"\nfrom = \"3m\"\nuntil = \"2m\"",
        "no event counts",
        "\"2m\"",
        "",
    );
}

#[test]
fn a_count_has_bounds_that_can_be_met() {
    let count =
        |count: &str| format!("[[expect]]\nthat = \"event\"\nevent = \"kill\"\ncount = {count}");
    mistake(&count("{ min = 3, max = 2 }"), "at least 3 and at most 2", "3", "larger");
    mistake(&count("{}"), "gives no bound", "{}", "");
    mistake(&count("{ maxx = 2 }"), "no key `maxx`", "maxx", "`max`");
    mistake(&count("\"many\""), "expected { min = 1, max = 3 }", "\"many\"", "table");
    mistake(&count("-1"), "out of range", "-1", "");
}

#[test]
fn an_order_has_two_events_or_more() {
    let order = |events: &str| format!("[[expect]]\nthat = \"order\"\n{events}");
    mistake(&order(""), "has no `events`", "[[expect]]", "");
    mistake(&order("events = [\"kill\"]"), "two events", "[\"kill\"]", "too few");
    mistake(&order("events = [\"kill\", \"wak\"]"), "`wake`", "\"wak\"", "");
    mistake(&order("events = \"kill\""), "found text", "\"kill\"", "list");
}

#[test]
fn a_metric_has_bounds_in_its_unit() {
    let metric = |text: &str| format!("[[expect]]\nthat = \"metric\"\n{text}");
    mistake(
        &metric("metric = \"reachabel\"\nmin = \"99%\""),
        "did you mean `reachable`",
        "\"reachabel\"",
        "metric",
    );
    mistake(&metric("metric = \"reachable\""), "gives no bound", "[[expect]]", "missing");
    mistake(
        &metric("metric = \"reachable\"\nmin = 0.99"),
        "as a percentage: \"99%\"",
        "0.99",
        "share",
    );
    mistake(
        &metric("metric = \"kills\"\nmax = \"3\""),
        "expected a whole number",
        "\"3\"",
        "count",
    );
    mistake(
        &metric("metric = \"kills\"\nmin = 3\nmax = 1"),
        "at least 3 and at most 1",
        "3",
        "larger",
    );
    mistake(&metric("metric = \"energy.radio\"\nmax = \"3W\""), "\"2.5J\"", "\"3W\"", "");
}

#[test]
fn an_expectation_on_a_value_that_a_field_never_has_is_a_mistake() {
    let event =
        |event: &str| format!("[[expect]]\nthat = \"event\"\nevent = \"{event}\"\ncount = 0");
    mistake(
        &event("kill code=0xbad2222"),
        "`0xbad2222` is not known",
        "\"kill code=0xbad2222\"",
        "event pattern",
    );
}

#[test]
fn a_push_that_is_withdrawn_is_one_that_a_step_above_sends() {
    let cancel = step("do = \"server.cancel\"\npush = \"call\"");
    mistake(&cancel, "no step sends the push `call`", "\"call\"", "nobody sends it");
    let series = "[[step]]\nevery = \"10m\"\ndo = \"server.push\"\npush = \"call\"\n";
    mistake(&format!("{series}{cancel}"), "it is repeated", "\"call\"", "push=call-1");
}

#[test]
fn a_stream_that_stops_has_no_length() {
    let stop = step("do = \"server.media\"\non = false\nlasts = \"5s\"");
    mistake(&stop, "needs no `lasts`", "lasts", "only with `on = true`");
}

#[test]
fn a_name_that_no_event_ever_has_is_a_mistake() {
    let event = |event: &str| format!("[[expect]]\nthat = \"event\"\nevent = \"{event}\"");
    let wrong = |text: &str, message: &str, label: &str| {
        mistake(&event(text), message, &format!("\"{text}\""), label);
    };
    wrong("callback name=keep-alvie", "never has `name=keep-alvie`", "`keep-alive`");
    wrong("sent frame=pign", "never has `frame=pign`", "`ping`");
    wrong("sent from=sever", "never has `from=sever`", "`server`");
    wrong("step do=user.lok", "never has `do=user.lok`", "`user.lock`");
}

#[test]
fn what_the_platform_does_not_have_is_a_mistake() {
    let on_8 = "[platform]\nuse = \"ios-8\"\n";
    let low = step("do = \"user.low-power\"\non = true");
    mistake(&format!("{on_8}{low}"), "`ios-8` has no low-power mode", &low, "not on this");
    let expect = "[[expect]]\nthat = \"event\"\nevent = \"low-power-mode\"";
    mistake(&format!("{on_8}{expect}"), "can never happen", expect, "no run can meet this");
}

#[test]
fn a_push_cannot_be_withdrawn_before_it_is_sent() {
    let cancel = "[[step]]\nat = \"30s\"\ndo = \"server.cancel\"\npush = \"hello\"";
    mistake(&sent(cancel), "withdrawn at 30s, before it is sent at 1m", cancel, "in the past");
}
