//! A source file as the rules see it: its code without comments and without the text of its strings.

use std::fs;
use std::path::{Path, PathBuf};

/// One Rust file of the package.
pub(crate) struct SourceFile {
    /// Relative to the package.
    pub(crate) path: PathBuf,
    /// The folder directly under `src`, if the file is in one.
    pub(crate) room: Option<String>,
    /// Lines of the file, comments and tests included.
    pub(crate) lines: usize,
    /// The code; comments, strings and characters are blanked, line breaks are kept.
    pub(crate) code: String,
}

impl SourceFile {
    /// A file at `path` (relative to the package) with this text.
    pub(crate) fn new(path: &Path, text: &str) -> SourceFile {
        let inside = path.strip_prefix("src").ok();
        let room = inside.filter(|inside| inside.components().count() > 1).and_then(|inside| {
            Some(inside.components().next()?.as_os_str().to_string_lossy().into_owned())
        });
        SourceFile { path: path.to_owned(), room, lines: text.lines().count(), code: code_of(text) }
    }

    /// Where the code names one of `paths`, alone or in a group such as `std::{fs, fmt}`.
    pub(crate) fn naming(&self, paths: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        for path in paths {
            for at in word_positions(&self.code, path) {
                found.push(self.place(at, path));
            }
            let Some((parent, child)) = path.split_once("::") else { continue };
            for (at, name) in heads(&self.code, &format!("{parent}::")) {
                // Those not in a group have been found above.
                if name == child && !self.code[..at].ends_with("::") {
                    found.push(self.place(at, path));
                }
            }
        }
        found
    }

    /// `file:line: what`, for a position in the code.
    pub(crate) fn place(&self, at: usize, what: &str) -> String {
        let line = self.code[..at].matches('\n').count() + 1;
        format!("{}:{line}: {what}", self.path.display())
    }
}

/// All Rust files under `folder`, which may be missing, in the order of their names.
pub(crate) fn rust_files(folder: &Path) -> Vec<SourceFile> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("sources are UTF-8");
            let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("inside the package");
            files.push(SourceFile::new(path, &text));
        }
    }
    files
}

/// The names that follow `prefix` (`crate::`), with their positions: one for a plain path, the first
/// of each branch for a group.
pub(crate) fn heads<'a>(code: &'a str, prefix: &str) -> Vec<(usize, &'a str)> {
    let mut heads = Vec::new();
    for at in word_positions(code, prefix) {
        let start = at + prefix.len();
        let rest = &code[start..];
        let Some(group) = rest.trim_start().strip_prefix('{') else {
            heads.push((start, name_at(rest)));
            continue;
        };
        let mut depth = 0;
        let mut at_head = true;
        for (offset, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => at_head = true,
                c if at_head && in_name(c) => {
                    let at = code.len() - group.len() + offset;
                    heads.push((at, name_at(&group[offset..])));
                    at_head = false;
                }
                _ => {}
            }
        }
    }
    heads
}

/// Where `word` stands in `code` with no part of a name directly before or after it.
pub(crate) fn word_positions(code: &str, word: &str) -> Vec<usize> {
    let ends_in_name = word.ends_with(in_name);
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(|&at| !code[..at].ends_with(in_name))
        .filter(|&at| !(ends_in_name && code[at + word.len()..].starts_with(in_name)))
        .collect()
}

fn name_at(text: &str) -> &str {
    &text[..text.find(|c| !in_name(c)).unwrap_or(text.len())]
}

fn in_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `text` without comments and without what its literals say.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = skip_len(rest, code.chars().next_back());
        let taken = if skipped > 0 { skipped } else { c.len_utf8() };
        if skipped > 0 {
            code.push(' ');
            code.extend(rest[..taken].chars().filter(|&c| c == '\n'));
        } else {
            code.push(c);
        }
        rest = &rest[taken..];
    }
    code
}

/// The length of the comment or literal at the start of `text`; 0 when there is none.
fn skip_len(text: &str, before: Option<char>) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return block_comment_len(text);
    }
    if text.starts_with('"') {
        return quoted_len(text, '"');
    }
    if text.starts_with('\'') {
        return character_len(text);
    }
    let raw = text.strip_prefix('r').filter(|_| !before.is_some_and(|c| in_name(c) && c != 'b'));
    raw.map_or(0, |rest| {
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        if !rest[hashes..].starts_with('"') {
            return 0;
        }
        let end = format!("\"{}", "#".repeat(hashes));
        let body = 1 + hashes + 1;
        text[body..].find(&end).map_or(text.len(), |at| body + at + end.len())
    })
}

fn block_comment_len(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn quoted_len(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A character literal, or 0 for a lifetime.
fn character_len(text: &str) -> usize {
    let mut chars = text.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => quoted_len(text, '\''),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> SourceFile {
        SourceFile::new(Path::new("src/os/lifecycle.rs"), text)
    }

    #[test]
    fn comments_and_literals_say_nothing() {
        let text = concat!(
            "//! std::fs\n/* std::fs /* nested */ std::fs */\n",
            "let a = \"std::fs \\\" std::fs\"; let b = r#\"std::fs \" std::fs\"#;\n",
            "let c = '\"'; let d: &'static str = b'\\''; // std::fs",
        );
        assert_eq!(file(text).naming(&["std::fs"]), Vec::<String>::new());
        assert!(file(text).code.contains("'static"), "{}", file(text).code);
    }

    #[test]
    fn code_after_a_literal_still_counts() {
        let text = "let a = '\"';\nlet b = br\"x\";\nlet c: &'a str = \"\";\nstd::fs::read(x)";
        assert_eq!(file(text).naming(&["std::fs"]), ["src/os/lifecycle.rs:4: std::fs"]);
    }

    #[test]
    fn a_name_counts_as_a_whole_word_and_inside_a_group() {
        assert!(file("my_tokio(); tokio_like()").naming(&["tokio"]).is_empty());
        assert!(file("use std::fsx;").naming(&["std::fs"]).is_empty());
        assert_eq!(file("use std::fs;").naming(&["std::fs"]).len(), 1);
        assert_eq!(file("use std::{fmt, fs::File};").naming(&["std::fs"]).len(), 1);
        assert_eq!(file(concat!("un", "safe { x }")).naming(&[concat!("un", "safe")]).len(), 1);
        assert!(file("unsafe_code").naming(&["unsafe"]).is_empty());
    }

    #[test]
    fn the_first_folder_is_the_room() {
        let room = |path: &str| SourceFile::new(Path::new(path), "").room;
        assert_eq!(room("src/os/rules/keep_alive.rs").as_deref(), Some("os"));
        assert_eq!(room("src/lib.rs"), None);
        assert_eq!(room("tests/architecture/main.rs"), None);
    }
}
