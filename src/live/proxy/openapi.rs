//! The description of the control API, OpenAPI 3.1. The faults in it are those of the table.

use serde_json::{Map, Value, json};

use super::vocabulary::{FAULTS, ON};

/// The document.
pub(super) fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "holdline proxy",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Faults between a client and a server, set while they talk.",
        },
        "security": [{ "token": [] }],
        "paths": paths(),
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas(),
        },
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn answer(description: &str, schema: &str) -> Value {
    json!({
        "description": description,
        "content": { "application/json": { "schema": reference(schema) } },
    })
}

fn number(name: &str) -> Value {
    json!([{
        "name": name, "in": "path", "required": true,
        "schema": { "type": "integer", "minimum": 0 },
    }])
}

fn paths() -> Value {
    let unauthorised = answer("The token is missing or wrong.", "Error");
    let unknown = answer("There is no such thing.", "Error");
    let done = json!({ "description": "Done." });
    let ending = |summary: &str| {
        json!({
            "post": {
                "summary": summary,
                "parameters": number("number"),
                "responses": { "204": done, "401": unauthorised, "404": unknown },
            }
        })
    };
    let changes = json!({
        "required": true,
        "content": { "application/json": {
            "schema": { "type": "array", "items": reference("Change") },
            "example": [
                "delay latency=80ms",
                { "fault": "silence", "direction": "to-client", "on": 3 },
                { "remove": 1 },
            ],
        } },
    });
    json!({
        "/v1/faults": {
            "get": {
                "summary": "The faults that are set",
                "responses": { "200": answer("All of them.", "Faults"), "401": unauthorised },
            },
            "post": {
                "summary": "Make a list of changes: all of them, or none",
                "requestBody": changes,
                "responses": {
                    "201": answer("Done; the number of each fault that was added.", "Ids"),
                    "400": answer("The list cannot be read.", "Error"),
                    "401": unauthorised,
                    "422": answer("One change cannot be made, so none was.", "Error"),
                },
            },
            "delete": {
                "summary": "Remove all faults",
                "responses": { "204": done, "401": unauthorised },
            },
        },
        "/v1/faults/{id}": {
            "delete": {
                "summary": "Remove a fault",
                "parameters": number("id"),
                "responses": { "204": done, "401": unauthorised, "404": unknown },
            },
        },
        "/v1/connections": {
            "get": {
                "summary": "The connections that are there",
                "responses": { "200": answer("All of them.", "Connections"), "401": unauthorised },
            },
        },
        "/v1/connections/{number}/reset": ending("RST to both ends, now"),
        "/v1/connections/{number}/close": ending("FIN to both ends, now"),
        "/healthz": {
            "get": {
                "summary": "Whether it runs",
                "security": [],
                "responses": { "200": { "description": "It does." } },
            },
        },
        "/v1/openapi.json": {
            "get": {
                "summary": "This document",
                "security": [],
                "responses": { "200": { "description": "OpenAPI 3.1." } },
            },
        },
    })
}

fn schemas() -> Value {
    let whole = json!({ "type": "integer", "minimum": 0 });
    let text = json!({ "type": "string" });
    let lane = json!({
        "type": "object",
        "properties": {
            "forwarded": whole,
            "held": whole,
            "held_since_us": { "type": ["integer", "null"] },
            "still": { "type": "boolean" },
        },
    });
    let connection = json!({
        "type": "object",
        "properties": {
            "number": whole, "client": text, "local": { "type": ["string", "null"] },
            "opened_us": whole, "to_server": lane, "to_client": lane,
            "cut": { "type": "boolean" },
        },
    });
    let fault = json!({
        "type": "object",
        "properties": {
            "id": whole, "fault": text, "parameters": { "type": "object" }, "on": text,
            "text": text, "since_us": whole,
        },
    });
    let one_of: Vec<Value> = FAULTS.iter().map(|row| reference(row.name)).collect();
    let mut all = Map::new();
    for row in FAULTS {
        let mut properties = Map::new();
        properties.insert("fault".into(), json!({ "const": row.name }));
        for key in row.keys.iter().chain([&ON]) {
            let schema = json!({
                "type": ["string", "integer", "boolean"],
                "description": key.doc, "examples": [key.example],
            });
            properties.insert(key.name.into(), schema);
        }
        let schema = json!({
            "type": "object", "description": row.doc, "properties": properties,
            "required": ["fault"], "additionalProperties": false,
        });
        all.insert(row.name.into(), schema);
    }
    let removal = json!({
        "type": "object", "properties": { "remove": whole }, "required": ["remove"],
        "additionalProperties": false,
    });
    let as_text = json!({ "type": "string", "examples": ["silence direction=to-client"] });
    let object = |name: &str, of: &Value| json!({ "type": "object", "properties": { name: { "type": "array", "items": of } } });
    all.insert("Fault".into(), json!({ "oneOf": one_of }));
    all.insert("Change".into(), json!({ "oneOf": [as_text, reference("Fault"), removal] }));
    all.insert("Faults".into(), object("faults", &fault));
    all.insert("Connections".into(), object("connections", &connection));
    all.insert("Ids".into(), object("ids", &whole));
    all.insert(
        "Error".into(),
        json!({
            "type": "object",
            "properties": { "error": text, "change": whole },
            "required": ["error"],
        }),
    );
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere_and_every_fault_is_there() {
        let document = document();
        let schemas = &document["components"]["schemas"];
        let text = document.to_string();
        for part in text.split("\"#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(schemas.get(name).is_some(), "{name}");
        }
        for row in FAULTS {
            assert!(schemas.get(row.name).is_some(), "{}", row.name);
        }
    }
}
