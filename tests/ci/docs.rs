//! The workflows of `docs/ci.md`: they are YAML of the right shape, and their commands do what they are there for.

use std::path::Path;
use std::process::Command;

use saphyr::{LoadableYamlNode, Yaml};

use crate::place::{GOOD, Place};

/// The YAML blocks, by the name of their file, which stands in the first line.
fn blocks() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md");
    let text = std::fs::read_to_string(path).unwrap();
    let block = |rest: &str| {
        let block = rest.split("\n```").next().unwrap();
        let name = block.lines().next().unwrap().trim_start_matches("# ").to_owned();
        (name, block.to_owned())
    };
    text.split("```yaml\n").skip(1).map(block).collect()
}

fn block(name: &str) -> String {
    let found = blocks().into_iter().find(|(file, _)| file == name);
    found.unwrap_or_else(|| panic!("no block `{name}`")).1
}

/// Runs the `holdline` commands among these in a folder with scenarios that pass; all of them succeed.
fn play(commands: &[&str]) -> Place {
    let place = Place::with(&[("scenarios/good.toml", GOOD)]);
    let mut played = 0;
    for command in commands {
        let Some(args) = command.strip_prefix("holdline ") else { continue };
        let args: Vec<&str> = args.split(' ').collect();
        let output = place.run(&args);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{command}: {complaint}");
        played += 1;
    }
    assert!(played > 0, "{commands:?}");
    place
}

/// Every option of every command of the page is one that the program has.
#[test]
fn no_command_of_the_page_has_an_option_that_is_not_there() {
    let help =
        Command::new(env!("CARGO_BIN_EXE_holdline")).args(["run", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md");
    let text = std::fs::read_to_string(path).unwrap();
    let runs = text.lines().filter(|line| line.contains("holdline run "));
    let words = runs.flat_map(|line| line.split(' ')).filter(|word| word.starts_with("--"));
    let mut seen = 0;
    for option in words {
        let option = option.trim_end_matches(['`', '.', ',']);
        assert!(help.contains(option), "{option}");
        seen += 1;
    }
    assert!(seen > 3, "{seen}");
}

#[test]
fn the_github_workflow_keeps_what_its_commands_write() {
    let text = block(".github/workflows/reachable.yml");
    let all = Yaml::load_from_str(&text).unwrap();
    assert!(at(&all[0], &["on", "pull_request"]).is_some());
    let steps = at(&all[0], &["jobs", "scenarios", "steps"]).and_then(Yaml::as_sequence).unwrap();
    let commands: Vec<&str> = steps.iter().filter_map(|step| text_at(step, "run")).collect();
    let place = play(&commands);
    let uses = |action: &str| {
        let of =
            |step: &&Yaml<'_>| text_at(step, "uses").is_some_and(|uses| uses.starts_with(action));
        steps.iter().find(of)
    };
    assert!(uses("actions/checkout@").is_some());
    let upload = uses("actions/upload-artifact@").unwrap();
    assert_eq!(text_at(upload, "if"), Some("always()"));
    let kept = at(upload, &["with", "path"]).and_then(Yaml::as_str).unwrap();
    for file in ["junit.xml", "report.html"] {
        assert!(place.path().join(kept).join(file).is_file(), "{file}");
    }
}

#[test]
fn the_gitlab_job_reports_the_file_that_its_command_writes() {
    let text = block(".gitlab-ci.yml");
    let all = Yaml::load_from_str(&text).unwrap();
    let script = at(&all[0], &["scenarios", "script"]).and_then(Yaml::as_sequence).unwrap();
    let commands: Vec<&str> = script.iter().filter_map(Yaml::as_str).collect();
    let place = play(&commands);
    let artifacts = at(&all[0], &["scenarios", "artifacts"]).unwrap();
    assert_eq!(text_at(artifacts, "when"), Some("always"));
    let report = at(artifacts, &["reports", "junit"]).and_then(Yaml::as_str).unwrap();
    let xml = place.text(report);
    assert!(roxmltree::Document::parse(&xml).unwrap().root_element().has_tag_name("testsuites"));
    let kept = at(artifacts, &["paths"]).and_then(Yaml::as_sequence).unwrap()[0].as_str().unwrap();
    assert!(report.starts_with(kept), "{report} is not in {kept}");
}

fn at<'a, 'y>(node: &'a Yaml<'y>, path: &[&str]) -> Option<&'a Yaml<'y>> {
    path.iter().try_fold(node, |node, key| node.as_mapping_get(key))
}

fn text_at<'a>(node: &'a Yaml<'_>, key: &str) -> Option<&'a str> {
    at(node, &[key])?.as_str()
}
