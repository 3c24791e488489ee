//! Tools of this machine: a process, with its output and its time bounded.

use std::fs;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::call::{ANSWER, Call, Ran, Runs, ToolError};

/// No tool says more than this.
const LONGEST_OUTPUT: usize = 32 << 20;

/// How often to look whether a process has ended.
const LOOK: Duration = Duration::from_millis(10);

/// Makes calls on this machine.
#[derive(Copy, Clone, Debug, Default)]
pub struct Real;

impl Runs for Real {
    fn run(&mut self, call: &Call) -> Result<Ran, ToolError> {
        let answer = if call.writes_answer() { Some(AnswerFile::new(call)?) } else { None };
        let mut child = start(call, answer.as_ref())?;
        let ended = wait(&mut child, call);
        if ended.is_err() {
            // Only this process, by its handle; it may have ended meanwhile.
            let _ = child.kill();
            let _ = child.wait();
        }
        let mut ran = ended?;
        ran.answer = answer.and_then(|answer| answer.read());
        Ok(ran)
    }
}

/// A file in a folder of its own, which goes with it.
struct AnswerFile {
    folder: PathBuf,
}

impl AnswerFile {
    fn new(call: &Call) -> Result<AnswerFile, ToolError> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("holdline-answer-{}-{n}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        // Fails when it is there: nobody else's file is read as the answer.
        fs::create_dir(&folder).map_err(|error| ToolError::NotStarted {
            line: call.to_string(),
            problem: format!("{}: {error}", folder.display()),
        })?;
        Ok(AnswerFile { folder })
    }

    fn path(&self) -> PathBuf {
        self.folder.join(ANSWER)
    }

    fn read(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = fs::File::open(self.path()).ok()?;
        file.take(LONGEST_OUTPUT as u64).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

impl Drop for AnswerFile {
    fn drop(&mut self) {
        // What cannot be removed stays in the temporary folder.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn start(call: &Call, answer: Option<&AnswerFile>) -> Result<Child, ToolError> {
    let mut command = Command::new(&call.program);
    for arg in &call.args {
        match answer {
            Some(file) if arg == ANSWER => command.arg(file.path()),
            Some(_) | None => command.arg(arg),
        };
    }
    command.envs(call.env.iter().map(|(name, value)| (name, value)));
    let stdin = if call.stdin.is_some() { Stdio::piped() } else { Stdio::null() };
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            return super::missing(&call.program);
        }
        ToolError::NotStarted { line: call.to_string(), problem: error.to_string() }
    })
}

/// Waits for the end of a process and of its output.
fn wait(child: &mut Child, call: &Call) -> Result<Ran, ToolError> {
    let until = Instant::now() + call.timeout;
    let late = || ToolError::TimedOut { line: call.to_string(), after: call.timeout };
    if let (Some(mut pipe), Some(bytes)) = (child.stdin.take(), call.stdin.clone()) {
        // A program that does not read all of it says so by its exit code.
        thread::spawn(move || _ = pipe.write_all(&bytes));
    }
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() >= until => return Err(late()),
            Ok(None) => thread::sleep(LOOK),
            Err(error) => {
                let problem = error.to_string();
                return Err(ToolError::NotStarted { line: call.to_string(), problem });
            }
        }
    };
    // A grandchild may hold the pipe open: it is waited for no longer than the call.
    let taken = |output: mpsc::Receiver<Option<Vec<u8>>>| {
        let left = until.saturating_duration_since(Instant::now());
        match output.recv_timeout(left.max(LOOK)) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(ToolError::TooLong { line: call.to_string(), limit: LONGEST_OUTPUT }),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(late()),
        }
    };
    Ok(Ran { status: status.code(), stdout: taken(stdout)?, stderr: taken(stderr)?, answer: None })
}

/// Reads a pipe to its end on a thread of its own; `None` when that is too much.
fn collect(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Option<Vec<u8>>> {
    let (to, from) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            // What was read before an error is what there is.
            let _ = pipe.take(LONGEST_OUTPUT as u64 + 1).read_to_end(&mut bytes);
        }
        // Nobody may be waiting any more.
        let _ = to.send((bytes.len() <= LONGEST_OUTPUT).then_some(bytes));
    });
    from
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Call {
        Call::new("sh", ["-c", script])
    }

    #[test]
    fn output_exit_code_input_and_environment_are_those_of_the_process() {
        let mut call = shell("cat; echo $X; echo oh >&2; exit 3").with_env("X", "there");
        call.stdin = Some(b"hello ".to_vec());
        let ran = Real.run(&call).unwrap();
        assert_eq!((ran.status, ran.text().as_str()), (Some(3), "hello there\n"));
        assert_eq!(ran.stderr, b"oh\n");
    }

    #[test]
    fn a_process_that_takes_too_long_is_ended() {
        let call = Call::new("sleep", ["1000"]).within(Duration::from_millis(50));
        assert!(matches!(Real.run(&call), Err(ToolError::TimedOut { .. })));
    }

    #[test]
    fn a_missing_program_is_told_with_how_to_get_it() {
        let error = Real.run(&Call::new("holdline-no-such-tool", ["x"])).unwrap_err();
        assert!(matches!(error, ToolError::Missing { .. }), "{error}");
    }

    #[test]
    fn the_answer_is_what_was_written_to_the_file_in_its_place() {
        let call = Call::new("sh", ["-c", "printf '{}' > \"$1\"", "sh", ANSWER]);
        assert_eq!(Real.run(&call).unwrap().answer.as_deref(), Some(&b"{}"[..]));
        let silent = Call::new("true", [ANSWER]);
        assert_eq!(Real.run(&silent).unwrap().answer, None);
    }
}
