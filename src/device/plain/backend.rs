//! What an agent asks of any machine.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::pairs::{Pair, Told};
use crate::device::agent::store::Store;
use crate::device::{Backend, Endpoint};
use crate::port::{
    AppState, Callback, Clock, Interface, Now, RunLoop, ServiceType, Span, StorageError,
    StreamError, StreamId, TaskId, Time, TimerId,
};

/// Any machine as a backend: sockets and timers, an app that is always in the foreground, and nothing of iOS.
///
/// There is no UDP: a datagram pair fails when it is opened. Whether a machine sleeps its standard library does not
/// tell: continuous time is uptime here.
#[derive(Debug)]
pub struct Plain {
    began: (Instant, SystemTime),
    pairs: BTreeMap<u32, Pair>,
    news: (Sender<Told>, Receiver<Told>),
    timers: Vec<(Instant, TimerId)>,
    /// A timer was told last: a stream comes before the next.
    timer_told: bool,
    tasks: BTreeSet<u32>,
    last_task: u32,
    store: Store,
    random: u64,
    exited: Option<i32>,
}

impl Plain {
    /// A machine on which a run begins now, whose apps keep their values in `store`.
    pub fn new(store: Store) -> Plain {
        Plain {
            began: (Instant::now(), SystemTime::now()),
            pairs: BTreeMap::new(),
            news: channel(),
            timers: Vec::new(),
            timer_told: false,
            tasks: BTreeSet::new(),
            last_task: 0,
            store,
            random: 0,
            exited: None,
        }
    }

    /// The code that the app called `exit` with. The process is ended by whoever runs the main loop.
    pub fn exited(&self) -> Option<i32> {
        self.exited
    }

    /// When a timer is due next.
    pub fn deadline(&self) -> Option<Instant> {
        self.timers.iter().map(|(due, _)| *due).min()
    }

    /// Waits for news of a socket, and takes note of all there is.
    pub fn wait(&mut self, most: Duration) {
        let first = self.news.1.recv_timeout(most).ok();
        let more: Vec<Told> = first.into_iter().chain(self.news.1.try_iter()).collect();
        for (pair, news) in more {
            if let Some(pair) = self.pairs.get_mut(&pair) {
                pair.news(news);
            }
        }
    }

    /// What the app is to be told next. Timers and streams take turns, so that neither keeps the other waiting.
    pub fn next_callback(&mut self) -> Option<Callback> {
        let told = match self.timer_told {
            true => self.next_event().or_else(|| self.next_timer()),
            false => self.next_timer().or_else(|| self.next_event()),
        };
        self.timer_told = matches!(told, Some(Callback::Timer(_)));
        told
    }

    fn next_timer(&mut self) -> Option<Callback> {
        let now = Instant::now();
        let due = self.timers.iter().enumerate().filter(|(_, (due, _))| *due <= now);
        let (place, _) = due.min_by_key(|(place, (due, _))| (*due, *place))?;
        Some(Callback::Timer(self.timers.remove(place).1))
    }

    fn next_event(&mut self) -> Option<Callback> {
        self.pairs.iter_mut().find_map(|(id, pair)| {
            let (side, event) = pair.due()?;
            Some(Callback::Stream(StreamId { pair: *id, side }, event))
        })
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

impl Backend for Plain {
    fn now(&self) -> Now {
        let (instant, day) = self.began;
        let since = Time::from_micros(micros(instant.elapsed()));
        let wall = match day.elapsed() {
            Ok(later) => i64::try_from(micros(later)).unwrap_or(i64::MAX),
            // The clock was set back to before the run.
            Err(earlier) => {
                i64::try_from(micros(earlier.duration())).map_or(i64::MIN, |micros| -micros)
            }
        };
        Now { continuous: since, uptime: since, wall }
    }

    fn application_state(&self) -> AppState {
        AppState::Active
    }

    fn reachability(&self) -> Interface {
        Interface::Wifi
    }

    fn create_pair(&mut self, pair: u32, to: &Endpoint) {
        self.pairs.insert(pair, Pair::new(to));
    }

    fn create_pair_over(&mut self, pair: u32, socket: u32) -> bool {
        let Some(mut under) = self.pairs.remove(&socket) else { return false };
        // The socket tells its news under the number it was made with.
        let can = pair == socket && under.renew();
        self.pairs.insert(socket, under);
        can
    }

    fn create_datagram_pair(&mut self, pair: u32, to: &Endpoint) {
        self.pairs.insert(pair, Pair::impossible(to, StreamError::Unreachable));
    }

    fn set_service_type(&mut self, _: StreamId, service: ServiceType) -> bool {
        service == ServiceType::Default
    }

    fn set_client(&mut self, stream: StreamId) {
        if let Some(pair) = self.pairs.get_mut(&stream.pair) {
            pair.set_client(stream.side);
        }
    }

    fn schedule(&mut self, stream: StreamId, run_loop: RunLoop) {
        if let Some(pair) = self.pairs.get_mut(&stream.pair) {
            pair.schedule(stream.side, Some(run_loop));
        }
    }

    fn unschedule(&mut self, stream: StreamId) {
        if let Some(pair) = self.pairs.get_mut(&stream.pair) {
            pair.schedule(stream.side, None);
        }
    }

    fn open(&mut self, stream: StreamId) -> bool {
        let pair = self.pairs.get_mut(&stream.pair);
        pair.is_some_and(|pair| pair.open(stream.pair, stream.side, &self.news.0))
    }

    fn local_port(&self, pair: u32) -> Option<u16> {
        self.pairs.get(&pair)?.port
    }

    fn read(&mut self, stream: StreamId, buffer: &mut [u8]) -> Result<usize, StreamError> {
        let pair = self.pairs.get_mut(&stream.pair).ok_or(StreamError::NotOpen)?;
        pair.read(stream.side, buffer)
    }

    fn write(&mut self, stream: StreamId, bytes: &[u8]) -> Result<usize, StreamError> {
        let pair = self.pairs.get_mut(&stream.pair).ok_or(StreamError::NotOpen)?;
        pair.write(stream.side, bytes)
    }

    fn error(&self, stream: StreamId) -> Option<StreamError> {
        self.pairs.get(&stream.pair)?.error()
    }

    fn close(&mut self, stream: StreamId) {
        let pair = self.pairs.get_mut(&stream.pair);
        if pair.is_some_and(|pair| pair.close(stream.side))
            && let Some(pair) = self.pairs.remove(&stream.pair)
        {
            pair.finish();
        }
    }

    fn set_keep_alive_timeout(&mut self, _: Span) -> bool {
        false
    }

    fn clear_keep_alive_timeout(&mut self) {}

    fn begin_background_task(&mut self) -> Option<TaskId> {
        self.last_task += 1;
        self.tasks.insert(self.last_task);
        Some(TaskId(self.last_task))
    }

    fn end_background_task(&mut self, task: TaskId) -> bool {
        self.tasks.remove(&task.0)
    }

    fn background_time_remaining(&self) -> Span {
        Span::MAX
    }

    fn set_timer(&mut self, timer: TimerId, after: Span, _: Clock) {
        self.cancel_timer(timer);
        let after = Duration::from_micros(after.as_micros());
        // One beyond what the machine can count never comes.
        if let Some(due) = Instant::now().checked_add(after) {
            self.timers.push((due, timer));
        }
    }

    fn cancel_timer(&mut self, timer: TimerId) {
        self.timers.retain(|(_, set)| *set != timer);
    }

    fn post_local_notification(&mut self, _: u64, _: &str) -> bool {
        // There is nobody to see one.
        false
    }

    fn cancel_local_notification(&mut self, _: u64) {}

    fn store(&mut self, key: u32, value: u64) -> Result<(), StorageError> {
        self.store.store(key, value)
    }

    fn load(&self, key: u32) -> Result<Option<u64>, StorageError> {
        Ok(self.store.load(key))
    }

    fn random(&mut self) -> u64 {
        self.random += 1;
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u64(self.random);
        hasher.finish()
    }

    fn block(&mut self, span: Span) {
        thread::sleep(Duration::from_micros(span.as_micros()));
    }

    fn exit(&mut self, code: i32) {
        self.exited.get_or_insert(code);
    }
}
