//! How wide lines may be.

use std::io::IsTerminal;

/// The width of the terminal behind stdout, within reason; `None` when there is no terminal.
fn terminal() -> Option<usize> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let (width, _) = terminal_size::terminal_size_of(stdout)?;
    Some(usize::from(width.0).clamp(40, 200))
}

/// The width for lines of text.
pub(super) fn text_width() -> usize {
    terminal().unwrap_or(100)
}

/// The width for tables and drawings, which also go into documents.
pub(super) fn drawing_width() -> usize {
    terminal().unwrap_or(80)
}

/// The room for what is cut where it does not fit; nothing is cut for files and other programs.
pub(super) fn room() -> Option<usize> {
    terminal()
}
