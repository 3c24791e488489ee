//! One connection as a state machine: what was heard from each side, what each was told, and what the
//! faults let pass. It waits for nothing; `connection` does that for it.

use std::io;

use super::effects::{Effects, Order};
use super::event::ProxyWhat;
use super::fault::{EndHow, Ends, Side};
use super::lane::Lane;
use crate::net::NatExpiry;
use crate::port::{Draws, Span, Time};

/// One side's socket.
pub(super) trait Wire {
    /// Reads what is there.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize>;
    /// Writes as much as goes.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// Sends FIN.
    fn fin(&mut self);
    /// Has the socket send RST when it is dropped.
    fn reset(&mut self);
    /// Whether the connection was reset, which reading would tell.
    fn failed(&mut self) -> bool;
}

/// The sockets, by [`Side`].
pub(super) type Wires<W> = [Option<W>; 2];

/// Where the server's side stands.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Reach {
    /// The server was not asked.
    NotYet,
    /// It is asked.
    Asked,
    /// It has answered, or will not be asked any more.
    Done,
}

/// What becomes of bytes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Mode {
    /// They are passed on.
    Relay,
    /// The two sides have nothing to do with each other any more: bytes are swallowed.
    Cut {
        /// The client's are answered with RST.
        resets: bool,
    },
}

/// One connection.
#[derive(Debug)]
pub(super) struct Relay {
    draws: Draws,
    pub(super) opened: Time,
    effects: Effects,
    orders: Vec<Order>,
    /// By the side that the bytes go to.
    lanes: [Lane; 2],
    heard: [Option<EndHow>; 2],
    told: [Option<EndHow>; 2],
    reach: Reach,
    mode: Mode,
    /// It was taken by what never answers.
    portal: bool,
    last_byte: Time,
    /// The NAT has forgotten it and makes it anew for bytes of the client.
    forgotten: bool,
    /// That bytes stand still was told; by the side that they go to.
    held_told: [bool; 2],
}

/// What a connection waits for.
#[derive(Copy, Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Wait {
    /// Nothing: it is over.
    pub(super) done: bool,
    /// The server is asked, or is to be asked now.
    pub(super) connect: bool,
    /// Bytes from these sides.
    pub(super) read: [bool; 2],
    /// Room for bytes to these sides.
    pub(super) write: [bool; 2],
    /// This time.
    pub(super) until: Option<Time>,
}

/// One direction as it is told outside.
#[derive(Copy, Clone, PartialEq, Eq, Default, Debug)]
pub struct LaneInfo {
    /// Bytes that were passed on.
    pub forwarded: u64,
    /// Bytes that were read and not yet passed on.
    pub held: u64,
    /// Since when the first of those is here.
    pub held_since: Option<Time>,
    /// Whether they stand still: no time and no reader will let them go on.
    pub still: bool,
    /// Whether FIN or RST waits behind them.
    pub end: bool,
}

const BOTH: [Side; 2] = [Side::Client, Side::Server];

/// Pieces that are read from one side before the other has its turn.
const READS_IN_A_TURN: usize = 4;

impl Relay {
    pub(super) fn new(effects: Effects, draws: Draws, bound: usize, now: Time) -> Relay {
        let portal = effects.accept_silent;
        Relay {
            draws,
            opened: now,
            effects,
            orders: Vec::new(),
            lanes: [Lane::new(bound), Lane::new(bound)],
            heard: [None; 2],
            told: [None; 2],
            reach: if portal { Reach::Done } else { Reach::NotYet },
            mode: if portal { Mode::Cut { resets: false } } else { Mode::Relay },
            portal,
            last_byte: now,
            forgotten: false,
            held_told: [false; 2],
        }
    }

    /// Other faults hold from now on.
    pub(super) fn set(&mut self, effects: Effects) {
        // What took the connection is gone, and the server does not know it.
        if self.portal && !effects.accept_silent {
            self.mode = Mode::Cut { resets: true };
        }
        self.effects = effects;
    }

    /// This is done at the next step.
    pub(super) fn order(&mut self, order: Order) {
        self.orders.push(order);
    }

    /// The proxy is connected to the server.
    pub(super) fn server_reached(&mut self) {
        self.reach = Reach::Done;
    }

    /// The server cannot be reached: the client gets RST, as from a host where nobody listens.
    pub(super) fn server_failed(&mut self, now: Time) {
        self.reach = Reach::Done;
        self.heard[Side::Server as usize] = Some(EndHow::Reset);
        let lane = &mut self.lanes[Side::Client as usize];
        lane.push_end(EndHow::Reset, now, Span::ZERO);
        self.lanes[Side::Server as usize].clear();
    }

    /// Bytes towards `to`, as told outside.
    pub(super) fn lane(&self, to: Side) -> LaneInfo {
        let lane = &self.lanes[to as usize];
        LaneInfo {
            forwarded: lane.forwarded,
            held: lane.held() as u64,
            held_since: lane.held_since(),
            still: self.still(to),
            end: lane.end().is_some(),
        }
    }

    /// Whether bytes of one side never reach the other any more.
    pub(super) fn is_cut(&self) -> bool {
        self.mode != Mode::Relay
    }

    /// Whether bytes towards `to` stand still until a fault is removed or the client speaks.
    fn still(&self, to: Side) -> bool {
        self.effects.silent(to) || (self.forgotten && to == Side::Client)
    }

    /// Does all that can be done now, and answers what to wait for.
    pub(super) fn step<W: Wire>(
        &mut self,
        wires: &mut Wires<W>,
        now: Time,
        tell: &mut Vec<ProxyWhat>,
    ) -> Wait {
        self.ends_by_age(now);
        for order in std::mem::take(&mut self.orders) {
            self.obey(order, wires, now, tell);
        }
        self.expire(now, tell);
        let mut wait = Wait::default();
        for from in BOTH {
            self.read(from, wires, now, tell);
        }
        for to in BOTH {
            wait.write[to as usize] = self.write(to, wires, now, tell);
        }
        self.tell_held(tell);
        wait.done = self.over(Side::Client, wires) && self.over(Side::Server, wires);
        if wait.done {
            return wait;
        }
        for from in BOTH {
            wait.read[from as usize] = wires[from as usize].is_some() && self.reads(from);
        }
        // SYN is bytes to the server, too.
        if self.reach == Reach::NotYet && !self.still(Side::Server) {
            self.reach = Reach::Asked;
        }
        wait.connect = self.reach == Reach::Asked;
        wait.until = self.until(now);
        wait
    }

    fn ends_by_age(&mut self, now: Time) {
        if let Some((after, how)) = self.effects.close_after
            && self.opened + after <= now
            && self.ages()
        {
            self.orders.push(Order::End { how, to: Ends::Both, then_reset: false });
        }
    }

    /// Whether it can end by its age. On a path that has forgotten it, nobody would be told.
    fn ages(&self) -> bool {
        self.mode == Mode::Relay || (self.portal && self.told[Side::Client as usize].is_none())
    }

    fn expire(&mut self, now: Time, tell: &mut Vec<ProxyWhat>) {
        if let Some((timeout, on_expiry)) = self.effects.nat
            && self.mode == Mode::Relay
            && !self.forgotten
            && self.last_byte + timeout <= now
        {
            self.forget(on_expiry, now, tell);
        }
    }

    fn forget(&mut self, on_expiry: NatExpiry, now: Time, tell: &mut Vec<ProxyWhat>) {
        if self.mode != Mode::Relay {
            return;
        }
        tell.push(ProxyWhat::NatForgot { idle: now.since(self.last_byte) });
        match on_expiry {
            NatExpiry::Silent => self.cut(false),
            NatExpiry::Reset => self.cut(true),
            NatExpiry::Recreate => self.forgotten = true,
        }
    }

    fn cut(&mut self, resets: bool) {
        self.mode = Mode::Cut { resets };
        self.reach = Reach::Done;
        for lane in &mut self.lanes {
            lane.clear();
        }
    }

    fn obey<W: Wire>(
        &mut self,
        order: Order,
        wires: &mut Wires<W>,
        now: Time,
        tell: &mut Vec<ProxyWhat>,
    ) {
        match order {
            Order::Forget(on_expiry) => self.forget(on_expiry, now, tell),
            Order::End { how, to, then_reset } => {
                self.cut(then_reset);
                for side in BOTH.into_iter().filter(|side| to.has(*side)) {
                    self.end(side, how, wires, tell);
                }
            }
        }
    }

    /// A fault ends one side.
    fn end<W: Wire>(
        &mut self,
        side: Side,
        how: EndHow,
        wires: &mut Wires<W>,
        tell: &mut Vec<ProxyWhat>,
    ) {
        if wires[side as usize].is_some() {
            tell.push(ProxyWhat::Ended { to: side, reset: how == EndHow::Reset });
        }
        self.say(side, how, wires);
    }

    fn say<W: Wire>(&mut self, side: Side, how: EndHow, wires: &mut Wires<W>) {
        let place = side as usize;
        match how {
            EndHow::Fin => {
                if let Some(wire) = wires[place].as_mut().filter(|_| self.told[place].is_none()) {
                    wire.fin();
                }
            }
            EndHow::Reset => {
                if let Some(mut wire) = wires[place].take() {
                    wire.reset();
                }
            }
        }
        self.told[place] = Some(how);
    }

    /// Whether bytes of `from` are wanted now.
    fn reads(&self, from: Side) -> bool {
        let room = match self.mode {
            Mode::Relay => self.lanes[from.peer() as usize].room() > 0,
            Mode::Cut { .. } => true,
        };
        room && self.heard[from as usize].is_none()
    }

    fn read<W: Wire>(
        &mut self,
        from: Side,
        wires: &mut Wires<W>,
        now: Time,
        tell: &mut Vec<ProxyWhat>,
    ) {
        let mut buffer = [0; 16 << 10];
        for _ in 0..READS_IN_A_TURN {
            let Some(wire) = wires[from as usize].as_mut() else { return };
            if !self.reads(from) {
                // A reset is heard even from a side that nothing is read from.
                if wire.failed() {
                    self.was_reset(from, wires, now, tell);
                }
                return;
            }
            let most = match self.mode {
                Mode::Relay => self.lanes[from.peer() as usize].room().min(buffer.len()),
                Mode::Cut { .. } => buffer.len(),
            };
            match wire.read(&mut buffer[..most]) {
                Ok(0) => return self.has_finished(from, wires, now, tell),
                Ok(count) => self.has_sent(from, &buffer[..count], wires, now, tell),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return self.was_reset(from, wires, now, tell),
            }
        }
    }

    fn has_sent<W: Wire>(
        &mut self,
        from: Side,
        bytes: &[u8],
        wires: &mut Wires<W>,
        now: Time,
        tell: &mut Vec<ProxyWhat>,
    ) {
        let to = from.peer();
        match self.mode {
            // Nobody is there who would read it.
            Mode::Relay if self.heard[to as usize] == Some(EndHow::Reset) => {}
            Mode::Relay => {
                let lane = &mut self.lanes[to as usize];
                let delay = self.effects.delay(to, self.draws, lane.drawn);
                lane.push(bytes, now, delay);
            }
            Mode::Cut { resets: true } if from == Side::Client => {
                self.end(Side::Client, EndHow::Reset, wires, tell);
            }
            Mode::Cut { .. } => {}
        }
    }

    fn has_finished<W: Wire>(
        &mut self,
        from: Side,
        wires: &mut Wires<W>,
        now: Time,
        tell: &mut Vec<ProxyWhat>,
    ) {
        self.heard[from as usize] = Some(EndHow::Fin);
        tell.push(ProxyWhat::Fin { from });
        match self.mode {
            Mode::Relay => self.passes_on(from, EndHow::Fin, now),
            Mode::Cut { resets: true } if from == Side::Client => {
                self.end(Side::Client, EndHow::Reset, wires, tell);
            }
            Mode::Cut { .. } => {}
        }
    }

    fn was_reset<W>(
        &mut self,
        from: Side,
        wires: &mut Wires<W>,
        now: Time,
        tell: &mut Vec<ProxyWhat>,
    ) {
        self.heard[from as usize] = Some(EndHow::Reset);
        tell.push(ProxyWhat::Reset { from });
        wires[from as usize] = None;
        self.lanes[from as usize].clear();
        if self.mode == Mode::Relay {
            self.passes_on(from, EndHow::Reset, now);
        }
    }

    fn passes_on(&mut self, from: Side, how: EndHow, now: Time) {
        let to = from.peer();
        let lane = &mut self.lanes[to as usize];
        let delay = self.effects.delay(to, self.draws, lane.drawn);
        lane.push_end(how, now, delay);
    }

    /// Writes what may go to `to`; answers whether it has no room for more.
    fn write<W: Wire>(
        &mut self,
        to: Side,
        wires: &mut Wires<W>,
        now: Time,
        tell: &mut Vec<ProxyWhat>,
    ) -> bool {
        let (place, rate) = (to as usize, self.effects.rate(to));
        let mut full = false;
        while !self.still(to) {
            let Some(wire) = wires[place].as_mut() else { return false };
            let bytes = self.lanes[place].sendable(now, rate);
            if bytes.is_empty() {
                break;
            }
            match wire.write(bytes) {
                Ok(count @ 1..) => {
                    self.lanes[place].sent(count, now, rate);
                    self.passed(to, now);
                }
                Ok(0) => {
                    full = true;
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    full = true;
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => {
                    self.was_reset(to, wires, now, tell);
                    return false;
                }
            }
        }
        if self.still(to) || wires[place].is_none() {
            return false;
        }
        let lane = &self.lanes[place];
        let end = lane.end_due(now).or((full && lane.reset_due(now)).then_some(EndHow::Reset));
        if let Some(how) = end {
            self.lanes[place].end_told();
            self.passed(to, now);
            self.say(to, how, wires);
        }
        full && wires[place].is_some()
    }

    /// Something went to `to`, past the NAT.
    fn passed(&mut self, to: Side, now: Time) {
        self.last_byte = now;
        if to == Side::Server {
            self.forgotten = false;
        }
    }

    fn tell_held(&mut self, tell: &mut Vec<ProxyWhat>) {
        for to in BOTH {
            let held = self.still(to) && !self.lanes[to as usize].is_empty();
            if held && !self.held_told[to as usize] {
                tell.push(ProxyWhat::Held { from: to.peer() });
            }
            self.held_told[to as usize] = held;
        }
    }

    /// Whether nothing comes from `side` and nothing goes to it any more.
    fn over<W>(&self, side: Side, wires: &Wires<W>) -> bool {
        let place = side as usize;
        if wires[place].is_none() {
            // A server that was not reached is over with its client; a RST has nobody to go to.
            return self.reach == Reach::Done
                || side == Side::Client
                || self.heard[Side::Client as usize] == Some(EndHow::Reset)
                || self.told[Side::Client as usize] == Some(EndHow::Reset);
        }
        let heard = self.heard[place].is_some();
        match self.mode {
            Mode::Relay => heard && self.told[place].is_some(),
            Mode::Cut { .. } => heard,
        }
    }

    fn until(&self, now: Time) -> Option<Time> {
        let lanes = BOTH.into_iter().filter(|to| !self.still(*to)).filter_map(|to| {
            let lane = &self.lanes[to as usize];
            lane.next(now, self.effects.rate(to))
        });
        let relayed = self.mode == Mode::Relay;
        let age = self.effects.close_after.filter(|_| self.ages());
        let nat = self.effects.nat.filter(|_| relayed && !self.forgotten);
        let age = age.map(|(after, _)| self.opened + after);
        let nat = nat.map(|(timeout, _)| self.last_byte + timeout);
        lanes.chain(age).chain(nat).min()
    }
}
