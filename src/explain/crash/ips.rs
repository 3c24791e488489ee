//! Reports that begin with JSON: a header on the first line, then JSON or, until iOS 14, text.

use serde_json::Value;

use super::{Report, ReportError, ReportKind, Victim, text};
use crate::explain::facts::numbers;

/// The memory page of 64-bit iPhones, for a report that does not say its own.
const PAGE_BYTES: u64 = 16_384;

/// At most so many ended processes are told; there is rarely more than one.
const MOST_VICTIMS: usize = 100;

/// Reads a report whose first character is a brace.
pub(super) fn read(text: &str) -> Result<Report, ReportError> {
    let blank = text.len() - text.trim_start().len();
    let before = text[..blank].matches('\n').count();
    let text = &text[blank..];
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    // The header is one line; a body without it is one object over many lines.
    let (header, body, lines) = match parse(first, before) {
        Ok(header) => (header, rest, before + 1),
        Err(error) if rest.trim().is_empty() => return Err(error),
        Err(_) => (Value::Null, text, before),
    };
    let mut report = Report::default();
    from_header(&header, &mut report);
    let rest = body.trim_start();
    if rest.starts_with('{') {
        let skipped = body[..body.len() - rest.len()].matches('\n').count();
        from_body(&parse(rest.trim_end(), lines + skipped)?, &mut report);
    } else if rest.is_empty() {
        from_body(&header, &mut report);
    } else {
        text::lines(rest, &mut report);
    }
    if report.exception.is_empty()
        && report.code.is_none()
        && report.reasons.is_empty()
        && report.bug_type.is_empty()
        && report.victims.is_empty()
    {
        return Err(ReportError::new("", "this is JSON, but no crash report"));
    }
    if report.kind == ReportKind::Crash && report.bug_type == "298" {
        report.kind = ReportKind::Memory;
    }
    Ok(report)
}

/// Parses one object that begins after `lines` lines of the file.
fn parse(text: &str, lines: usize) -> Result<Value, ReportError> {
    serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line() + lines, error.column());
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        ReportError::new(place, format!("the JSON is broken: {said}"))
    })
}

fn from_header(header: &Value, report: &mut Report) {
    report.app = string(&header["app_name"]);
    report.bundle_id = string(&header["bundleID"]);
    report.app_version = string(&header["app_version"]);
    report.os = string(&header["os_version"]);
    report.time = string(&header["timestamp"]);
    report.bug_type = string(&header["bug_type"]);
}

fn from_body(body: &Value, report: &mut Report) {
    let take = |field: &mut String, value: &Value| {
        if field.is_empty() {
            *field = string(value);
        }
    };
    let bundle = &body["bundleInfo"];
    take(&mut report.app, &body["procName"]);
    take(&mut report.bundle_id, &bundle["CFBundleIdentifier"]);
    take(&mut report.app_version, &bundle["CFBundleShortVersionString"]);
    take(&mut report.model, &body["modelCode"]);
    take(&mut report.model, &body["product"]);
    take(&mut report.time, &body["captureTime"]);
    take(&mut report.time, &body["date"]);
    take(&mut report.bug_type, &body["bug_type"]);
    take(&mut report.os, &body["build"]);
    let os = &body["osVersion"];
    if let (true, Some(train)) = (report.os.is_empty(), os["train"].as_str()) {
        report.os = format!("{train} ({})", string(&os["build"]));
    }
    exception(&body["exception"], report);
    termination(&body["termination"], report);
    // Application specific information: lists of lines by library.
    for lines in body["asi"].as_object().into_iter().flat_map(|asi| asi.values()) {
        report.reasons.extend(strings(lines));
    }
    let thrown = string(&body["exceptionReason"]["composed_message"]);
    if !thrown.is_empty() {
        report.reasons.push(thrown);
    }
    if let Some(processes) = body["processes"].as_array() {
        report.kind = ReportKind::Memory;
        let page = body["memoryStatus"]["pageSize"].as_u64().or(body["pageSize"].as_u64());
        let ended = processes.iter().filter(|process| process["reason"].is_string());
        report.victims = ended.take(MOST_VICTIMS).map(|one| victim(one, page)).collect();
    }
}

fn exception(exception: &Value, report: &mut Report) {
    let (name, signal) = (string(&exception["type"]), string(&exception["signal"]));
    report.exception = match (name.is_empty(), signal.is_empty()) {
        (false, false) => format!("{name} ({signal})"),
        _ => name + &signal,
    };
    let codes = string(&exception["codes"]);
    report.exception_codes = codes.split(',').flat_map(numbers).collect();
}

fn termination(termination: &Value, report: &mut Report) {
    report.namespace = string(&termination["namespace"]);
    let code = &termination["code"];
    report.code = code.as_u64().or_else(|| {
        let text = code.as_str().map(str::to_lowercase).or_else(|| Some(code.to_string()));
        numbers(&text?).first().copied()
    });
    for field in ["indicator", "reasons", "details"] {
        report.reasons.extend(strings(&termination[field]));
    }
}

fn victim(process: &Value, page: Option<u64>) -> Victim {
    let pages = process["rpages"].as_u64().unwrap_or(0);
    Victim {
        name: string(&process["name"]),
        reason: string(&process["reason"]),
        bytes: pages.saturating_mul(page.unwrap_or(PAGE_BYTES)),
        states: strings(&process["states"]),
    }
}

/// A text, or a number as text; empty for anything else.
fn string(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// A text or a list of texts.
fn strings(value: &Value) -> Vec<String> {
    let texts: Vec<String> = match value.as_array() {
        Some(list) => list.iter().map(string).collect(),
        None => vec![string(value)],
    };
    texts.into_iter().filter(|text| !text.is_empty()).collect()
}
