//! The tour, walked: every command in it, one after the other, in one folder that is empty at first.

use std::path::Path;

use crate::page::{Block, blocks, holds, run};

/// `.ci/run` installs it so, and runs what it installed from an empty folder.
const INSTALLED_BY_CI: &str = "cargo install --path .";

/// What a block is in the tour.
enum Part<'a> {
    /// Files are written as they are shown; the first line is a comment with the name.
    File(&'a str),
    /// A command, and what it prints.
    Shown(&'a str, &'a str),
    /// Commands, a line each, whose output is not shown.
    Commands(&'a str),
}

fn part<'a>(block: &Block<'a>) -> Part<'a> {
    let (first, rest) = block.text.split_once('\n').expect("a line");
    match (block.language, first.split_once(' ')) {
        ("text", Some(("$", command))) => Part::Shown(command, rest),
        ("sh", _) => Part::Commands(block.text),
        ("toml" | "yaml" | "text", Some(("#", name))) => {
            assert!(!name.contains(' '), "a file's first line is `# NAME`: {first}");
            Part::File(name)
        }
        (language, _) => {
            panic!("the tour has a block that is no command and no file: {language} {first}")
        }
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn every_command_of_the_tour_does_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/tour.md")).unwrap();
    let ci = std::fs::read_to_string(root.join(".ci/run")).unwrap();
    assert!(ci.contains(INSTALLED_BY_CI), "CI does not install it any more");
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut commands = 0;
    for block in blocks(&page) {
        match part(&block) {
            Part::File(name) => write(folder, name, block.text),
            Part::Shown(command, shown) => {
                let printed = run(command, folder);
                holds(shown, &printed).unwrap_or_else(|message| panic!("`{command}`: {message}"));
                commands += 1;
            }
            Part::Commands(lines) => {
                for line in lines.lines().filter(|line| *line != INSTALLED_BY_CI) {
                    let printed = run(&format!("{line} && echo DONE"), folder);
                    assert!(printed.contains("DONE"), "`{line}` fails:\n{printed}");
                    commands += 1;
                }
            }
        }
    }
    assert!(commands > 12, "the tour has {commands} commands");
}
