//! The result of `holdline run` as JUnit XML, which CI systems read: a suite for each folder, a case for each
//! scenario. It keeps to what the strictest reader takes, the schema `junit-10.xsd` of Jenkins' xUnit plugin.
//! How long it took is left out, so that the same runs give the same file.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::console::came;
use super::unmet::{Unmet, unmet, worse};
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
        status.set_message(message(entry)).set_type(word).set_description(description(entry));
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

/// What is worse than stored, which the sentence of a run does not know, and then what came of it.
fn message(entry: &Entry) -> String {
    let worse = worse(entry);
    let each = worse.iter().map(|one| format!("{}, {}", one.found(), one.bound));
    match worse.is_empty() {
        true => came(entry),
        false => {
            let each = each.collect::<Vec<_>>().join("; ");
            format!("worse than stored: {each}; {}", came(entry))
        }
    }
}

/// Where the expectations stand that were not met, what is worse than stored, and the failure in detail.
fn description(entry: &Entry) -> String {
    let mut out = String::from("\n");
    for Unmet { text, found, file, at: (line, _), .. } in unmet(entry) {
        out.push_str(&format!("{file}:{line}: expected {text}; found {found}\n"));
    }
    for one in worse(entry) {
        let (file, expected, found) = (&entry.subject.file, one.expected(), one.found());
        out.push_str(&format!("{file}:1: expected {expected}; found {found}\n"));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::github::tests::{entry, worse_than_stored};

    const FAILS: &str = "name = \"talk\"\nduration = \"1h\"\n\
        [[expect]]\nthat = \"metric\"\nmetric = \"kills\"\nmin = 1\n";

    #[test]
    fn a_message_begins_with_what_is_worse_than_stored_and_the_text_has_what_failed_too() {
        let entry = worse_than_stored(entry(FAILS));
        let message = format!(
            "message=\"worse than stored: reachable was 54.83%, at least 98.67%; \
             kills was 2, at most 0; {}\"",
            came(&entry)
        );
        let xml = junit(&[entry]).expect("a text");
        assert!(xml.contains(&message), "{xml}");
        let lines = "talk.toml:3: expected metric kills at least 1; found kills was 0\n\
            talk.toml:1: expected reachable at least 98.67%, as stored; found reachable was 54.83%\n";
        assert!(xml.contains(lines), "{xml}");
    }
}
