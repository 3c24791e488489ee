//! What a generator counts in each phase. Every delivery counts once; one too many is an error.

use super::histogram::Histogram;
use super::pool::{At, Phase};
use super::target::{AsText, Heard, Target, fill, number};

/// What all phases keep.
pub(super) struct Count {
    pub(super) target: &'static Target,
    pub(super) count: u64,
    pub(super) ended: u64,
    pub(super) latencies: Histogram,
}

impl Count {
    pub(super) fn new(target: &'static Target) -> Count {
        Count { target, count: 0, ended: 0, latencies: Histogram::default() }
    }

    fn one(&mut self, asked: u64, now: u64) {
        self.count += 1;
        self.ended = now;
        self.latencies.record(now.saturating_sub(asked));
    }

    /// What is no answer of this phase's: the server's pings are answered, errors told.
    fn aside(&self, heard: Heard, rest: &[u8], line: &[u8], at: &mut At<'_>) -> Result<(), String> {
        match heard {
            Heard::Ping => {
                if let (Some(pong), Some((n, _))) = (self.target.pong, number(rest)) {
                    fill(at.out, pong, &[("n", &n)]);
                }
                Ok(())
            }
            Heard::Other => Ok(()),
            Heard::Welcome
            | Heard::Payload
            | Heard::Push
            | Heard::Pong
            | Heard::Done
            | Heard::Refused => Err(format!("not expected now: {}", String::from_utf8_lossy(line))),
        }
    }
}

/// Connections are opened, and each says `hello`.
pub(super) struct Connecting<'a> {
    pub(super) count: Count,
    /// What connection `n` says first.
    pub(super) hello: &'a dyn Fn(usize, &mut Vec<u8>),
}

impl Phase for Connecting<'_> {
    fn connected(&mut self, link: usize, _now: u64, out: &mut Vec<u8>) {
        (self.hello)(link, out);
    }

    fn line(&mut self, line: &[u8], at: &mut At<'_>) -> Result<(), String> {
        let (heard, rest) = self.count.target.hear(line);
        if heard != Heard::Welcome {
            return self.count.aside(heard, rest, line, at);
        }
        if at.note.last != 0 {
            return Err("welcomed twice".into());
        }
        at.note.last = 1;
        self.count.one(at.note.asked, at.now);
        Ok(())
    }
}

/// The delivery that a line is: its number and when it was sent; acknowledged in `out`.
fn delivery(target: &Target, heard: Heard, rest: &[u8], out: &mut Vec<u8>) -> Option<(u32, u64)> {
    let payload = match heard {
        Heard::Push => {
            let (id, payload) = number(rest)?;
            if let Some(acknowledge) = target.acknowledge {
                fill(out, acknowledge, &[("id", &id)]);
            }
            payload.strip_prefix(b"D ")?
        }
        Heard::Payload => rest,
        Heard::Welcome
        | Heard::Pong
        | Heard::Ping
        | Heard::Done
        | Heard::Refused
        | Heard::Other => return None,
    };
    let (round, rest) = number(payload)?;
    let (sent, _) = number(rest)?;
    Some((u32::try_from(round).ok()?, sent))
}

/// The devices of an accepted push with this reference.
fn accepted(heard: Heard, rest: &[u8], reference: Option<u32>) -> Option<u64> {
    if heard != Heard::Done {
        return None;
    }
    let (of, rest) = number(rest)?;
    let (_, rest) = number(rest)?;
    let (devices, _) = number(rest)?;
    reference.is_none_or(|reference| of == u64::from(reference)).then_some(devices)
}

/// One delivery to each connection.
pub(super) struct Round {
    pub(super) count: Count,
    pub(super) round: u32,
    /// How many pushes were accepted, and for how many devices.
    pub(super) accepted: (u64, u64),
}

impl Phase for Round {
    fn line(&mut self, line: &[u8], at: &mut At<'_>) -> Result<(), String> {
        let (heard, rest) = self.count.target.hear(line);
        if let Some((round, sent)) = delivery(self.count.target, heard, rest, at.out) {
            if round != self.round || at.note.last == round {
                let here = self.round;
                return Err(format!("delivery {round} came once too often, in round {here}"));
            }
            at.note.last = round;
            self.count.one(sent, at.now);
            return Ok(());
        }
        if let Some(devices) = accepted(heard, rest, Some(self.round)) {
            self.accepted = (self.accepted.0 + 1, self.accepted.1 + devices);
            return Ok(());
        }
        self.count.aside(heard, rest, line, at)
    }
}

/// Deliveries one after the other to one connection.
pub(super) struct Stream {
    pub(super) count: Count,
    pub(super) accepted: u64,
}

impl Phase for Stream {
    fn line(&mut self, line: &[u8], at: &mut At<'_>) -> Result<(), String> {
        let (heard, rest) = self.count.target.hear(line);
        if let Some((n, sent)) = delivery(self.count.target, heard, rest, at.out) {
            if n != at.note.last + 1 {
                return Err(format!("delivery {n} came after {}", at.note.last));
            }
            at.note.last = n;
            self.count.one(sent, at.now);
            return Ok(());
        }
        if let Some(devices) = accepted(heard, rest, None) {
            self.accepted += devices;
            return Ok(());
        }
        self.count.aside(heard, rest, line, at)
    }
}

/// Pings on one connection after the other.
pub(super) struct Pinging {
    pub(super) count: Count,
    /// The number of pings that are under way or answered.
    pub(super) asked: u32,
    /// Answers that came since it was looked at.
    pub(super) free: u32,
}

impl Phase for Pinging {
    fn line(&mut self, line: &[u8], at: &mut At<'_>) -> Result<(), String> {
        let (heard, rest) = self.count.target.hear(line);
        if heard != Heard::Pong {
            return self.count.aside(heard, rest, line, at);
        }
        let Some((n, _)) = number(rest) else { return Err("a pong without a number".into()) };
        if n != u64::from(at.note.last) || at.note.asked == 0 {
            return Err(format!("pong {n} after ping {}", at.note.last));
        }
        self.count.one(at.note.asked, at.now);
        at.note.asked = 0;
        self.free += 1;
        Ok(())
    }
}

/// Nothing more may come.
pub(super) struct Silence(pub(super) Count);

impl Phase for Silence {
    fn line(&mut self, line: &[u8], at: &mut At<'_>) -> Result<(), String> {
        let (heard, rest) = self.0.target.hear(line);
        self.0.aside(heard, rest, line, at)
    }
}

/// A payload with its number and time, as long as `length` or as long as it must be.
pub(super) fn payload(out: &mut Vec<u8>, n: u32, sent: u64, length: usize) {
    let start = out.len();
    out.extend_from_slice(super::target::PAYLOAD.as_bytes());
    u64::from(n).write_to(out);
    out.push(b' ');
    sent.write_to(out);
    out.push(b' ');
    let end = (start + length).max(out.len());
    out.resize(end, b'x');
}
