//! A session on a terminal: lines with history and completion, a status line, ctrl-C for what takes long.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};

use super::editor::Assistant;
use super::history;
use super::status_line::StatusLine;
use crate::cli::exit::{CliError, Exit};
use crate::repl::{Flow, Interrupt, Session};
use crate::report::style::{BAD, paint};

/// How many lines of earlier sessions are kept.
const KEPT: usize = 1_000;

/// Raised by ctrl-C while a command runs. Signals are the process's, and so is this.
static INTERRUPT: Interrupt = Interrupt::new();

/// Steers `session` until its user leaves.
///
/// # Errors
/// [`CliError::Environment`] when the terminal cannot be used.
pub(super) fn steer(session: &mut Session) -> Result<Exit, CliError> {
    listen_to_ctrl_c()?;
    let styled = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    let vocabulary = Rc::new(RefCell::new(session.vocabulary()));
    let mut editor = editor(Assistant::new(Rc::clone(&vocabulary), styled)).map_err(unusable)?;
    let kept = history::file();
    if let Some(file) = &kept {
        // There is none before the first session ends.
        let _ = editor.load_history(file);
    }
    let mut status = StatusLine::open();
    tell("Acts, time and questions: `help` lists them, tab completes, ctrl-D leaves.\n")?;
    loop {
        session.set_width(crate::cli::terminal::drawing_width());
        if let Some(line) = &mut status {
            line.show(&format!(" {}", session.brief()))?;
        }
        *vocabulary.borrow_mut() = session.vocabulary();
        let line = match editor.readline(&prompt(session)) {
            Ok(line) => line,
            // The line is given up, not the session.
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(unusable(error)),
        };
        if let Some(status) = &mut status {
            status.fit()?;
        }
        if !line.trim().is_empty() {
            editor.add_history_entry(line.as_str()).map_err(unusable)?;
        }
        if execute(session, &line)? == Flow::Quit {
            break;
        }
    }
    drop(status);
    if let Some(file) = &kept {
        keep(&mut editor, file);
    }
    Ok(Exit::Passed)
}

fn editor(assistant: Assistant) -> rustyline::Result<Editor<Assistant, FileHistory>> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .history_ignore_space(true)
        .max_history_size(KEPT)?
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(assistant));
    Ok(editor)
}

fn prompt(session: &Session) -> String {
    let brief = session.brief();
    let fork = brief.fork.map(|fork| format!(" {fork}")).unwrap_or_default();
    format!("{}{fork}> ", brief.now)
}

/// Does what a line says; what is refused is told, and the session goes on.
fn execute(session: &mut Session, line: &str) -> Result<Flow, CliError> {
    INTERRUPT.clear();
    let mut out = String::new();
    let flow = session.execute(line, &mut out, &INTERRUPT);
    tell(&out)?;
    match flow {
        Ok(flow) => Ok(flow),
        Err(refusal) => {
            tell(&format!("{} {refusal}\n", paint(BAD, "not done:")))?;
            Ok(Flow::Continue)
        }
    }
}

fn tell(text: &str) -> Result<(), CliError> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Writes the history; a session is not spoiled because that fails.
fn keep(editor: &mut Editor<Assistant, FileHistory>, file: &std::path::Path) {
    let made = file.parent().map_or(Ok(()), std::fs::create_dir_all);
    let written = made.map_err(ReadlineError::from).and_then(|()| editor.append_history(file));
    if let Err(error) = written {
        eprintln!("the history is not kept: {}: {error}", file.display());
    }
}

fn unusable(error: ReadlineError) -> CliError {
    CliError::Environment(format!(
        "the terminal cannot be used: {error}\nGive commands with --script."
    ))
}

/// Raises the interrupt whenever ctrl-C is pressed while no line is edited.
fn listen_to_ctrl_c() -> Result<(), CliError> {
    let failed =
        |error: io::Error| CliError::Environment(format!("ctrl-C cannot be heard: {error}"));
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(failed)?;
    let listen = move || {
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                INTERRUPT.raise();
            }
        });
    };
    std::thread::Builder::new().name("ctrl-c".into()).spawn(listen).map_err(failed)?;
    Ok(())
}
