//! TOML text to a checked [`Scenario`], or everything that is wrong with it.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Problems, part};
use super::document::{MOST_BYTES, too_long};
use super::impossible;
use super::include::Files;
use super::library::Library;
use super::lints::{self, Lint, Linted};
use super::location::locate_all;
use super::model::{Scenario, Step, World};
use super::overrides::{Override, Overrides};
use super::patterns::Patterns;
use super::preset_section::{CLIENT, PLATFORM, SERVER};
use super::pushes::Pushes;
use super::steps::{Frame, Steps};
use super::table::{KeyInfo, Reader};
use super::values::{Devices, LINE, Line, Positive, Runs, Seed, Text, Version};
use super::variables::Variables;
use super::vary::{self, Vary};
use super::{app, expects, network, phases, steps};
use crate::settings::{Form, Setting, nearest};

/// The keys at the top of a scenario, its sections among them.
pub(super) const TOP: &[KeyInfo] = &[
    KeyInfo::or::<Version>("version", "1", "The version of this language."),
    KeyInfo::nested(
        "include",
        "list of files",
        "[\"common/ios-9.toml\"]",
        &[Form::List(0, &[Form::Text(LINE)])],
        "Fragments to put this scenario together from; what stands here wins over what stands there.",
    ),
    KeyInfo::or::<bool>(
        "fragment",
        "false",
        "Whether this file is only there to be included; it needs no name then.",
    ),
    KeyInfo::required::<Line>("name", "What the scenario is called, in one line."),
    KeyInfo::or::<Text>("shows", "\"\"", "What it shows."),
    KeyInfo::or::<Text>("why", "\"\"", "Why that happens."),
    KeyInfo::or::<Text>("instead", "\"\"", "What to do instead."),
    KeyInfo::nested(
        "worlds",
        "list of worlds",
        "[\"sim\"]",
        &[Form::List(1, &[Form::Words(World::SPELLINGS)])],
        "Where the situation makes sense; everywhere when absent.",
    ),
    KeyInfo::or::<Seed>("seed", "1", "The seed of all chance in it."),
    KeyInfo::or::<Runs>("runs", "1", "Under how many seeds it is played, from `seed` on."),
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
    KeyInfo::nested(
        "allow",
        "list of lints",
        "[\"keep-alive-refused\"]",
        &[Form::List(0, &[Form::Words(Lint::SPELLINGS)])],
        "Lints of `holdline validate` that are not to be told: what they are about is the point here.",
    ),
    KeyInfo::nested(
        "variables",
        "section",
        "[variables]",
        &[Form::Named(&[Form::Plain])],
        "Values with a name, for use as `\"$name\"` or `\"${name}\"`.",
    ),
    KeyInfo::nested(
        "vary",
        "section",
        "[vary]",
        &[Form::Varied],
        "Keys as for `--set`, each with a list of values: every combination is a scenario.",
    ),
    KeyInfo::nested("platform", "section", "[platform]", &[Form::Table], "What iOS allows."),
    KeyInfo::nested(
        "app",
        "section",
        "[app]",
        &[Form::Table],
        "What the app's bundle says, and how the app is run.",
    ),
    KeyInfo::nested(
        "network",
        "section",
        "[network]",
        &[Form::Table],
        "What the networks are like.",
    ),
    KeyInfo::nested("client", "section", "[client]", &[Form::Table], "What the client does."),
    KeyInfo::nested("server", "section", "[server]", &[Form::Table], "What the push server does."),
    KeyInfo::nested(
        "phases",
        "section",
        "[phases]",
        &[Form::Table],
        "How long faults act, and how long the run goes on without them.",
    ),
    KeyInfo::nested("step", "list of sections", "[[step]]", &[Form::Tables], "What happens."),
    KeyInfo::nested(
        "expect",
        "list of sections",
        "[[expect]]",
        &[Form::Tables],
        "What is expected.",
    ),
];

/// Reads a scenario.
///
/// # Errors
/// Every mistake that does not merely follow from another one, in the order of the text; at least one. That
/// the text is many scenarios, by `[vary]`, is one: see [`decode_all`].
pub fn decode(
    text: &str,
    library: &dyn Library,
    overrides: &[Override],
) -> Result<Scenario, Vec<Diagnostic>> {
    read(text, library, overrides, Wanted::One).map(|mut read| read.scenarios.remove(0))
}

/// Reads all scenarios of a text: one, or every combination of what `[vary]` says, in its order.
///
/// # Errors
/// Every mistake that does not merely follow from another one, in the order of the text; at least one.
pub fn decode_all(
    text: &str,
    library: &dyn Library,
    overrides: &[Override],
) -> Result<Vec<Scenario>, Vec<Diagnostic>> {
    read(text, library, overrides, Wanted::All).map(|read| read.scenarios)
}

/// Reads all scenarios of a text, and what is to be said of it although it can be played: its lints, in the
/// order of the text.
///
/// # Errors
/// Every mistake, where it cannot be played.
pub fn decode_linted(
    text: &str,
    library: &dyn Library,
    overrides: &[Override],
) -> Result<(Vec<Scenario>, Vec<Diagnostic>), Vec<Diagnostic>> {
    read(text, library, overrides, Wanted::Linted).map(|read| (read.scenarios, read.lints))
}

/// What somebody wants of a text.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Wanted {
    /// The one scenario that it is.
    One,
    /// Every scenario.
    All,
    /// Every scenario, and the lints.
    Linted,
}

/// A text, read.
struct Read {
    /// At least one.
    scenarios: Vec<Scenario>,
    lints: Vec<Diagnostic>,
}

fn read(
    text: &str,
    library: &dyn Library,
    overrides: &[Override],
    wanted: Wanted,
) -> Result<Read, Vec<Diagnostic>> {
    if text.len() > MOST_BYTES {
        return Err(vec![too_long()]);
    }
    let problems = Problems::of(text.len());
    let files = Files::gather(text, library, &problems);
    let document = files.as_ref().and_then(|files| files.merged(&problems));
    let read = document.map(|document| variants(&document, library, overrides, wanted, &problems));
    match read {
        Some(mut read) if problems.is_empty() && !read.scenarios.is_empty() => {
            locate_all(&mut read.scenarios, text, &problems);
            Ok(Read { lints: problems.sorted(read.lints), ..read })
        }
        Some(_) | None => {
            if problems.is_empty() {
                // Nothing should come here; if it does, it must not pass as a scenario without mistakes.
                problems.report(Diagnostic::new("this scenario cannot be read", 0..0, ""));
            }
            Err(problems.into_sorted())
        }
    }
}

/// Every scenario of a document, as far as it can be read.
fn variants(
    document: &DeTable<'_>,
    library: &dyn Library,
    outside: &[Override],
    wanted: Wanted,
    problems: &Problems,
) -> Read {
    problems.enter(part::VARY);
    let vary = Vary::read(document, outside, problems);
    vary.check(document, problems);
    let (mut scenarios, mut found) = (Vec::new(), Vec::new());
    for variant in vary.variants(problems) {
        if problems.enough() {
            break;
        }
        // What is set from outside comes last, and so counts.
        let all: Vec<Override> = variant.iter().chain(outside).cloned().collect();
        let overrides = Overrides::new(&all, problems);
        problems.enter(part::VARIABLES);
        let mut variables = Variables::read(document, &overrides, problems);
        let document = vary::narrow(document.clone(), &variant);
        let document = variables.substitute(document, problems);
        let named = |over: &Override| (over.key.clone(), over.value.clone());
        let variant = variant.iter().map(named).collect();
        if let Some(scenario) = whole(&document, library, &overrides, problems) {
            let scenario = Scenario { variant, ..scenario };
            impossible::check(&scenario, &overrides, problems);
            if wanted == Wanted::Linted {
                let (document, variables) = (&document, &variables);
                found.push(Linted { scenario: &scenario, document, variables }.all());
            }
            scenarios.push(scenario);
        }
    }
    if wanted == Wanted::One && scenarios.len() > 1 {
        let message = "this is many scenarios in one file, and one is asked for";
        let help = "choose one value for each key of [vary] with `--set`";
        let problem = Diagnostic::new(message, vary.span, "it varies").help(help);
        problems.report(problem.see(part::VARY));
    }
    let lints = match wanted {
        Wanted::Linted => lints::left(document, found),
        Wanted::One | Wanted::All => Vec::new(),
    };
    Read { scenarios, lints }
}

/// Reads the value of a key of the top, unless it is overridden.
fn top<T: Setting>(reader: &Reader<'_>, key: &str, overrides: &Overrides<'_>) -> Option<T> {
    match overrides.top(key) {
        Some(over) => over.read(reader.problems),
        None => reader.get(key),
    }
}

/// The worlds the scenario is for.
fn worlds(reader: &Reader<'_>) -> Option<Vec<World>> {
    if !reader.has("worlds") {
        return Some(World::ALL.to_vec());
    }
    let list = reader.list("worlds")?;
    if list.is_empty() {
        let (message, label) =
            ("a scenario for no world is never played", "name one, or remove it");
        reader.problems.report(Diagnostic::new(message, reader.span("worlds"), label));
        return None;
    }
    let worlds: Vec<World> = list.iter().filter_map(|item| reader.read("worlds", item)).collect();
    (worlds.len() == list.len()).then_some(worlds)
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
    library: &'a dyn Library,
    overrides: &Overrides<'_>,
    problems: &'a Problems,
) -> Option<Scenario> {
    problems.enter(part::TOP);
    let reader = Reader::new(Some(document), 0..0, "the scenario", TOP, problems);
    reader.finish();
    let _: Option<bool> = reader.get("fragment");

    let name = reader.get::<Line>("name");
    let texts = ["shows", "why", "instead"].map(|key| reader.get::<Text>(key));
    let seed = top::<Seed>(&reader, "seed", overrides);
    let length = phases::read(&reader, overrides);
    let duration = length.map(|(duration, _)| duration);
    let deadline = top::<Positive>(&reader, "deadline", overrides);
    let devices = top::<Devices>(&reader, "devices", overrides).map(|devices| devices.0);

    let runs = reader.get::<Runs>("runs").map(|runs| runs.0);
    let worlds = worlds(&reader);
    for lint in reader.list("allow").into_iter().flatten() {
        let _: Option<Lint> = reader.read("allow", lint);
    }

    problems.enter(part::WHO);
    let platform = PLATFORM.read(&reader, library, overrides);
    let manifest = app::read(&reader, library, overrides);
    let network = network::read(&reader, library, overrides);
    let client = CLIENT.read(&reader, library, overrides);
    let server = SERVER.read(&reader, library, overrides);

    problems.enter(part::STEPS);
    let frame = Frame { duration, phases: length.and_then(|(_, phases)| phases), devices };
    let (mut pushes, mut patterns) = (Pushes::default(), Patterns::default());
    let steps = read_steps(&reader, document, library, frame, &mut pushes, &mut patterns);
    problems.enter(part::EXPECTS);
    let mut expects = Vec::new();
    for (table, head) in tables(&reader, "expect").into_iter().flatten().flatten() {
        if problems.enough() {
            break;
        }
        expects.extend(expects::read(table, head, frame, &pushes, &mut patterns, problems));
    }
    problems.enter(part::PATTERNS);
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
        variant: Vec::new(),
        worlds: worlds?,
        runs: runs?,
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
    library: &'a dyn Library,
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
    let mut all = Steps { frame, library, problems, pushes, patterns, ids: steps::ids(&tables) };
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
