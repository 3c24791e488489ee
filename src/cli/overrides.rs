//! `--set key=value`, and how arguments are written for a shell.

use crate::scenario::Override;

/// Reads `key=value`.
pub(super) fn parse(text: &str) -> Result<Override, String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok(Override::new(key.trim(), value)),
        Some(_) | None => {
            Err("write key=value, for example platform.keep-alive.handler-budget=10s".into())
        }
    }
}

/// `text` as one word of a shell's command line.
pub(super) fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_may_hold_further_equals_signs() {
        let over = parse("client.x = a=b").unwrap();
        assert_eq!((over.key.as_str(), over.value.as_str()), ("client.x", " a=b"));
        assert!(parse("seed").is_err());
        assert!(parse("=7").is_err());
    }

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        assert_eq!(quoted("a/b-1.toml"), "a/b-1.toml");
        assert_eq!(quoted("my scenario.toml"), "'my scenario.toml'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
