//! The JSON Schema of scenarios, held by a validator that is not ours: it lets pass what can be played, and
//! refuses what the decoder refuses, as far as a schema can see it.

mod wrong;

use std::path::{Path, PathBuf};

use holdline::scenario::{Presets, schema};
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use toml::de::{DeTable, DeValue};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn validator() -> Validator {
    jsonschema::draft7::new(&schema(&Presets::built_in())).expect("a schema")
}

/// A TOML text as editors hand it to a validator.
fn to_json(text: &str) -> Value {
    table(DeTable::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}")).get_ref())
}

fn table(table: &DeTable<'_>) -> Value {
    let members = table.iter().map(|(key, value)| (key.get_ref().to_string(), of(value.get_ref())));
    Value::Object(members.collect::<Map<_, _>>())
}

fn of(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => json!(text.as_ref()),
        DeValue::Integer(number) => {
            json!(i64::from_str_radix(number.as_str(), number.radix()).unwrap())
        }
        DeValue::Float(number) => json!(number.as_str().parse::<f64>().unwrap()),
        DeValue::Boolean(yes) => json!(yes),
        DeValue::Datetime(date) => json!(date.to_string()),
        DeValue::Array(items) => items.iter().map(|item| of(item.get_ref())).collect(),
        DeValue::Table(inner) => table(inner),
    }
}

/// What the schema has against `scenario`; empty when it fits.
fn objections(validator: &Validator, scenario: &Value) -> String {
    validator
        .iter_errors(scenario)
        .map(|error| format!("  {}: {error}\n", error.instance_path()))
        .collect()
}

fn toml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            toml_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
}

/// Every scenario of the repository, by name.
fn good() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    for folder in ["scenarios", "tests/golden", "tests/fixtures/must-fail"] {
        toml_files(&root().join(folder), &mut paths);
    }
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path.strip_prefix(root()).unwrap().display().to_string(), text)
    };
    let mut all: Vec<_> = paths.into_iter().map(read).collect();
    assert!(all.len() > 100, "only {} scenarios", all.len());
    // Of the texts in the docs those that are whole scenarios.
    let before = all.len();
    for document in ["README.md", "docs/scenarios.md", "docs/answers.md", "docs/editors.md"] {
        let text = std::fs::read_to_string(root().join(document)).unwrap();
        let blocks = text.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
        let whole = blocks.filter(|block| to_json(block).get("name").is_some());
        all.extend(whole.map(|block| (document.to_owned(), block.to_owned())));
    }
    assert!(all.len() >= before + 2, "the docs show scenarios");
    all
}

#[test]
fn docs_scenario_schema_is_what_holdline_schema_prints() {
    let path = root().join("docs/scenario.schema.json");
    let text = serde_json::to_string_pretty(&schema(&Presets::built_in())).unwrap() + "\n";
    if std::env::var_os("HOLDLINE_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == text,
        "docs/scenario.schema.json is stale: run `HOLDLINE_UPDATE_DOCS=1 cargo test --test schema`"
    );
}

#[test]
fn the_schema_is_a_schema_of_draft_7() {
    let schema = schema(&Presets::built_in());
    assert!(jsonschema::meta::is_valid(&schema));
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
}

#[test]
fn every_scenario_that_can_be_played_fits_the_schema() {
    let validator = validator();
    let mut report = String::new();
    for (name, text) in good() {
        let objections = objections(&validator, &to_json(&text));
        if !objections.is_empty() {
            report += &format!("{name}:\n{objections}");
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

/// The paths of all tables in `value` that can have only the keys there are.
fn tables(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.push(path.to_owned());
            for (key, value) in members {
                tables(value, &format!("{path}/{}", key.replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                tables(item, &format!("{path}/{place}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn an_unknown_key_is_refused_wherever_it_stands() {
    let validator = validator();
    let mut tried = 0;
    for (name, text) in good() {
        let scenario = to_json(&text);
        let mut paths = Vec::new();
        tables(&scenario, "", &mut paths);
        // Variables have the names that their author likes.
        for path in paths.iter().filter(|path| !path.ends_with("/variables")) {
            let mut changed = scenario.clone();
            let table = changed.pointer_mut(path).and_then(Value::as_object_mut).unwrap();
            table.insert("no-such-key".to_owned(), json!("10s"));
            assert!(!validator.is_valid(&changed), "{name}: `no-such-key` in {path}");
            tried += 1;
        }
    }
    assert!(tried > 500, "only {tried} tables");
}

/// Where a schema says no more of a table than that it is one.
fn undescribed(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if *value == json!({ "type": "object" }) {
                found.push(path.to_owned());
            }
            for (key, value) in members {
                undescribed(value, &format!("{path}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                undescribed(item, &format!("{path}/{place}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_table_is_described_wherever_it_may_stand() {
    let mut found = Vec::new();
    undescribed(&schema(&Presets::built_in()), "", &mut found);
    assert_eq!(found, Vec::<String>::new());
}
