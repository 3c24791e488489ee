//! Why a store cannot be opened, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

use redb::{DatabaseError, StorageError};

/// Why a store cannot be opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub kind: StoreErrorKind,
}

/// What is wrong with the file of a store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoreErrorKind {
    /// It is a file of something else.
    NotAStore,
    /// It was made, and then the process ended before anything was accepted.
    Unfinished,
    /// Another process has it.
    Locked,
    /// A holdline that is older or newer wrote it; its version, if it says one.
    Version(Option<u64>),
    /// What is in it does not fit together; what.
    Corrupted(String),
    /// It cannot be read or written; why.
    Io(String),
}

impl StoreError {
    pub(super) fn new(path: &Path, kind: StoreErrorKind) -> StoreError {
        StoreError { path: path.to_owned(), kind }
    }

    /// What opening the file said.
    #[expect(clippy::wildcard_enum_match_arm, reason = "redb's enums may grow")]
    pub(super) fn of_opening(path: &Path, error: DatabaseError) -> StoreError {
        let kind = match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
                StoreErrorKind::Locked
            }
            DatabaseError::UpgradeRequired(_) => StoreErrorKind::Version(None),
            DatabaseError::Storage(StorageError::Io(error))
                if error.kind() == std::io::ErrorKind::InvalidData =>
            {
                if begins_with_zeros(path) {
                    StoreErrorKind::Unfinished
                } else {
                    StoreErrorKind::NotAStore
                }
            }
            DatabaseError::Storage(StorageError::Corrupted(what)) => {
                StoreErrorKind::Corrupted(what)
            }
            other => StoreErrorKind::Io(other.to_string()),
        };
        StoreError::new(path, kind)
    }
}

/// The first bytes of a file are written last when it is made.
fn begins_with_zeros(path: &Path) -> bool {
    let mut begin = [1; 9];
    let read = std::fs::File::open(path)
        .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut begin));
    read.is_ok() && begin == [0; 9]
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.kind {
            StoreErrorKind::NotAStore => write!(
                f,
                "{path} is not a store of holdline's; it was left alone: name another file, \
                 which may be missing"
            ),
            StoreErrorKind::Unfinished => write!(
                f,
                "{path} was being made when its process ended, and holds nothing: remove it and \
                 start again"
            ),
            StoreErrorKind::Locked => {
                write!(f, "{path} is in use by another process: end that one, or name another file")
            }
            StoreErrorKind::Version(Some(found)) => write!(
                f,
                "{path} is a store of version {found}, and this holdline reads version {}: use \
                 the holdline that wrote it, or name another file",
                super::file::VERSION
            ),
            StoreErrorKind::Version(None) => write!(
                f,
                "{path} is a store of another version of holdline: use the holdline that wrote \
                 it, or name another file"
            ),
            StoreErrorKind::Corrupted(what) => write!(
                f,
                "{path} is damaged ({what}): restore it from a copy, or name another file; \
                 pushes that waited in it are lost then"
            ),
            StoreErrorKind::Io(why) => write!(
                f,
                "{path} cannot be opened ({why}): check that its folder is there, may be written \
                 and has room"
            ),
        }
    }
}

impl std::error::Error for StoreError {}
