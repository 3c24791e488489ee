//! `--format json` is what `docs/run.schema.json` and `docs/output.md` say, and nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::place::{Place, stdout};

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn schema() -> Value {
    serde_json::from_str(&document("run.schema.json")).unwrap()
}

/// What the program answers to these arguments.
fn answer(args: &[&str]) -> Value {
    let output = Place::new().run(&[args, &["--format", "json"]].concat());
    serde_json::from_str(&stdout(&output)).unwrap()
}

#[test]
fn every_kind_of_result_is_as_the_schema_says() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for args in [
        &["run", "scenarios"][..],
        &["run", "scenarios", "--check-determinism", "--fail-fast"],
        &["run", "bundled:"],
    ] {
        let answer = answer(args);
        let wrong: Vec<String> = validator
            .iter_errors(&answer)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{args:?}: {wrong:#?}");
    }
}

/// Does something with every object of a schema that stands for one with fixed keys.
fn objects(schema: &Value, each: &mut dyn FnMut(&Value)) {
    match schema {
        Value::Object(map) => {
            if map.contains_key("properties") {
                each(schema);
            }
            map.values().for_each(|value| objects(value, each));
        }
        Value::Array(items) => items.iter().for_each(|item| objects(item, each)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_schema_takes_no_key_that_it_does_not_explain() {
    let (mut keys, mut count) = (BTreeSet::new(), 0);
    objects(&schema(), &mut |object| {
        count += 1;
        assert_eq!(object["additionalProperties"], false, "{object}");
        for (key, value) in object["properties"].as_object().unwrap() {
            assert!(value["description"].as_str().is_some_and(|text| text.len() > 10), "{key}");
            keys.insert(key.clone());
        }
    });
    assert!(count >= 8, "{count}");
    // The page explains the same keys.
    let page = document("output.md");
    let section = page.split("\n## ").nth(1).unwrap();
    let named = |key: &str| {
        ["`", "`.", ".", "`, `"].iter().any(|before| {
            ["`", "[]", "{}", ","]
                .iter()
                .any(|after| section.contains(&format!("{before}{key}{after}")))
        })
    };
    let missing: Vec<&String> = keys.iter().filter(|key| !named(key)).collect();
    assert!(missing.is_empty(), "docs/output.md does not explain {missing:?}");
}

#[test]
fn an_expectation_says_in_which_file_and_line_it_stands() {
    let answer = answer(&["run", "scenarios"]);
    let runs = answer["scenarios"].as_array().unwrap();
    let bad = runs.iter().find(|run| run["file"] == "scenarios/bad.toml").unwrap();
    let places: Vec<(&str, u64)> = bad["expectations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["file"].as_str().unwrap(), one["line"].as_u64().unwrap()))
        .collect();
    let (own, fragment) = ("scenarios/bad.toml", "scenarios/common/never.toml");
    assert_eq!(places, [(fragment, 3), (own, 6), (own, 10)]);
}
