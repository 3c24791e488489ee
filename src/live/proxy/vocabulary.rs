//! The table of faults: one row a name, with its parameters. Texts and JSON are read by it.

use super::fault::{Direction, EndHow, Ends, Fault, FaultSpec, On, RefuseHow};
use crate::net::NatExpiry;
use crate::port::Span;
use crate::settings::{Dist, Scalar, Setting, nearest};

/// One parameter of a fault.
#[derive(Copy, Clone, Debug)]
pub struct FaultKey {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub doc: &'static str,
    /// A value, for an example.
    pub example: &'static str,
}

/// One row of the table of faults.
pub struct FaultInfo {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Its parameters.
    pub keys: &'static [FaultKey],
    make: fn(&Args<'_>) -> Result<Fault, String>,
}

const fn key(name: &'static str, example: &'static str, doc: &'static str) -> FaultKey {
    FaultKey { name, doc, example }
}

const DIRECTION: FaultKey =
    key("direction", "to-client", "Which bytes: both (default), to-server, to-client.");
const ON_EXPIRY: FaultKey = key("on-expiry", "reset", "Then: silent (default), reset, recreate.");
const TO: FaultKey = key("to", "client", "Which ends are told: both (default), client, server.");
const HOW: FaultKey = key("how", "reset", "fin or reset.");

/// Beside its own parameters every fault has this one.
pub const ON: FaultKey = key("on", "new", "Which connections: all (default), new, or a number.");

/// Every fault of the proxy.
pub const FAULTS: &[FaultInfo] = &[
    FaultInfo {
        name: "silence",
        doc: "Bytes are held, not forwarded and not lost; they go on in order when it is removed.",
        keys: &[DIRECTION],
        make: |args| Ok(Fault::Silence { direction: args.or("direction", Direction::Both)? }),
    },
    FaultInfo {
        name: "delay",
        doc: "Bytes are under way for longer; their order is kept.",
        keys: &[
            key("latency", "80ms", "One direction: a duration or a distribution."),
            key("jitter", "uniform(0ms, 20ms)", "Added to that; none when absent."),
            DIRECTION,
        ],
        make: |args| {
            let direction = args.or("direction", Direction::Both)?;
            let jitter = args.or("jitter", Dist::default())?;
            Ok(Fault::Delay { direction, latency: args.need("latency")?, jitter })
        },
    },
    FaultInfo {
        name: "bandwidth",
        doc: "No more bytes than so many in a second, each direction for itself.",
        keys: &[key("rate", "16000", "Bytes in a second; 16k is 16000."), DIRECTION],
        make: |args| {
            let rate =
                args.text("rate").ok_or("`bandwidth` needs rate=, for example rate=16000")?;
            Ok(Fault::Bandwidth {
                direction: args.or("direction", Direction::Both)?,
                rate: rate_of(rate)?,
            })
        },
    },
    FaultInfo {
        name: "refuse",
        doc: "New connections are refused.",
        keys: &[key("how", "reset", "close (default): nobody listens. reset: taken, and RST.")],
        make: |args| Ok(Fault::Refuse { how: args.or("how", RefuseHow::Close)? }),
    },
    FaultInfo {
        name: "accept-silent",
        doc: "New connections are taken and acknowledged, and never answered; the server is not asked.",
        keys: &[],
        make: |_| Ok(Fault::AcceptSilent),
    },
    FaultInfo {
        name: "nat-forget",
        doc: "Connections without a byte for so long are dead both ways; `now`: all of them, at once.",
        keys: &[
            key("idle-timeout", "5m", "After so long without a byte."),
            key("now", "true", "In place of idle-timeout."),
            ON_EXPIRY,
        ],
        make: |args| {
            let on_expiry = args.or("on-expiry", NatExpiry::Silent)?;
            match (args.flag("now")?, args.maybe::<Span>("idle-timeout")?) {
                (true, None) => Ok(Fault::NatForgetNow { on_expiry }),
                (false, Some(Span::ZERO)) => Err("idle-timeout is longer than zero".into()),
                (false, Some(idle_timeout)) => Ok(Fault::NatForget { idle_timeout, on_expiry }),
                (true, Some(_)) | (false, None) => {
                    Err("`nat-forget` needs either idle-timeout=5m or now".into())
                }
            }
        },
    },
    FaultInfo {
        name: "close-after",
        doc: "Connections end when they are so old, whatever goes over them.",
        keys: &[key("after", "30s", "Counted from when the client connected."), HOW],
        make: |args| {
            let how = args.or("how", EndHow::Fin)?;
            Ok(Fault::CloseAfter { after: args.need("after")?, how })
        },
    },
    FaultInfo {
        name: "reset",
        doc: "At once: RST. An end that does not get it is told nothing.",
        keys: &[TO],
        make: |args| Ok(Fault::Reset { to: args.or("to", Ends::Both)? }),
    },
    FaultInfo {
        name: "close",
        doc: "At once: FIN. An end that does not get it is told nothing.",
        keys: &[TO],
        make: |args| Ok(Fault::Close { to: args.or("to", Ends::Both)? }),
    },
    FaultInfo {
        name: "half-open",
        doc: "At once: the server's side ends, the client is told nothing.",
        keys: &[
            key("how", "reset", "How the server's side ends: fin (default) or reset."),
            key("then-reset", "true", "Later bytes of the client are answered with RST."),
        ],
        make: |args| {
            let how = args.or("how", EndHow::Fin)?;
            Ok(Fault::HalfOpen { how, then_reset: args.flag("then-reset")? })
        },
    },
];

/// Bytes in a second: `16000`, `16k`, `2M`.
fn rate_of(text: &str) -> Result<u64, String> {
    let (number, times) = match text.strip_suffix('k') {
        Some(number) => (number, 1_000),
        None => text.strip_suffix('M').map_or((text, 1), |number| (number, 1_000_000)),
    };
    let rate = number.replace('_', "").parse::<u64>().ok().and_then(|n| n.checked_mul(times));
    rate.filter(|rate| (1..=1_000_000_000_000).contains(rate)).ok_or_else(|| {
        format!("`{text}` is no rate; write bytes in a second, for example 16000 or 16k")
    })
}

/// The parameters of a fault as they were written.
pub(super) struct Args<'a> {
    pub(super) given: &'a [(String, String)],
}

impl Args<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.given.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn maybe<T: Setting>(&self, name: &str) -> Result<Option<T>, String> {
        let read = |text: &str| T::read(&Scalar::Text(text.to_owned()));
        self.text(name).map(read).transpose().map_err(|why| format!("{name}: {why}"))
    }

    fn or<T: Setting>(&self, name: &str, default: T) -> Result<T, String> {
        Ok(self.maybe(name)?.unwrap_or(default))
    }

    fn need<T: Setting>(&self, name: &str) -> Result<T, String> {
        self.maybe(name)?.ok_or_else(|| format!("{name}= is missing"))
    }

    fn flag(&self, name: &str) -> Result<bool, String> {
        match self.text(name) {
            None | Some("false") => Ok(false),
            Some("" | "true") => Ok(true),
            Some(other) => Err(format!("{name}: expected true or false, found `{other}`")),
        }
    }
}

impl FaultSpec {
    /// Reads a fault as it is written: `delay latency=80ms jitter=uniform(0ms, 20ms) on=new`.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<FaultSpec, String> {
        let mut words = words_of(text).into_iter();
        let name = words.next().ok_or("a fault begins with its name, for example `silence`")?;
        let given: Vec<(String, String)> = words
            .map(|word| match word.split_once('=') {
                Some((key, value)) => (key.to_owned(), value.to_owned()),
                None => (word, String::new()),
            })
            .collect();
        FaultSpec::of(&name, &given)
    }

    /// The fault called `name` with these parameters.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn of(name: &str, given: &[(String, String)]) -> Result<FaultSpec, String> {
        let names = || FAULTS.iter().map(|row| row.name);
        let row = FAULTS.iter().find(|row| row.name == name).ok_or_else(|| {
            let known = names().collect::<Vec<_>>().join(", ");
            match nearest(name, names()) {
                Some(near) => format!("there is no fault `{name}`; did you mean `{near}`?"),
                None => format!("there is no fault `{name}`; there are {known}"),
            }
        })?;
        for (place, (key, _)) in given.iter().enumerate() {
            let known = || row.keys.iter().chain([&ON]).map(|key| key.name);
            if !known().any(|name| name == key) {
                let known = known().collect::<Vec<_>>().join(", ");
                return Err(format!("`{name}` has no `{key}`; it has {known}"));
            }
            if given[..place].iter().any(|(before, _)| before == key) {
                return Err(format!("`{key}` is given twice"));
            }
        }
        let args = Args { given };
        let on = match args.text("on") {
            None | Some("all") => On::All,
            Some("new") => On::New,
            Some(number) => On::Connection(number.parse().map_err(|_| {
                format!("on: expected all, new or the number of a connection, found `{number}`")
            })?),
        };
        let fault = (row.make)(&args).map_err(|why| format!("{name}: {why}"))?;
        Ok(FaultSpec { fault, on })
    }
}

/// The words of `text`; spaces in brackets and quotes part nothing.
fn words_of(text: &str) -> Vec<String> {
    let (mut words, mut word, mut depth, mut quoted) = (Vec::new(), String::new(), 0_u32, false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && depth == 0 && !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => {
                match c {
                    '(' => depth += 1,
                    ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                word.push(c);
            }
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_row_reads_with_its_examples_and_is_shown_as_it_is_read() {
        for row in FAULTS {
            let keys = row.keys.iter().chain([&ON]);
            // One of these two, not both.
            for left_out in ["now", "idle-timeout"] {
                let given: Vec<(String, String)> = keys
                    .clone()
                    .filter(|key| key.name != left_out)
                    .map(|key| (key.name.to_owned(), key.example.to_owned()))
                    .collect();
                let spec = FaultSpec::of(row.name, &given).unwrap();
                assert_eq!(spec.fault.name(), row.name);
                assert_eq!(FaultSpec::parse(&spec.to_string()), Ok(spec.clone()), "{spec}");
                for (key, _) in spec.fault.parameters() {
                    assert!(row.keys.iter().any(|known| known.name == key), "{spec}");
                }
            }
        }
    }

    #[test]
    fn spaces_in_brackets_and_quotes_belong_to_the_value() {
        let text = "delay latency=uniform(20ms, 80ms) jitter=\"1s 500ms\"";
        let spec = FaultSpec::parse(text).unwrap();
        assert_eq!(
            spec.to_string(),
            "delay latency=uniform(20ms, 80ms) jitter=1.5s direction=both"
        );
    }

    #[test]
    fn a_mistake_says_what_is_wrong() {
        for (text, found) in [
            ("", "begins with its name"),
            ("silense", "did you mean `silence`?"),
            ("silence on=soon", "number of a connection"),
            ("silence direction=up", "use one of"),
            ("silence latency=1s", "`silence` has no `latency`; it has direction, on"),
            ("silence on=1 on=2", "given twice"),
            ("delay", "latency= is missing"),
            ("delay latency=80", "has no unit"),
            ("bandwidth", "needs rate="),
            ("bandwidth rate=0", "is no rate"),
            ("bandwidth rate=99999999999999999999k", "is no rate"),
            ("nat-forget", "either idle-timeout=5m or now"),
            ("nat-forget now idle-timeout=5m", "either idle-timeout=5m or now"),
            ("nat-forget idle-timeout=0s", "longer than zero"),
            ("half-open then-reset=perhaps", "true or false"),
            ("close-after how=fin", "after= is missing"),
        ] {
            let message = FaultSpec::parse(text).unwrap_err();
            assert!(message.contains(found), "{text}: {message}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_is_too_much(text in "\\PC{0,60}") {
            let _ = FaultSpec::parse(&text);
        }
    }
}
