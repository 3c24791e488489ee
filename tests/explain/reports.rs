//! Crash reports: what each says, what that means, and that no bytes make it panic.

use std::collections::BTreeMap;

use holdline::explain::{Diagnosis, Finding, MAX_REPORT_BYTES};
use holdline::report::explanation;
use proptest::prelude::*;

use crate::{explainer, fixtures, without_scenarios};

fn read(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(name)).unwrap()
}

fn drawn(diagnosis: &Diagnosis) -> String {
    anstream::adapter::strip_str(&explanation::diagnosis(diagnosis, 80)).to_string()
}

/// File, finding, name of the topic, platform.
const REPORTS: &[(&str, Finding, &str, &str)] = &[
    ("JetsamEvent-ios-12.ips", Finding::Rule, "memory", "ios-11"),
    ("cpu-resource-ios-14.ips", Finding::Code, "cpu-limit", "ios-13"),
    ("launch-watchdog-ios-12.ips", Finding::Rule, "launch-too-slow", "ios-11"),
    ("leaked-task-ios-6.crash", Finding::Rule, "task-never-ended", "ios-6"),
    ("own-crash-ios-9.crash", Finding::OwnCrash, "", "ios-9"),
    ("scene-update-ios-15.ips", Finding::Rule, "entered-background-too-slow", "ios-13"),
    ("socket-trap-ios-16.ips", Finding::Rule, "modern-sdk-trap", "ios-16"),
    ("task-overrun-ios-17.ips", Finding::Code, "0x2182bad2", "ios-16"),
    ("too-many-wakes-ios-7.crash", Finding::Rule, "wake-limit", "ios-7"),
    ("wakes.log", Finding::Rule, "wake-limit", ""),
];

#[test]
fn every_report_is_told_by_its_rule_on_its_platform() {
    let explainer = explainer();
    for (file, finding, topic, platform) in REPORTS {
        let diagnosis = explainer.diagnose(&read(file)).unwrap();
        assert_eq!(diagnosis.finding, *finding, "{file}");
        let name = diagnosis.topic.as_ref().map_or("", |topic| topic.name.as_str());
        assert_eq!(name, *topic, "{file}");
        assert_eq!(diagnosis.platform.unwrap_or_default(), *platform, "{file}");
        let text = drawn(&diagnosis);
        let wide = text.lines().find(|line| line.chars().count() > 80);
        assert!(wide.is_none_or(|line| line.contains("bundled:")), "{file}: {wide:?}");
        let known = diagnosis.finding == Finding::OwnCrash || text.contains("  do  ");
        assert!(known, "{file} does not say what to do:\n{text}");
    }
    let fixtures = std::fs::read_dir(fixtures()).unwrap().count();
    assert_eq!(fixtures, REPORTS.len() + 1, "broken-json.ips is told below, all others above");
}

#[test]
fn a_leaked_task_on_ios_6_is_told_with_the_values_of_ios_6_and_how_to_see_it() {
    let diagnosis = explainer().diagnose(&read("leaked-task-ios-6.crash")).unwrap();
    let report = &diagnosis.report;
    assert_eq!((report.app.as_str(), report.bundle_id.as_str()), ("Talk", "com.example.talk"));
    assert_eq!(report.os, "iPhone OS 6.1.3 (10B329)");
    assert!(diagnosis.line.contains("active assertions beyond permitted time"));
    assert!(diagnosis.line.contains("permittedBackgroundDuration: 600.000000"));
    let topic = diagnosis.topic.unwrap();
    let values: BTreeMap<_, Vec<_>> = topic
        .keys
        .iter()
        .map(|key| (key.key.as_str(), key.values.iter().map(|row| row.value.as_str()).collect()))
        .collect();
    assert_eq!(values["platform.background-task.budget"], ["10m"]);
    // What it expects is a time of iOS 9.
    let reproduce = diagnosis.reproduce.unwrap();
    assert_eq!(reproduce.command, "holdline run bundled:tasks/never-ended.toml");
    assert!(reproduce.note.starts_with("This is on ios-9"), "{}", reproduce.note);
}

#[test]
fn the_apps_own_crash_is_told_as_such_with_what_comes_next() {
    let diagnosis = explainer().diagnose(&read("own-crash-ios-9.crash")).unwrap();
    assert!(diagnosis.sentence.contains("crashed by itself"), "{}", diagnosis.sentence);
    assert_eq!(diagnosis.line, "EXC_BAD_ACCESS (SIGSEGV)");
    assert!(diagnosis.relaunch.contains("relaunch.on-nonzero-exit = true"));
    let later = String::from_utf8(read("own-crash-ios-9.crash")).unwrap();
    let later = later.replace("iOS 9.3.1 (13E238)", "iPhone OS 14.1 (18A8395)");
    let diagnosis = explainer().diagnose(later.as_bytes()).unwrap();
    assert!(diagnosis.relaunch.contains("not launched again"), "{}", diagnosis.relaunch);
}

#[test]
fn a_code_that_is_not_known_is_said_to_be_so() {
    let text = String::from_utf8(read("task-overrun-ios-17.ips")).unwrap();
    let text = text.replace("562215634", "3735928559").replace("0x2182BAD2", "0xDEADBEEF");
    let diagnosis = without_scenarios().diagnose(text.as_bytes()).unwrap();
    assert_eq!(diagnosis.finding, Finding::UnknownCode);
    assert!(diagnosis.sentence.contains("0xdeadbeef"), "{}", diagnosis.sentence);
}

#[test]
fn a_kill_without_a_reason_is_not_called_a_crash() {
    let text = String::from_utf8(read("own-crash-ios-9.crash")).unwrap();
    let text = text.replace("EXC_BAD_ACCESS (SIGSEGV)", "EXC_CRASH (SIGKILL)");
    let text = text.replace("Code 0xb", "Code 0x9");
    let diagnosis = without_scenarios().diagnose(text.as_bytes()).unwrap();
    assert_eq!(diagnosis.finding, Finding::Unsaid);
}

#[test]
fn what_cannot_be_read_says_where() {
    let explainer = without_scenarios();
    let place = |bytes: &[u8]| explainer.diagnose(bytes).unwrap_err().place;
    assert_eq!(place(&read("broken-json.ips")), "line 5, column 1");
    assert_eq!(place(b"Process: Talk\n\xff"), "byte 14");
    assert_eq!(place(b"{"), "line 1, column 1");
    let problem = |bytes: &[u8]| explainer.diagnose(bytes).unwrap_err().problem;
    assert!(problem(b"").contains("empty"));
    assert!(problem(b"{\"a\": 1}").contains("no crash report"));
    assert!(problem(b"a shopping list").contains("no crash report"));
    assert!(problem(&vec![b' '; MAX_REPORT_BYTES + 1]).contains("longer than 16 MB"));
}

#[test]
fn deep_json_is_an_error() {
    let deep = format!("{{\"bug_type\":\"309\"}}\n{{\"a\":{}", "[".repeat(100_000));
    let error = without_scenarios().diagnose(deep.as_bytes()).unwrap_err();
    assert!(error.problem.contains("recursion"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = without_scenarios().diagnose(&bytes);
    }

    /// A real report with bytes changed, cut and doubled.
    #[test]
    fn mutated_reports_never_panic_nor_move_the_cursor(
        which in 0..REPORTS.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = read(REPORTS[which].0);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let rest = bytes.split_off(cut.index(bytes.len() + 1));
        for part in [bytes.clone(), rest.clone(), [rest, bytes].concat()] {
            if let Ok(diagnosis) = without_scenarios().diagnose(&part) {
                let text = drawn(&diagnosis);
                prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
            }
        }
    }
}
