//! Pushes that were accepted, on their way to their sessions: one to many goes in slices, so that others have their
//! turn in between.

use std::collections::VecDeque;
use std::sync::Arc;

use super::api::Accepted;
use super::hub::Hub;
use super::pushes::Publisher;
use crate::port::{Span, Time};
use crate::wire::frame_id;

/// How many devices are given a push before others have their turn.
const SLICE: usize = 256;
/// With so many under way, the older ones are delivered before another is accepted: whoever publishes is not read
/// meanwhile.
const MOST: usize = 65_536;

/// One push to its devices.
#[derive(Debug)]
struct Delivery {
    /// The first of its ids.
    first: u64,
    devices: Arc<[u32]>,
    /// The first device that was not given it.
    next: usize,
    ttl: Option<Span>,
}

/// The pushes under way, in the order in which they were accepted.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    queue: VecDeque<Delivery>,
    /// To how many devices in all.
    left: usize,
}

impl Deliveries {
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

impl Hub {
    /// A push is accepted: its publisher is told, and it goes to its devices, behind what was accepted before.
    pub(super) fn deliver(
        &mut self,
        devices: &Arc<[u32]>,
        first: u64,
        payload: &Arc<str>,
        ttl: Option<Span>,
        publisher: Publisher,
        now: Time,
    ) {
        if self.deliveries.left >= MOST {
            self.deliver_rest(now);
        }
        let count = u32::try_from(devices.len()).unwrap_or(u32::MAX);
        self.answer(publisher, Ok(Accepted { id: first, devices: count }));
        self.pushes.payloads.hold_all(first, devices, payload);
        match **devices {
            [] => {}
            [device] if self.deliveries.is_empty() => self.hand_over(device, first, ttl, now),
            [..] => {
                // None of them is forgotten before it is given the push.
                devices.iter().for_each(|device| self.devices.hold(*device));
                self.deliveries.left += devices.len();
                let devices = Arc::clone(devices);
                self.deliveries.queue.push_back(Delivery { first, devices, next: 0, ttl });
            }
        }
    }

    /// Gives the next devices their pushes.
    pub(super) fn deliver_slice(&mut self, now: Time) {
        for _ in 0..SLICE {
            if !self.deliver_next(now) {
                break;
            }
        }
    }

    /// Gives every device its pushes: what comes next must not overtake them.
    pub(super) fn deliver_rest(&mut self, now: Time) {
        while self.deliver_next(now) {}
    }

    /// Answers whether there was a device to be given its push.
    fn deliver_next(&mut self, now: Time) -> bool {
        let Some(delivery) = self.deliveries.queue.front_mut() else { return false };
        let (place, ttl) = (delivery.next, delivery.ttl);
        delivery.next += 1;
        let (id, device) = (delivery.first + place as u64, delivery.devices[place]);
        if delivery.next == delivery.devices.len() {
            self.deliveries.queue.pop_front();
        }
        self.deliveries.left -= 1;
        // One line for each connection: there is nothing to collect.
        self.at_once = true;
        self.hand_over(device, id, ttl, now);
        self.at_once = false;
        self.devices.release(device);
        self.devices.forget_if_idle(device);
        true
    }

    fn hand_over(&mut self, device: u32, id: u64, ttl: Option<Span>, now: Time) {
        let id = frame_id(id);
        self.on_session(device, now, |session, cx| session.push(id, ttl, cx));
        self.forget_unless_waiting(device, id);
    }
}
