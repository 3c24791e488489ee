//! Chance without state: a draw is a hash of what it is for, so that two clients under one seed meet the
//! same luck, and nothing shifts when a draw is added.

use super::Time;

/// What a draw is for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
#[repr(u64)]
pub enum Purpose {
    /// How long a segment is under way.
    Latency = 1,
    /// Whether a segment is lost.
    Loss,
    /// How long an interface takes to attach.
    Attach,
    /// The further delay of an idle radio.
    RadioIdle,
    /// By how much a keep-alive handler is early.
    KeepAliveEarly,
    /// How long until an app is suspended.
    Suspension,
    /// How long until a socket is reclaimed.
    Reclaim,
    /// A random number the app asked for.
    App,
    /// How long until an idle phone listens for pages.
    Paging,
    /// When a step acts that gives no certain time.
    StepTime = 40,
    /// From one act of a step to the next.
    StepGap,
    /// How long after its event a step acts.
    StepDelay,
    /// How long what a step begins lasts.
    StepLasts,
    /// What happens in somebody's days (the room `study`).
    Life = 100,
}

/// One device's chance.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Draws {
    key: u64,
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
/// OOPSLA 2014; constants of variant 13 by D. Stafford).
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The golden ratio in 64 bits, SplitMix64's increment.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

impl Draws {
    /// The chance of `device` under `seed`.
    pub const fn new(seed: u64, device: u32) -> Draws {
        let device = (device as u64).wrapping_mul(GAMMA);
        Draws { key: mix(mix(seed.wrapping_add(GAMMA)).wrapping_add(device)) }
    }

    /// The draw for `purpose` at `at`; `n` tells draws at one moment apart. Uniform over all of `u64`.
    #[inline]
    pub const fn draw(self, purpose: Purpose, at: Time, n: u64) -> u64 {
        let what = (purpose as u64).wrapping_mul(GAMMA) ^ n.rotate_left(32);
        mix(mix(self.key ^ at.as_micros().wrapping_mul(GAMMA)) ^ what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_everything_it_is_for_and_on_nothing_else() {
        let draw = Draws::new(7, 1).draw(Purpose::Latency, Time::from_micros(5), 0);
        assert_eq!(draw, Draws::new(7, 1).draw(Purpose::Latency, Time::from_micros(5), 0));
        assert_ne!(draw, Draws::new(8, 1).draw(Purpose::Latency, Time::from_micros(5), 0));
        assert_ne!(draw, Draws::new(7, 2).draw(Purpose::Latency, Time::from_micros(5), 0));
        assert_ne!(draw, Draws::new(7, 1).draw(Purpose::Loss, Time::from_micros(5), 0));
        assert_ne!(draw, Draws::new(7, 1).draw(Purpose::Latency, Time::from_micros(6), 0));
        assert_ne!(draw, Draws::new(7, 1).draw(Purpose::Latency, Time::from_micros(5), 1));
    }

    #[test]
    fn draws_are_spread_evenly() {
        let mut buckets = [0u32; 16];
        for micros in 0..16_000 {
            let draw = Draws::new(1, 1).draw(Purpose::Latency, Time::from_micros(micros), 0);
            buckets[(draw >> 60) as usize] += 1;
        }
        // 1000 expected in each; six standard deviations are 184.
        assert!(buckets.iter().all(|n| n.abs_diff(1_000) < 184), "{buckets:?}");
    }
}
