//! Pushes on their way from whoever publishes to a session: what they say, and the store that keeps them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tracing::{error, info};

use super::api::{Accepted, Refused, Reply, To};
use super::hub::Hub;
use super::limits::REMOVE_AGAIN;
use super::payloads::{Payloads, cost};
use super::storage::{Store, Stored, Write};
use crate::port::{Frame, PushId, Span, Time};
use crate::server::QueueKind;
use crate::wire::{ServerMessage, frame_id, is_device_name, wire_id};

/// Who is told what became of a push.
#[derive(Debug)]
pub(super) enum Publisher {
    /// Whoever gave a command.
    Command(Reply<Accepted>),
    /// A publisher's connection, by its number, and its own reference.
    Connection(u32, u32),
}

/// A push that waits for the store.
#[derive(Debug)]
struct Pending {
    batch: u64,
    /// The first of its ids.
    first: u64,
    devices: Arc<[u32]>,
    payload: Arc<str>,
    ttl: Option<Span>,
    publisher: Publisher,
}

/// What pushes say, and which of them wait for the store.
#[derive(Default)]
pub(super) struct Pushes {
    store: Option<Box<dyn Store>>,
    next_id: u64,
    next_batch: u64,
    pub(super) payloads: Payloads,
    pending: VecDeque<Pending>,
    /// What is to be removed from the store.
    finished: Vec<Write>,
    /// Removals that are under way, by batch.
    removing: VecDeque<(u64, Vec<Write>)>,
    /// The store could not write last time.
    failed: bool,
    /// When removals that failed are tried again.
    pub(super) retry_at: Time,
}

impl Pushes {
    pub(super) fn new() -> Pushes {
        Pushes { next_id: 1, retry_at: Time::NEVER, ..Pushes::default() }
    }

    pub(super) fn keep_in(&mut self, store: Box<dyn Store>, next_id: u64) {
        self.store = Some(store);
        self.next_id = self.next_id.max(next_id);
    }

    /// The line of a frame; answers whether there is one.
    pub(super) fn encode(&self, device: u32, frame: Frame, out: &mut Vec<u8>) -> bool {
        let payload = |id| self.payloads.get(device, wire_id(id)).unwrap_or_default();
        let Some(message) = ServerMessage::of(frame, payload) else { return false };
        message.encode(out);
        true
    }

    fn submit(&mut self, writes: Vec<Write>) -> u64 {
        self.next_batch += 1;
        if let Some(store) = &mut self.store {
            store.submit(self.next_batch, writes);
        }
        self.next_batch
    }
}

fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Hub {
    /// What a store kept waits again.
    pub(super) fn restore(&mut self, stored: Vec<Stored>, now: Time) {
        let (all, today) = (stored.len(), unix_ms());
        for Stored { id, device, payload, expires_unix_ms } in stored {
            // What was accepted is kept, however many devices that makes.
            let Some(number) = self.devices.intern(&device, usize::MAX) else { continue };
            self.pushes.next_id = self.pushes.next_id.max(id + 1);
            self.pushes.payloads.hold(number, id, payload);
            let left = expires_unix_ms.map(|at| Span::from_millis(at.saturating_sub(today)));
            self.on_session(number, now, |session, cx| session.restore(frame_id(id), left, cx));
        }
        if all > 0 {
            info!(pushes = all, "the store's pushes wait again");
        }
    }

    /// Accepts a push, for good where there is a store, and then sends it.
    pub(super) fn publish(
        &mut self,
        to: &To,
        payload: Arc<str>,
        ttl: Option<Span>,
        publisher: Publisher,
        now: Time,
    ) {
        let devices = match self.addressed(to, &payload, now) {
            Ok(devices) => devices,
            Err(refused) => return self.answer(publisher, Err(refused)),
        };
        let first = self.pushes.next_id;
        self.pushes.next_id += devices.len() as u64;
        if self.pushes.store.is_none() {
            return self.deliver(&devices, first, &payload, ttl, publisher, now);
        }
        let ttl_of_all = ttl.or(self.options.push_ttl);
        let expires_unix_ms = ttl_of_all.map(|ttl| unix_ms().saturating_add(ttl.as_millis()));
        let add = |(device, id): (&u32, u64)| {
            let device = Arc::clone(&self.devices.get(*device)?.name);
            let payload = Arc::clone(&payload);
            Some(Write::Add { id, device, payload, expires_unix_ms })
        };
        let writes = devices.iter().zip(first..).filter_map(add).collect();
        devices.iter().for_each(|device| self.devices.hold(*device));
        self.pushes.payloads.bytes += cost(&payload) * devices.len();
        let batch = self.pushes.submit(writes);
        let pending = Pending { batch, first, devices, payload, ttl, publisher };
        self.pushes.pending.push_back(pending);
    }

    /// Accepts a push under an id that is given, without a store.
    pub fn push_as(
        &mut self,
        device: u32,
        id: PushId,
        payload: &str,
        ttl: Option<Span>,
        now: Time,
    ) {
        self.pushes.payloads.hold(device, wire_id(id), payload.into());
        self.on_session(device, now, |session, cx| session.push(id, ttl, cx));
        self.forget_unless_waiting(device, id);
    }

    /// The devices that a push goes to.
    fn addressed(&mut self, to: &To, payload: &str, now: Time) -> Result<Arc<[u32]>, Refused> {
        // The line of a delivered push has the payload behind `PUSH`, an id and two blanks.
        const AROUND: usize = 26;
        if payload.len() + AROUND > self.limits.line || payload.chars().any(char::is_control) {
            return Err(Refused::Payload);
        }
        if self.draining || self.is_down {
            return Err(Refused::Down);
        }
        let connected =
            |number| self.devices.get(number).and_then(|one| one.session.route(&self.options));
        let devices: Arc<[u32]> = match to {
            To::Device(name) if !is_device_name(name) => return Err(Refused::DeviceName),
            To::Device(name)
                if self.options.queue_kind == QueueKind::Absent
                    && self.devices.number(name).and_then(connected).is_none() =>
            {
                return Err(Refused::NotConnected);
            }
            To::Device(name) => {
                let most = self.limits.devices;
                [self.devices.intern(name, most).ok_or(Refused::TooManyDevices)?].into()
            }
            To::All => self.connected().into(),
        };
        let more = cost(payload) * devices.len();
        if self.pushes.payloads.bytes + more > self.limits.queued {
            // Some of what is under way is forgotten as soon as it is written.
            self.deliver_rest_before(&devices, now);
        }
        if self.pushes.payloads.bytes + more > self.limits.queued {
            devices.iter().for_each(|device| self.devices.forget_if_idle(*device));
            return Err(Refused::Full);
        }
        Ok(devices)
    }

    /// The devices that are connected, in the order of their numbers.
    pub(super) fn connected(&self) -> Vec<u32> {
        let numbers = self.devices.numbers().into_iter();
        numbers.filter(|number| self.devices.is_connected(*number)).collect()
    }

    /// A push was written to a connection: unless the rules wait for its acknowledgement, that was all.
    pub(super) fn written(&mut self, device: u32, id: PushId) {
        if !self.options.keeps_written() {
            self.done_with(device, id);
        }
    }

    /// A push that was written and is not kept will not be written again.
    pub(super) fn forget_unless_waiting(&mut self, device: u32, id: PushId) {
        let waits = self.devices.get(device).is_some_and(|one| one.session.waits_for(id));
        let held = self.pushes.payloads.get(device, wire_id(id)).is_some();
        if held && !waits {
            self.done_with(device, id);
        }
    }

    /// A push is delivered or given up.
    fn done_with(&mut self, device: u32, id: PushId) {
        let id = wire_id(id);
        if self.pushes.payloads.forget(device, id)
            && self.pushes.store.is_some()
            && let Some(known) = self.devices.get(device)
        {
            let device = Arc::clone(&known.name);
            self.pushes.finished.push(Write::Remove { id, device });
        }
    }

    /// What a session left to be done about its pushes, and about itself.
    pub(super) fn settle(&mut self, device: u32) {
        while let Some(push) = self.journal.done.pop() {
            self.done_with(device, push);
        }
        self.devices.forget_if_idle(device);
    }

    /// Hands removals to the store, and handles what it has done.
    pub(super) fn stored(&mut self, now: Time) {
        let mut finished = Vec::new();
        if let Some(store) = &mut self.pushes.store {
            store.finished(&mut finished);
        }
        for done in finished {
            let failure = done.result.err();
            if let Some(why) = &failure {
                self.journal.counters.store_failures += 1;
                if !std::mem::replace(&mut self.pushes.failed, true) {
                    error!(why, "the store cannot write: pushes are refused until it can");
                }
            } else if std::mem::take(&mut self.pushes.failed) {
                info!("the store can write again");
            }
            let pending = pop_if(&mut self.pushes.pending, |one| one.batch == done.batch);
            if let Some(Pending { first, devices, payload, ttl, publisher, .. }) = pending {
                self.pushes.payloads.bytes -= cost(&payload) * devices.len();
                devices.iter().for_each(|device| self.devices.release(*device));
                match failure {
                    None if self.is_down => {
                        // Nobody was told that they were accepted.
                        let removed = devices.iter().zip(first..).filter_map(|(device, id)| {
                            let device = Arc::clone(&self.devices.get(*device)?.name);
                            Some(Write::Remove { id, device })
                        });
                        self.pushes.finished.extend(removed);
                        self.answer(publisher, Err(Refused::Down));
                    }
                    None => self.deliver(&devices, first, &payload, ttl, publisher, now),
                    Some(why) => self.answer(publisher, Err(Refused::Store(why))),
                }
                devices.iter().for_each(|device| self.devices.forget_if_idle(*device));
            } else if let Some((_, removals)) =
                pop_if(&mut self.pushes.removing, |(batch, _)| *batch == done.batch)
                && failure.is_some()
            {
                // A push that stays in the store is delivered once more at worst.
                self.pushes.finished.extend(removals);
                self.pushes.retry_at = now + REMOVE_AGAIN;
            }
        }
        // One batch of removals at a time: what comes meanwhile goes with the next.
        if self.pushes.store.is_some()
            && self.pushes.removing.is_empty()
            && !self.pushes.finished.is_empty()
            && (self.pushes.retry_at == Time::NEVER || self.pushes.retry_at <= now)
        {
            self.pushes.retry_at = Time::NEVER;
            let removals = std::mem::take(&mut self.pushes.finished);
            let batch = self.pushes.submit(removals.clone());
            self.pushes.removing.push_back((batch, removals));
        }
    }

    /// Whether the store has nothing to do any more.
    pub fn is_stored(&self) -> bool {
        self.pushes.pending.is_empty()
            && self.pushes.removing.is_empty()
            && self.pushes.finished.is_empty()
    }

    pub(super) fn answer(&mut self, publisher: Publisher, answer: Result<Accepted, Refused>) {
        match publisher {
            // Whoever asked may have gone.
            Publisher::Command(reply) => drop(reply.send(answer)),
            Publisher::Connection(number, reference) => {
                let Some(place) = self.place(number) else { return };
                let mut line = Vec::new();
                match answer {
                    Ok(Accepted { id, devices }) => {
                        ServerMessage::Done { reference, id, devices }.encode(&mut line);
                    }
                    Err(refused) => {
                        let reason = refused.reason();
                        ServerMessage::Fail { reference, reason }.encode(&mut line);
                    }
                }
                let Some(connection) = self.connections.get_mut(place) else { return };
                connection.unanswered = connection.unanswered.saturating_sub(1);
                self.send(place, &line);
                self.go_on(place);
            }
        }
    }
}

/// Takes the first of a queue, if it is wanted.
fn pop_if<T>(queue: &mut VecDeque<T>, wanted: impl FnOnce(&T) -> bool) -> Option<T> {
    queue.front().filter(|first| wanted(first))?;
    queue.pop_front()
}
