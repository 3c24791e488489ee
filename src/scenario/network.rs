//! `[network]`: the phone's two networks, and on which it begins.

use std::ops::Range;

use super::connectivity::{self, Recording};
use super::diagnostic::{Diagnostic, Problems};
use super::library::Library;
use super::model::{Connectivity, NetworkSetup};
use super::overrides::Overrides;
use super::preset_section::{PresetSection, SET};
use super::table::{KeyInfo, Reader};
use super::values::Line;
use crate::net::Access;
use crate::port::{Interface, Time};
use crate::settings::Layer;

/// `[network]`.
pub(super) const NETWORK: PresetSection<Access> = PresetSection {
    name: "network",
    keys: &[
        KeyInfo::or::<Line>("use", "\"wifi-home\"", "The network the phone begins on: a preset."),
        SET,
        KeyInfo::optional::<Line>(
            "other",
            "The network of the other interface: a preset; `wifi-home` or `lte-carrier` when absent.",
        ),
        KeyInfo::optional::<Interface>(
            "interface",
            "The interface that carries traffic at the beginning; that of `use` when absent.",
        ),
        KeyInfo::optional::<Line>(
            "trace",
            "A connectivity trace to replay: a CSV file; its path is relative to the scenario's file.",
        ),
    ],
    noun: "network",
    find: |library, name| library.network(name),
    names: |library| library.network_names(),
};

/// Reads `[network]`.
pub(super) fn read(
    top: &Reader<'_>,
    library: &dyn Library,
    overrides: &Overrides<'_>,
) -> Option<NetworkSetup> {
    let reader = &top.section(NETWORK.name, NETWORK.keys);
    let used = NETWORK.find(reader, "use", library, overrides);
    // What a preset is for is read before `set` can blur it.
    let kind = used.as_ref().map(|layer| layer.values.interface);
    let used = NETWORK.set(reader, used, library, overrides);
    let named = if reader.has("other") || overrides.own("network", "other").is_some() {
        Some(NETWORK.find(reader, "other", library, overrides))
    } else {
        None
    };
    let initial = match overrides.own("network", "interface") {
        Some(over) => over.read::<Interface>(reader.problems).map(Some),
        None => reader.maybe::<Interface>("interface"),
    };
    let trace = trace(reader, library, overrides);
    reader.finish();

    let (used, kind) = (used?, kind?);
    // A misfit is reported, and its values are used for the other interface all the same.
    if used.values.interface != kind {
        let message = "`interface` cannot be set in a preset";
        let help = "choose another preset with `use`, or write `interface` beside `use`";
        reader
            .problems
            .report(Diagnostic::new(message, reader.span("set"), "sets `interface`").help(help));
    }
    let other = match named {
        Some(found) => {
            let found = found?;
            check_other(reader, &used, kind, &found);
            Some(found)
        }
        None => None,
    };
    let (initial, trace) = (initial?, trace?);
    let (wifi, cellular) = both(reader, library, used, kind, other)?;
    let recorded = match &trace {
        Some(trace) => trace.at_once(initial, reader.problems)?,
        None => None,
    };
    let initial = initial.or(recorded).unwrap_or(kind);
    Some(NetworkSetup { initial, wifi, cellular, trace: trace.map(|trace| trace.read) })
}

/// A connectivity trace and where it stands among the files.
struct Traced {
    read: Connectivity,
    start: usize,
    first: Range<usize>,
}

impl Traced {
    /// The interface of a row at the very beginning; `None` when it is another than the section says, which
    /// is reported.
    fn at_once(&self, said: Option<Interface>, problems: &Problems) -> Option<Option<Interface>> {
        let Some(row) = self.read.rows.first().filter(|row| row.at == Time::ZERO) else {
            return Some(None);
        };
        let recorded = row.conditions.interface;
        let Some(said) = said.filter(|said| *said != recorded) else { return Some(Some(recorded)) };
        let message = format!("the trace begins on {recorded}, and `interface` is {said}");
        let span = self.start + self.first.start..self.start + self.first.end;
        let help = "remove `interface`, or let the first row begin later than 0s";
        problems.report(Diagnostic::new(message, span, format!("expected: {said}")).help(help));
        None
    }
}

/// Reads the file under `trace`, if there is one; `None` when it is wrong, which is reported.
fn trace(
    reader: &Reader<'_>,
    library: &dyn Library,
    overrides: &Overrides<'_>,
) -> Option<Option<Traced>> {
    let over = overrides.own("network", "trace");
    let path = match over {
        Some(over) => over.read::<Line>(reader.problems).map(Some),
        None => reader.maybe::<Line>("trace"),
    };
    let Some(Line(path)) = path? else { return Some(None) };
    let unusable = |message: String| match over {
        Some(over) => over.wrong(&message),
        None => Diagnostic::new(message, reader.span("trace"), "cannot be used"),
    };
    let text = match library.file(&path).and_then(|bytes| connectivity::text(&path, bytes)) {
        Ok(text) => text,
        Err(message) => {
            reader.problems.report(unusable(message));
            return None;
        }
    };
    let start = reader.problems.add_file(&path, &text);
    match connectivity::parse(&text) {
        Ok(Recording { read, first }) => Some(Some(Traced { read, start, first })),
        Err(mistakes) => {
            for problem in mistakes {
                reader.problems.report(problem.moved(start));
            }
            None
        }
    }
}

/// The Wi-Fi and the cellular network: `used` is of the interface `kind`, and `other` goes with it.
fn both(
    reader: &Reader<'_>,
    library: &dyn Library,
    used: Layer<Access>,
    kind: Interface,
    other: Option<Layer<Access>>,
) -> Option<(Layer<Access>, Layer<Access>)> {
    let default = |name: &str| -> Option<Layer<Access>> {
        let found = library.network(name);
        if found.is_none() {
            let message = format!("there is no network `{name}`, which other networks go with");
            reader.problems.report(Diagnostic::new(message, reader.head(), "needed here"));
        }
        found
    };
    Some(match (kind, other) {
        (Interface::Wifi, other) => (used, other.map_or_else(|| default("lte-carrier"), Some)?),
        (Interface::Cellular, other) => (other.map_or_else(|| default("wifi-home"), Some)?, used),
        (Interface::None, Some(other)) if other.values.interface == Interface::Cellular => {
            (default("wifi-home")?, other)
        }
        (Interface::None, Some(other)) => (other, default("lte-carrier")?),
        (Interface::None, None) => (default("wifi-home")?, default("lte-carrier")?),
    })
}

/// Reports an `other` network that is for the same interface as `use`.
fn check_other(reader: &Reader<'_>, used: &Layer<Access>, kind: Interface, other: &Layer<Access>) {
    let both = other.values.interface;
    if both != kind {
        return;
    }
    let message = format!("`{}` and `{}` are both {both}", used.name, other.name);
    let help = "`use` and `other` are one Wi-Fi and one cellular network";
    reader
        .problems
        .report(Diagnostic::new(message, reader.span("other"), "the same interface").help(help));
}
