//! What is wrong with a scenario, and where. Pure data: the command line draws it.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::sync::Arc;

use super::lints::Lint;

/// A file that a scenario names: a fragment, or data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFile {
    /// Its path as the scenario's own folder sees it.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// One mistake.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// What is wrong, in a sentence that stands alone.
    pub message: String,
    /// The file it is in, when that is not the scenario itself.
    pub file: Option<Arc<SourceFile>>,
    /// The text it is about, in bytes, on character boundaries; empty at 0 when it is not about the
    /// text, as with `--set`.
    pub span: Range<usize>,
    /// A few words to write under that text.
    pub label: String,
    /// What else is to be known: the value of a variable, say.
    pub note: Option<String>,
    /// What to do next.
    pub help: Option<String>,
    /// The part of `docs/scenarios.md` that says how it is written, by its anchor.
    pub see: &'static str,
    /// The lint that says so, where it is no mistake but probably not what was meant.
    pub lint: Option<Lint>,
}

impl Diagnostic {
    /// A mistake without help.
    pub(super) fn new(
        message: impl Into<String>,
        span: Range<usize>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            message: message.into(),
            file: None,
            span,
            label: label.into(),
            note: None,
            help: None,
            see: "",
            lint: None,
        }
    }

    /// The same mistake in a text that begins at `start` among the files of its scenario.
    pub(super) fn moved(self, start: usize) -> Diagnostic {
        Diagnostic { span: self.span.start + start..self.span.end + start, ..self }
    }

    /// The same mistake, which another part of the documentation is about than what was read.
    pub(super) fn see(mut self, anchor: &'static str) -> Diagnostic {
        self.see = anchor;
        self
    }

    /// The same mistake with help.
    pub(super) fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }
}

/// Parts of `docs/scenarios.md`, by their anchors.
pub(super) mod part {
    pub(crate) const TOML: &str = "scenarios";
    pub(crate) const TOP: &str = "the-top";
    pub(crate) const VALUES: &str = "values";
    pub(crate) const WHO: &str = "who-takes-part";
    pub(crate) const STEPS: &str = "what-happens-step";
    pub(crate) const EXPECTS: &str = "what-is-expected-expect";
    pub(crate) const PATTERNS: &str = "event-patterns";
    pub(crate) const SET: &str = "overrides-from-outside";
    pub(crate) const LIMITS: &str = "limits";
    pub(crate) const INCLUDE: &str = "several-files-include";
    pub(crate) const VARIABLES: &str = "values-with-a-name-variables";
    pub(crate) const VARY: &str = "one-file-many-scenarios-vary";
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: &[&str] =
        &[TOML, TOP, VALUES, WHO, STEPS, EXPECTS, PATTERNS, SET, LIMITS, INCLUDE, VARIABLES, VARY];
}

/// The mistakes found so far, in all files of one scenario. Shared by all its readers, hence the cells.
///
/// Spans count through all files as if they stood one after the other; the scenario itself comes first, so
/// that its spans are those of its text.
pub(super) struct Problems {
    list: RefCell<Vec<Diagnostic>>,
    files: RefCell<Vec<(usize, Arc<SourceFile>)>>,
    /// Where the next file begins.
    end: Cell<usize>,
    /// What is being read, as a part of the documentation.
    part: Cell<&'static str>,
    /// What is to be known of the text at a place.
    notes: RefCell<Vec<(Range<usize>, String)>>,
    /// Places of which everything has been said: what else is wrong with them follows from it.
    doubted: RefCell<Vec<Range<usize>>>,
}

/// More mistakes than anybody reads at once; a reader of many things stops here.
const ENOUGH: usize = 100;

impl Problems {
    /// The mistakes of a scenario whose own text is so long.
    pub(super) fn of(length: usize) -> Problems {
        Problems {
            list: RefCell::default(),
            files: RefCell::default(),
            // One more, so that the end of a text is not the beginning of the next.
            end: Cell::new(length + 1),
            part: Cell::new(part::TOML),
            notes: RefCell::default(),
            doubted: RefCell::default(),
        }
    }

    /// Adds a file. A span in it is reported with this number added to both its ends: the same one for a
    /// file that is read again, so that its mistakes are not told twice.
    pub(super) fn add_file(&self, path: &str, text: &str) -> usize {
        let files = self.files.borrow();
        if let Some((start, _)) = files.iter().find(|(_, f)| (&*f.path, &*f.text) == (path, text)) {
            return *start;
        }
        drop(files);
        let start = self.end.get();
        self.end.set(start + text.len() + 1);
        let file = SourceFile { path: path.to_owned(), text: text.to_owned() };
        self.files.borrow_mut().push((start, Arc::new(file)));
        start
    }

    /// From here on something is read that this part of the documentation is about.
    pub(super) fn enter(&self, part: &'static str) {
        self.part.set(part);
    }

    /// Whoever reports a mistake at `span` from here on is to tell this as well.
    pub(super) fn note(&self, span: &Range<usize>, text: String) {
        let mut notes = self.notes.borrow_mut();
        notes.retain(|(known, _)| known != span);
        notes.push((span.clone(), text));
    }

    /// What is wrong at `span` has been said.
    pub(super) fn doubt(&self, span: &Range<usize>) {
        self.doubted.borrow_mut().push(span.clone());
    }

    pub(super) fn report(&self, mut problem: Diagnostic) {
        if self.doubted.borrow().contains(&problem.span) {
            return;
        }
        if problem.see.is_empty() {
            problem.see = self.part.get();
        }
        let notes = self.notes.borrow();
        if let Some((_, note)) = notes.iter().find(|(span, _)| *span == problem.span) {
            problem.note = Some(note.clone());
        }
        let mut list = self.list.borrow_mut();
        // Several scenarios of one file share their mistakes.
        if !list.contains(&problem) {
            list.push(problem);
        }
    }

    /// Whether nothing was wrong so far.
    pub(super) fn is_empty(&self) -> bool {
        self.list.borrow().is_empty()
    }

    pub(super) fn enough(&self) -> bool {
        self.list.borrow().len() >= ENOUGH
    }

    /// The mistakes in the order of the text, every span in its own file.
    pub(super) fn into_sorted(self) -> Vec<Diagnostic> {
        let list = self.list.take();
        self.sorted(list)
    }

    /// `list` in the order of the text, every span in its own file.
    pub(super) fn sorted(&self, mut list: Vec<Diagnostic>) -> Vec<Diagnostic> {
        list.sort_by_key(|problem| (problem.span.start, problem.span.end));
        for problem in &mut list {
            let (file, offset) = self.file_at(problem.span.start);
            if file.is_some() {
                problem.span = offset..offset + problem.span.len();
                problem.file = file;
            }
        }
        list
    }

    /// The file in which something stands that begins at `start` among all files, when that is not the scenario
    /// itself, and where in it.
    pub(super) fn file_at(&self, start: usize) -> (Option<Arc<SourceFile>>, usize) {
        let files = self.files.borrow();
        match files.iter().rev().find(|(begin, _)| *begin <= start) {
            Some((begin, file)) => (Some(Arc::clone(file)), start - begin),
            None => (None, start),
        }
    }
}

/// ` did you mean …` for a label, or other words when nothing is near.
pub(super) fn did_you_mean(near: Option<&str>, otherwise: &str) -> String {
    near.map_or(otherwise.to_owned(), |near| format!("did you mean `{near}`?"))
}

/// `names` as they are listed in help.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}
