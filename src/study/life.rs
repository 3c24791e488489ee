//! Days in a life: what happens to a phone and to its server, drawn from a seed and from nothing else, so
//! that two clients meet the same days.
//!
//! Time of day is the time since the run began: every day begins at midnight. When things happen is drawn;
//! how often, and between which hours, is chosen and stands in this file. None of it was measured.

use crate::port::{Draws, Interface, Purpose, Span, Time};
use crate::trace::RestartKind;

/// Something that happens.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Happening {
    /// The phone is unlocked.
    Unlock,
    /// The user opens the app.
    Open,
    /// The user leaves the app.
    Leave,
    /// The phone is locked.
    Lock,
    /// Another interface carries traffic.
    Switch(Interface),
    /// The path swallows everything for so long.
    Silence(Span),
    /// The charger is plugged in or pulled out.
    Charger(bool),
    /// A push is sent.
    Push,
    /// The server goes down, for so long.
    Restart(RestartKind, Span),
}

/// One thing that happens, and when.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Moment {
    /// Since midnight of the first day.
    pub at: Time,
    /// What.
    pub what: Happening,
}

/// What a draw decides; together with a number where there are several of a kind.
#[derive(Copy, Clone)]
#[repr(u64)]
enum Slot {
    GetsUp = 1,
    OpensInTheMorning,
    LeavesHome,
    Commutes,
    DeadZone,
    DeadZoneLasts,
    DeadZoneKind,
    Lunch,
    LunchLasts,
    GoesOut,
    OutLasts,
    LeavesWork,
    UsesByDay,
    Uses,
    Opens,
    UseLasts,
    GoesToBed,
    BedLasts,
    Charges,
    Deploys,
    DeployLasts,
    Maintenance,
    MaintenanceLasts,
    PushesByDay,
    PushByDay,
    PushesByNight,
    PushByNight,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

/// The length of a day.
pub const A_DAY: Span = Span::from_secs(DAY);

/// One day, being made up.
struct Day<'a> {
    draws: Draws,
    begin: u64,
    moments: &'a mut Vec<Moment>,
}

/// What happens in `days` days, in order.
pub fn life(seed: u64, days: u32) -> Vec<Moment> {
    let mut moments = Vec::new();
    let draws = Draws::new(seed, 0);
    for number in 0..days {
        let begin = u64::from(number) * DAY;
        let mut day = Day { draws, begin, moments: &mut moments };
        if number == 0 {
            // The run begins with the app on screen.
            day.at(2 * MINUTE, Happening::Lock);
        }
        // The sixth and the seventh are the weekend.
        if number % 7 < 5 {
            day.working();
        } else {
            day.off();
        }
        day.uses();
        day.pushes();
        day.server(number == 0);
    }
    moments.sort_by_key(|moment| moment.at);
    moments
}

impl Day<'_> {
    /// A whole number from `low` to `high`.
    fn draw(&self, slot: Slot, n: u64, (low, high): (u64, u64)) -> u64 {
        let at = Span::from_secs(self.begin).from_start();
        let drawn = self.draws.draw(Purpose::Life, at, (slot as u64) << 32 | n);
        low + ((u128::from(drawn) * u128::from(high - low + 1)) >> 64) as u64
    }

    /// Whether what happens `percent` times in a hundred does.
    fn chance(&self, slot: Slot, n: u64, percent: u64) -> bool {
        self.draw(slot, n, (1, 100)) <= percent
    }

    /// Something happens so many seconds after midnight.
    fn at(&mut self, seconds: u64, what: Happening) {
        let at = Span::from_secs(self.begin + seconds).from_start();
        self.moments.push(Moment { at, what });
    }

    /// To work and back: Wi-Fi at home, cellular on the way, Wi-Fi at work.
    fn working(&mut self) {
        let leaves =
            self.draw(Slot::LeavesHome, 0, (7 * HOUR + 45 * MINUTE, 8 * HOUR + 30 * MINUTE));
        self.way(0, leaves);
        if self.chance(Slot::Lunch, 0, 50) {
            let lunch = self.draw(Slot::Lunch, 1, (12 * HOUR, 12 * HOUR + 30 * MINUTE));
            let lasts = self.draw(Slot::LunchLasts, 0, (30 * MINUTE, HOUR));
            self.at(lunch, Happening::Switch(Interface::Cellular));
            self.at(lunch + lasts, Happening::Switch(Interface::Wifi));
        }
        let back = self.draw(Slot::LeavesWork, 0, (17 * HOUR, 18 * HOUR));
        self.way(1, back);
    }

    /// One way: cellular, with a dead zone in every other.
    fn way(&mut self, n: u64, from: u64) {
        let lasts = self.draw(Slot::Commutes, n, (25 * MINUTE, 50 * MINUTE));
        self.at(from, Happening::Switch(Interface::Cellular));
        if self.chance(Slot::DeadZone, n, 50) {
            let dead = from + self.draw(Slot::DeadZone, 8 + n, (5 * MINUTE, 15 * MINUTE));
            let dead_for = self.draw(Slot::DeadZoneLasts, n, (MINUTE, 5 * MINUTE));
            if self.chance(Slot::DeadZoneKind, n, 50) {
                self.at(dead, Happening::Silence(Span::from_secs(dead_for)));
            } else {
                self.at(dead, Happening::Switch(Interface::None));
                self.at(dead + dead_for, Happening::Switch(Interface::Cellular));
            }
        }
        self.at(from + lasts, Happening::Switch(Interface::Wifi));
    }

    /// At home, but for some hours.
    fn off(&mut self) {
        let out = self.draw(Slot::GoesOut, 0, (13 * HOUR, 15 * HOUR));
        let lasts = self.draw(Slot::OutLasts, 0, (HOUR, 3 * HOUR));
        self.at(out, Happening::Switch(Interface::Cellular));
        self.at(out + lasts, Happening::Switch(Interface::Wifi));
    }

    /// The phone in the hand: in the morning, now and then by day, before sleep. Otherwise it is locked.
    fn uses(&mut self) {
        let up = self.draw(Slot::GetsUp, 0, (6 * HOUR + 30 * MINUTE, 7 * HOUR + 20 * MINUTE));
        self.at(up - 5, Happening::Charger(false));
        let opens = self.chance(Slot::OpensInTheMorning, 0, 60);
        self.one_use(up, 3 * MINUTE, opens);

        const FROM: u64 = 9 * HOUR;
        const TO: u64 = 22 * HOUR;
        let uses = self.draw(Slot::UsesByDay, 0, (5, 9));
        let apart = (TO - FROM) / uses;
        for n in 0..uses {
            // In the first two thirds of its stretch, so that no two overlap.
            let begin = FROM + n * apart + self.draw(Slot::Uses, n, (0, apart * 2 / 3));
            let lasts = self.draw(Slot::UseLasts, n, (30, 8 * MINUTE));
            let opens = self.chance(Slot::Opens, n, 50);
            self.one_use(begin, lasts, opens);
        }

        let bed = self.draw(Slot::GoesToBed, 0, (22 * HOUR + 40 * MINUTE, 23 * HOUR + 40 * MINUTE));
        let lasts = self.draw(Slot::BedLasts, 0, (MINUTE, 6 * MINUTE));
        self.one_use(bed, lasts, true);
        if self.chance(Slot::Charges, 0, 70) {
            self.at(bed + lasts + 30, Happening::Charger(true));
        }
    }

    /// Unlocked for `lasts` seconds, with the app on screen or with others.
    fn one_use(&mut self, from: u64, lasts: u64, opens: bool) {
        self.at(from, Happening::Unlock);
        if opens {
            self.at(from + 3, Happening::Open);
            self.at(from + lasts - 5, Happening::Leave);
        }
        self.at(from + lasts, Happening::Lock);
    }

    fn pushes(&mut self) {
        let night = self.draw(Slot::PushesByNight, 0, (1, 3));
        for n in 0..night {
            let at = self.draw(Slot::PushByNight, n, (30 * MINUTE, 6 * HOUR));
            self.at(at, Happening::Push);
        }
        let day = self.draw(Slot::PushesByDay, 0, (10, 20));
        for n in 0..day {
            let at = self.draw(Slot::PushByDay, n, (7 * HOUR, 23 * HOUR));
            self.at(at, Happening::Push);
        }
    }

    /// A new version every other day, and on the first; work on the host in one night of three.
    fn server(&mut self, first: bool) {
        if first || self.chance(Slot::Deploys, 0, 50) {
            let at = self.draw(Slot::Deploys, 1, (7 * HOUR, 24 * HOUR - 10 * MINUTE));
            let down = self.draw(Slot::DeployLasts, 0, (5, MINUTE));
            self.at(at, Happening::Restart(RestartKind::Process, Span::from_secs(down)));
        }
        if self.chance(Slot::Maintenance, 0, 33) {
            let at = self.draw(Slot::Maintenance, 1, (2 * HOUR, 5 * HOUR));
            let down = self.draw(Slot::MaintenanceLasts, 0, (MINUTE, 10 * MINUTE));
            self.at(at, Happening::Restart(RestartKind::HostDown, Span::from_secs(down)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_is_one_life_and_another_seed_another() {
        assert_eq!(life(7, 7), life(7, 7));
        assert_ne!(life(7, 7), life(8, 7));
    }

    #[test]
    fn the_first_days_of_a_longer_life_are_those_of_a_shorter_one() {
        let (short, long) = (life(3, 2), life(3, 9));
        assert_eq!(short[..], long[..short.len()]);
    }

    #[test]
    fn everything_happens_in_order_and_before_the_last_midnight() {
        for seed in 1..=200 {
            let moments = life(seed, 7);
            assert!(moments.windows(2).all(|pair| pair[0].at <= pair[1].at));
            assert!(moments.iter().all(|moment| moment.at < A_DAY.saturating_mul(7).from_start()));
        }
    }

    #[test]
    fn the_phone_is_locked_at_night_and_no_two_uses_overlap() {
        for seed in 1..=200 {
            let (mut unlocked, mut open) = (true, true);
            for Moment { at, what } in life(seed, 7) {
                let hour = at.as_micros() / 3_600_000_000 % 24;
                match what {
                    Happening::Unlock => assert!(!std::mem::replace(&mut unlocked, true), "{seed}"),
                    Happening::Open => assert!(unlocked && !std::mem::replace(&mut open, true)),
                    Happening::Leave => assert!(std::mem::replace(&mut open, false), "{seed}"),
                    Happening::Lock => (unlocked, open) = (false, false),
                    Happening::Switch(_)
                    | Happening::Silence(_)
                    | Happening::Charger(_)
                    | Happening::Push
                    | Happening::Restart(..) => assert!(!unlocked || !(1..6).contains(&hour)),
                }
            }
            assert!(!unlocked && !open, "{seed}");
        }
    }

    #[test]
    fn every_life_has_a_restart_of_the_server_and_pushes_by_day_and_by_night() {
        for seed in 1..=200 {
            let moments = life(seed, 1);
            let has = |wanted: &dyn Fn(&Moment) -> bool| moments.iter().any(wanted);
            assert!(has(&|m| matches!(m.what, Happening::Restart(RestartKind::Process, _))));
            let push = |m: &Moment, night: bool| {
                m.what == Happening::Push && (m.at.as_micros() < 6 * 3_600_000_001) == night
            };
            assert!(has(&|m| push(m, true)) && has(&|m| push(m, false)));
        }
    }
}
