//! Options that name a server which runs elsewhere.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::dialect;
use super::exit::CliError;
use super::overrides::quoted;
use crate::live::world::Server;
use crate::port::Span;
use crate::wire::PORT;
use crate::wire::dialect::Vars;

/// A server that runs elsewhere.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "A server that runs elsewhere")]
pub(super) struct ElsewhereArgs {
    /// Use the server at this address; the port is the dialect's usual one when absent
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(super) connect: Option<String>,

    /// What it speaks: a dialect that comes with holdline, or a file [default: our own protocol]
    #[arg(long, value_name = "NAME|FILE", requires = "connect")]
    dialect: Option<String>,

    /// Whom to log in as
    #[arg(long, requires = "connect")]
    user: Option<String>,

    /// The password; for a server of ours, the token that lets publish
    #[arg(long, env = "HOLDLINE_PASSWORD", hide_env_values = true)]
    password: Option<String>,

    /// The domain that the server stands for; the host when absent
    #[arg(long, requires = "connect")]
    domain: Option<String>,

    /// How often the client promises a sign of life, in dialects that say so
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = Span::parse)]
    keep_alive: Span,
}

impl ElsewhereArgs {
    /// The options again, for a command that does the same; the password is not told.
    pub(super) fn words(&self) -> String {
        let options = [
            ("connect", &self.connect),
            ("dialect", &self.dialect),
            ("user", &self.user),
            ("domain", &self.domain),
        ];
        let given = options.into_iter().filter_map(|(name, value)| {
            value.as_ref().map(|value| format!(" --{name} {}", quoted(value)))
        });
        given.collect()
    }

    /// The server, if one is named; `usual` is the dialect where none is.
    ///
    /// # Errors
    /// [`CliError`] when the dialect or the host cannot be had.
    pub(super) fn server(&self, usual: Option<&str>) -> Result<Option<Server>, CliError> {
        let Some(connect) = &self.connect else { return Ok(None) };
        let name = self.dialect.as_deref().or(usual);
        let dialect = name.map(dialect::read).transpose()?;
        let port = dialect.as_ref().map_or(PORT, |dialect| dialect.port());
        let (host, port) = super::dialect_try::host_and_port(connect, port)?;
        let vars = Vars {
            device: String::new(),
            user: self.user.clone(),
            password: self.password.clone(),
            domain: self.domain.clone().unwrap_or_else(|| host.clone()),
            keep_alive: self.keep_alive,
        };
        Ok(Some(Server { address: resolve(&host, port)?, dialect, vars }))
    }
}

/// The address of `host` at which somebody answers now, or the first if nobody does: a name may stand for several,
/// and a server may listen at one of them.
fn resolve(host: &str, port: u16) -> Result<SocketAddr, CliError> {
    let cannot = |why: String| CliError::WrongInput(format!("{host} cannot be resolved: {why}"));
    let found = (host, port).to_socket_addrs().map_err(|error| cannot(error.to_string()))?;
    let found: Vec<SocketAddr> = found.collect();
    let answers = |address: &&SocketAddr| TcpStream::connect_timeout(address, PATIENCE).is_ok();
    let only = found.len() < 2;
    let chosen = if only { found.first() } else { found.iter().find(answers).or(found.first()) };
    chosen.copied().ok_or_else(|| cannot("it has no address".into()))
}

/// An address that does not answer for so long is not the one.
const PATIENCE: Duration = Duration::from_secs(1);
