//! The same acts on any device: which call does each, and what only a person can do.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::call::{Call, Ran, Runs, ToolError, succeed};
use super::device::{Device, Tool};
use super::simctl::OTHER_APP;
use super::{devicectl, ios_deploy, simctl};

/// An app on a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// The device.
    pub device: Device,
    /// The app's CFBundleIdentifier.
    pub bundle_id: String,
    /// The packaged app on this machine.
    pub app: PathBuf,
}

/// What tools can do with an app on a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// Install it, over one that is there.
    Install,
    /// Launch it without a debugger.
    Launch {
        /// Arguments.
        args: Vec<String>,
        /// Variables of its environment.
        env: Vec<(String, String)>,
        /// End one that runs first.
        fresh: bool,
    },
    /// Bring it to the foreground; it is launched when it does not run.
    Foreground,
    /// Bring another app to the foreground.
    Background,
    /// End it at once.
    Terminate {
        /// Its process.
        pid: u32,
    },
    /// Stop its process: a fault, not a suspension.
    Freeze {
        /// Its process.
        pid: u32,
    },
    /// Let a stopped process go on.
    Thaw {
        /// Its process.
        pid: u32,
    },
    /// Tell it that memory is short.
    MemoryWarning {
        /// Its process.
        pid: u32,
    },
    /// Open a URL.
    OpenUrl {
        /// The URL.
        url: String,
    },
    /// Deliver a remote notification without Apple's servers.
    Push {
        /// Its JSON.
        payload: String,
    },
    /// Lock the screen.
    Lock,
    /// Unlock the screen.
    Unlock,
}

/// Why no tool can do it, and what a person can do instead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cannot {
    /// Why.
    pub why: &'static str,
    /// What to ask a person for; absent when a person cannot do it either.
    pub person: Option<&'static str>,
}

impl std::error::Error for Cannot {}

impl fmt::Display for Cannot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.why)?;
        self.person.map_or(Ok(()), |person| write!(f, "; by hand: {person}"))
    }
}

const fn by_hand(why: &'static str, person: &'static str) -> Cannot {
    Cannot { why, person: Some(person) }
}

const fn not_at_all(why: &'static str) -> Cannot {
    Cannot { why, person: None }
}

impl Target {
    /// The call that does it here.
    ///
    /// # Errors
    /// [`Cannot`] when there is none.
    pub fn call(&self, act: &Act) -> Result<Call, Cannot> {
        match self.device.tool {
            Tool::Simctl => self.on_simulator(act),
            Tool::Devicectl => self.on_phone(act),
            Tool::IosDeploy => self.on_old_phone(act),
        }
    }

    fn app(&self) -> String {
        self.app.display().to_string()
    }

    fn on_simulator(&self, act: &Act) -> Result<Call, Cannot> {
        let (id, bundle_id) = (self.device.id.as_str(), self.bundle_id.as_str());
        match act {
            Act::Install => Ok(simctl::install(id, &self.app())),
            Act::Launch { args, env, fresh } => {
                Ok(simctl::launch(id, bundle_id, args, env, *fresh))
            }
            Act::Foreground => Ok(simctl::launch(id, bundle_id, &[], &[], false)),
            Act::Background => Ok(simctl::launch(id, OTHER_APP, &[], &[], false)),
            Act::Terminate { .. } => Ok(simctl::terminate(id, bundle_id)),
            Act::Freeze { pid } => Ok(simctl::freeze(*pid)),
            Act::Thaw { pid } => Ok(simctl::thaw(*pid)),
            Act::MemoryWarning { .. } => Err(by_hand(
                "simctl cannot warn of short memory",
                "Simulator, Debug, Simulate Memory Warning",
            )),
            Act::OpenUrl { url } => Ok(simctl::open_url(id, url)),
            Act::Push { payload } => Ok(simctl::push(id, bundle_id, payload)),
            Act::Lock => Err(by_hand("simctl cannot lock", "Simulator, Device, Lock")),
            Act::Unlock => {
                Err(by_hand("simctl cannot unlock", "Simulator, Device, Home, then swipe up"))
            }
        }
    }

    fn on_phone(&self, act: &Act) -> Result<Call, Cannot> {
        let (id, bundle_id) = (self.device.id.as_str(), self.bundle_id.as_str());
        match act {
            Act::Install => Ok(devicectl::install(id, &self.app())),
            Act::Launch { args, env, fresh } => {
                Ok(devicectl::launch(id, bundle_id, args, env, *fresh))
            }
            Act::Foreground => Ok(devicectl::launch(id, bundle_id, &[], &[], false)),
            Act::Background => Ok(devicectl::launch(id, OTHER_APP, &[], &[], false)),
            Act::Terminate { pid } => Ok(devicectl::terminate(id, *pid)),
            Act::Freeze { pid } => Ok(devicectl::freeze(id, *pid)),
            Act::Thaw { pid } => Ok(devicectl::thaw(id, *pid)),
            Act::MemoryWarning { pid } => Ok(devicectl::memory_warning(id, *pid)),
            Act::OpenUrl { url } => Ok(devicectl::open_url(id, url)),
            Act::Push { .. } => Err(not_at_all("a phone takes pushes from Apple's servers only")),
            Act::Lock => Err(by_hand("no tool can lock a phone", "press the side button")),
            Act::Unlock => Err(by_hand("no tool can unlock a phone", "unlock it")),
        }
    }

    fn on_old_phone(&self, act: &Act) -> Result<Call, Cannot> {
        const WHY: &str = "before iOS 17 no tool can do that without a debugger";
        let id = self.device.id.as_str();
        match act {
            Act::Install => Ok(ios_deploy::install(id, &self.app())),
            Act::Launch { args, env, .. } => {
                let words = args.iter().chain(env.iter().map(|(_, value)| value));
                if words.into_iter().any(|word| word.contains(char::is_whitespace)) {
                    return Err(not_at_all(
                        "ios-deploy separates arguments and variables by blanks, and one has any",
                    ));
                }
                Ok(ios_deploy::launch(id, &self.app(), args, env))
            }
            Act::Foreground => Err(by_hand(WHY, "tap the app's icon")),
            Act::Background => Err(by_hand(WHY, "go to the home screen")),
            Act::Terminate { .. } => Err(by_hand(
                WHY,
                "swipe the app away in the app switcher (iOS treats that as a force-quit)",
            )),
            Act::Freeze { .. } | Act::Thaw { .. } | Act::MemoryWarning { .. } => {
                Err(not_at_all(WHY))
            }
            Act::OpenUrl { .. } => Err(by_hand(WHY, "open the address in Safari")),
            Act::Push { .. } => Err(not_at_all("a phone takes pushes from Apple's servers only")),
            Act::Lock => Err(by_hand("no tool can lock a phone", "press the side button")),
            Act::Unlock => Err(by_hand("no tool can unlock a phone", "unlock it")),
        }
    }

    /// The process in the answer to a launch; `None` where the tool names none.
    ///
    /// # Errors
    /// [`ToolError`] when it failed, or names no process and should.
    pub fn launched(&self, call: &Call, ran: &Ran) -> Result<Option<u32>, ToolError> {
        match self.device.tool {
            Tool::Simctl if ran.is_success() => simctl::launched(&ran.text()).map(Some),
            Tool::Devicectl => {
                let result = devicectl::result(call, ran)?;
                devicectl::launched(&result).map(Some)
            }
            Tool::IosDeploy if ran.is_success() => Ok(None),
            Tool::Simctl | Tool::IosDeploy => Err(super::call::failure(call, ran)),
        }
    }

    /// Makes the call of an act, which must succeed.
    ///
    /// # Errors
    /// [`ToolError`]. On phones a call that ended well and says otherwise in its answer has failed.
    pub fn perform(&self, runs: &mut dyn Runs, call: &Call) -> Result<Ran, ToolError> {
        if !call.writes_answer() {
            return succeed(runs, call);
        }
        let ran = runs.run(call)?;
        devicectl::result(call, &ran)?;
        Ok(ran)
    }

    /// Copies a file of the app's Documents to this machine.
    ///
    /// # Errors
    /// [`ToolError`].
    pub fn fetch(&self, runs: &mut dyn Runs, name: &str, to: &Path) -> Result<(), ToolError> {
        let (id, source) = (self.device.id.as_str(), format!("Documents/{name}"));
        match self.device.tool {
            Tool::Simctl => {
                let call = simctl::data_container(id, &self.bundle_id);
                let container = succeed(runs, &call)?.text();
                let from = Path::new(container.trim()).join(source);
                copied(&from, to, &call)
            }
            Tool::Devicectl => {
                let to = to.display().to_string();
                let call = devicectl::copy_from(id, &self.bundle_id, &source, &to);
                devicectl::ask(runs, &call).map(|_| ())
            }
            Tool::IosDeploy => {
                let folder = to.with_extension("download");
                let place = folder.display().to_string();
                let call = ios_deploy::download(id, &self.bundle_id, &source, &place);
                succeed(runs, &call)?;
                let done = copied(&folder.join(source), to, &call);
                // Ours, and of no use any more.
                let _ = fs::remove_dir_all(&folder);
                done
            }
        }
    }
}

fn copied(from: &Path, to: &Path, call: &Call) -> Result<(), ToolError> {
    fs::copy(from, to).map(|_| ()).map_err(|error| ToolError::Failed {
        line: call.to_string(),
        status: Some(0),
        said: format!("{} cannot be copied: {error}", from.display()),
        help: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::host::tools::{Fake, Kind, State};

    fn target(tool: Tool) -> Target {
        let device = Device {
            id: "D".into(),
            core_id: None,
            name: "It".into(),
            kind: if tool == Tool::Simctl { Kind::Simulator } else { Kind::Phone },
            tool,
            os: None,
            model: None,
            state: State::Ready,
        };
        Target { device, bundle_id: "a.b".into(), app: "/p/H.app".into() }
    }

    /// Each act on each tool: the call, or what a person is asked for, or that it cannot be.
    #[test]
    fn every_act_is_a_call_or_says_who_can_do_it() {
        let acts = [
            Act::Install,
            Act::Launch { args: vec![], env: vec![("A".into(), "1".into())], fresh: true },
            Act::Foreground,
            Act::Background,
            Act::Terminate { pid: 7 },
            Act::Freeze { pid: 7 },
            Act::Thaw { pid: 7 },
            Act::MemoryWarning { pid: 7 },
            Act::OpenUrl { url: "holdline:x".into() },
            Act::Push { payload: "{}".into() },
            Act::Lock,
            Act::Unlock,
        ];
        let mut table = String::new();
        for tool in [Tool::Simctl, Tool::Devicectl, Tool::IosDeploy] {
            for act in &acts {
                let line = match target(tool).call(act) {
                    Ok(call) => call.to_string(),
                    Err(cannot) => format!("({cannot})"),
                };
                table.push_str(&line.replace("xcrun devicectl device ", "… "));
                table.push('\n');
            }
        }
        insta::assert_snapshot!(table, @r#"
        xcrun simctl install D /p/H.app
        SIMCTL_CHILD_A=1 xcrun simctl launch --terminate-running-process D a.b
        xcrun simctl launch D a.b
        xcrun simctl launch D com.apple.Preferences
        xcrun simctl terminate D a.b
        kill -STOP 7
        kill -CONT 7
        (simctl cannot warn of short memory; by hand: Simulator, Debug, Simulate Memory Warning)
        xcrun simctl openurl D holdline:x
        xcrun simctl push D a.b - < INPUT
        (simctl cannot lock; by hand: Simulator, Device, Lock)
        (simctl cannot unlock; by hand: Simulator, Device, Home, then swipe up)
        … install app --device D --json-output answer.json /p/H.app
        … process launch --device D --terminate-existing --environment-variables '{"A":"1"}' --json-output answer.json a.b
        … process launch --device D --json-output answer.json a.b
        … process launch --device D --json-output answer.json com.apple.Preferences
        … process terminate --device D --pid 7 --kill --json-output answer.json
        … process suspend --device D --pid 7 --json-output answer.json
        … process resume --device D --pid 7 --json-output answer.json
        … process sendMemoryWarning --device D --pid 7 --json-output answer.json
        … process openURL --device D --json-output answer.json holdline:x
        (a phone takes pushes from Apple's servers only)
        (no tool can lock a phone; by hand: press the side button)
        (no tool can unlock a phone; by hand: unlock it)
        ios-deploy --id D --bundle /p/H.app
        ios-deploy --id D --bundle /p/H.app --noinstall --justlaunch --envs A=1
        (before iOS 17 no tool can do that without a debugger; by hand: tap the app's icon)
        (before iOS 17 no tool can do that without a debugger; by hand: go to the home screen)
        (before iOS 17 no tool can do that without a debugger; by hand: swipe the app away in the app switcher (iOS treats that as a force-quit))
        (before iOS 17 no tool can do that without a debugger)
        (before iOS 17 no tool can do that without a debugger)
        (before iOS 17 no tool can do that without a debugger)
        (before iOS 17 no tool can do that without a debugger; by hand: open the address in Safari)
        (a phone takes pushes from Apple's servers only)
        (no tool can lock a phone; by hand: press the side button)
        (no tool can unlock a phone; by hand: unlock it)
        "#);
    }

    #[test]
    fn the_log_of_a_simulator_is_copied_from_its_container() {
        let folder = tempfile::tempdir().unwrap();
        let documents = folder.path().join("Documents");
        fs::create_dir(&documents).unwrap();
        fs::write(documents.join("log"), "lines").unwrap();
        let said = format!("{}\n", folder.path().display());
        let mut mac = Fake::new().answer("xcrun simctl get_app_container D a.b", Ran::said(said));
        let to = folder.path().join("copy");
        target(Tool::Simctl).fetch(&mut mac, "log", &to).unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "lines");
        let missing = target(Tool::Simctl).fetch(&mut mac, "other", &to).unwrap_err();
        assert!(missing.to_string().contains("Documents/other cannot be copied"), "{missing}");
    }
}
