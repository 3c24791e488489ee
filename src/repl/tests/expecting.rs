//! Expectations that are added while the run goes on.

use super::{all, empty, execute, refused, session, told};
use crate::repl::Flow;

#[test]
fn an_expectation_says_how_it_stands_so_far() {
    let mut session = empty();
    all(&mut session, &["background", "advance 10m", "push call"]);
    let said = told(&mut session, "expect push-received call within=5s");
    assert!(said.starts_with("open") && said.contains("so far"), "{said}");
    told(&mut session, "advance 1m");
    assert!(told(&mut session, "expects").starts_with("PASS    push-received push=call"));
}

#[test]
fn an_expectation_is_written_as_in_a_scenario() {
    for (line, toml) in [
        ("expect push-received push=call within=5s", "push = \"call\"\nwithin = \"5s\""),
        ("expect push-received call 5s", "push = \"call\"\nwithin = \"5s\""),
        (
            "expect metric detection.client.max max=10m",
            "metric = \"detection.client.max\"\nmax = \"10m\"",
        ),
        ("expect metric kills max=0", "metric = \"kills\"\nmax = 0"),
        ("expect kill count=0", "that = \"event\"\nevent = \"kill\"\ncount = 0"),
        ("expect event kill count=..2", "event = \"kill\"\ncount = { max = 2 }"),
        (
            "expect state to=suspended count=1..3",
            "event = \"state to=suspended\"\ncount = { min = 1, max = 3 }",
        ),
        (
            "expect \"state to=suspended\" from=10m",
            "event = \"state to=suspended\"\nfrom = \"10m\"",
        ),
        (
            "expect order \"server.down\" client.connected within=1m",
            "events = [\"server.down\", \"client.connected\"]\nwithin = \"1m\"",
        ),
    ] {
        let mut session = empty();
        all(&mut session, &["push call", line]);
        assert!(session.text.contains(toml), "{line}: {}", session.text);
    }
}

#[test]
fn what_has_failed_for_good_fails_the_command() {
    let mut session = empty();
    all(&mut session, &["advance 1m", "crash", "advance 1m"]);
    let (flow, said) = execute(&mut session, "expect exit count=0");
    assert_eq!(flow, Ok(Flow::Failed), "{said}");
    assert_eq!(execute(&mut session, "expects").0, Ok(Flow::Failed));
    // It stands, and one that is met does not change that.
    assert_eq!(execute(&mut session, "expect exit").0, Ok(Flow::Continue));
    assert_eq!(execute(&mut session, "expects").0, Ok(Flow::Failed));
}

const SERIES: &str = r#"
name     = "series"
duration = "1d"
[[step]]
every = "10m"
do = "server.push"
push = "call"
"#;

/// What `line` says and whether it ends a script.
fn ends(session: &mut crate::repl::Session, line: &str) -> (bool, String) {
    let (flow, said) = execute(session, line);
    (flow.unwrap() == Flow::Failed, said)
}

#[test]
fn one_push_of_a_series_that_came_too_late_has_failed_for_good() {
    let mut session = session(SERIES);
    told(&mut session, "advance 1h");
    let (ended, said) = ends(&mut session, "expect push-received call within=1ms");
    assert!(ended && said.starts_with("FAIL") && !said.contains("so far"), "{said}");
    // Of those that come, each may still be too late.
    let (ended, said) = ends(&mut session, "expect push-received call within=5s");
    assert!(!ended && said.starts_with("PASS") && said.contains("so far"), "{said}");
}

#[test]
fn a_push_that_was_never_sent_on_and_given_up_is_lost_for_good_and_one_that_waits_is_not() {
    let mut session = empty();
    all(&mut session, &["server.restart how=process down-for=10m", "push gone", "advance 1m"]);
    let (ended, said) = ends(&mut session, "expect push-received gone");
    assert!(ended && said.starts_with("FAIL") && !said.contains("so far"), "{said}");
    let mut session = empty();
    all(&mut session, &["advance 1m", "offline", "push waits", "advance 1m"]);
    let (ended, said) = ends(&mut session, "expect push-received waits");
    assert!(!ended && said.starts_with("FAIL") && said.contains("so far"), "{said}");
}

#[test]
fn an_event_that_happened_too_often_has_failed_for_good_and_one_that_did_too_seldom_has_not() {
    let mut session = session(SERIES);
    told(&mut session, "advance 1h");
    assert!(ends(&mut session, "expect event push-received count=1..2").0);
    assert!(!ends(&mut session, "expect event push-received count=50..90").0);
}

#[test]
fn a_metric_that_only_grows_has_failed_for_good_above_its_bound_and_another_has_not() {
    let mut session = session(SERIES);
    told(&mut session, "advance 1h");
    for line in ["push.received max=2", "push.latency.max max=1us", "connects max=0"] {
        let (ended, said) = ends(&mut session, &format!("expect metric {line}"));
        assert!(ended && !said.contains("so far"), "{said}");
    }
    for line in ["push.latency.mean max=1us", "push.received min=100", "reachable max=1%"] {
        let (ended, said) = ends(&mut session, &format!("expect metric {line}"));
        assert!(!ended && said.starts_with("FAIL") && said.contains("so far"), "{said}");
    }
}

#[test]
fn of_a_gap_that_is_open_only_what_its_end_cannot_forgive_counts_for_good() {
    let mut session = empty();
    all(&mut session, &["advance 1m", "offline", "advance 40s"]);
    let (ended, said) = ends(&mut session, "expect metric unreachable.longest max=15s");
    assert!(!ended && said.starts_with("FAIL") && said.contains("so far"), "{said}");
    told(&mut session, "advance 1h");
    assert!(ends(&mut session, "expect metric unreachable.longest max=15s").0);
}

#[test]
fn what_is_not_met_yet_does_not_fail_when_it_is_added() {
    let mut session = empty();
    assert_eq!(execute(&mut session, "expect kill").0, Ok(Flow::Continue));
    assert_eq!(execute(&mut session, "expects").0, Ok(Flow::Failed));
}

#[test]
fn an_expectation_changes_nothing_that_has_happened() {
    let mut session = empty();
    all(&mut session, &["background", "advance 2h"]);
    let before = super::events(&session);
    told(&mut session, "expect metric kills max=1000");
    assert_eq!(super::events(&session), before);
}

#[test]
fn a_wrong_expectation_tells_what_is_expected() {
    let mut session = empty();
    for (line, part) in [
        ("expect", "is missing"),
        ("expect pushreceived", "`push-received`"),
        ("expect kil", "`kill`"),
        ("expect push-received nobody", "no step sends"),
        ("expect metric kill max=1", "kills"),
        ("expect kill count=x", "count"),
        ("expect push-received a b c", "one more"),
    ] {
        let refusal = refused(&mut session, line);
        assert!(refusal.contains(part), "{line}: {refusal}");
    }
}

#[test]
fn nothing_is_expected_at_the_beginning() {
    assert!(told(&mut empty(), "expects").contains("nothing is expected"));
}
