//! What the tools of this host say.

use std::net::IpAddr;
use std::path::PathBuf;

use crate::device::host::package::{Profile, read_profile};
use crate::device::host::tools::codesign::{self, Identity};
use crate::device::host::tools::{
    self, Call, Device, Listed, Runs, State, Tool, ToolError, devicectl, ios_deploy, succeed,
};

/// What needs no tool to be known.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// The system, as `macos` or `linux`.
    pub system: String,
    /// The agent for this machine, if it was found.
    pub agent: Option<PathBuf>,
    /// The provisioning profiles that were found: file and bytes.
    pub profiles: Vec<(PathBuf, Vec<u8>)>,
    /// This machine's address on the local network.
    pub lan: Option<IpAddr>,
}

impl Machine {
    /// Whether Apple's tools run here at all.
    pub fn is_mac(&self) -> bool {
        self.system == "macos"
    }
}

/// Everything that is judged.
#[derive(Clone, Debug)]
pub struct Answers {
    /// What needs no tool.
    pub machine: Machine,
    /// The targets of Rust that are installed.
    pub targets: Result<Vec<String>, ToolError>,
    /// The version of cargo-dinghy.
    pub dinghy: Result<String, ToolError>,
    /// The version of Xcode.
    pub xcode: Result<String, ToolError>,
    /// The version of CoreDevice.
    pub devicectl: Result<String, ToolError>,
    /// The version of ios-deploy.
    pub ios_deploy: Result<String, ToolError>,
    /// The devices, and what could not list any.
    pub listed: Listed,
    /// The phones that are locked, by identifier.
    pub locked: Vec<String>,
    /// Who can sign.
    pub identities: Result<Vec<Identity>, ToolError>,
    /// The profiles, read.
    pub profiles: Vec<(PathBuf, Result<Profile, String>)>,
    /// Whether the firewall is on, where that is known.
    pub firewall: Option<bool>,
}

/// Asks the tools. What only a Mac has is not asked for elsewhere.
pub fn ask(runs: &mut dyn Runs, machine: Machine) -> Answers {
    let rustup = Call::new("rustup", ["target", "list", "--installed"]);
    let targets = succeed(runs, &rustup)
        .map(|ran| ran.text().lines().map(|line| line.trim().to_owned()).collect());
    let dinghy = first_line(runs, &Call::new("cargo-dinghy", ["--version"]));
    let profiles =
        machine.profiles.iter().map(|(path, bytes)| (path.clone(), read_profile(bytes))).collect();
    let mut answers = Answers {
        targets,
        dinghy,
        xcode: Err(tools::missing("xcodebuild")),
        devicectl: Err(tools::missing("xcrun")),
        ios_deploy: Err(tools::missing("ios-deploy")),
        listed: Listed::default(),
        locked: Vec::new(),
        identities: Err(tools::missing("security")),
        profiles,
        firewall: None,
        machine,
    };
    if answers.machine.is_mac() {
        answers.ask_mac(runs);
    }
    answers
}

impl Answers {
    fn ask_mac(&mut self, runs: &mut dyn Runs) {
        self.xcode = first_line(runs, &Call::new("xcodebuild", ["-version"]));
        self.devicectl = first_line(runs, &devicectl::version());
        self.ios_deploy = first_line(runs, &ios_deploy::version());
        self.listed = tools::list(runs);
        let asked = |d: &&Device| d.tool == Tool::Devicectl && d.state == State::Ready;
        let phones: Vec<Device> = self.listed.devices.iter().filter(asked).cloned().collect();
        let locked = phones.into_iter().filter(|d| tools::is_locked(runs, d) == Some(true));
        self.locked = locked.map(|d| d.id).collect();
        self.identities = succeed(runs, &codesign::identities())
            .map(|ran| codesign::read_identities(&ran.text()));
        const FIREWALL: &str = "/usr/libexec/ApplicationFirewall/socketfilterfw";
        let firewall = succeed(runs, &Call::new(FIREWALL, ["--getglobalstate"]));
        self.firewall = firewall.ok().map(|ran| !ran.text().contains("State = 0"));
    }
}

/// The first line that a tool says, as its version.
fn first_line(runs: &mut dyn Runs, call: &Call) -> Result<String, ToolError> {
    let text = succeed(runs, call)?.text();
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("no version");
    Ok(line.trim().chars().filter(|c| !c.is_control()).collect())
}
