//! `holdline platform`: the versions of iOS, one of them, or one key across them.

use std::io::Write;

use clap_complete::ArgValueCompleter;

use super::exit::{CliError, Exit};
use super::explain::explainer;
use super::format::Format;
use super::{complete, show, terminal};
use crate::explain::Section;
use crate::platform::{PROFILES, covered_by, covering, ios_range};
use crate::report::explanation;
use crate::report::paragraph::paragraph;
use crate::report::style::{FAINT, HEADING, paint};
use crate::settings::nearest;

/// Show the versions of iOS: what changed, the rules of one, or one key across them
///
/// Without a name: every version that has rules of its own, and which keys differ from the one before. With
/// the name of a platform: all its rules, with sources. With a key: its value in each version, who says so,
/// where sources disagree, and which bundled scenarios turn on it.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  holdline platform
  holdline platform ios-9
  holdline platform keep-alive.minimum-timeout")]
pub(super) struct PlatformArgs {
    /// A platform or one of its keys
    #[arg(value_name = "NAME|KEY", add = ArgValueCompleter::new(complete::platform_or_key))]
    name: Option<String>,

    /// Say what each key of a platform means, too
    #[arg(long, short)]
    verbose: bool,

    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Shows what `args` names.
pub(super) fn run(args: &PlatformArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let width = terminal::drawing_width();
    let Some(name) = args.name.as_deref() else {
        return args.format.write(out, table(width), table_json());
    };
    let asked = name.trim().to_lowercase().replace(' ', "-");
    if let Some((profile, _)) = covering(&asked) {
        let note = match covered_by(&asked) {
            Some(covered) => format!("{covered}\n\n"),
            None => String::new(),
        };
        let text = note + &show::platform(profile, args.verbose)?;
        return args.format.write(out, text, profile_json(profile));
    }
    let key = asked.strip_prefix("platform.").unwrap_or(&asked);
    if Section::Platform.keys().iter().any(|known| known.name == key) {
        let topic = explainer()?.platform_key(key).into_iter().collect::<Vec<_>>();
        let json = serde_json::json!({ "topics": topic });
        return args.format.write(out, explanation::topics(&topic, width), json);
    }
    let keys = Section::Platform.keys().iter().map(|key| key.name);
    let meant = match nearest(key, PROFILES.names().chain(keys)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "`holdline platform` lists the platforms, `holdline platform ios-9` its keys".into()
        }
    };
    Err(CliError::WrongInput(format!("there is no platform and no key `{name}`; {meant}")))
}

/// Every platform in some lines: what it stands for, what is new, which keys changed.
fn table(width: usize) -> String {
    const INDENT: usize = 9;
    let mut out = String::new();
    for name in PROFILES.names() {
        let range = ios_range(name).map_or(String::new(), |range| format!("{range}: "));
        let head = format!("{}  ", paint(HEADING, &format!("{name:<7}")));
        let about = format!("{range}{}", Section::Platform.about(name));
        paragraph(&mut out, (&head, INDENT), INDENT, &about, width);
        for change in Section::Platform.stated(name) {
            let mut lines = String::new();
            let text = format!("{} = {}", change.name, change.means);
            paragraph(&mut lines, ("", INDENT), INDENT + 2, &text, width);
            for (place, line) in lines.lines().enumerate() {
                let indent = if place == 0 { INDENT } else { INDENT + 2 };
                out.push_str(&format!("{}{}\n", " ".repeat(indent), paint(FAINT, line.trim())));
            }
        }
    }
    out
}

fn table_json() -> serde_json::Value {
    let one = |name| {
        let range = ios_range(name);
        serde_json::json!({
            "name": name,
            "first": range.map(|range| range.first),
            "last": range.map(|range| range.last),
            "about": Section::Platform.about(name),
            "changes": Section::Platform.stated(name),
        })
    };
    serde_json::json!({ "platforms": PROFILES.names().map(one).collect::<Vec<_>>() })
}

fn profile_json(name: &'static str) -> serde_json::Value {
    let key = |key: &crate::settings::Key| {
        let row = crate::explain::on_platform(&format!("platform.{}", key.name), name);
        serde_json::json!({
            "key": key.name,
            "value": row.as_ref().map(|row| &row.value),
            "source": row.as_ref().map(|row| &row.source),
        })
    };
    let range = ios_range(name);
    serde_json::json!({ "platform": {
        "name": name,
        "first": range.map(|range| range.first),
        "last": range.map(|range| range.last),
        "about": Section::Platform.about(name),
        "keys": Section::Platform.keys().iter().map(key).collect::<Vec<_>>(),
    }})
}
