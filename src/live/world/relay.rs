//! A phone's fault proxy, set by what its path is like.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedReceiver;

use super::clock::ModelClock;
use super::socket::Inbox;
use crate::live::proxy::{
    Change, Clock, Direction, EndHow, Fault, FaultId, FaultSpec, On, Options, Proxy, ProxyEvent,
    ProxyWhat, RefuseHow,
};
use crate::net::{NatExpiry, Portal};
use crate::port::{Span, Time};
use crate::settings::Dist;

/// What the proxy tells of a connection, which is named by the phone's address on this machine.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum Told {
    /// The path forgot it.
    NatForgot { client: SocketAddr, idle: Span },
}

/// What is set for all connections of a phone.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Standing {
    pub(crate) silent: bool,
    pub(crate) portal: Option<Portal>,
    /// Nobody listens at the server.
    pub(crate) refused: bool,
    pub(crate) latency: Dist,
    /// How much longer what is sent now is under way.
    pub(crate) late: Span,
    pub(crate) nat: Option<(Span, NatExpiry)>,
}

/// A phone's fault proxy, or a way to its server without one.
pub(crate) struct Relay {
    to: SocketAddr,
    proxy: Option<Proxy>,
    events: Rc<RefCell<VecDeque<ProxyEvent>>>,
    standing: Standing,
    faults: Vec<FaultId>,
    /// The number of each connection, by the phone's address.
    numbers: BTreeMap<SocketAddr, u64>,
    /// The phone's address, by the one the server sees.
    clients: BTreeMap<SocketAddr, SocketAddr>,
    /// Connections that are dead for good, and are not silent yet.
    dying: BTreeSet<SocketAddr>,
    dead: BTreeSet<SocketAddr>,
    on_expiry: NatExpiry,
}

impl Relay {
    /// A proxy to `server` on a free port of `at`.
    pub(crate) fn open(
        at: IpAddr,
        server: SocketAddr,
        seed: u64,
        clock: &Arc<ModelClock>,
        inbox: &Rc<Inbox>,
    ) -> io::Result<Relay> {
        let any = SocketAddr::from((at, 0));
        let clock: Arc<dyn Clock> = Arc::new(Ticks(Arc::clone(clock)));
        let options = Options { seed, ..Options::default() };
        let proxy = Proxy::bind_with(any, server, clock, options)?;
        let events = forwarded(proxy.events(), Rc::clone(inbox));
        let to = proxy.local_addr();
        Ok(Relay { proxy: Some(proxy), events, ..Relay::direct(to) })
    }

    /// No proxy: whatever breaks the path is really there.
    pub(crate) fn direct(to: SocketAddr) -> Relay {
        Relay {
            to,
            proxy: None,
            events: Rc::default(),
            standing: Standing::default(),
            faults: Vec::new(),
            numbers: BTreeMap::new(),
            clients: BTreeMap::new(),
            dying: BTreeSet::new(),
            dead: BTreeSet::new(),
            on_expiry: NatExpiry::Silent,
        }
    }

    /// Where the phone connects to.
    pub(crate) fn address(&self) -> SocketAddr {
        self.to
    }

    /// The phone's address of the connection that the server sees at `address`.
    pub(crate) fn client_of(&mut self, address: SocketAddr) -> Option<SocketAddr> {
        if !self.clients.contains_key(&address) {
            self.look();
        }
        self.clients.get(&address).copied()
    }

    /// The phone's addresses of all connections there have been.
    pub(crate) fn phones(&mut self) -> Vec<SocketAddr> {
        self.look();
        self.numbers.keys().copied().collect()
    }

    /// Takes note of the connections that are there.
    fn look(&mut self) {
        for one in self.proxy.iter().flat_map(Proxy::connections) {
            self.numbers.insert(one.client, one.number);
            if let Some(local) = one.local {
                self.clients.insert(local, one.client);
            }
        }
    }

    /// Sets what holds for all connections, all at once.
    pub(crate) fn set(&mut self, wanted: Standing) {
        self.on_expiry = wanted.nat.map_or(NatExpiry::Silent, |(_, on_expiry)| on_expiry);
        if wanted != self.standing {
            let mut changes: Vec<Change> = self.faults.drain(..).map(Change::Remove).collect();
            changes.extend(faults(&wanted).into_iter().map(Change::Add));
            self.standing = wanted;
            // What is removed is set, and what is added is valid.
            let applied = self.proxy.as_ref().and_then(|proxy| proxy.apply(changes).ok());
            self.faults = applied.unwrap_or_default();
        }
        self.bury();
    }

    /// A fault of one connection; nothing is left to be done for one that has ended meanwhile.
    fn apply_to(&self, number: u64, fault: Fault) {
        let on = On::Connection(number);
        if let Some(proxy) = &self.proxy {
            let _ended = proxy.apply(vec![Change::Add(FaultSpec { fault, on })]);
        }
    }

    /// A connection is dead for good: nothing goes over it any more, not even its end.
    pub(crate) fn silence(&mut self, client: SocketAddr) {
        if !self.dead.contains(&client) {
            self.dying.insert(client);
            self.bury();
        }
    }

    fn bury(&mut self) {
        if self.dying.is_empty() {
            return;
        }
        self.look();
        for client in std::mem::take(&mut self.dying) {
            let Some(number) = self.numbers.get(&client) else {
                self.dying.insert(client);
                continue;
            };
            let fault = Fault::Silence { direction: Direction::Both };
            self.apply_to(*number, fault);
            self.dead.insert(client);
        }
    }

    /// The server's host forgot a connection and tells nobody; when it is there, it answers with RST.
    pub(crate) fn forget_server(&mut self, client: SocketAddr) {
        self.look();
        if let Some(number) = self.numbers.get(&client) {
            let fault = Fault::HalfOpen { how: EndHow::Reset, then_reset: true };
            self.apply_to(*number, fault);
        }
    }

    /// A number that changes whenever the proxy does something.
    pub(crate) fn progress(&self) -> u64 {
        let lanes = self.proxy.iter().flat_map(Proxy::connections).map(|one| {
            let lanes = [one.to_server, one.to_client];
            let moved = lanes.map(|lane| lane.forwarded + 3 * lane.held + u64::from(lane.end));
            one.number + moved[0] + 7 * moved[1] + u64::from(one.local.is_some())
        });
        lanes.fold(0, u64::wrapping_add)
    }

    /// The NAT forgets every connection now.
    pub(crate) fn nat_forget(&mut self) {
        let fault = Fault::NatForgetNow { on_expiry: self.on_expiry };
        // It names no connection, so it cannot be wrong.
        if let Some(proxy) = &self.proxy {
            let _done = proxy.apply(vec![Change::Add(fault.into())]);
        }
    }

    /// What the proxy has told, if it has.
    pub(crate) fn told(&mut self) -> Option<Told> {
        loop {
            let event = self.events.borrow_mut().pop_front()?;
            let Some(number) = event.connection else { continue };
            match event.what {
                ProxyWhat::Connected { client } => {
                    self.numbers.insert(client, number);
                }
                ProxyWhat::ServerReached { local: Some(local) } => {
                    let client = self.numbers.iter().find(|(_, known)| **known == number);
                    if let Some((client, _)) = client {
                        self.clients.insert(local, *client);
                    }
                }
                ProxyWhat::NatForgot { idle } => {
                    let client = self.numbers.iter().find(|(_, known)| **known == number);
                    if let Some((client, _)) = client {
                        return Some(Told::NatForgot { client: *client, idle });
                    }
                }
                ProxyWhat::ServerReached { local: None }
                | ProxyWhat::ServerFailed { .. }
                | ProxyWhat::Refused { .. }
                | ProxyWhat::Fin { .. }
                | ProxyWhat::Reset { .. }
                | ProxyWhat::Held { .. }
                | ProxyWhat::Ended { .. }
                | ProxyWhat::Closed
                | ProxyWhat::CannotAccept { .. } => {}
            }
        }
    }
}

/// What a proxy tells, as it comes; the inbox is told of each.
fn forwarded(
    mut events: UnboundedReceiver<ProxyEvent>,
    inbox: Rc<Inbox>,
) -> Rc<RefCell<VecDeque<ProxyEvent>>> {
    let queue = Rc::new(RefCell::new(VecDeque::new()));
    let filled = Rc::clone(&queue);
    tokio::task::spawn_local(async move {
        while let Some(event) = events.recv().await {
            filled.borrow_mut().push_back(event);
            inbox.tell();
        }
    });
    queue
}

/// The faults that make the path what it is.
fn faults(wanted: &Standing) -> Vec<FaultSpec> {
    let mut specs = Vec::new();
    let both = Direction::Both;
    if wanted.silent {
        specs.push(Fault::Silence { direction: both }.into());
    }
    match wanted.portal {
        Some(Portal::Answers) => specs.push(Fault::AcceptSilent.into()),
        Some(Portal::Reset) => specs.push(Fault::Refuse { how: RefuseHow::Close }.into()),
        None if wanted.refused => specs.push(Fault::Refuse { how: RefuseHow::Close }.into()),
        None => {}
    }
    let jitter = Dist::Constant(wanted.late);
    let latency = wanted.latency.clone();
    specs.push(Fault::Delay { direction: both, latency, jitter }.into());
    if let Some((idle_timeout, on_expiry)) = wanted.nat {
        specs.push(Fault::NatForget { idle_timeout, on_expiry }.into());
    }
    specs
}

/// The clock of a run, as proxies read it.
struct Ticks(Arc<ModelClock>);

impl Clock for Ticks {
    fn now(&self) -> Time {
        self.0.now()
    }

    fn sleep_until(&self, at: Time) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.sleep(at)
    }
}
