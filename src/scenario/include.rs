//! `include = ["…"]`: fragments that a scenario is put together from.
//!
//! A file's own keys win over those of what it includes, and of two fragments the later one wins. Steps and
//! expectations add up: those of the fragments come first. A file counts once, however often it is included.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Problems, part};
use super::document::{MOST_BYTES, Value, array, parse, text_of};
use super::library::Library;
use super::values::Version;
use crate::settings::{Setting, scalar};

/// More fragments than these are not read by anybody.
const MOST_FILES: usize = 64;

/// What a fragment says about itself alone.
pub(super) const OWN: [&str; 7] =
    ["version", "name", "shows", "why", "instead", "fragment", "include"];
/// Lists that add up.
const ADDED: [&str; 2] = ["step", "expect"];

/// A file of a scenario.
struct File {
    /// Seen from the scenario; empty for the scenario itself.
    path: String,
    text: String,
    /// Where it stands among all files.
    start: usize,
    /// The fragments that it is the first to include, by their places.
    includes: Vec<usize>,
}

/// A scenario's file and all that it includes.
pub(super) struct Files {
    /// A file comes before those it includes.
    list: Vec<File>,
}

impl Files {
    /// Reads the scenario `text` and everything it includes; `None` when that cannot be read, which is reported.
    pub(super) fn gather(text: &str, library: &dyn Library, problems: &Problems) -> Option<Files> {
        let mut reader = Includes { library, problems, open: Vec::new(), list: Vec::new() };
        reader.file(String::new(), text.to_owned(), 0)?;
        Some(Files { list: reader.list })
    }

    /// All of it as one document; `None` when that is no scenario, which is reported.
    pub(super) fn merged(&self, problems: &Problems) -> Option<DeTable<'_>> {
        let document = self.file(0, problems)?;
        if let Some(mark) = fragment_mark(&document) {
            let message = "this is a fragment: scenarios include it, it is not played itself";
            let help = "play a scenario that has it in `include`, or remove `fragment` to make it a scenario";
            let problem = Diagnostic::new(message, mark.span(), "marked as a fragment").help(help);
            problems.report(problem.see(part::INCLUDE));
            return None;
        }
        Some(document)
    }

    fn file(&self, place: usize, problems: &Problems) -> Option<DeTable<'_>> {
        let file = self.list.get(place)?;
        let mut document = parse(&file.text, file.start, problems)?;
        let mut base = DeTable::new();
        for fragment in &file.includes {
            let mut table = self.file(*fragment, problems)?;
            for own in OWN {
                table.remove(own);
            }
            base = over(base, table);
        }
        let folder = folder(&file.path);
        if !folder.is_empty() {
            rebase_files(&mut document, &folder);
        }
        Some(over(base, document))
    }
}

/// The folder of the file at `path`, with a slash at its end; empty for the scenario's own.
fn folder(path: &str) -> String {
    path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"))
}

/// Whether `text` says of itself that it is a fragment, which is not played by itself.
pub fn is_fragment(text: &str) -> bool {
    // Most texts need not be parsed twice.
    let marked = || fragment_mark(&parse(text, 0, &Problems::of(text.len()))?).map(|_| ());
    text.contains("fragment") && text.len() <= MOST_BYTES && marked().is_some()
}

fn fragment_mark<'r, 't>(document: &'r DeTable<'t>) -> Option<&'r Value<'t>> {
    document.get("fragment").filter(|value| value.get_ref().as_bool() == Some(true))
}

struct Includes<'a> {
    library: &'a dyn Library,
    problems: &'a Problems,
    /// The files that are being read, the outermost first: a file among them that is included again includes
    /// itself.
    open: Vec<String>,
    /// Every file so far.
    list: Vec<File>,
}

impl Includes<'_> {
    /// Reads the file at `path`, whose `text` stands at `start`, and all it includes; its place in the list.
    fn file(&mut self, path: String, text: String, start: usize) -> Option<usize> {
        let included = {
            let document = parse(&text, start, self.problems)?;
            // Of a text in another version of the language nothing else can be said.
            self.version(&document)?;
            self.included(&document)?
        };
        let folder = folder(&path);
        let place = self.list.len();
        self.open.push(path.clone());
        self.list.push(File { path, text, start, includes: Vec::new() });
        for (fragment, span) in included {
            let fragment = self.fragment(resolve(&folder, &fragment), &span)?;
            self.list[place].includes.extend(fragment);
        }
        self.open.pop();
        Some(place)
    }

    fn version(&self, document: &DeTable<'_>) -> Option<()> {
        let Some(value) = document.get("version") else { return Some(()) };
        let Err(wrong) = Version::read(&scalar(value.get_ref())) else { return Some(()) };
        let message = format!("`version`: {wrong}");
        let label = format!("expected: {}", Version::KIND.name);
        self.problems.report(Diagnostic::new(message, value.span(), label));
        None
    }

    /// The paths under `include`, each with its place.
    fn included(&self, document: &DeTable<'_>) -> Option<Vec<(String, Range<usize>)>> {
        let Some(list) = document.get("include") else { return Some(Vec::new()) };
        let wrong = |value: &Value<'_>| {
            let found = scalar(value.get_ref()).what();
            let message = format!("`include`: expected [\"FILE.toml\"], found {found}");
            let problem = Diagnostic::new(message, value.span(), "expected: list of files")
                .see(part::INCLUDE);
            self.problems.report(problem);
        };
        let Some(items) = list.get_ref().as_array() else {
            wrong(list);
            return None;
        };
        let mut paths = Vec::new();
        for item in items.iter() {
            match item.get_ref().as_str() {
                Some(path) => paths.push((path.trim().to_owned(), item.span())),
                None => wrong(item),
            }
        }
        (paths.len() == items.len()).then_some(paths)
    }

    /// Reads the fragment at `path`, which is included at `span`: its place, none when it was read before.
    fn fragment(&mut self, path: String, span: &Range<usize>) -> Option<Option<usize>> {
        let report = |message: String, label: &str, help: &str| {
            let problem = Diagnostic::new(message, span.clone(), label).see(part::INCLUDE);
            let problem = if help.is_empty() { problem } else { problem.help(help) };
            self.problems.report(problem);
        };
        if self.open.iter().skip(1).any(|open| *open == path) {
            let circle = self.open.iter().skip_while(|open| **open != path).cloned();
            let circle: Vec<String> = circle.chain([path.clone()]).collect();
            let message = format!("`{path}` includes itself: {}", circle.join(" includes "));
            report(message, "this closes the circle", "remove one of these includes");
            return None;
        }
        if self.list.iter().any(|known| known.path == path) {
            return Some(None);
        }
        if self.list.len() > MOST_FILES {
            report(format!("more than {MOST_FILES} files are included"), "one too many", "");
            return None;
        }
        let bytes = match self.library.file(&path) {
            Ok(bytes) => bytes,
            Err(message) => {
                let help = "a path in `include` is relative to the file it stands in";
                report(message, "cannot be included", help);
                return None;
            }
        };
        let text = match text_of(bytes) {
            Ok(text) => text,
            Err(wrong) => {
                let (problem, shown) = *wrong;
                let start = self.problems.add_file(&path, &shown);
                self.problems.report(problem.moved(start));
                return None;
            }
        };
        let start = self.problems.add_file(&path, &text);
        self.file(path, text, start).map(Some)
    }
}

/// `path` as seen from the folder `from`, which ends in a slash, without `.` and `..` where they can go.
fn resolve(from: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in from.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// `above` over `below`: tables key by key, steps and expectations added up.
fn over<'t>(mut below: DeTable<'t>, above: DeTable<'t>) -> DeTable<'t> {
    for (key, value) in above {
        let Some(old) = below.remove(key.get_ref().as_ref()) else {
            below.insert(key, value);
            continue;
        };
        let (span, old_span) = (value.span(), old.span());
        let merged = match (old.into_inner(), value.into_inner()) {
            (DeValue::Table(old), DeValue::Table(new)) => {
                Spanned::new(span, DeValue::Table(over(old, new)))
            }
            (DeValue::Array(old), DeValue::Array(new))
                if ADDED.contains(&key.get_ref().as_ref()) =>
            {
                Spanned::new(old_span, array(old.into_iter().chain(new)))
            }
            (_, new) => Spanned::new(span, new),
        };
        below.insert(key, merged);
    }
    below
}

/// Paths of files in a fragment are relative to the fragment; from here on they are relative to the scenario.
fn rebase_files(document: &mut DeTable<'_>, folder: &str) {
    let files = [("app", "info-plist"), ("network", "trace")];
    for (section, key) in files {
        let section = document.get_mut(section).map(Spanned::get_mut);
        if let Some(DeValue::Table(table)) = section
            && let Some(DeValue::String(path)) = table.get_mut(key).map(Spanned::get_mut)
            && !path.contains('$')
        {
            *path = Cow::Owned(resolve(folder, path));
        }
    }
    for section in ["platform", "network", "client", "server"] {
        let section = document.get_mut(section).map(Spanned::get_mut);
        if let Some(DeValue::Table(table)) = section
            && let Some(set) = table.get_mut("set")
        {
            rebase_samples(set, folder);
        }
    }
}

/// The file of every `empirical(FILE)` below `value`.
fn rebase_samples(value: &mut Value<'_>, folder: &str) {
    match value.get_mut() {
        DeValue::String(text) => {
            let path =
                text.trim().strip_prefix("empirical(").and_then(|rest| rest.strip_suffix(')'));
            if let Some(path) = path.filter(|path| !path.contains('$')) {
                *text = Cow::Owned(format!("empirical({})", resolve(folder, path.trim())));
            }
        }
        DeValue::Table(table) => {
            let keys: Vec<_> = table.keys().map(|key| key.get_ref().to_string()).collect();
            for key in keys {
                if let Some(value) = table.get_mut(key.as_str()) {
                    rebase_samples(value, folder);
                }
            }
        }
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_seen_from_the_file_it_stands_in() {
        assert_eq!(resolve("", "a.toml"), "a.toml");
        assert_eq!(resolve("common/", "./a.toml"), "common/a.toml");
        assert_eq!(resolve("common/", "../a.toml"), "a.toml");
        assert_eq!(resolve("", "../../a.toml"), "../../a.toml");
        assert_eq!(resolve("common/", "/etc/a.toml"), "/etc/a.toml");
    }
}
