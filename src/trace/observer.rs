//! Those who watch events pass. The kind is a type parameter, so that watching nothing costs nothing.

use super::{Event, What};
use crate::port::Time;

/// Watches events as they happen.
pub trait Observer {
    /// Takes note of one event.
    fn event(&mut self, event: &Event);
}

/// Watches nothing.
impl Observer for () {
    #[inline(always)]
    fn event(&mut self, _: &Event) {}
}

impl<A: Observer, B: Observer> Observer for (A, B) {
    #[inline]
    fn event(&mut self, event: &Event) {
        self.0.event(event);
        self.1.event(event);
    }
}

impl<A: Observer + ?Sized> Observer for &mut A {
    #[inline]
    fn event(&mut self, event: &Event) {
        (**self).event(event);
    }
}

/// Keeps every event.
#[derive(Clone, Default, Debug)]
pub struct Recorder {
    /// The events in the order in which they happened.
    pub events: Vec<Event>,
}

impl Observer for Recorder {
    fn event(&mut self, event: &Event) {
        self.events.push(*event);
    }
}

/// One owner's way to its observer: stamps events with the time, the owner and its count.
pub struct Probe<'a, O> {
    /// Who watches.
    pub observer: &'a mut O,
    /// Now.
    pub at: Time,
    /// 0 is what all devices share; devices count from 1.
    pub owner: u32,
    /// The owner's count of events so far.
    pub seq: &'a mut u64,
}

impl<O: Observer> Probe<'_, O> {
    /// Tells the observer what happened now.
    #[inline]
    pub fn emit(&mut self, what: What) {
        *self.seq += 1;
        let (at, owner, seq) = (self.at, self.owner, *self.seq);
        self.observer.event(&Event { at, owner, seq, lane: what.lane(), what });
    }
}
