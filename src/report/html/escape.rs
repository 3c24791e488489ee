//! Text that is safe inside a page, whatever is in it.

use std::borrow::Cow;

/// `text` as text or inside a quoted attribute. What no page may hold becomes `�`.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    let special = |c: char| matches!(c, '&' | '<' | '>' | '"' | '\'') || forbidden(c);
    if !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if forbidden(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// `said` as text, with what stands between backticks as code.
pub(super) fn prose(said: &str) -> String {
    let parts: Vec<&str> = said.split('`').collect();
    let mut out = String::new();
    for (n, part) in parts.iter().enumerate() {
        // A last backtick without a partner is one.
        match (n % 2 == 1, n + 1 == parts.len()) {
            (true, false) => out.push_str(&format!("<code>{}</code>", text(part))),
            (true, true) => out.push_str(&format!("`{}", text(part))),
            (false, _) => out.push_str(&text(part)),
        }
    }
    out
}

/// Control characters, and those that turn the direction of what follows around.
fn forbidden(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || c.is_control() && !matches!(c, '\n' | '\t')
}

/// JSON inside a `<script>`: without a `<` nothing in it can end the script or begin a comment.
pub(super) fn json(json: &str) -> String {
    json.replace('<', "\\u003c")
}

/// `text` as a part of an address within the page: letters, digits and `-._/` stay.
pub(super) fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || "._/".contains(c) => out.push(c),
            _ if out.ends_with('-') => {}
            _ => out.push('-'),
        }
    }
    out.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(text("a < b & \"c\" 'd'>"), "a &lt; b &amp; &quot;c&quot; &#39;d&#39;&gt;");
        assert_eq!(text("plain"), "plain");
    }

    #[test]
    fn backticks_in_pairs_are_code() {
        assert_eq!(prose("`<a>` never"), "<code>&lt;a&gt;</code> never");
        assert_eq!(prose("a ` b"), "a ` b");
    }

    #[test]
    fn what_controls_a_terminal_or_turns_text_around_is_replaced() {
        assert_eq!(text("a\u{1b}[2Jb\u{202e}c\n"), "a\u{fffd}[2Jb\u{fffd}c\n");
    }

    #[test]
    fn json_cannot_end_its_script_and_stays_the_same_value() {
        let name = "</script><script>alert(1)</script><!--";
        let safe = json(&serde_json::to_string(name).unwrap());
        assert!(!safe.contains('<'));
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), name);
    }

    #[test]
    fn an_address_has_no_character_that_needs_care() {
        assert_eq!(slug("bundled:server/a \"b\" [1m]"), "bundled-server/a-b-1m");
    }
}
