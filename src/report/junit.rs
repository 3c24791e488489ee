//! The result of `holdline run` as JUnit XML, which CI systems read: a suite for each folder, a case for each
//! scenario. It keeps to what the strictest reader takes, the schema `junit-10.xsd` of Jenkins' xUnit plugin.
//! How long it took is left out, so that the same runs give the same file.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::console::came;
use super::unmet::{Unmet, unmet};
use super::{Entry, Run, human};
use crate::run::Verdict;

/// The result as XML.
///
/// # Errors
/// What the writer says; a text has no such error.
pub fn junit(entries: &[Entry]) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("holdline");
    let mut suites: Vec<TestSuite> = Vec::new();
    for entry in entries {
        let name = match entry.subject.group.as_str() {
            "" => "scenarios",
            group => group,
        };
        if suites.last().is_none_or(|suite| suite.name.as_str() != name) {
            suites.push(TestSuite::new(name));
        }
        if let Some(suite) = suites.last_mut() {
            suite.add_test_case(case(entry, name));
        }
    }
    report.add_test_suites(suites);
    // The schema does not know this attribute at the top.
    Ok(report.to_string()?.replacen(" skipped=\"0\"", "", 1))
}

fn case(entry: &Entry, group: &str) -> TestCase {
    let failed = |kind, word| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(came(entry)).set_type(word).set_description(description(entry));
        status
    };
    let verdict = entry.verdict();
    let status = match verdict {
        Verdict::Pass if entry.runs.iter().any(Run::differs) => {
            failed(NonSuccessKind::Error, "not-deterministic")
        }
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::Fail => failed(NonSuccessKind::Failure, verdict.as_str()),
        Verdict::Undetermined => failed(NonSuccessKind::Error, verdict.as_str()),
    };
    let mut case = TestCase::new(entry.subject.stem.as_str(), status);
    case.set_classname(group).set_system_out(system_out(entry));
    case
}

/// Where the expectations stand that were not met, and the failure in detail.
fn description(entry: &Entry) -> String {
    let mut out = String::from("\n");
    for Unmet { text, found, file, at: (line, _), .. } in unmet(entry) {
        out.push_str(&format!("{file}:{line}: expected {text}; found {found}\n"));
    }
    out.push('\n');
    out.push_str(&anstream::adapter::strip_str(&entry.detail).to_string());
    out
}

fn system_out(entry: &Entry) -> String {
    let mut out = format!("{}\nfile: {}\n", came(entry), entry.subject.file);
    if let Some(run) = entry.shown() {
        out.push_str(&format!("seed: {}\nrun again: {}\n", run.outcome.seed, run.reproduce));
    }
    out.push_str(&format!("simulated: {}\n", human::span(entry.simulated())));
    out
}
