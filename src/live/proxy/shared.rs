//! What all parts of a proxy share: the faults that are set, the table of connections, who listens.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::sync::{Notify, mpsc};

use super::Options;
use super::clock::Clock;
use super::connection::{Cell, lock};
use super::door::Door;
use super::effects::{Effects, Order, SetFault};
use super::event::{ProxyEvent, ProxyWhat};
use super::fault::{Change, FaultId, Invalid, On, RefuseHow};

/// More faults than this are not set at once.
const MOST_FAULTS: usize = 1_000;

/// See the module.
pub(super) struct Shared {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) upstream: SocketAddr,
    pub(super) options: Options,
    pub(super) state: Mutex<State>,
    pub(super) door: Mutex<Door>,
    /// The door was opened or closed.
    pub(super) door_moved: Notify,
    pub(super) listeners: Mutex<Vec<mpsc::UnboundedSender<ProxyEvent>>>,
}

/// What is set, and what is there.
#[derive(Default)]
pub(super) struct State {
    pub(super) faults: Vec<SetFault>,
    last_fault: u64,
    /// How many connections there were.
    pub(super) last_connection: u64,
    pub(super) connections: BTreeMap<u64, Arc<Cell>>,
}

impl Shared {
    /// Tells whoever listens.
    pub(super) fn tell(&self, connection: Option<u64>, what: ProxyWhat) {
        let mut listeners = lock(&self.listeners);
        if !listeners.is_empty() {
            let event = ProxyEvent { at: self.clock.now(), connection, what };
            listeners.retain(|listener| listener.send(event.clone()).is_ok());
        }
    }

    /// Nothing is left of a connection.
    pub(super) fn forget(&self, number: u64) {
        lock(&self.state).connections.remove(&number);
        self.tell(Some(number), ProxyWhat::Closed);
    }

    /// Makes all `changes`, or none of them.
    pub(super) fn apply(&self, changes: Vec<Change>) -> Result<Vec<FaultId>, Invalid> {
        let mut state = lock(&self.state);
        state.check(&changes)?;
        let (now, first_new) = (self.clock.now(), state.last_connection + 1);
        let (mut ids, mut orders) = (Vec::new(), Vec::new());
        let last_before = state.last_fault;
        for change in changes {
            match change {
                Change::Add(spec) => {
                    state.last_fault += 1;
                    let id = FaultId(state.last_fault);
                    ids.push(id);
                    match Order::of(&spec.fault) {
                        Some(order) => orders.push((spec.on, order)),
                        None => state.faults.push(SetFault { id, spec, since: now, first_new }),
                    }
                }
                Change::Remove(id) => state.faults.retain(|fault| fault.id != id),
                Change::Clear => state.faults.retain(|fault| fault.id.0 > last_before),
            }
        }
        for (number, cell) in &state.connections {
            let mut relay = lock(&cell.relay);
            relay.set(Effects::of(&state.faults, *number));
            for (on, order) in &orders {
                if matches!(on, On::All) || *on == On::Connection(*number) {
                    relay.order(*order);
                }
            }
            drop(relay);
            cell.changed.notify_one();
        }
        let closed = state.effects_of_next().refuse == Some(RefuseHow::Close);
        lock(&self.door).want(!closed);
        self.door_moved.notify_one();
        Ok(ids)
    }
}

impl State {
    /// What the faults come to for the connection that comes next.
    pub(super) fn effects_of_next(&self) -> Effects {
        Effects::of(&self.faults, self.last_connection + 1)
    }

    /// Whether all `changes` can be made.
    fn check(&self, changes: &[Change]) -> Result<(), Invalid> {
        let mut removed = Vec::new();
        let mut count = self.faults.len();
        for (place, change) in changes.iter().enumerate() {
            let wrong = |message: String| Err(Invalid { change: place, message });
            match change {
                Change::Clear => {
                    count = count.saturating_sub(self.faults.len() - removed.len());
                    removed = self.faults.iter().map(|fault| fault.id).collect();
                }
                Change::Remove(id) => {
                    let there = self.faults.iter().any(|fault| fault.id == *id);
                    if !there || removed.contains(id) {
                        return wrong(format!("there is no fault {id}"));
                    }
                    removed.push(*id);
                    count -= 1;
                }
                Change::Add(spec) => {
                    let name = spec.fault.name();
                    match spec.on {
                        On::New if spec.fault.at_once() => {
                            return wrong(format!(
                                "`{name}` is done at once, to connections that are there: on=new \
                                 is none of them"
                            ));
                        }
                        On::Connection(_) if spec.fault.at_the_door() => {
                            return wrong(format!(
                                "`{name}` is about connections that come, not about one that is \
                                 there"
                            ));
                        }
                        On::Connection(number) if !self.connections.contains_key(&number) => {
                            return wrong(format!("there is no connection {number}"));
                        }
                        On::All | On::New | On::Connection(_) => {}
                    }
                    count += usize::from(!spec.fault.at_once());
                    if count > MOST_FAULTS {
                        return wrong(format!(
                            "more than {MOST_FAULTS} faults are not set at once"
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}
