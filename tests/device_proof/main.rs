//! A run on the agent of this machine, put beside the model of the same scenario: they agree, and where the phone is
//! another one, its key is found.

#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Output};

use holdline::port::Span;
use serde_json::Value;

/// What a phone goes through, with every kind of step.
const DAY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/device_proof/day.toml");
/// So fast that a run takes 20 s, and that what the machine takes for itself stays below what is the same time.
const SPEED: &str = "30";

fn holdline(arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
    command.args(arguments).current_dir(folder).output().unwrap()
}

/// A run, and what the phone's own log and the trace of the whole run say beside the model.
struct Proof {
    folder: tempfile::TempDir,
    run: Value,
    /// Each comparison with its exit code.
    compared: [(Option<i32>, Value); 2],
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// Runs the day on a phone of which `set` is another than the scenario says.
fn prove(set: Option<&str>) -> Proof {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["device", "run", DAY, "--device", "fake", "--format", "json"];
    arguments.extend(["--agent", env!("CARGO_BIN_EXE_holdline-agent"), "--speed", SPEED]);
    arguments.extend(["--trace", "trace.jsonl", "--log", "log.jsonl"]);
    arguments.extend(set.into_iter().flat_map(|set| ["--set", set]));
    let run = json(&holdline(&arguments, folder.path()));
    let compared = ["log.jsonl", "trace.jsonl"].map(|log| {
        let output = holdline(&["device", "compare", log, DAY, "--format", "json"], folder.path());
        (output.status.code(), json(&output))
    });
    Proof { folder, run, compared }
}

/// What is proposed for `key`.
fn proposed<'p>(compared: &'p Value, key: &str) -> Option<&'p str> {
    let changes = compared["proposal"]["changes"].as_array()?;
    let set = changes.iter().map(|change| &change["set"]);
    set.filter(|set| set["key"] == key).find_map(|set| set["to"].as_str())
}

#[test]
fn an_agent_of_this_machine_tells_the_story_of_the_model() {
    let Proof { folder, run, compared } = prove(None);
    assert_eq!(run["scenarios"][0]["verdict"], "pass", "{run:#}");
    // How long it was reachable nobody saw.
    assert_eq!(run["scenarios"][0]["sentence"], "all 3 pushes received");
    assert_eq!(run["device"]["undone"], serde_json::json!([]));
    for (code, compared) in &compared {
        assert_eq!(*code, Some(0), "{compared:#}");
        assert_eq!(compared["unexplained"], serde_json::json!([]));
        assert!(compared["matched"].as_u64().unwrap() > 200, "{compared:#}");
    }
    // Each step left its mark on the phone, so that there was something to compare.
    let log = std::fs::read_to_string(folder.path().join("log.jsonl")).unwrap();
    for mark in [
        "\"name\":\"entered-background\"",
        "\"event\":\"push-received\",\"push\":\"in-the-pocket\"",
        "\"event\":\"backing-off\"",
        "\"event\":\"exit\",\"code\":1",
        "\"event\":\"process-started\",\"reason\":\"voip-relaunch\"",
        "a suspended app runs no code and cannot exit",
    ] {
        assert!(log.contains(mark), "{mark}: {log}");
    }
}

#[test]
fn a_phone_whose_sockets_wake_nothing_is_found_out() {
    for (code, compared) in prove(Some("platform.voip-socket.wakes=false")).compared {
        assert_eq!(code, Some(1), "{compared:#}");
        assert_eq!(
            proposed(&compared, "platform.voip-socket.wakes"),
            Some("false"),
            "{compared:#}"
        );
    }
}

#[test]
fn a_phone_with_less_time_in_the_background_is_found_out() {
    let set = "platform.background-task.budget-in-background=8s";
    for (code, compared) in prove(Some(set)).compared {
        assert_eq!(code, Some(1), "{compared:#}");
        let key = "platform.background-task.budget-in-background";
        let found = proposed(&compared, key).and_then(|to| Span::parse(to).ok());
        // It follows from when things came, and is as exact as these.
        let [truth, within] = ["8s", "2s"].map(|span| Span::parse(span).unwrap());
        let near = found.is_some_and(|found| {
            found.as_micros().abs_diff(truth.as_micros()) <= within.as_micros()
        });
        assert!(near, "{found:?}: {compared:#}");
    }
}
