//! What the pushes that wait somewhere say. A push to many is one entry, however many devices it waits for.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::numbers::NumberMap;

/// What pushes say, by device and id.
#[derive(Debug, Default)]
pub(super) struct Payloads {
    single: NumberMap<(u32, u64), Arc<str>>,
    /// What those count for, by device.
    single_bytes: NumberMap<u32, usize>,
    /// Pushes to many, by the first of their ids, which follow each other.
    wide: BTreeMap<u64, Wide>,
    /// For how many devices those wait.
    wide_len: usize,
    /// What all of them count for, and those that wait for the store.
    pub(super) bytes: usize,
}

#[derive(Debug)]
struct Wide {
    payload: Arc<str>,
    devices: Arc<[u32]>,
    /// Whether it still waits for each of them.
    waits: Box<[bool]>,
    left: usize,
}

impl Payloads {
    /// How many pushes are held.
    pub(super) fn len(&self) -> usize {
        self.single.len() + self.wide_len
    }

    /// A push to one device waits.
    pub(super) fn hold(&mut self, device: u32, id: u64, payload: Arc<str>) {
        self.forget_single(device, id);
        self.bytes += cost(&payload);
        *self.single_bytes.entry(device).or_insert(0) += cost(&payload);
        self.single.insert((device, id), payload);
    }

    /// A push to devices waits, whose ids begin at `first`.
    pub(super) fn hold_all(&mut self, first: u64, devices: &Arc<[u32]>, payload: &Arc<str>) {
        let payload = Arc::clone(payload);
        match **devices {
            [] => {}
            [device] => self.hold(device, first, payload),
            [..] => {
                let left = devices.len();
                self.bytes += cost(&payload) * left;
                self.wide_len += left;
                let waits = vec![true; left].into_boxed_slice();
                let wide = Wide { payload, devices: Arc::clone(devices), waits, left };
                self.wide.insert(first, wide);
            }
        }
    }

    /// Answers whether it was held.
    pub(super) fn forget(&mut self, device: u32, id: u64) -> bool {
        if let Some((first, wide)) = self.wide.range_mut(..=id).next_back()
            && let Some(place) = wide.place(id - first, device)
        {
            wide.waits[place] = false;
            wide.left -= 1;
            self.wide_len -= 1;
            self.bytes -= cost(&wide.payload);
            if wide.left == 0 {
                let first = *first;
                self.wide.remove(&first);
            }
            return true;
        }
        self.forget_single(device, id)
    }

    fn forget_single(&mut self, device: u32, id: u64) -> bool {
        let Some(payload) = self.single.remove(&(device, id)) else { return false };
        self.bytes -= cost(&payload);
        if let Some(bytes) = self.single_bytes.get_mut(&device) {
            *bytes -= cost(&payload);
            if *bytes == 0 {
                self.single_bytes.remove(&device);
            }
        }
        true
    }

    /// What the pushes that wait for a device count for. Looks at every push to many.
    pub(super) fn bytes_of(&self, device: u32) -> usize {
        let its = |wide: &&Wide| {
            let mut places = wide.devices.iter().zip(&wide.waits);
            places.any(|(known, waits)| *known == device && *waits)
        };
        let wide = self.wide.values().filter(its).map(|wide| cost(&wide.payload));
        self.single_bytes.get(&device).copied().unwrap_or(0) + wide.sum::<usize>()
    }

    /// What a push says, if it is held.
    pub(super) fn get(&self, device: u32, id: u64) -> Option<&str> {
        if let Some((first, wide)) = self.wide.range(..=id).next_back()
            && wide.place(id - first, device).is_some()
        {
            return Some(&wide.payload);
        }
        self.single.get(&(device, id)).map(|payload| &**payload)
    }
}

impl Wide {
    /// Where the device stands for whom the `n`-th id waits, if it is this one.
    fn place(&self, n: u64, device: u32) -> Option<usize> {
        let place = usize::try_from(n).ok()?;
        let its = self.devices.get(place) == Some(&device) && self.waits[place];
        its.then_some(place)
    }
}

/// What a push that waits counts for: what it says, and that it is remembered.
pub(super) fn cost(payload: &str) -> usize {
    payload.len() + 64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_to_many_is_forgotten_by_each_device_once_and_only_by_its_own() {
        let mut payloads = Payloads::default();
        payloads.hold(1, 6, "before".into());
        payloads.hold_all(7, &Arc::from([1, 2, 3]), &"all".into());
        payloads.hold(2, 10, "after".into());
        assert_eq!(payloads.get(2, 8), Some("all"));
        assert_eq!(payloads.get(1, 8), None);
        assert!(!payloads.forget(1, 8));
        assert_eq!((payloads.forget(2, 8), payloads.forget(2, 8)), (true, false));
        assert_eq!((payloads.get(1, 6), payloads.get(2, 10)), (Some("before"), Some("after")));
        assert_eq!(payloads.len(), 4);
        assert_eq!(payloads.bytes_of(1), cost("before") + cost("all"));
        assert_eq!(payloads.bytes_of(2), cost("after"), "it has had the one to all");
        assert!(payloads.forget(1, 7) && payloads.forget(3, 9));
        assert!(payloads.forget(1, 6) && payloads.forget(2, 10));
        assert_eq!((payloads.len(), payloads.bytes, payloads.wide.len()), (0, 0, 0));
        assert_eq!((payloads.bytes_of(1), payloads.single_bytes.len()), (0, 0));
    }
}
