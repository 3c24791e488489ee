//! What is wrong with a scenario, and where. Pure data: the command line draws it.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

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
    /// What to do next.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A mistake without help.
    pub(super) fn new(
        message: impl Into<String>,
        span: Range<usize>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic { message: message.into(), file: None, span, label: label.into(), help: None }
    }

    /// The same mistake with help.
    pub(super) fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }
}

/// The mistakes found so far, in all files of one scenario. Shared by all its readers, hence the cells.
///
/// Spans count through all files as if they stood one after the other; the scenario itself comes first, so
/// that its spans are those of its text.
pub(super) struct Problems {
    list: RefCell<Vec<Diagnostic>>,
    files: RefCell<Vec<(usize, Arc<SourceFile>)>>,
    /// Where the next file begins.
    end: std::cell::Cell<usize>,
}

/// More mistakes than anybody reads at once; a reader of many things stops here.
const ENOUGH: usize = 100;

impl Problems {
    /// The mistakes of a scenario whose own text is so long.
    pub(super) fn of(length: usize) -> Problems {
        // One more, so that the end of a text is not the beginning of the next.
        let (list, files) = (RefCell::default(), RefCell::default());
        Problems { list, files, end: std::cell::Cell::new(length + 1) }
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

    pub(super) fn report(&self, problem: Diagnostic) {
        self.list.borrow_mut().push(problem);
    }

    pub(super) fn enough(&self) -> bool {
        self.list.borrow().len() >= ENOUGH
    }

    /// The mistakes in the order of the text, each once, every span in its own file.
    pub(super) fn into_sorted(self) -> Vec<Diagnostic> {
        let (mut list, files) = (self.list.into_inner(), self.files.into_inner());
        list.sort_by_key(|problem| (problem.span.start, problem.span.end));
        list.dedup();
        for problem in &mut list {
            let of = files.iter().rev().find(|(start, _)| *start <= problem.span.start);
            if let Some((start, file)) = of {
                problem.span = problem.span.start - start..problem.span.end - start;
                problem.file = Some(Arc::clone(file));
            }
        }
        list
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
