//! What else the events of a device say as stretches of time: leases, connections as each side sees them,
//! outages, reachability, faults that last, and how long a wake lasted.

use std::borrow::Cow;

use super::notes::notes;
use super::writer::{Note, Notes};
use crate::port::{AppState, Time};
use crate::report::history::fault::fault;
use crate::report::history::sign::{Belief, Sign, sign};
use crate::trace::{Event, LeaseReason, Names, What};

/// A stretch of time with its name and what is known of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Named {
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) name: Cow<'static, str>,
    pub(super) notes: Notes,
}

/// Stretches that have begun, by what ends them, and those that have ended.
struct Open<K> {
    open: Vec<(K, Named)>,
    done: Vec<Named>,
}

impl<K: PartialEq> Open<K> {
    fn new() -> Open<K> {
        Open { open: Vec::new(), done: Vec::new() }
    }

    fn begin(&mut self, key: K, at: Time, name: impl Into<Cow<'static, str>>, notes: Notes) {
        self.open.push((key, Named { from: at, to: at, name: name.into(), notes }));
    }

    fn has(&self, key: &K) -> bool {
        self.open.iter().any(|(of, _)| of == key)
    }

    /// Ends those of `key`; `notes` say how.
    fn end(&mut self, key: &K, at: Time, notes: &Notes) {
        self.end_if(|of| of == key, at, notes);
    }

    fn end_if(&mut self, ends: impl Fn(&K) -> bool, at: Time, notes: &Notes) {
        let (over, open) = std::mem::take(&mut self.open).into_iter().partition(|(of, _)| ends(of));
        self.open = open;
        let over: Vec<(K, Named)> = over;
        self.done.extend(over.into_iter().map(|(_, mut named)| {
            named.to = at;
            named.notes.extend(notes.iter().cloned());
            named
        }));
    }

    /// All of them, in the order in which they began.
    fn finish(mut self, at: Time) -> Vec<Named> {
        self.end_if(|_| true, at, &Notes::new());
        self.done.sort_by_key(|named| (named.from, named.to));
        self.done
    }
}

/// `notes` without what is the name already.
fn without(name: &str, mut notes: Notes) -> Notes {
    notes.retain(|(key, _)| *key != name);
    notes
}

/// What is drawn of a device beside its history.
pub(super) struct Stretches {
    /// Run time after a wake, until the app is suspended again, on screen, or gone.
    pub(super) wakes: Vec<Named>,
    /// Reasons to run in background.
    pub(super) leases: Vec<(LeaseReason, Vec<Named>)>,
    /// Connections the client believes in.
    pub(super) client: Vec<Named>,
    /// Connections the server believes in.
    pub(super) server: Vec<Named>,
    /// Connections that carry nothing any more, as long as somebody believes in them.
    pub(super) dead: Vec<Named>,
    /// Whether a push sent now would be received.
    pub(super) reachable: Vec<Named>,
    /// Faults that last until they are over.
    pub(super) faults: Vec<Named>,
}

/// What a pass over the events has seen so far.
struct Reader<'a> {
    names: &'a Names,
    wakes: Open<()>,
    leases: Open<LeaseReason>,
    client: Open<u32>,
    server: Open<u32>,
    dead: Open<u32>,
    reachable: Open<()>,
    faults: Open<&'static str>,
}

/// Reads the events of one device, over a run that ends at `end`.
pub(super) fn stretches(events: &[Event], names: &Names, end: Time) -> Stretches {
    let mut reader = Reader {
        names,
        wakes: Open::new(),
        leases: Open::new(),
        client: Open::new(),
        server: Open::new(),
        dead: Open::new(),
        reachable: Open::new(),
        faults: Open::new(),
    };
    for event in events {
        reader.drawn(event);
        reader.routine(event);
    }
    let leases = reader.leases;
    let mut by_reason: Vec<(LeaseReason, Vec<Named>)> = Vec::new();
    for lease in leases.finish(end) {
        let Some(reason) = LeaseReason::parse(&lease.name) else { continue };
        match by_reason.iter_mut().find(|(of, _)| *of == reason) {
            Some((_, list)) => list.push(lease),
            None => by_reason.push((reason, vec![lease])),
        }
    }
    by_reason.sort_by_key(|(reason, _)| *reason);
    Stretches {
        wakes: reader.wakes.finish(end),
        leases: by_reason,
        client: reader.client.finish(end),
        server: reader.server.finish(end),
        dead: reader.dead.finish(end),
        reachable: reader.reachable.finish(end),
        faults: reader.faults.finish(end),
    }
}

impl Reader<'_> {
    /// What a history knows as well.
    fn drawn(&mut self, event: &Event) {
        let Event { at, what, .. } = event;
        let at = *at;
        match sign(what) {
            Sign::Wake(reason, _) => {
                self.wakes.end(&(), at, &Notes::new());
                let known = without("reason", notes(what, self.names));
                self.wakes.begin((), at, reason.as_str(), known);
            }
            Sign::State(to) => self.state(to, at),
            Sign::Belief(belief, connection) => {
                self.belief(belief, connection, event);
                let believed = |of: &u32| self.client.has(of) || self.server.has(of);
                self.dead.end_if(|of| !believed(of), at, &Notes::new());
            }
            Sign::Fault(_) => {
                let Some((name, begins)) = fault(what) else { return };
                // Switched on twice, it is on once.
                if begins && !self.faults.has(&name) {
                    self.faults.begin(name, at, name, notes(what, self.names));
                } else if !begins {
                    self.faults.end(&name, at, &Notes::new());
                }
            }
            Sign::Step(_)
            | Sign::Accepted(_)
            | Sign::Sent(_)
            | Sign::Received(_)
            | Sign::Notified(_)
            | Sign::Dropped(..)
            | Sign::Kill(..)
            | Sign::Listed
            | Sign::Routine => {}
        }
    }

    fn state(&mut self, to: AppState, at: Time) {
        match to {
            AppState::Background => {}
            AppState::Suspended | AppState::Inactive | AppState::Active => {
                self.wakes.end(&(), at, &Notes::new());
            }
            AppState::NotRunning => {
                self.wakes.end(&(), at, &Notes::new());
                // Nobody is left to believe anything.
                self.client.end_if(
                    |_| true,
                    at,
                    &vec![("how", Note::Text("process-ended".into()))],
                );
                self.dead.end_if(|of| !self.server.has(of), at, &Notes::new());
            }
        }
    }

    fn belief(&mut self, belief: Belief, connection: u32, event: &Event) {
        let (at, known) = (event.at, notes(&event.what, self.names));
        let name = format!("connection {connection}");
        let replaced = vec![("how", Note::Text("another one took its place".into()))];
        match belief {
            Belief::ClientUp => {
                self.client.end_if(|_| true, at, &replaced);
                self.client.begin(connection, at, name, known);
            }
            Belief::ClientDown => self.client.end(&connection, at, &known),
            Belief::ServerUp => {
                self.server.end_if(|_| true, at, &replaced);
                self.server.begin(connection, at, name, known);
            }
            Belief::ServerDown => self.server.end(&connection, at, &known),
            Belief::Dead if !self.dead.has(&connection) => {
                let cause = known.iter().find_map(|(key, note)| match note {
                    Note::Text(cause) if *key == "cause" => Some(cause.clone()),
                    Note::Text(_) | Note::Number(_) | Note::Signed(_) | Note::Flag(_) => None,
                });
                self.dead.begin(connection, at, cause.unwrap_or(name.into()), known);
            }
            Belief::Dead => {}
            Belief::Healed => self.dead.end(&connection, at, &known),
        }
    }

    /// What a history leaves out.
    fn routine(&mut self, event: &Event) {
        let Event { at, what, .. } = event;
        if let What::LeaseBegan { reason, .. } = what {
            let known = without("reason", notes(what, self.names));
            self.leases.begin(*reason, *at, reason.as_str(), known);
        } else if let What::LeaseEnded { reason, how, .. } = what {
            self.leases.end(reason, *at, &vec![("how", Note::Text(how.as_str().into()))]);
        } else if let What::Reachable { why, .. } = what {
            self.reachable.end(&(), *at, &Notes::new());
            self.reachable.begin((), *at, why.as_str(), Notes::new());
        }
    }
}
