//! What is so in a running world, what will be, and why it came to be so, as text that is read without colour in 80
//! columns. Nothing here changes anything.
//!
//! `status` is the state of the phone and the app, `connections` both ends' view of every connection, `timers`
//! everything that is due, `why` the causes of what happened. Each is a function of a [`View`].

mod connections;
mod status;
#[cfg(test)]
mod tests;
mod timers;
mod timers_of;
mod why;

use crate::net::Net;
use crate::os::Os;
use crate::port::{App, Span, Time};
use crate::report::human;
use crate::report::paragraph::paragraph;
use crate::server::Session;
use crate::sim::{Device, Setup, Shared};
use crate::trace::{Event, Names, Unreachable, What};

pub use connections::connections;
pub use status::status;
pub use timers::{Holds, Row, rows, timers};
pub use why::{Question, answer, why};

/// The width of everything that is written.
pub const WIDTH: usize = 80;

/// One device of a running world, to be looked at.
#[derive(Copy, Clone)]
pub struct View<'a> {
    number: u32,
    os: &'a Os,
    world: Option<Simulated<'a>>,
    setup: &'a Setup,
    names: &'a Names,
    now: Time,
    events: &'a [Event],
}

/// What only a world without real sockets knows of a device.
#[derive(Copy, Clone)]
struct Simulated<'a> {
    net: &'a Net,
    session: &'a Session,
    shared: &'a Shared,
}

impl<'a> View<'a> {
    /// A device of a simulated world at `now`, with the events so far: its own and what all devices share; those
    /// of others do no harm.
    pub fn of<A: App>(
        device: &'a Device<A>,
        setup: &'a Setup,
        shared: &'a Shared,
        names: &'a Names,
        now: Time,
        events: &'a [Event],
    ) -> View<'a> {
        let (net, session) = (device.net(), device.session());
        let world = Some(Simulated { net, session, shared });
        View { number: device.number(), os: device.os(), world, setup, names, now, events }
    }

    /// A phone over real sockets: path and server are elsewhere, so what is said of them comes from the events.
    pub fn of_phone(
        number: u32,
        os: &'a Os,
        setup: &'a Setup,
        names: &'a Names,
        now: Time,
        events: &'a [Event],
    ) -> View<'a> {
        View { number, os, world: None, setup, names, now, events }
    }

    /// The events of this device and of what all share, the last one first.
    fn back(&self) -> impl Iterator<Item = &'a Event> {
        let number = self.number;
        self.events.iter().rev().filter(move |event| event.owner == number || event.owner == 0)
    }

    /// Whether a push sent now would be received, or why not, and since when that is so.
    fn reach(&self) -> Option<(Unreachable, Time)> {
        self.back().find_map(|event| {
            if let What::Reachable { why, .. } = event.what { Some((why, event.at)) } else { None }
        })
    }

    /// `00:14:51.000 in 2 m 10 s`, or `00:14:51.000, due now`.
    fn until(&self, at: Time) -> String {
        match at.since(self.now) {
            Span::ZERO => format!("{at}, due now"),
            left => format!("{at} in {}", human::span(left)),
        }
    }

    /// `00:12:00.000, 2 m 51 s ago`.
    fn since(&self, at: Time) -> String {
        match self.now.since(at) {
            Span::ZERO => format!("{at}, just now"),
            ago => format!("{at}, {} ago", human::span(ago)),
        }
    }
}

/// Appends `text` behind `head`, broken at [`WIDTH`]; further lines begin under the text.
fn hang(out: &mut String, head: &str, text: &str) {
    let width = head.chars().count();
    paragraph(out, (head, width), width, text, WIDTH);
}
