//! Which pushes the client has had: a ring of the last ones, in memory and, if the strategy says so, in
//! storage that survives the process.

use crate::port::{Phone, PushId};

/// Where the count of pushes ever remembered is kept.
const COUNT: u32 = 0;
/// Where the first place of the ring is kept.
const FIRST: u32 = 1;

/// The pushes remembered. Storage is read once in a process, at the first push or as soon as it can be.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// The last pushes; place `count % window` is the next to be written.
    ring: Vec<u64>,
    count: u64,
    loaded: bool,
}

/// A push as one number; no two have the same.
pub(super) fn packed(push: PushId) -> u64 {
    u64::from(push.name) << 32 | u64::from(push.member)
}

impl Seen {
    pub(super) fn has(&self, push: PushId) -> bool {
        self.ring.contains(&packed(push))
    }

    /// Remembers a push in memory; answers the place it took.
    fn remember(&mut self, value: u64, window: u32) -> u32 {
        let place = (self.count % u64::from(window)) as u32;
        match self.ring.get_mut(place as usize) {
            Some(old) => *old = value,
            None => self.ring.push(value),
        }
        self.count += 1;
        place
    }

    /// Remembers a push in memory alone.
    pub(super) fn keep(&mut self, push: PushId, window: u32) {
        if window > 0 {
            self.remember(packed(push), window);
        }
    }

    /// Remembers a push in memory and, as far as it can be written, in storage. The count is written
    /// last: a process that ends in between has lost the oldest push and nothing else.
    pub(super) fn store(&mut self, push: PushId, window: u32, phone: &mut impl Phone) {
        if window > 0 {
            self.write_through(packed(push), window, phone);
        }
    }

    fn write_through(&mut self, value: u64, window: u32, phone: &mut impl Phone) {
        let place = self.remember(value, window);
        if self.loaded && phone.store(FIRST + place, value).is_ok() {
            // A full store keeps the ring without its count; memory still has both.
            let _ = phone.store(COUNT, self.count);
        }
    }

    /// Reads the ring from storage, once. Before the first unlock after a boot it cannot be read: what
    /// was remembered meanwhile is added when it can.
    pub(super) fn load(&mut self, window: u32, phone: &mut impl Phone) {
        if self.loaded || window == 0 {
            return;
        }
        let Ok(count) = phone.load(COUNT) else { return };
        let meanwhile = std::mem::take(&mut self.ring);
        self.count = count.unwrap_or(0);
        for place in 0..self.count.min(u64::from(window)) as u32 {
            self.ring.push(phone.load(FIRST + place).ok().flatten().unwrap_or(u64::MAX));
        }
        self.loaded = true;
        for value in meanwhile {
            self.write_through(value, window, phone);
        }
    }
}
