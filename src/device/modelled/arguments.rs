//! The command line of the agent on any machine. Written by hand: a phone's agent has no such thing.

use std::path::PathBuf;
use std::time::Duration;

use crate::device::agent::orders;
use crate::device::protocol::{CONTROL_VARIABLE, RUN_VARIABLE, TOKEN_VARIABLE};

/// What `--help` says.
pub const HELP: &str = "\
The client under the model of iOS, driven by a host as a phone is.

`holdline device run SCENARIO --device fake` starts it; there is no need to.

Usage: holdline-agent [OPTIONS]

Options:
      --backend std          What is below the client: the model of iOS over
                             TCP sockets; there is no other off iOS
      --dir DIR              Where orders and log are kept; a folder of the run
                             among the temporary files when absent
      --control HOST:PORT    Where the host listens
      --run NONCE            The nonce of the run
      --token TOKEN          The token of the run
      --wait SECONDS         How long to wait for a host [default: 20]
  -h, --help                 Print this

Without --control, --run and --token: what the environment says in
HOLDLINE_CONTROL, HOLDLINE_RUN and HOLDLINE_TOKEN, else the orders in DIR.

For tests of a host, HOLDLINE_AGENT_FAULT makes it misbehave: no-hello (it
connects and says nothing), wrong-nonce, exit (with code 1 when it has its
orders), abort (it crashes then), hang (it does nothing from then on).

Exit codes: 0 the host ended the run, 2 wrong usage, 3 there was no host, or
its orders were wrong.
";

/// The environment variable that makes the agent misbehave.
const FAULT_VARIABLE: &str = "HOLDLINE_AGENT_FAULT";
/// How long to wait for a host.
const WAIT: Duration = Duration::from_secs(20);

/// How the agent misbehaves, for tests of a host.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// It connects and says nothing.
    NoHello,
    /// It says hello with the nonce of another run.
    WrongNonce,
    /// It exits when it has its orders.
    Exit,
    /// It crashes when it has its orders.
    Abort,
    /// It does nothing from its orders on.
    Hang,
}

/// What the agent is told to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    pub(super) dir: PathBuf,
    pub(super) control: String,
    pub(super) run: String,
    pub(super) token: String,
    pub(super) wait: Duration,
    pub(super) fault: Option<Fault>,
}

/// What a command line asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Arguments {
    /// To print [`HELP`].
    Help,
    /// To run.
    Run(Options),
}

/// Reads a command line without the program's name; `environment` gives a variable.
///
/// # Errors
/// What is wrong with it, and what to write instead.
pub fn parse(
    arguments: impl IntoIterator<Item = String>,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Arguments, String> {
    let mut given = Given::default();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (name, inline) = match argument.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        };
        if name == "-h" || name == "--help" {
            return Ok(Arguments::Help);
        }
        let place = given.place(&name).ok_or_else(|| format!("there is no option `{name}`"))?;
        let value = inline.or_else(|| arguments.next());
        let value = value.filter(|value| !value.is_empty());
        *place = Some(value.ok_or_else(|| format!("`{name}` needs a value"))?);
    }
    options(given, environment).map(Arguments::Run)
}

/// The options as they are written.
#[derive(Default)]
struct Given {
    backend: Option<String>,
    dir: Option<String>,
    control: Option<String>,
    run: Option<String>,
    token: Option<String>,
    wait: Option<String>,
}

impl Given {
    fn place(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "--backend" => &mut self.backend,
            "--dir" => &mut self.dir,
            "--control" => &mut self.control,
            "--run" => &mut self.run,
            "--token" => &mut self.token,
            "--wait" => &mut self.wait,
            _ => return None,
        })
    }
}

fn options(given: Given, environment: impl Fn(&str) -> Option<String>) -> Result<Options, String> {
    let Given { backend, dir, control, run, token, wait } = given;
    if let Some(other) = backend.filter(|backend| backend != "std") {
        return Err(format!("there is no backend `{other}` on this system: it is `std`"));
    }
    let dir = dir.map(PathBuf::from);
    let control = control.or_else(|| environment(CONTROL_VARIABLE));
    let run = run.or_else(|| environment(RUN_VARIABLE));
    let token = token.or_else(|| environment(TOKEN_VARIABLE));
    let (control, run, token) = match (control, run, token) {
        (Some(control), Some(run), Some(token)) => (control, run, token),
        (None, None, None) => {
            // As a process that the system starts without the host.
            let kept = dir.as_deref().and_then(orders::load);
            let kept = kept.ok_or(
                "nobody said which host to ask for orders\n\
                 Give --control HOST:PORT, --run NONCE and --token TOKEN, or let \
                 `holdline device run SCENARIO --device fake` start it.",
            )?;
            (kept.control, kept.run, kept.token)
        }
        (control, run, token) => {
            let given = [("--control", control), ("--run", run), ("--token", token)];
            let missing: Vec<&str> =
                given.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
            return Err(format!(
                "{} missing: --control, --run and --token go together",
                missing.join(" and ")
            ));
        }
    };
    if !plain(&run) {
        return Err(format!("`{run}` is no nonce of a run: letters, digits and hyphens make one"));
    }
    let dir = dir.unwrap_or_else(|| std::env::temp_dir().join(format!("holdline-agent-{run}")));
    let wait = match wait {
        None => WAIT,
        Some(text) => text
            .parse()
            .map(Duration::from_secs)
            .map_err(|_| format!("--wait {text}: write whole seconds, as --wait 20"))?,
    };
    let fault = environment(FAULT_VARIABLE).map(|fault| fault_of(&fault)).transpose()?;
    Ok(Options { dir, control, run, token, wait, fault })
}

/// Whether a nonce can be part of a file's name.
fn plain(run: &str) -> bool {
    run.len() <= 128 && run.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn fault_of(text: &str) -> Result<Fault, String> {
    Ok(match text {
        "no-hello" => Fault::NoHello,
        "wrong-nonce" => Fault::WrongNonce,
        "exit" => Fault::Exit,
        "abort" => Fault::Abort,
        "hang" => Fault::Hang,
        _ => {
            return Err(format!(
                "{FAULT_VARIABLE}={text}: it is no-hello, wrong-nonce, exit, abort or hang"
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str, environment: &[(&str, &str)]) -> Result<Arguments, String> {
        let known = |name: &str| {
            let found = environment.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        parse(line.split_whitespace().map(str::to_owned), known)
    }

    fn options(line: &str, environment: &[(&str, &str)]) -> Options {
        match read(line, environment) {
            Ok(Arguments::Run(options)) => options,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn options_win_over_the_environment() {
        let line = "--control 127.0.0.1:1 --run=a1 --token t --dir /tmp/x --wait 3 --backend std";
        let here = options(line, &[(RUN_VARIABLE, "b2")]);
        assert_eq!((here.run.as_str(), here.wait), ("a1", Duration::from_secs(3)));
        let environment = [
            (CONTROL_VARIABLE, "127.0.0.1:1"),
            (RUN_VARIABLE, "b2"),
            (TOKEN_VARIABLE, "t"),
            (FAULT_VARIABLE, "hang"),
        ];
        let there = options("", &environment);
        assert_eq!((there.run.as_str(), there.fault), ("b2", Some(Fault::Hang)));
        assert!(there.dir.ends_with("holdline-agent-b2"));
        assert_eq!(read("--help", &[]), Ok(Arguments::Help));
    }

    #[test]
    fn what_is_wrong_is_said_with_what_to_write_instead() {
        for (line, says) in [
            ("", "Give --control HOST:PORT"),
            ("--control 127.0.0.1:1", "--run and --token missing"),
            ("--backend ios", "no backend `ios`"),
            ("--speed 3", "no option `--speed`"),
            ("--dir", "`--dir` needs a value"),
            ("--control a:1 --run ../b --token t", "no nonce"),
            ("--control a:1 --run b --token t --wait x", "whole seconds"),
        ] {
            let told = read(line, &[]).unwrap_err();
            assert!(told.contains(says), "{line}: {told}");
        }
        let line = "--control a:1 --run b --token t";
        assert!(read(line, &[(FAULT_VARIABLE, "x")]).unwrap_err().contains("no-hello"));
    }

    #[test]
    fn the_help_fits_a_terminal() {
        for line in HELP.lines() {
            assert!(line.len() < 80, "{line}");
        }
    }
}
