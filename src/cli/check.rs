//! `holdline check`: which ways of staying connected an app has, version by version.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::exit::{CliError, Exit};
use crate::platform::{
    Entitlements, Hazard, InfoPlist, MAX_PLIST_BYTES, PROFILES, PlistError, Verdict, Way, covering,
    hazards, ios_range, read_entitlements, read_info_plist, review, unknown_modes, ways,
};
use crate::settings::nearest;

/// Say which ways of staying connected an app has, from its Info.plist
///
/// Reads a real Info.plist, XML or binary, or a built .app folder, and says for each version of iOS
/// what works, what is missing, what would end the app, and what App Review says of it.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  holdline check Talk.app
  holdline check Info.plist --platform ios-9 --platform ios-16
  holdline check Info.plist --sdk 9 --format json")]
pub struct CheckArgs {
    /// An Info.plist, or the .app folder that holds one
    #[arg(value_name = "INFO.PLIST|APP.APP")]
    pub path: PathBuf,

    /// The major version of the SDK the app is linked with, instead of what its DTSDKName says
    #[arg(long, value_name = "MAJOR", value_parser = clap::value_parser!(u32).range(2..=99))]
    pub sdk: Option<u32>,

    /// Only this version, for example ios-9; can be given more than once
    #[arg(long, value_name = "NAME")]
    pub platform: Vec<String>,

    /// How to write the answer
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
}

/// How `holdline check` writes its answer.
#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum CheckFormat {
    /// For people, in 80 columns
    Text,
    /// One JSON object
    Json,
}

fn wrong_input(message: String) -> CliError {
    CliError::WrongInput(message)
}

/// Checks one app and writes the answer to `out`. The exit code is 0 whatever the answer is: the
/// command informs, it does not judge.
///
/// # Errors
/// [`CliError::WrongInput`] when the path, the lists found there or a platform's name are wrong, and
/// [`CliError::Environment`] when the answer cannot be written.
pub fn run(args: &CheckArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let bundle = read_bundle(&args.path)?;
    let report = examine(bundle, args)?;
    match args.format {
        CheckFormat::Text => super::check_text::write(&report, out)?,
        CheckFormat::Json => {
            let text = serde_json::to_string_pretty(&super::check_json::value(&report))
                .map_err(io::Error::from)?;
            writeln!(out, "{text}")?;
        }
    }
    Ok(Exit::Passed)
}

/// What was read from disk.
struct Bundle {
    info: InfoPlist,
    entitlements: Option<Entitlements>,
    /// The file the entitlements come from, or why they are unknown.
    entitlements_from: String,
}

/// All that the answer says.
pub(super) struct Report {
    /// The file or folder that was given.
    pub(super) path: PathBuf,
    /// Its Info.plist, with the SDK that `--sdk` gave.
    pub(super) info: InfoPlist,
    /// Whether `--sdk` gave the SDK.
    pub(super) sdk_given: bool,
    /// Whether the entitlements are known.
    pub(super) entitlements_known: bool,
    /// The file they come from, or why they are unknown.
    pub(super) entitlements_from: String,
    /// The platforms left out, when none is asked for, because the app asks for a later iOS.
    pub(super) too_old: Vec<&'static str>,
    /// One entry a version, oldest first unless asked otherwise.
    pub(super) versions: Vec<Version>,
    /// Entries of UIBackgroundModes that mean nothing, with what may be meant.
    pub(super) unknown_modes: Vec<(String, Option<&'static str>)>,
    /// What the ways to be reached miss, and on which versions.
    pub(super) missing: Vec<Finding>,
    /// What would end the app.
    pub(super) hazards: Vec<Finding>,
    /// What App Review says.
    pub(super) review: Vec<String>,
}

/// The answer for one version.
pub(super) struct Version {
    /// The profile's name.
    pub(super) platform: &'static str,
    /// The versions it stands for, in words.
    pub(super) stands_for: String,
    /// Whether the app runs on any of them; if not, there are no ways and no hazards.
    pub(super) runs: bool,
    /// Every way.
    pub(super) ways: Vec<Way>,
    /// What would end the app there.
    pub(super) hazards: Vec<Hazard>,
}

/// Something that holds on several versions.
pub(super) struct Finding {
    /// The way or the code it is about.
    pub(super) about: String,
    /// What it is.
    pub(super) text: String,
    /// The platforms.
    pub(super) platforms: Vec<&'static str>,
}

fn examine(bundle: Bundle, args: &CheckArgs) -> Result<Report, CliError> {
    let Bundle { mut info, entitlements, entitlements_from } = bundle;
    info.sdk = args.sdk.or(info.sdk);
    let (mut versions, mut too_old) = (Vec::new(), Vec::new());
    for name in platforms(&args.platform)? {
        let runs = runs_on(&info, name);
        if args.platform.is_empty() && !runs {
            too_old.push(name);
            continue;
        }
        let layer = PROFILES.get(name).map_err(|error| wrong_input(error.to_string()))?;
        let stands_for = ios_range(name).map_or(String::new(), |range| range.to_string());
        let (ways, hazards) = if runs {
            let ways = ways(&info, entitlements.as_ref(), &layer);
            let hazards = hazards(&info, &ways, &layer);
            (ways, hazards)
        } else {
            (Vec::new(), Vec::new())
        };
        versions.push(Version { platform: name, stands_for, runs, ways, hazards });
    }
    let unknown_modes =
        unknown_modes(&info).into_iter().map(|(mode, near)| (mode.to_owned(), near)).collect();
    Ok(Report {
        path: args.path.clone(),
        sdk_given: args.sdk.is_some(),
        entitlements_known: entitlements.is_some(),
        entitlements_from,
        unknown_modes,
        too_old,
        missing: missing(&versions),
        hazards: all_hazards(&versions),
        review: review(&info),
        versions,
        info,
    })
}

/// Whether any iOS that the platform stands for is new enough for the app.
fn runs_on(info: &InfoPlist, platform: &str) -> bool {
    match (info.minimum_ios(), ios_range(platform)) {
        (Some(minimum), Some(range)) => range.last >= minimum,
        (None, _) | (Some(_), None) => true,
    }
}

/// The bundled platforms that stand for those asked for, each once; all when none is asked for.
fn platforms(asked: &[String]) -> Result<Vec<&'static str>, CliError> {
    if asked.is_empty() {
        return Ok(PROFILES.names().collect());
    }
    let mut found = Vec::new();
    for name in asked {
        let (platform, _) = covering(name).ok_or_else(|| unknown_platform(name))?;
        if !found.contains(&platform) {
            found.push(platform);
        }
    }
    Ok(found)
}

fn unknown_platform(name: &str) -> CliError {
    let near = nearest(name, PROFILES.names());
    let meant = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    let known = PROFILES.names().collect::<Vec<_>>().join(", ");
    wrong_input(format!("there is no platform `{name}`{meant} (one of {known})"))
}

fn missing(versions: &[Version]) -> Vec<Finding> {
    let mut found = Vec::new();
    for version in versions {
        for way in version.ways.iter().filter(|way| way.name.reaches_the_app()) {
            match &way.verdict {
                Verdict::Missing(what) | Verdict::Unknown(what) => {
                    note(&mut found, way.name.as_str(), what, version.platform);
                }
                Verdict::Works
                | Verdict::Unproven(_)
                | Verdict::Refused(_)
                | Verdict::Kills { .. }
                | Verdict::NotOnThisVersion => {}
            }
        }
    }
    found
}

fn all_hazards(versions: &[Version]) -> Vec<Finding> {
    let mut found = Vec::new();
    for version in versions {
        for hazard in &version.hazards {
            note(&mut found, hazard.code, &hazard.when, version.platform);
        }
    }
    found
}

fn note(found: &mut Vec<Finding>, about: &str, text: &str, platform: &'static str) {
    match found.iter_mut().find(|known| known.about == about && known.text == text) {
        Some(known) => known.platforms.push(platform),
        None => found.push(Finding {
            about: about.to_owned(),
            text: text.to_owned(),
            platforms: vec![platform],
        }),
    }
}

/// Reads an Info.plist, or an .app folder with its entitlements.
fn read_bundle(path: &Path) -> Result<Bundle, CliError> {
    if !path.is_dir() {
        return Ok(Bundle {
            info: read_list(path, read_info_plist)?,
            entitlements: None,
            entitlements_from: "an Info.plist does not hold them; give the .app folder".into(),
        });
    }
    let list = path.join("Info.plist");
    if !list.is_file() {
        let mac = path.join("Contents").join("Info.plist").is_file();
        let help = if mac {
            "It is laid out like an app for the Mac; give the .app of an iOS build."
        } else {
            "Give the built .app folder (in an .ipa it is in Payload), or an Info.plist."
        };
        return Err(wrong_input(format!(
            "{}: there is no Info.plist in it\n{help}",
            path.display()
        )));
    }
    let info = read_list(&list, read_info_plist)?;
    for name in ["embedded.mobileprovision", "archived-expanded-entitlements.xcent"] {
        let file = path.join(name);
        if file.is_file() {
            let entitlements = Some(read_list(&file, read_entitlements)?);
            return Ok(Bundle { info, entitlements, entitlements_from: name.to_owned() });
        }
    }
    Ok(Bundle {
        info,
        entitlements: None,
        entitlements_from: "the .app holds no embedded.mobileprovision".into(),
    })
}

/// Reads `path`, no further than a property list may be large, and gives it to `read`.
fn read_list<T>(path: &Path, read: impl Fn(&[u8]) -> Result<T, PlistError>) -> Result<T, CliError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_PLIST_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| {
            wrong_input(format!(
                "{}: cannot be read: {error}\nGive an Info.plist or a built .app folder.",
                path.display()
            ))
        })?;
    read(&bytes).map_err(|error| {
        let place = error.place.map_or(String::new(), |place| format!("{place}: "));
        wrong_input(format!("{}: {place}{}\n{}", path.display(), error.problem, error.help))
    })
}
