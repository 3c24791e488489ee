//! What comes to an agent as text: where its host and its server are, and what a push is called.

use crate::device::Endpoint;
use crate::port::PushId;
use crate::trace::Names;

/// The host of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Who {
    /// Where its control channel is, as `HOST:PORT`.
    pub control: String,
    /// The nonce of the run.
    pub run: String,
    /// The token of the run.
    pub token: String,
}

impl Who {
    /// The host that a URL names, as `holdline://HOST:PORT/RUN/TOKEN`.
    pub fn of_url(url: &str) -> Option<Who> {
        let rest = url.strip_prefix("holdline://")?;
        let mut parts = rest.trim_end_matches('/').split('/').map(str::to_owned);
        let (control, run, token) = (parts.next()?, parts.next()?, parts.next()?);
        let whole =
            parts.next().is_none() && ![&control, &run, &token].iter().any(|part| part.is_empty());
        whole.then_some(Who { control, run, token })
    }
}

/// The place that `HOST:PORT` names; an IPv6 address stands in brackets.
///
/// # Errors
/// What is to be written instead.
pub fn endpoint(text: &str) -> Result<Endpoint, String> {
    let wrong = || format!("`{text}` is no server: it is HOST:PORT");
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = port.parse().map_err(|_| wrong())?;
    if host.is_empty() { Err(wrong()) } else { Ok(Endpoint { host: host.to_owned(), port }) }
}

/// The push of this name, as a log calls it: a member of a series carries its number.
pub fn push_of(names: &Names, name: &str) -> Option<PushId> {
    let place = |name: &str| {
        let place = names.pushes.iter().position(|known| known == name)?;
        u32::try_from(place).ok()
    };
    if let Some(name) = place(name) {
        return Some(PushId { name, member: 0 });
    }
    let (series, member) = name.rsplit_once('-')?;
    let member = member.parse().ok().filter(|member| *member > 0)?;
    Some(PushId { name: place(series)?, member })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_host_or_nothing() {
        let who = Who::of_url("holdline://10.0.0.2:7000/abc/xyz").unwrap();
        assert_eq!(who.control, "10.0.0.2:7000");
        assert_eq!((who.run.as_str(), who.token.as_str()), ("abc", "xyz"));
        let slash = Who::of_url("holdline://[fe80::1]:7000/abc/xyz/").unwrap();
        assert_eq!(slash.control, "[fe80::1]:7000");
        for url in
            ["http://a:1/b/c", "holdline://a:1/b", "holdline://a:1//c", "holdline://a:1/b/c/d"]
        {
            assert_eq!(Who::of_url(url), None, "{url}");
        }
    }

    #[test]
    fn a_server_is_a_host_and_a_port() {
        let host = |text| endpoint(text).map(|to| (to.host, to.port));
        assert_eq!(host("10.0.0.2:7000"), Ok(("10.0.0.2".to_owned(), 7000)));
        assert_eq!(host("[::1]:7000"), Ok(("::1".to_owned(), 7000)));
        for text in ["10.0.0.2", ":7000", "a:b", "a:70000"] {
            assert!(host(text).unwrap_err().contains("HOST:PORT"), "{text}");
        }
    }

    #[test]
    fn a_push_is_found_by_the_name_that_the_log_has() {
        let names = Names { pushes: vec!["call".into(), "call-2".into(), "mail".into()] };
        for (name, member) in [(0, 0), (0, 7), (1, 0), (2, 3)] {
            let push = PushId { name, member };
            assert_eq!(push_of(&names, &names.push(push)), Some(push));
        }
        for unknown in ["other", "other-1", "mail-0", "mail-x"] {
            assert_eq!(push_of(&names, unknown), None, "{unknown}");
        }
    }
}
