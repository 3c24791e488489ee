//! Published code as strategies: which of its calls is which key, what is wrong with it, and the strategy
//! that is the same without the flaw.

use toml::de::{DeTable, DeValue};

use super::STRATEGIES;

/// The published code that a strategy stands for. Only where it was published is kept, never its text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snippet {
    /// Where such code was published, with the API or program it is about.
    pub published: String,
    /// What is wrong with it; `None` in a corrected twin.
    pub flaw: Option<String>,
    /// The strategy that is the same, corrected.
    pub twin: Option<String>,
    /// Its calls.
    pub calls: Vec<SnippetCall>,
}

/// One call of a snippet, and the key that says what it does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SnippetCall {
    /// The call, in Objective-C or C.
    pub call: String,
    /// The key of the strategy.
    pub key: String,
    /// How the two hang together.
    pub note: String,
}

/// The snippet that `strategy` stands for: the `[snippet]` table of its file. `None` when there is no such
/// strategy, or when it stands for no published code.
pub fn snippet(strategy: &str) -> Option<Snippet> {
    read(STRATEGIES.text(strategy)?)
}

fn read(document: &str) -> Option<Snippet> {
    let document = DeTable::parse(document).ok()?.into_inner();
    let DeValue::Table(table) = document.get("snippet")?.get_ref() else { return None };
    let DeValue::Array(rows) = table.get("calls")?.get_ref() else { return None };
    let call = |row: &DeValue<'_>| {
        let DeValue::Table(row) = row else { return None };
        Some(SnippetCall {
            call: text(row, "call")?,
            key: text(row, "key")?,
            note: text(row, "note")?,
        })
    };
    Some(Snippet {
        published: text(table, "published")?,
        flaw: text(table, "flaw"),
        twin: text(table, "twin"),
        calls: rows.iter().map(|row| call(row.get_ref())).collect::<Option<_>>()?,
    })
}

fn text(table: &DeTable<'_>, name: &str) -> Option<String> {
    match table.get(name)?.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::client::Strategy;
    use crate::settings::Settings;

    fn snippets() -> Vec<(&'static str, Snippet)> {
        STRATEGIES.names().filter_map(|name| Some((name, snippet(name)?))).collect()
    }

    /// What a strategy's own file extends.
    fn base(name: &str) -> Option<String> {
        let document = DeTable::parse(STRATEGIES.text(name)?).unwrap().into_inner();
        text(&document, "extends")
    }

    /// The keys in which two strategies differ.
    fn difference(one: &str, other: &str) -> BTreeSet<&'static str> {
        let (one, other) = (STRATEGIES.get(one).unwrap(), STRATEGIES.get(other).unwrap());
        let keys = Strategy::KEYS.iter().map(|key| key.name);
        keys.filter(|key| one.values.get(key) != other.values.get(key)).collect()
    }

    #[test]
    fn every_snippet_table_can_be_read() {
        for name in STRATEGIES.names() {
            let announced = STRATEGIES.text(name).unwrap().contains("[snippet]");
            assert_eq!(snippet(name).is_some(), announced, "{name}");
        }
        assert!(!snippets().is_empty());
    }

    #[test]
    fn every_call_names_a_key_of_a_strategy_and_says_what_it_has_to_do_with_it() {
        for (name, snippet) in snippets() {
            assert!(snippet.published.len() > 10, "{name}: published");
            assert!(!snippet.calls.is_empty(), "{name}: calls");
            for call in &snippet.calls {
                let known = Strategy::KEYS.iter().any(|key| key.name == call.key);
                assert!(known, "{name}: there is no key `{}`", call.key);
                assert!(!call.call.is_empty() && !call.note.is_empty(), "{name}: {call:?}");
            }
        }
    }

    #[test]
    fn every_flaw_has_a_twin_that_one_of_the_two_extends() {
        for (name, snippet) in snippets() {
            assert_eq!(snippet.flaw.is_some(), snippet.twin.is_some(), "{name}");
            let Some(twin) = snippet.twin else { continue };
            assert!(STRATEGIES.get(&twin).is_ok(), "{name}: there is no `{twin}`");
            let related =
                base(name).as_deref() == Some(&*twin) || base(&twin).as_deref() == Some(name);
            assert!(related, "{name} and {twin}: neither extends the other");
            let flawed = super::snippet(&twin).is_some_and(|twin| twin.flaw.is_some());
            assert!(!flawed, "{twin} has a flaw itself");
        }
    }

    #[test]
    fn a_flaw_and_its_twin_differ_only_in_keys_that_the_calls_name() {
        for (name, snippet) in snippets() {
            let Some(twin) = &snippet.twin else { continue };
            let differ = difference(name, twin);
            assert!(!differ.is_empty(), "{name} and {twin} are the same");
            let named: BTreeSet<&str> = snippet.calls.iter().map(|call| &*call.key).collect();
            let unnamed: Vec<_> = differ.iter().filter(|key| !named.contains(*key)).collect();
            assert!(unnamed.is_empty(), "{name} and {twin} differ in {unnamed:?}");
        }
    }

    #[test]
    fn what_published_code_does_otherwise_than_the_default_is_in_its_calls() {
        for (name, snippet) in snippets().into_iter().filter(|(_, snippet)| snippet.flaw.is_some())
        {
            let named: BTreeSet<&str> = snippet.calls.iter().map(|call| &*call.key).collect();
            let differ = difference(name, "default");
            let unnamed: Vec<_> = differ.iter().filter(|key| !named.contains(*key)).collect();
            assert!(unnamed.is_empty(), "{name}: no call for {unnamed:?}");
        }
    }

    #[test]
    fn what_stands_for_no_published_code_has_no_snippet() {
        assert_eq!(snippet("workload"), None);
        assert_eq!(snippet("no such strategy"), None);
    }
}
