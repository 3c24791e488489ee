//! The backend of this system, and its main loop.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use holdline::device::{Backend, Endpoint};
use holdline::port::{
    Callback, RunLoop, ServiceType, Side, StreamEvent, StreamId, StreamPair, TimerId,
};

/// So long something may take that is on the way.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(target_os = "ios")]
type Below = holdline::device::ios::Smoke;
#[cfg(not(target_os = "ios"))]
type Below = holdline::device::plain::Plain;

/// A backend and what it told.
pub(crate) struct Rig {
    below: Below,
    told: VecDeque<Callback>,
}

impl Rig {
    #[cfg(target_os = "ios")]
    pub(crate) fn new() -> Rig {
        let below = holdline::device::ios::Smoke::new(&std::env::temp_dir());
        Rig { below, told: VecDeque::new() }
    }

    #[cfg(not(target_os = "ios"))]
    pub(crate) fn new() -> Rig {
        let store = holdline::device::agent::store::Store::in_memory(16);
        Rig { below: holdline::device::plain::Plain::new(store), told: VecDeque::new() }
    }

    /// What is below.
    #[cfg(target_os = "ios")]
    pub(crate) fn backend(&mut self) -> &mut impl Backend {
        self.below.backend()
    }

    /// What is below.
    #[cfg(not(target_os = "ios"))]
    pub(crate) fn backend(&mut self) -> &mut impl Backend {
        &mut self.below
    }

    /// The service type that a stream says it has, where that can be asked.
    #[cfg(target_os = "ios")]
    pub(crate) fn service_type(&self, stream: StreamId) -> Option<ServiceType> {
        self.below.service_type(stream)
    }

    /// The service type that a stream says it has, where that can be asked.
    #[cfg(not(target_os = "ios"))]
    pub(crate) fn service_type(&self, _: StreamId) -> Option<ServiceType> {
        None
    }

    /// What the backend said to a person.
    #[cfg(target_os = "ios")]
    pub(crate) fn said(&mut self) -> Vec<String> {
        self.below.said()
    }

    /// What the backend said to a person.
    #[cfg(not(target_os = "ios"))]
    pub(crate) fn said(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// A pair to this port of this machine, with clients, on a run loop; not opened.
    pub(crate) fn pair(&mut self, number: u32, port: u16, on: RunLoop) -> StreamPair {
        let to = Endpoint { host: "127.0.0.1".to_owned(), port };
        self.backend().create_pair(number, &to);
        self.listen(StreamPair(number), on);
        StreamPair(number)
    }

    /// Sets clients and run loop of a pair.
    pub(crate) fn listen(&mut self, pair: StreamPair, on: RunLoop) {
        for stream in [pair.read(), pair.write()] {
            self.backend().set_client(stream);
            self.backend().schedule(stream, on);
        }
    }

    /// Opens both streams of a pair.
    pub(crate) fn open(&mut self, pair: StreamPair) -> Result<(), String> {
        for stream in [pair.read(), pair.write()] {
            if !self.backend().open(stream) {
                return Err(format!("the {} stream of {} does not open", stream.side, pair.0));
            }
        }
        Ok(())
    }

    /// Closes both streams of a pair.
    pub(crate) fn close(&mut self, pair: StreamPair) {
        self.backend().close(pair.read());
        self.backend().close(pair.write());
    }

    /// An open pair to this port.
    pub(crate) fn connected(&mut self, number: u32, port: u16) -> Result<StreamPair, String> {
        let pair = self.pair(number, port, RunLoop::Main);
        self.open(pair)?;
        self.expect(pair, Side::Read, StreamEvent::OpenCompleted)?;
        self.expect(pair, Side::Write, StreamEvent::OpenCompleted)?;
        Ok(pair)
    }

    /// Waits for an event, and keeps what else is told meanwhile.
    pub(crate) fn expect(
        &mut self,
        pair: StreamPair,
        side: Side,
        event: StreamEvent,
    ) -> Result<(), String> {
        let stream = StreamId { pair: pair.0, side };
        self.until(|told| *told == Callback::Stream(stream, event)).ok_or_else(|| {
            format!("no {event} of the {side} stream of {}; told: {:?}", pair.0, self.told)
        })
    }

    /// Waits for a timer, and keeps what else is told meanwhile.
    pub(crate) fn expect_timer(&mut self, timer: TimerId) -> Result<(), String> {
        self.until(|told| *told == Callback::Timer(timer))
            .ok_or_else(|| format!("timer {} did not fire; told: {:?}", timer.0, self.told))
    }

    fn until(&mut self, wanted: impl Fn(&Callback) -> bool) -> Option<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(place) = self.told.iter().position(&wanted) {
                self.told.remove(place);
                return Some(());
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            self.told.extend(self.below.pump(left));
        }
    }

    /// Whether anything was told that was not asked for.
    pub(crate) fn was_told(&self, wanted: impl Fn(&Callback) -> bool) -> bool {
        self.told.iter().any(wanted)
    }

    /// Writes all of `text`, as there is room.
    pub(crate) fn write(&mut self, pair: StreamPair, text: &str) -> Result<(), String> {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match self.backend().write(pair.write(), rest) {
                Ok(0) => self.expect(pair, Side::Write, StreamEvent::CanAcceptBytes)?,
                Ok(n) => rest = &rest[n..],
                Err(error) => return Err(format!("writing failed: {error}")),
            }
        }
        Ok(())
    }

    /// Reads until there are as many bytes as in `text`, and compares.
    pub(crate) fn read(&mut self, pair: StreamPair, text: &str) -> Result<(), String> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 256];
        while bytes.len() < text.len() {
            match self.backend().read(pair.read(), &mut buffer) {
                Ok(0) => self.expect(pair, Side::Read, StreamEvent::HasBytesAvailable)?,
                Ok(n) => bytes.extend(&buffer[..n]),
                Err(error) => return Err(format!("reading failed: {error}")),
            }
        }
        let found = String::from_utf8_lossy(&bytes);
        if found == text { Ok(()) } else { Err(format!("{found:?} came, not {text:?}")) }
    }
}
