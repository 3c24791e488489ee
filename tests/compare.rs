//! The real binary: two runs under one another, and runs against stored results.
#![cfg(feature = "cli")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// A client in the background for two hours; one push after one hour.
const TALK: &str = r#"
name = "talk"
duration = "2h"
[client]
use = "ping-in-handler"
[[step]]
at = "10s"
do = "user.background"
[[step]]
at = "1h"
do = "server.push"
push = "call"
"#;

struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, text)| folder.write(name, text));
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Exit code, stdout, stderr.
    fn holdline(&self, args: &str) -> (i32, String, String) {
        holdline(self.0.path(), args)
    }

    fn json(&self, args: &str) -> Value {
        serde_json::from_str(&self.holdline(args).1).unwrap()
    }
}

fn holdline(at: &Path, args: &str) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .current_dir(at)
        .args(args.split(' '))
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn kinds(json: &Value) -> Vec<String> {
    let differences = json["differences"].as_array().unwrap().iter();
    differences.map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_trace_that_was_written_and_read_back_is_the_same_as_its_run() {
    let folder = Folder::new(&[("talk.toml", TALK)]);
    assert_eq!(folder.holdline("run talk.toml --trace t --set devices=3").0, 0);
    let (code, out, err) =
        folder.holdline("compare talk.toml t/talk.jsonl --a devices=3 --exit-code");
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("every event is the same ("), "{out}");
    let json = folder.json("compare t/talk.jsonl t/talk.jsonl --format json");
    assert_eq!((&json["same"], kinds(&json)), (&Value::Bool(true), vec![]));
}

#[test]
fn it_ends_with_0_whatever_differs_and_with_1_where_that_is_asked() {
    let folder = Folder::new(&[("talk.toml", TALK)]);
    let args = "compare talk.toml --client ping-in-handler --client plain-socket";
    let (code, out, _) = folder.holdline(args);
    assert_eq!(code, 0, "{out}");
    for line in ["settings that differ", "metrics that differ", "pushes that fared otherwise"] {
        assert!(out.lines().any(|printed| printed == line), "{line}\n{out}");
    }
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    assert_eq!(folder.holdline(&format!("{args} --exit-code")).0, 1);
    assert_eq!(folder.holdline(&format!("{args} --exit-code")).1, out, "twice the same bytes");
    let json = folder.json(&format!("{args} --format json"));
    assert!(kinds(&json).contains(&"push".to_owned()), "{json}");
    let received = json["differences"].as_array().unwrap().iter();
    let received = received.clone().find(|one| one["metric"] == "push.received").unwrap();
    assert_eq!((&received["a"], &received["better"]), (&1.into(), &"a".into()));
}

#[test]
fn what_is_given_once_is_for_both_and_what_is_given_twice_for_one_each() {
    let folder = Folder::new(&[("talk.toml", TALK)]);
    let args = "compare talk.toml --platform ios-8 --seed 7 --b seed=9 --format json";
    let json = folder.json(args);
    assert_eq!(
        (&json["a"]["platform"], &json["b"]["platform"]),
        (&"ios-8".into(), &"ios-8".into())
    );
    assert_eq!((&json["a"]["seed"], &json["b"]["seed"]), (&7.into(), &9.into()));
    let json = folder.json("compare talk.toml --platform ios-8 --platform ios-9 --format json");
    assert_eq!(
        (&json["a"]["platform"], &json["b"]["platform"]),
        (&"ios-8".into(), &"ios-9".into())
    );
}

#[test]
fn published_code_is_compared_with_its_corrected_twin() {
    let json =
        Folder::new(&[]).json("compare bundled:snippets/ping-after-the-handler.toml --format json");
    assert_eq!(json["b"]["client"], "pings-after-handler-fixed");
    assert_eq!(json["code"][0]["key"], "keep-alive.task-end");
    assert_eq!(json["code"][0]["b"]["value"], "done");
}

#[test]
fn what_is_no_trace_is_told_with_its_line_and_nothing_is_compared() {
    let folder = Folder::new(&[("talk.toml", TALK), ("no.jsonl", "{\"format\":1}\n")]);
    folder.holdline("run talk.toml --trace t");
    let trace = folder.read("t/talk.jsonl");
    folder.write("cut.jsonl", &trace[..trace.len() / 2]);
    let last = trace[..trace.len() / 2].lines().count();
    let cases = [
        ("compare no.jsonl t/talk.jsonl", "no.jsonl: line 1: not the first line".to_owned()),
        ("compare t/talk.jsonl cut.jsonl", format!("cut.jsonl: line {last}: ")),
        ("compare t/talk.jsonl", "a trace has to be compared with something".into()),
        ("compare gone.jsonl talk.toml", "gone.jsonl: cannot be read".into()),
        ("compare t/talk.jsonl talk.toml --set seed=3", "nothing can be set in it".into()),
        ("compare talk.toml", "would be compared with itself".into()),
        ("compare bundled:server talk.toml", "one is to be compared".into()),
    ];
    for (args, message) in cases {
        let (code, out, err) = folder.holdline(args);
        assert_eq!((code, out.as_str()), (2, ""), "{args}");
        assert!(err.contains(&message), "{args}: {err}");
    }
}

#[test]
fn a_run_that_is_worse_than_what_is_stored_must_fail() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/baseline");
    let (code, out, _) = holdline(&fixture, "run wakes.toml --baseline results");
    assert_eq!(code, 1, "{out}");
    for line in [
        "    baseline  the model changed since: 0 → 1",
        "    expected  kills at most 0, as stored",
        "    found     kills was 1",
        "    better    wakes 60 → 30",
    ] {
        assert!(out.lines().any(|printed| printed == line), "{line}\n{out}");
    }
    assert!(out.contains("against the baseline: 1 worse, 1 better, 0 without"), "{out}");
}

#[test]
fn what_was_stored_is_what_the_same_run_gives_and_is_not_written_again() {
    let folder = Folder::new(&[("s/talk.toml", TALK)]);
    let (code, out, _) = folder.holdline("run s --runs 2 --baseline b --update-baseline");
    assert!(code == 0 && out.contains("1 file written"), "{out}");
    let stored = folder.read("b/talk.json");
    let (code, out, _) = folder.holdline("run s --runs 2 --baseline b --baseline-strict");
    assert!(code == 0 && out.contains("0 worse, 0 better, 0 without\n"), "{out}");
    let (_, out, _) = folder.holdline("run s --runs 2 --baseline b --update-baseline");
    assert!(out.contains("0 files written"), "{out}");
    assert_eq!(folder.read("b/talk.json"), stored);
}

#[test]
fn a_worse_metric_fails_in_every_output_and_an_update_takes_it() {
    let folder = Folder::new(&[("s/talk.toml", TALK)]);
    folder.holdline("run s --baseline b --update-baseline");
    let worse = "run s --set client.use=plain-socket --baseline b";
    let (code, out, _) = folder.holdline(&format!("{worse} --junit j.xml"));
    assert_eq!(code, 1);
    assert!(out.contains("    expected  push.received at least 1, as stored\n"), "{out}");
    assert!(
        out.contains("    run again holdline run s/talk.toml --seed 1 --set client.use"),
        "{out}"
    );
    assert!(folder.read("j.xml").contains("push.received at least 1, as stored"));
    let json = folder.json(&format!("{worse} --format json"));
    let baseline = &json["verdicts"][0]["baseline"];
    assert_eq!(
        (&json["verdicts"][0]["verdict"], &baseline["verdict"]),
        (&"fail".into(), &"fail".into())
    );
    let names = baseline["worse"].as_array().unwrap().iter().map(|one| &one["metric"]);
    assert!(names.clone().any(|name| name == "push.received"), "{baseline}");
    assert_eq!(folder.holdline(&format!("{worse} --update-baseline")).0, 0);
    assert_eq!(folder.holdline(worse).0, 0);
}

#[test]
fn what_is_tolerated_passes() {
    let folder = Folder::new(&[("s/talk.toml", TALK)]);
    folder.holdline("run s --set network.latency=40ms --baseline b --update-baseline");
    let late = "run s --set network.latency=44ms --baseline b";
    assert_eq!(folder.holdline(late).0, 1);
    folder.write("b/tolerances.toml", "[default]\nall = { relative = \"20%\" }\n");
    let (code, out, _) = folder.holdline(late);
    assert!(code == 0 && out.contains("    otherwise push.latency.max 4"), "{out}");
    folder.write("b/tolerances.toml", "[scenario.talk]\nall = \"any\"\n");
    assert_eq!(folder.holdline(late).0, 0);
    folder.write("b/tolerances.toml", "[scenario.tolk]\nall = \"any\"\n");
    let (code, _, err) = folder.holdline(late);
    assert!(code == 2 && err.contains("there is no scenario `tolk`"), "{err}");
    folder.write("b/tolerances.toml", "[default]\nwake = 1\n");
    let (code, _, err) = folder.holdline(late);
    assert!(code == 2 && err.contains("tolerances.toml: line 2: `wake`"), "{err}");
}

#[test]
fn a_corrupted_baseline_is_wrong_input_and_nothing_is_overwritten() {
    let folder = Folder::new(&[("s/a.toml", TALK), ("s/b.toml", TALK)]);
    folder.holdline("run s --baseline b --update-baseline");
    let good = folder.read("b/a.json");
    folder.write("b/b.json", &good[..good.len() / 2]);
    let changed = "run s --set client.use=plain-socket --baseline b";
    for args in [changed.to_owned(), format!("{changed} --update-baseline")] {
        let (code, out, err) = folder.holdline(&args);
        assert_eq!((code, out.as_str()), (2, ""), "{args}");
        assert!(err.contains("b.json: this is no stored result: "), "{err}");
        assert_eq!(folder.read("b/a.json"), good);
        assert_eq!(folder.read("b/b.json"), good[..good.len() / 2]);
    }
}

#[test]
fn what_is_not_stored_is_said_and_what_is_gone_too() {
    let folder = Folder::new(&[("s/a.toml", TALK), ("s/b.toml", TALK)]);
    let (code, _, err) = folder.holdline("run s --baseline nowhere");
    assert!(code == 2 && err.contains("nothing is stored there"), "{err}");
    folder.holdline("run s --baseline b --update-baseline");
    fs::rename(folder.path("s/b.toml"), folder.path("s/c.toml")).unwrap();
    let (code, out, _) = folder.holdline("run s --baseline b");
    assert_eq!(code, 0);
    assert!(out.contains("nothing is stored of it; `--update-baseline` stores it"), "{out}");
    assert!(out.contains("stored, but in no scenario of this run: b.json"), "{out}");
    assert_eq!(folder.holdline("run s --baseline b --baseline-strict").0, 4);
    let (_, _, err) = folder.holdline("run s --baseline b --format json");
    assert!(err.contains("in no scenario of this run: b.json"), "{err}");
    let (_, out, _) = folder.holdline("run s --baseline b --filter a.toml");
    assert!(!out.contains("in no scenario"), "those that were not asked for are not gone: {out}");
}
