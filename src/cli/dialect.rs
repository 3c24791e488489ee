//! `holdline dialect`: how to talk to other servers: the dialects there are, one of them, what is wrong with one.

use std::io::{Read, Write};
use std::path::Path;

use super::dialect_try::{self, TryArgs};
use super::exit::{CliError, Exit};
use super::names::meant;
use super::terminal;
use crate::report::diagnostics::draw;
use crate::report::paragraph::paragraph;
use crate::report::style::{GOOD, HEADING, paint};
use crate::scenario::Diagnostic;
use crate::settings::nearest;
use crate::wire::dialect::{DIALECTS, Dialect, Mistake};

/// More than a dialect can be; its reader says so.
const MOST_BYTES: u64 = 1 << 20;

/// Talk to a server that is not holdline's own: list, show, check or try a dialect
///
/// A dialect is a TOML file: what a client sends to MQTT, XMPP, SIP, NATS, Redis or your own server, and what it
/// recognizes. docs/dialects.md describes it.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  holdline dialect list
  holdline dialect show mqtt > mine.toml
  holdline dialect check mine.toml
  holdline dialect try mine.toml --connect localhost:1883

Exit codes:
  0  done
  1  of `try`: the server refused, said goodbye, or answered no ping
  2  wrong input: no such dialect, or one with mistakes
  3  holdline or its environment failed")]
pub(super) struct DialectArgs {
    #[command(subcommand)]
    command: DialectCommand,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum DialectCommand {
    /// List the dialects that come with holdline
    List,
    /// Print a dialect as TOML, to read or to begin one's own
    Show {
        /// A dialect that comes with holdline
        #[arg(value_name = "NAME", value_parser = names())]
        name: String,
    },
    /// Say what is wrong with a dialect
    Check {
        /// A file
        #[arg(value_name = "FILE")]
        file: String,
    },
    /// Connect to a server, say hello, ping once, and print what is heard
    Try(TryArgs),
}

fn names() -> clap::builder::PossibleValuesParser {
    DIALECTS.iter().map(|(name, _)| *name).collect::<Vec<_>>().into()
}

/// Does what `args` says.
pub(super) fn run(args: &DialectArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    match &args.command {
        DialectCommand::List => list(out),
        DialectCommand::Show { name } => {
            let text =
                DIALECTS.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text);
            out.write_all(text.as_bytes())?;
            Ok(Exit::Passed)
        }
        DialectCommand::Check { file } => {
            let dialect = read(file)?;
            let port = dialect.port();
            writeln!(out, "{} {file}: {} (port {port})", paint(GOOD, "sound"), dialect.about())?;
            for (has, what) in [
                (dialect.pings(), "no [ping]: a client cannot ask for a sign of life"),
                (
                    dialect.answers_pings() || !dialect.pings(),
                    "[ping] has no `pong`: a ping is not answered, a dead connection goes unnoticed",
                ),
                (dialect.publishes(), "no [publish]: a scenario cannot push through the server"),
            ] {
                if !has {
                    writeln!(out, "  {what}")?;
                }
            }
            Ok(Exit::Passed)
        }
        DialectCommand::Try(args) => dialect_try::run(args, out),
    }
}

fn list(out: &mut dyn Write) -> Result<Exit, CliError> {
    const INDENT: usize = 10;
    for (name, _) in DIALECTS {
        let dialect = read(name)?;
        let mut lines = String::new();
        let head = format!("{}  ", paint(HEADING, &format!("{name:<8}")));
        let about = format!("{} Port {}. {}", dialect.about(), dialect.port(), dialect.source());
        paragraph(&mut lines, (&head, INDENT), INDENT, &about, terminal::text_width());
        out.write_all(lines.as_bytes())?;
    }
    Ok(Exit::Passed)
}

/// The dialect called `name`, or in the file of that name.
///
/// # Errors
/// There is none, or it has mistakes.
pub(super) fn read(name: &str) -> Result<Dialect, CliError> {
    let bundled = DIALECTS.iter().find(|(known, _)| *known == name);
    let text = match bundled {
        Some((_, text)) => (*text).to_owned(),
        None => text_of(name)?,
    };
    Dialect::parse(&text).map_err(|mistakes| {
        let width = terminal::text_width();
        let drawn = mistakes.iter().map(|mistake| draw(&diagnostic(mistake), name, &text, width));
        CliError::Mistakes { drawn: drawn.collect(), mistakes: mistakes.len(), files: 1 }
    })
}

/// What is in the file `name`.
fn text_of(name: &str) -> Result<String, CliError> {
    if !Path::new(name).exists() && !name.contains(['.', '/']) {
        let hint = meant(nearest(name, DIALECTS.iter().map(|(name, _)| *name)));
        return Err(CliError::WrongInput(format!(
            "there is no dialect and no file `{name}`{hint}\n`holdline dialect list` lists all"
        )));
    }
    let mut text = String::new();
    std::fs::File::open(name)
        .and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
        .map_err(|error| CliError::WrongInput(format!("{name} cannot be read: {error}")))?;
    Ok(text)
}

fn diagnostic(mistake: &Mistake) -> Diagnostic {
    Diagnostic {
        message: mistake.message.clone(),
        file: None,
        span: mistake.span.clone(),
        label: String::new(),
        note: None,
        help: mistake.help.clone(),
        see: "",
        lint: None,
    }
}
