//! A table of dotted keys: `keep-alive.timeout` is a table in a table, or one key in quotes.

use serde_json::{Map, Value, json};

use super::value::{escaped, object};

/// A key with its dots.
#[derive(Clone)]
pub(super) struct Leaf {
    pub(super) name: String,
    /// What its value may be, with what there is to say about it.
    pub(super) full: Value,
    /// What its value may be.
    pub(super) bare: Value,
}

/// The table that has these keys and no others.
pub(super) fn table(leaves: &[Leaf]) -> Map<String, Value> {
    let mut properties = Map::new();
    // In quotes a key has its dots in it, in whole or in part. Editors need not offer that.
    let mut quoted: Vec<(Vec<String>, Value)> = Vec::new();
    let mut quote = |name: &str, value: Value| match quoted.iter_mut().find(|(_, v)| *v == value) {
        Some((names, _)) => names.push(escaped(name)),
        None => quoted.push((vec![escaped(name)], value)),
    };
    let mut parts: Vec<&str> = Vec::new();
    for leaf in leaves {
        let Some((head, _)) = leaf.name.split_once('.') else {
            properties.insert(leaf.name.clone(), leaf.full.clone());
            continue;
        };
        if !properties.contains_key(head) {
            properties.insert(head.to_owned(), below(leaves, head));
        }
        quote(&leaf.name, leaf.bare.clone());
        for (dot, _) in leaf.name.match_indices('.').skip(1) {
            let part = &leaf.name[..dot];
            if !parts.contains(&part) {
                parts.push(part);
                quote(part, below(leaves, part));
            }
        }
    }
    let mut schema = object(json!({
        "type": "object", "properties": properties, "additionalProperties": false,
    }));
    if !quoted.is_empty() {
        let pattern = |(names, value): (Vec<String>, Value)| (exactly(&names), value);
        let patterns: Map<String, Value> = quoted.into_iter().map(pattern).collect();
        schema.insert("patternProperties".to_owned(), Value::Object(patterns));
    }
    schema
}

/// The table at `head`.
fn below(leaves: &[Leaf], head: &str) -> Value {
    let prefix = format!("{head}.");
    let inner = leaves.iter().filter_map(|leaf| {
        let name = leaf.name.strip_prefix(&prefix)?;
        Some(Leaf { name: name.to_owned(), ..leaf.clone() })
    });
    Value::Object(table(&inner.collect::<Vec<_>>()))
}

/// One of these, which are escaped already.
fn exactly(names: &[String]) -> String {
    format!("^({})$", names.join("|"))
}
