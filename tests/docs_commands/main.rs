//! The docs are true: the commands they show are run, and what they show is what these print.

mod page;

use std::path::Path;

use page::{blocks, holds, run};

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

/// A copy of what the commands in the docs work on, and the README's own scenario.
fn workplace(readme: &str) -> tempfile::TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    for part in ["scenarios", "tests/plists", "tests/fixtures/crash-reports"] {
        copy(&root.join(part), &folder.path().join(part));
    }
    let all = blocks(readme);
    let scenario = all.iter().find(|block| block.text.starts_with("# talk.toml"));
    let scenario = scenario.expect("the scenario").text;
    std::fs::write(folder.path().join("talk.toml"), scenario).unwrap();
    folder
}

/// Runs every command that `document` shows with its output; answers how many there are.
fn run_all(document: &str, text: &str, folder: &Path) -> usize {
    let mut commands = 0;
    for block in blocks(text).iter().filter(|block| block.language == "text") {
        let (command, shown) = block.text.split_once('\n').unwrap();
        let Some(command) = command.strip_prefix("$ ") else { continue };
        if !command.starts_with("holdline ") {
            continue;
        }
        if let Err(message) = holds(shown, &run(command, folder)) {
            panic!("{document}: `{command}`: {message}");
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
