//! Mistakes in scenarios, drawn as compilers draw them.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::paragraph::paragraph;
use crate::scenario::Diagnostic;

/// One mistake in the file `path` with this `text`, with colours, ending in a line break.
pub fn draw(problem: &Diagnostic, path: &str, text: &str, width: usize) -> String {
    let mut group = Group::with_title(Level::ERROR.primary_title(problem.message.as_str()));
    let (path, text) = match &problem.file {
        Some(file) => (file.path.as_str(), file.text.as_str()),
        None => (path, text),
    };
    // A span that is empty at the beginning is about the file as a whole, or about the command line.
    if problem.span != (0..0) || problem.file.is_some() {
        let mark = AnnotationKind::Primary.span(problem.span.clone());
        let label = Some(problem.label.as_str()).filter(|label| !label.is_empty());
        let snippet = Snippet::source(text).path(path).annotation(mark.label(label));
        group = group.element(snippet);
    } else if !on_command_line(problem) {
        group = group.element(Origin::path(path));
    }
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(lines(help, width)));
    }
    format!("{}\n\n", Renderer::styled().term_width(width.max(60)).render(&[group]))
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
        "#);
    }
}
