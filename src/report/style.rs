//! The colours: few, and none carries a meaning that the words beside it do not.

use anstyle::{AnsiColor, Style};

use crate::run::Verdict;

/// Headings.
pub const HEADING: Style = Style::new().bold();
/// What is beside the point.
pub const FAINT: Style = Style::new().dimmed();
/// Met.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Not met.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Not known, or worth a look.
pub const UNSURE: Style = AnsiColor::Yellow.on_default().bold();

/// The word at the beginning of a line, and its colour.
pub fn verdict(verdict: Verdict) -> (&'static str, Style) {
    match verdict {
        Verdict::Pass => ("PASS", GOOD),
        Verdict::Fail => ("FAIL", BAD),
        Verdict::Undetermined => ("UNDETERMINED", UNSURE),
    }
}

/// The word for a scenario whose verdict depends on the seed.
pub const FLAKY: (&str, Style) = ("FLAKY", BAD);

/// `text` in this style.
pub fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
