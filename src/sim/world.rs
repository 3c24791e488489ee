//! Devices and what they share, in one order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::device::Moment;
use super::{Device, Setup, Shared};
use crate::net::Host;
use crate::port::{App, Span, Time};
use crate::trace::{Observer, Probe, RestartKind, What};

/// Some devices of a run, and their own copy of what all devices share. Because the shared part depends
/// on nothing a device does, worlds of some devices each together make the world of all of them.
#[derive(Clone, Debug)]
pub struct World<A> {
    setup: Arc<Setup>,
    first: u32,
    devices: Vec<Device<A>>,
    shared: Shared,
    /// The devices by when something is due; an entry whose time is not the device's is out of date.
    queue: BinaryHeap<Reverse<(Time, u32)>>,
}

impl<A: App> World<A> {
    /// The devices with these numbers, each with the app that `make` gives it.
    pub fn new(
        setup: Arc<Setup>,
        numbers: RangeInclusive<u32>,
        mut make: impl FnMut(u32) -> A,
    ) -> World<A> {
        let first = *numbers.start();
        let devices = numbers.map(|n| Device::new(n, make(n), &setup)).collect();
        World { setup, first, devices, shared: Shared::default(), queue: BinaryHeap::new() }
    }

    /// The devices, in the order of their numbers.
    pub fn devices(&self) -> &[Device<A>] {
        &self.devices
    }

    /// What devices share.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// When something is due next; [`Time::NEVER`] if nothing is.
    #[inline]
    pub fn deadline(&mut self) -> Time {
        let first = if let [only] = &self.devices[..] {
            only.deadline()
        } else {
            self.first_in_queue().map_or(Time::NEVER, |(at, _)| at)
        };
        first.min(self.shared.deadline())
    }

    fn first_in_queue(&mut self) -> Option<(Time, u32)> {
        while let Some(Reverse((at, index))) = self.queue.peek() {
            if self.devices[*index as usize].deadline() == *at {
                return Some((*at, *index));
            }
            self.queue.pop();
        }
        None
    }

    /// Lets everything that is due at `now` happen.
    pub fn advance<O: Observer>(&mut self, now: Time, observer: &mut O) {
        if self.shared.deadline() <= now {
            self.server_up(now, observer);
        }
        if let [only] = &mut self.devices[..] {
            let host = self.shared.host();
            while only.deadline() <= now {
                only.at(now, host, &self.setup, observer).advance();
            }
            return;
        }
        while let Some((_, index)) = self.first_in_queue().filter(|(at, _)| *at <= now) {
            self.queue.pop();
            self.moment(index, now, observer, |moment| moment.advance());
        }
    }

    fn moment<O: Observer>(
        &mut self,
        index: u32,
        now: Time,
        observer: &mut O,
        act: impl FnOnce(&mut Moment<'_, A, O>),
    ) {
        let device = &mut self.devices[index as usize];
        act(&mut device.at(now, self.shared.host(), &self.setup, observer));
        let due = device.deadline();
        if self.devices.len() > 1 && due != Time::NEVER {
            self.queue.push(Reverse((due, index)));
        }
    }

    /// Does something to one device, if it is in this world.
    pub fn on_device<O: Observer>(
        &mut self,
        number: u32,
        now: Time,
        observer: &mut O,
        act: impl FnOnce(&mut Moment<'_, A, O>),
    ) {
        if let Some(index) = number.checked_sub(self.first)
            && (index as usize) < self.devices.len()
        {
            self.moment(index, now, observer, act);
        }
    }

    /// Does something to every device.
    pub fn for_each<O: Observer>(
        &mut self,
        now: Time,
        observer: &mut O,
        act: impl Fn(&mut Moment<'_, A, O>),
    ) {
        for index in 0..self.devices.len() as u32 {
            self.moment(index, now, observer, &act);
        }
    }

    /// The user opens the app on every device: how every run begins.
    pub fn start<O: Observer>(&mut self, observer: &mut O) {
        self.for_each(Time::ZERO, observer, |moment| moment.os(|os, cx| os.foreground(cx)));
    }

    /// The server goes down or drains, for all devices at once.
    pub fn restart_server<O: Observer>(
        &mut self,
        how: RestartKind,
        down_for: Span,
        now: Time,
        observer: &mut O,
    ) {
        self.emit(now, What::ServerDown { how, down_for }, observer);
        self.shared.go_down(how, now, down_for);
        self.for_each(now, observer, |moment| moment.server_down(how));
    }

    fn server_up<O: Observer>(&mut self, now: Time, observer: &mut O) {
        self.shared.come_up();
        self.emit(now, What::ServerUp {}, observer);
        self.for_each(now, observer, |moment| moment.server_up());
    }

    /// Faults are over. In this order, and nothing else:
    ///
    /// - a server that is down is up at once;
    /// - the path of every device heals: see [`Net::heal`](crate::net::Net::heal);
    /// - a media stream ends.
    ///
    /// What iOS and the app have to deal with themselves stays: a process that does not run or was removed from
    /// the app switcher, tasks that were leaked, a main thread that hangs, notifications that are forbidden.
    pub fn heal<O: Observer>(&mut self, now: Time, observer: &mut O) {
        if self.shared.host() != Host::Up {
            self.server_up(now, observer);
        }
        self.for_each(now, observer, |moment| moment.heal());
    }

    /// Tells of something that concerns all devices.
    pub fn emit<O: Observer>(&mut self, at: Time, what: What, observer: &mut O) {
        Probe { observer, at, owner: 0, seq: &mut self.shared.seq }.emit(what);
    }
}
