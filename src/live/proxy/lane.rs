//! One direction of a connection: bytes that were read and not written on, in order, and how the direction
//! ends.

use std::collections::VecDeque;

use super::fault::EndHow;
use crate::port::{Span, Time};

/// Bytes that were read together.
#[derive(Copy, Clone, Debug)]
struct Piece {
    len: usize,
    read: Time,
    due: Time,
}

/// One direction.
#[derive(Debug)]
pub(super) struct Lane {
    bytes: VecDeque<u8>,
    pieces: VecDeque<Piece>,
    end: Option<(EndHow, Time)>,
    bound: usize,
    /// What comes later is not due before this.
    last_due: Time,
    /// Under a bandwidth: when what was sent is paid for, in nanoseconds.
    paid: u128,
    /// Bytes that were written on.
    pub(super) forwarded: u64,
    /// Pieces that were read, so that each has a draw of its own.
    pub(super) drawn: u64,
}

/// More pieces than this are not held, however small they are.
const MOST_PIECES: usize = 1_024;

const NANOS: u128 = 1_000_000_000;

fn nanos(at: Time) -> u128 {
    u128::from(at.as_micros()) * 1_000
}

impl Lane {
    /// An empty one that holds at most `bound` bytes.
    pub(super) fn new(bound: usize) -> Lane {
        Lane {
            bytes: VecDeque::new(),
            pieces: VecDeque::new(),
            end: None,
            bound: bound.max(1),
            last_due: Time::ZERO,
            paid: 0,
            forwarded: 0,
            drawn: 0,
        }
    }

    /// How many bytes more it takes.
    pub(super) fn room(&self) -> usize {
        if self.pieces.len() >= MOST_PIECES { 0 } else { self.bound - self.bytes.len() }
    }

    /// How many bytes it holds.
    pub(super) fn held(&self) -> usize {
        self.bytes.len()
    }

    /// When the first byte of those it holds was read.
    pub(super) fn held_since(&self) -> Option<Time> {
        self.pieces.front().map(|piece| piece.read)
    }

    /// How the direction ends, if that is known and not yet told.
    pub(super) fn end(&self) -> Option<EndHow> {
        self.end.map(|(how, _)| how)
    }

    /// Whether nothing waits here.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.end.is_none()
    }

    /// Takes `bytes`, at most [`Lane::room`], which are under way for `delay`.
    pub(super) fn push(&mut self, bytes: &[u8], now: Time, delay: Span) {
        let due = self.due(now, delay);
        self.bytes.extend(bytes);
        self.drawn += 1;
        match self.pieces.back_mut() {
            // What is due at the same time needs not be told apart.
            Some(last) if last.due == due || (last.due <= now && due <= now) => {
                last.len += bytes.len();
            }
            Some(_) | None => self.pieces.push_back(Piece { len: bytes.len(), read: now, due }),
        }
    }

    /// The direction ends after all its bytes. RST takes the place of a FIN that was not told.
    pub(super) fn push_end(&mut self, how: EndHow, now: Time, delay: Span) {
        self.drawn += 1;
        self.end = Some((how, self.due(now, delay)));
    }

    fn due(&mut self, now: Time, delay: Span) -> Time {
        self.last_due = self.last_due.max(now + delay);
        self.last_due
    }

    /// Nothing of what is here arrives; answers how many bytes that were.
    pub(super) fn clear(&mut self) -> usize {
        let lost = self.bytes.len();
        self.bytes = VecDeque::new();
        self.pieces.clear();
        self.end = None;
        lost
    }

    /// The bytes that may go now.
    pub(super) fn sendable(&self, now: Time, rate: Option<u64>) -> &[u8] {
        let due: usize =
            self.pieces.iter().take_while(|piece| piece.due <= now).map(|piece| piece.len).sum();
        let may = match rate {
            None => due,
            Some(rate) => {
                let wanted = due.min(burst(rate));
                if self.paid <= nanos(now) + credit(rate, wanted) { wanted } else { 0 }
            }
        };
        let front = self.bytes.as_slices().0;
        &front[..may.min(front.len())]
    }

    /// So many of them went.
    pub(super) fn sent(&mut self, count: usize, now: Time, rate: Option<u64>) {
        self.bytes.drain(..count);
        self.forwarded += count as u64;
        if let Some(rate) = rate {
            self.paid = self.paid.max(nanos(now)) + count as u128 * NANOS / u128::from(rate);
        } else {
            self.paid = 0;
        }
        let mut left = count;
        while let Some(piece) = self.pieces.front_mut() {
            if piece.len > left {
                piece.len -= left;
                break;
            }
            left -= piece.len;
            self.pieces.pop_front();
        }
        if self.bytes.is_empty() {
            // Most connections are idle most of the time, and there may be many.
            self.bytes.shrink_to(1_024);
        }
    }

    /// Whether the end may be told now: all bytes went, and it is due.
    pub(super) fn end_due(&self, now: Time) -> Option<EndHow> {
        self.end.filter(|(_, due)| self.bytes.is_empty() && *due <= now).map(|(how, _)| how)
    }

    /// Whether a RST is due, whatever waits before it.
    pub(super) fn reset_due(&self, now: Time) -> bool {
        matches!(self.end, Some((EndHow::Reset, due)) if due <= now)
    }

    /// The end is told.
    pub(super) fn end_told(&mut self) {
        self.end = None;
    }

    /// When something may go that may not go now.
    pub(super) fn next(&self, now: Time, rate: Option<u64>) -> Option<Time> {
        let Some(front) = self.pieces.front() else {
            return self.end.map(|(_, due)| due).filter(|due| *due > now);
        };
        if front.due > now {
            return Some(front.due);
        }
        let rate = rate.filter(|_| self.sendable(now, rate).is_empty())?;
        let due: usize =
            self.pieces.iter().take_while(|piece| piece.due <= now).map(|piece| piece.len).sum();
        let at = self.paid.saturating_sub(credit(rate, due.min(burst(rate))));
        // Rounded up: a microsecond early would be in vain.
        Some(Time::from_micros(u64::try_from(at / 1_000 + 1).unwrap_or(u64::MAX)))
    }
}

/// How many bytes go in one go: those of 50 ms, so that a low rate is not a trickle of single bytes.
fn burst(rate: u64) -> usize {
    usize::try_from(rate / 20).unwrap_or(usize::MAX).max(1)
}

/// How far ahead of its payment one piece of `count` bytes may go, in nanoseconds.
fn credit(rate: u64, count: usize) -> u128 {
    burst(rate).saturating_sub(count) as u128 * NANOS / u128::from(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Time {
        Span::from_millis(millis).from_start()
    }

    fn ms(n: u64) -> Span {
        Span::from_millis(n)
    }

    /// Takes everything that goes until nothing is left; answers when each byte went.
    fn drain(lane: &mut Lane, from: Time, rate: Option<u64>) -> Vec<(Time, u8)> {
        let (mut now, mut went) = (from, Vec::new());
        while lane.held() > 0 {
            let some = lane.sendable(now, rate).to_vec();
            if some.is_empty() {
                now = lane.next(now, rate).expect("something is due");
            }
            went.extend(some.iter().map(|byte| (now, *byte)));
            lane.sent(some.len(), now, rate);
        }
        went
    }

    #[test]
    fn bytes_go_in_order_even_where_a_later_one_is_quicker() {
        let mut lane = Lane::new(100);
        lane.push(&[1], at(0), ms(80));
        lane.push(&[2], at(1), ms(10));
        lane.push_end(EndHow::Fin, at(1), ms(10));
        assert_eq!(lane.sendable(at(79), None), [0_u8; 0]);
        assert_eq!(lane.next(at(1), None), Some(at(80)));
        assert_eq!(drain(&mut lane, at(1), None), [(at(80), 1), (at(80), 2)]);
        assert_eq!(lane.end_due(at(80)), Some(EndHow::Fin));
    }

    #[test]
    fn what_waits_for_a_slow_reader_lends_its_time_to_nothing_that_is_read_later() {
        let mut lane = Lane::new(100);
        lane.push(&[1], at(0), ms(0));
        lane.push(&[2], at(5), ms(80));
        assert_eq!(lane.sendable(at(5), None), [1]);
        assert_eq!(drain(&mut lane, at(5), None), [(at(5), 1), (at(85), 2)]);
    }

    #[test]
    fn an_end_comes_after_all_bytes_and_a_reset_does_not_wait_for_them() {
        let mut lane = Lane::new(100);
        lane.push(&[1], at(0), ms(0));
        lane.push_end(EndHow::Fin, at(0), ms(10));
        assert_eq!(lane.end_due(at(20)), None);
        assert!(!lane.reset_due(at(20)));
        lane.push_end(EndHow::Reset, at(20), ms(5));
        assert!(!lane.reset_due(at(24)) && lane.reset_due(at(25)));
    }

    #[test]
    fn it_holds_no_more_than_its_bound_in_bytes_and_in_pieces() {
        let mut lane = Lane::new(10);
        lane.push(&[0; 7], at(0), ms(1));
        assert_eq!(lane.room(), 3);
        let mut lane = Lane::new(1 << 20);
        for n in 0.. {
            if lane.room() == 0 {
                break;
            }
            lane.push(&[0], at(n), ms(1_000_000));
        }
        assert_eq!(lane.held(), MOST_PIECES);
    }

    #[test]
    fn a_bandwidth_is_kept_within_20_percent_for_slow_and_fast_ones() {
        for rate in [1_u64, 37, 1_000, 16_000, 1_000_000, 50_000_000] {
            let count = usize::try_from(rate.min(5_000_000) * 3).unwrap().max(10);
            let mut lane = Lane::new(count);
            lane.push(&vec![7; count], at(0), ms(0));
            let went = drain(&mut lane, at(0), Some(rate));
            let micros = u128::from(went.last().unwrap().0.as_micros());
            let ideal = count as u128 * 1_000_000 / u128::from(rate);
            let near = micros.abs_diff(ideal) * 100 <= ideal * 20;
            assert!(near, "{rate} B/s: {micros} us, ideally {ideal} us");
        }
    }

    #[test]
    fn what_was_not_used_of_a_bandwidth_is_not_saved_up() {
        let mut lane = Lane::new(10_000);
        lane.push(&[7; 1_000], at(60_000), ms(0));
        let went = drain(&mut lane, at(60_000), Some(1_000));
        let took = went.last().unwrap().0.since(at(60_000)).as_millis();
        assert!((850..=1_100).contains(&took), "{took}");
    }

    #[test]
    fn what_is_cleared_is_gone() {
        let mut lane = Lane::new(100);
        lane.push(&[1, 2, 3], at(0), ms(0));
        lane.push_end(EndHow::Reset, at(0), ms(0));
        assert_eq!(lane.clear(), 3);
        assert!(lane.is_empty() && lane.held_since().is_none());
    }
}
