//! A key of a scenario's text gets another value; everything else stays as somebody wrote it.

use toml::de::{DeTable, DeValue};

use super::words::key;

/// How a table that is there is written.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Written {
    /// Under its own header, whose end this is.
    Header(usize),
    /// Between braces: the place behind the opening one, and that of the closing one.
    Braces(usize, usize),
    /// By keys with dots in the table around it.
    Dotted,
    /// Only by the headers of tables in it.
    Implied,
}

/// `text` with the key at `path` having `value`, as TOML.
///
/// # Errors
/// A sentence, when the text cannot be changed like that.
pub(super) fn set(text: &str, path: &[&str], value: &str) -> Result<String, String> {
    let document = DeTable::parse(text).map_err(|wrong| wrong.message().to_owned())?;
    let mut table = document.get_ref();
    // The tables on the way that are there: where each begins in `path`, and how it is written.
    let mut way: Vec<(usize, Written)> = Vec::new();
    let mut rest = 0;
    while rest < path.len() {
        // A key with dots may be written as one, in quotes.
        let found = (rest + 1..=path.len())
            .rev()
            .find_map(|end| Some((end, table.get(path[rest..end].join(".").as_str())?)));
        let Some((end, value_there)) = found else { break };
        let span = value_there.span();
        if let DeValue::Table(inner) = value_there.get_ref() {
            if end == path.len() {
                return Err(format!("`{}` is a table", path.join(".")));
            }
            way.push((end, written(text, span)));
            (table, rest) = (inner, end);
            continue;
        }
        if end < path.len() {
            return Err(format!("`{}` is no table", path[..end].join(".")));
        }
        return Ok(format!("{}{value}{}", &text[..span.start], &text[span.end..]));
    }
    Ok(insert(text, path, &way, value))
}

/// Whether there is a key at `path`.
pub(super) fn has(text: &str, path: &[&str]) -> bool {
    fn below(table: &DeTable<'_>, path: &[&str]) -> bool {
        (1..=path.len()).rev().any(|end| {
            let found = table.get(path[..end].join(".").as_str()).map(|value| value.get_ref());
            match (found, &path[end..]) {
                (Some(_), []) => true,
                (Some(DeValue::Table(inner)), rest) => below(inner, rest),
                (Some(_) | None, _) => false,
            }
        })
    }
    DeTable::parse(text).is_ok_and(|document| below(document.get_ref(), path))
}

fn written(text: &str, span: std::ops::Range<usize>) -> Written {
    let head = &text[span.clone()];
    if head.starts_with('{') {
        let close = text[..span.end].rfind('}').unwrap_or(span.end);
        return Written::Braces(span.start + 1, close);
    }
    let line = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    match (head.starts_with('['), text[line..].trim_start().starts_with('[')) {
        (true, _) => Written::Header(span.end),
        (false, true) => Written::Implied,
        (false, false) => Written::Dotted,
    }
}

/// Puts the key at `path`, which is not there, into the innermost table on its `way` that can take it.
fn insert(text: &str, path: &[&str], way: &[(usize, Written)], value: &str) -> String {
    for (place, how) in way.iter().rev() {
        let line = format!("{} = {value}", keys(&path[*place..]));
        match how {
            Written::Header(end) => {
                let end = text[*end..].find('\n').map_or(text.len(), |at| end + at);
                return format!("{}\n{line}{}", &text[..end], &text[end..]);
            }
            Written::Braces(open, close) => {
                let inside = text[*open..*close].trim();
                let comma = if inside.is_empty() || inside.ends_with(',') { "" } else { "," };
                let head = text[..*close].trim_end();
                return format!("{head}{comma} {line} {}", &text[*close..]);
            }
            Written::Implied => {
                let section = format!("[{}]\n{line}\n", keys(&path[..*place]));
                return at_top(text, &format!("\n{section}"));
            }
            Written::Dotted => {}
        }
    }
    let dotted = way.iter().any(|(_, how)| *how == Written::Dotted);
    match path {
        [section, rest @ ..] if !rest.is_empty() && !dotted => {
            at_top(text, &format!("\n[{}]\n{} = {value}\n", key(section), keys(rest)))
        }
        path => at_top(text, &format!("{} = {value}\n", keys(path))),
    }
}

fn keys(path: &[&str]) -> String {
    path.iter().map(|name| key(name)).collect::<Vec<_>>().join(".")
}

/// `text` with `lines` behind the keys at its top.
fn at_top(text: &str, lines: &str) -> String {
    let at = top_end(text);
    let (before, after) = text.split_at(at);
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    format!("{before}{gap}{lines}{after}")
}

/// The end of the line of the last key at the top of `text`; its beginning when there is none.
fn top_end(text: &str) -> usize {
    let Ok(document) = DeTable::parse(text) else { return 0 };
    let header = |start: usize| {
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        text[line..].trim_start().starts_with('[')
    };
    let mut last = 0;
    let mut tables = vec![document.get_ref()];
    while let Some(table) = tables.pop() {
        for (name, value) in table {
            // What stands on a line with a header, or below one, is not at the top.
            if header(name.span().start) {
                continue;
            }
            match value.get_ref() {
                DeValue::Table(inner) if !text[value.span()].starts_with('{') => tables.push(inner),
                DeValue::Table(_)
                | DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_) => last = last.max(value.span().end),
            }
        }
    }
    match last {
        0 => 0,
        last => text[last..].find('\n').map_or(text.len(), |at| last + at + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &[&str] = &["platform", "set", "wake-limit", "count"];

    /// Sets the key, and checks that it is there then and all else is as before.
    fn changed(text: &str) -> String {
        let after = set(text, PATH, "7").unwrap();
        let document = DeTable::parse(&after).unwrap_or_else(|wrong| panic!("{after}\n{wrong}"));
        let mut value = document.get_ref().get("platform").unwrap().get_ref();
        for key in &PATH[1..] {
            value = value.as_table().and_then(|table| table.get(*key)).unwrap().get_ref();
        }
        assert!(matches!(value, DeValue::Integer(n) if n.to_string() == "7"), "{after}");
        after
    }

    #[test]
    fn a_key_is_put_into_the_table_it_belongs_to_however_that_is_written() {
        for (text, after) in [
            ("", "\n[platform]\nset.wake-limit.count = 7\n"),
            ("a = 1\n[[step]]\n", "a = 1\n\n[platform]\nset.wake-limit.count = 7\n[[step]]\n"),
            ("[platform]\nuse = 1\n", "[platform]\nset.wake-limit.count = 7\nuse = 1\n"),
            ("[platform]", "[platform]\nset.wake-limit.count = 7"),
            ("[platform.set]\nx = 1\n", "[platform.set]\nwake-limit.count = 7\nx = 1\n"),
            ("[platform]\nset = {}\n", "[platform]\nset = { wake-limit.count = 7 }\n"),
            (
                "[platform]\nset = { x = 1 }\n",
                "[platform]\nset = { x = 1, wake-limit.count = 7 }\n",
            ),
            ("platform = { use = 1 }\n", "platform = { use = 1, set.wake-limit.count = 7 }\n"),
            (
                "platform.use = 1\n[[step]]\n",
                "platform.use = 1\nplatform.set.wake-limit.count = 7\n[[step]]\n",
            ),
            (
                "[platform]\nset.wake-limit.window = 1\n",
                "[platform]\nset.wake-limit.count = 7\nset.wake-limit.window = 1\n",
            ),
            (
                "[platform.set.wake-limit]\nwindow = 1\n",
                "[platform.set.wake-limit]\ncount = 7\nwindow = 1\n",
            ),
            ("[platform.set] # why\n", "[platform.set] # why\nwake-limit.count = 7\n"),
        ] {
            assert_eq!(changed(text), after);
        }
    }

    #[test]
    fn a_value_that_is_there_is_replaced_where_it_stands() {
        for (text, after) in [
            (
                "[platform]\nset.wake-limit.count = 15 # a\n",
                "[platform]\nset.wake-limit.count = 7 # a\n",
            ),
            (
                "[platform.set]\n\"wake-limit\".count = 15\n",
                "[platform.set]\n\"wake-limit\".count = 7\n",
            ),
            (
                "platform = { set = { wake-limit = { count = 15 } } }",
                "platform = { set = { wake-limit = { count = 7 } } }",
            ),
        ] {
            assert_eq!(changed(text), after);
        }
        let quoted = "[platform.set]\n\"wake-limit.count\" = 15\n";
        assert_eq!(set(quoted, PATH, "7").unwrap(), quoted.replace("15", "7"));
    }

    #[test]
    fn a_section_of_which_only_a_part_is_there_is_begun() {
        let text = "name = 1\n[platform.set]\nx = 1\n";
        let after = set(text, &["platform", "use"], "\"ios-8\"").unwrap();
        assert_eq!(after, "name = 1\n\n[platform]\nuse = \"ios-8\"\n[platform.set]\nx = 1\n");
        assert!(DeTable::parse(&after).is_ok());
    }

    #[test]
    fn what_is_no_table_is_left_alone() {
        assert!(set("platform = 1\n", PATH, "7").unwrap_err().contains("`platform` is no table"));
        assert!(set("[platform]\n", &["platform"], "7").unwrap_err().contains("is a table"));
        assert!(set("a = \n", PATH, "7").is_err());
    }
}
