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
    /// How many rows the terminal had when this was fitted last.
    rows: u16,
    /// Whether it may be drawn in reverse.
    styled: bool,
}

impl StatusLine {
    /// Takes the bottom row; `None` where there is none to take: no terminal, or a low one.
    pub(super) fn open() -> Option<StatusLine> {
        let stdout = io::stdout();
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        if dumb || !stdout.is_terminal() {
            return None;
        }
        let (_, rows) = size().ok().filter(|(_, rows)| *rows >= LEAST_ROWS)?;
        let choice = anstream::AutoStream::choice(&stdout);
        let line = StatusLine { rows, styled: choice != anstream::ColorChoice::Never };
        scroll_above(&mut stdout.lock(), rows).ok()?;
        Some(line)
    }

    /// Fits the row to a terminal that has become higher or lower; before anything else is written to it.
    pub(super) fn fit(&mut self) -> io::Result<()> {
        let (_, rows) = size()?;
        if rows == self.rows {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        queue!(out, SavePosition, Print(EVERYTHING_SCROLLS))?;
        // What was the last row is somewhere below: terminals move it or leave it. Nothing else is there.
        queue!(out, RestorePosition, Clear(ClearType::FromCursorDown))?;
        self.rows = rows;
        if rows >= LEAST_ROWS {
            scroll_above(&mut out, rows)?;
        }
        out.flush()
    }

    /// Shows `text`, cut to the width of the terminal as it is now.
    pub(super) fn show(&mut self, text: &str) -> io::Result<()> {
        self.fit()?;
        let (columns, rows) = size()?;
        if rows < LEAST_ROWS {
            return Ok(());
        }
        let mut out = io::stdout().lock();
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

/// The whole terminal is what scrolls.
const EVERYTHING_SCROLLS: &str = "\x1b[r";

/// Everything scrolls above the last of `rows`. What stands in that row moves up first, and the cursor with it.
fn scroll_above(out: &mut impl Write, rows: u16) -> io::Result<()> {
    let region = format!("\x1b[1;{}r", rows.saturating_sub(1));
    queue!(out, Print("\n"), MoveUp(1), SavePosition, Print(region), RestorePosition)?;
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
            Print(EVERYTHING_SCROLLS),
            MoveTo(0, last),
            Clear(ClearType::CurrentLine),
            RestorePosition
        );
        let _ = out.flush();
    }
}
