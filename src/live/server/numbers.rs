//! Maps by numbers that the server gives itself: of connections, devices, pushes.
//!
//! Nobody outside chooses them, so nobody can make them collide: they need no hasher that is hard to foresee, as names
//! and addresses do.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map whose keys are numbers of the server's own.
pub(super) type NumberMap<K, V> = HashMap<K, V, BuildHasherDefault<NumberHasher>>;

/// Multiplies: numbers that follow each other are spread evenly.
#[derive(Copy, Clone, Default, Debug)]
pub(super) struct NumberHasher(u64);

/// The golden ratio's fraction in 64 bits: Knuth's multiplicative hashing.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for NumberHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(32) ^ number).wrapping_mul(FACTOR);
    }

    fn finish(&self) -> u64 {
        // A table takes the lowest bits for the place, and those are the least mixed.
        self.0 ^ self.0.rotate_left(29)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::hash::{BuildHasher, Hash};

    use super::*;

    fn places(keys: impl Iterator<Item = impl Hash>, bits: u64) -> usize {
        let hasher = BuildHasherDefault::<NumberHasher>::default();
        keys.map(|key| hasher.hash_one(key) % bits).collect::<BTreeSet<_>>().len()
    }

    #[test]
    fn numbers_that_follow_each_other_have_places_of_their_own() {
        // By luck it would be 63 % of the places.
        assert!(places(0_u32..1_024, 1_024) > 600);
        assert!(places((0_u32..1_024).map(|n| n << 16), 1_024) > 600);
        assert!(places((0_u32..1_024).map(|n| (n, 7_000 + u64::from(n))), 1_024) > 600);
        assert!(places((0_u64..1_024).map(|n| (7_u32, n)), 1_024) > 600);
    }
}
