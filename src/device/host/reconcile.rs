//! What the phone wrote and what the host saw, in one order on the host's time.
//!
//! The lines of a log keep their order. What one side cannot have done before the other did something narrows the
//! offset between their clocks, as far as the clocks allow; what contradicts them is told and moves nothing.

use std::collections::BTreeMap;

use super::collected::{Collected, Exchange, PhoneLine, PhoneLog};
use super::offset::{ClockRun, OffsetTable, Within};
use crate::port::{Frame, PushId, Span, Time};
use crate::trace::{Event, Names, PushNumbers, What};

/// An event and how it is known.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Known {
    /// The event, on the host's time.
    pub event: Event,
    /// How far its time can be from the truth; [`Span::MAX`] when nobody knows.
    pub doubt: Span,
    /// Of an event of the phone: microseconds in which the device did not sleep, if the log says.
    pub uptime: Option<u64>,
    /// The place of its line in the phone's log; `None` of what the host saw.
    pub line: Option<usize>,
}

/// Both sides in one order.
#[derive(Clone, Debug, Default)]
pub struct Reconciled {
    /// The events.
    pub events: Vec<Known>,
    /// The runs of the phone's clock.
    pub clocks: Vec<ClockRun>,
    /// What its reader should know.
    pub notes: Vec<String>,
}

/// An event of the phone, on its own clock.
struct Told {
    line: usize,
    run: usize,
    phone: u64,
    uptime: Option<u64>,
    event: Event,
}

/// Both sides, before the phone's events have a place on the host's time.
pub struct Prepared<'c> {
    host: &'c [Event],
    told: Vec<Told>,
    clocks: Vec<ClockRun>,
    /// There is no clock but the phone's.
    alone: bool,
    notes: Vec<String>,
}

/// Reads what a run left; `names` are those of the scenario's pushes.
pub fn prepare<'c>(collected: &'c Collected, names: &Names) -> Prepared<'c> {
    let mut notes = Vec::new();
    let host = &collected.host[..];
    let (mut lines, mut clocks) = (Vec::new(), Vec::new());
    if let Some(log) = &collected.phone {
        lines = told(log, host, names, &mut notes);
        clocks = clocks_of(log, &lines, &collected.exchanges, &mut notes);
        narrow(&mut clocks, &lines, host, &mut notes);
    }
    let alone = host.is_empty() && collected.exchanges.is_empty();
    Prepared { host, told: lines, clocks, alone, notes }
}

impl Prepared<'_> {
    /// Both sides in one order: the phone's events where they are `within` the interval of their times.
    pub fn placed(&self, within: Within) -> Reconciled {
        let mut notes = self.notes.clone();
        let phone = placed(&self.told, &self.clocks, within, self.alone, &mut notes);
        let events = merged(self.host, phone);
        Reconciled { events, clocks: self.clocks.clone(), notes }
    }
}

/// Puts what a run left in one order.
pub fn reconcile(collected: &Collected, names: &Names, within: Within) -> Reconciled {
    prepare(collected, names).placed(within)
}

fn known(event: Event, doubt: Span, uptime: Option<u64>, line: Option<usize>) -> Known {
    Known { event, doubt, uptime, line }
}

/// The lines as events of device 1; those that this version does not have are told.
fn told(log: &PhoneLog, host: &[Event], names: &Names, notes: &mut Vec<String>) -> Vec<Told> {
    let mut pushes = PushNumbers::of(names);
    let mut unread: BTreeMap<&str, usize> = BTreeMap::new();
    let host_has_steps = host.iter().any(|event| matches!(event.what, What::Step { .. }));
    let (mut run, mut last) = (0, 0);
    let mut told: Vec<Told> = Vec::new();
    for (line, PhoneLine { record, uptime, .. }) in log.lines.iter().enumerate() {
        let Some(event) = record.event(0, &mut pushes) else {
            *unread.entry(record.event.as_ref()).or_default() += 1;
            continue;
        };
        if host_has_steps && matches!(event.what, What::Step { .. }) {
            continue;
        }
        let mut phone = record.at.as_micros();
        if phone < last {
            // Only a boot begins the clock anew, and no process lives through it.
            if matches!(event.what, What::ProcessStarted { .. }) {
                run += 1;
            } else {
                phone = last;
            }
        }
        last = phone;
        let owner = if log.about.is_some() { 1 } else { event.owner };
        let event = Event { owner, lane: event.what.lane(), ..event };
        told.push(Told { line, run, phone, uptime: *uptime, event });
    }
    for (name, times) in unread {
        notes.push(format!("{times} × `{name}` in the phone's log: no event of this holdline"));
    }
    told
}

/// The exchanges in parts, one for each run of the phone's clock.
fn parts(exchanges: &[Exchange]) -> Vec<Vec<Exchange>> {
    let mut sorted = exchanges.to_vec();
    sorted.sort_by_key(|exchange| (exchange.received, exchange.phone.continuous));
    let mut parts: Vec<Vec<Exchange>> = Vec::new();
    for exchange in sorted {
        match parts.last_mut() {
            Some(part) if part.last().is_some_and(|last| goes_on(last, &exchange)) => {
                part.push(exchange);
            }
            Some(_) | None => parts.push(vec![exchange]),
        }
    }
    parts
}

/// Whether the phone's clock can have gone on from one exchange to another that was answered later. Two that overlap
/// may be answered the other way round.
fn goes_on(last: &Exchange, next: &Exchange) -> bool {
    next.phone.continuous >= last.phone.continuous || next.sent < last.received
}

/// What is known of each run of the phone's clock in the log.
fn clocks_of(
    log: &PhoneLog,
    told: &[Told],
    exchanges: &[Exchange],
    notes: &mut Vec<String>,
) -> Vec<ClockRun> {
    let runs = told.last().map_or(1, |told| told.run + 1);
    let parts = parts(exchanges);
    let mut of_run: Vec<Vec<Exchange>> = vec![Vec::new(); runs];
    for (place, part) in parts.iter().enumerate() {
        let run =
            if parts.len() == runs { place } else { nearest(part, log, told).unwrap_or(place) };
        if let Some(exchanges) = of_run.get_mut(run) {
            exchanges.extend(part);
        }
    }
    let mut clocks = Vec::new();
    for exchanges in of_run {
        let (clock, wrong) = ClockRun::of(&exchanges);
        for one in wrong {
            let at = Time::from_micros(one.phone);
            notes.push(format!(
                "the phone's clock was {} off when it said {at}: that exchange is not believed",
                one.by
            ));
        }
        clocks.push(clock);
    }
    clocks
}

/// The run of the phone's clock in which the time of day was ahead of it by as much as in these exchanges, most nearly.
fn nearest(part: &[Exchange], log: &PhoneLog, told: &[Told]) -> Option<usize> {
    let ahead = |wall: i64, phone: u64| i128::from(wall) - i128::from(phone);
    let said = part.first()?.phone;
    let wanted = ahead(said.wall, said.continuous);
    let mut found: Option<(u128, usize)> = None;
    for told in told {
        let Some(wall) = log.lines[told.line].wall else { continue };
        let off = wanted.abs_diff(ahead(wall, told.phone));
        if found.is_none_or(|(least, _)| off < least) {
            found = Some((off, told.run));
        }
    }
    found.map(|(_, run)| run)
}

/// What cannot have been the other way round narrows the offset.
fn narrow(clocks: &mut [ClockRun], told: &[Told], host: &[Event], notes: &mut Vec<String>) {
    let (before, after) = (Marks::of(told.iter().map(|t| &t.event)), Marks::of(host.iter()));
    let mut wrong = 0_usize;
    let mut check = |result: Result<(), super::offset::Contradiction>| {
        wrong += usize::from(result.is_err());
    };
    for (mark, place) in &before.first {
        let Told { run, phone, .. } = told[*place];
        let Some(clock) = clocks.get_mut(run) else { continue };
        let Some(host_at) = after.first.get(mark).map(|place| host[*place].at) else { continue };
        match mark {
            Mark::Delivered(_) | Mark::Welcomed(_) | Mark::PingFromServer(..) => {
                check(clock.host_was_first(host_at, phone));
            }
            Mark::Answered(_) | Mark::Hello(_) | Mark::PingFromPhone(..) => {
                check(clock.phone_was_first(phone, host_at));
            }
        }
    }
    if wrong > 0 {
        notes.push(format!(
            "{wrong} × the order of two events contradicts the clocks of host and phone: the clocks are believed"
        ));
    }
}

/// Something that both sides have a part in.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Mark {
    /// The server wrote a push; the phone read it.
    Delivered(PushId),
    /// The phone read a push; the server has its acknowledgement.
    Answered(PushId),
    /// The phone said hello; the server has a session.
    Hello(u32),
    /// The server has a session; the phone read its welcome.
    Welcomed(u32),
    /// The phone wrote its nth ping on a connection; the server had n.
    PingFromPhone(u32, u32),
    /// The server wrote its nth ping on a connection; the phone had n.
    PingFromServer(u32, u32),
}

/// Where each mark is first among some events.
#[derive(Default)]
struct Marks {
    first: BTreeMap<Mark, usize>,
}

impl Marks {
    #[expect(clippy::wildcard_enum_match_arm, reason = "both sides have a part in few events")]
    fn of<'e>(events: impl Iterator<Item = &'e Event>) -> Marks {
        let mut marks = Marks::default();
        let mut pings: BTreeMap<(bool, u32), u32> = BTreeMap::new();
        for (place, event) in events.enumerate() {
            let mut nth = |from_phone: bool, connection: u32| {
                let count = pings.entry((from_phone, connection)).or_default();
                *count += 1;
                *count
            };
            let found = match event.what {
                What::PushSent { push, .. } | What::PushResent { push, .. } => {
                    vec![Mark::Delivered(push)]
                }
                What::PushReceived { push, .. } => {
                    vec![Mark::Delivered(push), Mark::Answered(push)]
                }
                What::PushAcknowledged { push } => vec![Mark::Answered(push)],
                What::Write { pair, frame: Frame::Hello { .. }, taken: 1.. } => {
                    vec![Mark::Hello(pair)]
                }
                What::SessionOpened { connection } => {
                    vec![Mark::Hello(connection), Mark::Welcomed(connection)]
                }
                What::ClientConnected { pair } => vec![Mark::Welcomed(pair)],
                What::Write { pair, frame: Frame::Ping { .. }, taken: 1.. } => {
                    vec![Mark::PingFromPhone(pair, nth(true, pair))]
                }
                What::ServerPing { connection, .. } => {
                    vec![Mark::PingFromPhone(connection, nth(true, connection))]
                }
                What::Heartbeat { connection, .. } => {
                    vec![Mark::PingFromServer(connection, nth(false, connection))]
                }
                What::Read { pair, frame: Frame::Ping { .. } } => {
                    vec![Mark::PingFromServer(pair, nth(false, pair))]
                }
                _ => Vec::new(),
            };
            for mark in found {
                marks.first.entry(mark).or_insert(place);
            }
        }
        marks
    }
}

/// The phone's events on the host's time.
fn placed(
    told: &[Told],
    clocks: &[ClockRun],
    within: Within,
    alone: bool,
    notes: &mut Vec<String>,
) -> Vec<Known> {
    let tables: Vec<OffsetTable> = clocks.iter().map(ClockRun::table).collect();
    let mut last = Time::ZERO;
    let mut unknown = 0_usize;
    let mut placed = Vec::with_capacity(told.len());
    for Told { line, run, phone, uptime, event } in told {
        let clock = tables.get(*run);
        let at = clock.and_then(|clock| clock.host_time(*phone, within));
        let doubt = clock.and_then(|clock| clock.offset(*phone)).map(|offset| offset.uncertainty());
        let (at, doubt) = match (at, doubt) {
            (Some(at), Some(doubt)) => (at, doubt),
            // There is no other clock to compare with.
            _ if alone && *run == 0 => (Time::from_micros(*phone), Span::ZERO),
            _ => {
                unknown += 1;
                (last, Span::MAX)
            }
        };
        last = last.max(at);
        placed.push(known(Event { at: last, ..*event }, doubt, *uptime, Some(*line)));
    }
    if unknown > 0 {
        notes.push(format!(
            "nobody knows when {unknown} events of the phone's log happened: the host never heard its clock"
        ));
    }
    placed
}

/// Whether the host saw something that the phone did before.
fn is_answer(what: &What) -> bool {
    matches!(
        what,
        What::SessionOpened { .. }
            | What::PushAcknowledged { .. }
            | What::ServerPing { .. }
            | What::ServerPong { .. }
            | What::SessionClosed { .. }
    )
}

/// Both lists in one order of time, each in its own; numbered anew.
fn merged(host: &[Event], phone: Vec<Known>) -> Vec<Known> {
    let mut all = Vec::with_capacity(host.len() + phone.len());
    let (mut host, mut phone) = (host.iter().peekable(), phone.into_iter().peekable());
    loop {
        let phone_first = match (host.peek(), phone.peek()) {
            (None, None) => break,
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (Some(seen), Some(told)) => {
                let told = told.event.at;
                told < seen.at || (told == seen.at && is_answer(&seen.what))
            }
        };
        if phone_first {
            all.extend(phone.next());
        } else {
            all.extend(host.next().map(|event| known(*event, Span::ZERO, None, None)));
        }
    }
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    for one in &mut all {
        let count = counts.entry(one.event.owner).or_default();
        *count += 1;
        one.event.seq = *count;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::protocol::Clocks;
    use crate::trace::{Header, Record};

    const PUSH: PushId = PushId { name: 0, member: 0 };

    fn names() -> Names {
        Names { pushes: vec!["call".into()] }
    }

    fn event(at: u64, what: What) -> Event {
        let at = Time::from_micros(at);
        Event { at, owner: 1, seq: 0, lane: what.lane(), what }
    }

    fn log(events: &[(u64, i64, What)]) -> PhoneLog {
        let header = Header {
            scenario: "a".into(),
            seed: 1,
            model: "1".into(),
            platform: "ios-9".into(),
            profile_hash: 0,
        };
        let line = |(at, wall, what): &(u64, i64, What)| PhoneLine {
            record: Record::of(&event(*at, *what), &names()),
            uptime: Some(*at),
            wall: Some(*wall),
        };
        let lines = events.iter().map(line).collect();
        PhoneLog { header, about: None, run: None, lines, holes: Vec::new() }
    }

    fn exchange(sent: u64, received: u64, continuous: u64, wall: i64) -> Exchange {
        let phone = Clocks { continuous, uptime: continuous, wall };
        Exchange { sent: Time::from_micros(sent), received: Time::from_micros(received), phone }
    }

    fn collected(host: Vec<Event>, phone: PhoneLog, exchanges: Vec<Exchange>) -> Collected {
        Collected {
            host,
            phone: Some(phone),
            warnings: Vec::new(),
            exchanges,
            deaths: Vec::new(),
            speed: 1,
            undone: Vec::new(),
            ended: Time::from_micros(10_000_000),
            fetched: None,
            alive: None,
        }
    }

    fn order(found: &Reconciled) -> Vec<(&'static str, u64)> {
        let of = |known: &Known| (known.event.what.name(), known.event.at.as_micros());
        found.events.iter().map(of).collect()
    }

    #[test]
    fn the_phone_s_events_are_on_the_host_s_time_and_say_how_sure_that_is() {
        let host = vec![event(1_500, What::ServerUp {})];
        let phone = log(&[(400, 400, What::GaveUp {}), (600, 600, What::MemoryWarning {})]);
        let found = reconcile(
            &collected(host, phone, vec![exchange(1_490, 1_510, 500, 500)]),
            &names(),
            Within::Middle,
        );
        assert_eq!(
            order(&found),
            [("gave-up", 1_400), ("server.up", 1_500), ("memory-warning", 1_600)]
        );
        assert_eq!(found.events[0].doubt, Span::from_micros(11));
        assert_eq!(found.events[1].doubt, Span::ZERO);
        assert_eq!(found.events.iter().map(|known| known.event.seq).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn a_push_is_not_read_before_it_was_sent_nor_acknowledged_before_it_was_read() {
        let host = vec![
            event(1_000, What::PushSent { push: PUSH, connection: 1 }),
            event(1_010, What::PushAcknowledged { push: PUSH }),
        ];
        let received = What::PushReceived { push: PUSH, pair: 1 };
        // By the middle of the exchange it would have been read at 800; the exchange allows up to 1400.
        let phone = log(&[(100, 100, What::GaveUp {}), (300, 300, received)]);
        let found = reconcile(
            &collected(host, phone, vec![exchange(500, 1_700, 600, 600)]),
            &names(),
            Within::Middle,
        );
        let expected = [
            ("gave-up", 805),
            ("server.push-sent", 1_000),
            ("push-received", 1_005),
            ("server.push-acknowledged", 1_010),
        ];
        assert_eq!(order(&found), expected);
        assert_eq!(found.events[2].doubt, Span::from_micros(5));
        assert!(found.notes.is_empty(), "{:?}", found.notes);
    }

    #[test]
    fn what_contradicts_the_clocks_is_told_and_moves_nothing() {
        let host = vec![event(9_000, What::PushSent { push: PUSH, connection: 1 })];
        let phone = log(&[(300, 300, What::PushReceived { push: PUSH, pair: 1 })]);
        let found = reconcile(
            &collected(host, phone, vec![exchange(590, 610, 600, 600)]),
            &names(),
            Within::Middle,
        );
        assert_eq!(order(&found)[0], ("push-received", 300));
        assert!(found.notes[0].contains("contradicts"), "{:?}", found.notes);
    }

    #[test]
    fn lines_keep_their_order_over_a_boot_and_each_run_of_the_clock_has_its_own_offset() {
        let boot = What::ProcessStarted { reason: crate::port::LaunchReason::Boot };
        let phone = log(&[
            (5_000, 5_000, What::GaveUp {}),
            (20, 9_020, boot),
            (30, 9_030, What::GaveUp {}),
        ]);
        let exchanges =
            vec![exchange(3_000, 3_000, 3_000, 3_000), exchange(9_100, 9_100, 100, 9_100)];
        let host = vec![event(7_000, What::ServerUp {})];
        let found =
            reconcile(&collected(host.clone(), phone.clone(), exchanges), &names(), Within::Middle);
        let expected = [
            ("gave-up", 5_000),
            ("server.up", 7_000),
            ("process-started", 9_020),
            ("gave-up", 9_030),
        ];
        assert_eq!(order(&found), expected);
        // Heard only after the boot: the time of day tells which run that was, and of the first nobody knows.
        let found = reconcile(
            &collected(host, phone, vec![exchange(9_100, 9_100, 100, 9_100)]),
            &names(),
            Within::Middle,
        );
        assert_eq!(order(&found)[2..], expected[2..]);
    }

    #[test]
    fn a_clock_that_jumps_back_without_a_boot_reorders_nothing() {
        let phone = log(&[(500, 0, What::GaveUp {}), (400, 0, What::MemoryWarning {})]);
        let found = reconcile(&collected(Vec::new(), phone, Vec::new()), &names(), Within::Middle);
        assert_eq!(order(&found), [("gave-up", 500), ("memory-warning", 500)]);
    }

    #[test]
    fn a_phone_whose_clock_the_host_never_heard_is_not_placed() {
        let phone = log(&[(500, 0, What::GaveUp {})]);
        let host = vec![event(7_000, What::ServerUp {})];
        let found = reconcile(&collected(host, phone, Vec::new()), &names(), Within::Middle);
        assert_eq!(found.events[0].doubt, Span::MAX);
        assert!(found.notes[0].contains("nobody knows when 1 events"), "{:?}", found.notes);
    }

    #[test]
    fn an_event_of_another_version_is_told_and_left_out() {
        let mut phone = log(&[(500, 0, What::GaveUp {})]);
        phone.lines[0].record.event = "an-event-of-tomorrow".into();
        let found = reconcile(&collected(Vec::new(), phone, Vec::new()), &names(), Within::Middle);
        assert!(found.events.is_empty() && found.notes[0].contains("an-event-of-tomorrow"));
    }
}
