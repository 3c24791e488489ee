//! The phone's TCP timers run on the time its device is awake: while the device sleeps nothing is sent
//! again, no probe goes out and no attempt gives up. What arrives is answered all the same.

use super::End;
use super::connection::{Around, Connection};
use crate::port::{Span, Time};
use crate::trace::Observer;

/// A retransmission that went on before a sleep of this length is given up at the wake, if it has been
/// tried more often than [`SLEPT_RETRIES`] (XNU, `tcp_timer.c`: `TCP_SLEEP_TOO_LONG`).
const SLEPT_TOO_LONG: Span = Span::from_secs(600);
/// See [`SLEPT_TOO_LONG`].
const SLEPT_RETRIES: u32 = 4;

impl Connection {
    /// The phone's device sleeps, and its kernel's timers with it.
    pub(super) fn phone_sleeps(&mut self) {
        self.phone_asleep = true;
    }

    /// The device is awake again after a sleep that began at `since`.
    pub(super) fn phone_wakes<O: Observer>(&mut self, since: Time, a: &mut Around<O>) {
        self.phone_asleep = false;
        let now = a.now();
        // What began during the sleep has stood still only since then.
        let still = |from: Time| now.since(from.max(since));
        let slept = still(since);
        self.attempt.first += slept;
        self.attempt.next_at += slept;
        let phone = self.end(End::Phone);
        phone.heard += still(phone.heard);
        phone.probe_at += slept;
        let way = self.way(End::Phone);
        let Some(retry) = way.retry() else { return };
        if retry.count > SLEPT_RETRIES && now.since(retry.last) >= SLEPT_TOO_LONG {
            self.time_out(End::Phone, now.since(retry.first), a);
        } else {
            way.stood_still(still(retry.last));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::net::testing::{Bench, DARWIN_KEEP_ALIVE, ms, ping, secs};
    use crate::net::{End, PhoneEvent};

    fn silent_with_a_ping_under_way() -> Bench {
        let mut bench = Bench::new().connected();
        bench.act(|net, cx| net.silence(true, cx));
        bench.send(End::Phone, ping(1));
        bench
    }

    #[test]
    fn a_sleeping_phone_sends_nothing_again_and_does_not_give_up() {
        let mut bench = silent_with_a_ping_under_way();
        bench.act(|net, cx| net.phone_sleeps(cx));
        bench.until(secs(500));
        assert!(bench.times("retransmitted").is_empty() && bench.phone().is_empty());
        bench.act(|net, cx| net.phone_wakes(cx));
        bench.until(secs(540));
        assert!(!bench.times("retransmitted").is_empty());
        assert!(matches!(bench.phone()[..], [(_, PhoneEvent::TimedOut)]), "{:?}", bench.phone());
    }

    #[test]
    fn the_schedule_goes_on_where_it_stood() {
        let mut awake = silent_with_a_ping_under_way();
        awake.until(secs(100));
        let mut asleep = silent_with_a_ping_under_way();
        asleep.until(secs(2));
        asleep.act(|net, cx| net.phone_sleeps(cx));
        asleep.until(secs(302));
        asleep.act(|net, cx| net.phone_wakes(cx));
        asleep.until(secs(400));
        let slept = crate::port::Span::from_secs(300);
        let expected: Vec<_> = awake
            .times("retransmitted")
            .into_iter()
            .map(|at| if at > secs(2) { at + slept } else { at })
            .collect();
        assert_eq!(asleep.times("retransmitted"), expected);
    }

    #[test]
    fn a_schedule_that_was_far_along_is_given_up_after_ten_minutes_of_sleep() {
        for (slept, gives_up) in [(599, false), (600, true)] {
            let mut bench = silent_with_a_ping_under_way();
            while bench.times("retransmitted").len() < 5 {
                let next = bench.net.deadline();
                bench.until(next);
            }
            bench.act(|net, cx| net.phone_sleeps(cx));
            let end = bench.now + crate::port::Span::from_secs(slept);
            bench.until(end);
            bench.act(|net, cx| net.phone_wakes(cx));
            assert_eq!(bench.phone().len(), usize::from(gives_up), "after {slept} s");
        }
    }

    #[test]
    fn what_arrives_at_a_sleeping_phone_is_taken_in() {
        let mut bench = Bench::new().connected();
        bench.act(|net, cx| net.phone_sleeps(cx));
        bench.send(End::Server, ping(1));
        let end = bench.now + ms(30);
        bench.until(end);
        assert!(matches!(bench.phone()[..], [(_, PhoneEvent::Frame(_))]));
    }

    #[test]
    fn keep_alive_probes_of_the_phone_wait_for_it() {
        let mut bench = Bench::new();
        bench.config.phone_keep_alive = Some(DARWIN_KEEP_ALIVE);
        let mut bench = bench.connected();
        bench.act(|net, cx| net.silence(true, cx));
        bench.act(|net, cx| net.phone_sleeps(cx));
        bench.until(secs(20_000));
        assert!(bench.phone().is_empty());
        bench.act(|net, cx| net.phone_wakes(cx));
        bench.until(secs(20_000 + 7_200 + 8 * 75 + 1));
        assert!(matches!(bench.phone()[..], [(_, PhoneEvent::TimedOut)]));
    }
}
