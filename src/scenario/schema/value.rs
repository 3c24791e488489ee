//! What a single value may be, as JSON Schema.

use serde_json::{Map, Value, json};
use toml::de::DeValue;

use crate::settings::{Form, Kind};
use crate::trace::{EventInfo, Shape, What};

/// Text with a `$` in it: what it is depends on the scenario's variables.
pub(super) const VARIABLE: &str = r"\$";

/// Whether a value may be, or contain, a variable.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum Variables {
    Allowed,
    Literal,
}

/// Makes schemas of the forms that are tables described elsewhere.
pub(super) trait Tables {
    /// The table that stands at the path being described.
    fn table(&self) -> Value;
    /// A list of such tables.
    fn tables(&self) -> Value;
}

/// The schema of the values of `kind`.
pub(super) fn of_kind(
    kind: &Kind,
    variables: Variables,
    tables: &dyn Tables,
) -> Map<String, Value> {
    let words = match kind.choices {
        [] => Vec::new(),
        choices => vec![Form::Words(choices)],
    };
    let forms: Vec<Form> = words.iter().chain(kind.forms).copied().collect();
    of_forms(&forms, variables, tables)
}

/// The schema of values that have one of these forms.
pub(super) fn of_forms(
    forms: &[Form],
    variables: Variables,
    tables: &dyn Tables,
) -> Map<String, Value> {
    let mut any = Vec::new();
    let mut patterns: Vec<&str> = Vec::new();
    // Whether a text with a `$` is among the values, or none of them can be a variable.
    let mut settled = variables == Variables::Literal;
    let mut only_tables = true;
    for form in forms {
        only_tables &= is_table(form);
        any.push(match form {
            Form::Text(pattern) => {
                patterns.push(pattern);
                continue;
            }
            Form::AnyText => {
                settled = true;
                json!({ "type": "string" })
            }
            Form::Words(words) => json!({ "enum": words }),
            Form::Event => {
                settled = true;
                json!({ "$ref": "#/definitions/event" })
            }
            Form::Whole(least, most) => whole(*least, *most),
            Form::Flag => json!({ "type": "boolean" }),
            Form::List(least, items) => list(*least, of_forms(items, variables, tables)),
            Form::Table => tables.table(),
            Form::Tables => tables.tables(),
            Form::Named(values) => json!({
                "type": "object",
                "propertyNames": { "pattern": "^[A-Za-z0-9_-]+$" },
                "additionalProperties": of_forms(values, variables, tables),
            }),
            Form::Varied => json!({ "$ref": "#/definitions/varied" }),
            Form::Chosen => json!({ "$ref": "#/definitions/chosen" }),
            Form::Plain => {
                settled = true;
                json!({ "$ref": "#/definitions/plain" })
            }
        });
    }
    if !patterns.is_empty() {
        if !settled {
            patterns.push(VARIABLE);
            settled = true;
        }
        any.push(json!({ "type": "string", "pattern": patterns.join("|") }));
    }
    if !settled && !only_tables {
        any.push(json!({ "type": "string", "pattern": VARIABLE }));
    }
    any_of(any)
}

/// Whether no variable can hold a value of this form.
fn is_table(form: &Form) -> bool {
    match form {
        Form::Table | Form::Tables | Form::Named(_) | Form::Varied | Form::Chosen => true,
        Form::AnyText
        | Form::Text(_)
        | Form::Words(_)
        | Form::Event
        | Form::Whole(..)
        | Form::Flag
        | Form::List(..)
        | Form::Plain => false,
    }
}

/// What fits one of these.
pub(super) fn any_of(mut any: Vec<Value>) -> Map<String, Value> {
    let one = match any.len() {
        1 => any.pop(),
        _ => None,
    };
    match one {
        // Beside a reference nothing else would count.
        Some(one) if one.get("$ref").is_some() => object(json!({ "allOf": [one] })),
        Some(one) => object(one),
        None => object(json!({ "anyOf": any })),
    }
}

fn whole(least: i64, most: i64) -> Value {
    let mut schema = json!({ "type": "integer", "minimum": least });
    // The largest number of TOML is more than many readers of JSON can tell apart from others.
    if most != i64::MAX {
        schema["maximum"] = most.into();
    }
    schema
}

fn list(least: u32, items: Map<String, Value>) -> Value {
    let mut schema = json!({ "type": "array", "items": items });
    if least > 0 {
        schema["minItems"] = least.into();
    }
    schema
}

/// The members of an object; none of anything else.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}

/// A TOML value, as a JSON value; `None` when the text is none, as of a section's header.
pub(super) fn from_toml(text: &str) -> Option<Value> {
    json_of(DeValue::parse(text).ok()?.get_ref())
}

fn json_of(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok()?.into()
        }
        DeValue::Float(number) => number.as_str().parse::<f64>().ok()?.into(),
        DeValue::Boolean(yes) => Value::Bool(*yes),
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Array(items) => {
            items.iter().map(|item| json_of(item.get_ref())).collect::<Option<Vec<_>>>()?.into()
        }
        DeValue::Table(table) => {
            let member = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
                let key: &std::borrow::Cow<'_, str> = key.get_ref();
                Some((key.to_string(), json_of(value.get_ref())?))
            };
            Value::Object(table.iter().map(member).collect::<Option<_>>()?)
        }
    })
}

/// What other schemas refer to by name: a pattern of events, a value that is no table, and a list of such.
pub(super) fn definitions() -> Map<String, Value> {
    let scalar = json!({ "type": ["string", "number", "boolean"] });
    let list = json!({ "type": "array", "items": { "$ref": "#/definitions/plain" } });
    let several = json!({
        "type": "array", "items": { "$ref": "#/definitions/plain" }, "minItems": 1,
    });
    object(json!({ "event": event(), "plain": { "anyOf": [scalar, list] }, "several": several }))
}

/// A pattern of events: any of their names, then tests of that event's fields.
fn event() -> Value {
    let names: Vec<&str> = What::TABLE.iter().map(|info| info.name).collect();
    let each: Vec<String> = What::TABLE.iter().map(one_event).collect();
    json!({
        "title": "event pattern",
        "description": "An event's name, then tests of its fields, all of which have to hold. \
                        `holdline list events` lists them.",
        "type": "string",
        // The first alternative is what an editor offers, the second what can be written.
        "anyOf": [
            { "enum": names },
            { "pattern": format!(r"^\s*({})\s*$|{VARIABLE}", each.join("|")) },
        ],
    })
}

fn one_event(info: &EventInfo) -> String {
    let field = |name: &str, value: &str| format!("{}={value}", escaped(name));
    let mut fields: Vec<String> =
        info.fields.iter().map(|known| field(known.name, &values(known.shape))).collect();
    fields.push(field("device", &values(Shape::Number)));
    format!(r"{}(\s+({}))*", escaped(info.name), fields.join("|"))
}

/// What can stand behind the `=` of a field.
fn values(shape: Shape) -> String {
    match shape {
        Shape::Number => r"\+?[0-9]+".to_owned(),
        Shape::Signed => "[+-]?[0-9]+".to_owned(),
        Shape::Flag => "(true|false)".to_owned(),
        Shape::Words(words) => {
            format!("({})", words.iter().map(|word| escaped(word)).collect::<Vec<_>>().join("|"))
        }
        Shape::Span => "([0-9_.]+(us|ms|s|m|h|d))+".to_owned(),
        Shape::Name | Shape::Push => r"\S+".to_owned(),
    }
}

/// `text` as a regular expression that describes nothing else.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if r".+*?()[]{}|^$\/".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
