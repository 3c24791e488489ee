//! A page of the docs as its fenced blocks.

use std::path::Path;
use std::process::Command;

/// A fenced block: what language it says it is, and its text.
pub(crate) struct Block<'a> {
    pub(crate) language: &'a str,
    pub(crate) text: &'a str,
}

/// The fenced blocks of `page` that say what language they are, in order.
pub(crate) fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("```") {
        let (language, body) = after.split_once('\n').expect("a line after the fence");
        let (text, after) = body.split_once("```").expect("the fence that ends the block");
        blocks.push(Block { language, text });
        rest = after;
    }
    blocks.retain(|block| !block.language.is_empty());
    blocks
}

/// Every line of `shown` stands in `printed`, one after the other; `…` leaves some out.
pub(crate) fn holds(shown: &str, printed: &str) -> Result<(), String> {
    let mut rest = printed.lines();
    for line in shown.lines().filter(|line| line.trim() != "…") {
        if !rest.any(|printed| printed.trim_end() == line.trim_end()) {
            return Err(format!("not printed (any more): {line}\n--- printed:\n{printed}"));
        }
    }
    Ok(())
}

/// What `command` prints when a shell runs it in `folder`, both streams in that order.
pub(crate) fn run(command: &str, folder: &Path) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_holdline")).parent().expect("its folder");
    let old = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", format!("{}:{old}", binary.display()))
        .env_remove("COLUMNS")
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITHUB_STEP_SUMMARY")
        .output()
        .expect("a shell");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    text(output.stdout) + &text(output.stderr)
}
