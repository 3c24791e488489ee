//! The real binary: exit codes, what it writes where, and what it says when something is wrong.
#![cfg(feature = "cli")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A client that answers pings in its handler, in the background for two hours; one push after one hour.
const GOOD: &str = r#"
name = "good"
shows = "A push wakes a suspended app."
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
[[expect]]
that = "push-received"
push = "call"
within = "5s"
"#;

/// The same, with more expectations.
fn and(more: &str) -> String {
    format!("{GOOD}{more}")
}

fn failing() -> String {
    and("[[expect]]\nthat = \"event\"\nevent = \"push-received push=call\"\ncount = 0\n")
}

fn undetermined() -> String {
    and(concat!(
        "[[step]]\nat = \"1h 59m 59s\"\ndo = \"network.airplane\"\non = true\n",
        "[[step]]\nat = \"1h 59m 59.5s\"\ndo = \"server.push\"\npush = \"late\"\n",
        "[[expect]]\nthat = \"push-received\"\npush = \"late\"\nwithin = \"1m\"\n",
    ))
}

struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
        command.current_dir(self.path()).args(args);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "GITHUB_ACTIONS"] {
            command.env_remove(name);
        }
        command
    }

    fn holdline(&self, args: &[&str]) -> Answer {
        Answer::of(self.command(args).output().unwrap())
    }
}

struct Answer {
    code: i32,
    out: String,
    err: String,
}

impl Answer {
    fn of(output: Output) -> Answer {
        Answer {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }

    /// What was written, without the times of this machine.
    fn timeless(&self) -> String {
        let line = |line: &str| match (line.split_once(" simulated in "), line.split_once(" (")) {
            (Some((what, _)), Some((_, events))) => format!("{what} simulated in … ({events}"),
            _ => line.to_owned(),
        };
        self.out.lines().map(line).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn what_passes_exits_with_0_and_says_what_came_of_it() {
    let folder = Folder::new(&[("scenarios/talk/good.toml", GOOD)]);
    let answer = folder.holdline(&["run"]);
    assert_eq!((answer.code, answer.err.as_str()), (0, ""));
    insta::assert_snapshot!(answer.timeless());
}

#[test]
fn what_fails_exits_with_1_and_shows_the_expectation_the_events_and_the_command() {
    let folder = Folder::new(&[("my scenario.toml", &failing())]);
    let args = ["run", "my scenario.toml", "--set", "network.nat.idle-timeout=1d"];
    let answer = folder.holdline(&args);
    assert_eq!(answer.code, 1);
    insta::assert_snapshot!(answer.timeless());
}

#[test]
fn the_command_that_is_shown_runs_the_same_again() {
    let folder = Folder::new(&[("a.toml", &failing())]);
    let first = folder.holdline(&["run", "a.toml", "--seed", "9"]);
    let (_, command) = first.out.split_once("run again holdline ").unwrap();
    let words: Vec<&str> = command.lines().next().unwrap().split(' ').collect();
    assert_eq!(folder.holdline(&words).timeless(), first.timeless());
}

#[test]
fn what_the_run_was_too_short_for_exits_with_4() {
    let folder = Folder::new(&[("a.toml", &undetermined())]);
    let answer = folder.holdline(&["run", "a.toml"]);
    assert_eq!(answer.code, 4, "{}", answer.out);
    assert!(answer.out.contains("UNDETERMINED"), "{}", answer.out);
    let both = Folder::new(&[("a.toml", &undetermined()), ("b.toml", &failing())]);
    assert_eq!(both.holdline(&["run", "."]).code, 1);
}

#[test]
fn mistakes_are_underlined_in_every_file_and_nothing_runs() {
    let one = GOOD.replace("user.background", "user.backgroun");
    let two = GOOD.replace("\"2h\"", "\"2 fortnights\"");
    let files = [("s/one.toml", one.as_str()), ("s/two.toml", &two), ("s/good.toml", GOOD)];
    let answer = Folder::new(&files).holdline(&["run", "s"]);
    assert_eq!((answer.code, answer.out.as_str()), (2, ""));
    insta::assert_snapshot!(answer.err);
}

#[test]
fn a_mistake_in_an_option_is_told_once() {
    let folder = Folder::new(&[("a.toml", GOOD), ("b.toml", GOOD)]);
    let answer = folder.holdline(&["run", ".", "--set", "platform.keep-alive.budget=10s"]);
    assert_eq!(answer.code, 2);
    assert_eq!(answer.err.matches("--set platform.keep-alive.budget").count(), 1, "{}", answer.err);
    assert!(answer.err.contains("1 mistake in the options"), "{}", answer.err);
    assert_eq!(folder.holdline(&["run", ".", "--set", "seed"]).code, 2);
}

#[test]
fn wrong_paths_exit_with_2_and_say_what_to_do() {
    let folder = Folder::new(&[("empty/readme.txt", ""), ("a.toml", GOOD)]);
    for (args, part) in [
        (&["run", "gone"] as &[&str], "gone: there is no such file or folder"),
        (&["run", "empty"], "empty: there is no scenario in this folder"),
        (&["run", "a.toml", "--filter", "zebra"], "no scenario has `zebra` in its path or name"),
        (&["run", "bundled:zebra"], "no bundled scenario is at or below `zebra`"),
        (&["run", "a.toml", "--jobs", "0"], "--jobs"),
        (&["fly"], "fly"),
    ] {
        let answer = folder.holdline(args);
        assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{args:?}");
        assert!(answer.err.contains(part), "{args:?}: {}", answer.err);
    }
}

#[test]
fn a_trace_that_cannot_be_written_exits_with_3() {
    let folder = Folder::new(&[("a.toml", GOOD), ("taken", "")]);
    let answer = folder.holdline(&["run", "a.toml", "--trace", "taken"]);
    assert_eq!(answer.code, 3);
    assert!(answer.err.contains("the trace cannot be written"), "{}", answer.err);
}

#[test]
fn help_and_version_exit_with_0() {
    let folder = Folder::new(&[]);
    for args in [&["--help"] as &[&str], &["run", "--help"], &["check", "-h"], &["--version"]] {
        let answer = folder.holdline(args);
        assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{args:?}");
        assert!(args[0] == "--version" || answer.out.contains("Examples:"), "{}", answer.out);
    }
}

#[test]
fn colours_are_only_there_when_asked_for() {
    let folder = Folder::new(&[("a.toml", GOOD)]);
    let escape = '\u{1b}';
    let run = |name: &str| {
        let output = folder.command(&["run", "a.toml"]).env(name, "1").output().unwrap();
        Answer::of(output).out
    };
    assert!(!folder.holdline(&["run", "a.toml"]).out.contains(escape));
    assert!(run("CLICOLOR_FORCE").contains(escape));
    assert!(!run("NO_COLOR").contains(escape));
}

#[test]
fn json_says_everything_in_one_object() {
    let folder = Folder::new(&[("a.toml", &failing())]);
    let answer = folder.holdline(&["run", "a.toml", "--format", "json", "--check-determinism"]);
    assert_eq!(answer.code, 1);
    let json = answer.json();
    assert_eq!(json["version"], 1);
    let run = &json["scenarios"][0];
    assert_eq!((&run["file"], &run["seed"]), (&"a.toml".into(), &1.into()));
    assert_eq!(run["verdict"], "fail");
    assert_eq!(run["expectations"][1]["verdict"], "fail");
    assert_eq!(run["metrics"]["reachable"]["unit"], "ppm");
    assert_eq!(run["metrics"]["push.received"]["value"], 1);
    assert_eq!(run["simulated_us"], 7_200_000_000u64);
    assert_eq!(run["determinism"]["same"], true);
    assert_eq!(json["summary"]["failed"], 1);
}

#[test]
fn many_seeds_say_which_of_them_failed() {
    // Half of all draws are beyond the bound.
    let network = "[network]\nset = { latency = \"uniform(10ms, 30ms)\" }\n[client]";
    let text = GOOD.replace("5s", "20ms").replace("[client]", network);
    let folder = Folder::new(&[("a.toml", &text)]);
    let json = folder.holdline(&["run", "a.toml", "--runs", "20", "--format", "json"]).json();
    let runs = json["scenarios"].as_array().unwrap();
    assert_eq!(runs.len(), 20);
    let failed: Vec<u64> = runs
        .iter()
        .filter(|run| run["verdict"] == "fail")
        .map(|run| run["seed"].as_u64().unwrap())
        .collect();
    assert!((1..20).contains(&failed.len()), "{failed:?}");
    let answer = folder.holdline(&["run", "a.toml", "--runs", "20"]);
    assert_eq!(answer.code, 1);
    let tally = format!("{} of 20 seeds pass; {} fail:", 20 - failed.len(), failed.len());
    let one_line = answer.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(one_line.contains(&tally), "{}", answer.out);
    let command = format!("holdline run a.toml --seed {}", failed[0]);
    assert!(answer.out.contains(&command), "{}", answer.out);
}

#[test]
fn a_trace_is_a_complete_file_of_json_lines_for_each_run() {
    let folder = Folder::new(&[("s/talk/a.toml", GOOD), ("s/b.toml", GOOD)]);
    assert_eq!(folder.holdline(&["run", "s", "--trace", "t/new"]).code, 0);
    for name in ["t/new/talk/a.jsonl", "t/new/b.jsonl"] {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["scenario"], "good");
        assert!(lines.iter().any(|line| line["event"] == "push-received"));
        assert!(text.ends_with('\n'));
    }
    folder.holdline(&["run", "s/b.toml", "--trace", "u", "--runs", "2", "--seed", "5"]);
    let mut names: Vec<String> = fs::read_dir(folder.path().join("u"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["b.seed-5.jsonl", "b.seed-6.jsonl"]);
}

#[test]
fn fail_fast_runs_nothing_that_comes_after_a_failure() {
    let files = [("a.toml", GOOD), ("b.toml", &failing()), ("c.toml", GOOD), ("d.toml", GOOD)];
    let folder = Folder::new(&files);
    let answer = folder.holdline(&["run", ".", "--fail-fast"]);
    assert_eq!(answer.code, 1);
    assert!(answer.out.contains("1 passed, 1 failed, 0 undetermined, 2 not run"), "{}", answer.out);
}

#[test]
fn the_result_does_not_depend_on_the_number_of_jobs() {
    let text = failing();
    let files: Vec<(String, &str)> =
        (0..12).map(|n| (format!("{n}.toml"), text.as_str())).collect();
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let folder = Folder::new(&files);
    let run = |jobs| folder.holdline(&["run", ".", "--jobs", jobs, "--runs", "3"]).timeless();
    assert_eq!(run("1"), run("4"));
}

#[test]
fn a_timeline_fits_80_columns_without_colour() {
    let folder = Folder::new(&[("a.toml", GOOD)]);
    let answer = folder.holdline(&["run", "a.toml", "--timeline"]);
    assert_eq!(answer.code, 0);
    let drawn: Vec<&str> = answer.out.lines().filter(|line| line.starts_with("    ")).collect();
    assert!(drawn.iter().all(|line| line.chars().count() <= 80), "{}", answer.out);
    insta::assert_snapshot!(answer.timeless());
}

#[test]
fn an_info_plist_is_found_beside_its_scenario() {
    let plist = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plists/no-voip.plist"),
    )
    .unwrap();
    let text = GOOD.replace("[client]", "[app]\ninfo-plist = \"app/Info.plist\"\n[client]");
    let folder = Folder::new(&[("s/a.toml", &text), ("s/app/Info.plist", &plist)]);
    // Without the mode nothing wakes the app.
    assert_eq!(folder.holdline(&["run", "s"]).code, 1);
    let folder = Folder::new(&[("s/a.toml", &text)]);
    let answer = folder.holdline(&["run", "s"]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("s/app/Info.plist cannot be read"), "{}", answer.err);
}

/// The scenario files below `folder`, but for fragments.
fn scenarios(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let count = |path: std::path::PathBuf| match path.is_dir() {
        true => scenarios(&path),
        false => {
            let toml = path.extension().is_some_and(|extension| extension == "toml");
            let fragment = || fs::read_to_string(&path).unwrap().contains("\nfragment = true");
            usize::from(toml && !fragment())
        }
    };
    entries.map(count).sum()
}

#[test]
fn every_scenario_is_in_the_binary() {
    let bundled = scenarios(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"));
    let folder = Folder::new(&[]);
    let answer = folder.holdline(&["run", "--list", "--format", "json"]);
    if bundled == 0 {
        assert_eq!(answer.code, 3);
        return;
    }
    let json = answer.json();
    let files = json["scenarios"].as_array().unwrap().iter().map(|one| one["file"].to_string());
    assert_eq!(files.collect::<BTreeSet<_>>().len(), bundled);
    let by_name = folder.holdline(&["run", "bundled:", "--list", "--format", "json"]);
    assert_eq!(by_name.out, answer.out);
}

#[test]
fn a_list_names_scenarios_and_runs_none() {
    let folder = Folder::new(&[("s/good.toml", GOOD)]);
    let answer = folder.holdline(&["run", "s", "--list"]);
    assert_eq!(answer.out, "s/good.toml\n  good\n  A push wakes a suspended app.\n");
}

#[test]
fn presets_and_words_can_be_looked_up() {
    let folder = Folder::new(&[]);
    for (args, part) in [
        (&["list", "events"] as &[&str], "kill"),
        (&["list", "metrics"], "detection.client.max"),
        (&["list", "steps"], "server.restart"),
        (&["list", "expectations"], "push-notified"),
        (&["list", "platforms"], "ios-9"),
        (&["list", "networks"], "wifi-home"),
        (&["list", "strategies"], "ping-in-handler"),
        (&["list", "servers"], "memory-queue"),
        (&["show", "platform", "ios-9"], "keep-alive.handler-budget = "),
        (&["show", "network", "lte-carrier"], "nat.idle-timeout = 30m"),
        (&["show", "strategy", "ping-in-handler"], "keep-alive.timeout = "),
        (&["show", "server", "memory-queue"], " = memory"),
    ] {
        let answer = folder.holdline(args);
        assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{args:?}");
        assert!(answer.out.contains(part), "{args:?}: {}", answer.out);
        assert!(answer.out.lines().all(|line| line.trim_end() == line), "{args:?}");
    }
    let answer = folder.holdline(&["show", "platform", "iso-9"]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("did you mean `ios-9`?"), "{}", answer.err);
}

#[test]
fn nobody_reading_the_output_is_no_error() {
    let folder = Folder::new(&[]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = folder.command(&["show", "platform", "ios-9"]).stdout(writer).output().unwrap();
    let answer = Answer::of(output);
    assert_eq!((answer.code, answer.err.as_str()), (0, ""));
}

#[test]
fn check_reads_an_info_plist() {
    let plists = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plists");
    let folder = Folder::new(&[]);
    let good = plists.join("voip-sdk-9.plist");
    let answer = folder.holdline(&["check", good.to_str().unwrap(), "--platform", "ios-9"]);
    assert_eq!(answer.code, 0);
    assert!(answer.out.contains("voip-socket"), "{}", answer.out);
    let broken = plists.join("broken.plist");
    let answer = folder.holdline(&["check", broken.to_str().unwrap()]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("broken.plist: line 57"), "{}", answer.err);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_left_out_and_refused_by_name() {
    let folder = Folder::new(&[("s/a.toml", GOOD)]);
    let made = Command::new("mkfifo").arg(folder.path().join("s/pipe.toml")).status().unwrap();
    assert!(made.success());
    let answer = folder.holdline(&["run", "s", "--list"]);
    assert_eq!((answer.code, answer.out.matches(".toml").count()), (0, 1), "{}", answer.out);
    let answer = folder.holdline(&["run", "s/pipe.toml"]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("s/pipe.toml: cannot be read: it is no regular file"));
}

#[test]
fn an_app_folder_stands_for_its_info_plist() {
    let plist = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plists/no-voip.plist"),
    )
    .unwrap();
    let text = GOOD.replace("[client]", "[app]\ninfo-plist = \"Talk.app\"\n[client]");
    let folder = Folder::new(&[("a.toml", &text), ("Talk.app/Info.plist", &plist)]);
    let from_folder = folder.holdline(&["run", "a.toml"]);
    let from_file =
        folder.holdline(&["run", "a.toml", "--set", "app.info-plist=Talk.app/Info.plist"]);
    assert_eq!((from_folder.code, from_file.code), (1, 1), "{}", from_folder.err);
}

#[test]
fn an_sdk_that_nobody_gave_is_noted_where_it_matters() {
    let folder = Folder::new(&[("a.toml", GOOD)]);
    let notes = |set: &[&str]| {
        let mut args = vec!["run", "a.toml", "--format", "json"];
        args.extend(set.iter().flat_map(|set| ["--set", set]));
        folder.holdline(&args).json()["scenarios"][0]["notes"].clone()
    };
    let expected = serde_json::json!(["no SDK given: taken as older than 10; give `sdk` in [app]"]);
    assert_eq!(notes(&["platform.use=ios-10"]), expected);
    assert_eq!(notes(&["platform.use=ios-10", "app.sdk=9"]), serde_json::json!([]));
    assert_eq!(notes(&["platform.use=ios-9"]), serde_json::json!([]));
}

#[test]
fn a_filter_does_not_look_at_capitals() {
    let folder = Folder::new(&[("s/Night.toml", GOOD), ("s/day.toml", GOOD)]);
    let answer = folder.holdline(&["run", "s", "--filter", "NIGHT", "--list"]);
    assert_eq!(answer.out.matches(".toml").count(), 1, "{}", answer.out);
}

#[test]
fn a_run_that_was_compared_and_the_same_says_so() {
    let folder = Folder::new(&[("a.toml", GOOD)]);
    let said = "each played twice, apart and together: the same";
    assert!(folder.holdline(&["run", "a.toml", "--check-determinism"]).out.contains(said));
    assert!(!folder.holdline(&["run", "a.toml"]).out.contains(said));
}

#[test]
fn a_scenario_that_expects_nothing_says_so() {
    let text = GOOD.split("[[expect]]").next().unwrap();
    let folder = Folder::new(&[("a.toml", text), ("b.toml", GOOD)]);
    let answer = folder.holdline(&["run", "."]);
    assert_eq!(answer.code, 0);
    assert_eq!(answer.out.matches("(nothing expected)").count(), 1, "{}", answer.out);
}

#[test]
fn a_timeline_of_several_runs_says_which_seed_it_draws() {
    let folder = Folder::new(&[("a.toml", GOOD)]);
    let answer = folder.holdline(&["run", "a.toml", "--timeline", "--seed", "7", "--runs", "3"]);
    assert!(answer.out.contains("    drawn: seed 7\n"), "{}", answer.out);
    assert!(!folder.holdline(&["run", "a.toml", "--timeline"]).out.contains("drawn: seed"));
}

#[test]
fn the_help_names_folders_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let help = Folder::new(&[]).holdline(&["run", "--help"]).out;
    let named: Vec<&str> =
        help.split_whitespace().filter(|word| word.starts_with("scenarios/")).collect();
    assert!(!named.is_empty() && named.iter().all(|name| root.join(name).is_dir()), "{named:?}");
}

/// A varying scenario: the second of its two variants fails.
const VARIES: &str = r#"
include = ["parts/common.toml"]
name = "varies over ${nat}"
[vary]
variables.nat = ["1h", "5m"]
[network]
set = { nat.idle-timeout = "$nat" }
[[expect]]
that = "metric"
metric = "push.latency.max"
max = "5s"
"#;

const COMMON: &str = r#"
fragment = true
duration = "2h"
[variables]
nat = "1h"
[client]
use = "ping-in-handler"
[[step]]
at = "10s"
do = "user.background"
[[step]]
every = "17m"
do = "server.push"
push = "call"
"#;

#[test]
fn every_variant_has_a_line_a_trace_and_a_command_of_its_own() {
    let folder = Folder::new(&[("s/v.toml", VARIES), ("s/parts/common.toml", COMMON)]);
    let answer = folder.holdline(&["run", "s", "--trace", "t"]);
    assert_eq!(answer.code, 1, "{}{}", answer.out, answer.err);
    assert!(answer.out.contains("PASS  v [1h]  "), "{}", answer.out);
    assert!(answer.out.contains("FAIL  v [5m]  "), "{}", answer.out);
    let command = "holdline run s/v.toml --seed 1 --set variables.nat=5m";
    assert!(answer.out.contains(command), "{}", answer.out);
    assert!(
        folder.path().join("t/v.1h.jsonl").exists() && folder.path().join("t/v.5m.jsonl").exists()
    );
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    let again = folder.holdline(&words);
    assert!(again.out.contains("FAIL  v [5m]") && !again.out.contains("[1h]"), "{}", again.out);
    let json = folder.holdline(&["run", "s", "--format", "json"]).json();
    assert_eq!(json["scenarios"][1]["variant"]["variables.nat"], "5m");
    assert_eq!(json["verdicts"][0]["verdict"], "pass");
}

#[test]
fn a_fragment_is_no_scenario_and_says_so_when_it_is_named() {
    let folder = Folder::new(&[("s/v.toml", VARIES), ("s/parts/common.toml", COMMON)]);
    let answer = folder.holdline(&["run", "s/parts/common.toml"]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("this is a fragment"), "{}", answer.err);
}

/// Loss that delays a push under some seeds.
fn lucky(more: &str) -> String {
    format!(
        "name = \"luck\"\nduration = \"2m\"\nruns = 30\n[network]\nset = {{ loss = \"40%\" }}\n\
         [[step]]\nat = \"1m\"\ndo = \"server.push\"\npush = \"call\"\n\
         [[expect]]\nthat = \"push-received\"\npush = \"call\"\nwithin = \"1s\"\n{more}"
    )
}

#[test]
fn a_verdict_that_depends_on_the_seed_is_told_as_flaky() {
    let folder = Folder::new(&[("a.toml", &lucky(""))]);
    let answer = folder.holdline(&["run", "a.toml"]);
    assert_eq!(answer.code, 1);
    assert!(answer.out.contains("FLAKY  a  "), "{}", answer.out);
    assert!(answer.out.contains(" of 30 seeds pass; "), "{}", answer.out);
    assert!(answer.out.contains("0 passed, 1 failed, 0 undetermined, 1 flaky"), "{}", answer.out);
    let json = folder.holdline(&["run", "a.toml", "--format", "json"]).json();
    assert_eq!(
        (&json["verdicts"][0]["flaky"], &json["summary"]["flaky"]),
        (&true.into(), &1.into())
    );
}

#[test]
fn what_has_to_happen_sometimes_fails_when_no_seed_shows_it() {
    let sometimes = lucky("sometimes = true\n");
    let folder = Folder::new(&[("a.toml", &sometimes)]);
    let answer = folder.holdline(&["run", "a.toml"]);
    assert_eq!(answer.code, 0, "{}", answer.out);
    assert!(answer.out.contains("sometimes push-received push=call within 1s"), "{}", answer.out);
    let never = "[[expect]]\nsometimes = true\nthat = \"event\"\nevent = \"kill\"\n";
    let folder = Folder::new(&[("a.toml", &(sometimes + never))]);
    let answer = folder.holdline(&["run", "a.toml"]);
    assert_eq!(answer.code, 1, "{}", answer.out);
    assert!(answer.out.contains("found     under none of 30 seeds"), "{}", answer.out);
    let one = folder.holdline(&["run", "a.toml", "--runs", "1"]);
    assert_eq!(one.code, 4, "{}", one.out);
}

#[test]
fn a_scenario_for_another_world_is_left_out_and_counted() {
    let live = GOOD.replacen("duration", "worlds = [\"live\"]\nduration", 1);
    let folder = Folder::new(&[("s/a.toml", GOOD), ("s/b.toml", &live)]);
    let answer = folder.holdline(&["run", "s"]);
    assert_eq!(answer.code, 0);
    assert!(answer.out.contains("1 passed, 0 failed, 0 undetermined, 1 not for this world"));
    assert_eq!(folder.holdline(&["run", "s/b.toml"]).code, 2, "nothing was played");
}
