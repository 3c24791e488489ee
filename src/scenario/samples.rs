//! `empirical(FILE.csv)`: the samples of a distribution in a file beside the scenario.

use std::ops::Range;
use std::sync::Arc;

use csv::{ByteRecord, ReaderBuilder};

use super::diagnostic::{Diagnostic, Problems, listed};
use super::library::Library;
use super::table::Reader;
use crate::port::Span;
use crate::settings::{Samples, Scalar, Setting, samples_file, scalar};

/// The column of the samples, where there are several.
const COLUMN: &str = "value";
/// More rows that are wrong tell nothing more.
const MOST_BAD_ROWS: usize = 10;
/// No duration is longer than this; a quotation mark that is not closed makes a field of the whole file.
const LONGEST_FIELD: usize = 80;

/// `given`, with the samples themselves in place of a text that names their file. `None` when they cannot
/// be had, which is reported: in the file, or as what `wrong` makes of a message.
pub(super) fn with_samples(
    given: Scalar,
    library: &dyn Library,
    problems: &Problems,
    wrong: impl Fn(&str) -> Diagnostic,
) -> Option<Scalar> {
    let Some(file) = given.text().ok().and_then(samples_file) else { return Some(given) };
    let fail = |message: &str| problems.report(wrong(message));
    let bytes = library.file(file).map_err(|message| fail(&message)).ok()?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| {
            let byte = error.valid_up_to() + 1;
            fail(&format!("{file}: byte {byte} is not UTF-8; save the file as text in UTF-8"));
        })
        .ok()?;
    // A byte order mark is no part of the first name.
    let rows = text.strip_prefix('\u{feff}').unwrap_or(text);
    if rows.trim().is_empty() {
        let right = "write a line `value`, and below it a duration on each line";
        fail(&format!("{file}: this file is empty; {right}"));
        return None;
    }
    let start = problems.add_file(file, text) + (text.len() - rows.len());
    let spans = Rows::new(rows).spans(problems, start)?;
    Samples::new(file, spans)
        .map_err(|message| fail(&format!("{file}: {message}")))
        .map(|samples| Scalar::Samples(Arc::new(samples)))
        .ok()
}

impl Reader<'_> {
    /// As [`Reader::maybe`], for a type that can be given as a distribution.
    pub(super) fn maybe_varying<T: Setting>(
        &self,
        name: &str,
        library: &dyn Library,
    ) -> Option<Option<T>> {
        let Some(value) = self.raw(name) else { return Some(None) };
        let wrong = |message: &str| {
            let message = format!("`{name}`: {message}");
            Diagnostic::new(message, value.span(), "cannot be used")
        };
        let given = with_samples(scalar(value.get_ref()), library, self.problems, wrong)?;
        T::read(&given)
            .map_err(|message| self.wrong(name, value, &message, T::KIND.name))
            .ok()
            .map(Some)
    }

    /// As [`Reader::get`], for a type that can be given as a distribution.
    pub(super) fn get_varying<T: Setting>(&self, name: &str, library: &dyn Library) -> Option<T> {
        match self.maybe_varying(name, library)? {
            Some(value) => Some(value),
            None => self.get(name),
        }
    }
}

/// A CSV being read.
struct Rows<'t> {
    text: &'t str,
    reader: csv::Reader<&'t [u8]>,
}

/// One row where it stands.
struct Row<'t> {
    fields: ByteRecord,
    /// Where `raw` begins in the text.
    start: usize,
    /// Its text, of one that goes over several lines the first.
    raw: &'t str,
}

impl<'t> Rows<'t> {
    fn new(text: &'t str) -> Rows<'t> {
        // The header is a row as any other here, so that it has a place.
        let reader =
            ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        Rows { text, reader }
    }

    /// The next row that is not blank.
    fn next(&mut self) -> Result<Option<Row<'t>>, csv::Error> {
        loop {
            let mut fields = ByteRecord::new();
            let start = self.reader.position().byte() as usize;
            if !self.reader.read_byte_record(&mut fields)? {
                return Ok(None);
            }
            let end = self.reader.position().byte() as usize;
            let raw = self.text.get(start..end).unwrap_or_default();
            // The end of the line before can be part of it, and so are blank lines.
            let raw = raw.trim_start_matches(['\r', '\n']);
            let start = end - raw.len();
            let raw = raw.lines().next().unwrap_or_default();
            if !raw.trim().is_empty() {
                return Ok(Some(Row { fields, start, raw }));
            }
        }
    }

    /// All samples; `None` when any is wrong, which is reported where it stands in rows that begin at `start`.
    fn spans(mut self, problems: &Problems, start: usize) -> Option<Vec<Span>> {
        let mut bad = 0;
        let mut report = |problem: Diagnostic| {
            problems.report(problem.moved(start));
            bad += 1;
            bad < MOST_BAD_ROWS && !problems.enough()
        };
        let broken = |error: csv::Error| {
            Diagnostic::new(format!("this is not CSV: {error}"), 0..0, "cannot be read")
        };
        let header = self.next().map_err(broken).and_then(|row| match row {
            Some(row) => row.column().map(|column| (column, row.fields.len())),
            None => Err(Diagnostic::new("this file has no rows", 0..0, "empty")),
        });
        let (column, width) = header.map_err(&mut report).ok()?;
        let mut spans = Vec::new();
        // One more than there may be, so that it is noticed.
        while spans.len() <= Samples::MOST {
            match self.next().map_err(broken) {
                Ok(None) => break,
                Ok(Some(row)) => match row.sample(column, width) {
                    Ok(span) => spans.push(span),
                    Err(problem) => {
                        if !report(problem) {
                            break;
                        }
                    }
                },
                Err(problem) => {
                    report(problem);
                    break;
                }
            }
        }
        (bad == 0).then_some(spans)
    }
}

impl Row<'_> {
    fn field(&self, column: usize) -> &str {
        // The text is UTF-8 and is cut at commas, so that every part is.
        let field = self.fields.get(column).unwrap_or_default();
        std::str::from_utf8(field).unwrap_or_default().trim()
    }

    /// Where the whole row stands.
    fn extent(&self) -> Range<usize> {
        self.start..self.start + self.raw.trim_end().len()
    }

    /// Where a field stands; the whole row when quotation marks hide that.
    fn place(&self, column: usize) -> Range<usize> {
        if self.raw.contains('"') || self.field(column).is_empty() {
            return self.extent();
        }
        let before: usize = self.raw.split(',').take(column).map(|part| part.len() + 1).sum();
        let part = self.raw.split(',').nth(column).unwrap_or_default();
        let start = self.start + before + (part.len() - part.trim_start().len());
        start..start + part.trim().len()
    }

    /// Of a header: which column has the samples.
    fn column(&self) -> Result<usize, Diagnostic> {
        let names: Vec<&str> = (0..self.fields.len()).map(|column| self.field(column)).collect();
        if let Some(sample) = names.iter().position(|name| Span::parse(name).is_ok()) {
            let label = "this is a sample, not the name of a column";
            let problem =
                Diagnostic::new("this file has no header line", self.place(sample), label);
            return Err(problem.help("write `value` on a line above the first sample"));
        }
        match (names.iter().position(|name| *name == COLUMN), &names[..]) {
            (Some(column), _) => Ok(column),
            (None, [_]) => Ok(0),
            (None, names) => {
                let message = format!("no column is called `{COLUMN}`");
                let label = format!("the columns are: {}", listed(names.iter().copied()));
                let help = format!("call the column with the samples `{COLUMN}`");
                Err(Diagnostic::new(message, self.extent(), label).help(help))
            }
        }
    }

    /// The sample of this row.
    fn sample(&self, column: usize, width: usize) -> Result<Span, Diagnostic> {
        let found = self.fields.len();
        if found != width {
            let counted =
                |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
            let (found, wanted) = (counted(found, "value"), counted(width, "column"));
            let message = format!("this row has {found}, the header has {wanted}");
            return Err(Diagnostic::new(message, self.extent(), format!("expected {wanted}")));
        }
        let field = self.field(column);
        if field.len() > LONGEST_FIELD {
            let message = "this is too long for a duration";
            let label = "is a quotation mark not closed?";
            return Err(Diagnostic::new(message, self.extent(), label));
        }
        let span = self.place(column);
        let help = "each sample is a duration with a unit, as `40ms`";
        Span::parse(field)
            .map_err(|message| Diagnostic::new(message, span, "expected: duration").help(help))
    }
}
