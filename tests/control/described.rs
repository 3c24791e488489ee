//! The description is true: it names every path and method and no other, and everything that it documents happens.

use std::collections::BTreeSet;

use holdline::live::control::{MOST_BODY, OPENAPI, ROUTES};
use holdline::live::server::api::Refused;
use serde_json::{Value, json};

use crate::fake::{Answer, Fake, Mood, TOKEN};

fn document() -> Value {
    serde_json::from_str(OPENAPI).unwrap()
}

const METHODS: [&str; 5] = ["get", "post", "delete", "put", "patch"];

/// Each method and path of the description.
pub(crate) fn operations() -> Vec<(String, String)> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &Value)| {
        let methods = METHODS.into_iter().filter(|method| item.get(method).is_some());
        methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

/// What a `$ref` leads to.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(to) => document.pointer(to.trim_start_matches('#')).expect(to),
        None => value,
    }
}

/// Holds `value` to a schema of the document.
fn hold(document: &Value, schema: &Value, value: &Value, place: &str) {
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    let validator = jsonschema::validator_for(&schema).unwrap();
    if let Err(error) = validator.validate(value) {
        panic!("{place}: {error}: {value}");
    }
}

#[test]
fn the_description_names_every_path_and_method_and_no_other() {
    let described: BTreeSet<(String, String)> = operations().into_iter().collect();
    let routed: BTreeSet<(String, String)> =
        ROUTES.iter().map(|route| (route.method.into(), route.path.into())).collect();
    assert_eq!(described, routed);
    assert_eq!(described.len(), ROUTES.len());
    let document = document();
    for route in ROUTES {
        let operation = &document["paths"][route.path][route.method.to_lowercase()];
        let open = operation["security"] == json!([]);
        assert_eq!(open, route.open, "{}: the token", route.path);
    }
    let served = Fake::start().ask("GET", "/v1/openapi.json", "");
    assert_eq!(served.json(), document);
}

#[test]
fn a_method_that_is_not_described_is_refused() {
    let fake = Fake::start();
    let described: BTreeSet<(String, String)> = operations().into_iter().collect();
    let paths: BTreeSet<&String> = described.iter().map(|(_, path)| path).collect();
    for path in paths {
        for method in METHODS.map(str::to_uppercase) {
            if !described.contains(&(method.clone(), path.clone())) {
                let answer = fake.ask(&method, &path.replace("{device}", "a"), "");
                assert_eq!(answer.status, 405, "{method} {path}");
            }
        }
    }
}

/// A request that gets the documented status.
fn provoke(fake: &Fake, status: &str, method: &str, path: &str, body: &str) -> Option<Answer> {
    fake.mood(Mood::Willing);
    let refuse = |refused| {
        fake.mood(Mood::Refusing(refused));
        Some(fake.ask(method, path, body))
    };
    match status {
        "400" if path.contains("alice") => {
            Some(fake.ask(method, &path.replace("alice", "a%20b"), body))
        }
        "400" if method == "GET" => Some(fake.ask(method, &format!("{path}?limit=0"), "")),
        "400" => Some(fake.ask(method, path, "{\"no\": 1}")),
        "401" => Some(fake.ask_as(None, method, path, body)),
        "404" => refuse(Refused::UnknownDevice),
        "409" => refuse(Refused::NotConnected),
        "413" => Some(fake.ask(method, path, &"x".repeat(MOST_BODY + 1))),
        "429" => refuse(Refused::Full),
        "503" => refuse(Refused::Down),
        "507" => refuse(Refused::Store("full".into())),
        // Takes as long as a body may take: tested once.
        "408" => None,
        other => panic!("{method} {path}: how does one get a {other}?"),
    }
}

#[test]
fn every_documented_status_and_example_is_what_really_happens() {
    let fake = Fake::start();
    let document = document();
    for (method, path) in operations() {
        let operation = &document["paths"][&path][method.to_lowercase()];
        let real = path.replace("{device}", "alice").replace("{id}", "41");
        let request = &operation["requestBody"]["content"]["application/json"];
        let mut examples = vec![String::new()];
        if let Some(given) = request["examples"].as_object() {
            examples = given.values().map(|example| example["value"].to_string()).collect();
            for example in given.values() {
                hold(&document, &request["schema"], &example["value"], &path);
            }
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            let place = format!("{method} {path} {status}");
            let response = resolved(&document, response);
            let content = response["content"].as_object().and_then(|all| all.values().next());
            let answers: Vec<Answer> = if status.starts_with('2') {
                fake.mood(Mood::Willing);
                examples.iter().map(|body| fake.ask(&method, &real, body)).collect()
            } else if status == "429" && !path.ends_with("push") {
                // `busy`: tested for every path at once.
                Vec::new()
            } else {
                provoke(&fake, status, &method, &real, &examples[0]).into_iter().collect()
            };
            for answer in answers {
                assert_eq!(answer.status.to_string(), *status, "{place}: {}", answer.body);
                let Some(content) = content else {
                    assert_eq!(answer.body, "", "{place}");
                    continue;
                };
                if answer.head.contains("application/json") {
                    hold(&document, &content["schema"], &answer.json(), &place);
                    if let Some(error) = content["example"]["error"].as_str()
                        && status != "400"
                    {
                        assert_eq!(answer.error(), error, "{place}");
                    }
                }
            }
            if let Some(content) = content
                && let Some(example) = content.get("example")
            {
                hold(&document, &content["schema"], example, &place);
            }
        }
    }
    assert_eq!(fake.ask_as(Some(TOKEN), "GET", "/healthz", "").status, 503);
}
