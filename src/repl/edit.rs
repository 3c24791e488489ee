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
