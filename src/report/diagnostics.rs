//! Mistakes in scenarios, drawn as compilers draw them.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::paragraph::paragraph;
use crate::scenario::{Diagnostic, SourceFile};

/// Where the documentation of the language is.
const DOC: &str = "docs/scenarios.md";

/// One mistake or lint in the file `path` with this `text`, with colours, ending in a line break.
pub fn draw(problem: &Diagnostic, path: &str, text: &str, width: usize) -> String {
    let place = place(problem, path);
    let text = problem.file.as_ref().map_or(text, |file| file.text.as_str());
    let level = match problem.lint {
        Some(_) => Level::WARNING,
        None => Level::ERROR,
    };
    let title = match problem.lint {
        Some(lint) => format!("{} [{lint}]", problem.message),
        None => problem.message.clone(),
    };
    let mut group = Group::with_title(level.primary_title(title.as_str()));
    // A span that is empty at the beginning is about the file as a whole, or about the command line.
    if problem.span != (0..0) || problem.file.is_some() {
        let mark = AnnotationKind::Primary.span(problem.span.clone());
        let label = Some(problem.label.as_str()).filter(|label| !label.is_empty());
        let snippet = Snippet::source(text).path(&place).annotation(mark.label(label));
        group = group.element(snippet);
    } else if !on_command_line(problem) {
        group = group.element(Origin::path(&place));
    }
    if let Some(note) = &problem.note {
        group = group.element(Level::NOTE.message(lines(note, width)));
    }
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(lines(help, width)));
    }
    if !problem.see.is_empty() {
        let see = format!("{DOC}#{}", problem.see);
        group = group.element(Level::NOTE.with_name("see").message(see));
    }
    format!("{}\n\n", Renderer::styled().term_width(width.max(60)).render(&[group]))
}

/// The line and the column of the character at `offset`, both counted from 1.
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() + 1)
}

/// The file a mistake is in, as a command line names it, when the scenario is at `path`.
pub fn place(problem: &Diagnostic, path: &str) -> String {
    file_of(problem.file.as_deref(), path)
}

/// A file of the scenario at `path`, as a command line names it: a fragment, or the scenario itself.
pub(super) fn file_of(file: Option<&SourceFile>, path: &str) -> String {
    let Some(file) = file else { return path.to_owned() };
    match path.rsplit_once('/') {
        Some((folder, _)) if !file.path.starts_with('/') => format!("{folder}/{}", file.path),
        Some(_) | None => file.path.clone(),
    }
}

/// `text` broken so that it fits beside the frame that is drawn around it.
fn lines(text: &str, width: usize) -> String {
    const FRAME: usize = 14;
    let mut out = String::new();
    paragraph(&mut out, ("", 0), 0, text, width.max(60) - FRAME);
    out.trim_end().to_owned()
}

/// Whether the mistake is in an option: the same for every file.
pub fn on_command_line(problem: &Diagnostic) -> bool {
    problem.span == (0..0) && problem.message.starts_with("--set ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_underlined_where_it_stands() {
        let text = "name = \"x\"\nduration = \"2x\"\n";
        let problem = Diagnostic {
            message: "`x` is not a unit of time".into(),
            file: None,
            span: 22..26,
            label: "duration".into(),
            note: None,
            help: Some("use us, ms, s, m, h or d".into()),
            see: "values",
            lint: None,
        };
        let drawn = anstream::adapter::strip_str(&draw(&problem, "a.toml", text, 80)).to_string();
        insta::assert_snapshot!(drawn, @r#"
        error: `x` is not a unit of time
         --> a.toml:2:12
          |
        2 | duration = "2x"
          |            ^^^^ duration
          |
          = help: use us, ms, s, m, h or d
          = see: docs/scenarios.md#values
        "#);
    }
}
