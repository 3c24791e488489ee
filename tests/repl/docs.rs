//! The session in the manual is a real one.

use std::fmt::Write;
use std::path::Path;

use crate::{repl, text};

const OPEN: &str = "```text\n$ holdline repl";

/// The manual with what every command of its sessions says.
fn played(manual: &str, folder: &Path) -> (String, usize) {
    let mut parts = manual.split(OPEN);
    let mut out = parts.next().unwrap_or_default().to_owned();
    let mut sessions = 0;
    for part in parts {
        let (block, after) = part.split_once("```").unwrap();
        let (arguments, lines) = block.split_once('\n').unwrap();
        let commands: String = lines.lines().filter_map(|line| line.strip_prefix("repl> ")).fold(
            String::new(),
            |mut all, line| {
                let _ = writeln!(all, "{line}");
                all
            },
        );
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let output = repl(&arguments, folder, &commands);
        let (told, errors) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{told}{errors}");
        let _ = write!(out, "{OPEN}{}\n{told}```{after}", arguments.join(" "));
        sessions += 1;
    }
    (out, sessions)
}

#[test]
fn what_the_manual_shows_is_what_a_session_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("docs/repl.md");
    let manual = std::fs::read_to_string(&path).unwrap();
    let (played, sessions) = played(&manual, root);
    assert_eq!(sessions, 1);
    if std::env::var_os("HOLDLINE_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &played).unwrap();
        return;
    }
    assert_eq!(manual, played, "HOLDLINE_UPDATE_DOCS=1 cargo test --test repl writes it");
}

#[test]
fn the_manual_names_every_command() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manual = std::fs::read_to_string(root.join("docs/repl.md")).unwrap();
    let help = text(&repl(&[], root, "help\n").stdout);
    let mut listed = help.lines().skip_while(|line| !line.contains("Commands")).skip(1);
    let mut commands = 0;
    for line in listed.by_ref().take_while(|line| !line.starts_with("Acts")) {
        let Some(name) = line.strip_prefix("  ").filter(|line| !line.starts_with(' ')) else {
            continue;
        };
        let name = name.split_whitespace().next().unwrap();
        assert!(manual.contains(&format!("`{name}")), "docs/repl.md does not name `{name}`");
        commands += 1;
    }
    assert!(commands >= 20, "{help}");
}
