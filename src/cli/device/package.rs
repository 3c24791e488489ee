//! `holdline device package`: an agent's binary as an app that can be installed.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::cli::exit::{CliError, Exit, with_exit_codes_of_no_verdict};
use crate::device::host::package::macho::{Platform, Version};
use crate::device::host::package::{Grant, PackageError, Plan, Request, Signing};
use crate::device::host::tools::{Call, Real};
use crate::report::paragraph::plain;

macro_rules! examples {
    () => {
        "\
Examples:
  holdline device package --agent holdline-agent --out app --for sim
  holdline device package --agent holdline-agent --out app --profile P
  holdline device package --agent holdline-agent --out app --dry-run"
    };
}

/// Make an app of the agent's binary: Info.plist, entitlements, profile, signature
///
/// The bundle is written complete and signed, or not at all. `holdline check
/// DIR/Holdline.app` tells what it lets the app do on each iOS.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = examples!(),
    after_long_help = with_exit_codes_of_no_verdict!(examples!()),
)]
pub(super) struct PackageArgs {
    /// The agent, built for aarch64-apple-ios or aarch64-apple-ios-sim
    #[arg(long, value_name = "FILE")]
    agent: PathBuf,

    /// The folder that gets Holdline.app
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Refuse an agent that was built for the other one
    #[arg(long = "for", value_enum, value_name = "WHAT")]
    platform: Option<For>,

    /// CFBundleIdentifier [default: what the profile is for, else dev.holdline.agent]
    #[arg(long, value_name = "ID")]
    bundle_id: Option<String>,

    /// UIBackgroundModes, separated by commas
    #[arg(
        long,
        value_name = "MODES",
        value_delimiter = ',',
        default_value = "voip,remote-notification"
    )]
    background_modes: Vec<String>,

    /// Who signs: a name, a hash or the beginning of one [default: the only one]
    #[arg(long, value_name = "IDENTITY")]
    identity: Option<String>,

    /// The provisioning profile, which a phone wants to see
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,

    /// An entitlement that the profile must grant; can be given more than once
    #[arg(long, value_enum, value_name = "WHAT")]
    entitlement: Vec<Entitlement>,

    /// Let the binary name this SDK instead of its own: an experiment
    ///
    /// iOS looks at the SDK of a binary to decide what VoIP sockets and keep-alive
    /// handlers still do. Only the one number changes; the package records it, and
    /// the log of a run has it.
    #[arg(long, value_name = "X.Y")]
    sdk_stamp: Option<Version>,

    /// The phone that it is for, by UDID: the profile must list it
    #[arg(long, value_name = "UDID")]
    device: Option<String>,

    /// Write the bundle without a signature, to sign it elsewhere
    #[arg(long, conflicts_with = "dry_run")]
    unsigned: bool,

    /// Write nothing; show the commands that would sign it
    #[arg(long)]
    dry_run: bool,
}

/// What an agent is for.
#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
enum For {
    /// The simulator
    Sim,
    /// A phone
    Device,
}

/// What can be asked of a profile.
#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Entitlement {
    /// Pushes of Apple's push service, also those of PushKit
    Push,
    /// Local Push Connectivity, which Apple grants upon request
    LocalPush,
    /// VoIP sockets for SDKs from 10 to 14
    LegacyVoip,
}

impl From<Entitlement> for Grant {
    fn from(entitlement: Entitlement) -> Grant {
        match entitlement {
            Entitlement::Push => Grant::Push,
            Entitlement::LocalPush => Grant::LocalPush,
            Entitlement::LegacyVoip => Grant::LegacyVoip,
        }
    }
}

impl From<PackageError> for CliError {
    fn from(error: PackageError) -> CliError {
        match error {
            PackageError::Wrong(message) => CliError::WrongInput(message),
            PackageError::Machine(message) => CliError::Environment(message),
        }
    }
}

/// Makes the package that `args` describe, and says so to `out`.
pub(super) fn run(args: &PackageArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let request = Request {
        agent: args.agent.clone(),
        out: args.out.clone(),
        platform: args.platform.map(|platform| match platform {
            For::Sim => Platform::Simulator,
            For::Device => Platform::Ios,
        }),
        bundle_id: args.bundle_id.clone(),
        background_modes: args.background_modes.clone(),
        identity: args.identity.clone(),
        profile: args.profile.clone(),
        grants: args.entitlement.iter().copied().map(Grant::from).collect(),
        sdk_stamp: args.sdk_stamp,
        device: args.device.clone(),
        // What is only shown needs no identity.
        unsigned: args.unsigned || args.dry_run,
    };
    let plan = Plan::new(&request, &mut Real, SystemTime::now())?;
    let mut text = about(&plan);
    if args.dry_run {
        text.push_str("not written (--dry-run); it would be signed by:\n");
        text.push_str(&commands(&plan.commands()));
    } else {
        let app = plan.write(&mut Real)?;
        _ = writeln!(text, "{} is written", plain(&app.display().to_string()));
        if plan.unsigned {
            text.push_str("it is not signed; on a Mac:\n");
            text.push_str(&commands(&plan.commands()));
        }
    }
    out.write_all(text.as_bytes())?;
    Ok(Exit::Passed)
}

/// What the package is.
fn about(plan: &Plan) -> String {
    let info = &plan.info;
    let platform = match info.build.platform {
        Platform::Simulator => "the simulator",
        Platform::Ios | Platform::Other(_) => "a phone",
    };
    let signing = match &plan.signing {
        Signing::AdHoc => "signed ad hoc".to_owned(),
        Signing::With(identity) => format!("signed by {}", plain(&identity.name)),
        Signing::Later => "signed later, by IDENTITY".to_owned(),
    };
    let mut text = format!(
        "{} for {platform}: SDK {}, iOS {} and later, background modes {}, {signing}\n",
        plain(&info.bundle_id),
        info.build.sdk,
        info.build.minos,
        plain(&info.background_modes.join(", ")),
    );
    for note in &plan.notes {
        _ = writeln!(text, "note: {note}");
    }
    text
}

fn commands(calls: &[Call]) -> String {
    calls.iter().map(|call| format!("  {call}\n")).collect()
}
