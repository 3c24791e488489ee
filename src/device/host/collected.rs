//! What a run on a device leaves: what the host saw itself, and the log that the phone wrote.

use std::fmt;

use serde::Deserialize;

use crate::device::protocol::{About, Clocks};
use crate::port::{Span, Time};
use crate::trace::{Datum, Event, Header, Record, read_header, read_record};

/// Everything that is known of a run when it is over.
///
/// All times are those of the run, with its speed already in them. The host's are counted from when it began the run,
/// the phone's from when the app was launched upon its orders: they differ by an offset that nobody told.
#[derive(Clone, Debug)]
pub struct Collected {
    /// What the host saw: its server, the steps, what it did itself. On the host's time, in order.
    pub host: Vec<Event>,
    /// The phone's log, if one was collected.
    pub phone: Option<PhoneLog>,
    /// What was wrong with the log, from [`PhoneLog::read`] and from collecting it.
    pub warnings: Vec<LogWarning>,
    /// What the phone's clocks said when the host asked.
    pub exchanges: Vec<Exchange>,
    /// The ends of the app's processes that the host saw.
    pub deaths: Vec<Death>,
    /// How many times faster than the machine's clock the time of the run passed; 1 on a phone.
    pub speed: u32,
    /// What was not done, and why.
    pub undone: Vec<Undone>,
    /// When the host ended the run, which may be before the scenario's end.
    pub ended: Time,
    /// When the log was fetched whole, so that what is not in it did not happen by then; `None` when it vouches for
    /// nothing behind its last line.
    pub fetched: Option<Time>,
    /// When the host last saw that the app's process lives, beside what the log and the exchanges show.
    pub alive: Option<Time>,
}

/// A step that was not done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Undone {
    /// The step's place in the scenario's list.
    pub step: usize,
    /// When it was due.
    pub at: Time,
    /// Why it was not done.
    pub why: String,
}

/// One question for the phone's clocks and its answer.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// When the host asked, on its own time. Of a Hello, which nobody asked for: the latest time at which the phone
    /// cannot have said it yet.
    pub sent: Time,
    /// When the answer was there, on the host's time.
    pub received: Time,
    /// What the phone answered.
    pub phone: Clocks,
}

/// The end of one of the app's processes, as the host saw it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Death {
    /// When the host saw it, on its own time: not before it happened.
    pub at: Time,
    /// What it saw.
    pub how: DeathKind,
}

/// How the host knows that a process ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DeathKind {
    /// It exited with this code.
    Exited(i32),
    /// A signal ended it.
    Signal(i32),
    /// The host ended it, as a step said.
    ByHost,
    /// It is not among the device's processes any more. Why is not known.
    Gone,
    /// A crash report tells of it; its exception code and termination reason, as they stand there.
    Reported(String),
}

/// The log of one phone, in the schema of traces. Any trace is one.
#[derive(Clone, PartialEq, Debug)]
pub struct PhoneLog {
    /// Its first line.
    pub header: Header,
    /// What wrote it, if it says so.
    pub about: Option<About>,
    /// The run's nonce, if it has one.
    pub run: Option<String>,
    /// The events, in the order of the file: the order in which they happened, whatever their times say.
    pub lines: Vec<PhoneLine>,
    /// The places in `lines` before which something was there that cannot be read.
    pub holes: Vec<usize>,
}

/// One event as the phone wrote it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhoneLine {
    /// The event, on the phone's time.
    pub record: Record,
    /// Microseconds since the run began in which the device did not sleep.
    pub uptime: Option<u64>,
    /// The time of day, in microseconds from what it was when the run began.
    pub wall: Option<i64>,
}

/// Why some bytes are no trace at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoTrace {
    /// A sentence.
    pub why: String,
}

impl fmt::Display for NoTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for NoTrace {}

/// Something that is wrong with a log, and that it can be read in spite of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LogWarning {
    /// The last line ends in the middle: the process ended, or the log was fetched, while it was written.
    CutOff {
        /// Which line, from 1.
        line: usize,
    },
    /// A line in the middle is none of a trace.
    NotRead {
        /// Which line, from 1.
        line: usize,
        /// A sentence.
        why: String,
    },
    /// A line is earlier than the one before it: the device booted again, or its clock is wrong.
    Backwards {
        /// Which line, from 1.
        line: usize,
        /// By how much.
        by: Span,
    },
    /// The log is of another run.
    OtherRun {
        /// The nonce that it has.
        run: String,
    },
    /// What was wrong when it was collected.
    Collecting {
        /// A sentence.
        why: String,
    },
}

impl fmt::Display for LogWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogWarning::CutOff { line } => {
                write!(f, "line {line} of the phone's log ends in the middle and was left out")
            }
            LogWarning::NotRead { line, why } => {
                write!(f, "line {line} of the phone's log was left out: {why}")
            }
            LogWarning::Backwards { line, by } => {
                write!(f, "line {line} of the phone's log is {by} earlier than the line before it")
            }
            LogWarning::OtherRun { run } => {
                write!(f, "the phone's log is of another run (`{run}`) and was left out")
            }
            LogWarning::Collecting { why } => f.write_str(why),
        }
    }
}

/// What the header has beside that of a trace.
#[derive(Deserialize)]
struct Extra {
    #[serde(default)]
    phone: Option<PhoneKey>,
}

#[derive(Deserialize)]
struct PhoneKey {
    #[serde(default)]
    run: Option<String>,
    #[serde(flatten)]
    about: Option<About>,
}

impl PhoneLog {
    /// Reads a log. What of it cannot be read is told in the warnings.
    ///
    /// # Errors
    /// [`NoTrace`] when it does not begin as a trace does.
    pub fn read(bytes: &[u8]) -> Result<(PhoneLog, Vec<LogWarning>), NoTrace> {
        let mut all = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
        let first = all.next().map(|(_, line)| line).unwrap_or_default();
        let header = read_header(first).map_err(|why| NoTrace { why })?;
        let key = serde_json::from_slice::<Extra>(first).ok().and_then(|extra| extra.phone);
        let (run, about) = key.map_or((None, None), |key| (key.run, key.about));
        let mut log = PhoneLog { header, about, run, lines: Vec::new(), holes: Vec::new() };
        let mut warnings = Vec::new();
        for (place, line) in all {
            let line_number = place + 1;
            if line.trim_ascii().is_empty() || read_header(line).is_ok_and(|h| h == log.header) {
                continue;
            }
            match (PhoneLine::read(line), line.ends_with(b"\n")) {
                (Ok(read), _) => {
                    let before = log.lines.last().map(|line| line.record.at);
                    if let Some(before) = before.filter(|before| *before > read.record.at) {
                        let by = before.since(read.record.at);
                        warnings.push(LogWarning::Backwards { line: line_number, by });
                    }
                    log.lines.push(read);
                }
                (Err(_), false) => {
                    log.holes.push(log.lines.len());
                    warnings.push(LogWarning::CutOff { line: line_number });
                }
                (Err(why), true) => {
                    log.holes.push(log.lines.len());
                    warnings.push(LogWarning::NotRead { line: line_number, why });
                }
            }
        }
        Ok((log, warnings))
    }
}

impl PhoneLine {
    /// Reads a line of a log behind its first.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn read(line: &[u8]) -> Result<PhoneLine, String> {
        let mut record = read_record(line)?;
        let mut take = |name: &str| {
            let place = record.fields.iter().position(|(known, _)| known == name)?;
            Some(record.fields.remove(place).1)
        };
        let (uptime, wall) = (take("uptime"), take("wall"));
        let wall = wall.and_then(|wall| match wall {
            Datum::Number(n) => i64::try_from(n).ok(),
            Datum::Negative(n) => Some(n),
            Datum::Flag(_) | Datum::Text(_) | Datum::Endless => None,
        });
        Ok(PhoneLine { record, uptime: uptime.and_then(|uptime| uptime.number()), wall })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Span;

    const HEADER: &str =
        r#"{"format":1,"scenario":"a","seed":1,"model":"1","platform":"ios-9","profile":"0"}"#;
    const ONE: &str = r#"{"t":5,"device":1,"lane":"os","event":"process-started","reason":"user"}"#;
    const TWO: &str =
        r#"{"t":9,"device":1,"lane":"os","event":"ran-again","after":3,"uptime":7,"wall":-2}"#;

    #[test]
    fn any_trace_is_a_log() {
        let (log, warnings) = PhoneLog::read(format!("{HEADER}\n{ONE}\n").as_bytes()).unwrap();
        assert_eq!((log.lines.len(), log.run, log.about, warnings.len()), (1, None, None, 0));
        assert_eq!((log.lines[0].uptime, log.lines[0].wall), (None, None));
    }

    #[test]
    fn a_log_of_an_agent_says_what_wrote_it_and_has_all_three_clocks() {
        let phone = r#""phone":{"run":"n0","triple":"aarch64-apple-ios","backend":"ios","model":"m",
            "os":"9.3","sdk":[9,3],"background_modes":["voip"],"simulator":false,"pid":7}"#;
        let header = format!("{},{}}}", HEADER.trim_end_matches('}'), phone.replace('\n', ""));
        let (log, _) = PhoneLog::read(format!("{header}\n{TWO}\n").as_bytes()).unwrap();
        assert_eq!(log.run.as_deref(), Some("n0"));
        assert_eq!(log.about.map(|about| about.sdk), Some(Some((9, 3))));
        assert_eq!((log.lines[0].uptime, log.lines[0].wall), (Some(7), Some(-2)));
        assert_eq!(log.lines[0].record.fields.len(), 1, "only the event's own field is left");
    }

    #[test]
    fn a_half_written_last_line_is_left_out_and_said() {
        let text = format!("{HEADER}\n{ONE}\n{}", &TWO[..30]);
        let (log, warnings) = PhoneLog::read(text.as_bytes()).unwrap();
        assert_eq!((log.lines.len(), log.holes), (1, vec![1]));
        assert_eq!(warnings, [LogWarning::CutOff { line: 3 }]);
        // Only its line break is missing: it is all there.
        let (log, warnings) = PhoneLog::read(format!("{HEADER}\n{ONE}\n{TWO}").as_bytes()).unwrap();
        assert_eq!((log.lines.len(), warnings.len()), (2, 0));
    }

    #[test]
    fn a_line_in_the_middle_that_is_none_leaves_a_hole() {
        let text = format!("{HEADER}\n{ONE}\nPANIC at the disco\n{TWO}\n");
        let (log, warnings) = PhoneLog::read(text.as_bytes()).unwrap();
        assert_eq!((log.lines.len(), log.holes), (2, vec![1]));
        assert!(matches!(&warnings[..], [LogWarning::NotRead { line: 3, .. }]), "{warnings:?}");
    }

    #[test]
    fn lines_keep_their_order_when_a_boot_set_the_clock_back() {
        let text = format!("{HEADER}\n{TWO}\n{ONE}\n");
        let (log, warnings) = PhoneLog::read(text.as_bytes()).unwrap();
        assert_eq!(log.lines[1].record.event, "process-started");
        assert_eq!(warnings, [LogWarning::Backwards { line: 3, by: Span::from_micros(4) }]);
    }

    #[test]
    fn what_does_not_begin_as_a_trace_is_none() {
        for text in ["", "\n", "{}\n", ONE] {
            assert!(PhoneLog::read(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(PhoneLog::read(&[0xff, 0xfe, b'\n', 0]).is_err());
    }
}
