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
            self.deliver_rest_before(devices, now);
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

    /// The same; none of `devices`, for which there is another, is forgotten meanwhile.
    pub(super) fn deliver_rest_before(&mut self, devices: &[u32], now: Time) {
        devices.iter().for_each(|device| self.devices.hold(*device));
        self.deliver_rest(now);
        devices.iter().for_each(|device| self.devices.release(*device));
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

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;
    use crate::live::server::Config;
    use crate::live::server::api::{Command, To};
    use crate::port::{Frame, Transport};
    use crate::server::{DropHow, PRESETS};
    use crate::trace::{ConnectionEnd, What};
    use crate::wire::wire_id;

    const ALL: u32 = 2 * SLICE as u32 + 1;

    /// Devices that are connected as far as their sessions know, and to whom pushes were sent.
    struct Bench {
        hub: Hub,
        sent: Arc<Mutex<Vec<(u32, u64)>>>,
    }

    impl Bench {
        fn new() -> Bench {
            let config = Config::of(PRESETS.get("default").unwrap().values);
            let mut hub = Hub::new(config).unwrap();
            let sent = Arc::<Mutex<Vec<_>>>::default();
            let seen = Arc::clone(&sent);
            hub.tap(Box::new(move |event| {
                if let What::PushSent { push, .. } = event.what {
                    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    seen.push((event.owner, wire_id(push)));
                }
            }));
            for n in 1..=ALL {
                let device = hub.devices.intern(&format!("d{n}"), usize::MAX).unwrap();
                hub.on_session(device, Time::ZERO, |session, cx| {
                    session.accepted(n, Transport::Tcp, cx);
                    session.frame(n, Frame::Hello { device }, cx);
                });
            }
            Bench { hub, sent }
        }

        fn push(&mut self, to: To) -> Accepted {
            let (reply, mut answer) = oneshot::channel();
            let push = Command::Push { to, payload: "x".into(), ttl: None, reply };
            self.hub.command(push, Time::ZERO);
            answer.try_recv().expect("answered at once").expect("accepted")
        }

        fn turn(&mut self) {
            self.hub.turn(|| Time::ZERO, Some(Duration::ZERO)).unwrap();
        }

        fn sent(&self) -> Vec<(u32, u64)> {
            self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
        }
    }

    #[test]
    fn others_have_their_turn_while_a_push_goes_to_all() {
        let mut bench = Bench::new();
        assert_eq!(bench.push(To::All), Accepted { id: 1, devices: ALL });
        for sent in [SLICE, 2 * SLICE, 2 * SLICE + 1] {
            assert_eq!(bench.hub.deadline(), Time::ZERO, "it goes on at once");
            bench.turn();
            assert_eq!(bench.sent().len(), sent);
        }
        assert!(bench.hub.deadline() > Time::ZERO);
        assert_eq!(bench.hub.pushes.payloads.len(), ALL as usize, "none is acknowledged");
    }

    #[test]
    fn a_push_to_one_does_not_overtake_one_to_all_that_is_under_way() {
        let mut bench = Bench::new();
        bench.push(To::All);
        let one = bench.push(To::Device(format!("d{ALL}")));
        (0..4).for_each(|_| bench.turn());
        let sent = bench.sent();
        assert_eq!(sent[sent.len() - 2..], [(ALL, u64::from(ALL)), (ALL, one.id)]);
    }

    #[test]
    fn a_device_that_goes_before_its_turn_is_not_forgotten_with_its_push() {
        let mut bench = Bench::new();
        bench.push(To::All);
        let gone = ConnectionEnd::Reset;
        bench.hub.on_session(ALL, Time::ZERO, |session, cx| session.closed(ALL, gone, cx));
        (0..3).for_each(|_| bench.turn());
        assert_eq!(bench.sent().len(), 2 * SLICE);
        assert_eq!(bench.hub.session(ALL).map(|session| session.waiting()), Some(1));
    }

    #[test]
    fn a_command_comes_behind_the_pushes_that_were_accepted_before_it() {
        let mut bench = Bench::new();
        bench.push(To::All);
        let (reply, _answer) = oneshot::channel();
        let drop = Command::Drop { to: To::All, how: DropHow::Fin, reply };
        bench.hub.command(drop, Time::ZERO);
        assert_eq!(bench.sent().len(), ALL as usize);
    }
}
