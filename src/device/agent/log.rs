//! Stand-in until the log is here.
use std::io::{self, Write};
use std::path::Path;

use crate::device::protocol::About;
use crate::port::Now;
use crate::trace::{Event, Header, Names, write_event, write_header};

pub type Sink = Box<dyn FnMut(u64, &str) + Send>;
pub struct Log {
    file: std::fs::File,
    at: u64,
    names: Names,
    sink: Option<Sink>,
}
impl Log {
    pub fn open(
        path: &Path,
        header: &Header,
        _about: &About,
        _run: &str,
        names: Names,
    ) -> io::Result<Log> {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path)?;
        let mut at = file.metadata()?.len();
        if at == 0 {
            let mut s = String::new();
            write_header(&mut s, header);
            file.write_all(s.as_bytes())?;
            at = s.len() as u64;
        }
        Ok(Log { file, at, names, sink: None })
    }
    pub fn set_sink(&mut self, sink: Sink) {
        self.sink = Some(sink);
    }
    pub fn write(&mut self, event: &Event, now: Now) -> io::Result<()> {
        let mut s = String::new();
        write_event(&mut s, event, &self.names);
        s.truncate(s.len() - 2);
        s.push_str(&format!(",\"uptime\":{},\"wall\":{}}}\n", now.uptime.as_micros(), now.wall));
        self.file.write_all(s.as_bytes())?;
        if let Some(sink) = &mut self.sink {
            sink(self.at, s.trim_end());
        }
        self.at += s.len() as u64;
        Ok(())
    }
}
