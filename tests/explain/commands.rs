//! The commands: what they print, what they say when something is wrong, and that what they advise works.

use std::process::Command;

use holdline::report::explanation;
use serde_json::Value;

use crate::{fixtures, without_scenarios};

/// Exit code, stdout, stderr.
fn holdline(args: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .args(args)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(args: &[&str]) -> Value {
    let (code, out, err) = holdline(args);
    assert_eq!((code, err.as_str()), (0, ""), "{args:?}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_code_is_explained_in_text_and_in_json() {
    let (code, out, err) = holdline(&["explain", "0xbad22222"]);
    assert_eq!((code, err.as_str()), (0, ""));
    for part in [
        "0xbad22222  kill code: a VoIP app was resumed too often",
        "wake-limit  More wakes than the limit within its window.",
        "keys        platform.wake-limit.count = none (iOS 4: inferred), 15 (iOS 5 and",
        "source      system log (L): System logs: SBUnsuspendLimit",
        "bundled:server/heartbeats-too-frequent.toml",
        "  do          Let the server send less",
        "are where it ends an app: stay at",
        "  afterwards  iOS ",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    let whole = json(&["explain", "0xbad22222", "--format", "json"]);
    assert_eq!(whole["version"], 1);
    assert_eq!(whole["topics"][0]["kind"], "kill code");
    assert_eq!(whole["topics"][0]["sources"][0]["confidence"], "L");
    assert_eq!(whole["topics"][0]["keys"][0]["values"][1]["of"], "iOS 5");
}

#[test]
fn disagreements_show_every_side_and_what_is_taken() {
    let topics = without_scenarios().explain("keep-alive.on-overrun").unwrap();
    let out = explanation::topics(&topics, 80);
    let out = anstream::adapter::strip_str(&out).to_string();
    for part in ["disputed", "it is suspended", "it is terminated", "here: it is ended;"] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn a_wrong_name_is_exit_2_with_the_nearest() {
    let (code, out, err) = holdline(&["explain", "wake-limits"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("did you mean `wake-limit`?"), "{err}");
    let (code, _, err) = holdline(&["platform", "keep-alive.handler-buget"]);
    assert_eq!(code, 2);
    assert!(err.contains("did you mean `keep-alive.handler-budget`?"), "{err}");
}

#[test]
fn a_file_that_is_not_there_or_broken_is_exit_2_with_the_place() {
    let (code, _, err) = holdline(&["explain", "missing.crash"]);
    assert_eq!(code, 2);
    assert!(err.contains("missing.crash: cannot be read"), "{err}");
    let broken = fixtures().join("broken-json.ips");
    let (code, _, err) = holdline(&["explain", broken.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(err.contains("broken-json.ips: line 5, column 1: the JSON is broken"), "{err}");
}

#[test]
fn the_command_that_a_report_is_answered_with_shows_the_rule_and_passes() {
    let told = [
        ("JetsamEvent-ios-12.ips", "killed by memory (jetsam)"),
        ("launch-watchdog-ios-12.ips", "killed by launch-too-slow (0x8badf00d)"),
        ("leaked-task-ios-6.crash", "killed by task-never-ended (0x8badf00d)"),
        ("own-crash-ios-9.crash", "nonzero-exit-is-relaunched"),
        ("scene-update-ios-15.ips", "killed by entered-background-too-slow (0x8badf00d)"),
        ("socket-trap-ios-16.ips", "killed by modern-sdk-trap (trap)"),
        ("task-overrun-ios-17.ips", "killed by task-never-ended (0x2182bad2)"),
        ("too-many-wakes-ios-7.crash", "killed by wake-limit (0xbad22222)"),
        ("wakes.log", "killed by wake-limit (0xbad22222)"),
    ];
    // One is no report, and what the other tells of is not in the model.
    let without = ["broken-json.ips", "cpu-resource-ios-14.ips"];
    assert_eq!(std::fs::read_dir(fixtures()).unwrap().count(), told.len() + without.len());
    for (file, part) in told {
        let path = fixtures().join(file);
        let answer = json(&["explain", path.to_str().unwrap(), "--format", "json"]);
        let command = answer["diagnosis"]["reproduce"]["command"].as_str().unwrap().to_owned();
        let args: Vec<&str> = command.split(' ').skip(1).collect();
        let (code, out, err) = holdline(&args);
        assert_eq!(code, 0, "{file}: {command}: {out}{err}");
        assert!(out.contains("PASS") && out.contains(part), "{file}: {command}: {out}{err}");
    }
}

#[test]
fn several_reports_are_told_one_after_the_other_and_a_dash_is_standard_input() {
    let files = ["wakes.log", "socket-trap-ios-16.ips"].map(|file| fixtures().join(file));
    let [one, two] = files.each_ref().map(|path| path.to_str().unwrap());
    let (code, out, err) = holdline(&["explain", one, two]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("wake-limit") && out.contains("modern-sdk-trap"), "{out}");
    let whole = json(&["explain", one, two, "--format", "json"]);
    assert_eq!(whole["reports"][1]["file"], two);
    assert_eq!(whole["reports"][1]["diagnosis"]["topic"]["name"], "modern-sdk-trap");
    let output = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .args(["explain", "-"])
        .stdin(std::fs::File::open(one).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("wake-limit"));
}

#[test]
fn what_is_near_nothing_is_told_what_there_is() {
    let (code, _, err) = holdline(&["explain", "0xdeadbeef"]);
    assert_eq!(code, 2);
    assert!(err.contains("the code `0xdeadbeef` is not known here"), "{err}");
    assert!(!err.contains("did you mean"), "{err}");
    let (code, _, err) = holdline(&["explain", "qqqq"]);
    assert_eq!(code, 2);
    assert!(err.contains("events, metrics, steps, expectations, platforms"), "{err}");
}

#[test]
fn platforms_are_listed_with_what_changed() {
    let (code, out, _) = holdline(&["platform"]);
    assert_eq!(code, 0);
    assert!(out.contains("ios-13   iOS 13 to 15: "), "{out}");
    assert!(out.contains("background-task.budget = 30s, was 3m"), "{out}");
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    let whole = json(&["platform", "--format", "json"]);
    assert_eq!(whole["platforms"][0]["name"], "ios-4");
    assert_eq!(whole["platforms"][1]["changes"][0]["name"], "wake-limit.count");
}

#[test]
fn a_platform_is_shown_with_its_rules_and_a_version_by_what_covers_it() {
    let (code, out, _) = holdline(&["platform", "ios-9"]);
    assert_eq!(code, 0);
    assert_eq!(out, holdline(&["show", "platform", "ios-9"]).1);
    let (_, out, _) = holdline(&["platform", "iOS 14.2"]);
    assert!(out.starts_with("iOS 14 is covered by `ios-13` (iOS 13 to 15)\n"), "{out}");
    let whole = json(&["platform", "ios-9", "--format", "json"]);
    let keys = whole["platform"]["keys"].as_array().unwrap();
    let limit = keys.iter().find(|key| key["key"] == "wake-limit.count").unwrap();
    assert_eq!((&limit["value"], &limit["source"]["confidence"]), (&"15".into(), &"I".into()));
}

#[test]
fn a_key_is_shown_across_versions() {
    for name in ["background-task.budget", "platform.background-task.budget"] {
        let (code, out, _) = holdline(&["platform", name]);
        assert_eq!(code, 0);
        for part in
            ["10m  iOS 4 to 5; system log (L)", "3m   iOS 7 to 8;", "30s  iOS 13 and later;"]
        {
            assert!(out.contains(part), "{part}: {out}");
        }
        assert!(out.contains("disputed    how long background tasks last on iOS 7"), "{out}");
    }
}

#[test]
fn a_single_run_names_what_ended_the_app_and_an_overview_only_what_failed() {
    let line = "    killed by wake-limit (0xbad22222): holdline explain 0xbad22222\n";
    let lost = "    lost      `invite`: no-session: holdline explain no-session\n";
    let (_, out, _) = holdline(&["run", "bundled:server/heartbeats-too-frequent.toml"]);
    assert!(out.contains(line) && out.contains(lost), "{out}");
    let (_, out, _) = holdline(&["run", "bundled:server"]);
    assert!(!out.contains("holdline explain"), "{out}");
    let (_, out, _) = holdline(&["run", "bundled:server", "-v"]);
    assert!(out.contains(line), "{out}");
    // What fails is always explained.
    let set = "server.heartbeat.interval=15s";
    let (code, out, _) = holdline(&["run", "bundled:network", "--set", set]);
    assert_eq!(code, 1);
    assert!(out.contains(line), "{out}");
}

#[test]
fn every_command_that_a_run_advises_answers() {
    let (_, out, _) = holdline(&["run", "bundled:", "-v"]);
    let mut asked: Vec<&str> =
        out.lines().filter_map(|line| line.split_once("holdline explain ")).map(|x| x.1).collect();
    asked.sort();
    asked.dedup();
    assert!(asked.len() > 8, "{asked:?}");
    for name in asked {
        let topics = without_scenarios().explain(name).unwrap();
        assert!(topics.iter().any(|topic| !topic.advice.is_empty()), "what to do about {name}?");
    }
}
