//! TOML text to a checked [`Scenario`], or everything that is wrong with it.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Problems};
use super::library::Library;
use super::model::{Scenario, Step};
use super::overrides::{Override, Overrides};
use super::patterns::Patterns;
use super::preset_section::{CLIENT, PLATFORM, SERVER};
use super::pushes::Pushes;
use super::steps::{Frame, Steps};
use super::table::{KeyInfo, Reader};
use super::values::{Devices, Line, Positive, Seed, Text, Version};
use super::{app, expects, network, phases, steps};
use crate::settings::{Setting, nearest};

/// More text than this is not a scenario.
const MOST_BYTES: usize = 1 << 20;
/// Beyond these the parser is lost in text that is not TOML at all.
const MOST_SYNTAX_ERRORS: usize = 100;

/// The keys at the top of a scenario, its sections among them.
pub(super) const TOP: &[KeyInfo] = &[
    KeyInfo::or::<Version>("version", "1", "The version of this language."),
    KeyInfo::required::<Line>("name", "What the scenario is called, in one line."),
    KeyInfo::or::<Text>("shows", "\"\"", "What it shows."),
    KeyInfo::or::<Text>("why", "\"\"", "Why that happens."),
    KeyInfo::or::<Text>("instead", "\"\"", "What to do instead."),
    KeyInfo::or::<Seed>("seed", "1", "The seed of all chance in it."),
    KeyInfo::optional::<Positive>(
        "duration",
        "How long is simulated; required, unless there are `[phases]`: then it is both together.",
    ),
    KeyInfo::or::<Positive>(
        "deadline",
        "\"30s\"",
        "The client is reachable while a push sent now would be received within this.",
    ),
    KeyInfo::or::<Devices>(
        "devices",
        "1",
        "How many devices there are, all alike but for their luck.",
    ),
    KeyInfo::nested("platform", "section", "[platform]", "What iOS allows."),
    KeyInfo::nested(
        "app",
        "section",
        "[app]",
        "What the app's bundle says, and how the app is run.",
    ),
    KeyInfo::nested("network", "section", "[network]", "What the networks are like."),
    KeyInfo::nested("client", "section", "[client]", "What the client does."),
    KeyInfo::nested("server", "section", "[server]", "What the push server does."),
    KeyInfo::nested(
        "phases",
        "section",
        "[phases]",
        "How long faults act, and how long the run goes on without them.",
    ),
    KeyInfo::nested("step", "list of sections", "[[step]]", "What happens."),
    KeyInfo::nested("expect", "list of sections", "[[expect]]", "What is expected."),
];

/// Reads a scenario.
///
/// # Errors
/// Every mistake that does not merely follow from another one, in the order of the text; at least one.
pub fn decode(
    text: &str,
    library: &dyn Library,
    overrides: &[Override],
) -> Result<Scenario, Vec<Diagnostic>> {
    if text.len() > MOST_BYTES {
        let message = format!("this is too long for a scenario: more than {MOST_BYTES} bytes");
        return Err(vec![Diagnostic::new(message, 0..0, "")]);
    }
    let (document, syntax) = DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        return Err(syntax_errors(text, &syntax));
    }
    let problems = Problems::of(text.len());
    let scenario = whole(document.get_ref(), library, overrides, &problems);
    let mut problems = problems.into_sorted();
    match scenario {
        Some(scenario) if problems.is_empty() => Ok(scenario),
        Some(_) => Err(problems),
        None => {
            if problems.is_empty() {
                // Nothing should come here; if it does, it must not pass as a scenario without mistakes.
                problems.push(Diagnostic::new("this scenario cannot be read", 0..0, ""));
            }
            Err(problems)
        }
    }
}

/// What is wrong with the TOML itself: one mistake a line, as later ones on it follow from the first.
fn syntax_errors(text: &str, errors: &[toml::de::Error]) -> Vec<Diagnostic> {
    let mut list: Vec<(usize, Diagnostic)> = Vec::new();
    for error in errors.iter().take(MOST_SYNTAX_ERRORS) {
        let span = on_characters(text, error.span().unwrap_or(0..0));
        let line = text[..span.start].matches('\n').count();
        if list.iter().any(|(known, _)| *known == line) {
            continue;
        }
        let what = error.message().lines().next().unwrap_or_default();
        let problem = Diagnostic::new(format!("this is not TOML: {what}"), span, what);
        list.push((line, problem));
    }
    list.sort_by_key(|(line, _)| *line);
    list.into_iter().map(|(_, problem)| problem).collect()
}

/// `span` inside `text`, widened to whole characters.
fn on_characters(text: &str, span: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (span.start.min(text.len()), span.end.min(text.len()));
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    end = end.max(start);
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// Reads the value of a key of the top, unless it is overridden.
fn top<T: Setting>(reader: &Reader<'_>, key: &str, overrides: &Overrides<'_>) -> Option<T> {
    match overrides.top(key) {
        Some(over) => over.read(reader.problems),
        None => reader.get(key),
    }
}

type Item<'a> = Option<(&'a DeTable<'a>, Range<usize>)>;

/// The tables of `[[name]]`; `None` when they cannot be read, which is reported.
fn tables<'a>(top: &Reader<'a>, name: &str) -> Option<Vec<Item<'a>>> {
    let items = top.list(name)?;
    let table = |item: &'a toml::Spanned<DeValue<'a>>| {
        let table = item.get_ref().as_table();
        if table.is_none() {
            let message = format!("expected [[{name}]], found {}", super::table::what(item));
            top.wrong(name, item, &message, "table");
        }
        table.map(|table| (table, item.span()))
    };
    Some(items.iter().map(table).collect())
}

fn whole<'a>(
    document: &'a DeTable<'a>,
    library: &dyn Library,
    overrides: &[Override],
    problems: &'a Problems,
) -> Option<Scenario> {
    let reader = Reader::new(Some(document), 0..0, "the scenario", TOP, problems);
    // Of a text in another version of the language nothing else can be said.
    let _: Version = reader.get("version")?;
    let overrides = &Overrides::new(overrides, problems);
    reader.finish();

    let name = reader.get::<Line>("name");
    let texts = ["shows", "why", "instead"].map(|key| reader.get::<Text>(key));
    let seed = top::<Seed>(&reader, "seed", overrides);
    let length = phases::read(&reader, overrides);
    let duration = length.map(|(duration, _)| duration);
    let deadline = top::<Positive>(&reader, "deadline", overrides);
    let devices = top::<Devices>(&reader, "devices", overrides).map(|devices| devices.0);

    let platform = PLATFORM.read(&reader, library, overrides);
    let manifest = app::read(&reader, library, overrides);
    let network = network::read(&reader, library, overrides);
    let client = CLIENT.read(&reader, library, overrides);
    let server = SERVER.read(&reader, library, overrides);

    let frame = Frame { duration, phases: length.and_then(|(_, phases)| phases), devices };
    let (mut pushes, mut patterns) = (Pushes::default(), Patterns::default());
    let steps = read_steps(&reader, document, frame, &mut pushes, &mut patterns);
    let mut expects = Vec::new();
    for (table, head) in tables(&reader, "expect").into_iter().flatten().flatten() {
        if problems.enough() {
            break;
        }
        expects.extend(expects::read(table, head, frame, &pushes, &mut patterns, problems));
    }
    patterns.check(&pushes, frame, problems);

    let names = pushes.into_names();
    for expect in &mut expects {
        expect.text = expect.that.to_text(&names);
    }
    let [shows, why, instead] = texts;
    Some(Scenario {
        name: name?.0,
        shows: shows?.0,
        why: why?.0,
        instead: instead?.0,
        seed: seed?.0,
        duration: duration?,
        phases: frame.phases,
        deadline: deadline?.0,
        devices: devices?,
        platform: platform?,
        manifest: manifest?,
        network: network?,
        client: client?,
        server: server?,
        steps,
        expects,
        names,
    })
}

/// Reads all steps that can be read; the others are reported.
fn read_steps<'a>(
    reader: &Reader<'a>,
    document: &'a DeTable<'a>,
    frame: Frame,
    pushes: &mut Pushes,
    patterns: &mut Patterns,
) -> Vec<Step> {
    let is_step = |key: &str| key != "expect" && nearest(key, ["step"]).is_some();
    let misspelt = document.keys().any(|key| is_step(key.get_ref())) && !reader.has("step");
    let tables = tables(reader, "step");
    if misspelt || tables.as_ref().is_none_or(|tables| tables.iter().any(Option::is_none)) {
        pushes.cannot_know();
    }
    let tables = tables.unwrap_or_default();
    let problems = reader.problems;
    let mut all = Steps { frame, problems, pushes, patterns, ids: steps::ids(&tables) };
    let mut list = Vec::new();
    for (place, table) in tables.into_iter().enumerate() {
        if problems.enough() {
            all.pushes.cannot_know();
            break;
        }
        if let Some((table, head)) = table {
            list.extend(all.read(place, table, head));
        }
    }
    list
}
