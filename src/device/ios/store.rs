//! What the app keeps over the end of the process: the agent's file, among the app's documents.
//!
//! By default iOS protects it until the first unlock after a boot: until then it is tried again at each call.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use crate::device::agent::store::Store;
use crate::port::StorageError;

pub(super) struct Kept {
    dir: PathBuf,
    capacity: u32,
    open: RefCell<Option<Store>>,
}

impl Kept {
    pub(super) fn new(dir: &Path, capacity: u32) -> Kept {
        Kept { dir: dir.to_owned(), capacity, open: RefCell::default() }
    }

    pub(super) fn store(&self, key: u32, value: u64) -> Result<(), StorageError> {
        self.with(|store| store.store(key, value))?
    }

    pub(super) fn load(&self, key: u32) -> Result<Option<u64>, StorageError> {
        self.with(|store| store.load(key))
    }

    fn with<R>(&self, on: impl FnOnce(&mut Store) -> R) -> Result<R, StorageError> {
        let mut open = self.open.borrow_mut();
        let store = match open.take() {
            Some(store) => store,
            None => Store::open(&self.dir, self.capacity).map_err(|_| StorageError::Protected)?,
        };
        Ok(on(open.insert(store)))
    }
}
