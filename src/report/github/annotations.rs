//! Workflow commands: a line each, which GitHub shows beside the line of the scenario it is about.

use std::fmt::Write;

use crate::report::unmet::{Unmet, unmet, worse};
use crate::report::{Entry, Run};
use crate::run::Verdict;

/// GitHub shows no more of a kind than these of one step.
const MOST: usize = 10;

/// A line for every expectation that was not met: an error where it failed, a warning where that is not known. An
/// error for every scenario that is worse than stored: one for all its metrics, so that it does not take the room
/// of others. A notice for those in a scenario of the binary, which has no file. `path` gives a file as the repository has it,
/// if it does.
pub fn annotations(entries: &[Entry], path: &dyn Fn(&str) -> Option<String>) -> String {
    let all: Vec<Annotation> = entries.iter().flat_map(|entry| of_entry(entry, path)).collect();
    let mut out = String::new();
    for kind in [Kind::Error, Kind::Warning, Kind::Notice] {
        let some: Vec<&Annotation> = all.iter().filter(|one| one.kind == kind).collect();
        // What GitHub would leave out without a word is counted.
        let shown = if some.len() > MOST { MOST - 1 } else { some.len() };
        some.iter().take(shown).for_each(|one| one.write(&mut out));
        if shown < some.len() {
            let more = some.len() - shown;
            let message = format!("{more} more are not shown: see the summary of this step");
            let place = None;
            Annotation { kind, place, title: "holdline".into(), message }.write(&mut out);
        }
    }
    out
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Kind {
    Error,
    Warning,
    Notice,
}

struct Annotation {
    kind: Kind,
    /// File, line, column.
    place: Option<(String, usize, usize)>,
    title: String,
    message: String,
}

impl Annotation {
    fn write(&self, out: &mut String) {
        out.push_str(match self.kind {
            Kind::Error => "::error ",
            Kind::Warning => "::warning ",
            Kind::Notice => "::notice ",
        });
        if let Some((file, line, column)) = &self.place {
            let _ = write!(out, "file={},line={line},col={column},", property(file));
        }
        let _ = writeln!(out, "title={}::{}", property(&self.title), data(&self.message));
    }
}

fn of_entry(entry: &Entry, path: &dyn Fn(&str) -> Option<String>) -> Vec<Annotation> {
    let title = format!("holdline: {}", entry.subject.scenario.name);
    let again = entry.shown().map_or("", |run| &run.reproduce);
    let mut all = Vec::new();
    for Unmet { verdict, text, found, file, at: (line, column) } in unmet(entry) {
        let place = path(&file).map(|file| (file, line, column));
        let kind = match (&place, verdict) {
            (None, _) => Kind::Notice,
            (Some(_), Verdict::Fail) => Kind::Error,
            (Some(_), Verdict::Undetermined | Verdict::Pass) => Kind::Warning,
        };
        let message = format!("{verdict}: expected {text}\nfound: {found}\nrun again: {again}");
        all.push(Annotation { kind, place, title: title.clone(), message });
    }
    if let Some(message) = than_stored(entry) {
        let place = path(&entry.subject.file).map(|file| (file, 1, 1));
        let kind = if place.is_some() { Kind::Error } else { Kind::Notice };
        all.push(Annotation { kind, place, title: title.clone(), message });
    }
    if let Some(run) = entry.runs.iter().find(|run| Run::differs(run)) {
        let place = path(&entry.subject.file).map(|file| (file, 1, 1));
        let kind = if place.is_some() { Kind::Error } else { Kind::Notice };
        let seed = run.outcome.seed;
        let message = format!("two runs of seed {seed} differ\nrun again: {}", run.reproduce);
        all.push(Annotation { kind, place, title, message });
    }
    all
}

/// What is worse than stored, if something is.
fn than_stored(entry: &Entry) -> Option<String> {
    let worse = worse(entry);
    let again = worse.first()?.run(entry).map_or("", |run| &run.reproduce);
    let mut message = format!("{}: worse than stored\n", Verdict::Fail);
    for one in &worse {
        let _ = write!(message, "expected {}\nfound: {}\n", one.expected(), one.found());
    }
    let _ = write!(message, "run again: {again}");
    Some(message)
}

/// A message: what ends a line or begins an escape is escaped, as GitHub's runner reads it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, which `:` and `,` end as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::github::summary::tests::{entry, worse_than_stored};

    /// A run of an hour of a client that is connected all the time, and an expectation that fails.
    const FAILS: &str = "name = \"50 %, a: b\"\nduration = \"1h\"\n\n\
        [[expect]]\nthat = \"metric\"\nmetric = \"kills\"\nmin = 1\n";

    fn as_it_is(file: &str) -> Option<String> {
        Some(file.to_owned())
    }

    #[test]
    fn a_failed_expectation_is_an_error_at_its_line() {
        let said = annotations(&[entry(FAILS)], &as_it_is);
        assert_eq!(
            said,
            "::error file=talk.toml,line=4,col=1,title=holdline%3A 50 %25%2C a%3A b::\
             fail: expected metric kills at least 1%0Afound: kills was 0%0A\
             run again: holdline run talk.toml --seed 1\n"
        );
    }

    #[test]
    fn what_the_run_does_not_show_is_a_warning() {
        let text = FAILS.replace("kills\"\nmin = 1", "detection.client.max\"\nmax = \"1s\"");
        let said = annotations(&[entry(&text)], &as_it_is);
        assert!(said.starts_with("::warning file=talk.toml,line=4,col=1,"), "{said}");
    }

    #[test]
    fn a_scenario_without_a_file_in_the_repository_gives_a_notice() {
        let said = annotations(&[entry(FAILS)], &|_| None);
        assert!(said.starts_with("::notice title=holdline%3A 50 %25"), "{said}");
    }

    #[test]
    fn what_is_worse_than_stored_is_one_error_at_the_first_line_after_what_failed() {
        let said = annotations(&[worse_than_stored(entry(FAILS))], &as_it_is);
        let [failed, worse] = said.lines().collect::<Vec<_>>()[..] else { panic!("{said}") };
        assert!(failed.starts_with("::error file=talk.toml,line=4,"), "{failed}");
        assert_eq!(
            worse,
            "::error file=talk.toml,line=1,col=1,title=holdline%3A 50 %25%2C a%3A b::\
             fail: worse than stored%0A\
             expected reachable at least 98.67%25, as stored%0Afound: reachable was 54.83%25%0A\
             expected kills at most 0, as stored%0Afound: kills was 2%0A\
             run again: holdline run talk.toml --seed 1"
        );
        let passes = FAILS.replace("min = 1", "max = 1");
        let many: Vec<Entry> = (0..15).map(|_| worse_than_stored(entry(&passes))).collect();
        assert_eq!(annotations(&many, &as_it_is).lines().count(), MOST);
    }

    #[test]
    fn what_passed_says_nothing() {
        let passes = FAILS.replace("min = 1", "max = 1");
        assert_eq!(annotations(&[entry(&passes)], &as_it_is), "");
    }

    #[test]
    fn of_many_the_rest_is_counted() {
        let many: Vec<Entry> = (0..15).map(|_| entry(FAILS)).collect();
        let said = annotations(&many, &as_it_is);
        assert_eq!(said.lines().count(), MOST);
        let last = said.lines().last().unwrap_or_default();
        assert!(last.starts_with("::error title=holdline::6 more are not shown"), "{last}");
    }

    #[test]
    fn no_text_can_end_its_command() {
        assert_eq!(data("a\r\n::error::%0A"), "a%0D%0A::error::%250A");
        assert_eq!(property("a,b::c"), "a%2Cb%3A%3Ac");
    }
}
