//! What a package will be, decided before anything is written.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::bundle::PackageError;
use super::entitlements::{Grant, entitlements, xml};
use super::info_plist::Info;
use super::macho::{self, Platform, Version};
use super::{Profile, read_profile};
use crate::device::host::tools::codesign::{self, Identity};
use crate::device::host::tools::{Call, Runs, ToolError, succeed};

/// The bundle's folder.
pub const APP: &str = "Holdline.app";
/// The file beside it with its entitlements.
pub(super) const ENTITLEMENTS: &str = "Holdline.entitlements";
/// The identifier of the app, where no profile says another.
pub const BUNDLE_ID: &str = "dev.holdline.agent";

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The agent's binary, for iOS or its simulator.
    pub agent: PathBuf,
    /// The folder that gets the bundle.
    pub out: PathBuf,
    /// What the binary must be for, when that is said.
    pub platform: Option<Platform>,
    /// Another identifier.
    pub bundle_id: Option<String>,
    /// UIBackgroundModes.
    pub background_modes: Vec<String>,
    /// The identity that signs: a name, a hash or the beginning of one.
    pub identity: Option<String>,
    /// The provisioning profile's file.
    pub profile: Option<PathBuf>,
    /// Entitlements that the profile must grant.
    pub grants: Vec<Grant>,
    /// The SDK that the binary shall name instead of its own.
    pub sdk_stamp: Option<Version>,
    /// The phone that it is for.
    pub device: Option<String>,
    /// Whether to leave the signing to somebody else.
    pub unsigned: bool,
}

/// Who signs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Signing {
    /// Nobody in particular: enough for a simulator.
    AdHoc,
    /// An identity, with the profile's entitlements.
    With(Identity),
    /// It is not known here who will; the commands say `IDENTITY`.
    Later,
}

/// A package that can be written.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The folder that gets the bundle.
    pub out: PathBuf,
    /// The Info.plist.
    pub info: Info,
    /// The binary, with the SDK that it shall name.
    pub executable: Vec<u8>,
    /// The profile's bytes, for the bundle.
    pub profile: Option<Vec<u8>>,
    /// The entitlements, as XML.
    pub entitlements: Option<Vec<u8>>,
    /// Who signs.
    pub signing: Signing,
    /// Whether to leave the signing to somebody else.
    pub unsigned: bool,
    /// What the user should know.
    pub notes: Vec<String>,
}

impl Plan {
    /// Decides everything, and writes nothing. Only reading tools are run.
    ///
    /// # Errors
    /// [`PackageError`].
    pub fn new(
        request: &Request,
        runs: &mut dyn Runs,
        now: SystemTime,
    ) -> Result<Plan, PackageError> {
        let binary = read(&request.agent, "agent")?;
        let build = macho::build_version(&binary)
            .map_err(|error| PackageError::agent(&request.agent, &error))?;
        if let Some(wanted) = request.platform.filter(|wanted| *wanted != build.platform) {
            return Err(PackageError::wrong(format!(
                "{} is for {}, not for {}; build it with `--target {}`",
                request.agent.display(),
                name(build.platform),
                name(wanted),
                triple(wanted),
            )));
        }
        let mut plan = match build.platform {
            Platform::Simulator => Plan::for_simulator(request),
            Platform::Ios => Plan::for_phone(request, runs, now)?,
            Platform::Other(_) => {
                return Err(PackageError::wrong(format!(
                    "{} is for {}; build it with `--target aarch64-apple-ios`",
                    request.agent.display(),
                    name(build.platform)
                )));
            }
        };
        plan.info.build = build;
        plan.executable = binary;
        plan.stamp(request)?;
        Ok(plan)
    }

    fn begun(request: &Request, bundle_id: String) -> Plan {
        let zero = Version { major: 0, minor: 0, patch: 0 };
        let build = macho::BuildVersion { platform: Platform::Ios, minos: zero, sdk: zero };
        Plan {
            out: request.out.clone(),
            info: Info {
                bundle_id,
                background_modes: request.background_modes.clone(),
                build,
                linked_with: None,
                voip_push: request.grants.contains(&Grant::Push),
            },
            executable: Vec::new(),
            profile: None,
            entitlements: None,
            signing: Signing::AdHoc,
            unsigned: request.unsigned,
            notes: Vec::new(),
        }
    }

    fn for_simulator(request: &Request) -> Plan {
        let bundle_id = request.bundle_id.clone().unwrap_or_else(|| BUNDLE_ID.to_owned());
        let mut plan = Plan::begun(request, bundle_id);
        if request.identity.is_some() || request.profile.is_some() || !request.grants.is_empty() {
            plan.notes.push(
                "a simulator looks at no identity, profile or entitlement: they are left out"
                    .into(),
            );
        }
        plan
    }

    fn for_phone(
        request: &Request,
        runs: &mut dyn Runs,
        now: SystemTime,
    ) -> Result<Plan, PackageError> {
        let Some(file) = &request.profile else {
            return Err(PackageError::wrong(
                "an app for a phone needs a provisioning profile: --profile FILE; Xcode keeps \
                 them in ~/Library/Developer/Xcode/UserData/Provisioning Profiles, before Xcode \
                 16 in ~/Library/MobileDevice/Provisioning Profiles"
                    .into(),
            ));
        };
        let bytes = read(file, "profile")?;
        let profile = decoded(file, &bytes, runs)?;
        let bundle_id = match request.bundle_id.clone().or_else(|| profile.bundle_id()) {
            Some(bundle_id) => bundle_id,
            None => {
                let problem = format!("its application-identifier is `{}`", profile.app);
                return Err(PackageError::profile(file, &problem));
            }
        };
        let signing = signing(request, runs)?;
        let identity = match &signing {
            Signing::With(identity) => Some((identity.hash.as_str(), identity.name.as_str())),
            Signing::AdHoc | Signing::Later => None,
        };
        let flaws = profile.flaws(now, Some(&bundle_id), request.device.as_deref(), identity);
        if !flaws.is_empty() {
            let flaws: Vec<String> = flaws.iter().map(ToString::to_string).collect();
            return Err(PackageError::profile(file, &flaws.join("; ")));
        }
        let granted = entitlements(&profile, &bundle_id, &request.grants)
            .map_err(|error| PackageError::wrong(error.to_string()))?;
        let mut plan = Plan::begun(request, bundle_id);
        plan.profile = Some(bytes);
        plan.entitlements = Some(xml(&granted));
        plan.signing = signing;
        Ok(plan)
    }

    fn stamp(&mut self, request: &Request) -> Result<(), PackageError> {
        let Some(sdk) = request.sdk_stamp else { return Ok(()) };
        let linked_with = self.info.build.sdk;
        self.executable = macho::with_sdk(&self.executable, sdk)
            .map_err(|error| PackageError::agent(&request.agent, &error))?;
        self.info.build.sdk = sdk;
        self.info.linked_with = Some(linked_with);
        self.notes.push(format!(
            "the binary names SDK {sdk}, and was linked with {linked_with}: an experiment, whose \
             results hold for no app of the store"
        ));
        Ok(())
    }

    /// Where the bundle will be.
    pub fn app(&self) -> PathBuf {
        self.out.join(APP)
    }

    /// The commands that sign it and look whether that is right.
    pub fn commands(&self) -> Vec<Call> {
        self.commands_in(&self.out)
    }

    /// The same for a bundle in another folder.
    pub(super) fn commands_in(&self, folder: &Path) -> Vec<Call> {
        let app = folder.join(APP).display().to_string();
        let entitlements = folder.join(ENTITLEMENTS).display().to_string();
        let sign = match &self.signing {
            Signing::AdHoc => codesign::sign_ad_hoc(&app),
            Signing::With(identity) => codesign::sign(&identity.hash, &entitlements, &app),
            Signing::Later => codesign::sign("IDENTITY", &entitlements, &app),
        };
        vec![sign, codesign::verify(&app)]
    }
}

fn name(platform: Platform) -> String {
    match platform {
        Platform::Ios => "a phone".into(),
        Platform::Simulator => "the simulator".into(),
        Platform::Other(number) => format!("another system (platform {number})"),
    }
}

fn triple(platform: Platform) -> &'static str {
    match platform {
        Platform::Simulator => "aarch64-apple-ios-sim",
        Platform::Ios | Platform::Other(_) => "aarch64-apple-ios",
    }
}

fn read(path: &Path, noun: &str) -> Result<Vec<u8>, PackageError> {
    std::fs::read(path).map_err(|error| {
        PackageError::wrong(format!("{}: the {noun} cannot be read: {error}", path.display()))
    })
}

/// The profile, by the Mac's own reader, which checks its signature; where there is none, as it stands.
fn decoded(file: &Path, bytes: &[u8], runs: &mut dyn Runs) -> Result<Profile, PackageError> {
    let call = codesign::decode_profile(&file.display().to_string());
    let read = match succeed(runs, &call) {
        Ok(ran) => {
            let list = codesign::decoded(&ran.stdout)
                .map_err(|error| PackageError::profile(file, &error.to_string()))?;
            read_profile(list)
        }
        Err(ToolError::Missing { .. }) => read_profile(bytes),
        Err(error) => return Err(PackageError::profile(file, &error.to_string())),
    };
    read.map_err(|problem| PackageError::profile(file, &problem))
}

/// Who signs. Without the Mac's tools that is decided by whoever runs the commands.
fn signing(request: &Request, runs: &mut dyn Runs) -> Result<Signing, PackageError> {
    match succeed(runs, &codesign::identities()) {
        Ok(ran) => {
            let known = codesign::read_identities(&ran.text());
            let chosen = codesign::choose(&known, request.identity.as_deref());
            match chosen {
                Ok(identity) => Ok(Signing::With(identity)),
                Err(_) if request.unsigned && request.identity.is_none() => Ok(Signing::Later),
                Err(problem) => Err(PackageError::wrong(problem)),
            }
        }
        Err(ToolError::Missing { .. }) => Ok(Signing::Later),
        Err(error) => Err(PackageError::tool(error)),
    }
}
