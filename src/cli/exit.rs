//! The exit codes, and why a command could not do its work.

use std::fmt;
use std::io;
use std::process::ExitCode;

/// The exit codes of every command; there are no others.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Exit {
    /// 0: all that was expected happened, or nothing was to be judged.
    Passed = 0,
    /// 1: an expectation failed.
    Failed = 1,
    /// 2: the input is wrong: an option, a path, a scenario, an Info.plist.
    WrongInput = 2,
    /// 3: holdline or its environment failed: a file cannot be written, two runs of one seed differ.
    Broken = 3,
    /// 4: nothing failed, but a run did not show what was expected of it: it was too short, or nothing
    /// happened that could be measured.
    Undetermined = 4,
}

/// What help texts say of the exit codes, after some examples.
macro_rules! with_exit_codes {
    ($examples:expr) => {
        concat!(
            $examples,
            "\n\nExit codes:\n",
            "  0  all passed\n",
            "  1  an expectation failed\n",
            "  2  wrong input\n",
            "  3  holdline or its environment failed\n",
            "  4  undetermined: the run did not show it (too short, or nothing happened\n",
            "     that could be measured)"
        )
    };
}
pub(super) use with_exit_codes;

/// The same of a command that judges nothing.
macro_rules! with_exit_codes_of_no_verdict {
    ($examples:expr) => {
        concat!(
            $examples,
            "\n\nExit codes:\n",
            "  0  done, whatever came of it\n",
            "  2  wrong input\n",
            "  3  holdline or its environment failed"
        )
    };
}
pub(super) use with_exit_codes_of_no_verdict;

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a command could not do its work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CliError {
    /// The user's input is wrong: what, where, and what to do about it.
    WrongInput(String),
    /// Scenarios have mistakes: drawn for the terminal, and how many in how many files.
    Mistakes {
        /// The mistakes as they are shown, with colours.
        drawn: String,
        /// How many there are.
        mistakes: usize,
        /// In how many files; none when only options are wrong.
        files: usize,
    },
    /// The environment failed: what, and what to do about it.
    Environment(String),
    /// Nobody reads the output any more, as after `holdline … | head`: no error.
    NoReader,
}

impl CliError {
    /// The exit code that tells of this.
    pub fn exit(&self) -> Exit {
        match self {
            CliError::WrongInput(_) | CliError::Mistakes { .. } => Exit::WrongInput,
            CliError::Environment(_) => Exit::Broken,
            CliError::NoReader => Exit::Passed,
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CliError::WrongInput(message) | CliError::Environment(message) => f.write_str(message),
            CliError::Mistakes { mistakes, files, .. } => {
                let plural = |n: usize, noun: &str| crate::report::human::plural(n as u64, noun);
                let mistakes = plural(*mistakes, "mistake");
                match files {
                    0 => write!(f, "{mistakes} in the options; nothing was run"),
                    n => write!(f, "{mistakes} in {}; nothing was run", plural(*n, "file")),
                }
            }
            CliError::NoReader => f.write_str("nobody reads the output"),
        }
    }
}

impl std::error::Error for CliError {}

impl From<io::Error> for CliError {
    /// An error of writing the answer; errors of reading are the user's and are made where they are
    /// read.
    fn from(error: io::Error) -> CliError {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return CliError::NoReader;
        }
        CliError::Environment(format!("cannot write the answer: {error}"))
    }
}
