//! The result of `holdline run` as JUnit XML, which CI systems read: a suite for each folder, a case for each
//! scenario.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::paragraph::plain;
use super::{Entry, Run};
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
    report.to_string()
}

fn case(entry: &Entry, group: &str) -> TestCase {
    let sentence = entry.shown().map_or("", |run| &run.sentence);
    let failed = |kind| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(sentence).set_type(entry.verdict().as_str());
        status.set_description(plain(&entry.detail));
        status
    };
    let status = match entry.verdict() {
        Verdict::Pass if entry.runs.iter().any(Run::differs) => failed(NonSuccessKind::Error),
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::Fail => failed(NonSuccessKind::Failure),
        Verdict::Undetermined => failed(NonSuccessKind::Error),
    };
    let mut case = TestCase::new(entry.subject.stem.as_str(), status);
    case.set_classname(group).set_system_out(sentence);
    case
}
