//! The colours: few, and none carries a meaning that the words beside it do not.

use anstyle::{AnsiColor, Color, Style};

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

const fn on(ink: AnsiColor, paper: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(ink))).bg_color(Some(Color::Ansi(paper)))
}

/// A band of something that is well.
pub const GOOD_BAND: Style = on(AnsiColor::Black, AnsiColor::Green);
/// A band of something that is bad.
pub const BAD_BAND: Style = on(AnsiColor::White, AnsiColor::Red);
/// A band of something that costs.
pub const BUSY_BAND: Style = on(AnsiColor::Black, AnsiColor::Yellow);
/// What holds.
pub const CALM: Style = AnsiColor::Cyan.on_default();

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
