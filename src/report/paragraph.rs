//! Text broken into lines.

/// Appends `head` and then `text`, broken at blanks before column `width`; further lines are indented by
/// `indent`. `head` may hold colours, so its visible width is given. A word longer than a line stands
/// alone on it, and control characters are left out.
pub fn paragraph(
    out: &mut String,
    (head, head_width): (&str, usize),
    indent: usize,
    text: &str,
    width: usize,
) {
    out.push_str(head);
    let mut column = head_width;
    let mut fresh = true;
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let mut word = word.to_owned();
        while let Some(unit) = words.next_if(|next| is_unit(next)) {
            word.push(' ');
            word.push_str(unit);
        }
        word.retain(|c| !c.is_control());
        let length = word.chars().count();
        if !fresh && column + 1 + length > width {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
            fresh = true;
        }
        if !fresh {
            out.push(' ');
            column += 1;
        }
        out.push_str(&word);
        column += length;
        fresh = false;
    }
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

/// Whether `word` is a unit, which stays with its number.
fn is_unit(word: &str) -> bool {
    let bare = word.trim_end_matches([';', ',', '.', ')']);
    ["%", "d", "h", "m", "s", "ms", "µs"].contains(&bare)
}

/// `text` without anything that could move a terminal's cursor.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// `text` cut to `width` characters, with `…` in place of what is missing.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// `text` cut to `width` characters, with `…` in the middle for what is missing: names that begin alike often
/// end apart.
pub fn cut_middle(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    let tail = width / 2;
    let head: String = text.chars().take(width.saturating_sub(tail + 1)).collect();
    let tail: String = text.chars().skip(length - tail).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_its_beginning_and_its_end() {
        assert_eq!(cut_middle("ping-in-handler", 15), "ping-in-handler");
        assert_eq!(cut_middle("reconnect-in-handler-600s-corrected", 17), "reconnec…orrected");
    }

    #[test]
    fn lines_break_at_blanks_and_hang() {
        let mut out = String::new();
        paragraph(&mut out, ("- ", 2), 2, "one two three four", 10);
        assert_eq!(out, "- one two\n  three\n  four\n");
    }

    #[test]
    fn a_unit_stays_with_its_number() {
        let mut out = String::new();
        paragraph(&mut out, ("", 0), 0, "after 20.9 s; push", 10);
        assert_eq!(out, "after\n20.9 s;\npush\n");
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("reachable", 9), "reachable");
        assert_eq!(cut("reachable", 5), "reac…");
    }
}
