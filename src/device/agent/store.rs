//! What an app keeps over the end of its process, in a file: a bounded set of values.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::orders::write_soon;
use crate::port::StorageError;

/// The file in an agent's folder.
pub const STORE_FILE: &str = "holdline-store.json";

/// The values, in memory and in their file.
#[derive(Clone, Debug)]
pub struct Store {
    /// Without one they are in memory only.
    dir: Option<PathBuf>,
    values: BTreeMap<u32, u64>,
    capacity: usize,
}

impl Store {
    /// The values that are kept in `dir`, at most `capacity` of them. One that cannot be read, or that has more, is
    /// begun anew when a value is stored.
    ///
    /// # Errors
    /// When there is a file that the system does not let us read: on a phone, before the first unlock after a boot.
    pub fn open(dir: &Path, capacity: u32) -> io::Result<Store> {
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
        let values = match std::fs::read(dir.join(STORE_FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        let values = if values.len() > capacity { BTreeMap::new() } else { values };
        Ok(Store { dir: Some(dir.to_owned()), values, capacity })
    }

    /// Values that end with the process.
    pub fn in_memory(capacity: u32) -> Store {
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
        Store { dir: None, values: BTreeMap::new(), capacity }
    }

    /// Keeps a value: a process that is killed right behind this has it. A value that is not taken changes nothing.
    ///
    /// It does not wait for the disk, which would take longer than the rest of the turn and change what is measured.
    ///
    /// # Errors
    /// [`StorageError::Full`] when there are too many, or the disk does not take them.
    pub fn store(&mut self, key: u32, value: u64) -> Result<(), StorageError> {
        let before = self.values.get(&key).copied();
        if before == Some(value) {
            return Ok(());
        }
        if before.is_none() && self.values.len() >= self.capacity {
            return Err(StorageError::Full);
        }
        self.values.insert(key, value);
        if self.keep().is_ok() {
            return Ok(());
        }
        match before {
            Some(before) => self.values.insert(key, before),
            None => self.values.remove(&key),
        };
        Err(StorageError::Full)
    }

    /// The value under a key.
    pub fn load(&self, key: u32) -> Option<u64> {
        self.values.get(&key).copied()
    }

    fn keep(&self) -> io::Result<()> {
        let Some(dir) = &self.dir else { return Ok(()) };
        write_soon(dir, STORE_FILE, &serde_json::to_vec(&self.values)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_outlive_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(dir.path(), 8).unwrap();
        assert_eq!(store.store(3, u64::MAX), Ok(()));
        assert_eq!(store.store(3, 7), Ok(()));
        assert_eq!(store.store(4, 1), Ok(()));
        let store = Store::open(dir.path(), 8).unwrap();
        assert_eq!((store.load(3), store.load(4), store.load(5)), (Some(7), Some(1), None));
    }

    #[test]
    fn a_full_store_refuses_new_keys_and_takes_known_ones() {
        let dir = tempfile::tempdir().unwrap();
        for mut store in [Store::in_memory(1), Store::open(dir.path(), 1).unwrap()] {
            assert_eq!(store.store(1, 10), Ok(()));
            assert_eq!(store.store(2, 20), Err(StorageError::Full));
            assert_eq!(store.store(1, 11), Ok(()));
            assert_eq!((store.load(1), store.load(2)), (Some(11), None));
        }
    }

    #[test]
    fn a_disk_that_takes_nothing_leaves_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(dir.path(), 8).unwrap();
        store.store(1, 10).unwrap();
        dir.close().unwrap();
        assert_eq!(store.store(1, 11), Err(StorageError::Full));
        assert_eq!(store.store(2, 20), Err(StorageError::Full));
        assert_eq!((store.load(1), store.load(2)), (Some(10), None));
    }

    #[test]
    fn what_cannot_be_read_is_begun_anew() {
        for text in ["", "{\"1\":", "[1]", "{\"1\":1,\"2\":2,\"3\":3}"] {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join(STORE_FILE), text).unwrap();
            let mut store = Store::open(dir.path(), 2).unwrap();
            assert_eq!((store.load(1), store.store(1, 5)), (None, Ok(())), "{text}");
            assert_eq!(Store::open(dir.path(), 2).unwrap().load(1), Some(5));
        }
    }
}
