//! `holdline repl`: a session that steers a scenario by hand, on a terminal, from a script or a pipe.

mod editor;
mod history;
mod interactive;
mod status_line;
mod world;

use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use clap_complete::ArgValueCompleter;

use super::exit::{CliError, Exit, with_exit_codes};
use super::sources::{self, Source};
use super::{complete, files, overrides, terminal};
use crate::repl::{Desk, Flow, Interrupt, Opening, Refusal, Session, Unopened, Unwritten};
use crate::report::diagnostics::{draw, on_command_line};
use crate::report::paragraph::plain;
use crate::report::style::{BAD, FAINT, paint};
use crate::scenario::{MOST_FILE_BYTES, Override};
use world::{Failed, WorldArgs};

macro_rules! examples {
    () => {
        "\
Examples:
  holdline repl
  holdline repl talk.toml --seed 7
  holdline repl bundled:network/nat-timeout.toml --set platform.use=ios-8
  holdline repl talk.toml --script session.txt
  holdline repl talk.toml --world live
  printf 'background\\nadvance 1h\\nexpect kill count=0\\n' | holdline repl

A session: background, lock, push call, advance 10m, until suspended, back 5m,
fork without-wifi, wifi-off, expect push-received call within=5s, save it.toml.
`help` inside lists everything; docs/repl.md is the manual.

From a script or a pipe, the first command that fails ends it with exit code 1."
    };
}

/// Steer a scenario by hand: act, let time go on, go back, try two futures
///
/// Without SCENARIO an empty one begins: the default client on ios-9 over Wi-Fi. Its own steps act at their
/// times while you advance. Every step of the scenario language is a command of the same name.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = examples!(), after_long_help = with_exit_codes!(examples!()))]
pub(super) struct ReplArgs {
    /// The scenario: a file, or bundled:PATH
    #[arg(value_name = "SCENARIO", add = ArgValueCompleter::new(complete::scenarios))]
    scenario: Option<String>,

    /// Do the commands in FILE, one a line, and end; `-` is stdin
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,

    /// The seed, instead of the scenario's own
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Set a key of the scenario, for example network.nat.idle-timeout=5m; can be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = overrides::parse,
        add = ArgValueCompleter::new(complete::set))]
    set: Vec<Override>,

    #[command(flatten)]
    world: WorldArgs,
}

/// Holds the session as `args` says.
pub(super) fn run(args: &ReplArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let mut session = open(args)?;
    session.set_width(terminal::text_width());
    match &args.script {
        Some(file) if file != Path::new("-") => {
            let text = script(file)?;
            play(&mut session, &mut text.as_bytes(), out)
        }
        None if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() => {
            interactive::steer(&mut session)
        }
        Some(_) | None => play(&mut session, &mut std::io::stdin().lock(), out),
    }
}

/// Begins the session, or says what is wrong with its scenario.
fn open(args: &ReplArgs) -> Result<Session, CliError> {
    let source = args.scenario.as_ref().map(one).transpose()?;
    let shown = source.as_ref().map(|source| (source.file.clone(), source.text.clone()));
    if let Some(source) = &source
        && let Some(problem) = &source.unreadable
    {
        return Err(mistakes(std::slice::from_ref(problem), &source.file, &source.text));
    }
    let opening = Opening {
        text: source.as_ref().map(|source| source.text.clone()),
        file: source.as_ref().map(|source| source.file.clone()),
        set: args.set.clone(),
        seed: args.seed,
    };
    let desk = Box::new(Disk { source });
    world::open(&args.world, opening, desk).map_err(|failed| match failed {
        Failed::Session(Unopened::Mistakes(problems)) => {
            let (file, text) = shown.unwrap_or_default();
            mistakes(&problems, &file, &text)
        }
        Failed::Session(Unopened::Refused(refusal)) => refusal.into(),
        Failed::Command(error) => error,
    })
}

/// The one scenario at `path`.
fn one(path: &String) -> Result<Source, CliError> {
    let mut found = sources::find(std::slice::from_ref(path))?;
    match (found.pop(), found.is_empty()) {
        (Some(source), true) => Ok(source),
        (Some(_) | None, _) => Err(CliError::WrongInput(format!(
            "{path}: these are several scenarios, and a session is in one\n\
             `holdline run {path} --list` lists them."
        ))),
    }
}

fn mistakes(problems: &[crate::scenario::Diagnostic], file: &str, text: &str) -> CliError {
    let width = terminal::text_width();
    let drawn = problems.iter().map(|problem| draw(problem, file, text, width)).collect();
    let files = usize::from(!problems.iter().all(on_command_line));
    CliError::Mistakes { drawn, mistakes: problems.len(), files }
}

fn script(file: &Path) -> Result<String, CliError> {
    let wrong = |why: &dyn std::fmt::Display| {
        CliError::WrongInput(format!("{}: the script cannot be read: {why}", file.display()))
    };
    let bytes = sources::read(file, MOST_FILE_BYTES as u64 + 1).map_err(|error| wrong(&error))?;
    if bytes.len() > MOST_FILE_BYTES {
        return Err(wrong(&"it is too long"));
    }
    String::from_utf8(bytes).map_err(|error| wrong(&error))
}

/// Does the commands that `input` gives, as they come, until one fails.
fn play(
    session: &mut Session,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<Exit, CliError> {
    let interrupt = Interrupt::new();
    let mut read = 0;
    while let Some(mut text) = next_line(input, &mut read)? {
        let number = read;
        while Session::wants_more(&text) {
            let Some(line) = next_line(input, &mut read)? else { break };
            text.push('\n');
            text.push_str(&line);
            if text.len() > MOST_FILE_BYTES {
                return Err(too_long(number));
            }
        }
        if text.trim().is_empty() {
            continue;
        }
        for line in text.trim_end().lines() {
            writeln!(out, "{}", paint(FAINT, &format!("repl> {}", plain(line))))?;
        }
        let mut told = String::new();
        let flow = session.execute(&text, &mut told, &interrupt);
        out.write_all(told.as_bytes())?;
        match flow {
            Ok(Flow::Continue) => {}
            Ok(Flow::Quit) => return Ok(Exit::Passed),
            Ok(Flow::Failed) => return failed(number, "what it looks at failed", out),
            Err(refusal) => return failed(number, &refusal.to_string(), out),
        }
    }
    Ok(Exit::Passed)
}

/// The next line, if there is one; counts those that were `read`.
fn next_line(input: &mut dyn BufRead, read: &mut usize) -> Result<Option<String>, CliError> {
    *read += 1;
    let mut line = String::new();
    input.take(MOST_FILE_BYTES as u64 + 1).read_line(&mut line).map_err(|error| {
        CliError::WrongInput(format!("the commands cannot be read at line {read}: {error}"))
    })?;
    if line.len() > MOST_FILE_BYTES {
        return Err(too_long(*read));
    }
    let end = line.trim_end_matches(['\r', '\n']).len();
    let some = !line.is_empty();
    line.truncate(end);
    Ok(some.then_some(line))
}

fn too_long(line: usize) -> CliError {
    let most = MOST_FILE_BYTES >> 20;
    CliError::WrongInput(format!("line {line} is a command of more than {most} MiB; split it"))
}

/// Says on stderr where the session ended, behind what has been told so far.
fn failed(line: usize, why: &str, out: &mut dyn Write) -> Result<Exit, CliError> {
    out.flush()?;
    let text = format!("{} line {line}: {why}\n", paint(BAD, "error:"));
    // Nothing can be done if it cannot be said.
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
    Ok(Exit::Failed)
}

/// The files of a session.
struct Disk {
    /// The scenario it was begun with.
    source: Option<Source>,
}

impl Desk for Disk {
    fn read(&self, file: Option<&str>, path: &str) -> Result<Vec<u8>, String> {
        match (file, &self.source) {
            (Some(file), _) => sources::beside(Path::new(file), path),
            (None, Some(source)) => source.read(path),
            (None, None) => sources::beside(Path::new(""), path),
        }
    }

    fn write(&mut self, file: &str, text: &str, replace: bool) -> Result<(), Unwritten> {
        let path = Path::new(file);
        if path.is_dir() {
            return Err(Unwritten::Failed(format!("{file} is a folder")));
        }
        if !replace && path.symlink_metadata().is_ok() {
            return Err(Unwritten::Exists);
        }
        files::write(path, "scenario", |out| out.write_all(text.as_bytes()))
            .map_err(|error| Unwritten::Failed(error.to_string()))
    }
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> CliError {
        CliError::WrongInput(refusal.message().to_owned())
    }
}
