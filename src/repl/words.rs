//! A line of a session as words.

use super::refusal::Refusal;
use crate::settings::quoted;

/// One word: what stands between blanks, or between quotes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Word {
    /// The word without its quotes.
    pub(super) text: String,
    /// Whether it begins with a quote, so that it is no `name=value`.
    pub(super) quoted: bool,
}

impl Word {
    /// The word as `name=value`, if it is one.
    pub(super) fn pair(&self) -> Option<(&str, &str)> {
        if self.quoted {
            return None;
        }
        let (name, value) = self.text.split_once('=')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        (!name.is_empty() && name.chars().all(plain)).then_some((name, value))
    }
}

/// The words of `line`. Within double quotes a blank is no end, and `\"` and `\\` are what they say.
///
/// # Errors
/// [`Refusal`] when a quote does not end.
pub(super) fn words(line: &str) -> Result<Vec<Word>, Refusal> {
    let mut words = Vec::new();
    let mut rest = line.trim_start().chars().peekable();
    while rest.peek().is_some() {
        let mut word = Word { text: String::new(), quoted: rest.peek() == Some(&'"') };
        let mut inside = false;
        while let Some(c) = rest.next_if(|c| inside || !c.is_whitespace()) {
            match c {
                '"' => inside = !inside,
                '\\' if inside => word.text.extend(rest.next()),
                c => word.text.push(c),
            }
        }
        if inside {
            return Err(Refusal::new("a quote begins and does not end; close it with \""));
        }
        words.push(word);
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
    }
    Ok(words)
}

/// Words as one text, with blanks between.
pub(super) fn joined(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// `name` as one key of TOML.
pub(super) fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { quoted(name) }
}
