//! The docs are true: the commands they show are run, and what they show is what these print.

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

/// A copy of what the commands in the docs work on, and the README's own scenario.
fn workplace(readme: &str) -> tempfile::TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    for part in ["scenarios", "tests/plists", "tests/fixtures/crash-reports"] {
        copy(&root.join(part), &folder.path().join(part));
    }
    let scenario = fenced(readme, "toml").into_iter().find(|text| text.starts_with("# talk.toml"));
    std::fs::write(folder.path().join("talk.toml"), scenario.expect("the scenario")).unwrap();
    folder
}

/// Runs every command that `document` shows with its output; answers how many there are.
fn run_all(document: &str, text: &str, folder: &Path) -> usize {
    let mut commands = 0;
    for block in fenced(text, "text") {
        let (command, shown) = block.split_once('\n').unwrap();
        let Some(arguments) = command.strip_prefix("$ holdline ") else { continue };
        let output = Command::new(env!("CARGO_BIN_EXE_holdline"))
            .args(arguments.split(' '))
            .current_dir(folder)
            .env_remove("COLUMNS")
            .env_remove("GITHUB_ACTIONS")
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        if let Err(message) = holds(shown, &printed) {
            panic!("{document}: `holdline {arguments}`: {message}");
        }
        commands += 1;
    }
    commands
}

#[test]
fn what_the_docs_show_is_what_their_commands_print() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let folder = workplace(&text("README.md"));
    for (document, commands) in [("README.md", 4), ("docs/answers.md", 13)] {
        let run = run_all(document, &text(document), folder.path());
        assert_eq!(run, commands, "{document} shows {run} commands");
    }
}
