//! What the faults that are set come to for one connection, and what is done to it at once.

use super::fault::{EndHow, Ends, Fault, FaultId, FaultSpec, On, RefuseHow, Side};
use crate::net::NatExpiry;
use crate::port::{Draws, Purpose, Span, Time};
use crate::settings::Dist;

/// A fault that is set.
#[derive(Clone, PartialEq, Debug)]
pub struct SetFault {
    /// Its number.
    pub id: FaultId,
    /// What it is.
    pub spec: FaultSpec,
    /// When it was set.
    pub since: Time,
    /// The number of the first connection that came after it.
    pub(super) first_new: u64,
}

impl SetFault {
    /// Whether it is about connection `number`.
    fn concerns(&self, number: u64) -> bool {
        match self.spec.on {
            On::All => true,
            On::New => number >= self.first_new,
            On::Connection(one) => one == number,
        }
    }
}

/// All faults together, for one connection.
#[derive(Clone, PartialEq, Default, Debug)]
pub(super) struct Effects {
    /// By the side that bytes go to.
    silent: [bool; 2],
    /// Latency and jitter, by the side that bytes go to.
    delays: [Vec<(Dist, Dist)>; 2],
    /// Bytes in a second, by the side that bytes go to.
    rates: [Option<u64>; 2],
    /// The NAT's patience, and what it does then.
    pub(super) nat: Option<(Span, NatExpiry)>,
    /// How old the connection becomes.
    pub(super) close_after: Option<(Span, EndHow)>,
    /// It is refused.
    pub(super) refuse: Option<RefuseHow>,
    /// It is taken and not answered.
    pub(super) accept_silent: bool,
}

impl Effects {
    /// What `faults` come to for connection `number`.
    pub(super) fn of(faults: &[SetFault], number: u64) -> Effects {
        let mut all = Effects::default();
        for fault in faults.iter().filter(|fault| fault.concerns(number)) {
            all.add(&fault.spec.fault);
        }
        all
    }

    fn add(&mut self, fault: &Fault) {
        match fault {
            Fault::Silence { direction } => {
                for side in Side::ALL.iter().filter(|side| direction.is_to(**side)) {
                    self.silent[*side as usize] = true;
                }
            }
            Fault::Delay { direction, latency, jitter } => {
                for side in Side::ALL.iter().filter(|side| direction.is_to(**side)) {
                    self.delays[*side as usize].push((latency.clone(), jitter.clone()));
                }
            }
            Fault::Bandwidth { direction, rate } => {
                for side in Side::ALL.iter().filter(|side| direction.is_to(**side)) {
                    let least = &mut self.rates[*side as usize];
                    *least = Some(least.map_or(*rate, |least| least.min(*rate)));
                }
            }
            Fault::NatForget { idle_timeout, on_expiry } => {
                if self.nat.is_none_or(|(least, _)| *idle_timeout < least) {
                    self.nat = Some((*idle_timeout, *on_expiry));
                }
            }
            Fault::CloseAfter { after, how } => {
                if self.close_after.is_none_or(|(least, _)| *after < least) {
                    self.close_after = Some((*after, *how));
                }
            }
            // Nobody listens, as soon as one says so.
            Fault::Refuse { how } => {
                if self.refuse != Some(RefuseHow::Close) {
                    self.refuse = Some(*how);
                }
            }
            Fault::AcceptSilent => self.accept_silent = true,
            Fault::NatForgetNow { .. }
            | Fault::Reset { .. }
            | Fault::Close { .. }
            | Fault::HalfOpen { .. } => {}
        }
    }

    /// Whether bytes towards `side` stand still.
    pub(super) fn silent(&self, side: Side) -> bool {
        self.silent[side as usize]
    }

    /// How many bytes towards `side` may go in a second.
    pub(super) fn rate(&self, side: Side) -> Option<u64> {
        self.rates[side as usize]
    }

    /// How long the piece `n` of a connection's bytes towards `side` is under way.
    pub(super) fn delay(&self, side: Side, draws: Draws, n: u64) -> Span {
        let mut sum = Span::ZERO;
        let mut draw = n.wrapping_mul(64) + side as u64;
        for (latency, jitter) in &self.delays[side as usize] {
            for dist in [latency, jitter] {
                // Not by the time, which is never twice the same: one seed gives the same delays.
                sum += dist.sample(draws.draw(Purpose::Latency, Time::ZERO, draw));
                draw += 2;
            }
        }
        sum
    }
}

/// What is done to a connection at once.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Order {
    /// It is forgotten.
    Forget(NatExpiry),
    /// The ends are told, and it is over; an end that is told nothing believes in it.
    End {
        how: EndHow,
        to: Ends,
        /// Later bytes of the client are answered with RST.
        then_reset: bool,
    },
}

impl Order {
    /// What `fault` does at once; nothing when it is a state.
    pub(super) const fn of(fault: &Fault) -> Option<Order> {
        match fault {
            Fault::NatForgetNow { on_expiry } => Some(Order::Forget(*on_expiry)),
            Fault::Reset { to } => {
                Some(Order::End { how: EndHow::Reset, to: *to, then_reset: false })
            }
            Fault::Close { to } => {
                Some(Order::End { how: EndHow::Fin, to: *to, then_reset: false })
            }
            Fault::HalfOpen { how, then_reset } => {
                Some(Order::End { how: *how, to: Ends::Server, then_reset: *then_reset })
            }
            Fault::Silence { .. }
            | Fault::Delay { .. }
            | Fault::Bandwidth { .. }
            | Fault::Refuse { .. }
            | Fault::AcceptSilent
            | Fault::NatForget { .. }
            | Fault::CloseAfter { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(texts: &[&str]) -> Vec<SetFault> {
        let one = |(id, text): (usize, &&str)| SetFault {
            id: FaultId(id as u64),
            spec: FaultSpec::parse(text).unwrap(),
            since: Time::ZERO,
            first_new: 5,
        };
        texts.iter().enumerate().map(one).collect()
    }

    #[test]
    fn a_fault_concerns_all_new_ones_or_one_connection() {
        let faults = set(&["silence on=new direction=to-client", "bandwidth rate=9 on=3"]);
        for (number, silent, rate) in
            [(3, false, Some(9)), (4, false, None), (5, true, None), (6, true, None)]
        {
            let effects = Effects::of(&faults, number);
            assert_eq!(effects.silent(Side::Client), silent, "{number}");
            assert!(!effects.silent(Side::Server));
            assert_eq!(effects.rate(Side::Server), rate, "{number}");
        }
    }

    #[test]
    fn of_several_faults_the_strictest_holds_and_delays_add_up() {
        let effects = Effects::of(
            &set(&[
                "bandwidth rate=2k",
                "bandwidth rate=1k direction=to-client",
                "nat-forget idle-timeout=5m",
                "nat-forget idle-timeout=1m on-expiry=reset",
                "delay latency=80ms",
                "delay latency=10ms jitter=5ms direction=to-server",
                "close-after after=1h",
                "close-after after=30s how=reset",
                "refuse how=reset",
                "refuse",
            ]),
            1,
        );
        assert_eq!(
            [effects.rate(Side::Client), effects.rate(Side::Server)],
            [Some(1_000), Some(2_000)]
        );
        assert_eq!(effects.nat, Some((Span::from_secs(60), NatExpiry::Reset)));
        assert_eq!(effects.close_after, Some((Span::from_secs(30), EndHow::Reset)));
        assert_eq!(effects.refuse, Some(RefuseHow::Close));
        let draws = Draws::new(1, 1);
        assert_eq!(effects.delay(Side::Server, draws, 0), Span::from_millis(95));
        assert_eq!(effects.delay(Side::Client, draws, 0), Span::from_millis(80));
    }

    #[test]
    fn delays_are_drawn_for_each_piece_and_the_same_under_one_seed() {
        let effects = Effects::of(&set(&["delay latency=uniform(0s, 1s)"]), 1);
        let all = |seed| -> Vec<Span> {
            let draws = Draws::new(seed, 1);
            (0..20).map(|n| effects.delay(Side::Server, draws, n)).collect()
        };
        assert_eq!(all(1), all(1));
        assert_ne!(all(1), all(2));
        let mut different = all(1);
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), 20);
    }
}
