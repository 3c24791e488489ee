//! What host and agent say to each other on the control channel: one JSON object a line, over TCP, opened by the agent.
//!
//! The agent says [`ToHost::Hello`] with the run's nonce and its token; a host that knows both answers with
//! [`ToAgent::Orders`], anything else is closed. From then on both talk as they like. The control channel is an
//! ordinary socket: it is lost when the app is suspended, and the agent opens another one when it runs again. What it
//! missed is in the agent's log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of the control channel: both sides must have the same.
pub const VERSION: u32 = 1;

/// No line is longer than this; who sends a longer one is cut off.
pub const LONGEST_LINE: usize = 8 << 20;

/// The environment variable that tells a launched agent where its host is, as `HOST:PORT`.
pub const CONTROL_VARIABLE: &str = "HOLDLINE_CONTROL";
/// The environment variable that has the run's nonce.
pub const RUN_VARIABLE: &str = "HOLDLINE_RUN";
/// The environment variable that has the run's token.
pub const TOKEN_VARIABLE: &str = "HOLDLINE_TOKEN";

/// The agent's files, in Documents on a phone, in a folder of the run elsewhere.
pub const ORDERS_FILE: &str = "holdline-orders.json";
/// The log of the run: a header, then one event a line, in the trace's schema, each with `uptime` and `wall` (both in
/// microseconds since the beginning of the run) behind its own fields.
pub const LOG_FILE: &str = "holdline-log.jsonl";

/// What the phone's clocks say, in microseconds since the beginning of the run on this phone.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Clocks {
    /// Goes on while the device sleeps.
    pub continuous: u64,
    /// Stands still while the device sleeps.
    pub uptime: u64,
    /// The time of day; can be set.
    pub wall: i64,
}

/// What an agent is: the proof that the right thing ran in the right place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct About {
    /// The target it was built for, as `aarch64-apple-ios`.
    pub triple: String,
    /// What is below the client: `ios`, or `std` for the model of iOS.
    pub backend: String,
    /// The device's model, as `iPhone14,5`, or the machine's.
    pub model: String,
    /// The version of iOS, or what the model follows.
    pub os: String,
    /// The SDK that the binary says it was linked with, major and minor; absent when it is not a Mach-O.
    pub sdk: Option<(u16, u16)>,
    /// The UIBackgroundModes of its Info.plist.
    pub background_modes: Vec<String>,
    /// Whether it runs in the simulator.
    pub simulator: bool,
    /// The process.
    pub pid: u32,
}

/// What the agent says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ToHost {
    /// The first line of each connection.
    Hello {
        /// [`VERSION`].
        version: u32,
        /// The nonce of the run.
        run: String,
        /// The token of the run.
        token: String,
        /// How many processes of the agent there have been in this run, this one included.
        process: u32,
        /// What it is.
        about: About,
        /// Its clocks now.
        clocks: Clocks,
    },
    /// A line of the log, as it was written.
    Event {
        /// Its place in the log, in bytes.
        at: u64,
        /// The line, without its line break.
        line: String,
    },
    /// The answer to [`ToAgent::Clock`].
    Clock {
        /// Which question.
        n: u32,
        /// Its clocks when it answered.
        clocks: Clocks,
    },
    /// What was asked for is done, or cannot be.
    Done {
        /// Which [`ToAgent::Do`].
        n: u32,
        /// Why it cannot be done, if it cannot.
        refused: Option<String>,
    },
    /// A connection to the push server is established.
    Connection {
        /// The pair of streams over it.
        pair: u32,
        /// The phone's port.
        port: u16,
    },
    /// What changed under a modelled phone while its app could not see it: the log tells of that later. The host
    /// plays the path, and has to know at once.
    Beneath {
        /// The event, as a line of a trace.
        line: String,
    },
    /// A part of the log.
    Log {
        /// From which byte on.
        from: u64,
        /// The text; whole lines.
        text: String,
        /// Whether that was all there is by now.
        end: bool,
    },
    /// The token for VoIP pushes of Apple's push service.
    PushToken {
        /// In hexadecimal.
        token: String,
    },
    /// Something for a person to know.
    Note {
        /// What.
        text: String,
    },
}

/// What the host says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ToAgent {
    /// What to do in this run. The first time the app is launched upon it: that is the beginning of the run.
    Orders(Box<Orders>),
    /// What do your clocks say?
    Clock {
        /// Which question.
        n: u32,
    },
    /// Do what a step says. What a phone cannot do by itself is refused.
    Do {
        /// Which request.
        n: u32,
        /// The step's place in the scenario's list.
        step: usize,
        /// Which repetition: 0 is once.
        member: u32,
    },
    /// Send the log from this byte on.
    Log {
        /// From where.
        from: u64,
    },
    /// The run is over: write what there is, and end.
    End,
}

/// What an agent has to know for a run. It keeps them, for the processes that the system starts without the host.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Orders {
    /// The nonce of the run.
    pub run: String,
    /// The token of the run.
    pub token: String,
    /// Where the host's control channel is, as `HOST:PORT`.
    pub control: String,
    /// Where the push server is, as `HOST:PORT`.
    pub server: String,
    /// What the device says it is called, to the push server.
    pub name: String,
    /// The scenario.
    pub scenario: Text,
    /// The seed of the run.
    pub seed: u64,
    /// How many times faster than the machine's clock time passes: 1 on a phone.
    pub speed: u32,
    /// Make legacy calls that are expected to trap, instead of refusing them.
    pub expect_trap: bool,
}

/// A scenario's text with all that is needed to read it elsewhere.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Text {
    /// The TOML.
    pub toml: String,
    /// What `--set` says: key and value.
    pub set: Vec<(String, String)>,
    /// The files that it names, by the paths it names them by.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Which of the scenarios of the text, where `[vary]` makes it many.
    pub variant: usize,
}
