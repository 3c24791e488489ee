//! One event: when, on which device, in which lane, what.

use super::What;
use crate::port::{Time, words};

words! {
    /// The lane an event is drawn in.
    pub enum Lane {
        /// What the person with the phone does, and the world around it.
        User = "user",
        /// What iOS decides.
        Os = "os",
        /// What the app asks for.
        App = "app",
        /// What the app's streams report.
        Stream = "stream",
        /// What the path between phone and server does.
        Net = "net",
        /// What the server does.
        Server = "server",
    }
}

words! {
    /// How a real phone can know of an event.
    pub enum OnPhone {
        /// It is reported as it happens.
        Observed = "observed",
        /// It follows from what is reported before and after.
        Inferred = "inferred",
        /// Only the model knows.
        ModelOnly = "model-only",
    }
}

/// One event. Events are ordered by time, then owner, then the owner's sequence number.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Event {
    /// Continuous time.
    pub at: Time,
    /// 0 is what all devices share; devices count from 1.
    pub owner: u32,
    /// The owner's count of events.
    pub seq: u64,
    /// The lane it is drawn in.
    pub lane: Lane,
    /// What happened.
    pub what: What,
}

impl Event {
    /// The key by which events of several owners merge into one order.
    pub fn key(&self) -> (Time, u32, u64) {
        (self.at, self.owner, self.seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{Frame, PushId};
    use crate::trace::{Delivery, Names, write_event};

    #[test]
    fn an_event_has_its_whole_frame_and_is_written_by_the_frame_s_name() {
        let frame = Frame::Push { id: PushId { name: 3, member: 9 } };
        let (connection, from, how) = (1, "server", Delivery::First);
        let what = What::Arrived { connection, from, frame, how };
        let event = Event { at: Time::ZERO, owner: 1, seq: 1, lane: what.lane(), what };
        let mut line = String::new();
        write_event(&mut line, &event, &Names::default());
        assert!(line.contains(r#""from":"server","frame":"push","how":"first"}"#), "{line}");
        // As large as with a name in the frame's place: a simulation makes many of them.
        assert!(size_of::<Event>() <= 72, "{}", size_of::<Event>());
    }
}
