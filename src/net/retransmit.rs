//! When a segment that was not acknowledged is sent again, and when the sender stops trying: Darwin's
//! schedule for the phone, Linux's for the server.

use super::End;
use super::rtt::Rtt;
use crate::port::Span;

/// Timeout before there is any measurement: `TCPTV_RTOBASE` on Darwin (xnu-11417.101.15,
/// `bsd/netinet/tcp_timer.h`), `TCP_TIMEOUT_INIT` on Linux (`include/net/tcp.h`).
const INITIAL_RTO: Span = Span::from_secs(1);

/// When the phone sends its SYNs, counted from the first, and when it then fails with `ETIMEDOUT`
/// (xnu-11417.101.15: `tcp_syn_backoff` 1 1 1 1 1 2 4 8 16 32 over 1 s; `TCPTV_KEEP_INIT` 75 s).
pub(crate) const SYN_SECONDS: [u64; 12] = [0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67, 75];

/// How often Linux repeats a SYN-ACK (`tcp_synack_retries`, 5).
const SYN_ACK_RETRIES: u32 = 5;

/// From sending a segment for the `n`th time (0 is the first) until it is sent again.
pub(super) fn timeout(sender: End, rtt: Rtt, n: u32) -> Span {
    match sender {
        End::Phone => darwin_timeout(rtt, n),
        End::Server => linux_timeout(rtt, n),
    }
}

/// Whether the sender stops at this expiry, after `n` retransmissions and `since_first` after the
/// first sending.
pub(super) fn gives_up(sender: End, is_syn_ack: bool, n: u32, since_first: Span) -> bool {
    match sender {
        // `TCP_MAXRXTSHIFT` is 12: the 13th expiry drops the connection.
        End::Phone => n >= 12,
        End::Server if is_syn_ack => n >= SYN_ACK_RETRIES,
        End::Server => since_first >= LINUX_GIVE_UP,
    }
}

/// From sending a segment until its sender stops trying, on a path of this round-trip time.
pub(crate) fn gives_up_after(sender: End, round_trip: Span) -> Span {
    let mut rtt = Rtt::default();
    rtt.sample(round_trip.max(Span::TICK));
    let (mut n, mut since) = (0, Span::ZERO);
    loop {
        since += timeout(sender, rtt, n);
        if gives_up(sender, false, n, since) {
            return since;
        }
        n += 1;
    }
}

/// xnu-11417.101.15, `bsd/netinet`: `tcp_backoff[]` and `TCPTV_REXMTMIN`, `TCPTV_REXMTSLOP`,
/// `TCPTV_REXMTMAX`. From the sixth expiry on the smoothed time counts a quarter (`tcp_timer.c`:
/// `t_rttvar += t_srtt >> 5; t_srtt = 0`). Whole milliseconds, as Darwin counts.
fn darwin_timeout(rtt: Rtt, n: u32) -> Span {
    const MINIMUM: u64 = 30;
    const SLOP: u64 = 200;
    const MAXIMUM: u64 = 64_000;
    let base = match rtt.smoothed() {
        None => INITIAL_RTO.as_millis(),
        Some(smoothed) => {
            let counts = if n > 4 { smoothed.as_millis() / 4 } else { smoothed.as_millis() };
            counts + 4 * rtt.variation().as_millis()
        }
    };
    let backoff = 1 << n.min(6);
    Span::from_millis((base.max(MINIMUM) * backoff + SLOP).min(MAXIMUM))
}

/// The hypothetical timeout of `tcp_retries2 = 15` (`ip-sysctl`): 16 timeouts that start at 200 ms. The
/// kernel gives up at the first expiry at or after it, however many there were.
const LINUX_GIVE_UP: Span = Span::from_millis(924_600);

/// Linux, `include/net/tcp.h`: `TCP_RTO_MIN`, `TCP_RTO_MAX`; doubles each time.
fn linux_timeout(rtt: Rtt, n: u32) -> Span {
    const MINIMUM: Span = Span::from_millis(200);
    const MAXIMUM: Span = Span::from_secs(120);
    let base = match rtt.smoothed() {
        None => INITIAL_RTO,
        Some(smoothed) => (smoothed + rtt.variation().saturating_mul(4)).max(MINIMUM),
    };
    base.saturating_mul(1 << n.min(10)).min(MAXIMUM)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The times of all retransmissions, and of giving up as the last.
    fn schedule(sender: End, rtt: Rtt) -> Vec<u64> {
        let (mut times, mut at) = (Vec::new(), Span::ZERO);
        for n in 0.. {
            at += timeout(sender, rtt, n);
            times.push(at.as_millis());
            if gives_up(sender, false, n, at) {
                break;
            }
        }
        times
    }

    fn darwin(smoothed: u64, variation: u64) -> Vec<u64> {
        schedule(End::Phone, Rtt::of(Span::from_millis(smoothed), Span::from_millis(variation)))
    }

    #[test]
    fn a_phone_on_a_dead_path_gives_up_when_darwin_does() {
        for (smoothed, variation, seconds, tolerance) in [
            (10, 2, 17.9, 0.05),
            (50, 10, 30.4, 0.05),
            (70, 10, 33.4, 0.05),
            (100, 20, 58.6, 0.05),
            (100, 50, 119.9, 0.05),
            (200, 50, 135.0, 0.5),
            (300, 100, 252.0, 0.5),
            (1000, 500, 606.0, 0.5),
        ] {
            let times = darwin(smoothed, variation);
            let last = times[12] as f64 / 1e3;
            assert_eq!(times.len(), 13, "the 13th expiry drops the connection");
            assert!((last - seconds).abs() <= tolerance, "{smoothed}/{variation}: {last}");
        }
    }

    #[test]
    fn a_phone_retransmits_when_darwin_does() {
        let rows: [(u64, u64, &[u64]); 4] = [
            (10, 2, &[230, 490, 810, 1250, 1930, 3090, 5210, 7330, 9450, 11570, 13690, 15810]),
            (50, 10, &[290, 670, 1230, 2150, 3790, 5654]),
            (100, 20, &[380, 940, 1860, 3500, 6580, 10140, 17060]),
            (1000, 500, &[3200, 9400, 21600, 45800, 94000, 158_000, 222_000]),
        ];
        for (smoothed, variation, expected) in rows {
            assert_eq!(darwin(smoothed, variation)[..expected.len()], *expected);
        }
    }

    #[test]
    fn a_server_gives_up_when_linux_does() {
        // Sixteen timeouts from 500 ms or 1 s would take 1087 and 1207 s, but the kernel compares the
        // time with the floor, not the count.
        for (base, millis) in [(200, 924_600), (300, 993_300), (500, 967_500), (1_000, 967_000)] {
            let rtt = Rtt::of(Span::from_millis(base), Span::ZERO);
            assert_eq!(schedule(End::Server, rtt).last(), Some(&millis), "base {base} ms");
        }
        let short = Rtt::of(Span::from_millis(20), Span::from_millis(5));
        let times = schedule(End::Server, short);
        assert_eq!(times[..5], [200, 600, 1_400, 3_000, 6_200]);
        assert_eq!(times.len(), 16);
    }

    #[test]
    fn a_syn_ack_is_repeated_five_times() {
        let since = Span::from_secs(63);
        assert!(!gives_up(End::Server, true, 4, since));
        assert!(gives_up(End::Server, true, 5, since));
    }
}
