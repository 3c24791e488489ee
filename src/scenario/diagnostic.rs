//! What is wrong with a scenario, and where. Pure data: the command line draws it.

use std::cell::RefCell;
use std::ops::Range;

/// One mistake.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// What is wrong, in a sentence that stands alone.
    pub message: String,
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
        Diagnostic { message: message.into(), span, label: label.into(), help: None }
    }

    /// The same mistake with help.
    pub(super) fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }
}

/// The mistakes found so far. Shared by all readers of one scenario, hence the cell.
#[derive(Default)]
pub(super) struct Problems {
    list: RefCell<Vec<Diagnostic>>,
}

/// More mistakes than anybody reads at once; a reader of many things stops here.
const ENOUGH: usize = 100;

impl Problems {
    pub(super) fn report(&self, problem: Diagnostic) {
        self.list.borrow_mut().push(problem);
    }

    pub(super) fn enough(&self) -> bool {
        self.list.borrow().len() >= ENOUGH
    }

    /// The mistakes in the order of the text, each once.
    pub(super) fn into_sorted(self) -> Vec<Diagnostic> {
        let mut list = self.list.into_inner();
        list.sort_by_key(|problem| (problem.span.start, problem.span.end));
        list.dedup();
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
