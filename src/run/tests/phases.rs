//! Faults act, everything heals, and the device has to converge.

use super::{played, scenario, seconds, seen};
use crate::run::Verdict;

/// An hour of faults and half an hour without them.
const HEAD: &str = "name = \"phases\"\ndevices = 2\n[phases]\nsafety = \"1h\"\nliveness = \"30m\"\n\
                    [platform]\nuse = \"ios-9\"\n[client]\nuse = \"ping-in-handler\"\n";
const LOCKED: &str = "[[step]]\nat = \"10s\"\ndo = \"user.lock\"\n";

/// `steps` and `[[step]]` tables in short: a line is `at do args`.
fn steps(lines: &[&str]) -> String {
    let step = |line: &&str| {
        let mut words = line.splitn(3, ' ');
        let (at, act) = (words.next().unwrap(), words.next().unwrap());
        let args = words.next().unwrap_or_default().replace(", ", "\n");
        format!("[[step]]\nat = \"{at}\"\ndo = \"{act}\"\n{args}\n")
    };
    lines.iter().map(step).collect()
}

fn converges(within: &str) -> String {
    format!("[[expect]]\nthat = \"converges\"\nwithin = \"{within}\"\n")
}

/// What became of the expectation that the devices converge.
#[track_caller]
fn verdict(text: &str, verdict: Verdict, found: &str) {
    let outcome = played(&scenario(text, ""));
    let judgement = &outcome.judgements[0];
    assert_eq!(judgement.verdict, verdict, "{}", judgement.found);
    assert!(judgement.found.contains(found), "{}", judgement.found);
}

#[test]
fn phases_are_told_once_each_and_a_run_without_them_tells_none() {
    let with = scenario(HEAD, "");
    let outcome = played(&with);
    assert_eq!(seconds(&with, &outcome, "phase name=safety"), [0]);
    assert_eq!(seconds(&with, &outcome, "phase name=liveness"), [3_600]);
    let without = scenario("name = \"x\"\nduration = \"1h\"", "");
    assert_eq!(seen(&without, &played(&without), "phase").len(), 0);
}

#[test]
fn everything_that_is_listed_heals_when_the_safety_phase_ends() {
    for (fault, healed) in [
        ("50m network.silence on = true", "path silent=false"),
        ("50m network.silence lasts = \"25m\"", "path silent=false"),
        ("50m network.airplane on = true", "interface to=wifi"),
        ("50m network.switch to = \"none\"", "interface to=wifi"),
        ("50m network.internet on = false", "internet on=true"),
        ("50m network.captive-portal on = true", "captive-portal on=false"),
        ("50m network.dns on = false", "dns on=true"),
        ("50m phone.voice-call on = true", "voice-call on=false"),
        ("50m server.restart how = \"host-down\", down-for = \"20m\"", "server.up"),
        ("59m server.media on = true", "server.media on=false"),
    ] {
        let scenario = scenario(&format!("{HEAD}{}", steps(&[fault])), "");
        let outcome = played(&scenario);
        let at = seconds(&scenario, &outcome, healed);
        // An interface needs its time to attach.
        assert!(
            !at.is_empty() && at.iter().all(|at| (3_600..3_610).contains(at)),
            "{fault}: {at:?}"
        );
    }
}

#[test]
fn an_interface_that_carries_traffic_stays_and_the_connection_with_it() {
    let scenario =
        scenario(&format!("{HEAD}{}", steps(&["50m network.switch to = \"cellular\""])), "");
    let outcome = played(&scenario);
    let changes = seconds(&scenario, &outcome, "interface");
    assert!(changes.iter().all(|at| *at < 3_100), "{changes:?}");
    let dead = seconds(&scenario, &outcome, "connection-dead");
    assert!(dead.iter().all(|at| !(3_600..3_700).contains(at)), "{dead:?}");
}

#[test]
fn a_connectivity_trace_ends_with_the_safety_phase() {
    let csv = "time,interface,latency,loss,state\n50m,wifi,300ms,,down\n70m,none,,,\n";
    let text = HEAD.replace("[platform]", "[network]\ntrace = \"x.csv\"\n[platform]");
    let scenario = scenario(&text, csv);
    let outcome = played(&scenario);
    assert_eq!(seconds(&scenario, &outcome, "path silent=false device=1"), [3_600]);
    assert_eq!(seconds(&scenario, &outcome, "conditions device=1"), [3_000, 3_600]);
    assert_eq!(seconds(&scenario, &outcome, "interface"), [0u64; 0]);
}

#[test]
fn what_ios_and_the_app_have_to_deal_with_themselves_does_not_heal() {
    let lines = ["50m user.force-quit", "51m user.notifications allowed = false"];
    let scenario = scenario(&format!("{HEAD}{}{}", steps(&lines), converges("10m")), "");
    let outcome = played(&scenario);
    assert!(seconds(&scenario, &outcome, "process-started").iter().all(|at| *at == 0));
    assert_eq!(outcome.judgements[0].verdict, Verdict::Fail);
    assert!(outcome.judgements[0].found.contains("not reachable: no-session"));
}

#[test]
fn a_fault_that_waits_for_an_event_of_the_liveness_phase_does_not_act() {
    let text = format!(
        "{HEAD}[[step]]\nat = \"70m\"\ndo = \"server.push\"\npush = \"p\"\n\
         [[step]]\nafter = \"server.push-accepted\"\ndo = \"server.drop\"\n\
         [[step]]\nafter = {{ event = \"client.connected\", by = \"65m\" }}\ndo = \"app.exit\"\ncode = 1\n\
         [[step]]\nafter = \"server.push-accepted\"\ndo = \"user.background\"\n"
    );
    let scenario = scenario(&text, "");
    let outcome = played(&scenario);
    let acted = |act: &str| seen(&scenario, &outcome, &format!("step do={act}")).len();
    assert_eq!([acted("server.drop"), acted("app.exit"), acted("user.background")], [0, 0, 2]);
}

#[test]
fn a_fault_that_repeats_stops_and_what_is_no_fault_goes_on() {
    let text = format!(
        "{HEAD}[[step]]\nevery = \"20m\"\ndo = \"network.nat-forget\"\n\
         [[step]]\nevery = \"20m\"\ndo = \"server.push\"\npush = \"p\"\n"
    );
    let scenario = scenario(&text, "");
    let outcome = played(&scenario);
    let at = |pattern: &str| seconds(&scenario, &outcome, pattern);
    assert_eq!(at("step do=network.nat-forget device=1"), [1_200, 2_400]);
    assert_eq!(at("step do=server.push device=1"), [1_200, 2_400, 3_600, 4_800]);
}

#[test]
fn a_device_that_was_never_out_of_reach_converges_at_once() {
    let text = format!("{HEAD}{LOCKED}{}", converges("10s"));
    verdict(&text, Verdict::Pass, "converged 0s after everything healed");
}

#[test]
fn a_device_that_comes_back_in_time_converges_and_one_that_needs_longer_does_not() {
    // The path has swallowed a push, and the handler finds out up to a period later.
    let faults = steps(&["30m network.silence on = true", "45m server.push push = \"call\""]);
    let text = |within: &str| format!("{HEAD}{LOCKED}{faults}{}", converges(within));
    verdict(&text("10m 30s"), Verdict::Pass, "after everything healed");
    verdict(&text("1s"), Verdict::Fail, "after everything healed");
}

#[test]
fn what_is_missing_is_named_reachability_and_pushes() {
    // Without a queue the push is gone, and the server does not know.
    let lost = steps(&["30m network.silence lasts = \"20m\"", "31m server.push push = \"call-2\""]);
    let text = HEAD.replace("[client]", "[server]\nset = { queue.kind = \"none\" }\n[client]");
    let text = format!("{text}{LOCKED}{lost}{}", converges("10m"));
    verdict(&text, Verdict::Fail, "`call-2` not received");

    let deaf = HEAD.replace("ping-in-handler", "plain-socket");
    let text = format!("{deaf}{LOCKED}{}", converges("10m"));
    verdict(&text, Verdict::Fail, "not reachable: ");
}

#[test]
fn a_push_that_was_dropped_or_came_after_the_faults_is_not_owed() {
    let lines = [
        "50m network.silence on = true",
        "51m server.push push = \"old\", ttl = \"1m\"",
        "70m server.push push = \"new\"",
    ];
    let text = format!("{HEAD}{LOCKED}{}{}", steps(&lines), converges("12m"));
    verdict(&text, Verdict::Pass, "after everything healed");
}

#[test]
fn a_push_that_was_withdrawn_is_not_owed_even_where_the_server_keeps_nothing() {
    let lines = [
        "50m network.silence on = true",
        "51m server.push push = \"old\"",
        "52m server.cancel push = \"old\"",
    ];
    let text = HEAD.replace("[client]", "[server]\nset = { queue.kind = \"none\" }\n[client]");
    let text = format!("{text}{LOCKED}{}{}", steps(&lines), converges("12m"));
    verdict(&text, Verdict::Pass, "after everything healed");
}

#[test]
fn a_run_that_ends_too_early_leaves_it_undetermined() {
    let deaf = HEAD.replace("ping-in-handler", "plain-socket");
    let text = format!("{deaf}{LOCKED}{}", converges("30m"));
    verdict(
        &text,
        Verdict::Undetermined,
        "the run ended 30m after everything healed: not reachable",
    );
    // What has converged before is no question.
    verdict(&format!("{HEAD}{LOCKED}{}", converges("40m")), Verdict::Pass, "converged 0s");
}

#[test]
fn one_device_that_does_not_converge_is_enough() {
    let text = format!(
        "{HEAD}[[step]]\nat = \"50m\"\ndevice = 2\ndo = \"user.force-quit\"\n{}",
        converges("10m")
    );
    verdict(&text, Verdict::Fail, "not reachable: no-session on device 2");
}
