//! What an app keeps over the end of its process: a bounded set of values.

use std::collections::BTreeMap;

use crate::port::StorageError;

/// The app's stored values.
#[derive(Clone, Debug, Default)]
pub(super) struct Storage {
    values: BTreeMap<u32, u64>,
}

impl Storage {
    pub(super) fn store(
        &mut self,
        key: u32,
        value: u64,
        capacity: u32,
    ) -> Result<(), StorageError> {
        if self.values.len() >= capacity as usize && !self.values.contains_key(&key) {
            return Err(StorageError::Full);
        }
        self.values.insert(key, value);
        Ok(())
    }

    pub(super) fn load(&self, key: u32) -> Option<u64> {
        self.values.get(&key).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_store_refuses_new_keys_and_takes_known_ones() {
        let mut storage = Storage::default();
        assert_eq!(storage.store(1, 10, 1), Ok(()));
        assert_eq!(storage.store(2, 20, 1), Err(StorageError::Full));
        assert_eq!(storage.store(1, 11, 1), Ok(()));
        assert_eq!((storage.load(1), storage.load(2)), (Some(11), None));
    }
}
