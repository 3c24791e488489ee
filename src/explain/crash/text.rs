//! Reports as text: `Name: value` lines, some of them with more lines below.

use super::{Report, ReportError, ReportKind};
use crate::explain::facts::numbers;

/// What is kept of a report's reasons; the text of a real one is a dozen lines.
const MOST_REASONS: usize = 200;

/// At most so many lines of a log are looked at.
const MOST_LINES: usize = 10_000;

/// Reads a text report, or a log that speaks of an ended app.
pub(super) fn read(text: &str) -> Result<Report, ReportError> {
    let mut report = Report::default();
    if lines(text, &mut report) {
        return Ok(report);
    }
    // A line of a log may be all that is left of it.
    report.kind = ReportKind::Log;
    report.reasons = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(MOST_LINES)
        .map(str::to_owned)
        .collect();
    Ok(report)
}

/// Reads the lines before the threads into `report`; whether they were lines of a report.
pub(super) fn lines(text: &str, report: &mut Report) -> bool {
    let mut known = false;
    let mut below = false;
    for line in text.lines() {
        let line = line.trim_end();
        if line.starts_with("Thread 0") || line.starts_with("Binary Images:") {
            break;
        }
        let named = line.split_once(':').filter(|_| !line.starts_with([' ', '\t', '<']));
        if let Some((name, value)) = named
            && field(name.trim(), value.trim(), report, &mut below)
        {
            known = true;
            continue;
        }
        if line.trim().is_empty() {
            below = false;
        } else if below && report.reasons.len() < MOST_REASONS {
            report.reasons.push(line.trim().to_owned());
        }
    }
    known
}

/// Takes one field; false when it is none that matters. `below` says whether its text goes on in the next
/// lines.
fn field(name: &str, value: &str, report: &mut Report, below: &mut bool) -> bool {
    let mut put = |field: fn(&mut Report) -> &mut String| {
        if !value.is_empty() {
            *field(report) = value.to_owned();
        }
    };
    match name {
        "Process" => {
            put(|report| &mut report.app);
            let end = report.app.find(" [").unwrap_or(report.app.len());
            report.app.truncate(end);
        }
        "Command" => put(|report| &mut report.app),
        "Identifier" => put(|report| &mut report.bundle_id),
        "Version" => put(|report| &mut report.app_version),
        "OS Version" => put(|report| &mut report.os),
        "Hardware Model" | "Hardware model" => put(|report| &mut report.model),
        "Date/Time" => put(|report| &mut report.time),
        "Exception Type" => put(|report| &mut report.exception),
        "Exception Codes" => {
            report.exception_codes = words(value).flat_map(numbers).collect();
        }
        "Termination Reason" => termination(value, report),
        "Termination Description" | "Event" | "Action taken" | "CPU" | "Wakeups" => {
            push(value, report);
            if name == "CPU" || name == "Wakeups" || name == "Event" {
                report.kind = ReportKind::Resource;
            }
        }
        "Application Specific Information" => push(value, report),
        "Incident Identifier" | "CrashReporter Key" | "Report Version" => return true,
        _ => return false,
    }
    *below = matches!(
        name,
        "Application Specific Information" | "Termination Description" | "Termination Reason"
    );
    true
}

fn push(value: &str, report: &mut Report) {
    if !value.is_empty() {
        report.reasons.push(value.to_owned());
    }
}

/// `Namespace SPRINGBOARD, Code 0x8badf00d`, or `FRONTBOARD 2343432205`, and what follows.
fn termination(value: &str, report: &mut Report) {
    let rest = value.strip_prefix("Namespace ").unwrap_or(value);
    report.namespace = words(rest).next().unwrap_or_default().to_owned();
    report.code = words(rest).skip(1).flat_map(numbers).next();
    push(value, report);
}

/// The words of a line, without the commas and semicolons between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',', ';', '\t']).filter(|word| !word.is_empty())
}
