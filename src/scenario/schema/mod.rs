//! The JSON Schema (draft-07) of the language, made of the tables that the decoder reads by. Editors complete
//! and check by it.
//!
//! `value` says what a single value may be, `keys` what a table of dotted keys may have.

mod keys;
mod value;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use self::keys::Leaf;
use self::value::{VARIABLE, Variables, any_of, from_toml, object, of_forms, of_kind};
use super::Library;
use super::describe::{Place, SectionDoc, describe, squeezed};
use super::table::{KeyInfo, Need};
use super::{expects, include, overrides, variables};
use crate::metrics::{Metric, Unit};
use crate::platform::covering_major;
use crate::settings::{DURATION, ENERGY, Form, SHARE};

/// The schema of a scenario's file; the names of presets are those of `library`.
pub fn schema(library: &dyn Library) -> Value {
    let all = describe();
    let writer = Writer { all: &all, library };
    let mut schema = object(json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "holdline scenario",
        "definitions": writer.definitions(),
    }));
    if let Some(top) = writer.section(Place::Top, "") {
        schema.extend(writer.object(top));
        schema.extend(needed_at_the_top(top));
    }
    Value::Object(schema)
}

/// A schema of the values of `kind`, for tests.
#[cfg(test)]
pub(super) fn of(kind: &crate::settings::Kind) -> Value {
    let all = describe();
    let library = super::Presets::built_in();
    let at = At { writer: &Writer { all: &all, library: &library }, path: String::new() };
    let mut schema = of_kind(kind, Variables::Literal, &at);
    schema.insert("definitions".to_owned(), at.writer.definitions().into());
    Value::Object(schema)
}

/// What has to be there: a fragment needs nothing, and fragments may hold what a scenario does not say itself.
fn needed_at_the_top(top: &SectionDoc) -> Map<String, Value> {
    let required = required(&top.keys);
    let own: Vec<&str> =
        required.iter().copied().filter(|key| include::OWN.contains(key)).collect();
    let with = |key: &'static str| -> Vec<&str> { own.iter().copied().chain([key]).collect() };
    // How long it is, the scenario says itself, or by its phases, or a fragment does.
    object(json!({ "anyOf": [
        { "required": with("duration") },
        { "required": with("phases") },
        { "required": with("include") },
        { "required": ["fragment"], "properties": { "fragment": { "const": true } } },
    ] }))
}

fn required(keys: &[KeyInfo]) -> Vec<&'static str> {
    keys.iter().filter(|key| key.need == Need::Required).map(|key| key.name).collect()
}

/// Writes schemas of what `describe` gives.
struct Writer<'a> {
    all: &'a [SectionDoc],
    library: &'a dyn Library,
}

/// A writer at a table's path: `platform`, `step.after`; empty at the top.
struct At<'a> {
    writer: &'a Writer<'a>,
    path: String,
}

impl value::Tables for At<'_> {
    fn table(&self) -> Value {
        match self.writer.section(Place::Table, &self.path) {
            Some(section) => Value::Object(self.writer.object(section)),
            None => json!({ "type": "object" }),
        }
    }

    fn tables(&self) -> Value {
        match self.writer.section(Place::Each, &self.path) {
            Some(section) => json!({ "type": "array", "items": self.writer.item(section) }),
            None => json!({ "type": "array", "items": { "type": "object" } }),
        }
    }
}

impl Writer<'_> {
    fn section(&self, place: Place, name: &str) -> Option<&SectionDoc> {
        self.all.iter().find(|section| section.place == place && section.name == name)
    }

    /// The rows of a table: acts, or expectations.
    fn rows(&self, place: Place) -> impl Iterator<Item = &SectionDoc> {
        self.all.iter().filter(move |section| section.place == place)
    }

    /// What the value of a key may be, without a word about it.
    fn bare(&self, section: &SectionDoc, key: &KeyInfo) -> Map<String, Value> {
        // A table among the arguments is described as one of the step or expectation.
        let path = match section.place {
            Place::Act => "step",
            Place::Expectation => "expect",
            Place::Top | Place::Table | Place::Each => section.name,
        };
        let literal = path.is_empty() && variables::LITERAL.contains(&key.name);
        let variables = if literal { Variables::Literal } else { Variables::Allowed };
        if let Some(names) = self.names(path, key.name) {
            return names;
        }
        let below = match path {
            "" => key.name.to_owned(),
            path => format!("{path}.{}", key.name),
        };
        of_kind(&key.kind, variables, &At { writer: self, path: below })
    }

    /// The same with title, meaning, default and example.
    fn full(&self, section: &SectionDoc, key: &KeyInfo) -> Value {
        let mut schema = self.bare(section, key);
        let doc = match key.kind.unit {
            "" => squeezed(key.doc),
            unit => format!("{} ({unit})", squeezed(key.doc)),
        };
        schema.insert("title".to_owned(), key.kind.name.into());
        schema.insert("description".to_owned(), doc.into());
        if let Some(default) = section.default(key.name).as_deref().and_then(from_toml) {
            schema.insert("default".to_owned(), default);
        }
        if let Some(example) = from_toml(&key.kind.example()) {
            schema.insert("examples".to_owned(), json!([example]));
        }
        Value::Object(schema)
    }

    /// What a key that names a preset may be.
    fn names(&self, path: &str, key: &str) -> Option<Map<String, Value>> {
        let mut patterns = Vec::new();
        let names = match (path, key) {
            ("platform", "use") => {
                patterns.extend(covered());
                self.library.platform_names()
            }
            ("network", "use" | "other") => self.library.network_names(),
            ("client", "use") => self.library.strategy_names(),
            ("server", "use") => self.library.server_names(),
            (_, _) => return None,
        };
        patterns.push(VARIABLE.to_owned());
        Some(any_of(vec![
            json!({ "enum": names }),
            json!({ "type": "string", "pattern": patterns.join("|") }),
        ]))
    }

    /// A table with the keys of `section` and no others.
    fn object(&self, section: &SectionDoc) -> Map<String, Value> {
        let mut schema = if section.keys.iter().any(|key| key.name.contains('.')) {
            let leaf = |key: &KeyInfo| Leaf {
                name: key.name.to_owned(),
                full: self.full(section, key),
                bare: Value::Object(self.bare(section, key)),
            };
            keys::table(&section.keys.iter().map(leaf).collect::<Vec<_>>())
        } else {
            let property = |key: &KeyInfo| (key.name.to_owned(), self.full(section, key));
            let properties: Map<_, _> = section.keys.iter().map(property).collect();
            object(json!({
                "type": "object", "properties": properties, "additionalProperties": false,
            }))
        };
        schema.insert("description".to_owned(), section.doc.into());
        let required = required(&section.keys);
        if !required.is_empty() && section.place != Place::Top {
            schema.insert("required".to_owned(), required.into());
        }
        if section.name == "expect.count" {
            schema.insert("minProperties".to_owned(), 1.into());
        }
        schema
    }

    /// What the schema refers to by name.
    fn definitions(&self) -> Map<String, Value> {
        let mut all = value::definitions();
        for (name, value) in [("varied", "several"), ("chosen", "plain")] {
            let value = json!({ "$ref": format!("#/definitions/{value}") });
            all.insert(name.to_owned(), self.settable(&value));
        }
        all
    }

    /// A table of keys as `--set` names them.
    fn settable(&self, value: &Value) -> Value {
        let leaf = |name: String| Leaf { name, full: value.clone(), bare: value.clone() };
        let mut leaves: Vec<Leaf> = overrides::TOP.iter().map(|key| leaf((*key).into())).collect();
        let mut open = Map::new();
        for name in overrides::SECTIONS {
            let set = format!("{name}.set");
            let own = self.section(Place::Table, name);
            let own = own.into_iter().flat_map(|section| &section.keys);
            let own: Vec<&str> = own.map(|key| key.name).filter(|key| *key != "set").collect();
            let preset = self.section(Place::Table, &set);
            let preset = preset.into_iter().flat_map(|section| &section.keys);
            let keys = own.iter().copied().chain(preset.map(|key| key.name));
            // A key of the section hides one of the preset: `network.interface`.
            let mut seen = Vec::new();
            for key in keys {
                if !seen.contains(&key) {
                    seen.push(key);
                    leaves.push(leaf(format!("{name}.{key}")));
                }
            }
            if seen.is_empty() {
                let any = json!({ "type": "object", "additionalProperties": value });
                open.insert((*name).to_owned(), any);
            }
        }
        let mut schema = keys::table(&leaves);
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            properties.extend(open);
        }
        Value::Object(schema)
    }

    /// An item of a list of sections: its own keys, and the arguments of what it does or expects.
    fn item(&self, section: &SectionDoc) -> Value {
        let mut schema = self.object(section);
        let (place, by) = match section.name {
            "step" => (Place::Act, "do"),
            "expect" => (Place::Expectation, "that"),
            _ => return Value::Object(schema),
        };
        let union = self.union(place);
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            properties.extend(union.clone());
        }
        let mut rules = self.per_row(section, place, by, &union);
        if place == Place::Act {
            schema.insert(
                "oneOf".to_owned(),
                json!([
                    { "required": ["at"] }, { "required": ["after"] }, { "required": ["every"] },
                ]),
            );
            schema.insert(
                "dependencies".to_owned(),
                json!({ "from": ["every"], "until": ["every"] }),
            );
        } else {
            rules.extend(self.bounds());
        }
        schema.insert("allOf".to_owned(), rules.into());
        Value::Object(schema)
    }

    /// Every argument that some row has, with what it may be in any of them.
    fn union(&self, place: Place) -> Map<String, Value> {
        let mut found: BTreeMap<&str, Vec<(&SectionDoc, &KeyInfo)>> = BTreeMap::new();
        for row in self.rows(place) {
            for key in &row.keys {
                found.entry(key.name).or_default().push((row, key));
            }
        }
        let one = |(name, uses): (&str, Vec<(&SectionDoc, &KeyInfo)>)| {
            let (row, key) = uses[0];
            let mut forms: Vec<Map<String, Value>> = Vec::new();
            let mut docs: Vec<String> = Vec::new();
            for (row, key) in &uses {
                let bare = self.bare(row, key);
                if !forms.contains(&bare) {
                    forms.push(bare);
                }
                let doc = format!("`{}`: {}", row.name, squeezed(key.doc));
                docs.push(doc);
            }
            if uses.len() == 1 {
                return (name.to_owned(), self.full(row, key));
            }
            let mut schema = match forms.len() {
                1 => forms.remove(0),
                _ => any_of(forms.into_iter().map(Value::Object).collect()),
            };
            schema.insert("description".to_owned(), docs.join("\n\n").into());
            (name.to_owned(), Value::Object(schema))
        };
        found.into_iter().map(one).collect()
    }

    /// For each row which arguments it takes and needs. Rows that take the same are one rule.
    fn per_row(
        &self,
        section: &SectionDoc,
        place: Place,
        by: &str,
        union: &Map<String, Value>,
    ) -> Vec<Value> {
        let mut rules: Vec<(Vec<&str>, Value)> = Vec::new();
        for row in self.rows(place) {
            let names: Vec<&str> =
                section.keys.iter().chain(&row.keys).map(|key| key.name).collect();
            let mut then = object(json!({ "propertyNames": { "enum": names } }));
            let required = required(&row.keys);
            if !required.is_empty() {
                then.insert("required".to_owned(), required.into());
            }
            let ambiguous = |key: &&KeyInfo| {
                let any = union.get(key.name).and_then(Value::as_object);
                let bare = self.bare(row, key);
                any.is_some_and(|any| bare.iter().any(|(name, value)| any.get(name) != Some(value)))
            };
            let narrower: Map<String, Value> = row
                .keys
                .iter()
                .filter(ambiguous)
                .map(|key| (key.name.to_owned(), Value::Object(self.bare(row, key))))
                .collect();
            if !narrower.is_empty() {
                then.insert("properties".to_owned(), Value::Object(narrower));
            }
            let then = Value::Object(then);
            match rules.iter_mut().find(|(_, known)| *known == then) {
                Some((names, _)) => names.push(row.name),
                None => rules.push((vec![row.name], then)),
            }
        }
        let rule =
            |(names, then): (Vec<&str>, Value)| json!({ "if": is(by, &names), "then": then });
        rules.into_iter().map(rule).collect()
    }

    /// Bounds on a metric are in its unit, and one of them is there.
    fn bounds(&self) -> Vec<Value> {
        let at = At { writer: self, path: String::new() };
        let needs = json!({ "anyOf": [{ "required": ["min"] }, { "required": ["max"] }] });
        let mut rules = vec![json!({ "if": is("that", &["metric"]), "then": needs })];
        for unit in Unit::ALL {
            let of_unit = Metric::TABLE.iter().filter(|row| row.unit == *unit);
            let names: Vec<&str> = of_unit.map(|row| row.metric.as_str()).collect();
            let form = match unit {
                Unit::Count => expects::COUNT_FORM,
                Unit::Duration => Form::Text(DURATION),
                Unit::Share => Form::Text(SHARE),
                Unit::Energy => Form::Text(ENERGY),
            };
            let bound = of_forms(&[form], Variables::Allowed, &at);
            let then = json!({ "properties": { "min": bound, "max": bound } });
            rules.push(json!({ "if": is("metric", &names), "then": then }));
        }
        rules
    }
}

/// That a key is one of these names.
fn is(key: &str, names: &[&str]) -> Value {
    json!({ "properties": { key: { "enum": names } }, "required": [key] })
}

/// The names of the iOS versions that a profile covers, as a regular expression.
fn covered() -> Option<String> {
    let first = (0..100).find(|major| covering_major(*major).is_some())?;
    // Every version from the first on; two digits are more than the first.
    let majors =
        if first < 10 { format!("([{first}-9]|[1-9][0-9]+)") } else { "[1-9][0-9]+".to_owned() };
    Some(format!(r"^\s*ios-?{majors}(\..*)?\s*$"))
}
