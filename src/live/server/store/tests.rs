//! The rules of the store, on real files and on a disk that fails when it is told to.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;

use redb::backends::FileBackend;
use redb::{Database, StorageBackend, TableDefinition};

use super::*;

fn add(id: u64, device: &str, payload: &str) -> Write {
    Write::Add { id, device: device.into(), payload: payload.into(), expires_unix_ms: None }
}

fn remove(id: u64, device: &str) -> Write {
    Write::Remove { id, device: device.into() }
}

struct Place {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pushes.redb");
    Place { _folder: folder, path }
}

/// A store, and a sign for each transaction.
struct Open {
    store: RedbStore,
    loaded: Loaded,
    expired: u64,
    wakes: Receiver<()>,
}

fn started(opened: impl FnOnce(Box<dyn Fn() + Send>) -> Result<Opened, StoreError>) -> Open {
    let (woken, wakes) = channel();
    let opened = opened(Box::new(move || woken.send(()).unwrap_or_default())).unwrap();
    let Opened { store, loaded, expired } = opened;
    Open { store, loaded, expired, wakes }
}

fn open(place: &Place) -> Open {
    started(|wake| RedbStore::open(&place.path, wake))
}

impl Open {
    /// Submits one batch and waits until it is done.
    fn commit(&mut self, writes: Vec<Write>) -> Result<(), String> {
        self.store.submit(1, writes);
        self.wakes.recv().unwrap();
        let mut done = Vec::new();
        self.store.finished(&mut done);
        assert_eq!(done.len(), 1);
        done.remove(0).result
    }
}

fn ids(open: &Open) -> Vec<u64> {
    open.loaded.pushes.iter().map(|push| push.id).collect()
}

fn refused(path: &Path) -> StoreError {
    RedbStore::open(path, Box::new(|| {})).map(drop).unwrap_err()
}

#[test]
fn what_was_accepted_is_there_again_in_its_order() {
    let place = place();
    let mut first = open(&place);
    assert_eq!((ids(&first), first.loaded.next_id), (vec![], 1));
    first.commit(vec![add(3, "b", "three"), add(1, "a", "one")]).unwrap();
    first.commit(vec![add(2, "a", "two")]).unwrap();
    drop(first);
    let again = open(&place);
    assert_eq!((ids(&again), again.loaded.next_id), (vec![1, 2, 3], 4));
    assert_eq!(&*again.loaded.pushes[1].payload, "two");
    assert_eq!(&*again.loaded.pushes[2].device, "b");
}

#[test]
fn an_id_is_never_given_again_even_when_its_push_is_gone() {
    let place = place();
    let mut first = open(&place);
    first.commit(vec![add(7, "a", "x")]).unwrap();
    first.commit(vec![remove(7, "a")]).unwrap();
    drop(first);
    let again = open(&place);
    assert_eq!((ids(&again), again.loaded.next_id), (vec![], 8));
}

#[test]
fn what_expired_is_counted_left_out_and_taken_out_later() {
    let place = place();
    let expires_unix_ms = Some(now_unix_ms() - 1);
    let old = Write::Add { id: 1, device: "a".into(), payload: "x".into(), expires_unix_ms };
    open(&place).commit(vec![old, add(2, "a", "y")]).unwrap();
    let mut again = open(&place);
    assert_eq!((ids(&again), again.expired, again.loaded.next_id), (vec![2], 1, 3));
    again.commit(vec![]).unwrap();
    drop(again);
    assert_eq!(open(&place).expired, 0);
}

#[test]
fn dropping_the_store_writes_what_was_submitted() {
    let place = place();
    let mut first = open(&place);
    (1..=500).for_each(|id| first.store.submit(id, vec![add(id, "a", "x")]));
    drop(first);
    assert_eq!(ids(&open(&place)).len(), 500);
}

#[test]
fn every_batch_is_answered_in_order_and_batches_share_a_transaction() {
    let place = place();
    let mut first = open(&place);
    (1..=500).for_each(|id| first.store.submit(id, vec![add(id, "a", "x")]));
    let mut done = Vec::new();
    let mut transactions = 0;
    while done.len() < 500 {
        first.wakes.recv().unwrap();
        transactions += 1;
        first.store.finished(&mut done);
    }
    assert!(done.iter().map(|done| done.batch).eq(1..=500));
    assert!(done.iter().all(|done| done.result == Ok(())));
    assert!(transactions < 500, "{transactions}");
}

#[test]
fn a_file_of_something_else_is_refused_and_left_alone() {
    let place = place();
    std::fs::write(&place.path, "my notes, which are precious").unwrap();
    let error = refused(&place.path);
    assert_eq!(error.kind, StoreErrorKind::NotAStore);
    assert!(error.to_string().contains("name another file"), "{error}");
    assert_eq!(std::fs::read(&place.path).unwrap(), b"my notes, which are precious");
}

#[test]
fn a_database_of_another_program_is_refused() {
    let place = place();
    let database = Database::create(&place.path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(TableDefinition::<u64, u64>::new("other")).unwrap();
    transaction.commit().unwrap();
    drop(database);
    assert_eq!(refused(&place.path).kind, StoreErrorKind::NotAStore);
}

#[test]
fn a_store_of_another_version_is_refused_with_its_version() {
    let place = place();
    let database = Database::create(&place.path).unwrap();
    let transaction = database.begin_write().unwrap();
    let meta = TableDefinition::<&str, u64>::new("holdline");
    transaction.open_table(meta).unwrap().insert("version", 9).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let error = refused(&place.path);
    assert_eq!(error.kind, StoreErrorKind::Version(Some(9)));
    assert!(error.to_string().contains("version 9"), "{error}");
}

#[test]
fn a_store_in_use_is_refused() {
    let place = place();
    let _held = open(&place);
    let error = refused(&place.path);
    assert_eq!(error.kind, StoreErrorKind::Locked);
    assert!(error.to_string().contains("another process"), "{error}");
}

#[test]
fn a_file_whose_making_was_interrupted_says_so() {
    let place = place();
    std::fs::write(&place.path, [0; 4096]).unwrap();
    assert_eq!(refused(&place.path).kind, StoreErrorKind::Unfinished);
}

#[test]
fn a_folder_that_is_missing_is_said() {
    let error = refused(Path::new("/nowhere/at/all/pushes.redb"));
    assert!(matches!(error.kind, StoreErrorKind::Io(_)), "{error:?}");
    assert!(error.to_string().contains("folder"), "{error}");
}

/// A disk that is full when it is told to be.
#[derive(Debug)]
struct Disk {
    file: FileBackend,
    full: Arc<AtomicBool>,
    /// Also syncing fails, after everything was written: nobody knows then what is on the disk.
    only_sync: Arc<AtomicBool>,
}

impl Disk {
    fn check(&self, sync: bool) -> std::io::Result<()> {
        let fails =
            self.full.load(Ordering::SeqCst) && (sync || !self.only_sync.load(Ordering::SeqCst));
        if fails { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> std::io::Result<u64> {
        self.file.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.file.read(offset, out)
    }
    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.check(false)?;
        self.file.set_len(len)
    }
    fn sync_data(&self) -> std::io::Result<()> {
        self.check(true)?;
        self.file.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.check(false)?;
        self.file.write(offset, data)
    }
}

struct Failing {
    full: Arc<AtomicBool>,
    only_sync: Arc<AtomicBool>,
    store: Open,
}

fn on_a_disk_that_fails(place: &Place) -> Failing {
    let (full, only_sync) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
    let (path, flags) = (place.path.clone(), (full.clone(), only_sync.clone()));
    let opener = move || {
        let mut options = std::fs::OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(&path)?;
        let (full, only_sync) = flags.clone();
        let disk = Disk { file: FileBackend::new(file)?, full, only_sync };
        Database::builder().create_with_backend(disk)
    };
    let store = started(|wake| RedbStore::start(&place.path, Box::new(opener), wake));
    Failing { full, only_sync, store }
}

impl Failing {
    fn commit(&mut self, writes: Vec<Write>) -> Result<(), String> {
        self.store.commit(writes)
    }
}

#[test]
fn a_full_disk_refuses_and_loses_nothing_and_works_again_when_there_is_room() {
    for only_sync in [false, true] {
        let place = place();
        let mut disk = on_a_disk_that_fails(&place);
        disk.only_sync.store(only_sync, Ordering::SeqCst);
        disk.commit(vec![add(1, "a", "one"), add(2, "a", "two")]).unwrap();
        disk.full.store(true, Ordering::SeqCst);
        for id in 3..6 {
            let error = disk.commit(vec![add(id, "a", &"x".repeat(9_000))]).unwrap_err();
            assert!(!error.is_empty());
        }
        // The device acknowledges while the disk is full.
        disk.commit(vec![remove(1, "a")]).unwrap_err();
        disk.full.store(false, Ordering::SeqCst);
        disk.commit(vec![add(6, "a", "six")]).unwrap();
        drop(disk);
        let again = open(&place);
        assert_eq!(ids(&again), [2, 6], "syncing alone fails: {only_sync}");
        assert_eq!(again.loaded.next_id, 7);
    }
}

#[test]
fn a_server_that_ends_while_the_disk_is_full_keeps_what_was_accepted() {
    let place = place();
    let mut disk = on_a_disk_that_fails(&place);
    disk.commit(vec![add(1, "a", "one")]).unwrap();
    disk.full.store(true, Ordering::SeqCst);
    disk.commit(vec![add(2, "a", "two")]).unwrap_err();
    drop(disk);
    assert_eq!(ids(&open(&place)), [1]);
}
