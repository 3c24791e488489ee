//! `holdline try` and `holdline matrix`, by the real binary.
#![cfg(feature = "cli")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

struct Answer {
    code: i32,
    out: String,
    err: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}{}", self.out, self.err))
    }
}

fn holdline_in(folder: &Path, args: &[&str]) -> Answer {
    let output = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .args(args)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    Answer {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn holdline(args: &[&str]) -> Answer {
    holdline_in(&std::env::temp_dir(), args)
}

#[test]
fn days_need_no_file_and_are_told_in_sentences_and_drawn() {
    let answer = holdline(&["try", "--days", "2"]);
    assert_eq!((answer.code, answer.err.as_str()), (0, ""));
    for said in [
        "reachable 9",
        "`default` on ios-9 (linked with SDK 9)",
        "  pushes     All ",
        "  worst      Out of reach for ",
        "  noticed    The phone noticed ",
        "  killed     iOS never ended the app.",
        "% of the battery a day.",
        "= believes it is connected",
    ] {
        assert!(answer.out.contains(said), "{said}\n{}", answer.out);
    }
    assert!(!answer.out.contains('\u{1b}'), "colours for nobody");
    let widest = answer.out.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{widest:?}\n{}", answer.out);
}

#[test]
fn what_is_saved_is_exactly_what_was_played() {
    let folder = tempfile::tempdir().unwrap();
    let sets = ["--set", "client.push.work=200ms", "--set", "network.nat.idle-timeout=5m"];
    let options = ["--client", "white-space-in-handler", "--network", "lte-carrier", "--seed", "5"];
    let more = ["--server-heartbeat", "7m", "--days", "2", "--format", "json"];
    let save = ["--save", "day.toml"];
    let args = [&["try"][..], &options, &more, &sets, &save].concat();
    let tried = holdline_in(folder.path(), &args);
    assert_eq!(tried.code, 0, "{}", tried.err);
    let tried = tried.json();
    let run = holdline_in(folder.path(), &["run", "day.toml", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let run = &run.json()["scenarios"][0];
    assert_eq!(run["metrics"], tried["metrics"]);
    assert_eq!(run["metrics"]["reachable"]["value"], tried["reachable_ppm"]);
    assert!(tried["reachable_ppm"].as_u64() > Some(100_000));

    let again = holdline_in(folder.path(), &args);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("day.toml: there is such a file already"), "{}", again.err);
}

#[test]
fn two_clients_meet_the_same_days() {
    let folder = tempfile::tempdir().unwrap();
    let steps = |client: &str| {
        let args = ["try", "--client", client, "--save", client, "--no-timeline", "--days", "3"];
        assert_eq!(holdline_in(folder.path(), &args).code, 0);
        let text = std::fs::read_to_string(folder.path().join(client)).unwrap();
        text.split_once("# ------").unwrap().1.to_owned()
    };
    assert_eq!(steps("plain-socket"), steps("ping-in-handler"));
}

#[test]
fn what_would_help_was_played() {
    let args = ["try", "--client", "plain-socket", "--days", "1", "--format", "json"];
    let tried = holdline(&args).json();
    let advice = &tried["advice"][0];
    let options: Vec<&str> = advice["options"].as_str().unwrap().split(' ').collect();
    let changed = holdline(&[&args[..], &options].concat()).json();
    assert_eq!(changed["reachable_ppm"], advice["reachable_ppm"]);
    assert!(changed["reachable_ppm"].as_u64() > tried["reachable_ppm"].as_u64());
}

#[test]
fn wrong_words_are_answered_with_the_nearest_and_exit_2() {
    for (args, said) in [
        (
            &["try", "--platform", "ois-9"][..],
            "there is no platform `ois-9`; did you mean `ios-9`?",
        ),
        (&["try", "--client", "plain-sokcet"], "did you mean `plain-socket`?"),
        (&["try", "--network", "wifi-hom"], "did you mean `wifi-home`?"),
        (&["try", "--set", "client.push.wrok=1s"], "did you mean `push.work`?"),
        (&["try", "--set", "duration=1h"], "--set duration: use --days"),
        (&["try", "--server-heartbeat", "10ms"], "at least 1s"),
        (&["try", "--days", "0"], "0 is not in 1..=60"),
        (&["try", "--sdk", "0"], "0 is not in 1..="),
        (&["matrix", "--sdk", "99"], "99 is not in 1..="),
        (&["matrix", "--clients", "default,pign-in-handler"], "did you mean `ping-in-handler`?"),
        (&["matrix", "--platforms", "android"], "there is no platform `android`"),
        (&["matrix", "--clients", "default@never"], "--clients default@never:"),
        (&["matrix", "--margin", "0%"], "more than 0%"),
        (&["matrix", "--runs", "3", "--margin", "1%"], "cannot be used with"),
    ] {
        let answer = holdline(args);
        assert_eq!(answer.code, 2, "{args:?}");
        assert!(answer.err.contains(said), "{args:?}: {said}\n{}", answer.err);
        assert_eq!(answer.out, "");
    }
}

#[test]
fn the_help_lists_no_exit_code_that_is_never_given() {
    for command in ["try", "matrix"] {
        let help = holdline(&[command, "--help"]).out;
        let (_, codes) = help.split_once("Exit codes:").unwrap();
        let listed: Vec<_> =
            codes.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(listed, ["0", "2", "3"], "{command}");
    }
}

/// A matrix that takes a moment.
const SMALL: [&str; 9] = [
    "matrix",
    "--clients",
    "plain-socket,ping-in-handler,heartbeat-only@15s",
    "--platforms",
    "ios-4,ios-9,ios-10",
    "--days",
    "1",
    "--runs",
    "3",
];

fn small(more: &[&str]) -> Answer {
    let answer = holdline(&[&SMALL[..], more].concat());
    assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{more:?}");
    answer
}

#[test]
fn one_seed_is_one_table_however_many_are_played_at_once() {
    let one = small(&["--jobs", "1"]).out;
    assert_eq!(one, small(&["--jobs", "3"]).out);
    assert_ne!(one, small(&["--seed", "9"]).out);
}

#[test]
fn the_table_names_the_rules_and_says_what_it_stands_on() {
    let text = small(&[]).out;
    for said in [
        "Reachable, % of the time",
        "99 % of all pushes were read within",
        "Ended by iOS, times a day",
        "socket-reclaimed:",
        "voip-tag-ignored sdk-gate:",
        "kill wake-limit:",
        "3 runs of 1 day (seeds 1 to 3)",
        "with 95 % confidence",
        "chance between seeds",
        "`--sdk 9`",
    ] {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(said), "{said}\n{text}");
    }
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{widest:?}\n{text}");
    let markdown = small(&["--format", "markdown"]).out;
    assert!(markdown.contains("| way | iOS 4 | iOS 9 | iOS 10 |\n| --- | ---: | ---: | ---: |\n"));
    assert!(markdown.contains("<sup>a</sup>") && markdown.contains("- a `"), "{markdown}");
}

#[test]
fn what_is_named_twice_is_drawn_once_and_columns_say_which_versions_they_are_about() {
    let args = ["matrix", "--clients", "default@4m,default@240s", "--days", "1", "--runs", "1"];
    let platforms = ["--platforms", "ios-11,ios-11,ios11,ios-14"];
    let text = holdline(&[&args[..], &platforms].concat()).out;
    let head = text.lines().find(|line| line.starts_with("iOS ")).unwrap();
    assert_eq!(head.split_whitespace().collect::<Vec<_>>(), ["iOS", "11+", "14"], "{text}");
    let rows = text.lines().filter(|line| line.starts_with("default@")).count();
    let tables = text.lines().filter(|line| line.starts_with("iOS ")).count();
    assert_eq!(rows, tables, "{text}");
    assert!(text.contains("11+ is iOS 11 to 12, iOS 14 goes by the rules of ios-13."), "{text}");
}

#[test]
fn the_cells_for_machines_hold_what_the_table_says() {
    let json = small(&["--format", "json", "--sdk", "9"]).json();
    let cells = json["cells"].as_array().unwrap();
    assert_eq!((cells.len(), json["runs"].as_u64()), (9, Some(3)));
    let cell = |client: &str, platform: &str| {
        let fits = |cell: &&Value| cell["client"] == client && cell["platform"] == platform;
        cells.iter().find(fits).unwrap()
    };
    assert!(cell("plain-socket", "ios-9")["reachable_ppm"].as_u64() < Some(300_000));
    // Linked with an old SDK, the legacy path still works there.
    assert!(cell("ping-in-handler", "ios-10")["reachable_ppm"].as_u64() > Some(900_000));
    assert_eq!(cell("heartbeat-only", "ios-4")["kills"].as_array().map(Vec::len), Some(0));
    assert_eq!(cell("heartbeat-only", "ios-9")["kills"][0]["rule"], "wake-limit");
    let pushes = &cell("ping-in-handler", "ios-9")["pushes"];
    assert!(pushes["sent"].as_u64() > Some(30) && pushes["p99_us"].as_u64().is_some());
}
