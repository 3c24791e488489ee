//! What happened, one event at a time: the list of all events, their lanes and fields, and the
//! readers that watch them pass.

mod event;
mod field;
mod jsonl;
mod legacy_words;
mod log_line;
mod observer;
mod path_words;
mod pattern;
mod read;
mod record;
mod table;

pub use event::{Event, Lane, OnPhone};
pub use field::{Field, FieldInfo, FieldValue, Shape};
pub use jsonl::{FORMAT, Header, Names, write_event, write_header};
pub use legacy_words::{LegacyFeature, LegacyPlan, LegacyReason};
pub use log_line::LogLine;
pub use observer::{Observer, Probe, Recorder};
pub use path_words::{DeadCause, Delivery, LossCause};
pub use pattern::{Pattern, PatternError};
pub use read::{read_header, read_record};
pub use record::{Datum, PushNumbers, Record};
pub use table::{
    ConnectionEnd, EventInfo, KillCode, KillRule, LeaseEnd, LeaseReason, Phase, PushFate, Refusal,
    RelaunchRefusal, RestartKind, SessionEnd, Unheard, Unreachable, WakeReason, What,
};
