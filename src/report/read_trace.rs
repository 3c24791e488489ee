//! A trace read back from JSON Lines, as data: see [`write_event`](crate::trace::write_event).

use std::fmt;
use std::io::{BufRead, Read};

use crate::trace::{Header, Record, read_header, read_record};

/// A line is not longer than this.
const LONGEST_LINE: u64 = 64 << 10;
/// A trace has not more events than this.
pub const MOST_EVENTS: usize = 1_000_000;

/// What a trace says.
#[derive(Clone, Debug)]
pub struct ReadTrace {
    /// Its first line.
    pub header: Header,
    /// Its other lines, in their order.
    pub records: Vec<Record>,
}

/// Why something is no trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoTrace {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for NoTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

/// Reads a trace.
///
/// # Errors
/// [`NoTrace`] for the first line that is none of a trace's.
pub fn read_trace(mut from: impl BufRead) -> Result<ReadTrace, NoTrace> {
    let mut line = Vec::new();
    let mut number = 1;
    let wrong = |line: usize, why: String| NoTrace { line, why };
    next(&mut from, &mut line).map_err(|why| wrong(number, why))?;
    if line.is_empty() {
        return Err(wrong(1, "the file is empty".into()));
    }
    let header = read_header(&line).map_err(|why| wrong(number, why))?;
    let mut records: Vec<Record> = Vec::new();
    loop {
        number += 1;
        next(&mut from, &mut line).map_err(|why| wrong(number, why))?;
        if line.is_empty() {
            return Ok(ReadTrace { header, records });
        }
        let record = read_record(&line).map_err(|why| wrong(number, why))?;
        if records.last().is_some_and(|last| record.at < last.at) {
            return Err(wrong(number, "it is earlier than the line before".into()));
        }
        if records.len() == MOST_EVENTS {
            let why = format!("more than {MOST_EVENTS} events are not compared");
            return Err(wrong(number, why));
        }
        records.push(record);
    }
}

/// Reads the next line with its line break; nothing when there is none.
fn next(from: &mut impl BufRead, line: &mut Vec<u8>) -> Result<(), String> {
    line.clear();
    let read = from.by_ref().take(LONGEST_LINE + 1).read_until(b'\n', line);
    read.map_err(|error| format!("cannot be read: {error}"))?;
    match line.len() as u64 > LONGEST_LINE {
        true => Err(format!("it is longer than {LONGEST_LINE} bytes")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Options, header as header_of, play};
    use crate::scenario::{Presets, decode};
    use crate::trace::{Datum, write_event, write_header};

    const FIRST: &str =
        r#"{"format":1,"scenario":"x","seed":1,"model":"1","platform":"ios-9","profile":"0abc"}"#;
    const EVENT: &str = r#"{"t":5,"device":1,"lane":"os","event":"exit","code":-9}"#;

    fn wrong(text: &str) -> String {
        read_trace(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_a_run_wrote_is_read_back_as_it_was() {
        let text = "name = \"talk\"\nduration = \"2h\"\n[client]\nuse = \"ping-in-handler\"\n\
            [[step]]\nat = \"10s\"\ndo = \"user.background\"\n\
            [[step]]\nat = \"1h\"\ndo = \"server.push\"\npush = \"a-\\\"call\\\"\"\n\
            [[step]]\nat = \"90m\"\ndo = \"server.restart\"\ndown-for = \"1m\"\n";
        let scenario = decode(text, &Presets::built_in(), &[]).unwrap();
        let options = Options { trace: true, ..Options::of(&scenario) };
        let events = play(&scenario, options).events.unwrap();
        let mut lines = String::new();
        write_header(&mut lines, &header_of(&scenario, 1));
        events.iter().for_each(|event| write_event(&mut lines, event, &scenario.names));
        let read = read_trace(lines.as_bytes()).unwrap();
        assert_eq!(read.header, header_of(&scenario, 1));
        let records: Vec<Record> =
            events.iter().map(|event| Record::of(event, &scenario.names)).collect();
        assert!(records.len() > 100);
        assert_eq!(read.records, records);
    }

    #[test]
    fn what_is_no_trace_is_told_with_its_line() {
        assert_eq!(wrong(""), "line 1: the file is empty");
        assert!(wrong("{}").starts_with("line 1: not the first line of a trace"));
        let newer = FIRST.replace("\"format\":1", "\"format\":2");
        assert_eq!(wrong(&newer), "line 1: a trace of format 2; this holdline reads format 1");
        let with = |line: &str| wrong(&format!("{FIRST}\n{EVENT}\n{line}\n"));
        assert!(with("{\"t\":6").starts_with("line 3: column "), "{}", with("{\"t\":6"));
        assert_eq!(with("{\"t\":6}"), "line 3: `device` is missing");
        assert_eq!(with(&EVENT.replace(":5", ":4")), "line 3: it is earlier than the line before");
        assert!(
            with(&EVENT.replace("os", "sky")).starts_with("line 3: `lane` is none of user, os")
        );
        assert!(with(&EVENT.replace("-9", "[1]")).contains("expected a whole number"));
        assert!(with(&EVENT.replace("\"code\"", "\"t\"")).contains("`t` stands twice"));
        assert!(with("").contains("line 3: column"), "an empty line is no event");
        assert!(with(&" ".repeat(70_000)).contains("longer than 65536 bytes"));
    }

    #[test]
    fn an_event_of_another_version_is_read_as_data() {
        let line = EVENT.replace("exit", "an-event-of-tomorrow");
        let read = read_trace(format!("{FIRST}\n{line}\n").as_bytes()).unwrap();
        assert_eq!(read.records[0].event, "an-event-of-tomorrow");
        assert_eq!(read.records[0].field("code"), Some(&Datum::Negative(-9)));
    }
}
