//! Names: codes however they are written, words, keys, presets, scenarios.

use holdline::explain::Topic;
use holdline::report::explanation;
use holdline::trace::{KillCode, KillRule};

use crate::{explainer, without_scenarios};

fn kinds(topics: &[Topic]) -> Vec<(&str, &str)> {
    topics.iter().map(|topic| (topic.kind.as_str(), topic.name.as_str())).collect()
}

#[test]
fn every_name_can_be_explained_within_80_columns() {
    let explainer = without_scenarios();
    let names = explainer.names();
    assert!(names.len() > 300, "{}", names.len());
    for name in names {
        let topics = explainer.explain(&name).unwrap();
        for topic in &topics {
            assert!(!topic.name.is_empty(), "{name}: {topic:?}");
            let says = !topic.means.is_empty()
                || !topic.lists.is_empty()
                || topic.kind.as_str() == "platform";
            assert!(says, "{name}: {topic:?}");
        }
        let drawn = anstream::adapter::strip_str(&explanation::topics(&topics, 80)).to_string();
        let long = drawn.lines().find(|line| line.chars().count() > 80 && line.contains("  "));
        assert!(long.is_none_or(|line| !line.trim().contains(' ')), "{name}: {long:?}");
    }
}

#[test]
fn a_code_is_found_however_its_number_is_written() {
    let explainer = without_scenarios();
    for (asked, name) in [
        ("0xbad22222", "0xbad22222"),
        ("0xBAADCA11", "0xbaadca11"),
        ("8badf00d", "0x8badf00d"),
        ("0x000000008badf00d", "0x8badf00d"),
        ("2343432205", "0x8badf00d"),
        ("-1951535091", "0x8badf00d"),
        ("3735883980", "0xdead10cc"),
        ("562215634", "0x2182bad2"),
        ("OOM", "jetsam"),
        (" wakeups_resource ", "wakeups-limit"),
    ] {
        let topics = explainer.explain(asked).unwrap();
        assert_eq!(kinds(&topics)[0], ("kill code", name), "{asked}");
    }
}

#[test]
fn all_codes_and_rules_of_the_model_and_those_it_does_not_produce_are_known() {
    let explainer = without_scenarios();
    let more = ["0xdead10cc", "0xc00010ff", "0xbaadca11", "0x2182bad3", "0x2182bad4"];
    let more = more.into_iter().chain(["0xbaaaaaad", "0xbaddd15c", "cpu-limit", "wakeups-limit"]);
    for code in KillCode::SPELLINGS.iter().copied().chain(more) {
        let topic = &explainer.explain(code).unwrap()[0];
        assert_eq!((topic.kind.as_str(), topic.name.as_str()), ("kill code", code));
        assert!(!topic.advice.is_empty() && !topic.versions.is_empty(), "{code}");
        assert!(!topic.sources[0].source.is_empty(), "{code}");
        assert_ne!(topic.sources[0].trust, "not graded", "{code}");
    }
    for rule in KillRule::SPELLINGS {
        let topics = explainer.explain(rule).unwrap();
        let topic = topics.iter().find(|topic| topic.kind.as_str() == "kill rule").unwrap();
        assert!(!topic.advice.is_empty(), "what to do about {rule}? see facts/rules.toml");
        assert!(!topic.lists.is_empty(), "which code has {rule}? see facts/codes.toml");
    }
}

#[test]
fn a_name_that_is_several_things_is_told_as_all_of_them() {
    let explainer = without_scenarios();
    let topics = explainer.explain("reachable").unwrap();
    let kinds: Vec<_> = topics.iter().map(|topic| topic.kind.as_str()).collect();
    assert_eq!(kinds, ["event", "word", "metric"]);
    let topics = explainer.explain("tcp-keep-alive.idle").unwrap();
    let kinds: Vec<_> = topics.iter().map(|topic| topic.kind.as_str()).collect();
    assert_eq!(kinds, ["client key", "server key"]);
    assert_eq!(explainer.explain("server.tcp-keep-alive.idle").unwrap().len(), 1);
}

#[test]
fn a_word_can_be_asked_for_with_its_field_and_its_event() {
    let explainer = without_scenarios();
    for asked in ["not-woken", "why=not-woken", "reachable why=not-woken"] {
        let topics = explainer.explain(asked).unwrap();
        assert_eq!(kinds(&topics), [("word", "not-woken")], "{asked}");
        assert!(topics[0].means.contains("nothing wakes it"), "{asked}");
    }
    assert!(explainer.explain("kill why=not-woken").is_err());
}

#[test]
fn a_rule_is_found_as_a_matrix_writes_it() {
    let explainer = without_scenarios();
    for (asked, found) in [
        ("connection-dead nat", ("word", "nat")),
        ("connection-dead cause=nat", ("word", "nat")),
        ("voip-tag-ignored sdk-gate:", ("word", "sdk-gate")),
        ("kill wake-limit", ("kill rule", "wake-limit")),
        ("kill  rule=modern-sdk-trap", ("kill rule", "modern-sdk-trap")),
        ("kill code=0xbad22222", ("kill code", "0xbad22222")),
    ] {
        assert_eq!(kinds(&explainer.explain(asked).unwrap()), [found], "{asked}");
    }
    for asked in ["kill nat", "connection-dead sdk-gate", "kill code=wake-limit"] {
        assert!(explainer.explain(asked).is_err(), "{asked}");
    }
}

#[test]
fn a_version_of_ios_is_the_profile_that_covers_it() {
    let explainer = without_scenarios();
    for asked in ["ios-14", "iOS 14.4", "ios-13"] {
        assert_eq!(kinds(&explainer.explain(asked).unwrap()), [("platform", "ios-13")], "{asked}");
    }
}

#[test]
fn a_wrong_name_is_answered_with_the_nearest() {
    let explainer = without_scenarios();
    let near = |asked: &str| explainer.explain(asked).unwrap_err().near;
    assert_eq!(near("0xbad2222").as_deref(), Some("0xbad22222"));
    assert_eq!(near("keep-alive.minimum-timout").as_deref(), Some("keep-alive.minimum-timeout"));
    assert_eq!(near("server.restrat").as_deref(), Some("server.restart"));
    assert_eq!(near("öäü"), None);
}

#[test]
fn a_platform_key_has_its_value_and_source_for_every_version() {
    let explainer = without_scenarios();
    let topic = &explainer.explain("background-task.budget").unwrap()[0];
    let values = &topic.keys[0].values;
    let told: Vec<_> = values.iter().map(|row| (row.of.as_str(), row.value.as_str())).collect();
    assert_eq!(told.first(), Some(&("iOS 4 to 5", "10m")));
    assert_eq!(told.last(), Some(&("iOS 13 and later", "30s")));
    assert!(values.iter().all(|row| row.source.trust != "not graded"), "{values:?}");
    assert_eq!(topic.disagreements.len(), 1);
    assert_eq!(topic.disagreements[0].sides.len(), 2);
}

#[test]
fn a_strategy_of_published_code_has_its_calls_with_the_values_of_their_keys() {
    let explainer = without_scenarios();
    let topics = explainer.explain("reconnect-in-handler").unwrap();
    let mapped = topics[0].snippet.as_ref().unwrap();
    assert!(mapped.flaw.is_some() && mapped.twin.is_some());
    let timeout = mapped.calls.iter().find(|call| call.key == "keep-alive.timeout").unwrap();
    assert_eq!(timeout.value, "1d");
}

#[test]
fn what_shows_it_is_found_by_playing_the_scenarios() {
    let explainer = explainer();
    let shown = |asked: &str, kind: &str| -> Vec<String> {
        let topics = explainer.explain(asked).unwrap();
        let topic = topics.into_iter().find(|topic| topic.kind.as_str() == kind).unwrap();
        topic.scenarios.unwrap().list.into_iter().map(|shown| shown.scenario).collect()
    };
    let wakes = "bundled:server/heartbeats-too-frequent.toml".to_owned();
    for (asked, kind) in [
        ("0xbad22222", "kill code"),
        ("wake-limit", "kill rule"),
        ("wake-limit", "word"),
        ("heartbeat-15s", "server preset"),
    ] {
        assert!(shown(asked, kind).contains(&wakes), "{asked}");
    }
    assert!(shown("0xbaadca11", "kill code").is_empty());
    assert!(shown("server.restart", "step").contains(&"bundled:server/host-down.toml".to_owned()));
    let trap = shown("modern-sdk-trap", "kill rule");
    assert_eq!(trap, ["bundled:sockets/trap-of-ios-16.toml"]);
}

#[test]
fn a_key_has_the_scenarios_that_set_it_and_those_that_turn_on_it() {
    let topic = explainer().platform_key("keep-alive.handler-budget").unwrap();
    let list = topic.scenarios.unwrap().list;
    let how = |part: &str| {
        let shown = list.iter().find(|shown| shown.scenario.contains(part));
        shown.map(|shown| shown.how.as_str())
    };
    assert_eq!(how("handler-hangs-by-apples-page"), Some("sets it to 10s, fails with 30s"));
    assert_eq!(how("keep-alive/handler-hangs.toml"), Some("fails with 20m instead of 30s"));
    assert_eq!(how("server/host-down"), None);
}

#[test]
fn a_callback_is_a_word_that_scenarios_showed() {
    let topics = explainer().explain("task-expiring").unwrap();
    assert_eq!(kinds(&topics), [("word", "task-expiring")]);
    assert!(topics[0].detail.contains("callback name"), "{}", topics[0].detail);
    assert!(!topics[0].scenarios.as_ref().unwrap().list.is_empty());
}

#[test]
fn a_scenario_is_found_by_its_path_and_by_its_name() {
    let explainer = explainer();
    for asked in [
        "process-restart",
        "server/process-restart",
        "bundled:server/process-restart.toml",
        "scenarios/server/process-restart.toml",
    ] {
        let topics = explainer.explain(asked).unwrap();
        assert_eq!(kinds(&topics), [("scenario", "server/process-restart")], "{asked}");
        assert!(!topics[0].advice.is_empty() && topics[0].more[0].name == "why");
    }
}
