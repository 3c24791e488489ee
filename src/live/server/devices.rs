//! The devices that a server knows: name, number, session.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use super::numbers::NumberMap;
use crate::port::Time;
use crate::server::Session;

/// One device.
pub(super) struct Device {
    pub(super) name: Arc<str>,
    pub(super) session: Session,
    /// Its events so far.
    pub(super) seq: u64,
    /// For when it stands in the queue of what is due.
    armed: Time,
    /// Its number was given, so it is never forgotten.
    known: bool,
    /// Pushes for it that wait for the store, or are still to be handed to its session.
    held: u32,
}

/// All devices, by number and by name.
#[derive(Default)]
pub(super) struct Devices {
    by_number: NumberMap<u32, Box<Device>>,
    by_name: HashMap<Arc<str>, u32>,
    next: u32,
    queue: BinaryHeap<Reverse<(Time, u32)>>,
}

impl Devices {
    pub(super) fn len(&self) -> usize {
        self.by_number.len()
    }

    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    pub(super) fn get(&self, number: u32) -> Option<&Device> {
        self.by_number.get(&number).map(|device| &**device)
    }

    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut Device> {
        self.by_number.get_mut(&number).map(|device| &mut **device)
    }

    /// Whether the device has a session.
    pub(super) fn is_connected(&self, number: u32) -> bool {
        self.get(number).is_some_and(|device| device.session.connection().is_some())
    }

    /// Every device's number, in their order.
    pub(super) fn numbers(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.by_number.keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    /// Every device's name, in their order.
    pub(super) fn names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> = self.by_name.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// A device whose number is given.
    pub(super) fn add_known(&mut self, name: &str, number: u32) {
        self.next = self.next.max(number);
        self.insert(name, number, true);
    }

    /// The number of the device, which is known from now on; `None` when there are `most` already.
    pub(super) fn intern(&mut self, name: &str, most: usize) -> Option<u32> {
        if let Some(number) = self.number(name) {
            return Some(number);
        }
        if self.len() >= most {
            return None;
        }
        loop {
            self.next = self.next.wrapping_add(1).max(1);
            if !self.by_number.contains_key(&self.next) {
                break;
            }
        }
        self.insert(name, self.next, false);
        Some(self.next)
    }

    fn insert(&mut self, name: &str, number: u32, known: bool) {
        let name: Arc<str> = name.into();
        let session = Session::new(number);
        let device =
            Device { name: Arc::clone(&name), session, seq: 0, armed: Time::NEVER, known, held: 0 };
        self.by_name.insert(name, number);
        self.by_number.insert(number, Box::new(device));
    }

    /// A push for the device is not with its session yet: it is not forgotten meanwhile.
    pub(super) fn hold(&mut self, number: u32) {
        if let Some(device) = self.get_mut(number) {
            device.held += 1;
        }
    }

    /// The push is with its session, or refused.
    pub(super) fn release(&mut self, number: u32) {
        if let Some(device) = self.get_mut(number) {
            device.held = device.held.saturating_sub(1);
        }
    }

    /// Forgets a device of which the server has nothing.
    pub(super) fn forget_if_idle(&mut self, number: u32) {
        let idle = |device: &Device| !device.known && device.held == 0 && device.session.is_idle();
        if self.get(number).is_some_and(idle)
            && let Some(device) = self.by_number.remove(&number)
        {
            self.by_name.remove(&device.name);
        }
    }

    /// Something was done to the session: notes when it is due.
    pub(super) fn arm(&mut self, number: u32) {
        let Some(device) = self.by_number.get_mut(&number) else { return };
        let due = device.session.deadline();
        if due < device.armed {
            device.armed = due;
            self.queue.push(Reverse((due, number)));
        }
    }

    /// When the first session is due; it may turn out to be too early.
    pub(super) fn deadline(&self) -> Time {
        self.queue.peek().map_or(Time::NEVER, |Reverse((at, _))| *at)
    }

    /// The next device whose session is due.
    pub(super) fn due(&mut self, now: Time) -> Option<u32> {
        while self.deadline() <= now {
            let Reverse((at, number)) = self.queue.pop()?;
            let Some(device) = self.by_number.get_mut(&number) else { continue };
            // An entry that was overtaken by an earlier one.
            if device.armed != at {
                continue;
            }
            device.armed = Time::NEVER;
            if device.session.deadline() <= now {
                return Some(number);
            }
            self.arm(number);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_keeps_its_number_while_the_server_has_something_of_it() {
        let mut devices = Devices::default();
        devices.add_known("known", 7);
        let one = devices.intern("one", 3).unwrap();
        assert_eq!(devices.intern("one", 3), Some(one));
        assert!(devices.intern("two", 3).is_some());
        assert_eq!(devices.intern("three", 3), None, "there are as many as allowed");
        devices.forget_if_idle(one);
        devices.forget_if_idle(7);
        assert_eq!((devices.number("one"), devices.number("known")), (None, Some(7)));
        assert_ne!(devices.intern("three", 3), Some(7));
    }
}
