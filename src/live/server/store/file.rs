//! The file of the store: its tables, one transaction, and opening it again after a failure.

use std::collections::BTreeSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{
    Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, TableDefinition,
    TableError, TableHandle,
};

use super::error::{StoreError, StoreErrorKind};
use crate::live::server::storage::{Loaded, Stored, Write};

/// The version of what is in the file, written when it is made.
pub(super) const VERSION: u64 = 1;
/// A push by its id and device, so that all are read in the order in which they were accepted.
const PUSHES: TableDefinition<'_, (u64, &str), (&str, Option<u64>)> =
    TableDefinition::new("pushes");
/// Numbers by name.
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("holdline");
const META_VERSION: &str = "version";
/// The next id: higher than that of every push that ever was in the file.
const META_NEXT_ID: &str = "next-id";
/// redb takes a gibibyte if it is not told; the server reads the file once.
const CACHE_BYTES: usize = 8 << 20;

/// Opens the database, again after each failure. A function, so that tests can have disks that fail.
pub(super) type Opener = Box<dyn Fn() -> Result<Database, DatabaseError> + Send>;

/// A push in the file.
type Key = (u64, Arc<str>);

/// What was in the file when it was opened.
pub(super) struct Contents {
    /// What waits.
    pub(super) loaded: Loaded,
    /// How many had expired.
    pub(super) expired: u64,
}

/// The file.
pub(super) struct StoreFile {
    open: Opener,
    /// `None` after a failure, until it could be opened again.
    database: Option<Database>,
    /// What is to be taken out with the next transaction: expired pushes, and what a failed transaction should
    /// have taken out or may have put in. All of it is in the file, which bounds it.
    leftovers: BTreeSet<Key>,
}

impl fmt::Debug for StoreFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreFile")
            .field("leftovers", &self.leftovers.len())
            .finish_non_exhaustive()
    }
}

/// What opens the file at `path`, or makes it.
pub(super) fn opener(path: &Path) -> Opener {
    let path: PathBuf = path.to_owned();
    Box::new(move || Database::builder().set_cache_size(CACHE_BYTES).create(&path))
}

impl StoreFile {
    /// Opens the file and reads what is in it; what has expired at `now` is counted and left out.
    pub(super) fn open(
        path: &Path,
        open: Opener,
        now_unix_ms: u64,
    ) -> Result<(StoreFile, Contents), StoreError> {
        let wrong = |kind| StoreError::new(path, kind);
        // Damage may be such that the database fails in itself.
        let opened = catch_unwind(AssertUnwindSafe(&open))
            .map_err(|_| wrong(StoreErrorKind::Corrupted("it cannot be repaired".into())))?;
        let database = opened.map_err(|error| StoreError::of_opening(path, error))?;
        let is_new = check_tables(&database).map_err(wrong)?;
        if is_new {
            make_tables(&database).map_err(|error| wrong(StoreErrorKind::Io(error.to_string())))?;
        }
        let (loaded, expired) = load(&database, now_unix_ms).map_err(wrong)?;
        let contents = Contents { loaded, expired: expired.len() as u64 };
        let leftovers = expired.into_iter().collect();
        Ok((StoreFile { open, database: Some(database), leftovers }, contents))
    }

    /// Writes all of it in one transaction, or nothing; it is on the disk when this returns.
    ///
    /// # Errors
    /// Why not, as a sentence. What was in the file before stays. Whether any of the failed transaction reached
    /// the disk is unknown until the file can be written again: then its pushes are taken out, and its removals
    /// are done. A process that ends before that may find one of its pushes the next time.
    pub(super) fn commit<'a>(
        &mut self,
        writes: impl Iterator<Item = &'a Write> + Clone,
    ) -> Result<(), String> {
        let result = self.attempt(writes.clone());
        if result.is_err() {
            let keys = writes.map(|write| match write {
                Write::Add { id, device, .. } | Write::Remove { id, device } => {
                    (*id, device.clone())
                }
            });
            self.leftovers.extend(keys);
            self.recover();
        }
        result
    }

    fn attempt<'a>(&mut self, writes: impl Iterator<Item = &'a Write>) -> Result<(), String> {
        if self.database.is_none() {
            self.reopen()?;
        }
        let Some(database) = &self.database else { return Err("the store is not open".into()) };
        let leftovers = &self.leftovers;
        // A bug in the database must not take the server with it: what is on the disk is sound without it.
        let caught = catch_unwind(AssertUnwindSafe(|| transaction(database, leftovers, writes)));
        match caught {
            Ok(result) => result.map_err(|error| said(&error))?,
            Err(_) => return Err("the database failed in itself".into()),
        }
        self.leftovers.clear();
        Ok(())
    }

    /// After a failure redb refuses all work until the file is opened again. Whether the failed transaction
    /// reached the disk is not known before: what of it did is taken out at once, if that is possible.
    fn recover(&mut self) {
        if self.reopen().is_err() {
            return;
        }
        if !self.leftovers.is_empty() && self.attempt(std::iter::empty()).is_err() {
            // Tried again with the next transaction.
            let _ = self.reopen();
        }
    }

    fn reopen(&mut self) -> Result<(), String> {
        // The lock of the old one must be gone first.
        drop(self.database.take());
        let open = &self.open;
        let database = match catch_unwind(AssertUnwindSafe(open)) {
            Ok(opened) => opened.map_err(|error| said(&error))?,
            Err(_) => return Err("the database failed in itself".into()),
        };
        self.leftovers = present(&database, &self.leftovers)?;
        self.database = Some(database);
        Ok(())
    }
}

/// One transaction: what is left over is taken out, then `writes` are done in their order.
fn transaction<'a>(
    database: &Database,
    leftovers: &BTreeSet<Key>,
    writes: impl Iterator<Item = &'a Write>,
) -> Result<(), redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    {
        let mut pushes = transaction.open_table(PUSHES)?;
        let mut meta = transaction.open_table(META)?;
        for (id, device) in leftovers {
            pushes.remove((*id, &**device))?;
        }
        let known = meta.get(META_NEXT_ID)?.map_or(1, |next| next.value());
        let mut next = known;
        for write in writes {
            match write {
                Write::Add { id, device, payload, expires_unix_ms } => {
                    next = next.max(id.saturating_add(1));
                    pushes.insert((*id, &**device), (&**payload, *expires_unix_ms))?;
                }
                Write::Remove { id, device } => {
                    pushes.remove((*id, &**device))?;
                }
            }
        }
        if next != known {
            meta.insert(META_NEXT_ID, next)?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Those of `keys` that are in the file.
fn present(database: &Database, keys: &BTreeSet<Key>) -> Result<BTreeSet<Key>, String> {
    let look = || -> Result<BTreeSet<Key>, redb::Error> {
        let pushes = database.begin_read()?.open_table(PUSHES)?;
        let mut found = BTreeSet::new();
        for (id, device) in keys {
            if pushes.get((*id, &**device))?.is_some() {
                found.insert((*id, device.clone()));
            }
        }
        Ok(found)
    };
    look().map_err(|error| said(&error))
}

/// Whether the file has nothing in it yet; otherwise it must be a store of this version.
fn check_tables(database: &Database) -> Result<bool, StoreErrorKind> {
    let io = |error: redb::Error| StoreErrorKind::Io(error.to_string());
    let transaction = database.begin_read().map_err(|error| io(error.into()))?;
    let mut tables = transaction.list_tables().map_err(|error| io(error.into()))?;
    if tables.next().is_none() {
        return Ok(true);
    }
    if !tables_have(&transaction, META.name()).map_err(|error| io(error.into()))? {
        return Err(StoreErrorKind::NotAStore);
    }
    let meta = match transaction.open_table(META) {
        Ok(meta) => meta,
        Err(TableError::Storage(error)) => return Err(io(error.into())),
        // A table of that name with other types in it.
        Err(_) => return Err(StoreErrorKind::Version(None)),
    };
    let version = meta.get(META_VERSION).map_err(|error| io(error.into()))?;
    match version.map(|version| version.value()) {
        Some(VERSION) => Ok(false),
        found => Err(StoreErrorKind::Version(found)),
    }
}

fn tables_have(
    transaction: &redb::ReadTransaction,
    name: &str,
) -> Result<bool, redb::StorageError> {
    Ok(transaction.list_tables()?.any(|table| table.name() == name))
}

fn make_tables(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        transaction.open_table(PUSHES)?;
        transaction.open_table(META)?.insert(META_VERSION, VERSION)?;
    }
    transaction.commit()?;
    Ok(())
}

/// What waits, and the keys of what has expired.
type Everything = (Loaded, Vec<Key>);

/// Everything in the file, by id.
fn load(database: &Database, now_unix_ms: u64) -> Result<Everything, StoreErrorKind> {
    let read = || -> Result<Everything, redb::Error> {
        let mut expired = Vec::new();
        let transaction = database.begin_read()?;
        let meta = transaction.open_table(META)?;
        let mut next_id = meta.get(META_NEXT_ID)?.map_or(1, |next| next.value());
        let mut stored = Vec::new();
        for entry in transaction.open_table(PUSHES)?.iter()? {
            let (key, value) = entry?;
            let ((id, device), (payload, expires_unix_ms)) = (key.value(), value.value());
            next_id = next_id.max(id.saturating_add(1));
            if expires_unix_ms.is_some_and(|at| at <= now_unix_ms) {
                expired.push((id, device.into()));
                continue;
            }
            let (device, payload) = (device.into(), payload.into());
            stored.push(Stored { id, device, payload, expires_unix_ms });
        }
        Ok((Loaded { pushes: stored, next_id }, expired))
    };
    read().map_err(|error| {
        if let redb::Error::Corrupted(what) = error {
            return StoreErrorKind::Corrupted(what);
        }
        StoreErrorKind::Io(error.to_string())
    })
}

/// What the database said, for somebody who has to make room or mend a disk.
fn said(error: &dyn fmt::Display) -> String {
    error.to_string()
}
