//! The page as a whole: nothing from outside, nothing that a scenario smuggles in, the same bytes every time.

use super::*;
use crate::report::Subject;
use crate::run::{Mode, Options, Verdict, play};
use crate::scenario::{Presets, decode};

/// The scenario of `text` under these seeds, with the events of the one that is shown.
fn entry(text: &str, seeds: std::ops::Range<u64>) -> Entry {
    let scenario = decode(text, &Presets::built_in(), &[]).unwrap();
    let played = |seed, trace| play(&scenario, Options { seed, mode: Mode::default(), trace });
    let run = |seed| Run {
        outcome: played(seed, false),
        sentence: "reachable <always>".into(),
        reproduce: format!("holdline run 'a & b.toml' --seed {seed}"),
        determinism: None,
    };
    let runs: Vec<Run> = seeds.map(run).collect();
    let worst = runs.iter().map(|run| run.outcome.verdict).max().unwrap();
    let shown = runs.iter().find(|run| run.outcome.verdict == worst).unwrap();
    let events = played(shown.outcome.seed, true).events;
    let subject = Subject {
        group: "folder".into(),
        stem: "stem".into(),
        file: "folder/stem.toml".into(),
        text: text.into(),
        scenario: scenario.clone(),
    };
    Entry { subject, runs, detail: String::new(), events, baseline: None }
}

const CALL: &str = r#"
name = "a call"
duration = "10m"
[[step]]
at = "10s"
do = "user.background"
[[step]]
at = "2m"
do = "server.push"
push = "call"
[[expect]]
that = "event"
event = "push-received"
count = 0
"#;

#[test]
fn the_same_runs_give_the_same_bytes() {
    let page = || html(&[entry(CALL, 1..3), entry(CALL, 4..5)]).unwrap();
    assert_eq!(page(), page());
}

#[test]
fn nothing_of_a_page_comes_from_outside_of_it() {
    let page = html(&[entry(CALL, 1..2), entry(CALL, 1..2)]).unwrap();
    // A name of a language, and the policy itself: neither is fetched.
    let page = page.replace("\"http://www.w3.org/2000/svg\"", "").replace("http-equiv=", "");
    for outside in ["http", "src=", "@import", "<link", "<base", "<iframe", "url(\"", "url('"] {
        assert!(!page.contains(outside), "{outside}");
    }
    let urls: Vec<&str> = page.split("url(").skip(1).collect();
    assert!(urls.iter().all(|url| url.starts_with('#')), "only parts of the page are named");
}

#[test]
fn the_script_makes_no_code_and_no_markup_out_of_text() {
    for way in
        ["eval(", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "Function("]
    {
        assert!(!SCRIPT.contains(way) && !HEAD.contains(way), "{way}");
    }
}

#[test]
fn what_a_scenario_says_is_text_wherever_it_stands() {
    let evil = "</script></style></title><script>alert(1)</script>";
    let text = CALL.replace("a call", evil).replace("\"call\"", "\"</script><x>\"");
    let page = html(&[entry(&text, 1..2), entry(CALL, 1..2)]).unwrap();
    assert!(!page.contains("<script>alert"), "the name is markup");
    assert!(!page.contains("<x>"), "the name of a push is markup");
    assert!(!page.contains("<always>"), "the sentence is markup");
    // Two scripts that run, the vocabulary, and the data of two scenarios.
    assert_eq!(page.matches("<script").count(), 5);
    assert_eq!(page.matches("</script>").count(), 5);
}

#[test]
fn a_failing_expectation_stands_in_the_page_with_its_evidence() {
    let page = html(&[entry(CALL, 1..2)]).unwrap();
    let item = page.split("<li class=\"expect fail\">").nth(1).expect("it failed");
    let item = item.split("</div></li>").next().unwrap();
    assert!(item.contains("<code>push-received</code> happened once"), "{item}");
    assert!(item.contains("class=\"moment\""), "{item}");
    assert!(item.contains("data-event=\"push-received\""), "{item}");
}

#[test]
fn scenarios_of_one_name_have_addresses_of_their_own() {
    let page = html(&[entry(CALL, 1..2), entry(CALL, 1..2)]).unwrap();
    for slug in ["/folder/stem", "/folder/stem-2"] {
        assert_eq!(page.matches(&format!("href=\"#{slug}\"")).count(), 1, "{slug}");
        assert_eq!(page.matches(&format!("id=\"{slug}\"")).count(), 1, "{slug}");
    }
}

#[test]
fn of_several_seeds_it_is_said_which_is_shown_and_why() {
    let page = html(&[entry(CALL, 5..8)]).unwrap();
    assert!(page.contains("3 fail: 5-7"), "{page}");
    assert!(page.contains("Shown is seed 5: the first that fails."));
}

#[test]
fn a_run_without_events_says_that_it_cannot_be_drawn() {
    let mut entry = entry(CALL, 1..2);
    entry.events = None;
    let page = html(&[entry]).unwrap();
    assert!(page.contains("too many events to be drawn"));
    assert!(!page.contains("id=\"data-0\""));
}

#[test]
fn an_empty_page_is_one() {
    assert!(html(&[]).unwrap().contains("<h1 id=\"index-title\">0 scenarios</h1>"));
}

#[test]
fn a_day_of_a_device_that_is_always_woken_takes_less_than_2_mb() {
    let text = r#"
        name = "a heartbeat every 20 s"
        duration = "24h"
        [platform]
        set = { "wake-limit.count" = 100 }
        [server]
        use = "heartbeat-20s"
        [[step]]
        at = "10s"
        do = "user.lock"
        [[step]]
        every = "5m"
        do = "server.push"
        push = "message"
    "#;
    let entry = entry(text, 1..2);
    assert_eq!(entry.worst(), Verdict::Pass);
    assert!(entry.events.as_ref().unwrap().len() > 50_000, "it is a day with much in it");
    let size = html(&[entry]).unwrap().len();
    assert!(size < 2_000_000, "{size} bytes");
}
