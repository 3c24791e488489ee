//! The durable store: what was accepted is on the disk before anybody is told so.
//!
//! The store is one file of [redb](https://docs.rs/redb). Why redb: it is one file that can be copied; it is pure
//! Rust, so that holdline still builds for another machine without a C compiler; a commit is on the disk (fsync)
//! when it returns, and a process that is killed at any moment leaves the last commit behind; and its file format
//! is stable.
//!
//! A thread of its own writes. What waits when it is ready goes into one transaction, so that the cost of a fsync is
//! shared by all who wait for it (group commit). `file` is the file and its transactions, `error` why it cannot be
//! opened.

mod error;
mod file;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::storage::{Done, Loaded, Store, Write};
pub use error::{StoreError, StoreErrorKind};
use file::{Contents, StoreFile};

/// No more changes than this are put in one transaction, so that those who wait for it do not wait long.
const MOST_IN_ONE: usize = 10_000;
/// How long nothing is tried after a transaction failed.
const AFTER_FAILURE: Duration = Duration::from_millis(200);

/// A store that was opened, and what was in it.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: RedbStore,
    /// What waits.
    pub loaded: Loaded,
    /// So many pushes had expired meanwhile and are not among those that wait.
    pub expired: u64,
}

/// A batch with its number.
type Batch = (u64, Vec<Write>);

/// The store in a file.
#[derive(Debug)]
pub struct RedbStore {
    /// `None` only while it ends.
    batches: Option<Sender<Batch>>,
    done: Receiver<Done>,
    thread: Option<JoinHandle<()>>,
}

impl RedbStore {
    /// Opens the file, or makes it, and reads what is in it. After each transaction `wake` is called, on the thread
    /// of the store.
    ///
    /// # Errors
    /// When the file is no store, is in use or cannot be read or written.
    pub fn open(path: &Path, wake: Box<dyn Fn() + Send>) -> Result<Opened, StoreError> {
        Self::start(path, file::opener(path), wake)
    }

    fn start(
        path: &Path,
        opener: file::Opener,
        wake: Box<dyn Fn() + Send>,
    ) -> Result<Opened, StoreError> {
        let (file, contents) = StoreFile::open(path, opener, now_unix_ms())?;
        // What waits in these is bounded by the server, which counts a push as waiting from when it is submitted.
        let (batches, submitted) = channel();
        let (finished, done) = channel();
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || write(file, &submitted, &finished, &*wake))
            .map_err(|error| StoreError::new(path, StoreErrorKind::Io(error.to_string())))?;
        let store = RedbStore { batches: Some(batches), done, thread: Some(thread) };
        let Contents { loaded, expired } = contents;
        Ok(Opened { store, loaded, expired })
    }
}

impl Store for RedbStore {
    fn submit(&mut self, batch: u64, writes: Vec<Write>) {
        // The thread ends only after this half is dropped.
        if let Some(batches) = &self.batches {
            let _ = batches.send((batch, writes));
        }
    }

    fn finished(&mut self, done: &mut Vec<Done>) {
        done.extend(self.done.try_iter());
    }
}

impl Drop for RedbStore {
    /// What was submitted is written before the store is gone.
    fn drop(&mut self) {
        drop(self.batches.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread: as many batches as wait, one transaction, an answer to each.
fn write(
    mut file: StoreFile,
    submitted: &Receiver<Batch>,
    finished: &Sender<Done>,
    wake: &dyn Fn(),
) {
    while let Ok(first) = submitted.recv() {
        let mut size = first.1.len();
        let mut batches = vec![first];
        while size < MOST_IN_ONE
            && let Ok(more) = submitted.try_recv()
        {
            size += more.1.len();
            batches.push(more);
        }
        let result = file.commit(batches.iter().flat_map(|(_, writes)| writes));
        for (batch, _) in batches {
            // Nobody listens while the server ends; what is submitted is written all the same.
            let _ = finished.send(Done { batch, result: result.clone() });
        }
        wake();
        if result.is_err() {
            // Whoever is refused tries again at once, and a disk that is full is still full then.
            std::thread::sleep(AFTER_FAILURE);
        }
    }
}

fn now_unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
