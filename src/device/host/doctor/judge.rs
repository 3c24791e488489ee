//! What the answers mean: for each step whether it is done, and the one command that mends it.

use std::fmt;
use std::time::SystemTime;

use super::ask::Answers;
use crate::device::host::package::Profile;
use crate::device::host::tools::codesign;
use crate::device::host::tools::devicectl::FIRST_VERSION;
use crate::device::host::tools::{self, Device, Kind, NotFound, State, Tool, ToolError};

/// A way to run a scenario on a device.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Lane {
    /// An agent on this machine, under the model of iOS.
    Fake,
    /// `cargo dinghy … test --test device_smoke`, under a debugger.
    Dinghy,
    /// The agent in the simulator.
    Simulator,
    /// The agent on a phone.
    Phone,
}

impl Lane {
    /// All of them, in the order in which they ask for more.
    pub const ALL: [Lane; 4] = [Lane::Fake, Lane::Dinghy, Lane::Simulator, Lane::Phone];

    /// The lane's name.
    pub fn name(self) -> &'static str {
        match self {
            Lane::Fake => "fake",
            Lane::Dinghy => "dinghy",
            Lane::Simulator => "simulator",
            Lane::Phone => "phone",
        }
    }
}

/// What was found of a step.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// It is done.
    Ok,
    /// It is not.
    Missing,
    /// It may be a hindrance; a person has to look.
    Look,
    /// Nothing here asks for it.
    NotNeeded,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Found::Ok => "ok",
            Found::Missing => "missing",
            Found::Look => "look",
            Found::NotNeeded => "not needed here",
        })
    }
}

/// A step on the way to a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// Which lanes need it.
    pub needed_by: Vec<Lane>,
    /// What was found.
    pub found: Found,
    /// In words.
    pub detail: String,
    /// What mends it: one command, or one thing to do.
    pub mend: Option<String>,
}

/// All steps, and which lanes are ready.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnosis {
    /// The lane that was asked for.
    pub asked: Option<Lane>,
    /// The steps, in the order in which to take them.
    pub checks: Vec<Check>,
}

impl Diagnosis {
    /// What a lane misses: the names of its steps.
    pub fn missing(&self, lane: Lane) -> Vec<&'static str> {
        let of_lane = self.checks.iter().filter(|check| check.needed_by.contains(&lane));
        of_lane.filter(|check| check.found == Found::Missing).map(|check| check.name).collect()
    }

    /// Whether the lane that was asked for is ready; without one, whether any is.
    pub fn ready(&self) -> bool {
        match self.asked {
            Some(lane) => self.missing(lane).is_empty(),
            None => Lane::ALL.into_iter().any(|lane| self.missing(lane).is_empty()),
        }
    }
}

/// Judges the answers for the lane that is asked for, and for the device that is named.
pub fn judge(
    answers: &Answers,
    lane: Option<Lane>,
    device: Option<&str>,
    now: SystemTime,
) -> Diagnosis {
    let chosen = Chosen::new(answers, device);
    let asked = lane.or(match device {
        None => None,
        Some("fake") => Some(Lane::Fake),
        Some("sim") => Some(Lane::Simulator),
        Some(_) => match &chosen.named {
            Some(Ok(device)) if device.kind == Kind::Simulator => Some(Lane::Simulator),
            Some(_) | None => Some(Lane::Phone),
        },
    });
    let judge = Judge { answers, chosen, now };
    let mut checks = vec![judge.agent(), judge.mac(), judge.xcode()];
    checks.extend(judge.targets());
    checks.extend([judge.dinghy(), judge.simulator(), judge.devicectl(), judge.ios_deploy()]);
    checks.extend([judge.phone(), judge.unlocked(), judge.identity(), judge.profile()]);
    checks.extend([judge.lan(), judge.firewall()]);
    for check in &mut checks {
        let elsewhere = asked.is_some_and(|lane| !check.needed_by.contains(&lane));
        if elsewhere || check.needed_by.is_empty() {
            check.found = Found::NotNeeded;
            check.mend = None;
        }
    }
    Diagnosis { asked, checks }
}

/// The devices that the checks are about.
struct Chosen {
    /// What the name that was given means.
    named: Option<Result<Device, NotFound>>,
    /// The phone: the one that is named, else the first that is ready, else the first.
    phone: Option<Device>,
}

impl Chosen {
    fn new(answers: &Answers, device: Option<&str>) -> Chosen {
        let devices = &answers.listed.devices;
        let named =
            device.filter(|name| *name != "fake").map(|name| tools::choose(devices.clone(), name));
        let phones = || devices.iter().filter(|device| device.kind == Kind::Phone);
        let any = phones().find(|phone| phone.state == State::Ready).or_else(|| phones().next());
        let phone = match &named {
            Some(Ok(device)) if device.kind == Kind::Phone => Some(device.clone()),
            Some(Err(_)) => None,
            Some(Ok(_)) | None => any.cloned(),
        };
        Chosen { named, phone }
    }
}

struct Judge<'a> {
    answers: &'a Answers,
    chosen: Chosen,
    now: SystemTime,
}

const ON_A_MAC: [Lane; 3] = [Lane::Dinghy, Lane::Simulator, Lane::Phone];

impl Judge<'_> {
    fn is_mac(&self) -> bool {
        self.answers.machine.is_mac()
    }

    fn check(&self, name: &'static str, lanes: &[Lane], result: Result<String, Lack>) -> Check {
        let (found, detail, mend) = match result {
            Ok(detail) => (Found::Ok, detail, None),
            Err(Lack { what, mend }) => (Found::Missing, what, mend),
        };
        Check { name, needed_by: lanes.to_vec(), found, detail, mend }
    }

    /// A step that only a Mac can take; elsewhere one check says that for all.
    fn mac_check(
        &self,
        name: &'static str,
        lanes: &[Lane],
        result: impl FnOnce() -> Result<String, Lack>,
    ) -> Check {
        if self.is_mac() {
            return self.check(name, lanes, result());
        }
        self.check(name, &[], Ok("only on a Mac".into()))
    }

    fn agent(&self) -> Check {
        let agent = self.answers.machine.agent.as_ref();
        let found = agent.map(|path| path.display().to_string()).ok_or_else(|| {
            Lack::of("there is no holdline-agent beside holdline")
                .mended_by("cargo build --release --bin holdline-agent")
        });
        self.check("agent", &[Lane::Fake], found)
    }

    fn mac(&self) -> Check {
        let system = &self.answers.machine.system;
        let found = if self.is_mac() {
            Ok("this is a Mac".into())
        } else {
            Err(Lack::of(&format!(
                "this is {system}: phones and simulators need a Mac with Xcode; here the agent of \
                 this machine can be run (`--device fake`)"
            ))
            .mended_by("run `holdline device doctor` on a Mac"))
        };
        self.check("mac", &ON_A_MAC, found)
    }

    fn xcode(&self) -> Check {
        self.mac_check("xcode", &ON_A_MAC, || {
            self.answers.xcode.clone().map_err(|error| {
                Lack::from(&error).or_mended_by("sudo xcode-select -s /Applications/Xcode.app")
            })
        })
    }

    fn targets(&self) -> [Check; 2] {
        let target = |name, triple: &str, lanes: &[Lane]| {
            self.mac_check(name, lanes, || match &self.answers.targets {
                Ok(known) if known.iter().any(|known| known == triple) => Ok(triple.to_owned()),
                Ok(_) => Err(Lack::of(&format!("Rust has no {triple}"))
                    .mended_by(&format!("rustup target add {triple}"))),
                Err(error) => Err(Lack::from(error)),
            })
        };
        let sim = [Lane::Dinghy, Lane::Simulator];
        [
            target("target-sim", "aarch64-apple-ios-sim", &sim),
            target("target-phone", "aarch64-apple-ios", &[Lane::Phone]),
        ]
    }

    fn dinghy(&self) -> Check {
        self.mac_check("cargo-dinghy", &[Lane::Dinghy], || {
            self.answers
                .dinghy
                .clone()
                .map_err(|error| Lack::from(&error).or_mended_by("cargo install cargo-dinghy"))
        })
    }

    fn simulator(&self) -> Check {
        self.mac_check("simulator", &[Lane::Dinghy, Lane::Simulator], || {
            if let Some(Ok(device)) = &self.chosen.named
                && device.kind == Kind::Simulator
            {
                return usable(device);
            }
            // More than one is no hindrance for the tools, only for the word `sim`.
            match tools::choose(self.answers.listed.devices.clone(), "sim") {
                Ok(device) => Ok(device.to_string()),
                Err(NotFound::Ambiguous { fit, .. }) => {
                    Ok(format!("{} are booted: name one with --device", fit.len()))
                }
                Err(error) => Err(self.nothing_listed(&error)),
            }
        })
    }

    /// Nothing was found; when a tool failed, that is why.
    fn nothing_listed(&self, error: &NotFound) -> Lack {
        match (&self.answers.listed.problems[..], error) {
            ([problem, ..], _) => Lack::from(problem),
            ([], NotFound::NoneBooted { could }) => match could.first() {
                Some(first) => Lack::of("no simulator is booted")
                    .mended_by(&format!("xcrun simctl boot {}", first.id)),
                None => Lack::of("there is no simulator of iOS")
                    .mended_by("xcodebuild -downloadPlatform iOS"),
            },
            ([], other) => Lack::of(&other.to_string()),
        }
    }

    fn phone_is_old(&self) -> bool {
        self.chosen.phone.as_ref().is_some_and(|phone| phone.tool == Tool::IosDeploy)
    }

    fn devicectl(&self) -> Check {
        let lanes: &[Lane] = if self.phone_is_old() { &[] } else { &[Lane::Phone] };
        self.mac_check("devicectl", lanes, || {
            self.answers
                .devicectl
                .clone()
                .map_err(|error| Lack::from(&error).or_mended_by("install Xcode 15 or later"))
        })
    }

    fn ios_deploy(&self) -> Check {
        let lanes: &[Lane] = if self.phone_is_old() { &[Lane::Phone] } else { &[] };
        self.mac_check("ios-deploy", lanes, || {
            if lanes.is_empty() {
                return Ok(format!("only for phones before iOS {FIRST_VERSION}"));
            }
            self.answers
                .ios_deploy
                .clone()
                .map_err(|error| Lack::from(&error).or_mended_by("brew install ios-deploy"))
        })
    }

    fn phone(&self) -> Check {
        self.mac_check("phone", &[Lane::Phone], || match (&self.chosen.phone, &self.chosen.named) {
            (Some(phone), _) => usable(phone),
            (None, Some(Err(error))) => Err(self.nothing_listed(error)),
            (None, _) => Err(Lack::of("no phone is known to this Mac")
                .mended_by("connect one by cable, unlock it and tap Trust")),
        })
    }

    fn unlocked(&self) -> Check {
        self.mac_check("unlocked", &[Lane::Phone], || match &self.chosen.phone {
            Some(phone) if self.answers.locked.contains(&phone.id) => {
                Err(Lack::of(&format!("{} is locked", clean(&phone.name))).mended_by(
                    "unlock it, and set Settings, Display & Brightness, Auto-Lock to Never",
                ))
            }
            Some(phone) if phone.state != State::Ready || phone.tool == Tool::IosDeploy => {
                Ok("it does not say; keep it unlocked".into())
            }
            Some(_) => Ok("keep it so for the time of a run".into()),
            None => Ok("no phone to ask".into()),
        })
    }

    fn identity(&self) -> Check {
        self.mac_check("identity", &[Lane::Phone], || {
            let known = self.answers.identities.as_ref().map_err(Lack::from)?;
            let good =
                |one: &&codesign::Identity| one.problem.is_none() && one.is_for_development();
            match known.iter().filter(good).count() {
                0 => Err(Lack::of("no identity for development is in the keychain").mended_by(
                    "Xcode: Settings, Accounts, Manage Certificates, Apple Development",
                )),
                1 => Ok(known.iter().find(good).map_or(String::new(), |one| clean(&one.name))),
                several => Ok(format!("{several}: name one with --identity when packaging")),
            }
        })
    }

    fn profile(&self) -> Check {
        self.mac_check("profile", &[Lane::Phone], || {
            let good: Vec<&Profile> =
                self.answers.profiles.iter().filter_map(|(_, read)| read.as_ref().ok()).collect();
            let phone = self.chosen.phone.as_ref().map(|phone| phone.id.as_str());
            let fits = |profile: &&Profile| {
                profile.flaws(self.now, None, phone, None).is_empty() && self.signable(profile)
            };
            match (good.iter().copied().find(fits), good.first()) {
                (Some(profile), _) => Ok(self.told(profile)),
                (None, None) => Err(Lack::of("there is no provisioning profile").mended_by(
                    "Xcode: make an app with your bundle identifier, and run it on the phone once",
                )),
                (None, Some(first)) => {
                    let mut flaws = first.flaws(self.now, None, phone, None);
                    let why = match flaws.pop() {
                        Some(flaw) => flaw.to_string(),
                        None => "it has the certificate of no identity in the keychain".into(),
                    };
                    let more = match good.len() {
                        1 => String::new(),
                        several => format!(", nor does any other of {several}"),
                    };
                    Err(Lack::of(&format!("`{}` does not do{more}: {why}", clean(&first.name)))
                        .mended_by("Xcode: run any app with your bundle identifier on the phone"))
                }
            }
        })
    }

    /// Whether an identity of this Mac may sign with it.
    fn signable(&self, profile: &Profile) -> bool {
        let Ok(known) = &self.answers.identities else { return false };
        known
            .iter()
            .filter(|one| one.problem.is_none())
            .any(|one| profile.certificates.iter().any(|hash| hash.eq_ignore_ascii_case(&one.hash)))
    }

    fn told(&self, profile: &Profile) -> String {
        const DAY: u64 = 24 * 60 * 60;
        let days = profile.valid_for(self.now).map_or(0, |left| left.as_secs() / DAY);
        let id = profile.bundle_id().unwrap_or_default();
        format!("`{}` for {}, valid for {days} more days", clean(&profile.name), clean(&id))
    }

    fn lan(&self) -> Check {
        self.mac_check("lan", &[Lane::Phone], || {
            let found = self.answers.machine.lan.filter(|address| !address.is_loopback());
            found.map(|address| format!("{address}; the phone must be on the same network")).ok_or(
                Lack::of("this Mac has no address on a network")
                    .mended_by("join the network that the phone is on"),
            )
        })
    }

    fn firewall(&self) -> Check {
        let mut check = self.mac_check("firewall", &[Lane::Phone], || Ok("it is off".into()));
        if self.is_mac() && self.answers.firewall != Some(false) {
            check.found = Found::Look;
            check.detail = "when macOS asks whether holdline may accept connections, allow it; \
                 System Settings, Network, Firewall shows it"
                .into();
        }
        check
    }
}

fn usable(device: &Device) -> Result<String, Lack> {
    match device.state {
        State::Ready => Ok(device.to_string()),
        State::Shutdown => Err(Lack::of(&format!("{device} is not booted"))
            .mended_by(&format!("xcrun simctl boot {}", device.id))),
        State::Unavailable(_)
        | State::NotPaired
        | State::Disconnected
        | State::NoDeveloperMode
        | State::Other(_) => {
            let why = tools::hindrance(device);
            let (what, mend) = why.split_once(": ").unwrap_or((&why, ""));
            let lack = Lack::of(&format!("{device}: {what}"));
            Err(if mend.is_empty() { lack } else { lack.mended_by(mend) })
        }
    }
}

fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// Why a step is not done.
struct Lack {
    what: String,
    mend: Option<String>,
}

impl Lack {
    fn of(what: &str) -> Lack {
        Lack { what: what.to_owned(), mend: None }
    }

    fn mended_by(self, mend: &str) -> Lack {
        Lack { mend: Some(mend.to_owned()), ..self }
    }

    /// The same, where nothing better is known.
    fn or_mended_by(self, mend: &str) -> Lack {
        Lack { mend: self.mend.or_else(|| Some(mend.to_owned())), ..self }
    }
}

impl From<&ToolError> for Lack {
    fn from(error: &ToolError) -> Lack {
        match error {
            ToolError::Missing { program, how } => {
                Lack::of(&format!("there is no `{program}`")).mended_by(how)
            }
            ToolError::Failed { said, help: Some(help), .. } => Lack::of(said).mended_by(help),
            ToolError::Failed { help: None, .. }
            | ToolError::NotStarted { .. }
            | ToolError::TimedOut { .. }
            | ToolError::TooLong { .. }
            | ToolError::Unreadable { .. } => Lack::of(&error.to_string()),
        }
    }
}
