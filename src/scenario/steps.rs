//! `[[step]]`: what happens, and when.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::acts::{ACTS, ActInfo, Args};
use super::diagnostic::{Diagnostic, Problems, did_you_mean, listed};
use super::library::Library;
use super::limits::MOST_ACTS;
use super::model::{Act, Gap, Phases, Step, When};
use super::patterns::Patterns;
use super::pushes::{Pushes, Series};
use super::table::{KeyInfo, Reader};
use super::values::Line;
use crate::port::Span;
use crate::settings::{Dist, Form, Kind, grouped, nearest};
use crate::trace::Pattern;

/// The keys of every step, beside its act's arguments.
pub(super) const STEP: &[KeyInfo] = &[
    KeyInfo::optional::<Line>("id", "The name other steps call it by."),
    KeyInfo::optional::<Dist>("at", "Acts at this time from the beginning."),
    KeyInfo::nested(
        "after",
        "event pattern or table",
        "{ event = \"client.connected\", by = \"5s\" }",
        &[Form::Event, Form::Table],
        "Acts after an event.",
    ),
    KeyInfo::optional::<Gap>("every", "Acts again and again, so far apart."),
    KeyInfo::optional::<Dist>("from", "With `every`: the first time; one period in when absent."),
    KeyInfo::optional::<Span>("until", "With `every`: no more from this time on."),
    WHERE,
    KeyInfo::optional::<u32>("device", "Acts on this device, from 1; on every one when absent."),
    KeyInfo {
        name: "do",
        kind: Kind::one_of("act", "\"user.background\"", &super::acts::NAMES),
        need: super::table::Need::Required,
        doc: "What it does.",
    },
];

/// For which of the scenarios of `[vary]` a step or expectation is.
pub(super) const WHERE: KeyInfo = KeyInfo::nested(
    "where",
    "table of keys",
    "{ platform.use = \"ios-9\" }",
    &[Form::Chosen],
    "Only where the keys of `[vary]` have these values: one, or a list of them.",
);

/// The keys of `after`.
pub(super) const AFTER: &[KeyInfo] = &[
    KeyInfo::required::<Pattern>("event", "The event."),
    KeyInfo::optional::<Line>("since", "Counts only after the step of this id has acted."),
    KeyInfo::or::<Dist>("by", "\"0s\"", "How long after the event."),
];

/// What steps and expectations have to fit in; `None` is not known because of another mistake.
#[derive(Copy, Clone)]
pub(super) struct Frame {
    pub(super) duration: Option<Span>,
    pub(super) phases: Option<Phases>,
    pub(super) devices: Option<u32>,
}

/// Reads steps one after the other.
pub(super) struct Steps<'a> {
    pub(super) frame: Frame,
    pub(super) library: &'a dyn Library,
    pub(super) problems: &'a Problems,
    pub(super) pushes: &'a mut Pushes,
    pub(super) patterns: &'a mut Patterns,
    /// Every id in the file, with the place of the first step that has it.
    pub(super) ids: BTreeMap<String, usize>,
}

/// The ids of `tables`, with the place of the first that has it.
pub(super) fn ids(tables: &[Option<(&DeTable<'_>, Range<usize>)>]) -> BTreeMap<String, usize> {
    let mut ids = BTreeMap::new();
    for (place, table) in tables.iter().enumerate() {
        let id = table.as_ref().and_then(|(table, _)| table.get("id")?.get_ref().as_str());
        if let Some(id) = id {
            ids.entry(id.trim().to_owned()).or_insert(place);
        }
    }
    ids
}

impl<'a> Steps<'a> {
    /// Reads the step at `place` in the list.
    pub(super) fn read(
        &mut self,
        place: usize,
        table: &'a DeTable<'a>,
        head: Range<usize>,
    ) -> Option<Step> {
        let mut reader = Reader::new(Some(table), head, "this step", STEP, self.problems);
        let when = self.when(place, &reader);
        let series = match (&when, reader.has("every")) {
            (Some(when), _) => self.series(when),
            (None, true) => Series::Unknown,
            (None, false) => Series::Once,
        };
        let act = self.act(&mut reader, series);
        let id = self.id(place, &reader);
        let device = self.device(&reader, act.as_ref().map(|(act, _)| *act));
        let fault = act.as_ref().map(|(act, _)| *act).filter(|act| act.is_fault());
        let when = match (when, fault, self.frame.phases) {
            (Some(when), Some(act), Some(phases)) => self.in_safety(when, act, phases, &reader),
            (when, _, _) => when,
        };
        let ((act, lasts), span) = (act?, reader.extent());
        Some(Step { id: id?, when: when?, device: device?, act, lasts, span })
    }

    fn id(&self, place: usize, reader: &Reader<'_>) -> Option<Option<String>> {
        let Some(id) = reader.maybe::<Line>("id")? else { return Some(None) };
        match self.ids.get(&id.0) {
            Some(first) if *first != place => {
                let message = format!("`{}` is already the id of step {}", id.0, first + 1);
                let span = reader.span("id");
                self.problems.report(Diagnostic::new(message, span, "give it another name"));
                None
            }
            Some(_) | None => Some(Some(id.0)),
        }
    }

    fn device(&self, reader: &Reader<'_>, act: Option<Act>) -> Option<Option<u32>> {
        let Some(device) = reader.maybe::<u32>("device")? else { return Some(None) };
        if let Some(act) = act.filter(|act| act.server_wide()) {
            let message = format!("`{}` is not about one device", act.name());
            let span = reader.key_span("device");
            self.problems.report(Diagnostic::new(message, span, "remove it"));
            return None;
        }
        let devices = self.frame.devices?;
        if (1..=devices).contains(&device) {
            return Some(Some(device));
        }
        let message = format!("there is no device {device}");
        let label = match devices {
            1 => "there is only device 1".to_owned(),
            _ => format!("devices are 1 to {devices}"),
        };
        let help = "the key `devices` at the top says how many there are";
        let span = reader.span("device");
        self.problems.report(Diagnostic::new(message, span, label).help(help));
        None
    }

    fn act(&mut self, reader: &mut Reader<'a>, series: Series) -> Option<(Act, Option<Dist>)> {
        let name = reader.get::<Line>("do");
        let Some(info) = name.as_ref().and_then(|name| ActInfo::find(&name.0)) else {
            if let Some(name) = name {
                self.unknown_act(reader, &name.0);
            }
            if let Some(DeValue::String(push)) = reader.raw("push").map(|value| value.get_ref()) {
                self.pushes.suspect(push);
            }
            // Whose arguments the other keys are is not known: only what no act takes is wrong.
            let taken = |key: &str| ACTS.iter().any(|act| act.args.iter().any(|a| a.name == key));
            reader.unknown_keys(|key| !taken(key));
            return None;
        };
        reader.with_keys(info.args);
        reader.finish();
        let (pushes, library) = (&mut *self.pushes, self.library);
        let mut args = Args { reader, pushes, series, library, lasts: None };
        let act = info.make(&mut args)?;
        let lasts = args.lasts;
        if let Some((key, message, label)) = act.vain_argument() {
            let span = reader.key_span(key);
            self.problems.report(Diagnostic::new(message, span, label));
            return None;
        }
        Some((act, lasts))
    }

    fn unknown_act(&self, reader: &Reader<'_>, name: &str) {
        let near = nearest(name, ACTS.iter().map(|row| row.name));
        let message = format!("there is no act `{name}`");
        let label = did_you_mean(near, "unknown act");
        let help = match near {
            Some(_) => "`holdline list steps` lists all acts".to_owned(),
            None => format!("the acts are: {}", listed(ACTS.iter().map(|row| row.name))),
        };
        self.problems.report(Diagnostic::new(message, reader.span("do"), label).help(help));
    }

    fn when(&mut self, place: usize, reader: &Reader<'a>) -> Option<When> {
        self.not_in_the_past(reader)?;
        let mut given: Vec<&str> =
            ["at", "after", "every"].into_iter().filter(|key| reader.has(key)).collect();
        given.sort_by_key(|key| reader.key_span(key).start);
        if !given.contains(&"every") {
            for key in ["from", "until"] {
                if reader.has(key) {
                    let message = format!("`{key}` goes with `every` only");
                    let span = reader.key_span(key);
                    self.problems.report(Diagnostic::new(message, span, "there is no `every`"));
                }
            }
        }
        match given.as_slice() {
            [] => {
                let message = "this step does not say when it acts";
                let help = "write one of `at = \"10s\"`, `after = { event = \"client.connected\" }` \
                            and `every = \"10m\"`";
                let label = "`at`, `after` or `every` is missing";
                self.problems.report(Diagnostic::new(message, reader.head(), label).help(help));
                None
            }
            ["at"] => {
                let at = reader.maybe_varying::<Dist>("at", self.library)??;
                reached(self.frame, reader, "at", &at)?;
                always_reached(self.frame, reader, "at", &at)?;
                Some(When::At(at))
            }
            ["after"] => self.after(place, reader),
            [_] => self.every(reader),
            [first, second, ..] => {
                let message = format!("this step has both `{first}` and `{second}`");
                let help = "a step acts at a time, after an event, or again and again";
                let span = reader.key_span(second);
                self.problems.report(Diagnostic::new(message, span, "remove one").help(help));
                None
            }
        }
    }

    /// Reports a time before the beginning of the run; `None` then.
    fn not_in_the_past(&self, reader: &Reader<'_>) -> Option<()> {
        for key in ["at", "from", "until"] {
            let text = reader.raw(key).and_then(|value| value.get_ref().as_str());
            if text.is_some_and(|text| text.trim().starts_with('-')) {
                let message = format!("`{key}` is before the run begins");
                let help = "times count from the beginning of the run: the first is \"0s\"";
                let span = reader.span(key);
                self.problems.report(Diagnostic::new(message, span, "in the past").help(help));
                return None;
            }
        }
        Some(())
    }

    fn after(&mut self, place: usize, reader: &Reader<'a>) -> Option<When> {
        let value = reader.raw("after")?;
        if let DeValue::String(_) = value.get_ref() {
            let event = reader.read::<Pattern>("after", value)?;
            self.patterns.note(&event, value.span());
            return Some(When::After { event, since: None, by: Dist::default() });
        }
        let (table, head) = reader.table("after")?;
        let inner = Reader::new(Some(table), head, "`after`", AFTER, self.problems);
        inner.finish();
        let event = inner.get::<Pattern>("event");
        let by = inner.get_varying::<Dist>("by", self.library);
        if let Some(event) = &event {
            self.patterns.note(event, inner.span("event"));
        }
        let since = match inner.maybe::<Line>("since") {
            Some(Some(id)) => self.since(place, &inner, &id.0).map(Some),
            Some(None) => Some(None),
            None => None,
        };
        let by = by?;
        reached(self.frame, &inner, "by", &by)?;
        Some(When::After { event: event?, since: since?, by })
    }

    fn since(&self, place: usize, reader: &Reader<'_>, id: &str) -> Option<usize> {
        let span = reader.span("since");
        let problem = match self.ids.get(id) {
            Some(known) if *known < place => return Some(*known),
            Some(known) if *known == place => {
                Diagnostic::new("a step cannot wait for itself", span, "this step's own id")
            }
            Some(_) => {
                let message = format!("the step `{id}` comes later in the file");
                let help = "put the step that waits below the one it waits for";
                Diagnostic::new(message, span, "name an earlier step").help(help)
            }
            None => {
                let near = nearest(id, self.ids.keys().map(String::as_str));
                let label = did_you_mean(near, "unknown id");
                let help = format!("give the step it waits for `id = \"{id}\"`");
                Diagnostic::new(format!("no step has the id `{id}`"), span, label).help(help)
            }
        };
        self.problems.report(problem);
        None
    }

    fn every(&self, reader: &Reader<'_>) -> Option<When> {
        let period = reader.maybe_varying::<Gap>("every", self.library);
        let from = reader.maybe_varying::<Dist>("from", self.library);
        let until = reader.maybe::<Span>("until");
        let (period, from, until) = (period??, from?, until?);
        let first = from.as_ref().unwrap_or(period.dist());
        reached(self.frame, reader, if from.is_some() { "from" } else { "every" }, first)?;
        if let Some(from) = &from {
            always_reached(self.frame, reader, "from", from)?;
        }
        let earliest = first.least();
        if let Some(until) = until.filter(|until| *until <= earliest) {
            let message =
                format!("this step never acts: it begins at {earliest} and ends at {until}");
            let span = reader.span("until");
            let label = format!("has to be later than {earliest}");
            self.problems.report(Diagnostic::new(message, span, label));
            return None;
        }
        let until = until.map(Span::from_start);
        let every = When::Every { period, from, until };
        match self.times(&every) {
            Some(times) if times > MOST_ACTS => {
                let (times, most) = (grouped(times), grouped(MOST_ACTS));
                let message = format!("this step would act {times} times; at most {most}");
                let span = reader.span("every");
                let help = "choose a longer period, or end it with `until`";
                self.problems.report(Diagnostic::new(message, span, "too often").help(help));
                None
            }
            Some(_) | None => Some(every),
        }
    }

    /// When a fault acts in a run with phases: not in the second one. `None` when that leaves nothing, which
    /// is reported.
    fn in_safety(&self, when: When, act: Act, phases: Phases, reader: &Reader<'_>) -> Option<When> {
        let end = phases.safety.from_start();
        let (never, key) = match &when {
            When::At(at) => (at.least().from_start() >= end, "at"),
            When::Every { period, from, .. } => match from {
                Some(from) => (from.least().from_start() >= end, "from"),
                None => (period.dist().least().from_start() >= end, "every"),
            },
            When::After { event, .. } => {
                let event = event.to_string();
                let liveness = event.starts_with("phase ") && event.contains("name=liveness");
                (liveness, "after")
            }
        };
        if never {
            let message = format!("faults end when the safety phase ends at {}", phases.safety);
            let label = format!("`{}` is a fault and would never act", act.name());
            let help = "everything heals at that time; `safety` in [phases] says when it is";
            let problem = Diagnostic::new(message, reader.span(key), label);
            self.problems.report(problem.help(help));
            return None;
        }
        Some(match when {
            When::Every { period, from, until } => {
                let until = Some(until.map_or(end, |until| until.min(end)));
                When::Every { period, from, until }
            }
            When::At(_) | When::After { .. } => when,
        })
    }

    /// How often a step acts; of one whose times vary, about how often. `None` when the run is of unknown
    /// length.
    fn times(&self, when: &When) -> Option<u64> {
        match when {
            When::At(_) | When::After { .. } => Some(1),
            When::Every { period, from, until } => {
                let end = self.frame.duration?.from_start();
                let end = until.map_or(end, |until| until.min(end));
                let gap = period.median();
                let first = from.as_ref().map_or(gap, Dist::median).from_start();
                Some(end.since(first).as_micros().div_ceil(gap.as_micros().max(1)))
            }
        }
    }

    /// The same for the names of what it sends.
    fn series(&self, when: &When) -> Series {
        match when {
            When::At(_) | When::After { .. } => Series::Once,
            When::Every { period, from, .. } => {
                let varies = period.dist().constant().is_none()
                    || from.as_ref().is_some_and(|from| from.constant().is_none());
                self.times(when).filter(|_| !varies).map_or(Series::Unknown, Series::Of)
            }
        }
    }
}

/// Reports a time that the run does not reach even at the earliest; `None` then.
fn reached(frame: Frame, reader: &Reader<'_>, key: &str, time: &Dist) -> Option<()> {
    match (time.constant(), frame.duration) {
        (Some(time), _) => inside(frame, reader, key, time),
        (None, Some(duration)) if time.least() >= duration => {
            outside(reader, key, (time.least(), "earliest"), duration)
        }
        (None, _) => Some(()),
    }
}

/// Reports a time that the run does not reach at the latest; `None` then. A distribution without an end
/// may go beyond that of the run.
fn always_reached(frame: Frame, reader: &Reader<'_>, key: &str, time: &Dist) -> Option<()> {
    match (time.most(), frame.duration) {
        (Some(latest), Some(duration)) if latest >= duration => {
            outside(reader, key, (latest, "latest"), duration)
        }
        (Some(_) | None, _) => Some(()),
    }
}

fn outside(
    reader: &Reader<'_>,
    key: &str,
    (time, which): (Span, &str),
    duration: Span,
) -> Option<()> {
    let message = format!("`{key}` is {time} at the {which}, and the run ends after {duration}");
    let help = "the key `duration` at the top says how long the run is";
    let label = if which == "latest" { "not always reached" } else { "this is never reached" };
    reader.problems.report(Diagnostic::new(message, reader.span(key), label).help(help));
    None
}

/// Reports a time that the run does not reach; `None` then.
pub(super) fn inside(frame: Frame, reader: &Reader<'_>, key: &str, time: Span) -> Option<()> {
    let Some(duration) = frame.duration else { return Some(()) };
    if time < duration {
        return Some(());
    }
    let message = format!("`{key}` is {time}, and the run ends after {duration}");
    let help = match frame.phases {
        None => "the key `duration` at the top says how long the run is",
        Some(_) => "`safety` and `liveness` in [phases] say how long the run is",
    };
    let label = "this is never reached";
    reader.problems.report(Diagnostic::new(message, reader.span(key), label).help(help));
    None
}
