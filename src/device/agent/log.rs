//! The log of a run: a header, then an event a line, in the schema of a trace, each with what the phone's other clocks
//! said. Only what a phone can observe is in it.
//!
//! A line is handed to the kernel before the handler returns that it tells of. That is enough for a process that is
//! killed: what the kernel has, the file has. A device that loses its power may lose the last seconds; a sync to the
//! flash for every line would change what is measured.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::device::protocol::About;
use crate::port::{Now, PushId};
use crate::trace::{
    Event, Header, LogLine, Names, OnPhone, What, read_record, write_event, write_header,
};

/// The events with which pairs of streams are numbered.
const MAKE_PAIRS: [&str; 2] = ["create-stream", "create-datagram-stream"];

/// Who else is given each line, with its place in the log in bytes.
pub type Sink = Box<dyn FnMut(u64, &str)>;

/// The log of a run, open for more.
pub struct Log {
    file: File,
    /// Where the next line begins.
    at: u64,
    unwritten: String,
    names: Names,
    sink: Option<Sink>,
    /// Events that could not be written, and how many of them the log itself tells of.
    lost: u64,
    told_lost: u64,
    last_pair: u32,
}

impl Log {
    /// Opens the log at `path`. One of the same run is gone on with, behind its last whole line; anything else there
    /// is replaced.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn open(
        path: &Path,
        header: &Header,
        about: &About,
        run: &str,
        names: Names,
    ) -> io::Result<Log> {
        let first = first_line(header, about, run)?;
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let (at, last_pair) = match whole_lines_of(&file, run)? {
            Some(whole) => whole,
            None => {
                file.set_len(0)?;
                file.rewind()?;
                file.write_all(first.as_bytes())?;
                (first.len() as u64, 0)
            }
        };
        file.set_len(at)?;
        file.seek(SeekFrom::Start(at))?;
        Ok(Log {
            file,
            at,
            unwritten: String::new(),
            names,
            sink: None,
            lost: 0,
            told_lost: 0,
            last_pair,
        })
    }

    /// From now on every line goes to `sink`, too, once it is in the file.
    pub fn set_sink(&mut self, sink: Sink) {
        self.sink = Some(sink);
    }

    /// Takes note of an event, if it is one that a phone observes.
    pub fn write(&mut self, event: &Event, now: Now) {
        if on_phone(&event.what) != OnPhone::Observed {
            return;
        }
        if self.lost > self.told_lost {
            self.told_lost = self.lost;
            let id = u32::try_from(self.lost).unwrap_or(u32::MAX);
            // It stands before the first event after those, with how many there were in this process.
            let what = What::SystemLog { line: LogLine::LOST, id };
            self.append(&Event { lane: what.lane(), what, ..*event }, now);
        }
        self.append(event, now);
    }

    fn append(&mut self, event: &Event, now: Now) {
        write_event(&mut self.unwritten, event, &self.names);
        // The clocks go behind the event's own fields, before the brace.
        let end = self.unwritten.trim_end_matches("}\n").len();
        self.unwritten.truncate(end);
        let clocks = (now.uptime.as_micros(), now.wall);
        self.unwritten.push_str(&format!(",\"uptime\":{},\"wall\":{}}}\n", clocks.0, clocks.1));
    }

    /// Hands everything to the kernel. What it does not take, as when the disk is full, is lost and counted: the
    /// file keeps whole lines only.
    pub fn flush(&mut self) {
        let text = std::mem::take(&mut self.unwritten);
        if text.is_empty() {
            return;
        }
        if self.file.write_all(text.as_bytes()).is_err() {
            self.lost += text.lines().count() as u64;
            // Where that fails too the next process cuts the half line off.
            let _cut = self.file.set_len(self.at).and_then(|()| self.file.seek(SeekFrom::End(0)));
            return;
        }
        for line in text.lines() {
            if let Some(sink) = &mut self.sink {
                sink(self.at, line);
            }
            self.at += line.len() as u64 + 1;
        }
    }

    /// What a push is called.
    pub fn push_name(&self, push: PushId) -> String {
        self.names.push(push)
    }

    /// The highest number of a pair of streams that earlier processes of the run have made.
    pub fn last_pair(&self) -> u32 {
        self.last_pair
    }

    /// How many events could not be written. The next one that can be is preceded by a line that says so.
    pub fn lost(&self) -> u64 {
        self.lost
    }
}

/// How a phone can know of it.
pub fn on_phone(what: &What) -> OnPhone {
    let row = What::TABLE.iter().find(|row| row.name == what.name());
    row.map_or(OnPhone::ModelOnly, |row| row.on_phone)
}

/// A trace's first line, with what wrote it.
fn first_line(header: &Header, about: &About, run: &str) -> io::Result<String> {
    let mut line = String::new();
    write_header(&mut line, header);
    let end = line.trim_end_matches("}\n").len();
    line.truncate(end);
    let mut phone = serde_json::to_value(about)?;
    phone["run"] = run.into();
    line.push_str(&format!(",\"phone\":{}}}\n", serde_json::to_string(&phone)?));
    Ok(line)
}

/// Where the whole lines of the log end and the last pair of streams that is in them, if it is one of this run.
fn whole_lines_of(file: &File, run: &str) -> io::Result<Option<(u64, u32)>> {
    #[derive(serde::Deserialize)]
    struct First {
        phone: Phone,
    }
    #[derive(serde::Deserialize)]
    struct Phone {
        run: String,
    }
    let mut reader = BufReader::new(file);
    reader.rewind()?;
    let (mut line, mut end, mut last_pair) = (Vec::new(), 0, 0);
    // A first line is not longer than this.
    reader.by_ref().take(64 << 10).read_until(b'\n', &mut line)?;
    let known: Option<First> = serde_json::from_slice(&line).ok();
    if !line.ends_with(b"\n") || known.is_none_or(|first| first.phone.run != run) {
        return Ok(None);
    }
    while line.ends_with(b"\n") {
        end += line.len() as u64;
        last_pair = last_pair.max(pair_made(&line));
        line.clear();
        reader.read_until(b'\n', &mut line)?;
    }
    Ok(Some((end, last_pair)))
}

/// The number of the pair of streams that this line says was made; zero when it says something else.
fn pair_made(line: &[u8]) -> u32 {
    let Ok(record) = read_record(line) else { return 0 };
    let made = MAKE_PAIRS.contains(&&*record.event);
    let pair = record.field("stream").and_then(|pair| u32::try_from(pair.number()?).ok());
    pair.filter(|_| made).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{Clock, Span, Time};
    use crate::trace::{Datum, read_header};
    use std::cell::RefCell;
    use std::rc::Rc;

    fn header() -> Header {
        let text = |text: &str| text.to_owned();
        Header {
            scenario: text("a \"talk\""),
            seed: 7,
            model: text("1"),
            platform: text("ios-9"),
            profile_hash: 5,
        }
    }

    fn about() -> About {
        About {
            triple: "aarch64-apple-ios".into(),
            backend: "ios".into(),
            model: "iPhone14,5".into(),
            os: "26.1".into(),
            sdk: Some((26, 1)),
            background_modes: vec!["voip".into()],
            simulator: false,
            pid: 7,
        }
    }

    fn event(seconds: u64, what: What) -> (Event, Now) {
        let at = Span::from_secs(seconds).from_start();
        let now = Now { continuous: at, uptime: Time::from_micros(11), wall: -4 };
        (Event { at, owner: 1, seq: 0, lane: what.lane(), what }, now)
    }

    fn open(path: &Path, run: &str) -> Log {
        Log::open(path, &header(), &about(), run, Names::default()).unwrap()
    }

    fn tell(log: &mut Log, seconds: u64, what: What) {
        let (event, now) = event(seconds, what);
        log.write(&event, now);
    }

    fn lines(path: &Path) -> Vec<String> {
        std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_log_is_a_trace_with_the_phone_s_other_clocks() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = open(&path, "a");
        tell(&mut log, 1, What::Exit { code: -9 });
        log.flush();
        let lines = lines(&path);
        assert_eq!(read_header(lines[0].as_bytes()).unwrap(), header());
        let record = read_record(lines[1].as_bytes()).unwrap();
        assert_eq!((record.at, &*record.event), (Span::from_secs(1).from_start(), "exit"));
        assert_eq!(record.field("uptime"), Some(&Datum::Number(11)));
        assert_eq!(record.field("wall"), Some(&Datum::Negative(-4)));
    }

    #[test]
    fn what_a_phone_cannot_observe_is_not_in_its_log() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = open(&path, "a");
        tell(&mut log, 1, What::DeviceSlept {});
        tell(&mut log, 1, What::NatForgot { connection: 1, idle: Span::from_secs(1) });
        tell(&mut log, 2, What::FirstUnlock {});
        log.flush();
        assert_eq!(lines(&path).len(), 2);
    }

    #[test]
    fn another_process_of_the_run_goes_on_behind_the_last_whole_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = open(&path, "a");
        tell(&mut log, 1, What::FirstUnlock {});
        log.flush();
        drop(log);
        let before = lines(&path);
        let mut cut = std::fs::read(&path).unwrap();
        cut.extend_from_slice(b"{\"t\":17,\"dev");
        std::fs::write(&path, cut).unwrap();
        let mut log = open(&path, "a");
        tell(&mut log, 2, What::MemoryWarning {});
        log.flush();
        let after = lines(&path);
        assert_eq!((&after[..2], after.len()), (&before[..], 3));
        assert_eq!(&*read_record(after[2].as_bytes()).unwrap().event, "memory-warning");
        // Another run begins anew.
        drop(open(&path, "b"));
        assert_eq!(lines(&path).len(), 1);
    }

    #[test]
    fn every_line_goes_to_the_sink_with_its_place_once_it_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = open(&path, "a");
        let told: Rc<RefCell<Vec<(u64, String)>>> = Rc::default();
        let (heard, file) = (Rc::clone(&told), path.clone());
        log.set_sink(Box::new(move |at, line| {
            assert!(lines(&file).iter().any(|written| written == line), "not written yet");
            heard.borrow_mut().push((at, line.to_owned()));
        }));
        tell(&mut log, 1, What::FirstUnlock {});
        tell(&mut log, 2, What::MemoryWarning {});
        assert!(told.borrow().is_empty());
        log.flush();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(told.borrow().len(), 2);
        for (at, line) in told.borrow().iter() {
            assert!(text[*at as usize..].starts_with(line.as_str()));
        }
    }

    #[test]
    fn a_full_disk_loses_lines_and_counts_them() {
        let mut log = Log {
            file: File::open("/dev/null").unwrap(),
            at: 0,
            unwritten: String::new(),
            names: Names::default(),
            sink: None,
            lost: 0,
            told_lost: 0,
            last_pair: 0,
        };
        tell(&mut log, 1, What::FirstUnlock {});
        log.flush();
        assert_eq!(log.lost(), 1);
        // There is room again: the log says what it misses.
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        log.file = File::create(&path).unwrap();
        tell(&mut log, 2, What::MemoryWarning {});
        tell(&mut log, 3, What::FirstUnlock {});
        log.flush();
        let told: Vec<_> =
            lines(&path).iter().map(|line| read_record(line.as_bytes()).unwrap()).collect();
        let names: Vec<&str> = told.iter().map(|record| &*record.event).collect();
        assert_eq!(names, ["system-log", "memory-warning", "first-unlock"]);
        assert_eq!(told[0].field("id"), Some(&Datum::Number(1)));
    }

    #[test]
    fn the_numbers_of_pairs_go_on_in_the_next_process_of_the_run() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = open(&path, "a");
        assert_eq!(log.last_pair(), 0);
        for pair in 1..=3 {
            tell(&mut log, 1, What::CreateStream { pair });
        }
        tell(&mut log, 1, What::CreateDatagramStream { pair: 4 });
        tell(&mut log, 1, What::CreateStreamOver { pair: 2 });
        tell(&mut log, 1, What::SetTimer { id: 9, after: Span::ZERO, clock: Clock::Uptime });
        log.flush();
        assert_eq!(open(&path, "a").last_pair(), 4);
        assert_eq!(open(&path, "b").last_pair(), 0);
    }
}
