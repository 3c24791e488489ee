//! A call of a tool as data, what came of it, and who can make one.

use std::fmt;
use std::time::Duration;

/// The argument that stands for a file that the tool writes its answer to. Whoever runs the call puts a path in its
/// place, and what was written there in [`Ran::answer`].
pub const ANSWER: &str = "answer.json";

/// How long a tool may take unless its call says otherwise. A first `simctl` after Xcode changed takes a minute.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A call of a program of this machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// The program, by name or path.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// What its environment has in addition to ours.
    pub env: Vec<(String, String)>,
    /// What it reads from its standard input; nothing when absent.
    pub stdin: Option<Vec<u8>>,
    /// How long it may take.
    pub timeout: Duration,
}

impl Call {
    /// A call of this program with these arguments.
    pub fn new<S: Into<String>>(program: &str, args: impl IntoIterator<Item = S>) -> Call {
        let args = args.into_iter().map(Into::into).collect();
        Call { program: program.into(), args, env: Vec::new(), stdin: None, timeout: PATIENCE }
    }

    /// The same call with another argument behind the others.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Call {
        self.args.push(arg.into());
        self
    }

    /// The same call with another variable in its environment.
    #[must_use]
    pub fn with_env(mut self, name: impl Into<String>, value: impl Into<String>) -> Call {
        self.env.push((name.into(), value.into()));
        self
    }

    /// The same call with another limit.
    #[must_use]
    pub fn within(mut self, timeout: Duration) -> Call {
        self.timeout = timeout;
        self
    }

    /// Whether it writes an answer to a file.
    pub fn writes_answer(&self) -> bool {
        self.args.iter().any(|arg| arg == ANSWER)
    }
}

/// As a line that a shell takes.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.env {
            write!(f, "{name}={} ", quoted(value))?;
        }
        f.write_str(&quoted(&self.program))?;
        self.args.iter().try_for_each(|arg| write!(f, " {}", quoted(arg)))?;
        match &self.stdin {
            Some(_) => f.write_str(" < INPUT"),
            None => Ok(()),
        }
    }
}

/// A word as a shell takes it. Control characters are written as `$'…'` does, so that a terminal obeys none.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if !word.chars().any(char::is_control) {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    let mut out = String::from("$'");
    for c in word.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    out.push_str(&format!("\\x{byte:02x}"));
                }
            }
            c => out.push(c),
        }
    }
    out + "'"
}

/// How a program ended and what it said.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ran {
    /// Its exit code; absent when a signal ended it.
    pub status: Option<i32>,
    /// What it wrote to its standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to its standard error.
    pub stderr: Vec<u8>,
    /// What it wrote to the file that [`ANSWER`] stood for; absent when it wrote none.
    pub answer: Option<Vec<u8>>,
}

impl Ran {
    /// A success that said this.
    pub fn said(stdout: impl Into<Vec<u8>>) -> Ran {
        Ran { status: Some(0), stdout: stdout.into(), ..Ran::default() }
    }

    /// A success that wrote this to its answer file.
    pub fn answered(answer: impl Into<Vec<u8>>) -> Ran {
        Ran { status: Some(0), answer: Some(answer.into()), ..Ran::default() }
    }

    /// A failure with this exit code that said this on its standard error.
    pub fn failed(status: i32, stderr: impl Into<Vec<u8>>) -> Ran {
        Ran { status: Some(status), stderr: stderr.into(), ..Ran::default() }
    }

    /// Whether it ended with 0.
    pub fn is_success(&self) -> bool {
        self.status == Some(0)
    }

    /// Its standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

/// Why a tool gave no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ToolError {
    /// There is no such program here.
    Missing {
        /// Its name.
        program: String,
        /// How to get it.
        how: String,
    },
    /// It could not be started.
    NotStarted {
        /// The call.
        line: String,
        /// Why.
        problem: String,
    },
    /// It took too long and was ended.
    TimedOut {
        /// The call.
        line: String,
        /// How long it had.
        after: Duration,
    },
    /// It said more than anybody reads, and was ended.
    TooLong {
        /// The call.
        line: String,
        /// How many bytes it might say.
        limit: usize,
    },
    /// It ended with a failure.
    Failed {
        /// The call.
        line: String,
        /// Its exit code; absent when a signal ended it.
        status: Option<i32>,
        /// What it said of it.
        said: String,
        /// What to do next, when that is known.
        help: Option<String>,
    },
    /// Its answer cannot be read.
    Unreadable {
        /// Which tool.
        tool: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl std::error::Error for ToolError {}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ToolError::Missing { program, how } => write!(f, "there is no `{program}` here; {how}"),
            ToolError::NotStarted { line, problem } => {
                write!(f, "`{line}` cannot be started: {problem}")
            }
            ToolError::TimedOut { line, after } => {
                write!(f, "`{line}` took longer than {} s and was ended", after.as_secs())
            }
            ToolError::TooLong { line, limit } => {
                write!(f, "`{line}` said more than {limit} bytes and was ended")
            }
            ToolError::Failed { line, status, said, help } => {
                match status {
                    Some(code) => write!(f, "`{line}` failed with {code}")?,
                    None => write!(f, "`{line}` was ended by a signal")?,
                }
                if !said.is_empty() {
                    write!(f, ": {said}")?;
                }
                help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
            }
            ToolError::Unreadable { tool, problem } => {
                write!(f, "the answer of {tool} cannot be read: {problem}")
            }
        }
    }
}

/// Who can make calls: this machine, or a test's script.
pub trait Runs {
    /// Makes a call and waits for its end.
    ///
    /// # Errors
    /// [`ToolError`] when it could not be started or did not end by itself. A failure of the program is no error here;
    /// see [`succeed`].
    fn run(&mut self, call: &Call) -> Result<Ran, ToolError>;
}

/// Makes a call that must succeed.
///
/// # Errors
/// [`ToolError`], also when the program ended with a failure.
pub fn succeed(runs: &mut dyn Runs, call: &Call) -> Result<Ran, ToolError> {
    let ran = runs.run(call)?;
    if ran.is_success() {
        return Ok(ran);
    }
    Err(failure(call, &ran))
}

/// What a failed call says, with what is known to help.
pub(super) fn failure(call: &Call, ran: &Ran) -> ToolError {
    let (said, help) = super::failures::read(ran);
    ToolError::Failed { line: call.to_string(), status: ran.status, said, help }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_shown_as_a_line_for_a_shell() {
        let call = Call::new("xcrun", ["simctl", "launch", "it's", "", "a b", "$HOME"])
            .with_env("SIMCTL_CHILD_X", "1 2");
        assert_eq!(
            call.to_string(),
            r"SIMCTL_CHILD_X='1 2' xcrun simctl launch 'it'\''s' '' 'a b' '$HOME'"
        );
    }

    #[test]
    fn a_terminal_obeys_nothing_that_a_call_holds() {
        let line = Call::new("x", ["\u{1b}[2J'\n"]).to_string();
        assert_eq!(line, r"x $'\x1b[2J\'\x0a'");
        assert!(!line.chars().any(char::is_control));
    }

    #[test]
    fn a_failure_is_told_with_the_call_and_what_it_said() {
        let mut fake = super::super::Fake::new().answer("false", Ran::failed(3, "no such thing\n"));
        let error = succeed(&mut fake, &Call::new("false", ["a"])).unwrap_err();
        assert_eq!(error.to_string(), "`false a` failed with 3: no such thing");
    }
}
