//! Where the session's files are: the session itself opens none.

/// Reads what a scenario names and writes what is saved.
pub trait Desk {
    /// What is in the file at `path`, as the scenario at `file` sees it; as the session's own scenario does when
    /// there is no `file`.
    ///
    /// # Errors
    /// A sentence that says where and what is wrong.
    fn read(&self, file: Option<&str>, path: &str) -> Result<Vec<u8>, String>;

    /// Writes `text` to the file; over what is there only if it may be replaced.
    ///
    /// # Errors
    /// What stands in the way; nothing half-written is left.
    fn write(&mut self, file: &str, text: &str, replace: bool) -> Result<(), Unwritten>;
}

/// Why a file was not written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unwritten {
    /// There is one already, which was not to be replaced.
    Exists,
    /// Something else, in a sentence.
    Failed(String),
}

/// A desk without files.
#[derive(Copy, Clone, Debug, Default)]
pub struct NoFiles;

impl Desk for NoFiles {
    fn read(&self, _: Option<&str>, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("{path}: files are not read here"))
    }

    fn write(&mut self, file: &str, _: &str, _: bool) -> Result<(), Unwritten> {
        Err(Unwritten::Failed(format!("{file}: files are not written here")))
    }
}
