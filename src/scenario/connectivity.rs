//! A connectivity trace: CSV that says, row by row, what carried traffic and how well.

use std::ops::Range;

use csv::{ReaderBuilder, StringRecord};

use super::diagnostic::{Diagnostic, did_you_mean, listed};
use super::library::MOST_FILE_BYTES;
use super::model::{Connectivity, ConnectivityRow};
use crate::net::Conditions;
use crate::port::{Interface, Span};
use crate::settings::{Kind, Scalar, Setting, Share, grouped, nearest, not_among};

/// The columns; all of them have to be there, in any order.
const COLUMNS: [&str; 5] = ["time", "interface", "latency", "loss", "state"];
/// A line that begins so is for the reader.
const COMMENT: u8 = b'#';
/// More rows than this are more than a trace can have.
pub(super) const MOST_ROWS: usize = 100_000;
/// More mistakes of one file nobody reads.
const MOST_MISTAKES: usize = 10;

/// Whether the interface is there and nothing gets through.
#[derive(Default)]
struct Down(bool);

impl Setting for Down {
    const KIND: Kind = Kind::one_of("word", "\"up\"", &["up", "down"]);
    fn read(value: &Scalar) -> Result<Self, String> {
        match value.text()? {
            "up" => Ok(Down(false)),
            "down" => Ok(Down(true)),
            other => Err(not_among(other, Self::KIND.choices)),
        }
    }
    fn show(&self) -> String {
        if self.0 { "down" } else { "up" }.to_owned()
    }
}

/// What was read, and where the interface of its first row stands.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Recording {
    pub(super) read: Connectivity,
    pub(super) first: Range<usize>,
}

/// The bytes of the file at `path` as text.
///
/// # Errors
/// A sentence that says why they are none.
pub(super) fn text(path: &str, bytes: Vec<u8>) -> Result<String, String> {
    if bytes.len() > MOST_FILE_BYTES {
        let most = grouped(MOST_FILE_BYTES as u64);
        return Err(format!(
            "{path} is too large for a connectivity trace: more than {most} bytes"
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let sound = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..sound].iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("{path} is not UTF-8 text: line {line} is not; save it as UTF-8")
    })
}

/// Reads a connectivity trace.
///
/// # Errors
/// What is wrong with it, in the order of the text: at least one mistake, ten at most.
pub(super) fn parse(text: &str) -> Result<Recording, Vec<Diagnostic>> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(COMMENT))
        .from_reader(text.as_bytes());
    let mut mistakes = Vec::new();
    let mut record = StringRecord::new();
    let (mut columns, mut rows) = (None, Vec::<ConnectivityRow>::new());
    let (mut latest, mut first) = (None, 0..0);
    let mut seen = 0;
    while mistakes.len() < MOST_MISTAKES {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                // The text is UTF-8 and rows may have any length: nothing should come here.
                mistakes.push(Diagnostic::new(format!("this is not CSV: {error}"), 0..0, ""));
                break;
            }
        }
        let place = Place::of(&record, reader.position().byte(), text);
        let Some(columns) = &columns else {
            columns = Some(Columns::read(&record, &place, &mut mistakes));
            if !mistakes.is_empty() {
                break;
            }
            continue;
        };
        seen += 1;
        if seen > MOST_ROWS {
            let message = format!("this trace has more than {} rows", grouped(MOST_ROWS as u64));
            let help = "leave out the rows that say the same as the one before";
            mistakes.push(Diagnostic::new(message, place.row, "too many").help(help));
            break;
        }
        let mut row = Row { columns, record: &record, place, mistakes: &mut mistakes };
        if seen == 1 {
            first = row.span(1);
        }
        rows.extend(row.read(&mut latest));
    }
    if columns.is_none() && mistakes.is_empty() {
        let help = format!("the first line is `{}`", COLUMNS.join(","));
        mistakes.push(Diagnostic::new("this trace is empty", 0..0, "no header").help(help));
    } else if seen == 0 && mistakes.is_empty() {
        let help = "write for example `0s,wifi,,,up` below the header";
        let end = text.trim_end().len();
        mistakes.push(Diagnostic::new("this trace has no rows", end..end, "no rows").help(help));
    }
    if mistakes.is_empty() {
        Ok(Recording { read: Connectivity { rows }, first })
    } else {
        Err(mistakes)
    }
}

/// Where a record and its fields stand.
struct Place {
    row: Range<usize>,
    /// Where the fields stand, unless quotes are in the way.
    fields: Option<Vec<Range<usize>>>,
}

impl Place {
    /// The record that ends before `end`.
    fn of(record: &StringRecord, end: u64, text: &str) -> Place {
        let start = record.position().map_or(0, |position| position.byte());
        let inside = |place: u64| usize::try_from(place).unwrap_or(text.len()).min(text.len());
        let (mut start, mut end) = (inside(start), inside(end));
        // What comes before the record is counted as its own: the mark of a Unicode file, lines that are
        // empty, comments.
        loop {
            let rest = text.get(start..end).unwrap_or_default();
            if rest.starts_with('\u{feff}') {
                start += '\u{feff}'.len_utf8();
            } else if rest.starts_with(['\r', '\n']) {
                start += 1;
            } else if rest.as_bytes().first() == Some(&COMMENT) {
                start += rest.find('\n').unwrap_or(rest.len());
            } else {
                end = start + rest.trim_end_matches(['\r', '\n']).len();
                break;
            }
        }
        let whole = text.get(start..end).unwrap_or_default();
        let found = |n: usize| {
            // A separator stands before each field but the first.
            let field = record.range(n)?;
            let field = start + field.start + n..start + field.end + n;
            (text.get(field.clone()) == record.get(n)).then_some(field)
        };
        let plain = !whole.contains('"');
        let fields = plain.then(|| (0..record.len()).map(found).collect()).flatten();
        Place { row: start..start + whole.len(), fields }
    }

    /// Where the field `n` stands, without the blanks around it; the row, if that is not known or nothing.
    fn field(&self, n: usize, record: &StringRecord) -> Range<usize> {
        let (Some(range), Some(text)) =
            (self.fields.as_ref().and_then(|fields| fields.get(n)), record.get(n))
        else {
            return self.row.clone();
        };
        let start = range.start + (text.len() - text.trim_start().len());
        let end = start + text.trim().len();
        if start == end { self.row.clone() } else { start..end }
    }
}

/// Where each of [`COLUMNS`] stands in a row.
struct Columns {
    places: [usize; COLUMNS.len()],
    width: usize,
}

impl Columns {
    /// Reads the header.
    fn read(header: &StringRecord, place: &Place, mistakes: &mut Vec<Diagnostic>) -> Columns {
        let help = format!("the columns are: {}", listed(COLUMNS));
        let mut places = [None; COLUMNS.len()];
        let mut unknown = false;
        // One column alone is a header with other separators.
        let none = header.iter().all(|name| nearest(name.trim(), COLUMNS).is_none());
        if header.len() == 1 || none {
            let wanted = format!("the first line is `{}`, with commas between", COLUMNS.join(","));
            let message = "this trace does not begin with its columns";
            mistakes.push(Diagnostic::new(message, place.row.clone(), "no header").help(wanted));
            return Columns { places: [0; COLUMNS.len()], width: 0 };
        }
        for (n, name) in header.iter().enumerate().take(MOST_MISTAKES) {
            let (name, span) = (name.trim(), place.field(n, header));
            let Some(column) = COLUMNS.iter().position(|known| *known == name) else {
                unknown = true;
                let label = did_you_mean(nearest(name, COLUMNS), "unknown column");
                let message = format!("a connectivity trace has no column `{name}`");
                mistakes.push(Diagnostic::new(message, span, label).help(&help));
                continue;
            };
            if places[column].replace(n).is_some() {
                let message = format!("the column `{name}` is there twice");
                mistakes.push(Diagnostic::new(message, span, "remove one of them"));
            }
        }
        for (name, known) in COLUMNS.iter().zip(&places) {
            // One that is misspelt is probably meant.
            if known.is_none() && !unknown {
                let label = format!("`{name}` is missing");
                let message = format!("this trace has no column `{name}`");
                mistakes.push(Diagnostic::new(message, place.row.clone(), label).help(&help));
            }
        }
        Columns { places: places.map(Option::unwrap_or_default), width: header.len() }
    }
}

/// One row being read.
struct Row<'a> {
    columns: &'a Columns,
    record: &'a StringRecord,
    place: Place,
    mistakes: &'a mut Vec<Diagnostic>,
}

impl Row<'_> {
    /// Reads the row; `latest` is the time of the one before, and becomes that of this one.
    fn read(&mut self, latest: &mut Option<Span>) -> Option<ConnectivityRow> {
        let (found, width) = (self.record.len(), self.columns.width);
        if found != width {
            let message = format!("this row has {found} fields, and the header has {width}");
            let label = if found < width { "too few fields" } else { "too many fields" };
            let help = "a field may be empty, but its comma has to be there";
            self.report(Diagnostic::new(message, self.place.row.clone(), label).help(help));
            return None;
        }
        let time = self.needed::<Span>(0);
        if let Some(time) = time {
            if let Some(before) = latest.filter(|before| time <= *before) {
                let message = format!("the time goes from {before} to {time}");
                let label = format!("has to be later than {before}");
                self.report(Diagnostic::new(message, self.span(0), label));
            }
            *latest = Some(latest.map_or(time, |before| before.max(time)));
        }
        let interface = self.needed::<Interface>(1);
        let (latency, loss) = (self.maybe::<Span>(2), self.maybe::<Share>(3));
        let state = self.maybe::<Down>(4);
        let (interface, latency, loss) = (interface?, latency?, loss?);
        let Down(down) = state?.unwrap_or_default();
        let conditions = Conditions { interface, latency, loss, down };
        Some(ConnectivityRow { at: time?.from_start(), conditions })
    }

    fn report(&mut self, mistake: Diagnostic) {
        if self.mistakes.len() < MOST_MISTAKES {
            self.mistakes.push(mistake);
        }
    }

    fn span(&self, column: usize) -> Range<usize> {
        self.place.field(self.columns.places[column], self.record)
    }

    /// A field that may be empty, `Some(None)` then; `None` when it is wrong, which is reported.
    fn maybe<T: Setting>(&mut self, column: usize) -> Option<Option<T>> {
        let text = self.record.get(self.columns.places[column]).unwrap_or_default().trim();
        if text.is_empty() {
            return Some(None);
        }
        match T::read(&Scalar::Text(text.to_owned())) {
            Ok(value) => Some(Some(value)),
            Err(message) => {
                let message = format!("`{}`: {message}", COLUMNS[column]);
                let label = match nearest(text, T::KIND.choices.iter().copied()) {
                    None => format!("expected: {}", T::KIND.words()),
                    near @ Some(_) => did_you_mean(near, ""),
                };
                self.report(Diagnostic::new(message, self.span(column), label));
                None
            }
        }
    }

    /// A field that cannot be empty.
    fn needed<T: Setting>(&mut self, column: usize) -> Option<T> {
        let value = self.maybe(column)?;
        if value.is_none() {
            let name = COLUMNS[column];
            let label = format!("expected: {}", T::KIND.words());
            let message = format!("this row says no `{name}`");
            self.report(Diagnostic::new(message, self.place.row.clone(), label));
        }
        value
    }
}
