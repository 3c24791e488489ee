//! The client of a running server's control API: what `push`, `devices`, `drop` and `server` share.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::exit::CliError;
use crate::wire::is_device_name;

/// How long the server may take, all in all.
const WITHIN: Duration = Duration::from_secs(40);
/// How long connecting may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// No answer is longer: the longest page has some hundred kilobytes.
const MOST_ANSWER: usize = 16 << 20;

/// Which server, and the right to control it.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "The server")]
pub(super) struct ControlArgs {
    /// Where the control API of the server is
    #[arg(
        long,
        value_name = "URL",
        env = "HOLDLINE_CONTROL",
        default_value = "http://127.0.0.1:7401"
    )]
    control: String,

    /// The token of the server
    #[arg(long, value_name = "TOKEN", env = "HOLDLINE_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// What one command asks.
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) path: String,
    /// For no body, `Value::Null`.
    pub(super) body: Value,
}

impl Ask {
    pub(super) fn get(path: impl Into<String>) -> Ask {
        Ask { method: Method::GET, path: path.into(), body: Value::Null }
    }

    pub(super) fn post(path: impl Into<String>, body: Value) -> Ask {
        Ask { method: Method::POST, path: path.into(), body }
    }
}

/// The path of one device, or of all.
pub(super) fn path_of(device: Option<&str>, what: &str) -> Result<String, CliError> {
    let Some(device) = device else { return Ok(format!("/v1/{what}")) };
    if !is_device_name(device) {
        return Err(CliError::WrongInput(format!(
            "`{device}` is no name of a device: it is 1 to 64 of `A-Z a-z 0-9 . _ : @ -`"
        )));
    }
    let what = if what.is_empty() { String::new() } else { format!("/{what}") };
    Ok(format!("/v1/devices/{device}{what}"))
}

impl ControlArgs {
    /// Asks the server, and waits for its answer.
    ///
    /// # Errors
    /// Wrong input when the server says so, the environment when there is no answer.
    pub(super) fn ask(&self, ask: Ask) -> Result<Value, CliError> {
        let url = self.url()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime
            .map_err(|error| CliError::Environment(format!("no runtime for sockets: {error}")))?;
        let answer = runtime.block_on(async { timeout(WITHIN, self.exchange(&url, ask)).await });
        let (status, body) =
            answer.unwrap_or_else(|_| Err(self.unreachable("no answer in time")))?;
        if status == StatusCode::NO_CONTENT {
            return Ok(Value::Null);
        }
        let body: Value = serde_json::from_slice(&body).map_err(|_| self.stranger())?;
        if status.is_success() { Ok(body) } else { Err(self.refused(status, &body)) }
    }

    /// The host and port of the URL; the path behind them, if any, is in front of each path.
    fn url(&self) -> Result<Uri, CliError> {
        let wrong = |why: String| {
            CliError::WrongInput(format!(
                "--control `{}` {why}; write for example http://127.0.0.1:7401",
                self.control
            ))
        };
        let url: Uri =
            self.control.parse().map_err(|error| wrong(format!("is no URL ({error})")))?;
        if url.scheme_str() != Some("http") || url.host().is_none() {
            return Err(wrong("does not begin with http://".into()));
        }
        Ok(url)
    }

    async fn exchange(&self, url: &Uri, ask: Ask) -> Result<(StatusCode, Bytes), CliError> {
        let failed = |error: &dyn std::fmt::Display| self.unreachable(&error.to_string());
        let host = url.host().unwrap_or_default();
        // An address of IPv6 stands in brackets in a URL, and without them everywhere else.
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let connecting = TcpStream::connect((bare, url.port_u16().unwrap_or(80)));
        let stream = match timeout(CONNECT_WITHIN, connecting).await {
            Ok(connected) => connected.map_err(|error| failed(&error))?,
            Err(_) => return Err(self.unreachable("it does not answer")),
        };
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| failed(&error))?;
        // Its errors are those of the request, too.
        tokio::spawn(async move { drop(connection.await) });
        let body = if ask.body.is_null() { String::new() } else { ask.body.to_string() };
        let path = url.path().trim_end_matches('/').to_owned() + &ask.path;
        let mut request = Request::builder()
            .method(ask.method)
            .uri(path)
            .header(header::HOST, url.authority().map_or("", |authority| authority.as_str()))
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|_| {
            CliError::WrongInput("the token or the device has characters that HTTP has not".into())
        })?;
        let response = sender.send_request(request).await.map_err(|error| failed(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MOST_ANSWER).collect().await;
        Ok((status, body.map_err(|error| failed(&error))?.to_bytes()))
    }

    fn unreachable(&self, why: &str) -> CliError {
        CliError::Environment(format!(
            "the server's control API at {} cannot be reached ({why}): start it with `holdline \
             serve --control 7401`, or say where it is with --control or HOLDLINE_CONTROL",
            self.control
        ))
    }

    fn stranger(&self) -> CliError {
        CliError::Environment(format!(
            "what answers at {} is no control API of holdline: say where that is with --control \
             or HOLDLINE_CONTROL",
            self.control
        ))
    }

    fn refused(&self, status: StatusCode, body: &Value) -> CliError {
        let (Some(error), Some(message)) = (body["error"].as_str(), body["message"].as_str())
        else {
            return self.stranger();
        };
        if status == StatusCode::UNAUTHORIZED {
            let had =
                if self.token.is_some() { "this token is not its own" } else { "it wants one" };
            return CliError::WrongInput(format!(
                "the server refuses ({had}): give its token with --token or HOLDLINE_TOKEN; \
                 `holdline serve` prints it when it makes one"
            ));
        }
        let message = match error {
            "unknown-device" => {
                "no such device is connected or has pushes waiting; `holdline devices` lists them"
            }
            "not-connected" => "the device is not connected",
            _ => message,
        };
        let ours = status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS;
        if ours {
            CliError::WrongInput(message.to_owned())
        } else {
            CliError::Environment(message.to_owned())
        }
    }
}

/// Of how many devices the server says it did it, in words.
pub(super) fn devices_in(answer: &Value) -> String {
    crate::report::human::plural(answer["devices"].as_u64().unwrap_or(0), "device")
}
