//! The lines of the system log: a list, so that each is the same again when a trace is read.

use super::{Datum, Field, FieldValue, PushNumbers, Shape};

/// What the system log says.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct LogLine(&'static str);

macro_rules! lines {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal),+ $(,)?) => {
        impl LogLine {
            $($(#[doc = $doc])* pub const $name: LogLine = LogLine($text);)+
            /// Every line.
            pub const ALL: &'static [LogLine] = &[$(LogLine::$name),+];
        }
    };
}

lines! {
    /// A debugger held the watchdog off.
    DEBUGGER = "a debugger is attached: the watchdog does not end the app",
    /// Sound was asked for where no code runs.
    NO_AUDIO = "an app that does not run neither plays nor records",
    /// An exit was asked for where no code runs.
    NO_EXIT = "a suspended app runs no code and cannot exit",
    /// A hang was asked for where no code runs.
    NO_HANG = "a suspended app runs no code and cannot hang",
    /// A background task was ended that is none.
    NO_SUCH_TASK = "Can't end BackgroundTask: no background task exists with this identifier",
    /// The app was opened too early.
    BOOTING = "the device is booting",
    /// A stream was made over the limit.
    NO_DESCRIPTORS = "no more descriptors for streams",
    /// Low-power mode was switched where there is none.
    NO_LOW_POWER = "low-power mode does not exist on this version",
    /// An agent's log has holes: so many lines.
    LOST = "the log's disk took no more: so many lines of this process are lost",
    /// A line that a log has and this version does not know.
    UNKNOWN = "?",
}

impl LogLine {
    /// The line.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl std::fmt::Display for LogLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.0)
    }
}

impl FieldValue for LogLine {
    const SHAPE: Shape = Shape::Name;
    fn field(&self) -> Field {
        Field::Word(self.0)
    }
    fn read(datum: &Datum, _: &mut PushNumbers) -> Option<Self> {
        let text = datum.text()?;
        let known = LogLine::ALL.iter().find(|line| line.0 == text);
        Some(known.copied().unwrap_or(LogLine::UNKNOWN))
    }
}
