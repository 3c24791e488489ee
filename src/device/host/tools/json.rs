//! Reading tools' JSON: whatever is there, nothing is taken on trust.

use serde_json::Value;

use super::call::ToolError;

/// The JSON in an answer.
pub(super) fn parse(tool: &'static str, bytes: &[u8]) -> Result<Value, ToolError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let empty = bytes.trim_ascii().is_empty();
        let problem = if empty { "it is empty".into() } else { format!("no JSON: {error}") };
        ToolError::Unreadable { tool, problem }
    })
}

/// The text at a path of keys; an empty one is none.
pub(super) fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(value, path)?.as_str().filter(|text| !text.is_empty())
}

/// The value at a path of keys.
pub(super) fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// A truth, as a boolean or as `YES` and `NO`.
pub(super) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(yes) => Some(*yes),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "yes" | "true" => Some(true),
            "no" | "false" => Some(false),
            _ => None,
        },
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Without what a terminal would obey.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().into()
}
