//! The status line: the bottom row of the terminal, above which everything else scrolls.

use std::io::{self, IsTerminal, Write};

use crossterm::cursor::{MoveTo, MoveUp, RestorePosition, SavePosition};
use crossterm::style::{Attribute, Print, SetAttribute};
use crossterm::terminal::{Clear, ClearType, size};
use crossterm::{QueueableCommand, queue};

use crate::report::paragraph::{cut, plain};

/// With fewer rows than this a row is worth more than a status.
const LEAST_ROWS: u16 = 8;

/// The row, taken from what scrolls until this is dropped.
pub(super) struct StatusLine {
    /// How many rows the terminal had when it was drawn last.
    rows: u16,
    /// Whether it may be drawn in reverse.
    styled: bool,
}

impl StatusLine {
    /// Takes the bottom row; `None` where there is none to take: no terminal, or a low one.
    pub(super) fn open() -> Option<StatusLine> {
        let stdout = io::stdout();
        let (_, rows) = size().ok().filter(|(_, rows)| *rows >= LEAST_ROWS)?;
        if !stdout.is_terminal() {
            return None;
        }
        let choice = anstream::AutoStream::choice(&stdout);
        let line = StatusLine { rows, styled: choice != anstream::ColorChoice::Never };
        // What stands in the last row moves up first.
        queue!(stdout.lock(), Print("\n"), MoveUp(1)).ok()?;
        scroll_above(&mut stdout.lock(), rows).ok()?;
        Some(line)
    }

    /// Shows `text`, cut to the width of the terminal as it is now.
    pub(super) fn show(&mut self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let (columns, rows) = size()?;
        if rows != self.rows {
            self.rows = rows;
            scroll_above(&mut out, rows)?;
        }
        let width = usize::from(columns);
        let text = cut(&plain(text), width);
        out.queue(SavePosition)?.queue(MoveTo(0, rows.saturating_sub(1)))?;
        out.queue(Clear(ClearType::CurrentLine))?;
        match self.styled {
            true => out
                .queue(SetAttribute(Attribute::Reverse))?
                .queue(Print(format!("{text:width$}")))?,
            false => out.queue(Print(text))?,
        };
        out.queue(SetAttribute(Attribute::Reset))?.queue(RestorePosition)?;
        out.flush()
    }
}

/// Everything scrolls above the last of `rows`; the cursor stays where it is.
fn scroll_above(out: &mut impl Write, rows: u16) -> io::Result<()> {
    let region = format!("\x1b[1;{}r", rows.saturating_sub(1));
    queue!(out, SavePosition, Print(region), RestorePosition)?;
    out.flush()
}

impl Drop for StatusLine {
    /// Gives the row back. Nothing can be done when that fails.
    fn drop(&mut self) {
        let mut out = io::stdout().lock();
        let last = self.rows.saturating_sub(1);
        let _ = queue!(
            out,
            SavePosition,
            Print("\x1b[r"),
            MoveTo(0, last),
            Clear(ClearType::CurrentLine),
            RestorePosition
        );
        let _ = out.flush();
    }
}
