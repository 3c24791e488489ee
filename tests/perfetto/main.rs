//! `--perfetto`, read by Perfetto's own Python package.
//!
//! A test is listed as ignored where that is not installed, and told loudly on stderr; with
//! `HOLDLINE_OUTSIDE=require` it fails instead.

// These tests wait for another program.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, clippy::print_stderr)]

#[path = "../tools/mod.rs"]
mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Arguments;
use serde_json::Value;

tools::tests![
    every_bundled_scenario_is_a_trace_that_perfetto_understands,
    a_push_flows_from_the_server_to_the_app,
    a_lost_push_ends_with_its_fate,
    a_wake_lasts_until_the_app_is_suspended_again,
    wakes_are_counted_against_the_limit,
    a_day_stays_under_two_megabytes,
];

fn main() {
    let arguments = Arguments::from_args();
    let install = "python3 -m venv target/tmp/python; target/tmp/python/bin/pip install perfetto";
    let installed = python().is_some();
    let trials =
        tools::needing(&arguments, "HOLDLINE_OUTSIDE", "perfetto", install, installed, TESTS);
    libtest_mimic::run(&arguments, trials).exit();
}

/// A Python that has `perfetto`: one beside the build, the first one of the path, or the system's.
fn python() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python/bin/python3");
    let has = |python: &PathBuf| {
        let import = "import perfetto.protos.perfetto.trace.perfetto_trace_pb2";
        let run = Command::new(python).args(["-c", import]).output();
        run.is_ok_and(|output| output.status.success())
    };
    let known = [Some(beside), tools::path_of("python3"), Some("/usr/bin/python3".into())];
    known.into_iter().flatten().find(has)
}

/// What `holdline run` of these arguments writes, as Perfetto's package reads it; in the order of the files'
/// names.
fn read(args: &[&str]) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let target = format!("{}/", folder.path().display());
    let run = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .arg("run")
        .args(args)
        .args(["--perfetto", &target])
        .env_remove("GITHUB_ACTIONS")
        .output()
        .expect("it starts");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let mut files = Vec::new();
    collect(folder.path(), &mut files);
    files.sort();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/perfetto/read.py");
    let python = python().expect("it is installed");
    let read = Command::new(python).arg(script).args(&files).output().expect("it starts");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let lines = String::from_utf8(read.stdout).expect("text");
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => collect(&path, files),
            false => files.push(path),
        }
    }
}

/// What stands on one track.
fn on<'v>(trace: &'v Value, list: &str, track: &str) -> Vec<&'v Value> {
    let all = trace[list].as_array().expect("a list");
    all.iter().filter(|one| one["track"] == track).collect()
}

fn every_bundled_scenario_is_a_trace_that_perfetto_understands() {
    let all = read(&["bundled:"]);
    assert!(all.len() > 100, "{}", all.len());
    for trace in &all {
        let slices = trace["slices"].as_array().expect("a list");
        let of_app = |one: &&Value| {
            let track = one["track"].as_str().unwrap_or_default();
            track == "app" || track == "device 1/app"
        };
        assert!(slices.iter().any(|one| of_app(&one)), "{}", trace["name"]);
    }
}

fn a_push_flows_from_the_server_to_the_app() {
    let all = read(&["bundled:waking"]);
    let complete = |flow: &Value| {
        let steps = flow.as_array().expect("a list");
        let tracks: Vec<&str> = steps.iter().filter_map(|step| step[0].as_str()).collect();
        let times = steps.iter().map(|step| step[2].as_u64());
        tracks == ["pushes/server", "pushes/network", "pushes/app"]
            && times.is_sorted_by(|a, b| a <= b)
    };
    let flows = all.iter().flat_map(|trace| trace["flows"].as_array().expect("a list"));
    assert!(flows.filter(|flow| complete(flow)).count() > 5);
}

fn a_lost_push_ends_with_its_fate() {
    let trace = &read(&["bundled:server/believed-delivered.toml"])[0];
    let slice = on(trace, "slices", "pushes/network")[0];
    assert_eq!(slice["notes"]["fate"], "sent and not received");
    assert_eq!(slice["name"], "invite: sent and not received");
}

fn a_wake_lasts_until_the_app_is_suspended_again() {
    let trace = &read(&["bundled:waking/nine-seconds-on-ios-4.toml"])[0];
    let wakes = on(trace, "slices", "wakes");
    assert!(wakes.len() > 100, "{}", wakes.len());
    let states = on(trace, "slices", "app");
    for wake in wakes {
        let awake = states.iter().any(|state| {
            state["name"] == "background"
                && state["from"] == wake["from"]
                && state["to"] == wake["to"]
        });
        assert!(awake, "{wake}");
        assert!(wake["notes"]["recent"].as_u64() >= Some(1), "{wake}");
    }
}

fn wakes_are_counted_against_the_limit() {
    let trace = &read(&["bundled:waking/nine-seconds-ends-the-app.toml"])[0];
    let counted = trace["counters"]["wakes within 5 m"].as_array().expect("a list");
    let most = counted.iter().filter_map(|value| value[1].as_u64()).max();
    let limit = trace["counters"]["wake limit"][0][1].as_u64();
    assert_eq!((most, limit), (Some(16), Some(15)));
    assert_eq!(on(trace, "instants", "kills")[0]["name"], "wake-limit (0xbad22222)");
}

fn a_day_stays_under_two_megabytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("day.perfetto-trace");
    // More happens in hardly any other.
    let scenario = "bundled:waking/nine-seconds-on-ios-4.toml";
    let run = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .args(["run", scenario, "--set", "duration=24h", "--perfetto"])
        .arg(&file)
        .output()
        .expect("it starts");
    assert!(file.is_file(), "{}", String::from_utf8_lossy(&run.stderr));
    let size = file.metadata().expect("a file").len();
    assert!((100_000..2_000_000).contains(&size), "{size}");
}
