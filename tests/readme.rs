//! The README is true: its scenario and its commands are run, and what it shows is what they print.

use std::path::Path;
use std::process::Command;

fn fenced<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(fence.as_str())
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .collect()
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        std::fs::copy(from, to).unwrap();
    }
}

/// Every line of `shown` stands in `printed`, one after the other; `…` leaves some out.
fn holds(shown: &str, printed: &str) -> Result<(), String> {
    let mut rest = printed.lines();
    for line in shown.lines().filter(|line| line.trim() != "…") {
        if !rest.any(|printed| printed.trim_end() == line.trim_end()) {
            return Err(format!("not printed (any more): {line}\n--- printed:\n{printed}"));
        }
    }
    Ok(())
}

#[test]
fn what_the_readme_shows_is_what_its_commands_print() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&root.join("scenarios"), &folder.path().join("scenarios"));
    copy(&root.join("tests/plists"), &folder.path().join("tests/plists"));
    let scenario = fenced(&readme, "toml").into_iter().find(|text| text.starts_with("# talk.toml"));
    std::fs::write(folder.path().join("talk.toml"), scenario.expect("the scenario")).unwrap();

    let mut commands = 0;
    for block in fenced(&readme, "text") {
        let (command, shown) = block.split_once('\n').unwrap();
        let Some(arguments) = command.strip_prefix("$ holdline ") else { continue };
        let output = Command::new(env!("CARGO_BIN_EXE_holdline"))
            .args(arguments.split(' '))
            .current_dir(folder.path())
            .env_remove("COLUMNS")
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        if let Err(message) = holds(shown, &printed) {
            panic!("`holdline {arguments}`: {message}");
        }
        commands += 1;
    }
    assert_eq!(commands, 3, "the README shows three commands");
}
