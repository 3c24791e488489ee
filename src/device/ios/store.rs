//! What the app keeps over the end of the process: a file among its documents.
//!
//! By default iOS protects it until the first unlock after a boot; who reads it before is not permitted to.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use crate::device::agent::orders::write_whole;
use crate::port::StorageError;

const FILE: &str = "holdline-store.json";

pub(super) struct Store {
    dir: PathBuf,
}

impl Store {
    pub(super) fn new(dir: &Path) -> Store {
        Store { dir: dir.to_owned() }
    }

    pub(super) fn store(&mut self, key: u32, value: u64) -> Result<(), StorageError> {
        let mut kept = self.all()?;
        kept.insert(key, value);
        let bytes = serde_json::to_vec(&kept).map_err(|_| StorageError::Full)?;
        write_whole(&self.dir, FILE, &bytes).map_err(|error| meaning(&error))
    }

    pub(super) fn load(&self, key: u32) -> Result<Option<u64>, StorageError> {
        Ok(self.all()?.get(&key).copied())
    }

    fn all(&self) -> Result<BTreeMap<u32, u64>, StorageError> {
        match std::fs::read(self.dir.join(FILE)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(meaning(&error)),
        }
    }
}

fn meaning(error: &Error) -> StorageError {
    match error.kind() {
        ErrorKind::PermissionDenied => StorageError::Protected,
        _ => StorageError::Full,
    }
}
