//! A request's bytes as what is asked, or why not. Nothing here can panic, whatever the bytes are: a fuzz target
//! and a test hold that.

use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::problem::{NAME, Problem};
use super::routes::Call;
use crate::live::server::api::To;
use crate::port::Span;
use crate::server::DropHow;
use crate::trace::RestartKind;
use crate::wire::is_device_name;

/// The parts of a request that say what is asked.
#[derive(Copy, Clone, PartialEq, Eq, Default, Debug)]
pub struct Parts<'a> {
    /// `{device}` of the path, decoded.
    pub device: &'a str,
    /// `{id}` of the path, decoded.
    pub id: &'a str,
    /// What is behind `?`.
    pub query: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// What is asked, checked as far as that is possible without the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// Is the server there?
    Health,
    /// The counters, for Prometheus.
    Metrics,
    /// The description.
    OpenApi,
    /// The counters.
    Stats,
    /// A page of devices.
    Devices {
        /// At most so many.
        limit: usize,
        /// After this one.
        after: Option<String>,
    },
    /// One device.
    Device(String),
    /// A push.
    Push {
        /// To whom.
        to: To,
        /// One line.
        payload: String,
        /// How long it is worth delivering.
        ttl: Option<Span>,
    },
    /// Withdraw a push.
    Cancel {
        /// For which device.
        device: String,
        /// The push.
        id: u64,
    },
    /// A sign of life.
    Heartbeat(To),
    /// End connections.
    Drop {
        /// Whose.
        to: To,
        /// How.
        how: DropHow,
    },
    /// Go down and come back.
    Restart {
        /// How.
        how: RestartKind,
        /// For how long.
        down_for: Span,
    },
    /// Send everybody away and end.
    Drain {
        /// How long they have.
        grace: Span,
    },
}

/// Devices of a page that does not say how many.
const PAGE: usize = 100;
/// Devices of the longest page.
const MOST_OF_A_PAGE: usize = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageOf {
    limit: Option<usize>,
    after: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Push {
    payload: String,
    ttl: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Drop {
    how: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restart {
    how: Option<String>,
    down_for: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Drain {
    grace: Option<String>,
}

/// Reads what is asked.
///
/// # Errors
/// What is wrong with the request, and what to do about it.
pub fn read(call: Call, parts: Parts<'_>) -> Result<Asked, Problem> {
    let all = || Ok(To::All);
    let one = || device(parts.device).map(To::Device);
    if call != Call::Devices {
        let Nothing {} = query(parts.query, "this path takes no query")?;
    }
    match call {
        Call::Health => Ok(Asked::Health),
        Call::Metrics => Ok(Asked::Metrics),
        Call::OpenApi => Ok(Asked::OpenApi),
        Call::Stats => Ok(Asked::Stats),
        Call::Devices => devices(parts.query),
        Call::Device => Ok(Asked::Device(device(parts.device)?)),
        Call::Push => push(one()?, parts.body),
        Call::PushAll => push(To::All, parts.body),
        Call::Cancel => Ok(Asked::Cancel { device: device(parts.device)?, id: id(parts.id)? }),
        Call::Heartbeat => heartbeat(one()?, parts.body),
        Call::HeartbeatAll => heartbeat(all()?, parts.body),
        Call::Drop => drop_connection(one()?, parts.body),
        Call::DropAll => drop_connection(all()?, parts.body),
        Call::Restart => {
            let Restart { how, down_for } =
                body(parts.body, r#"{"how": "process", "down_for": "30s"}"#)?;
            let how = word("how", how, RestartKind::Process, RestartKind::parse, || {
                RestartKind::SPELLINGS
            })?;
            let down_for = span("down_for", down_for)?.unwrap_or(Span::from_secs(1));
            Ok(Asked::Restart { how, down_for })
        }
        Call::Drain => {
            let Drain { grace } = body(parts.body, r#"{"grace": "5s"}"#)?;
            let grace = span("grace", grace)?.unwrap_or(Span::from_secs(5));
            Ok(Asked::Drain { grace })
        }
    }
}

fn devices(text: &str) -> Result<Asked, Problem> {
    let PageOf { limit, after } = query(text, "write for example ?limit=100&after=alice")?;
    let limit = limit.unwrap_or(PAGE);
    if !(1..=MOST_OF_A_PAGE).contains(&limit) {
        let message = format!("`limit` is 1 to {MOST_OF_A_PAGE}; go on with `after`");
        return Err(Problem::wrong("query", message));
    }
    let after = after.map(|after| device(&after)).transpose()?;
    Ok(Asked::Devices { limit, after })
}

fn push(to: To, bytes: &[u8]) -> Result<Asked, Problem> {
    let Push { payload, ttl } = body(bytes, r#"{"payload": "hello", "ttl": "10m"}"#)?;
    Ok(Asked::Push { to, payload, ttl: span("ttl", ttl)? })
}

fn heartbeat(to: To, bytes: &[u8]) -> Result<Asked, Problem> {
    let Nothing {} = body(bytes, "{}")?;
    Ok(Asked::Heartbeat(to))
}

fn drop_connection(to: To, bytes: &[u8]) -> Result<Asked, Problem> {
    let Drop { how } = body(bytes, r#"{"how": "reset"}"#)?;
    let how = word("how", how, DropHow::Fin, DropHow::parse, || DropHow::SPELLINGS)?;
    Ok(Asked::Drop { to, how })
}

fn device(name: &str) -> Result<String, Problem> {
    if is_device_name(name) {
        return Ok(name.to_owned());
    }
    Err(Problem::wrong("device-name", NAME))
}

fn id(text: &str) -> Result<u64, Problem> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|_| digits)
        .ok_or_else(|| Problem::wrong("id", "a push's id is the number that accepting it answered"))
}

/// The body as JSON; none at all is an empty object.
fn body<T: DeserializeOwned>(bytes: &[u8], example: &str) -> Result<T, Problem> {
    let bytes = if bytes.trim_ascii().is_empty() { b"{}" } else { bytes };
    let wrong = |why: &dyn std::fmt::Display| {
        let message = format!("the body is not what it should be ({why}); for example {example}");
        Problem::wrong("body", message)
    };
    // serde would take the fields in a list, too.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(wrong(&"it is no JSON object"));
    }
    serde_json::from_slice(bytes).map_err(|error| wrong(&error))
}

fn query<T: DeserializeOwned>(text: &str, hint: &str) -> Result<T, Problem> {
    let wrong =
        |why: String| Problem::wrong("query", format!("the query is wrong ({why}); {hint}"));
    let uri: Uri = format!("/?{text}")
        .parse()
        .map_err(|error: axum::http::uri::InvalidUri| wrong(error.to_string()))?;
    let Query(read) = Query::try_from_uri(&uri).map_err(|error| wrong(error.body_text()))?;
    Ok(read)
}

fn span(field: &str, text: Option<String>) -> Result<Option<Span>, Problem> {
    let parsed = text.map(|text| Span::parse(&text)).transpose();
    parsed.map_err(|why| Problem::wrong("duration", format!("`{field}`: {why}")))
}

fn word<T>(
    field: &str,
    text: Option<String>,
    default: T,
    parse: impl Fn(&str) -> Option<T>,
    spellings: impl Fn() -> &'static [&'static str],
) -> Result<T, Problem> {
    let Some(text) = text else { return Ok(default) };
    parse(&text).ok_or_else(|| {
        let message = format!("`{field}` is one of {}", spellings().join(", "));
        Problem::wrong("word", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(call: Call, device: &str, body: &str) -> Result<Asked, String> {
        let parts = Parts { device, id: "7", query: "", body: body.as_bytes() };
        read(call, parts).map_err(|problem| problem.message)
    }

    #[test]
    fn no_body_is_an_empty_object_and_what_is_absent_has_a_default() {
        let expected = Asked::Restart { how: RestartKind::Process, down_for: Span::from_secs(1) };
        assert_eq!(asked(Call::Restart, "", ""), Ok(expected.clone()));
        assert_eq!(asked(Call::Restart, "", " {}\n"), Ok(expected));
        assert_eq!(
            asked(Call::DropAll, "", ""),
            Ok(Asked::Drop { to: To::All, how: DropHow::Fin })
        );
    }

    #[test]
    fn a_field_that_nobody_knows_is_named() {
        let wrong = asked(Call::PushAll, "", r#"{"payload": "x", "tll": "10m"}"#).unwrap_err();
        assert!(wrong.contains("tll") && wrong.contains("for example"), "{wrong}");
        let parts = Parts { query: "limt=1", ..Parts::default() };
        let wrong = read(Call::Devices, parts).unwrap_err();
        assert!(wrong.message.contains("limt"), "{wrong:?}");
    }

    #[test]
    fn a_list_or_half_an_object_is_no_body() {
        for body in ["[]", "[\"x\"]", "\"x\"", "null", "{", "{} {}", "{\"payload\": 1}"] {
            assert!(asked(Call::PushAll, "", body).is_err(), "{body}");
        }
    }

    #[test]
    fn a_duration_without_a_unit_is_refused_with_a_suggestion() {
        let wrong = asked(Call::Push, "a", r#"{"payload": "x", "ttl": "10"}"#).unwrap_err();
        assert!(wrong.contains("`ttl`") && wrong.contains("10s"), "{wrong}");
    }

    #[test]
    fn an_id_is_digits_and_fits() {
        assert_eq!(id("18446744073709551615"), Ok(u64::MAX));
        for wrong in ["", "+1", "-1", "1.0", "18446744073709551616", "0x1"] {
            assert_eq!(id(wrong).unwrap_err().error, "id", "{wrong}");
        }
    }

    #[test]
    fn a_page_has_bounds() {
        for query in ["limit=0", "limit=1001", "limit=-1", "limit=1&limit=2", "after=%20"] {
            assert!(read(Call::Devices, Parts { query, ..Parts::default() }).is_err(), "{query}");
        }
    }
}
