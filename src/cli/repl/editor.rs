//! The line that is edited: completed, hinted at, and known to go on when it does.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::{Hinter, HistoryHinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};

use crate::repl::{Completion, Session, Vocabulary};
use crate::report::paragraph::{cut, plain};

/// What helps while a line is edited.
pub(super) struct Assistant {
    /// The names that can stand in a line now.
    vocabulary: Rc<RefCell<Vocabulary>>,
    files: FilenameCompleter,
    history: HistoryHinter,
    /// Whether a hint may be drawn fainter than the line.
    styled: bool,
}

impl Assistant {
    /// One that knows this vocabulary, which changes from line to line.
    pub(super) fn new(vocabulary: Rc<RefCell<Vocabulary>>, styled: bool) -> Assistant {
        let (files, history) = (FilenameCompleter::new(), HistoryHinter::new());
        Assistant { vocabulary, files, history, styled }
    }
}

impl Helper for Assistant {}

/// The columns of a name in a list of candidates with what they mean.
const NAME: usize = 30;
/// The columns of what it means.
const MEANING: usize = 44;

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        match self.vocabulary.borrow().complete(&line[..at]) {
            Completion::File => self.files.complete(line, at, context),
            Completion::Words(begin, found) => {
                let pair = |candidate: crate::repl::Candidate| {
                    let means = candidate.means.lines().next().unwrap_or_default();
                    let display = match means {
                        "" => candidate.text.clone(),
                        means => {
                            format!("{:<NAME$} {}", candidate.text, cut(&plain(means), MEANING))
                        }
                    };
                    // What is complete is followed by a blank.
                    let replacement = match candidate.text.ends_with('=') {
                        true => candidate.text,
                        false => candidate.text + " ",
                    };
                    Pair { display, replacement }
                };
                Ok((begin, found.into_iter().map(pair).collect()))
            }
        }
    }
}

/// What may follow, shown behind the cursor.
pub(super) struct Hint {
    shown: String,
    /// What is taken over when the hint is accepted; nothing of an explanation is.
    taken: Option<String>,
}

impl rustyline::hint::Hint for Hint {
    fn display(&self) -> &str {
        &self.shown
    }

    fn completion(&self) -> Option<&str> {
        self.taken.as_deref()
    }
}

impl Hinter for Assistant {
    type Hint = Hint;

    fn hint(&self, line: &str, at: usize, context: &Context<'_>) -> Option<Hint> {
        if at < line.len() || line.is_empty() {
            return None;
        }
        if let Some(does) = self.vocabulary.borrow().hint(line) {
            let does = does.lines().next().unwrap_or_default();
            return Some(Hint { shown: format!("  {}", cut(&plain(does), MEANING)), taken: None });
        }
        let shown = self.history.hint(line, at, context)?;
        Some(Hint { taken: Some(shown.clone()), shown })
    }
}

impl Highlighter for Assistant {
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        match self.styled {
            true => Cow::Owned(format!("\x1b[2m{hint}\x1b[0m")),
            false => Cow::Borrowed(hint),
        }
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match Session::wants_more(context.input()) {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}
