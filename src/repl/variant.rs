//! One of the scenarios of a file that is many by `[vary]`: the text of that one.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::settings::quoted;

/// `text` where the key that varies has only this value, and only the steps and expectations for it are left.
/// `value` is as it stands without quotes, `written` as in TOML.
///
/// # Errors
/// A sentence, when the text cannot be changed like that.
pub(super) fn chosen(text: &str, key: &str, value: &str, written: &str) -> Result<String, String> {
    let path: Vec<&str> = ["vary"].into_iter().chain(key.split('.')).collect();
    let text = super::edit::set(text, &path, &format!("[{written}]"))?;
    let document = DeTable::parse(&text).map_err(|wrong| wrong.message().to_owned())?;
    let mut changes: Vec<(Range<usize>, String)> = Vec::new();
    for list in ["step", "expect"] {
        let items = document.get_ref().get(list).and_then(|items| items.get_ref().as_array());
        for item in items.into_iter().flat_map(|items| items.iter()) {
            let Some(table) = item.get_ref().as_table() else { continue };
            let condition = table.get("where").and_then(|value| value.get_ref().as_table());
            let Some(test) = condition.and_then(|condition| test(condition, key)) else { continue };
            if wanted(test.get_ref()).iter().any(|one| one == value) {
                changes.push((test.span(), quoted(value)));
            } else if text[item.span()].starts_with('[') {
                changes.push((whole(&text, item.span().start, table), String::new()));
            } else {
                return Err(format!("write `{list}` as [[{list}]]"));
            }
        }
    }
    changes.sort_by_key(|(span, _)| span.start);
    let mut left = text.clone();
    for (span, other) in changes.into_iter().rev() {
        left.replace_range(span, &other);
    }
    Ok(left)
}

type Value<'t> = toml::Spanned<DeValue<'t>>;

/// The test of `key` in a condition.
fn test<'r, 't>(condition: &'r DeTable<'t>, key: &str) -> Option<&'r Value<'t>> {
    if let Some(found) = condition.get(key) {
        return Some(found);
    }
    condition.iter().find_map(|(name, value)| {
        let rest = key.strip_prefix(name.get_ref().as_ref())?.strip_prefix('.')?;
        test(value.get_ref().as_table()?, rest)
    })
}

/// The values that a test allows, without quotes.
fn wanted(value: &DeValue<'_>) -> Vec<String> {
    match value {
        DeValue::Array(items) => items.iter().flat_map(|item| wanted(item.get_ref())).collect(),
        DeValue::String(text) => vec![text.to_string()],
        DeValue::Integer(number) => vec![number.to_string()],
        DeValue::Float(number) => vec![number.to_string()],
        DeValue::Boolean(yes) => vec![yes.to_string()],
        DeValue::Datetime(date) => vec![date.to_string()],
        DeValue::Table(_) => Vec::new(),
    }
}

/// The lines of the item that begins at `start`, with the empty ones behind them.
fn whole(text: &str, start: usize, table: &DeTable<'_>) -> Range<usize> {
    fn last(table: &DeTable<'_>) -> usize {
        let end =
            |value: &Value<'_>| value.span().end.max(value.get_ref().as_table().map_or(0, last));
        table.values().map(end).max().unwrap_or(0)
    }
    let end = start.max(last(table));
    let mut end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    while let Some(line) =
        text[end..].split_inclusive('\n').next().filter(|line| line.trim().is_empty())
    {
        end += line.len();
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[vary]\nplatform.use = [\"a\", \"b\"]\n\n[[expect]]\nthat = 1\n\
                        where = { platform.use = [\"a\", \"c\"], x = 1 } # why\n\n[[expect]]\n\
                        where.platform.use = \"b\"\nthat = 2\n\n# last\n[[expect]]\nthat = 3\n";

    #[test]
    fn only_what_is_for_the_chosen_value_is_left() {
        let left = chosen(TEXT, "platform.use", "a", "\"a\"").unwrap();
        assert_eq!(
            left,
            "[vary]\nplatform.use = [\"a\"]\n\n[[expect]]\nthat = 1\n\
             where = { platform.use = \"a\", x = 1 } # why\n\n# last\n[[expect]]\nthat = 3\n"
        );
    }

    #[test]
    fn a_value_from_outside_leaves_what_is_for_all() {
        let left = chosen(TEXT, "platform.use", "z", "\"z\"").unwrap();
        assert_eq!(left.matches("[[expect]]").count(), 1);
    }

    #[test]
    fn a_list_in_brackets_is_not_taken_apart() {
        let text = "step = [{ where = { a.b = 1 } }]\n[vary]\na.b = [1, 2]\n";
        assert!(chosen(text, "a.b", "2", "2").unwrap_err().contains("[[step]]"));
    }
}
